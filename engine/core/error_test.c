#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <grpctest/error.h>

static void errors_have_names_and_words(void **state)
{
    (void)state;
    static const struct {
        int error;
        const char *name, *text;
    } errors[] = {
        {GT_EOF, "GT_EOF", "end of stream"},
        {GT_EAGAIN, "GT_EAGAIN", "would block"},
        {GT_ECANCELLED, "GT_ECANCELLED", "cancelled"},
        {GT_ETIMEDOUT, "GT_ETIMEDOUT", "deadline exceeded"},
        {GT_ECLOSED, "GT_ECLOSED", "closed"},
        {GT_EPIPE, "GT_EPIPE", "closed by the peer"},
        {GT_ERESET, "GT_ERESET", "reset"},
        {GT_EREFUSED, "GT_EREFUSED", "refused"},
        {GT_EDEADLOCK, "GT_EDEADLOCK", "deadlock"},
        {GT_ELIVELOCK, "GT_ELIVELOCK", "live-lock"},
        {GT_EPOISONED, "GT_EPOISONED", "the world has failed"},
        {GT_EINVAL, "GT_EINVAL", "invalid input"},
        {GT_ETOOBIG, "GT_ETOOBIG", "larger than the limit"},
        {GT_EPROTO, "GT_EPROTO", "protocol error"},
        {GT_ENOENT, "GT_ENOENT", "not found"},
        {GT_EIO, "GT_EIO", "input or output failed"},
        {GT_ESTATUS, "GT_ESTATUS", "the call has ended with a status"},
        {GT_EUNSUPPORTED, "GT_EUNSUPPORTED", "not supported"},
    };
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        assert_string_equal(gt_error_name(errors[i].error), errors[i].name);
        assert_string_equal(gt_error_text(errors[i].error), errors[i].text);
    }
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
