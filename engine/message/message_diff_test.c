/* Differences of two messages, as a failed assertion prints them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/death_test.h"
#include "types_kit.h"
#include <grpctest/field.h>

static gt_message *unpacked(const char *type, gt_bytes bytes)
{
    gt_message *message;
    gt_message_error error;
    if (gt_message_unpack(type_of(type), bytes, &message, &error) != 0)
        fail_msg("%s", error.text);
    return message;
}

static void assert_diff_of_bytes(const char *type, gt_bytes expected, gt_bytes actual,
                                 const gt_diff_options *options, const char *lines)
{
    gt_message *want = unpacked(type, expected), *got = unpacked(type, actual);
    gt_buffer text = {0};

    size_t count = gt_message_diff(want, got, options, &text);

    assert_string_equal(gt_buffer_text(&text), lines);
    assert_int_equal(count == 0, lines[0] == '\0');
    assert_int_equal(gt_message_diff(want, got, options, NULL), count > 0);
    gt_buffer_cleanup(&text);
    gt_message_free(want);
    gt_message_free(got);
}

static void assert_diff(const char *type, const char *expected, const char *actual,
                        const gt_diff_options *options, const char *lines)
{
    gt_buffer want = bytes_of(type, expected), got = bytes_of(type, actual);
    assert_diff_of_bytes(type, gt_buffer_bytes(&want), gt_buffer_bytes(&got), options, lines);
    gt_buffer_cleanup(&want);
    gt_buffer_cleanup(&got);
}

static const gt_diff_options partial = {.partial = true};
static const gt_diff_options any_order = {.any_order = true};
static const gt_diff_options both = {.partial = true, .any_order = true};

static void equal_messages_have_no_difference(void **state)
{
    (void)state;
    const char *text = "i32: 1 real: nan reals: [nan, -0.0] text: 'a' blob: 'b' child { flag: t } "
                       "numbers: [1, 2] ages { key: 'a' value: 1 } word: ''";
    assert_diff("kinds.All", text, text, NULL, "");
    assert_diff("kinds.All", "reals: 0.0", "reals: -0.0", NULL, "");
}

static void how_it_was_serialized_makes_no_difference(void **state)
{
    (void)state;
    /* Packed or not, in what order, and a default that was written. */
    assert_diff_of_bytes("kinds.All", gt_bytes_of("\xaa\x01\x02\x01\x02\x08\x05", 7),
                         gt_bytes_of("\x08\x05\xa8\x01\x01\xa8\x01\x02\x10\x00", 10), NULL, "");
}

static void scalars_that_differ_are_told_by_path(void **state)
{
    (void)state;
    assert_diff("kinds.All", "i32: 7 text: 'jane' color: RED child { child { flag: t } }",
                "i32: 8 text: 'john' color: 9 child { child { } }", NULL,
                "i32: expected 7, got 8\n"
                "color: expected RED, got 9\n"
                "text: expected \"jane\", got \"john\"\n"
                "child.child.flag: expected true, got false\n");
    assert_diff("kinds.All", "real: nan precise: 0.1 blob: 'a'", "real: 1 precise: 0.2 blob: 'ab'",
                NULL,
                "real: expected nan, got 1\n"
                "precise: expected 0.1, got 0.2\n"
                "blob: expected \"a\", got \"ab\"\n");
}

static void what_is_not_there_is_nothing(void **state)
{
    (void)state;
    assert_diff("rich.Presence", "number: 0", "text: ''", NULL,
                "number: expected 0, got nothing\n"
                "text: expected nothing, got \"\"\n");
    assert_diff("kinds.All", "child { i32: 1 }", "", NULL,
                "child: expected { i32: 1 }, got nothing\n");
    assert_diff("kinds.All", "", "i32: 1", NULL, "i32: expected 0, got 1\n");
    assert_diff("kinds.All", "number: 0", "word: ''", NULL,
                "number: expected 0, got nothing\n"
                "word: expected nothing, got \"\"\n");
}

static void lists_are_compared_by_index(void **state)
{
    (void)state;
    assert_diff("kinds.All", "numbers: [1, 2] texts: ['a', 'b'] children { i32: 1 }",
                "numbers: [1, 3, 4] texts: 'a' children { i32: 2 }", NULL,
                "numbers[1]: expected 2, got 3\n"
                "numbers[2]: expected nothing, got 4\n"
                "texts[1]: expected \"b\", got nothing\n"
                "children[0].i32: expected 1, got 2\n");
}

static void lists_may_come_in_any_order(void **state)
{
    (void)state;
    assert_diff("kinds.All", "numbers: [1, 2, 2] children { i32: 1 } children { i32: 2 }",
                "numbers: [2, 1, 2] children { i32: 2 } children { i32: 1 }", &any_order, "");
    assert_diff("kinds.All", "numbers: [1, 2, 2]", "numbers: [2, 3, 1, 1]", &any_order,
                "numbers: expected 2, got nothing\n"
                "numbers[1]: expected nothing, got 3\n"
                "numbers[3]: expected nothing, got 1\n");
    assert_diff("kinds.All", "children { numbers: [1, 2] }", "children { numbers: [2, 1] }",
                &any_order, "");
}

static void partially_only_what_is_expected_counts(void **state)
{
    (void)state;
    assert_diff("kinds.All", "child { i32: 1 } ages { key: 'a' value: 1 }",
                "i32: 5 child { i32: 1 text: 'x' } numbers: 1 ages { key: 'b' value: 2 } ages { "
                "key: 'a' value: 1 }",
                &partial, "");
    assert_diff("kinds.All", "i32: 1 child { flag: t } texts: 'a'", "child { } texts: ['a', 'b']",
                &partial,
                "i32: expected 1, got 0\n"
                "child.flag: expected true, got false\n"
                "texts[1]: expected nothing, got \"b\"\n");
}

/* The first expected element fits both, the second only the first of them. */
static void an_element_that_fits_several_makes_way(void **state)
{
    (void)state;
    assert_diff("kinds.All", "children { i32: 1 } children { i32: 1 text: 'a' }",
                "children { i32: 1 text: 'a' } children { i32: 1 text: 'b' }", &both, "");
    assert_diff("kinds.All", "children { } children { i32: 1 } children { i32: 1 u32: 1 }",
                "children { i32: 1 u32: 1 } children { i32: 1 } children { u32: 5 }", &both, "");
    assert_diff("kinds.All", "children { i32: 1 } children { i32: 1 }",
                "children { i32: 1 } children { i32: 2 }", &both,
                "children: expected { i32: 1 }, got nothing\n"
                "children[1]: expected nothing, got { i32: 2 }\n");
}

static void maps_are_compared_by_key(void **state)
{
    (void)state;
    assert_diff("kinds.All", "ages { key: 'a' value: 1 } ages { key: 'b' value: 2 }",
                "ages { key: 'b' value: 3 } ages { key: 'c' value: 4 } ages { key: 'b' value: 2 }",
                NULL,
                "ages[\"a\"]: expected 1, got nothing\n"
                "ages[\"c\"]: expected nothing, got 4\n");
    assert_diff("rich.Maps",
                "by_int32 { key: -1 value: 'a' } by_sint64 { key: 5 value { plain: 1 } }",
                "by_int32 { key: -1 value: 'b' } by_sint64 { key: 5 value { plain: 2 } }", NULL,
                "by_int32[-1]: expected \"a\", got \"b\"\n"
                "by_sint64[5].plain: expected 1, got 2\n");
}

static void an_any_is_compared_by_its_fields(void **state)
{
    (void)state;
    assert_diff("rich.Known", "any { [x/rich.Named] { plain_name: 1 other: 2 } }",
                "any { [x/rich.Named] { plain_name: 1 other: 3 } }", NULL,
                "any.[x/rich.Named].other: expected 2, got 3\n");
    assert_diff("rich.Known", "any { type_url: 'x/rich.Named' value: '\\x10\\x02\\x08\\x01' }",
                "any { [x/rich.Named] { plain_name: 1 other: 2 } }", NULL, "");
    assert_diff("rich.Known", "any { type_url: 'a' value: 'b' }",
                "any { type_url: 'a' value: 'c' }", NULL, "any.value: expected \"b\", got \"c\"\n");
    assert_diff("rich.Known", "any { [x/rich.Named] { } }", "any { [x/rich.Sparse] { } }", NULL,
                "any.type_url: expected \"x/rich.Named\", got \"x/rich.Sparse\"\n");
}

static void unknown_fields_count_too(void **state)
{
    (void)state;
    assert_diff_of_bytes("kinds.Nothing", gt_bytes_str("\x08\x05"), gt_bytes_str("\x08\x06"), NULL,
                         "expected the unknown field 1: 5, got 1: 6\n");
    assert_diff_of_bytes("kinds.Nothing", gt_bytes_str(""), gt_bytes_str("\x12\x01x"), NULL,
                         "expected the unknown field nothing, got 2: \"x\"\n");
    assert_diff_of_bytes("kinds.Nothing", gt_bytes_str(""), gt_bytes_str("\x12\x01x"), &partial,
                         "");
}

static void after_twenty_lines_differences_are_counted(void **state)
{
    (void)state;
    gt_buffer want = bytes_of("kinds.All", "numbers: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"
                                           "texts: ['', '', '', '', '', '', '', '', '', '', '']");
    gt_message *expected = unpacked("kinds.All", gt_buffer_bytes(&want));
    gt_message *actual = unpacked("kinds.All", gt_bytes_str(""));
    gt_buffer text = {0};

    assert_int_equal(gt_message_diff(expected, actual, NULL, &text), 22);

    assert_non_null(strstr(gt_buffer_text(&text), "texts[8]: expected \"\", got nothing\n"
                                                  "... and 2 more\n"));
    gt_buffer_cleanup(&text);
    gt_buffer_cleanup(&want);
    gt_message_free(expected);
    gt_message_free(actual);
}

static void compare_two_types(void *arg)
{
    (void)arg;
    gt_message *all = unpacked("kinds.All", gt_bytes_str(""));
    gt_message *nothing = unpacked("kinds.Nothing", gt_bytes_str(""));
    gt_message_diff(all, nothing, NULL, NULL);
}

static void two_types_are_misuse(void **state)
{
    (void)state;
    assert_dies(compare_two_types, NULL,
                "grpctest: gt_message_diff: a kinds.All is compared with a kinds.Nothing\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_messages_have_no_difference),
        cmocka_unit_test(how_it_was_serialized_makes_no_difference),
        cmocka_unit_test(scalars_that_differ_are_told_by_path),
        cmocka_unit_test(what_is_not_there_is_nothing),
        cmocka_unit_test(lists_are_compared_by_index),
        cmocka_unit_test(lists_may_come_in_any_order),
        cmocka_unit_test(partially_only_what_is_expected_counts),
        cmocka_unit_test(an_element_that_fits_several_makes_way),
        cmocka_unit_test(maps_are_compared_by_key),
        cmocka_unit_test(an_any_is_compared_by_its_fields),
        cmocka_unit_test(unknown_fields_count_too),
        cmocka_unit_test(after_twenty_lines_differences_are_counted),
        cmocka_unit_test(two_types_are_misuse),
    };
    return cmocka_run_group_tests(tests, types_setup, types_teardown);
}
