/* What a server makes of a request: rules R2, R3, R5b to R9, M4. */
#include "test_kit.h"

/* The standard request, to be changed, and then written on stream 1. */
static gt_headers *request(void)
{
    return gt_headers_request("/a.B/C");
}

static void write_headers(kit *k, uint8_t flags, gt_headers *headers)
{
    gt_frame_write_headers(&k->wire, 1, flags | GT_FLAG_END_HEADERS, headers);
    gt_headers_free(headers);
}

static void write_request_with(kit *k, const char *name, const char *value)
{
    gt_headers *headers = request();
    gt_headers_set(headers, name, value);
    write_headers(k, 0, headers);
}

#define REQUEST "REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc"

/* A refusal: trailers-only, and since the client has not ended its side, a reset (rule T11). */
#define REFUSAL(code, message)                                                                     \
    "HEADERS stream=1 END_STREAM END_HEADERS\n"                                                    \
    "    :status: 200\n"                                                                           \
    "    content-type: application/grpc\n"                                                         \
    "    grpc-status: " code "\n"                                                                  \
    "    grpc-message: " message "\n"                                                              \
    "RST_STREAM stream=1 NO_ERROR\n"

/* ---- R2: te ---- */

static void a_request_without_te_is_served_with_a_violation(void **state)
{
    kit *k = *state;
    gt_headers *headers = request();
    gt_headers_remove(headers, "te");
    write_headers(k, 0, headers);
    kit_expect_events(k, "VIOLATION R2 stream=1 the request lacks \"te: trailers\"\n" REQUEST "\n");
    kit_expect_frames(k, "");
}

/* HTTP/2 itself allows no other value (RFC 9113 section 8.2.2). */
static void another_te_is_malformed(void **state)
{
    kit *k = *state;
    write_request_with(k, "te", "trailers, deflate");
    kit_expect_events(k, "VIOLATION RFC stream=1 the request broke HTTP/2: *\n");
    kit_expect_frames(k, "RST_STREAM stream=1 PROTOCOL_ERROR\n");
}

static void a_strict_server_refuses_a_request_without_te(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.strict = true});
    kit_handshake(k);
    gt_headers *headers = request();
    gt_headers_remove(headers, "te");
    write_headers(k, 0, headers);
    kit_expect_events(k, "VIOLATION R2 stream=1 the request lacks \"te: trailers\"\n");
    kit_expect_frames(k, REFUSAL("13", "the request lacks \"te: trailers\""));
}

/* ---- R3: content-type ---- */

static void another_content_type_is_answered_with_415(void **state)
{
    kit *k = *state;
    write_request_with(k, "content-type", "text/plain");
    kit_expect_events(
        k, "VIOLATION R3 stream=1 the content-type is \"text/plain\", not application/grpc\n");
    kit_expect_frames(k, "HEADERS stream=1 END_STREAM END_HEADERS\n"
                         "    :status: 415\n"
                         "RST_STREAM stream=1 NO_ERROR\n");
}

static void what_is_only_like_the_content_type_is_not_it(void **state)
{
    kit *k = *state;
    static const char *const types[] = {"application/grpc-web", "application/grp",
                                        "application/json+x"};
    for (int i = 0; i < 3; i++) {
        int32_t stream = 1 + 2 * i;
        gt_headers *headers = request();
        gt_headers_set(headers, "content-type", types[i]);
        gt_frame_write_headers(&k->wire, stream, GT_FLAG_END_HEADERS, headers);
        gt_headers_free(headers);
        char *frames = gt__printf("HEADERS stream=%d END_STREAM END_HEADERS\n"
                                  "    :status: 415\n"
                                  "RST_STREAM stream=%d NO_ERROR\n",
                                  stream, stream);
        kit_expect_frames(k, frames);
        gt__free(frames);
    }
}

static void a_request_without_content_type_is_answered_with_415(void **state)
{
    kit *k = *state;
    gt_headers *headers = request();
    gt_headers_remove(headers, "content-type");
    write_headers(k, 0, headers);
    kit_expect_frames(k, "HEADERS stream=1 END_STREAM END_HEADERS\n"
                         "    :status: 415\n"
                         "RST_STREAM stream=1 NO_ERROR\n");
}

static void a_codec_in_the_content_type_is_told_and_answered(void **state)
{
    kit *k = *state;
    write_request_with(k, "content-type", "application/grpc+proto");
    kit_expect_events(k, "REQUEST stream=1 /a.B/C authority=localhost "
                         "content-type=application/grpc+proto\n");
    kit_finish(k, 1, GT_OK, "");
    kit_expect_frames(k, "HEADERS stream=1 END_STREAM END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc+proto\n"
                         "    grpc-status: 0\n"
                         "RST_STREAM stream=1 NO_ERROR\n");
}

static void parameters_of_the_content_type_are_told_and_not_answered(void **state)
{
    kit *k = *state;
    write_request_with(k, "content-type", "application/grpc+proto ;charset=utf-8");
    kit_expect_events(k, "REQUEST stream=1 /a.B/C authority=localhost "
                         "content-type=application/grpc+proto ;charset=utf-8\n");
    assert_int_equal(gt__h2_respond(k->h2, 1, NULL), 0);
    kit_expect_frames(k, "HEADERS stream=1 END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc+proto\n"
                         "    grpc-accept-encoding: identity,deflate,gzip\n");
}

static void parameters_may_follow_the_plain_content_type(void **state)
{
    kit *k = *state;
    write_request_with(k, "content-type", "application/grpc;charset=utf-8");
    kit_expect_events(k, REQUEST ";charset=utf-8\n");
    assert_int_equal(gt__h2_respond(k->h2, 1, NULL), 0);
    kit_expect_frames(k, "HEADERS stream=1 END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc\n"
                         "    grpc-accept-encoding: identity,deflate,gzip\n");
}

/* ---- R5, R5b: grpc-timeout ---- */

static void a_timeout_becomes_a_deadline_by_our_clock(void **state)
{
    kit *k = *state;
    k->now = GT_SEC(7);
    write_request_with(k, "grpc-timeout", "50m");
    kit_expect_events(k, REQUEST " deadline=7050000000\n");
}

static void a_timeout_past_all_time_is_no_deadline(void **state)
{
    kit *k = *state;
    k->now = GT_SEC(7);
    write_request_with(k, "grpc-timeout", "99999999H");
    kit_expect_events(k, REQUEST "\n");
}

static void a_malformed_timeout_is_refused(void **state)
{
    kit *k = *state;
    static const char *const texts[] = {"5s", "", "S", "5", "123456789n", "-1S", "1.5S", " 5S"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        kit_restart(k, NULL);
        kit_handshake(k);
        write_request_with(k, "grpc-timeout", texts[i]);
        kit_expect_events(k, "VIOLATION R5b stream=1 malformed time-out: grpc-timeout is 1 to 8 "
                             "digits and one of H, M, S, m, u, n\n");
        kit_expect_frames(k, REFUSAL("13", "malformed time-out: grpc-timeout is 1 to 8 digits and "
                                           "one of H, M, S, m, u, n"));
    }
}

static void a_timeout_of_zero_has_passed(void **state)
{
    kit *k = *state;
    write_request_with(k, "grpc-timeout", "0n");
    kit_expect_events(k, "VIOLATION R5b stream=1 the request came with a time-out of zero\n");
    kit_expect_frames(k, REFUSAL("4", "the request came with a time-out of zero"));
}

/* ---- R6: how the request ends ---- */

static void end_stream_on_an_empty_data_frame_is_a_half_close(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    gt_frame_write_data(&k->wire, 1, GT_FLAG_END_STREAM, gt_bytes_str(""));
    kit_expect_events(k, REQUEST "\nHALF_CLOSE stream=1\n");
}

static void end_stream_on_headers_is_a_half_close(void **state)
{
    kit *k = *state;
    write_headers(k, GT_FLAG_END_STREAM, request());
    kit_expect_events(k, REQUEST "\n"
                                 "VIOLATION R6 stream=1 the request ends on HEADERS instead of "
                                 "DATA\n"
                                 "HALF_CLOSE stream=1\n");
}

static void trailers_of_a_request_are_a_half_close_with_a_violation(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("hello"));
    gt_frame_write_headers_text(&k->wire, 1, GT_FLAG_END_STREAM | GT_FLAG_END_HEADERS, "x: y\n");
    kit_expect_events(k, REQUEST "\n"
                                 "MESSAGE stream=1 \"hello\"\n"
                                 "VIOLATION R6 stream=1 the request has trailers\n"
                                 "HALF_CLOSE stream=1\n");
}

static void trailers_that_do_not_end_the_request_are_internal(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    gt_frame_write_headers_text(&k->wire, 1, GT_FLAG_END_HEADERS, "x: y\n");
    kit_expect_events(k, REQUEST "\n"
                                 "ABORTED stream=1 INTERNAL \"the peer broke HTTP/2: *\n"
                                 "CLOSED stream=1\n");
    kit_expect_frames(k, "RST_STREAM stream=1 PROTOCOL_ERROR\n");
}

/* ---- R7: authority and host ---- */

/* As malformed HTTP/2: a client reads the reset as INTERNAL (rule T10). */
static void assert_twice_is_malformed(kit *k, const char *name)
{
    gt_headers *once = request(), *twice = gt_headers_new();
    if (!gt_headers_get(once, name))
        gt_headers_add(once, name, "one");
    for (size_t i = 0; i < gt_headers_count(once); i++) {
        gt_header field = gt_headers_at(once, i);
        gt_headers_add_bytes(twice, field.name, field.value);
        if (gt_bytes_equal(field.name, gt_bytes_str(name)))
            gt_headers_add(twice, name, "two");
    }
    gt_headers_free(once);
    write_headers(k, 0, twice);
    kit_expect_events(k, "VIOLATION RFC stream=1 the request broke HTTP/2: *\n");
    kit_expect_frames(k, "RST_STREAM stream=1 PROTOCOL_ERROR\n");
}

static void several_authorities_are_refused(void **state)
{
    assert_twice_is_malformed(*state, ":authority");
}

static void several_hosts_are_refused(void **state)
{
    assert_twice_is_malformed(*state, "host");
}

static void a_host_beside_the_authority_is_dropped(void **state)
{
    kit *k = *state;
    write_request_with(k, "host", "elsewhere");
    kit_expect_events(k, REQUEST "\n");
}

static void a_host_stands_in_for_the_authority(void **state)
{
    kit *k = *state;
    gt_headers *headers = request();
    gt_headers_remove(headers, ":authority");
    gt_headers_add(headers, "host", "elsewhere");
    write_headers(k, 0, headers);
    kit_expect_events(k, "REQUEST stream=1 /a.B/C authority=elsewhere "
                         "content-type=application/grpc\n");
}

/* ---- R8: the method ---- */

static void another_method_is_refused(void **state)
{
    kit *k = *state;
    write_request_with(k, ":method", "GET");
    kit_expect_events(k, "VIOLATION R8 stream=1 the request's method is not POST\n");
    kit_expect_frames(k, REFUSAL("13", "the request's method is not POST"));
}

/* ---- R9: what HTTP/2 lets pass, and what not ---- */

static void unknown_frames_are_ignored(void **state)
{
    kit *k = *state;
    gt_frame_write_raw(&k->wire, 3, 0xbb, 0xff, 0, gt_bytes_str("abc"));
    kit_write_request(k, 1);
    gt_frame_write_raw(&k->wire, 3, 0xbb, 0xff, 1, gt_bytes_str("abc"));
    gt_frame_write_message(&k->wire, 1, GT_FLAG_END_STREAM, gt_bytes_str("hello"));
    kit_expect_events(k, REQUEST "\nMESSAGE stream=1 \"hello\"\nHALF_CLOSE stream=1\n");
    kit_expect_frames(k, "");
}

static void unknown_settings_are_ignored(void **state)
{
    kit *k = *state;
    const gt_setting settings[] = {{0xbbbb, 0xffffffff}, {0, 1}};
    gt_frame_write_settings(&k->wire, settings, 2);
    kit_write_request(k, 1);
    kit_expect_events(k, "SETTINGS\n" REQUEST "\n");
    kit_expect_frames(k, "SETTINGS ACK\n");
}

static void a_server_says_what_it_wants_first_of_all(void **state)
{
    kit *k = *state;
    kit_restart(k, NULL);
    kit_expect_frames(k, "SETTINGS\n"
                         "    0x09 = 1\n" /* NO_RFC7540_PRIORITIES */
                         "    MAX_CONCURRENT_STREAMS = 1000000\n"
                         "    MAX_HEADER_LIST_SIZE = 65536\n"
                         "WINDOW_UPDATE increment=983041\n");
}

static void a_push_promise_from_a_client_ends_the_connection(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    kit_expect_events(k, REQUEST "\n");
    gt_headers *headers = request();
    gt_frame_write_push_promise(&k->wire, 1, GT_FLAG_END_HEADERS, 2, headers);
    gt_headers_free(headers);
    kit_feed_to_failure(k);
    kit_expect_frames(k, "GOAWAY last_stream=1 PROTOCOL_ERROR\n"
                         "    debug *\n");
    kit_expect_events(k, "ABORTED stream=1 INTERNAL \"the peer broke HTTP/2: *\n"
                         "CLOSED stream=1\n"
                         "FAILED PROTOCOL_ERROR \"the connection ended with PROTOCOL_ERROR: *\n");
}

static void what_does_not_begin_with_the_preface_ends_the_connection(void **state)
{
    kit *k = *state;
    kit_restart(k, NULL);
    kit_expect_frames(k, "SETTINGS\n"
                         "    0x09 = 1\n"
                         "    MAX_CONCURRENT_STREAMS = 1000000\n"
                         "    MAX_HEADER_LIST_SIZE = 65536\n"
                         "WINDOW_UPDATE increment=983041\n");
    gt_buffer_add(&k->wire, gt_bytes_str("GET / HTTP/1.1\r\n\r\n"));
    kit_feed_to_failure(k);
    kit_expect_frames(k, "GOAWAY last_stream=0 PROTOCOL_ERROR\n    debug *\n");
    kit_expect_events(k, "FAILED PROTOCOL_ERROR \"the connection ended with PROTOCOL_ERROR: *\n");
}

/* ---- M4: grpc-encoding ---- */

static void an_unsupported_encoding_is_refused_from_the_header_alone(void **state)
{
    kit *k = *state;
    write_request_with(k, "grpc-encoding", "snappy");
    kit_expect_events(k, "VIOLATION M4 stream=1 the grpc-encoding \"snappy\" is not supported\n");
    kit_expect_frames(k, "HEADERS stream=1 END_STREAM END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc\n"
                         "    grpc-status: 12\n"
                         "    grpc-message: the grpc-encoding \"snappy\" is not supported\n"
                         "    grpc-accept-encoding: identity,deflate,gzip\n"
                         "RST_STREAM stream=1 NO_ERROR\n");
}

static void the_identity_encoding_is_none(void **state)
{
    kit *k = *state;
    write_request_with(k, "grpc-encoding", "identity");
    gt_frame_write_message(&k->wire, 1, GT_FLAG_END_STREAM, gt_bytes_str("plain"));
    kit_expect_events(k, REQUEST "\nMESSAGE stream=1 \"plain\"\nHALF_CLOSE stream=1\n");
}

/* ---- after a refusal ---- */

static void what_follows_a_refused_request_is_not_told(void **state)
{
    kit *k = *state;
    write_request_with(k, "grpc-timeout", "soon");
    kit_feed(k);
    gt_frame_write_message(&k->wire, 1, GT_FLAG_END_STREAM, gt_bytes_str("hello"));
    kit_expect_events(k, "VIOLATION R5b stream=1 malformed time-out: grpc-timeout is 1 to 8 digits "
                         "and one of H, M, S, m, u, n\n");
}

static void a_refused_request_leaves_the_others_alone(void **state)
{
    kit *k = *state;
    write_request_with(k, "content-type", "text/plain");
    kit_write_request(k, 3);
    gt_frame_write_message(&k->wire, 3, GT_FLAG_END_STREAM, gt_bytes_str("hello"));
    kit_expect_events(
        k, "VIOLATION R3 stream=1 the content-type is \"text/plain\", not application/grpc\n"
           "REQUEST stream=3 /a.B/C authority=localhost content-type=application/grpc\n"
           "MESSAGE stream=3 \"hello\"\n"
           "HALF_CLOSE stream=3\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(a_request_without_te_is_served_with_a_violation),
        SERVER_TEST(another_te_is_malformed),
        SERVER_TEST(a_strict_server_refuses_a_request_without_te),
        SERVER_TEST(another_content_type_is_answered_with_415),
        SERVER_TEST(what_is_only_like_the_content_type_is_not_it),
        SERVER_TEST(a_request_without_content_type_is_answered_with_415),
        SERVER_TEST(a_codec_in_the_content_type_is_told_and_answered),
        SERVER_TEST(parameters_of_the_content_type_are_told_and_not_answered),
        SERVER_TEST(parameters_may_follow_the_plain_content_type),
        SERVER_TEST(a_timeout_becomes_a_deadline_by_our_clock),
        SERVER_TEST(a_timeout_past_all_time_is_no_deadline),
        SERVER_TEST(a_malformed_timeout_is_refused),
        SERVER_TEST(a_timeout_of_zero_has_passed),
        SERVER_TEST(end_stream_on_an_empty_data_frame_is_a_half_close),
        SERVER_TEST(end_stream_on_headers_is_a_half_close),
        SERVER_TEST(trailers_of_a_request_are_a_half_close_with_a_violation),
        SERVER_TEST(trailers_that_do_not_end_the_request_are_internal),
        SERVER_TEST(several_authorities_are_refused),
        SERVER_TEST(several_hosts_are_refused),
        SERVER_TEST(a_host_beside_the_authority_is_dropped),
        SERVER_TEST(a_host_stands_in_for_the_authority),
        SERVER_TEST(another_method_is_refused),
        SERVER_TEST(unknown_frames_are_ignored),
        SERVER_TEST(unknown_settings_are_ignored),
        SERVER_TEST(a_server_says_what_it_wants_first_of_all),
        SERVER_TEST(a_push_promise_from_a_client_ends_the_connection),
        SERVER_TEST(what_does_not_begin_with_the_preface_ends_the_connection),
        SERVER_TEST(an_unsupported_encoding_is_refused_from_the_header_alone),
        SERVER_TEST(the_identity_encoding_is_none),
        SERVER_TEST(what_follows_a_refused_request_is_not_told),
        SERVER_TEST(a_refused_request_leaves_the_others_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
