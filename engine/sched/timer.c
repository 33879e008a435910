#include "world_inside.h"

static void fire(gt__job *due)
{
    gt__timer *timer = gt__container_of(due, gt__timer, due);
    if (!timer->background)
        gt__progress(due->world);
    timer->fire(timer);
}

void gt__timer_init(gt__timer *timer, gt_world *world, void (*run)(gt__timer *timer))
{
    *timer = (gt__timer){.fire = run};
    gt__job_init(&timer->due, world, fire);
}

void gt__timer_stop(gt__timer *timer)
{
    if (timer->slot)
        gt__timer_heap_remove(&timer->due.world->timers, timer);
    gt__job_cancel(&timer->due);
}

void gt__timer_set(gt__timer *timer, gt_time when)
{
    gt__timer_stop(timer);
    timer->when = when;
    if (when == GT_NEVER)
        return;
    if (when <= timer->due.world->now)
        gt__job_schedule(&timer->due);
    else
        gt__timer_heap_add(&timer->due.world->timers, timer);
}

bool gt__timer_is_set(const gt__timer *timer)
{
    return timer->slot != 0 || gt__job_queued(&timer->due);
}

void gt__move_time(gt_world *world, gt_time now)
{
    if (now > world->now) {
        world->now = now;
        world->steps = 0;
        gt__world_fold(world, (uint64_t)now);
    }
    gt__timer *timer;
    while ((timer = gt__timer_heap_first(&world->timers)) && timer->when <= world->now) {
        gt__timer_heap_remove(&world->timers, timer);
        gt__job_schedule(&timer->due);
    }
}

gt_time gt__time_add(gt_time instant, gt_duration duration)
{
    if (duration > 0 && instant > GT_NEVER - duration)
        return GT_NEVER;
    if (duration < 0 && instant < INT64_MIN - duration)
        return INT64_MIN;
    return instant + duration;
}
