/* gt__registers_init and gt__registers_swap for x86-64, System V calling convention.
 *
 * A suspended stack, from its stack pointer up:
 *     +0 mxcsr   +4 x87 control word   +8 r15   +16 r14   +24 r13   +32 r12   +40 rbx   +48 rbp
 *     +56 where to go on
 * There is no note that claims shadow-stack support on purpose: a switch of stacks alone would
 * trip it, so the linker must turn it off for the program. */
#include "fiber_registers.h"

#if defined(__x86_64__) && !defined(GT__FIBER_UCONTEXT)

#define FRAME 64

        .text

/* void gt__registers_init(registers=rdi, low=rsi, size=rdx, entry=rcx, arg=r8) */
        .globl  gt__registers_init
        .hidden gt__registers_init
        .type   gt__registers_init, @function
gt__registers_init:
        .cfi_startproc
        leaq    -FRAME(%rsi,%rdx), %rax
        stmxcsr 0(%rax)
        fnstcw  4(%rax)
        movq    %rcx, 32(%rax)                  /* r12: entry */
        movq    %r8, 24(%rax)                   /* r13: arg */
        movq    $0, 48(%rax)                    /* rbp: the end for walkers of frame pointers */
        leaq    first_entry(%rip), %rcx
        movq    %rcx, 56(%rax)
        movq    %rax, (%rdi)
        ret
        .cfi_endproc
        .size   gt__registers_init, . - gt__registers_init

/* void gt__registers_swap(from=rdi, to=rsi) */
        .globl  gt__registers_swap
        .hidden gt__registers_swap
        .type   gt__registers_swap, @function
gt__registers_swap:
        .cfi_startproc
        pushq   %rbp
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rbp, 0
        pushq   %rbx
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rbx, 0
        pushq   %r12
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r12, 0
        pushq   %r13
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r13, 0
        pushq   %r14
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r14, 0
        pushq   %r15
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r15, 0
        subq    $8, %rsp
        .cfi_adjust_cfa_offset 8
        stmxcsr 0(%rsp)
        fnstcw  4(%rsp)
        movq    %rsp, (%rdi)

        movq    (%rsi), %rsp                    /* the frame has the same shape on both sides */
        ldmxcsr 0(%rsp)
        fldcw   4(%rsp)
        addq    $8, %rsp
        .cfi_adjust_cfa_offset -8
        popq    %r15
        .cfi_adjust_cfa_offset -8
        .cfi_restore r15
        popq    %r14
        .cfi_adjust_cfa_offset -8
        .cfi_restore r14
        popq    %r13
        .cfi_adjust_cfa_offset -8
        .cfi_restore r13
        popq    %r12
        .cfi_adjust_cfa_offset -8
        .cfi_restore r12
        popq    %rbx
        .cfi_adjust_cfa_offset -8
        .cfi_restore rbx
        popq    %rbp
        .cfi_adjust_cfa_offset -8
        .cfi_restore rbp
        ret
        .cfi_endproc
        .size   gt__registers_swap, . - gt__registers_swap

/* Where a fresh stack begins, with its top aligned to 16. Nobody called it, and the unwind table
 * says so: backtrace() and debuggers stop here. */
        .type   first_entry, @function
first_entry:
        .cfi_startproc
        .cfi_undefined rip
        movq    %r13, %rdi
        call    *%r12
        ud2
        .cfi_endproc
        .size   first_entry, . - first_entry

#endif

        .section .note.GNU-stack, "", %progbits
