#include "world_inside.h"

/* ---- jobs ---------------------------------------------------------------------------------- */

void gt__job_init(gt__job *job, gt_world *world, void (*run)(gt__job *job))
{
    *job = (gt__job){.run = run, .world = world, .id = world->next_id++};
}

void gt__job_schedule(gt__job *job)
{
    if (!job->slot)
        gt__run_queue_push(&job->world->queue, job);
}

void gt__job_cancel(gt__job *job)
{
    if (job->slot)
        gt__run_queue_remove(&job->world->queue, job);
}

bool gt__job_queued(const gt__job *job)
{
    return job->slot != 0;
}

/* ---- picking ------------------------------------------------------------------------------- */

void gt__world_fold(gt_world *world, uint64_t number)
{
    world->digest = gt__digest_fold(world->digest, number);
}

bool gt__step(gt_world *world)
{
    return ++world->steps > world->options.steps_per_instant;
}

/* Asks each once. A predicate may wake others, so the list is turned round once, past a marker. */
static void ask_predicates(gt_world *world)
{
    gt__list_remove(&world->asking_marker);
    gt__list_push_back(&world->asking, &world->asking_marker);
    while (world->asking.next != &world->asking_marker) {
        gt_task *task = gt__container_of(world->asking.next, gt_task, asking);
        gt__list_remove(&task->asking);
        gt__list_push_back(&world->asking, &task->asking);
        if (task->predicate(task->predicate_arg))
            gt__wake(task, 0);
    }
    gt__list_remove(&world->asking_marker);
}

/* After a failure nothing runs but the test. */
static gt_task *main_alone(gt_world *world)
{
    gt__job_cancel(&world->main.resume);
    return &world->main;
}

gt_task *gt__pick(gt_world *world)
{
    world->current = NULL;
    while (!world->failed) {
        if (!gt__list_empty(&world->asking))
            ask_predicates(world);
        gt__job *job = gt__run_queue_pop(&world->queue);
        if (!job) {
            gt__idle(world);
        } else if (gt__step(world) && !world->outside) {
            gt__run_queue_push(&world->queue, job);
            gt__livelock_of_steps(world);
        } else {
            gt__world_fold(world, job->id);
            if (world->outside)
                gt__outside_turn(world);
            if (!job->run)
                return gt__container_of(job, gt_task, resume);
            job->run(job);
        }
    }
    return main_alone(world);
}
