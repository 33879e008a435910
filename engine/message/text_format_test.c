/* Text format, written by gt_text_format: whole, and back again; protoc is the judge of both ways.
 * (The lines of transcripts are protobufc_format_test's.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "types_kit.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char *format(const char *type, gt_bytes message, const gt_text_options *options)
{
    gt_buffer text = {0};
    assert_int_equal(gt_text_format(type_of(type), message, options, &text, NULL), 0);
    return (char *)text.data;
}

static void many_lines_are_indented_by_two(void **state)
{
    (void)state;
    gt_buffer bytes = bytes_of("rich.Known", "took { seconds: 1 } any { [a/rich.Named] { other: 1 "
                                             "} } properties { key: 'a' value { bool_value: t } }");

    char *text =
        format("rich.Known", gt_buffer_bytes(&bytes), &(gt_text_options){.multiline = true});

    assert_string_equal(text, "took {\n"
                              "  seconds: 1\n"
                              "}\n"
                              "any {\n"
                              "  [a/rich.Named] {\n"
                              "    other: 1\n"
                              "  }\n"
                              "}\n"
                              "properties {\n"
                              "  key: \"a\"\n"
                              "  value {\n"
                              "    bool_value: true\n"
                              "  }\n"
                              "}\n");
    gt_free(text);
    gt_buffer_cleanup(&bytes);
}

static void an_any_is_left_packed_when_asked(void **state)
{
    (void)state;
    gt_buffer bytes = bytes_of("rich.Known", "any { [a/rich.Named] { other: 1 } }");

    char *text = format("rich.Known", gt_buffer_bytes(&bytes), &(gt_text_options){.raw_any = true});

    assert_string_equal(text, "any { type_url: \"a/rich.Named\" value: \"\\x10\\x01\" }");
    gt_free(text);
    gt_buffer_cleanup(&bytes);
}

static void nothing_is_cut(void **state)
{
    (void)state;
    gt_buffer text = {0};
    gt_buffer_add(&text, gt_bytes_str("text: \""));
    for (int i = 0; i < 500; i++)
        gt_buffer_add(&text, gt_bytes_str("0123456789"));
    gt_buffer_add(&text, gt_bytes_str("\""));
    for (int i = 0; i < 5000; i++)
        gt_buffer_add(&text, gt_bytes_str(" numbers: 1"));

    assert_text_becomes("kinds.All", gt_buffer_text(&text), gt_buffer_text(&text));

    gt_buffer_cleanup(&text);
}

static void text_is_added_to_what_is_there(void **state)
{
    (void)state;
    gt_buffer text = {0};
    gt_buffer_add(&text, gt_bytes_str("a: "));

    assert_int_equal(
        gt_text_format(type_of("kinds.All"), gt_bytes_str("\x08\x01"), NULL, &text, NULL), 0);
    assert_int_equal(gt_text_format(type_of("kinds.All"), gt_bytes_str(""), NULL, &text, NULL), 0);

    assert_string_equal(gt_buffer_text(&text), "a: i32: 1");
    gt_buffer_cleanup(&text);
}

static void unknown_fields_are_shown_by_number(void **state)
{
    (void)state;
    assert_text("kinds.Nothing", gt_bytes_of("\x08\x05\x15\x01\0\0\0\x1a\x01x", 10),
                "1: 5 2: 0x00000001 3: \"x\"");
    assert_text("rich_old.Defaults", gt_bytes_str("\x52\x01m\xa0\x06\x07"), "must: \"m\" 100: 7");
}

static void bytes_that_are_no_message_are_refused(void **state)
{
    (void)state;
    gt_buffer text = {0};
    gt_message_error error;

    assert_int_equal(
        gt_text_format(type_of("kinds.All"), gt_bytes_str("\x08"), NULL, &text, &error), GT_EINVAL);

    assert_string_equal(error.text, "kinds.All field i32 at byte 1: the bytes end inside a varint");
    gt_message_error_cleanup(&error);
    assert_int_equal(text.size, 0);
}

/* ---- protoc --------------------------------------------------------------------------------- */

/* What protoc makes of `input`; the caller cleans up. */
static gt_buffer protoc(const char *option, const char *type, gt_bytes input)
{
    char path[] = "/tmp/grpctest-text-XXXXXX", command[1024];
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, input.data, input.size), (ssize_t)input.size);
    close(file);
    snprintf(command, sizeof command, "%s --descriptor_set_in=%s --%s=%s %s < %s", PROTOC,
             KINDS_SET, option, type, strcmp(option, "encode") == 0 ? "--deterministic_output" : "",
             path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    gt_buffer out = {0};
    uint8_t part[4096];
    size_t got;
    while ((got = fread(part, 1, sizeof part, pipe)) > 0)
        gt_buffer_add(&out, gt_bytes_of(part, got));
    assert_int_equal(pclose(pipe), 0);
    unlink(path);
    return out;
}

/* Our bytes of the text, protoc's bytes of the text, protoc's of ours, and ours of protoc's. */
static void assert_protoc_agrees(const char *type, const char *text)
{
    gt_buffer ours = bytes_of(type, text);
    gt_buffer theirs = protoc("encode", type, gt_bytes_str(text));
    assert_int_equal(ours.size, theirs.size);
    assert_memory_equal(ours.data, theirs.data, ours.size);

    char *written = format(type, gt_buffer_bytes(&ours), &(gt_text_options){.multiline = true});
    gt_buffer again = protoc("encode", type, gt_bytes_str(written));
    assert_int_equal(again.size, ours.size);
    assert_memory_equal(again.data, ours.data, ours.size);

    gt_buffer decoded = protoc("decode", type, gt_buffer_bytes(&ours));
    gt_buffer back = bytes_of(type, gt_buffer_text(&decoded));
    assert_int_equal(back.size, ours.size);
    assert_memory_equal(back.data, ours.data, ours.size);

    gt_free(written);
    gt_buffer_cleanup(&ours);
    gt_buffer_cleanup(&theirs);
    gt_buffer_cleanup(&again);
    gt_buffer_cleanup(&decoded);
    gt_buffer_cleanup(&back);
}

static void protoc_agrees_on_every_kind_of_field(void **state)
{
    (void)state;
    assert_protoc_agrees(
        "kinds.All",
        "i32: -0x80000000 s32: -1 sf32: 017 i64: -9223372036854775808; s64: -5, sf64: -6 "
        "u32: 4294967295 f32: 8 u64: 18446744073709551615 f64: 10 real: .1 precise: 1e-320 "
        "flag: t color: BLUE text: 'h\xc3\xa9llo \\u00e9 \\001\\x7f\\'' blob: '\\0a\\xff' 'b' "
        "child < child { } text: \"\" > numbers: [1, -1, 300] numbers: 4 texts: ['', 'b' 'c'] "
        "children { i32: 1 } children: [{}, {u32: 2}] reals: [inf, -inf, 1f, 2.5] "
        "colors: [RED, NONE, BLUE, 9] ages { value: 0 key: '' } ages { key: 'z' value: 1 } "
        "blobs: '' fixed: [1] message { word: '' }");
}

static void protoc_agrees_on_presence_maps_and_numbers(void **state)
{
    (void)state;
    assert_protoc_agrees("rich.Presence", "number: 0 text: '' blob: '' level: UNKNOWN flag: false "
                                          "plain: 0 real: 0 plain_real: 0");
    assert_protoc_agrees(
        "rich.Maps", "by_int32 { key: -1 value: 'a' } by_int64 { key: 0 value: false } "
                     "by_uint32 { key: 1 value: 1.5 } by_uint64 { key: 2 value: 'b' } "
                     "by_sint32 { key: -3 value: HIGH } by_sint64 { key: -4 value { plain: 1 } } "
                     "by_fixed32 { key: 5 value: 0.1 } by_fixed64 { key: 6 value: 6 } "
                     "by_sfixed32 { key: -7 value: 7 } by_sfixed64 { key: -8 value: 8 } "
                     "by_bool { key: true value: 9 } by_string { key: 'x' value { } }");
    assert_protoc_agrees("rich.Sparse", "last: 1 inside { leaf: 2 } packed: [1, 2] loose: [3, 4] "
                                        "zigzag: [-1, 1]");
    assert_protoc_agrees("rich_old.Defaults", "number: 42 closed: FIRST text: '' flag: false "
                                              "packed: [1, 2] loose: [3] must: ''");
}

static void protoc_agrees_on_well_known_types(void **state)
{
    (void)state;
    assert_protoc_agrees("rich.Known",
                         "at { seconds: -1 nanos: 5 } mask { paths: ['a', 'b.c'] } "
                         "object { fields { key: 'k' value { list_value { values { "
                         "null_value: NULL_VALUE } values { number_value: 0 } } } } } "
                         "any { [type.googleapis.com/rich.Named] { other: -5 } } empty { } "
                         "flag { value: false } i64 { } nothing: NULL_VALUE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_lines_are_indented_by_two),
        cmocka_unit_test(an_any_is_left_packed_when_asked),
        cmocka_unit_test(nothing_is_cut),
        cmocka_unit_test(text_is_added_to_what_is_there),
        cmocka_unit_test(unknown_fields_are_shown_by_number),
        cmocka_unit_test(bytes_that_are_no_message_are_refused),
        cmocka_unit_test(protoc_agrees_on_every_kind_of_field),
        cmocka_unit_test(protoc_agrees_on_presence_maps_and_numbers),
        cmocka_unit_test(protoc_agrees_on_well_known_types),
    };
    return cmocka_run_group_tests(tests, types_setup, types_teardown);
}
