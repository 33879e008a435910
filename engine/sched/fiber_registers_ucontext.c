/* Switching for machines without an assembly file. It asks the kernel to save and set the signal
 * mask at every switch, which costs some twenty times as much. */
#include "fiber_registers.h"

#ifdef GT__FIBER_UCONTEXT

#include "engine/core/core.h"

typedef struct start {
    void (*entry)(void *arg);
    void *arg;
} start;

/* makecontext passes ints, so a pointer comes in two halves. */
static void first_entry(unsigned high, unsigned low)
{
    start *begin = (start *)(uintptr_t)((uint64_t)high << 32 | low);
    begin->entry(begin->arg);
}

void gt__registers_init(gt__registers *registers, void *low, size_t size, void (*entry)(void *arg),
                        void *arg)
{
    size -= (sizeof(start) + 15) & ~(size_t)15;
    start *begin = (start *)(void *)((char *)low + size);
    *begin = (start){entry, arg};
    if (getcontext(&registers->context))
        gt__misuse("getcontext failed");
    registers->context.uc_stack.ss_sp = low;
    registers->context.uc_stack.ss_size = size;
    registers->context.uc_link = NULL;
    uint64_t address = (uintptr_t)begin;
    makecontext(&registers->context, (void (*)(void))(uintptr_t)first_entry, 2,
                (unsigned)(address >> 32), (unsigned)address);
}

void gt__registers_swap(gt__registers *from, gt__registers *to)
{
    swapcontext(&from->context, &to->context);
}

#else
typedef int gt__registers_are_in_assembly; /* ISO C forbids an empty file */
#endif
