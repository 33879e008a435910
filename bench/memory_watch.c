#include "memory_watch.h"

#include <malloc.h>

static size_t held, peak;

static void *taken(void *memory)
{
    held += malloc_usable_size(memory);
    if (held > peak)
        peak = held;
    return memory;
}

static void *given(void *memory)
{
    held -= malloc_usable_size(memory);
    return memory;
}

/* The names are the linker's: whoever calls malloc gets __wrap_malloc, and __real_malloc is malloc.
 */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);

void *__wrap_malloc(size_t size)
{
    return taken(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return taken(__real_calloc(count, size));
}

void *__wrap_realloc(void *memory, size_t size)
{
    return taken(__real_realloc(given(memory), size));
}

void __wrap_free(void *memory)
{
    __real_free(given(memory));
}

size_t memory_watch_held(void)
{
    return held;
}

size_t memory_watch_peak(void)
{
    return peak;
}

void memory_watch_reset_peak(void)
{
    peak = held;
}
