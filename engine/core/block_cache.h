/* block_cache.h - small blocks that were freed, kept by size for whoever asks next: that takes a
 * few instructions, where malloc and free take a hundred.
 * Rule: every block is malloc's own, so that free() is right for it too; where a tool watches
 * memory - ASan, TSan, valgrind's memcheck - nothing is kept, and it sees each block live and die.
 */
#ifndef GRPCTEST_ENGINE_CORE_BLOCK_CACHE_H
#define GRPCTEST_ENGINE_CORE_BLOCK_CACHE_H

#include "thread.h"

/* The first time on a thread: makes room, unless nothing is to be kept. True when some was made. */
bool gt__block_cache_open(void);
/* Frees what the thread keeps and keeps nothing more on it. */
void gt__block_cache_close(void);

/* Which kept blocks are large enough for `size` bytes; GT__BLOCK_SIZES or more: none. */
static inline size_t gt__block_index(size_t size)
{
    return size <= GT__BLOCK_LEAST ? 0 : (size - GT__BLOCK_LEAST - 1) / GT__BLOCK_STEP + 1;
}

/* What to ask malloc for, so that the block can be kept. */
static inline size_t gt__block_size(size_t size)
{
    size_t index = gt__block_index(size);
    return index < GT__BLOCK_SIZES ? GT__BLOCK_LEAST + index * GT__BLOCK_STEP : size;
}

/* A kept block of at least `size` bytes, or NULL. */
static inline void *gt__block_take(size_t size)
{
    size_t index = gt__block_index(size);
    if (index >= GT__BLOCK_SIZES || !gt__thread_here.blocks.first[index])
        return NULL;
    void *block = gt__thread_here.blocks.first[index];
    memcpy(&gt__thread_here.blocks.first[index], block, sizeof block);
    gt__thread_here.blocks.room[index]++;
    return block;
}

/* Keeps a block in which `usable` bytes are usable. False: it is still to be freed. */
static inline bool gt__block_keep(void *block, size_t usable)
{
    size_t index = (usable - GT__BLOCK_LEAST) / GT__BLOCK_STEP; /* enormous, where there are less */
    if (index >= GT__BLOCK_SIZES)
        return false;
    if (gt__thread_here.blocks.room[index] == 0 && !gt__block_cache_open())
        return false;
    memcpy(block, &gt__thread_here.blocks.first[index], sizeof block);
    gt__thread_here.blocks.first[index] = block;
    gt__thread_here.blocks.room[index]--;
    return true;
}

#endif
