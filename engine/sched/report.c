#include "world_inside.h"

/* A world of thousands of tasks is not told in full. */
#define TASKS_TOLD 100
#define THINGS_TOLD 4

static double milliseconds(gt_time time)
{
    return (double)time / 1e6;
}

static void describe_wait(gt__buffer *text, const gt_task *task)
{
    if (!task->what)
        gt__buffer_printf(text, "waits until \"%s\"", task->subject);
    else if (task->subject)
        gt__buffer_printf(text, "waits for %s %s", task->what, task->subject);
    else
        gt__buffer_printf(text, "waits for %s", task->what);
    for (size_t i = 0; i < task->thing_count && i < THINGS_TOLD; i++)
        gt__buffer_printf(text, "%s %s", i > 0 ? "," : "", task->things[i].kind->what);
    if (task->thing_count > THINGS_TOLD)
        gt__buffer_add_text(text, " ...");
    gt__buffer_printf(text, ", since %.3f ms", milliseconds(task->since));
}

static void describe_state(gt__buffer *text, const gt_task *task)
{
    if (task->state == GT__TASK_WAITING)
        describe_wait(text, task);
    else
        gt__buffer_add_text(text, task->state == GT__TASK_READY ? "can run" : "runs");
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

static void describe_remarks(const gt_world *world, gt__buffer *text)
{
    for (const gt__link *link = world->remarks.next; link != &world->remarks; link = link->next) {
        const gt__remark *remark = gt__container_of(link, gt__remark, link);
        remark->tell(remark, text);
    }
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
    describe_remarks(world, text);
}

/* ---- remarks ------------------------------------------------------------------------------- */

void gt__remark_init(gt__remark *remark, void (*tell)(const gt__remark *remark, gt__buffer *text))
{
    gt__list_init(&remark->link);
    remark->tell = tell;
}

void gt__remark_add(gt__remark *remark, gt_world *world)
{
    if (gt__list_empty(&remark->link))
        gt__list_push_back(&world->remarks, &remark->link);
}

void gt__remark_remove(gt__remark *remark)
{
    gt__list_remove(&remark->link);
}

char *gt_world_report(const gt_world *world)
{
    gt__buffer text = {0};
    gt__enter(world);
    gt__buffer_printf(&text, "tasks at %.3f ms:", milliseconds(gt_now(world)));
    describe_tasks(world, &text);
    return gt__buffer_take_text(&text);
}

/* ---- what ends a wait that nothing else would end ------------------------------------------ */

static GT_PRINTF(3, 0) void end_wait(gt_world *world, int error, const char *format, va_list args)
{
    gt__buffer text = {0};
    gt__buffer_printf(&text, "%s at %.3f ms: ", gt_error_text(error), milliseconds(gt_now(world)));
    gt__buffer_vprintf(&text, format, args);
    describe_tasks(world, &text);
    gt__wake(&world->main, error);
    gt__fail_here(world, gt__buffer_take_text(&text));
}

void gt__deadlock(gt_world *world, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (world->deadlock_expected)
        gt__wake(&world->main, GT_EDEADLOCK);
    else
        end_wait(world, GT_EDEADLOCK, format, args);
    va_end(args);
}

void gt__livelock(gt_world *world, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    end_wait(world, GT_ELIVELOCK, format, args);
    va_end(args);
}

void gt__livelock_of_steps(gt_world *world)
{
    gt__livelock(world, "more than %llu steps and time has not moved",
                 (unsigned long long)world->options.steps_per_instant);
}

void gt_world_expect_deadlock(gt_world *world, bool expected)
{
    world->deadlock_expected = expected;
}
