/* fiber.h - stacks that can be switched between without a system call.
 * Rule: the scheduler alone calls this; a fiber knows nothing of worlds. */
#ifndef GRPCTEST_ENGINE_SCHED_FIBER_H
#define GRPCTEST_ENGINE_SCHED_FIBER_H

#include "engine/core/core.h"

typedef struct gt__fiber gt__fiber;

/* A fiber that will run `entry(arg)` on a stack of `stack_size` bytes (rounded up to pages, with a
 * guard page below) from this thread's pool. `entry` must not return: it ends by switching away for
 * good (gt__fiber_switch_final). */
gt__fiber *gt__fiber_new(size_t stack_size, void (*entry)(void *arg), void *arg);

/* The calling thread's own stack as a fiber, so that others can switch back to it. */
gt__fiber *gt__fiber_new_main(void);

/* Gives the stack back to the pool (or unmaps it) without unwinding; it must not be the one that
 * runs. Takes NULL. */
void gt__fiber_free(gt__fiber *fiber);

/* Leaves `from`, which is running, and goes on in `to`. Returns when somebody switches back. errno,
 * the floating-point modes and C++'s record of caught exceptions are kept per fiber. */
void gt__fiber_switch(gt__fiber *from, gt__fiber *to);

/* The same, never to return: `from` may be freed by whoever runs next. */
GT_NORETURN void gt__fiber_switch_final(gt__fiber *from, gt__fiber *to);

/* True when the calling code runs on this fiber's stack. The thread's own stack, whose bounds
 * nobody tells, always answers true: ask the fiber that should be running. */
bool gt__fiber_holds_stack(const gt__fiber *fiber);

/* Says that a longjmp left `left` for the stack of `now`, on which the caller runs: puts the tools
 * (ASan, TSan, valgrind) right. `left` must be freed, never switched to. */
void gt__fiber_jumped(gt__fiber *left, gt__fiber *now);

/* Unmaps this thread's pooled stacks (also done at thread exit). */
void gt__fiber_trim(void);

#endif
