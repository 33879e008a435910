#include "world_inside.h"

/* A world of thousands of tasks is not told in full. */
#define TASKS_TOLD 100

static double milliseconds(gt_time time)
{
    return (double)time / 1e6;
}

static void describe_state(gt__buffer *text, const gt_task *task)
{
    switch (task->state) {
    case GT__TASK_WAITING:
        gt__buffer_printf(text, "waits for %s%s%s, since %.3f ms", task->what,
                          task->subject ? " " : "", task->subject ? task->subject : "",
                          milliseconds(task->since));
        break;
    case GT__TASK_READY:
        gt__buffer_add_text(text, "can run");
        break;
    case GT__TASK_RUNNING:
        gt__buffer_add_text(text, "runs");
        break;
    case GT__TASK_DONE:
    case GT__TASK_LEFT:
        gt__buffer_add_text(text, "has ended");
        break;
    }
}

static bool is_alive(const gt_task *task)
{
    return task->state != GT__TASK_DONE && task->state != GT__TASK_LEFT;
}

static void describe_task(gt__buffer *text, const gt_task *task)
{
    gt__buffer_printf(text, "\n  task \"%s\" (%s:%d) ", task->name, task->file, task->line);
    describe_state(text, task);
}

static void describe_tasks(const gt_world *world, gt__buffer *text)
{
    size_t told = 0, untold = 0;
    for (const gt__link *link = world->tasks.next; link != &world->tasks; link = link->next) {
        const gt_task *task = gt__container_of(link, gt_task, link);
        if (!is_alive(task))
            continue;
        if (told == TASKS_TOLD) {
            untold++;
        } else {
            describe_task(text, task);
            told++;
        }
    }
    if (untold > 0)
        gt__buffer_printf(text, "\n  and %zu more tasks", untold);
}

char *gt_world_report(const gt_world *world)
{
    gt__buffer text = {0};
    gt__buffer_printf(&text, "tasks at %.3f ms:", milliseconds(gt_now(world)));
    describe_tasks(world, &text);
    return gt__buffer_take_text(&text);
}

static void end_wait(gt_world *world, const char *what, const char *why, int error)
{
    gt__buffer text = {0};
    gt__buffer_printf(&text, "%s at %.3f ms: %s", what, milliseconds(gt_now(world)), why);
    describe_tasks(world, &text);
    gt__wake(&world->main, error);
    gt__fail_take(world, world->file, world->line, gt__buffer_take_text(&text));
}

void gt__deadlock(gt_world *world, const char *why)
{
    if (world->deadlock_expected)
        gt__wake(&world->main, GT_EDEADLOCK);
    else
        end_wait(world, "deadlock", why, GT_EDEADLOCK);
}

void gt__livelock(gt_world *world, const char *why)
{
    end_wait(world, "live-lock", why, GT_ELIVELOCK);
}

void gt_world_expect_deadlock(gt_world *world, bool expected)
{
    world->deadlock_expected = expected;
}
