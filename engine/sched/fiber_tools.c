#include "fiber_tools.h"

#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif

static unsigned valgrind_register(void *low, size_t size)
{
#ifdef VALGRIND_STACK_REGISTER
    return (unsigned)VALGRIND_STACK_REGISTER(low, (char *)low + size);
#else
    (void)low, (void)size;
    return 0;
#endif
}

static void valgrind_deregister(unsigned stack)
{
#ifdef VALGRIND_STACK_DEREGISTER
    VALGRIND_STACK_DEREGISTER(stack);
#else
    (void)stack;
#endif
}

static bool on_valgrind(void)
{
#ifdef RUNNING_ON_VALGRIND
    return RUNNING_ON_VALGRIND != 0;
#else
    return false;
#endif
}

void gt__tools_open(gt__tools *tools, void *low, size_t size)
{
    *tools = (gt__tools){.low = low, .size = size, .mapped = true};
    tools->valgrind_stack = valgrind_register(low, size);
    if (__lsan_register_root_region)
        __lsan_register_root_region(low, size);
    if (__tsan_create_fiber)
        tools->tsan_fiber = __tsan_create_fiber(0);
}

void gt__tools_open_main(gt__tools *tools)
{
    *tools = (gt__tools){0};
    if (__tsan_get_current_fiber)
        tools->tsan_fiber = __tsan_get_current_fiber();
}

/* ASan drops the fake stack of the fiber that runs, on its way out: pretends to be there. */
__attribute__((no_sanitize("address"))) static void drop_fake_stack(void *fake_stack)
{
    void *own;
    const void *low;
    size_t size;
    __sanitizer_start_switch_fiber(&own, NULL, 0);
    __sanitizer_finish_switch_fiber(fake_stack, &low, &size);
    __sanitizer_start_switch_fiber(NULL, low, size);
    __sanitizer_finish_switch_fiber(own, NULL, NULL);
}

void gt__tools_close(gt__tools *tools)
{
    if (!tools->mapped)
        return;
    if (tools->fake_stack)
        drop_fake_stack(tools->fake_stack);
    valgrind_deregister(tools->valgrind_stack);
    if (__lsan_unregister_root_region)
        __lsan_unregister_root_region(tools->low, tools->size);
    if (__tsan_destroy_fiber)
        __tsan_destroy_fiber(tools->tsan_fiber);
}

bool gt__tools_want_fresh_stacks(void)
{
    return __sanitizer_start_switch_fiber || on_valgrind();
}

void gt__tools_forget_memory(void *low, size_t size)
{
    if (__asan_unpoison_memory_region)
        __asan_unpoison_memory_region(low, size);
}

void gt__tools_arrive(gt__tools *self, gt__tools *from)
{
    if (!__sanitizer_finish_switch_fiber)
        return;
    const void *low;
    size_t size;
    __sanitizer_finish_switch_fiber(self->fake_stack, &low, &size);
    if (!from->mapped) {
        from->low = low;
        from->size = size;
    }
}
