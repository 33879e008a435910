#include "fiber_stack.h"

#include "fiber.h"
#include "fiber_tools.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MAP_STACK
#define MAP_STACK 0
#endif

/* 128 stacks of the default size. */
#define POOL_LIMIT ((size_t)32 << 20)

/* Kept in the topmost bytes of a pooled stack: its first user touches that page anyway. */
typedef struct pooled {
    struct pooled *next;
    gt__stack stack;
} pooled;

/* The one thread-local of the library. */
static _Thread_local struct {
    pooled *first;
    size_t bytes;
    bool trimmed_at_exit;
    gt__fiber_thread thread; /* no stack, but a guest: there is one thread-local only */
} pool;

gt__fiber_thread *gt__fiber_thread_here(void)
{
    return &pool.thread;
}

/* The C library's hook for the end of a thread, which needs no key shared by all threads and keeps
 * a shared library loaded until it has run. Where there is none (musl) nothing is pooled. */
extern int __cxa_thread_atexit_impl(void (*function)(void *object), void *object, void *library)
    __attribute__((weak));
extern char __dso_handle[] __attribute__((visibility("hidden")));

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static gt__stack map_stack(size_t size)
{
    size_t guard = page_size();
    uint8_t *memory = mmap(NULL, guard + size, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, guard, PROT_NONE))
        gt__misuse("cannot map a fiber's stack of %zu bytes: %s (each takes two mappings; Linux "
                   "allows vm.max_map_count of them)",
                   size, strerror(errno));
    return (gt__stack){memory + guard, size};
}

static void unmap_stack(gt__stack stack)
{
    size_t guard = page_size();
    gt__tools_forget_memory(stack.low, stack.size);
    munmap(stack.low - guard, guard + stack.size);
}

static void trim_at_exit(void *object)
{
    (void)object;
    gt__stack_trim();
    pool.trimmed_at_exit = false;
}

/* True when the pool may grow by `size`: only once the thread's end is sure to empty it. */
static bool pool_accepts(size_t size)
{
    if (size > POOL_LIMIT - pool.bytes || gt__tools_want_fresh_stacks())
        return false;
    if (!pool.trimmed_at_exit && __cxa_thread_atexit_impl)
        pool.trimmed_at_exit = __cxa_thread_atexit_impl(trim_at_exit, NULL, __dso_handle) == 0;
    return pool.trimmed_at_exit;
}

gt__stack gt__stack_take(size_t size)
{
    size = (size + page_size() - 1) & ~(page_size() - 1);
    for (pooled **link = &pool.first; *link; link = &(*link)->next) {
        gt__stack stack = (*link)->stack;
        if (stack.size == size) {
            *link = (*link)->next;
            pool.bytes -= size;
            return stack;
        }
    }
    return map_stack(size);
}

void gt__stack_give(gt__stack stack)
{
    if (!pool_accepts(stack.size)) {
        unmap_stack(stack);
        return;
    }
    pooled *kept = (pooled *)(void *)(stack.low + stack.size - sizeof *kept);
    *kept = (pooled){pool.first, stack};
    pool.first = kept;
    pool.bytes += stack.size;
}

void gt__stack_trim(void)
{
    while (pool.first) {
        gt__stack stack = pool.first->stack;
        pool.first = pool.first->next;
        pool.bytes -= stack.size;
        unmap_stack(stack);
    }
}
