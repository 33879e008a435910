/* The connection as a whole: GOAWAY (H1), ends by protocol error or by the wire (C4), what is
 * ignored and what is not (R9), settings, ping, on literal frames and in both roles. */
#include "test_kit.h"

static int32_t open_call(kit *k)
{
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(k->h2, &request, 0, NULL, &stream), 0);
    return stream;
}

/* Calls whose requests are sent. */
static void open_calls(kit *k, int count)
{
    for (int i = 0; i < count; i++)
        gt__h2_half_close(k->h2, open_call(k));
    kit_feed(k);
    gt_buffer_clear(&k->frames);
}

static int try_open(kit *k)
{
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream = 0;
    return gt__h2_open(k->h2, &request, 0, NULL, &stream);
}

/* ---- the peer's GOAWAY (rule H1) ------------------------------------------------------------- */

static void goaway_ends_the_calls_above_its_last_one(void **state)
{
    kit *k = *state;
    open_calls(k, 3);
    gt_frame_write_goaway(&k->wire, 1, GT_H2_NO_ERROR, gt_bytes_str("moving"));
    kit_expect_events(
        k, "GOAWAY last_stream=1 NO_ERROR \"moving\"\n"
           "STATUS stream=3 UNAVAILABLE \"the peer said GOAWAY with NO_ERROR: moving\" unseen\n"
           "CLOSED stream=3\n"
           "STATUS stream=5 UNAVAILABLE \"the peer said GOAWAY with NO_ERROR: moving\" unseen\n"
           "CLOSED stream=5\n");
    assert_int_equal(try_open(k), GT_ECLOSED);
    assert_false(gt__h2_done(k->h2));
}

static void the_calls_below_goaway_finish_and_then_it_is_done(void **state)
{
    kit *k = *state;
    open_calls(k, 1);
    gt_frame_write_goaway(&k->wire, 1, GT_H2_NO_ERROR, gt_bytes_str(""));
    gt_frame_write_trailers_only(&k->wire, 1, GT_OK, NULL);
    kit_expect_events(k, "GOAWAY last_stream=1 NO_ERROR \"\"\n"
                         "STATUS stream=1 OK \"\" trailers-only\n"
                         "CLOSED stream=1\n");
    assert_true(gt__h2_done(k->h2));
}

static void a_lost_wire_tells_the_goaway_before_it(void **state)
{
    kit *k = *state;
    open_calls(k, 1);
    gt_frame_write_goaway(&k->wire, 1, GT_H2_ENHANCE_YOUR_CALM, gt_bytes_str("too_many_pings"));
    kit_feed(k);
    gt__h2_wire_lost(k->h2, "end of file");
    kit_expect_events(k, "GOAWAY last_stream=1 ENHANCE_YOUR_CALM \"too_many_pings\"\n"
                         "STATUS stream=1 UNAVAILABLE \"the connection was lost: end of file; "
                         "before, the peer said GOAWAY with ENHANCE_YOUR_CALM: too_many_pings\"\n"
                         "CLOSED stream=1\n");
}

/* ---- the wire's end (rules C2, C4) ----------------------------------------------------------- */

static void a_wire_lost_inside_a_message_is_unavailable(void **state)
{
    kit *k = *state;
    open_calls(k, 1);
    gt_frame_write_response(&k->wire, 1);
    gt_frame_write_data(&k->wire, 1, 0, gt_bytes_of("\0\0\0\0\5he", 7));
    kit_feed(k);
    gt__h2_wire_lost(k->h2, "reset");
    gt__h2_wire_lost(k->h2, "again");
    kit_expect_events(k, "HEADERS stream=1\n"
                         "STATUS stream=1 UNAVAILABLE \"the connection was lost: reset\"\n"
                         "CLOSED stream=1\n");
}

static void a_wire_lost_after_the_status_changes_nothing(void **state)
{
    kit *k = *state;
    open_calls(k, 1);
    gt_frame_write_trailers_only(&k->wire, 1, GT_OK, NULL);
    kit_feed(k);
    gt__h2_wire_lost(k->h2, "reset");
    kit_expect_events(k, "STATUS stream=1 OK \"\" trailers-only\nCLOSED stream=1\n");
}

static void a_lost_wire_cancels_the_handlers(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    kit_feed(k);
    gt__h2_wire_lost(k->h2, "end of file");
    kit_finish(k, 1, GT_OK, "");
    kit_expect_events(k,
                      "REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc\n"
                      "ABORTED stream=1 CANCELLED \"the connection was lost: end of file\"\n"
                      "CLOSED stream=1\n");
}

/* ---- protocol errors ------------------------------------------------------------------------- */

static void a_broken_connection_ends_every_call(void **state)
{
    kit *k = *state;
    open_calls(k, 2);
    gt_frame_write_data(&k->wire, 0, 0, gt_bytes_str("x"));
    kit_feed_to_failure(k);
    kit_expect_events(k, "STATUS stream=1 UNAVAILABLE \"the connection ended with PROTOCOL_ERROR: "
                         "DATA: stream_id == 0\"\n"
                         "CLOSED stream=1\n"
                         "STATUS stream=3 UNAVAILABLE \"the connection ended with PROTOCOL_ERROR: "
                         "DATA: stream_id == 0\"\n"
                         "CLOSED stream=3\n"
                         "FAILED PROTOCOL_ERROR \"the connection ended with PROTOCOL_ERROR: "
                         "DATA: stream_id == 0\"\n");
    kit_expect_frames(k,
                      "GOAWAY last_stream=0 PROTOCOL_ERROR\n    debug \"DATA: stream_id == 0\"\n");
    assert_true(gt__h2_done(k->h2));
    assert_int_equal(try_open(k), GT_ECLOSED);
    assert_int_equal(gt__h2_feed(k->h2, gt_bytes_str("more"), 0), GT_EPROTO);
}

static void a_broken_connection_cancels_the_handlers(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    kit_expect_events(
        k, "REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc\n");
    kit_send(k, 1, "hello");
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    gt_frame_write_data(&k->wire, 0, 0, gt_bytes_str("x"));
    kit_feed_to_failure(k);
    kit_finish(k, 1, GT_OK, "");
    kit_expect_events(k, "ABORTED stream=1 CANCELLED \"the connection ended with PROTOCOL_ERROR: "
                         "DATA: stream_id == 0\"\n"
                         "CLOSED stream=1\n"
                         "FAILED PROTOCOL_ERROR \"the connection ended with PROTOCOL_ERROR: "
                         "DATA: stream_id == 0\"\n");
    kit_expect_frames(k,
                      "GOAWAY last_stream=1 PROTOCOL_ERROR\n    debug \"DATA: stream_id == 0\"\n");
}

static void bytes_that_are_not_http2_end_a_server(void **state)
{
    kit *k = *state;
    kit_restart(k, NULL);
    gt_buffer_add(&k->wire, gt_bytes_str("GET / HTTP/1.1\r\n\r\n"));
    kit_feed_to_failure(k);
    assert_true(gt__h2_done(k->h2));
    assert_non_null(strstr(gt_buffer_text(&k->frames), "GOAWAY last_stream=0 PROTOCOL_ERROR"));
}

static void a_preface_wrong_at_any_byte_ends_the_connection(void **state)
{
    kit *k = *state;
    for (size_t at = 0; at < 24; at++) {
        kit_restart(k, NULL);
        gt_frame_write_preface(&k->wire);
        k->wire.data[at] ^= 1;
        gt_frame_write_settings(&k->wire, NULL, 0);
        kit_feed_to_failure(k);
        kit_expect_events(k, "FAILED PROTOCOL_ERROR *\n");
    }
}

static void bytes_that_are_not_http2_end_a_client(void **state)
{
    kit *k = *state;
    kit_restart(k, NULL);
    gt_buffer_add(&k->wire, gt_bytes_str("HTTP/1.1 400 Bad Request\r\n\r\n"));
    kit_feed_to_failure(k);
    assert_true(gt__h2_done(k->h2));
}

/* Rule R9. */
static void a_push_promise_ends_the_connection(void **state)
{
    kit *k = *state;
    open_calls(k, 1);
    gt_headers *headers = gt_headers_request("/a.B/C");
    gt_frame_write_push_promise(&k->wire, 1, GT_FLAG_END_HEADERS, 2, headers);
    gt_headers_free(headers);
    kit_feed_to_failure(k);
    assert_non_null(strstr(gt_buffer_text(&k->frames), "GOAWAY last_stream=0 PROTOCOL_ERROR"));
}

static void unknown_frames_and_settings_are_ignored(void **state)
{
    kit *k = *state;
    open_calls(k, 1);
    gt_frame_write_raw(&k->wire, 3, 0xfa, 0xff, 1, gt_bytes_str("???"));
    gt_frame_write_settings(&k->wire, (gt_setting[]){{0xfafa, 7}}, 1);
    gt_frame_write_trailers_only(&k->wire, 1, GT_OK, NULL);
    kit_expect_events(k, "SETTINGS\n"
                         "STATUS stream=1 OK \"\" trailers-only\n"
                         "CLOSED stream=1\n");
    kit_expect_frames(k, "SETTINGS ACK\n");
}

/* A stream of ours that the peer broke does not take the others with it. */
static void a_broken_stream_ends_alone(void **state)
{
    kit *k = *state;
    open_calls(k, 2);
    gt_frame_write_headers_text(&k->wire, 1, GT_FLAG_END_HEADERS, "x-key: no status\n");
    kit_feed(k);
    gt_frame_write_trailers_only(&k->wire, 3, GT_OK, NULL);
    kit_expect_events(k, "STATUS stream=1 INTERNAL \"the peer broke HTTP/2: Violation in HTTP "
                         "messaging rule\"\n"
                         "CLOSED stream=1\n"
                         "STATUS stream=3 OK \"\" trailers-only\n"
                         "CLOSED stream=3\n");
    kit_expect_frames(k, "RST_STREAM stream=1 PROTOCOL_ERROR\n");
}

/* Releases of nghttp2 differ in how they tell it, not in what it comes to. */
static void a_response_longer_than_its_content_length_is_internal(void **state)
{
    kit *k = *state;
    open_calls(k, 1);
    gt_frame_write_headers_text(
        &k->wire, 1, GT_FLAG_END_HEADERS,
        ":status: 200\ncontent-type: application/grpc\ncontent-length: 5\n");
    kit_expect_events(k, "HEADERS stream=1\n    content-length: 5\n");
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("hello"));
    kit_feed(k);
    gt__h2_event event;
    assert_true(gt__h2_next_event(k->h2, &event));
    assert_int_equal(event.type, GT__H2_STATUS);
    assert_int_equal(event.as.status.code, GT_INTERNAL);
    gt__h2_event_cleanup(&event);
    kit_expect_events(k, "CLOSED stream=1\n");
}

/* ---- ping, and our own GOAWAY ---------------------------------------------------------------- */

static void a_ping_is_acknowledged(void **state)
{
    kit *k = *state;
    gt_frame_write_ping(&k->wire, 0, (const uint8_t *)"12345678");
    kit_expect_frames(k, "PING ACK\n    opaque \"12345678\"\n");
    kit_expect_events(k, "");
}

static void the_answer_to_our_ping_is_an_event(void **state)
{
    kit *k = *state;
    gt__h2_ping(k->h2, (const uint8_t *)"12345678");
    kit_expect_frames(k, "PING\n    opaque \"12345678\"\n");
    gt_frame_write_ping(&k->wire, GT_FLAG_ACK, (const uint8_t *)"12345678");
    kit_expect_events(k, "PING_ACK \"12345678\"\n");
}

static void our_goaway_names_the_last_call_that_came(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    kit_write_request(k, 3);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    gt__h2_shutdown_notice(k->h2);
    gt__h2_goaway(k->h2, GT_H2_NO_ERROR, "bye");
    kit_expect_frames(k, "GOAWAY last_stream=2147483647 NO_ERROR\n"
                         "GOAWAY last_stream=3 NO_ERROR\n    debug \"bye\"\n");
    assert_false(gt__h2_done(k->h2));
    gt__h2_reset(k->h2, 1, GT_H2_CANCEL);
    gt__h2_reset(k->h2, 3, GT_H2_CANCEL);
    kit_feed(k);
    assert_true(gt__h2_done(k->h2));
}

/* What is refused is answered, and the answers wait: a peer must not make them pile up for ever. */
static void a_peer_that_asks_without_reading_is_cut_off(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.limits.max_unread_answers = 1000});
    kit_handshake(k);
    int error = 0;
    for (int32_t stream = 1; stream < 1000 && !error; stream += 2) {
        gt_frame_write_headers_text(
            &k->wire, stream, GT_FLAG_END_HEADERS | GT_FLAG_END_STREAM,
            ":method: POST\n:scheme: http\n:path: /\ncontent-type: text/html\n");
        error = gt__h2_feed(k->h2, gt_bytes_of(k->wire.data, k->wire.size), 0);
        gt_buffer_clear(&k->wire);
    }
    assert_int_equal(error, GT_EPROTO);
    gt__h2_event event;
    while (gt__h2_next_event(k->h2, &event) && event.type != GT__H2_FAILED)
        gt__h2_event_cleanup(&event);
    assert_string_equal(event.as.failed.text, "the connection ended with ENHANCE_YOUR_CALM: "
                                              "too_many_unread_answers");
    gt__h2_event_cleanup(&event);
    kit_feed(k);
    assert_non_null(strstr(gt_buffer_text(&k->frames), "GOAWAY"));
    assert_true(gt__h2_done(k->h2));
}

static void a_flood_of_pings_that_are_not_read_is_cut_off(void **state)
{
    kit *k = *state;
    for (int i = 0; i < 2000; i++) {
        gt_frame_write_ping(&k->wire, 0, (const uint8_t *)"12345678");
        gt_frame_write_settings(&k->wire, NULL, 0);
    }
    int error = gt__h2_feed(k->h2, gt_bytes_of(k->wire.data, k->wire.size), 0);
    gt_buffer_clear(&k->wire);
    assert_int_equal(error, GT_EPROTO);
    kit_feed(k);
    assert_non_null(strstr(gt_buffer_text(&k->frames), "GOAWAY last_stream=0 ENHANCE_YOUR_CALM"));
}

/* nghttp2's own limiters read the real clock; they are off. */
static void five_thousand_quick_resets_are_taken(void **state)
{
    kit *k = *state;
    for (int32_t stream = 1; stream < 10000; stream += 2) {
        kit_write_request(k, stream);
        gt_frame_write_rst_stream(&k->wire, stream, GT_H2_CANCEL);
    }
    kit_feed(k);
    assert_null(strstr(gt_buffer_text(&k->frames), "GOAWAY"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLIENT_TEST(goaway_ends_the_calls_above_its_last_one),
        CLIENT_TEST(the_calls_below_goaway_finish_and_then_it_is_done),
        CLIENT_TEST(a_lost_wire_tells_the_goaway_before_it),
        CLIENT_TEST(a_wire_lost_inside_a_message_is_unavailable),
        CLIENT_TEST(a_wire_lost_after_the_status_changes_nothing),
        SERVER_TEST(a_lost_wire_cancels_the_handlers),
        CLIENT_TEST(a_broken_connection_ends_every_call),
        SERVER_TEST(a_broken_connection_cancels_the_handlers),
        SERVER_TEST(bytes_that_are_not_http2_end_a_server),
        SERVER_TEST(a_preface_wrong_at_any_byte_ends_the_connection),
        CLIENT_TEST(bytes_that_are_not_http2_end_a_client),
        CLIENT_TEST(a_push_promise_ends_the_connection),
        CLIENT_TEST(unknown_frames_and_settings_are_ignored),
        CLIENT_TEST(a_broken_stream_ends_alone),
        CLIENT_TEST(a_response_longer_than_its_content_length_is_internal),
        CLIENT_TEST(a_ping_is_acknowledged),
        SERVER_TEST(a_ping_is_acknowledged),
        CLIENT_TEST(the_answer_to_our_ping_is_an_event),
        SERVER_TEST(our_goaway_names_the_last_call_that_came),
        SERVER_TEST(a_peer_that_asks_without_reading_is_cut_off),
        SERVER_TEST(a_flood_of_pings_that_are_not_read_is_cut_off),
        SERVER_TEST(five_thousand_quick_resets_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
