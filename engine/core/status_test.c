#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coding.h"

#include <grpctest/error.h>
#include <grpctest/status.h>

/* ---- names ---- */

static void the_seventeen_codes_have_the_names_of_grpc(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    };
    for (int code = 0; code < 17; code++) {
        gt_code read = GT_OK;
        assert_string_equal(gt_code_name((gt_code)code), expected[code]);
        assert_int_equal(gt_code_from_name(expected[code], &read), 0);
        assert_int_equal(read, code);
    }
}

static void a_number_out_of_range_is_named_unknown(void **state)
{
    (void)state;
    assert_string_equal(gt_code_name((gt_code)17), "UNKNOWN");
    assert_string_equal(gt_code_name((gt_code)-1), "UNKNOWN");
    assert_string_equal(gt_code_name((gt_code)INT32_MAX), "UNKNOWN");
}

static void a_name_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"", "ok", "OK ", "GT_OK", "CANCELED", "5"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        gt_code code = GT_DATA_LOSS;
        assert_int_equal(gt_code_from_name(names[i], &code), GT_EINVAL);
        assert_int_equal(code, GT_DATA_LOSS);
    }
}

/* ---- rules T1 and T7: grpc-status ---- */

static void assert_decodes(const char *text, int expected, bool expected_exact)
{
    bool exact = !expected_exact;
    assert_int_equal(gt__status_decode(text, strlen(text), &exact), expected);
    assert_int_equal(exact, expected_exact);
}

static void decimal_codes_are_exact(void **state)
{
    (void)state;
    assert_decodes("0", GT_OK, true);
    assert_decodes("5", GT_NOT_FOUND, true);
    assert_decodes("9", GT_FAILED_PRECONDITION, true);
    assert_decodes("10", GT_ABORTED, true);
    assert_decodes("16", GT_UNAUTHENTICATED, true);
}

static void leading_zeros_are_read_and_told(void **state)
{
    (void)state;
    assert_decodes("00", GT_OK, false);
    assert_decodes("05", GT_NOT_FOUND, false);
    assert_decodes("0000000000000000000000016", GT_UNAUTHENTICATED, false);
}

static void what_is_out_of_range_reads_unknown(void **state)
{
    (void)state;
    assert_decodes("17", GT_UNKNOWN, false);
    assert_decodes("99", GT_UNKNOWN, false);
    assert_decodes("4294967296", GT_UNKNOWN, false);
    assert_decodes("18446744073709551616", GT_UNKNOWN, false);
}

static void what_is_no_number_reads_unknown(void **state)
{
    (void)state;
    static const char *const texts[] = {"",   ":",  "/",   "-1",  "+5",
                                        " 5", "5 ", "5.0", "0x5", "NOT_FOUND"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_decodes(texts[i], GT_UNKNOWN, false);
}

static void a_two_is_an_exact_unknown(void **state)
{
    (void)state;
    assert_decodes("2", GT_UNKNOWN, true);
}

static void statuses_are_equal_when_all_of_them_is(void **state)
{
    (void)state;
    const gt_status status = {GT_NOT_FOUND, "x", gt_bytes_str("d")};
    const gt_status others[] = {
        {GT_ABORTED, "x", gt_bytes_str("d")},
        {GT_NOT_FOUND, "y", gt_bytes_str("d")},
        {GT_NOT_FOUND, "x", gt_bytes_str("e")},
    };
    const gt_status same = {GT_NOT_FOUND, "x", gt_bytes_str("d")};
    assert_true(gt_status_equal(&status, &same));
    for (size_t i = 0; i < 3; i++)
        assert_false(gt_status_equal(&status, &others[i]));
}

static void a_status_reads_as_one_line(void **state)
{
    (void)state;
    static const struct {
        gt_code code;
        const char *message, *details, *text;
    } cases[] = {
        {GT_OK, "", "", "OK"},
        {GT_NOT_FOUND, "no \"jane\"\n", "", "NOT_FOUND \"no \\\"jane\\\"\\n\""},
        {GT_ABORTED, "", "x", "ABORTED with 1 byte of details"},
        {GT_ABORTED, "m", "xy", "ABORTED \"m\" with 2 bytes of details"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gt_status status = {cases[i].code, cases[i].message, gt_bytes_str(cases[i].details)};
        char *text = gt_status_format(&status);
        assert_string_equal(text, cases[i].text);
        gt_free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_seventeen_codes_have_the_names_of_grpc),
        cmocka_unit_test(a_number_out_of_range_is_named_unknown),
        cmocka_unit_test(a_name_that_is_none_is_refused),
        cmocka_unit_test(decimal_codes_are_exact),
        cmocka_unit_test(leading_zeros_are_read_and_told),
        cmocka_unit_test(what_is_out_of_range_reads_unknown),
        cmocka_unit_test(what_is_no_number_reads_unknown),
        cmocka_unit_test(a_two_is_an_exact_unknown),
        cmocka_unit_test(statuses_are_equal_when_all_of_them_is),
        cmocka_unit_test(a_status_reads_as_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
