#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What a failed assertion of a test framework does: a longjmp to the test's stack, from wherever it
 * stands. The world must notice, and let the teardown and the next test work. */

#include "world_fixture.h"

/* Static where it is used: a longjmp makes automatic variables indeterminate. */
typedef struct jumper {
    fixture f;
    jmp_buf out;
    gt_event *event;
    gt_context *root, *context;
    gt__job job;
    gt__timer timer;
} jumper;

static void open_jumper(jumper *j)
{
    open_world(&j->f, NULL);
    j->event = gt_event_new(j->f.world);
    j->root = gt_context_background(j->f.world);
    j->context = gt_context_with_timeout(j->root, GT_MS(5));
}

/* Uses the stack where the frames were that the jump left. */
static void trample(void)
{
    volatile char frames[4096];
    for (size_t i = 0; i < sizeof frames; i++)
        frames[i] = (char)0xa5;
}

/* What a teardown does, each part of which may touch what the jump left. */
static void tear_down(jumper *j)
{
    trample();
    gt_event_raise(j->event);
    gt_event_free(j->event);
    gt_context_free(j->context);
    gt_context_free(j->root);
    close_world(&j->f);
    assert_int_equal(j->f.failures, 0);
}

static void jump(void *arg)
{
    jumper *j = arg;
    longjmp(j->out, 1);
}

static void jump_from_job(gt__job *job)
{
    longjmp(gt__container_of(job, jumper, job)->out, 1);
}

static void jump_from_timer(gt__timer *timer)
{
    longjmp(gt__container_of(timer, jumper, timer)->out, 1);
}

static bool jump_from_predicate(void *arg)
{
    jump(arg);
    return false;
}

/* ---- from where ---------------------------------------------------------------------------- */

static void off_a_fiber_while_the_test_waits_for_an_event(void **state)
{
    (void)state;
    static jumper j;
    open_jumper(&j);
    gt_task_detach(gt_spawn(j.f.world, "jumps", jump, &j));
    if (setjmp(j.out) == 0)
        (void)!gt_event_wait(j.event, j.context);
    tear_down(&j);
}

static void off_a_fiber_while_the_test_waits_for_any_of_several(void **state)
{
    (void)state;
    static jumper j;
    open_jumper(&j);
    gt_waitable things[] = {gt_event_waitable(j.event), gt_context_waitable(j.context)};
    gt_task_detach(gt_spawn(j.f.world, "jumps", jump, &j));
    if (setjmp(j.out) == 0)
        (void)!gt_wait_any(j.f.world, j.context, GT_MS(1), things, 2);
    tear_down(&j);
}

static void off_a_fiber_while_the_test_joins_it(void **state)
{
    (void)state;
    static jumper j;
    static gt_task *task;
    open_jumper(&j);
    task = gt_spawn(j.f.world, "jumps", jump, &j);
    if (setjmp(j.out) == 0)
        (void)!gt_task_join(task, NULL);
    assert_int_equal(gt_task_join(task, NULL), GT_EPOISONED);
    assert_false(gt_task_done(task));
    tear_down(&j);
}

static void off_a_fiber_while_the_test_settles(void **state)
{
    (void)state;
    static jumper j;
    open_jumper(&j);
    gt_task_detach(gt_spawn(j.f.world, "jumps", jump, &j));
    if (setjmp(j.out) == 0)
        gt_settle(j.f.world);
    tear_down(&j);
}

static void off_a_fiber_while_the_test_can_run(void **state)
{
    (void)state;
    static jumper j;
    open_jumper(&j);
    gt_task_detach(gt_spawn(j.f.world, "jumps", jump, &j));
    if (setjmp(j.out) == 0)
        gt_yield(j.f.world);
    tear_down(&j);
}

static void sleep_then_jump(void *arg)
{
    jumper *j = arg;
    assert_int_equal(gt_sleep(j->f.world, GT_MS(2)), 0);
    jump(j);
}

static void off_a_fiber_that_had_waited_itself(void **state)
{
    (void)state;
    static jumper j;
    open_jumper(&j);
    gt_task_detach(gt_spawn(j.f.world, "jumps", sleep_then_jump, &j));
    gt_task_detach(gt_spawn(j.f.world, "jumps", sleep_then_jump, &j));
    if (setjmp(j.out) == 0)
        (void)!gt_event_wait(j.event, NULL);
    tear_down(&j);
}

static void out_of_a_job(void **state)
{
    (void)state;
    static jumper j;
    open_jumper(&j);
    gt__job_init(&j.job, j.f.world, jump_from_job);
    gt__job_schedule(&j.job);
    if (setjmp(j.out) == 0)
        (void)!gt_event_wait(j.event, j.context);
    tear_down(&j);
}

static void wait_in_a_task(void *arg)
{
    jumper *j = arg;
    (void)!gt_event_wait(j->event, j->context);
}

static void out_of_a_timer_on_a_waiting_tasks_stack(void **state)
{
    (void)state;
    static jumper j;
    open_jumper(&j);
    gt__timer_init(&j.timer, j.f.world, jump_from_timer);
    gt__timer_set(&j.timer, GT_MS(1));
    gt_task_detach(gt_spawn(j.f.world, "waits", wait_in_a_task, &j));
    if (setjmp(j.out) == 0)
        gt_sleep(j.f.world, GT_MS(3));
    tear_down(&j);
}

static void out_of_a_predicate_on_the_tests_own_stack(void **state)
{
    (void)state;
    static jumper j;
    open_jumper(&j);
    if (setjmp(j.out) == 0)
        (void)!gt_wait_until(j.f.world, NULL, jump_from_predicate, &j, "never");
    assert_int_equal(gt_sleep(j.f.world, GT_MS(1)), GT_EPOISONED);
    tear_down(&j);
}

static int asked;

static bool jump_when_asked_again(void *arg)
{
    return asked++ == 0 ? false : jump_from_predicate(arg);
}

static void out_of_a_predicate_that_the_scheduler_asks(void **state)
{
    (void)state;
    static jumper j;
    open_jumper(&j);
    asked = 0;
    if (setjmp(j.out) == 0)
        (void)!gt_wait_until(j.f.world, NULL, jump_when_asked_again, &j, "never");
    assert_int_equal(asked, 2);
    tear_down(&j);
}

/* A teardown whose frame is larger than all that the jump left. */
static void free_from_far_below(jumper *j)
{
    volatile char frame[65536];
    frame[0] = frame[sizeof frame - 1] = 0;
    tear_down(j);
}

static void out_of_a_predicate_into_a_deeper_teardown(void **state)
{
    (void)state;
    static jumper j;
    open_jumper(&j);
    if (setjmp(j.out) == 0)
        (void)!gt_wait_until(j.f.world, NULL, jump_from_predicate, &j, "never");
    free_from_far_below(&j);
}

/* ---- afterwards ---------------------------------------------------------------------------- */

static void a_world_that_was_left_is_good_for_teardown_alone(void **state)
{
    (void)state;
    static jumper j;
    sleeper s = {&j.f, "a", 0, -1};
    open_jumper(&j);
    gt_task_detach(gt_spawn(j.f.world, "jumps", jump, &j));
    if (setjmp(j.out) == 0)
        gt_settle(j.f.world);
    gt_task_detach(spawn_sleeper(&s));
    assert_int_equal(gt_settle(j.f.world), GT_EPOISONED);
    assert_int_equal(s.error, -1);
    assert_true(gt_world_failed(j.f.world));
    assert_string_equal(gt_task_name(gt_task_current(j.f.world)), "test");
    tear_down(&j);
}

static void another_world_works_before_the_one_that_was_left_is_freed(void **state)
{
    (void)state;
    static jumper j;
    fixture other;
    open_jumper(&j);
    gt_task_detach(gt_spawn(j.f.world, "jumps", jump, &j));
    if (setjmp(j.out) == 0)
        gt_settle(j.f.world);
    open_world(&other, NULL);
    sleeper s = {&other, "a", GT_MS(1), -1};
    join(spawn_sleeper(&s));
    close_well(&other);
    tear_down(&j);
}

static void a_test_after_the_other_may_fail_like_this(void **state)
{
    (void)state;
    static jumper j;
    static int i;
    for (i = 0; i < 200; i++) {
        open_jumper(&j);
        gt_task_detach(gt_spawn(j.f.world, "waits", wait_in_a_task, &j));
        gt_task_detach(gt_spawn(j.f.world, "jumps", jump, &j));
        if (setjmp(j.out) == 0)
            gt_settle(j.f.world);
        tear_down(&j);
    }
}

int main(void)
{
    if (UNDER_TSAN) {
        puts("TSan knows no longjmp from one fiber to another: skipped");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(off_a_fiber_while_the_test_waits_for_an_event),
        cmocka_unit_test(off_a_fiber_while_the_test_waits_for_any_of_several),
        cmocka_unit_test(off_a_fiber_while_the_test_joins_it),
        cmocka_unit_test(off_a_fiber_while_the_test_settles),
        cmocka_unit_test(off_a_fiber_while_the_test_can_run),
        cmocka_unit_test(off_a_fiber_that_had_waited_itself),
        cmocka_unit_test(out_of_a_job),
        cmocka_unit_test(out_of_a_timer_on_a_waiting_tasks_stack),
        cmocka_unit_test(out_of_a_predicate_on_the_tests_own_stack),
        cmocka_unit_test(out_of_a_predicate_that_the_scheduler_asks),
        cmocka_unit_test(out_of_a_predicate_into_a_deeper_teardown),
        cmocka_unit_test(a_world_that_was_left_is_good_for_teardown_alone),
        cmocka_unit_test(another_world_works_before_the_one_that_was_left_is_freed),
        cmocka_unit_test(a_test_after_the_other_may_fail_like_this),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
