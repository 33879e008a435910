/* What a switch and a stack cost, by each way there is: docs/decisions/0001-fibers.md has a run of
 * this. Build with -DGRPCTEST_BENCH=ON -DCMAKE_BUILD_TYPE=Release. */
#include "fiber.h"
#include "fiber_registers.h"

#include <setjmp.h>
#include <stdio.h>
#include <time.h>
#include <ucontext.h>

enum { SWITCHES = 2000000, STACKS = 200000, FRESH_STACKS = 20000, STACK = 256 * 1024 };

static double now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Each way is one partner that hands back at once, for ever, and a step that visits it. */
static struct partner {
    gt__registers here, there;
    jmp_buf jump_here, jump_there;
    gt__fiber *fiber_here, *fiber_there;
    _Alignas(16) unsigned char stack[STACK];
} partner;

static void swapping_partner(void *arg)
{
    (void)arg;
    for (;;)
        gt__registers_swap(&partner.there, &partner.here);
}

static void visit_by_swap(void)
{
    gt__registers_swap(&partner.here, &partner.there);
}

static void jumping_partner(void)
{
    for (;;)
        if (_setjmp(partner.jump_there) == 0)
            _longjmp(partner.jump_here, 1);
}

static void visit_by_jump(void)
{
    if (_setjmp(partner.jump_here) == 0)
        _longjmp(partner.jump_there, 1);
}

/* As in the scheduler, all fibers switch in one place: the processor foresees the returns that they
 * have in common. */
__attribute__((noinline)) static void schedule(gt__fiber *from, gt__fiber *to)
{
    gt__fiber_switch(from, to);
    __asm__ volatile("");
}

static void fiber_partner(void *arg)
{
    (void)arg;
    for (;;)
        schedule(partner.fiber_there, partner.fiber_here);
}

static void visit_fiber(void)
{
    schedule(partner.fiber_here, partner.fiber_there);
}

/* Best of five, as the least disturbed. A visit is two switches. */
static void measure(const char *name, void (*step)(void), int steps, int per_step)
{
    double best = 1e18;
    for (int round = 0; round < 5; round++) {
        double began = now_ns();
        for (int i = 0; i < steps; i++)
            step();
        double each = (now_ns() - began) / steps / per_step;
        best = each < best ? each : best;
    }
    printf("%-44s %9.1f ns\n", name, best);
}

/* setjmp cannot begin on a new stack: ucontext carries it there once. */
static void start_jumping(void)
{
    static ucontext_t there;
    getcontext(&there);
    there.uc_stack.ss_sp = partner.stack;
    there.uc_stack.ss_size = sizeof partner.stack;
    makecontext(&there, jumping_partner, 0);
    if (_setjmp(partner.jump_here) == 0)
        setcontext(&there);
}

static void pooled_stack(void)
{
    gt__fiber_free(gt__fiber_new(STACK, fiber_partner, NULL));
}

static void fresh_stack(void)
{
    gt__fiber_free(gt__fiber_new(STACK, fiber_partner, NULL));
    gt__fiber_trim();
}

int main(void)
{
    gt__registers_init(&partner.there, partner.stack, sizeof partner.stack, swapping_partner, NULL);
    measure("switch, registers alone", visit_by_swap, SWITCHES, 2);
    start_jumping();
    measure("switch, setjmp and longjmp alone", visit_by_jump, SWITCHES, 2);

    partner.fiber_here = gt__fiber_new_main();
    partner.fiber_there = gt__fiber_new(STACK, fiber_partner, NULL);
    measure("switch, gt__fiber_switch (errno, tools)", visit_fiber, SWITCHES, 2);
    measure("new and free on a pooled stack", pooled_stack, STACKS, 1);
    measure("new and free on a fresh mapping", fresh_stack, FRESH_STACKS, 1);
    gt__fiber_free(partner.fiber_there);
    gt__fiber_free(partner.fiber_here);
    return 0;
}
