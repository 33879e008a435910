/* What a server sends: rules T1 to T4 and T11, and D2, D3, D5 on their way out. */
#include "test_kit.h"

#include "engine/core/metadata.h"

#define RESPONSE                                                                                   \
    "HEADERS stream=1 END_HEADERS\n"                                                               \
    "    :status: 200\n"                                                                           \
    "    content-type: application/grpc\n"                                                         \
    "    grpc-accept-encoding: identity,deflate,gzip\n"

#define TRAILERS_ONLY                                                                              \
    "HEADERS stream=1 END_STREAM END_HEADERS\n"                                                    \
    "    :status: 200\n"                                                                           \
    "    content-type: application/grpc\n"

/* A call that has come in and been half-closed. */
static void begin_call(kit *k)
{
    kit_write_request(k, 1);
    gt_frame_write_data(&k->wire, 1, GT_FLAG_END_STREAM, gt_bytes_str(""));
    kit_expect_events(k,
                      "REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc\n"
                      "HALF_CLOSE stream=1\n");
}

static gt_metadata *some_metadata(void)
{
    gt_metadata *metadata = gt_metadata_new();
    assert_int_equal(gt_metadata_append(metadata, "b", "1"), 0);
    assert_int_equal(gt_metadata_append_bin(metadata, "a-bin", gt_bytes_of("\0\1\2\xff", 4)), 0);
    assert_int_equal(gt_metadata_append(metadata, "b", "2, 3"), 0);
    return metadata;
}

static void finish_with(kit *k, gt_status status, const gt_metadata *trailer)
{
    gt__h2_finish(k->h2, 1, &status, trailer);
}

/* ---- T1: headers, messages, trailers ---- */

static void headers_go_out_before_any_message(void **state)
{
    kit *k = *state;
    begin_call(k);
    assert_int_equal(gt__h2_respond(k->h2, 1, NULL), 0);
    kit_expect_frames(k, RESPONSE);
    kit_send(k, 1, "one");
    kit_expect_frames(k, "DATA stream=1 length=8\n"
                         "    message length=3 \"one\"\n");
}

static void headers_can_be_sent_once(void **state)
{
    kit *k = *state;
    begin_call(k);
    assert_int_equal(gt__h2_respond(k->h2, 1, NULL), 0);
    assert_int_equal(gt__h2_respond(k->h2, 1, NULL), GT_ECLOSED);
    kit_expect_frames(k, RESPONSE);
}

static void the_first_message_brings_headers_along(void **state)
{
    kit *k = *state;
    begin_call(k);
    kit_send(k, 1, "");
    kit_expect_frames(k, RESPONSE "DATA stream=1 length=5\n"
                                  "    message length=0 \"\"\n");
}

static void trailers_follow_the_last_message(void **state)
{
    kit *k = *state;
    begin_call(k);
    kit_send(k, 1, "one");
    kit_send(k, 1, "two");
    kit_finish(k, 1, GT_OUT_OF_RANGE, "no three");
    kit_expect_frames(k, RESPONSE "DATA stream=1 length=16\n"
                                  "    message length=3 \"one\"\n"
                                  "    message length=3 \"two\"\n"
                                  "HEADERS stream=1 END_STREAM END_HEADERS\n"
                                  "    grpc-status: 11\n"
                                  "    grpc-message: no three\n");
    kit_expect_events(k, "CLOSED stream=1\n");
}

static void trailers_wait_for_messages_that_the_window_holds_up(void **state)
{
    kit *k = *state;
    const gt_setting settings[] = {{GT_SETTING_INITIAL_WINDOW_SIZE, 7}};
    gt_frame_write_settings(&k->wire, settings, 1);
    kit_expect_events(k, "SETTINGS\n");
    kit_expect_frames(k, "SETTINGS ACK\n");
    begin_call(k);
    kit_send(k, 1, "hello");
    kit_finish(k, 1, GT_OK, "");
    kit_expect_frames(k, RESPONSE "DATA stream=1 length=7\n"
                                  "    message length=5 (first 2) \"he\"\n");
    gt_frame_write_window_update(&k->wire, 1, 100);
    kit_expect_frames(k, "DATA stream=1 length=3\n"
                         "    message length=5 (last 3) \"llo\"\n"
                         "HEADERS stream=1 END_STREAM END_HEADERS\n"
                         "    grpc-status: 0\n");
}

static void nothing_can_follow_the_status(void **state)
{
    kit *k = *state;
    int error = 0;
    begin_call(k);
    kit_finish(k, 1, GT_OK, "");
    kit_finish(k, 1, GT_INTERNAL, "too late");
    assert_int_equal(gt__h2_respond(k->h2, 1, NULL), GT_ECLOSED);
    assert_null(gt__h2_send_begin(k->h2, 1, 1, &error));
    assert_int_equal(error, GT_ECLOSED);
    kit_expect_frames(k, TRAILERS_ONLY "    grpc-status: 0\n");
}

/* Also while it still waits to be sent (rule C2). */
static void the_first_status_counts(void **state)
{
    kit *k = *state;
    const gt_setting settings[] = {{GT_SETTING_INITIAL_WINDOW_SIZE, 7}};
    gt_frame_write_settings(&k->wire, settings, 1);
    kit_expect_events(k, "SETTINGS\n");
    begin_call(k);
    kit_send(k, 1, "hello");
    kit_finish(k, 1, GT_OK, "");
    kit_finish(k, 1, GT_INTERNAL, "too late");
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    gt_frame_write_window_update(&k->wire, 1, 100);
    kit_expect_frames(k, "DATA stream=1 length=3\n"
                         "    message length=5 (last 3) \"llo\"\n"
                         "HEADERS stream=1 END_STREAM END_HEADERS\n"
                         "    grpc-status: 0\n");
}

static void assert_status_text(kit *k, int32_t stream, int code, const char *text)
{
    kit_write_request(k, stream);
    gt_frame_write_data(&k->wire, stream, GT_FLAG_END_STREAM, gt_bytes_str(""));
    kit_feed(k);
    kit_finish(k, stream, code, "");
    char *frames = gt__printf("HEADERS stream=%d END_STREAM END_HEADERS\n"
                              "    :status: 200\n"
                              "    content-type: application/grpc\n"
                              "    grpc-status: %s\n",
                              stream, text);
    kit_expect_frames(k, frames);
    gt__free(frames);
}

static void every_status_is_a_decimal_number(void **state)
{
    static const char *const texts[] = {"0", "1",  "2",  "3",  "4",  "5",  "6",  "7", "8",
                                        "9", "10", "11", "12", "13", "14", "15", "16"};
    for (int code = 0; code <= 16; code++)
        assert_status_text(*state, 1 + 2 * code, code, texts[code]);
}

static void a_code_that_is_none_is_sent_as_unknown(void **state)
{
    assert_status_text(*state, 1, 17, "2");
    assert_status_text(*state, 3, -1, "2");
}

/* ---- T2: trailers-only ---- */

static void a_status_alone_is_trailers_only(void **state)
{
    kit *k = *state;
    begin_call(k);
    gt_metadata *trailer = some_metadata();
    finish_with(k, (gt_status){.code = GT_NOT_FOUND, .message = "no such user"}, trailer);
    gt_metadata_free(trailer);
    kit_expect_frames(k, TRAILERS_ONLY "    grpc-status: 5\n"
                                       "    grpc-message: no such user\n"
                                       "    b: 1\n"
                                       "    a-bin: AAEC/w\n"
                                       "    b: 2, 3\n");
}

static void headers_alone_are_not_trailers_only(void **state)
{
    kit *k = *state;
    begin_call(k);
    assert_int_equal(gt__h2_respond(k->h2, 1, NULL), 0);
    kit_finish(k, 1, GT_OK, "");
    kit_expect_frames(k, RESPONSE "HEADERS stream=1 END_STREAM END_HEADERS\n"
                                  "    grpc-status: 0\n");
}

/* ---- T3: the message ---- */

static void the_message_is_percent_coded(void **state)
{
    kit *k = *state;
    begin_call(k);
    kit_finish(k, 1, GT_INTERNAL, "\t100% \u263a\n");
    kit_expect_frames(k, TRAILERS_ONLY "    grpc-status: 13\n"
                                       "    grpc-message: %09100%25 %E2%98%BA%0A\n");
}

static void the_message_is_coded_in_trailers_too(void **state)
{
    kit *k = *state;
    begin_call(k);
    kit_send(k, 1, "one");
    kit_finish(k, 1, GT_INTERNAL, "50%");
    kit_expect_frames(k, RESPONSE "DATA stream=1 length=8\n"
                                  "    message length=3 \"one\"\n"
                                  "HEADERS stream=1 END_STREAM END_HEADERS\n"
                                  "    grpc-status: 13\n"
                                  "    grpc-message: 50%25\n");
}

static void no_message_is_sent_with_ok(void **state)
{
    kit *k = *state;
    begin_call(k);
    kit_finish(k, 1, GT_OK, "all is well");
    kit_expect_frames(k, TRAILERS_ONLY "    grpc-status: 0\n");
}

static void no_message_is_sent_where_there_is_none(void **state)
{
    kit *k = *state;
    begin_call(k);
    kit_finish(k, 1, GT_ABORTED, NULL);
    kit_expect_frames(k, TRAILERS_ONLY "    grpc-status: 10\n");
}

/* ---- T4: details ---- */

static void details_travel_in_base64_without_padding(void **state)
{
    kit *k = *state;
    begin_call(k);
    finish_with(k,
                (gt_status){.code = GT_NOT_FOUND,
                            .message = "x",
                            .details = gt_bytes_of("\x08\x05\x12\x01x", 5)},
                NULL);
    kit_expect_frames(k, TRAILERS_ONLY "    grpc-status: 5\n"
                                       "    grpc-message: x\n"
                                       "    grpc-status-details-bin: CAUSAXg\n");
}

/* ---- D2, D3, D5: metadata ---- */

static void no_details_are_sent_with_ok(void **state)
{
    kit *k = *state;
    begin_call(k);
    finish_with(k, (gt_status){.code = GT_OK, .message = "", .details = gt_bytes_of("\x08", 1)},
                NULL);
    kit_expect_frames(k, TRAILERS_ONLY "    grpc-status: 0\n");
}

static void header_metadata_keeps_its_order_and_codes_bytes(void **state)
{
    kit *k = *state;
    begin_call(k);
    gt_metadata *header = some_metadata();
    assert_int_equal(gt__h2_respond(k->h2, 1, header), 0);
    gt_metadata_free(header);
    kit_expect_frames(k, RESPONSE "    b: 1\n"
                                  "    a-bin: AAEC/w\n"
                                  "    b: 2, 3\n");
}

static void trailer_metadata_keeps_its_order_and_codes_bytes(void **state)
{
    kit *k = *state;
    begin_call(k);
    assert_int_equal(gt__h2_respond(k->h2, 1, NULL), 0);
    gt_metadata *trailer = some_metadata();
    finish_with(k, (gt_status){.code = GT_OK, .message = ""}, trailer);
    gt_metadata_free(trailer);
    kit_expect_frames(k, RESPONSE "HEADERS stream=1 END_STREAM END_HEADERS\n"
                                  "    grpc-status: 0\n"
                                  "    b: 1\n"
                                  "    a-bin: AAEC/w\n"
                                  "    b: 2, 3\n");
}

/* Adds `text` so many times. */
static void repeat(gt_buffer *out, const char *text, int count)
{
    for (int i = 0; i < count; i++)
        gt__buffer_add_text(out, text);
}

static void long_values_of_every_kind_go_out_together(void **state)
{
    kit *k = *state;
    static const uint8_t zeros[3000];
    gt_buffer message = {0}, expected = {0};
    gt_metadata *trailer = gt_metadata_new();
    for (int i = 0; i < 3; i++)
        assert_int_equal(gt_metadata_append_bin(trailer, "x-bin", gt_bytes_of(zeros, 3000)), 0);
    repeat(&message, "\n", 1000);
    begin_call(k);
    finish_with(k,
                (gt_status){.code = GT_ABORTED,
                            .message = gt_buffer_text(&message),
                            .details = gt_bytes_of(zeros, 3000)},
                trailer);
    repeat(&expected, TRAILERS_ONLY "    grpc-status: 10\n    grpc-message: ", 1);
    repeat(&expected, "%0A", 1000);
    repeat(&expected, "\n    grpc-status-details-bin: ", 1);
    repeat(&expected, "AAAA", 1000);
    for (int i = 0; i < 3; i++) {
        repeat(&expected, "\n    x-bin: ", 1);
        repeat(&expected, "AAAA", 1000);
    }
    repeat(&expected, "\n", 1);
    kit_expect_frames(k, gt_buffer_text(&expected));
    gt_metadata_free(trailer);
    gt_buffer_cleanup(&message);
    gt_buffer_cleanup(&expected);
}

/* A tilde takes 13 bits in HPACK's code, so these travel as they are. */
static void a_big_header_goes_out_in_continuations(void **state)
{
    kit *k = *state;
    begin_call(k);
    gt_buffer value = {0};
    memset(gt__buffer_extend(&value, 40000), '~', 40000);
    gt_metadata *header = gt_metadata_new();
    assert_int_equal(gt_metadata_append(header, "x", gt_buffer_text(&value)), 0);
    assert_int_equal(gt__h2_respond(k->h2, 1, header), 0);
    kit_expect_frames(k, "HEADERS stream=1\n"
                         "CONTINUATION stream=1\n"
                         "CONTINUATION stream=1 END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc\n"
                         "    grpc-accept-encoding: identity,deflate,gzip\n"
                         "    x: ~~~*\n");
    gt_metadata_free(header);
    gt_buffer_cleanup(&value);
}

/* ---- T11: an early end ---- */

static void a_status_before_the_half_close_is_followed_by_a_reset(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("hello"));
    kit_feed(k);
    kit_finish(k, 1, GT_OK, "");
    kit_expect_frames(k, TRAILERS_ONLY "    grpc-status: 0\n"
                                       "RST_STREAM stream=1 NO_ERROR\n");
}

static void a_status_after_messages_is_followed_by_a_reset_too(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    kit_feed(k);
    kit_send(k, 1, "one");
    kit_finish(k, 1, GT_OK, "");
    kit_expect_frames(k, RESPONSE "DATA stream=1 length=8\n"
                                  "    message length=3 \"one\"\n"
                                  "HEADERS stream=1 END_STREAM END_HEADERS\n"
                                  "    grpc-status: 0\n"
                                  "RST_STREAM stream=1 NO_ERROR\n");
}

/* What the client still sends is dropped, and the connection's window gets it back. */
static void what_comes_after_the_status_is_dropped(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    kit_feed(k);
    kit_finish(k, 1, GT_NOT_FOUND, "");
    kit_expect_frames(k, TRAILERS_ONLY "    grpc-status: 5\n"
                                       "RST_STREAM stream=1 NO_ERROR\n");
    static const uint8_t zeros[16379];
    for (int i = 0; i < 32; i++)
        gt_frame_write_message(&k->wire, 1, 0, gt_bytes_of(zeros, sizeof zeros));
    kit_expect_frames(k, "WINDOW_UPDATE increment=524288\n");
    kit_expect_events(k,
                      "REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc\n"
                      "CLOSED stream=1\n");
}

/* ---- where no status can go ---- */

static void a_call_that_was_reset_gets_no_status(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    kit_feed(k);
    kit_send(k, 1, "never sent");
    gt_frame_write_rst_stream(&k->wire, 1, GT_H2_CANCEL);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    kit_finish(k, 1, GT_OK, "");
    kit_expect_frames(k, "");
    kit_expect_events(k,
                      "REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc\n"
                      "ABORTED stream=1 CANCELLED \"the peer reset the stream with CANCEL\"\n"
                      "CLOSED stream=1\n");
}

/* A list of 2 MiB, twice of what is sent. */
static gt_metadata *big_metadata(void)
{
    size_t size = 2 * 1024 * 1024;
    char *value = gt__malloc(size + 1);
    memset(value, 'x', size);
    value[size] = '\0';
    gt_metadata *metadata = gt_metadata_new();
    assert_int_equal(gt_metadata_append(metadata, "big", value), 0);
    gt__free(value);
    return metadata;
}

static void trailers_too_large_to_send_are_resource_exhausted(void **state)
{
    kit *k = *state;
    begin_call(k);
    gt_metadata *trailer = big_metadata();
    kit_send(k, 1, "hello");
    gt__h2_finish(k->h2, 1, &(gt_status){.code = GT_OK, .message = ""}, trailer);
    kit_expect_frames(k, RESPONSE "DATA stream=1 length=10\n"
                                  "    message length=5 \"hello\"\n"
                                  "HEADERS stream=1 END_STREAM END_HEADERS\n"
                                  "    grpc-status: 8\n"
                                  "    grpc-message: the trailers are larger than can be sent\n");
    kit_expect_events(k, "CLOSED stream=1\n");
    gt_metadata_free(trailer);
}

static void trailers_only_too_large_to_send_are_resource_exhausted(void **state)
{
    kit *k = *state;
    begin_call(k);
    gt_metadata *trailer = big_metadata();
    gt__h2_finish(k->h2, 1, &(gt_status){.code = GT_OK, .message = ""}, trailer);
    kit_expect_frames(k,
                      TRAILERS_ONLY "    grpc-status: 8\n"
                                    "    grpc-message: the trailers are larger than can be sent\n");
    gt_metadata_free(trailer);
}

static void headers_too_large_to_send_are_refused_to_the_sender(void **state)
{
    kit *k = *state;
    begin_call(k);
    gt_metadata *header = big_metadata();
    assert_int_equal(gt__h2_respond(k->h2, 1, header), GT_ETOOBIG);
    kit_expect_frames(k, "");
    assert_int_equal(gt__h2_respond(k->h2, 1, NULL), 0);
    kit_expect_frames(k, RESPONSE);
    gt_metadata_free(header);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(headers_go_out_before_any_message),
        SERVER_TEST(headers_can_be_sent_once),
        SERVER_TEST(the_first_message_brings_headers_along),
        SERVER_TEST(trailers_follow_the_last_message),
        SERVER_TEST(trailers_wait_for_messages_that_the_window_holds_up),
        SERVER_TEST(nothing_can_follow_the_status),
        SERVER_TEST(the_first_status_counts),
        SERVER_TEST(every_status_is_a_decimal_number),
        SERVER_TEST(a_code_that_is_none_is_sent_as_unknown),
        SERVER_TEST(a_status_alone_is_trailers_only),
        SERVER_TEST(headers_alone_are_not_trailers_only),
        SERVER_TEST(the_message_is_percent_coded),
        SERVER_TEST(the_message_is_coded_in_trailers_too),
        SERVER_TEST(no_message_is_sent_with_ok),
        SERVER_TEST(no_message_is_sent_where_there_is_none),
        SERVER_TEST(details_travel_in_base64_without_padding),
        SERVER_TEST(no_details_are_sent_with_ok),
        SERVER_TEST(header_metadata_keeps_its_order_and_codes_bytes),
        SERVER_TEST(trailer_metadata_keeps_its_order_and_codes_bytes),
        SERVER_TEST(long_values_of_every_kind_go_out_together),
        SERVER_TEST(a_big_header_goes_out_in_continuations),
        SERVER_TEST(a_status_before_the_half_close_is_followed_by_a_reset),
        SERVER_TEST(a_status_after_messages_is_followed_by_a_reset_too),
        SERVER_TEST(what_comes_after_the_status_is_dropped),
        SERVER_TEST(a_call_that_was_reset_gets_no_status),
        SERVER_TEST(trailers_too_large_to_send_are_resource_exhausted),
        SERVER_TEST(trailers_only_too_large_to_send_are_resource_exhausted),
        SERVER_TEST(headers_too_large_to_send_are_refused_to_the_sender),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
