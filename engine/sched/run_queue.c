#include "run_queue.h"

#define FIRST_CAPACITY 64

void gt__run_queue_init(gt__run_queue *queue, uint64_t seed)
{
    *queue = (gt__run_queue){.shuffled = seed != 0};
    gt__random_init(&queue->random, seed, "run queue");
}

void gt__run_queue_cleanup(gt__run_queue *queue)
{
    gt__free(queue->ring);
    *queue = (gt__run_queue){0};
}

/* The place `distance` behind the head. */
static uint32_t place_of(const gt__run_queue *queue, uint32_t distance)
{
    return (queue->head + distance) & (queue->capacity - 1);
}

static void put(gt__run_queue *queue, uint32_t distance, gt__job *job)
{
    uint32_t place = place_of(queue, distance);
    queue->ring[place] = job;
    job->slot = place + 1;
}

/* Makes room, in a larger ring or, where half of it is holes, in one of the same size. */
static void grow(gt__run_queue *queue)
{
    gt__run_queue old = *queue;
    if (queue->holes <= queue->count / 2)
        queue->capacity = old.capacity ? old.capacity * 2 : FIRST_CAPACITY;
    queue->ring = gt__malloc(queue->capacity * sizeof(*queue->ring));
    queue->head = queue->count = queue->holes = 0;
    for (uint32_t i = 0; i < old.count; i++) {
        gt__job *job = old.ring[place_of(&old, i)];
        if (job)
            put(queue, queue->count++, job);
    }
    gt__free(old.ring);
}

void gt__run_queue_push_behind(gt__run_queue *queue, gt__job *job)
{
    if (queue->count == queue->capacity)
        grow(queue);
    put(queue, queue->count++, job);
}

void gt__run_queue_push(gt__run_queue *queue, gt__job *job)
{
    gt__run_queue_push_behind(queue, job);
    if (!queue->shuffled)
        return;
    uint32_t last = queue->count - 1, border = queue->first_part++;
    if (border != last) {
        put(queue, last, queue->ring[place_of(queue, border)]);
        put(queue, border, job);
    }
}

/* Takes out one of the first part; the gap wanders to the end of each part. */
static gt__job *take(gt__run_queue *queue, uint32_t distance)
{
    gt__job *job = queue->ring[place_of(queue, distance)];
    if (distance < queue->first_part) {
        uint32_t last = --queue->first_part;
        put(queue, distance, queue->ring[place_of(queue, last)]);
        distance = last;
    }
    uint32_t end = --queue->count;
    if (distance != end)
        put(queue, distance, queue->ring[place_of(queue, end)]);
    job->slot = 0;
    return job;
}

static gt__job *pop_any(gt__run_queue *queue)
{
    if (queue->count == 0)
        return NULL;
    if (queue->first_part == 0)
        queue->first_part = queue->count;
    uint32_t pick = 0;
    if (queue->first_part > 1)
        pick = (uint32_t)gt__random_below(&queue->random, queue->first_part);
    return take(queue, pick);
}

gt__job *gt__run_queue_pop(gt__run_queue *queue)
{
    if (queue->shuffled)
        return pop_any(queue);
    while (queue->count > 0) {
        gt__job *job = queue->ring[queue->head];
        queue->head = place_of(queue, 1);
        queue->count--;
        if (job) {
            job->slot = 0;
            return job;
        }
        queue->holes--;
    }
    return NULL;
}

void gt__run_queue_remove(gt__run_queue *queue, gt__job *job)
{
    uint32_t place = job->slot - 1;
    if (queue->shuffled) {
        take(queue, (place - queue->head) & (queue->capacity - 1));
        return;
    }
    queue->ring[place] = NULL;
    queue->holes++;
    job->slot = 0;
}
