#include "world_inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_STACK ((size_t)256 << 10)
#define DEFAULT_HORIZON GT_SEC(24 * 60 * 60)
#define DEFAULT_STEPS 10000000
#define DEFAULT_PATIENCE GT_SEC(30)

/* ---- making -------------------------------------------------------------------------------- */

void gt_world_options_init(gt_world_options *options)
{
    *options = (gt_world_options){0};
}

static uint64_t seed_from_environment(void)
{
    const char *text = getenv("GRPCTEST_SEED");
    char *end;
    if (!text)
        return 0;
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hex ? text + 2 : text;
    size_t count = strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");
    errno = 0;
    uint64_t seed = strtoull(digits, &end, hex ? 16 : 10);
    if (count == 0 || digits[count] || errno)
        gt__misuse("GRPCTEST_SEED is \"%s\", which is no number of 64 bits, decimal or 0x hex",
                   text);
    return seed;
}

static void set_options(gt_world *world, const gt_world_options *options)
{
    gt_world_options *own = &world->options;
    if (options)
        *own = *options;
    if (!own->stack_size)
        own->stack_size = DEFAULT_STACK;
    if (!own->horizon)
        own->horizon = DEFAULT_HORIZON;
    if (!own->steps_per_instant)
        own->steps_per_instant = DEFAULT_STEPS;
    if (!own->patience)
        own->patience = DEFAULT_PATIENCE;
    world->seed = own->seed ? own->seed : seed_from_environment();
    if (own->seed == GT_NO_SEED)
        world->seed = 0;
}

static void init_lists(gt_world *world)
{
    gt__list_init(&world->asking);
    gt__list_init(&world->asking_marker);
    gt__list_init(&world->tasks);
    gt__list_init(&world->idle_tasks);
    gt__list_init(&world->idle_workers);
    gt__list_init(&world->left_workers);
    gt__list_init(&world->ledger);
    gt__list_init(&world->attachments);
    gt__list_init(&world->shutdowns);
    gt__list_init(&world->remarks);
}

gt_world *gt_world_new_at(const gt_world_options *options, const char *file, int line)
{
    (void)gt_world_running(); /* notices a longjmp off another world's fiber */
    gt_world *world = gt__new(gt_world);
    world->file = file;
    world->line = line;
    world->thread = pthread_self();
    world->poisonings = gt__thread_here.sched.poisonings;
    set_options(world, options);
    init_lists(world);
    gt__run_queue_init(&world->queue, world->seed);
    world->main_fiber = gt__fiber_new_main();
    gt__task_init(&world->main, world, "test", file, line);
    world->main.state = GT__TASK_RUNNING;
    world->current = &world->main;
    if (world->options.clock == GT_CLOCK_REAL)
        world->outside = gt__outside_new(world);
    gt__thread_here.sched.world = world;
    return world;
}

uint64_t gt_world_seed(const gt_world *world)
{
    return world->seed;
}

uint64_t gt_world_digest(const gt_world *world)
{
    return world->digest;
}

gt_world *gt_world_running(void)
{
    gt_world *world = gt__thread_here.sched.world;
    if (world)
        gt__enter(world);
    return world;
}

/* ---- ending -------------------------------------------------------------------------------- */

/* A callback on the test's own stack that calls this has left by longjmp: those that run on no
 * task and came back would find their world gone. */
static void enter_free(gt_world *world)
{
    gt__enter(world);
    if (!world->stack && !world->current)
        gt__entry_amiss(world);
    if (!world->current)
        gt__misuse("gt_world_free was called from a callback; it belongs to the test's own task");
    if (world->current != &world->main)
        gt__misuse("gt_world_free was called from task \"%s\"; it belongs to the test's own",
                   world->current->name);
    gt__notice_poison(world);
}

static void end_phase(gt_world *world, gt__phase phase)
{
    world->phase = phase;
    gt__link *next;
    for (gt__link *link = world->tasks.next; link != &world->tasks; link = next) {
        gt_task *task = gt__container_of(link, gt_task, link);
        next = link->next;
        if (phase == GT__ENDING_ALL || !task->joins)
            gt__wake(task, GT_ECANCELLED);
    }
    gt__run_out(world);
}

static void describe_stubborn(const gt_world *world, gt__buffer *text)
{
    for (const gt__link *link = world->tasks.next; link != &world->tasks; link = link->next) {
        const gt_task *task = gt__container_of(link, gt_task, link);
        if (task != &world->main && task->state != GT__TASK_DONE)
            gt__buffer_printf(text, "\n  task \"%s\" started at %s:%d does not end", task->name,
                              task->file, task->line);
    }
}

/* Cancels what is left, runs it out, and fails when something still is. */
static void end_well(gt_world *world)
{
    gt__buffer text = {0};
    gt__shutdowns_run(world);
    end_phase(world, GT__ENDING);
    end_phase(world, GT__ENDING_ALL);
    if (world->failed)
        return;
    describe_stubborn(world, &text);
    gt__ledger_describe(world, &text);
    if (text.size > 0)
        gt__fail_here(world,
                      gt__printf("left over when the world was freed:%s", (char *)text.data));
    gt__buffer_cleanup(&text);
}

static void free_all(gt__link *list, void (*free_one)(gt__link *link))
{
    while (!gt__list_empty(list))
        free_one(list->next);
}

static void free_task(gt__link *link)
{
    gt__task_free(gt__container_of(link, gt_task, link));
}

static void free_worker(gt__link *link)
{
    gt__worker_free(gt__container_of(link, gt__worker, link));
}

/* No task will run again. Their stacks stay until the last: something may lie on them. */
static void abandon_tasks(gt_world *world)
{
    for (gt__link *link = world->tasks.next; link != &world->tasks; link = link->next) {
        gt_task *task = gt__container_of(link, gt_task, link);
        gt__task_cut(task);
        if (task->worker && gt__list_empty(&task->worker->link))
            gt__list_push_back(&world->left_workers, &task->worker->link);
    }
}

static void free_tasks(gt_world *world)
{
    gt__task_cut(&world->main);
    gt__list_remove(&world->main.link);
    gt__free(world->main.fd_wait);
    free_all(&world->tasks, free_task);
    free_all(&world->idle_tasks, free_task);
    free_all(&world->idle_workers, free_worker);
    free_all(&world->left_workers, free_worker);
    gt__fiber_free(world->main_fiber);
}

/* Every tie is cut before the first object goes, so that no order matters. */
static void reclaim(gt_world *world)
{
    world->failed = true;
    if (gt__thread_here.sched.world == world)
        gt__thread_here.sched.world = NULL;
    abandon_tasks(world);
    gt__ledger_reclaim(world);
    gt__attachments_drop(world);
    free_tasks(world);
    gt__outside_free(world->outside);
    gt__timer_heap_cleanup(&world->timers);
    gt__run_queue_cleanup(&world->queue);
    gt__free(world->failure_text);
    gt__free(world);
}

/* The failure that the end brought up is raised when all is gone already: the hook may leave by
 * longjmp, and nothing may be lost by that, the text included, which therefore lies on the stack.
 */
void gt_world_free(gt_world *world)
{
    char text[8192];
    if (!world)
        return;
    enter_free(world);
    if (!world->failed)
        end_well(world);
    bool raise = world->raise_pending;
    gt_world_options options = world->options;
    gt_failure failure = {world->failure.file, world->failure.line, text, world->seed};
    if (raise)
        snprintf(text, sizeof(text), "%s", world->failure_text);
    reclaim(world);
    if (raise)
        gt__call_failure_hook(&options, &failure);
}
