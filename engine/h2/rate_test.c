/* A token bucket in the world's time, by which limits count (rules H4, H9). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "session.h"

static void a_rate_gives_its_tokens_at_once_and_then_evenly(void **state)
{
    (void)state;
    gt__h2_rate rate;
    gt__h2_rate_init(&rate, 4);
    for (int i = 0; i < 4; i++)
        assert_true(gt__h2_rate_take(&rate, 0));
    assert_false(gt__h2_rate_take(&rate, GT_MS(250) - 1));
    assert_true(gt__h2_rate_take(&rate, GT_MS(250)));
    assert_false(gt__h2_rate_take(&rate, GT_MS(250)));
    assert_true(gt__h2_rate_take(&rate, GT_MS(750)));
    assert_true(gt__h2_rate_take(&rate, GT_MS(750)));
    assert_false(gt__h2_rate_take(&rate, GT_MS(750)));
}

static void a_rate_holds_no_more_than_a_second_brings(void **state)
{
    (void)state;
    gt__h2_rate rate;
    gt__h2_rate_init(&rate, 3);
    for (int i = 0; i < 3; i++)
        assert_true(gt__h2_rate_take(&rate, GT_SEC(1000)));
    assert_false(gt__h2_rate_take(&rate, GT_SEC(1000)));
}

static void tokens_that_are_given_back_fill_a_rate_no_further_than_full(void **state)
{
    (void)state;
    gt__h2_rate rate;
    gt__h2_rate_init(&rate, 2);
    assert_true(gt__h2_rate_take(&rate, GT_SEC(1)));
    gt__h2_rate_give(&rate, 100);
    assert_true(gt__h2_rate_take(&rate, GT_SEC(1)));
    assert_true(gt__h2_rate_take(&rate, GT_SEC(1)));
    assert_false(gt__h2_rate_take(&rate, GT_SEC(1)));
    gt__h2_rate_give(&rate, 1);
    assert_true(gt__h2_rate_take(&rate, GT_SEC(1)));
}

static void a_rate_without_limit_never_ends(void **state)
{
    (void)state;
    gt__h2_rate rate;
    gt__h2_rate_init(&rate, GT_UNLIMITED);
    for (int i = 0; i < 100000; i++)
        assert_true(gt__h2_rate_take(&rate, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_gives_its_tokens_at_once_and_then_evenly),
        cmocka_unit_test(a_rate_holds_no_more_than_a_second_brings),
        cmocka_unit_test(tokens_that_are_given_back_fill_a_rate_no_further_than_full),
        cmocka_unit_test(a_rate_without_limit_never_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
