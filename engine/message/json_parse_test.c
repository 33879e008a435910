/* JSON, read: the proto3 mapping, and what is wrong with what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "types_kit.h"

/* What JSON means, as text format. */
struct meaning {
    const char *type, *json, *text;
};

static void assert_meaning(const struct meaning *of, const gt_json_read_options *options)
{
    gt_buffer bytes = {0};
    gt_message_error error;
    if (gt_json_parse(type_of(of->type), of->json, options, &bytes, &error) != 0)
        fail_msg("%s: %s", of->json, error.text);
    assert_text(of->type, gt_buffer_bytes(&bytes), of->text);
    gt_buffer_cleanup(&bytes);
}

static void assert_meanings(const struct meaning *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_meaning(&all[i], NULL);
}
#define ASSERT_MEANINGS(all) assert_meanings(all, sizeof(all) / sizeof((all)[0]))

struct refused {
    const char *type, *json, *error;
};

static void assert_refused(const struct refused *refused)
{
    gt_buffer bytes = {0};
    gt_message_error error;
    assert_int_equal(gt_json_parse(type_of(refused->type), refused->json, NULL, &bytes, &error),
                     GT_EINVAL);
    assert_string_equal(error.text, refused->error);
    assert_int_equal(bytes.size, 0);
    gt_message_error_cleanup(&error);
    gt_buffer_cleanup(&bytes);
}

static void assert_all_refused(const struct refused *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_refused(&all[i]);
}
#define ASSERT_ALL_REFUSED(all) assert_all_refused(all, sizeof(all) / sizeof((all)[0]))

/* ---- what is read --------------------------------------------------------------------------- */

static void fields_go_by_json_name_and_their_own(void **state)
{
    (void)state;
    static const struct meaning all[] = {
        {"rich.Named", "{}", ""},
        {"rich.Named", " { \"plainName\" : 1 , \"theOther\" : 2 }\n", "plain_name: 1 other: 2"},
        {"rich.Named", "{\"plain_name\":1,\"other\":2}", "plain_name: 1 other: 2"},
        {"rich.Named", "{\"OddName\":3}", "_odd__name_: 3"},
    };
    ASSERT_MEANINGS(all);
}

static void integers_may_be_in_quotes_or_have_an_exponent(void **state)
{
    (void)state;
    static const struct meaning all[] = {
        {"kinds.All", "{\"i32\":-2147483648,\"s32\":\"2147483647\",\"sf32\":1e2}",
         "i32: -2147483648 s32: 2147483647 sf32: 100"},
        {"kinds.All", "{\"i64\":-9223372036854775808,\"s64\":\"9223372036854775807\"}",
         "i64: -9223372036854775808 s64: 9223372036854775807"},
        {"kinds.All", "{\"u32\":4294967295,\"u64\":18446744073709551615,\"f64\":\"1.50e1\"}",
         "u32: 4294967295 u64: 18446744073709551615 f64: 15"},
        {"kinds.All", "{\"i64\":9007199254740993,\"i32\":1.0,\"u32\":-0}",
         "i32: 1 i64: 9007199254740993"},
    };
    ASSERT_MEANINGS(all);
}

static void real_numbers_have_three_names_besides(void **state)
{
    (void)state;
    static const struct meaning all[] = {
        {"kinds.All", "{\"reals\":[1, -0.5, 1E3, \"2.5\", \"NaN\", \"Infinity\", \"-Infinity\"]}",
         "reals: 1 reals: -0.5 reals: 1000 reals: 2.5 reals: nan reals: inf reals: -inf"},
        {"kinds.All", "{\"real\":3.4028235e38,\"precise\":1e-320}",
         "real: 3.4028235e+38 precise: 1e-320"},
        {"rich.Presence", "{\"real\":-0.0,\"plainReal\":-0.0}", "real: -0"},
    };
    ASSERT_MEANINGS(all);
}

static void strings_bytes_and_enums_are_strings(void **state)
{
    (void)state;
    static const struct meaning all[] = {
        {"kinds.All", "{\"text\":\"\\u00e9\\ud83d\\ude00\\n\\/\",\"flag\":true}",
         "flag: true text: \"\xc3\xa9\xf0\x9f\x98\x80\\n/\""},
        {"kinds.All", "{\"blobs\":[\"\",\"YQ==\",\"YQ\",\"-_8=\",\"+/8\"]}",
         "blobs: \"\" blobs: \"a\" blobs: \"a\" blobs: \"\\xfb\\xff\" blobs: \"\\xfb\\xff\""},
        {"kinds.All", "{\"colors\":[\"RED\",\"BLUE\",0,-2,77,1.0]}",
         "colors: RED colors: BLUE colors: NONE colors: BLUE colors: 77 colors: RED"},
        {"rich.Presence", "{\"level\":\"MODEST\"}", "level: LOW"},
    };
    ASSERT_MEANINGS(all);
}

static void null_is_unset(void **state)
{
    (void)state;
    static const struct meaning all[] = {
        {"kinds.All", "{\"i32\":null,\"child\":null,\"numbers\":null,\"ages\":null,\"text\":null}",
         ""},
        {"kinds.All", "{\"number\":null,\"word\":\"a\",\"raw\":null}", "word: \"a\""},
        {"rich.Presence", "{\"number\":0,\"text\":\"\",\"flag\":null}", "number: 0 text: \"\""},
        {"rich.Known", "{\"value\":null,\"values\":[null],\"properties\":{\"a\":null}}",
         "value { null_value: NULL_VALUE } values { null_value: NULL_VALUE } properties { key: "
         "\"a\" value { null_value: NULL_VALUE } }"},
        {"rich.Known", "{\"nothing\":null}", "nothing: NULL_VALUE"},
        {"rich.Known", "{\"at\":null,\"i32\":null}", ""},
    };
    ASSERT_MEANINGS(all);
}

static void maps_are_objects(void **state)
{
    (void)state;
    static const struct meaning all[] = {
        {"rich.Maps",
         "{\"byInt32\":{\"-1\":\"a\",\"1e2\":\"b\"},\"byBool\":{\"true\":1,\"false\":0}}",
         "by_int32 { key: -1 value: \"a\" } by_int32 { key: 100 value: \"b\" } by_bool { key: true "
         "value: 1 } by_bool { key: false value: 0 }"},
        {"rich.Maps",
         "{\"byUint64\":{\"18446744073709551615\":\"YQ==\"},\"bySint64\":{\"-4\":{\"plain\":1}}}",
         "by_uint64 { key: 18446744073709551615 value: \"a\" } by_sint64 { key: -4 value { plain: "
         "1 "
         "} }"},
        {"rich.Maps", "{\"byString\":{\"\":{},\"a\":{\"bySint32\":{\"0\":\"HIGH\"}}}}",
         "by_string { key: \"\" value { } } by_string { key: \"a\" value { by_sint32 { key: 0 "
         "value: HIGH } } }"},
    };
    ASSERT_MEANINGS(all);
}

static void instants_and_durations_are_strings(void **state)
{
    (void)state;
    static const struct meaning all[] = {
        {"rich.Known", "{\"at\":\"1970-01-01T00:00:00Z\",\"took\":\"0s\"}", "at { } took { }"},
        {"rich.Known", "{\"at\":\"0001-01-01T00:00:00Z\",\"took\":\"-1.5s\"}",
         "at { seconds: -62135596800 } took { seconds: -1 nanos: -500000000 }"},
        {"rich.Known", "{\"at\":\"9999-12-31T23:59:59.999999999Z\",\"took\":\"315576000000s\"}",
         "at { seconds: 253402300799 nanos: 999999999 } took { seconds: 315576000000 }"},
        {"rich.Known", "{\"at\":\"2024-02-29T12:30:00.25+05:30\",\"wait\":\"-0.000000001s\"}",
         "at { seconds: 1709190000 nanos: 250000000 } wait { nanos: -1 }"},
        {"rich.Known", "{\"at\":\"1969-12-31T23:59:59.5Z\"}",
         "at { seconds: -1 nanos: 500000000 }"},
    };
    ASSERT_MEANINGS(all);
}

static void masks_and_wrappers_are_what_they_hold(void **state)
{
    (void)state;
    static const struct meaning all[] = {
        {"rich.Known", "{\"mask\":\"\"}", "mask { }"},
        {"rich.Known", "{\"mask\":\"foo,fooBar.bazQux\"}",
         "mask { paths: \"foo\" paths: \"foo_bar.baz_qux\" }"},
        {"rich.Known",
         "{\"flag\":false,\"blob\":\"YQ==\",\"real\":\"NaN\",\"narrow\":0.5,\"i32\":\"1\",\"i64\":"
         "2,"
         "\"text\":\"\",\"u32\":3,\"u64\":\"4\",\"numbers\":[1,2],\"empty\":{}}",
         "empty { } flag { } blob { value: \"a\" } real { value: nan } narrow { value: 0.5 } i32 { "
         "value: 1 } i64 { value: 2 } text { } u32 { value: 3 } u64 { value: 4 } numbers { value: "
         "1 "
         "} numbers { value: 2 }"},
        {"google.protobuf.Int64Value", "\"7\"", "value: 7"},
        {"google.protobuf.Duration", "\"7s\"", "seconds: 7"},
    };
    ASSERT_MEANINGS(all);
}

static void any_json_is_a_value(void **state)
{
    (void)state;
    static const struct meaning all[] = {
        {"rich.Known", "{\"value\":1,\"list\":[true,\"a\",[],{}]}",
         "value { number_value: 1 } list { values { bool_value: true } values { string_value: "
         "\"a\" "
         "} values { list_value { } } values { struct_value { } } }"},
        {"rich.Known", "{\"object\":{\"a\":{\"b\":-0.5}}}",
         "object { fields { key: \"a\" value { struct_value { fields { key: \"b\" value { "
         "number_value: -0.5 } } } } } }"},
        {"google.protobuf.Value", "[null]", "list_value { values { null_value: NULL_VALUE } }"},
    };
    ASSERT_MEANINGS(all);
}

static void an_any_names_its_type(void **state)
{
    (void)state;
    static const struct meaning all[] = {
        {"rich.Known", "{\"any\":{}}", "any { }"},
        {"rich.Known", "{\"any\":{\"@type\":\"x/rich.Named\",\"plainName\":1}}",
         "any { [x/rich.Named] { plain_name: 1 } }"},
        {"rich.Known", "{\"any\":{\"plainName\":1,\"@type\":\"x/rich.Named\"}}",
         "any { [x/rich.Named] { plain_name: 1 } }"},
        {"rich.Known", "{\"any\":{\"@type\":\"x/google.protobuf.Duration\",\"value\":\"1s\"}}",
         "any { [x/google.protobuf.Duration] { seconds: 1 } }"},
        {"rich.Known", "{\"any\":{\"@type\":\"x/google.protobuf.Empty\",\"value\":{}}}",
         "any { [x/google.protobuf.Empty] { } }"},
        {"rich.Known", "{\"any\":{\"@type\":\"x/google.protobuf.Empty\"}}",
         "any { [x/google.protobuf.Empty] { } }"},
        {"rich.Known",
         "{\"any\":{\"@type\":\"x/google.protobuf.Any\",\"value\":{\"@type\":\"x/rich.Named\"}}}",
         "any { [x/google.protobuf.Any] { [x/rich.Named] { } } }"},
    };
    ASSERT_MEANINGS(all);
}

static void what_is_unknown_is_passed_over_when_asked(void **state)
{
    (void)state;
    gt_json_read_options ignore = {.ignore_unknown = true};
    assert_meaning(
        &(struct meaning){"kinds.All",
                          "{\"nope\":[1,{\"a\":2}],\"color\":\"GREEN\",\"colors\":[\"RED\","
                          "\"GREEN\"],\"child\":{\"what\":null},\"hue\":\"GREEN\",\"number\":1}",
                          "child { } colors: RED number: 1"},
        &ignore);
    assert_meaning(&(struct meaning){"rich.Maps", "{\"bySint32\":{\"1\":\"GREEN\",\"2\":\"LOW\"}}",
                                     "by_sint32 { key: 2 value: LOW }"},
                   &ignore);
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void an_error_has_its_line_column_and_field(void **state)
{
    (void)state;
    gt_buffer bytes = {0};
    gt_message_error error;

    int refused = gt_json_parse(type_of("kinds.All"),
                                "{\"text\": \"\xc3\xa9\",\n \"children\": [{\"i32\": 1},\n"
                                "   {\"text\": \"}\xc3\xa9\", \"i32\": \"x\"}]}",
                                NULL, &bytes, &error);

    assert_int_equal(refused, GT_EINVAL);
    assert_int_equal(error.line, 3);
    assert_int_equal(error.column, 26);
    assert_string_equal(error.field, "children[1].i32");
    assert_string_equal(error.text, "line 3, column 26, field children[1].i32: \"x\" where an "
                                    "integer is due");
    gt_message_error_cleanup(&error);
}

static void what_is_no_json_is_refused(void **state)
{
    (void)state;
    static const struct refused all[] = {
        {"kinds.All", "", "line 1, column 1: unexpected token near end of file"},
        {"kinds.All", "{\"i32\":1,}", "line 1, column 10: string or '}' expected near '}'"},
        {"kinds.All", "{'i32':1}", "line 1, column 2: string or '}' expected near '''"},
        {"kinds.All", "{} {}", "line 1, column 4: end of file expected near '{'"},
        {"kinds.All", "{\"i32\":1,\"i32\":1}",
         "line 1, column 14: duplicate object key near '\"i32\"'"},
        {"kinds.All", "{\"text\":\"\\ud800\"}",
         "line 1, column 16: invalid Unicode '\\uD800' near '\"\\ud800\"'"},
        {"kinds.All", "{\"real\":1e999}", "line 1, column 13: real number overflow near '1e999'"},
    };
    ASSERT_ALL_REFUSED(all);
}

static void fields_that_are_none_are_refused(void **state)
{
    (void)state;
    static const struct refused all[] = {
        {"kinds.All", "[]", "line 1, column 1: an array where an object is due"},
        {"kinds.All", "null", "line 1, column 1: null where an object is due"},
        {"kinds.All", "{\"nope\":1}", "line 1, column 2, field nope: kinds.All has no such field"},
        {"rich.Named", "{\"plainName\":1,\"plain_name\":1}",
         "line 1, column 16, field plain_name: it is set twice"},
        {"kinds.All", "{\"number\":1,\"word\":\"\"}",
         "line 1, column 13, field word: number of the same oneof is set"},
        {"kinds.All", "{\"numbers\":1}",
         "line 1, column 12, field numbers: 1 where an array is due"},
        {"kinds.All", "{\"numbers\":[1,null]}",
         "line 1, column 15, field numbers[1]: null is no element"},
        {"kinds.All", "{\"child\":3}", "line 1, column 10, field child: 3 where an object is due"},
        {"kinds.All", "{\"ages\":[]}",
         "line 1, column 9, field ages: an array where an object is due"},
        {"kinds.All", "{\"ages\":{\"jane\":null}}",
         "line 1, column 17, field ages[\"jane\"]: null is no value of a map"},
        {"rich.Maps", "{\"byBool\":{\"1\":1}}",
         "line 1, column 12, field by_bool[\"1\"]: \"1\" where \"true\" or \"false\" is due"},
        {"rich.Maps", "{\"byInt32\":{\"a\":\"\"}}",
         "line 1, column 13, field by_int32[\"a\"]: \"a\" where an integer is due"},
        {"kinds_old.Old", "{\"id\":1}",
         "line 1, column 1, field version: a required field is missing"},
        {"kinds_old.Old", "{\"id\":null,\"version\":1}",
         "line 1, column 7, field id: null for a required field"},
    };
    ASSERT_ALL_REFUSED(all);
}

static void values_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const struct refused all[] = {
        {"kinds.All", "{\"i32\":2147483648}",
         "line 1, column 8, field i32: 2147483648 is no integer, or out of range: -2147483648 to "
         "2147483647"},
        {"kinds.All", "{\"i32\":0.5}",
         "line 1, column 8, field i32: 0.5 is no integer, or out of range: -2147483648 to "
         "2147483647"},
        {"kinds.All", "{\"u64\":18446744073709551616}",
         "line 1, column 8, field u64: 18446744073709551616 is no integer, or out of range: 0 to "
         "18446744073709551615"},
        {"kinds.All", "{\"u64\":1e20}",
         "line 1, column 8, field u64: 1e20 is no integer, or out of range: 0 to "
         "18446744073709551615"},
        {"kinds.All", "{\"u32\":-1}",
         "line 1, column 8, field u32: -1 is no integer, or out of range: 0 to 4294967295"},
        {"kinds.All", "{\"i32\":\" 1\"}",
         "line 1, column 8, field i32: \" 1\" where an integer is due"},
        {"kinds.All", "{\"i32\":\"\"}",
         "line 1, column 8, field i32: \"\" where an integer is due"},
        {"kinds.All", "{\"i32\":\"01\"}",
         "line 1, column 8, field i32: \"01\" where an integer is due"},
        {"kinds.All", "{\"i32\":true}",
         "line 1, column 8, field i32: true where an integer is due"},
        {"kinds.All", "{\"real\":3.5e38}", "line 1, column 9, field real: 3.5e38 is out of range"},
        {"kinds.All", "{\"precise\":\"1e999\"}",
         "line 1, column 12, field precise: 1e999 is out of range"},
        {"kinds.All", "{\"precise\":\"inf\"}",
         "line 1, column 12, field precise: \"inf\" where a number is due"},
        {"kinds.All", "{\"flag\":\"true\"}",
         "line 1, column 9, field flag: \"true\" where true or false is due"},
        {"kinds.All", "{\"text\":1}", "line 1, column 9, field text: 1 where a string is due"},
        {"kinds.All", "{\"text\":\"a\\u0000\"}",
         "line 1, column 9, field text: a NUL in a string, which protobuf-c cannot carry"},
        {"kinds.All", "{\"blob\":\"a\"}",
         "line 1, column 9, field blob: \"a\" where base64 is due"},
        {"kinds.All", "{\"blob\":\"YQ==\\u0000\"}",
         "line 1, column 9, field blob: \"YQ==\\u0000\" where base64 is due"},
        {"kinds.All", "{\"color\":\"GREEN\"}",
         "line 1, column 10, field color: \"GREEN\" is no value of enum kinds.Color"},
        {"kinds.All", "{\"color\":true}",
         "line 1, column 10, field color: true where an enum's value is due"},
        {"rich.Known", "{\"nothing\":1}",
         "line 1, column 12, field nothing: 1 is no value of enum google.protobuf.NullValue"},
        {"rich_old.Defaults", "{\"must\":\"\",\"closed\":2}",
         "line 1, column 21, field closed: 2 is no value of enum rich_old.Closed"},
    };
    ASSERT_ALL_REFUSED(all);
}

#define INSTANT                                                                                    \
    " where an instant of the years 1 to 9999, such as \"1972-01-01T10:00:20.021Z\", is due"
#define LENGTH " where a duration of up to 10,000 years, such as \"1.5s\", is due"

static void known_types_that_are_not_like_it_are_refused(void **state)
{
    (void)state;
    static const struct refused all[] = {
        {"rich.Known", "{\"at\":1}", "line 1, column 7, field at: 1" INSTANT},
        {"google.protobuf.Timestamp", "\"2023-02-29T00:00:00Z\"",
         "line 1, column 1: \"2023-02-29T00:00:00Z\"" INSTANT},
        {"google.protobuf.Timestamp", "\"0000-01-01T00:00:00Z\"",
         "line 1, column 1: \"0000-01-01T00:00:00Z\"" INSTANT},
        {"google.protobuf.Timestamp", "\"0001-01-01T00:00:00+00:01\"",
         "line 1, column 1: \"0001-01-01T00:00:00+00:01\"" INSTANT},
        {"google.protobuf.Timestamp", "\"1970-01-01T00:00:00\"",
         "line 1, column 1: \"1970-01-01T00:00:00\"" INSTANT},
        {"google.protobuf.Timestamp", "\"1970-01-01T00:00:00.1234567890Z\"",
         "line 1, column 1: \"1970-01-01T00:00:00.1234567890Z\"" INSTANT},
        {"google.protobuf.Timestamp", "\"1970-01-01t00:00:00Z\"",
         "line 1, column 1: \"1970-01-01t00:00:00Z\"" INSTANT},
        {"google.protobuf.Duration", "\"1\"", "line 1, column 1: \"1\"" LENGTH},
        {"google.protobuf.Duration", "\"1.s\"", "line 1, column 1: \"1.s\"" LENGTH},
        {"google.protobuf.Duration", "\"s\"", "line 1, column 1: \"s\"" LENGTH},
        {"google.protobuf.Duration", "\"315576000001s\"",
         "line 1, column 1: \"315576000001s\"" LENGTH},
        {"google.protobuf.FieldMask", "\"foo_bar\"",
         "line 1, column 1: \"foo_bar\" where paths in lowerCamelCase with commas between is due"},
        {"google.protobuf.FieldMask", "\"a,\"",
         "line 1, column 1: \"a,\" where paths in lowerCamelCase with commas between is due"},
        {"google.protobuf.Struct", "[]", "line 1, column 1: an array where an object is due"},
        {"google.protobuf.ListValue", "{}", "line 1, column 1: an object where an array is due"},
        {"google.protobuf.Int32Value", "{}", "line 1, column 1: an object where an integer is due"},
        {"google.protobuf.Empty", "{\"a\":1}",
         "line 1, column 2, field a: google.protobuf.Empty has no such field"},
    };
    ASSERT_ALL_REFUSED(all);
}

static void an_any_that_cannot_be_is_refused(void **state)
{
    (void)state;
    static const struct refused all[] = {
        {"google.protobuf.Any", "{\"a\":1}", "line 1, column 1: \"@type\" is missing"},
        {"google.protobuf.Any", "{\"@type\":1}", "line 1, column 10: 1 where a type's URL is due"},
        {"google.protobuf.Any", "{\"@type\":\"x/no.Such\"}",
         "line 1, column 10: the type x/no.Such is not known"},
        {"google.protobuf.Any", "{\"@type\":\"rich.Named\"}",
         "line 1, column 10: the type rich.Named is not known"},
        {"google.protobuf.Any", "{\"@type\":\"x/google.protobuf.Duration\"}",
         "line 1, column 1: \"value\" is missing beside \"@type\""},
        {"google.protobuf.Any",
         "{\"@type\":\"x/google.protobuf.Duration\",\"value\":\"1s\",\"a\":1}",
         "line 1, column 1: more than \"value\" beside \"@type\""},
    };
    ASSERT_ALL_REFUSED(all);
}

/* Brackets in brackets, `levels` deep, around `core`. */
static gt_buffer nested(const char *open, const char *core, const char *close, int levels)
{
    gt_buffer text = {0};
    for (int i = 0; i < levels; i++)
        gt_buffer_add(&text, gt_bytes_str(open));
    gt_buffer_add(&text, gt_bytes_str(core));
    for (int i = 0; i < levels; i++)
        gt_buffer_add(&text, gt_bytes_str(close));
    return text;
}

static void assert_nesting(const char *type, const char *open, const char *core, const char *close,
                           int most)
{
    gt_buffer fits = nested(open, core, close, most);
    gt_buffer over = nested(open, core, close, most + 1);
    gt_buffer bytes = {0}, text = {0};
    gt_message_error error;

    assert_int_equal(gt_json_parse(type_of(type), gt_buffer_text(&fits), NULL, &bytes, NULL), 0);
    assert_int_equal(gt_json_format(type_of(type), gt_buffer_bytes(&bytes), NULL, &text, NULL), 0);
    assert_string_equal(gt_buffer_text(&text), gt_buffer_text(&fits));

    assert_int_equal(gt_json_parse(type_of(type), gt_buffer_text(&over), NULL, &bytes, &error),
                     GT_EINVAL);
    assert_non_null(strstr(error.text, "nested more than 100 deep"));
    gt_message_error_cleanup(&error);
    gt_buffer_cleanup(&fits);
    gt_buffer_cleanup(&over);
    gt_buffer_cleanup(&bytes);
    gt_buffer_cleanup(&text);
}

static void nesting_is_bounded_as_it_is_in_bytes(void **state)
{
    (void)state;
    assert_nesting("google.protobuf.ListValue", "[", "", "]", 51);
    assert_nesting("google.protobuf.Value", "[", "", "]", 50);
    assert_nesting("rich.Maps", "{\"byString\":{\"a\":", "{}", "}}", 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_go_by_json_name_and_their_own),
        cmocka_unit_test(integers_may_be_in_quotes_or_have_an_exponent),
        cmocka_unit_test(real_numbers_have_three_names_besides),
        cmocka_unit_test(strings_bytes_and_enums_are_strings),
        cmocka_unit_test(null_is_unset),
        cmocka_unit_test(maps_are_objects),
        cmocka_unit_test(instants_and_durations_are_strings),
        cmocka_unit_test(masks_and_wrappers_are_what_they_hold),
        cmocka_unit_test(any_json_is_a_value),
        cmocka_unit_test(an_any_names_its_type),
        cmocka_unit_test(what_is_unknown_is_passed_over_when_asked),
        cmocka_unit_test(an_error_has_its_line_column_and_field),
        cmocka_unit_test(what_is_no_json_is_refused),
        cmocka_unit_test(fields_that_are_none_are_refused),
        cmocka_unit_test(values_that_do_not_fit_are_refused),
        cmocka_unit_test(known_types_that_are_not_like_it_are_refused),
        cmocka_unit_test(an_any_that_cannot_be_is_refused),
        cmocka_unit_test(nesting_is_bounded_as_it_is_in_bytes),
    };
    return cmocka_run_group_tests(tests, types_setup, types_teardown);
}
