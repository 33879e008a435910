#include "fiber.h"

#include "fiber_registers.h"
#include "fiber_stack.h"
#include "fiber_tools.h"

#include <errno.h>

/* The C++ run time's record of exceptions being handled, as its ABI lays it out; a fiber that is
 * suspended inside a catch block takes it along. */
typedef struct exceptions {
    void *caught;
    unsigned uncaught;
#ifdef __ARM_EABI_UNWINDER__
    void *propagating;
#endif
} exceptions;

exceptions *__cxa_get_globals(void) __attribute__((weak));

/* The record of a fiber lies at the top of its own stack; that of a thread's stack is allocated. */
struct gt__fiber {
    gt__registers registers;
    gt__stack stack; /* empty for a thread's own */
    gt__tools tools;
    gt__fiber *left; /* the one that switched here last */
    void (*entry)(void *arg);
    void *arg;
    exceptions exceptions;
    int error; /* errno */
};

/* Keeps what the thread has but the fiber owns. */
static void keep_thread_state(gt__fiber *from)
{
    from->error = errno;
    if (__cxa_get_globals)
        from->exceptions = *__cxa_get_globals();
}

static void bring_thread_state(const gt__fiber *to)
{
    if (__cxa_get_globals)
        *__cxa_get_globals() = to->exceptions;
    errno = to->error;
}

static void run_fiber(void *arg)
{
    gt__fiber *self = arg;
    gt__tools_arrive(&self->tools, &self->left->tools);
    bring_thread_state(self);
    self->entry(self->arg);
    gt__misuse("a fiber's entry returned instead of switching away");
}

gt__fiber *gt__fiber_new(size_t stack_size, void (*entry)(void *arg), void *arg)
{
    gt__stack stack = gt__stack_take(stack_size + sizeof(gt__fiber));
    size_t usable = (stack.size - sizeof(gt__fiber)) & ~(size_t)15;
    gt__fiber *fiber = (gt__fiber *)(void *)(stack.low + usable);
    /* Field by field: gcc clears a whole record by `rep stos`, which takes 100 ns. */
    fiber->stack = stack;
    fiber->entry = entry;
    fiber->arg = arg;
    fiber->exceptions = (exceptions){0};
    fiber->error = 0;
    gt__tools_open(&fiber->tools, stack.low, stack.size);
    gt__registers_init(&fiber->registers, stack.low, usable, run_fiber, fiber);
    return fiber;
}

gt__fiber *gt__fiber_new_main(void)
{
    gt__fiber *fiber = gt__new(gt__fiber);
    gt__tools_open_main(&fiber->tools);
    return fiber;
}

void gt__fiber_free(gt__fiber *fiber)
{
    if (!fiber)
        return;
    gt__stack stack = fiber->stack;
    gt__tools_close(&fiber->tools);
    if (stack.low)
        gt__stack_give(stack);
    else
        gt__free(fiber);
}

void gt__fiber_switch(gt__fiber *from, gt__fiber *to)
{
    keep_thread_state(from);
    to->left = from;
    gt__tools_leave(&from->tools.fake_stack, &to->tools);
    gt__registers_swap(&from->registers, &to->registers);
    gt__tools_arrive(&from->tools, &from->left->tools);
    bring_thread_state(from);
}

void gt__fiber_switch_final(gt__fiber *from, gt__fiber *to)
{
    to->left = from;
    from->tools.fake_stack = NULL;
    gt__tools_leave(NULL, &to->tools);
    gt__registers_swap(&from->registers, &to->registers);
    gt__misuse("a fiber that had ended was switched to");
}

bool gt__fiber_holds_stack(const gt__fiber *fiber)
{
    const uint8_t *here = __builtin_frame_address(0);
    if (!fiber->stack.low)
        return true;
    return here >= fiber->stack.low && here < fiber->stack.low + fiber->stack.size;
}

void gt__fiber_jumped(gt__fiber *left, gt__fiber *now)
{
    gt__tools_jumped(&left->tools, &now->tools);
    if (__cxa_get_globals)
        *__cxa_get_globals() = now->exceptions;
}

void gt__fiber_trim(void)
{
    gt__stack_trim();
}
