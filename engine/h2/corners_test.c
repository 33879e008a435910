/* Commands at the wrong moment, and sizes at the edge: what nobody does on purpose. */
#include "pair_kit.h"

#include "engine/core/death_test.h"
#include "session.h"

#include <grpctest/frames.h>

/* ---- windows --------------------------------------------------------------------------------- */

static void make_an_engine(void *options)
{
    gt__h2_free(gt__h2_new(options));
}

static void a_window_larger_than_http2_allows_is_misuse(void **state)
{
    (void)state;
    gt__h2_options too_large[] = {
        {.stream_window = 0x80000000},
        {.connection_window = 0x80000000},
        {.server = true, .stream_window = 0x80000000},
        {.server = true, .connection_window = 0x80000000},
    };
    for (size_t i = 0; i < sizeof too_large / sizeof *too_large; i++)
        assert_dies(make_an_engine, &too_large[i],
                    "grpctest: a window is larger than HTTP/2 allows (2^31 - 1 bytes)\n");
}

static void the_largest_window_is_one(void **state)
{
    const gt__h2_options largest = {
        .stream_window = INT32_MAX, .connection_window = INT32_MAX, .max_send_size = SIZE_MAX};
    pair *p = pair_new(state, &largest, &largest);
    int32_t stream = open_known_call(p);
    send_text(p->client, stream, "hello");
    pair_settle(p);
    expect_message(p, p->server, "hello");
    pair_free(p);
}

/* ---- messages -------------------------------------------------------------------------------- */

static void begin_twice(void *arg)
{
    pair *p = arg;
    int error;
    int32_t stream = open_call(p);
    gt__h2_send_begin(p->client, stream, 1, &error);
    gt__h2_send_begin(p->client, stream, 1, &error);
}

static void end_what_was_not_begun(void *arg)
{
    pair *p = arg;
    gt__h2_send_end(p->client, open_call(p));
}

static void end_on_another_stream(void *arg)
{
    pair *p = arg;
    int error;
    int32_t one = open_call(p), other = open_call(p);
    gt__h2_send_begin(p->client, one, 1, &error);
    gt__h2_send_end(p->client, other);
}

static void take_what_did_not_come(void *arg)
{
    pair *p = arg;
    int32_t stream = open_known_call(p);
    send_text(p->client, stream, "hello");
    pair_settle(p);
    size_t uncredited = expect(p, p->server, GT__H2_MESSAGE)->as.message.uncredited;
    gt__h2_taken(p->server, stream, uncredited);
    gt__h2_taken(p->server, stream, 1);
}

static void messages_are_begun_and_ended_one_by_one_and_taken_once(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    assert_dies(begin_twice, p,
                "grpctest: gt__h2_send_begin: the message before this one was not ended\n");
    assert_dies(end_what_was_not_begun, p,
                "grpctest: gt__h2_send_end: no message was begun on this stream\n");
    assert_dies(end_on_another_stream, p,
                "grpctest: gt__h2_send_end: no message was begun on this stream\n");
    assert_dies(take_what_did_not_come, p,
                "grpctest: gt__h2_taken: no message of stream 1 waits\n");
    pair_free(p);
}

static void a_message_whose_stream_ends_before_it_goes_nowhere(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    int32_t stream = open_known_call(p);
    int error;
    uint8_t *room = gt__h2_send_begin(p->client, stream, 5, &error);
    memcpy(room, "hello", 5);
    gt__h2_reset(p->client, stream, NGHTTP2_CANCEL);

    assert_int_equal(gt__h2_send_end(p->client, stream).size, 5);

    pair_settle(p);
    expect(p, p->server, GT__H2_ABORTED);
    expect(p, p->server, GT__H2_CLOSED);
    expect_nothing(p, p->server);
    pair_free(p);
}

static void write_a_message(void *message)
{
    gt_buffer out = {0};
    gt_message_write(&out, *(gt_bytes *)message);
}

static void a_message_longer_than_its_prefix_can_say_is_misuse(void **state)
{
    (void)state;
    gt_bytes message = gt_bytes_of("x", (size_t)UINT32_MAX + 1);
    assert_dies(write_a_message, &message,
                "grpctest: a message of 4294967296 bytes is longer than its prefix can say\n");
}

/* ---- streams and connections that are gone --------------------------------------------------- */

static void commands_on_a_connection_that_is_lost_are_harmless(void **state)
{
    static const uint8_t opaque[8] = "whatever";
    pair *p = pair_new(state, NULL, NULL);
    pair_settle(p);
    gt__h2 *both[] = {p->client, p->server};
    for (int i = 0; i < 2; i++) {
        uint8_t out[64];
        gt__h2_wire_lost(both[i], NULL);
        gt__h2_wire_lost(both[i], NULL);
        gt__h2_ping(both[i], opaque);
        gt__h2_goaway(both[i], 0, NULL);
        gt__h2_shutdown_notice(both[i]);
        gt__h2_compress_messages(both[i], 1, false);
        assert_int_equal(gt__h2_drain(both[i], out, sizeof out, 0), 0);
        gt__h2_event event;
        while (gt__h2_next_event(both[i], &event)) {
            assert_int_equal(event.type, GT__H2_SETTINGS);
            gt__h2_event_cleanup(&event);
        }
    }
    gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream;
    assert_int_equal(gt__h2_open(p->client, &request, 0, NULL, &stream), GT_ECLOSED);
    pair_free(p);
}

static void a_client_neither_responds_nor_says_that_it_shuts_down(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    int32_t stream = open_known_call(p);
    pair_settle(p);

    assert_int_equal(gt__h2_respond(p->client, stream, NULL), GT_ECLOSED);
    gt__h2_shutdown_notice(p->client);

    pair_settle(p);
    expect_nothing(p, p->server);
    pair_free(p);
}

/* The reset has not gone out when they come. */
static void what_comes_behind_our_reset_is_dropped(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    int32_t stream = open_known_call(p);
    send_text(p->server, stream, "hello");
    finish(p, stream, GT_OK, "");
    gt__h2_reset(p->client, stream, NGHTTP2_CANCEL);

    while (pair_carry(p, p->server, p->client))
        continue;

    expect(p, p->client, GT__H2_CLOSED);
    expect_nothing(p, p->client);
    pair_free(p);
}

static void a_client_runs_out_of_stream_numbers(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream;
    assert_int_equal(nghttp2_session_set_next_stream_id(p->client->session, INT32_MAX), 0);

    assert_int_equal(gt__h2_open(p->client, &request, 0, NULL, &stream), 0);
    assert_int_equal(stream, INT32_MAX);
    assert_int_equal(gt__h2_open(p->client, &request, 0, NULL, &stream), GT_ECLOSED);

    pair_free(p);
}

static void each_call_may_have_a_user_agent_of_its_own(void **state)
{
    static const char *const agents[] = {"one", "one", "two", NULL};
    static const char *const expected[] = {"one grpc-c-grpctest/", "one grpc-c-grpctest/",
                                           "two grpc-c-grpctest/", "grpc-c-grpctest/"};
    pair *p = pair_new(state, NULL, NULL);
    for (int i = 0; i < 4; i++) {
        gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER, .user_agent = agents[i]};
        int32_t stream;
        assert_int_equal(gt__h2_open(p->client, &request, 0, NULL, &stream), 0);
        pair_settle(p);
        const gt_metadata *metadata = expect(p, p->server, GT__H2_REQUEST)->as.request.metadata;
        const char *agent = gt_metadata_get(metadata, "user-agent");
        assert_memory_equal(agent, expected[i], strlen(expected[i]));
    }
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_window_larger_than_http2_allows_is_misuse),
        BOTH(the_largest_window_is_one),
        WHOLE(messages_are_begun_and_ended_one_by_one_and_taken_once),
        BOTH(a_message_whose_stream_ends_before_it_goes_nowhere),
        cmocka_unit_test(a_message_longer_than_its_prefix_can_say_is_misuse),
        BOTH(commands_on_a_connection_that_is_lost_are_harmless),
        BOTH(a_client_neither_responds_nor_says_that_it_shuts_down),
        BOTH(what_comes_behind_our_reset_is_dropped),
        WHOLE(a_client_runs_out_of_stream_numbers),
        BOTH(each_call_may_have_a_user_agent_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
