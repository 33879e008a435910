#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <grpctest/error.h>

static void errors_have_names_and_words(void **state)
{
    (void)state;
    assert_string_equal(gt_error_name(GT_EOF), "GT_EOF");
    assert_string_equal(gt_error_text(GT_EOF), "end of stream");
    assert_string_equal(gt_error_name(GT_EUNSUPPORTED), "GT_EUNSUPPORTED");
    assert_string_equal(gt_error_text(GT_EUNSUPPORTED), "not supported");
}

/* They are written down in users' tests and logs: a number once given stays. */
static void the_numbers_are_those_of_the_list(void **state)
{
    (void)state;
    assert_int_equal(GT_EOF, -1);
    assert_int_equal(GT_ETIMEDOUT, -4);
    assert_int_equal(GT_EDEADLOCK, -9);
    assert_int_equal(GT_EUNSUPPORTED, -18);
}

static void success_has_a_name_too(void **state)
{
    (void)state;
    assert_string_equal(gt_error_name(0), "GT_SUCCESS");
    assert_string_equal(gt_error_text(0), "success");
}

static void numbers_outside_the_list_are_told_as_such(void **state)
{
    (void)state;
    assert_string_equal(gt_error_name(-999), "GT_E?");
    assert_string_equal(gt_error_text(-999), "unknown error");
    assert_string_equal(gt_error_name(1), "GT_E?");
    assert_string_equal(gt_error_text(1), "unknown error");
}

static void the_linked_version_is_that_of_the_headers(void **state)
{
    (void)state;
    assert_string_equal(gt_version(), "0.1.0");
    assert_int_equal(GT_VERSION_MAJOR, 0);
    assert_int_equal(GT_VERSION_MINOR, 1);
    assert_int_equal(GT_VERSION_PATCH, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_have_names_and_words),
        cmocka_unit_test(the_numbers_are_those_of_the_list),
        cmocka_unit_test(success_has_a_name_too),
        cmocka_unit_test(numbers_outside_the_list_are_told_as_such),
        cmocka_unit_test(the_linked_version_is_that_of_the_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
