/* What a client takes in before the end: messages (M1-M6), metadata (D2-D5), credit (H5, H6), on
 * literal frames. */
#include "session.h"
#include "test_kit.h"

/* A stream whose request is sent and ended, and the response headers written. */
static int32_t open_answered_call(kit *k)
{
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(k->h2, &request, 0, NULL, &stream), 0);
    gt__h2_half_close(k->h2, stream);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    gt_frame_write_response(&k->wire, stream);
    return stream;
}

static int32_t open_call(kit *k)
{
    int32_t stream = open_answered_call(k);
    gt_buffer_clear(&k->wire);
    return stream;
}

/* ---- messages -------------------------------------------------------------------------------- */

/* Rule M2. */
static void messages_and_frames_share_no_boundaries(void **state)
{
    kit *k = *state;
    int32_t stream = open_answered_call(k);
    gt_buffer bytes = {0};
    gt_message_write(&bytes, gt_bytes_str("one"));
    gt_message_write(&bytes, gt_bytes_str(""));
    gt_message_write(&bytes, gt_bytes_str("three"));
    for (size_t i = 0; i < 10; i++)
        gt_frame_write_data(&k->wire, stream, 0, gt_bytes_of(bytes.data + i, 1));
    gt_frame_write_data(&k->wire, stream, 0, gt_bytes_of(NULL, 0));
    gt_frame_write_data(&k->wire, stream, 0, gt_bytes_of(bytes.data + 10, bytes.size - 10));
    gt_frame_write_data(&k->wire, stream, 0, gt_bytes_of(bytes.data, bytes.size));
    kit_expect_events(k, "HEADERS stream=1\n"
                         "MESSAGE stream=1 \"one\"\n"
                         "MESSAGE stream=1 \"\"\n"
                         "MESSAGE stream=1 \"three\"\n"
                         "MESSAGE stream=1 \"one\"\n"
                         "MESSAGE stream=1 \"\"\n"
                         "MESSAGE stream=1 \"three\"\n");
    gt_buffer_cleanup(&bytes);
}

/* Rule M3. */
static void a_compressed_message_without_an_encoding_is_internal(void **state)
{
    kit *k = *state;
    int32_t stream = open_answered_call(k);
    gt_frame_write_data(&k->wire, stream, 0, gt_bytes_of("\1\0\0\0\1x", 6));
    kit_expect_events(k, "HEADERS stream=1\n"
                         "STATUS stream=1 INTERNAL \"a message is flagged as compressed, but no "
                         "grpc-encoding was named\"\n"
                         "CLOSED stream=1\n");
    kit_expect_frames(k, "RST_STREAM stream=1 CANCEL\n");
}

/* Rule M4c: from the header alone. */
static void an_unsupported_encoding_is_internal_at_once(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k);
    gt_frame_write_headers_text(
        &k->wire, stream, GT_FLAG_END_HEADERS,
        ":status: 200\ncontent-type: application/grpc\ngrpc-encoding: snappy\n");
    kit_expect_events(
        k, "STATUS stream=1 INTERNAL \"the grpc-encoding \\\"snappy\\\" is not supported\"\n"
           "CLOSED stream=1\n");
    kit_expect_frames(k, "RST_STREAM stream=1 CANCEL\n");
}

static void the_identity_encoding_is_plain(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k);
    gt_frame_write_headers_text(&k->wire, stream, GT_FLAG_END_HEADERS,
                                ":status: 200\ncontent-type: application/grpc\n"
                                "grpc-encoding: identity\ngrpc-accept-encoding: identity,gzip\n");
    gt_frame_write_message(&k->wire, stream, 0, gt_bytes_str("hello"));
    kit_expect_events(k, "HEADERS stream=1\nMESSAGE stream=1 \"hello\"\n");
}

static void four_mebibytes_are_the_limit_unless_set(void **state)
{
    kit *k = *state;
    int32_t stream = open_answered_call(k);
    gt_frame_write_data(&k->wire, stream, 0, gt_bytes_of("\0\0\x40\0\1", 5));
    kit_expect_events(k, "HEADERS stream=1\n"
                         "STATUS stream=1 RESOURCE_EXHAUSTED \"a message of 4194305 bytes is "
                         "larger than the limit of 4194304\"\n"
                         "CLOSED stream=1\n");
}

/* What is claimed is not what is taken: a thousand such claims would be 4 GiB. */
static void a_large_claim_is_believed_as_far_as_bytes_come(void **state)
{
    kit *k = *state;
    int32_t stream = open_answered_call(k);
    gt_frame_write_data(&k->wire, stream, 0, gt_bytes_of("\0\0\x40\0\0x", 6));
    kit_feed(k);
    assert_in_range(gt__h2_stream_any(k->h2, stream)->in.capacity, 1, 65536);
}

/* ---- metadata (rules D2-D5) ------------------------------------------------------------------ */

static void write_headers(kit *k, int32_t stream, const char *more)
{
    gt_headers *headers = gt_headers_response(), *added = gt_headers_parse(more);
    gt_headers_join(headers, added);
    gt_frame_write_headers(&k->wire, stream, GT_FLAG_END_HEADERS, headers);
    gt_headers_free(headers);
    gt_headers_free(added);
}

static void keys_and_values_keep_their_order(void **state)
{
    kit *k = *state;
    write_headers(k, open_call(k), "b: 2\na: 1\nb: 1\nb: \n");
    kit_expect_events(k, "HEADERS stream=1\n"
                         "    b: 2\n"
                         "    a: 1\n"
                         "    b: 1\n"
                         "    b:\n");
}

static void binary_values_are_taken_padded_or_not_and_split_on_commas(void **state)
{
    kit *k = *state;
    write_headers(k, open_call(k), "x-bin: AA\nx-bin: AA==\ny-bin: /w==,AP8, \nz-bin: \n");
    kit_expect_events(k, "HEADERS stream=1\n"
                         "    x-bin: \\x00\n"
                         "    x-bin: \\x00\n"
                         "    y-bin: \\xff\n"
                         "    y-bin: \\x00\\xff\n"
                         "    y-bin:\n"
                         "    z-bin:\n");
}

static void odd_values_do_not_kill_the_call(void **state)
{
    kit *k = *state;
    write_headers(k, open_call(k), "utf8: caf\\xc3\\xa9\nspaced: \\x20x\\x20\nline: a\\x0ab\n");
    kit_expect_events(k,
                      "VIOLATION D4 stream=1 the header field \"line\" is not as HTTP allows it\n"
                      "HEADERS stream=1\n"
                      "    utf8: caf\\xc3\\xa9\n"
                      "    spaced: \\x20x\\x20\n"
                      "    line: a\\x0ab\n");
}

static void a_key_that_http_forbids_is_told_and_left_out(void **state)
{
    kit *k = *state;
    write_headers(k, open_call(k), "good: 1\nbad key: 2\n");
    kit_expect_events(
        k, "VIOLATION D4 stream=1 the header field \"bad key\" is not as HTTP allows it\n"
           "HEADERS stream=1\n"
           "    good: 1\n");
}

/* They count like all others, so that they cannot be told without end. */
static void forbidden_keys_count_against_the_limit(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.limits.max_header_list = 160});
    kit_handshake(k);
    write_headers(k, open_call(k), "one key: 1\ntwo keys: 2\n");
    kit_expect_events(
        k, "VIOLATION D4 stream=1 the header field \"one key\" is not as HTTP allows it\n"
           "STATUS stream=1 RESOURCE_EXHAUSTED \"the response's headers are larger than the limit "
           "of 160 bytes\"\n"
           "CLOSED stream=1\n");
}

static void trailers_over_the_limit_are_resource_exhausted(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.limits.max_header_list = 128});
    kit_handshake(k);
    gt_frame_write_headers_text(
        &k->wire, open_answered_call(k), GT_FLAG_END_HEADERS | GT_FLAG_END_STREAM,
        "grpc-status: 0\none: a value\ntwo: another value, which is too much\n");
    kit_expect_events(k, "HEADERS stream=1\n"
                         "STATUS stream=1 RESOURCE_EXHAUSTED \"the trailers are larger than the "
                         "limit of 128 bytes\"\n"
                         "    one: a value\n"
                         "CLOSED stream=1\n");
}

static void headers_in_pieces_of_one_byte_are_read(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k);
    gt_headers *headers = gt_headers_trailers_only(GT_NOT_FOUND, "no");
    gt_frame_write_headers_with(&k->wire, stream, GT_FLAG_END_HEADERS | GT_FLAG_END_STREAM, headers,
                                &(gt_block_options){.split = 1});
    kit_expect_events(k, "STATUS stream=1 NOT_FOUND \"no\" trailers-only\nCLOSED stream=1\n");
    gt_headers_free(headers);
}

/* ---- credit (rules H5, H6) ------------------------------------------------------------------- */

/* 32,768 bytes are half of the stream's window: then nghttp2 gives it back. */
static void write_half_a_window(kit *k, int32_t stream)
{
    static const uint8_t zeros[16379];
    for (int i = 0; i < 2; i++)
        gt_frame_write_message(&k->wire, stream, 0, gt_bytes_of(zeros, sizeof zeros));
}

static void nothing_is_credited_until_messages_are_taken(void **state)
{
    kit *k = *state;
    k->keep_credit = true;
    int32_t stream = open_answered_call(k);
    write_half_a_window(k, stream);
    kit_expect_frames(k, "");
    gt__h2_taken(k->h2, stream, 16384);
    kit_expect_frames(k, "");
    gt__h2_taken(k->h2, stream, 16384);
    kit_expect_frames(k, "WINDOW_UPDATE stream=1 increment=32768\n");
}

static void a_message_that_is_waited_for_is_credited_as_it_comes(void **state)
{
    kit *k = *state;
    static const uint8_t zeros[16384];
    int32_t stream = open_answered_call(k);
    gt_frame_write_data(&k->wire, stream, 0, gt_bytes_of("\0\0\1\0\0", 5));
    gt_frame_write_data(&k->wire, stream, 0, gt_bytes_of(zeros, sizeof zeros));
    kit_expect_frames(k, "");
    gt__h2_want(k->h2, stream);
    gt_frame_write_data(&k->wire, stream, 0, gt_bytes_of(zeros, sizeof zeros));
    kit_feed(k);
    assert_non_null(strstr(gt_buffer_text(&k->frames), "WINDOW_UPDATE stream=1 increment="));
}

/* Rule M8: what to make of a second message is not known before the status; it must not stop it. */
static void surplus_messages_of_a_unary_response_are_credited(void **state)
{
    kit *k = *state;
    k->keep_credit = true;
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER, .unary_response = true};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(k->h2, &request, 0, NULL, &stream), 0);
    kit_feed(k);
    gt_frame_write_response(&k->wire, stream);
    gt_frame_write_message(&k->wire, stream, 0, gt_bytes_str("first"));
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    write_half_a_window(k, stream);
    kit_expect_frames(k, "WINDOW_UPDATE stream=1 increment=32768\n");
}

static void a_body_that_is_not_grpc_is_credited(void **state)
{
    kit *k = *state;
    k->keep_credit = true;
    int32_t stream = open_call(k);
    gt_frame_write_headers_text(&k->wire, stream, GT_FLAG_END_HEADERS,
                                ":status: 503\ncontent-type: text/html\n");
    write_half_a_window(k, stream);
    kit_feed(k);
    assert_non_null(strstr(gt_buffer_text(&k->frames), "WINDOW_UPDATE stream=1 increment=3276"));
}

/* 256 bytes each, the octet that gives the length among them: half a window. */
static void padding_is_credited_although_no_message_is_taken(void **state)
{
    kit *k = *state;
    k->keep_credit = true;
    int32_t stream = open_answered_call(k);
    for (int i = 0; i < 128; i++)
        gt_frame_write_data_padded(&k->wire, stream, 0, gt_bytes_of(NULL, 0), 255);
    kit_feed(k);
    assert_non_null(strstr(gt_buffer_text(&k->frames), "WINDOW_UPDATE stream=1 increment=3276"));
}

/* Half of the connection's 1 MiB comes over streams that nobody reads. */
static void the_connection_is_credited_whoever_reads(void **state)
{
    kit *k = *state;
    k->keep_credit = true;
    for (int i = 0; i < 16; i++)
        write_half_a_window(k, open_answered_call(k));
    kit_expect_frames(k, "WINDOW_UPDATE increment=524288\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLIENT_TEST(messages_and_frames_share_no_boundaries),
        CLIENT_TEST(a_compressed_message_without_an_encoding_is_internal),
        CLIENT_TEST(an_unsupported_encoding_is_internal_at_once),
        CLIENT_TEST(the_identity_encoding_is_plain),
        CLIENT_TEST(four_mebibytes_are_the_limit_unless_set),
        CLIENT_TEST(a_large_claim_is_believed_as_far_as_bytes_come),
        CLIENT_TEST(keys_and_values_keep_their_order),
        CLIENT_TEST(binary_values_are_taken_padded_or_not_and_split_on_commas),
        CLIENT_TEST(odd_values_do_not_kill_the_call),
        CLIENT_TEST(a_key_that_http_forbids_is_told_and_left_out),
        CLIENT_TEST(forbidden_keys_count_against_the_limit),
        CLIENT_TEST(trailers_over_the_limit_are_resource_exhausted),
        CLIENT_TEST(headers_in_pieces_of_one_byte_are_read),
        CLIENT_TEST(nothing_is_credited_until_messages_are_taken),
        CLIENT_TEST(a_message_that_is_waited_for_is_credited_as_it_comes),
        CLIENT_TEST(surplus_messages_of_a_unary_response_are_credited),
        CLIENT_TEST(a_body_that_is_not_grpc_is_credited),
        CLIENT_TEST(padding_is_credited_although_no_message_is_taken),
        CLIENT_TEST(the_connection_is_credited_whoever_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
