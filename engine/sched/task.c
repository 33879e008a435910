#include "world_inside.h"

static void deadline_passed(gt__timer *timer)
{
    gt_task *task = gt__container_of(timer, gt_task, timer);
    task->timed_out = true;
    gt__wake_by_clock(task, GT_ETIMEDOUT);
}

/* ---- life ---------------------------------------------------------------------------------- */

void gt__task_init(gt_task *task, gt_world *world, const char *name, const char *file, int line)
{
    *task = (gt_task){.world = world, .name = name, .file = file, .line = line};
    gt__job_init(&task->resume, world, NULL);
    gt__timer_init(&task->timer, world, deadline_passed);
    task->timer.background = true;
    gt__list_init(&task->waiter.link);
    gt__list_init(&task->watch.link);
    gt__list_init(&task->asking);
    task->waiter.task = task;
    gt__waitq_init(&task->ended);
    gt__list_push_back(&world->tasks, &task->link);
}

static gt_task *start(gt_world *world, const char *name, gt_task_fn *fn, void *arg,
                      const char *file, int line)
{
    gt_task *task;
    if (gt__list_empty(&world->idle_tasks)) {
        task = gt__malloc(sizeof(*task));
    } else {
        task = gt__container_of(world->idle_tasks.prev, gt_task, link);
        gt__list_remove(&task->link);
    }
    gt__task_init(task, world, name, file, line);
    task->fn = fn;
    task->arg = arg;
    task->state = GT__TASK_READY;
    gt__job_schedule(&task->resume);
    return task;
}

void gt__spawn(gt_world *world, const char *name, gt_task_fn *fn, void *arg, const char *file,
               int line)
{
    start(world, name, fn, arg, file, line);
}

gt_task *gt_spawn_at(gt_world *world, const char *name, gt_task_fn *fn, void *arg, const char *file,
                     int line)
{
    gt__enter(world);
    gt__world_at(world, file, line);
    char *own_name = gt__strdup(name);
    gt_task *task = start(world, own_name, fn, arg, file, line);
    task->own_name = own_name;
    task->has_handle = true;
    return task;
}

void gt__task_cut(gt_task *task)
{
    gt__list_remove(&task->waiter.link);
    for (size_t i = 0; i < task->thing_count; i++)
        gt__list_remove(&task->waiters[i].link);
    gt__free(task->waiters);
    task->waiters = NULL;
    task->thing_count = 0;
    gt__list_remove(&task->asking);
    gt__watch_stop(&task->watch);
    task->context = NULL;
    gt__timer_stop(&task->timer);
    gt__job_cancel(&task->resume);
    if (task->fd_wait)
        gt__source_stop(&task->fd_wait->source);
}

/* Into the store of structures to be reused. */
static void release(gt_task *task)
{
    gt__list_remove(&task->link);
    gt__free(task->own_name);
    gt__free(task->fd_wait);
    task->own_name = NULL;
    task->fd_wait = NULL;
    gt__list_push_back(&task->world->idle_tasks, &task->link);
}

void gt__task_finished(gt_task *task)
{
    task->state = GT__TASK_DONE;
    task->worker = NULL;
    gt__wake_all(&task->ended);
    if (!task->has_handle)
        release(task);
}

void gt__task_cut_off(gt_task *task)
{
    gt__task_cut(task);
    if (task->joins)
        task->joins->joined = false;
    task->joins = NULL;
}

void gt__task_leave(gt_task *task)
{
    gt__task_cut_off(task);
    task->state = GT__TASK_LEFT;
    task->what = task->subject = NULL;
    gt__wake_all(&task->ended);
}

void gt__task_free(gt_task *task)
{
    gt__task_cut(task);
    gt__list_remove(&task->link);
    gt__free(task->own_name);
    gt__free(task->fd_wait);
    gt__free(task);
}

/* ---- handles ------------------------------------------------------------------------------- */

static void check_join(const gt_task *task, const gt_task *self)
{
    if (task == self)
        gt__misuse("gt_task_join: task \"%s\" joins itself", task->name);
    if (task->joined)
        gt__misuse("gt_task_join: task \"%s\" is joined already", task->name);
    if (!task->has_handle)
        gt__misuse("gt_task_join: task \"%s\" was not spawned, or is detached", task->name);
}

int gt_task_join(gt_task *task, gt_context *context)
{
    gt_task *self = gt__enter_task(task->world, "gt_task_join");
    int error = 0;
    check_join(task, self);
    task->joined = true;
    self->joins = task;
    while (task->state != GT__TASK_DONE && !error)
        error =
            gt__wait(task->world, &task->ended, context, GT_NEVER, "the end of task", task->name);
    self->joins = NULL;
    task->joined = false;
    if (!error)
        release(task);
    return error;
}

void gt_task_detach(gt_task *task)
{
    gt__enter(task->world);
    if (!task->has_handle || task->joined)
        gt__misuse("gt_task_detach: task \"%s\" is %s", task->name,
                   task->joined ? "being joined" : "detached already");
    task->has_handle = false;
    if (task->state == GT__TASK_DONE)
        release(task);
}

bool gt_task_done(const gt_task *task)
{
    return task->state == GT__TASK_DONE;
}

gt_task *gt_task_current(const gt_world *world)
{
    gt__enter(world);
    return world->current;
}

const char *gt_task_name(const gt_task *task)
{
    return task->name;
}

bool gt_task_is_test(const gt_task *task)
{
    return task == &task->world->main;
}

/* ---- gt_task_waitable ---------------------------------------------------------------------- */

static bool task_ready(void *object)
{
    return gt_task_done(object);
}

static gt__waitq *task_queue(void *object)
{
    return &((gt_task *)object)->ended;
}

gt_waitable gt_task_waitable(gt_task *task)
{
    static const struct gt__waitable_kind kind = {"the end of a task", task_ready, task_queue};
    return (gt_waitable){&kind, task};
}
