/* What a client sends: rules R1, R2, R4-R6, D1-D3, M1, M2, T11, frame by frame. */
#include "test_kit.h"

#include <stdio.h>

static int32_t open_with(kit *k, const gt__h2_request *request)
{
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(k->h2, request, k->now, NULL, &stream), 0);
    return stream;
}

static int32_t open_call(kit *k)
{
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    return open_with(k, &request);
}

/* The connection's first frames (rule R9: no push). */
static void a_client_begins_with_preface_and_settings(void **state)
{
    kit *k = *state;
    kit_restart(k, NULL);
    kit_expect_frames(k, "PREFACE\n"
                         "SETTINGS\n"
                         "    ENABLE_PUSH = 0\n"
                         "    MAX_HEADER_LIST_SIZE = 65536\n"
                         "WINDOW_UPDATE increment=983041\n");
}

static void windows_are_told_where_they_are_not_the_default(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.stream_window = 1000, .connection_window = 65535});
    kit_expect_frames(k, "PREFACE\n"
                         "SETTINGS\n"
                         "    ENABLE_PUSH = 0\n"
                         "    INITIAL_WINDOW_SIZE = 1000\n"
                         "    MAX_HEADER_LIST_SIZE = 65536\n");
}

/* Rules R1, R2, R4, R5. */
static void every_field_of_a_request_has_its_place(void **state)
{
    kit *k = *state;
    gt_metadata *metadata = gt_metadata_new();
    assert_int_equal(gt_metadata_append(metadata, "X-Key", "value"), 0);
    assert_int_equal(gt_metadata_append_bin(metadata, "x-bin", gt_bytes_of("\xff", 1)), 0);
    assert_int_equal(gt_metadata_append(metadata, "a", "1"), 0);
    k->now = GT_MS(10);
    const gt__h2_request request = {.path = "/users.Users/GetUser",
                                    .authority = "bufconn:1",
                                    .scheme = "https",
                                    .content_subtype = "proto",
                                    .user_agent = "my-tool/2",
                                    .deadline = GT_MS(60),
                                    .metadata = metadata};
    open_with(k, &request);
    kit_expect_frames(k, "HEADERS stream=1 END_HEADERS\n"
                         "    :method: POST\n"
                         "    :scheme: https\n"
                         "    :path: /users.Users/GetUser\n"
                         "    :authority: bufconn:1\n"
                         "    grpc-timeout: 50000000n\n"
                         "    te: trailers\n"
                         "    content-type: application/grpc+proto\n"
                         "    grpc-accept-encoding: identity,deflate,gzip\n"
                         "    user-agent: my-tool/2 grpc-c-grpctest/0.1.0\n"
                         "    x-key: value\n"
                         "    x-bin: /w\n"
                         "    a: 1\n");
    gt_metadata_free(metadata);
}

/* Rule R5: in the finest unit that fits in 8 digits, rounded up. */
static void a_timeout_has_the_finest_unit_that_fits(void **state)
{
    kit *k = *state;
    static const struct {
        gt_duration left;
        const char *text;
    } cases[] = {
        {1, "1n"},
        {99999999, "99999999n"},
        {100000000, "100000u"},
        {100000001, "100001u"},
        {GT_SEC(5), "5000000u"},
        {GT_SEC(100) - 1, "100000m"},
        {GT_SEC(99999) + 1, "99999001m"},
        {GT_SEC(100000), "100000S"},
        {GT_SEC(100000000), "1666667M"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        kit_restart(k, NULL);
        kit_handshake(k);
        k->now = GT_MS(7);
        const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_MS(7) + cases[i].left};
        open_with(k, &request);
        kit_feed(k);
        char field[64];
        snprintf(field, sizeof field, "    grpc-timeout: %s\n", cases[i].text);
        assert_non_null(strstr(gt_buffer_text(&k->frames), field));
    }
}

static void a_deadline_that_has_passed_opens_nothing(void **state)
{
    kit *k = *state;
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_MS(7)};
    int32_t stream;
    assert_int_equal(gt__h2_open(k->h2, &request, GT_MS(7), NULL, &stream), GT_ETIMEDOUT);
    kit_expect_frames(k, "");
    kit_expect_events(k, "");
}

/* Rule R6. */
static void a_request_ends_on_its_last_message(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    kit_send(k, stream, "hello");
    gt__h2_half_close(k->h2, stream);
    kit_expect_frames(k, "DATA stream=1 END_STREAM length=10\n"
                         "    message length=5 \"hello\"\n");
}

static void a_request_without_messages_ends_on_empty_data(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    gt__h2_half_close(k->h2, stream);
    kit_expect_frames(k, "DATA stream=1 END_STREAM length=0\n");
}

static void a_half_close_after_the_last_message_ends_on_empty_data(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k);
    kit_send(k, stream, "hello");
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    gt__h2_half_close(k->h2, stream);
    kit_expect_frames(k, "DATA stream=1 END_STREAM length=0\n");
}

static void messages_that_wait_share_a_frame(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    kit_send(k, stream, "one");
    kit_send(k, stream, "");
    kit_send(k, stream, "three");
    kit_expect_frames(k, "DATA stream=1 length=23\n"
                         "    message length=3 \"one\"\n"
                         "    message length=0 \"\"\n"
                         "    message length=5 \"three\"\n");
}

/* The last one's frame is the stream's last, all the same. */
static void messages_can_have_frames_of_their_own(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.separate_frames = true});
    kit_handshake(k);
    int32_t stream = open_call(k);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    kit_send(k, stream, "one");
    kit_send(k, stream, "");
    kit_send(k, stream, "three");
    gt__h2_half_close(k->h2, stream);
    kit_expect_frames(k, "DATA stream=1 length=8\n"
                         "    message length=3 \"one\"\n"
                         "DATA stream=1 length=5\n"
                         "    message length=0 \"\"\n"
                         "DATA stream=1 END_STREAM length=10\n"
                         "    message length=5 \"three\"\n");
}

/* What is fed between two messages must not make two frames of them. */
static void a_frame_is_not_closed_before_it_is_drained(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    kit_send(k, stream, "one");
    assert_int_equal(gt__h2_feed(k->h2, gt_bytes_of("\0\0\4\x8\0\0\0\0\0\0\0\0\1", 13), 0), 0);
    kit_send(k, stream, "two");
    kit_expect_frames(k, "DATA stream=1 length=16\n"
                         "    message length=3 \"one\"\n"
                         "    message length=3 \"two\"\n");
}

/* 65,535 bytes fit into the peer's window: no more goes out before it is opened. */
static void a_sender_keeps_to_the_peers_window(void **state)
{
    kit *k = *state;
    static const uint8_t zeros[70000];
    int32_t stream = open_call(k);
    int error;
    memcpy(gt__h2_send_begin(k->h2, stream, sizeof zeros, &error), zeros, sizeof zeros);
    gt__h2_send_end(k->h2, stream);
    gt__h2_half_close(k->h2, stream);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    kit_expect_frames(k, "");
    gt_frame_write_window_update(&k->wire, stream, 10000);
    kit_expect_frames(k, "");
    gt_frame_write_window_update(&k->wire, 0, 10000);
    kit_feed(k);
    assert_non_null(strstr(gt_buffer_text(&k->frames), "DATA stream=1 END_STREAM length=4470\n"));
}

static void a_cancelled_call_is_reset(void **state)
{
    kit *k = *state;
    int32_t stream = open_call(k);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    kit_send(k, stream, "never sent");
    gt__h2_reset(k->h2, stream, GT_H2_CANCEL);
    gt__h2_reset(k->h2, stream, GT_H2_CANCEL);
    kit_expect_frames(k, "RST_STREAM stream=1 CANCEL\n");
    kit_expect_events(k, "CLOSED stream=1\n");
}

/* The stream's number is used up, its frames are not. */
static void a_call_cancelled_before_it_was_sent_leaves_no_frame(void **state)
{
    kit *k = *state;
    gt__h2_reset(k->h2, open_call(k), GT_H2_CANCEL);
    kit_expect_frames(k, "");
    kit_expect_events(k, "CLOSED stream=1\n");
    gt__h2_half_close(k->h2, open_call(k));
    kit_feed(k);
    assert_non_null(strstr(gt_buffer_text(&k->frames), "HEADERS stream=3 END_HEADERS\n"));
}

static void headers_beyond_what_can_be_sent_open_nothing(void **state)
{
    kit *k = *state;
    size_t size = 2 * 1024 * 1024;
    char *value = gt__malloc(size + 1);
    memset(value, 'x', size);
    value[size] = '\0';
    gt_metadata *metadata = gt_metadata_new();
    assert_int_equal(gt_metadata_append(metadata, "big", value), 0);
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER, .metadata = metadata};

    int32_t stream;
    assert_int_equal(gt__h2_open(k->h2, &request, 0, NULL, &stream), GT_ETOOBIG);

    kit_expect_frames(k, "");
    kit_expect_events(k, "");
    gt_metadata_free(metadata);
    gt__free(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLIENT_TEST(a_client_begins_with_preface_and_settings),
        CLIENT_TEST(windows_are_told_where_they_are_not_the_default),
        CLIENT_TEST(every_field_of_a_request_has_its_place),
        CLIENT_TEST(a_timeout_has_the_finest_unit_that_fits),
        CLIENT_TEST(a_deadline_that_has_passed_opens_nothing),
        CLIENT_TEST(a_request_ends_on_its_last_message),
        CLIENT_TEST(a_request_without_messages_ends_on_empty_data),
        CLIENT_TEST(a_half_close_after_the_last_message_ends_on_empty_data),
        CLIENT_TEST(messages_that_wait_share_a_frame),
        CLIENT_TEST(messages_can_have_frames_of_their_own),
        CLIENT_TEST(a_frame_is_not_closed_before_it_is_drained),
        CLIENT_TEST(a_sender_keeps_to_the_peers_window),
        CLIENT_TEST(a_cancelled_call_is_reset),
        CLIENT_TEST(a_call_cancelled_before_it_was_sent_leaves_no_frame),
        CLIENT_TEST(headers_beyond_what_can_be_sent_open_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
