/* fiber_registers.h - the machine's part of a fiber: what a call must preserve, kept while another
 * fiber runs. Rule: pure switching; tools, errno and stacks are the business of fiber.c. */
#ifndef GRPCTEST_ENGINE_SCHED_FIBER_REGISTERS_H
#define GRPCTEST_ENGINE_SCHED_FIBER_REGISTERS_H

/* GT__FIBER_UCONTEXT may be defined from outside to test the way that works everywhere. */
#if !defined(GT__FIBER_UCONTEXT) &&                                                                \
    !(defined(__ELF__) && ((defined(__x86_64__) && !defined(__ILP32__)) || defined(__aarch64__)))
#define GT__FIBER_UCONTEXT 1
#endif

#ifndef __ASSEMBLER__

#include <stddef.h>

#ifdef GT__FIBER_UCONTEXT
#include <ucontext.h>
typedef struct gt__registers {
    ucontext_t context;
} gt__registers;
#else
typedef struct gt__registers {
    void *stack_pointer; /* the rest lies on the stack, where this points */
} gt__registers;
#endif

/* Makes the first switch to `registers` call `entry(arg)` on the `size` bytes of stack at `low`,
 * which end aligned to 16. `entry` must not return. Floating-point modes are the caller's. */
void gt__registers_init(gt__registers *registers, void *low, size_t size, void (*entry)(void *arg),
                        void *arg);

/* Keeps what runs in `from` and goes on in `to`. */
void gt__registers_swap(gt__registers *from, gt__registers *to);

#endif
#endif
