/* Branches of a script: whatever ends the script's call, none of them outlives it. */
#include "mock_kit.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int setup(void **state)
{
    *state = kit_new(NULL);
    return 0;
}

static int teardown(void **state)
{
    kit_free(*state);
    return 0;
}

#define LONG_BRANCH gt_meanwhile(gt_repeat(5, gt_delay(GT_SEC(10)), gt_send_bytes(BYTES("tick"))))

static gt_call *call_for(kit *k, gt_duration timeout)
{
    gt_call *call = gt_call_new(k->channel, METHOD, &(gt_call_options){.timeout = timeout});
    gt_call_half_close(call);
    return call;
}

static void a_deadline_ends_the_branches(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, LONG_BRANCH);

    gt_call *call = call_for(k, GT_SEC(3));

    GT_ASSERT_STATUS(call, GT_DEADLINE_EXCEEDED, NULL);
    gt_call_free(call);
    GT_ASSERT_OK(k->world, gt_advance(k->world, GT_SEC(60)));
    kit_assert_sound(k);
}

static void a_hang_that_a_deadline_ends_ends_them(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, LONG_BRANCH, gt_hang());

    gt_call *call = call_for(k, GT_SEC(3));

    GT_ASSERT_STATUS(call, GT_DEADLINE_EXCEEDED, NULL);
    gt_call_free(call);
    GT_ASSERT_OK(k->world, gt_advance(k->world, GT_SEC(60)));
}

static void a_cancel_ends_them(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, LONG_BRANCH, gt_expect_cancel());
    gt_call *call = call_for(k, 0);
    GT_ASSERT_OK(k->world, gt_advance(k->world, GT_SEC(1)));

    gt_call_cancel(call);

    GT_ASSERT_OK(k->world, gt_advance(k->world, GT_SEC(60)));
    gt_call_free(call);
}

static void misbehaviour_ends_one_that_waits_for_an_event(void **state)
{
    kit *k = *state;
    gt_event *never = gt_event_new(k->world);
    GT_ON(k->mock, METHOD, gt_meanwhile(gt_await(never), gt_send_header()),
          gt_misbehave(GT_NO_STATUS));

    gt_call *call = call_for(k, 0);

    GT_ASSERT_STATUS(call, GT_UNKNOWN, NULL);
    gt_call_free(call);
    GT_ASSERT_OK(k->world, gt_advance(k->world, GT_SEC(60)));
    gt_event_free(never);
}

static int refuse(gt_call *call, void *user)
{
    (void)user;
    return gt_call_fail(call, GT_ABORTED, "by hand");
}

static void an_end_by_hand_waits_for_them(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_meanwhile(gt_delay(GT_SEC(1)), gt_send_bytes(BYTES("tick"))),
          gt_run(refuse, NULL));
    gt_call *call = call_for(k, 0);
    gt_bytes message;

    assert_int_equal(gt_call_recv(call, &message), 0);
    GT_ASSERT_NOW(k->world, GT_SEC(1));
    GT_ASSERT_STATUS(call, GT_ABORTED, "by hand");
    gt_call_free(call);
}

static void a_failure_leaves_them_to_the_world(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, LONG_BRANCH, gt_expect_bytes(BYTES("a")));

    gt_call *call = call_for(k, 0);
    (void)gt_call_status(call);
    gt_call_free(call);

    assert_memory_equal(k->text, "no message came, expected \"a\"", 29);
}

static void a_branch_and_the_script_may_both_receive(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_meanwhile(gt_expect(gt_present())), gt_expect(gt_present()));
    gt_call *call = gt_call_new(k->channel, METHOD, NULL);
    GT_ASSERT_OK(k->world, gt_settle(k->world));

    GT_ASSERT_OK(k->world, gt_call_send(call, BYTES("1")));
    GT_ASSERT_OK(k->world, gt_call_send(call, BYTES("2")));
    gt_call_half_close(call);

    GT_ASSERT_STATUS(call, GT_OK, "");
    gt_call_free(call);
}

static void a_clients_branch_ends_with_its_call(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_delay(GT_SEC(1)), gt_end(GT_ABORTED, "enough"));

    gt_play *play =
        GT_PLAY(k->channel, METHOD, NULL, gt_meanwhile(gt_repeat(5, gt_delay(GT_SEC(10)))),
                gt_expect_status(GT_ABORTED, gt_anything()));

    GT_ASSERT_OK(k->world, gt_play_finish(play));
    GT_ASSERT_NOW(k->world, GT_SEC(1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_deadline_ends_the_branches, setup, teardown),
        cmocka_unit_test_setup_teardown(a_hang_that_a_deadline_ends_ends_them, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cancel_ends_them, setup, teardown),
        cmocka_unit_test_setup_teardown(misbehaviour_ends_one_that_waits_for_an_event, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_end_by_hand_waits_for_them, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failure_leaves_them_to_the_world, setup, teardown),
        cmocka_unit_test_setup_teardown(a_branch_and_the_script_may_both_receive, setup, teardown),
        cmocka_unit_test_setup_teardown(a_clients_branch_ends_with_its_call, setup, teardown),
    };
    return cmocka_run_group_tests_name("branch", tests, NULL, NULL);
}
