/* Metadata out of pairs and text, and back. */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <grpctest/error.h>
#include <grpctest/metadata.h>

static void pairs_keep_their_order(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"B", "1"}, {"a", "2"}, {"b", "3"}, {"raw-bin", "\x01"}};
    char *reason;

    gt_metadata *metadata = gt_metadata_from(pairs, 4, &reason);

    assert_null(reason);
    char *text = gt_metadata_format(metadata);
    assert_string_equal(text, "b: 1\na: 2\nb: 3\nraw-bin: AQ\n");
    gt_free(text);
    gt_metadata_free(metadata);
}

static void a_refused_pair_is_named_with_its_reason(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"fine", "1"}, {"grpc-timeout", "1S"}};
    char *reason;

    assert_null(gt_metadata_from(pairs, 2, &reason));

    assert_string_equal(reason, "\"grpc-timeout\": keys that start with \"grpc-\" are gRPC's own");
    gt_free(reason);
    assert_null(gt_metadata_from(pairs, 2, NULL));
}

static void text_is_read_back_as_it_was_written(void **state)
{
    (void)state;
    gt_metadata *metadata = gt_metadata_new();
    assert_int_equal(gt_metadata_append(metadata, "user", "jane: doe"), 0);
    assert_int_equal(gt_metadata_append(metadata, "empty", ""), 0);
    assert_int_equal(gt_metadata_append_bin(metadata, "all-bin", gt_bytes_of("\0\xff\n", 3)), 0);

    char *text = gt_metadata_format(metadata);
    char *reason;
    gt_metadata *again = gt_metadata_parse(text, &reason);

    assert_non_null(again);
    assert_null(reason);
    assert_true(gt_metadata_equal(metadata, again));
    gt_free(text);
    gt_metadata_free(metadata);
    gt_metadata_free(again);
}

static void blank_lines_and_line_ends_do_not_matter(void **state)
{
    (void)state;
    char *reason;
    gt_metadata *metadata = gt_metadata_parse("\n  a:1\r\n\r\n   \nb:   2", &reason);
    assert_non_null(metadata);
    char *text = gt_metadata_format(metadata);
    assert_string_equal(text, "a: 1\nb: 2\n");
    gt_free(text);
    gt_metadata_free(metadata);
}

static void what_is_no_metadata_is_told_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {"a: 1\nnonsense\n", "line 2: there is no ':' between key and value"},
        {": 1", "line 1: the key is empty"},
        {"a b: 1", "line 1: the key has a character other than 0-9 a-z _ - ."},
        {"\n\nx-bin: !!!", "line 3: the value is not base64"},
        {"te: trailers", "line 1: the key is one that the library or HTTP/2 sets itself"},
        {"a: x ", "line 1: the value has a space at an edge, which peers may drop"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *reason;
        assert_null(gt_metadata_parse(cases[i].text, &reason));
        assert_string_equal(reason, cases[i].reason);
        gt_free(reason);
        assert_null(gt_metadata_parse(cases[i].text, NULL));
    }
}

static void equal_means_the_same_entries_in_the_same_order(void **state)
{
    (void)state;
    static const char *const texts[] = {"a: 1\nb: 2\n", "b: 2\na: 1\n", "a: 1\n", "a: 1\nb: 3\n",
                                        "a: 1\nc: 2\n"};
    gt_metadata *first = gt_metadata_parse(texts[0], NULL);
    for (size_t i = 0; i < 5; i++) {
        gt_metadata *other = gt_metadata_parse(texts[i], NULL);
        assert_int_equal(gt_metadata_equal(first, other), i == 0);
        gt_metadata_free(other);
    }
    gt_metadata *empty = gt_metadata_new();
    assert_true(gt_metadata_equal(NULL, empty));
    assert_false(gt_metadata_equal(first, NULL));
    gt_metadata_free(empty);
    gt_metadata_free(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_keep_their_order),
        cmocka_unit_test(a_refused_pair_is_named_with_its_reason),
        cmocka_unit_test(text_is_read_back_as_it_was_written),
        cmocka_unit_test(blank_lines_and_line_ends_do_not_matter),
        cmocka_unit_test(what_is_no_metadata_is_told_with_its_line),
        cmocka_unit_test(equal_means_the_same_entries_in_the_same_order),
    };
    return cmocka_run_group_tests_name("metadata_text", tests, NULL, NULL);
}
