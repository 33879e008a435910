/* How calls end before their time: deadlines, cancelling, lost connections, servers that stop. */
#include "rpc_test_kit.h"

#include "engine/core/death_test.h"

#define WAIT "/test.Test/Wait"

/* What a handler saw of its own end. */
typedef struct seen {
    int result;
    gt_time when, deadline;
    bool ran, has_deadline;
} seen;

static int wait_for_the_end(gt_call *call, void *user)
{
    seen *s = user;
    gt_context *context = gt_call_context(call);
    s->ran = true;
    s->has_deadline = gt_context_deadline(context, &s->deadline);
    s->result = gt_context_wait(context);
    s->when = gt_now(gt_call_world(call));
    return s->result;
}

/* ---- deadlines (rule C1) ------------------------------------------------------------------------
 */

static void a_deadline_ends_the_call_at_its_instant(void **state)
{
    kit *k = *state;
    gt_duration nap = GT_MS(200);
    gt_server_handle(k->server, WAIT, GT_UNARY, kit_sleep, &nap);

    gt_call *call =
        gt_unary(k->channel, WAIT, gt_bytes_str("x"), &(gt_call_options){.timeout = GT_MS(50)});

    kit_assert_status(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");
    assert_int_equal(gt_now(k->world), GT_MS(50));
    gt_call_free(call);
}

static void the_handler_has_the_same_deadline_and_sees_it_pass(void **state)
{
    kit *k = *state;
    seen s = {0};
    gt_server_handle(k->server, WAIT, GT_BIDI_STREAMING, wait_for_the_end, &s);

    gt_call *call = gt_call_new(k->channel, WAIT, &(gt_call_options){.timeout = GT_MS(50)});
    kit_assert_status(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");
    assert_int_equal(gt_settle(k->world), 0);

    assert_true(s.has_deadline);
    assert_int_equal(s.deadline, GT_MS(50));
    assert_int_equal(s.result, GT_ETIMEDOUT);
    assert_int_equal(s.when, GT_MS(50));
    gt_call_free(call);
}

static void the_earlier_of_time_out_and_context_wins(void **state)
{
    kit *k = *state;
    seen s = {0};
    gt_server_handle(k->server, WAIT, GT_BIDI_STREAMING, wait_for_the_end, &s);
    gt_context *background = gt_context_background(k->world);
    gt_context *context = gt_context_with_timeout(background, GT_MS(30));

    gt_call *call =
        gt_call_new(k->channel, WAIT, &(gt_call_options){.context = context, .timeout = GT_MS(50)});

    kit_assert_status(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");
    assert_int_equal(gt_now(k->world), GT_MS(30));
    assert_int_equal(gt_settle(k->world), 0);
    assert_int_equal(s.when, GT_MS(30));
    gt_call_free(call);
    gt_context_free(context);
    gt_context_free(background);
}

static void call_under_another_world(void *arg)
{
    kit *k = arg;
    gt_context *context = gt_context_background(gt_world_new(NULL));
    gt_call_new(k->channel, WAIT, &(gt_call_options){.context = context});
}

static void a_context_of_another_world_is_misuse(void **state)
{
    assert_dies(call_under_another_world, *state,
                "grpctest: a context of another world is given, whose clock is another\n");
}

static void a_time_out_beyond_the_end_of_time_is_none(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, WAIT, GT_UNARY, kit_echo, NULL);
    assert_int_equal(gt_sleep(k->world, GT_SEC(1)), 0);

    gt_call *call =
        gt_unary(k->channel, WAIT, gt_bytes_str("x"), &(gt_call_options){.timeout = GT_NEVER - 1});

    kit_assert_status(call, GT_OK, "");
    gt_time deadline;
    assert_false(gt_context_deadline(gt_call_context(call), &deadline));
    gt_call_free(call);
}

static void a_deadline_that_has_passed_sends_nothing(void **state)
{
    kit *k = *state;
    seen s = {0};
    gt_server_handle(k->server, WAIT, GT_BIDI_STREAMING, wait_for_the_end, &s);

    gt_call *call = gt_call_new(k->channel, WAIT, &(gt_call_options){.timeout = -1});

    assert_true(gt_call_ended(call));
    kit_assert_status(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");
    assert_int_equal(gt_settle(k->world), 0);
    assert_false(s.ran);
    gt_call_free(call);
}

static void a_deadline_covers_waiting_for_the_connection(void **state)
{
    kit *k = *state;
    gt_channel *lonely;
    gt_listener *listener = gt_bufconn_listen(k->world, 1024);
    gt_dialer *dialer = gt_bufconn_dialer(listener);
    lonely = gt_channel_new(dialer, NULL);

    gt_call *call =
        gt_unary(lonely, WAIT, gt_bytes_str("x"), &(gt_call_options){.timeout = GT_SEC(1)});

    kit_assert_status(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");
    assert_int_equal(gt_now(k->world), GT_SEC(1));
    gt_call_free(call);
    gt_channel_free(lonely);
    gt_dialer_free(dialer);
    gt_listener_free(listener);
}

/* ---- cancelling (rule C3)
 * ------------------------------------------------------------------------ */

static void cancelling_a_call_tells_the_handler(void **state)
{
    kit *k = *state;
    seen s = {0};
    gt_server_handle(k->server, WAIT, GT_BIDI_STREAMING, wait_for_the_end, &s);
    gt_call *call = gt_call_new(k->channel, WAIT, NULL);
    assert_int_equal(gt_sleep(k->world, GT_MS(7)), 0);

    gt_call_cancel(call);

    kit_assert_status(call, GT_CANCELLED, "the call was cancelled");
    assert_int_equal(gt_settle(k->world), 0);
    assert_int_equal(s.result, GT_ECANCELLED);
    assert_int_equal(s.when, GT_MS(7));
    gt_call_free(call);
}

static void a_cancelled_context_cancels_its_calls(void **state)
{
    kit *k = *state;
    seen s = {0};
    gt_server_handle(k->server, WAIT, GT_BIDI_STREAMING, wait_for_the_end, &s);
    gt_context *background = gt_context_background(k->world);
    gt_context *context = gt_context_with_cancel(background);
    gt_call *call = gt_call_new(k->channel, WAIT, &(gt_call_options){.context = context});
    assert_int_equal(gt_settle(k->world), 0);

    gt_context_cancel(context);

    kit_assert_status(call, GT_CANCELLED, "the call's context was cancelled");
    assert_int_equal(gt_settle(k->world), 0);
    assert_int_equal(s.result, GT_ECANCELLED);
    gt_call_free(call);
    gt_context_free(context);
    gt_context_free(background);
}

static void after_cancelling_nothing_is_delivered(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, WAIT, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_call *call = gt_call_new(k->channel, WAIT, NULL);
    assert_int_equal(gt_call_send(call, gt_bytes_str("one")), 0);
    assert_int_equal(gt_settle(k->world), 0);

    gt_call_cancel(call);

    gt_bytes none;
    assert_int_equal(gt_call_recv(call, &none), GT_EOF);
    gt_call_cancel(call);
    kit_assert_status(call, GT_CANCELLED, "the call was cancelled");
    gt_call_free(call);
}

static void freeing_a_call_cancels_it(void **state)
{
    kit *k = *state;
    seen s = {0};
    gt_server_handle(k->server, WAIT, GT_BIDI_STREAMING, wait_for_the_end, &s);
    gt_call *call = gt_call_new(k->channel, WAIT, NULL);
    assert_int_equal(gt_settle(k->world), 0);

    gt_call_free(call);
    assert_int_equal(gt_settle(k->world), 0);

    assert_int_equal(s.result, GT_ECANCELLED);
}

/* ---- connections that go (rule C4)
 * ------------------------------------------------------------------ */

typedef struct hook_dial {
    gt_dialer *inner;
    gt_conn *conn;
} hook_dial;

static int dial_and_remember(void *user, gt_context *context, gt_conn **conn)
{
    hook_dial *h = user;
    int error = gt_dial(h->inner, context, conn);
    h->conn = *conn;
    return error;
}

static void a_lost_connection_is_unavailable_and_cancels_the_handler(void **state)
{
    kit *k = *state;
    seen s = {0};
    gt_server_handle(k->server, WAIT, GT_BIDI_STREAMING, wait_for_the_end, &s);
    hook_dial h = {.inner = k->dialer};
    gt_dialer *dialer = gt_dialer_from(k->world, "remembered", dial_and_remember, &h);
    gt_channel *channel = gt_channel_new(dialer, NULL);
    gt_call *call = gt_call_new(channel, WAIT, NULL);
    assert_int_equal(gt_sleep(k->world, GT_MS(3)), 0);

    gt_conn_reset(h.conn);

    assert_int_equal(gt_call_status(call)->code, GT_UNAVAILABLE);
    assert_int_equal(gt_settle(k->world), 0);
    assert_int_equal(s.result, GT_ECANCELLED);
    assert_int_equal(s.when, GT_MS(3));
    gt_call_free(call);
    gt_channel_free(channel);
    gt_dialer_free(dialer);
}

static void after_a_lost_connection_the_next_call_dials_anew(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, WAIT, GT_UNARY, kit_echo, NULL);
    hook_dial h = {.inner = k->dialer};
    gt_dialer *dialer = gt_dialer_from(k->world, "remembered", dial_and_remember, &h);
    gt_channel *channel = gt_channel_new(dialer, NULL);
    gt_call *first = gt_unary(channel, WAIT, gt_bytes_str("a"), NULL);
    gt_conn_reset(h.conn);
    assert_int_equal(gt_settle(k->world), 0);

    gt_call *second = gt_unary(channel, WAIT, gt_bytes_str("b"), NULL);

    kit_assert_status(first, GT_OK, "");
    kit_assert_status(second, GT_OK, "");
    gt_call_free(first);
    gt_call_free(second);
    gt_channel_free(channel);
    gt_dialer_free(dialer);
}

static void a_refused_dial_is_unavailable(void **state)
{
    kit *k = *state;
    gt_listener_close(k->listener);

    gt_call *call = gt_unary(k->channel, WAIT, gt_bytes_str("x"), NULL);

    assert_int_equal(gt_call_status(call)->code, GT_UNAVAILABLE);
    assert_non_null(strstr(gt_call_status(call)->message, "refused"));
    gt_call_free(call);
}

static void closing_the_listener_lets_a_running_call_finish(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, WAIT, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_call *call = gt_call_new(k->channel, WAIT, NULL);
    assert_int_equal(gt_call_send(call, gt_bytes_str("one")), 0);
    kit_assert_message(call, "one");

    gt_listener_close(k->listener);

    assert_int_equal(gt_call_send(call, gt_bytes_str("two")), 0);
    kit_assert_message(call, "two");
    gt_call_half_close(call);
    kit_assert_status(call, GT_OK, "");
    gt_call_free(call);
}

/* ---- servers and channels that go
 * ---------------------------------------------------------------------- */

static void a_stopped_server_is_unavailable_to_its_callers(void **state)
{
    kit *k = *state;
    seen s = {0};
    gt_server_handle(k->server, WAIT, GT_BIDI_STREAMING, wait_for_the_end, &s);
    gt_call *call = gt_call_new(k->channel, WAIT, NULL);
    assert_int_equal(gt_settle(k->world), 0);

    assert_int_equal(gt_server_stop(k->server), 0);

    assert_int_equal(s.result, GT_ECANCELLED);
    assert_int_equal(gt_call_status(call)->code, GT_UNAVAILABLE);
    gt_call_free(call);
}

static void a_stopped_server_can_be_followed_by_another(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, WAIT, GT_UNARY, kit_echo, NULL);
    gt_call *before = gt_unary(k->channel, WAIT, gt_bytes_str("a"), NULL);
    assert_int_equal(gt_server_stop(k->server), 0);
    assert_int_equal(gt_settle(k->world), 0);

    gt_server *next = gt_server_new(k->world, NULL);
    gt_server_handle(next, WAIT, GT_UNARY, kit_echo, NULL);
    gt_server_serve(next, k->listener);
    gt_call *after = gt_unary(k->channel, WAIT, gt_bytes_str("b"), NULL);

    kit_assert_status(before, GT_OK, "");
    kit_assert_status(after, GT_OK, "");
    gt_call_free(before);
    gt_call_free(after);
    gt_server_free(next);
}

static void a_closed_listener_has_calls_after_a_stop_refused(void **state)
{
    kit *k = *state;
    assert_int_equal(gt_server_stop(k->server), 0);
    gt_listener_close(k->listener);

    gt_call *call = gt_unary(k->channel, WAIT, gt_bytes_str("x"), NULL);

    kit_assert_status(call, GT_UNAVAILABLE, "no connection to bufconn:1: refused");
    gt_call_free(call);
}

static void a_freed_channel_leaves_its_calls_readable(void **state)
{
    kit *k = *state;
    seen s = {0};
    gt_server_handle(k->server, WAIT, GT_BIDI_STREAMING, wait_for_the_end, &s);
    gt_channel *channel = gt_channel_new(k->dialer, NULL);
    gt_call *call = gt_call_new(channel, WAIT, NULL);
    assert_int_equal(gt_settle(k->world), 0);

    gt_channel_free(channel);

    kit_assert_status(call, GT_CANCELLED, "the channel was freed");
    assert_int_equal(gt_settle(k->world), 0);
    assert_int_equal(s.result, GT_ECANCELLED);
    gt_call_free(call);
}

static void a_channel_may_be_freed_while_it_dials(void **state)
{
    kit *k = *state;
    gt_channel *channel = gt_channel_new(k->dialer, NULL);
    gt_call *call = gt_call_new(channel, WAIT, NULL);

    gt_channel_free(channel);

    assert_int_equal(gt_settle(k->world), 0);
    kit_assert_status(call, GT_CANCELLED, "the channel was freed");
    gt_call_free(call);
}

static void a_listener_may_be_freed_before_its_server(void **state)
{
    (void)state;
    gt_world *world = gt_world_new(NULL);
    gt_server *server = gt_server_new(world, NULL);
    gt_listener *listener = gt_bufconn_listen(world, 1024);
    gt_server_serve(server, listener);

    gt_listener_free(listener);

    gt_server_free(server);
    gt_world_free(world);
}

static int cancel_oneself(gt_call *call, void *user)
{
    seen *s = user;
    gt_context_cancel(gt_call_context(call));
    s->result = gt_call_send(call, gt_bytes_str("too late"));
    return 0;
}

static void a_handler_may_cancel_its_own_call(void **state)
{
    kit *k = *state;
    seen s = {0};
    gt_server_handle(k->server, WAIT, GT_BIDI_STREAMING, cancel_oneself, &s);
    gt_call *call = gt_call_new(k->channel, WAIT, NULL);

    kit_assert_status(call, GT_CANCELLED, "the peer reset the stream with CANCEL");

    assert_int_equal(s.result, GT_ESTATUS);
    gt_call_free(call);
}

static void count_failure(const gt_failure *failure, void *user)
{
    (void)failure;
    ++*(int *)user;
}

static int dial_for_ever(void *user, gt_context *context, gt_conn **conn)
{
    (void)user;
    (void)conn;
    return gt_context_wait(context);
}

static void a_dial_under_way_goes_with_a_failed_world(void **state)
{
    (void)state;
    int failures = 0;
    gt_world *world = gt_world_new(
        &(gt_world_options){.on_failure = count_failure, .on_failure_user = &failures});
    gt_dialer *dialer = gt_dialer_from(world, "nowhere", dial_for_ever, NULL);
    gt_channel *channel = gt_channel_new(dialer, NULL);
    gt_call *call = gt_call_new(channel, WAIT, NULL);
    assert_int_equal(gt_settle(world), 0);

    gt_world_fail(world, "it failed");

    gt_call_free(call);
    gt_channel_free(channel);
    gt_dialer_free(dialer);
    gt_world_free(world);
    assert_int_equal(failures, 1);
}

static void a_connection_for_a_stopped_server_is_closed(void **state)
{
    kit *k = *state;
    gt_conn *ours, *theirs;
    size_t count;
    char byte;
    assert_int_equal(gt_server_stop(k->server), 0);
    gt_pipe(k->world, 64, &ours, &theirs);

    gt_server_serve_conn(k->server, theirs);

    assert_int_equal(gt_conn_read(ours, NULL, &byte, 1, &count), GT_EOF);
    gt_conn_free(ours);
}

static void serve_again(void *arg)
{
    kit *k = arg;
    (void)!gt_server_stop(k->server);
    gt_server_serve(k->server, k->listener);
}

static void a_stopped_server_that_serves_again_is_misuse(void **state)
{
    assert_dies(serve_again, *state, "grpctest: gt_server_serve: the server has been stopped\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_deadline_ends_the_call_at_its_instant),
        TEST(the_handler_has_the_same_deadline_and_sees_it_pass),
        TEST(the_earlier_of_time_out_and_context_wins),
        TEST(a_context_of_another_world_is_misuse),
        TEST(a_time_out_beyond_the_end_of_time_is_none),
        TEST(a_deadline_that_has_passed_sends_nothing),
        TEST(a_deadline_covers_waiting_for_the_connection),
        TEST(cancelling_a_call_tells_the_handler),
        TEST(a_cancelled_context_cancels_its_calls),
        TEST(after_cancelling_nothing_is_delivered),
        TEST(freeing_a_call_cancels_it),
        TEST(a_lost_connection_is_unavailable_and_cancels_the_handler),
        TEST(after_a_lost_connection_the_next_call_dials_anew),
        TEST(a_refused_dial_is_unavailable),
        TEST(closing_the_listener_lets_a_running_call_finish),
        TEST(a_stopped_server_is_unavailable_to_its_callers),
        TEST(a_stopped_server_can_be_followed_by_another),
        TEST(a_closed_listener_has_calls_after_a_stop_refused),
        TEST(a_freed_channel_leaves_its_calls_readable),
        TEST(a_channel_may_be_freed_while_it_dials),
        cmocka_unit_test(a_listener_may_be_freed_before_its_server),
        TEST(a_handler_may_cancel_its_own_call),
        cmocka_unit_test(a_dial_under_way_goes_with_a_failed_world),
        TEST(a_connection_for_a_stopped_server_is_closed),
        TEST(a_stopped_server_that_serves_again_is_misuse),
    };
    return cmocka_run_group_tests_name("ending", tests, NULL, NULL);
}
