/* ring.h - the bytes under way in one direction of a pipe: a bounded ring that lends its memory.
 * Rule: it holds at most `capacity` bytes, costs nothing until the first one, and grows from a
 * page. Lent spans, of either side, are good until the next reserve, consume or drop. */
#ifndef GRPCTEST_BUFCONN_RING_H
#define GRPCTEST_BUFCONN_RING_H

#include "engine/core/core.h"

typedef struct gt__ring {
    uint8_t *data;
    size_t capacity; /* what it may hold */
    size_t size;     /* what `data` has room for by now */
    size_t start;    /* of the oldest byte; 0 whenever the ring is empty */
    size_t used;
} gt__ring;

void gt__ring_init(gt__ring *ring, size_t capacity);

/* Lets go of the bytes and the memory; the ring is as after init. */
void gt__ring_drop(gt__ring *ring);

/* Lends the oldest bytes, as many as lie together; empty when there are none. */
gt_bytes gt__ring_peek(const gt__ring *ring);
/* Takes `size` bytes, at most what there are, off the front. */
void gt__ring_consume(gt__ring *ring, size_t size);

static inline bool gt__ring_full(const gt__ring *ring)
{
    return ring->used == ring->capacity;
}

/* Lends room behind the newest byte, as much as lies together; 0 when the ring is full. */
size_t gt__ring_reserve(gt__ring *ring, uint8_t **room);
/* Adds the first `size` bytes of the room, at most what reserve lent. */
void gt__ring_commit(gt__ring *ring, size_t size);

#endif
