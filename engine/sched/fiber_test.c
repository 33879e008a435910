#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fiber.h"
#include "fiber_tools.h"

#include "engine/core/death_test.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fenv.h>
#include <stdlib.h>
#include <string.h>

enum { STACK = 64 * 1024 };

void *__asan_get_current_fake_stack(void) GT__WEAK;
void *__asan_region_is_poisoned(void *low, size_t size) GT__WEAK;
int __lsan_do_recoverable_leak_check(void) GT__WEAK;

/* Two ends that switch to and fro: the test's stack and one or two fibers. */
typedef struct pair {
    gt__fiber *main, *one, *two;
    char trace[64];
    int number;
    void *tsan_fiber;
    jmp_buf away;
} pair;

static void note(pair *p, const char *what)
{
    strcat(p->trace, what);
}

static int setup(void **state)
{
    pair *p = gt__new(pair);
    p->main = gt__fiber_new_main();
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    pair *p = *state;
    gt__fiber_free(p->one);
    gt__fiber_free(p->two);
    gt__fiber_free(p->main);
    gt__free(p);
    gt__fiber_trim();
    return 0;
}

static void says_b_and_d(void *arg)
{
    pair *p = arg;
    note(p, "b");
    gt__fiber_switch(p->one, p->main);
    note(p, "d");
    gt__fiber_switch_final(p->one, p->main);
}

static void switches_go_on_where_each_side_left_off(void **state)
{
    pair *p = *state;
    p->one = gt__fiber_new(STACK, says_b_and_d, p);

    note(p, "a");
    gt__fiber_switch(p->main, p->one);
    note(p, "c");
    gt__fiber_switch(p->main, p->one);
    note(p, "e");

    assert_string_equal(p->trace, "abcde");
}

static void one_hands_to_two(void *arg)
{
    pair *p = arg;
    note(p, "1");
    gt__fiber_switch(p->one, p->two);
    note(p, "3");
    gt__fiber_switch_final(p->one, p->two);
}

static void two_hands_to_one_then_main(void *arg)
{
    pair *p = arg;
    note(p, "2");
    gt__fiber_switch(p->two, p->one);
    note(p, "4");
    gt__fiber_switch_final(p->two, p->main);
}

static void fibers_switch_to_each_other_without_the_test_between(void **state)
{
    pair *p = *state;
    p->one = gt__fiber_new(STACK, one_hands_to_two, p);
    p->two = gt__fiber_new(STACK, two_hands_to_one_then_main, p);

    gt__fiber_switch(p->main, p->one);

    assert_string_equal(p->trace, "1234");
}

static void sets_errno(void *arg)
{
    pair *p = arg;
    p->number = errno;
    errno = ENOENT;
    gt__fiber_switch(p->one, p->main);
    p->number = errno;
    gt__fiber_switch_final(p->one, p->main);
}

static void errno_belongs_to_a_fiber(void **state)
{
    pair *p = *state;
    p->one = gt__fiber_new(STACK, sets_errno, p);

    errno = EAGAIN;
    gt__fiber_switch(p->main, p->one);
    assert_int_equal(p->number, 0);
    assert_int_equal(errno, EAGAIN);

    gt__fiber_switch(p->main, p->one);
    assert_int_equal(p->number, ENOENT);
    assert_int_equal(errno, EAGAIN);
}

/* What the arithmetic does, not what its control word says: there may be two of them. */
static bool rounds_up(void)
{
    volatile double one = 1, three = 3;
    return one / three > 0x1.5555555555555p-2;
}

/* Valgrind always rounds to the nearest. */
static bool can_round_up(void)
{
    fesetround(FE_UPWARD);
    bool up = rounds_up();
    fesetround(FE_TONEAREST);
    return up;
}

static void rounds_upward(void *arg)
{
    pair *p = arg;
    fesetround(FE_UPWARD);
    gt__fiber_switch(p->one, p->main);
    p->number = rounds_up() && fegetround() == FE_UPWARD;
    gt__fiber_switch_final(p->one, p->main);
}

static void the_rounding_mode_belongs_to_a_fiber(void **state)
{
    pair *p = *state;
    if (!can_round_up())
        skip();
    p->one = gt__fiber_new(STACK, rounds_upward, p);

    gt__fiber_switch(p->main, p->one);
    assert_false(rounds_up());
    assert_int_equal(fegetround(), FE_TONEAREST);

    gt__fiber_switch(p->main, p->one);
    assert_true(p->number);
    assert_false(rounds_up());
}

static void tells_its_rounding_mode(void *arg)
{
    pair *p = arg;
    p->number = rounds_up() && fegetround() == FE_UPWARD;
    gt__fiber_switch_final(p->one, p->main);
}

static void a_fiber_begins_with_its_makers_rounding_mode(void **state)
{
    pair *p = *state;
    if (!can_round_up())
        skip();
    fesetround(FE_UPWARD);
    p->one = gt__fiber_new(STACK, tells_its_rounding_mode, p);
    fesetround(FE_TONEAREST);

    gt__fiber_switch(p->main, p->one);

    assert_true(p->number);
}

static void asks_who_holds_the_stack(void *arg)
{
    pair *p = arg;
    p->number = gt__fiber_holds_stack(p->one) + 2 * gt__fiber_holds_stack(p->two);
    gt__fiber_switch_final(p->one, p->main);
}

static void a_fiber_knows_whether_it_holds_the_running_stack(void **state)
{
    pair *p = *state;
    p->one = gt__fiber_new(STACK, asks_who_holds_the_stack, p);
    p->two = gt__fiber_new(STACK, asks_who_holds_the_stack, p);

    gt__fiber_switch(p->main, p->one);

    assert_int_equal(p->number, 1);
    assert_false(gt__fiber_holds_stack(p->one));
    assert_true(gt__fiber_holds_stack(p->main));
}

static void asks_on_the_second(void *arg)
{
    pair *p = arg;
    p->number = gt__fiber_holds_stack(p->one) + 2 * gt__fiber_holds_stack(p->two);
    gt__fiber_switch_final(p->two, p->main);
}

/* Whichever of the two lies higher. */
static void of_two_fibers_the_one_that_runs_holds_the_stack(void **state)
{
    pair *p = *state;
    p->one = gt__fiber_new(STACK, asks_who_holds_the_stack, p);
    p->two = gt__fiber_new(STACK, asks_on_the_second, p);

    gt__fiber_switch(p->main, p->two);
    assert_int_equal(p->number, 2);

    gt__fiber_switch(p->main, p->one);
    assert_int_equal(p->number, 1);
}

/* A stand-in for the C++ run time, which the library takes through a weak reference. */
typedef struct cxx_globals {
    void *caught;
    unsigned uncaught;
} cxx_globals;

static cxx_globals cxx;
cxx_globals *__cxa_get_globals(void);

cxx_globals *__cxa_get_globals(void)
{
    return &cxx;
}

static void catches_an_exception(void *arg)
{
    pair *p = arg;
    cxx.uncaught = 7;
    gt__fiber_switch(p->one, p->main);
    p->number = (int)cxx.uncaught;
    gt__fiber_switch_final(p->one, p->main);
}

static void caught_exceptions_belong_to_a_fiber(void **state)
{
    pair *p = *state;
    p->one = gt__fiber_new(STACK, catches_an_exception, p);

    cxx.uncaught = 3;
    gt__fiber_switch(p->main, p->one);
    assert_int_equal(cxx.uncaught, 3);

    gt__fiber_switch(p->main, p->one);
    assert_int_equal(p->number, 7);
    assert_int_equal(cxx.uncaught, 3);
}

/* Notes how many frames there are, or -1 when one of them is not code. */
static void walks_its_frames(void *arg)
{
    pair *p = arg;
    void *frames[32];
    Dl_info where;
    p->number = backtrace(frames, 32);
    for (int i = 0, count = p->number; i < count; i++)
        if (!dladdr(frames[i], &where))
            p->number = -1;
    gt__fiber_switch_final(p->one, p->main);
}

static void a_backtrace_ends_where_the_fiber_began(void **state)
{
    pair *p = *state;
    p->one = gt__fiber_new(STACK, walks_its_frames, p);

    gt__fiber_switch(p->main, p->one);

    /* This function, the library's, the assembly's; ucontext and some tools add one each. */
    assert_in_range(p->number, 3, 5);
}

static void jumps_away(void *arg)
{
    pair *p = arg;
    longjmp(p->away, 1);
}

static void switches_from_below(pair *p)
{
    char deep[2000];
    memset(deep, 1, sizeof deep);
    gt__fiber_switch(p->main, p->one);
    p->number = deep[sizeof deep - 1];
}

static void after_a_longjmp_off_a_fiber_the_others_run_on(void **state)
{
    pair *p = *state;
    if (__tsan_create_fiber)
        skip(); /* TSan ends a process that jumps between its fibers */
    p->one = gt__fiber_new(STACK, jumps_away, p);
    p->two = gt__fiber_new(STACK, two_hands_to_one_then_main, p);
    if (setjmp(p->away) == 0)
        switches_from_below(p);

    assert_false(gt__fiber_holds_stack(p->one));
    gt__fiber_jumped(p->one, p->main);
    gt__fiber_free(p->one);
    p->one = gt__fiber_new(STACK, one_hands_to_two, p);
    gt__fiber_switch(p->main, p->one);

    assert_string_equal(p->trace, "1234");
    assert_int_equal(p->number, 0);
}

static void no_mark_of_asan_is_left_below_a_longjmp(void **state)
{
    pair *p = *state;
    if (!__asan_region_is_poisoned)
        skip();
    p->one = gt__fiber_new(STACK, jumps_away, p);
    if (setjmp(p->away) == 0)
        switches_from_below(p);

    gt__fiber_jumped(p->one, p->main);

    char *here = __builtin_frame_address(0);
    assert_null(__asan_region_is_poisoned(here - 4000, 3000));
}

static void suspends_with_a_local_in_use(void *arg)
{
    pair *p = arg;
    char name[] = "local";
    for (;;) {
        note(p, name);
        gt__fiber_switch(p->one, p->main);
    }
}

static size_t mapped_pages(void)
{
    size_t pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    assert_non_null(statm);
    assert_int_equal(fscanf(statm, "%zu", &pages), 1);
    fclose(statm);
    return pages;
}

static void asans_stack_of_a_suspended_fiber_goes_with_the_fiber(void **state)
{
    pair *p = *state;
    if (!__asan_get_current_fake_stack || !__asan_get_current_fake_stack())
        skip();
    size_t before = mapped_pages();

    for (int i = 0; i < 100; i++) {
        p->trace[0] = '\0';
        p->one = gt__fiber_new(STACK, suspends_with_a_local_in_use, p);
        gt__fiber_switch(p->main, p->one);
        gt__fiber_free(p->one);
    }
    p->one = NULL;

    /* A fake stack takes some 200 pages and more. */
    assert_in_range(mapped_pages(), 0, before + 2000);
}

static void asks_tsan_who_runs(void *arg)
{
    pair *p = arg;
    p->tsan_fiber = __tsan_get_current_fiber();
    gt__fiber_switch_final(p->one, p->main);
}

static void tsan_knows_which_fiber_runs(void **state)
{
    pair *p = *state;
    if (!__tsan_get_current_fiber)
        skip();
    void *before = __tsan_get_current_fiber();
    p->one = gt__fiber_new(STACK, asks_tsan_who_runs, p);

    gt__fiber_switch(p->main, p->one);

    assert_non_null(p->tsan_fiber);
    assert_ptr_not_equal(p->tsan_fiber, before);
    assert_ptr_equal(__tsan_get_current_fiber(), before);
}

static void holds_memory(void *arg)
{
    pair *p = arg;
    int *volatile only_here = malloc(sizeof *only_here);
    *only_here = 5;
    gt__fiber_switch(p->one, p->main);
    p->number = *only_here;
    free(only_here);
    gt__fiber_switch_final(p->one, p->main);
}

static void memory_held_by_a_suspended_fiber_is_no_leak(void **state)
{
    pair *p = *state;
    if (!__lsan_do_recoverable_leak_check)
        skip();
    p->one = gt__fiber_new(STACK, holds_memory, p);

    gt__fiber_switch(p->main, p->one);
    assert_int_equal(__lsan_do_recoverable_leak_check(), 0);

    gt__fiber_switch(p->main, p->one);
    assert_int_equal(p->number, 5);
}

static void returns(void *arg)
{
    (void)arg;
}

static void runs_an_entry_that_returns(void *arg)
{
    pair *p = arg;
    p->one = gt__fiber_new(STACK, returns, p);
    gt__fiber_switch(p->main, p->one);
}

static void an_entry_that_returns_ends_the_process_with_a_sentence(void **state)
{
    char said[1024];

    read_death(runs_an_entry_that_returns, *state, said, sizeof said);

    assert_ptr_equal(strstr(said, "grpctest: a fiber's entry returned instead of switching away\n"),
                     said);
}

static void ends_at_once(void *arg)
{
    pair *p = arg;
    gt__fiber_switch_final(p->one, p->main);
}

static void switches_to_a_fiber_that_had_ended(void *arg)
{
    pair *p = arg;
    p->one = gt__fiber_new(STACK, ends_at_once, p);
    gt__fiber_switch(p->main, p->one);
    gt__fiber_switch(p->main, p->one);
}

static void switching_to_a_fiber_that_had_ended_ends_the_process_with_a_sentence(void **state)
{
    char said[1024];

    read_death(switches_to_a_fiber_that_had_ended, *state, said, sizeof said);

    assert_ptr_equal(strstr(said, "grpctest: a fiber that had ended was switched to\n"), said);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(switches_go_on_where_each_side_left_off, setup, teardown),
    cmocka_unit_test_setup_teardown(fibers_switch_to_each_other_without_the_test_between, setup,
                                    teardown),
    cmocka_unit_test_setup_teardown(errno_belongs_to_a_fiber, setup, teardown),
    cmocka_unit_test_setup_teardown(the_rounding_mode_belongs_to_a_fiber, setup, teardown),
    cmocka_unit_test_setup_teardown(a_fiber_begins_with_its_makers_rounding_mode, setup, teardown),
    cmocka_unit_test_setup_teardown(caught_exceptions_belong_to_a_fiber, setup, teardown),
    cmocka_unit_test_setup_teardown(a_fiber_knows_whether_it_holds_the_running_stack, setup,
                                    teardown),
    cmocka_unit_test_setup_teardown(of_two_fibers_the_one_that_runs_holds_the_stack, setup,
                                    teardown),
    cmocka_unit_test_setup_teardown(after_a_longjmp_off_a_fiber_the_others_run_on, setup, teardown),
    cmocka_unit_test_setup_teardown(no_mark_of_asan_is_left_below_a_longjmp, setup, teardown),
    cmocka_unit_test_setup_teardown(asans_stack_of_a_suspended_fiber_goes_with_the_fiber, setup,
                                    teardown),
    cmocka_unit_test_setup_teardown(tsan_knows_which_fiber_runs, setup, teardown),
    cmocka_unit_test_setup_teardown(memory_held_by_a_suspended_fiber_is_no_leak, setup, teardown),
    cmocka_unit_test_setup_teardown(an_entry_that_returns_ends_the_process_with_a_sentence, setup,
                                    teardown),
    cmocka_unit_test_setup_teardown(
        switching_to_a_fiber_that_had_ended_ends_the_process_with_a_sentence, setup, teardown),
    cmocka_unit_test_setup_teardown(a_backtrace_ends_where_the_fiber_began, setup, teardown),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
