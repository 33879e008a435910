/* world.h - a test's world: its clock, its tasks, its seed, and the ledger of all that is alive.
 * Rule: one thread at a time; only gt_world_post may be called from another. A blocking function
 * marks its task as waiting and lets the scheduler pick the next; callbacks (timers, predicates,
 * posts) run on no task and must not block. */
#ifndef GRPCTEST_WORLD_H
#define GRPCTEST_WORLD_H

#include <grpctest/base.h>
#include <grpctest/context.h>
#include <grpctest/error.h>

GT_BEGIN_DECLS

typedef struct gt_task gt_task;
typedef struct gt_event gt_event;

/* How time moves. */
typedef enum gt_clock {
    GT_CLOCK_AUTO = 0, /* when nothing can run, time jumps to the earliest timer */
    GT_CLOCK_MANUAL,   /* time moves only by gt_advance and gt_run_until_idle */
    GT_CLOCK_REAL      /* the monotonic clock: for file descriptors and other threads */
} gt_clock;

/* What went wrong, where: handed to the failure hook. Borrowed during the hook. */
typedef struct gt_failure {
    const char *file;
    int line;
    const char *text; /* several lines, without a newline at the end */
    uint64_t seed;    /* of the world: under it the failure comes again; 0: first in, first out */
} gt_failure;

/* Receives a failure, always on task 0 with no frame of the library's scheduler below it that
 * would mind a longjmp. May return: the world is then poisoned and the test goes on without it. */
typedef void gt_failure_fn(const gt_failure *failure, void *user);

/* The seed of a world whose order a test pins: first in, first out, also where GRPCTEST_SEED is
 * set. */
#define GT_NO_SEED UINT64_MAX

/* Zeros mean the defaults said here. Progress, for the horizon and patience, is anything but a
 * task's own deadline passing: a loop around gt_sleep that nobody else can end is a live-lock too.
 * A test that itself waits until some instant is never live-locked before it, unless it does so a
 * thousand times over. */
typedef struct gt_world_options {
    gt_clock clock;
    uint64_t seed;       /* 0: GRPCTEST_SEED where set, else first in, first out */
    size_t stack_size;   /* of each fiber, bytes; 0: 256 KiB, of which a page or two is used */
    gt_duration horizon; /* virtual time without progress that counts as live-lock; 0: 24 h */
    /* Steps without time moving, or the test getting what it waits for, that count as live-lock;
     * 0: 10 million. */
    uint64_t steps_per_instant;
    gt_duration patience;      /* real clock: longest wait with nothing happening; 0: 30 s */
    gt_failure_fn *on_failure; /* NULL: prints to standard error and aborts */
    void *on_failure_user;
} gt_world_options;

/* Sets every option to its default (for C++; in C `{0}` does the same). */
GT_API void gt_world_options_init(gt_world_options *options);

/* Makes a world whose task 0 is the calling stack. `options` may be NULL. The caller owns it:
 * gt_world_free. A malformed GRPCTEST_SEED is misuse: a sentence and abort. */
GT_API gt_world *gt_world_new_at(const gt_world_options *options, const char *file, int line);
/* Macros that take options are variadic, so that a compound literal with commas can be given. */
#define gt_world_new(...) gt_world_new_at((__VA_ARGS__), __FILE__, __LINE__)

/* Ends the world; takes NULL. After success: cancels what is left, runs it out without moving
 * time, then checks the ledger; whatever the caller still had to free is a failure that names
 * where each was made. After a failure: reclaims everything silently. Only from task 0. */
GT_API void gt_world_free(gt_world *world);

/* The world that ran last on this thread, or was made last, and is not freed yet; NULL when there
 * is none. For adapters of test frameworks: with gt_task_current it says where an assertion failed.
 */
GT_API gt_world *gt_world_running(void);

/* The world's present instant. On the virtual clocks it starts at 0. */
GT_API gt_time gt_now(const gt_world *world);
GT_API gt_clock gt_world_clock(const gt_world *world);

/* The seed in force (0: first in, first out), and a digest of all that was scheduled so far: equal
 * for equal programs and seeds. */
GT_API uint64_t gt_world_seed(const gt_world *world);
GT_API uint64_t gt_world_digest(const gt_world *world);

/* ---- tasks ------------------------------------------------------------------------------ */

typedef void gt_task_fn(void *arg);

/* Starts a task that runs `fn(arg)` on a fiber of its own once it is picked. `name` is copied.
 * The handle is good until it is joined, detached, or the world is freed. Does not block. */
GT_API gt_task *gt_spawn_at(gt_world *world, const char *name, gt_task_fn *fn, void *arg,
                            const char *file, int line);
#define gt_spawn(world, name, fn, arg) gt_spawn_at((world), (name), (fn), (arg), __FILE__, __LINE__)

/* Blocks until the task has returned, and lets go of the handle. 0; on the context's error (or the
 * world's) the handle stays good. Joining oneself is misuse. */
GT_API GT_MUST_USE int gt_task_join(gt_task *task, gt_context *context);

/* Lets go of the handle; the task runs on by itself. */
GT_API void gt_task_detach(gt_task *task);

/* True once the task's function has returned. Does not block. */
GT_API bool gt_task_done(const gt_task *task);

/* The running task (task 0 is named "test"); NULL inside a callback, which runs on no task. */
GT_API gt_task *gt_task_current(const gt_world *world);
GT_API const char *gt_task_name(const gt_task *task);
/* True for task 0, the test's own. */
GT_API bool gt_task_is_test(const gt_task *task);

/* Lets every other task that can run now go first. 0, or the world's error. */
GT_API int gt_yield(gt_world *world);

/* Blocks the calling task for `duration` of world time. 0, or the world's error. */
GT_API int gt_sleep(gt_world *world, gt_duration duration);

/* ---- moving the world along (task 0) ------------------------------------------------------ */

/* Runs until nothing can run at this instant. Time stays. 0, or the world's error. */
GT_API int gt_settle(gt_world *world);

/* Moves time forward by `duration`, running everything due on the way, each at its own instant, and
 * settles at the end. On the real clock: lets that much real time pass. 0, or the world's error. */
GT_API int gt_advance(gt_world *world, gt_duration duration);

/* Runs, moving virtual time from timer to timer, until nothing can run and no timer is set.
 * Misuse on the real clock. 0, or the world's error (GT_ELIVELOCK past the horizon). */
GT_API int gt_run_until_idle(gt_world *world);

/* ---- waiting ------------------------------------------------------------------------------ */

/* Blocks until `predicate(arg)` holds; it is asked again whenever something has happened, and must
 * not block. `what` (copied) is the reason shown in a deadlock report. 0, the context's error, or
 * the world's. */
GT_API GT_MUST_USE int gt_wait_until(gt_world *world, gt_context *context,
                                     bool (*predicate)(void *arg), void *arg, const char *what);

/* A flag that tasks can wait for. Owned by the caller: gt_event_free. */
GT_API gt_event *gt_event_new_at(gt_world *world, const char *file, int line);
#define gt_event_new(world) gt_event_new_at((world), __FILE__, __LINE__)
GT_API void gt_event_free(gt_event *event);
GT_API void gt_event_raise(gt_event *event);
GT_API void gt_event_clear(gt_event *event);
GT_API bool gt_event_raised(const gt_event *event);
/* Blocks until raised, for however short a time. 0, the context's error, or the world's;
 * GT_ECANCELLED when the event is freed. */
GT_API GT_MUST_USE int gt_event_wait(gt_event *event, gt_context *context);

/* Something gt_wait_any can wait for: a value made by the functions below and by others that are
 * named `gt_..._waitable`. It borrows the object it was made from, which must not be freed before
 * the wait has come back. */
typedef struct gt_waitable {
    const struct gt__waitable_kind *kind;
    void *object;
} gt_waitable;

GT_API gt_waitable gt_event_waitable(gt_event *event);
GT_API gt_waitable gt_task_waitable(gt_task *task);
GT_API gt_waitable gt_context_waitable(gt_context *context);

/* Blocks until one of `count` things is ready and returns its index, the lowest where several are.
 * Otherwise GT_ETIMEDOUT at `deadline` (an instant, or GT_NEVER), the context's error, or the
 * world's. A count of 0 only waits for the deadline and the context. */
GT_API GT_MUST_USE int gt_wait_any(gt_world *world, gt_context *context, gt_time deadline,
                                   const gt_waitable *things, size_t count);

/* ---- the outside, on the real clock -------------------------------------------------------- */

/* Has `fn(arg)` called on the world's thread, on no task. The one function that any thread may
 * call, on a world with the real clock (misuse on another). */
GT_API void gt_world_post(gt_world *world, void (*fn)(void *arg), void *arg);

#define GT_READABLE 1
#define GT_WRITABLE 2

/* Blocks until the file descriptor is ready for `interest` (GT_READABLE, GT_WRITABLE or both) and
 * returns what it is ready for. GT_ETIMEDOUT at `deadline`, the context's error, or the world's.
 * Misuse on a virtual clock. The descriptor stays the caller's. */
GT_API GT_MUST_USE int gt_wait_fd(gt_world *world, gt_context *context, gt_time deadline, int fd,
                                  int interest);

/* ---- failures ------------------------------------------------------------------------------ */

/* Records an unmet expectation and poisons the world: blocking calls return GT_EPOISONED from now
 * on. The first failure is raised through the hook - at once on task 0, otherwise when task 0 is
 * next in the library - and later ones are dropped. A fiber that calls it goes on running. */
GT_API void gt_world_fail_at(gt_world *world, const char *file, int line, const char *format, ...)
    GT_PRINTF(4, 5);
#define gt_world_fail(world, ...) gt_world_fail_at((world), __FILE__, __LINE__, __VA_ARGS__)

/* As above, and does not come back: on a fiber, that task ends where it stands and its stack is
 * reclaimed without unwinding; on task 0 the hook must not return (abort where it does). */
GT_API GT_NORETURN void gt_world_fail_stop_at(gt_world *world, const char *file, int line,
                                              const char *format, ...) GT_PRINTF(4, 5);
#define gt_world_fail_stop(world, ...)                                                             \
    gt_world_fail_stop_at((world), __FILE__, __LINE__, __VA_ARGS__)

/* Says, from the test's own stack, that the test has ended otherwise than by a world's failure: by
 * an assertion of its framework, say. All worlds that the thread has now are poisoned, and nothing
 * more is raised: freeing them reclaims in silence. For adapters of test frameworks. */
GT_API void gt_world_poison_all(void);

/* True once the world is poisoned. */
GT_API bool gt_world_failed(const gt_world *world);

/* Says that task 0 is expected to block for good: a deadlock then is no failure, and its waiting
 * call just returns GT_EDEADLOCK. */
GT_API void gt_world_expect_deadlock(gt_world *world, bool expected);

/* Every task (name, what it waits for, since when, where it was started), as text that the caller
 * frees with gt_free: the body of a deadlock report. */
GT_API char *gt_world_report(const gt_world *world);

GT_END_DECLS

#endif
