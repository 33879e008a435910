#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world_fixture.h"

static void time_begins_at_zero(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    assert_int_equal(gt_now(f.world), 0);
    assert_int_equal(gt_world_clock(f.world), GT_CLOCK_AUTO);
    close_well(&f);
}

static void on_the_auto_clock_a_sleep_takes_exactly_its_time(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    assert_int_equal(gt_sleep(f.world, GT_SEC(3600) + 1), 0);
    assert_int_equal(gt_now(f.world), 3600000000001);
    close_well(&f);
}

static void sleepers_wake_in_order_of_time(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_task_detach(spawn_sleeper(&(sleeper){&f, "c", GT_MS(3), 0}));
    gt_task_detach(spawn_sleeper(&(sleeper){&f, "a", GT_MS(1), 0}));
    gt_task_detach(spawn_sleeper(&(sleeper){&f, "b", GT_MS(2), 0}));
    assert_int_equal(gt_run_until_idle(f.world), 0);
    assert_said(&f, "a@1 b@2 c@3 ");
    close_well(&f);
}

static void sleepers_of_one_instant_wake_first_in_first_out(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_task_detach(spawn_sleeper(&(sleeper){&f, "a", GT_MS(1), 0}));
    gt_task_detach(spawn_sleeper(&(sleeper){&f, "b", GT_MS(1), 0}));
    gt_task_detach(spawn_sleeper(&(sleeper){&f, "c", GT_MS(1), 0}));
    assert_int_equal(gt_run_until_idle(f.world), 0);
    assert_said(&f, "a@1 b@1 c@1 ");
    close_well(&f);
}

static void settling_does_not_move_time(void **state)
{
    (void)state;
    fixture f;
    sleeper now = {&f, "now", 0, 0}, later = {&f, "later", GT_MS(1), 0};
    open_world(&f, NULL);
    gt_task_detach(spawn_sleeper(&later));
    gt_task_detach(spawn_sleeper(&now));
    assert_int_equal(gt_settle(f.world), 0);
    assert_said(&f, "now@0 ");
    assert_int_equal(gt_run_until_idle(f.world), 0);
    assert_said(&f, "later@1 ");
    close_well(&f);
}

static void an_advance_runs_everything_on_the_way_at_its_own_instant(void **state)
{
    (void)state;
    fixture f;
    sleeper sleepers[] = {
        {&f, "a", GT_MS(1), 0}, {&f, "b", GT_MS(10), 0}, {&f, "c", GT_MS(10) + 1, 0}};
    open_clock(&f, GT_CLOCK_MANUAL);
    for (size_t i = 0; i < 3; i++)
        gt_task_detach(spawn_sleeper(&sleepers[i]));
    gt_settle(f.world);
    assert_int_equal(gt_advance(f.world, GT_MS(10)), 0);
    assert_said(&f, "a@1 b@10 ");
    assert_int_equal(gt_now(f.world), GT_MS(10));
    assert_int_equal(gt_advance(f.world, 1), 0);
    assert_said(&f, "c@10 ");
    close_well(&f);
}

static void an_advance_with_nothing_to_run_moves_time_all_the_same(void **state)
{
    (void)state;
    fixture f;
    open_clock(&f, GT_CLOCK_MANUAL);
    assert_int_equal(gt_advance(f.world, GT_SEC(1)), 0);
    assert_int_equal(gt_now(f.world), GT_SEC(1));
    assert_int_equal(gt_advance(f.world, 0), 0);
    assert_int_equal(gt_now(f.world), GT_SEC(1));
    close_well(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_begins_at_zero),
        cmocka_unit_test(on_the_auto_clock_a_sleep_takes_exactly_its_time),
        cmocka_unit_test(sleepers_wake_in_order_of_time),
        cmocka_unit_test(sleepers_of_one_instant_wake_first_in_first_out),
        cmocka_unit_test(settling_does_not_move_time),
        cmocka_unit_test(an_advance_runs_everything_on_the_way_at_its_own_instant),
        cmocka_unit_test(an_advance_with_nothing_to_run_moves_time_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
