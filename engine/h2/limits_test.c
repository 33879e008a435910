/* What a peer may do and how often (rules H4, H9), on literal frames and at literal instants. */
#include "test_kit.h"

#include "limits.h"

static const uint8_t opaque[8] = {'1', '2', '3', '4', '5', '6', '7', '8'};

/* ---- the kit's part -------------------------------------------------------------------------- */

/* With the handshake done, and these limits full again. */
static void start(kit *k, const gt_limits *limits)
{
    kit_restart(k, &(gt__h2_options){.limits = *limits});
    kit_handshake(k);
    k->now = GT_SEC(10);
}

static void drop_events(kit *k)
{
    gt__h2_event event;
    while (gt__h2_next_event(k->h2, &event))
        gt__h2_event_cleanup(&event);
}

/* A call by the peer; or by us, which the peer answers with its headers. */
static void begin_call(kit *k, int32_t stream)
{
    if (k->server) {
        kit_write_request(k, stream);
        return;
    }
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t opened;
    assert_int_equal(gt__h2_open(k->h2, &request, k->now, NULL, &opened), 0);
    assert_int_equal(opened, stream);
    kit_feed(k);
    gt_frame_write_response(&k->wire, stream);
}

/* All of it is within the limits. */
static void feed_in_peace(kit *k)
{
    kit_feed(k);
    drop_events(k);
    assert_null(strstr(gt_buffer_text(&k->frames), "GOAWAY"));
    gt_buffer_clear(&k->frames);
}

/* The last frame of it passes this limit: the connection ends by it, and says so. */
static void feed_over(kit *k, const char *rule, const char *debug, const char *limit)
{
    kit_feed_to_failure(k);
    char *goaway = gt__printf(" ENHANCE_YOUR_CALM\n    debug \"%s\"\n", debug);
    const char *last = strstr(gt_buffer_text(&k->frames), "GOAWAY last_stream=");
    assert_non_null(last);
    assert_string_equal(strchr(strchr(last, ' ') + 1, ' '), goaway);
    gt__free(goaway);
    char *violation = gt__printf("%s: %s", debug, limit);
    char *failed = gt__printf("the connection ended with ENHANCE_YOUR_CALM: %s", debug);
    bool violated = false, over = false;
    gt__h2_event event;
    while (gt__h2_next_event(k->h2, &event)) {
        assert_false(over);
        if (event.type == GT__H2_VIOLATION && event.stream == 0) {
            assert_string_equal(event.as.violation.rule, rule);
            assert_string_equal(event.as.violation.text, violation);
            violated = true;
        } else if (event.type == GT__H2_FAILED) {
            assert_string_equal(event.as.failed.text, failed);
            over = true;
        }
        gt__h2_event_cleanup(&event);
    }
    gt__free(violation);
    gt__free(failed);
    assert_true(violated);
    assert_true(over);
    assert_true(gt__h2_done(k->h2));
}

/* ---- PING (rule H4) -------------------------------------------------------------------------- */

static void write_pings(kit *k, int count)
{
    for (int i = 0; i < count; i++)
        gt_frame_write_ping(&k->wire, 0, opaque);
}

static void pings_over_the_rate_end_the_connection(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.pings_per_second = 4});
    write_pings(k, 4);
    kit_expect_frames(k, "PING ACK\n    opaque \"12345678\"\n"
                         "PING ACK\n    opaque \"12345678\"\n"
                         "PING ACK\n    opaque \"12345678\"\n"
                         "PING ACK\n    opaque \"12345678\"\n");
    write_pings(k, 1);
    feed_over(k, "H4", "too_many_pings", "pings_per_second is 4");
}

static void pings_come_back_in_the_worlds_time(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.pings_per_second = 4});
    write_pings(k, 4);
    feed_in_peace(k);
    k->now += GT_MS(250);
    write_pings(k, 1);
    feed_in_peace(k);
    k->now += GT_MS(250) - 1;
    write_pings(k, 1);
    feed_over(k, "H4", "too_many_pings", "pings_per_second is 4");
}

static void data_that_we_send_pays_for_pings(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.pings_per_second = 2});
    kit_write_request(k, 1);
    write_pings(k, 2);
    feed_in_peace(k);
    kit_send(k, 1, "hello");
    feed_in_peace(k);
    write_pings(k, 2);
    feed_in_peace(k);
    write_pings(k, 1);
    feed_over(k, "H4", "too_many_pings", "pings_per_second is 2");
}

static void a_thousand_pings_at_once_are_taken_unless_set(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){0});
    write_pings(k, 1000);
    feed_in_peace(k);
    write_pings(k, 1);
    feed_over(k, "H4", "too_many_pings", "pings_per_second is 1000");
}

static void no_limit_is_no_limit(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.pings_per_second = GT_UNLIMITED});
    write_pings(k, 5000);
    feed_in_peace(k);
}

/* What came before the frame that was too much is still answered, and the GOAWAY is the last. */
static void what_came_before_is_answered(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.pings_per_second = 2});
    write_pings(k, 4);
    kit_feed_to_failure(k);
    kit_expect_frames(k, "PING ACK\n    opaque \"12345678\"\n"
                         "PING ACK\n    opaque \"12345678\"\n"
                         "GOAWAY last_stream=0 ENHANCE_YOUR_CALM\n    debug \"too_many_pings\"\n");
}

/* ---- what becomes of the calls --------------------------------------------------------------- */

static void a_client_ends_its_calls_as_unavailable(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.pings_per_second = 1});
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream;
    assert_int_equal(gt__h2_open(k->h2, &request, k->now, NULL, &stream), 0);
    write_pings(k, 2);
    kit_feed_to_failure(k);
    kit_expect_events(k,
                      "VIOLATION H4 too_many_pings: pings_per_second is 1\n"
                      "STATUS stream=1 UNAVAILABLE \"the connection ended with ENHANCE_YOUR_CALM: "
                      "too_many_pings\"\n"
                      "CLOSED stream=1\n"
                      "FAILED ENHANCE_YOUR_CALM \"the connection ended with ENHANCE_YOUR_CALM: "
                      "too_many_pings\"\n");
}

static void a_server_cancels_its_handlers(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.pings_per_second = 1});
    kit_write_request(k, 1);
    write_pings(k, 2);
    kit_feed_to_failure(k);
    kit_expect_events(k,
                      "REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc\n"
                      "VIOLATION H4 too_many_pings: pings_per_second is 1\n"
                      "ABORTED stream=1 CANCELLED \"the connection ended with ENHANCE_YOUR_CALM: "
                      "too_many_pings\"\n"
                      "CLOSED stream=1\n"
                      "FAILED ENHANCE_YOUR_CALM \"the connection ended with ENHANCE_YOUR_CALM: "
                      "too_many_pings\"\n");
    kit_expect_frames(k, "PING ACK\n    opaque \"12345678\"\n"
                         "GOAWAY last_stream=1 ENHANCE_YOUR_CALM\n    debug \"too_many_pings\"\n");
}

/* ---- RST_STREAM ------------------------------------------------------------------------------ */

static void write_rapid_reset(kit *k, int32_t stream)
{
    kit_write_request(k, stream);
    gt_frame_write_rst_stream(&k->wire, stream, GT_H2_CANCEL);
}

static void rapid_resets_end_the_connection(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.resets_per_second = 2});
    write_rapid_reset(k, 1);
    write_rapid_reset(k, 3);
    feed_in_peace(k);
    k->now += GT_MS(500);
    write_rapid_reset(k, 5);
    feed_in_peace(k);
    write_rapid_reset(k, 7);
    feed_over(k, "H9", "too_many_resets", "resets_per_second is 2");
}

/* A server that finishes early, and a client that then resets, are as rule T11 wants them. */
static void a_reset_after_the_status_is_none_of_them(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.resets_per_second = 1});
    for (int32_t stream = 1; stream < 20; stream += 2) {
        kit_write_request(k, stream);
        feed_in_peace(k);
        kit_finish(k, stream, GT_OK, "");
        gt_frame_write_rst_stream(&k->wire, stream, GT_H2_NO_ERROR);
        feed_in_peace(k);
    }
}

static void resets_by_a_server_count_as_well(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.resets_per_second = 1});
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream;
    for (int i = 0; i < 2; i++)
        assert_int_equal(gt__h2_open(k->h2, &request, k->now, NULL, &stream), 0);
    feed_in_peace(k);
    gt_frame_write_rst_stream(&k->wire, 1, GT_H2_CANCEL);
    feed_in_peace(k);
    gt_frame_write_rst_stream(&k->wire, 3, GT_H2_CANCEL);
    feed_over(k, "H9", "too_many_resets", "resets_per_second is 1");
}

/* The peer breaks HTTP/2 on its own streams, so that we reset them. */
static void resets_that_the_peer_provokes_count_as_well(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.resets_per_second = 2});
    for (int32_t stream = 1; stream <= 5; stream += 2) {
        begin_call(k, stream);
        feed_in_peace(k);
        gt_frame_write_window_update(&k->wire, stream, 0x7fffffff);
        if (stream < 5)
            feed_in_peace(k);
    }
    feed_over(k, "H9", "too_many_resets", "resets_per_second is 2");
}

/* The same by breaking gRPC: each has cost a handler. */
static void calls_that_the_peer_breaks_count_as_well(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.resets_per_second = 2});
    for (int32_t stream = 1; stream <= 5; stream += 2) {
        kit_write_request(k, stream);
        gt_frame_write_data(&k->wire, stream, 0, gt_bytes_of("\2\0\0\0\0", 5));
        if (stream < 5)
            feed_in_peace(k);
    }
    feed_over(k, "H9", "too_many_resets", "resets_per_second is 2");
}

/* ---- SETTINGS -------------------------------------------------------------------------------- */

static void settings_over_the_rate_end_the_connection(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.settings_per_second = 5});
    for (int i = 0; i < 5; i++)
        gt_frame_write_settings(&k->wire, NULL, 0);
    feed_in_peace(k);
    k->now += GT_MS(200);
    gt_frame_write_settings(&k->wire, NULL, 0);
    feed_in_peace(k);
    k->now += GT_MS(200) - 1;
    gt_frame_write_settings(&k->wire, NULL, 0);
    feed_over(k, "H9", "too_many_settings", "settings_per_second is 5");
}

/* ---- frames that bring nothing on ------------------------------------------------------------ */

typedef void write_frame(kit *k);

static void write_empty_data(kit *k)
{
    gt_frame_write_data(&k->wire, 1, 0, gt_bytes_of(NULL, 0));
}

static void write_priority(kit *k)
{
    gt_frame_write_priority(&k->wire, 1, 0, false, 1);
}

static void write_window_update(kit *k)
{
    gt_frame_write_window_update(&k->wire, 1, 1);
}

static void write_ping_ack(kit *k)
{
    gt_frame_write_ping(&k->wire, GT_FLAG_ACK, opaque);
}

static void write_unknown(kit *k)
{
    gt_frame_write_raw(&k->wire, 3, 0xfa, 0, 1, gt_bytes_str("???"));
}

static void frames_that_bring_nothing_on_end_the_connection(void **state)
{
    static write_frame *const writers[] = {write_empty_data, write_priority, write_window_update,
                                           write_ping_ack, write_unknown};
    kit *k = *state;
    for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++) {
        start(k, &(gt_limits){.idle_frames_per_second = 4});
        begin_call(k, 1);
        for (int n = 0; n < 4; n++)
            writers[i](k);
        feed_in_peace(k);
        k->now += GT_MS(250);
        writers[i](k);
        feed_in_peace(k);
        writers[i](k);
        feed_over(k, "H9", "too_many_idle_frames", "idle_frames_per_second is 4");
    }
}

static void resets_of_what_is_over_bring_nothing_on(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.idle_frames_per_second = 3});
    write_rapid_reset(k, 1);
    for (int i = 0; i < 3; i++)
        gt_frame_write_rst_stream(&k->wire, 1, GT_H2_CANCEL);
    feed_in_peace(k);
    gt_frame_write_rst_stream(&k->wire, 1, GT_H2_CANCEL);
    feed_over(k, "H9", "too_many_idle_frames", "idle_frames_per_second is 3");
}

/* A reader that returns its window byte by byte is slow, not hostile. */
static void window_updates_that_let_data_flow_are_paid_for(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.idle_frames_per_second = 4});
    gt_frame_write_settings(&k->wire, (gt_setting[]){{GT_SETTING_INITIAL_WINDOW_SIZE, 0}}, 1);
    kit_write_request(k, 1);
    feed_in_peace(k);
    kit_send(k, 1, "more bytes than there are tokens");
    for (int i = 0; i < 37; i++) {
        gt_frame_write_window_update(&k->wire, 1, 1);
        gt_frame_write_window_update(&k->wire, 0, 1);
        feed_in_peace(k);
    }
    assert_true(gt__h2_writable(k->h2, 1));
}

/* ---- CONTINUATION ---------------------------------------------------------------------------- */

/* A request or a response, in a HEADERS and as many CONTINUATIONs as there are pieces. */
static void write_split(kit *k, int32_t stream, gt_headers *headers, size_t pieces)
{
    gt_buffer block = {0};
    gt_headers_encode(&block, headers);
    size_t head = block.size - pieces; /* then a byte in each CONTINUATION */
    gt_frame_write_raw(&k->wire, (uint32_t)head, GT_FRAME_HEADERS, 0, (uint32_t)stream,
                       gt_bytes_of(block.data, head));
    for (size_t i = 0; i < pieces; i++)
        gt_frame_write_continuation(&k->wire, stream, i + 1 == pieces ? GT_FLAG_END_HEADERS : 0,
                                    gt_bytes_of(block.data + head + i, 1));
    gt_buffer_cleanup(&block);
    gt_headers_free(headers);
}

static void write_split_request(kit *k, int32_t stream, size_t pieces)
{
    write_split(k, stream, gt_headers_request("/a.B/C"), pieces);
}

static void continuations_of_one_block_are_counted(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.max_continuations = 3});
    write_split_request(k, 1, 3);
    write_split_request(k, 3, 3);
    kit_expect_events(
        k, "REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc\n"
           "REQUEST stream=3 /a.B/C authority=localhost content-type=application/grpc\n");
    write_split_request(k, 5, 4);
    feed_over(k, "H9", "too_many_continuations", "max_continuations is 3");
}

static void continuations_of_one_response_are_counted(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.max_continuations = 3});
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream;
    for (int i = 0; i < 3; i++)
        assert_int_equal(gt__h2_open(k->h2, &request, k->now, NULL, &stream), 0);
    kit_feed(k);
    write_split(k, 1, gt_headers_response(), 3);
    write_split(k, 3, gt_headers_response(), 3);
    kit_expect_events(k, "HEADERS stream=1\nHEADERS stream=3\n");
    write_split(k, 5, gt_headers_response(), 4);
    feed_over(k, "H9", "too_many_continuations", "max_continuations is 3");
}

/* Also where nghttp2 ignores the block, since its stream is over. */
static void continuations_without_end_end_the_connection(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){0});
    begin_call(k, 1);
    gt_frame_write_rst_stream(&k->wire, 1, GT_H2_CANCEL);
    feed_in_peace(k);
    gt_frame_write_raw(&k->wire, 0, GT_FRAME_HEADERS, 0, 1, gt_bytes_of(NULL, 0));
    for (int i = 0; i < 1024; i++)
        gt_frame_write_continuation(&k->wire, 1, 0, gt_bytes_of(NULL, 0));
    feed_in_peace(k);
    gt_frame_write_continuation(&k->wire, 1, 0, gt_bytes_of(NULL, 0));
    feed_over(k, "H9", "too_many_continuations", "max_continuations is 1024");
}

/* ---- one field ------------------------------------------------------------------------------- */

/* A request with a field of this many bytes, in as many frames as that takes. */
static void write_large_field(kit *k, size_t size)
{
    char *value = gt__malloc(size + 1);
    memset(value, 'x', size);
    value[size] = '\0';
    gt_headers *headers = gt_headers_request("/a.B/C");
    gt_headers_add(headers, "large", value);
    gt_frame_write_headers_with(&k->wire, 1, GT_FLAG_END_HEADERS, headers,
                                &(gt_block_options){.split = 16384});
    gt_headers_free(headers);
    gt__free(value);
}

/* nghttp2 decodes none that is larger on the wire, and after it no other: the connection ends. */
static void a_field_of_more_than_64_kib_ends_the_connection_with_a_reason(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.max_header_list = 1024 * 1024});
    write_large_field(k, 200 * 1024);
    kit_feed_to_failure(k);
    kit_expect_frames(k, "GOAWAY last_stream=1 COMPRESSION_ERROR\n"
                         "    debug \"a header block is damaged, or has a field over 64 KiB\"\n");
    kit_expect_events(k, "FAILED COMPRESSION_ERROR \"the connection ended with COMPRESSION_ERROR: "
                         "a header block is damaged, or has a field over 64 KiB\"\n");
    assert_true(gt__h2_done(k->h2));
}

static void a_field_of_64_kib_is_one_of_a_list(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){0});
    write_large_field(k, 64 * 1024);
    kit_expect_events(k, "VIOLATION D5 stream=1 the request's headers are larger than the limit\n");
}

/* ---- streams (rule H3) ----------------------------------------------------------------------- */

static void streams_beyond_what_was_announced_are_refused(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.max_concurrent_streams = 2});
    kit_handshake(k);
    for (int32_t stream = 1; stream <= 5; stream += 2)
        gt_frame_write_request(&k->wire, stream, 0, "/a.B/C");
    kit_expect_events(k,
                      "REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc\n"
                      "REQUEST stream=3 /a.B/C authority=localhost content-type=application/grpc\n"
                      "VIOLATION H3 stream=5 more streams than the 2 that were announced\n");
    kit_expect_frames(k, "RST_STREAM stream=5 REFUSED_STREAM\n");
    gt_frame_write_rst_stream(&k->wire, 1, GT_H2_CANCEL);
    kit_write_request(k, 7);
    kit_expect_events(
        k, "ABORTED stream=1 CANCELLED \"the peer reset the stream with CANCEL\"\n"
           "CLOSED stream=1\n"
           "REQUEST stream=7 /a.B/C authority=localhost content-type=application/grpc\n");
    kit_expect_frames(k, "");
}

/* Then it cannot know of it. */
static void a_refused_stream_is_no_violation_before_our_settings_are_acknowledged(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.max_concurrent_streams = 1});
    gt_frame_write_preface(&k->wire);
    gt_frame_write_settings(&k->wire, NULL, 0);
    kit_write_request(k, 1);
    kit_write_request(k, 3);
    gt_frame_write_message(&k->wire, 3, GT_FLAG_END_STREAM, gt_bytes_str("hello"));
    kit_expect_events(
        k, "SETTINGS\n"
           "REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc\n");
}

static void a_server_may_announce_no_streams_at_all(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.max_concurrent_streams = GT_NO_STREAMS});
    kit_expect_frames(k, "SETTINGS\n"
                         "    0x09 = 1\n"
                         "    MAX_CONCURRENT_STREAMS = 0\n"
                         "    MAX_HEADER_LIST_SIZE = 65536\n"
                         "WINDOW_UPDATE increment=983041\n");
    kit_handshake(k);
    kit_write_request(k, 1);
    kit_expect_events(k, "VIOLATION H3 stream=1 more streams than the 0 that were announced\n");
    kit_expect_frames(k, "RST_STREAM stream=1 REFUSED_STREAM\n");
}

static void refused_streams_count_as_resets(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.max_concurrent_streams = GT_NO_STREAMS,
                                     .limits.resets_per_second = 2});
    kit_handshake(k);
    kit_write_request(k, 1);
    kit_write_request(k, 3);
    feed_in_peace(k);
    kit_write_request(k, 5);
    feed_over(k, "H9", "too_many_resets", "resets_per_second is 2");
}

/* ---- answers that are not read --------------------------------------------------------------- */

static void answers_that_are_not_read_are_bounded(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.pings_per_second = GT_UNLIMITED, .max_unread_answers = 1700});
    write_pings(k, 100); /* 17 bytes each, there and back */
    assert_int_equal(gt__h2_feed(k->h2, gt_buffer_bytes(&k->wire), k->now), 0);
    gt_buffer_clear(&k->wire);
    write_pings(k, 1);
    assert_int_equal(gt__h2_feed(k->h2, gt_buffer_bytes(&k->wire), k->now), GT_EPROTO);
    gt_buffer_clear(&k->wire);
    kit_expect_events(k, "VIOLATION H9 too_many_unread_answers: max_unread_answers is 1700\n"
                         "FAILED ENHANCE_YOUR_CALM \"the connection ended with ENHANCE_YOUR_CALM: "
                         "too_many_unread_answers\"\n");
}

/* ---- defaults -------------------------------------------------------------------------------- */

static void twenty_thousand_resets_at_once_are_taken_unless_set(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){0});
    for (int32_t stream = 1; stream < 40000; stream += 2) {
        write_rapid_reset(k, stream);
        feed_in_peace(k);
    }
    write_rapid_reset(k, 40001);
    feed_over(k, "H9", "too_many_resets", "resets_per_second is 20000");
}

static void a_thousand_settings_at_once_are_taken_unless_set(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){0});
    for (int i = 0; i < 1000; i++)
        gt_frame_write_settings(&k->wire, NULL, 0);
    feed_in_peace(k);
    gt_frame_write_settings(&k->wire, NULL, 0);
    feed_over(k, "H9", "too_many_settings", "settings_per_second is 1000");
}

static void twenty_thousand_idle_frames_at_once_are_taken_unless_set(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){0});
    for (int i = 0; i < 20000; i++)
        gt_frame_write_raw(&k->wire, 0, 0xfa, 0, 0, gt_bytes_of(NULL, 0));
    feed_in_peace(k);
    gt_frame_write_raw(&k->wire, 0, 0xfa, 0, 0, gt_bytes_of(NULL, 0));
    feed_over(k, "H9", "too_many_idle_frames", "idle_frames_per_second is 20000");
}

static int feed_unread(kit *k)
{
    int error = gt__h2_feed(k->h2, gt_buffer_bytes(&k->wire), k->now);
    gt_buffer_clear(&k->wire);
    return error;
}

/* A call that is answered by 16,000 bytes, of which none is read. */
static int answer_unread(kit *k, int32_t stream)
{
    static char message[16001];
    memset(message, 'X', sizeof message - 1); /* a letter that HPACK makes no smaller */
    kit_write_request(k, stream);
    assert_int_equal(feed_unread(k), 0);
    drop_events(k);
    kit_finish(k, stream, GT_INTERNAL, message);
    write_pings(k, 1);
    return feed_unread(k);
}

static void sixteen_mebibytes_of_unread_answers_are_kept_unless_set(void **state)
{
    kit *k = *state;
    start(k, &(gt_limits){.pings_per_second = GT_UNLIMITED});
    int answers = 1;
    while (answers < 2000 && answer_unread(k, 2 * answers - 1) == 0)
        answers++;
    assert_in_range(answers, 1040, 1048); /* with what stands around them */
    char *violation = NULL;
    gt__h2_event event;
    while (gt__h2_next_event(k->h2, &event)) {
        if (event.type == GT__H2_VIOLATION)
            violation = gt__printf("%s", event.as.violation.text);
        gt__h2_event_cleanup(&event);
    }
    assert_string_equal(violation, "too_many_unread_answers: max_unread_answers is 16777216");
    gt__free(violation);
}

/* Floods are in many a span as they are; byte by byte they would show nothing more, slowly. */
#define WHOLE_TEST(name) KIT_ENTRY(#name, name, kit_server_whole)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(pings_over_the_rate_end_the_connection),
        CLIENT_TEST(pings_over_the_rate_end_the_connection),
        SERVER_TEST(pings_come_back_in_the_worlds_time),
        CLIENT_TEST(pings_come_back_in_the_worlds_time),
        SERVER_TEST(data_that_we_send_pays_for_pings),
        SERVER_TEST(a_thousand_pings_at_once_are_taken_unless_set),
        SERVER_TEST(no_limit_is_no_limit),
        SERVER_TEST(what_came_before_is_answered),
        CLIENT_TEST(what_came_before_is_answered),
        CLIENT_TEST(a_client_ends_its_calls_as_unavailable),
        SERVER_TEST(a_server_cancels_its_handlers),
        SERVER_TEST(rapid_resets_end_the_connection),
        SERVER_TEST(a_reset_after_the_status_is_none_of_them),
        CLIENT_TEST(resets_by_a_server_count_as_well),
        SERVER_TEST(resets_that_the_peer_provokes_count_as_well),
        CLIENT_TEST(resets_that_the_peer_provokes_count_as_well),
        SERVER_TEST(calls_that_the_peer_breaks_count_as_well),
        SERVER_TEST(settings_over_the_rate_end_the_connection),
        CLIENT_TEST(settings_over_the_rate_end_the_connection),
        SERVER_TEST(frames_that_bring_nothing_on_end_the_connection),
        CLIENT_TEST(frames_that_bring_nothing_on_end_the_connection),
        SERVER_TEST(resets_of_what_is_over_bring_nothing_on),
        SERVER_TEST(window_updates_that_let_data_flow_are_paid_for),
        SERVER_TEST(continuations_of_one_block_are_counted),
        CLIENT_TEST(continuations_of_one_response_are_counted),
        SERVER_TEST(continuations_without_end_end_the_connection),
        CLIENT_TEST(continuations_without_end_end_the_connection),
        SERVER_TEST(a_field_of_more_than_64_kib_ends_the_connection_with_a_reason),
        SERVER_TEST(a_field_of_64_kib_is_one_of_a_list),
        SERVER_TEST(streams_beyond_what_was_announced_are_refused),
        SERVER_TEST(a_refused_stream_is_no_violation_before_our_settings_are_acknowledged),
        SERVER_TEST(a_server_may_announce_no_streams_at_all),
        SERVER_TEST(refused_streams_count_as_resets),
        SERVER_TEST(answers_that_are_not_read_are_bounded),
        CLIENT_TEST(answers_that_are_not_read_are_bounded),
        WHOLE_TEST(twenty_thousand_resets_at_once_are_taken_unless_set),
        WHOLE_TEST(twenty_thousand_idle_frames_at_once_are_taken_unless_set),
        WHOLE_TEST(sixteen_mebibytes_of_unread_answers_are_kept_unless_set),
        SERVER_TEST(a_thousand_settings_at_once_are_taken_unless_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
