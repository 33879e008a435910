/* Ready-made interceptors that serve clients and servers alike. */
#include "call.h"

/* ---- log
 * ------------------------------------------------------------------------------------------ */

static void log_end(gt_interception *x, const gt_status *status)
{
    const gt_log *log = x->user;
    const gt_call *call = x->call;
    gt_log_entry entry = {
        .method = call->method,
        .status = status,
        .latency = gt_now(call->world) - call->began,
        .metadata = call->request,
        .call = call->number,
        .server = call->server,
    };
    log->write(log->user, &entry);
}

gt_interceptor gt_log_interceptor(const gt_log *log)
{
    return (gt_interceptor){.name = "log", .user = (void *)(uintptr_t)log, .end = log_end};
}

/* ---- measure
 * --------------------------------------------------------------------------------------- */

static int measure_send(gt_interception *x, const gt_outgoing *message)
{
    int error = gt_next_send(x, message);
    ((gt_measure *)x->user)->sent += !error;
    return error;
}

static int measure_recv(gt_interception *x, gt_incoming *message)
{
    int error = gt_next_recv(x, message);
    ((gt_measure *)x->user)->received += !error;
    return error;
}

static void measure_end(gt_interception *x, const gt_status *status)
{
    gt_measure *measure = x->user;
    gt_duration took = gt_now(x->call->world) - x->call->began;
    measure->calls++;
    measure->failed += status->code != GT_OK;
    measure->total += took;
    if (took > measure->longest)
        measure->longest = took;
}

gt_interceptor gt_measure_interceptor(gt_measure *measure)
{
    return (gt_interceptor){
        .name = "measure",
        .user = measure,
        .send = measure_send,
        .recv = measure_recv,
        .end = measure_end,
    };
}
