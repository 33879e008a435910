/* fiber_tools.h - telling ASan, LeakSanitizer, TSan and valgrind about fibers.
 * Rule: the sanitizers are called through weak references, so the library, built without them,
 * works inside a program built with them. */
#ifndef GRPCTEST_ENGINE_SCHED_FIBER_TOOLS_H
#define GRPCTEST_ENGINE_SCHED_FIBER_TOOLS_H

#include "engine/core/core.h"

/* What the tools remember of one fiber. */
typedef struct gt__tools {
    const void *low; /* its stack; of a thread's own stack ASan tells once it was left */
    size_t size;
    void *fake_stack; /* ASan's */
    void *tsan_fiber;
    unsigned valgrind_stack;
    bool mapped; /* a stack of ours, not a thread's own */
} gt__tools;

/* Announces a fiber with a stack of our own. */
void gt__tools_open(gt__tools *tools, void *low, size_t size);
/* The calling thread's own stack as a fiber. */
void gt__tools_open_main(gt__tools *tools);
void gt__tools_close(gt__tools *tools);

/* True when stacks should not be reused, because a tool watches for late accesses. */
bool gt__tools_want_fresh_stacks(void);
/* Before memory that was a stack is unmapped: what is mapped there next starts without marks. */
void gt__tools_forget_memory(void *low, size_t size);

/* Right before the switch from `from` to `to`, keeping ASan's fake stack in *kept, or, with NULL,
 * dropping it as `from` is never resumed. In TSan's eyes the calling function runs on `to` from
 * here on: it must be the one that switches. */
static inline void gt__tools_leave(void **kept, const gt__tools *to);
/* Right after a switch, on `self`, which was resumed (or begun) by `from`. */
void gt__tools_arrive(gt__tools *self, gt__tools *from);
/* After a longjmp from `left` onto the thread's own stack `now`. */
static inline void gt__tools_jumped(gt__tools *left, gt__tools *now);

/* ---- the tools' own functions --------------------------------------------------------------- */

#define GT__WEAK __attribute__((weak))
void __sanitizer_start_switch_fiber(void **fake_stack, const void *low, size_t size) GT__WEAK;
void __sanitizer_finish_switch_fiber(void *fake_stack, const void **low, size_t *size) GT__WEAK;
void __asan_unpoison_memory_region(const volatile void *low, size_t size) GT__WEAK;
void __lsan_register_root_region(const void *low, size_t size) GT__WEAK;
void __lsan_unregister_root_region(const void *low, size_t size) GT__WEAK;
void *__tsan_get_current_fiber(void) GT__WEAK;
void *__tsan_create_fiber(unsigned flags) GT__WEAK;
void __tsan_destroy_fiber(void *fiber) GT__WEAK;
void __tsan_switch_to_fiber(void *fiber, unsigned flags) GT__WEAK;

/* Inlined even without optimisation: TSan keeps a stack of calls for each fiber, and a function
 * entered on one and left on another would unbalance both. */
__attribute__((always_inline)) static inline void gt__tools_leave(void **kept, const gt__tools *to)
{
    if (__sanitizer_start_switch_fiber)
        __sanitizer_start_switch_fiber(kept, to->low, to->size);
    if (__tsan_switch_to_fiber)
        __tsan_switch_to_fiber(to->tsan_fiber, 0);
}

__attribute__((always_inline)) static inline void gt__tools_jumped(gt__tools *left, gt__tools *now)
{
    /* Frames that were entered since the jump have their locals on the fake stack of `left`, as
     * ASan did not know better. So that one is never dropped. */
    void *lost;
    gt__tools_leave(&lost, now);
    gt__tools_arrive(now, left);
    /* The frames that the jump skipped below us went without clearing their marks. */
    const char *here = __builtin_frame_address(0);
    if (__asan_unpoison_memory_region && now->low)
        __asan_unpoison_memory_region(now->low, (size_t)(here - (const char *)now->low));
}

#endif
