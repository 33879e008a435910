#include "world_inside.h"

gt_time gt_now(const gt_world *world)
{
    return world->outside ? gt__real_now(world->outside) : world->now;
}

gt_clock gt_world_clock(const gt_world *world)
{
    return world->options.clock;
}

/* ---- when nothing can run ------------------------------------------------------------------ */

/* The instant at which the wait of task 0 ends by itself; GT_NEVER when nothing says so. */
static gt_time bound_of_test(const gt_world *world)
{
    const gt_task *test = &world->main;
    gt_time bound = GT_NEVER, deadline;
    if (world->pace == GT__ADVANCE)
        bound = world->target;
    if (gt__timer_is_set(&test->timer))
        bound = test->timer.when;
    if (test->context && gt_context_deadline(test->context, &deadline) && deadline < bound)
        bound = deadline;
    return bound;
}

/* A wait that says when it ends needs nobody to end it - unless the test does nothing but wait. */
static bool is_open_ended(const gt_world *world)
{
    return bound_of_test(world) == GT_NEVER || world->fruitless > GT__FRUITLESS;
}

/* True when so much virtual time went by without progress that none is to be expected. */
static bool past_horizon(const gt_world *world, gt_time next)
{
    return world->ticked && next - world->progress > world->options.horizon && is_open_ended(world);
}

static void jump_to(gt_world *world, gt_time next)
{
    if (past_horizon(world, next)) {
        gt__livelock(world, "for %.3f ms nothing but time has moved",
                     (double)(next - world->progress) / 1e6);
        return;
    }
    world->ticked = true;
    gt__move_time(world, next);
}

static void stuck(gt_world *world)
{
    const gt__timer *timer = gt__timer_heap_first(&world->timers);
    if (timer)
        gt__deadlock(world,
                     "nothing can run; %zu timer%s on the manual clock, the first for "
                     "%.3f ms, and only the test moves it",
                     world->timers.count, world->timers.count == 1 ? " waits" : "s wait",
                     (double)timer->when / 1e6);
    else
        gt__deadlock(world, "nothing can run and no timer is set");
}

static void idle_in_virtual_time(gt_world *world)
{
    const gt__timer *timer = gt__timer_heap_first(&world->timers);
    gt_time next = timer ? timer->when : GT_NEVER;
    switch (world->pace) {
    case GT__WAIT:
        if (timer && world->options.clock == GT_CLOCK_AUTO)
            jump_to(world, next);
        else
            stuck(world);
        return;
    case GT__ADVANCE:
        if (world->now < world->target) {
            jump_to(world, next < world->target ? next : world->target);
            return;
        }
        break;
    case GT__RUN:
        if (timer) {
            jump_to(world, next);
            return;
        }
        break;
    case GT__SETTLE:
        break;
    }
    gt__wake_by_clock(&world->main, 0);
}

/* What tasks take to compute is no time in which nothing happens. */
static void note_busy_time(gt_world *world)
{
    gt_time before = world->now;
    gt__move_time(world, gt__real_now(world->outside));
    world->progress += world->now - before;
}

/* On the real clock something may always come from outside, so that patience stands in for the
 * certainty that nothing will. */
static void wait_in_real_time(gt_world *world)
{
    const gt__timer *timer = gt__timer_heap_first(&world->timers);
    gt_time until = timer ? timer->when : GT_NEVER, impatient = GT_NEVER;
    if (is_open_ended(world))
        impatient = gt__time_add(world->progress, world->options.patience);
    bool happened = gt__outside_poll(world, until < impatient ? until : impatient);
    if (!happened && gt__run_queue_empty(&world->queue) && world->now >= impatient)
        gt__deadlock(world, "nothing has happened for %.3f ms",
                     (double)(world->now - world->progress) / 1e6);
}

/* While the world ends, nothing more is let in. */
static void settle_in_real_time(gt_world *world)
{
    bool happened = world->phase == GT__ALIVE && gt__outside_poll(world, 0);
    if (!happened && gt__run_queue_empty(&world->queue))
        gt__wake_by_clock(&world->main, 0);
}

void gt__idle(gt_world *world)
{
    if (!world->outside) {
        idle_in_virtual_time(world);
        return;
    }
    note_busy_time(world);
    if (!gt__run_queue_empty(&world->queue))
        return;
    if (world->pace == GT__SETTLE)
        settle_in_real_time(world);
    else
        wait_in_real_time(world);
}

/* ---- moving the world along ---------------------------------------------------------------- */

static int go(gt_world *world, gt__pace pace, gt_time target, const char *what)
{
    int error = gt__wait_error(&world->main, NULL, GT_NEVER);
    if (error)
        return error;
    gt__pace before = world->pace;
    world->pace = pace;
    world->target = target;
    error = gt__task_wait(&world->main, NULL, GT_NEVER, what, NULL);
    world->pace = before;
    return error;
}

void gt__run_out(gt_world *world)
{
    world->pace = GT__SETTLE;
    if (world->outside)
        gt__outside_poll(world, 0);
    (void)gt__task_wait(&world->main, NULL, GT_NEVER, "the world to end", NULL);
}

int gt_settle(gt_world *world)
{
    gt__enter_main(world, "gt_settle");
    return go(world, GT__SETTLE, 0, "the world to settle");
}

int gt_advance(gt_world *world, gt_duration duration)
{
    gt__enter_main(world, "gt_advance");
    if (duration < 0)
        gt__misuse("gt_advance by %lld ns: time does not go back", (long long)duration);
    if (world->outside) {
        int error = gt_sleep(world, duration);
        return error ? error : go(world, GT__SETTLE, 0, "the world to settle");
    }
    gt_time target = gt__time_add(world->now, duration);
    if (target == GT_NEVER)
        gt__misuse("gt_advance by %lld ns: time does not go so far", (long long)duration);
    return go(world, GT__ADVANCE, target, "time to be advanced");
}

int gt_run_until_idle(gt_world *world)
{
    gt__enter_main(world, "gt_run_until_idle");
    if (world->outside)
        gt__misuse("gt_run_until_idle: on the real clock a world is never known to be idle");
    return go(world, GT__RUN, 0, "the world to be idle");
}
