/* Scenario S3: metadata as it is made, sent, and seen at the other end. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "mirror.h"

#include <grpctest/cmocka.h>

static int setup(void **state)
{
    gt_cmocka_rig_setup(state);
    gt_rig *rig = *state;
    mirror_serve(rig->server);
    return 0;
}

static void assert_seen(gt_rig *rig, gt_context *context, const gt_metadata *metadata,
                        const char *expected)
{
    char *seen = mirror_look(rig->channel, context, metadata);
    assert_non_null(seen);
    assert_string_equal(seen, expected);
    gt_free(seen);
}

/* ---- keys and values --------------------------------------------------------------------------
 */

static void keys_are_sent_in_lower_case_and_found_in_any(void **state)
{
    gt_rig *rig = *state;
    gt_metadata *metadata = gt_metadata_new();

    GT_ASSERT_OK(rig->world, gt_metadata_append(metadata, "X-Request-ID", "request-123"));

    assert_seen(rig, NULL, metadata, "x-request-id: request-123\n");
    assert_string_equal(gt_metadata_get(metadata, "x-rEqUeSt-Id"), "request-123");
    gt_metadata_free(metadata);
}

static void a_key_carries_several_values_in_their_order(void **state)
{
    gt_rig *rig = *state;
    gt_metadata *metadata = gt_metadata_new();
    gt_bytes second;

    GT_ASSERT_OK(rig->world, gt_metadata_append(metadata, "color", "red"));
    GT_ASSERT_OK(rig->world, gt_metadata_append(metadata, "size", "large"));
    GT_ASSERT_OK(rig->world, gt_metadata_append(metadata, "Color", "blue"));

    assert_seen(rig, NULL, metadata, "color: red\nsize: large\ncolor: blue\n");
    assert_string_equal(gt_metadata_get(metadata, "color"), "red");
    GT_ASSERT_OK(rig->world, gt_metadata_get_bytes(metadata, "color", 1, &second));
    assert_true(gt_bytes_equal(second, gt_bytes_str("blue")));
    gt_metadata_free(metadata);
}

static void a_key_that_ends_in_bin_carries_any_bytes(void **state)
{
    gt_rig *rig = *state;
    gt_metadata *metadata = gt_metadata_new();

    GT_ASSERT_OK(rig->world,
                 gt_metadata_append_bin(metadata, "trace-bin", gt_bytes_of("\x00\xff\n", 3)));

    assert_seen(rig, NULL, metadata, "trace-bin: AP8K\n");
    gt_metadata_free(metadata);
}

/* ---- what is refused --------------------------------------------------------------------------
 */

static void reserved_keys_are_refused_with_the_reason(void **state)
{
    gt_rig *rig = *state;
    gt_metadata *metadata = gt_metadata_new();

    GT_ASSERT_ERROR(rig->world, GT_EINVAL, gt_metadata_append(metadata, "grpc-timeout", "1S"));
    GT_ASSERT_ERROR(rig->world, GT_EINVAL, gt_metadata_append(metadata, "GRPC-Anything", "x"));

    assert_int_equal(gt_metadata_count(metadata), 0);
    assert_string_equal(gt_metadata_explain("grpc-timeout", gt_bytes_str("1S")),
                        "keys that start with \"grpc-\" are gRPC's own");
    gt_metadata_free(metadata);
}

static void text_is_no_place_for_bytes_nor_bytes_for_text(void **state)
{
    gt_rig *rig = *state;
    gt_metadata *metadata = gt_metadata_new();

    GT_ASSERT_ERROR(rig->world, GT_EINVAL, gt_metadata_append(metadata, "name", "Zo\xc3\xab"));
    GT_ASSERT_ERROR(rig->world, GT_EINVAL, gt_metadata_append(metadata, "trace-bin", "text"));
    GT_ASSERT_ERROR(rig->world, GT_EINVAL,
                    gt_metadata_append_bin(metadata, "trace", gt_bytes_str("bytes")));

    assert_int_equal(gt_metadata_count(metadata), 0);
    gt_metadata_free(metadata);
}

/* ---- building ---------------------------------------------------------------------------------
 */

static void metadata_is_built_from_pairs_and_from_a_table_of_text(void **state)
{
    gt_rig *rig = *state;
    static const char *const pairs[][2] = {{"color", "red"}, {"size", "large"}};
    gt_metadata *from_pairs = gt_metadata_from(pairs, 2, NULL);
    gt_metadata *from_table = gt_metadata_parse("color: red\nsize: large\n", NULL);

    assert_true(gt_metadata_equal(from_pairs, from_table));
    assert_seen(rig, NULL, from_pairs, "color: red\nsize: large\n");

    gt_metadata_free(from_pairs);
    gt_metadata_free(from_table);
}

static void joining_keeps_all_values_in_order(void **state)
{
    gt_metadata *one = gt_metadata_parse("color: red\nsize: large\n", NULL);
    gt_metadata *other = gt_metadata_parse("color: blue\n", NULL);

    gt_metadata_join(one, other);

    assert_seen(*state, NULL, one, "color: red\nsize: large\ncolor: blue\n");
    gt_metadata_free(one);
    gt_metadata_free(other);
}

static void setting_a_key_replaces_its_values_and_appending_adds_one(void **state)
{
    gt_rig *rig = *state;
    gt_metadata *set = gt_metadata_parse("color: red\ncolor: blue\n", NULL);
    gt_metadata *appended = gt_metadata_clone(set);

    GT_ASSERT_OK(rig->world, gt_metadata_set(set, "color", gt_bytes_str("green")));
    GT_ASSERT_OK(rig->world, gt_metadata_append(appended, "color", "green"));

    assert_seen(rig, NULL, set, "color: green\n");
    assert_seen(rig, NULL, appended, "color: red\ncolor: blue\ncolor: green\n");
    gt_metadata_free(set);
    gt_metadata_free(appended);
}

static void what_cannot_be_built_is_told_with_line_and_reason(void **state)
{
    (void)state;
    char *reason = NULL;

    assert_null(gt_metadata_parse("color: red\ngrpc-status: 0\n", &reason));

    assert_string_equal(reason, "line 2: keys that start with \"grpc-\" are gRPC's own");
    gt_free(reason);
}

/* ---- outgoing metadata of a context -----------------------------------------------------------
 */

typedef struct outgoing {
    gt_context *background, *first;
    gt_metadata *more;
} outgoing;

static void open_outgoing(outgoing *o, gt_rig *rig)
{
    gt_metadata *metadata = gt_metadata_parse("color: red\n", NULL);
    o->background = gt_context_background(rig->world);
    o->first = gt_context_with_metadata(o->background, metadata);
    o->more = gt_metadata_parse("color: blue\n", NULL);
    gt_metadata_free(metadata);
}

static void close_outgoing(outgoing *o)
{
    gt_context_free(o->background);
    gt_context_free(o->first);
    gt_metadata_free(o->more);
}

static void calls_under_a_context_send_its_metadata_and_then_their_own(void **state)
{
    outgoing o;
    open_outgoing(&o, *state);

    assert_seen(*state, o.first, NULL, "color: red\n");
    assert_seen(*state, o.first, o.more, "color: red\ncolor: blue\n");

    close_outgoing(&o);
}

static void replacing_outgoing_metadata_forgets_what_was_there(void **state)
{
    outgoing o;
    open_outgoing(&o, *state);
    gt_context *replaced = gt_context_with_metadata(o.first, o.more);

    assert_seen(*state, replaced, NULL, "color: blue\n");

    gt_context_free(replaced);
    close_outgoing(&o);
}

static void appending_to_outgoing_metadata_keeps_what_was_there(void **state)
{
    outgoing o;
    open_outgoing(&o, *state);
    gt_context *appended = gt_context_append_metadata(o.first, o.more);

    assert_seen(*state, appended, NULL, "color: red\ncolor: blue\n");
    assert_seen(*state, o.first, NULL, "color: red\n");

    gt_context_free(appended);
    close_outgoing(&o);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, gt_cmocka_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keys_are_sent_in_lower_case_and_found_in_any),
        TEST(a_key_carries_several_values_in_their_order),
        TEST(a_key_that_ends_in_bin_carries_any_bytes),
        TEST(reserved_keys_are_refused_with_the_reason),
        TEST(text_is_no_place_for_bytes_nor_bytes_for_text),
        TEST(metadata_is_built_from_pairs_and_from_a_table_of_text),
        TEST(joining_keeps_all_values_in_order),
        TEST(setting_a_key_replaces_its_values_and_appending_adds_one),
        TEST(what_cannot_be_built_is_told_with_line_and_reason),
        TEST(calls_under_a_context_send_its_metadata_and_then_their_own),
        TEST(replacing_outgoing_metadata_forgets_what_was_there),
        TEST(appending_to_outgoing_metadata_keeps_what_was_there),
    };
    return cmocka_run_group_tests_name("mirror", tests, NULL, NULL);
}
