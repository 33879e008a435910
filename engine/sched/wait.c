#include "world_inside.h"

/* A task that asks again so often to wait, though the world is ending, will not end. */
#define REFUSALS_AT_THE_END 10000

/* ---- wait queues --------------------------------------------------------------------------- */

void gt__waitq_init(gt__waitq *queue)
{
    gt__list_init(&queue->waiters);
}

void gt__wake_one(gt__waitq *queue)
{
    if (gt__list_empty(&queue->waiters))
        return;
    gt__waiter *waiter = gt__container_of(queue->waiters.next, gt__waiter, link);
    gt__list_remove(&waiter->link);
    gt__wake(waiter->task, 0);
}

void gt__wake_all(gt__waitq *queue)
{
    while (!gt__list_empty(&queue->waiters))
        gt__wake_one(queue);
}

void gt__waitq_end(gt__waitq *queue, int error)
{
    while (!gt__list_empty(&queue->waiters)) {
        gt__waiter *waiter = gt__container_of(queue->waiters.next, gt__waiter, link);
        gt__list_remove(&waiter->link);
        gt__wake(waiter->task, error);
    }
}

static void make_ready(gt_task *task, int result)
{
    task->state = GT__TASK_READY;
    task->result = result;
    gt__list_remove(&task->asking);
    gt__job_schedule(&task->resume);
}

void gt__wake(gt_task *task, int result)
{
    if (task->state != GT__TASK_WAITING)
        return;
    gt__progress(task->world);
    make_ready(task, result);
}

void gt__wake_by_clock(gt_task *task, int result)
{
    gt_world *world = task->world;
    if (task->state != GT__TASK_WAITING)
        return;
    if (task == &world->main && ++world->fruitless <= GT__FRUITLESS)
        world->progress = world->now;
    make_ready(task, result);
}

/* ---- one wait ------------------------------------------------------------------------------ */

int gt__world_error(const gt_world *world)
{
    if (world->failed)
        return GT_EPOISONED;
    return world->phase == GT__ALIVE ? 0 : GT_ECANCELLED;
}

static int wait_error(const gt_task *task, gt_context *context, gt_time deadline)
{
    const gt_world *world = task->world;
    int error = gt__world_error(world);
    if (error == GT_ECANCELLED && task->joins && world->phase == GT__ENDING)
        error = 0;
    if (!error && context)
        error = gt_context_error(context);
    if (!error && deadline != GT_NEVER && deadline <= gt_now(world))
        error = GT_ETIMEDOUT;
    return error;
}

/* For good, or until somebody frees the world. */
static void stop(gt_task *task, const char *what)
{
    task->what = what;
    task->subject = NULL;
    task->since = gt_now(task->world);
    task->state = GT__TASK_WAITING;
    gt__park(task);
}

/* A task may ask again and again and never take no for an answer. */
static int refuse(gt_task *task, int error)
{
    gt_world *world = task->world;
    bool test = task == &world->main, too_often = gt__step(world);
    if (test && too_often && world->failed)
        gt__misuse("the test goes on waiting in a world that has failed");
    if (too_often && world->phase == GT__ALIVE) {
        gt__livelock_of_steps(world);
        error = GT_ELIVELOCK;
    }
    if (test)
        gt__world_raise(world);
    else if (world->failed)
        stop(task, "the end of a world that has failed");
    else if (world->phase != GT__ALIVE && ++task->refused > REFUSALS_AT_THE_END)
        stop(task, "nothing: it goes on when cancelled");
    return error;
}

static void context_done(gt__watch *watch)
{
    gt_task *task = gt__container_of(watch, gt_task, watch);
    gt__wake(task, gt_context_error(task->context));
}

int gt__wait_error(gt_task *task, gt_context *context, gt_time deadline)
{
    if (context && gt_context_world(context) != task->world)
        gt__misuse("task \"%s\" waits under a context of another world, whose clock is another",
                   task->name);
    int error = wait_error(task, context, deadline);
    return error ? refuse(task, error) : 0;
}

int gt__task_wait(gt_task *task, gt_context *context, gt_time deadline, const char *what,
                  const char *subject)
{
    gt_world *world = task->world;
    task->what = what;
    task->subject = subject;
    task->since = gt_now(world);
    task->timed_out = false;
    task->state = GT__TASK_WAITING;
    if (deadline != GT_NEVER)
        gt__timer_set(&task->timer, deadline);
    task->context = context;
    if (context)
        gt__watch_start(&task->watch, context, context_done);
    gt__park(task);
    gt__task_cut(task);
    if (task == &world->main) {
        if (world->pace == GT__WAIT)
            world->steps = 0;
        gt__world_raise(world);
    }
    return task->result;
}

int gt__wait(gt_world *world, gt__waitq *queue, gt_context *context, gt_time deadline,
             const char *what, const char *subject)
{
    gt_task *task = gt__enter_task(world, "gt__wait");
    int error = gt__wait_error(task, context, deadline);
    if (error)
        return error;
    gt__list_push_back(&queue->waiters, &task->waiter.link);
    return gt__task_wait(task, context, deadline, what, subject);
}

/* ---- time ---------------------------------------------------------------------------------- */

/* The turn passes to all others that can run, which is no wait: nothing can end it early. */
static int yield(gt_task *task)
{
    gt_world *world = task->world;
    int error = gt__wait_error(task, NULL, GT_NEVER);
    if (error)
        return error;
    task->state = GT__TASK_READY;
    task->result = 0;
    gt__run_queue_push_behind(&world->queue, &task->resume);
    gt__park(task);
    if (task == &world->main)
        gt__world_raise(world);
    return gt__world_error(world);
}

int gt_yield(gt_world *world)
{
    return yield(gt__enter_task(world, "gt_yield"));
}

static int sleep_under(gt_world *world, gt_context *context, gt_duration duration,
                       const char *function)
{
    gt_task *task = gt__enter_task(world, function);
    int error = gt__wait_error(task, context, GT_NEVER);
    if (error)
        return error;
    if (duration <= 0)
        return yield(task);
    gt_time deadline = gt__time_add(gt_now(world), duration);
    error = gt__task_wait(task, context, deadline, "time to pass", NULL);
    return task->timed_out ? 0 : error;
}

int gt_sleep(gt_world *world, gt_duration duration)
{
    return sleep_under(world, NULL, duration, "gt_sleep");
}

int gt_context_sleep(gt_context *context, gt_duration duration)
{
    return sleep_under(gt_context_world(context), context, duration, "gt_context_sleep");
}

/* ---- conditions ---------------------------------------------------------------------------- */

static bool ask(gt_world *world, bool (*predicate)(void *arg), void *arg)
{
    gt_task *task = gt__callback_begin(world);
    bool holds = predicate(arg);
    gt__callback_end(world, task);
    return holds;
}

int gt_wait_until(gt_world *world, gt_context *context, bool (*predicate)(void *arg), void *arg,
                  const char *what)
{
    gt_task *task = gt__enter_task(world, "gt_wait_until");
    int error = 0;
    while (!error && !ask(world, predicate, arg)) {
        error = gt__wait_error(task, context, GT_NEVER);
        if (error)
            break;
        task->predicate = predicate;
        task->predicate_arg = arg;
        gt__list_push_back(&world->asking, &task->asking);
        error = gt__task_wait(task, context, GT_NEVER, NULL, what ? what : "a condition holds");
    }
    if (task == &world->main)
        gt__world_raise(world);
    return error;
}

/* ---- any of several ------------------------------------------------------------------------ */

static int ready_index(const gt_waitable *things, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (things[i].kind->ready(things[i].object))
            return (int)i;
    return -1;
}

static void line_up(gt_task *task, const gt_waitable *things, size_t count)
{
    task->waiters = gt__malloc(count * sizeof(*task->waiters));
    task->things = things;
    task->thing_count = count;
    for (size_t i = 0; i < count; i++) {
        task->waiters[i].task = task;
        gt__list_push_back(&things[i].kind->queue(things[i].object)->waiters,
                           &task->waiters[i].link);
    }
}

int gt_wait_any(gt_world *world, gt_context *context, gt_time deadline, const gt_waitable *things,
                size_t count)
{
    gt_task *task = gt__enter_task(world, "gt_wait_any");
    for (;;) {
        int index = ready_index(things, count);
        if (index >= 0)
            return index;
        int error = gt__wait_error(task, context, deadline);
        if (error)
            return error;
        if (count > 0)
            line_up(task, things, count);
        error = gt__task_wait(task, context, deadline, count > 0 ? "any of" : "time to pass", NULL);
        if (error)
            return error;
    }
}
