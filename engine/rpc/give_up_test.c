/* Handlers that leave from the middle, and calls that are ended from outside them. */
#include "rpc_test_kit.h"

#include "engine/core/death_test.h"

#include <stdio.h>

#define ECHO "/test.Test/Echo"

static int look_up(gt_call *call, int index)
{
    if (index > 5)
        gt_give_up(call, "index %d is out of range", index);
    return index;
}

static int gives_up(gt_call *call, void *user)
{
    (void)user;
    return look_up(call, 7);
}

static void write_reason(void *user, const char *method, const char *reason)
{
    snprintf(user, 128, "%s: %s", method, reason);
}

static void a_handler_that_gives_up_is_internal_and_the_server_goes_on(void **state)
{
    (void)state;
    char line[128] = "";
    gt_recover_log log = {write_reason, line};
    gt_measure outside = {0};
    gt_interceptor chain[] = {gt_measure_interceptor(&outside), gt_recover_interceptor(&log)};
    kit k;
    kit_open(&k, &(kit_options){.server = {.interceptors = chain, .interceptor_count = 2}});
    gt_server_handle(k.server, ECHO, GT_UNARY, gives_up, NULL);
    gt_server_handle(k.server, "/test.Test/Fine", GT_UNARY, kit_echo, NULL);

    gt_call *call = gt_unary(k.channel, ECHO, gt_bytes_str("x"), NULL);
    kit_assert_status(call, GT_INTERNAL, "Unexpected error happened");
    assert_string_equal(line, ECHO ": index 7 is out of range");
    assert_int_equal(gt_settle(k.world), 0);
    assert_int_equal(outside.failed, 1);
    gt_call_free(call);

    call = gt_unary(k.channel, "/test.Test/Fine", gt_bytes_str("y"), NULL);
    kit_assert_status(call, GT_OK, "");
    gt_call_free(call);
    kit_close(&k);
}

static void keep_text(const gt_failure *failure, void *user)
{
    snprintf(user, 256, "%s", failure->text);
}

static void giving_up_without_recover_is_a_failure_of_the_world(void **state)
{
    (void)state;
    char text[256] = "";
    gt_world *world =
        gt_world_new(&(gt_world_options){.on_failure = keep_text, .on_failure_user = text});
    gt_listener *listener = gt_bufconn_listen(world, 4096);
    gt_dialer *dialer = gt_bufconn_dialer(listener);
    gt_server *server = gt_server_new(world, NULL);
    gt_server_handle(server, ECHO, GT_UNARY, gives_up, NULL);
    gt_server_serve(server, listener);
    gt_channel *channel = gt_channel_new(dialer, NULL);

    gt_call *call = gt_unary(channel, ECHO, gt_bytes_str("x"), NULL);

    assert_true(gt_world_failed(world));
    assert_non_null(strstr(text, "the handler of " ECHO " gave up: index 7 is out of range"));
    assert_int_equal(gt_call_status(call)->code, GT_UNKNOWN);
    gt_world_free(world);
}

static void ends_from_outside(void *arg)
{
    gt_call_end(arg, GT_ABORTED, "from outside");
}

static int waits(gt_call *call, void *user)
{
    int *result = user;
    gt_task_detach(gt_spawn(gt_call_world(call), "other", ends_from_outside, call));
    *result = gt_context_wait(gt_call_context(call));
    return GT_DATA_LOSS;
}

static void a_call_can_be_ended_from_outside_its_handler(void **state)
{
    kit *k = *state;
    int result = 0;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, waits, &result);

    gt_call *call = gt_call_new(k->channel, ECHO, NULL);

    kit_assert_status(call, GT_ABORTED, "from outside");
    assert_int_equal(gt_settle(k->world), 0);
    assert_int_equal(result, GT_ECANCELLED);
    gt_call_free(call);
}

static void add(gt_call *call, const char *key, const char *value)
{
    gt_metadata *header = gt_metadata_new();
    assert_int_equal(gt_metadata_append(header, key, value), 0);
    assert_int_equal(gt_call_add_header(call, header), 0);
    gt_metadata_free(header);
}

/* Prepares headers and details, leaves a message unread, and is ended meanwhile. */
static int prepares(gt_call *call, void *user)
{
    int *result = user;
    gt_bytes message;
    add(call, "prepared", "yes");
    gt_call_set_details(call, gt_bytes_str("details of another status"));
    *result = gt_sleep(gt_call_world(call), GT_MS(10));
    if (!*result)
        gt_call_end(call, GT_ABORTED, "from outside");
    *result = gt_call_recv(call, &message);
    return 0;
}

static void what_was_prepared_before_a_call_is_ended_is_not_mixed_with_its_status(void **state)
{
    kit *k = *state;
    int result = 0;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, prepares, &result);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);
    assert_int_equal(gt_call_send(call, gt_bytes_str("never read")), 0);

    kit_assert_status(call, GT_ABORTED, "from outside");

    assert_int_equal(gt_call_status(call)->details.size, 0);
    assert_string_equal(gt_metadata_get(gt_call_header(call), "prepared"), "yes");
    assert_int_equal(gt_settle(k->world), 0);
    assert_int_equal(result, GT_ECANCELLED);
    gt_call_free(call);
}

static int gives_up_after_details(gt_call *call, void *user)
{
    (void)user;
    gt_call_set_details(call, gt_bytes_str("details of another status"));
    gt_give_up(call, "after all");
}

static void giving_up_sends_no_details_of_another_status(void **state)
{
    (void)state;
    gt_interceptor chain[] = {gt_recover_interceptor(NULL)};
    kit k;
    kit_open(&k, &(kit_options){.server = {.interceptors = chain, .interceptor_count = 1}});
    gt_server_handle(k.server, ECHO, GT_UNARY, gives_up_after_details, NULL);

    gt_call *call = gt_unary(k.channel, ECHO, gt_bytes_str("x"), NULL);

    kit_assert_status(call, GT_INTERNAL, "Unexpected error happened");
    assert_int_equal(gt_call_status(call)->details.size, 0);
    gt_call_free(call);
    kit_close(&k);
}

static void give_up_elsewhere(void *call)
{
    gt_give_up(call, "from another task");
}

static int have_another_give_up(gt_call *call, void *user)
{
    (void)user;
    gt_world *world = gt_call_world(call);
    return gt_task_join(gt_spawn(world, "other", give_up_elsewhere, call), NULL);
}

static void serve_one_who_has_another_give_up(void *arg)
{
    kit *k = arg;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, have_another_give_up, NULL);
    gt_call_status(gt_call_new(k->channel, ECHO, NULL));
}

static void give_up_a_call_of_ones_own(void *arg)
{
    kit *k = arg;
    gt_give_up(gt_call_new(k->channel, ECHO, NULL), "as a client");
}

static void giving_up_on_another_task_is_misuse(void **state)
{
    const char *expected =
        "grpctest: gt_give_up: this is not the task of the handler of " ECHO "\n";
    assert_dies(serve_one_who_has_another_give_up, *state, expected);
    assert_dies(give_up_a_call_of_ones_own, *state, expected);
}

static int end_twice(gt_call *call, void *user)
{
    gt_metadata *header = user;
    assert_int_equal(gt_call_send_header(call, header), 0);
    gt_call_end(call, GT_ABORTED, "first");
    gt_call_end(call, GT_DATA_LOSS, "second");
    return GT_OK;
}

static void a_call_is_ended_once(void **state)
{
    kit *k = *state;
    gt_metadata *header = gt_metadata_new();
    assert_int_equal(gt_metadata_append(header, "color", "red"), 0);
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, end_twice, header);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);
    kit_assert_status(call, GT_ABORTED, "first");
    assert_int_equal(gt_metadata_count(gt_call_header(call)), 1);
    gt_call_free(call);
    gt_metadata_free(header);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handler_that_gives_up_is_internal_and_the_server_goes_on),
        TEST(giving_up_on_another_task_is_misuse),
        TEST(a_call_is_ended_once),
        TEST(a_call_can_be_ended_from_outside_its_handler),
        TEST(what_was_prepared_before_a_call_is_ended_is_not_mixed_with_its_status),
        cmocka_unit_test(giving_up_sends_no_details_of_another_status),
        cmocka_unit_test(giving_up_without_recover_is_a_failure_of_the_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
