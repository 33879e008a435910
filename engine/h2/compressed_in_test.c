/* Compressed messages on their way in: rules M3 to M6, on literal frames. */
#include "test_kit.h"

#define REQUEST "REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc\n"

#define REFUSAL(code, message)                                                                     \
    "HEADERS stream=1 END_STREAM END_HEADERS\n"                                                    \
    "    :status: 200\n"                                                                           \
    "    content-type: application/grpc\n"                                                         \
    "    grpc-status: " code "\n"                                                                  \
    "    grpc-message: " message "\n"                                                              \
    "RST_STREAM stream=1 NO_ERROR\n"

#define HELLO "hello hello hello hello"
static const char gzip_hello[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9"
                                 "\xc9\x57\xc8\x40\x27\x01\xe3\x51\x3d\x8d\x17\x00\x00\x00";
static const char zlib_hello[] = "\x78\x9c\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x27\x01\x68\x03\x08\xb1";
#define GZIP_HELLO gt_bytes_of(gzip_hello, sizeof gzip_hello - 1)
#define ZLIB_HELLO gt_bytes_of(zlib_hello, sizeof zlib_hello - 1)

static void write_headers(kit *k, gt_headers *headers, const char *encoding)
{
    gt_headers_add(headers, "grpc-encoding", encoding);
    gt_frame_write_headers(&k->wire, 1, GT_FLAG_END_HEADERS, headers);
    gt_headers_free(headers);
}

static void write_flagged(kit *k, gt_bytes bytes)
{
    gt_buffer data = {0};
    gt_message_write_prefix(&data, 1, (uint32_t)bytes.size);
    gt_buffer_add(&data, bytes);
    gt_frame_write_data(&k->wire, 1, 0, gt_buffer_bytes(&data));
    gt_buffer_cleanup(&data);
}

/* At the server: the request's headers name the encoding. */
static void begin_request(kit *k, const char *encoding)
{
    write_headers(k, gt_headers_request("/a.B/C"), encoding);
}

/* At the client: a request is sent and ended, and the response's headers name the encoding. */
static void begin_response(kit *k, const char *encoding)
{
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(k->h2, &request, 0, NULL, &stream), 0);
    gt__h2_half_close(k->h2, stream);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    write_headers(k, gt_headers_response(), encoding);
}

/* ---- much at once ---------------------------------------------------------------------------- */

static void expect_hello(gt__h2_event *event)
{
    assert_int_equal(event->type, GT__H2_MESSAGE);
    assert_int_equal(event->as.message.size, strlen(HELLO));
    assert_memory_equal(event->as.message.data, HELLO, strlen(HELLO));
}

/* What was let go of is there again when its turn comes, in any order with what was kept. */
static void messages_that_inflate_to_more_than_is_kept_come_all_the_same(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.max_receive_size = 60}); /* two and a half of them */
    kit_handshake(k);
    begin_request(k, "gzip");
    kit_expect_events(k, REQUEST);
    gt__h2_event event;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 5; i++)
            write_flagged(k, GZIP_HELLO);
        kit_feed(k);
        for (int i = 0; i < 5; i++) {
            assert_true(gt__h2_next_event(k->h2, &event));
            expect_hello(&event);
            gt__h2_event_cleanup(&event);
        }
        assert_false(gt__h2_next_event(k->h2, &event));
    }
}

/* ---- inflating (rule M3) --------------------------------------------------------------------- */

static void a_server_inflates_gzip(void **state)
{
    kit *k = *state;
    begin_request(k, "gzip");
    write_flagged(k, GZIP_HELLO);
    kit_expect_events(k, REQUEST "MESSAGE stream=1 \"" HELLO "\"\n");
}

static void a_server_inflates_deflate(void **state)
{
    kit *k = *state;
    begin_request(k, "deflate");
    write_flagged(k, ZLIB_HELLO);
    kit_expect_events(k, REQUEST "MESSAGE stream=1 \"" HELLO "\"\n");
}

static void a_client_inflates_gzip(void **state)
{
    kit *k = *state;
    begin_response(k, "gzip");
    write_flagged(k, GZIP_HELLO);
    kit_expect_events(k, "HEADERS stream=1\nMESSAGE stream=1 \"" HELLO "\"\n");
}

static void a_client_inflates_deflate(void **state)
{
    kit *k = *state;
    begin_response(k, "deflate");
    write_flagged(k, ZLIB_HELLO);
    kit_expect_events(k, "HEADERS stream=1\nMESSAGE stream=1 \"" HELLO "\"\n");
}

/* Each stands for itself, and the flag says which is compressed. */
static void compressed_and_plain_messages_take_turns(void **state)
{
    kit *k = *state;
    begin_request(k, "gzip");
    write_flagged(k, GZIP_HELLO);
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("plain"));
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str(""));
    write_flagged(k, GZIP_HELLO);
    kit_expect_events(k, REQUEST "MESSAGE stream=1 \"" HELLO "\"\n"
                                 "MESSAGE stream=1 \"plain\"\n"
                                 "MESSAGE stream=1 \"\"\n"
                                 "MESSAGE stream=1 \"" HELLO "\"\n");
}

static void a_client_takes_compressed_and_plain_messages_in_turn(void **state)
{
    kit *k = *state;
    begin_response(k, "deflate");
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("plain"));
    write_flagged(k, ZLIB_HELLO);
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("plain"));
    kit_expect_events(k, "HEADERS stream=1\n"
                         "MESSAGE stream=1 \"plain\"\n"
                         "MESSAGE stream=1 \"" HELLO "\"\n"
                         "MESSAGE stream=1 \"plain\"\n");
}

static void a_message_may_inflate_to_nothing(void **state)
{
    kit *k = *state;
    begin_request(k, "deflate");
    write_flagged(k, gt_bytes_of("\x78\x9c\x03\x00\x00\x00\x00\x01", 8));
    kit_expect_events(k, REQUEST "MESSAGE stream=1 \"\"\n");
}

static void the_identity_encoding_compresses_nothing(void **state)
{
    kit *k = *state;
    begin_request(k, "identity");
    write_flagged(k, GZIP_HELLO);
    kit_expect_events(k, REQUEST "ABORTED stream=1 INTERNAL \"a message is flagged as compressed, "
                                 "but no grpc-encoding was named\"\n"
                                 "CLOSED stream=1\n");
}

static void a_client_is_sent_nothing_compressed_as_identity(void **state)
{
    kit *k = *state;
    begin_response(k, "identity");
    write_flagged(k, GZIP_HELLO);
    kit_expect_events(k, "HEADERS stream=1\n"
                         "STATUS stream=1 INTERNAL \"a message is flagged as compressed, but no "
                         "grpc-encoding was named\"\n"
                         "CLOSED stream=1\n");
}

/* What the event says of the wire is for the journal. */
static void an_event_tells_how_its_message_travelled(void **state)
{
    kit *k = *state;
    gt__h2_event event;
    begin_request(k, "gzip");
    write_flagged(k, GZIP_HELLO);
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("plain"));
    kit_feed(k);
    assert_true(gt__h2_next_event(k->h2, &event));
    gt__h2_event_cleanup(&event);
    assert_true(gt__h2_next_event(k->h2, &event));
    assert_int_equal(event.as.message.wire.encoding, GT__GZIP);
    assert_int_equal(event.as.message.wire.size, 28);
    gt__h2_event_cleanup(&event);
    assert_true(gt__h2_next_event(k->h2, &event));
    assert_int_equal(event.as.message.wire.encoding, GT__IDENTITY);
    assert_int_equal(event.as.message.wire.size, 5);
    gt__h2_event_cleanup(&event);
}

/* ---- what does not inflate (rule M4c) -------------------------------------------------------- */

static void a_request_that_does_not_inflate_is_internal(void **state)
{
    kit *k = *state;
    begin_request(k, "gzip");
    write_flagged(k, gt_bytes_str("hello"));
    kit_expect_events(k, REQUEST "ABORTED stream=1 INTERNAL \"a message of 5 bytes does not "
                                 "inflate as gzip: it is damaged\"\n"
                                 "CLOSED stream=1\n");
    kit_expect_frames(
        k, REFUSAL("13", "a message of 5 bytes does not inflate as gzip: it is damaged"));
}

static void a_response_that_does_not_inflate_is_internal(void **state)
{
    kit *k = *state;
    begin_response(k, "deflate");
    write_flagged(k, gt_bytes_of(zlib_hello, 10));
    gt_frame_write_trailers(&k->wire, 1, GT_OK, NULL);
    kit_expect_events(k, "HEADERS stream=1\n"
                         "STATUS stream=1 INTERNAL \"a message of 10 bytes does not inflate as "
                         "deflate: it is cut short\"\n"
                         "CLOSED stream=1\n");
    kit_expect_frames(k, "RST_STREAM stream=1 CANCEL\n");
}

static void bytes_after_the_end_of_a_compressed_message_are_internal(void **state)
{
    kit *k = *state;
    begin_request(k, "deflate");
    write_flagged(k, gt_bytes_of(zlib_hello, sizeof zlib_hello));
    kit_expect_events(k, REQUEST "ABORTED stream=1 INTERNAL \"a message of 17 bytes does not "
                                 "inflate as deflate: bytes follow its end\"\n"
                                 "CLOSED stream=1\n");
}

/* Even nothing takes some bytes to say. */
static void a_flagged_message_without_bytes_is_internal(void **state)
{
    kit *k = *state;
    begin_request(k, "gzip");
    write_flagged(k, gt_bytes_str(""));
    kit_expect_events(k, REQUEST "ABORTED stream=1 INTERNAL \"a message of 0 bytes does not "
                                 "inflate as gzip: it is cut short\"\n"
                                 "CLOSED stream=1\n");
}

static void what_follows_a_message_that_does_not_inflate_is_dropped(void **state)
{
    kit *k = *state;
    gt_buffer data = {0};
    begin_request(k, "gzip");
    gt_message_write_prefix(&data, 1, 5);
    gt_buffer_add(&data, gt_bytes_str("wrong"));
    gt_message_write(&data, gt_bytes_str("right"));
    gt_frame_write_data(&k->wire, 1, GT_FLAG_END_STREAM, gt_buffer_bytes(&data));
    kit_expect_events(k, REQUEST "ABORTED stream=1 INTERNAL \"a message of 5 bytes does not "
                                 "inflate as gzip: it is damaged\"\n"
                                 "CLOSED stream=1\n");
    gt_buffer_cleanup(&data);
}

/* Rule T6: what is no gRPC has its HTTP status, whatever encoding it names. */
static void a_body_that_is_not_grpc_may_have_any_encoding(void **state)
{
    kit *k = *state;
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(k->h2, &request, 0, NULL, &stream), 0);
    kit_feed(k);
    gt_frame_write_headers_text(&k->wire, 1, GT_FLAG_END_HEADERS,
                                ":status: 503\ncontent-type: text/html\ngrpc-encoding: br\n");
    gt_frame_write_data(&k->wire, 1, GT_FLAG_END_STREAM, gt_bytes_str("sorry"));
    kit_expect_events(k, "HEADERS stream=1\n"
                         "STATUS stream=1 UNAVAILABLE \"the peer answered with HTTP status 503 and "
                         "no grpc-status\"\n"
                         "CLOSED stream=1\n");
}

/* ---- the limit (rule M6) --------------------------------------------------------------------- */

static void a_message_may_inflate_to_the_limit(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.max_receive_size = 23});
    kit_handshake(k);
    begin_request(k, "deflate");
    write_flagged(k, ZLIB_HELLO);
    kit_expect_events(k, REQUEST "MESSAGE stream=1 \"" HELLO "\"\n");
}

static void a_request_that_inflates_past_the_limit_is_resource_exhausted(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.max_receive_size = 22});
    kit_handshake(k);
    begin_request(k, "deflate");
    write_flagged(k, ZLIB_HELLO);
    kit_expect_events(k, REQUEST "ABORTED stream=1 RESOURCE_EXHAUSTED \"a message of 16 bytes in "
                                 "deflate inflates to more than the limit of 22\"\n"
                                 "CLOSED stream=1\n");
    kit_expect_frames(k, REFUSAL("8", "a message of 16 bytes in deflate inflates to more than the "
                                      "limit of 22"));
}

static void a_response_that_inflates_past_the_limit_is_resource_exhausted(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.max_receive_size = 22});
    kit_handshake(k);
    begin_response(k, "deflate");
    write_flagged(k, ZLIB_HELLO);
    kit_expect_events(k, "HEADERS stream=1\n"
                         "STATUS stream=1 RESOURCE_EXHAUSTED \"a message of 16 bytes in deflate "
                         "inflates to more than the limit of 22\"\n"
                         "CLOSED stream=1\n");
    kit_expect_frames(k, "RST_STREAM stream=1 CANCEL\n");
}

/* What is too large before it inflates is refused by its prefix, as any other message. */
static void a_compressed_message_over_the_limit_is_refused_by_its_prefix(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.max_receive_size = 15});
    kit_handshake(k);
    begin_request(k, "deflate");
    gt_frame_write_data(&k->wire, 1, 0, gt_bytes_of("\1\0\0\0\x10", 5));
    kit_expect_events(k, REQUEST "ABORTED stream=1 RESOURCE_EXHAUSTED \"a message of 16 bytes is "
                                 "larger than the limit of 15\"\n"
                                 "CLOSED stream=1\n");
}

/* ---- credit and negotiation ------------------------------------------------------------------ */

static void credit_is_counted_in_bytes_of_the_wire(void **state)
{
    kit *k = *state;
    k->keep_credit = true;
    begin_request(k, "gzip");
    write_flagged(k, GZIP_HELLO);
    kit_expect_events(k, REQUEST "MESSAGE stream=1 uncredited=33 \"" HELLO "\"\n");
}

/* Rule M8: a surplus message only has to be counted. */
static void a_surplus_message_is_not_inflated(void **state)
{
    kit *k = *state;
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER, .unary_response = true};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(k->h2, &request, 0, NULL, &stream), 0);
    kit_feed(k);
    write_headers(k, gt_headers_response(), "gzip");
    write_flagged(k, GZIP_HELLO);
    write_flagged(k, gt_bytes_str("hello"));
    gt_frame_write_trailers(&k->wire, 1, GT_OK, NULL);
    kit_expect_events(k, "HEADERS stream=1\n"
                         "MESSAGE stream=1 \"" HELLO "\"\n"
                         "STATUS stream=1 UNIMPLEMENTED \"the method answers with one message, "
                         "the peer sent more\"\n"
                         "CLOSED stream=1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(messages_that_inflate_to_more_than_is_kept_come_all_the_same),
        SERVER_TEST(a_server_inflates_gzip),
        SERVER_TEST(a_server_inflates_deflate),
        CLIENT_TEST(a_client_inflates_gzip),
        CLIENT_TEST(a_client_inflates_deflate),
        SERVER_TEST(compressed_and_plain_messages_take_turns),
        CLIENT_TEST(a_client_takes_compressed_and_plain_messages_in_turn),
        SERVER_TEST(a_message_may_inflate_to_nothing),
        SERVER_TEST(the_identity_encoding_compresses_nothing),
        CLIENT_TEST(a_client_is_sent_nothing_compressed_as_identity),
        SERVER_TEST(an_event_tells_how_its_message_travelled),
        SERVER_TEST(a_request_that_does_not_inflate_is_internal),
        CLIENT_TEST(a_response_that_does_not_inflate_is_internal),
        SERVER_TEST(bytes_after_the_end_of_a_compressed_message_are_internal),
        SERVER_TEST(a_flagged_message_without_bytes_is_internal),
        SERVER_TEST(what_follows_a_message_that_does_not_inflate_is_dropped),
        CLIENT_TEST(a_body_that_is_not_grpc_may_have_any_encoding),
        SERVER_TEST(a_message_may_inflate_to_the_limit),
        SERVER_TEST(a_request_that_inflates_past_the_limit_is_resource_exhausted),
        CLIENT_TEST(a_response_that_inflates_past_the_limit_is_resource_exhausted),
        SERVER_TEST(a_compressed_message_over_the_limit_is_refused_by_its_prefix),
        SERVER_TEST(credit_is_counted_in_bytes_of_the_wire),
        CLIENT_TEST(a_surplus_message_is_not_inflated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
