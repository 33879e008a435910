/* tracer.h - an interceptor of one's own, which notes all that passes through it (scenario S8).
 * Rule: it passes on what it sees, before or after it has noted it, and changes nothing. */
#ifndef TRACER_H
#define TRACER_H

#include <grpctest/grpctest.h>

/* In the caller's memory; several may share their notes. What they read: "NAME:start",
 * "NAME:handle" and "NAME:handled" around a handler, "NAME:send", "NAME:recv", "NAME:end". */
typedef struct tracer {
    const char *name;
    gt_buffer *notes;
} tracer;

gt_interceptor tracer_interceptor(tracer *one);

#endif
