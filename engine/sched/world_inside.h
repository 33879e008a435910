/* world_inside.h - the inside of worlds and tasks, for the files of this folder alone.
 * Rule: exactly one stack runs; `stack` says which (NULL: task 0's) and `current` for which task
 * (NULL: none, a callback). Whatever links a task to something lies in the task, not on a stack. */
#ifndef GRPCTEST_ENGINE_SCHED_WORLD_INSIDE_H
#define GRPCTEST_ENGINE_SCHED_WORLD_INSIDE_H

#include "engine/core/thread.h"
#include "fiber.h"
#include "run_queue.h"
#include "sched.h"
#include "timer_heap.h"

#include <pthread.h>

typedef struct gt__worker gt__worker;
typedef struct gt__outside gt__outside;

/* ---- tasks --------------------------------------------------------------------------------- */

typedef struct gt__waiter {
    gt__link link; /* in a wait queue, or alone */
    gt_task *task;
} gt__waiter;

typedef struct gt__fd_wait {
    gt__source source;
    gt_task *task;
    int ready;
} gt__fd_wait;

typedef enum gt__task_state {
    GT__TASK_READY,   /* in the run queue */
    GT__TASK_RUNNING, /* it has the stack, or lent it to a callback */
    GT__TASK_WAITING,
    GT__TASK_DONE, /* its function has returned */
    GT__TASK_LEFT  /* it ended in the middle: a failure, a longjmp */
} gt__task_state;

struct gt_task {
    gt_world *world;
    gt__link link;  /* among the world's tasks, in order of creation; or among the idle ones */
    gt__job resume; /* its place in the run queue; its id is the task's */
    gt__task_state state;
    gt__worker *worker; /* whose stack it uses; NULL before it began, and for task 0 */
    gt_task_fn *fn;
    void *arg;
    const char *name, *file;
    int line;
    char *own_name;   /* the copy behind `name`, or NULL */
    bool has_handle;  /* a user holds on to it */
    bool joined;      /* somebody waits in gt_task_join ... */
    gt_task *joins;   /* ... as this task does, for another */
    uint32_t refused; /* waits refused since the world's end began */
    gt__waitq ended;

    /* While it waits: for what, until when, and how it will have ended. */
    const char *what, *subject; /* "for what subject"; without a what: until the subject holds */
    gt_time since;
    gt__waiter waiter;   /* for one queue ... */
    gt__waiter *waiters; /* ... and for several */
    const gt_waitable *things;
    size_t thing_count;
    gt_context *context;
    gt__watch watch;
    gt__timer timer;
    gt__link asking; /* among those whose predicate is asked, or alone */
    bool (*predicate)(void *arg);
    void *predicate_arg;
    gt__fd_wait *fd_wait; /* made at the first use */
    int result;
    bool timed_out; /* by its own deadline */
};

/* A fiber that runs tasks, one at a time, and picks what runs next in between. */
struct gt__worker {
    gt__link link; /* among the idle or the left ones, or alone */
    gt_world *world;
    gt__fiber *fiber;
    gt_task *task; /* NULL: none, it only picks */
};

/* ---- worlds -------------------------------------------------------------------------------- */

/* What task 0 does while it does not run: it decides what happens when nothing can run. */
typedef enum gt__pace {
    GT__WAIT,    /* time may jump on the auto clock; else this is a deadlock */
    GT__SETTLE,  /* give back control, time stays */
    GT__ADVANCE, /* move time up to `target` */
    GT__RUN      /* move time until no timer is left */
} gt__pace;

typedef enum gt__phase {
    GT__ALIVE,
    GT__ENDING,     /* being freed after success: waits are refused, joins are not */
    GT__ENDING_ALL, /* the same, and joins are refused too */
} gt__phase;

typedef struct gt__attachment {
    gt__link link;
    const void *key;
    void *object;
    void (*drop)(void *object);
} gt__attachment;

struct gt_world {
    /* what is asked at every turn */
    gt__worker *stack;
    gt_task *current;
    gt_time now;
    uint64_t steps; /* since time moved or task 0 got what it waited for */
    uint64_t digest;
    gt__link asking, asking_marker; /* tasks whose predicate is to be asked */
    gt__run_queue queue;
    gt__timer_heap timers;
    gt__worker *ended; /* left by a final switch, freed by whoever runs next */

    gt_world_options options;
    uint64_t seed;
    const char *file;
    int line;
    const char *place; /* where task 0 last was, as far as we were told; NULL: nowhere */
    int place_line;
    pthread_t thread;
    uint32_t next_id;
    gt__phase phase;
    const void *callback_frame; /* of the innermost gt__callback_begin while it lasts */

    /* task 0 */
    gt_task main;
    gt__fiber *main_fiber;
    uint64_t poisonings; /* the thread's, when the world was made */
    gt__pace pace;
    gt_time target;

    /* tasks and the stacks they run on */
    gt__link tasks;      /* all that have not ended or have a handle, task 0 first */
    gt__link idle_tasks; /* structures to be reused */
    gt__link idle_workers;
    gt__link left_workers; /* abandoned stacks; freed last: something may still lie on them */
    size_t idle_worker_count;

    /* live-lock: the last instant at which something but time moved, whether time moved since, and
     * how often the test's waits ended by time alone since */
    gt_time progress;
    bool ticked;
    uint32_t fruitless;
    bool deadlock_expected; /* by the test */

    /* failures */
    gt_failure failure;
    char *failure_text; /* NULL while there is none */
    bool failed;
    bool raise_pending;
    char *(*transcript)(gt_world *world);

    gt__link ledger;
    gt__link attachments;
    gt__link shutdowns;
    gt__link remarks;
    gt__outside *outside; /* real clock only: descriptors and posts */
};

/* ---- entering (entry.c) -------------------------------------------------------------------- */

/* What gt__enter found amiss: another thread (misuse), or a longjmp off the running stack. */
void gt__entry_amiss(const gt_world *world);

/* The one place that every public function passes which may run tasks, waits or ends the world:
 * is this the world's thread, and still the stack that the scheduler let run? */
static inline __attribute__((always_inline)) void gt__enter(const gt_world *world)
{
    const void *frame = __builtin_frame_address(0);
    if (!pthread_equal(world->thread, pthread_self()) ||
        (world->stack && !gt__fiber_holds_stack(world->stack->fiber)) ||
        (!world->current && frame > world->callback_frame && world->callback_frame))
        gt__entry_amiss(world);
}

/* The current task, for a function that blocks; misuse in a callback. */
gt_task *gt__enter_task(const gt_world *world, const char *function);
/* The same for a function that only task 0 may call. */
void gt__enter_main(gt_world *world, const char *function);

/* ---- running (schedule.c, worker.c) -------------------------------------------------------- */

/* Gives the stack to whoever is picked next; comes back when `task`, the current one, is picked.
 * It must wait or be in the run queue. */
void gt__park(gt_task *task);
/* Ends the current task where it stands. */
GT_NORETURN void gt__abandon_stack(gt_world *world);

/* Runs callbacks on the present stack until it is a task's turn. */
gt_task *gt__pick(gt_world *world);
/* Counts a step; true when there were too many of them. */
bool gt__step(gt_world *world);

/* Makes a waiting task able to run, with what its wait returns; nothing for one that does not
 * wait. */
void gt__wake(gt_task *task, int result);
/* The same, where nothing but time did it: that is no progress, or a loop around gt_sleep would
 * hide that nothing happens. The test's own waits count all the same, up to GT__FRUITLESS in a
 * row: it may well move time by hand. */
void gt__wake_by_clock(gt_task *task, int result);
#define GT__FRUITLESS 1000

static inline void gt__progress(gt_world *world)
{
    world->progress = world->now;
    world->ticked = false;
    world->fruitless = 0;
}

void gt__worker_free(gt__worker *worker);

/* ---- tasks (task.c) ------------------------------------------------------------------------ */

void gt__task_init(gt_task *task, gt_world *world, const char *name, const char *file, int line);
/* Called on its own stack as its function has returned. */
void gt__task_finished(gt_task *task);
/* Takes it out of all that it waits in. */
void gt__task_cut(gt_task *task);
/* The same, where its stack was left in the middle of whatever it waited in. */
void gt__task_cut_off(gt_task *task);
/* Its stack was left and it will never run again. */
void gt__task_leave(gt_task *task);
void gt__task_free(gt_task *task);

/* ---- waiting (wait.c) ---------------------------------------------------------------------- */

/* 0, or why a wait that would begin now is refused. */
int gt__wait_error(gt_task *task, gt_context *context, gt_time deadline);
/* Waits, whatever else the task was already linked to, for a wake, the deadline, or the context. */
int gt__task_wait(gt_task *task, gt_context *context, gt_time deadline, const char *what,
                  const char *subject);

/* ---- time (timer.c, clock.c) --------------------------------------------------------------- */

/* Nothing can run at this instant: makes something able to, by time, the outside, or task 0. */
void gt__idle(gt_world *world);
/* Moves virtual time, or notes the real clock's, and makes the timers due by then able to run. */
void gt__move_time(gt_world *world, gt_time now);
/* Task 0 lets all run that can at this instant, in whatever phase the world is. */
void gt__run_out(gt_world *world);

/* ---- the outside (outside.c) --------------------------------------------------------------- */

gt_time gt__real_now(const gt__outside *outside);
gt__outside *gt__outside_new(gt_world *world);
void gt__outside_free(gt__outside *outside);
/* Polls for at most until `until` (0: not waiting at all) and schedules what is ready; true when
 * anything was. */
bool gt__outside_poll(gt_world *world, gt_time until);
/* Has a look at it now and then, while there is enough to run. */
void gt__outside_turn(gt_world *world);

/* ---- failures (failure.c, report.c) -------------------------------------------------------- */

/* Records a failure of the world as a whole: at the place where it was made or, where that was no
 * place in a test (line 0), where the test was last. Takes the text. */
void gt__fail_here(gt_world *world, char *text);
/* Task 0 waits and nothing can end that: fails (or, where expected, not), and ends its wait. */
void gt__deadlock(gt_world *world, const char *format, ...) GT_PRINTF(2, 3);
/* Much happens and nothing comes of it: fails, and ends the wait of task 0 if it waits. */
void gt__livelock(gt_world *world, const char *format, ...) GT_PRINTF(2, 3);
void gt__livelock_of_steps(gt_world *world);
/* Catches up with gt_world_poison_all. */
void gt__notice_poison(gt_world *world);
void gt__call_failure_hook(const gt_world_options *options, const gt_failure *failure);

/* ---- the ledger and what hangs on a world (ledger.c) --------------------------------------- */

/* Reclaims every object, the latest first. */
void gt__ledger_reclaim(gt_world *world);
/* Adds a line for each object that the caller had to free; how many there were. */
size_t gt__ledger_describe(const gt_world *world, gt__buffer *text);
void gt__attachments_drop(gt_world *world);
void gt__shutdowns_run(gt_world *world);

#endif
