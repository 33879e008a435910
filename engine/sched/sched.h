/* sched.h - what the layers above use to run, wait, and be told: jobs, timers, wait queues,
 * watches, descriptors, the ledger. Rule: jobs, timers, watches and sources call back on no task
 * and must not block; all structs here are embedded in their users' and cost no allocation - in
 * objects on the heap, never on a stack, which a failed assertion may leave by longjmp. */
#ifndef GRPCTEST_ENGINE_SCHED_SCHED_H
#define GRPCTEST_ENGINE_SCHED_SCHED_H

#include "engine/core/core.h"
#include <grpctest/context.h>
#include <grpctest/error.h>
#include <grpctest/world.h>

/* ---- jobs: something to run at this instant, on no task ------------------------------------ */

/* The scheduler picks among jobs and tasks that can run: first in, first out, or permuted by the
 * seed. A job is queued at most once. */
typedef struct gt__job {
    void (*run)(struct gt__job *job);
    gt_world *world;
    uint32_t id;   /* for the digest: order of gt__job_init within the world */
    uint32_t slot; /* the scheduler's: place in the run queue and one, 0 when not queued */
} gt__job;

void gt__job_init(gt__job *job, gt_world *world, void (*run)(gt__job *job));
void gt__job_schedule(gt__job *job); /* nothing when it is queued already */
void gt__job_cancel(gt__job *job);   /* nothing when it is not queued; before its memory goes */
bool gt__job_queued(const gt__job *job);

/* ---- timers: a callback at an instant, on no task ------------------------------------------ */

/* Once due it is a job, so that timers of one instant fire first set, first fired, unless the seed
 * permutes. */
typedef struct gt__timer {
    void (*fire)(struct gt__timer *timer);
    gt__job due;
    gt_time when;
    size_t slot;     /* the scheduler's: place in the heap and one, 0 when not there */
    bool background; /* keepalive-like: does not count as progress for the horizon */
} gt__timer;

void gt__timer_init(gt__timer *timer, gt_world *world, void (*fire)(gt__timer *timer));
/* Again moves it; in the past means now, yet not at once; GT_NEVER stops it. */
void gt__timer_set(gt__timer *timer, gt_time when);
void gt__timer_stop(gt__timer *timer); /* nothing when not set; before its memory goes */
bool gt__timer_is_set(const gt__timer *timer);

/* `instant` plus a duration, kept within what a gt_time can hold. */
gt_time gt__time_add(gt_time instant, gt_duration duration);

/* ---- wait queues: tasks that wait for something to change ---------------------------------- */

typedef struct gt__waitq {
    gt__link waiters;
} gt__waitq;

void gt__waitq_init(gt__waitq *queue);
/* Makes those that wait able to run; they look again at what they waited for. */
void gt__wake_all(gt__waitq *queue);
void gt__wake_one(gt__waitq *queue);
/* Before what they wait for goes: their waits return `error` and look at nothing again. */
void gt__waitq_end(gt__waitq *queue, int error);

/* Blocks the current task until woken, `deadline`, or the context is done. Used in a loop:
 *     while (!there) { int error = gt__wait(...); if (error) return error; }
 * `what` (static) and `subject` (borrowed while waiting; may be NULL) tell the deadlock report what
 * it "waits for ...": two nouns. 0 when woken; GT_ETIMEDOUT at the deadline; the context's error;
 * GT_EPOISONED, GT_EDEADLOCK, GT_ELIVELOCK; GT_ECANCELLED while the world is being freed. A context
 * that is done, or a poisoned world, gives its error at once. Misuse outside a task. On task 0 a
 * failure is raised here, and its hook may leave by longjmp: across a wait hold nothing that the
 * ledger cannot find.
 */
GT_MUST_USE int gt__wait(gt_world *world, gt__waitq *queue, gt_context *context, gt_time deadline,
                         const char *what, const char *subject);

/* What is behind a gt_waitable. */
struct gt__waitable_kind {
    const char *what; /* for the deadlock report: "event" */
    bool (*ready)(void *object);
    /* Asked for as a task begins to wait; woken whenever `ready` may have become true. */
    gt__waitq *(*queue)(void *object);
};

/* ---- watches: being told that a context is done -------------------------------------------- */

typedef struct gt__watch {
    gt__link link;
    void (*done)(struct gt__watch *watch); /* called once, as the context becomes done */
} gt__watch;

/* Begins watching. A context already done calls back before this returns. NULL is never done. */
void gt__watch_start(gt__watch *watch, gt_context *context, void (*done)(gt__watch *watch));
void gt__watch_stop(gt__watch *watch); /* nothing when not watching; before its memory goes */

/* Ends a context with an error of one's own choice of GT_ECANCELLED and GT_ETIMEDOUT. */
void gt__context_end(gt_context *context, int error);
/* Makes a child (parent may be NULL: then of `world`) that is the library's: not in the ledger. */
gt_context *gt__context_new(gt_world *world, gt_context *parent, gt_time deadline);

/* ---- descriptors (real clock) -------------------------------------------------------------- */

typedef struct gt__source {
    gt__job job;
    int fd;
    int interest; /* GT_READABLE | GT_WRITABLE; 0: none */
    int what;     /* what it was last found ready for */
    size_t slot;  /* the scheduler's: place among what is polled and one, 0 when not there */
    void (*ready)(struct gt__source *source, int what); /* on no task */
} gt__source;

/* `ready` is called again and again while the descriptor is ready for what is of interest. */
void gt__source_start(gt__source *source, gt_world *world, int fd, int interest,
                      void (*ready)(gt__source *source, int what)); /* misuse on a virtual clock */
void gt__source_set(gt__source *source, int interest);
void gt__source_stop(gt__source *source);

/* ---- tasks of the library ------------------------------------------------------------------ */

/* Starts a task that nobody joins; its structure is reused when it returns. `name` is static or
 * lives as long as the task. */
void gt__spawn(gt_world *world, const char *name, gt_task_fn *fn, void *arg, const char *file,
               int line);

/* Around a call of a user's function that runs on no task (a tap, a matcher): inside, blocking is
 * misuse. `begin` returns what `end` is to be given. */
gt_task *gt__callback_begin(gt_world *world);
void gt__callback_end(gt_world *world, gt_task *task);

/* Aborts with a sentence that names `function` unless a task is running: for what blocks. */
void gt__require_task(const gt_world *world, const char *function);

/* 0, or why blocking calls return at once: GT_EPOISONED after a failure, GT_ECANCELLED while the
 * world is being freed. */
int gt__world_error(const gt_world *world);

/* Records a failure, whose text it takes, unless there is one already. It is raised when task 0
 * next waits, or when the world is freed: this function comes back. */
void gt__fail_take(gt_world *world, const char *file, int line, char *text);

/* Raises a recorded failure through the hook if this is task 0; called at the end of what task 0
 * calls. Scheduling does it by itself. */
void gt__world_raise(gt_world *world);

/* Notes that the test has come to this place (static `file`), if it is task 0 that runs: a world
 * that was made by a framework's set-up, where no line is known, tells it when a wait never ends.
 */
void gt__world_at(gt_world *world, const char *file, int line);
/* The file and line of that place, or of the world's making; a line of 0 where neither is known. */
const char *gt__world_place(const gt_world *world, int *line);

/* ---- the ledger: all that is alive, and where it was made ---------------------------------- */

typedef struct gt__entry {
    gt__link link;
    gt_world *world;
    const char *kind; /* static: "conn" */
    const char *file; /* static */
    int line;
    /* Frees the object, silently, in any state; the entry has left the ledger already. The latest
     * made goes first. */
    void (*reclaim)(struct gt__entry *entry);
    bool internal; /* the library's own: reclaimed at the world's end, never reported */
} gt__entry;

void gt__ledger_add(gt__entry *entry, gt_world *world, const char *kind, const char *file, int line,
                    void (*reclaim)(gt__entry *entry));
void gt__ledger_remove(gt__entry *entry);

/* What the layers above keep per world, one object per `key` (a static address): made by `make` at
 * the first asking, given to `drop` as the very last thing when the world ends. */
void *gt__world_attachment(gt_world *world, const void *key, void *(*make)(gt_world *world),
                           void (*drop)(void *object));

/* A hook that the layers above set to be called when the world is being freed after success, before
 * the ledger is checked: to cancel what is left (calls, listeners). The latest added runs first.
 * Embedded; on no task. */
typedef struct gt__shutdown {
    gt__link link;
    void (*run)(struct gt__shutdown *shutdown);
} gt__shutdown;

void gt__shutdown_add(gt__shutdown *shutdown, gt_world *world, void (*run)(gt__shutdown *shutdown));
void gt__shutdown_remove(gt__shutdown *shutdown);

/* Whole lines that a failure adds at its end (the transcript), or NULL; freed with gt__free. */
void gt__world_set_transcript(gt_world *world, char *(*transcript)(gt_world *world));

/* Something that deserves a line in the report of tasks, since it may be why they wait: a link that
 * a test holds. `tell` adds the line, which begins with a newline and two spaces. Embedded. */
typedef struct gt__remark {
    gt__link link;
    void (*tell)(const struct gt__remark *remark, gt__buffer *text);
} gt__remark;

void gt__remark_init(gt__remark *remark, void (*tell)(const gt__remark *remark, gt__buffer *text));
void gt__remark_add(gt__remark *remark, gt_world *world); /* nothing when it is there */
void gt__remark_remove(gt__remark *remark); /* nothing when it is not; before its memory goes */

/* Folds a number into the run's digest: bytes on a wire, choices made. */
void gt__world_fold(gt_world *world, uint64_t number);

#endif
