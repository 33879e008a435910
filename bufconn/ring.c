#include "ring.h"

/* A call or two fit a page; what streams reaches any capacity in a few steps. */
enum { FIRST_SIZE = 4096, GROWTH = 4 };

void gt__ring_init(gt__ring *ring, size_t capacity)
{
    *ring = (gt__ring){.capacity = capacity};
}

void gt__ring_drop(gt__ring *ring)
{
    gt__free(ring->data);
    gt__ring_init(ring, ring->capacity);
}

gt_bytes gt__ring_peek(const gt__ring *ring)
{
    if (ring->used == 0)
        return gt_bytes_of(NULL, 0);
    size_t until_wrap = ring->size - ring->start;
    return gt_bytes_of(ring->data + ring->start, ring->used < until_wrap ? ring->used : until_wrap);
}

void gt__ring_consume(gt__ring *ring, size_t size)
{
    ring->used -= size;
    ring->start += size;
    /* Beginning again at 0 keeps the spans long: most rings are emptied each time. */
    if (ring->used == 0)
        ring->start = 0;
    else if (ring->start >= ring->size)
        ring->start -= ring->size;
}

/* Called on a full ring: moves the bytes to the front of a larger block. */
static void grow(gt__ring *ring)
{
    size_t size = ring->size ? ring->size : FIRST_SIZE / GROWTH;
    size = size > ring->capacity / GROWTH ? ring->capacity : size * GROWTH;
    uint8_t *data = gt__malloc(size);
    gt_bytes front = gt__ring_peek(ring);
    if (ring->used > 0) {
        memcpy(data, front.data, front.size);
        memcpy(data + front.size, ring->data, ring->used - front.size);
    }
    gt__free(ring->data);
    ring->data = data;
    ring->size = size;
    ring->start = 0;
}

size_t gt__ring_reserve(gt__ring *ring, uint8_t **room)
{
    if (gt__ring_full(ring))
        return 0;
    if (ring->used == ring->size)
        grow(ring);
    size_t until_wrap = ring->size - ring->start;
    if (ring->used < until_wrap) {
        *room = ring->data + ring->start + ring->used;
        return until_wrap - ring->used;
    }
    *room = ring->data + (ring->used - until_wrap);
    return ring->size - ring->used;
}

void gt__ring_commit(gt__ring *ring, size_t size)
{
    ring->used += size;
}
