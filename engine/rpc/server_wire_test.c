/* What a server makes of a call, frame by frame: rules M6, M8, R8, T13, C1, C3, H2. */
#include "wire_kit.h"

#define METHOD "/a.B/C"

/* Trailers-only, and a reset where the client has not ended its side (rules T2, T11). */
#define REFUSAL(code, message)                                                                     \
    "HEADERS stream=1 END_STREAM END_HEADERS\n"                                                    \
    "    :status: 200\n"                                                                           \
    "    content-type: application/grpc\n"                                                         \
    "    grpc-status: " code "\n"                                                                  \
    "    grpc-message: " message "\n"

#define RESPONSE                                                                                   \
    "HEADERS stream=1 END_HEADERS\n"                                                               \
    "    :status: 200\n"                                                                           \
    "    content-type: application/grpc\n"                                                         \
    "    grpc-accept-encoding: identity,deflate,gzip\n"

static void write_request_with(wire_kit *k, const char *name, const char *value)
{
    gt_headers *headers = gt_headers_request(METHOD);
    gt_headers_set(headers, name, value);
    gt_frame_write_headers(&k->wire, 1, GT_FLAG_END_HEADERS, headers);
    gt_headers_free(headers);
}

/* What a handler saw of its own end. */
typedef struct seen {
    int result;
    gt_time when;
    bool ran;
} seen;

static int wait_for_the_end(gt_call *call, void *user)
{
    seen *s = user;
    s->ran = true;
    s->result = gt_context_wait(gt_call_context(call));
    s->when = gt_now(gt_call_world(call));
    return s->result;
}

/* ---- M8: how many messages a request has ---- */

static void a_request_without_its_message_is_unimplemented(void **state)
{
    wire_kit *k = *state;
    seen s = {0};
    gt_server_handle(k->server, METHOD, GT_UNARY, wait_for_the_end, &s);
    gt_frame_write_request(&k->wire, 1, 0, METHOD);
    gt_frame_write_data(&k->wire, 1, GT_FLAG_END_STREAM, gt_bytes_str(""));
    wire_expect_frames(k, REFUSAL("12", METHOD " takes one message, and none was sent"));
    assert_false(s.ran);
}

static void a_request_with_two_messages_is_unimplemented(void **state)
{
    wire_kit *k = *state;
    seen s = {0};
    gt_server_handle(k->server, METHOD, GT_SERVER_STREAMING, wait_for_the_end, &s);
    gt_frame_write_request(&k->wire, 1, 0, METHOD);
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("one"));
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("two"));
    wire_expect_frames(
        k,
        REFUSAL("12", METHOD
                " takes one message, and more than one was sent") "RST_STREAM stream=1 NO_ERROR\n");
    assert_false(s.ran);
}

/* ---- M6: over the send limit ---- */

static int send_eleven_bytes(gt_call *call, void *user)
{
    (void)user;
    return gt_call_send(call, gt_bytes_str("hello world"));
}

static void a_reply_over_the_send_limit_is_resource_exhausted(void **state)
{
    wire_kit *k = *state;
    wire_restart(k, 0, &(gt_server_options){.max_send_size = 10}, NULL);
    gt_server_handle(k->server, METHOD, GT_BIDI_STREAMING, send_eleven_bytes, NULL);
    gt_frame_write_request(&k->wire, 1, GT_FLAG_END_STREAM, METHOD);
    wire_expect_frames(k, RESPONSE "HEADERS stream=1 END_STREAM END_HEADERS\n"
                                   "    grpc-status: 8\n"
                                   "    grpc-message: larger than the limit\n");
}

/* ---- T13: nobody serves it ---- */

static void an_unknown_method_is_unimplemented(void **state)
{
    wire_kit *k = *state;
    gt_frame_write_request(&k->wire, 1, 0, "/a.B/D");
    wire_expect_frames(k, REFUSAL("12", "unknown method /a.B/D") "RST_STREAM stream=1 NO_ERROR\n");
}

/* ---- R8: the codec of a handler ---- */

static size_t text_size(const void *descriptor, const void *message)
{
    (void)descriptor;
    return strlen(message);
}

static void text_pack(const void *descriptor, const void *message, uint8_t *out)
{
    memcpy(out, message, text_size(descriptor, message));
}

static int text_unpack(const void *descriptor, gt_bytes bytes, void **message, char **reason)
{
    (void)descriptor;
    (void)reason;
    char *text = gt_alloc(bytes.size + 1);
    memcpy(text, bytes.data, bytes.size);
    text[bytes.size] = '\0';
    *message = text;
    return 0;
}

static void text_release(const void *descriptor, void *message)
{
    (void)descriptor;
    gt_free(message);
}

static const gt_codec text_codec = {.name = "text",
                                    .packed_size = text_size,
                                    .pack = text_pack,
                                    .unpack = text_unpack,
                                    .release = text_release};
static const gt_type text = {&text_codec, NULL};

static int echo_text(gt_call *call, void *user)
{
    void *message;
    *(int *)user = gt_call_recv_as(call, text, &message);
    return *(int *)user ? *(int *)user : gt_call_send_as(call, text, message);
}

static int say_hello(gt_call *call, void *user)
{
    return *(int *)user = gt_call_send_as(call, text, "hello");
}

static void write_call_of(wire_kit *k, const char *content_type)
{
    write_request_with(k, "content-type", content_type);
    gt_frame_write_message(&k->wire, 1, GT_FLAG_END_STREAM, gt_bytes_str("hello"));
}

#define OTHER_CODEC(type)                                                                          \
    "HEADERS stream=1 END_STREAM END_HEADERS\n"                                                    \
    "    :status: 200\n"                                                                           \
    "    content-type: " type "\n"                                                                 \
    "    grpc-status: 12\n"                                                                        \
    "    grpc-message: /a.B/C is served as application/grpc+text, not " type "\n"

static void a_codec_that_the_handler_has_not_is_unimplemented(void **state)
{
    wire_kit *k = *state;
    int error = 0;
    gt_server_handle(k->server, METHOD, GT_UNARY, echo_text, &error);
    write_call_of(k, "application/grpc+json");
    wire_expect_frames(k, OTHER_CODEC("application/grpc+json"));
    assert_int_equal(error, GT_EUNSUPPORTED);
}

static void nothing_is_sent_in_a_codec_that_was_not_asked_for(void **state)
{
    wire_kit *k = *state;
    int error = 0;
    gt_server_handle(k->server, METHOD, GT_SERVER_STREAMING, say_hello, &error);
    write_call_of(k, "application/grpc+proto; charset=utf-8");
    wire_expect_frames(k, OTHER_CODEC("application/grpc+proto"));
    assert_int_equal(error, GT_EUNSUPPORTED);
}

static void a_codec_by_its_name_or_by_none_is_served(void **state)
{
    wire_kit *k = *state;
    static const char *const types[] = {"application/grpc", "application/grpc+text",
                                        "application/grpc+text; charset=utf-8",
                                        "application/grpc;x=a+json"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        int error = GT_EAGAIN;
        wire_restart(k, 0, NULL, NULL);
        gt_server_handle(k->server, METHOD, GT_UNARY, echo_text, &error);
        write_call_of(k, types[i]);
        wire_feed(k);
        assert_int_equal(error, 0);
        assert_non_null(strstr(gt_buffer_text(&k->frames), "    message length=5 \"hello\"\n"));
    }
}

static void a_handler_of_bytes_takes_any_codec(void **state)
{
    wire_kit *k = *state;
    gt_server_handle(k->server, METHOD, GT_UNARY, kit_echo, NULL);
    write_call_of(k, "application/grpc+json");
    wire_expect_frames(k, "HEADERS stream=1 END_HEADERS\n"
                          "    :status: 200\n"
                          "    content-type: application/grpc+json\n"
                          "    grpc-accept-encoding: identity,deflate,gzip\n"
                          "DATA stream=1 length=10\n"
                          "    message length=5 \"hello\"\n"
                          "HEADERS stream=1 END_STREAM END_HEADERS\n"
                          "    grpc-status: 0\n");
}

/* ---- T3, T4: nothing goes with OK ---- */

static int answer_with_details(gt_call *call, void *user)
{
    gt_call_set_details(call, gt_bytes_str("details"));
    return gt_call_fail(call, *(const gt_code *)user, "a message");
}

static void neither_message_nor_details_go_with_ok(void **state)
{
    wire_kit *k = *state;
    gt_code code = GT_OK;
    gt_server_handle(k->server, METHOD, GT_BIDI_STREAMING, answer_with_details, &code);
    gt_frame_write_request(&k->wire, 1, GT_FLAG_END_STREAM, METHOD);
    wire_expect_frames(k, "HEADERS stream=1 END_STREAM END_HEADERS\n"
                          "    :status: 200\n"
                          "    content-type: application/grpc\n"
                          "    grpc-status: 0\n");
    code = GT_UNKNOWN;
    gt_frame_write_request(&k->wire, 3, GT_FLAG_END_STREAM, METHOD);
    wire_expect_frames(k, "HEADERS stream=3 END_STREAM END_HEADERS\n"
                          "    :status: 200\n"
                          "    content-type: application/grpc\n"
                          "    grpc-status: 2\n"
                          "    grpc-message: a message\n"
                          "    grpc-status-details-bin: ZGV0YWlscw\n");
}

/* ---- C1, C3: the call ends under its handler ---- */

static void a_deadline_cuts_the_stream_at_its_instant(void **state)
{
    wire_kit *k = *state;
    seen s = {0};
    gt_server_handle(k->server, METHOD, GT_BIDI_STREAMING, wait_for_the_end, &s);
    write_request_with(k, "grpc-timeout", "50m");
    wire_expect_frames(k, "");

    assert_int_equal(gt_sleep(k->world, GT_MS(50) - 1), 0);
    wire_expect_frames(k, "");
    assert_int_equal(gt_sleep(k->world, 1), 0);

    wire_expect_frames(k, "RST_STREAM stream=1 CANCEL\n");
    assert_int_equal(s.result, GT_ETIMEDOUT);
    assert_int_equal(s.when, GT_MS(50));
}

static void a_reset_cancels_the_handler_at_its_instant(void **state)
{
    wire_kit *k = *state;
    seen s = {0};
    gt_server_handle(k->server, METHOD, GT_BIDI_STREAMING, wait_for_the_end, &s);
    gt_frame_write_request(&k->wire, 1, 0, METHOD);
    wire_feed(k);
    assert_int_equal(gt_sleep(k->world, GT_MS(7)), 0);

    gt_frame_write_rst_stream(&k->wire, 1, GT_H2_CANCEL);

    wire_expect_frames(k, "");
    assert_int_equal(s.result, GT_ECANCELLED);
    assert_int_equal(s.when, GT_MS(7));
}

static void reset_at_50_ms(void *arg)
{
    wire_kit *k = arg;
    assert_int_equal(gt_sleep(k->world, GT_MS(50)), 0);
    gt_frame_write_rst_stream(&k->wire, 1, GT_H2_CANCEL);
    size_t size;
    assert_int_equal(gt_conn_try_write(k->end, k->wire.data, k->wire.size, &size), 0);
    gt_buffer_clear(&k->wire);
}

/* Which of the two is met first is the seed's choice. */
static void a_reset_at_the_deadline_reads_as_the_deadline(void **state)
{
    wire_kit *k = *state;
    for (uint64_t seed = 1; seed <= 32; seed++) {
        seen s = {0};
        wire_restart(k, seed, NULL, NULL);
        gt_server_handle(k->server, METHOD, GT_BIDI_STREAMING, wait_for_the_end, &s);
        gt_task *peer = gt_spawn(k->world, "peer", reset_at_50_ms, k);
        write_request_with(k, "grpc-timeout", "50m");
        wire_feed(k);

        assert_int_equal(gt_task_join(peer, NULL), 0);
        assert_int_equal(gt_settle(k->world), 0);

        assert_int_equal(s.result, GT_ETIMEDOUT);
        assert_int_equal(s.when, GT_MS(50));
    }
}

/* ---- H2: draining ---- */

static void drain(void *arg)
{
    gt_server *server = ((wire_kit *)arg)->server;
    assert_int_equal(gt_server_drain(server, GT_NEVER), 0);
}

static void draining_says_goaway_twice_around_a_round_trip(void **state)
{
    wire_kit *k = *state;
    gt_server_handle(k->server, METHOD, GT_UNARY, kit_echo, NULL);
    gt_frame_write_request(&k->wire, 1, 0, METHOD);
    wire_expect_frames(k, "");
    gt_task *task = gt_spawn(k->world, "drain", drain, k);
    wire_expect_frames(k, "GOAWAY last_stream=2147483647 NO_ERROR\n"
                          "PING\n"
                          "    opaque \"draining\"\n");

    gt_frame_write_request(&k->wire, 3, 0, METHOD); /* sent before it knew */
    gt_frame_write_ping(&k->wire, GT_FLAG_ACK, (const uint8_t *)"draining");
    wire_expect_frames(k, "GOAWAY last_stream=3 NO_ERROR\n");

    gt_frame_write_data(&k->wire, 1, GT_FLAG_END_STREAM, gt_bytes_str(""));
    gt_frame_write_data(&k->wire, 3, GT_FLAG_END_STREAM, gt_bytes_str(""));
    wire_feed(k);
    uint8_t byte;
    size_t size;
    assert_int_equal(gt_conn_try_read(k->end, &byte, 1, &size), GT_EOF);
    assert_int_equal(gt_task_join(task, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WIRE_SERVER_TEST(a_request_without_its_message_is_unimplemented),
        WIRE_SERVER_TEST(a_request_with_two_messages_is_unimplemented),
        WIRE_SERVER_TEST(a_reply_over_the_send_limit_is_resource_exhausted),
        WIRE_SERVER_TEST(an_unknown_method_is_unimplemented),
        WIRE_SERVER_TEST(a_codec_that_the_handler_has_not_is_unimplemented),
        WIRE_SERVER_TEST(nothing_is_sent_in_a_codec_that_was_not_asked_for),
        WIRE_SERVER_TEST(a_codec_by_its_name_or_by_none_is_served),
        WIRE_SERVER_TEST(a_handler_of_bytes_takes_any_codec),
        WIRE_SERVER_TEST(neither_message_nor_details_go_with_ok),
        WIRE_SERVER_TEST(a_deadline_cuts_the_stream_at_its_instant),
        WIRE_SERVER_TEST(a_reset_cancels_the_handler_at_its_instant),
        WIRE_ENTRY("a_reset_at_the_deadline_reads_as_the_deadline",
                   a_reset_at_the_deadline_reads_as_the_deadline, wire_server_whole),
        WIRE_SERVER_TEST(draining_says_goaway_twice_around_a_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
