#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/core.h"

#include <grpctest/frames.h>

static void assert_prints(const gt_frame *frame, const char *expected)
{
    gt_buffer text = {0};
    gt_frame_print(&text, frame);
    assert_string_equal(gt_buffer_text(&text), expected);
    gt_buffer_cleanup(&text);
}

static void flags_have_the_names_that_their_type_gives_them(void **state)
{
    (void)state;
    assert_prints(&(gt_frame){.type = GT_FRAME_HEADERS, .stream = 1, .flags = 0xff},
                  "HEADERS stream=1 END_STREAM END_HEADERS PADDED PRIORITY flags=0xd2 "
                  "dependency=0 weight=0\n");
    assert_prints(&(gt_frame){.type = GT_FRAME_DATA, .stream = 1, .flags = 0xff},
                  "DATA stream=1 END_STREAM PADDED flags=0xf6 length=0\n");
    assert_prints(&(gt_frame){.type = GT_FRAME_SETTINGS, .flags = 0xff},
                  "SETTINGS ACK flags=0xfe\n");
    assert_prints(&(gt_frame){.type = GT_FRAME_CONTINUATION, .stream = 1, .flags = 5},
                  "CONTINUATION stream=1 END_HEADERS flags=0x01\n");
    assert_prints(&(gt_frame){.type = GT_FRAME_RST_STREAM, .stream = 1, .flags = 1},
                  "RST_STREAM stream=1 flags=0x01 NO_ERROR\n");
}

static void types_codes_and_settings_without_a_name_are_numbers(void **state)
{
    (void)state;
    const gt_setting settings[] = {{GT_SETTING_MAX_HEADER_LIST_SIZE, 1}, {0x7, 2}, {0xffff, 3}};
    assert_prints(&(gt_frame){.type = 0x0a, .flags = 1}, "0x0a flags=0x01\n");
    assert_prints(&(gt_frame){.type = 0xff, .stream = 3}, "0xff stream=3\n");
    assert_prints(&(gt_frame){.type = GT_FRAME_RST_STREAM, .stream = 1, .code = 0xe},
                  "RST_STREAM stream=1 0x0e\n");
    assert_prints(&(gt_frame){.type = GT_FRAME_SETTINGS, .settings = settings, .setting_count = 3},
                  "SETTINGS\n    MAX_HEADER_LIST_SIZE = 1\n    0x07 = 2\n    0xffff = 3\n");
}

static void priority_and_padding_end_the_first_line(void **state)
{
    (void)state;
    assert_prints(&(gt_frame){.type = GT_FRAME_PRIORITY,
                              .stream = 5,
                              .reserved = true,
                              .dependency = 3,
                              .exclusive = true,
                              .weight = 255},
                  "PRIORITY stream=5 reserved dependency=3 weight=255 exclusive\n");
    assert_prints(&(gt_frame){.type = GT_FRAME_DATA, .stream = 1, .flags = 8, .padding = 7},
                  "DATA stream=1 PADDED length=0 padding=7\n");
}

static void goaway_and_ping_show_their_bytes(void **state)
{
    (void)state;
    assert_prints(&(gt_frame){.type = GT_FRAME_GOAWAY,
                              .last_stream = 7,
                              .code = GT_H2_ENHANCE_YOUR_CALM,
                              .data = gt_bytes_str("too_many_pings")},
                  "GOAWAY last_stream=7 ENHANCE_YOUR_CALM\n    debug \"too_many_pings\"\n");
    assert_prints(&(gt_frame){.type = GT_FRAME_GOAWAY}, "GOAWAY last_stream=0 NO_ERROR\n");
    assert_prints(&(gt_frame){.type = GT_FRAME_PING, .data = gt_bytes_str("12345678")},
                  "PING\n    opaque \"12345678\"\n");
}

static void long_bytes_are_cut_and_others_escaped(void **state)
{
    (void)state;
    static const char text[] = "0123456789012345678901234567890123456789012345678901234567890123";
    assert_prints(&(gt_frame){.type = 0xbb, .data = gt_bytes_str(text)},
                  "0xbb\n    bytes "
                  "\"0123456789012345678901234567890123456789012345678901234567890123\"\n");
    assert_prints(&(gt_frame){.type = 0xbb, .data = gt_bytes_of(text, 65)},
                  "0xbb\n    bytes "
                  "\"0123456789012345678901234567890123456789012345678901234567890123\"...\n");
    assert_prints(&(gt_frame){.type = 0xbb, .data = gt_bytes_of("\"\\\0\x7f\xe2 ", 6)},
                  "0xbb\n    bytes \"\\\"\\\\\\x00\\x7f\\xe2 \"\n");
}

static void a_frame_of_zeros_prints(void **state)
{
    (void)state;
    assert_prints(&(gt_frame){0}, "DATA length=0\n");
}

static void every_number_of_the_rfc_has_its_name(void **state)
{
    (void)state;
    assert_string_equal(gt_frame_type_name(0), "DATA");
    assert_string_equal(gt_frame_type_name(9), "CONTINUATION");
    assert_string_equal(gt_frame_type_name(GT_FRAME_PREFACE), "PREFACE");
    assert_null(gt_frame_type_name(10));
    static const char *const settings[] = {"HEADER_TABLE_SIZE",      "ENABLE_PUSH",
                                           "MAX_CONCURRENT_STREAMS", "INITIAL_WINDOW_SIZE",
                                           "MAX_FRAME_SIZE",         "MAX_HEADER_LIST_SIZE"};
    for (uint16_t id = 1; id <= 6; id++)
        assert_string_equal(gt_setting_name(id), settings[id - 1]);
    assert_null(gt_setting_name(0));
    assert_null(gt_setting_name(7));
    static const char *const errors[] = {"NO_ERROR",
                                         "PROTOCOL_ERROR",
                                         "INTERNAL_ERROR",
                                         "FLOW_CONTROL_ERROR",
                                         "SETTINGS_TIMEOUT",
                                         "STREAM_CLOSED",
                                         "FRAME_SIZE_ERROR",
                                         "REFUSED_STREAM",
                                         "CANCEL",
                                         "COMPRESSION_ERROR",
                                         "CONNECT_ERROR",
                                         "ENHANCE_YOUR_CALM",
                                         "INADEQUATE_SECURITY",
                                         "HTTP_1_1_REQUIRED"};
    for (uint32_t code = 0; code <= 0xd; code++)
        assert_string_equal(gt_h2_error_name(code), errors[code]);
    assert_null(gt_h2_error_name(0xe));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_have_the_names_that_their_type_gives_them),
        cmocka_unit_test(types_codes_and_settings_without_a_name_are_numbers),
        cmocka_unit_test(priority_and_padding_end_the_first_line),
        cmocka_unit_test(goaway_and_ping_show_their_bytes),
        cmocka_unit_test(long_bytes_are_cut_and_others_escaped),
        cmocka_unit_test(a_frame_of_zeros_prints),
        cmocka_unit_test(every_number_of_the_rfc_has_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
