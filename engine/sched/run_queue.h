/* run_queue.h - what can run at this instant: a ring of jobs, popped from the front or, with a
 * seed, from anywhere. Rule: each push, pop and removal is O(1); order depends on no address. */
#ifndef GRPCTEST_ENGINE_SCHED_RUN_QUEUE_H
#define GRPCTEST_ENGINE_SCHED_RUN_QUEUE_H

#include "sched.h"

/* Shuffled, the ring has no holes and two parts: first those that may be popped, then those that
 * stand back (push_behind) until the first part is used up. In order, removal leaves holes (NULL)
 * that a pop skips, and all may be popped. */
typedef struct gt__run_queue {
    gt__job **ring;
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t head, count;
    uint32_t holes;
    uint32_t first_part; /* shuffled only */
    bool shuffled;
    gt__random random;
} gt__run_queue;

/* A seed of 0 means in order. */
void gt__run_queue_init(gt__run_queue *queue, uint64_t seed);
void gt__run_queue_cleanup(gt__run_queue *queue);

static inline bool gt__run_queue_empty(const gt__run_queue *queue)
{
    return queue->count == queue->holes;
}

/* The job must not be queued. */
void gt__run_queue_push(gt__run_queue *queue, gt__job *job);
/* Behind all that is queued now, shuffled or not. */
void gt__run_queue_push_behind(gt__run_queue *queue, gt__job *job);
/* The next to run, or NULL when there is none. */
gt__job *gt__run_queue_pop(gt__run_queue *queue);
/* The job must be queued. */
void gt__run_queue_remove(gt__run_queue *queue, gt__job *job);

#endif
