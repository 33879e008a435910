/* A list of blocks; small requests share one. */
#include "arena.h"

#include <stdalign.h>

#define ROOM 4000 /* of a shared block */

typedef struct gt__arena_block {
    struct gt__arena_block *next;
    size_t used;
    alignas(max_align_t) uint8_t room[];
} gt__arena_block;

void gt__arena_cleanup(gt__arena *arena)
{
    while (arena->blocks) {
        gt__arena_block *block = arena->blocks;
        arena->blocks = block->next;
        gt__free(block);
    }
}

static gt__arena_block *add_block(gt__arena *arena, size_t room)
{
    gt__arena_block *block = gt__calloc(1, sizeof *block + room);
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

/* A block of its own, behind the shared one, which keeps its place. */
static void *take_alone(gt__arena *arena, size_t size)
{
    gt__arena_block *shared = arena->blocks;
    gt__arena_block *block = add_block(arena, size);
    block->used = ROOM;
    if (shared) {
        block->next = shared->next;
        shared->next = block;
        arena->blocks = shared;
    }
    return block->room;
}

void *gt__arena_take(gt__arena *arena, size_t count, size_t size)
{
    size_t step = alignof(max_align_t);
    if (size != 0 && count > (SIZE_MAX / 2) / size)
        gt__misuse("no memory for %zu times %zu bytes", count, size);
    size_t rounded = (count * size + step - 1) / step * step;
    if (rounded > ROOM / 4)
        return take_alone(arena, rounded);
    gt__arena_block *block = arena->blocks;
    if (!block || ROOM - block->used < rounded)
        block = add_block(arena, ROOM);
    void *memory = block->room + block->used;
    block->used += rounded;
    return memory;
}

char *gt__arena_copy(gt__arena *arena, gt_bytes bytes)
{
    char *copy = gt__arena_take(arena, bytes.size + 1, 1);
    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    return copy;
}

char *gt__arena_printf(gt__arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = gt__vprintf(format, args);
    va_end(args);
    char *copy = gt__arena_copy(arena, gt_bytes_str(text));
    gt__free(text);
    return copy;
}
