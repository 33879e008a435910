/* Text format, read: the grammar of its specification, and what is wrong with what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "types_kit.h"
#include <stdio.h>

/* ---- what is read --------------------------------------------------------------------------- */

static void an_empty_text_is_an_empty_message(void **state)
{
    (void)state;
    gt_buffer bytes = bytes_of("kinds.All", " # nothing\n\t");

    assert_int_equal(bytes.size, 0);

    gt_buffer_cleanup(&bytes);
}

static void a_line_as_in_the_docs_is_read(void **state)
{
    (void)state;
    gt_buffer bytes = bytes_of("kinds.All", "text: 'jane@doe.com' i32: 150");

    assert_bytes(&bytes, "\x08\x96\x01\x7a\x0cjane@doe.com");

    gt_buffer_cleanup(&bytes);
}

static void every_kind_of_number_is_read_to_its_edges(void **state)
{
    (void)state;
    const char *text = "i32: -2147483648 s32: 2147483647 sf32: -3 i64: -9223372036854775808 "
                       "s64: 9223372036854775807 sf64: -6 u32: 4294967295 f32: 8 "
                       "u64: 18446744073709551615 f64: 10 real: 1.5 precise: -0.25 flag: true";
    assert_text_becomes("kinds.All", text, text);
}

static void integers_are_octal_and_hexadecimal_too(void **state)
{
    (void)state;
    assert_text_becomes("kinds.All", "i32: 0x1F i64: -0xff u32: 017 u64: 0XFFFFFFFFFFFFFFFF",
                        "i32: 31 i64: -255 u32: 15 u64: 18446744073709551615");
}

static void a_minus_may_stand_apart(void **state)
{
    (void)state;
    assert_text_becomes("kinds.All", "i32: - 5 precise: - 1.5", "i32: -5 precise: -1.5");
}

static void real_numbers_have_many_forms(void **state)
{
    (void)state;
    assert_text_becomes("kinds.All", "reals: [1, 1., .5, 1e3, 1.5E-1, 2f, 2.5F, 1e400]",
                        "reals: 1 reals: 1 reals: 0.5 reals: 1000 reals: 0.15 reals: 2 reals: 2.5 "
                        "reals: inf");
    assert_text_becomes("kinds.All", "reals: [inf, -Infinity, nan, -NAN]",
                        "reals: inf reals: -inf reals: nan reals: nan");
    assert_text_becomes("kinds.All", "real: 3.4028235e38 precise: 1e-320",
                        "real: 3.4028235e+38 precise: 1e-320");
}

static void true_and_false_have_many_forms(void **state)
{
    (void)state;
    static const char *const yes[] = {"true", "True", "t", "1", "0x1", "01"};
    static const char *const no[] = {"false", "False", "f", "0", "0x0", "00"};
    for (size_t i = 0; i < 6; i++) {
        char text[64];
        snprintf(text, sizeof text, "flag: %s i32: 1", yes[i]);
        assert_text_becomes("kinds.All", text, "i32: 1 flag: true");
        snprintf(text, sizeof text, "flag: %s i32: 1", no[i]);
        assert_text_becomes("kinds.All", text, "i32: 1");
    }
}

static void enums_go_by_name_and_by_number(void **state)
{
    (void)state;
    assert_text_becomes("kinds.All", "colors: RED colors: [1, -2, BLUE, 77]",
                        "colors: RED colors: RED colors: BLUE colors: BLUE colors: 77");
    assert_text_becomes("rich.Presence", "level: MODEST", "level: LOW");
}

static void strings_that_follow_one_another_are_one(void **state)
{
    (void)state;
    assert_text_becomes("kinds.All", "text: 'a' \"b\"\n  'c' # and more\n 'd'", "text: \"abcd\"");
}

static void escapes_stand_for_bytes_and_characters(void **state)
{
    (void)state;
    gt_buffer bytes = bytes_of("kinds.All", "blob: '\\a\\b\\f\\n\\r\\t\\v\\?\\\\\\'\\\"\\0\\12\\377"
                                            "\\x1\\xfF\\x41g'");
    assert_bytes(&bytes, "\x82\x01\x12\a\b\f\n\r\t\v?\\'\"\0\012\377\x01\xff\x41g");
    gt_buffer_cleanup(&bytes);

    assert_text_becomes("kinds.All", "text: '\\u00e9\\U0001F600\\ud83d\\uDE00'",
                        "text: \"\xc3\xa9\xf0\x9f\x98\x80\xf0\x9f\x98\x80\"");
}

static void messages_stand_in_braces_or_angles_with_or_without_a_colon(void **state)
{
    (void)state;
    assert_text_becomes("kinds.All", "child { child: < child: { i32: 1 } > }",
                        "child { child { child { i32: 1 } } }");
}

static void lists_are_elements(void **state)
{
    (void)state;
    assert_text_becomes("kinds.All",
                        "numbers: [1, 2] numbers: 3 numbers: [] texts: ['a' 'b', 'c'] "
                        "children: [{i32: 1}, <i32: 2>] children [{}]",
                        "numbers: 1 numbers: 2 numbers: 3 texts: \"ab\" texts: \"c\" "
                        "children { i32: 1 } children { i32: 2 } children { }");
}

static void fields_may_be_separated(void **state)
{
    (void)state;
    assert_text_becomes("kinds.All", "i32: 1, u32: 2; child { i32: 3; }; flag: t",
                        "i32: 1 u32: 2 flag: true child { i32: 3 }");
}

static void map_entries_are_messages(void **state)
{
    (void)state;
    gt_buffer bytes =
        bytes_of("kinds.All", "ages { key: 'jane' value: 30 } ages [{ key: '' value: 0 }]");

    assert_bytes(&bytes, "\xd2\x01\x08\x0a\x04jane\x10\x1e\xd2\x01\x04\x0a\x00\x10\x00");
    assert_text("kinds.All", gt_buffer_bytes(&bytes),
                "ages { key: \"jane\" value: 30 } ages { key: \"\" value: 0 }");

    gt_buffer_cleanup(&bytes);
}

static void what_is_optional_is_kept_when_it_is_zero(void **state)
{
    (void)state;
    gt_buffer bytes = bytes_of("rich.Presence", "number: 0 text: '' plain: 0");

    assert_bytes(&bytes, "\x08\x00\x12\x00");

    gt_buffer_cleanup(&bytes);
}

static void an_any_is_written_out(void **state)
{
    (void)state;
    const char *text = "any { [type.googleapis.com/rich.Named] { plain_name: 1 } }";
    gt_buffer bytes = bytes_of("rich.Known", text);

    assert_bytes(&bytes, "\x3a\x24\x0a\x1etype.googleapis.com/rich.Named\x12\x02\x08\x01");
    assert_text("rich.Known", gt_buffer_bytes(&bytes), text);

    gt_buffer_cleanup(&bytes);
}

static void an_any_may_be_given_as_it_is(void **state)
{
    (void)state;
    /* A URL that brackets cannot hold. */
    assert_text_becomes("rich.Known", "any { type_url: 'a b/rich.Named' }",
                        "any { type_url: \"a b/rich.Named\" }");
    assert_text_becomes("rich.Known", "any { [x1.5-2 / # note\n rich.Named] { } }",
                        "any { [x1.5-2/rich.Named] { } }");
    assert_text_becomes("rich.Known", "any { type_url: 'x/rich.Named' value: '\\x08\\x01' }",
                        "any { [x/rich.Named] { plain_name: 1 } }");
    assert_text_becomes("rich.Known", "any { type_url: 'x/no.Such' value: 'a' }",
                        "any { type_url: \"x/no.Such\" value: \"a\" }");
    assert_text_becomes("rich.Known", "any { type_url: 'x/rich.Named' value: '\\x08' }",
                        "any { type_url: \"x/rich.Named\" value: \"\\x08\" }");
}

/* ---- what is refused ------------------------------------------------------------------------- */

struct refused {
    const char *type, *text, *error;
};

static void assert_all_refused(const struct refused *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_text_refused(all[i].type, all[i].text, all[i].error);
}
#define ASSERT_ALL_REFUSED(all) assert_all_refused(all, sizeof(all) / sizeof((all)[0]))

static void an_error_has_its_line_column_and_field(void **state)
{
    (void)state;
    gt_buffer bytes = {0};
    gt_message_error error;

    int refused = gt_text_parse(type_of("kinds.All"),
                                "text: '\xc3\xa9' # one\n  child {\n"
                                "    children { i32: 1 } children { text: '\xc3\xa9' i32: 'x' } }",
                                &bytes, &error);

    assert_int_equal(refused, GT_EINVAL);
    assert_int_equal(error.line, 3);
    assert_int_equal(error.column, 51);
    assert_string_equal(error.field, "child.children[1].i32");
    assert_string_equal(error.text, "line 3, column 51, field child.children[1].i32: 'x' where an "
                                    "integer is due");
    gt_message_error_cleanup(&error);
}

static void what_is_no_field_is_refused(void **state)
{
    (void)state;
    static const struct refused all[] = {
        {"kinds.All", "nonsense: 1",
         "line 1, column 1, field nonsense: kinds.All has no such field"},
        {"kinds.All", "5: 1", "line 1, column 1: 5 where a field's name is due"},
        {"kinds.All", "'i32': 1", "line 1, column 1: 'i32' where a field's name is due"},
        {"kinds.All", "i32 1", "line 1, column 5, field i32: 1 where : is due"},
        {"kinds.All", "i32:", "line 1, column 5, field i32: the text ends where an integer is due"},
        {"kinds.All", "}", "line 1, column 1: } where a field's name is due"},
        {"kinds.All", "i32: 1 ,, u32: 1", "line 1, column 9: , where a field's name is due"},
        {"kinds.All", "child {", "line 1, column 8, field child: the text ends where } is due"},
        {"kinds.All", "child { >", "line 1, column 9, field child: > where a field's name is due"},
        {"kinds.All", "child: 1", "line 1, column 8, field child: 1 where { is due"},
        {"kinds.All", "i32: 1 \xff", "line 1, column 8: no token begins with this character"},
        {"kinds.All", "[a.b]: 1",
         "line 1, column 1, field [a.b]: no extension of this name is known"},
        {"rich_old.Defaults", "[rich_old.extra]: 1",
         "line 1, column 1, field [rich_old.extra]: no extension of this name is known"},
        {"kinds.All", "[a b", "line 1, column 5: the text ends where a name or ] is due"},
        {"kinds.All", "[a+b]", "line 1, column 3: no token begins with this character"},
        {"kinds.All", "[a:b]", "line 1, column 3: : where a name or ] is due"},
    };
    ASSERT_ALL_REFUSED(all);
}

static void numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    static const struct refused all[] = {
        {"kinds.All", "i32: 2147483648",
         "line 1, column 6, field i32: 2147483648 is out of range: -2147483648 to 2147483647"},
        {"kinds.All", "i32: -2147483649",
         "line 1, column 6, field i32: -2147483649 is out of range: -2147483648 to 2147483647"},
        {"kinds.All", "u32: -1",
         "line 1, column 6, field u32: -1 is out of range: 0 to 4294967295"},
        {"kinds.All", "i64: 9223372036854775808",
         "line 1, column 6, field i64: 9223372036854775808 is out of range: -9223372036854775808 "
         "to 9223372036854775807"},
        {"kinds.All", "u64: 18446744073709551616",
         "line 1, column 6, field u64: 18446744073709551616 is out of range: 0 to "
         "18446744073709551615"},
        {"kinds.All", "flag: 2", "line 1, column 7, field flag: 2 is out of range: 0 to 1"},
        {"kinds.All", "i32: 1.0", "line 1, column 6, field i32: 1.0 where an integer is due"},
        {"kinds.All", "i32: 1a", "line 1, column 6, field i32: this is no number"},
        {"kinds.All", "i32: 08", "line 1, column 6, field i32: this is no number"},
        {"kinds.All", "i32: 0x", "line 1, column 6, field i32: 0x without digits"},
        {"kinds.All", "i32: true", "line 1, column 6, field i32: true where an integer is due"},
        {"kinds.All", "real: 0x1",
         "line 1, column 7, field real: 0x1 where a decimal number is due"},
        {"kinds.All", "real: 1.5.2", "line 1, column 7, field real: this is no number"},
        {"kinds.All", "flag: yes", "line 1, column 7, field flag: yes where true or false is due"},
    };
    ASSERT_ALL_REFUSED(all);
}

static void values_of_no_enum_are_refused(void **state)
{
    (void)state;
    static const struct refused all[] = {
        {"kinds.All", "color: GREEN",
         "line 1, column 8, field color: GREEN is no value of enum kinds.Color"},
        {"kinds.All", "color: 2147483648",
         "line 1, column 8, field color: 2147483648 is out of range: -2147483648 to 2147483647"},
        {"kinds.All", "color: 'RED'",
         "line 1, column 8, field color: 'RED' where an enum's value is due"},
        {"rich_old.Defaults", "must: '' closed: 2",
         "line 1, column 18, field closed: 2 is no value of enum rich_old.Closed"},
    };
    ASSERT_ALL_REFUSED(all);
}

static void strings_that_are_none_are_refused(void **state)
{
    (void)state;
    static const struct refused all[] = {
        {"kinds.All", "text: 'a",
         "line 1, column 7, field text: this string does not end on its line"},
        {"kinds.All", "text: 'a\n'",
         "line 1, column 7, field text: this string does not end on its line"},
        {"kinds.All", "text: 'a\\",
         "line 1, column 7, field text: this string does not end on its line"},
        {"kinds.All", "text: 'ab\\q'", "line 1, column 10, field text: there is no such escape"},
        {"kinds.All", "text: 'ab\\x'",
         "line 1, column 10, field text: \\x takes one or two hexadecimal digits"},
        {"kinds.All", "text: '\\777'",
         "line 1, column 8, field text: an octal escape of more than 8 bits"},
        {"kinds.All", "text: '\\u12'",
         "line 1, column 8, field text: \\u takes four hexadecimal digits"},
        {"kinds.All", "text: '\\U0000001'",
         "line 1, column 8, field text: \\U takes eight hexadecimal digits"},
        {"kinds.All", "text: '\\ud800'",
         "line 1, column 8, field text: there is no such character"},
        {"kinds.All", "text: '\\U00110000'",
         "line 1, column 8, field text: there is no such character"},
        {"kinds.All", "text: '\\xff'", "line 1, column 7, field text: a string that is not UTF-8"},
        {"kinds.All", "text: '\\0'",
         "line 1, column 7, field text: a NUL in a string, which protobuf-c cannot carry"},
        {"kinds.All", "text: abc",
         "line 1, column 7, field text: abc where a string in quotes is due"},
    };
    ASSERT_ALL_REFUSED(all);
}

static void what_is_set_twice_is_refused(void **state)
{
    (void)state;
    static const struct refused all[] = {
        {"kinds.All", "i32: 0 i32: 0", "line 1, column 8, field i32: it is set twice"},
        {"kinds.All", "child {} child {}", "line 1, column 10, field child: it is set twice"},
        {"kinds.All", "number: 1 word: 'a'",
         "line 1, column 11, field word: number of the same oneof is set"},
        {"kinds.All", "i32: [1]",
         "line 1, column 6, field i32: a list, and the field is not repeated"},
        {"kinds.All", "numbers: [1",
         "line 1, column 12, field numbers: the text ends where , or ] "
         "is due"},
        {"kinds.All", "numbers: [1,]",
         "line 1, column 13, field numbers[1]: ] where an integer is due"},
    };
    ASSERT_ALL_REFUSED(all);
}

static void what_is_required_has_to_be_there(void **state)
{
    (void)state;
    static const struct refused all[] = {
        {"kinds_old.Old", "version: 1", "line 1, column 11, field id: a required field is missing"},
        {"kinds_old.Old", "id: 1 version: 2 child { age: 1 }",
         "line 1, column 33, field child.name: a required field is missing"},
    };
    ASSERT_ALL_REFUSED(all);
}

static void an_any_that_cannot_be_is_refused(void **state)
{
    (void)state;
    static const struct refused all[] = {
        {"rich.Known", "any { [x/no.Such] {} }",
         "line 1, column 7, field any.[x/no.Such]: the type x/no.Such is not known"},
        {"rich.Known", "any { [x/rich.Named] { other: 'a' } }",
         "line 1, column 31, field any.[x/rich.Named].other: 'a' where an integer is due"},
        {"rich.Known", "any { type_url: 'a' [x/rich.Named] {} }",
         "line 1, column 21, field any.[x/rich.Named]: an Any that is written out has nothing "
         "beside it"},
        {"rich.Known", "any { [x/rich.Named] {} value: '' }",
         "line 1, column 25, field any.value: it is set twice"},
    };
    ASSERT_ALL_REFUSED(all);
}

static void nesting_is_bounded(void **state)
{
    (void)state;
    gt_buffer text = {0};
    for (int i = 0; i < 101; i++)
        gt_buffer_add(&text, gt_bytes_str("child {"));
    gt_buffer bytes = {0};
    gt_message_error error;

    assert_int_equal(gt_text_parse(type_of("kinds.All"), gt_buffer_text(&text), &bytes, &error),
                     GT_EINVAL);

    assert_non_null(strstr(error.text, "nested more than 100 deep"));
    assert_int_equal(error.column, 707);
    gt_message_error_cleanup(&error);
    gt_buffer_cleanup(&text);
}

static void an_error_that_nobody_wants_is_not_told(void **state)
{
    (void)state;
    gt_buffer bytes = {0};

    assert_int_equal(gt_text_parse(type_of("kinds.All"), "i32: x", &bytes, NULL), GT_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_text_is_an_empty_message),
        cmocka_unit_test(a_line_as_in_the_docs_is_read),
        cmocka_unit_test(every_kind_of_number_is_read_to_its_edges),
        cmocka_unit_test(integers_are_octal_and_hexadecimal_too),
        cmocka_unit_test(a_minus_may_stand_apart),
        cmocka_unit_test(real_numbers_have_many_forms),
        cmocka_unit_test(true_and_false_have_many_forms),
        cmocka_unit_test(enums_go_by_name_and_by_number),
        cmocka_unit_test(strings_that_follow_one_another_are_one),
        cmocka_unit_test(escapes_stand_for_bytes_and_characters),
        cmocka_unit_test(messages_stand_in_braces_or_angles_with_or_without_a_colon),
        cmocka_unit_test(lists_are_elements),
        cmocka_unit_test(fields_may_be_separated),
        cmocka_unit_test(map_entries_are_messages),
        cmocka_unit_test(what_is_optional_is_kept_when_it_is_zero),
        cmocka_unit_test(an_any_is_written_out),
        cmocka_unit_test(an_any_may_be_given_as_it_is),
        cmocka_unit_test(an_error_has_its_line_column_and_field),
        cmocka_unit_test(what_is_no_field_is_refused),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(values_of_no_enum_are_refused),
        cmocka_unit_test(strings_that_are_none_are_refused),
        cmocka_unit_test(what_is_set_twice_is_refused),
        cmocka_unit_test(what_is_required_has_to_be_there),
        cmocka_unit_test(an_any_that_cannot_be_is_refused),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(an_error_that_nobody_wants_is_not_told),
    };
    return cmocka_run_group_tests(tests, types_setup, types_teardown);
}
