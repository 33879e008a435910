/* Ready-made interceptors for servers. */
#include "call.h"

#include <setjmp.h>
#include <stdio.h>

/* ---- authentication
 * ---------------------------------------------------------------------------------- */

static int auth_handle(gt_interception *x)
{
    const gt_auth *auth = x->user;
    int refusal = auth->check(x->call, auth->user);
    return refusal ? refusal : gt_next_handle(x);
}

gt_interceptor gt_auth_interceptor(const gt_auth *auth)
{
    return (gt_interceptor){.name = "auth", .user = (void *)(uintptr_t)auth, .handle = auth_handle};
}

/* ---- time-outs
 * ----------------------------------------------------------------------------------------- */

typedef struct timeouts_state {
    gt__timer call, message;
    gt_call *of;
    size_t receivers; /* tasks that wait for a message */
} timeouts_state;

static void expire(gt_call *call)
{
    char *text = gt__printf("%s: Deadline exceeded", call->method);
    gt_call_end(call, GT_DEADLINE_EXCEEDED, text);
    gt__free(text);
}

static void call_expired(gt__timer *timer)
{
    expire(gt__container_of(timer, timeouts_state, call)->of);
}

static void message_expired(gt__timer *timer)
{
    expire(gt__container_of(timer, timeouts_state, message)->of);
}

static void stop_timers(gt_interception *x)
{
    timeouts_state *state = x->state;
    if (!state->of)
        return;
    gt__timer_stop(&state->call);
    gt__timer_stop(&state->message);
}

/* How long a handler may take; 0 for ever. */
static gt_duration handler_limit(const gt_server_timeouts *timeouts, gt_kind kind)
{
    gt_duration every = timeouts->per_call;
    gt_duration unary = kind == GT_UNARY ? timeouts->per_unary_call : 0;
    return every > 0 && (unary == 0 || every < unary) ? every : unary;
}

static int timeouts_handle(gt_interception *x)
{
    const gt_server_timeouts *timeouts = x->user;
    timeouts_state *state = x->state;
    state->of = x->call;
    gt__timer_init(&state->call, x->call->world, call_expired);
    gt__timer_init(&state->message, x->call->world, message_expired);
    gt_duration limit = handler_limit(timeouts, x->call->kind);
    if (limit > 0)
        gt__timer_set(&state->call, gt__time_add(gt_now(x->call->world), limit));
    return gt_next_handle(x);
}

static void limit_wait(gt_interception *x)
{
    const gt_server_timeouts *timeouts = x->user;
    timeouts_state *state = x->state;
    if (timeouts->per_message > 0)
        gt__timer_set(&state->message, gt__time_add(gt_now(x->call->world), timeouts->per_message));
}

/* It is the wait for a message that has a limit, not what the handler does between messages. Where
 * several tasks wait, each message begins it anew for those that are left. */
static int timeouts_recv(gt_interception *x, gt_incoming *message)
{
    timeouts_state *state = x->state;
    if (state->receivers++ == 0)
        limit_wait(x);
    int error = gt_next_recv(x, message);
    if (--state->receivers == 0)
        gt__timer_stop(&state->message);
    else if (!x->call->ended)
        limit_wait(x);
    return error;
}

static void timeouts_end(gt_interception *x, const gt_status *status)
{
    (void)status;
    stop_timers(x);
}

gt_interceptor gt_server_timeout_interceptor(const gt_server_timeouts *timeouts)
{
    return (gt_interceptor){
        .name = "timeouts",
        .user = (void *)(uintptr_t)timeouts,
        .state_size = sizeof(timeouts_state),
        .handle = timeouts_handle,
        .recv = timeouts_recv,
        .end = timeouts_end,
        .drop = stop_timers,
    };
}

/* ---- recover
 * -------------------------------------------------------------------------------------------- */

/* A frame on the handler's stack to which gt_give_up jumps. */
struct gt__recovery {
    jmp_buf place;
    gt__recovery *outer;
    char *reason;
};

static int run_recoverably(gt_interception *x, gt__recovery *recovery)
{
    gt_call *call = x->call;
    recovery->outer = call->recovery;
    if (setjmp(recovery->place) != 0) {
        gt_call_set_details(call, (gt_bytes){0}); /* of a status that it did not come to */
        return gt_call_fail(call, GT_INTERNAL, "Unexpected error happened");
    }
    call->recovery = recovery;
    return gt_next_handle(x);
}

static int recover_handle(gt_interception *x)
{
    gt__recovery *recovery = x->state;
    const gt_recover_log *log = x->user;
    int result = run_recoverably(x, recovery);
    x->call->recovery = recovery->outer;
    if (recovery->reason && log)
        log->write(log->user, x->call->method, recovery->reason);
    return result;
}

static void recover_drop(gt_interception *x)
{
    gt__free(((gt__recovery *)x->state)->reason);
}

gt_interceptor gt_recover_interceptor(const gt_recover_log *log)
{
    return (gt_interceptor){
        .name = "recover",
        .user = (void *)(uintptr_t)log,
        .state_size = sizeof(gt__recovery),
        .handle = recover_handle,
        .drop = recover_drop,
    };
}

void gt_give_up_at(gt_call *call, const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *reason = gt__vprintf(format, args);
    va_end(args);
    if (!call->handler || call->handler != gt_task_current(call->world))
        gt__misuse("gt_give_up: this is not the task of the handler of %s", call->method);
    if (call->recovery) {
        call->recovery->reason = reason;
        longjmp(call->recovery->place, 1);
    }
    char text[512];
    snprintf(text, sizeof text, "the handler of %s gave up: %s", call->method, reason);
    gt__free(reason);
    gt_world_fail_stop_at(call->world, file, line, "%s", text);
}
