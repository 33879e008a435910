#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fiber.h"

#include <errno.h>
#include <execinfo.h>
#include <fenv.h>
#include <pthread.h>
#include <string.h>

enum { STACK = 64 * 1024 };

/* Two ends that switch to and fro: the test's stack and one or two fibers. */
typedef struct pair {
    gt__fiber *main, *one, *two;
    char trace[64];
    int number;
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

static void rounds_upward(void *arg)
{
    pair *p = arg;
    p->number = fegetround();
    fesetround(FE_UPWARD);
    gt__fiber_switch(p->one, p->main);
    p->number = fegetround();
    gt__fiber_switch_final(p->one, p->main);
}

static void the_rounding_mode_belongs_to_a_fiber_and_begins_as_its_makers(void **state)
{
    pair *p = *state;
    fesetround(FE_DOWNWARD);
    p->one = gt__fiber_new(STACK, rounds_upward, p);
    fesetround(FE_TONEAREST);

    gt__fiber_switch(p->main, p->one);
    assert_int_equal(p->number, FE_DOWNWARD);
    assert_int_equal(fegetround(), FE_TONEAREST);

    gt__fiber_switch(p->main, p->one);
    assert_int_equal(p->number, FE_UPWARD);
    assert_int_equal(fegetround(), FE_TONEAREST);
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

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(switches_go_on_where_each_side_left_off, setup, teardown),
    cmocka_unit_test_setup_teardown(fibers_switch_to_each_other_without_the_test_between, setup,
                                    teardown),
    cmocka_unit_test_setup_teardown(errno_belongs_to_a_fiber, setup, teardown),
    cmocka_unit_test_setup_teardown(the_rounding_mode_belongs_to_a_fiber_and_begins_as_its_makers,
                                    setup, teardown),
    cmocka_unit_test_setup_teardown(a_fiber_knows_whether_it_holds_the_running_stack, setup,
                                    teardown),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
