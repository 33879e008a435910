#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world_fixture.h"

#include "engine/core/death_test.h"

#include <pthread.h>

static gt_world *make_world(gt_clock clock)
{
    return gt_world_new_at(&(gt_world_options){.clock = clock}, "test.c", 1);
}

/* Runs `fn(world)` as a task of a new world. */
static void run_task(gt_task_fn *fn)
{
    gt_world *world = make_world(GT_CLOCK_AUTO);
    (void)!gt_task_join(gt_spawn(world, "guilty", fn, world), NULL);
}

/* Runs `fire` as a timer of a new world. */
static void run_timer(void (*fire)(gt__timer *timer))
{
    gt_world *world = make_world(GT_CLOCK_AUTO);
    gt__timer timer;
    gt__timer_init(&timer, world, fire);
    gt__timer_set(&timer, 0);
    gt_settle(world);
}

/* ---- blocking in a callback ---------------------------------------------------------------- */

static void sleep_in_timer(gt__timer *timer)
{
    gt_sleep(timer->due.world, 1);
}

static void wait_in_timer(gt__timer *timer)
{
    gt__waitq queue;
    gt__waitq_init(&queue);
    (void)!gt__wait(timer->due.world, &queue, NULL, GT_NEVER, "a turn", NULL);
}

static bool yield_in_predicate(void *world)
{
    gt_yield(world);
    return true;
}

static void block_in_timer(void *arg)
{
    (void)arg;
    run_timer(sleep_in_timer);
}

static void block_in_timer_by_hand(void *arg)
{
    (void)arg;
    run_timer(wait_in_timer);
}

static void block_in_predicate(void *arg)
{
    (void)arg;
    gt_world *world = make_world(GT_CLOCK_AUTO);
    (void)!gt_wait_until(world, NULL, yield_in_predicate, world, "never");
}

static void a_callback_that_blocks_is_misuse(void **state)
{
    (void)state;
    assert_dies(block_in_timer, NULL,
                "grpctest: gt_sleep was called from a callback, which must not block\n");
    assert_dies(block_in_timer_by_hand, NULL,
                "grpctest: gt__wait was called from a callback, which must not block\n");
    assert_dies(block_in_predicate, NULL,
                "grpctest: gt_yield was called from a callback, which must not block\n");
}

/* ---- what belongs to the test's own task --------------------------------------------------- */

static void free_world(void *world)
{
    gt_world_free(world);
}

static void free_in_timer(gt__timer *timer)
{
    gt_world_free(timer->due.world);
}

static void free_from_task(void *arg)
{
    (void)arg;
    run_task(free_world);
}

static void free_from_callback(void *arg)
{
    (void)arg;
    run_timer(free_in_timer);
}

static void a_world_freed_from_within_is_misuse(void **state)
{
    (void)state;
    assert_dies(free_from_task, NULL,
                "grpctest: gt_world_free was called from task \"guilty\"; it belongs to the test's "
                "own\n");
    assert_dies(free_from_callback, NULL,
                "grpctest: gt_world_free was called from a callback; it belongs to the test's own "
                "task\n");
}

static void settle(void *world)
{
    gt_settle(world);
}

static void settle_from_task(void *arg)
{
    (void)arg;
    run_task(settle);
}

static void moving_the_world_along_from_a_task_is_misuse(void **state)
{
    (void)state;
    assert_dies(settle_from_task, NULL,
                "grpctest: gt_settle was called from task \"guilty\"; only the test's own may\n");
}

/* ---- threads ------------------------------------------------------------------------------- */

static void *make_world_in_thread(void *arg)
{
    *(gt_world **)arg = make_world(GT_CLOCK_AUTO);
    return NULL;
}

static void use_from_another_thread(void *arg)
{
    (void)arg;
    pthread_t thread;
    gt_world *world;
    pthread_create(&thread, NULL, make_world_in_thread, &world);
    pthread_join(thread, NULL);
    gt_sleep(world, 1);
}

static void a_world_used_from_another_thread_is_misuse(void **state)
{
    (void)state;
    assert_dies(use_from_another_thread, NULL,
                "grpctest: a world made in one thread (test.c:1) was used in another, which may "
                "only post\n");
}

/* ---- joining
 * ------------------------------------------------------------------------------------- */

static void join_oneself(void *world)
{
    (void)!gt_task_join(gt_task_current(world), NULL);
}

static void join_oneself_in_task(void *arg)
{
    (void)arg;
    run_task(join_oneself);
}

static void sleep_a_little(void *world)
{
    gt_sleep(world, 1);
}

static void do_nothing(void *arg)
{
    (void)arg;
}

static void join_detached(void *arg)
{
    (void)arg;
    gt_world *world = make_world(GT_CLOCK_AUTO);
    gt_task *task = gt_spawn(world, "free", do_nothing, NULL);
    gt_task_detach(task);
    (void)!gt_task_join(task, NULL);
}

static void detach_twice(void *arg)
{
    (void)arg;
    gt_world *world = make_world(GT_CLOCK_AUTO);
    gt_task *task = gt_spawn(world, "free", do_nothing, NULL);
    gt_task_detach(task);
    gt_task_detach(task);
}

static void detach_what_is_joined(void *task)
{
    gt_task_detach(task);
}

static void detach_while_joined(void *arg)
{
    (void)arg;
    gt_world *world = make_world(GT_CLOCK_AUTO);
    gt_task *task = gt_spawn(world, "wanted", sleep_a_little, world);
    gt_task_detach(gt_spawn(world, "detaches", detach_what_is_joined, task));
    (void)!gt_task_join(task, NULL);
}

static void join_again(void *task)
{
    (void)!gt_task_join(task, NULL);
}

static void join_twice(void *arg)
{
    (void)arg;
    gt_world *world = make_world(GT_CLOCK_AUTO);
    gt_task *task = gt_spawn(world, "wanted", sleep_a_little, world);
    gt_task_detach(gt_spawn(world, "joins", join_again, task));
    (void)!gt_task_join(task, NULL);
}

static void joining_what_cannot_be_joined_is_misuse(void **state)
{
    (void)state;
    assert_dies(join_oneself_in_task, NULL,
                "grpctest: gt_task_join: task \"guilty\" joins itself\n");
    assert_dies(join_detached, NULL,
                "grpctest: gt_task_join: task \"free\" was not spawned, or is detached\n");
    assert_dies(detach_twice, NULL,
                "grpctest: gt_task_detach: task \"free\" is detached already\n");
    assert_dies(detach_while_joined, NULL,
                "grpctest: gt_task_detach: task \"wanted\" is being joined\n");
    assert_dies(join_twice, NULL, "grpctest: gt_task_join: task \"wanted\" is joined already\n");
}

/* ---- clocks
 * -------------------------------------------------------------------------------------- */

static void post_to_virtual(void *arg)
{
    (void)arg;
    gt_world_post(make_world(GT_CLOCK_AUTO), do_nothing, NULL);
}

static void wait_fd_on_virtual(void *arg)
{
    (void)arg;
    (void)!gt_wait_fd(make_world(GT_CLOCK_MANUAL), NULL, GT_NEVER, 0, GT_READABLE);
}

static void start_source_on_virtual(void *arg)
{
    gt__source source;
    gt__source_start(&source, make_world(GT_CLOCK_AUTO), 0, GT_READABLE, NULL);
    (void)arg;
}

static void idle_on_real(void *arg)
{
    (void)arg;
    gt_run_until_idle(make_world(GT_CLOCK_REAL));
}

static void turn_back_time(void *arg)
{
    (void)arg;
    gt_advance(make_world(GT_CLOCK_MANUAL), -5);
}

static void leave_time(void *arg)
{
    (void)arg;
    gt_advance(make_world(GT_CLOCK_MANUAL), GT_NEVER);
}

static void what_belongs_to_another_clock_is_misuse(void **state)
{
    (void)state;
    assert_dies(post_to_virtual, NULL,
                "grpctest: gt_world_post: a world with a virtual clock hears nothing from "
                "outside\n");
    assert_dies(wait_fd_on_virtual, NULL,
                "grpctest: gt_wait_fd: a file descriptor cannot be waited for on a virtual "
                "clock\n");
    assert_dies(start_source_on_virtual, NULL,
                "grpctest: a file descriptor cannot be waited for on a virtual clock\n");
    assert_dies(idle_on_real, NULL,
                "grpctest: gt_run_until_idle: on the real clock a world is never known to be "
                "idle\n");
    assert_dies(turn_back_time, NULL, "grpctest: gt_advance by -5 ns: time does not go back\n");
    assert_dies(leave_time, NULL,
                "grpctest: gt_advance by 9223372036854775807 ns: time does not go so far\n");
}

/* ---- contexts
 * ------------------------------------------------------------------------------------ */

static void cancel_background(void *arg)
{
    (void)arg;
    gt_context_cancel(NULL);
}

static void make_orphan(void *arg)
{
    (void)arg;
    (void)gt_context_with_timeout_at(NULL, 5, "a.c", 7);
}

static void wait_for_background(void *arg)
{
    (void)arg;
    gt_context_wait(NULL);
}

static void null_where_a_context_of_a_world_is_needed_is_misuse(void **state)
{
    (void)state;
    assert_dies(cancel_background, NULL,
                "grpctest: gt_context_cancel: NULL is the background, which cannot be "
                "cancelled\n");
    assert_dies(make_orphan, NULL,
                "grpctest: a.c:7: a context's parent may not be NULL; gt_context_background makes "
                "one\n");
    assert_dies(wait_for_background, NULL,
                "grpctest: a context of a world is needed here; NULL is the background of any\n");
}

static void wait_under_another_world(void *arg)
{
    (void)arg;
    gt_world *here = gt_world_new(NULL), *there = gt_world_new(NULL);
    gt_event *event = gt_event_new(here);
    (void)!gt_event_wait(event, gt_context_background(there));
}

static void a_context_of_another_world_is_misuse(void **state)
{
    (void)state;
    assert_dies(wait_under_another_world, NULL,
                "grpctest: task \"test\" waits under a context of another world, whose clock is "
                "another\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_callback_that_blocks_is_misuse),
        cmocka_unit_test(a_world_freed_from_within_is_misuse),
        cmocka_unit_test(moving_the_world_along_from_a_task_is_misuse),
        cmocka_unit_test(a_world_used_from_another_thread_is_misuse),
        cmocka_unit_test(joining_what_cannot_be_joined_is_misuse),
        cmocka_unit_test(what_belongs_to_another_clock_is_misuse),
        cmocka_unit_test(null_where_a_context_of_a_world_is_needed_is_misuse),
        cmocka_unit_test(a_context_of_another_world_is_misuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
