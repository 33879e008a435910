#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world_fixture.h"

static void a_wait_for_nothing_is_a_deadlock_with_a_report(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_event *event = gt_event_new(f.world);
    assert_int_equal(gt_event_wait(event, NULL), GT_EDEADLOCK);
    assert_int_equal(f.failures, 1);
    assert_non_null(strstr(f.text, "deadlock at 0.000 ms: nothing can run and no timer is set\n"
                                   "  task \"test\" ("));
    assert_non_null(strstr(f.text, ") waits for an event made at "));
    close_world(&f);
    assert_int_equal(f.failures, 1);
}

static void what_was_not_freed_is_named_with_its_birthplace(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    (void)gt_event_new_at(f.world, "a.c", 7);
    (void)gt_context_background_at(f.world, "b.c", 8);
    close_world(&f);
    assert_int_equal(f.failures, 1);
    assert_string_equal(f.text, "left over when the world was freed:\n"
                                "  event made at a.c:7\n"
                                "  context made at b.c:8");
}

static void poisoning_all_worlds_lets_them_end_in_silence(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    (void)gt_event_new(f.world);

    gt_world_poison_all();

    assert_true(gt_world_failed(f.world));
    assert_int_equal(gt_sleep(f.world, GT_MS(1)), GT_EPOISONED);
    close_world(&f);
    assert_int_equal(f.failures, 0);
}

static void poisoning_all_worlds_spares_those_made_later(void **state)
{
    (void)state;
    fixture f;

    gt_world_poison_all();
    open_world(&f, NULL);

    assert_false(gt_world_failed(f.world));
    assert_int_equal(gt_sleep(f.world, GT_MS(1)), 0);
    close_world(&f);
    assert_int_equal(f.failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wait_for_nothing_is_a_deadlock_with_a_report),
        cmocka_unit_test(what_was_not_freed_is_named_with_its_birthplace),
        cmocka_unit_test(poisoning_all_worlds_lets_them_end_in_silence),
        cmocka_unit_test(poisoning_all_worlds_spares_those_made_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
