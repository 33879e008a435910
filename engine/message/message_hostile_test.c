/* Text, JSON, sets and paths that were broken at random: each is read or refused with a reason,
 * what is read can be written and read again as the same, and nothing crashes (which the sanitizers
 * and valgrind watch). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "types_kit.h"
#include <grpctest/field.h>
#include <grpctest/world.h>

#define ROUNDS 3000

/* A change or two: a byte set to another, a run of bytes dropped, or copied over others. */
static gt_buffer broken(gt_bytes whole, gt__random *random)
{
    static const char marks[] = "{}[]<>:;,.\"'\\#-+0159eExuf/ \n\t@nt\x80\xc3\xff";
    gt_buffer out = {0};
    gt_buffer_add(&out, whole);
    for (uint64_t changes = 1 + gt__random_below(random, 2); changes > 0 && out.size > 0;
         changes--) {
        size_t at = (size_t)gt__random_below(random, out.size);
        size_t run = 1 + (size_t)gt__random_below(random, 8);
        if (run > out.size - at)
            run = out.size - at;
        switch (gt__random_below(random, 4)) {
        case 0:
            out.data[at] = (uint8_t)marks[gt__random_below(random, sizeof marks - 1)];
            break;
        case 1:
            out.data[at] = (uint8_t)(1 + gt__random_below(random, 255));
            break;
        case 2:
            memmove(out.data + at, out.data + at + run, out.size - at - run + 1);
            out.size -= run;
            break;
        default:
            memmove(out.data + gt__random_below(random, out.size - run + 1), out.data + at, run);
            break;
        }
    }
    return out;
}

/* An error says why; a success leaves nothing in it. */
static void assert_told(int failed, gt_message_error *error)
{
    if (failed) {
        assert_true(strlen(error->text) > 0);
        assert_non_null(error->field);
    } else {
        assert_null(error->text);
    }
    gt_message_error_cleanup(error);
}

static void assert_same_again(const char *type, gt_bytes message)
{
    gt_buffer text = {0}, again = {0};
    gt_message *one, *other;
    assert_int_equal(gt_text_format(type_of(type), message, NULL, &text, NULL), 0);
    assert_int_equal(gt_text_parse(type_of(type), gt_buffer_text(&text), &again, NULL), 0);
    assert_int_equal(gt_message_unpack(type_of(type), message, &one, NULL), 0);
    assert_int_equal(gt_message_unpack(type_of(type), gt_buffer_bytes(&again), &other, NULL), 0);

    gt_buffer difference = {0};
    if (gt_message_diff(one, other, NULL, &difference) != 0)
        fail_msg("%s\n%s", gt_buffer_text(&text), gt_buffer_text(&difference));

    gt_message_free(one);
    gt_message_free(other);
    gt_buffer_cleanup(&text);
    gt_buffer_cleanup(&again);
}

static const struct {
    const char *type, *text, *json;
} samples[] = {
    {"kinds.All",
     "i32: -0x1F u64: 18446744073709551615 # note\n real: 1.5e3f precise: -inf flag: t color: BLUE "
     "text: 'a\\u00e9\\n' \"b\" blob: '\\0\\xff' child < numbers: [1, 2,-3] > ages { key: 'x' "
     "value: 1 }; children [{ i32: 1 }, {}], word: ''",
     "{\"i32\":-31,\"u64\":\"18446744073709551615\",\"real\":1.5e3,\"precise\":\"-Infinity\","
     "\"flag\":true,\"color\":\"BLUE\",\"text\":\"a\\u00e9\\n\",\"blob\":\"AP8=\",\"child\":{"
     "\"numbers\":[1,2,-3]},\"ages\":{\"x\":1},\"children\":[{\"i32\":1},{}],\"word\":\"\"}"},
    {"rich.Known",
     "at { seconds: 1 nanos: 5 } mask { paths: ['a_b', 'c'] } any { [x/rich.Named] { other: 1 } } "
     "value { list_value { values { null_value: NULL_VALUE } values { number_value: 0 } } } "
     "i64 { value: -5 } nothing: NULL_VALUE",
     "{\"at\":\"1970-01-01T00:00:01.000000005Z\",\"mask\":\"aB,c\",\"any\":{\"@type\":"
     "\"x/rich.Named\",\"theOther\":1},\"value\":[null,0],\"object\":{\"a\":{\"b\":[]}},"
     "\"i64\":\"-5\",\"took\":\"-1.5s\",\"nothing\":null}"},
    {"rich.Maps",
     "by_int32 { key: -1 value: 'a' } by_bool { key: true value: 1 } by_string { key: 'k' value { "
     "by_sint64 { key: 5 value { number: 0 } } } }",
     "{\"byInt32\":{\"-1\":\"a\"},\"byBool\":{\"true\":1},\"byString\":{\"k\":{\"bySint64\":{\"5\":"
     "{"
     "\"number\":0}}}}}"},
};
#define SAMPLE_COUNT (sizeof samples / sizeof samples[0])

static void broken_text_is_read_or_refused(void **state)
{
    (void)state;
    gt__random random;
    gt__random_init(&random, 1, "text");
    size_t refused = 0;
    for (size_t i = 0; i < ROUNDS; i++) {
        const char *type = samples[i % SAMPLE_COUNT].type;
        gt_buffer text = broken(gt_bytes_str(samples[i % SAMPLE_COUNT].text), &random), bytes = {0};
        gt_message_error error;
        int failed = gt_text_parse(type_of(type), gt_buffer_text(&text), &bytes, &error);
        refused += failed != 0;
        assert_told(failed, &error);
        if (!failed)
            assert_same_again(type, gt_buffer_bytes(&bytes));
        gt_buffer_cleanup(&text);
        gt_buffer_cleanup(&bytes);
    }
    assert_in_range(refused, ROUNDS / 2, ROUNDS - 50);
}

static void broken_json_is_read_or_refused(void **state)
{
    (void)state;
    gt__random random;
    gt__random_init(&random, 2, "json");
    size_t refused = 0;
    for (size_t i = 0; i < ROUNDS; i++) {
        const char *type = samples[i % SAMPLE_COUNT].type;
        gt_buffer json = broken(gt_bytes_str(samples[i % SAMPLE_COUNT].json), &random), bytes = {0};
        gt_message_error error;
        int failed = gt_json_parse(type_of(type), gt_buffer_text(&json), NULL, &bytes, &error);
        refused += failed != 0;
        assert_told(failed, &error);
        if (!failed)
            assert_same_again(type, gt_buffer_bytes(&bytes));
        gt_buffer_cleanup(&json);
        gt_buffer_cleanup(&bytes);
    }
    assert_in_range(refused, ROUNDS / 2, ROUNDS - 50);
}

/* Whatever bytes are a message, JSON says or refuses with a reason. */
static void broken_messages_are_written_or_refused(void **state)
{
    (void)state;
    gt__random random;
    gt__random_init(&random, 3, "bytes");
    for (size_t i = 0; i < ROUNDS; i++) {
        const char *type = samples[i % SAMPLE_COUNT].type;
        gt_buffer whole = bytes_of(type, samples[i % SAMPLE_COUNT].text), json = {0}, text = {0};
        gt_buffer bytes = broken(gt_buffer_bytes(&whole), &random);
        gt_message_error error;
        assert_told(gt_json_format(type_of(type), gt_buffer_bytes(&bytes), NULL, &json, &error),
                    &error);
        assert_told(gt_text_format(type_of(type), gt_buffer_bytes(&bytes), NULL, &text, &error),
                    &error);
        gt_buffer_cleanup(&whole);
        gt_buffer_cleanup(&bytes);
        gt_buffer_cleanup(&json);
        gt_buffer_cleanup(&text);
    }
}

/* A small set with something of everything; of the whole one most would be comments. */
static const char small_set[] =
    "file { name: 'a' package: 'p' syntax: 'proto3' message_type { name: 'M' field { name: 'f' "
    "number: 1 type: TYPE_MESSAGE label: LABEL_OPTIONAL type_name: '.p.M' } field { name: 'e' "
    "number: 2 type: TYPE_ENUM label: LABEL_REPEATED type_name: '.p.E' json_name: 'x' } field { "
    "name: 'm' number: 9 type: TYPE_MESSAGE label: LABEL_REPEATED type_name: '.p.M.MEntry' } field "
    "{ name: 'o' number: 4 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0 } nested_type { "
    "name: 'MEntry' field { name: 'key' number: 1 type: TYPE_STRING label: LABEL_OPTIONAL } field "
    "{ name: 'value' number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL } options { map_entry: true "
    "} "
    "} oneof_decl { name: 'one' } } enum_type { name: 'E' value { name: 'A' number: 0 } value { "
    "name: 'B' number: -5 } } service { name: 'S' method { name: 'm' input_type: '.p.M' "
    "output_type: '.p.M' server_streaming: true } } }";

static void use_set(const gt_types *mine)
{
    const gt_message_type *type = gt_types_message(mine, "p.M");
    gt_buffer bytes = {0}, json = {0};
    if (type && gt_text_parse(type, "f { } e: B m { key: 'k' value: 1 } o: 'x'", &bytes, NULL) == 0)
        assert_int_equal(gt_json_format(type, gt_buffer_bytes(&bytes), NULL, &json, NULL), 0);
    gt_buffer_cleanup(&bytes);
    gt_buffer_cleanup(&json);
}

static void broken_sets_are_taken_or_refused(void **state)
{
    (void)state;
    gt__random random;
    gt__random_init(&random, 4, "sets");
    gt_buffer whole = bytes_of("google.protobuf.FileDescriptorSet", small_set);
    size_t refused = 0;
    for (size_t i = 0; i < ROUNDS; i++) {
        gt_types *mine = gt_types_new();
        gt_buffer set = broken(gt_buffer_bytes(&whole), &random);
        gt_message_error error;
        int failed = gt_types_add_set(mine, gt_buffer_bytes(&set), &error);
        refused += failed != 0;
        assert_told(failed, &error);
        use_set(mine);
        gt_types_free(mine);
        gt_buffer_cleanup(&set);
    }
    gt_buffer_cleanup(&whole);
    assert_in_range(refused, ROUNDS / 2, ROUNDS - 50);
}

static void broken_paths_lead_somewhere_or_are_refused(void **state)
{
    (void)state;
    static const char path[] = "by_string['k'].by_sint64[5].number";
    gt__random random;
    gt__random_init(&random, 5, "paths");
    gt_buffer bytes = bytes_of("rich.Maps", samples[2].text);
    gt_message *message;
    assert_int_equal(
        gt_message_unpack(type_of("rich.Maps"), gt_buffer_bytes(&bytes), &message, NULL), 0);
    for (size_t i = 0; i < ROUNDS; i++) {
        gt_buffer other = broken(gt_bytes_str(path), &random);
        gt_message_error error;
        gt_field field;
        assert_told(gt_message_get(message, gt_buffer_text(&other), &field, &error), &error);
        gt_buffer_cleanup(&other);
    }
    gt_message_free(message);
    gt_buffer_cleanup(&bytes);
}

/* ---- depth ----------------------------------------------------------------------------------- */

static gt_buffer repeated(const char *open, const char *core, const char *close, int levels)
{
    gt_buffer text = {0};
    for (int i = 0; i < levels; i++)
        gt_buffer_add(&text, gt_bytes_str(open));
    gt_buffer_add(&text, gt_bytes_str(core));
    for (int i = 0; i < levels; i++)
        gt_buffer_add(&text, gt_bytes_str(close));
    return text;
}

/* All that recurses, as deep as it goes. */
static void go_deep(void *arg)
{
    gt_buffer text = repeated("children [{ ", "", "}]", 100), bytes = {0}, back = {0};
    gt_buffer json = repeated("{\"children\":[", "{}", "]}", 100), out = {0};
    gt_buffer brackets = repeated("[", "", "]", 100000);
    gt_message *message;
    const gt_message_type *type = type_of("kinds.All");
    assert_int_equal(gt_text_parse(type, gt_buffer_text(&text), &bytes, NULL), 0);
    assert_int_equal(gt_json_parse(type, gt_buffer_text(&json), NULL, &back, NULL), 0);
    assert_true(gt_bytes_equal(gt_buffer_bytes(&bytes), gt_buffer_bytes(&back)));
    assert_int_equal(gt_text_format(type, gt_buffer_bytes(&bytes), NULL, &out, NULL), 0);
    assert_int_equal(gt_json_format(type, gt_buffer_bytes(&bytes), NULL, &out, NULL), 0);
    assert_int_equal(gt_message_unpack(type, gt_buffer_bytes(&bytes), &message, NULL), 0);
    assert_int_equal(gt_message_diff(message, message, NULL, NULL), 0);
    gt_message_free(message);

    gt_message_error error;
    assert_int_equal(gt_json_parse(type_of("google.protobuf.Value"), gt_buffer_text(&brackets),
                                   NULL, &back, &error),
                     GT_EINVAL);
    assert_string_equal(error.text, "line 1, column 257: brackets more than 256 deep");
    gt_message_error_cleanup(&error);
    gt_buffer_cleanup(&text);
    gt_buffer_cleanup(&bytes);
    gt_buffer_cleanup(&back);
    gt_buffer_cleanup(&json);
    gt_buffer_cleanup(&out);
    gt_buffer_cleanup(&brackets);
    *(bool *)arg = true;
}

/* A handler runs on a fiber, whose stack is small. */
static void the_deepest_message_fits_a_fibers_stack(void **state)
{
    (void)state;
    bool done = false;
    gt_world *world = gt_world_new(NULL);

    assert_int_equal(gt_task_join(gt_spawn(world, "deep", go_deep, &done), NULL), 0);

    assert_true(done);
    gt_world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_text_is_read_or_refused),
        cmocka_unit_test(broken_json_is_read_or_refused),
        cmocka_unit_test(broken_messages_are_written_or_refused),
        cmocka_unit_test(broken_sets_are_taken_or_refused),
        cmocka_unit_test(broken_paths_lead_somewhere_or_are_refused),
        cmocka_unit_test(the_deepest_message_fits_a_fibers_stack),
    };
    return cmocka_run_group_tests(tests, types_setup, types_teardown);
}
