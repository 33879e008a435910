#include "world_inside.h"

gt_time gt_now(const gt_world *world)
{
    return world->outside ? gt__real_now(world->outside) : world->now;
}

gt_clock gt_world_clock(const gt_world *world)
{
    return world->options.clock;
}

/* ---- when nothing can run -------------------------------------------------------------------- */

gt_time gt__main_bound(const gt_world *world)
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

/* True when so much virtual time went by without progress that none is to be expected. */
static bool past_horizon(const gt_world *world, gt_time next)
{
    if (!world->ticked || next - world->progress <= world->options.horizon)
        return false;
    return world->fruitless > GT__FRUITLESS || gt__main_bound(world) == GT_NEVER;
}

static void jump_to(gt_world *world, gt_time next)
{
    if (past_horizon(world, next)) {
        gt__livelock(world, "time goes by and nothing else happens");
        return;
    }
    world->ticked = true;
    gt__move_time(world, next);
}

static void idle_in_virtual_time(gt_world *world)
{
    const gt__timer *timer = gt__timer_heap_first(&world->timers);
    gt_time next = timer ? timer->when : GT_NEVER;
    bool jumps = world->pace == GT__RUN || world->pace == GT__ADVANCE ||
                 (world->pace == GT__WAIT && world->options.clock == GT_CLOCK_AUTO);
    if (world->pace == GT__ADVANCE && next > world->target) {
        gt__move_time(world, world->target);
        gt__wake_by_clock(&world->main, 0);
    } else if (jumps && timer) {
        jump_to(world, next);
    } else if (world->pace == GT__WAIT) {
        gt__deadlock(world, timer
                                ? "timers are set, but on the manual clock only the test moves time"
                                : "nothing can run and no timer is set");
    } else {
        gt__wake_by_clock(&world->main, 0);
    }
}

/* On the real clock something may always come from outside, so that patience stands in for the
 * certainty that nothing will. */
static void idle_in_real_time(gt_world *world)
{
    const gt__timer *timer = gt__timer_heap_first(&world->timers);
    gt_time until = timer ? timer->when : GT_NEVER;
    gt_time impatient = GT_NEVER;
    if (world->pace == GT__SETTLE)
        until = 0;
    else if (gt__main_bound(world) == GT_NEVER)
        impatient = gt__time_add(world->progress, world->options.patience);
    bool happened = gt__outside_poll(world, until < impatient ? until : impatient);
    if (happened || world->queue.count > world->queue.holes)
        return;
    if (world->pace == GT__SETTLE)
        gt__wake_by_clock(&world->main, 0);
    else if (world->now >= impatient)
        gt__deadlock(world, "nothing has happened for longer than the world's patience");
}

void gt__idle(gt_world *world)
{
    if (world->outside)
        idle_in_real_time(world);
    else
        idle_in_virtual_time(world);
}

/* ---- moving the world along ------------------------------------------------------------------ */

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
    return go(world, GT__ADVANCE, gt__time_add(world->now, duration), "time to be advanced");
}

int gt_run_until_idle(gt_world *world)
{
    gt__enter_main(world, "gt_run_until_idle");
    if (world->outside)
        gt__misuse("gt_run_until_idle: on the real clock a world is never known to be idle");
    return go(world, GT__RUN, 0, "the world to be idle");
}
