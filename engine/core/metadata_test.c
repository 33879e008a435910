#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "death_test.h"
#include "metadata.h"

#include <grpctest/error.h>

static int new_metadata(void **state)
{
    *state = gt_metadata_new();
    return 0;
}

static int free_metadata(void **state)
{
    gt_metadata_free(*state);
    return 0;
}

static void append(gt_metadata *metadata, const char *key, const char *value)
{
    assert_int_equal(gt_metadata_append(metadata, key, value), 0);
}

/* All entries in order, as "key=value;". */
static void assert_entries(const gt_metadata *metadata, const char *expected)
{
    gt__buffer text = {0};
    for (size_t i = 0; i < gt_metadata_count(metadata); i++) {
        gt_metadata_entry entry = gt_metadata_at(metadata, i);
        gt__buffer_printf(&text, "%s=", entry.key);
        gt__buffer_add(&text, entry.value.data, entry.value.size);
        gt__buffer_add_text(&text, ";");
    }
    char *entries = gt__buffer_take_text(&text);
    assert_string_equal(entries, expected);
    gt__free(entries);
}

/* ---- order and keys (rules D1, D3) ---- */

static void keys_and_values_keep_their_order(void **state)
{
    gt_metadata *metadata = *state;
    append(metadata, "b", "1");
    append(metadata, "a", "2");
    append(metadata, "b", "3");
    append(metadata, "c", "");
    append(metadata, "a", "4");
    assert_int_equal(gt_metadata_count(metadata), 5);
    assert_entries(metadata, "b=1;a=2;b=3;c=;a=4;");
}

static void keys_are_stored_in_lower_case_and_found_in_any(void **state)
{
    gt_metadata *metadata = *state;
    append(metadata, "X-User.ID_0", "Jane");
    assert_entries(metadata, "x-user.id_0=Jane;");
    assert_string_equal(gt_metadata_get(metadata, "x-user.id_0"), "Jane");
    assert_string_equal(gt_metadata_get(metadata, "X-USER.ID_0"), "Jane");
}

static void a_key_is_not_found_by_its_beginning(void **state)
{
    gt_metadata *metadata = *state;
    append(metadata, "key", "1");
    assert_null(gt_metadata_get(metadata, "ke"));
    assert_null(gt_metadata_get(metadata, "keys"));
    assert_null(gt_metadata_get(metadata, ""));
}

static void the_first_value_is_got_and_the_others_by_number(void **state)
{
    gt_metadata *metadata = *state;
    gt_bytes value;
    append(metadata, "k", "one");
    append(metadata, "other", "x");
    append(metadata, "K", "two");
    assert_string_equal(gt_metadata_get(metadata, "k"), "one");
    assert_int_equal(gt_metadata_get_bytes(metadata, "k", 1, &value), 0);
    assert_string_equal((const char *)value.data, "two");
    assert_int_equal(value.size, 3);
    assert_int_equal(gt_metadata_get_bytes(metadata, "k", 2, &value), GT_ENOENT);
    assert_int_equal(value.size, 0);
}

static void many_entries_are_no_problem(void **state)
{
    gt_metadata *metadata = *state;
    for (int i = 0; i < 1000; i++) {
        char *value = gt__printf("%d", i);
        append(metadata, "n", value);
        gt__free(value);
    }
    assert_int_equal(gt_metadata_count(metadata), 1000);
    assert_string_equal((const char *)gt_metadata_at(metadata, 999).value.data, "999");
}

/* ---- binary values (rule D2) ---- */

static void binary_keys_carry_any_bytes(void **state)
{
    gt_metadata *metadata = *state;
    gt_bytes value;
    assert_int_equal(gt_metadata_append_bin(metadata, "Trace-BIN", gt_bytes_of("\0\xff ", 3)), 0);
    assert_int_equal(gt_metadata_append_bin(metadata, "trace-bin", gt_bytes_of(NULL, 0)), 0);
    assert_int_equal(gt_metadata_get_bytes(metadata, "trace-bin", 0, &value), 0);
    assert_int_equal(value.size, 3);
    assert_memory_equal(value.data, "\0\xff ", 4);
    assert_int_equal(gt_metadata_get_bytes(metadata, "trace-bin", 1, &value), 0);
    assert_int_equal(value.size, 0);
}

static void text_and_bytes_do_not_mix(void **state)
{
    gt_metadata *metadata = *state;
    assert_int_equal(gt_metadata_append(metadata, "k-bin", "text"), GT_EINVAL);
    assert_int_equal(gt_metadata_append_bin(metadata, "k", gt_bytes_str("bytes")), GT_EINVAL);
    assert_int_equal(gt_metadata_append_bin(metadata, "grpc-x-bin", gt_bytes_str("b")), GT_EINVAL);
    assert_int_equal(gt_metadata_count(metadata), 0);
}

static void only_the_suffix_makes_a_key_binary(void **state)
{
    (void)state;
    assert_true(gt__key_is_binary("a-bin", 5));
    assert_true(gt__key_is_binary("A-Bin", 5));
    assert_true(gt__key_is_binary("-bin", 4));
    assert_false(gt__key_is_binary("bin", 3));
    assert_false(gt__key_is_binary("a-binary", 8));
    assert_false(gt__key_is_binary("a_bin", 5));
    assert_false(gt__key_is_binary("a-bin", 4));
    assert_false(gt__key_is_binary("", 0));
}

/* ---- changing ---- */

static void set_replaces_all_values_and_stands_last(void **state)
{
    gt_metadata *metadata = *state;
    append(metadata, "k", "1");
    append(metadata, "other", "x");
    append(metadata, "k", "2");
    assert_int_equal(gt_metadata_set(metadata, "K", gt_bytes_str("3")), 0);
    assert_entries(metadata, "other=x;k=3;");
}

static void set_takes_bytes_for_a_binary_key(void **state)
{
    gt_metadata *metadata = *state;
    assert_int_equal(gt_metadata_set(metadata, "k-bin", gt_bytes_of("\0", 1)), 0);
    assert_int_equal(gt_metadata_set(metadata, "k-bin", gt_bytes_of("\1", 1)), 0);
    assert_entries(metadata, "k-bin=\1;");
}

static void a_refused_set_changes_nothing(void **state)
{
    gt_metadata *metadata = *state;
    append(metadata, "k", "1");
    assert_int_equal(gt_metadata_set(metadata, "k", gt_bytes_str("\n")), GT_EINVAL);
    assert_int_equal(gt_metadata_set(metadata, "te", gt_bytes_str("x")), GT_EINVAL);
    assert_entries(metadata, "k=1;");
}

static void remove_tells_how_many_went(void **state)
{
    gt_metadata *metadata = *state;
    append(metadata, "a", "1");
    append(metadata, "b", "2");
    append(metadata, "a", "3");
    assert_int_equal(gt_metadata_remove(metadata, "A"), 2);
    assert_int_equal(gt_metadata_remove(metadata, "a"), 0);
    assert_entries(metadata, "b=2;");
}

/* ---- arguments borrowed from the metadata itself ---- */

static void a_value_borrowed_from_itself_can_be_appended(void **state)
{
    gt_metadata *metadata = *state;
    append(metadata, "k", "again");
    for (int i = 0; i < 20; i++) {
        gt_metadata_entry entry = gt_metadata_at(metadata, 0);
        append(metadata, entry.key, (const char *)entry.value.data);
    }
    assert_int_equal(gt_metadata_count(metadata), 21);
    assert_string_equal((const char *)gt_metadata_at(metadata, 20).value.data, "again");
}

static void a_key_and_value_borrowed_from_itself_can_be_set(void **state)
{
    gt_metadata *metadata = *state;
    append(metadata, "k", "1");
    append(metadata, "k", "2");
    gt_metadata_entry entry = gt_metadata_at(metadata, 1);
    assert_int_equal(gt_metadata_set(metadata, entry.key, entry.value), 0);
    assert_entries(metadata, "k=2;");
}

static void a_key_borrowed_from_itself_can_be_removed(void **state)
{
    gt_metadata *metadata = *state;
    append(metadata, "k", "1");
    append(metadata, "k", "2");
    assert_int_equal(gt_metadata_remove(metadata, gt_metadata_at(metadata, 0).key), 2);
    assert_entries(metadata, "");
}

static void joined_to_itself_it_doubles(void **state)
{
    gt_metadata *metadata = *state;
    append(metadata, "a", "1");
    append(metadata, "b", "2");
    append(metadata, "c", "3");
    gt_metadata_join(metadata, metadata);
    assert_entries(metadata, "a=1;b=2;c=3;a=1;b=2;c=3;");
}

/* ---- copies, and none at all ---- */

static void a_clone_lives_on_its_own(void **state)
{
    gt_metadata *metadata = *state;
    append(metadata, "a", "1");
    assert_int_equal(gt_metadata_append_bin(metadata, "b-bin", gt_bytes_of("\0\1", 2)), 0);
    gt_metadata *clone = gt_metadata_clone(metadata);
    gt_metadata_remove(metadata, "a");
    append(clone, "c", "3");
    assert_int_equal(gt_metadata_count(metadata), 1);
    assert_int_equal(gt_metadata_count(clone), 3);
    assert_string_equal(gt_metadata_get(clone, "a"), "1");
    gt_metadata_free(clone);
}

static void null_reads_as_empty(void **state)
{
    gt_metadata *metadata = *state;
    gt_bytes value;
    assert_int_equal(gt_metadata_count(NULL), 0);
    assert_null(gt_metadata_get(NULL, "k"));
    assert_int_equal(gt_metadata_get_bytes(NULL, "k", 0, &value), GT_ENOENT);
    gt_metadata_join(metadata, NULL);
    gt_metadata *clone = gt_metadata_clone(NULL);
    assert_int_equal(gt_metadata_count(clone), 0);
    gt_metadata_free(clone);
    gt_metadata_free(NULL);
    assert_int_equal(gt_metadata_count(metadata), 0);
}

static void look_past_the_end(void *metadata)
{
    gt_metadata_at(metadata, 1);
}

static void an_index_that_is_not_there_is_misuse(void **state)
{
    append(*state, "k", "1");
    assert_dies(look_past_the_end, *state,
                "grpctest: gt_metadata_at: there is no entry 1, only 1\n");
    assert_dies(look_past_the_end, NULL, "grpctest: gt_metadata_at: there is no entry 1, only 0\n");
}

/* ---- what is refused from users, and why (rule D1) ---- */

static void assert_refused(const char *key, const char *value, const char *reason)
{
    gt_metadata *metadata = gt_metadata_new();
    assert_string_equal(gt_metadata_explain(key, gt_bytes_str(value)), reason);
    assert_int_equal(gt_metadata_append(metadata, key, value), GT_EINVAL);
    assert_int_equal(gt_metadata_set(metadata, key, gt_bytes_str(value)), GT_EINVAL);
    assert_int_equal(gt_metadata_count(metadata), 0);
    gt_metadata_free(metadata);
}

static void an_empty_key_is_refused(void **state)
{
    (void)state;
    assert_refused("", "v", "the key is empty");
}

static void pseudo_headers_are_refused(void **state)
{
    (void)state;
    assert_refused(":path", "/a/b", "keys that start with ':' are HTTP/2's own");
}

static void keys_with_other_characters_are_refused(void **state)
{
    (void)state;
    static const char *const keys[] = {"a b",         "a:b", "a`b",  "a{b", "a@b", "a[b",
                                       "k\xc3\xa4se", "a/b", "key ", "a,b", "a\tb"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_refused(keys[i], "v", "the key has a character other than 0-9 a-z _ - .");
}

static void keys_of_grpc_are_refused(void **state)
{
    (void)state;
    static const char *const keys[] = {"grpc-status", "grpc-timeout", "GRPC-anything", "grpc-"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_refused(keys[i], "v", "keys that start with \"grpc-\" are gRPC's own");
}

static void keys_that_are_set_for_the_user_are_refused(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "content-type", "te",      "User-Agent",       "host",           "connection",
        "keep-alive",   "upgrade", "proxy-connection", "content-length", "Transfer-Encoding",
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_refused(keys[i], "v", "the key is one that the library or HTTP/2 sets itself");
}

static void values_that_are_not_printable_are_refused(void **state)
{
    (void)state;
    static const char *const values[] = {"a\nb", "\x1f", "\x7f", "k\xc3\xa4se", "tab\t"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_refused(
            "k", values[i],
            "the value is not printable ASCII (bytes go under a key that ends in \"-bin\")");
}

static void values_with_a_space_at_an_edge_are_refused(void **state)
{
    (void)state;
    static const char *const values[] = {" a", "a ", " "};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_refused("k", values[i], "the value has a space at an edge, which peers may drop");
}

static void what_is_fine_has_no_reason(void **state)
{
    (void)state;
    assert_null(gt_metadata_explain("k", gt_bytes_str("printable, ~with spaces~ inside!")));
    assert_null(gt_metadata_explain("k", gt_bytes_str("")));
    assert_null(gt_metadata_explain("az-AZ_09.", gt_bytes_str("v")));
    assert_null(gt_metadata_explain("grpc", gt_bytes_str("v")));
    assert_null(gt_metadata_explain("tea", gt_bytes_str("v")));
    assert_null(gt_metadata_explain("k-bin", gt_bytes_of(" \0\xff ", 4)));
}

/* ---- what peers send goes in unchecked ---- */

static void a_peers_entries_are_not_judged(void **state)
{
    gt_metadata *metadata = *state;
    gt__metadata_add(metadata, "GRPC-Status?", 11, gt_bytes_of(" \xff ", 3));
    gt__metadata_add(metadata, "", 0, gt_bytes_of(NULL, 0));
    assert_entries(metadata, "grpc-status= \xff ;=;");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, new_metadata, free_metadata)
    const struct CMUnitTest tests[] = {
        TEST(keys_and_values_keep_their_order),
        TEST(keys_are_stored_in_lower_case_and_found_in_any),
        TEST(a_key_is_not_found_by_its_beginning),
        TEST(the_first_value_is_got_and_the_others_by_number),
        TEST(many_entries_are_no_problem),
        TEST(binary_keys_carry_any_bytes),
        TEST(text_and_bytes_do_not_mix),
        TEST(only_the_suffix_makes_a_key_binary),
        TEST(set_replaces_all_values_and_stands_last),
        TEST(set_takes_bytes_for_a_binary_key),
        TEST(a_refused_set_changes_nothing),
        TEST(remove_tells_how_many_went),
        TEST(a_value_borrowed_from_itself_can_be_appended),
        TEST(a_key_and_value_borrowed_from_itself_can_be_set),
        TEST(a_key_borrowed_from_itself_can_be_removed),
        TEST(joined_to_itself_it_doubles),
        TEST(a_clone_lives_on_its_own),
        TEST(null_reads_as_empty),
        TEST(an_index_that_is_not_there_is_misuse),
        TEST(an_empty_key_is_refused),
        TEST(pseudo_headers_are_refused),
        TEST(keys_with_other_characters_are_refused),
        TEST(keys_of_grpc_are_refused),
        TEST(keys_that_are_set_for_the_user_are_refused),
        TEST(values_that_are_not_printable_are_refused),
        TEST(values_with_a_space_at_an_edge_are_refused),
        TEST(what_is_fine_has_no_reason),
        TEST(a_peers_entries_are_not_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
