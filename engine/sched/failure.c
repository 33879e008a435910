#include "world_inside.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- recording ----------------------------------------------------------------------------- */

static char *with_transcript(gt_world *world, char *text)
{
    char *transcript = world->transcript ? world->transcript(world) : NULL;
    if (!transcript)
        return text;
    size_t size = strlen(transcript);
    char *both =
        size > 0 ? gt__printf("%s\n%.*s", text, (int)size - 1, transcript) : gt__strdup(text);
    gt__free(transcript);
    gt__free(text);
    return both;
}

void gt__fail_take(gt_world *world, const char *file, int line, char *text)
{
    if (world->failed) {
        gt__free(text);
        return;
    }
    world->failed = true;
    world->raise_pending = true;
    world->steps = 0;
    world->failure_text = with_transcript(world, text);
    world->failure = (gt_failure){file, line, world->failure_text, world->seed};
    gt__wake(&world->main, GT_EPOISONED);
}

void gt__world_at(gt_world *world, const char *file, int line)
{
    if (world->current != &world->main)
        return;
    world->place = file;
    world->place_line = line;
}

const char *gt__world_place(const gt_world *world, int *line)
{
    *line = world->place ? world->place_line : world->line;
    return world->place ? world->place : world->file;
}

void gt__fail_here(gt_world *world, char *text)
{
    if (world->line == 0 && world->place)
        gt__fail_take(world, world->place, world->place_line, text);
    else
        gt__fail_take(world, world->file, world->line, text);
}

void gt__world_set_transcript(gt_world *world, char *(*transcript)(gt_world *world))
{
    world->transcript = transcript;
}

bool gt_world_failed(const gt_world *world)
{
    return world->failed || world->poisonings != gt__thread_here.sched.poisonings;
}

/* Only counted, and compared by each world when it is next entered: a list of the thread's worlds
 * would hide one that is never freed from tools that look for leaks. */
void gt_world_poison_all(void)
{
    gt__thread_here.sched.poisonings++;
}

void gt__notice_poison(gt_world *world)
{
    if (world->poisonings == gt__thread_here.sched.poisonings)
        return;
    world->failed = true;
    world->raise_pending = false;
}

/* ---- raising ------------------------------------------------------------------------------- */

void gt__call_failure_hook(const gt_world_options *options, const gt_failure *failure)
{
    if (options->on_failure) {
        options->on_failure(failure, options->on_failure_user);
        return;
    }
    fprintf(stderr, "%s:%d: %s\n", failure->file, failure->line, failure->text);
    if (failure->seed)
        fprintf(stderr, "under seed %llu\n", (unsigned long long)failure->seed);
    abort();
}

void gt__world_raise(gt_world *world)
{
    if (!world->raise_pending || world->current != &world->main || world->phase != GT__ALIVE)
        return;
    world->raise_pending = false;
    gt__task_cut_off(&world->main);
    gt__call_failure_hook(&world->options, &world->failure);
}

/* ---- for tests ----------------------------------------------------------------------------- */

void gt_world_fail_at(gt_world *world, const char *file, int line, const char *format, ...)
{
    va_list args;
    gt__enter(world);
    va_start(args, format);
    gt__fail_take(world, file, line, gt__vprintf(format, args));
    va_end(args);
    gt__world_raise(world);
}

/* Task 0 leaves through the hook, a second time too: a teardown's failure ends the teardown. */
static GT_NORETURN void leave_main(gt_world *world, const gt_failure *failure)
{
    world->raise_pending = false;
    world->current = &world->main;
    world->callback_frame = NULL;
    gt__call_failure_hook(&world->options, failure);
    gt__misuse("%s:%d: the failure hook came back from gt_world_fail_stop", failure->file,
               failure->line);
}

void gt_world_fail_stop_at(gt_world *world, const char *file, int line, const char *format, ...)
{
    va_list args;
    gt__enter(world);
    va_start(args, format);
    char *text = gt__vprintf(format, args);
    va_end(args);
    if (world->failed && !world->raise_pending) { /* only task 0 runs on, then */
        gt__free(world->failure_text);
        world->failure_text = text;
        world->failure = (gt_failure){file, line, text, world->seed};
    } else {
        gt__fail_take(world, file, line, text);
    }
    if (!world->stack)
        leave_main(world, &world->failure);
    gt__abandon_stack(world);
}
