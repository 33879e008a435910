#include "timer_heap.h"

#define BRANCHES 4

void gt__timer_heap_cleanup(gt__timer_heap *heap)
{
    gt__free(heap->places);
    *heap = (gt__timer_heap){0};
}

static bool earlier(const gt__timer_place *a, const gt__timer_place *b)
{
    return a->when != b->when ? a->when < b->when : a->order < b->order;
}

static void put(gt__timer_heap *heap, size_t index, gt__timer_place place)
{
    heap->places[index] = place;
    place.timer->slot = index + 1;
}

static void sift_up(gt__timer_heap *heap, size_t index, gt__timer_place place)
{
    while (index > 0) {
        size_t parent = (index - 1) / BRANCHES;
        if (!earlier(&place, &heap->places[parent]))
            break;
        put(heap, index, heap->places[parent]);
        index = parent;
    }
    put(heap, index, place);
}

static size_t earliest_child(const gt__timer_heap *heap, size_t index)
{
    size_t first = index * BRANCHES + 1, best = first;
    for (size_t child = first + 1; child < first + BRANCHES && child < heap->count; child++)
        if (earlier(&heap->places[child], &heap->places[best]))
            best = child;
    return best;
}

static void sift_down(gt__timer_heap *heap, size_t index, gt__timer_place place)
{
    while (index * BRANCHES + 1 < heap->count) {
        size_t child = earliest_child(heap, index);
        if (!earlier(&heap->places[child], &place))
            break;
        put(heap, index, heap->places[child]);
        index = child;
    }
    put(heap, index, place);
}

void gt__timer_heap_add(gt__timer_heap *heap, gt__timer *timer)
{
    if (heap->count == heap->capacity) {
        heap->capacity = heap->capacity ? heap->capacity * 2 : 64;
        heap->places = gt__realloc(heap->places, heap->capacity * sizeof(*heap->places));
    }
    sift_up(heap, heap->count++, (gt__timer_place){timer->when, heap->next_order++, timer});
}

void gt__timer_heap_remove(gt__timer_heap *heap, gt__timer *timer)
{
    size_t index = timer->slot - 1;
    timer->slot = 0;
    gt__timer_place last = heap->places[--heap->count];
    if (last.timer == timer)
        return;
    if (index > 0 && earlier(&last, &heap->places[(index - 1) / BRANCHES]))
        sift_up(heap, index, last);
    else
        sift_down(heap, index, last);
}

gt__timer *gt__timer_heap_first(const gt__timer_heap *heap)
{
    return heap->count > 0 ? heap->places[0].timer : NULL;
}
