/* Servers that stop gracefully (rule H2): what runs finishes, nothing new comes in. */
#include "rpc_test_kit.h"

#include "engine/core/death_test.h"

#define SLEEP "/test.Test/Sleep"
#define WAIT "/test.Test/Wait"

static int wait_for_the_end(gt_call *call, void *user)
{
    *(int *)user = gt_context_wait(gt_call_context(call));
    return *(int *)user;
}

static void draining_lets_a_call_finish(void **state)
{
    kit *k = *state;
    gt_duration nap = GT_MS(40);
    gt_server_handle(k->server, SLEEP, GT_BIDI_STREAMING, kit_sleep, &nap);
    gt_call *call = gt_call_new(k->channel, SLEEP, NULL);
    assert_int_equal(gt_settle(k->world), 0);

    assert_int_equal(gt_server_drain(k->server, GT_NEVER), 0);

    assert_int_equal(gt_now(k->world), GT_MS(40));
    kit_assert_status(call, GT_OK, "");
    gt_call_free(call);
}

static void draining_an_idle_server_takes_no_time(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, SLEEP, GT_UNARY, kit_echo, NULL);
    gt_call *call = gt_unary(k->channel, SLEEP, gt_bytes_str("x"), NULL);

    assert_int_equal(gt_server_drain(k->server, GT_SEC(1)), 0);

    assert_int_equal(gt_now(k->world), 0);
    gt_call_free(call);
}

typedef struct late {
    kit *k;
    gt_code code;
} late;

static void call_while_draining(void *arg)
{
    late *l = arg;
    if (gt_sleep(l->k->world, GT_MS(10)) != 0)
        return;
    gt_call *call = gt_unary(l->k->channel, SLEEP, gt_bytes_str("x"), NULL);
    l->code = gt_call_status(call)->code;
    gt_call_free(call);
}

static void a_call_made_while_draining_finds_nobody(void **state)
{
    kit *k = *state;
    gt_duration nap = GT_MS(40);
    gt_server_handle(k->server, SLEEP, GT_BIDI_STREAMING, kit_sleep, &nap);
    gt_call *call = gt_call_new(k->channel, SLEEP, NULL);
    assert_int_equal(gt_settle(k->world), 0);
    late l = {k, GT_OK};
    gt_task *task = gt_spawn(k->world, "late", call_while_draining, &l);

    gt_listener_close(k->listener);
    assert_int_equal(gt_server_drain(k->server, GT_NEVER), 0);

    assert_int_equal(gt_task_join(task, NULL), 0);
    assert_int_equal(l.code, GT_UNAVAILABLE);
    kit_assert_status(call, GT_OK, "");
    gt_call_free(call);
}

static void after_the_grace_it_stops_hard(void **state)
{
    kit *k = *state;
    int seen = 0;
    gt_server_handle(k->server, WAIT, GT_BIDI_STREAMING, wait_for_the_end, &seen);
    gt_call *call = gt_call_new(k->channel, WAIT, NULL);
    assert_int_equal(gt_settle(k->world), 0);

    assert_int_equal(gt_server_drain(k->server, GT_MS(500)), GT_ETIMEDOUT);

    assert_int_equal(gt_now(k->world), GT_MS(500));
    assert_int_equal(seen, GT_ECANCELLED);
    assert_int_equal(gt_call_status(call)->code, GT_UNAVAILABLE);
    gt_call_free(call);
}

/* Calls that were under way to the server when it said GOAWAY are still its calls. */
static void what_crosses_the_goaway_is_served(void **state)
{
    kit *k = *state;
    gt_duration nap = GT_MS(5);
    gt_server_handle(k->server, SLEEP, GT_BIDI_STREAMING, kit_sleep, &nap);
    gt_call *first = gt_call_new(k->channel, SLEEP, NULL);
    assert_int_equal(gt_settle(k->world), 0);
    gt_call *second = gt_call_new(k->channel, SLEEP, NULL);

    assert_int_equal(gt_server_drain(k->server, GT_NEVER), 0);

    kit_assert_status(first, GT_OK, "");
    kit_assert_status(second, GT_OK, "");
    gt_call_free(first);
    gt_call_free(second);
}

static int drain_from_inside(gt_call *call, void *user)
{
    (void)call;
    return gt_server_drain(user, GT_NEVER);
}

static void die_by_draining_from_inside(void *arg)
{
    kit *k = arg;
    gt_server_handle(k->server, WAIT, GT_BIDI_STREAMING, drain_from_inside, k->server);
    gt_call_free(gt_unary(k->channel, WAIT, gt_bytes_str("x"), NULL));
}

static void a_handler_cannot_wait_for_its_own_return(void **state)
{
    assert_dies(die_by_draining_from_inside, *state,
                "grpctest: gt_server_drain was called from the server's own handler of "
                "/test.Test/Wait, for which it would wait\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
    const struct CMUnitTest tests[] = {
        TEST(draining_lets_a_call_finish),
        TEST(draining_an_idle_server_takes_no_time),
        TEST(a_call_made_while_draining_finds_nobody),
        TEST(after_the_grace_it_stops_hard),
        TEST(a_handler_cannot_wait_for_its_own_return),
        cmocka_unit_test_setup_teardown(what_crosses_the_goaway_is_served, kit_setup_in_order,
                                        kit_teardown),
    };
    return cmocka_run_group_tests_name("drain", tests, NULL, NULL);
}
