/* What a server answers: rules T1-T4, T11, D2, frame by frame. */
#include "test_kit.h"

/* A request that has come in; `flags` of its DATA, or none at all when 0. */
static void take_request(kit *k, uint8_t flags)
{
    kit_write_request(k, 1);
    if (flags)
        gt_frame_write_data(&k->wire, 1, flags, gt_bytes_of(NULL, 0));
    kit_expect_events(
        k, flags ? "REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc\n"
                   "HALF_CLOSE stream=1\n"
                 : "REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc\n");
}

static void a_response_is_headers_messages_trailers(void **state)
{
    kit *k = *state;
    take_request(k, GT_FLAG_END_STREAM);
    gt_metadata *metadata = gt_metadata_new();
    assert_int_equal(gt_metadata_append(metadata, "x-key", "value"), 0);
    assert_int_equal(gt_metadata_append_bin(metadata, "x-bin", gt_bytes_of("\xff\xff", 2)), 0);
    assert_int_equal(gt__h2_respond(k->h2, 1, metadata), 0);
    kit_send(k, 1, "one");
    kit_send(k, 1, "two");
    gt__h2_finish(k->h2, 1, &(gt_status){.code = GT_OK, .message = "not sent"}, metadata);
    kit_expect_frames(k, "HEADERS stream=1 END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc\n"
                         "    x-key: value\n"
                         "    x-bin: //8\n"
                         "DATA stream=1 length=16\n"
                         "    message length=3 \"one\"\n"
                         "    message length=3 \"two\"\n"
                         "HEADERS stream=1 END_STREAM END_HEADERS\n"
                         "    grpc-status: 0\n"
                         "    x-key: value\n"
                         "    x-bin: //8\n");
    kit_expect_events(k, "CLOSED stream=1\n");
    gt_metadata_free(metadata);
}

static void headers_go_out_before_anything_else_is_known(void **state)
{
    kit *k = *state;
    take_request(k, 0);
    assert_int_equal(gt__h2_respond(k->h2, 1, NULL), 0);
    kit_expect_frames(k, "HEADERS stream=1 END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc\n");
    kit_finish(k, 1, GT_OK, "");
    kit_expect_frames(k, "HEADERS stream=1 END_STREAM END_HEADERS\n"
                         "    grpc-status: 0\n"
                         "RST_STREAM stream=1 NO_ERROR\n");
}

static void a_status_alone_is_one_frame(void **state)
{
    kit *k = *state;
    take_request(k, GT_FLAG_END_STREAM);
    kit_finish(k, 1, GT_NOT_FOUND, "no such user");
    kit_expect_frames(k, "HEADERS stream=1 END_STREAM END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc\n"
                         "    grpc-status: 5\n"
                         "    grpc-message: no such user\n");
    kit_expect_events(k, "CLOSED stream=1\n");
}

static void a_message_is_percent_encoded_and_details_are_base64(void **state)
{
    kit *k = *state;
    take_request(k, GT_FLAG_END_STREAM);
    const gt_status status = {.code = GT_DATA_LOSS,
                              .message = "100% caf\xc3\xa9\n",
                              .details = gt_bytes_of("\x08\x0f", 2)};
    gt__h2_finish(k->h2, 1, &status, NULL);
    kit_expect_frames(k, "HEADERS stream=1 END_STREAM END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc\n"
                         "    grpc-status: 15\n"
                         "    grpc-message: 100%25 caf%C3%A9%0A\n"
                         "    grpc-status-details-bin: CA8\n");
}

static void a_code_that_is_none_goes_out_as_unknown(void **state)
{
    kit *k = *state;
    take_request(k, GT_FLAG_END_STREAM);
    kit_finish(k, 1, 99, "odd");
    kit_expect_frames(k, "HEADERS stream=1 END_STREAM END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc\n"
                         "    grpc-status: 2\n"
                         "    grpc-message: odd\n");
}

static void the_codec_that_came_is_answered_without_its_parameters(void **state)
{
    kit *k = *state;
    gt_headers *request = gt_headers_request("/a.B/C");
    gt_headers_set(request, "content-type", "application/grpc+json ; charset=utf-8");
    gt_frame_write_headers(&k->wire, 1, GT_FLAG_END_HEADERS, request);
    gt_headers_free(request);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    assert_int_equal(gt__h2_respond(k->h2, 1, NULL), 0);
    kit_expect_frames(k, "HEADERS stream=1 END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc+json\n");
}

/* Rule T11. */
static void an_early_status_is_followed_by_a_reset(void **state)
{
    kit *k = *state;
    take_request(k, 0);
    kit_finish(k, 1, GT_NOT_FOUND, "");
    kit_expect_frames(k, "HEADERS stream=1 END_STREAM END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc\n"
                         "    grpc-status: 5\n"
                         "RST_STREAM stream=1 NO_ERROR\n");
    kit_expect_events(k, "CLOSED stream=1\n");
}

/* What the client still sends is dropped, and the connection's window gets it back. */
static void what_comes_after_the_status_is_dropped(void **state)
{
    kit *k = *state;
    take_request(k, 0);
    kit_finish(k, 1, GT_NOT_FOUND, "");
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    static const uint8_t zeros[16379];
    for (int i = 0; i < 32; i++)
        gt_frame_write_message(&k->wire, 1, 0, gt_bytes_of(zeros, sizeof zeros));
    kit_expect_frames(k, "WINDOW_UPDATE increment=524288\n");
    kit_expect_events(k, "CLOSED stream=1\n");
}

static void trailers_wait_for_the_peers_window(void **state)
{
    kit *k = *state;
    gt_frame_write_settings(&k->wire, (gt_setting[]){{GT_SETTING_INITIAL_WINDOW_SIZE, 6}}, 1);
    kit_expect_events(k, "SETTINGS\n");
    take_request(k, GT_FLAG_END_STREAM);
    kit_send(k, 1, "hello");
    kit_finish(k, 1, GT_OK, "");
    kit_expect_frames(k, "SETTINGS ACK\n"
                         "HEADERS stream=1 END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc\n"
                         "DATA stream=1 length=6\n"
                         "    message length=5 (first 1) \"h\"\n");
    gt_frame_write_window_update(&k->wire, 1, 100);
    kit_expect_frames(k, "DATA stream=1 length=4\n"
                         "    message length=5 (last 4) \"ello\"\n"
                         "HEADERS stream=1 END_STREAM END_HEADERS\n"
                         "    grpc-status: 0\n");
}

static void a_call_that_was_reset_gets_no_status(void **state)
{
    kit *k = *state;
    take_request(k, 0);
    kit_send(k, 1, "never sent");
    gt_frame_write_rst_stream(&k->wire, 1, GT_H2_CANCEL);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    kit_finish(k, 1, GT_OK, "");
    kit_expect_frames(k, "");
    kit_expect_events(k, "ABORTED stream=1 CANCELLED \"the peer reset the stream with CANCEL\"\n"
                         "CLOSED stream=1\n");
}

static void trailers_too_large_to_send_end_in_a_reset(void **state)
{
    kit *k = *state;
    take_request(k, GT_FLAG_END_STREAM);
    size_t size = 2 * 1024 * 1024;
    char *value = gt__malloc(size + 1);
    memset(value, 'x', size);
    value[size] = '\0';
    gt_metadata *trailer = gt_metadata_new();
    assert_int_equal(gt_metadata_append(trailer, "big", value), 0);
    kit_send(k, 1, "hello");
    gt__h2_finish(k->h2, 1, &(gt_status){.code = GT_OK, .message = ""}, trailer);
    kit_expect_frames(k, "HEADERS stream=1 END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc\n"
                         "DATA stream=1 length=10\n"
                         "    message length=5 \"hello\"\n"
                         "RST_STREAM stream=1 INTERNAL_ERROR\n");
    kit_expect_events(k, "CLOSED stream=1\n");
    gt_metadata_free(trailer);
    gt__free(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(a_response_is_headers_messages_trailers),
        SERVER_TEST(headers_go_out_before_anything_else_is_known),
        SERVER_TEST(a_status_alone_is_one_frame),
        SERVER_TEST(a_message_is_percent_encoded_and_details_are_base64),
        SERVER_TEST(a_code_that_is_none_goes_out_as_unknown),
        SERVER_TEST(the_codec_that_came_is_answered_without_its_parameters),
        SERVER_TEST(an_early_status_is_followed_by_a_reset),
        SERVER_TEST(what_comes_after_the_status_is_dropped),
        SERVER_TEST(trailers_wait_for_the_peers_window),
        SERVER_TEST(a_call_that_was_reset_gets_no_status),
        SERVER_TEST(trailers_too_large_to_send_end_in_a_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
