#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/core.h"

#include <grpctest/frames.h>

/* A block of ":status: 200". */
#define STATUS_200 "\x18\x82\x10\x01"

static gt_buffer out;

static int clean_up(void **state)
{
    (void)state;
    gt_buffer_cleanup(&out);
    return 0;
}

static void raw(uint8_t type, uint8_t flags, uint32_t stream, const char *payload, size_t size)
{
    gt_frame_write_raw(&out, (uint32_t)size, type, flags, stream, gt_bytes_of(payload, size));
}

/* Feeds `out` in pieces of `step` bytes and gives the text of all that comes out. */
static char *read_in_steps(const gt_frame_reader_options *options, size_t step)
{
    gt_frame_reader *reader = gt_frame_reader_new(options);
    gt_buffer text = {0};
    for (size_t i = 0; i < out.size && !gt_frame_reader_explain(reader); i += step) {
        size_t size = out.size - i < step ? out.size - i : step;
        gt_frame_reader_feed(reader, gt_bytes_of(out.data + i, size));
        gt_frame_print_all(&text, reader);
    }
    gt_frame_reader_free(reader);
    return gt__buffer_take_text(&text);
}

static void assert_reads_within(const gt_frame_reader_options *options, const char *expected)
{
    static const size_t steps[] = {1, 7, SIZE_MAX};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        char *text = read_in_steps(options, steps[i] == SIZE_MAX ? out.size : steps[i]);
        assert_string_equal(text, expected);
        gt__free(text);
    }
}

static void assert_reads(const char *expected)
{
    assert_reads_within(NULL, expected);
}

/* ---- cutting ---- */

static void frames_come_out_in_order_however_they_went_in(void **state)
{
    (void)state;
    gt_frame_write_preface(&out);
    gt_frame_write_settings(&out, NULL, 0);
    gt_frame_write_window_update(&out, 0, 1000);
    gt_frame_write_rst_stream(&out, 1, GT_H2_CANCEL);
    assert_reads("PREFACE\nSETTINGS\nWINDOW_UPDATE increment=1000\nRST_STREAM stream=1 CANCEL\n");
}

static void a_server_side_begins_without_a_preface(void **state)
{
    (void)state;
    gt_frame_write_settings(&out, NULL, 0);
    assert_reads("SETTINGS\n");
}

static void a_preface_comes_out_before_anything_follows(void **state)
{
    (void)state;
    gt_frame_write_preface(&out);
    assert_reads("PREFACE\n");
}

static void a_preface_counts_only_at_the_beginning(void **state)
{
    (void)state;
    gt_frame_write_settings(&out, NULL, 0);
    gt_frame_write_preface(&out);
    assert_reads("SETTINGS\n"
                 "! a frame of 5263945 bytes, over the limit of 16384, at byte 9: "
                 "\"PRI * HTT\"\n");
}

static void what_is_not_http2_ends_the_reader_and_is_shown(void **state)
{
    (void)state;
    gt_buffer_add(&out, gt_bytes_str("HTTP/1.1 400 Bad Request\r\n"));
    assert_reads("! a frame of 4740180 bytes, over the limit of 16384, at byte 0: "
                 "\"HTTP/1.1 \"\n");
}

static void after_the_end_there_is_no_more(void **state)
{
    (void)state;
    gt_frame_reader *reader = gt_frame_reader_new(NULL);
    gt_frame frame;
    gt_frame_write_raw(&out, 16385, 0, 0, 1, gt_bytes_str(""));
    gt_frame_reader_feed(reader, gt_buffer_bytes(&out));
    assert_null(gt_frame_reader_explain(reader));
    assert_int_equal(gt_frame_reader_next(reader, &frame), GT_EPROTO);
    assert_non_null(gt_frame_reader_explain(reader));
    gt_buffer_clear(&out);
    gt_frame_write_settings_ack(&out);
    gt_frame_reader_feed(reader, gt_buffer_bytes(&out));
    assert_int_equal(gt_frame_reader_next(reader, &frame), GT_EPROTO);
    gt_frame_reader_free(reader);
}

static void a_frame_that_is_not_whole_waits(void **state)
{
    (void)state;
    gt_frame_reader *reader = gt_frame_reader_new(NULL);
    gt_frame frame;
    gt_frame_write_data(&out, 1, 0, gt_bytes_str("abc"));
    gt_frame_reader_feed(reader, gt_bytes_of(out.data, 11));
    assert_int_equal(gt_frame_reader_next(reader, &frame), GT_EAGAIN);
    assert_int_equal(gt_frame_reader_pending(reader), 11);
    gt_frame_reader_feed(reader, gt_bytes_of(out.data + 11, 1));
    assert_int_equal(gt_frame_reader_next(reader, &frame), 0);
    assert_int_equal(gt_frame_reader_pending(reader), 0);
    assert_true(gt_bytes_equal(frame.payload, gt_bytes_str("abc")));
    assert_int_equal(gt_frame_reader_next(reader, &frame), GT_EAGAIN);
    gt_frame_reader_free(reader);
}

static void a_frame_of_the_limit_is_read_and_one_byte_more_is_not(void **state)
{
    (void)state;
    const gt_frame_reader_options options = {.max_frame_size = 10};
    raw(0xbb, 0, 0, "0123456789", 10);
    raw(0xbb, 0, 0, "0123456789x", 11);
    assert_reads_within(&options, "0xbb\n"
                                  "    bytes \"0123456789\"\n"
                                  "! a frame of 11 bytes, over the limit of 10, at byte 19: "
                                  "\"\\x00\\x00\\x0b\\xbb\\x00\\x00\\x00\\x00\\x00\"\n");
}

static void the_reserved_bit_is_no_part_of_the_stream(void **state)
{
    (void)state;
    raw(GT_FRAME_DATA, 0, 0xffffffff, "", 0);
    raw(GT_FRAME_WINDOW_UPDATE, 0, 0x80000000, "\xff\xff\xff\xff", 4);
    assert_reads("DATA stream=2147483647 reserved length=0\n"
                 "WINDOW_UPDATE reserved increment=2147483647\n");
}

/* ---- what frames hold ---- */

static void every_number_comes_back_as_it_was_written(void **state)
{
    (void)state;
    const gt_setting settings[] = {{GT_SETTING_MAX_FRAME_SIZE, 0xffffffff}, {0, 1}};
    gt_frame_reader *reader = gt_frame_reader_new(NULL);
    gt_frame frame;
    gt_frame_write_settings(&out, settings, 2);
    gt_frame_write_priority(&out, 5, 0x7fffffff, true, 254);
    gt_frame_write_goaway(&out, 0x7ffffffe, 0xfffffffe, gt_bytes_str("bye"));
    gt_frame_write_rst_stream(&out, 9, 0xfffffffd);
    gt_frame_reader_feed(reader, gt_buffer_bytes(&out));

    assert_int_equal(gt_frame_reader_next(reader, &frame), 0);
    assert_int_equal(frame.setting_count, 2);
    assert_int_equal(frame.settings[0].id, GT_SETTING_MAX_FRAME_SIZE);
    assert_int_equal(frame.settings[0].value, 0xffffffff);
    assert_int_equal(frame.settings[1].id, 0);
    assert_int_equal(gt_frame_reader_next(reader, &frame), 0);
    assert_int_equal(frame.dependency, 0x7fffffff);
    assert_true(frame.exclusive);
    assert_int_equal(frame.weight, 254);
    assert_int_equal(gt_frame_reader_next(reader, &frame), 0);
    assert_int_equal(frame.last_stream, 0x7ffffffe);
    assert_int_equal(frame.code, 0xfffffffe);
    assert_true(gt_bytes_equal(frame.data, gt_bytes_str("bye")));
    assert_int_equal(gt_frame_reader_next(reader, &frame), 0);
    assert_int_equal(frame.code, 0xfffffffd);
    gt_frame_reader_free(reader);
}

static void padding_is_taken_off(void **state)
{
    (void)state;
    gt_headers *headers = gt_headers_parse(":status: 200\n");
    const gt_block_options options = {.padding = 255, .dependency = 3, .weight = 1};
    gt_frame_write_data_padded(&out, 1, 0, gt_bytes_str("abc"), 200);
    gt_frame_write_data_padded(&out, 1, 0, gt_bytes_str("abc"), 0);
    gt_frame_write_headers_with(&out, 1, GT_FLAG_PADDED | GT_FLAG_PRIORITY | GT_FLAG_END_HEADERS,
                                headers, &options);
    assert_reads("DATA stream=1 PADDED length=3 padding=200\n"
                 "    bytes \"abc\"\n"
                 "DATA stream=1 PADDED length=3\n"
                 "    bytes \"abc\"\n"
                 "HEADERS stream=1 END_HEADERS PADDED PRIORITY dependency=3 weight=1 padding=255\n"
                 "    :status: 200\n");
    gt_headers_free(headers);
}

/* ---- header blocks ---- */

static void a_split_block_is_told_by_its_last_frame(void **state)
{
    (void)state;
    gt_headers *headers = gt_headers_parse(":status: 200\nx: \\x00!\n");
    gt_frame_write_headers_with(&out, 1, GT_FLAG_END_HEADERS, headers,
                                &(gt_block_options){.split = 3});
    assert_reads("HEADERS stream=1\n"
                 "CONTINUATION stream=1\n"
                 "CONTINUATION stream=1\n"
                 "CONTINUATION stream=1 END_HEADERS\n"
                 "    :status: 200\n"
                 "    x: \\x00!\n");
    gt_headers_free(headers);
}

static void a_big_header_comes_through_continuations(void **state)
{
    (void)state;
    gt_buffer value = {0};
    memset(gt__buffer_extend(&value, 63 * 1024), '~', 63 * 1024);
    gt_headers *headers = gt_headers_new();
    gt_headers_add(headers, "big", gt_buffer_text(&value));
    gt_frame_write_headers_with(&out, 1, GT_FLAG_END_HEADERS, headers,
                                &(gt_block_options){.split = 16384});
    gt_frame_reader *reader = gt_frame_reader_new(NULL);
    gt_frame frame;
    gt_frame_reader_feed(reader, gt_buffer_bytes(&out));
    for (int i = 0; i < 4; i++) {
        assert_int_equal(gt_frame_reader_next(reader, &frame), 0);
        assert_int_equal(frame.headers != NULL, i == 3);
    }
    assert_null(frame.problem);
    assert_string_equal(gt_headers_get(frame.headers, "big"), gt_buffer_text(&value));
    gt_frame_reader_free(reader);
    gt_headers_free(headers);
    gt_buffer_cleanup(&value);
}

/* 40 adds to the table (RFC 7541 section 6.2.1), be is the entry added last (section 6.1). */
static void blocks_share_the_table_of_their_direction(void **state)
{
    (void)state;
    raw(GT_FRAME_HEADERS, GT_FLAG_END_HEADERS, 1, "\x40\x01x\x02hi", 6);
    raw(GT_FRAME_HEADERS, GT_FLAG_END_HEADERS, 3, "\xbe\xbe", 2);
    assert_reads("HEADERS stream=1 END_HEADERS\n    x: hi\n"
                 "HEADERS stream=3 END_HEADERS\n    x: hi\n    x: hi\n");
}

static void a_push_promise_has_a_block_too(void **state)
{
    (void)state;
    raw(GT_FRAME_PUSH_PROMISE, GT_FLAG_PADDED, 1, "\x01\0\0\0\x02\x18\x82\0", 8);
    raw(GT_FRAME_CONTINUATION, GT_FLAG_END_HEADERS, 1, "\x10\x01", 2);
    assert_reads("PUSH_PROMISE stream=1 PADDED promised=2 padding=1\n"
                 "CONTINUATION stream=1 END_HEADERS\n    :status: 200\n");
}

static void a_block_that_does_not_decode_spoils_those_that_follow(void **state)
{
    (void)state;
    raw(GT_FRAME_HEADERS, GT_FLAG_END_HEADERS, 1, "\x18\x82\x10\x01\xff", 5);
    raw(GT_FRAME_HEADERS, GT_FLAG_END_HEADERS, 3, STATUS_200, 4);
    gt_frame_write_settings_ack(&out);
    assert_reads(
        "HEADERS stream=1 END_HEADERS\n"
        "    :status: 200\n"
        "    ! the header block does not decode (RFC 9113 section 4.3)\n"
        "HEADERS stream=3 END_HEADERS\n"
        "    ! an earlier header block did not decode, so this one cannot (RFC 9113 section 4.3)\n"
        "SETTINGS ACK\n");
}

static void what_interrupts_a_block_is_told(void **state)
{
    (void)state;
    raw(GT_FRAME_HEADERS, 0, 1, "\x18\x82", 2);
    gt_frame_write_settings_ack(&out);
    raw(GT_FRAME_CONTINUATION, 0, 3, "\x10", 1);
    raw(GT_FRAME_CONTINUATION, GT_FLAG_END_HEADERS, 1, "\x10\x01", 2);
    assert_reads("HEADERS stream=1\n"
                 "SETTINGS ACK\n"
                 "    ! it interrupts a header block (RFC 9113 section 6.10)\n"
                 "CONTINUATION stream=3\n"
                 "    ! it interrupts a header block (RFC 9113 section 6.10)\n"
                 "CONTINUATION stream=1 END_HEADERS\n"
                 "    :status: 200\n");
}

static void a_continuation_of_nothing_is_told(void **state)
{
    (void)state;
    raw(GT_FRAME_CONTINUATION, GT_FLAG_END_HEADERS, 1, STATUS_200, 4);
    assert_reads("CONTINUATION stream=1 END_HEADERS\n"
                 "    ! there is no header block to continue (RFC 9113 section 6.10)\n");
}

static void a_block_on_stream_0_is_decoded_all_the_same(void **state)
{
    (void)state;
    raw(GT_FRAME_HEADERS, GT_FLAG_END_HEADERS, 0, STATUS_200, 4);
    assert_reads("HEADERS END_HEADERS\n    :status: 200\n    ! it is on stream 0\n");
}

/* ---- limits ---- */

static void a_block_over_the_limit_is_not_kept(void **state)
{
    (void)state;
    const gt_frame_reader_options options = {.max_header_size = 100};
    static const char zeros[33];
    raw(GT_FRAME_HEADERS, 0, 1, STATUS_200, 4);
    for (int i = 0; i < 3; i++)
        raw(GT_FRAME_CONTINUATION, i == 2 ? GT_FLAG_END_HEADERS : 0, 1, zeros, sizeof zeros);
    raw(GT_FRAME_HEADERS, GT_FLAG_END_HEADERS, 3, STATUS_200, 4);
    assert_reads_within(&options, "HEADERS stream=1\n"
                                  "CONTINUATION stream=1\n"
                                  "CONTINUATION stream=1\n"
                                  "CONTINUATION stream=1 END_HEADERS\n"
                                  "    ! the header block is over the reader's limit\n"
                                  "HEADERS stream=3 END_HEADERS\n"
                                  "    :status: 200\n");
}

/* ":status: 200" counts 42. */
static void a_list_of_the_limit_is_read_and_one_byte_more_is_not(void **state)
{
    (void)state;
    raw(GT_FRAME_HEADERS, GT_FLAG_END_HEADERS, 1, STATUS_200, 4);
    assert_reads_within(&(gt_frame_reader_options){.max_header_size = 42},
                        "HEADERS stream=1 END_HEADERS\n"
                        "    :status: 200\n");
    assert_reads_within(&(gt_frame_reader_options){.max_header_size = 41},
                        "HEADERS stream=1 END_HEADERS\n"
                        "    ! the header list is over the reader's limit\n");
}

/* Ten bytes that stand for ten fields: a table entry each (a "HPACK bomb" in small). */
static void a_list_over_the_limit_is_cut_and_the_table_stays_right(void **state)
{
    (void)state;
    const gt_frame_reader_options options = {.max_header_size = 80};
    raw(GT_FRAME_HEADERS, GT_FLAG_END_HEADERS, 1, "\x40\x01x\x02hi", 6);
    raw(GT_FRAME_HEADERS, GT_FLAG_END_HEADERS, 3,
        "\xbe\xbe\xbe\xbe\xbe\xbe\xbe\xbe\xbe\xbe\x40\x01y\x01!", 15);
    raw(GT_FRAME_HEADERS, GT_FLAG_END_HEADERS, 5, "\xbe\xbf", 2);
    assert_reads_within(&options, "HEADERS stream=1 END_HEADERS\n"
                                  "    x: hi\n"
                                  "HEADERS stream=3 END_HEADERS\n"
                                  "    x: hi\n"
                                  "    x: hi\n"
                                  "    ! the header list is over the reader's limit\n"
                                  "HEADERS stream=5 END_HEADERS\n"
                                  "    y: !\n"
                                  "    x: hi\n");
}

/* ---- malformed payloads ---- */

typedef struct malformed {
    uint8_t type, flags;
    uint32_t stream;
    const char *payload;
    size_t size;
    const char *text;
} malformed;

static void malformed_payloads_come_out_with_their_problem(void **state)
{
    (void)state;
    static const malformed cases[] = {
        {GT_FRAME_DATA, GT_FLAG_PADDED, 1, "", 0,
         "DATA stream=1 PADDED length=0\n    ! it is padded and has no pad length\n"},
        {GT_FRAME_DATA, GT_FLAG_PADDED, 1, "\x03zz", 3,
         "DATA stream=1 PADDED length=0 padding=3\n"
         "    ! the padding is longer than the payload\n"},
        {GT_FRAME_DATA, 0, 0, "a", 1, "DATA length=1\n    bytes \"a\"\n    ! it is on stream 0\n"},
        {GT_FRAME_HEADERS, GT_FLAG_PRIORITY, 1, "\0\0\0\0", 4,
         "HEADERS stream=1 PRIORITY dependency=0 weight=0\n"
         "    ! it has no room for its priority\n"},
        {GT_FRAME_PRIORITY, 0, 1, "\0\0\0\x01\x02\x03", 6,
         "PRIORITY stream=1 dependency=1 weight=2\n    ! it is not 5 bytes long\n"},
        {GT_FRAME_PRIORITY, 0, 1, "\0\0\0\x01", 4,
         "PRIORITY stream=1 dependency=0 weight=0\n    ! it has no room for its priority\n"},
        {GT_FRAME_RST_STREAM, 0, 1, "\0\0\x08", 3,
         "RST_STREAM stream=1 NO_ERROR\n    ! it is not 4 bytes long\n"},
        {GT_FRAME_RST_STREAM, 0, 0, "\0\0\0\x08", 4,
         "RST_STREAM CANCEL\n    ! it is on stream 0\n"},
        {GT_FRAME_SETTINGS, 0, 0, "\0\x02\0\0\0\x01\0", 7,
         "SETTINGS\n    ENABLE_PUSH = 1\n    ! its length is not a multiple of 6\n"},
        {GT_FRAME_SETTINGS, GT_FLAG_ACK, 0, "\0\x02\0\0\0\x01", 6,
         "SETTINGS ACK\n    ENABLE_PUSH = 1\n    ! an acknowledgement carries settings\n"},
        {GT_FRAME_SETTINGS, 0, 1, "", 0,
         "SETTINGS stream=1\n    ! it belongs to the connection, and is on a stream\n"},
        {GT_FRAME_PUSH_PROMISE, GT_FLAG_END_HEADERS, 1, "\0\0\0", 3,
         "PUSH_PROMISE stream=1 END_HEADERS promised=0\n"
         "    ! it has no room for the promised stream\n"},
        {GT_FRAME_PING, 0, 0, "1234567", 7,
         "PING\n    opaque \"1234567\"\n    ! it is not 8 bytes long\n"},
        {GT_FRAME_GOAWAY, 0, 0, "\0\0\0\x01\0\0\0", 7,
         "GOAWAY last_stream=0 NO_ERROR\n"
         "    debug \"\\x00\\x00\\x00\\x01\\x00\\x00\\x00\"\n"
         "    ! it is shorter than 8 bytes\n"},
        {GT_FRAME_WINDOW_UPDATE, 0, 1, "\0\0\0\0\x01", 5,
         "WINDOW_UPDATE stream=1 increment=0\n    ! it is not 4 bytes long\n"},
        {GT_FRAME_WINDOW_UPDATE, 0, 1, "\x80\0\0\0", 4,
         "WINDOW_UPDATE stream=1 increment=0\n    ! the increment is 0\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gt_buffer_clear(&out);
        raw(cases[i].type, cases[i].flags, cases[i].stream, cases[i].payload, cases[i].size);
        assert_reads(cases[i].text);
    }
}

static void add_noise(gt__random *random)
{
    uint8_t payload[40];
    size_t size = gt__random_below(random, sizeof payload + 1);
    for (size_t i = 0; i < size; i++)
        payload[i] = (uint8_t)gt__random_next(random);
    gt_frame_write_raw(&out, (uint32_t)size, (uint8_t)gt__random_below(random, 12),
                       (uint8_t)gt__random_next(random), (uint32_t)gt__random_below(random, 4),
                       gt_bytes_of(payload, size));
}

static void noise_reads_alike_whole_and_byte_by_byte(void **state)
{
    (void)state;
    gt__random random;
    gt__random_init(&random, 1, "noise");
    for (int round = 0; round < 200; round++) {
        gt_buffer_clear(&out);
        for (int i = 0; i < 10; i++)
            add_noise(&random);
        char *whole = read_in_steps(NULL, out.size), *bytes = read_in_steps(NULL, 1);
        assert_string_equal(whole, bytes);
        gt__free(whole);
        gt__free(bytes);
    }
}

/* ---- messages (rules M1, M2) ---- */

static void messages_are_found_in_data(void **state)
{
    (void)state;
    gt_buffer data = {0};
    gt_message_write(&data, gt_bytes_str("one"));
    gt_message_write(&data, gt_bytes_str(""));
    gt_message_write_prefix(&data, 1, 2);
    gt_buffer_add(&data, gt_bytes_str("zz"));
    gt_frame_write_data(&out, 1, 0, gt_buffer_bytes(&data));
    assert_reads("DATA stream=1 length=20\n"
                 "    message length=3 \"one\"\n"
                 "    message length=0 \"\"\n"
                 "    message flag=1 length=2 \"zz\"\n");
    gt_buffer_cleanup(&data);
}

static void messages_are_followed_over_frames_of_each_stream(void **state)
{
    (void)state;
    gt_frame_write_data(&out, 1, 0, gt_bytes_of("\0\0\0", 3));
    gt_frame_write_data(&out, 3, 0, gt_bytes_of("\0\0\0\0\x04", 5));
    gt_frame_write_data(&out, 1, 0, gt_bytes_of("\0\x05he", 4));
    gt_frame_write_data(&out, 3, 0, gt_bytes_of("ab", 2));
    gt_frame_write_data(&out, 1, 0, gt_bytes_of("llo\0", 4));
    gt_frame_write_data(&out, 3, GT_FLAG_END_STREAM, gt_bytes_of("cd", 2));
    assert_reads("DATA stream=1 length=3\n"
                 "    prefix, 3 of 5 bytes\n"
                 "DATA stream=3 length=5\n"
                 "    message length=4 (first 0) \"\"\n"
                 "DATA stream=1 length=4\n"
                 "    message length=5 (first 2) \"he\"\n"
                 "DATA stream=3 length=2\n"
                 "    message length=4 (next 2) \"ab\"\n"
                 "DATA stream=1 length=4\n"
                 "    message length=5 (last 3) \"llo\"\n"
                 "    prefix, 1 of 5 bytes\n"
                 "DATA stream=3 END_STREAM length=2\n"
                 "    message length=4 (last 2) \"cd\"\n");
}

static void data_that_is_no_message_is_shown_as_bytes_to_its_end(void **state)
{
    (void)state;
    gt_frame_write_data(&out, 1, 0, gt_bytes_str("<html>"));
    gt_frame_write_data(&out, 1, 0, gt_bytes_of("\0\0\0\0\0", 5));
    assert_reads("DATA stream=1 length=6\n"
                 "    bytes \"<html>\"\n"
                 "DATA stream=1 length=5\n"
                 "    bytes \"\\x00\\x00\\x00\\x00\\x00\"\n");
}

static void a_stream_that_ends_inside_a_message_is_forgotten(void **state)
{
    (void)state;
    gt_frame_write_data(&out, 1, 0, gt_bytes_of("\0\0\0\0\x09half", 9));
    gt_frame_write_rst_stream(&out, 1, GT_H2_CANCEL);
    gt_frame_write_data(&out, 1, GT_FLAG_END_STREAM, gt_bytes_of("\0\0\0\0\x09half", 9));
    gt_frame_write_message(&out, 1, 0, gt_bytes_str("whole"));
    assert_reads("DATA stream=1 length=9\n"
                 "    message length=9 (first 4) \"half\"\n"
                 "RST_STREAM stream=1 CANCEL\n"
                 "DATA stream=1 END_STREAM length=9\n"
                 "    message length=9 (first 4) \"half\"\n"
                 "DATA stream=1 length=10\n"
                 "    message length=5 \"whole\"\n");
}

static void memory_does_not_grow_with_streams_inside_a_message(void **state)
{
    (void)state;
    for (int32_t stream = 1; stream <= 1025; stream++)
        gt_frame_write_data(&out, stream, 0, gt_bytes_of("\0", 1));
    gt_frame_reader *reader = gt_frame_reader_new(NULL);
    gt_frame frame;
    gt_frame_reader_feed(reader, gt_buffer_bytes(&out));
    for (int i = 1; i <= 1025; i++) {
        assert_int_equal(gt_frame_reader_next(reader, &frame), 0);
        assert_int_equal(frame.prefix_bytes, i <= 1024 ? 1 : 0);
    }
    gt_frame_reader_free(reader);
}

static void free_takes_null(void **state)
{
    (void)state;
    gt_frame_reader_free(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, clean_up)
    const struct CMUnitTest tests[] = {
        TEST(frames_come_out_in_order_however_they_went_in),
        TEST(a_server_side_begins_without_a_preface),
        TEST(a_preface_comes_out_before_anything_follows),
        TEST(a_preface_counts_only_at_the_beginning),
        TEST(what_is_not_http2_ends_the_reader_and_is_shown),
        TEST(after_the_end_there_is_no_more),
        TEST(a_frame_that_is_not_whole_waits),
        TEST(a_frame_of_the_limit_is_read_and_one_byte_more_is_not),
        TEST(the_reserved_bit_is_no_part_of_the_stream),
        TEST(every_number_comes_back_as_it_was_written),
        TEST(padding_is_taken_off),
        TEST(a_split_block_is_told_by_its_last_frame),
        TEST(a_big_header_comes_through_continuations),
        TEST(blocks_share_the_table_of_their_direction),
        TEST(a_push_promise_has_a_block_too),
        TEST(a_block_that_does_not_decode_spoils_those_that_follow),
        TEST(what_interrupts_a_block_is_told),
        TEST(a_continuation_of_nothing_is_told),
        TEST(a_block_on_stream_0_is_decoded_all_the_same),
        TEST(a_block_over_the_limit_is_not_kept),
        TEST(a_list_of_the_limit_is_read_and_one_byte_more_is_not),
        TEST(a_list_over_the_limit_is_cut_and_the_table_stays_right),
        TEST(malformed_payloads_come_out_with_their_problem),
        TEST(noise_reads_alike_whole_and_byte_by_byte),
        TEST(messages_are_found_in_data),
        TEST(messages_are_followed_over_frames_of_each_stream),
        TEST(data_that_is_no_message_is_shown_as_bytes_to_its_end),
        TEST(a_stream_that_ends_inside_a_message_is_forgotten),
        TEST(memory_does_not_grow_with_streams_inside_a_message),
        TEST(free_takes_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
