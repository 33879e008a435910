/* Google's own implementation of JSON, by the Ruby gem google-protobuf, as the judge of ours: what
 * one of the two reads or refuses the other does, and each reads what the other writes. Skipped
 * where there is no Ruby with that gem. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "types_kit.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST 8192

/* ---- asking --------------------------------------------------------------------------------- */

/* The judge's answers to these lines, one each. False where there is none. */
static bool ask(const gt_buffer *questions, gt_buffer *answers)
{
    char path[] = "/tmp/grpctest-json-XXXXXX", command[1024];
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, questions->data, questions->size), (ssize_t)questions->size);
    close(file);
    snprintf(command, sizeof command, "ruby %s %s < %s", ORACLE, KINDS_SET, path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    char part[4096];
    size_t got;
    while ((got = fread(part, 1, sizeof part, pipe)) > 0)
        gt_buffer_add(answers, gt_bytes_of(part, got));
    int status = pclose(pipe);
    unlink(path);
    if (WIFEXITED(status) && (WEXITSTATUS(status) == 77 || WEXITSTATUS(status) == 127)) {
        fprintf(stderr, "SKIPPED: there is no Ruby with google-protobuf here\n");
        return false;
    }
    assert_int_equal(status, 0);
    return true;
}

/* Cuts the next line off. */
static const char *next_answer(char **answers)
{
    char *line = *answers, *end = strchr(line, '\n');
    assert_non_null(end);
    *end = '\0';
    *answers = end + 1;
    return line;
}

static void add_question(gt_buffer *questions, const char *verb, const char *type, const char *rest)
{
    char line[LONGEST];
    assert_true(snprintf(line, sizeof line, "%s %s %s\n", verb, type, rest) < LONGEST);
    gt_buffer_add(questions, gt_bytes_str(line));
}

static gt_buffer bytes_of_hex(const char *hex)
{
    gt_buffer bytes = {0};
    for (; hex[0] && hex[1]; hex += 2) {
        unsigned byte;
        assert_int_equal(sscanf(hex, "%2x", &byte), 1);
        gt_buffer_add(&bytes, gt_bytes_of(&(uint8_t){(uint8_t)byte}, 1));
    }
    return bytes;
}

static char *json_of(const char *type, gt_bytes bytes)
{
    gt_buffer json = {0};
    gt_message_error error;
    if (gt_json_format(type_of(type), bytes, NULL, &json, &error) != 0)
        fail_msg("%s", error.text);
    return (char *)json.data;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Left out is where version 3.21 departs from the mapping: it refuses "1e2" in quotes and 2^64-1
 * without, and takes "" for the integer 0. */
static const struct {
    const char *type, *json;
} to_read[] = {
    {"kinds.All", "{}"},
    {"kinds.All", "[]"},
    {"kinds.All", "{\"i32\":-2147483648,\"s32\":\"2147483647\",\"sf32\":1e2}"},
    {"kinds.All", "{\"i32\":2147483648}"},
    {"kinds.All", "{\"i32\":0.5}"},
    {"kinds.All", "{\"i32\":1.0}"},
    {"kinds.All", "{\"i32\":\" 1\"}"},
    {"kinds.All", "{\"i32\":true}"},
    {"kinds.All", "{\"u32\":-1}"},
    {"kinds.All", "{\"u64\":\"18446744073709551615\",\"i64\":\"-9223372036854775808\"}"},
    {"kinds.All", "{\"u64\":18446744073709551616}"},
    {"kinds.All", "{\"real\":0.1,\"precise\":1e-320}"},
    {"kinds.All", "{\"real\":3.5e38}"},
    {"kinds.All", "{\"reals\":[\"NaN\",\"Infinity\",\"-Infinity\",\"2.5\"]}"},
    {"kinds.All", "{\"flag\":\"true\"}"},
    {"kinds.All", "{\"flag\":1}"},
    {"kinds.All", "{\"text\":\"\\u00e9\\ud83d\\ude00\\n\\/\\\"\"}"},
    {"kinds.All", "{\"text\":1}"},
    {"kinds.All", "{\"blobs\":[\"\",\"YQ==\",\"YQ\",\"-_8=\",\"+/8=\"]}"},
    {"kinds.All", "{\"blob\":\"a\"}"},
    {"kinds.All", "{\"colors\":[\"RED\",\"BLUE\",0,-2,77]}"},
    {"kinds.All", "{\"color\":\"GREEN\"}"},
    {"kinds.All", "{\"nope\":1}"},
    {"kinds.All", "{\"i32\":null,\"child\":null,\"numbers\":null,\"ages\":null}"},
    {"kinds.All", "{\"numbers\":[null]}"},
    {"kinds.All", "{\"numbers\":1}"},
    {"kinds.All", "{\"number\":1,\"word\":\"\"}"},
    {"kinds.All", "{\"ages\":{\"a\":1}}"},
    {"kinds.All", "{\"ages\":{\"a\":null}}"},
    {"kinds.All", "{\"ages\":[]}"},
    {"rich.Named", "{\"plainName\":1,\"theOther\":2,\"OddName\":3}"},
    {"rich.Named", "{\"plain_name\":1,\"other\":2,\"_odd__name_\":3}"},
    {"rich.Presence", "{\"number\":0,\"text\":\"\",\"level\":\"MODEST\",\"flag\":null}"},
    {"rich.Maps", "{\"byInt32\":{\"-1\":\"a\"},\"byBool\":{\"true\":1}}"},
    {"rich.Maps", "{\"byBool\":{\"1\":1}}"},
    {"rich.Maps", "{\"byInt32\":{\"a\":\"\"}}"},
    {"rich.Known", "{\"at\":\"1970-01-01T00:00:00.25Z\",\"took\":\"-1.5s\"}"},
    {"rich.Known", "{\"at\":\"2024-02-29T12:30:00.25+05:30\"}"},
    {"rich.Known", "{\"at\":\"9999-12-31T23:59:59.999999999Z\"}"},
    {"rich.Known", "{\"at\":\"1970-01-01T00:00:00\"}"},
    {"rich.Known", "{\"at\":\"1970-01-01t00:00:00Z\"}"},
    {"rich.Known", "{\"took\":\"1\"}"},
    {"rich.Known", "{\"took\":\"315576000001s\"}"},
    {"rich.Known", "{\"mask\":\"foo,fooBar.bazQux\"}"},
    {"rich.Known", "{\"mask\":\"foo_bar\"}"},
    {"rich.Known", "{\"object\":{\"a\":{\"b\":[1,null,true,\"x\"]}}}"},
    {"rich.Known", "{\"object\":[]}"},
    {"rich.Known", "{\"value\":null,\"nothing\":null,\"list\":[null]}"},
    {"rich.Known", "{\"flag\":false,\"i64\":\"2\",\"text\":\"\",\"numbers\":[1]}"},
    {"rich.Known", "{\"any\":{\"plainName\":1,\"@type\":\"x/rich.Named\"}}"},
    {"rich.Known", "{\"any\":{\"@type\":\"x/google.protobuf.Duration\",\"value\":\"1s\"}}"},
    {"rich.Known", "{\"any\":{\"@type\":\"x/no.Such\"}}"},
    {"rich.Known", "{\"any\":{\"@type\":\"rich.Named\"}}"},
    {"rich.Known", "{\"any\":{\"value\":1}}"},
};
#define READ_COUNT (sizeof to_read / sizeof to_read[0])

static void compare_reading(size_t index, const char *answer)
{
    const char *type = to_read[index].type, *json = to_read[index].json;
    gt_buffer ours = {0};
    bool refused = gt_json_parse(type_of(type), json, NULL, &ours, NULL) != 0;
    if (refused != (strcmp(answer, "refused") == 0))
        fail_msg("%s: refused by %s alone", json, refused ? "us" : "them");
    gt_buffer theirs = bytes_of_hex(refused ? "" : answer);
    char *one = json_of(type, gt_buffer_bytes(&ours)),
         *other = json_of(type, gt_buffer_bytes(&theirs));
    assert_string_equal(one, other);
    gt_free(one);
    gt_free(other);
    gt_buffer_cleanup(&ours);
    gt_buffer_cleanup(&theirs);
}

static void both_read_and_refuse_the_same(void **state)
{
    (void)state;
    gt_buffer questions = {0}, answers = {0};
    for (size_t i = 0; i < READ_COUNT; i++)
        add_question(&questions, "read", to_read[i].type, to_read[i].json);

    if (ask(&questions, &answers)) {
        char *rest = (char *)answers.data;
        for (size_t i = 0; i < READ_COUNT; i++)
            compare_reading(i, next_answer(&rest));
    }

    gt_buffer_cleanup(&questions);
    gt_buffer_cleanup(&answers);
}

/* ---- writing -------------------------------------------------------------------------------- */

static const struct {
    const char *type, *text;
} to_write[] = {
    {"kinds.All", ""},
    {"kinds.All",
     "i32: -1 s32: -2 sf32: -3 i64: -4 s64: -5 sf64: -6 u32: 4294967295 f32: 8 "
     "u64: 18446744073709551615 f64: 10 real: 0.1 precise: 1e100 flag: t color: BLUE "
     "text: 'a\"\\\\\\b\\f\\n\\r\\t\\x01\xc3\xa9/' blob: 'a\\xff' child { } numbers: [1, 2] "
     "children { flag: t } reals: [nan, inf, -inf, 0, 0.1, 123456789012345678] colors: [NONE, 9] "
     "blobs: ['', 'a', 'ab', 'abc'] ages { key: 'a' value: 1 } number: 0"},
    {"rich.Named", "plain_name: 1 other: 2 _odd__name_: 3"},
    {"rich.Presence", "number: 0 text: '' blob: '' level: UNKNOWN flag: f real: -0.0"},
    {"rich.Maps", "by_int64 { key: -1 value: true } by_uint64 { key: 1 value: 'b' } "
                  "by_bool { key: true value: 1 } by_string { key: '\"' value { } }"},
    {"rich.Known", "at { seconds: -62135596800 } took { seconds: -1 nanos: -500000000 } "
                   "mask { paths: ['a_b', 'c.d_e'] } object { fields { key: 'k' value { "
                   "null_value: NULL_VALUE } } } value { list_value { values { string_value: '' } "
                   "values { bool_value: f } } } empty { } flag { } i64 { value: 5 } "
                   "nothing: NULL_VALUE any { [x/rich.Named] { other: 1 } }"},
    {"rich.Known", "at { seconds: 253402300799 nanos: 999999999 } any { "
                   "[x/google.protobuf.Duration] { seconds: 1 nanos: 1000 } }"},
};
#define WRITE_COUNT (sizeof to_write / sizeof to_write[0])

static void assert_same_message(const char *type, const gt_buffer *one, const gt_buffer *other)
{
    char *left = json_of(type, gt_buffer_bytes(one)),
         *right = json_of(type, gt_buffer_bytes(other));
    assert_string_equal(left, right);
    gt_free(left);
    gt_free(right);
}

static void compare_writing(size_t index, const char *written, const char *read)
{
    const char *type = to_write[index].type;
    gt_buffer message = bytes_of(type, to_write[index].text), back = {0};
    gt_message_error error;
    if (gt_json_parse(type_of(type), written, NULL, &back, &error) != 0)
        fail_msg("%s: %s", written, error.text);
    assert_same_message(type, &message, &back);

    gt_buffer theirs = bytes_of_hex(read);
    assert_same_message(type, &message, &theirs);
    gt_buffer_cleanup(&message);
    gt_buffer_cleanup(&back);
    gt_buffer_cleanup(&theirs);
}

static void each_reads_what_the_other_writes(void **state)
{
    (void)state;
    gt_buffer questions = {0}, answers = {0};
    for (size_t i = 0; i < WRITE_COUNT; i++) {
        char hex[LONGEST];
        gt_buffer bytes = bytes_of(to_write[i].type, to_write[i].text);
        hex[0] = '\0';
        for (size_t k = 0; k < bytes.size; k++)
            snprintf(hex + 2 * k, 3, "%02x", bytes.data[k]);
        add_question(&questions, "write", to_write[i].type, hex);
        char *json = json_of(to_write[i].type, gt_buffer_bytes(&bytes));
        add_question(&questions, "read", to_write[i].type, json);
        gt_free(json);
        gt_buffer_cleanup(&bytes);
    }

    if (ask(&questions, &answers)) {
        char *rest = (char *)answers.data;
        for (size_t i = 0; i < WRITE_COUNT; i++) {
            const char *written = next_answer(&rest), *read = next_answer(&rest);
            compare_writing(i, written, read);
        }
    }

    gt_buffer_cleanup(&questions);
    gt_buffer_cleanup(&answers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_read_and_refuse_the_same),
        cmocka_unit_test(each_reads_what_the_other_writes),
    };
    return cmocka_run_group_tests(tests, types_setup, types_teardown);
}
