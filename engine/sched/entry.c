#include "world_inside.h"

/* A failed assertion of a test framework has left the running stack by longjmp. What it left is
 * dead; the world is good for teardown alone, and says so to whoever would block. */
static void notice_jump(gt_world *world)
{
    gt__worker *left = world->stack;
    if (left) {
        gt__fiber_jumped(left->fiber, world->main_fiber);
        if (left->task)
            gt__task_leave(left->task);
        gt__list_push_back(&world->left_workers, &left->link);
    }
    world->stack = NULL;
    world->callback_frame = NULL;
    gt__task_cut_off(&world->main);
    world->main.state = GT__TASK_RUNNING;
    world->current = &world->main;
    world->failed = true;
}

void gt__entry_amiss(const gt_world *world)
{
    if (!pthread_equal(world->thread, pthread_self()))
        gt__misuse("a world made in one thread (%s:%d) was used in another, which may only post",
                   world->file, world->line);
    notice_jump((gt_world *)(uintptr_t)world);
}

gt_task *gt__enter_task(const gt_world *world, const char *function)
{
    gt__enter(world);
    if (!world->current)
        gt__misuse("%s was called from a callback, which must not block", function);
    if (world->current == &world->main)
        gt__notice_poison((gt_world *)(uintptr_t)world);
    return world->current;
}

void gt__enter_main(gt_world *world, const char *function)
{
    if (gt__enter_task(world, function) != &world->main)
        gt__misuse("%s was called from task \"%s\"; only the test's own may", function,
                   world->current->name);
}

void gt__require_task(const gt_world *world, const char *function)
{
    gt__enter_task(world, function);
}

/* ---- callbacks from a task's stack --------------------------------------------------------- */

/* Never inlined: its frame must lie below those of the functions that are called in its caller's
 * place, once a callback was left by longjmp. */
__attribute__((noinline)) gt_task *gt__callback_begin(gt_world *world)
{
    gt_task *task = world->current;
    if (task) {
        world->current = NULL;
        world->callback_frame = __builtin_frame_address(0);
    }
    return task;
}

void gt__callback_end(gt_world *world, gt_task *task)
{
    if (task) {
        world->current = task;
        world->callback_frame = NULL;
    }
}
