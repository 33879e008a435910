#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "kinds.pb-c.h"
#include "kinds_old.pb-c.h"
#include "text_value.h"
#include <fenv.h>
#include <float.h>
#include <grpctest/protobufc.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void assert_format(const ProtobufCMessage *message, const char *expected)
{
    char *text = gt_protobufc_format(message);
    assert_string_equal(text, expected);
    gt_free(text);
}

static void an_empty_message_is_no_text(void **state)
{
    (void)state;
    Kinds__All all = KINDS__ALL__INIT;

    assert_format(&all.base, "");
}

static void every_kind_of_number_is_shown(void **state)
{
    (void)state;
    Kinds__All all = KINDS__ALL__INIT;
    all.i32 = INT32_MIN;
    all.s32 = -2;
    all.sf32 = -3;
    all.i64 = INT64_MIN;
    all.s64 = -5;
    all.sf64 = -6;
    all.u32 = UINT32_MAX;
    all.f32 = 8;
    all.u64 = UINT64_MAX;
    all.f64 = 10;
    all.real = 1.5f;
    all.precise = -0.25;
    all.flag = 1;

    assert_format(&all.base, "i32: -2147483648 s32: -2 sf32: -3 i64: -9223372036854775808 s64: -5 "
                             "sf64: -6 u32: 4294967295 f32: 8 u64: 18446744073709551615 f64: 10 "
                             "real: 1.5 precise: -0.25 flag: true");
}

static void an_enum_is_shown_by_name_and_an_unknown_one_by_number(void **state)
{
    (void)state;
    Kinds__All all = KINDS__ALL__INIT;

    all.color = KINDS__COLOR__BLUE;
    assert_format(&all.base, "color: BLUE");

    all.color = (Kinds__Color)7;
    assert_format(&all.base, "color: 7");
}

static void strings_keep_their_characters_and_escape_the_rest(void **state)
{
    (void)state;
    Kinds__All all = KINDS__ALL__INIT;

    all.text = (char *)"say \"h\xc3\xa9\"\t\\\n\r\x01\x7f";
    assert_format(&all.base, "text: \"say \\\"h\xc3\xa9\\\"\\t\\\\\\n\\r\\x01\\x7f\"");

    all.text = (char *)"\xff\xc2\x9f\xc2\xa0"; /* no UTF-8, the last control character, a space */
    assert_format(&all.base, "text: \"\\xff\\xc2\\x9f\xc2\xa0\"");
}

static void bytes_are_escaped_from_0x80_on(void **state)
{
    (void)state;
    Kinds__All all = KINDS__ALL__INIT;
    all.blob = (ProtobufCBinaryData){5, (uint8_t *)"a\0\xc3\xa9z"};

    assert_format(&all.base, "blob: \"a\\x00\\xc3\\xa9z\"");
}

static void a_string_that_was_set_to_null_is_unset(void **state)
{
    (void)state;
    Kinds__All all = KINDS__ALL__INIT;
    all.text = NULL;

    assert_format(&all.base, "");
}

static void nested_messages_stand_in_braces(void **state)
{
    (void)state;
    Kinds__All inner = KINDS__ALL__INIT, empty = KINDS__ALL__INIT, all = KINDS__ALL__INIT;
    inner.text = (char *)"jane";
    inner.child = &empty;
    all.child = &inner;
    all.i32 = 1;

    assert_format(&all.base, "i32: 1 child { text: \"jane\" child { } }");
}

static void elements_of_repeated_fields_are_shown_one_by_one(void **state)
{
    (void)state;
    Kinds__All all = KINDS__ALL__INIT, child = KINDS__ALL__INIT;
    Kinds__All__AgesEntry age = KINDS__ALL__AGES_ENTRY__INIT;
    age.key = (char *)"jane";
    age.value = 30;
    all.numbers = (int32_t[]){0, -1};
    all.n_numbers = 2;
    all.texts = (char *[]){(char *)"", (char *)"b"};
    all.n_texts = 2;
    all.children = (Kinds__All *[]){&child};
    all.n_children = 1;
    all.reals = (double[]){0, 0.1};
    all.n_reals = 2;
    all.colors = (Kinds__Color[]){KINDS__COLOR__RED, KINDS__COLOR__NONE};
    all.n_colors = 2;
    all.ages = (Kinds__All__AgesEntry *[]){&age};
    all.n_ages = 1;
    all.blobs = (ProtobufCBinaryData[]){{0, NULL}, {1, (uint8_t *)"x"}};
    all.n_blobs = 2;

    assert_format(&all.base,
                  "numbers: 0 numbers: -1 texts: \"\" texts: \"b\" children { } reals: 0 "
                  "reals: 0.1 colors: RED colors: NONE ages { key: \"jane\" value: 30 } "
                  "blobs: \"\" blobs: \"x\"");
}

static void of_a_oneof_only_the_member_that_is_set_is_shown(void **state)
{
    (void)state;
    Kinds__All all = KINDS__ALL__INIT;

    all.choice_case = KINDS__ALL__CHOICE_NUMBER;
    all.number = 0;
    assert_format(&all.base, "number: 0");

    all.choice_case = KINDS__ALL__CHOICE_WORD;
    all.word = (char *)"w";
    assert_format(&all.base, "word: \"w\"");

    all.choice_case = KINDS__ALL__CHOICE_MESSAGE;
    all.message = NULL;
    assert_format(&all.base, "message { }");

    all.choice_case = KINDS__ALL__CHOICE_RAW;
    all.raw = (ProtobufCBinaryData){0, NULL};
    assert_format(&all.base, "raw: \"\"");

    all.choice_case = KINDS__ALL__CHOICE_HUE;
    all.hue = KINDS__COLOR__NONE;
    assert_format(&all.base, "hue: NONE");
}

static void proto2_fields_are_shown_by_their_presence(void **state)
{
    (void)state;
    KindsOld__Old old = KINDS_OLD__OLD__INIT;
    assert_format(&old.base, "id: 0 version: 3");

    old.has_count = 1;
    old.text = (char *)"";
    old.has_blob = 1;
    old.has_size = 1;
    old.has_flag = 1;
    assert_format(&old.base, "id: 0 count: 0 text: \"\" blob: \"\" size: LARGE version: 3 "
                             "flag: false");
}

/* A descriptor made at run time can give a proto3 field presence, which protobuf-c's compiler
 * cannot: a label of none with a place for "has". */
static void presence_is_read_from_the_quantifier_whatever_the_label(void **state)
{
    (void)state;
    struct message {
        ProtobufCMessage base;
        protobuf_c_boolean has_age;
        int32_t age;
    };
    const ProtobufCFieldDescriptor field = {.name = "age",
                                            .id = 1,
                                            .label = PROTOBUF_C_LABEL_NONE,
                                            .type = PROTOBUF_C_TYPE_INT32,
                                            .quantifier_offset = offsetof(struct message, has_age),
                                            .offset = offsetof(struct message, age)};
    const ProtobufCMessageDescriptor descriptor = {
        .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC, .n_fields = 1, .fields = &field};
    struct message message = {.base.descriptor = &descriptor, .has_age = 1, .age = 0};
    assert_format(&message.base, "age: 0");

    message.has_age = 0;
    message.age = 5;
    assert_format(&message.base, "");
}

static void unknown_fields_are_shown_by_number(void **state)
{
    (void)state;
    static const char bytes[] = "\xa0\x06\xac\x02"
                                "\xa1\x06\x01\0\0\0\0\0\0\x80"
                                "\xa2\x06\x02h\xff"
                                "\xa5\x06\x02\0\0\0";
    ProtobufCMessage *message;
    assert_int_equal(gt_protobufc_unpack(&kinds__all__descriptor,
                                         gt_bytes_of(bytes, sizeof bytes - 1), NULL, &message,
                                         NULL),
                     0);

    assert_format(message, "100: 300 100: 0x8000000000000001 100: \"h\\xff\" 100: 0x00000002");
    gt_protobufc_release(message);
}

/* ---- cuts ----------------------------------------------------------------------------------- */

static void a_long_string_is_cut_between_characters_and_tells_its_size(void **state)
{
    (void)state;
    char text[300], expected[300];
    memset(text, 'a', 199);
    memcpy(text + 199, "\xc3\xa9 and more", 12);
    Kinds__All all = KINDS__ALL__INIT;
    all.text = text;
    snprintf(expected, sizeof expected, "text: \"%.199s\"... (210 bytes)", text);

    assert_format(&all.base, expected);
}

static void a_string_of_the_longest_length_is_whole(void **state)
{
    (void)state;
    char text[201], expected[300];
    memset(text, 'a', 200);
    text[200] = '\0';
    Kinds__All all = KINDS__ALL__INIT;
    all.text = text;
    snprintf(expected, sizeof expected, "text: \"%s\"", text);

    assert_format(&all.base, expected);
}

static void a_character_that_ends_where_the_cut_is_stays(void **state)
{
    (void)state;
    gt__buffer out = {0};

    gt__text_add_quoted(&out, gt_bytes_str("a\xc3\xa9z"), true, 3);

    assert_string_equal((char *)out.data, "\"a\xc3\xa9\"... (4 bytes)");
    gt__buffer_cleanup(&out);
}

static void of_many_elements_the_first_are_shown_and_the_rest_counted(void **state)
{
    (void)state;
    int32_t numbers[40] = {0};
    Kinds__All all = KINDS__ALL__INIT;
    all.numbers = numbers;
    all.n_numbers = 40;

    char *text = gt_protobufc_format(&all.base);

    assert_int_equal(strlen(text), 32 * strlen("numbers: 0 ") + strlen("numbers: ... (8 more)"));
    assert_string_equal(text + strlen(text) - 32, "numbers: 0 numbers: ... (8 more)");
    gt_free(text);
}

static void a_line_ends_when_it_is_long_enough(void **state)
{
    (void)state;
    char *texts[40];
    char text[200];
    memset(text, 'a', 199);
    text[199] = '\0';
    for (size_t i = 0; i < 40; i++)
        texts[i] = text;
    Kinds__All leaf = KINDS__ALL__INIT, all = KINDS__ALL__INIT;
    leaf.texts = texts;
    leaf.n_texts = 40;
    all.children = (Kinds__All *[]){&leaf, &leaf, &leaf, &leaf, &leaf};
    all.n_children = 5;

    char *shown = gt_protobufc_format(&all.base);

    assert_in_range(strlen(shown), 16 * 1024, 17 * 1024);
    assert_string_equal(shown + strlen(shown) - 7, "\" ... }");
    gt_free(shown);
}

static void unknown_fields_end_with_the_line(void **state)
{
    (void)state;
    uint8_t byte = 1;
    ProtobufCMessageUnknownField unknown[4096];
    for (size_t i = 0; i < 4096; i++)
        unknown[i] = (ProtobufCMessageUnknownField){100, PROTOBUF_C_WIRE_TYPE_VARINT, 1, &byte};
    Kinds__All all = KINDS__ALL__INIT;
    all.base.n_unknown_fields = 4096;
    all.base.unknown_fields = unknown;

    char *text = gt_protobufc_format(&all.base);

    assert_in_range(strlen(text), 16 * 1024, 16 * 1024 + 20);
    assert_string_equal(text + strlen(text) - 10, "100: 1 ...");
    gt_free(text);
}

static void nesting_is_shown_down_to_a_hundred(void **state)
{
    (void)state;
    Kinds__All levels[103];
    for (size_t i = 0; i < 103; i++) {
        kinds__all__init(&levels[i]);
        levels[i].child = i > 0 ? &levels[i - 1] : NULL;
    }

    char *text = gt_protobufc_format(&levels[102].base);

    const char *dots = strstr(text, "...");
    assert_non_null(dots);
    assert_int_equal(dots - text, 101 * strlen("child { "));
    gt_free(text);
}

/* ---- numbers -------------------------------------------------------------------------------- */

static void assert_double(double value, const char *expected)
{
    gt__buffer out = {0};
    gt__text_add_double(&out, value);
    assert_string_equal((char *)out.data, expected);
    gt__buffer_cleanup(&out);
}

static void assert_float(float value, const char *expected)
{
    gt__buffer out = {0};
    gt__text_add_float(&out, value);
    assert_string_equal((char *)out.data, expected);
    gt__buffer_cleanup(&out);
}

static void a_double_is_as_short_as_it_can_be(void **state)
{
    (void)state;

    assert_double(0.1, "0.1");
    assert_double(1, "1");
    assert_double(100, "100");
    assert_double(-123456789012345, "-123456789012345");
    assert_double(1e15, "1e+15");
    assert_double(1e-5, "1e-05");
    assert_double(1.0 / 3, "0.3333333333333333");
    assert_double(DBL_MAX, "1.7976931348623157e+308");
    assert_double(-0.0, "-0");
    assert_double(INFINITY, "inf");
    assert_double(-INFINITY, "-inf");
    assert_double(-NAN, "nan");
}

static void a_float_is_not_shown_with_the_digits_of_a_double(void **state)
{
    (void)state;

    assert_float(0.1f, "0.1");
    assert_float(16777216.0f, "16777216");
    assert_float(1e11f, "1e+11");
    assert_float(1.0f / 3, "0.33333334");
    assert_float(1.00000012f, "1.0000001");
    assert_float(1.03891405e-20f, "1.03891405e-20");
    assert_float(FLT_MIN, "1.1754944e-38");
    assert_float(-INFINITY, "-inf");
}

/* Whoever made the message by hand may have put anything there. */
static void an_unknown_number_without_an_end_is_shown_as_far_as_it_goes(void **state)
{
    (void)state;
    uint8_t bytes[11];
    memset(bytes, 0x81, sizeof bytes);
    ProtobufCMessageUnknownField unknown[] = {{100, PROTOBUF_C_WIRE_TYPE_VARINT, 2, bytes},
                                              {101, PROTOBUF_C_WIRE_TYPE_VARINT, 11, bytes}};
    Kinds__All all = KINDS__ALL__INIT;
    all.base.n_unknown_fields = 2;
    all.base.unknown_fields = unknown;

    assert_format(&all.base, "100: 129 101: 9295997013522923649");
}

/* Then not even 17 digits lead back to the number. */
static void a_number_is_shown_whichever_way_the_program_rounds(void **state)
{
    (void)state;
    fesetround(FE_UPWARD);
    assert_double(0.1, "0.10000000000000001");
    assert_float(0.2f, "0.200000003");
    fesetround(FE_TONEAREST);
}

/* Where there is none with a comma, one is made. */
static bool set_locale_with_comma(void)
{
    char folder[] = "/tmp/grpctest-locale-XXXXXX", command[400];
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8"))
        return true;
    if (!mkdtemp(folder))
        return false;
    snprintf(
        command, sizeof command,
        "cd %s && printf 'LC_NUMERIC\\ndecimal_point \",\"\\nthousands_sep \"\"\\ngrouping -1\\n"
        "END LC_NUMERIC\\n' >comma && localedef -c -i ./comma -f ANSI_X3.4-1968 ./made 2>/dev/null",
        folder);
    bool made =
        system(command) != -1 && setenv("LOCPATH", folder, 1) == 0 && setlocale(LC_NUMERIC, "made");
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command) == 0 && made;
}

static void a_number_has_a_point_where_the_program_writes_commas(void **state)
{
    (void)state;
    if (!set_locale_with_comma())
        skip();
    assert_double(0.25, "0.25");
    assert_float(-1.5f, "-1.5");
    setlocale(LC_NUMERIC, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_message_is_no_text),
        cmocka_unit_test(every_kind_of_number_is_shown),
        cmocka_unit_test(an_enum_is_shown_by_name_and_an_unknown_one_by_number),
        cmocka_unit_test(strings_keep_their_characters_and_escape_the_rest),
        cmocka_unit_test(bytes_are_escaped_from_0x80_on),
        cmocka_unit_test(a_string_that_was_set_to_null_is_unset),
        cmocka_unit_test(nested_messages_stand_in_braces),
        cmocka_unit_test(elements_of_repeated_fields_are_shown_one_by_one),
        cmocka_unit_test(of_a_oneof_only_the_member_that_is_set_is_shown),
        cmocka_unit_test(proto2_fields_are_shown_by_their_presence),
        cmocka_unit_test(presence_is_read_from_the_quantifier_whatever_the_label),
        cmocka_unit_test(unknown_fields_are_shown_by_number),
        cmocka_unit_test(a_long_string_is_cut_between_characters_and_tells_its_size),
        cmocka_unit_test(a_string_of_the_longest_length_is_whole),
        cmocka_unit_test(a_character_that_ends_where_the_cut_is_stays),
        cmocka_unit_test(of_many_elements_the_first_are_shown_and_the_rest_counted),
        cmocka_unit_test(a_line_ends_when_it_is_long_enough),
        cmocka_unit_test(unknown_fields_end_with_the_line),
        cmocka_unit_test(nesting_is_shown_down_to_a_hundred),
        cmocka_unit_test(a_double_is_as_short_as_it_can_be),
        cmocka_unit_test(a_float_is_not_shown_with_the_digits_of_a_double),
        cmocka_unit_test(an_unknown_number_without_an_end_is_shown_as_far_as_it_goes),
        cmocka_unit_test(a_number_is_shown_whichever_way_the_program_rounds),
        cmocka_unit_test(a_number_has_a_point_where_the_program_writes_commas),
    };
    return cmocka_run_group_tests_name("protobufc_format", tests, NULL, NULL);
}
