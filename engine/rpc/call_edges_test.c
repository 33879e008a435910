/* What is said to a call twice, too late or never. */
#include "rpc_test_kit.h"

#define ECHO "/test.Test/Echo"

static void a_client_may_half_close_twice_and_after_the_end(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);

    gt_call_half_close(call);
    gt_call_half_close(call);
    kit_assert_status(call, GT_OK, "");
    gt_call_half_close(call);

    gt_call_free(call);
    gt_call *unheard = gt_call_new(k->channel, "/test.Test/Nope", NULL);
    assert_int_equal(gt_call_status(unheard)->code, GT_UNIMPLEMENTED);
    gt_call_half_close(unheard);
    gt_call_free(unheard);
}

static int say_why_and_return_an_error(gt_call *call, void *user)
{
    (void)user;
    gt_call_fail(call, GT_NOT_FOUND, "the disk is full");
    return GT_ETOOBIG;
}

static void an_error_keeps_the_message_that_was_set(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, say_why_and_return_an_error, NULL);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);
    kit_assert_status(call, GT_RESOURCE_EXHAUSTED, "the disk is full");
    gt_call_free(call);
}

static int add_trailers_twice(gt_call *call, void *user)
{
    gt_call_add_trailer(call, user);
    gt_call_add_trailer(call, user);
    return 0;
}

static void trailers_add_up(void **state)
{
    kit *k = *state;
    gt_metadata *one = gt_metadata_new();
    assert_int_equal(gt_metadata_append(one, "color", "red"), 0);
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, add_trailers_twice, one);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);
    kit_assert_status(call, GT_OK, "");
    assert_int_equal(gt_metadata_count(gt_call_trailer(call)), 2);
    gt_call_free(call);
    gt_metadata_free(one);
}

static void a_call_that_found_no_server_has_no_peer_and_no_header(void **state)
{
    kit *k = *state;
    gt_listener_close(k->listener);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);
    assert_string_equal(gt_call_peer(call), "");
    kit_assert_status(call, GT_UNAVAILABLE, "no connection to bufconn:1: refused");
    assert_string_equal(gt_call_peer(call), "");
    assert_int_equal(gt_metadata_count(gt_call_header(call)), 0);
    gt_call_free(call);
}

/* The world says that nothing will come; the test goes on with an empty header. */
static void a_header_that_never_comes_is_empty(void **state)
{
    kit *k = *state;
    gt_duration for_ever = GT_NEVER;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, kit_sleep, &for_ever);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);
    gt_world_expect_deadlock(k->world, true);
    assert_int_equal(gt_metadata_count(gt_call_header(call)), 0);
    assert_false(gt_call_ended(call));
    gt_call_free(call);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_client_may_half_close_twice_and_after_the_end),
        TEST(an_error_keeps_the_message_that_was_set),
        TEST(trailers_add_up),
        TEST(a_call_that_found_no_server_has_no_peer_and_no_header),
        TEST(a_header_that_never_comes_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
