#include "world_inside.h"

/* Workers kept for the next task; more than this run at once only in large tests. */
#define IDLE_WORKERS 16

void gt__worker_free(gt__worker *worker)
{
    gt__list_remove(&worker->link);
    gt__fiber_free(worker->fiber);
    gt__free(worker);
}

/* First thing on a stack that was switched to. */
static void arrive(gt_world *world, gt__worker *worker)
{
    world->stack = worker;
    if (world->ended) {
        gt__worker_free(world->ended);
        world->ended = NULL;
    }
}

static gt__fiber *fiber_of(gt_world *world, gt__worker *worker)
{
    return worker ? worker->fiber : world->main_fiber;
}

/* Gives the stack from one worker to another; NULL is task 0's stack. Returns when it is given
 * back. */
static void hand_over(gt_world *world, gt__worker *from, gt__worker *to)
{
    gt__fiber_switch(fiber_of(world, from), fiber_of(world, to));
    arrive(world, from);
}

static void run_task(gt__worker *worker)
{
    gt_task *task = worker->task;
    task->state = GT__TASK_RUNNING;
    worker->world->current = task;
    task->fn(task->arg);
    gt__task_finished(task);
    worker->task = NULL;
}

/* A worker without a task goes idle, or, where there are enough, ends. */
static void retire(gt__worker *worker, gt__worker *to)
{
    gt_world *world = worker->world;
    if (world->idle_worker_count >= IDLE_WORKERS) {
        world->ended = worker;
        gt__fiber_switch_final(worker->fiber, fiber_of(world, to));
    }
    gt__list_push_back(&world->idle_workers, &worker->link);
    world->idle_worker_count++;
    hand_over(world, worker, to);
}

/* The life of a worker: a task that has not begun is run on this very stack, without a switch. */
static void work(void *arg)
{
    gt__worker *worker = arg;
    gt_world *world = worker->world;
    arrive(world, worker);
    for (;;) {
        if (worker->task)
            run_task(worker);
        gt_task *next = gt__pick(world);
        if (!next->worker && next != &world->main) {
            worker->task = next;
            next->worker = worker;
        } else {
            retire(worker, next->worker);
        }
    }
}

static gt__worker *new_worker(gt_world *world)
{
    gt__worker *worker = gt__new(gt__worker);
    worker->world = world;
    gt__list_init(&worker->link);
    worker->fiber = gt__fiber_new(world->options.stack_size, work, worker);
    return worker;
}

static gt__worker *idle_worker(gt_world *world)
{
    if (gt__list_empty(&world->idle_workers))
        return new_worker(world);
    gt__worker *worker = gt__container_of(world->idle_workers.prev, gt__worker, link);
    gt__list_remove(&worker->link);
    world->idle_worker_count--;
    return worker;
}

/* The stack on which a picked task runs, or will begin; NULL is task 0's. */
static gt__worker *worker_for(gt_world *world, gt_task *task)
{
    if (!task->worker && task != &world->main) {
        task->worker = idle_worker(world);
        task->worker->task = task;
    }
    return task->worker;
}

/* Task 0 lets an idle worker do the picking: callbacks then never run on the test's own stack, and
 * a longjmp out of one is always noticed. */
static void park_main(gt_world *world)
{
    gt__thread_here.sched.world = world;
    world->current = NULL;
    hand_over(world, NULL, idle_worker(world));
}

void gt__park(gt_task *task)
{
    gt_world *world = task->world;
    if (task == &world->main) {
        park_main(world);
    } else {
        gt_task *next = gt__pick(world);
        if (next != task)
            hand_over(world, task->worker, worker_for(world, next));
    }
    task->state = GT__TASK_RUNNING;
    world->current = task;
}

void gt__abandon_stack(gt_world *world)
{
    gt__worker *left = world->stack;
    if (left->task)
        gt__task_leave(left->task);
    gt__list_push_back(&world->left_workers, &left->link);
    gt_task *next = gt__pick(world);
    gt__fiber_switch_final(left->fiber, fiber_of(world, worker_for(world, next)));
}
