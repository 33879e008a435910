#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world_fixture.h"

#include "engine/core/death_test.h"

/* ---- raising ------------------------------------------------------------------------------- */

static void a_failure_on_task_0_is_raised_at_once(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_world_fail_at(f.world, "a.c", 7, "%d is not %s", 5, "six");
    assert_int_equal(f.failures, 1);
    assert_int_equal(f.line, 7);
    assert_string_equal(f.text, "5 is not six");
    assert_true(gt_world_failed(f.world));
    close_world(&f);
    assert_int_equal(f.failures, 1);
}

static void later_failures_are_dropped(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_world_fail(f.world, "first");
    gt_world_fail(f.world, "second");
    close_world(&f);
    assert_int_equal(f.failures, 1);
    assert_string_equal(f.text, "first");
}

/* What a task does around its failure. */
static void fail_and_go_on(void *arg)
{
    fixture *f = arg;
    say(f, "before");
    gt_world_fail_at(f->world, "a.c", 7, "on a fiber");
    assert_int_equal(f->failures, 0);
    say(f, "after");
    assert_int_equal(gt_yield(f->world), 0);
    say(f, "never");
}

static void a_failure_on_a_fiber_is_raised_as_the_test_goes_on(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_task *task = gt_spawn(f.world, "fails", fail_and_go_on, &f);
    assert_int_equal(gt_task_join(task, NULL), GT_EPOISONED);
    assert_said(&f, "before@0 after@0 ");
    assert_int_equal(f.failures, 1);
    assert_int_equal(f.line, 7);
    assert_string_equal(f.text, "on a fiber");
    assert_false(gt_task_done(task));
    close_world(&f);
    assert_int_equal(f.failures, 1);
}

static void fail_last_thing(void *arg)
{
    gt_world_fail(arg, "last thing");
}

static void a_test_that_settles_hears_of_the_failure(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_task_detach(gt_spawn(f.world, "fails", fail_last_thing, f.world));
    assert_int_equal(gt_settle(f.world), GT_EPOISONED);
    assert_string_equal(f.text, "last thing");
    close_world(&f);
}

static void a_test_that_yields_hears_of_the_failure(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_task_detach(gt_spawn(f.world, "fails", fail_last_thing, f.world));
    assert_int_equal(gt_yield(f.world), GT_EPOISONED);
    assert_string_equal(f.text, "last thing");
    close_world(&f);
}

static bool fail_and_hold(void *arg)
{
    gt_world_fail(arg, "in a predicate");
    return true;
}

static void a_failure_in_a_callback_is_raised_as_the_test_goes_on(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    assert_int_equal(gt_wait_until(f.world, NULL, fail_and_hold, f.world, "it fails"), 0);
    assert_int_equal(f.failures, 1);
    assert_string_equal(f.text, "in a predicate");
    close_world(&f);
}

static char *two_lines(gt_world *world)
{
    assert_non_null(world);
    return gt__strdup("  one\n  two\n");
}

static char *nothing(gt_world *world)
{
    assert_non_null(world);
    return NULL;
}

static void the_transcript_ends_a_failure(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt__world_set_transcript(f.world, two_lines);
    gt_world_fail(f.world, "it failed");
    assert_string_equal(f.text, "it failed\n  one\n  two");
    close_world(&f);
}

static char *no_line(gt_world *world)
{
    assert_non_null(world);
    return gt__strdup("");
}

static void an_empty_transcript_adds_nothing(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt__world_set_transcript(f.world, no_line);
    gt_world_fail(f.world, "it failed");
    assert_string_equal(f.text, "it failed");
    close_world(&f);
}

static void where_there_is_no_transcript_a_failure_stands_alone(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt__world_set_transcript(f.world, nothing);
    gt_world_fail(f.world, "it failed");
    assert_string_equal(f.text, "it failed");
    close_world(&f);
}

/* ---- life afterwards ----------------------------------------------------------------------- */

static void in_a_world_that_failed_every_wait_returns_at_once(void **state)
{
    (void)state;
    fixture f;
    sleeper s = {&f, "a", 0, 0};
    open_world(&f, NULL);
    gt_event *event = gt_event_new(f.world);
    gt_context *context = gt_context_background(f.world);
    gt_task *task = spawn_sleeper(&s);
    gt_waitable thing = gt_event_waitable(event);
    gt_world_fail(f.world, "it failed");
    assert_int_equal(gt_yield(f.world), GT_EPOISONED);
    assert_int_equal(gt_sleep(f.world, GT_MS(1)), GT_EPOISONED);
    assert_int_equal(gt_sleep(f.world, 0), GT_EPOISONED);
    assert_int_equal(gt_settle(f.world), GT_EPOISONED);
    assert_int_equal(gt_advance(f.world, GT_MS(1)), GT_EPOISONED);
    assert_int_equal(gt_run_until_idle(f.world), GT_EPOISONED);
    assert_int_equal(gt_task_join(task, NULL), GT_EPOISONED);
    assert_int_equal(gt_event_wait(event, NULL), GT_EPOISONED);
    assert_int_equal(gt_context_wait(context), GT_EPOISONED);
    assert_int_equal(gt_context_sleep(context, GT_MS(1)), GT_EPOISONED);
    assert_int_equal(gt_wait_any(f.world, NULL, GT_NEVER, &thing, 1), GT_EPOISONED);
    assert_int_equal(gt__world_error(f.world), GT_EPOISONED);
    assert_said(&f, "");
    assert_int_equal(gt_now(f.world), 0);
    gt_context_free(context);
    gt_event_free(event);
    close_world(&f);
    assert_int_equal(f.failures, 1);
}

static void what_is_there_already_needs_no_wait_even_then(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_event *event = gt_event_new(f.world);
    gt_event_raise(event);
    gt_world_fail(f.world, "it failed");
    assert_int_equal(gt_event_wait(event, NULL), 0);
    gt_event_free(event);
    close_world(&f);
}

static void go_on_waiting(void *arg)
{
    while (true)
        (void)!gt_sleep(arg, GT_MS(1));
}

static void a_task_that_ignores_the_failure_does_not_keep_the_test_from_going_on(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_task_detach(gt_spawn(f.world, "waits", go_on_waiting, f.world));
    gt_task_detach(gt_spawn(f.world, "fails", fail_last_thing, f.world));
    assert_int_equal(gt_sleep(f.world, GT_MS(5)), GT_EPOISONED);
    close_world(&f);
    assert_int_equal(f.failures, 1);
}

/* ---- stopping ------------------------------------------------------------------------------ */

static void fail_and_stop(void *arg)
{
    fixture *f = arg;
    say(f, "before");
    gt_world_fail_stop_at(f->world, "a.c", 7, "stop %d", 1);
}

static void a_task_that_fails_for_good_ends_where_it_stands(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_task *task = gt_spawn(f.world, "fails", fail_and_stop, &f);
    assert_int_equal(gt_task_join(task, NULL), GT_EPOISONED);
    assert_int_equal(f.failures, 1);
    assert_string_equal(f.text, "stop 1");
    assert_false(gt_task_done(task));
    assert_int_equal(gt_task_join(task, NULL), GT_EPOISONED);
    close_world(&f);
}

static void stop_in_job(gt__job *job)
{
    gt_world_fail_stop(job->world, "in a job");
}

static void a_callback_that_fails_for_good_ends_where_it_stands(void **state)
{
    (void)state;
    fixture f;
    gt__job job;
    sleeper s = {&f, "a", GT_MS(1), 0};
    open_world(&f, NULL);
    gt_task_detach(spawn_sleeper(&s));
    assert_int_equal(gt_settle(f.world), 0);
    gt__job_init(&job, f.world, stop_in_job);
    gt__job_schedule(&job);
    assert_int_equal(gt_sleep(f.world, GT_MS(5)), GT_EPOISONED);
    assert_string_equal(f.text, "in a job");
    close_world(&f);
}

/* A hook as that of a test framework: it writes down and leaves. */
typedef struct leaver {
    fixture f;
    jmp_buf out;
} leaver;

static void write_down_and_leave(const gt_failure *failure, void *user)
{
    leaver *l = user;
    write_down(failure, &l->f);
    longjmp(l->out, 1);
}

static void open_leaver(leaver *l)
{
    l->f = (fixture){0};
    gt_world_options options = {.on_failure = write_down_and_leave, .on_failure_user = l};
    l->f.world = gt_world_new(&options);
}

static void the_test_itself_leaves_by_the_hook(void **state)
{
    (void)state;
    leaver l;
    open_leaver(&l);
    if (setjmp(l.out) == 0)
        gt_world_fail_stop(l.f.world, "leave");
    assert_string_equal(l.f.text, "leave");
    close_world(&l.f);
    assert_int_equal(l.f.failures, 1);
}

static void a_second_failure_of_the_test_leaves_by_the_hook_too(void **state)
{
    (void)state;
    leaver l;
    open_leaver(&l);
    if (setjmp(l.out) == 0)
        gt_world_fail(l.f.world, "first");
    if (setjmp(l.out) == 0)
        gt_world_fail_stop(l.f.world, "second");
    assert_int_equal(l.f.failures, 2);
    assert_string_equal(l.f.text, "second");
    close_world(&l.f);
}

static void the_hook_may_leave_from_the_middle_of_a_wait(void **state)
{
    (void)state;
    leaver l;
    open_leaver(&l);
    gt_event *event = gt_event_new(l.f.world);
    gt_waitable things[] = {gt_event_waitable(event), gt_event_waitable(event)};
    gt_task_detach(gt_spawn(l.f.world, "fails", fail_last_thing, l.f.world));
    if (setjmp(l.out) == 0)
        (void)!gt_wait_any(l.f.world, NULL, GT_MS(9), things, 2);
    assert_string_equal(l.f.text, "last thing");
    gt_event_free(event);
    close_world(&l.f);
    assert_int_equal(l.f.failures, 1);
}

static void the_hook_may_leave_from_a_join_which_is_then_tried_again(void **state)
{
    (void)state;
    leaver l;
    open_leaver(&l);
    gt_task *task = gt_spawn(l.f.world, "fails", fail_last_thing, l.f.world);
    if (setjmp(l.out) == 0)
        (void)!gt_task_join(task, NULL);
    assert_int_equal(gt_task_join(task, NULL), 0); /* it has returned */
    close_world(&l.f);
}

static void the_hook_may_leave_from_the_free_of_a_world(void **state)
{
    (void)state;
    leaver l;
    open_leaver(&l);
    (void)gt_event_new_at(l.f.world, "a.c", 7);
    if (setjmp(l.out) == 0)
        gt_world_free(l.f.world);
    assert_string_equal(l.f.text, "left over when the world was freed:\n  event made at a.c:7");
}

static void keep_seed(const gt_failure *failure, void *user)
{
    *(uint64_t *)user = failure->seed;
}

static void the_hook_is_told_the_seed(void **state)
{
    (void)state;
    uint64_t seed = 0;
    gt_world *world = gt_world_new(
        &(gt_world_options){.seed = 7, .on_failure = keep_seed, .on_failure_user = &seed});
    gt_world_fail(world, "it failed");
    assert_int_equal(seed, 7);
    gt_world_free(world);

    seed = 0;
    world = gt_world_new(
        &(gt_world_options){.seed = 8, .on_failure = keep_seed, .on_failure_user = &seed});
    (void)gt_event_new(world);
    gt_world_free(world); /* something is left over */
    assert_int_equal(seed, 8);
}

/* ---- the last resort ----------------------------------------------------------------------- */

static void fail_without_a_hook(void *arg)
{
    gt_world *world = gt_world_new(&(gt_world_options){.seed = *(const uint64_t *)arg});
    gt_world_fail_at(world, "a.c", 7, "it failed\n  badly");
}

static void without_a_hook_a_failure_is_printed_and_aborts(void **state)
{
    (void)state;
    uint64_t seed = GT_NO_SEED;
    assert_dies(fail_without_a_hook, &seed, "a.c:7: it failed\n  badly\n");
}

static void the_seed_is_printed_after_it(void **state)
{
    (void)state;
    uint64_t seed = 7;
    assert_dies(fail_without_a_hook, &seed, "a.c:7: it failed\n  badly\nunder seed 7\n");
}

static void come_back(const gt_failure *failure, void *user)
{
    (void)failure;
    (void)user;
}

static void stop_with_a_hook_that_comes_back(void *arg)
{
    (void)arg;
    gt_world *world = gt_world_new(&(gt_world_options){.on_failure = come_back});
    gt_world_fail_stop_at(world, "a.c", 7, "it failed");
}

static void a_hook_that_comes_back_to_where_nothing_can_aborts(void **state)
{
    (void)state;
    assert_dies(stop_with_a_hook_that_comes_back, NULL,
                "grpctest: a.c:7: the failure hook came back from gt_world_fail_stop\n");
}

static void wait_for_ever_in_a_failed_world(void *arg)
{
    (void)arg;
    gt_world_options options = {.on_failure = come_back, .steps_per_instant = 1000};
    gt_world *world = gt_world_new(&options);
    gt_world_fail(world, "it failed");
    while (gt_sleep(world, GT_MS(1)))
        ;
}

static void a_test_that_never_stops_waiting_in_a_failed_world_aborts(void **state)
{
    (void)state;
    assert_dies(wait_for_ever_in_a_failed_world, NULL,
                "grpctest: the test goes on waiting in a world that has failed\n");
}

static void poisoning_all_worlds_lets_them_end_in_silence(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    (void)gt_event_new(f.world);

    gt_world_poison_all();

    assert_true(gt_world_failed(f.world));
    assert_int_equal(gt_sleep(f.world, GT_MS(1)), GT_EPOISONED);
    close_world(&f);
    assert_int_equal(f.failures, 0);
}

static void poisoning_all_worlds_spares_those_made_later(void **state)
{
    (void)state;
    fixture f;

    gt_world_poison_all();
    open_world(&f, NULL);

    assert_false(gt_world_failed(f.world));
    assert_int_equal(gt_sleep(f.world, GT_MS(1)), 0);
    close_world(&f);
    assert_int_equal(f.failures, 0);
}

static void fail_twice(void *arg)
{
    fixture *f = arg;
    gt_world_fail(f->world, "first");
    gt_world_fail_stop(f->world, "second");
    say(f, "never");
}

static void of_two_failures_of_a_task_the_first_is_raised(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_task_detach(gt_spawn(f.world, "fails", fail_twice, &f));
    assert_int_equal(gt_settle(f.world), GT_EPOISONED);
    assert_string_equal(f.text, "first");
    assert_int_equal(f.failures, 1);
    assert_said(&f, "");
    close_world(&f);
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

/* A world that was made without a place, by a task that was never anywhere. */
static void a_failure_of_nowhere_is_raised_all_the_same(void **state)
{
    (void)state;
    fixture f = {0};
    f.world = gt_world_new_at(&(gt_world_options){.on_failure = write_down, .on_failure_user = &f},
                              "?", 0);
    assert_int_equal(gt_wait_until(f.world, NULL, never, NULL, "never"), GT_EDEADLOCK);
    assert_int_equal(f.failures, 1);
    assert_int_equal(f.line, 0);
    close_world(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_on_task_0_is_raised_at_once),
        cmocka_unit_test(later_failures_are_dropped),
        cmocka_unit_test(a_failure_on_a_fiber_is_raised_as_the_test_goes_on),
        cmocka_unit_test(a_test_that_settles_hears_of_the_failure),
        cmocka_unit_test(a_test_that_yields_hears_of_the_failure),
        cmocka_unit_test(a_failure_in_a_callback_is_raised_as_the_test_goes_on),
        cmocka_unit_test(the_transcript_ends_a_failure),
        cmocka_unit_test(an_empty_transcript_adds_nothing),
        cmocka_unit_test(where_there_is_no_transcript_a_failure_stands_alone),
        cmocka_unit_test(in_a_world_that_failed_every_wait_returns_at_once),
        cmocka_unit_test(what_is_there_already_needs_no_wait_even_then),
        cmocka_unit_test(a_task_that_ignores_the_failure_does_not_keep_the_test_from_going_on),
        cmocka_unit_test(a_task_that_fails_for_good_ends_where_it_stands),
        cmocka_unit_test(a_callback_that_fails_for_good_ends_where_it_stands),
        cmocka_unit_test(the_test_itself_leaves_by_the_hook),
        cmocka_unit_test(a_second_failure_of_the_test_leaves_by_the_hook_too),
        cmocka_unit_test(the_hook_may_leave_from_the_middle_of_a_wait),
        cmocka_unit_test(the_hook_may_leave_from_a_join_which_is_then_tried_again),
        cmocka_unit_test(the_hook_may_leave_from_the_free_of_a_world),
        cmocka_unit_test(without_a_hook_a_failure_is_printed_and_aborts),
        cmocka_unit_test(the_seed_is_printed_after_it),
        cmocka_unit_test(the_hook_is_told_the_seed),
        cmocka_unit_test(a_hook_that_comes_back_to_where_nothing_can_aborts),
        cmocka_unit_test(a_test_that_never_stops_waiting_in_a_failed_world_aborts),
        cmocka_unit_test(poisoning_all_worlds_lets_them_end_in_silence),
        cmocka_unit_test(poisoning_all_worlds_spares_those_made_later),
        cmocka_unit_test(of_two_failures_of_a_task_the_first_is_raised),
        cmocka_unit_test(a_failure_of_nowhere_is_raised_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
