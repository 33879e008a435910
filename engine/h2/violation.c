#include "session.h"

void gt__h2_violation(gt__h2 *h2, const gt__h2_stream *stream, const char *rule, const char *format,
                      ...)
{
    va_list args;
    va_start(args, format);
    char *text = gt__vprintf(format, args);
    va_end(args);
    gt__h2_event *event = gt__h2_push(h2, GT__H2_VIOLATION, stream ? stream->id : 0);
    event->as.violation.rule = rule;
    event->as.violation.text = text;
}
