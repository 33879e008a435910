#include "block_cache.h"

#include <stdlib.h>

#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif
#endif

/* Of each size: the small messages that one stream has under way, and more. */
enum { KEPT_BYTES = 256 * 1024 };

#define GT__WEAK __attribute__((weak))
void __asan_unpoison_memory_region(const volatile void *low, size_t size) GT__WEAK;
void *__tsan_get_current_fiber(void) GT__WEAK;

/* Only memcheck answers; valgrind's tools that measure see what is to be measured. */
static bool is_watched(void)
{
    if (__asan_unpoison_memory_region || __tsan_get_current_fiber)
        return true;
#ifdef VALGRIND_MAKE_MEM_DEFINED
    char probe = 0;
    if (VALGRIND_MAKE_MEM_DEFINED(&probe, sizeof probe) != 0)
        return true;
#endif
    return false;
}

void gt__block_cache_close(void)
{
    gt__thread_here.blocks.decided = true;
    for (size_t i = 0; i < GT__BLOCK_SIZES; i++) {
        while (gt__thread_here.blocks.first[i])
            free(gt__block_take(GT__BLOCK_LEAST + i * GT__BLOCK_STEP));
        gt__thread_here.blocks.room[i] = 0;
    }
}

static void close_at_end(void *unused)
{
    (void)unused;
    gt__block_cache_close();
}

bool gt__block_cache_open(void)
{
    if (gt__thread_here.blocks.decided)
        return false;
    gt__thread_here.blocks.decided = true;
    if (is_watched() || !gt__thread_at_end(close_at_end))
        return false;
    for (size_t i = 0; i < GT__BLOCK_SIZES; i++)
        gt__thread_here.blocks.room[i] =
            (uint32_t)(KEPT_BYTES / (GT__BLOCK_LEAST + i * GT__BLOCK_STEP));
    return true;
}
