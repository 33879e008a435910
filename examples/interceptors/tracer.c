#include "tracer.h"

#include <stdio.h>

static void note(const gt_interception *x, const char *what)
{
    const tracer *one = x->user;
    char text[64];
    snprintf(text, sizeof text, "%s%s:%s", one->notes->size > 0 ? " " : "", one->name, what);
    gt_buffer_add(one->notes, gt_bytes_str(text));
}

static void trace_start(gt_interception *x, gt_call_start *start)
{
    (void)start;
    note(x, "start");
}

static int trace_handle(gt_interception *x)
{
    note(x, "handle");
    int result = gt_next_handle(x);
    note(x, "handled");
    return result;
}

static int trace_send(gt_interception *x, const gt_outgoing *message)
{
    note(x, "send");
    return gt_next_send(x, message);
}

static int trace_recv(gt_interception *x, gt_incoming *message)
{
    int error = gt_next_recv(x, message);
    if (!error)
        note(x, "recv");
    return error;
}

static void trace_end(gt_interception *x, const gt_status *status)
{
    (void)status;
    note(x, "end");
}

gt_interceptor tracer_interceptor(tracer *one)
{
    return (gt_interceptor){
        .name = "tracer",
        .user = one,
        .start = trace_start,
        .handle = trace_handle,
        .send = trace_send,
        .recv = trace_recv,
        .end = trace_end,
    };
}
