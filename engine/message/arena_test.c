#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arena.h"

static void what_it_hands_out_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    gt__arena arena = {0};
    uint8_t *taken[300];

    for (size_t i = 0; i < 300; i++) {
        taken[i] = gt__arena_take(&arena, i, 1);
        assert_int_equal((uintptr_t)taken[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < i; k++)
            assert_int_equal(taken[i][k], 0);
        memset(taken[i], (int)(i & 0xff), i);
    }

    for (size_t i = 0; i < 300; i++)
        for (size_t k = 0; k < i; k++)
            assert_int_equal(taken[i][k], i & 0xff);
    gt__arena_cleanup(&arena);
}

static void large_things_leave_the_shared_block_in_use(void **state)
{
    (void)state;
    gt__arena arena = {0};
    uint8_t *before = gt__arena_take(&arena, 1, 16);

    uint8_t *large = gt__arena_take(&arena, 1000, 1000);
    uint8_t *after = gt__arena_take(&arena, 1, 16);

    assert_int_equal(large[999999], 0);
    assert_ptr_equal(after, before + 16);
    gt__arena_cleanup(&arena);
}

static void large_things_may_come_first(void **state)
{
    (void)state;
    gt__arena arena = {0};

    uint64_t *large = gt__arena_array(&arena, 5000, uint64_t);
    large[4999] = 1;

    assert_non_null(gt__arena_take(&arena, 1, 1));
    gt__arena_cleanup(&arena);
}

static void texts_are_copied_with_a_nul(void **state)
{
    (void)state;
    gt__arena arena = {0};

    assert_string_equal(gt__arena_copy(&arena, gt_bytes_of("abcd", 3)), "abc");
    assert_string_equal(gt__arena_copy(&arena, gt_bytes_str("")), "");
    assert_string_equal(gt__arena_printf(&arena, "%d-%s", 7, "x"), "7-x");

    gt__arena_cleanup(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_hands_out_is_zeroed_aligned_and_apart),
        cmocka_unit_test(large_things_leave_the_shared_block_in_use),
        cmocka_unit_test(large_things_may_come_first),
        cmocka_unit_test(texts_are_copied_with_a_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
