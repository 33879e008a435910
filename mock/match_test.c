#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/death_test.h"
#include "match_inside.h"

static void assert_holds(gt_match match, gt_subject subject)
{
    char *why;
    assert_true(gt_match_holds(&match, &subject, &why));
    assert_null(why);
}

/* It does not hold, and says so in these words. */
static void assert_fails(gt_match match, gt_subject subject, const char *expected)
{
    char *why;
    assert_false(gt_match_holds(&match, &subject, NULL));
    assert_false(gt_match_holds(&match, &subject, &why));
    assert_string_equal(why, expected);
    gt_free(why);
}

static gt_subject text(const char *value)
{
    return gt_subject_text(value);
}

static gt_subject number(int64_t value)
{
    return gt_subject_integer(value);
}

static gt_subject real(double value)
{
    return (gt_subject){.kind = GT_SUBJECT_REAL, .real = value};
}

static gt_subject whole(uint64_t value)
{
    return (gt_subject){.kind = GT_SUBJECT_UNSIGNED, .whole = value};
}

static gt_subject truth(bool value)
{
    return (gt_subject){.kind = GT_SUBJECT_BOOL, .integer = value};
}

static const gt_subject absent = {.kind = GT_SUBJECT_ABSENT};

static void equal_texts_and_bytes(void **state)
{
    (void)state;
    assert_holds(gt_is("jane"), text("jane"));
    assert_holds(gt_is(gt_bytes_of("a\0b", 3)), gt_subject_bytes(gt_bytes_of("a\0b", 3)));
    assert_holds(gt_is(""), gt_subject_bytes(gt_bytes_of(NULL, 0)));
    assert_fails(gt_is("john"), text("jane"), "is \"jane\", expected \"john\"");
    assert_fails(gt_is("7"), number(7), "is 7, expected \"7\"");
    assert_fails(gt_is("x"), absent, "is absent, expected \"x\"");
}

static void equal_numbers_of_any_sort(void **state)
{
    (void)state;
    assert_holds(gt_is(-7), number(-7));
    assert_holds(gt_is(7u), number(7));
    assert_holds(gt_is((uint64_t)7), number(7));
    assert_holds(gt_is(2.5), real(2.5));
    assert_holds(gt_is(2), real(2.0));
    assert_holds(gt_is(UINT64_MAX), whole(UINT64_MAX));
    assert_fails(gt_is(UINT64_MAX), number(-1), "is -1, expected 18446744073709551615");
    assert_fails(gt_is(2.5), number(2), "is 2, expected 2.5");
    assert_fails(gt_is(7), text("7"), "is \"7\", expected 7");
}

static void equal_bools(void **state)
{
    (void)state;
    assert_holds(gt_is(true), truth(true));
    assert_holds(gt_is_bool(false), truth(false));
    assert_fails(gt_is_bool(true), truth(false), "is false, expected true");
    assert_fails(gt_is_bool(true), real(1), "is 1, expected true");
}

static void numbers_lie_in_a_range_ends_included(void **state)
{
    (void)state;
    assert_holds(gt_between(1, 5), number(1));
    assert_holds(gt_between(1, 5), number(5));
    assert_holds(gt_between(1, 5), real(2.5));
    assert_holds(gt_between_reals(0.5, 1.5), number(1));
    assert_fails(gt_between(1, 5), number(6), "is 6, expected a number from 1 to 5");
    assert_fails(gt_between(1, 5), whole(UINT64_MAX),
                 "is 18446744073709551615, expected a number from 1 to 5");
    assert_fails(gt_between(1, 5), text("3"), "is \"3\", expected a number from 1 to 5");
    assert_fails(gt_between_reals(0.5, 1), number(0), "is 0, expected a number from 0.5 to 1");
}

static void parts_of_texts(void **state)
{
    (void)state;
    assert_holds(gt_contains("an"), text("jane"));
    assert_holds(gt_contains(""), gt_subject_bytes(gt_bytes_of(NULL, 0)));
    assert_holds(gt_starts_with("ja"), text("jane"));
    assert_holds(gt_ends_with("ne"), text("jane"));
    assert_fails(gt_contains("oh"), text("jane"), "is \"jane\", expected what contains \"oh\"");
    assert_fails(gt_contains("janet"), text("jane"),
                 "is \"jane\", expected what contains \"janet\"");
    assert_fails(gt_starts_with("ne"), text("jane"),
                 "is \"jane\", expected what starts with \"ne\"");
    assert_fails(gt_ends_with("ja"), text("jane"), "is \"jane\", expected what ends with \"ja\"");
    assert_fails(gt_contains("1"), number(1), "is 1, expected what contains \"1\"");
}

static void regular_expressions(void **state)
{
    (void)state;
    assert_holds(gt_like("^j.*e$"), text("jane"));
    assert_holds(gt_like("\\p{L}+"), text("\xc3\xa9"));
    assert_holds(gt_like("b"), gt_subject_bytes(gt_bytes_of("\xff"
                                                            "b",
                                                            2)));
    assert_fails(gt_like("^a"), text("jane"), "is \"jane\", expected what is like \"^a\"");
    assert_fails(gt_like("1"), number(1), "is 1, expected what is like \"1\"");
}

static void a_search_that_explodes_is_given_up(void **state)
{
    (void)state;
    gt_match match = gt_like("^(a+)+$");
    gt_subject subject = text("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");

    assert_false(gt_match_holds(&match, &subject, NULL));
}

static void presence(void **state)
{
    (void)state;
    assert_holds(gt_anything(), absent);
    assert_holds(gt_present(), text(""));
    assert_holds(gt_absent(), absent);
    assert_fails(gt_present(), absent, "is absent, expected something");
    assert_fails(gt_absent(), text("x"), "is \"x\", expected nothing");
}

static void all_any_and_not(void **state)
{
    (void)state;
    assert_holds(gt_all_of(gt_contains("a"), gt_contains("b")), text("ab"));
    assert_holds(gt_any_of(gt_is(1), gt_is(2)), number(2));
    assert_holds(gt_not(gt_is(1)), number(2));
    assert_holds(gt_all_of_n(NULL, 0), number(2));
    assert_fails(gt_any_of_n(NULL, 0), number(2), "is 2, expected one of none");
    assert_fails(gt_all_of(gt_contains("a"), gt_contains("b")), text("ac"),
                 "is \"ac\", expected what contains \"b\"");
    assert_fails(gt_any_of(gt_is(1), gt_is(2)), number(3), "is 3, expected 1 or 2");
    assert_fails(gt_not(gt_is("x")), text("x"), "is \"x\", expected anything but \"x\"");
    assert_fails(gt_not(gt_all_of(gt_contains("a"), gt_contains("b"))), text("ab"),
                 "is \"ab\", expected anything but what contains \"a\" and what contains \"b\"");
}

static bool is_even(void *user, const gt_subject *subject)
{
    ++*(int *)user;
    return subject->kind == GT_SUBJECT_INTEGER && subject->integer % 2 == 0;
}

static void ones_own_function(void **state)
{
    (void)state;
    int asked = 0;
    assert_holds(gt_where("is even", is_even, &asked), number(4));
    assert_int_equal(asked, 1);
    assert_fails(gt_where("is even", is_even, &asked), number(3), "is 3, expected what is even");
}

static void long_values_are_cut_with_their_size(void **state)
{
    (void)state;
    char *why, big[301];
    memset(big, 'a', 300);
    big[300] = '\0';
    gt_match match = gt_is("b");
    gt_subject subject = text(big);

    assert_false(gt_match_holds(&match, &subject, &why));

    assert_int_equal(strlen(why), 3 + 2 + 200 + strlen("... (300 bytes), expected \"b\""));
    assert_non_null(strstr(why, "aaa\"... (300 bytes), expected \"b\""));
    gt_free(why);
}

static void a_kept_matcher_owns_what_it_needs(void **state)
{
    (void)state;
    char words[2][8] = {"^ja", "jane"};
    gt_match match = gt_all_of(gt_like(words[0]), gt_is(words[1]), gt_not(gt_is("x")));
    gt_match kept = gt__match_keep(&match, &(gt__origin){"here.c", 1, NULL});
    memset(words, 'x', sizeof words);

    assert_holds(kept, text("jane"));

    gt__match_drop(&kept);
    assert_int_equal(kept.part_count, 0);
}

static void keep_nonsense(void *arg)
{
    (void)arg;
    gt_match match = gt_like("a(b");
    (void)gt__match_keep(&match, &(gt__origin){"here.c", 7, NULL});
}

static void a_pattern_that_does_not_compile_is_misuse(void **state)
{
    (void)state;
    assert_dies(keep_nonsense, NULL,
                "grpctest: here.c:7: \"a(b\" is no regular expression: "
                "missing closing parenthesis, at offset 3\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_texts_and_bytes),
        cmocka_unit_test(equal_numbers_of_any_sort),
        cmocka_unit_test(equal_bools),
        cmocka_unit_test(numbers_lie_in_a_range_ends_included),
        cmocka_unit_test(parts_of_texts),
        cmocka_unit_test(regular_expressions),
        cmocka_unit_test(a_search_that_explodes_is_given_up),
        cmocka_unit_test(presence),
        cmocka_unit_test(all_any_and_not),
        cmocka_unit_test(ones_own_function),
        cmocka_unit_test(long_values_are_cut_with_their_size),
        cmocka_unit_test(a_kept_matcher_owns_what_it_needs),
        cmocka_unit_test(a_pattern_that_does_not_compile_is_misuse),
    };
    return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
