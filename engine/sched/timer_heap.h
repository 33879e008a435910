/* timer_heap.h - the timers that are set, the earliest at hand: a heap of four branches.
 * Rule: of equal instants the one set first comes first; set and stop are O(log n). */
#ifndef GRPCTEST_ENGINE_SCHED_TIMER_HEAP_H
#define GRPCTEST_ENGINE_SCHED_TIMER_HEAP_H

#include "sched.h"

/* The key lies in the heap itself: comparing touches no timer. */
typedef struct gt__timer_place {
    gt_time when;
    uint64_t order; /* counts the settings */
    gt__timer *timer;
} gt__timer_place;

typedef struct gt__timer_heap {
    gt__timer_place *places;
    size_t count, capacity;
    uint64_t next_order;
} gt__timer_heap;

void gt__timer_heap_cleanup(gt__timer_heap *heap);
/* The timer must not be in the heap. */
void gt__timer_heap_add(gt__timer_heap *heap, gt__timer *timer);
/* The timer must be in the heap. */
void gt__timer_heap_remove(gt__timer_heap *heap, gt__timer *timer);
/* The earliest, or NULL. */
gt__timer *gt__timer_heap_first(const gt__timer_heap *heap);

#endif
