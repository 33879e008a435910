/* What matchers are asked about. */
#include "match_inside.h"

#include <inttypes.h>

enum { SHOWN = 200 };

gt_subject gt_subject_text(const char *text)
{
    gt_subject subject = {.kind = text ? GT_SUBJECT_TEXT : GT_SUBJECT_ABSENT};
    subject.bytes = gt_bytes_str(text);
    return subject;
}

gt_subject gt_subject_bytes(gt_bytes bytes)
{
    gt_subject subject = {.kind = GT_SUBJECT_BYTES, .bytes = bytes};
    return subject;
}

gt_subject gt_subject_integer(int64_t value)
{
    gt_subject subject = {.kind = GT_SUBJECT_INTEGER, .integer = value};
    return subject;
}

void gt__print_quoted(gt_bytes bytes, gt__buffer *out)
{
    bool cut = bytes.size > SHOWN;
    gt__buffer_quote(out, gt_bytes_of(bytes.data, cut ? SHOWN : bytes.size));
    if (cut)
        gt__buffer_printf(out, "... (%zu bytes)", bytes.size);
}

static void print_value(const gt_subject *subject, gt__buffer *out)
{
    switch (subject->kind) {
    case GT_SUBJECT_ABSENT:
        gt__buffer_add_text(out, "absent");
        break;
    case GT_SUBJECT_BYTES:
        if (subject->type)
            gt__message_print(subject->type, subject->bytes, out);
        else
            gt__print_quoted(subject->bytes, out);
        break;
    case GT_SUBJECT_TEXT:
        gt__print_quoted(subject->bytes, out);
        break;
    case GT_SUBJECT_INTEGER:
        if (subject->bytes.data)
            gt__buffer_printf(out, "%s (%" PRId64 ")", (const char *)subject->bytes.data,
                              subject->integer);
        else
            gt__buffer_printf(out, "%" PRId64, subject->integer);
        break;
    case GT_SUBJECT_UNSIGNED:
        gt__buffer_printf(out, "%" PRIu64, subject->whole);
        break;
    case GT_SUBJECT_REAL:
        gt__buffer_printf(out, "%.15g", subject->real);
        break;
    case GT_SUBJECT_BOOL:
        gt__buffer_add_text(out, subject->integer ? "true" : "false");
        break;
    }
}

void gt__subject_print(const gt_subject *subject, gt__buffer *out)
{
    print_value(subject, out);
    if (subject->unset)
        gt__buffer_add_text(out, " (not set)");
}
