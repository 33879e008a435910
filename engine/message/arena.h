/* arena.h - memory that is given back all at once.
 * Rule: zeros are an empty arena; what it hands out is zeroed, and never freed alone. */
#ifndef GRPCTEST_ENGINE_MESSAGE_ARENA_H
#define GRPCTEST_ENGINE_MESSAGE_ARENA_H

#include "engine/core/core.h"

typedef struct gt__arena {
    struct gt__arena_block *blocks;
} gt__arena;

void gt__arena_cleanup(gt__arena *arena);
/* `count` things of `size` bytes, aligned for any type. */
void *gt__arena_take(gt__arena *arena, size_t count, size_t size);
/* A copy of the bytes with a NUL behind them. */
char *gt__arena_copy(gt__arena *arena, gt_bytes bytes);
char *gt__arena_printf(gt__arena *arena, const char *format, ...) GT_PRINTF(2, 3);

#define gt__arena_new(arena, type) ((type *)gt__arena_take((arena), 1, sizeof(type)))
#define gt__arena_array(arena, count, type) ((type *)gt__arena_take((arena), (count), sizeof(type)))

#endif
