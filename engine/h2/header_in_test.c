/* Header fields on their way in: rules D2 to D5. */
#include "test_kit.h"

#define REQUEST "REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc\n"

/* The standard request with these fields after its own. */
static void write_request_with(kit *k, const char *lines)
{
    gt_headers *headers = gt_headers_request("/a.B/C"), *more = gt_headers_parse(lines);
    gt_headers_join(headers, more);
    gt_frame_write_headers(&k->wire, 1, GT_FLAG_END_HEADERS, headers);
    gt_headers_free(headers);
    gt_headers_free(more);
}

static void open_call(kit *k)
{
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(k->h2, &request, 0, NULL, &stream), 0);
    gt__h2_half_close(k->h2, stream);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
}

/* ---- D3: order ---- */

static void metadata_keeps_the_order_of_keys_and_values(void **state)
{
    kit *k = *state;
    write_request_with(k, "b: 1\na: 2\nb: 3\nc:\na: 4\n");
    kit_expect_events(k, REQUEST "    b: 1\n    a: 2\n    b: 3\n    c:\n    a: 4\n");
}

static void what_is_not_metadata_is_left_out(void **state)
{
    kit *k = *state;
    write_request_with(k, "x: y\n"
                          "grpc-encoding: identity\n"
                          "grpc-accept-encoding: gzip\n"
                          "grpc-timeout: 1S\n");
    kit_expect_events(k, "REQUEST stream=1 /a.B/C authority=localhost "
                         "content-type=application/grpc deadline=1000000000\n"
                         "    x: y\n");
}

/* ---- D2: "-bin" ---- */

static void binary_values_are_decoded_padded_or_not(void **state)
{
    kit *k = *state;
    write_request_with(k, "a-bin: AAEC/w==\nb-bin: AAEC/w\nc-bin:\n");
    kit_expect_events(k, REQUEST "    a-bin: \\x00\\x01\\x02\\xff\n"
                                 "    b-bin: \\x00\\x01\\x02\\xff\n"
                                 "    c-bin:\n");
}

static void binary_values_are_split_on_commas_first(void **state)
{
    kit *k = *state;
    write_request_with(k, "a-bin: YQ,Yg==, Yw\nb: 1,2\n");
    kit_expect_events(k, REQUEST "    a-bin: a\n    a-bin: b\n    a-bin: c\n    b: 1,2\n");
}

static void a_request_with_a_value_that_is_not_base64_is_internal(void **state)
{
    kit *k = *state;
    write_request_with(k, "a-bin: ?\n");
    kit_expect_events(k, "VIOLATION D2 stream=1 the value of \"a-bin\" is not base64\n");
    kit_expect_frames(k, "HEADERS stream=1 END_STREAM END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc\n"
                         "    grpc-status: 13\n"
                         "    grpc-message: the value of \"a-bin\" is not base64\n"
                         "RST_STREAM stream=1 NO_ERROR\n");
}

static void a_response_with_a_value_that_is_not_base64_is_internal(void **state)
{
    kit *k = *state;
    open_call(k);
    gt_headers *headers = gt_headers_response();
    gt_headers_add(headers, "a-bin", "A");
    gt_frame_write_headers(&k->wire, 1, GT_FLAG_END_HEADERS, headers);
    gt_headers_free(headers);
    kit_expect_events(k, "STATUS stream=1 INTERNAL \"the value of \\\"a-bin\\\" is not base64\"\n"
                         "CLOSED stream=1\n");
    kit_expect_frames(k, "RST_STREAM stream=1 CANCEL\n");
}

static void trailers_with_a_value_that_is_not_base64_are_internal(void **state)
{
    kit *k = *state;
    open_call(k);
    gt_frame_write_response(&k->wire, 1);
    gt_headers *trailers = gt_headers_trailers(GT_OK, NULL);
    gt_headers_add(trailers, "a-bin", "YQ=");
    gt_frame_write_headers(&k->wire, 1, GT_FLAG_END_STREAM | GT_FLAG_END_HEADERS, trailers);
    gt_headers_free(trailers);
    kit_expect_events(k, "HEADERS stream=1\n"
                         "STATUS stream=1 INTERNAL \"the value of \\\"a-bin\\\" is not base64\"\n"
                         "CLOSED stream=1\n");
}

static void metadata_comes_in_headers_and_in_trailers(void **state)
{
    kit *k = *state;
    open_call(k);
    gt_headers *headers = gt_headers_response();
    gt_headers_add(headers, "h", "1");
    gt_headers_add(headers, "h-bin", "AA");
    gt_frame_write_headers(&k->wire, 1, GT_FLAG_END_HEADERS, headers);
    gt_headers_free(headers);
    gt_headers *trailers = gt_headers_trailers(GT_ABORTED, "no");
    gt_headers_add(trailers, "t", "2");
    gt_headers_add(trailers, "t-bin", "/w,/g");
    gt_frame_write_headers(&k->wire, 1, GT_FLAG_END_STREAM | GT_FLAG_END_HEADERS, trailers);
    gt_headers_free(trailers);
    kit_expect_events(k, "HEADERS stream=1\n"
                         "    h: 1\n"
                         "    h-bin: \\x00\n"
                         "STATUS stream=1 ABORTED \"no\"\n"
                         "    t: 2\n"
                         "    t-bin: \\xff\n"
                         "    t-bin: \\xfe\n"
                         "CLOSED stream=1\n");
}

/* ---- D4: values that are not as they should be ---- */

static void values_that_are_not_ascii_do_not_kill_the_call(void **state)
{
    kit *k = *state;
    write_request_with(k, "x: k\\xc3\\xa4se \\xff\n");
    kit_expect_events(k, REQUEST "    x: k\\xc3\\xa4se \\xff\n");
}

static void values_that_http_forbids_do_not_kill_the_call_but_are_told(void **state)
{
    kit *k = *state;
    write_request_with(k, "x: a\\x01b\n");
    kit_expect_events(
        k, "VIOLATION D4 stream=1 the header field \"x\" is not as HTTP allows it\n" REQUEST
           "    x: a\\x01b\n");
}

static void spaces_at_the_edges_of_a_value_survive(void **state)
{
    kit *k = *state;
    write_request_with(k, "x: \\x20 both \\x20\n");
    kit_expect_events(k, REQUEST "    x: \\x20 both \\x20\n");
}

static void a_message_keeps_the_space_at_its_end(void **state)
{
    kit *k = *state;
    open_call(k);
    gt_frame_write_trailers_only(&k->wire, 1, GT_ABORTED, "hello ");
    kit_expect_events(k, "STATUS stream=1 ABORTED \"hello \" trailers-only\nCLOSED stream=1\n");
}

/* ---- D5: size ---- */

/* A request whose list counts exactly `size` bytes, in frames of at most 16 KiB. */
static void write_request_of_size(kit *k, size_t size)
{
    gt_headers *headers = gt_headers_request("/a.B/C");
    gt_buffer value = {0};
    size_t left = size - gt_headers_size(headers) - 32 - 1;
    memset(gt__buffer_extend(&value, left), '~', left);
    gt_headers_add(headers, "x", gt_buffer_text(&value));
    assert_int_equal(gt_headers_size(headers), size);
    gt_frame_write_headers_with(&k->wire, 1, GT_FLAG_END_HEADERS, headers,
                                &(gt_block_options){.split = 16384});
    gt_buffer_cleanup(&value);
    gt_headers_free(headers);
}

static void headers_up_to_the_limit_come_through_continuations(void **state)
{
    kit *k = *state;
    write_request_of_size(k, 65536);
    kit_expect_events(k, REQUEST "    x: ~~~*\n");
}

static void headers_over_the_limit_are_resource_exhausted(void **state)
{
    kit *k = *state;
    write_request_of_size(k, 65537);
    kit_expect_events(k, "VIOLATION D5 stream=1 the request's headers are larger than the limit\n");
    kit_expect_frames(k, "HEADERS stream=1 END_STREAM END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc\n"
                         "    grpc-status: 8\n"
                         "    grpc-message: the request's headers are larger than the limit\n"
                         "RST_STREAM stream=1 NO_ERROR\n");
}

static void a_connection_outlives_headers_over_the_limit(void **state)
{
    kit *k = *state;
    gt_headers *headers = gt_headers_request("/a.B/C");
    gt_buffer value = {0};
    memset(gt__buffer_extend(&value, 10000), '~', 10000);
    for (int i = 0; i < 20; i++)
        gt_headers_add(headers, "x", gt_buffer_text(&value));
    gt_frame_write_headers_with(&k->wire, 1, GT_FLAG_END_HEADERS, headers,
                                &(gt_block_options){.split = 16384});
    kit_write_request(k, 3);
    kit_expect_events(
        k, "VIOLATION D5 stream=1 the request's headers are larger than the limit\n"
           "REQUEST stream=3 /a.B/C authority=localhost content-type=application/grpc\n");
    gt_buffer_cleanup(&value);
    gt_headers_free(headers);
}

/* Whatever the pieces: nghttp2 would count a CONTINUATION once for every call that brings a byte of
 * its header. */
static void a_header_may_come_in_a_hundred_continuations(void **state)
{
    kit *k = *state;
    gt_headers *headers = gt_headers_request("/a.B/C");
    gt_headers_add(headers, "x", "0123456789");
    gt_frame_write_headers_with(&k->wire, 1, GT_FLAG_END_HEADERS, headers,
                                &(gt_block_options){.split = 1});
    gt_headers_free(headers);
    kit_expect_events(k, REQUEST "    x: 0123456789\n");
}

/* A list of 282 bytes each, so that two fit. HPACK makes such lists out of a byte for each field.
 */
static void the_headers_of_all_open_calls_have_a_limit(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.limits.max_open_headers = 600});
    kit_handshake(k);
    kit_write_request(k, 1);
    kit_write_request(k, 3);
    kit_feed(k);
    gt_buffer_clear(&k->wire);
    kit_write_request(k, 5);
    kit_expect_events(
        k, REQUEST
        "REQUEST stream=3 /a.B/C authority=localhost content-type=application/grpc\n"
        "VIOLATION D5 stream=5 the headers of the calls that are open are larger than the limit\n");
    kit_expect_frames(k, "HEADERS stream=5 END_STREAM END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc\n"
                         "    grpc-status: 8\n"
                         "    grpc-message: the headers of the calls that are open are larger than "
                         "the limit\n"
                         "RST_STREAM stream=5 NO_ERROR\n");
}

static void a_call_that_is_over_makes_room_for_headers(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.limits.max_open_headers = 300});
    kit_handshake(k);
    kit_write_request(k, 1);
    gt_frame_write_rst_stream(&k->wire, 1, GT_H2_CANCEL);
    kit_expect_events(k, REQUEST "ABORTED stream=1 CANCELLED *\nCLOSED stream=1\n");
    kit_write_request(k, 3);
    kit_expect_events(
        k, "REQUEST stream=3 /a.B/C authority=localhost content-type=application/grpc\n");
}

static void response_headers_over_the_limit_are_resource_exhausted(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.limits.max_header_list = 100});
    kit_handshake(k);
    open_call(k);
    gt_headers *headers = gt_headers_response();
    gt_headers_add(headers, "x", "y");
    gt_frame_write_headers(&k->wire, 1, GT_FLAG_END_HEADERS, headers);
    gt_headers_free(headers);
    kit_expect_events(k, "STATUS stream=1 RESOURCE_EXHAUSTED \"the response's headers are larger "
                         "than the limit of 100 bytes\"\n"
                         "CLOSED stream=1\n");
    kit_expect_frames(k, "RST_STREAM stream=1 CANCEL\n");
}

static void a_field_that_comes_256_times_is_not_one_that_is_absent(void **state)
{
    kit *k = *state;
    gt_buffer lines = {0};
    for (int i = 0; i < 255; i++)
        gt__buffer_add_text(&lines, "te: trailers\n");
    write_request_with(k, gt_buffer_text(&lines));
    kit_expect_events(k, REQUEST);
    gt_buffer_cleanup(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(metadata_keeps_the_order_of_keys_and_values),
        SERVER_TEST(what_is_not_metadata_is_left_out),
        SERVER_TEST(binary_values_are_decoded_padded_or_not),
        SERVER_TEST(binary_values_are_split_on_commas_first),
        SERVER_TEST(a_request_with_a_value_that_is_not_base64_is_internal),
        CLIENT_TEST(a_response_with_a_value_that_is_not_base64_is_internal),
        CLIENT_TEST(trailers_with_a_value_that_is_not_base64_are_internal),
        CLIENT_TEST(metadata_comes_in_headers_and_in_trailers),
        SERVER_TEST(values_that_are_not_ascii_do_not_kill_the_call),
        SERVER_TEST(values_that_http_forbids_do_not_kill_the_call_but_are_told),
        SERVER_TEST(spaces_at_the_edges_of_a_value_survive),
        CLIENT_TEST(a_message_keeps_the_space_at_its_end),
        SERVER_TEST(headers_up_to_the_limit_come_through_continuations),
        SERVER_TEST(headers_over_the_limit_are_resource_exhausted),
        SERVER_TEST(a_connection_outlives_headers_over_the_limit),
        SERVER_TEST(a_header_may_come_in_a_hundred_continuations),
        SERVER_TEST(the_headers_of_all_open_calls_have_a_limit),
        SERVER_TEST(a_call_that_is_over_makes_room_for_headers),
        CLIENT_TEST(response_headers_over_the_limit_are_resource_exhausted),
        SERVER_TEST(a_field_that_comes_256_times_is_not_one_that_is_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
