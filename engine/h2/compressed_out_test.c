/* Compressed messages on their way out, and what is said about them: rules M3 and M5. How small
 * zlib makes a message is its own affair: here only what is flagged counts. */
#include "test_kit.h"

/* Sixty characters, of which zlib makes some twenty bytes. */
#define LONG "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbb"

#define RESPONSE(encoding)                                                                         \
    "HEADERS stream=1 END_HEADERS\n"                                                               \
    "    :status: 200\n"                                                                           \
    "    content-type: application/grpc\n" encoding                                                \
    "    grpc-accept-encoding: identity,deflate,gzip\n"

/* ---- the client ------------------------------------------------------------------------------ */

static int32_t open_call(kit *k, gt__encoding encoding)
{
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER, .encoding = encoding};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(k->h2, &request, 0, NULL, &stream), 0);
    return stream;
}

static void open_quietly(kit *k, gt__encoding encoding)
{
    open_call(k, encoding);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
}

static void a_request_names_its_encoding(void **state)
{
    kit *k = *state;
    open_call(k, GT__GZIP);
    kit_expect_frames(k, "HEADERS stream=1 END_HEADERS\n"
                         "    :method: POST\n"
                         "    :scheme: http\n"
                         "    :path: /a.B/C\n"
                         "    :authority: localhost\n"
                         "    te: trailers\n"
                         "    content-type: application/grpc\n"
                         "    grpc-encoding: gzip\n"
                         "    grpc-accept-encoding: identity,deflate,gzip\n"
                         "    user-agent: grpc-c-grpctest/0.1.0\n");
}

static void messages_that_get_smaller_are_flagged(void **state)
{
    kit *k = *state;
    open_quietly(k, GT__GZIP);
    kit_send(k, 1, LONG);
    kit_expect_frames(k, "DATA stream=1 length=*\n"
                         "    message flag=1 length=*\n");
}

static void messages_that_would_not_get_smaller_go_out_plain(void **state)
{
    kit *k = *state;
    open_quietly(k, GT__DEFLATE);
    kit_send(k, 1, "hello");
    kit_send(k, 1, "");
    kit_send(k, 1, "x");
    kit_expect_frames(k, "DATA stream=1 length=21\n"
                         "    message length=5 \"hello\"\n"
                         "    message length=0 \"\"\n"
                         "    message length=1 \"x\"\n");
}

/* What zlib leaves as large as it was: somewhere among these lengths there is one. */
static void a_message_that_stays_as_large_goes_out_plain(void **state)
{
    kit *k = *state;
    uint8_t out[64];
    char message[64] = "";
    size_t size = 0;
    do {
        message[size++] = 'a';
        assert_in_range(size, 1, 63);
    } while (gt__message_compress(GT__DEFLATE, gt_bytes_of(message, size), out, size) != size);
    open_quietly(k, GT__DEFLATE);
    kit_send(k, 1, message);
    char *expected = gt__printf("DATA stream=1 length=%zu\n    message length=%zu \"%s\"\n",
                                size + 5, size, message);
    kit_expect_frames(k, expected);
    gt__free(expected);
}

static void single_messages_go_out_plain_when_told_so(void **state)
{
    kit *k = *state;
    open_quietly(k, GT__GZIP);
    gt__h2_compress_messages(k->h2, 1, false);
    kit_send(k, 1, LONG);
    kit_expect_frames(k, "DATA stream=1 length=65\n"
                         "    message length=60 \"" LONG "\"\n");
    gt__h2_compress_messages(k->h2, 1, true);
    kit_send(k, 1, LONG);
    kit_expect_frames(k, "DATA stream=1 length=*\n"
                         "    message flag=1 length=*\n");
}

static gt__h2_wire_form send_long(kit *k)
{
    int error;
    uint8_t *room = gt__h2_send_begin(k->h2, 1, strlen(LONG), &error);
    assert_non_null(room);
    memcpy(room, LONG, strlen(LONG));
    return gt__h2_send_end(k->h2, 1);
}

static void a_sender_is_told_how_its_message_travels(void **state)
{
    kit *k = *state;
    open_quietly(k, GT__GZIP);
    gt__h2_wire_form wire = send_long(k);
    assert_int_equal(wire.encoding, GT__GZIP);
    assert_in_range(wire.size, 20, 40);
    gt__h2_compress_messages(k->h2, 1, false);
    wire = send_long(k);
    assert_int_equal(wire.encoding, GT__IDENTITY);
    assert_int_equal(wire.size, 60);
}

static void a_client_cannot_set_an_encoding_later(void **state)
{
    kit *k = *state;
    open_quietly(k, GT__IDENTITY);
    assert_int_equal(gt__h2_set_encoding(k->h2, 1, GT__GZIP), GT_ECLOSED);
}

/* ---- the server ------------------------------------------------------------------------------ */

static void take_request(kit *k, const char *fields)
{
    gt_headers *headers = gt_headers_request("/a.B/C"), *added = gt_headers_parse(fields);
    gt_headers_join(headers, added);
    gt_frame_write_headers(&k->wire, 1, GT_FLAG_END_HEADERS, headers);
    gt_headers_free(headers);
    gt_headers_free(added);
    kit_expect_events(
        k, "REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc\n");
}

static void a_response_is_compressed_as_the_client_accepts_it(void **state)
{
    kit *k = *state;
    take_request(k, "grpc-accept-encoding: identity,deflate\n");
    assert_int_equal(gt__h2_set_encoding(k->h2, 1, GT__DEFLATE), 0);
    kit_send(k, 1, LONG);
    kit_expect_frames(k, RESPONSE("    grpc-encoding: deflate\n") "DATA stream=1 length=*\n"
                                                                  "    message flag=1 length=*\n");
}

static void a_response_is_plain_unless_something_was_set(void **state)
{
    kit *k = *state;
    take_request(k, "grpc-encoding: gzip\ngrpc-accept-encoding: gzip\n");
    kit_send(k, 1, LONG);
    kit_expect_frames(k, RESPONSE("") "DATA stream=1 length=65\n"
                                      "    message length=60 \"" LONG "\"\n");
}

/* Rule M5, also when the client's own messages come in it. */
static void what_the_client_does_not_accept_is_not_set(void **state)
{
    kit *k = *state;
    take_request(k, "grpc-encoding: gzip\ngrpc-accept-encoding: identity, deflate\n");
    assert_int_equal(gt__h2_set_encoding(k->h2, 1, GT__GZIP), GT_EUNSUPPORTED);
    kit_send(k, 1, LONG);
    kit_expect_frames(k, RESPONSE("") "DATA stream=1 length=65\n"
                                      "    message length=60 \"" LONG "\"\n");
}

static void a_client_that_says_nothing_accepts_plain_messages_alone(void **state)
{
    kit *k = *state;
    take_request(k, "");
    assert_int_equal(gt__h2_set_encoding(k->h2, 1, GT__GZIP), GT_EUNSUPPORTED);
    assert_int_equal(gt__h2_set_encoding(k->h2, 1, GT__DEFLATE), GT_EUNSUPPORTED);
    assert_int_equal(gt__h2_set_encoding(k->h2, 1, GT__IDENTITY), 0);
}

static void what_is_accepted_may_come_in_several_fields(void **state)
{
    kit *k = *state;
    take_request(k, "grpc-accept-encoding: gzip\ngrpc-accept-encoding: snappy\n");
    assert_int_equal(gt__h2_set_encoding(k->h2, 1, GT__GZIP), 0);
}

static void the_last_encoding_that_was_set_counts(void **state)
{
    kit *k = *state;
    take_request(k, "grpc-accept-encoding: gzip\n");
    assert_int_equal(gt__h2_set_encoding(k->h2, 1, GT__GZIP), 0);
    assert_int_equal(gt__h2_set_encoding(k->h2, 1, GT__IDENTITY), 0);
    assert_int_equal(gt__h2_respond(k->h2, 1, NULL), 0);
    kit_expect_frames(k, RESPONSE(""));
}

static void no_encoding_is_set_once_the_headers_are_out(void **state)
{
    kit *k = *state;
    take_request(k, "grpc-accept-encoding: gzip\n");
    assert_int_equal(gt__h2_respond(k->h2, 1, NULL), 0);
    assert_int_equal(gt__h2_set_encoding(k->h2, 1, GT__GZIP), GT_ECLOSED);
    assert_int_equal(gt__h2_set_encoding(k->h2, 3, GT__GZIP), GT_ECLOSED);
}

static void no_encoding_is_set_on_a_stream_that_was_cut(void **state)
{
    kit *k = *state;
    take_request(k, "grpc-accept-encoding: gzip\n");
    gt__h2_reset(k->h2, 1, 8);
    assert_int_equal(gt__h2_set_encoding(k->h2, 1, GT__GZIP), GT_ECLOSED);
}

static void a_status_alone_names_no_encoding(void **state)
{
    kit *k = *state;
    take_request(k, "grpc-accept-encoding: gzip\n");
    assert_int_equal(gt__h2_set_encoding(k->h2, 1, GT__GZIP), 0);
    kit_finish(k, 1, GT_NOT_FOUND, NULL);
    kit_expect_frames(k, "HEADERS stream=1 END_STREAM END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc\n"
                         "    grpc-status: 5\n"
                         "RST_STREAM stream=1 NO_ERROR\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLIENT_TEST(a_request_names_its_encoding),
        CLIENT_TEST(messages_that_get_smaller_are_flagged),
        CLIENT_TEST(messages_that_would_not_get_smaller_go_out_plain),
        CLIENT_TEST(a_message_that_stays_as_large_goes_out_plain),
        CLIENT_TEST(single_messages_go_out_plain_when_told_so),
        CLIENT_TEST(a_sender_is_told_how_its_message_travels),
        CLIENT_TEST(a_client_cannot_set_an_encoding_later),
        SERVER_TEST(a_response_is_compressed_as_the_client_accepts_it),
        SERVER_TEST(a_response_is_plain_unless_something_was_set),
        SERVER_TEST(what_the_client_does_not_accept_is_not_set),
        SERVER_TEST(a_client_that_says_nothing_accepts_plain_messages_alone),
        SERVER_TEST(what_is_accepted_may_come_in_several_fields),
        SERVER_TEST(the_last_encoding_that_was_set_counts),
        SERVER_TEST(no_encoding_is_set_once_the_headers_are_out),
        SERVER_TEST(no_encoding_is_set_on_a_stream_that_was_cut),
        SERVER_TEST(a_status_alone_names_no_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
