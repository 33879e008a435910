#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coding.h"

#include <grpctest/error.h>

/* ---- rule R5: the finest unit that fits in eight digits, rounded up ---- */

static void assert_encodes(gt_duration timeout, const char *expected)
{
    char text[GT__TIMEOUT_SIZE];
    gt__timeout_encode(timeout, text);
    assert_string_equal(text, expected);
}

static void the_finest_unit_that_fits_is_taken(void **state)
{
    (void)state;
    assert_encodes(1, "1n");
    assert_encodes(GT_MS(50), "50000000n");
    assert_encodes(GT_MS(100), "100000u");
    assert_encodes(GT_SEC(5), "5000000u");
    assert_encodes(GT_SEC(100), "100000m");
    assert_encodes(GT_SEC(100000), "100000S");
    assert_encodes(GT_SEC(60) * 1666667, "1666667M");
    assert_encodes(GT_SEC(3600) * 1666667, "1666667H");
}

static void each_unit_ends_at_eight_nines(void **state)
{
    (void)state;
    assert_encodes(99999999, "99999999n");
    assert_encodes(100000000, "100000u");
    assert_encodes(GT_US(99999999), "99999999u");
    assert_encodes(GT_US(100000000), "100000m");
    assert_encodes(GT_MS(99999999), "99999999m");
    assert_encodes(GT_MS(100000000), "100000S");
    assert_encodes(GT_SEC(99999999), "99999999S");
    assert_encodes(GT_SEC(100000000), "1666667M");
    assert_encodes(GT_SEC(60) * 99999999, "99999999M");
    assert_encodes(GT_SEC(60) * 100000000, "1666667H");
}

static void what_does_not_divide_is_rounded_up(void **state)
{
    (void)state;
    assert_encodes(100000001, "100001u");
    assert_encodes(100000999, "100001u");
    assert_encodes(100001000, "100001u");
    assert_encodes(GT_US(100000000) + 1, "100001m");
}

static void rounding_up_to_nine_digits_takes_the_next_unit(void **state)
{
    (void)state;
    assert_encodes(GT_US(99999999) + 1, "100000m");
    assert_encodes(GT_SEC(99999999) + 1, "1666667M");
}

static void the_longest_duration_is_told_in_hours(void **state)
{
    (void)state;
    assert_encodes(INT64_MAX, "2562048H");
}

static void no_time_left_reads_zero(void **state)
{
    (void)state;
    assert_encodes(0, "0n");
    assert_encodes(-1, "0n");
    assert_encodes(INT64_MIN, "0n");
}

/* ---- rule R5b: what a peer may send ---- */

static void assert_decodes(const char *text, gt_duration expected)
{
    gt_duration timeout = -1;
    assert_int_equal(gt__timeout_decode(text, strlen(text), &timeout), 0);
    assert_true(timeout == expected);
}

static void every_unit_is_read(void **state)
{
    (void)state;
    assert_decodes("1n", 1);
    assert_decodes("2u", 2000);
    assert_decodes("3m", 3000000);
    assert_decodes("4S", 4000000000);
    assert_decodes("5M", 300000000000);
    assert_decodes("6H", 21600000000000);
}

static void zero_and_leading_zeros_are_numbers(void **state)
{
    (void)state;
    assert_decodes("0n", 0);
    assert_decodes("00000000H", 0);
    assert_decodes("00000001m", 1000000);
}

static void eight_digits_are_read(void **state)
{
    (void)state;
    assert_decodes("99999999n", 99999999);
    assert_decodes("99999999S", 99999999000000000);
    assert_decodes("99999999M", 5999999940000000000);
}

static void more_hours_than_a_duration_holds_read_never(void **state)
{
    (void)state;
    assert_decodes("2562047H", 9223369200000000000);
    assert_decodes("2562048H", GT_NEVER);
    assert_decodes("99999999H", GT_NEVER);
}

static void malformed_texts_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",    "n",   "5",   "55",   "100000000n", "5s",   "5h",   "5N", "5 m", " 5m",
        "5m ", "-5m", "+5m", "5.0S", "5mm",        "0x5m", "five", "m5", "5µ",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        gt_duration timeout = 77;
        assert_int_equal(gt__timeout_decode(texts[i], strlen(texts[i]), &timeout), GT_EINVAL);
        assert_true(timeout == 77);
    }
}

static void the_text_need_not_end_in_nul(void **state)
{
    (void)state;
    gt_duration timeout = 0;
    assert_int_equal(gt__timeout_decode("12345n", 2, &timeout), GT_EINVAL);
    assert_int_equal(gt__timeout_decode("12m45n", 3, &timeout), 0);
    assert_true(timeout == GT_MS(12));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_finest_unit_that_fits_is_taken),
        cmocka_unit_test(each_unit_ends_at_eight_nines),
        cmocka_unit_test(what_does_not_divide_is_rounded_up),
        cmocka_unit_test(rounding_up_to_nine_digits_takes_the_next_unit),
        cmocka_unit_test(the_longest_duration_is_told_in_hours),
        cmocka_unit_test(no_time_left_reads_zero),
        cmocka_unit_test(every_unit_is_read),
        cmocka_unit_test(zero_and_leading_zeros_are_numbers),
        cmocka_unit_test(eight_digits_are_read),
        cmocka_unit_test(more_hours_than_a_duration_holds_read_never),
        cmocka_unit_test(malformed_texts_are_refused),
        cmocka_unit_test(the_text_need_not_end_in_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
