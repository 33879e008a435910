/* gt__registers_init and gt__registers_swap for AArch64, its standard calling convention.
 *
 * A suspended stack, from its stack pointer up:
 *     +0 x19 .. x28   +80 x29, x30 (where to go on)   +96 d8 .. d15   +160 fpcr, unused */
#include "fiber_registers.h"

#if defined(__aarch64__) && !defined(GT__FIBER_UCONTEXT)

#define FRAME 176

        .text

/* void gt__registers_init(registers=x0, low=x1, size=x2, entry=x3, arg=x4) */
        .globl  gt__registers_init
        .hidden gt__registers_init
        .type   gt__registers_init, %function
gt__registers_init:
        .cfi_startproc
        add     x1, x1, x2
        sub     x1, x1, #FRAME
        stp     x3, x4, [x1]                    /* x19: entry, x20: arg */
        adr     x5, first_entry
        stp     xzr, x5, [x1, #80]              /* x29: the end for walkers of frame pointers */
        mrs     x6, fpcr
        str     x6, [x1, #160]
        str     x1, [x0]
        ret
        .cfi_endproc
        .size   gt__registers_init, . - gt__registers_init

/* void gt__registers_swap(from=x0, to=x1) */
        .globl  gt__registers_swap
        .hidden gt__registers_swap
        .type   gt__registers_swap, %function
gt__registers_swap:
        .cfi_startproc
        sub     sp, sp, #FRAME
        .cfi_def_cfa_offset FRAME
        stp     x19, x20, [sp]
        stp     x21, x22, [sp, #16]
        stp     x23, x24, [sp, #32]
        stp     x25, x26, [sp, #48]
        stp     x27, x28, [sp, #64]
        stp     x29, x30, [sp, #80]
        .cfi_rel_offset x29, 80
        .cfi_rel_offset x30, 88
        stp     d8, d9, [sp, #96]
        stp     d10, d11, [sp, #112]
        stp     d12, d13, [sp, #128]
        stp     d14, d15, [sp, #144]
        mrs     x2, fpcr
        str     x2, [sp, #160]
        mov     x3, sp
        str     x3, [x0]

        ldr     x3, [x1]                        /* the frame has the same shape on both sides */
        mov     sp, x3
        ldr     x2, [sp, #160]
        msr     fpcr, x2
        ldp     x19, x20, [sp]
        ldp     x21, x22, [sp, #16]
        ldp     x23, x24, [sp, #32]
        ldp     x25, x26, [sp, #48]
        ldp     x27, x28, [sp, #64]
        ldp     x29, x30, [sp, #80]
        ldp     d8, d9, [sp, #96]
        ldp     d10, d11, [sp, #112]
        ldp     d12, d13, [sp, #128]
        ldp     d14, d15, [sp, #144]
        add     sp, sp, #FRAME
        .cfi_def_cfa_offset 0
        .cfi_restore x29
        .cfi_restore x30
        ret
        .cfi_endproc
        .size   gt__registers_swap, . - gt__registers_swap

/* Where a fresh stack begins. Nobody called it, and the unwind table says so: backtrace() and
 * debuggers stop here. */
        .type   first_entry, %function
first_entry:
        .cfi_startproc
        .cfi_undefined x30
        mov     x0, x20
        blr     x19
        brk     #1
        .cfi_endproc
        .size   first_entry, . - first_entry

#endif

        .section .note.GNU-stack, "", %progbits
