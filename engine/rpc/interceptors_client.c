/* Ready-made interceptors for channels. */
#include "call.h"

/* ---- metadata
 * ----------------------------------------------------------------------------------------- */

static void metadata_start(gt_interception *x, gt_call_start *start)
{
    gt_metadata_join(start->metadata, x->user);
}

gt_interceptor gt_metadata_interceptor(const gt_metadata *metadata)
{
    return (gt_interceptor){
        .name = "metadata", .user = (void *)(uintptr_t)metadata, .start = metadata_start};
}

/* ---- a default time-out
 * ------------------------------------------------------------------------------- */

static void timeout_start(gt_interception *x, gt_call_start *start)
{
    gt_time deadline;
    bool has_own =
        start->timeout != 0 || (start->context && gt_context_deadline(start->context, &deadline));
    if (!has_own)
        start->timeout = *(const gt_duration *)x->user;
}

gt_interceptor gt_timeout_interceptor(const gt_duration *timeout)
{
    return (gt_interceptor){
        .name = "timeout", .user = (void *)(uintptr_t)timeout, .start = timeout_start};
}
