#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "utf8.h"

#define BYTES(literal) gt_bytes_of("" literal, sizeof(literal) - 1)

static void whole_characters_of_every_length_are_utf8(void **state)
{
    (void)state;
    gt_bytes text = BYTES("a\xc2\xa2\xe2\x82\xac\xf0\x9f\x98\x80z");

    assert_int_equal(gt__utf8_prefix(text), text.size);
}

static void the_first_and_last_of_each_length_are_utf8(void **state)
{
    (void)state;
    const gt_bytes edges[] = {BYTES("\0"),
                              BYTES("\x7f"),
                              BYTES("\xc2\x80"),
                              BYTES("\xdf\xbf"),
                              BYTES("\xe0\xa0\x80"),
                              BYTES("\xed\x9f\xbf"),
                              BYTES("\xee\x80\x80"),
                              BYTES("\xef\xbf\xbf"),
                              BYTES("\xf0\x90\x80\x80"),
                              BYTES("\xf4\x8f\xbf\xbf")};

    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        assert_int_equal(gt__utf8_prefix(edges[i]), edges[i].size);
}

static void what_lies_just_outside_is_not_utf8(void **state)
{
    (void)state;
    const gt_bytes outside[] = {
        BYTES("\x80"),             /* a continuation first */
        BYTES("\xc0\x80"),         /* NUL, overlong */
        BYTES("\xc1\xbf"),         /* overlong */
        BYTES("\xe0\x9f\xbf"),     /* overlong */
        BYTES("\xed\xa0\x80"),     /* a surrogate */
        BYTES("\xf0\x8f\xbf\xbf"), /* overlong */
        BYTES("\xf4\x90\x80\x80"), /* past U+10FFFF */
        BYTES("\xf5\x80\x80\x80"), /* far past it */
        BYTES("\xff"),
    };

    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        assert_int_equal(gt__utf8_prefix(outside[i]), 0);
}

static void a_character_cut_short_ends_the_prefix_before_it(void **state)
{
    (void)state;

    assert_int_equal(gt__utf8_prefix(BYTES("ab\xc2")), 2);
    assert_int_equal(gt__utf8_prefix(BYTES("ab\xe2\x82")), 2);
    assert_int_equal(gt__utf8_prefix(BYTES("ab\xf0\x9f\x98")), 2);
    assert_int_equal(gt__utf8_prefix(BYTES("ab\xf0\x9f\x98"
                                           "c")),
                     2);
}

static void what_follows_the_bytes_is_not_looked_at(void **state)
{
    (void)state;

    assert_int_equal(gt__utf8_prefix(gt_bytes_of("\xc2\xa2", 1)), 0);
    assert_int_equal(gt__utf8_prefix(gt_bytes_of("\xf0\x9f\x98\x80", 3)), 0);
}

/* ASCII is looked at eight bytes at a time. */
static void a_fault_is_found_at_every_place_of_a_run(void **state)
{
    (void)state;
    for (size_t i = 0; i < 20; i++) {
        uint8_t text[20];
        memset(text, 'a', sizeof text);
        text[i] = 0x80;

        assert_int_equal(gt__utf8_prefix(gt_bytes_of(text, sizeof text)), i);
    }
}

static void nothing_is_utf8(void **state)
{
    (void)state;

    assert_int_equal(gt__utf8_prefix(gt_bytes_of(NULL, 0)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_characters_of_every_length_are_utf8),
        cmocka_unit_test(the_first_and_last_of_each_length_are_utf8),
        cmocka_unit_test(what_lies_just_outside_is_not_utf8),
        cmocka_unit_test(a_character_cut_short_ends_the_prefix_before_it),
        cmocka_unit_test(what_follows_the_bytes_is_not_looked_at),
        cmocka_unit_test(a_fault_is_found_at_every_place_of_a_run),
        cmocka_unit_test(nothing_is_utf8),
    };
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
