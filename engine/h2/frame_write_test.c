#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/core.h"
#include "engine/core/death_test.h"

#include <grpctest/frames.h>

/* The literal frames are written out as in the RFC's figures: length, type, flags, stream, payload.
 */
static void assert_bytes(gt_buffer *out, const char *expected)
{
    gt_buffer hex = {0};
    for (size_t i = 0; i < out->size; i++)
        gt__buffer_printf(&hex, "%s%02x", i ? " " : "", out->data[i]);
    assert_string_equal(gt_buffer_text(&hex), expected);
    gt_buffer_cleanup(&hex);
    gt_buffer_cleanup(out);
}

/* ---- the connection ---- */

static void the_preface_is_the_rfcs(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_frame_write_preface(&out);
    assert_bytes(&out, "50 52 49 20 2a 20 48 54 54 50 2f 32 2e 30 0d 0a 0d 0a 53 4d 0d 0a 0d 0a");
}

static void settings_are_pairs(void **state)
{
    (void)state;
    gt_buffer out = {0};
    const gt_setting settings[] = {{GT_SETTING_ENABLE_PUSH, 0}, {0xbbcc, 0x01020304}};
    gt_frame_write_settings(&out, settings, 2);
    assert_bytes(&out, "00 00 0c 04 00 00 00 00 00 00 02 00 00 00 00 bb cc 01 02 03 04");
}

static void settings_may_be_none(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_frame_write_settings(&out, NULL, 0);
    assert_bytes(&out, "00 00 00 04 00 00 00 00 00");
}

static void a_settings_ack_is_empty(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_frame_write_settings_ack(&out);
    assert_bytes(&out, "00 00 00 04 01 00 00 00 00");
}

static void a_ping_has_eight_bytes(void **state)
{
    (void)state;
    gt_buffer out = {0};
    const uint8_t opaque[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    gt_frame_write_ping(&out, GT_FLAG_ACK, opaque);
    assert_bytes(&out, "00 00 08 06 01 00 00 00 00 01 02 03 04 05 06 07 08");
}

static void goaway_has_last_stream_code_and_debug_data(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_frame_write_goaway(&out, INT32_MAX, GT_H2_ENHANCE_YOUR_CALM, gt_bytes_str("hi"));
    assert_bytes(&out, "00 00 0a 07 00 00 00 00 00 7f ff ff ff 00 00 00 0b 68 69");
}

static void a_window_update_has_an_increment(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_frame_write_window_update(&out, 3, 65535);
    assert_bytes(&out, "00 00 04 08 00 00 00 00 03 00 00 ff ff");
}

/* ---- a stream ---- */

static void data_is_its_payload(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_frame_write_data(&out, 1, GT_FLAG_END_STREAM, gt_bytes_str("abc"));
    assert_bytes(&out, "00 00 03 00 01 00 00 00 01 61 62 63");
}

static void empty_data_is_a_frame_header(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_frame_write_data(&out, 1, GT_FLAG_END_STREAM, gt_bytes_of(NULL, 0));
    assert_bytes(&out, "00 00 00 00 01 00 00 00 01");
}

static void padded_data_says_how_much(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_frame_write_data_padded(&out, 1, GT_FLAG_END_STREAM, gt_bytes_str("a"), 2);
    assert_bytes(&out, "00 00 04 00 09 00 00 00 01 02 61 00 00");
}

static void padding_may_be_of_no_bytes(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_frame_write_data_padded(&out, 1, 0, gt_bytes_str("a"), 0);
    assert_bytes(&out, "00 00 02 00 08 00 00 00 01 00 61");
}

static void priority_has_dependency_and_weight(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_frame_write_priority(&out, 5, 3, true, 255);
    assert_bytes(&out, "00 00 05 02 00 00 00 00 05 80 00 00 03 ff");
}

static void rst_stream_has_a_code(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_frame_write_rst_stream(&out, 1, GT_H2_CANCEL);
    assert_bytes(&out, "00 00 04 03 00 00 00 00 01 00 00 00 08");
}

/* ---- header blocks: 18 82 10 01 is ":status: 200", never indexed ---- */

static void headers_hold_a_literal_block(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_frame_write_headers_text(&out, 1, GT_FLAG_END_STREAM | GT_FLAG_END_HEADERS,
                                ":status: 200\nX: \\x00!\n");
    assert_bytes(&out, "00 00 0a 01 05 00 00 00 01 18 82 10 01 10 01 58 02 00 21");
}

static void a_second_block_is_coded_like_the_first(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_headers *headers = gt_headers_parse("x: 1\n");
    gt_headers_encode(&out, headers);
    gt_headers_encode(&out, headers);
    assert_bytes(&out, "10 01 78 01 31 10 01 78 01 31");
    gt_headers_free(headers);
}

static void an_empty_list_is_an_empty_block(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_frame_write_headers_text(&out, 1, GT_FLAG_END_HEADERS, "");
    assert_bytes(&out, "00 00 00 01 04 00 00 00 01");
}

static void padding_and_priority_stand_around_the_block(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_headers *headers = gt_headers_parse(":status: 200\n");
    gt_block_options options = {.padding = 2, .dependency = 5, .exclusive = true, .weight = 7};
    gt_frame_write_headers_with(&out, 3, GT_FLAG_END_HEADERS | GT_FLAG_PADDED | GT_FLAG_PRIORITY,
                                headers, &options);
    assert_bytes(&out, "00 00 0c 01 2c 00 00 00 03 02 80 00 00 05 07 18 82 10 01 00 00");
    gt_headers_free(headers);
}

static void a_split_block_ends_in_continuations(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_headers *headers = gt_headers_parse(":status: 200\nx: \\x00!\n");
    gt_block_options options = {.split = 4};
    gt_frame_write_headers_with(&out, 1, GT_FLAG_END_STREAM | GT_FLAG_END_HEADERS, headers,
                                &options);
    assert_bytes(&out, "00 00 04 01 01 00 00 00 01 18 82 10 01 "
                       "00 00 04 09 00 00 00 00 01 10 01 78 02 "
                       "00 00 02 09 04 00 00 00 01 00 21");
    gt_headers_free(headers);
}

static void a_block_that_fits_is_not_split(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_headers *headers = gt_headers_parse(":status: 200\n");
    gt_frame_write_headers_with(&out, 1, GT_FLAG_END_HEADERS, headers,
                                &(gt_block_options){.split = 4});
    assert_bytes(&out, "00 00 04 01 04 00 00 00 01 18 82 10 01");
    gt_headers_free(headers);
}

static void a_split_block_without_end_headers_stays_open(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_headers *headers = gt_headers_parse(":status: 200\n");
    gt_frame_write_headers_with(&out, 1, 0, headers, &(gt_block_options){.split = 3});
    assert_bytes(&out, "00 00 03 01 00 00 00 00 01 18 82 10 00 00 01 09 00 00 00 00 01 01");
    gt_headers_free(headers);
}

static void a_continuation_takes_any_piece(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_frame_write_continuation(&out, 7, GT_FLAG_END_HEADERS, gt_bytes_of("\x18\x82", 2));
    assert_bytes(&out, "00 00 02 09 04 00 00 00 07 18 82");
}

static void a_push_promise_names_its_stream(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_headers *headers = gt_headers_parse(":status: 200\n");
    gt_frame_write_push_promise(&out, 1, GT_FLAG_END_HEADERS, 2, headers);
    assert_bytes(&out, "00 00 08 05 04 00 00 00 01 00 00 00 02 18 82 10 01");
    gt_headers_free(headers);
}

/* ---- broken on purpose ---- */

static void a_raw_frame_says_what_it_is_told(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_frame_write_raw(&out, 0xffffff, 0xbb, 0xff, 0x80000001, gt_bytes_str("a"));
    assert_bytes(&out, "ff ff ff bb ff 80 00 00 01 61");
}

static void write_too_long_a_frame(void *out)
{
    gt_frame_write_raw(out, 0x1000000, 0, 0, 1, gt_bytes_str(""));
}

static void a_length_past_24_bits_is_misuse(void **state)
{
    (void)state;
    gt_buffer out = {0};
    assert_dies(write_too_long_a_frame, &out,
                "grpctest: a frame cannot hold 16777216 bytes (RFC 9113 section 4.1)\n");
}

/* ---- gRPC ---- */

static void a_message_stands_behind_its_prefix(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_message_write(&out, gt_bytes_str("hello"));
    assert_bytes(&out, "00 00 00 00 05 68 65 6c 6c 6f");
}

static void a_prefix_can_lie(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_message_write_prefix(&out, 2, 0xfffefdfc);
    assert_bytes(&out, "02 ff fe fd fc");
}

static void a_message_frame_is_data(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt_frame_write_message(&out, 1, GT_FLAG_END_STREAM, gt_bytes_str("hi"));
    assert_bytes(&out, "00 00 07 00 01 00 00 00 01 00 00 00 00 02 68 69");
}

static void a_call_is_written_in_five_lines(void **state)
{
    (void)state;
    gt_buffer out = {0}, text = {0};
    gt_frame_write_request(&out, 1, 0, "/a.B/C");
    gt_frame_write_message(&out, 1, GT_FLAG_END_STREAM, gt_bytes_str("ping"));
    gt_frame_write_response(&out, 3);
    gt_frame_write_trailers(&out, 3, 5, "none");
    gt_frame_write_trailers_only(&out, 5, 12, NULL);
    gt_frame_reader *reader = gt_frame_reader_new(NULL);
    gt_frame_reader_feed(reader, gt_buffer_bytes(&out));
    gt_frame_print_all(&text, reader);
    assert_string_equal(gt_buffer_text(&text), "HEADERS stream=1 END_HEADERS\n"
                                               "    :method: POST\n"
                                               "    :scheme: http\n"
                                               "    :path: /a.B/C\n"
                                               "    :authority: localhost\n"
                                               "    te: trailers\n"
                                               "    content-type: application/grpc\n"
                                               "DATA stream=1 END_STREAM length=9\n"
                                               "    message length=4 \"ping\"\n"
                                               "HEADERS stream=3 END_HEADERS\n"
                                               "    :status: 200\n"
                                               "    content-type: application/grpc\n"
                                               "HEADERS stream=3 END_STREAM END_HEADERS\n"
                                               "    grpc-status: 5\n"
                                               "    grpc-message: none\n"
                                               "HEADERS stream=5 END_STREAM END_HEADERS\n"
                                               "    :status: 200\n"
                                               "    content-type: application/grpc\n"
                                               "    grpc-status: 12\n");
    gt_frame_reader_free(reader);
    gt_buffer_cleanup(&out);
    gt_buffer_cleanup(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_preface_is_the_rfcs),
        cmocka_unit_test(settings_are_pairs),
        cmocka_unit_test(settings_may_be_none),
        cmocka_unit_test(a_settings_ack_is_empty),
        cmocka_unit_test(a_ping_has_eight_bytes),
        cmocka_unit_test(goaway_has_last_stream_code_and_debug_data),
        cmocka_unit_test(a_window_update_has_an_increment),
        cmocka_unit_test(data_is_its_payload),
        cmocka_unit_test(empty_data_is_a_frame_header),
        cmocka_unit_test(padded_data_says_how_much),
        cmocka_unit_test(padding_may_be_of_no_bytes),
        cmocka_unit_test(priority_has_dependency_and_weight),
        cmocka_unit_test(rst_stream_has_a_code),
        cmocka_unit_test(headers_hold_a_literal_block),
        cmocka_unit_test(a_second_block_is_coded_like_the_first),
        cmocka_unit_test(an_empty_list_is_an_empty_block),
        cmocka_unit_test(padding_and_priority_stand_around_the_block),
        cmocka_unit_test(a_split_block_ends_in_continuations),
        cmocka_unit_test(a_block_that_fits_is_not_split),
        cmocka_unit_test(a_split_block_without_end_headers_stays_open),
        cmocka_unit_test(a_continuation_takes_any_piece),
        cmocka_unit_test(a_push_promise_names_its_stream),
        cmocka_unit_test(a_raw_frame_says_what_it_is_told),
        cmocka_unit_test(a_length_past_24_bits_is_misuse),
        cmocka_unit_test(a_message_stands_behind_its_prefix),
        cmocka_unit_test(a_prefix_can_lie),
        cmocka_unit_test(a_message_frame_is_data),
        cmocka_unit_test(a_call_is_written_in_five_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
