#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world_fixture.h"

static void expect(fixture *f, const char *text)
{
    assert_int_equal(f->failures, 1);
    assert_int_equal(f->line, 1);
    assert_string_equal(f->text, text);
    close_world(f);
    assert_int_equal(f->failures, 1);
}

/* ---- deadlock ------------------------------------------------------------------------------ */

static void a_wait_that_nothing_can_end_is_a_deadlock(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_event *event = gt_event_new_at(f.world, "a.c", 7);
    assert_int_equal(gt_event_wait(event, NULL), GT_EDEADLOCK);
    assert_true(gt_world_failed(f.world));
    expect(&f, "deadlock at 0.000 ms: nothing can run and no timer is set\n"
               "  task \"test\" (test.c:1) waits for an event made at a.c:7, since 0.000 ms");
}

static void wait_for_event(void *arg)
{
    (void)!gt_event_wait(arg, NULL);
}

static void join_task(void *arg)
{
    (void)!gt_task_join(arg, NULL);
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

static void wait_for_pigs_to_fly(void *arg)
{
    (void)!gt_wait_until(arg, NULL, never, NULL, "pigs fly");
}

static void the_report_tells_of_every_task(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    assert_int_equal(gt_sleep(f.world, GT_US(1500)), 0);
    gt_event *event = gt_event_new_at(f.world, "a.c", 7);
    gt_task *waits = gt_spawn_at(f.world, "waits", wait_for_event, event, "b.c", 8);
    gt_task_detach(gt_spawn_at(f.world, "joins", join_task, waits, "b.c", 9));
    gt_task_detach(gt_spawn_at(f.world, "dreams", wait_for_pigs_to_fly, f.world, "b.c", 10));
    sleeper ends = {&f, "ends", 0, 0};
    gt_task_detach(spawn_sleeper(&ends));
    assert_int_equal(gt_settle(f.world), 0);
    gt_waitable things[] = {gt_event_waitable(event), gt_task_waitable(waits)};
    assert_int_equal(gt_wait_any(f.world, NULL, GT_NEVER, things, 2), GT_EDEADLOCK);
    expect(
        &f,
        "deadlock at 1.500 ms: nothing can run and no timer is set\n"
        "  task \"test\" (test.c:1) waits for any of an event, the end of a task, since 1.500 ms\n"
        "  task \"waits\" (b.c:8) waits for an event made at a.c:7, since 1.500 ms\n"
        "  task \"joins\" (b.c:9) waits for the end of task waits, since 1.500 ms\n"
        "  task \"dreams\" (b.c:10) waits until \"pigs fly\", since 1.500 ms");
}

static void a_long_report_is_cut_short(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_event *event = gt_event_new(f.world);
    for (int i = 0; i < 150; i++)
        gt_task_detach(gt_spawn_at(f.world, "waits", wait_for_event, event, "b.c", i));
    assert_int_equal(gt_event_wait(event, NULL), GT_EDEADLOCK);
    assert_non_null(strstr(f.text, "(b.c:98) "));
    assert_null(strstr(f.text, "(b.c:99) "));
    assert_string_equal(f.text + strlen(f.text) - 20, "\n  and 51 more tasks");
    close_world(&f);
}

static void waiting_tasks_are_no_deadlock_while_the_test_does_not_wait(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_event *event = gt_event_new(f.world);
    gt_task *task = gt_spawn(f.world, "waits", wait_for_event, event);
    assert_int_equal(gt_settle(f.world), 0);
    assert_int_equal(gt_advance(f.world, GT_SEC(1)), 0);
    assert_int_equal(gt_run_until_idle(f.world), 0);
    gt_event_raise(event);
    join(task);
    gt_event_free(event);
    close_well(&f);
}

static void an_expected_deadlock_is_no_failure_and_the_world_lives_on(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_event *event = gt_event_new(f.world);
    gt_world_expect_deadlock(f.world, true);
    assert_int_equal(gt_event_wait(event, NULL), GT_EDEADLOCK);
    assert_int_equal(gt_event_wait(event, NULL), GT_EDEADLOCK);
    assert_int_equal(gt_sleep(f.world, GT_MS(1)), 0);
    gt_world_expect_deadlock(f.world, false);
    assert_int_equal(f.failures, 0);
    assert_int_equal(gt_event_wait(event, NULL), GT_EDEADLOCK);
    assert_int_equal(f.failures, 1);
    close_world(&f);
}

static void on_the_manual_clock_waiting_for_time_is_a_deadlock(void **state)
{
    (void)state;
    fixture f;
    sleeper other = {&f, "a", GT_MS(9), 0};
    open_clock(&f, GT_CLOCK_MANUAL);
    gt_task_detach(gt_spawn_at(f.world, "a", sleep_and_say, &other, "b.c", 8));
    assert_int_equal(gt_sleep(f.world, GT_MS(5)), GT_EDEADLOCK);
    expect(&f, "deadlock at 0.000 ms: nothing can run; 2 timers wait on the manual clock, the "
               "first for 5.000 ms, and only the test moves it\n"
               "  task \"test\" (test.c:1) waits for time to pass, since 0.000 ms\n"
               "  task \"a\" (b.c:8) waits for time to pass, since 0.000 ms");
}

static void a_report_can_be_had_at_any_time(void **state)
{
    (void)state;
    fixture f;
    sleeper a = {&f, "a", GT_MS(9), 0};
    open_world(&f, NULL);
    gt_task_detach(gt_spawn_at(f.world, "a", sleep_and_say, &a, "b.c", 8));
    assert_int_equal(gt_settle(f.world), 0);
    gt_task_detach(gt_spawn_at(f.world, "b", sleep_and_say, &a, "b.c", 9));
    char *report = gt_world_report(f.world);
    assert_string_equal(report, "tasks at 0.000 ms:\n"
                                "  task \"test\" (test.c:1) runs\n"
                                "  task \"a\" (b.c:8) waits for time to pass, since 0.000 ms\n"
                                "  task \"b\" (b.c:9) can run");
    gt_free(report);
    close_well(&f);
}

/* ---- remarks ------------------------------------------------------------------------------- */

static void tell_of_rain(const gt__remark *remark, gt__buffer *text)
{
    (void)remark;
    gt__buffer_add_text(text, "\n  it rains");
}

static void remarks_stand_behind_the_tasks_while_they_are_there(void **state)
{
    (void)state;
    fixture f;
    gt__remark remark;
    open_world(&f, NULL);
    gt__remark_init(&remark, tell_of_rain);
    gt__remark_add(&remark, f.world);
    gt__remark_add(&remark, f.world);
    char *wet = gt_world_report(f.world);
    gt__remark_remove(&remark);
    gt__remark_remove(&remark);
    char *dry = gt_world_report(f.world);
    assert_string_equal(wet, "tasks at 0.000 ms:\n"
                             "  task \"test\" (test.c:1) runs\n"
                             "  it rains");
    assert_string_equal(dry, "tasks at 0.000 ms:\n"
                             "  task \"test\" (test.c:1) runs");
    gt_free(wet);
    gt_free(dry);
    close_well(&f);
}

/* ---- live-lock at one instant -------------------------------------------------------------- */

static void yield_for_ever(void *arg)
{
    while (gt_yield(arg) == 0)
        ;
}

static void steps_without_end_at_one_instant_are_a_live_lock(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, &(gt_world_options){.steps_per_instant = 1000});
    gt_task *task = gt_spawn_at(f.world, "spins", yield_for_ever, f.world, "b.c", 8);
    assert_int_equal(gt_task_join(task, NULL), GT_ELIVELOCK);
    expect(&f, "live-lock at 0.000 ms: more than 1000 steps and time has not moved\n"
               "  task \"test\" (test.c:1) waits for the end of task spins, since 0.000 ms\n"
               "  task \"spins\" (b.c:8) can run");
}

static void a_test_that_spins_is_live_locked(void **state)
{
    (void)state;
    fixture f;
    int error;
    open_world(&f, &(gt_world_options){.steps_per_instant = 1000});
    while ((error = gt_yield(f.world)) == 0)
        ;
    assert_int_equal(error, GT_EPOISONED);
    expect(&f, "live-lock at 0.000 ms: more than 1000 steps and time has not moved\n"
               "  task \"test\" (test.c:1) can run");
}

static void a_test_that_settles_for_ever_is_live_locked(void **state)
{
    (void)state;
    fixture f;
    int error;
    open_world(&f, &(gt_world_options){.steps_per_instant = 1000});
    while ((error = gt_settle(f.world)) == 0)
        ;
    assert_int_equal(error, GT_EPOISONED);
    assert_int_equal(f.failures, 1);
    close_world(&f);
}

typedef struct errand {
    gt__job job;
    gt__timer timer;
} errand;

static void schedule_again(gt__job *job)
{
    gt__job_schedule(job);
}

static void a_job_that_schedules_itself_for_ever_is_a_live_lock(void **state)
{
    (void)state;
    fixture f;
    errand e;
    open_world(&f, &(gt_world_options){.steps_per_instant = 1000});
    gt__job_init(&e.job, f.world, schedule_again);
    gt__job_schedule(&e.job);
    assert_int_equal(gt_settle(f.world), GT_ELIVELOCK);
    gt__job_cancel(&e.job);
    expect(&f, "live-lock at 0.000 ms: more than 1000 steps and time has not moved\n"
               "  task \"test\" (test.c:1) waits for the world to settle, since 0.000 ms");
}

static void wait_under_a_done_context(void *arg)
{
    gt_context *context = arg;
    while (gt_context_sleep(context, GT_MS(1)) == GT_ECANCELLED)
        ;
}

static void waits_that_are_refused_for_ever_are_a_live_lock(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, &(gt_world_options){.steps_per_instant = 1000});
    gt_context *context = gt_context_background(f.world);
    gt_context_cancel(context);
    gt_task *task = gt_spawn_at(f.world, "deaf", wait_under_a_done_context, context, "b.c", 8);
    assert_int_equal(gt_task_join(task, NULL), GT_ELIVELOCK);
    gt_context_free(context);
    expect(&f, "live-lock at 0.000 ms: more than 1000 steps and time has not moved\n"
               "  task \"test\" (test.c:1) waits for the end of task deaf, since 0.000 ms\n"
               "  task \"deaf\" (b.c:8) runs");
}

static void a_test_that_takes_no_refusal_is_live_locked(void **state)
{
    (void)state;
    fixture f;
    int error;
    open_world(&f, &(gt_world_options){.steps_per_instant = 1000});
    gt_context *context = gt_context_background(f.world);
    gt_context_cancel(context);
    while ((error = gt_context_sleep(context, GT_MS(1))) == GT_ECANCELLED)
        ;
    assert_int_equal(error, GT_ELIVELOCK);
    assert_int_equal(f.failures, 1);
    gt_context_free(context);
    close_world(&f);
}

static void a_test_that_gets_what_it_waits_for_makes_progress(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, &(gt_world_options){.steps_per_instant = 100});
    for (int i = 0; i < 1000; i++) {
        sleeper s = {&f, "a", 0, 0};
        join(spawn_sleeper(&s));
    }
    close_well(&f);
}

/* ---- live-lock past the horizon
 * ------------------------------------------------------------------ */

static void set_again(gt__timer *timer)
{
    gt__timer_set(timer, timer->when + GT_SEC(10));
}

static void keep_alive(errand *e, gt_world *world, bool background)
{
    gt__timer_init(&e->timer, world, set_again);
    e->timer.background = background;
    gt__timer_set(&e->timer, GT_SEC(10));
}

static void timers_in_the_background_do_not_hide_that_nothing_happens(void **state)
{
    (void)state;
    fixture f;
    errand e;
    open_world(&f, NULL);
    keep_alive(&e, f.world, true);
    gt_event *event = gt_event_new_at(f.world, "a.c", 7);
    assert_int_equal(gt_event_wait(event, NULL), GT_ELIVELOCK);
    assert_int_equal(gt_now(f.world), GT_SEC(24 * 3600));
    gt__timer_stop(&e.timer);
    expect(&f, "live-lock at 86400000.000 ms: for 86410000.000 ms nothing but time has moved\n"
               "  task \"test\" (test.c:1) waits for an event made at a.c:7, since 0.000 ms");
}

static void wait_for_context(void *arg)
{
    assert_int_equal(gt_context_wait(arg), GT_ETIMEDOUT);
}

static void other_timers_are_progress(void **state)
{
    (void)state;
    fixture f;
    errand e;
    gt_context *root, *context;
    open_world(&f, &(gt_world_options){.horizon = GT_SEC(60)});
    keep_alive(&e, f.world, false);
    root = gt_context_background(f.world);
    context = gt_context_with_timeout(root, GT_SEC(600));
    gt_task *task = gt_spawn(f.world, "waits", wait_for_context, context);
    join(task);
    assert_int_equal(gt_now(f.world), GT_SEC(600));
    gt__timer_stop(&e.timer);
    gt_context_free(context);
    gt_context_free(root);
    close_well(&f);
}

static void tick(void *arg)
{
    while (gt_sleep(arg, GT_SEC(1)) == 0)
        ;
}

static void a_loop_around_sleep_does_not_hide_that_nothing_happens(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, &(gt_world_options){.horizon = GT_SEC(60)});
    gt_task *task = gt_spawn(f.world, "ticks", tick, f.world);
    assert_int_equal(gt_task_join(task, NULL), GT_ELIVELOCK);
    assert_int_equal(gt_now(f.world), GT_SEC(60));
    assert_int_equal(f.failures, 1);
    close_world(&f);
}

static void running_until_idle_goes_no_further_than_the_horizon(void **state)
{
    (void)state;
    fixture f;
    errand e;
    open_world(&f, &(gt_world_options){.horizon = GT_SEC(60)});
    keep_alive(&e, f.world, true);
    assert_int_equal(gt_run_until_idle(f.world), GT_ELIVELOCK);
    assert_int_equal(gt_now(f.world), GT_SEC(60));
    gt__timer_stop(&e.timer);
    assert_int_equal(f.failures, 1);
    close_world(&f);
}

static void what_the_test_itself_waits_for_lies_within_every_horizon(void **state)
{
    (void)state;
    fixture f;
    errand e;
    open_world(&f, &(gt_world_options){.horizon = GT_SEC(60)});
    keep_alive(&e, f.world, true);
    assert_int_equal(gt_sleep(f.world, GT_SEC(600)), 0);
    assert_int_equal(gt_advance(f.world, GT_SEC(600)), 0);
    gt_context *root = gt_context_background(f.world);
    gt_context *context = gt_context_with_timeout(root, GT_SEC(600));
    assert_int_equal(gt_context_wait(context), GT_ETIMEDOUT);
    assert_int_equal(gt_now(f.world), GT_SEC(1800));
    gt__timer_stop(&e.timer);
    gt_context_free(context);
    gt_context_free(root);
    close_well(&f);
}

static void one_long_sleep_of_a_task_is_no_live_lock(void **state)
{
    (void)state;
    fixture f;
    sleeper s = {&f, "a", GT_SEC(600), 0};
    open_world(&f, &(gt_world_options){.horizon = GT_SEC(60)});
    join(spawn_sleeper(&s));
    assert_int_equal(gt_now(f.world), GT_SEC(600));
    close_well(&f);
}

static void a_test_that_polls_for_ever_is_live_locked(void **state)
{
    (void)state;
    fixture f;
    int error;
    open_world(&f, &(gt_world_options){.horizon = GT_SEC(60)});
    while ((error = gt_sleep(f.world, GT_MS(10))) == 0)
        ;
    assert_int_equal(error, GT_ELIVELOCK);
    assert_int_equal(gt_now(f.world), GT_SEC(70)); /* a thousand times it is given credit */
    assert_int_equal(f.failures, 1);
    close_world(&f);
}

static void a_test_that_advances_for_ever_is_live_locked(void **state)
{
    (void)state;
    fixture f;
    int error;
    open_world(&f, &(gt_world_options){.clock = GT_CLOCK_MANUAL, .horizon = GT_SEC(60)});
    while ((error = gt_advance(f.world, GT_MS(10))) == 0)
        ;
    assert_int_equal(error, GT_ELIVELOCK);
    assert_int_equal(gt_now(f.world), GT_SEC(70));
    assert_int_equal(f.failures, 1);
    close_world(&f);
}

static void a_test_may_move_time_far_in_many_steps(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, &(gt_world_options){.clock = GT_CLOCK_MANUAL, .horizon = GT_SEC(60)});
    for (int i = 0; i < 1000; i++)
        assert_int_equal(gt_advance(f.world, GT_SEC(59)), 0);
    close_well(&f);
}

/* ---- what a report leaves out ---------------------------------------------------------------- */

static void stop_for_good(void *world)
{
    gt_world_fail_stop(world, "for good");
}

static void tasks_that_have_ended_are_not_told_of(void **state)
{
    (void)state;
    fixture f;
    sleeper done = {&f, "done", 0, 0};
    open_world(&f, NULL);
    gt_task *task = spawn_sleeper(&done);
    assert_int_equal(gt_settle(f.world), 0);
    gt_task_detach(gt_spawn(f.world, "left", stop_for_good, f.world));
    assert_int_equal(gt_settle(f.world), GT_EPOISONED);
    char *report = gt_world_report(f.world);
    assert_string_equal(report, "tasks at 0.000 ms:\n  task \"test\" (test.c:1) runs");
    gt_free(report);
    assert_true(gt_task_done(task));
    close_world(&f);
}

static void of_many_things_the_first_four_are_told(void **state)
{
    (void)state;
    fixture f;
    gt_waitable things[5];
    open_world(&f, NULL);
    gt_event *event = gt_event_new(f.world);
    for (int i = 0; i < 5; i++)
        things[i] = gt_event_waitable(event);
    assert_int_equal(gt_wait_any(f.world, NULL, GT_NEVER, things, 5), GT_EDEADLOCK);
    expect(&f, "deadlock at 0.000 ms: nothing can run and no timer is set\n"
               "  task \"test\" (test.c:1) waits for any of an event, an event, an event, an event "
               "..., since 0.000 ms");
}

static void a_condition_without_a_name_is_told_as_one(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    assert_int_equal(gt_wait_until(f.world, NULL, never, NULL, NULL), GT_EDEADLOCK);
    expect(&f, "deadlock at 0.000 ms: nothing can run and no timer is set\n"
               "  task \"test\" (test.c:1) waits until \"a condition holds\", since 0.000 ms");
}

static void a_single_timer_is_told_as_one(void **state)
{
    (void)state;
    fixture f;
    open_clock(&f, GT_CLOCK_MANUAL);
    assert_int_equal(gt_sleep(f.world, GT_MS(5)), GT_EDEADLOCK);
    expect(&f,
           "deadlock at 0.000 ms: nothing can run; 1 timer waits on the manual clock, the first "
           "for 5.000 ms, and only the test moves it\n"
           "  task \"test\" (test.c:1) waits for time to pass, since 0.000 ms");
}

/* Whatever the context says, the sleep ends by itself. */
static void a_sleep_lies_within_every_horizon_under_any_context(void **state)
{
    (void)state;
    fixture f;
    errand e;
    open_world(&f, &(gt_world_options){.horizon = GT_SEC(60)});
    keep_alive(&e, f.world, true);
    gt_context *endless = gt_context_background(f.world);
    gt_context *late = gt_context_with_timeout(endless, GT_SEC(6000));
    assert_int_equal(gt_context_sleep(endless, GT_SEC(600)), 0);
    assert_int_equal(gt_context_sleep(late, GT_SEC(600)), 0);
    assert_int_equal(gt_now(f.world), GT_SEC(1200));
    gt__timer_stop(&e.timer);
    gt_context_free(late);
    gt_context_free(endless);
    close_well(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wait_that_nothing_can_end_is_a_deadlock),
        cmocka_unit_test(the_report_tells_of_every_task),
        cmocka_unit_test(a_long_report_is_cut_short),
        cmocka_unit_test(waiting_tasks_are_no_deadlock_while_the_test_does_not_wait),
        cmocka_unit_test(an_expected_deadlock_is_no_failure_and_the_world_lives_on),
        cmocka_unit_test(on_the_manual_clock_waiting_for_time_is_a_deadlock),
        cmocka_unit_test(a_report_can_be_had_at_any_time),
        cmocka_unit_test(remarks_stand_behind_the_tasks_while_they_are_there),
        cmocka_unit_test(steps_without_end_at_one_instant_are_a_live_lock),
        cmocka_unit_test(a_test_that_spins_is_live_locked),
        cmocka_unit_test(a_test_that_settles_for_ever_is_live_locked),
        cmocka_unit_test(a_job_that_schedules_itself_for_ever_is_a_live_lock),
        cmocka_unit_test(waits_that_are_refused_for_ever_are_a_live_lock),
        cmocka_unit_test(a_test_that_takes_no_refusal_is_live_locked),
        cmocka_unit_test(a_test_that_gets_what_it_waits_for_makes_progress),
        cmocka_unit_test(timers_in_the_background_do_not_hide_that_nothing_happens),
        cmocka_unit_test(other_timers_are_progress),
        cmocka_unit_test(a_loop_around_sleep_does_not_hide_that_nothing_happens),
        cmocka_unit_test(running_until_idle_goes_no_further_than_the_horizon),
        cmocka_unit_test(what_the_test_itself_waits_for_lies_within_every_horizon),
        cmocka_unit_test(one_long_sleep_of_a_task_is_no_live_lock),
        cmocka_unit_test(a_test_that_polls_for_ever_is_live_locked),
        cmocka_unit_test(a_test_that_advances_for_ever_is_live_locked),
        cmocka_unit_test(a_test_may_move_time_far_in_many_steps),
        cmocka_unit_test(tasks_that_have_ended_are_not_told_of),
        cmocka_unit_test(of_many_things_the_first_four_are_told),
        cmocka_unit_test(a_condition_without_a_name_is_told_as_one),
        cmocka_unit_test(a_single_timer_is_told_as_one),
        cmocka_unit_test(a_sleep_lies_within_every_horizon_under_any_context),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
