#include "fiber_stack.h"

#include "engine/core/thread.h"
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
    void *next;
    gt__stack stack;
} pooled;

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static void *map(size_t size)
{
    if (gt__alloc_fails()) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return mmap(NULL, size, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
}

static gt__stack map_stack(size_t size)
{
    size_t guard = page_size();
    uint8_t *memory = map(guard + size);
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

static void trim_at_end(void *unused)
{
    (void)unused;
    gt__stack_trim();
    gt__thread_here.stacks.trimmed_at_end = false;
}

/* True when the pool may grow by `size`: only once the thread's end is sure to empty it. */
static bool pool_accepts(size_t size)
{
    if (size > POOL_LIMIT - gt__thread_here.stacks.bytes || gt__tools_want_fresh_stacks())
        return false;
    if (!gt__thread_here.stacks.trimmed_at_end)
        gt__thread_here.stacks.trimmed_at_end = gt__thread_at_end(trim_at_end);
    return gt__thread_here.stacks.trimmed_at_end;
}

/* Takes the stack out of the pool that *link leads to. */
static gt__stack unlink_stack(void **link)
{
    const pooled *kept = *link;
    gt__stack stack = kept->stack;
    *link = kept->next;
    gt__thread_here.stacks.bytes -= stack.size;
    return stack;
}

gt__stack gt__stack_take(size_t size)
{
    size = (size + page_size() - 1) & ~(page_size() - 1);
    for (void **link = &gt__thread_here.stacks.first; *link; link = &((pooled *)*link)->next)
        if (((const pooled *)*link)->stack.size == size)
            return unlink_stack(link);
    return map_stack(size);
}

void gt__stack_give(gt__stack stack)
{
    if (!pool_accepts(stack.size)) {
        unmap_stack(stack);
        return;
    }
    pooled *kept = (pooled *)(void *)(stack.low + stack.size - sizeof *kept);
    *kept = (pooled){gt__thread_here.stacks.first, stack};
    gt__thread_here.stacks.first = kept;
    gt__thread_here.stacks.bytes += stack.size;
}

void gt__stack_trim(void)
{
    while (gt__thread_here.stacks.first)
        unmap_stack(unlink_stack(&gt__thread_here.stacks.first));
}
