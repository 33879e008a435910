/* Instants, durations and masks as strings, both ways: the calendar above all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "known_text.h"

static void instants_are_written_and_read_over_the_whole_calendar(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        int32_t nanos;
        const char *text;
    } all[] = {
        {INT64_C(-62135596800), 0, "0001-01-01T00:00:00Z"},
        {INT64_C(-11644473600), 0, "1601-01-01T00:00:00Z"},
        {-1, 999999999, "1969-12-31T23:59:59.999999999Z"},
        {0, 0, "1970-01-01T00:00:00Z"},
        {68169599, 1000000, "1972-02-28T23:59:59.001Z"},
        {951782400, 1000, "2000-02-29T00:00:00.000001Z"},
        {951868799, 10, "2000-02-29T23:59:59.000000010Z"},
        {951868800, 0, "2000-03-01T00:00:00Z"},
        {INT64_C(4107542399), 0, "2100-02-28T23:59:59Z"},
        {INT64_C(4107542400), 0, "2100-03-01T00:00:00Z"},
        {INT64_C(253402300799), 0, "9999-12-31T23:59:59Z"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        gt_buffer text = {0};
        int64_t seconds;
        int32_t nanos;
        assert_true(gt__timestamp_add(&text, all[i].seconds, all[i].nanos));
        assert_string_equal(gt_buffer_text(&text), all[i].text);
        assert_true(gt__timestamp_read(all[i].text, &seconds, &nanos));
        assert_int_equal(seconds, all[i].seconds);
        assert_int_equal(nanos, all[i].nanos);
        gt_buffer_cleanup(&text);
    }
}

static void every_day_of_four_centuries_comes_back(void **state)
{
    (void)state;
    for (int64_t day = -200000; day < -200000 + 146097; day++) {
        gt_buffer text = {0};
        int64_t seconds;
        int32_t nanos;
        assert_true(gt__timestamp_add(&text, day * 86400, 0));
        assert_true(gt__timestamp_read(gt_buffer_text(&text), &seconds, &nanos));
        assert_int_equal(seconds, day * 86400);
        gt_buffer_cleanup(&text);
    }
}

static void what_is_no_instant_is_neither_written_nor_read(void **state)
{
    (void)state;
    static const char *const all[] = {
        "",
        "1970-01-01",
        "1970-00-01T00:00:00Z",
        "1970-13-01T00:00:00Z",
        "1970-01-00T00:00:00Z",
        "1970-04-31T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:60:00Z",
        "1970-01-01T00:00:60Z",
        "1970-01-01T00:00:00z",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00+24:00",
        "1970-01-01T00:00:00+00:60",
        "1970-01-01T00:00:00+0000",
        "1970-01-01T00:00:00ZZ",
        "197x-01-01T00:00:00Z",
        "9999-12-31T23:59:59-00:01",
    };
    gt_buffer text = {0};
    int64_t seconds;
    int32_t nanos;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (gt__timestamp_read(all[i], &seconds, &nanos))
            fail_msg("%s is taken for an instant", all[i]);
    assert_false(gt__timestamp_add(&text, INT64_C(-62135596801), 0));
    assert_false(gt__timestamp_add(&text, INT64_C(253402300800), 0));
    assert_false(gt__timestamp_add(&text, 0, -1));
    assert_false(gt__timestamp_add(&text, 0, 1000000000));
    assert_int_equal(text.size, 0);
}

static void durations_have_one_sign(void **state)
{
    (void)state;
    gt_buffer text = {0};
    int64_t seconds;
    int32_t nanos;

    assert_true(gt__duration_add(&text, -1, -500000000));
    assert_true(gt__duration_add(&text, 0, -1));
    assert_string_equal(gt_buffer_text(&text), "-1.500s-0.000000001s");
    assert_false(gt__duration_add(&text, 1, -1));
    assert_false(gt__duration_add(&text, -1, 1));
    assert_false(gt__duration_add(&text, INT64_C(315576000001), 0));
    assert_true(gt__duration_read("-0.5s", &seconds, &nanos));
    assert_int_equal(seconds, 0);
    assert_int_equal(nanos, -500000000);
    assert_false(gt__duration_read("--1s", &seconds, &nanos));
    assert_false(gt__duration_read("1ss", &seconds, &nanos));
    assert_false(gt__duration_read("99999999999999999999s", &seconds, &nanos));
    gt_buffer_cleanup(&text);
}

static void mask_paths_change_case_and_back(void **state)
{
    (void)state;
    gt_buffer camel = {0}, snake = {0};

    assert_true(gt__mask_path_add(&camel, "foo_bar.b1_c"));
    assert_string_equal(gt_buffer_text(&camel), "fooBar.b1C");
    assert_true(gt__mask_path_read(&snake, gt_buffer_text(&camel), camel.size));
    assert_string_equal(gt_buffer_text(&snake), "foo_bar.b1_c");

    assert_false(gt__mask_path_add(&camel, "fooBar"));
    assert_false(gt__mask_path_add(&camel, "foo_"));
    assert_false(gt__mask_path_add(&camel, "foo_1"));
    assert_false(gt__mask_path_read(&snake, "a_b", 3));
    assert_false(gt__mask_path_read(&snake, "", 0));
    gt_buffer_cleanup(&camel);
    gt_buffer_cleanup(&snake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_are_written_and_read_over_the_whole_calendar),
        cmocka_unit_test(every_day_of_four_centuries_comes_back),
        cmocka_unit_test(what_is_no_instant_is_neither_written_nor_read),
        cmocka_unit_test(durations_have_one_sign),
        cmocka_unit_test(mask_paths_change_case_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
