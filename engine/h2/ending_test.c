/* How calls end between two engines: early, by reset, by a lost wire, by GOAWAY, and only once. */
#include "pair_kit.h"

/* ---- by status ------------------------------------------------------------------------------- */

/* Rule T2. */
static void a_status_before_anything_else_is_trailers_only(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    int32_t stream = open_known_call(p);
    gt__h2_half_close(p->client, stream);
    finish(p, stream, GT_PERMISSION_DENIED, "no");
    pair_settle(p);
    expect_status(p, GT_PERMISSION_DENIED, "no");
    assert_true(p->event.as.status.trailers_only);
    expect(p, p->client, GT__H2_CLOSED);
    pair_free(p);
}

/* Rule T11, from both ends. */
static void a_server_may_finish_before_the_client_does(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    int32_t stream = open_known_call(p);
    send_text(p->client, stream, "one");
    send_text(p->server, stream, "enough");
    finish(p, stream, GT_OK, "");
    pair_settle(p);
    expect(p, p->client, GT__H2_HEADERS);
    expect_message(p, p->client, "enough");
    expect_status(p, GT_OK, "");
    assert_false(p->event.as.status.reset);
    expect(p, p->client, GT__H2_CLOSED);
    expect_nothing(p, p->client);
    expect(p, p->server, GT__H2_CLOSED);
    expect_nothing(p, p->server);
    pair_free(p);
}

static void a_status_waits_behind_the_messages(void **state)
{
    pair *p = pair_new(state, &(gt__h2_options){.stream_window = 10}, NULL);
    int32_t stream = open_known_call(p);
    send_text(p->server, stream, "twenty bytes of text");
    finish(p, stream, GT_OK, "");
    pair_settle(p);
    expect(p, p->client, GT__H2_HEADERS);
    expect_nothing(p, p->client);
    gt__h2_want(p->client, stream);
    pair_settle(p);
    expect_message(p, p->client, "twenty bytes of text");
    expect_status(p, GT_OK, "");
    pair_free(p);
}

static void a_stream_is_finished_once(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    int32_t stream = open_known_call(p);
    finish(p, stream, GT_ABORTED, "first");
    finish(p, stream, GT_OK, "");
    pair_settle(p);
    expect_status(p, GT_ABORTED, "first");
    expect(p, p->client, GT__H2_CLOSED);
    expect_nothing(p, p->client);
    pair_free(p);
}

/* Rule M6. */
static void a_request_over_the_receive_limit_is_answered(void **state)
{
    pair *p = pair_new(state, NULL, &(gt__h2_options){.max_receive_size = 4});
    int32_t stream = open_known_call(p);
    send_text(p->client, stream, "fiver");
    pair_settle(p);
    gt__h2_event *event = expect(p, p->server, GT__H2_ABORTED);
    assert_int_equal(event->as.aborted.code, GT_RESOURCE_EXHAUSTED);
    assert_string_equal(event->as.aborted.message,
                        "a message of 5 bytes is larger than the limit of 4");
    expect(p, p->server, GT__H2_CLOSED);
    expect_nothing(p, p->server);
    expect_status(p, GT_RESOURCE_EXHAUSTED, "a message of 5 bytes is larger than the limit of 4");
    pair_free(p);
}

/* ---- by reset (rules C2, C3, T10) ------------------------------------------------------------ */

static void a_cancelled_call_reaches_the_handler(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    int32_t stream = open_known_call(p);
    send_text(p->server, stream, "too late");
    gt__h2_reset(p->client, stream, 8);
    pair_settle(p);
    gt__h2_event *event = expect(p, p->server, GT__H2_ABORTED);
    assert_int_equal(event->as.aborted.code, GT_CANCELLED);
    assert_string_equal(event->as.aborted.message, "the peer reset the stream with CANCEL");
    expect(p, p->server, GT__H2_CLOSED);
    expect_nothing(p, p->server);
    expect(p, p->client, GT__H2_CLOSED);
    expect_nothing(p, p->client);
    pair_free(p);
}

static void a_call_cancelled_before_it_was_sent_never_was(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    int32_t stream = open_call(p);
    send_text(p->client, stream, "hello");
    gt__h2_reset(p->client, stream, 8);
    expect(p, p->client, GT__H2_CLOSED);
    pair_settle(p);
    expect_nothing(p, p->client);
    expect_nothing(p, p->server);
    pair_free(p);
}

static void a_server_may_reset_after_it_finished(void **state)
{
    pair *p = pair_new(state, &(gt__h2_options){.stream_window = 10}, NULL);
    int32_t stream = open_known_call(p);
    send_text(p->server, stream, "more than the window holds");
    finish(p, stream, GT_OK, "");
    pair_settle(p);
    gt__h2_reset(p->server, stream, 8);
    pair_settle(p);
    expect(p, p->client, GT__H2_HEADERS);
    expect_status(p, GT_CANCELLED, "the peer reset the stream with CANCEL");
    assert_true(p->event.as.status.reset);
    assert_int_equal(p->event.as.status.reset_code, 8);
    assert_false(p->event.as.status.unseen);
    pair_free(p);
}

/* ---- by the connection's end ----------------------------------------------------------------- */

/* Rule C4. */
static void a_lost_wire_ends_every_call(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    int32_t first = open_known_call(p), second = open_known_call(p);
    gt__h2_wire_lost(p->client, "reset");
    for (int i = 0; i < 2; i++) {
        expect_status(p, GT_UNAVAILABLE, "the connection was lost: reset");
        assert_int_equal(p->event.stream, i == 0 ? first : second);
        expect(p, p->client, GT__H2_CLOSED);
    }
    expect_nothing(p, p->client);
    assert_true(gt__h2_done(p->client));
    assert_false(gt__h2_wants_drain(p->client));

    gt__h2_wire_lost(p->server, NULL);
    gt__h2_event *event = expect(p, p->server, GT__H2_ABORTED);
    assert_int_equal(event->as.aborted.code, GT_CANCELLED);
    assert_string_equal(event->as.aborted.message, "the connection was lost: end of file");
    pair_free(p);
}

static void a_lost_wire_takes_no_more_calls(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream = 0;
    uint8_t span[8];
    gt__h2_wire_lost(p->client, NULL);
    assert_int_equal(gt__h2_open(p->client, &request, 0, NULL, &stream), GT_ECLOSED);
    assert_int_equal(gt__h2_feed(p->client, gt_bytes_str("?"), 0), GT_EPROTO);
    assert_int_equal(gt__h2_drain(p->client, span, sizeof span, 0), 0);
    pair_free(p);
}

/* Rule H1. */
static void calls_finish_after_goaway_and_none_is_opened(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    int32_t stream = open_known_call(p);
    gt__h2_goaway(p->server, 0, "bye");
    pair_settle(p);
    gt__h2_event *event = expect(p, p->client, GT__H2_GOAWAY);
    assert_int_equal(event->as.goaway.code, 0);
    assert_int_equal(event->as.goaway.last_stream, stream);
    assert_string_equal(event->as.goaway.debug, "bye");
    gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t other = 0;
    assert_int_equal(gt__h2_open(p->client, &request, 0, NULL, &other), GT_ECLOSED);
    assert_false(gt__h2_done(p->client));

    gt__h2_half_close(p->client, stream);
    finish(p, stream, GT_OK, "");
    pair_settle(p);
    expect_status(p, GT_OK, "");
    assert_true(gt__h2_done(p->client));
    assert_true(gt__h2_done(p->server));
    pair_free(p);
}

static void a_call_not_sent_before_goaway_was_never_seen(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    pair_settle(p);
    int32_t stream = open_call(p);
    gt__h2_shutdown_notice(p->server);
    pair_carry(p, p->server, p->client);
    assert_int_equal(expect(p, p->client, GT__H2_GOAWAY)->as.goaway.last_stream, INT32_MAX);
    expect_status(p, GT_UNAVAILABLE, "the peer said GOAWAY with NO_ERROR");
    assert_int_equal(p->event.stream, stream);
    assert_true(p->event.as.status.unseen);
    expect(p, p->client, GT__H2_CLOSED);
    pair_settle(p);
    expect_nothing(p, p->client);
    expect_nothing(p, p->server);
    pair_free(p);
}

/* ---- how many at once (rule H3) -------------------------------------------------------------- */

static void calls_beyond_the_peers_limit_wait(void **state)
{
    pair *p = pair_new(state, NULL, &(gt__h2_options){.max_concurrent_streams = 1});
    pair_settle(p);
    gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t first = open_known_call(p), second = 0;
    assert_int_equal(gt__h2_open(p->client, &request, 0, NULL, &second), GT_EAGAIN);
    expect_nothing(p, p->client);
    gt__h2_half_close(p->client, first);
    finish(p, first, GT_OK, "");
    pair_settle(p);
    expect_status(p, GT_OK, "");
    expect(p, p->client, GT__H2_CLOSED);
    expect(p, p->client, GT__H2_CAPACITY);
    assert_int_equal(gt__h2_open(p->client, &request, 0, NULL, &second), 0);
    pair_free(p);
}

static void a_lost_wire_offers_no_capacity(void **state)
{
    pair *p = pair_new(state, NULL, &(gt__h2_options){.max_concurrent_streams = 1});
    pair_settle(p);
    gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream = 0;
    open_call(p);
    assert_int_equal(gt__h2_open(p->client, &request, 0, NULL, &stream), GT_EAGAIN);
    gt__h2_wire_lost(p->client, "reset");
    expect_status(p, GT_UNAVAILABLE, "the connection was lost: reset");
    expect(p, p->client, GT__H2_CLOSED);
    expect_nothing(p, p->client);
    pair_free(p);
}

/* 100 until the peer says more. */
static void before_settings_a_hundred_calls_are_allowed(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream = 0;
    for (int i = 0; i < 100; i++)
        open_call(p);
    assert_int_equal(gt__h2_open(p->client, &request, 0, NULL, &stream), GT_EAGAIN);
    pair_settle(p);
    expect(p, p->client, GT__H2_CAPACITY);
    assert_int_equal(gt__h2_open(p->client, &request, 0, NULL, &stream), 0);
    pair_free(p);
}

static void a_ping_is_answered(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    gt__h2_ping(p->client, (const uint8_t *)"12345678");
    pair_settle(p);
    assert_memory_equal(expect(p, p->client, GT__H2_PING_ACK)->as.ping.opaque, "12345678", 8);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(a_status_before_anything_else_is_trailers_only),
        BOTH(a_server_may_finish_before_the_client_does),
        BOTH(a_status_waits_behind_the_messages),
        WHOLE(a_stream_is_finished_once),
        BOTH(a_request_over_the_receive_limit_is_answered),
        BOTH(a_cancelled_call_reaches_the_handler),
        WHOLE(a_call_cancelled_before_it_was_sent_never_was),
        BOTH(a_server_may_reset_after_it_finished),
        WHOLE(a_lost_wire_ends_every_call),
        WHOLE(a_lost_wire_takes_no_more_calls),
        BOTH(calls_finish_after_goaway_and_none_is_opened),
        WHOLE(a_call_not_sent_before_goaway_was_never_seen),
        BOTH(calls_beyond_the_peers_limit_wait),
        WHOLE(a_lost_wire_offers_no_capacity),
        WHOLE(before_settings_a_hundred_calls_are_allowed),
        BOTH(a_ping_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
