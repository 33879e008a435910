/* fiber_stack.h - memory for the stacks of fibers: mapped with a guard page, kept for reuse.
 * Rule: the pool belongs to the calling thread and is emptied when the thread ends. */
#ifndef GRPCTEST_ENGINE_SCHED_FIBER_STACK_H
#define GRPCTEST_ENGINE_SCHED_FIBER_STACK_H

#include "engine/core/core.h"

typedef struct gt__stack {
    uint8_t *low; /* the lowest usable byte; the guard page ends here */
    size_t size;  /* usable bytes, whole pages */
} gt__stack;

/* A stack of at least `size` bytes with undefined contents, pooled or fresh. Aborts with a sentence
 * when the system refuses the mapping. */
gt__stack gt__stack_take(size_t size);

/* Into this thread's pool, or back to the system when the pool is full. Under valgrind and ASan
 * always back to the system, so that a late access is seen. */
void gt__stack_give(gt__stack stack);

/* Empties this thread's pool. */
void gt__stack_trim(void);

#endif
