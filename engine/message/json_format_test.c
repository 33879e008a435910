/* JSON, written: the proto3 mapping, and what it cannot say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "types_kit.h"

static char *json_of(const char *type, gt_bytes message, const gt_json_options *options)
{
    gt_buffer json = {0};
    gt_message_error error;
    if (gt_json_format(type_of(type), message, options, &json, &error) != 0)
        fail_msg("%s", error.text);
    return (char *)json.data;
}

/* The message, given as text, is this JSON. */
static void assert_json(const char *type, const char *text, const gt_json_options *options,
                        const char *expected)
{
    gt_buffer bytes = bytes_of(type, text);
    char *json = json_of(type, gt_buffer_bytes(&bytes), options);
    assert_string_equal(json, expected);
    gt_free(json);
    gt_buffer_cleanup(&bytes);
}

/* ---- what is written ------------------------------------------------------------------------- */

static void every_kind_of_field_has_its_form(void **state)
{
    (void)state;
    assert_json("kinds.All", "", NULL, "{}");
    assert_json("kinds.All",
                "i32: -1 s32: -2 sf32: -3 i64: -4 s64: -5 sf64: -6 u32: 4294967295 f32: 8 "
                "u64: 18446744073709551615 f64: 10 real: 0.1 precise: 1e100 flag: t color: BLUE "
                "text: 'a\"\\\\\\b\\f\\n\\r\\t\\x01\xc3\xa9/' blob: 'a\\xff'",
                NULL,
                "{\"i32\":-1,\"s32\":-2,\"sf32\":-3,\"i64\":\"-4\",\"s64\":\"-5\",\"sf64\":\"-6\","
                "\"u32\":4294967295,\"f32\":8,\"u64\":\"18446744073709551615\",\"f64\":\"10\","
                "\"real\":0.1,\"precise\":1e+100,\"flag\":true,\"color\":\"BLUE\","
                "\"text\":\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\xc3\xa9/\",\"blob\":\"Yf8=\"}");
    assert_json("kinds.All",
                "child { } numbers: [1, 2] children { flag: t } reals: [nan, inf, -inf, 0] "
                "colors: [NONE, 9] blobs: ['', 'a', 'ab', 'abc'] ages { key: 'a' value: 1 } "
                "number: 0",
                NULL,
                "{\"child\":{},\"numbers\":[1,2],\"children\":[{\"flag\":true}],\"reals\":[\"NaN\","
                "\"Infinity\",\"-Infinity\",0],\"colors\":[\"NONE\",9],\"ages\":{\"a\":1},"
                "\"blobs\":[\"\",\"YQ==\",\"YWI=\",\"YWJj\"],\"number\":0}");
}

static void names_are_json_names_unless_asked(void **state)
{
    (void)state;
    const char *text = "plain_name: 1 other: 2";
    assert_json("rich.Named", text, NULL, "{\"plainName\":1,\"theOther\":2}");
    assert_json("rich.Named", text, &(gt_json_options){.proto_names = true},
                "{\"plain_name\":1,\"other\":2}");
}

static void enums_are_names_unless_asked(void **state)
{
    (void)state;
    assert_json("rich.Presence", "level: MODEST", NULL, "{\"level\":\"LOW\"}");
    assert_json("rich.Presence", "level: MODEST", &(gt_json_options){.enum_numbers = true},
                "{\"level\":1}");
}

/* As a newer peer sends it: to this side it is an unknown field. */
static void a_number_that_a_closed_enum_lacks_is_left_out(void **state)
{
    (void)state;
    static const char one[] = "\x10\x02\x52\x00", list[] = "\x52\x00\x68\x02\x68\x03",
                      others[] = "\x52\x00\x68\x02";
    char *json = json_of("rich_old.Defaults", gt_bytes_of(one, 4), NULL);
    assert_string_equal(json, "{\"must\":\"\"}");
    gt_free(json);
    json = json_of("rich_old.Defaults", gt_bytes_of(list, 6), NULL);
    assert_string_equal(json, "{\"must\":\"\",\"many\":[\"THIRD\"]}");
    gt_free(json);
    json = json_of("rich_old.Defaults", gt_bytes_of(others, 4), NULL);
    assert_string_equal(json, "{\"must\":\"\"}");
    gt_free(json);
}

static void what_has_no_presence_is_written_when_asked(void **state)
{
    (void)state;
    gt_json_options all = {.emit_defaults = true};
    assert_json("rich.Presence", "", &all, "{\"plain\":0,\"plainReal\":0}");
    assert_json("rich.Sparse", "", &all, "{\"packed\":[],\"loose\":[],\"zigzag\":[],\"last\":0}");
    assert_json(
        "kinds.All", "", &all,
        "{\"i32\":0,\"s32\":0,\"sf32\":0,\"i64\":\"0\",\"s64\":\"0\",\"sf64\":\"0\",\"u32\":"
        "0,\"f32\":0,\"u64\":\"0\",\"f64\":\"0\",\"real\":0,\"precise\":0,\"flag\":false,"
        "\"color\":\"NONE\",\"text\":\"\",\"blob\":\"\",\"numbers\":[],\"texts\":[],"
        "\"children\":[],\"reals\":[],\"colors\":[],\"ages\":{},\"blobs\":[],\"fixed\":[]}");
}

static void many_lines_are_indented_by_two(void **state)
{
    (void)state;
    assert_json("kinds.All", "i32: 1 child { } numbers: [1, 2] ages { key: 'a' value: 1 }",
                &(gt_json_options){.multiline = true},
                "{\n"
                "  \"i32\": 1,\n"
                "  \"child\": {},\n"
                "  \"numbers\": [\n"
                "    1,\n"
                "    2\n"
                "  ],\n"
                "  \"ages\": {\n"
                "    \"a\": 1\n"
                "  }\n"
                "}");
}

static void of_several_entries_with_one_key_the_last_counts(void **state)
{
    (void)state;
    assert_json("kinds.All",
                "ages { key: 'b' value: 1 } ages { key: 'a' value: 2 } ages { key: 'b' value: 3 }",
                NULL, "{\"ages\":{\"a\":2,\"b\":3}}");
    assert_json(
        "rich.Maps",
        "by_int64 { key: -1 value: true } by_uint64 { key: 18446744073709551615 value: '' } "
        "by_bool { key: true value: 1 } by_bool { key: false value: 2 } "
        "by_fixed32 { key: 1 value: 1 } by_fixed32 { key: 1 value: 0.5 } "
        "by_string { key: '\"' value { } }",
        NULL,
        "{\"byInt64\":{\"-1\":true},\"byUint64\":{\"18446744073709551615\":\"\"},"
        "\"byFixed32\":{\"1\":0.5},\"byBool\":{\"true\":1,\"false\":2},"
        "\"byString\":{\"\\\"\":{}}}");
}

static void an_entry_may_lack_its_key_and_value(void **state)
{
    (void)state;
    char *json = json_of("rich.Maps", gt_bytes_of("\x32\x00\x62\x00\x0a\x00", 6), NULL);
    assert_string_equal(
        json, "{\"byInt32\":{\"0\":\"\"},\"bySint64\":{\"0\":{}},\"byString\":{\"\":{}}}");
    gt_free(json);
}

static void known_types_have_their_own_forms(void **state)
{
    (void)state;
    assert_json(
        "rich.Known",
        "at { seconds: -62135596800 } took { seconds: -1 nanos: -500000000 } mask { paths: "
        "['a_b', 'c.d_e'] } object { fields { key: 'k' value { null_value: NULL_VALUE } } } "
        "value { list_value { values { string_value: '' } values { bool_value: f } } } "
        "empty { } flag { } i64 { value: 5 } text { value: 'x' } nothing: NULL_VALUE",
        NULL,
        "{\"at\":\"0001-01-01T00:00:00Z\",\"took\":\"-1.500s\",\"mask\":\"aB,c.dE\","
        "\"object\":{\"k\":null},\"value\":[\"\",false],\"empty\":{},\"flag\":false,"
        "\"i64\":\"5\",\"text\":\"x\",\"nothing\":null}");
    assert_json("rich.Known",
                "instants { seconds: 253402300799 nanos: 999999999 } instants { seconds: 951782400 "
                "nanos: 1000 } instants { seconds: 4107542400 } took { }",
                NULL,
                "{\"took\":\"0s\",\"instants\":[\"9999-12-31T23:59:59.999999999Z\","
                "\"2000-02-29T00:00:00.000001Z\",\"2100-03-01T00:00:00Z\"]}");
}

static void an_any_names_its_type(void **state)
{
    (void)state;
    assert_json("rich.Known", "any { [x/rich.Named] { other: 1 } }", NULL,
                "{\"any\":{\"@type\":\"x/rich.Named\",\"theOther\":1}}");
    assert_json("rich.Known", "any { [x/google.protobuf.Duration] { seconds: 1 } }", NULL,
                "{\"any\":{\"@type\":\"x/google.protobuf.Duration\",\"value\":\"1s\"}}");
    assert_json("rich.Known", "any { }", NULL, "{\"any\":{}}");
}

/* ---- what JSON cannot say ---------------------------------------------------------------------
 */

static void what_has_no_json_is_refused_with_its_field(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } all[] = {
        {"instants { } instants { seconds: 253402300800 }",
         "field instants[1]: JSON has no google.protobuf.Timestamp of 253402300800 seconds and 0 "
         "nanos"},
        {"took { seconds: 1 nanos: -1 }",
         "field took: JSON has no google.protobuf.Duration of 1 seconds and -1 nanos"},
        {"mask { paths: 'fooBar' }", "field mask: JSON has no lowerCamelCase for the path fooBar"},
        {"properties { key: 'a' value { } }", "field properties[\"a\"]: JSON has nothing for a "
                                              "google.protobuf.Value that holds nothing"},
        {"value { number_value: nan }",
         "field value: JSON has no number for this google.protobuf.Value"},
        {"any { type_url: 'x/no.Such' }", "field any: the type x/no.Such is not known"},
        {"any { type_url: 'x/rich.Named' value: '\\x08' }",
         "field any: rich.Named field plain_name at byte 1: the bytes end inside a varint"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        gt_buffer bytes = bytes_of("rich.Known", all[i].text), json = {0};
        gt_message_error error;
        assert_int_equal(
            gt_json_format(type_of("rich.Known"), gt_buffer_bytes(&bytes), NULL, &json, &error),
            GT_EINVAL);
        assert_string_equal(error.text, all[i].error);
        assert_int_equal(json.size, 0);
        gt_message_error_cleanup(&error);
        gt_buffer_cleanup(&bytes);
    }
}

static void bytes_that_are_no_message_are_refused(void **state)
{
    (void)state;
    gt_buffer json = {0};

    assert_int_equal(gt_json_format(type_of("kinds.All"), gt_bytes_str("\x08"), NULL, &json, NULL),
                     GT_EINVAL);

    assert_int_equal(json.size, 0);
}

/* An Any in an Any in an Any... is small in bytes, and each is unpacked on its own. */
static void anys_in_anys_are_bounded(void **state)
{
    (void)state;
    gt_buffer inner = {0};
    for (int i = 0; i < 101; i++) {
        gt_buffer any = {0};
        uint8_t head[] = {0x0a, 21, 0x12, (uint8_t)(0x80 | (inner.size & 0x7f)),
                          (uint8_t)(inner.size >> 7)};
        gt_buffer_add(&any, gt_bytes_of(head, 2));
        gt_buffer_add(&any, gt_bytes_str("x/google.protobuf.Any"));
        gt_buffer_add(&any, gt_bytes_of(head + 2, 3));
        gt_buffer_add(&any, gt_buffer_bytes(&inner));
        gt_buffer_cleanup(&inner);
        inner = any;
    }
    gt_buffer json = {0};
    gt_message_error error;

    assert_int_equal(gt_json_format(type_of("google.protobuf.Any"), gt_buffer_bytes(&inner), NULL,
                                    &json, &error),
                     GT_EINVAL);

    assert_string_equal(error.text, "nested more than 100 deep");
    gt_message_error_cleanup(&error);
    gt_buffer_cleanup(&inner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_field_has_its_form),
        cmocka_unit_test(names_are_json_names_unless_asked),
        cmocka_unit_test(enums_are_names_unless_asked),
        cmocka_unit_test(a_number_that_a_closed_enum_lacks_is_left_out),
        cmocka_unit_test(what_has_no_presence_is_written_when_asked),
        cmocka_unit_test(many_lines_are_indented_by_two),
        cmocka_unit_test(of_several_entries_with_one_key_the_last_counts),
        cmocka_unit_test(an_entry_may_lack_its_key_and_value),
        cmocka_unit_test(known_types_have_their_own_forms),
        cmocka_unit_test(an_any_names_its_type),
        cmocka_unit_test(what_has_no_json_is_refused_with_its_field),
        cmocka_unit_test(bytes_that_are_no_message_are_refused),
        cmocka_unit_test(anys_in_anys_are_bounded),
    };
    return cmocka_run_group_tests(tests, types_setup, types_teardown);
}
