/* Windows as frames show them (rules H5, H6): the peer's, which our DATA keeps to, and ours, to
 * which the peer is held; on literal frames. */
#include "test_kit.h"

#include <stdlib.h>

#define CALL "REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc\n"

/* ---- beginnings ------------------------------------------------------------------------------ */

/* A handshake in which the peer's streams have a window of this size. */
static void start(kit *k, const gt__h2_options *options, uint32_t window)
{
    kit_restart(k, options);
    kit_handshake(k);
    gt_frame_write_settings(&k->wire, (gt_setting[]){{GT_SETTING_INITIAL_WINDOW_SIZE, window}}, 1);
    kit_expect_events(k, "SETTINGS\n");
    kit_expect_frames(k, "SETTINGS ACK\n");
}

static int32_t open_call(kit *k)
{
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(k->h2, &request, 0, NULL, &stream), 0);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    return stream;
}

/* Call 1, with all headers behind it, in either role. */
static void begin_call(kit *k)
{
    if (k->server) {
        kit_write_request(k, 1);
        kit_expect_events(k, CALL);
        assert_int_equal(gt__h2_respond(k->h2, 1, NULL), 0);
        kit_feed(k);
        gt_buffer_clear(&k->frames);
    } else {
        assert_int_equal(open_call(k), 1);
    }
}

/* The same where the peer may send, too. */
static void begin_exchange(kit *k)
{
    begin_call(k);
    if (k->server)
        return;
    gt_frame_write_response(&k->wire, 1);
    kit_expect_events(k, "HEADERS stream=1\n");
}

static void write_window_settings(kit *k, uint32_t window)
{
    gt_frame_write_settings(&k->wire, (gt_setting[]){{GT_SETTING_INITIAL_WINDOW_SIZE, window}}, 1);
}

static void write_bytes(kit *k, int32_t stream, size_t size)
{
    static const uint8_t zeros[16384];
    gt_frame_write_data(&k->wire, stream, 0, gt_bytes_of(zeros, size));
}

/* ---- the peer's windows ---------------------------------------------------------------------- */

static void a_window_of_zero_holds_everything_but_headers(void **state)
{
    kit *k = *state;
    start(k, NULL, 0);
    begin_call(k);
    kit_send(k, 1, "hello");
    kit_expect_frames(k, "");
    gt_frame_write_window_update(&k->wire, 1, 10);
    kit_expect_frames(k, "DATA stream=1 length=10\n    message length=5 \"hello\"\n");
}

static void a_window_opens_byte_by_byte(void **state)
{
    kit *k = *state;
    start(k, NULL, 0);
    begin_call(k);
    kit_send(k, 1, "ab");
    for (int i = 0; i < 7; i++) {
        kit_expect_frames(k, "");
        gt_frame_write_window_update(&k->wire, 1, 1);
        kit_feed(k);
        assert_non_null(strstr(gt_buffer_text(&k->frames), "DATA stream=1 length=1\n"));
        gt_buffer_clear(&k->frames);
    }
    gt_frame_write_window_update(&k->wire, 1, 1);
    kit_expect_frames(k, "");
}

static void settings_open_the_windows_of_all_streams(void **state)
{
    kit *k = *state;
    start(k, NULL, 0);
    begin_call(k);
    kit_send(k, 1, "hello");
    kit_expect_frames(k, "");
    write_window_settings(k, 10);
    kit_expect_frames(k, "SETTINGS ACK\n"
                         "DATA stream=1 length=10\n    message length=5 \"hello\"\n");
}

/* RFC 9113, section 6.9.2: what has been sent counts, so the window is -10 then. */
static void settings_shrink_a_window_below_zero_in_mid_stream(void **state)
{
    kit *k = *state;
    start(k, NULL, 20);
    begin_call(k);
    kit_send(k, 1, "123456789012345");
    kit_expect_frames(k, "DATA stream=1 length=20\n    message length=15 \"123456789012345\"\n");
    write_window_settings(k, 10);
    kit_expect_frames(k, "SETTINGS ACK\n");
    kit_send(k, 1, "");
    gt_frame_write_window_update(&k->wire, 1, 10);
    kit_expect_frames(k, "");
    gt_frame_write_window_update(&k->wire, 1, 2);
    kit_expect_frames(k, "DATA stream=1 length=2\n    prefix, 2 of 5 bytes\n");
    write_window_settings(k, 13);
    kit_expect_frames(k, "SETTINGS ACK\nDATA stream=1 length=3\n    message length=0 \"\"\n");
}

static void settings_raise_a_window_from_below_zero(void **state)
{
    kit *k = *state;
    start(k, NULL, 20);
    begin_call(k);
    kit_send(k, 1, "123456789012345");
    kit_send(k, 1, "hello");
    kit_expect_frames(k, "DATA stream=1 length=20\n    message length=15 \"123456789012345\"\n");
    write_window_settings(k, 0);
    kit_expect_frames(k, "SETTINGS ACK\n");
    write_window_settings(k, 19);
    kit_expect_frames(k, "SETTINGS ACK\n");
    write_window_settings(k, 30);
    kit_expect_frames(k, "SETTINGS ACK\n"
                         "DATA stream=1 length=10\n    message length=5 \"hello\"\n");
}

/* How many bytes of DATA have gone out since the last look. */
static size_t data_sent(kit *k)
{
    size_t sum = 0;
    kit_feed(k);
    const char *at = gt_buffer_text(&k->frames);
    while ((at = strstr(at, "DATA stream=1 length="))) {
        at += strlen("DATA stream=1 length=");
        sum += strtoul(at, NULL, 10);
    }
    gt_buffer_clear(&k->frames);
    return sum;
}

static void the_connections_window_holds_whatever_a_stream_may(void **state)
{
    static const uint8_t zeros[70000];
    kit *k = *state;
    start(k, NULL, 1000000);
    begin_call(k);
    int error;
    uint8_t *room = gt__h2_send_begin(k->h2, 1, sizeof zeros, &error);
    memcpy(room, zeros, sizeof zeros);
    gt__h2_send_end(k->h2, 1);
    assert_int_equal(data_sent(k), 65535);
    gt_frame_write_window_update(&k->wire, 1, 1000);
    assert_int_equal(data_sent(k), 0);
    gt_frame_write_window_update(&k->wire, 0, 1000);
    assert_int_equal(data_sent(k), 1000);
    gt_frame_write_window_update(&k->wire, 0, 1000000);
    assert_int_equal(data_sent(k), 70005 - 66535);
}

/* ---- what must not come in a WINDOW_UPDATE ----------------------------------------------------
 */

static void expect_call_lost(kit *k, const char *code)
{
    char *text =
        gt__printf("%s stream=1 INTERNAL \"*\nCLOSED stream=1\n", k->server ? "ABORTED" : "STATUS");
    kit_expect_events(k, text);
    gt__free(text);
    text = gt__printf("RST_STREAM stream=1 %s\n", code);
    kit_expect_frames(k, text);
    gt__free(text);
}

static void expect_connection_lost(kit *k, const char *code)
{
    kit_feed_to_failure(k);
    char *text = gt__printf("GOAWAY last_stream=%d %s\n    debug*\n", k->server ? 1 : 0, code);
    kit_expect_frames(k, text);
    gt__free(text);
    assert_true(gt__h2_done(k->h2));
}

static void a_streams_window_over_2_31_ends_the_stream(void **state)
{
    kit *k = *state;
    begin_call(k);
    gt_frame_write_window_update(&k->wire, 1, 0x7fffffff - 65535);
    kit_expect_frames(k, "");
    gt_frame_write_window_update(&k->wire, 1, 1);
    expect_call_lost(k, "FLOW_CONTROL_ERROR");
}

static void the_connections_window_over_2_31_ends_the_connection(void **state)
{
    kit *k = *state;
    begin_call(k);
    gt_frame_write_window_update(&k->wire, 0, 0x7fffffff - 65535);
    kit_expect_frames(k, "");
    gt_frame_write_window_update(&k->wire, 0, 1);
    expect_connection_lost(k, "FLOW_CONTROL_ERROR");
}

/* To RFC 9113, section 6.9.2, that is an error of the connection; nghttp2 ends the stream alone. */
static void settings_that_take_a_window_over_2_31_end_the_stream(void **state)
{
    kit *k = *state;
    begin_call(k);
    gt_frame_write_window_update(&k->wire, 1, 1);
    kit_expect_frames(k, "");
    write_window_settings(k, 0x7fffffff);
    kit_feed(k);
    assert_non_null(strstr(gt_buffer_text(&k->frames), "RST_STREAM stream=1 FLOW_CONTROL_ERROR\n"));
}

static void an_initial_window_over_2_31_ends_the_connection(void **state)
{
    kit *k = *state;
    begin_call(k);
    write_window_settings(k, 0x80000000);
    expect_connection_lost(k, "FLOW_CONTROL_ERROR");
}

/* An error of the stream may be taken for one of the connection (RFC 9113, section 5.4.2). */
static void an_increment_of_zero_for_a_stream_ends_the_connection(void **state)
{
    kit *k = *state;
    begin_call(k);
    gt_frame_write_window_update(&k->wire, 1, 0);
    expect_connection_lost(k, "PROTOCOL_ERROR");
}

static void an_increment_of_zero_for_the_connection_ends_it(void **state)
{
    kit *k = *state;
    begin_call(k);
    gt_frame_write_window_update(&k->wire, 0, 0);
    expect_connection_lost(k, "PROTOCOL_ERROR");
}

/* ---- our windows ----------------------------------------------------------------------------- */

static void our_windows_are_announced(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.stream_window = 1000, .connection_window = 100000});
    kit_feed(k);
    const char *frames = gt_buffer_text(&k->frames);
    assert_non_null(strstr(frames, "    INITIAL_WINDOW_SIZE = 1000\n"));
    assert_non_null(strstr(frames, "\nWINDOW_UPDATE increment=34465\n"));
}

static void data_beyond_a_streams_window_is_a_flow_control_error(void **state)
{
    kit *k = *state;
    start(k, &(gt__h2_options){.stream_window = 1000}, 65535);
    k->keep_credit = true;
    begin_exchange(k);
    write_bytes(k, 1, 1000);
    kit_feed(k);
    assert_null(strstr(gt_buffer_text(&k->frames), "RST_STREAM"));
    gt__h2_event event;
    while (gt__h2_next_event(k->h2, &event))
        gt__h2_event_cleanup(&event);
    write_bytes(k, 1, 1);
    expect_call_lost(k, "FLOW_CONTROL_ERROR");
}

static void data_beyond_the_connections_window_ends_the_connection(void **state)
{
    kit *k = *state;
    start(k, &(gt__h2_options){.stream_window = 1000000, .connection_window = 65535}, 65535);
    begin_exchange(k);
    /* One frame must not fit, since each is credited to the connection as it has come. */
    for (int i = 0; i < 4; i++)
        write_bytes(k, 1, 16384);
    assert_int_equal(gt__h2_feed(k->h2, gt_buffer_bytes(&k->wire), 0), GT_EPROTO);
    gt_buffer_clear(&k->wire);
    kit_feed(k);
    assert_non_null(strstr(gt_buffer_text(&k->frames), "FLOW_CONTROL_ERROR"));
    assert_true(gt__h2_done(k->h2));
}

/* Byte by byte it is credited before the last of it has come, so this test is whole. */
static void padding_counts_against_the_window(void **state)
{
    kit *k = *state;
    start(k, &(gt__h2_options){.stream_window = 20}, 65535);
    k->keep_credit = true;
    begin_exchange(k);
    gt_frame_write_data_padded(&k->wire, 1, 0, gt_bytes_of("\0\0\0\0\4ab", 7), 13);
    expect_call_lost(k, "FLOW_CONTROL_ERROR"); /* 1 + 7 + 13 */
}

/* Half of each window in nothing but padding, and the byte that says how much: 127 times 256 bytes
 * are less than that, and one more frame is not. */
static void padding_is_credited_to_both_windows(void **state)
{
    kit *k = *state;
    start(k, &(gt__h2_options){.connection_window = 65535}, 65535);
    k->keep_credit = true;
    begin_exchange(k);
    for (int i = 0; i < 127; i++)
        gt_frame_write_data_padded(&k->wire, 1, 0, gt_bytes_str(""), 255);
    kit_expect_frames(k, "");
    gt_frame_write_data_padded(&k->wire, 1, 0, gt_bytes_str(""), 255);
    kit_expect_frames(k, "WINDOW_UPDATE increment=3276*\n"
                         "WINDOW_UPDATE stream=1 increment=3276*\n");
}

/* ---- a window of zero ------------------------------------------------------------------------ */

static void a_window_of_zero_is_announced_and_opens_when_a_message_is_wanted(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.stream_window = GT_WINDOW_ZERO});
    kit_feed(k);
    assert_non_null(strstr(gt_buffer_text(&k->frames), "    INITIAL_WINDOW_SIZE = 0\n"));
    kit_handshake(k);
    begin_exchange(k);
    kit_expect_frames(k, "");
    assert_true(gt__h2_want(k->h2, 1));
    kit_expect_frames(k, "WINDOW_UPDATE stream=1 increment=65535\n");
    assert_false(gt__h2_want(k->h2, 1));
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("hello"));
    kit_expect_events(k, "MESSAGE stream=1 \"hello\"\n");
    kit_expect_frames(k, "");
}

static void a_window_of_zero_holds_the_peer_to_it(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.stream_window = GT_WINDOW_ZERO});
    kit_handshake(k);
    begin_exchange(k);
    write_bytes(k, 1, 1);
    expect_call_lost(k, "FLOW_CONTROL_ERROR");
}

/* A client waits for the answer before its request is on the wire. */
static void a_window_of_zero_opens_once_the_stream_is_there(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.stream_window = GT_WINDOW_ZERO});
    kit_handshake(k);
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(k->h2, &request, 0, NULL, &stream), 0);
    assert_false(gt__h2_want(k->h2, stream));
    kit_feed(k);
    assert_non_null(strstr(gt_buffer_text(&k->frames), "WINDOW_UPDATE stream=1 increment=65535\n"));
}

/* The peer may still send what it was allowed before, and both keep the same count. */
static void a_window_of_zero_that_is_not_acknowledged_yet_counts_the_same(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.stream_window = GT_WINDOW_ZERO});
    gt_frame_write_preface(&k->wire);
    gt_frame_write_settings(&k->wire, NULL, 0);
    kit_write_request(k, 1);
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("early"));
    kit_expect_events(k, "SETTINGS\n" CALL "MESSAGE stream=1 \"early\"\n");
    gt_buffer_clear(&k->frames);
    gt__h2_want(k->h2, 1);
    kit_expect_frames(k, "WINDOW_UPDATE stream=1 increment=65535\n");
    gt_frame_write_settings_ack(&k->wire);
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("late"));
    kit_expect_events(k, "MESSAGE stream=1 \"late\"\n");
}

#define ROLES(name) SERVER_TEST(name), CLIENT_TEST(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROLES(a_window_of_zero_holds_everything_but_headers),
        ROLES(a_window_opens_byte_by_byte),
        ROLES(settings_open_the_windows_of_all_streams),
        ROLES(settings_shrink_a_window_below_zero_in_mid_stream),
        ROLES(settings_raise_a_window_from_below_zero),
        ROLES(the_connections_window_holds_whatever_a_stream_may),
        ROLES(a_streams_window_over_2_31_ends_the_stream),
        ROLES(the_connections_window_over_2_31_ends_the_connection),
        ROLES(settings_that_take_a_window_over_2_31_end_the_stream),
        ROLES(an_initial_window_over_2_31_ends_the_connection),
        ROLES(an_increment_of_zero_for_a_stream_ends_the_connection),
        ROLES(an_increment_of_zero_for_the_connection_ends_it),
        ROLES(our_windows_are_announced),
        ROLES(data_beyond_a_streams_window_is_a_flow_control_error),
        SERVER_TEST(data_beyond_the_connections_window_ends_the_connection),
        KIT_ENTRY("padding_counts_against_the_window", padding_counts_against_the_window,
                  kit_server_whole),
        ROLES(padding_is_credited_to_both_windows),
        ROLES(a_window_of_zero_is_announced_and_opens_when_a_message_is_wanted),
        ROLES(a_window_of_zero_holds_the_peer_to_it),
        CLIENT_TEST(a_window_of_zero_opens_once_the_stream_is_there),
        SERVER_TEST(a_window_of_zero_that_is_not_acknowledged_yet_counts_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
