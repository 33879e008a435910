/* Every byte of the library's memory comes from here, so that one place decides what happens when
 * there is none: a sentence and abort (DESIGN: misuse and exhausted memory are of one kind). */
#include "block_cache.h"
#include "core.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* Up to here zeroing is left to us: glibc's calloc passes by the cache that its malloc has per
 * thread, which costs more than the zeros do. */
enum { SMALL = 1024 };

static void *checked(void *memory, size_t size)
{
    if (!memory)
        gt__misuse("out of memory: %zu bytes were not to be had", size);
    return memory;
}

/* ---- failing as told ------------------------------------------------------------------------- */

/* With no block kept, each that is asked for comes by here. */
void gt__alloc_fail_at(uint64_t nth)
{
    gt__block_cache_close();
    gt__thread_here.failing.at = nth;
    gt__thread_here.failing.asked = 0;
}

uint64_t gt__alloc_asked(void)
{
    return gt__thread_here.failing.asked;
}

bool gt__alloc_fails(void)
{
    return gt__thread_here.failing.at > 0 &&
           ++gt__thread_here.failing.asked == gt__thread_here.failing.at;
}

/* ---- the allocator --------------------------------------------------------------------------- */

/* What C leaves open for a size of 0 is settled here: a block like any other. */
static size_t at_least_one(size_t size)
{
    return size > 0 ? size : 1;
}

void *gt__malloc(size_t size)
{
    void *kept = gt__block_take(size);
    return kept ? kept : checked(gt__alloc_fails() ? NULL : malloc(gt__block_size(size)), size);
}

void *gt__calloc(size_t count, size_t size)
{
    if (size > 0 && count > SIZE_MAX / size)
        gt__misuse("out of memory: %zu times %zu bytes were not to be had", count, size);
    if (count * size <= SMALL)
        return memset(gt__malloc(count * size), 0, count * size);
    return checked(gt__alloc_fails() ? NULL : calloc(at_least_one(count), at_least_one(size)),
                   count * size);
}

void *gt__realloc(void *memory, size_t size)
{
    if (!memory)
        return gt__malloc(size);
    return checked(gt__alloc_fails() ? NULL : realloc(memory, at_least_one(size)), size);
}

void gt__free(void *memory)
{
    if (memory && !gt__block_keep(memory, malloc_usable_size(memory)))
        free(memory);
}

void *gt_alloc(size_t size)
{
    return gt__calloc(1, size);
}

void *gt_realloc(void *memory, size_t size)
{
    return gt__realloc(memory, size);
}

void gt_free(void *memory)
{
    gt__free(memory);
}

void *gt__memdup(const void *data, size_t size)
{
    void *copy = gt__malloc(size);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

char *gt__strndup(const char *text, size_t size)
{
    char *copy = gt__malloc(size + 1);
    if (size > 0)
        memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

char *gt__strdup(const char *text)
{
    return gt__strndup(text, strlen(text));
}
