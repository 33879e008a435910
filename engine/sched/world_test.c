#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fiber_tools.h"
#include "world_fixture.h"

#include <pthread.h>

/* ---- ending well --------------------------------------------------------------------------- */

static void every_option_defaults_to_zero(void **state)
{
    (void)state;
    gt_world_options options, zeros = {0};
    memset(&options, 0xff, sizeof options);
    gt_world_options_init(&options);
    assert_int_equal(options.clock, zeros.clock);
    assert_int_equal(options.seed + options.stack_size + options.steps_per_instant, 0);
    assert_int_equal(options.horizon + options.patience, 0);
    assert_true(!options.on_failure && !options.on_failure_user);
    gt_world_free(NULL);
}

static void wait_for_event(void *arg)
{
    sleeper *s = arg;
    gt_event *event = gt_event_new(s->f->world);
    s->error = gt_event_wait(event, NULL);
    gt_event_free(event);
}

static void what_still_waits_is_cancelled_and_runs_out_without_time_moving(void **state)
{
    (void)state;
    fixture f;
    sleeper waits = {&f, "waits", 0, 0}, sleeps = {&f, "sleeps", GT_SEC(5), 0};
    open_world(&f, NULL);
    gt_task_detach(gt_spawn(f.world, "waits", wait_for_event, &waits));
    gt_task_detach(spawn_sleeper(&sleeps));
    assert_int_equal(gt_sleep(f.world, GT_MS(1)), 0);
    gt_world_free(f.world);
    assert_int_equal(f.failures, 0);
    assert_int_equal(waits.error, GT_ECANCELLED);
    assert_int_equal(sleeps.error, GT_ECANCELLED);
    assert_string_equal((char *)f.log.data, "sleeps@1 ");
    gt__buffer_cleanup(&f.log);
}

static void a_task_that_had_not_begun_still_runs(void **state)
{
    (void)state;
    fixture f;
    sleeper s = {&f, "a", GT_MS(1), 0};
    open_world(&f, NULL);
    gt_task_detach(spawn_sleeper(&s));
    close_well(&f);
    assert_int_equal(s.error, GT_ECANCELLED);
}

/* A parent whose child works on the parent's stack until both are cancelled. */
typedef struct child {
    gt_world *world;
    int error;
} child;

static void sleep_as_a_child(void *arg)
{
    child *c = arg;
    c->error = gt_sleep(c->world, GT_SEC(1));
}

static void join_a_child(void *arg)
{
    sleeper *s = arg;
    child on_my_stack = {s->f->world, 0};
    gt_task *task = gt_spawn(s->f->world, "child", sleep_as_a_child, &on_my_stack);
    s->error = gt_task_join(task, NULL);
    assert_int_equal(on_my_stack.error, GT_ECANCELLED);
}

static void a_join_outlasts_the_cancelling_of_what_it_joins(void **state)
{
    (void)state;
    fixture f;
    sleeper s = {&f, "parent", 0, -1};
    open_world(&f, NULL);
    gt_task_detach(gt_spawn(f.world, "parent", join_a_child, &s));
    assert_int_equal(gt_settle(f.world), 0);
    close_well(&f);
    assert_int_equal(s.error, 0);
}

static void sleep_then_join_a_child(void *arg)
{
    sleeper *s = arg;
    child on_my_stack = {s->f->world, 0};
    gt_task *task = gt_spawn(s->f->world, "child", sleep_as_a_child, &on_my_stack);
    assert_int_equal(gt_sleep(s->f->world, GT_SEC(2)), GT_ECANCELLED);
    s->error = gt_task_join(task, NULL);
    assert_int_equal(on_my_stack.error, GT_ECANCELLED);
}

static void a_join_may_even_begin_while_the_world_ends(void **state)
{
    (void)state;
    fixture f;
    sleeper s = {&f, "parent", 0, -1};
    open_world(&f, NULL);
    gt_task_detach(gt_spawn(f.world, "parent", sleep_then_join_a_child, &s));
    assert_int_equal(gt_settle(f.world), 0);
    close_well(&f);
    assert_int_equal(s.error, 0);
}

static void a_handle_that_nobody_joined_is_no_leak(void **state)
{
    (void)state;
    fixture f;
    sleeper a = {&f, "a", 0, 0}, b = {&f, "b", GT_MS(1), 0};
    open_world(&f, NULL);
    (void)spawn_sleeper(&a);
    (void)spawn_sleeper(&b);
    assert_int_equal(gt_settle(f.world), 0);
    close_well(&f);
}

/* ---- what is left over
 * --------------------------------------------------------------------------- */

static void what_was_not_freed_is_named_with_its_birthplace(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    (void)gt_event_new_at(f.world, "a.c", 7);
    gt_context *context = gt_context_background_at(f.world, "b.c", 8);
    gt_event_free(gt_event_new_at(f.world, "c.c", 9));
    (void)gt_context_with_cancel_at(context, "d.c", 10);
    close_world(&f);
    assert_int_equal(f.failures, 1);
    assert_int_equal(f.line, 1);
    assert_string_equal(f.text, "left over when the world was freed:\n"
                                "  event made at a.c:7\n"
                                "  context made at b.c:8\n"
                                "  context made at d.c:10");
}

static void go_on_when_cancelled(void *arg)
{
    while (true)
        (void)!gt_sleep(arg, GT_MS(1));
}

static void a_task_that_goes_on_when_cancelled_is_left_over(void **state)
{
    (void)state;
    fixture f;
    sleeper s = {&f, "a", GT_MS(1), 0};
    open_world(&f, NULL);
    gt_task_detach(gt_spawn_at(f.world, "deaf", go_on_when_cancelled, f.world, "a.c", 7));
    gt_task_detach(spawn_sleeper(&s));
    assert_int_equal(gt_settle(f.world), 0);
    close_world(&f);
    assert_int_equal(f.failures, 1);
    assert_int_equal(s.error, GT_ECANCELLED);
    assert_string_equal(f.text, "left over when the world was freed:\n"
                                "  task \"deaf\" started at a.c:7 does not end");
}

static void join_the_deaf(void *arg)
{
    sleeper *s = arg;
    gt_task *task = gt_spawn_at(s->f->world, "deaf", go_on_when_cancelled, s->f->world, "a.c", 7);
    s->error = gt_task_join(task, NULL);
}

static void a_join_of_what_does_not_end_is_cancelled_in_the_end(void **state)
{
    (void)state;
    fixture f;
    sleeper s = {&f, "joins", 0, 0};
    open_world(&f, NULL);
    gt_task_detach(gt_spawn(f.world, "joins", join_the_deaf, &s));
    assert_int_equal(gt_settle(f.world), 0);
    close_world(&f);
    assert_int_equal(s.error, GT_ECANCELLED);
    assert_int_equal(f.failures, 1);
}

static void schedule_again(gt__job *job)
{
    gt__job_schedule(job);
}

static void callbacks_that_do_not_end_are_left_over(void **state)
{
    (void)state;
    fixture f;
    gt__job job;
    open_world(&f, &(gt_world_options){.steps_per_instant = 1000});
    gt__job_init(&job, f.world, schedule_again);
    gt__job_schedule(&job);
    close_world(&f);
    assert_int_equal(f.failures, 1);
    assert_non_null(strstr(f.text, "live-lock at 0.000 ms: more than 1000 steps"));
}

static void fail_when_cancelled(void *arg)
{
    fixture *f = arg;
    if (gt_sleep(f->world, GT_MS(1)))
        gt_world_fail_at(f->world, "a.c", 7, "cut short");
}

static void a_failure_during_the_end_is_raised_after_it(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_task_detach(gt_spawn(f.world, "fails", fail_when_cancelled, &f));
    assert_int_equal(gt_settle(f.world), 0);
    (void)gt_event_new_at(f.world, "b.c", 8);
    close_world(&f);
    assert_int_equal(f.failures, 1);
    assert_int_equal(f.line, 7);
    assert_string_equal(f.text, "cut short");
    assert_null(f.running);
}

/* ---- after a failure
 * ------------------------------------------------------------------------------ */

/* Something in the ledger that says when it goes. */
typedef struct thing {
    gt__entry entry;
    gt__shutdown shutdown;
    fixture *f;
    const char *name;
} thing;

static void say_reclaimed(gt__entry *entry)
{
    thing *t = gt__container_of(entry, thing, entry);
    gt__buffer_printf(&t->f->log, "reclaim %s, ", t->name);
}

static void say_shut_down(gt__shutdown *shutdown)
{
    thing *t = gt__container_of(shutdown, thing, shutdown);
    gt__buffer_printf(&t->f->log, "shut down %s, ", t->name);
}

static void enter(thing *t, fixture *f, const char *name)
{
    *t = (thing){.f = f, .name = name};
    gt__ledger_add(&t->entry, f->world, "thing", "a.c", 7, say_reclaimed);
    gt__shutdown_add(&t->shutdown, f->world, say_shut_down);
}

static void after_a_failure_all_is_reclaimed_in_silence_the_latest_first(void **state)
{
    (void)state;
    fixture f;
    thing a, b;
    sleeper s = {&f, "a", GT_MS(1), -1};
    open_world(&f, NULL);
    enter(&a, &f, "a");
    enter(&b, &f, "b");
    gt_task_detach(spawn_sleeper(&s));
    assert_int_equal(gt_settle(f.world), 0);
    gt_world_fail(f.world, "it failed");
    gt_world_free(f.world);
    assert_int_equal(f.failures, 1);
    assert_int_equal(s.error, -1); /* it was not even run */
    assert_said(&f, "reclaim b, reclaim a, ");
}

static void tasks_of_every_state_are_abandoned(void **state)
{
    (void)state;
    fixture f;
    sleeper s = {&f, "a", GT_MS(1), 0}, done = {&f, "b", 0, 0};
    open_world(&f, NULL);
    gt_event *event = gt_event_new(f.world);
    gt_context *root = gt_context_background(f.world);
    gt_context *context = gt_context_with_timeout(root, GT_MS(5));
    (void)gt_spawn(f.world, "waits", wait_for_event, &s);
    (void)spawn_sleeper(&s);
    (void)spawn_sleeper(&done);
    assert_int_equal(gt_settle(f.world), 0);
    (void)spawn_sleeper(&s);
    assert_int_equal(gt_event_wait(event, context), GT_ETIMEDOUT);
    gt_world_fail(f.world, "it failed");
    close_world(&f);
    assert_int_equal(f.failures, 1);
}

/* ---- what the layers above hang on a world
 * --------------------------------------------------------- */

static void things_are_shut_down_the_latest_first_and_reclaimed_after_success(void **state)
{
    (void)state;
    fixture f;
    thing a, b, c;
    open_world(&f, NULL);
    enter(&a, &f, "a");
    enter(&b, &f, "b");
    enter(&c, &f, "c");
    a.entry.internal = b.entry.internal = true;
    gt__shutdown_remove(&c.shutdown);
    gt__ledger_remove(&c.entry);
    gt_world_free(f.world);
    assert_int_equal(f.failures, 0);
    assert_said(&f, "shut down b, shut down a, reclaim b, reclaim a, ");
}

static const char key_one, key_two;
static gt__buffer *dropped;

static void *make_one(gt_world *world)
{
    assert_non_null(world);
    return gt__strdup("one");
}

static void *make_two(gt_world *world)
{
    char *one = gt__world_attachment(world, &key_one, make_one, NULL);
    return gt__printf("two after %s", one);
}

static void drop(void *object)
{
    gt__buffer_printf(dropped, "drop %s, ", (char *)object);
    gt__free(object);
}

static void an_attachment_is_made_once_and_dropped_last(void **state)
{
    (void)state;
    fixture f;
    thing a;
    open_world(&f, NULL);
    dropped = &f.log;
    enter(&a, &f, "a");
    a.entry.internal = true;
    void *one = gt__world_attachment(f.world, &key_one, make_one, drop);
    void *two = gt__world_attachment(f.world, &key_two, make_two, drop);
    assert_string_equal(two, "two after one");
    assert_ptr_equal(gt__world_attachment(f.world, &key_one, make_one, drop), one);
    gt_world_free(f.world);
    assert_said(&f, "shut down a, reclaim a, drop two after one, drop one, ");
}

/* ---- several worlds
 * -------------------------------------------------------------------------------- */

static void worlds_side_by_side_have_times_of_their_own(void **state)
{
    (void)state;
    fixture one, two;
    open_world(&one, NULL);
    open_world(&two, NULL);
    assert_ptr_equal(gt_world_running(), two.world);
    assert_int_equal(gt_sleep(one.world, GT_MS(5)), 0);
    assert_ptr_equal(gt_world_running(), one.world);
    assert_int_equal(gt_sleep(two.world, GT_MS(7)), 0);
    assert_int_equal(gt_now(one.world), GT_MS(5));
    assert_int_equal(gt_now(two.world), GT_MS(7));
    close_well(&two);
    assert_null(gt_world_running());
    close_well(&one);
}

static void use_a_world_within(void *arg)
{
    fixture f;
    sleeper s = {&f, "inner", GT_MS(3), 0};
    (void)arg;
    open_world(&f, NULL);
    join(spawn_sleeper(&s));
    assert_int_equal(gt_now(f.world), GT_MS(3));
    close_well(&f);
}

static void a_task_may_have_a_world_of_its_own(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    join(gt_spawn(f.world, "outer", use_a_world_within, NULL));
    assert_int_equal(gt_now(f.world), 0);
    close_well(&f);
}

static void *run_a_world(void *seed)
{
    fixture f;
    sleeper sleepers[20];
    open_world(&f, &(gt_world_options){.seed = *(uint64_t *)seed});
    for (int i = 0; i < 20; i++) {
        sleepers[i] = (sleeper){&f, "s", GT_MS(i), 0};
        gt_task_detach(spawn_sleeper(&sleepers[i]));
    }
    (void)!gt_run_until_idle(f.world);
    *(uint64_t *)seed = gt_world_digest(f.world);
    close_world(&f);
    return NULL;
}

static void threads_run_worlds_of_their_own_at_once(void **state)
{
    (void)state;
    uint64_t seeds[] = {5, 5, 6, 5};
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_a_world, &seeds[i]), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_true(seeds[0] == seeds[1] && seeds[1] == seeds[3]);
    assert_true(seeds[0] != seeds[2]);
}

/* ---- size
 * ------------------------------------------------------------------------------------------ */

/* Fewer under the tools: valgrind knows 30,000 mappings at most, TSan 8,000 fibers. */
static void twenty_thousand_tasks_wait_at_once(void **state)
{
    (void)state;
    fixture f;
    size_t count = UNDER_TSAN || gt__tools_want_fresh_stacks() ? 5000 : 20000;
    open_world(&f, &(gt_world_options){.stack_size = (size_t)16 << 10});
    sleeper *sleepers = gt__calloc(count, sizeof(*sleepers));
    for (size_t i = 0; i < count; i++) {
        sleepers[i] = (sleeper){&f, "", GT_MS(1), -1};
        gt_task_detach(spawn_sleeper(&sleepers[i]));
    }
    assert_int_equal(gt_run_until_idle(f.world), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(sleepers[i].error, 0);
    gt__free(sleepers);
    close_well(&f);
}

typedef struct stubborn {
    gt_world *world;
    gt_task *deaf;
    int joins;
} stubborn;

static void join_twice(void *arg)
{
    stubborn *s = arg;
    while (s->joins < 2 && gt_task_join(s->deaf, NULL) == GT_ECANCELLED)
        s->joins++;
}

static void a_join_of_what_does_not_end_is_cancelled_again(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    stubborn s = {.world = f.world};
    s.deaf = gt_spawn_at(f.world, "deaf", go_on_when_cancelled, f.world, "a.c", 7);
    gt_task_detach(gt_spawn(f.world, "joins", join_twice, &s));
    assert_int_equal(gt_settle(f.world), 0);
    close_world(&f);
    assert_int_equal(s.joins, 2);
    assert_int_equal(f.failures, 1);
    assert_string_equal(f.text, "left over when the world was freed:\n"
                                "  task \"deaf\" started at a.c:7 does not end");
}

static void a_task_may_be_refused_more_often_than_an_instant_has_steps(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, &(gt_world_options){.steps_per_instant = 100});
    gt_task_detach(gt_spawn_at(f.world, "deaf", go_on_when_cancelled, f.world, "a.c", 7));
    assert_int_equal(gt_settle(f.world), 0);
    close_world(&f);
    assert_int_equal(f.failures, 1);
    assert_string_equal(
        f.text,
        "live-lock at 0.000 ms: more than 100 steps and time has not moved\n"
        "  task \"test\" (test.c:1) can run\n"
        "  task \"deaf\" (a.c:7) waits for nothing: it goes on when cancelled, since 0.000 ms");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_defaults_to_zero),
        cmocka_unit_test(what_still_waits_is_cancelled_and_runs_out_without_time_moving),
        cmocka_unit_test(a_task_that_had_not_begun_still_runs),
        cmocka_unit_test(a_join_outlasts_the_cancelling_of_what_it_joins),
        cmocka_unit_test(a_join_may_even_begin_while_the_world_ends),
        cmocka_unit_test(a_handle_that_nobody_joined_is_no_leak),
        cmocka_unit_test(what_was_not_freed_is_named_with_its_birthplace),
        cmocka_unit_test(a_task_that_goes_on_when_cancelled_is_left_over),
        cmocka_unit_test(a_join_of_what_does_not_end_is_cancelled_in_the_end),
        cmocka_unit_test(callbacks_that_do_not_end_are_left_over),
        cmocka_unit_test(a_failure_during_the_end_is_raised_after_it),
        cmocka_unit_test(after_a_failure_all_is_reclaimed_in_silence_the_latest_first),
        cmocka_unit_test(tasks_of_every_state_are_abandoned),
        cmocka_unit_test(things_are_shut_down_the_latest_first_and_reclaimed_after_success),
        cmocka_unit_test(an_attachment_is_made_once_and_dropped_last),
        cmocka_unit_test(worlds_side_by_side_have_times_of_their_own),
        cmocka_unit_test(a_task_may_have_a_world_of_its_own),
        cmocka_unit_test(threads_run_worlds_of_their_own_at_once),
        cmocka_unit_test(twenty_thousand_tasks_wait_at_once),
        cmocka_unit_test(a_join_of_what_does_not_end_is_cancelled_again),
        cmocka_unit_test(a_task_may_be_refused_more_often_than_an_instant_has_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
