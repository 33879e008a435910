/* The linker puts these functions in front of malloc and its kin (--wrap), in the library too. */
#include "engine/core/block_cache.h"
#include "fuzz.h"

#include <malloc.h>

static size_t held, peak, held_at_begin;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);

static void *taken(void *memory)
{
    held += memory ? malloc_usable_size(memory) : 0;
    if (held > peak)
        peak = held;
    return memory;
}

static void given_back(void *memory)
{
    held -= memory ? malloc_usable_size(memory) : 0;
}

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
    given_back(memory);
    return taken(__real_realloc(memory, size));
}

void __wrap_free(void *memory)
{
    given_back(memory);
    __real_free(memory);
}

void fuzz_memory_begin(void)
{
    gt__block_cache_close();
    held_at_begin = held;
}

void fuzz_memory_end(void)
{
    FUZZ_CHECK(held == held_at_begin, "%zd bytes were not given back",
               (ssize_t)(held - held_at_begin));
}

size_t fuzz_memory_held(void)
{
    return held;
}

void fuzz_memory_mark(void)
{
    peak = held;
}

size_t fuzz_memory_peak(void)
{
    return peak;
}
