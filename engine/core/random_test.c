#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core.h"

static void assert_numbers(uint64_t seed, const char *purpose, const uint64_t expected[4])
{
    gt__random random;
    gt__random_init(&random, seed, purpose);
    for (int i = 0; i < 4; i++)
        assert_true(gt__random_next(&random) == expected[i]);
}

/* What xoshiro256** gives when its state is splitmix64 of 0, as published by its authors. */
static void the_numbers_are_those_of_the_published_algorithms(void **state)
{
    (void)state;
    assert_numbers(0, "",
                   (uint64_t[]){0x99ec5f36cb75f2b4, 0xbf6e1f784956452a, 0x1a5f849d4933e6e0,
                                0x6aa594f1262d2d2c});
}

/* A seed that failed on one machine has to fail on another, and with the next release. */
static void seed_and_purpose_give_the_same_numbers_everywhere(void **state)
{
    (void)state;
    assert_numbers(1, "tasks",
                   (uint64_t[]){0xf4b7cbee0c0fd4f8, 0x3b930a67c02a27a5, 0xc8e95f20b3a8518a,
                                0xd83d456587b75b5c});
    assert_numbers(1, "timers",
                   (uint64_t[]){0xb5fdb49fa5ab95d5, 0x445c4c3338edee09, 0x4fbc5e737a6a9ec4,
                                0x03d0a8469882f166});
    assert_numbers(2, "tasks",
                   (uint64_t[]){0x8a423c38518bfa9d, 0x9a0dd4a82f1f9858, 0xecb32a6a31870267,
                                0xd5c59d878d041aa3});
}

static void drawing_for_one_purpose_never_shifts_another(void **state)
{
    (void)state;
    gt__random tasks, timers;
    gt__random_init(&tasks, 1, "tasks");
    gt__random_init(&timers, 1, "timers");
    for (int i = 0; i < 100; i++)
        gt__random_next(&timers);
    assert_true(gt__random_next(&tasks) == 0xf4b7cbee0c0fd4f8);
}

static void numbers_below_a_bound_are_known_too(void **state)
{
    (void)state;
    static const uint64_t expected[] = {6, 2, 1, 1, 4, 2, 1, 2, 2, 4, 6, 4};
    gt__random random;
    gt__random_init(&random, 1, "dice");
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(gt__random_below(&random, 6) + 1, expected[i]);
}

static void every_number_below_the_bound_comes_up_about_as_often(void **state)
{
    (void)state;
    gt__random random;
    int counts[7] = {0};
    gt__random_init(&random, 42, "counts");
    for (int i = 0; i < 7000; i++)
        counts[gt__random_below(&random, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(counts[i], 900, 1100);
}

static void below_one_there_is_only_zero(void **state)
{
    (void)state;
    gt__random random;
    gt__random_init(&random, 3, "one");
    for (int i = 0; i < 10; i++)
        assert_int_equal(gt__random_below(&random, 1), 0);
}

/* With a bound just above one half of all numbers, nearly every second draw has to be repeated. */
static void a_huge_bound_is_kept(void **state)
{
    (void)state;
    const uint64_t bound = 0x8000000000000001;
    gt__random random;
    gt__random_init(&random, 4, "huge");
    for (int i = 0; i < 1000; i++)
        assert_true(gt__random_below(&random, bound) < bound);
}

static void a_digest_depends_on_order(void **state)
{
    (void)state;
    assert_true(gt__digest_fold(0, 0) == 0xe220a8397b1dcdaf);
    assert_true(gt__digest_fold(gt__digest_fold(0, 1), 2) == 0xc268b6a85f59194c);
    assert_true(gt__digest_fold(gt__digest_fold(0, 2), 1) == 0x1a80a714adb6afdb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_numbers_are_those_of_the_published_algorithms),
        cmocka_unit_test(seed_and_purpose_give_the_same_numbers_everywhere),
        cmocka_unit_test(drawing_for_one_purpose_never_shifts_another),
        cmocka_unit_test(numbers_below_a_bound_are_known_too),
        cmocka_unit_test(every_number_below_the_bound_comes_up_about_as_often),
        cmocka_unit_test(below_one_there_is_only_zero),
        cmocka_unit_test(a_huge_bound_is_kept),
        cmocka_unit_test(a_digest_depends_on_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
