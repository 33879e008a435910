/* Fields by path: what is there, what is not, and what cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kinds_old.pb-c.h"
#include "types_kit.h"
#include <grpctest/field.h>
#include <grpctest/protobufc.h>

static gt_message *message_of(const char *type, const char *text)
{
    gt_buffer bytes = bytes_of(type, text);
    gt_message *message;
    gt_message_error error;
    if (gt_message_unpack(type_of(type), gt_buffer_bytes(&bytes), &message, &error) != 0)
        fail_msg("%s", error.text);
    gt_buffer_cleanup(&bytes);
    return message;
}

static gt_field get(gt_message *message, const char *path, gt_field_kind kind, bool is_set)
{
    gt_field field;
    gt_message_error error;
    if (gt_message_get(message, path, &field, &error) != 0)
        fail_msg("%s: %s", path, error.text);
    assert_int_equal(field.kind, kind);
    assert_int_equal(field.is_set, is_set);
    return field;
}

static void every_kind_has_its_value(void **state)
{
    (void)state;
    gt_message *m =
        message_of("kinds.All", "i32: -1 s32: -2 sf32: -3 i64: -4 s64: -5 sf64: -6 u32: 7 f32: 8 "
                                "u64: 18446744073709551615 f64: 10 real: 0.5 precise: 0.25 flag: t "
                                "color: BLUE text: 'a' blob: 'b\\0'");

    assert_int_equal(get(m, "i32", GT_FIELD_INTEGER, true).integer, -1);
    assert_int_equal(get(m, "s32", GT_FIELD_INTEGER, true).integer, -2);
    assert_int_equal(get(m, "sf32", GT_FIELD_INTEGER, true).integer, -3);
    assert_int_equal(get(m, "i64", GT_FIELD_INTEGER, true).integer, -4);
    assert_int_equal(get(m, "s64", GT_FIELD_INTEGER, true).integer, -5);
    assert_int_equal(get(m, "sf64", GT_FIELD_INTEGER, true).integer, -6);
    assert_int_equal(get(m, "u32", GT_FIELD_UNSIGNED, true).whole, 7);
    assert_int_equal(get(m, "f32", GT_FIELD_UNSIGNED, true).whole, 8);
    assert_true(get(m, "u64", GT_FIELD_UNSIGNED, true).whole == UINT64_MAX);
    assert_int_equal(get(m, "f64", GT_FIELD_UNSIGNED, true).whole, 10);
    assert_true(get(m, "real", GT_FIELD_REAL, true).real == 0.5);
    assert_true(get(m, "precise", GT_FIELD_REAL, true).real == 0.25);
    assert_true(get(m, "flag", GT_FIELD_BOOL, true).boolean);
    assert_int_equal(get(m, "color", GT_FIELD_ENUM, true).integer, -2);
    assert_string_equal(get(m, "color", GT_FIELD_ENUM, true).text, "BLUE");
    assert_string_equal(get(m, "text", GT_FIELD_TEXT, true).text, "a");
    assert_true(gt_bytes_equal(get(m, "text", GT_FIELD_TEXT, true).bytes, gt_bytes_str("a")));
    assert_true(gt_bytes_equal(get(m, "blob", GT_FIELD_BYTES, true).bytes, gt_bytes_of("b\0", 2)));

    gt_message_free(m);
}

static void what_is_not_set_is_its_default(void **state)
{
    (void)state;
    gt_message *m = message_of("kinds.All", "");

    assert_int_equal(get(m, "i32", GT_FIELD_INTEGER, false).integer, 0);
    assert_true(get(m, "precise", GT_FIELD_REAL, false).real == 0);
    assert_false(get(m, "flag", GT_FIELD_BOOL, false).boolean);
    assert_string_equal(get(m, "color", GT_FIELD_ENUM, false).text, "NONE");
    assert_string_equal(get(m, "text", GT_FIELD_TEXT, false).text, "");
    assert_int_equal(get(m, "blob", GT_FIELD_BYTES, false).bytes.size, 0);
    assert_int_equal(get(m, "child.child.i32", GT_FIELD_INTEGER, false).integer, 0);
    assert_ptr_equal(get(m, "child", GT_FIELD_MESSAGE, false).type, type_of("kinds.All"));
    assert_int_equal(get(m, "numbers", GT_FIELD_LIST, false).count, 0);
    assert_int_equal(get(m, "ages", GT_FIELD_MAP, false).count, 0);

    gt_message_free(m);
}

static void defaults_of_proto2_are_the_protos(void **state)
{
    (void)state;
    gt_message *m = message_of("rich_old.Defaults", "must: ''");

    assert_int_equal(get(m, "number", GT_FIELD_INTEGER, false).integer, 42);
    assert_string_equal(get(m, "closed", GT_FIELD_ENUM, false).text, "THIRD");
    assert_int_equal(get(m, "other", GT_FIELD_ENUM, false).integer, 1);
    assert_string_equal(get(m, "text", GT_FIELD_TEXT, false).text, "say \"hi\"\n");
    assert_true(get(m, "flag", GT_FIELD_BOOL, false).boolean);
    assert_true(get(m, "real", GT_FIELD_REAL, false).real < -1e308);
    assert_true(get(m, "large", GT_FIELD_UNSIGNED, false).whole == UINT64_MAX);
    assert_string_equal(get(m, "must", GT_FIELD_TEXT, true).text, "");

    gt_message_free(m);
}

static void defaults_of_generated_code_are_its_own(void **state)
{
    (void)state;
    gt_types *mine = gt_types_new();
    gt_message *m;
    gt_field field;
    const gt_message_type *old = gt_types_add_message(mine, &kinds_old__old__descriptor);
    assert_int_equal(gt_message_unpack(old, gt_bytes_str("\x08\x01\x40\x02"), &m, NULL), 0);

    assert_int_equal(gt_message_get(m, "text", &field, NULL), 0);
    assert_string_equal(field.text, "plain");
    assert_false(field.is_set);
    assert_int_equal(gt_message_get(m, "size", &field, NULL), 0);
    assert_string_equal(field.text, "LARGE");
    assert_int_equal(gt_message_get(m, "version", &field, NULL), 0);
    assert_int_equal(field.integer, 2);

    gt_message_free(m);
    gt_types_free(mine);
}

static void presence_tells_unset_from_default(void **state)
{
    (void)state;
    gt_message *m = message_of("rich.Presence", "number: 0 text: '' plain: 0");

    get(m, "number", GT_FIELD_INTEGER, true);
    get(m, "text", GT_FIELD_TEXT, true);
    get(m, "flag", GT_FIELD_BOOL, false);
    get(m, "plain", GT_FIELD_INTEGER, false);

    gt_message_free(m);
}

static void elements_go_by_index_and_entries_by_key(void **state)
{
    (void)state;
    gt_message *m = message_of(
        "kinds.All", "numbers: [5, 0] children { } children { texts: ['a', 'b'] } "
                     "ages { key: 'j\"d' value: 1 } ages { key: 'x' value: 0 } ages { key: 'x' "
                     "value: 3 }");

    assert_int_equal(get(m, "numbers", GT_FIELD_LIST, true).count, 2);
    assert_int_equal(get(m, "numbers[0]", GT_FIELD_INTEGER, true).integer, 5);
    get(m, "numbers[1]", GT_FIELD_INTEGER, true);
    get(m, "numbers[2]", GT_FIELD_INTEGER, false);
    get(m, "numbers[99999999999999999999]", GT_FIELD_INTEGER, false);
    assert_string_equal(get(m, "children[1].texts[1]", GT_FIELD_TEXT, true).text, "b");
    get(m, "children[0].texts[0]", GT_FIELD_TEXT, false);
    get(m, "children[0]", GT_FIELD_MESSAGE, true);
    get(m, "children[2]", GT_FIELD_MESSAGE, false);
    assert_int_equal(get(m, "ages[\"j\\\"d\"]", GT_FIELD_INTEGER, true).integer, 1);
    assert_int_equal(get(m, "ages['x']", GT_FIELD_INTEGER, true).integer, 3);
    assert_int_equal(get(m, "ages", GT_FIELD_MAP, true).count, 2);
    get(m, "ages['y']", GT_FIELD_INTEGER, false);

    gt_message_free(m);
}

static void keys_of_maps_are_of_their_kind(void **state)
{
    (void)state;
    gt_message *m = message_of("rich.Maps", "by_int32 { key: -7 value: 'a' } by_bool { key: false "
                                            "value: 0 } by_string { key: 'k' value { by_sint64 { "
                                            "key: 5 value { number: 0 } } } }");

    assert_string_equal(get(m, "by_int32[-7]", GT_FIELD_TEXT, true).text, "a");
    assert_string_equal(get(m, "byInt32[\"-7\"]", GT_FIELD_TEXT, true).text, "a");
    get(m, "by_bool[false]", GT_FIELD_INTEGER, true);
    get(m, "by_bool[true]", GT_FIELD_INTEGER, false);
    get(m, "by_string['k'].by_sint64[5].number", GT_FIELD_INTEGER, true);
    get(m, "by_string['k'].by_sint64[6].number", GT_FIELD_INTEGER, false);
    assert_ptr_equal(get(m, "by_string", GT_FIELD_MAP, true).type, type_of("rich.Maps"));

    gt_message_free(m);
}

static void a_oneof_tells_which_of_it_is_set(void **state)
{
    (void)state;
    gt_message *m = message_of("kinds.All", "word: ''");

    assert_string_equal(get(m, "choice", GT_FIELD_ONEOF, true).text, "word");
    assert_null(get(m, "child.choice", GT_FIELD_ONEOF, false).text);
    get(m, "word", GT_FIELD_TEXT, true);
    assert_int_equal(get(m, "number", GT_FIELD_INTEGER, false).integer, 0);
    get(m, "message.i32", GT_FIELD_INTEGER, false);

    gt_message_free(m);
}

static void a_message_is_handed_out_as_bytes(void **state)
{
    (void)state;
    gt_message *m = message_of("kinds.All", "child { i32: 5 }");

    gt_field child = get(m, "child", GT_FIELD_MESSAGE, true);
    gt_field all = get(m, "", GT_FIELD_MESSAGE, true);

    assert_true(gt_bytes_equal(child.bytes, gt_bytes_str("\x08\x05")));
    assert_true(gt_bytes_equal(all.bytes, gt_bytes_str("\x8a\x01\x02\x08\x05")));
    gt_message_free(m);
}

static void a_type_tells_what_its_paths_lead_to(void **state)
{
    (void)state;
    gt_field field;

    assert_int_equal(gt_message_type_path(type_of("kinds.All"), "children[3].color", &field, NULL),
                     0);

    assert_int_equal(field.kind, GT_FIELD_ENUM);
    assert_false(field.is_set);
    assert_int_equal(gt_message_type_path(type_of("kinds.All"), "nope", NULL, NULL), GT_EINVAL);
}

static void paths_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *path, *error;
    } all[] = {
        {"nope", "line 1, column 1, field nope: kinds.All has no such field"},
        {"child.nope.i32", "line 1, column 7, field child.nope: kinds.All has no such field"},
        {"i32.x", "line 1, column 5, field i32.x: i32 is no message, and has no fields"},
        {"choice.x", "line 1, column 8, field choice.x: choice is no message, and has no fields"},
        {"children.i32",
         "line 1, column 10, field children.i32: children is a list, of which one is picked by []"},
        {"ages.x", "line 1, column 6, field ages.x: ages is a map, of which one is picked by []"},
        {"i32[0]", "line 1, column 4, field i32[: [] picks from lists and maps alone"},
        {"numbers[0][0]",
         "line 1, column 11, field numbers[0][: [] picks from lists and maps alone"},
        {"numbers[-1]",
         "line 1, column 9, field numbers[-: the index of an element is a number from 0"},
        {"numbers[0", "line 1, column 10, field numbers[0: ] is due here"},
        {"ages[x]", "line 1, column 6, field ages[x: the keys of this map are texts, in quotes"},
        {"ages[]", "line 1, column 6, field ages[]: a key is text in quotes, a number, true or "
                   "false"},
        {"ages['\\q']", "line 1, column 6, field ages['\\q': there is no such escape"},
        {"i32 x", "line 1, column 5, field i32 x: . or [ is due here"},
        {"child.", "line 1, column 7, field child.: a field's name is due here"},
        {".child", "line 1, column 1, field .: a field's name is due here"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        gt_message_error error;
        assert_int_equal(gt_message_type_path(type_of("kinds.All"), all[i].path, NULL, &error),
                         GT_EINVAL);
        assert_string_equal(error.text, all[i].error);
        gt_message_error_cleanup(&error);
    }
    gt_message_error error;
    assert_int_equal(gt_message_type_path(type_of("rich.Maps"), "by_bool[1]", NULL, &error),
                     GT_EINVAL);
    assert_string_equal(error.text, "line 1, column 9, field by_bool[1: the keys of this map are "
                                    "true and false");
    gt_message_error_cleanup(&error);
    assert_int_equal(gt_message_type_path(type_of("rich.Maps"), "by_int32[x]", NULL, &error),
                     GT_EINVAL);
    assert_string_equal(error.text,
                        "line 1, column 10, field by_int32[x: the keys of this map are integers");
    gt_message_error_cleanup(&error);
}

static void bytes_that_are_no_message_are_refused(void **state)
{
    (void)state;
    gt_message *message;

    assert_int_equal(gt_message_unpack(type_of("kinds.All"), gt_bytes_str("\x08"), &message, NULL),
                     GT_EINVAL);

    assert_null(message);
    gt_message_free(message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_its_value),
        cmocka_unit_test(what_is_not_set_is_its_default),
        cmocka_unit_test(defaults_of_proto2_are_the_protos),
        cmocka_unit_test(defaults_of_generated_code_are_its_own),
        cmocka_unit_test(presence_tells_unset_from_default),
        cmocka_unit_test(elements_go_by_index_and_entries_by_key),
        cmocka_unit_test(keys_of_maps_are_of_their_kind),
        cmocka_unit_test(a_oneof_tells_which_of_it_is_set),
        cmocka_unit_test(a_message_is_handed_out_as_bytes),
        cmocka_unit_test(a_type_tells_what_its_paths_lead_to),
        cmocka_unit_test(paths_that_cannot_be_are_refused),
        cmocka_unit_test(bytes_that_are_no_message_are_refused),
    };
    return cmocka_run_group_tests(tests, types_setup, types_teardown);
}
