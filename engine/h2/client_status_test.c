/* What a client makes of how a response ends: rules T2, T3, T5-T11, M7, C2, on literal frames.
 */
#include "test_kit.h"

#include <stdio.h>

/* A stream whose request is sent and ended. */
static int32_t open_call(kit *k, bool unary)
{
    const gt__h2_request request = {
        .path = "/a.B/C", .deadline = GT_NEVER, .unary_response = unary};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(k->h2, &request, 0, NULL, &stream), 0);
    gt__h2_half_close(k->h2, stream);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    return stream;
}

static const uint8_t END_BOTH = GT_FLAG_END_HEADERS | GT_FLAG_END_STREAM;

/* A response that is one HEADERS frame of these lines. */
static void write_only(kit *k, const char *lines)
{
    gt_frame_write_headers_text(&k->wire, open_call(k, false), END_BOTH, lines);
}

/* Response headers, and then trailers of these lines. */
static void write_trailers(kit *k, const char *lines)
{
    int32_t stream = open_call(k, false);
    gt_frame_write_response(&k->wire, stream);
    gt_frame_write_headers_text(&k->wire, stream, END_BOTH, lines);
}

/* ---- trailers-only (rule T2) ----------------------------------------------------------------- */

static void trailers_only_is_a_status_with_metadata(void **state)
{
    kit *k = *state;
    write_only(k, ":status: 200\ncontent-type: application/grpc\ngrpc-status: 5\n"
                  "grpc-message: no such user\nx-key: value\n");
    kit_expect_events(k, "STATUS stream=1 NOT_FOUND \"no such user\" trailers-only\n"
                         "    x-key: value\n"
                         "CLOSED stream=1\n");
}

/* ---- grpc-message (rule T3) ------------------------------------------------------------------ */

static void a_message_is_percent_decoded_and_broken_escapes_stay(void **state)
{
    kit *k = *state;
    write_trailers(k, "grpc-status: 13\ngrpc-message: caf%C3%A9 100% %2 %zz%0A\n");
    kit_expect_events(k, "HEADERS stream=1\n"
                         "VIOLATION T3 stream=1 grpc-message is not percent-coded\n"
                         "STATUS stream=1 INTERNAL \"caf\\xc3\\xa9 100% %2 %zz\\x0a\"\n"
                         "CLOSED stream=1\n");
}

static void a_message_that_is_coded_is_no_violation(void **state)
{
    kit *k = *state;
    write_trailers(k, "grpc-status: 13\ngrpc-message: 100%25 caf%c3%A9~ \n");
    kit_expect_events(k, "HEADERS stream=1\n"
                         "STATUS stream=1 INTERNAL \"100% caf\\xc3\\xa9~ \"\n"
                         "CLOSED stream=1\n");
}

static void a_message_with_raw_bytes_is_taken_with_a_violation(void **state)
{
    kit *k = *state;
    write_trailers(k, "grpc-status: 13\ngrpc-message: caf\\xc3\\xa9\n");
    kit_expect_events(k, "HEADERS stream=1\n"
                         "VIOLATION T3 stream=1 grpc-message is not percent-coded\n"
                         "STATUS stream=1 INTERNAL \"caf\\xc3\\xa9\"\n"
                         "CLOSED stream=1\n");
}

/* Rule T4. */
static void details_are_decoded(void **state)
{
    kit *k = *state;
    write_trailers(k, "grpc-status: 3\ngrpc-status-details-bin: CAMSAm5v\n");
    kit_expect_events(k,
                      "HEADERS stream=1\n"
                      "STATUS stream=1 INVALID_ARGUMENT \"\" details \"\\x08\\x03\\x12\\x02no\"\n"
                      "CLOSED stream=1\n");
}

static void details_that_are_not_base64_end_as_internal(void **state)
{
    kit *k = *state;
    write_trailers(k, "grpc-status: 3\ngrpc-status-details-bin: ?\n");
    kit_expect_events(k,
                      "HEADERS stream=1\n"
                      "STATUS stream=1 INTERNAL \"the value of \\\"grpc-status-details-bin\\\" is "
                      "not base64\"\n"
                      "CLOSED stream=1\n");
}

/* ---- no grpc-status (rules T5, T6) ----------------------------------------------------------- */

static void a_stream_that_ends_on_data_is_unknown(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k, false);
    gt_frame_write_response(&k->wire, stream);
    gt_frame_write_message(&k->wire, stream, GT_FLAG_END_STREAM, gt_bytes_str("hello"));
    kit_expect_events(k, "HEADERS stream=1\n"
                         "MESSAGE stream=1 \"hello\"\n"
                         "STATUS stream=1 UNKNOWN \"the stream ended without grpc-status\"\n"
                         "CLOSED stream=1\n");
}

static void trailers_without_grpc_status_are_unknown(void **state)
{
    kit *k = *state;
    write_trailers(k, "x-key: value\n");
    kit_expect_events(k, "HEADERS stream=1\n"
                         "STATUS stream=1 UNKNOWN \"the stream ended without grpc-status\"\n"
                         "    x-key: value\n"
                         "CLOSED stream=1\n");
}

static void http_statuses_have_their_codes(void **state)
{
    kit *k = *state;
    static const struct {
        int http;
        const char *code;
    } cases[] = {
        {400, "INTERNAL"},      {401, "UNAUTHENTICATED"}, {403, "PERMISSION_DENIED"},
        {404, "UNIMPLEMENTED"}, {429, "UNAVAILABLE"},     {502, "UNAVAILABLE"},
        {503, "UNAVAILABLE"},   {504, "UNAVAILABLE"},     {500, "UNKNOWN"},
        {418, "UNKNOWN"},       {302, "UNKNOWN"},         {200, "UNKNOWN"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        kit_restart(k, NULL);
        kit_handshake(k);
        char lines[64], expected[256], said[64];
        snprintf(lines, sizeof lines, ":status: %d\n", cases[i].http);
        snprintf(said, sizeof said, "the peer answered with HTTP status %d and no grpc-status",
                 cases[i].http);
        snprintf(expected, sizeof expected,
                 "STATUS stream=1 %s \"%s\" trailers-only\nCLOSED stream=1\n", cases[i].code,
                 cases[i].http == 200 ? "the stream ended without grpc-status" : said);
        write_only(k, lines);
        kit_expect_events(k, expected);
    }
}

static void a_body_that_is_not_grpc_is_not_read_as_messages(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k, false);
    gt_frame_write_headers_text(&k->wire, stream, GT_FLAG_END_HEADERS,
                                ":status: 503\ncontent-type: text/html\n");
    gt_frame_write_data(&k->wire, stream, GT_FLAG_END_STREAM, gt_bytes_str("<html>sorry</html>"));
    kit_expect_events(k, "HEADERS stream=1\n"
                         "STATUS stream=1 UNAVAILABLE \"the peer answered with HTTP status 503 and "
                         "no grpc-status\"\n"
                         "CLOSED stream=1\n");
}

static void a_web_page_with_status_200_is_unknown(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k, true);
    gt_frame_write_headers_text(&k->wire, stream, GT_FLAG_END_HEADERS,
                                ":status: 200\ncontent-type: text/html\n");
    gt_frame_write_data(&k->wire, stream, GT_FLAG_END_STREAM, gt_bytes_str("<html>hi</html>"));
    kit_expect_events(k, "HEADERS stream=1\n"
                         "STATUS stream=1 UNKNOWN \"the stream ended without grpc-status, and its "
                         "content-type is not gRPC's\"\n"
                         "CLOSED stream=1\n");
}

static void grpc_status_wins_over_the_http_status(void **state)
{
    kit *k = *state;
    write_only(k, ":status: 503\ncontent-type: application/grpc\ngrpc-status: 5\n");
    kit_expect_events(k, "VIOLATION T6 stream=1 grpc-status came with the HTTP status 503\n"
                         "STATUS stream=1 NOT_FOUND \"\" trailers-only\n"
                         "CLOSED stream=1\n");
}

static void grpc_status_wins_over_a_foreign_content_type(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k, false);
    gt_frame_write_headers_text(&k->wire, stream, GT_FLAG_END_HEADERS,
                                ":status: 200\ncontent-type: text/plain\n");
    gt_frame_write_trailers(&k->wire, stream, GT_ABORTED, "again");
    kit_expect_events(k, "HEADERS stream=1\n"
                         "VIOLATION T6 stream=1 grpc-status came in a response whose content-type "
                         "is not gRPC's\n"
                         "STATUS stream=1 ABORTED \"again\"\n"
                         "CLOSED stream=1\n");
}

static void trailers_only_of_a_foreign_content_type_is_a_violation(void **state)
{
    kit *k = *state;
    write_only(k, ":status: 200\ncontent-type: application/json\ngrpc-status: 5\n");
    kit_expect_events(k, "VIOLATION T6 stream=1 grpc-status came in a response whose content-type "
                         "is not gRPC's\n"
                         "STATUS stream=1 NOT_FOUND \"\" trailers-only\n"
                         "CLOSED stream=1\n");
}

static void trailers_only_without_content_type_is_a_violation(void **state)
{
    kit *k = *state;
    write_only(k, ":status: 200\ngrpc-status: 5\n");
    kit_expect_events(k, "VIOLATION T2 stream=1 the response has no content-type\n"
                         "STATUS stream=1 NOT_FOUND \"\" trailers-only\n"
                         "CLOSED stream=1\n");
}

/* ---- what grpc-status may be (rule T7) ------------------------------------------------------- */

static void a_status_that_is_no_code_is_unknown(void **state)
{
    kit *k = *state;
    static const char *const texts[] = {"17", "-1", "abc", "1x", "99999999999999999999"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        kit_restart(k, NULL);
        kit_handshake(k);
        char lines[64], expected[256];
        snprintf(lines, sizeof lines, "grpc-status: %s\ngrpc-message: odd\n", texts[i]);
        snprintf(expected, sizeof expected,
                 "HEADERS stream=1\n"
                 "VIOLATION T7 stream=1 grpc-status is \"%s\", not a number from 0 to 16\n"
                 "STATUS stream=1 UNKNOWN \"odd\"\n"
                 "CLOSED stream=1\n",
                 texts[i]);
        write_trailers(k, lines);
        kit_expect_events(k, expected);
    }
}

static void a_status_with_leading_zeros_is_a_number_and_a_violation(void **state)
{
    kit *k = *state;
    write_trailers(k, "grpc-status: 00\n");
    kit_expect_events(k, "HEADERS stream=1\n"
                         "VIOLATION T7 stream=1 grpc-status is \"00\", not a number from 0 to 16\n"
                         "STATUS stream=1 OK \"\"\n"
                         "CLOSED stream=1\n");
}

/* ---- headers in odd places (rules T8, T9) ---------------------------------------------------- */

static void grpc_status_in_headers_that_do_not_end_is_ignored(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k, false);
    gt_frame_write_headers_text(
        &k->wire, stream, GT_FLAG_END_HEADERS,
        ":status: 200\ncontent-type: application/grpc\ngrpc-status: 5\nx-key: value\n");
    gt_frame_write_trailers(&k->wire, stream, GT_OK, NULL);
    kit_expect_events(
        k, "VIOLATION T8 stream=1 grpc-status came in headers that do not end the stream\n"
           "HEADERS stream=1\n"
           "    x-key: value\n"
           "STATUS stream=1 OK \"\"\n"
           "CLOSED stream=1\n");
}

static void grpc_status_in_headers_is_no_status_of_the_call(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k, false);
    gt_frame_write_headers_text(&k->wire, stream, GT_FLAG_END_HEADERS,
                                ":status: 200\ncontent-type: application/grpc\ngrpc-status: 0\n");
    gt_frame_write_message(&k->wire, stream, GT_FLAG_END_STREAM, gt_bytes_str("hello"));
    kit_expect_events(
        k, "VIOLATION T8 stream=1 grpc-status came in headers that do not end the stream\n"
           "HEADERS stream=1\n"
           "MESSAGE stream=1 \"hello\"\n"
           "STATUS stream=1 UNKNOWN \"the stream ended without grpc-status\"\n"
           "CLOSED stream=1\n");
}

static void trailers_that_do_not_end_the_stream_are_internal(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k, false);
    gt_frame_write_response(&k->wire, stream);
    gt_frame_write_headers_text(&k->wire, stream, GT_FLAG_END_HEADERS, "grpc-status: 0\n");
    kit_expect_events(k, "HEADERS stream=1\n"
                         "STATUS stream=1 INTERNAL \"the peer broke HTTP/2: *\n"
                         "CLOSED stream=1\n");
    kit_expect_frames(k, "RST_STREAM stream=1 PROTOCOL_ERROR\n");
}

static void headers_in_mid_stream_end_it_as_internal(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k, false);
    gt_frame_write_response(&k->wire, stream);
    gt_frame_write_message(&k->wire, stream, 0, gt_bytes_str("hello"));
    gt_frame_write_response(&k->wire, stream);
    kit_expect_events(k, "HEADERS stream=1\n"
                         "MESSAGE stream=1 \"hello\"\n"
                         "STATUS stream=1 INTERNAL \"the peer broke HTTP/2: Invalid HTTP header "
                         "field was received\"\n"
                         "CLOSED stream=1\n");
    kit_expect_frames(k, "RST_STREAM stream=1 PROTOCOL_ERROR\n");
}

static void informational_responses_are_skipped(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k, false);
    gt_frame_write_headers_text(&k->wire, stream, GT_FLAG_END_HEADERS, ":status: 103\nlink: x\n");
    gt_frame_write_headers_text(&k->wire, stream, GT_FLAG_END_HEADERS, ":status: 100\n");
    gt_frame_write_response(&k->wire, stream);
    gt_frame_write_message(&k->wire, stream, 0, gt_bytes_str("hello"));
    gt_frame_write_trailers(&k->wire, stream, GT_OK, NULL);
    kit_expect_events(k, "HEADERS stream=1\n"
                         "MESSAGE stream=1 \"hello\"\n"
                         "STATUS stream=1 OK \"\"\n"
                         "CLOSED stream=1\n");
}

static void trailers_only_after_an_informational_response(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k, false);
    gt_frame_write_headers_text(&k->wire, stream, GT_FLAG_END_HEADERS, ":status: 100\n");
    gt_frame_write_trailers_only(&k->wire, stream, GT_NOT_FOUND, "no");
    kit_expect_events(k, "STATUS stream=1 NOT_FOUND \"no\" trailers-only\nCLOSED stream=1\n");
}

static void a_response_without_content_type_is_a_violation(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k, false);
    gt_frame_write_headers_text(&k->wire, stream, GT_FLAG_END_HEADERS, ":status: 200\n");
    gt_frame_write_message(&k->wire, stream, 0, gt_bytes_str("hello"));
    gt_frame_write_trailers(&k->wire, stream, GT_OK, NULL);
    kit_expect_events(k, "VIOLATION T1 stream=1 the response has no content-type\n"
                         "HEADERS stream=1\n"
                         "MESSAGE stream=1 \"hello\"\n"
                         "STATUS stream=1 OK \"\"\n"
                         "CLOSED stream=1\n");
}

/* ---- resets (rule T10) ----------------------------------------------------------------------- */

static void reset_codes_have_their_statuses(void **state)
{
    kit *k = *state;
    static const struct {
        uint32_t reset;
        const char *code, *more;
    } cases[] = {
        {GT_H2_NO_ERROR, "INTERNAL", ""},
        {GT_H2_PROTOCOL_ERROR, "INTERNAL", ""},
        {GT_H2_INTERNAL_ERROR, "INTERNAL", ""},
        {GT_H2_FLOW_CONTROL_ERROR, "INTERNAL", ""},
        {GT_H2_REFUSED_STREAM, "UNAVAILABLE", " unseen"},
        {GT_H2_CANCEL, "CANCELLED", ""},
        {GT_H2_ENHANCE_YOUR_CALM, "RESOURCE_EXHAUSTED", ""},
        {GT_H2_INADEQUATE_SECURITY, "PERMISSION_DENIED", ""},
        {GT_H2_HTTP_1_1_REQUIRED, "INTERNAL", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        kit_restart(k, NULL);
        kit_handshake(k);
        const char *name = gt_h2_error_name(cases[i].reset);
        char expected[256];
        snprintf(expected, sizeof expected,
                 "STATUS stream=1 %s \"the peer reset the stream with %s\"%s reset=%s\n"
                 "CLOSED stream=1\n",
                 cases[i].code, name, cases[i].more, name);
        gt_frame_write_rst_stream(&k->wire, open_call(k, false), cases[i].reset);
        kit_expect_events(k, expected);
    }
}

static void a_reset_after_trailers_is_ignored(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k, false);
    gt_frame_write_trailers_only(&k->wire, stream, GT_NOT_FOUND, "no");
    gt_frame_write_rst_stream(&k->wire, stream, GT_H2_CANCEL);
    kit_expect_events(k, "STATUS stream=1 NOT_FOUND \"no\" trailers-only\nCLOSED stream=1\n");
}

/* Before the half-close, and so before we could close the stream ourselves. */
static void a_reset_that_comes_with_the_trailers_is_ignored(void **state)
{
    kit *k = *state;
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(k->h2, &request, 0, NULL, &stream), 0);
    kit_feed(k);
    gt_frame_write_trailers_only(&k->wire, stream, GT_NOT_FOUND, "no");
    gt_frame_write_rst_stream(&k->wire, stream, GT_H2_NO_ERROR);
    kit_expect_events(k, "STATUS stream=1 NOT_FOUND \"no\" trailers-only\nCLOSED stream=1\n");
}

/* ---- a status before the half-close (rule T11) ----------------------------------------------- */

static void a_status_before_the_half_close_is_answered_by_a_reset(void **state)
{
    kit *k = *state;
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(k->h2, &request, 0, NULL, &stream), 0);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    gt_frame_write_trailers_only(&k->wire, stream, GT_NOT_FOUND, "no");
    kit_expect_events(k, "STATUS stream=1 NOT_FOUND \"no\" trailers-only\nCLOSED stream=1\n");
    kit_expect_frames(k, "RST_STREAM stream=1 NO_ERROR\n");
}

static void what_comes_after_our_reset_is_not_delivered(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k, false);
    gt_frame_write_response(&k->wire, stream);
    kit_feed(k);
    gt__h2_reset(k->h2, stream, GT_H2_CANCEL);
    gt_frame_write_message(&k->wire, stream, 0, gt_bytes_str("late"));
    gt_frame_write_trailers(&k->wire, stream, GT_OK, NULL);
    kit_expect_events(k, "HEADERS stream=1\nCLOSED stream=1\n");
    kit_expect_frames(k, "RST_STREAM stream=1 CANCEL\n");
}

/* ---- messages and the status (rule M7) ------------------------------------------------------- */

static void a_stream_that_ends_inside_a_prefix_is_internal(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k, false);
    gt_frame_write_response(&k->wire, stream);
    gt_frame_write_data(&k->wire, stream, GT_FLAG_END_STREAM, gt_bytes_of("\0\0", 2));
    kit_expect_events(k, "HEADERS stream=1\n"
                         "STATUS stream=1 INTERNAL \"the stream ended inside a message\"\n"
                         "CLOSED stream=1\n");
}

static void a_page_without_a_content_type_is_told_by_its_http_status(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k, false);
    gt_frame_write_headers_text(&k->wire, stream, GT_FLAG_END_HEADERS, ":status: 404\n");
    gt_frame_write_data(&k->wire, stream, GT_FLAG_END_STREAM, gt_bytes_str("no such page"));
    kit_expect_events(k, "HEADERS stream=1\n"
                         "STATUS stream=1 UNIMPLEMENTED \"the peer answered with HTTP status 404 "
                         "and no grpc-status\"\n"
                         "CLOSED stream=1\n");
}

/* What the peer says before it has heard of our reset changes nothing. */
static void after_a_broken_message_the_trailers_are_not_read(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k, false);
    gt_frame_write_response(&k->wire, stream);
    gt_frame_write_data(&k->wire, stream, 0, gt_bytes_of("\xff\0\0\0\0", 5));
    gt_frame_write_headers_text(&k->wire, stream, END_BOTH, "grpc-status: 0\n");
    kit_expect_events(k, "HEADERS stream=1\n"
                         "STATUS stream=1 INTERNAL \"a message starts with the flag 255, which is "
                         "neither 0 nor 1\"\n"
                         "CLOSED stream=1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLIENT_TEST(trailers_only_is_a_status_with_metadata),
        CLIENT_TEST(a_message_is_percent_decoded_and_broken_escapes_stay),
        CLIENT_TEST(a_message_that_is_coded_is_no_violation),
        CLIENT_TEST(a_message_with_raw_bytes_is_taken_with_a_violation),
        CLIENT_TEST(details_are_decoded),
        CLIENT_TEST(details_that_are_not_base64_end_as_internal),
        CLIENT_TEST(a_stream_that_ends_on_data_is_unknown),
        CLIENT_TEST(trailers_without_grpc_status_are_unknown),
        CLIENT_TEST(http_statuses_have_their_codes),
        CLIENT_TEST(a_body_that_is_not_grpc_is_not_read_as_messages),
        CLIENT_TEST(a_web_page_with_status_200_is_unknown),
        CLIENT_TEST(grpc_status_wins_over_the_http_status),
        CLIENT_TEST(grpc_status_wins_over_a_foreign_content_type),
        CLIENT_TEST(trailers_only_of_a_foreign_content_type_is_a_violation),
        CLIENT_TEST(trailers_only_without_content_type_is_a_violation),
        CLIENT_TEST(a_status_that_is_no_code_is_unknown),
        CLIENT_TEST(a_status_with_leading_zeros_is_a_number_and_a_violation),
        CLIENT_TEST(grpc_status_in_headers_that_do_not_end_is_ignored),
        CLIENT_TEST(grpc_status_in_headers_is_no_status_of_the_call),
        CLIENT_TEST(trailers_that_do_not_end_the_stream_are_internal),
        CLIENT_TEST(headers_in_mid_stream_end_it_as_internal),
        CLIENT_TEST(informational_responses_are_skipped),
        CLIENT_TEST(trailers_only_after_an_informational_response),
        CLIENT_TEST(a_response_without_content_type_is_a_violation),
        CLIENT_TEST(reset_codes_have_their_statuses),
        CLIENT_TEST(a_reset_after_trailers_is_ignored),
        KIT_ENTRY("a_reset_that_comes_with_the_trailers_is_ignored",
                  a_reset_that_comes_with_the_trailers_is_ignored, kit_client_whole),
        CLIENT_TEST(a_status_before_the_half_close_is_answered_by_a_reset),
        CLIENT_TEST(what_comes_after_our_reset_is_not_delivered),
        CLIENT_TEST(a_stream_that_ends_inside_a_prefix_is_internal),
        CLIENT_TEST(a_page_without_a_content_type_is_told_by_its_http_status),
        CLIENT_TEST(after_a_broken_message_the_trailers_are_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
