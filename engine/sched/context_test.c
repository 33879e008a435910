#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world_fixture.h"

static void cancelling_a_parent_cancels_its_children_never_the_reverse(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_context *root = gt_context_background(f.world);
    gt_context *parent = gt_context_with_cancel(root);
    gt_context *child = gt_context_with_cancel(parent);
    gt_context *grandchild = gt_context_with_cancel(child);
    gt_context_cancel(child);
    assert_int_equal(gt_context_error(parent), 0);
    assert_int_equal(gt_context_error(child), GT_ECANCELLED);
    assert_int_equal(gt_context_error(grandchild), GT_ECANCELLED);
    gt_context_free(root);
    assert_int_equal(gt_context_error(parent), GT_ECANCELLED);
    gt_context_free(parent);
    gt_context_free(grandchild);
    gt_context_free(child);
    close_well(&f);
}

static void a_wait_ends_at_the_deadline_of_its_context(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_context *root = gt_context_background(f.world);
    gt_context *context = gt_context_with_timeout(root, GT_MS(50));
    gt_event *event = gt_event_new(f.world);
    assert_int_equal(gt_event_wait(event, context), GT_ETIMEDOUT);
    assert_int_equal(gt_now(f.world), GT_MS(50));
    assert_int_equal(gt_context_error(context), GT_ETIMEDOUT);
    gt_event_free(event);
    gt_context_free(context);
    gt_context_free(root);
    close_well(&f);
}

static void a_child_cannot_outlive_its_parents_deadline(void **state)
{
    (void)state;
    fixture f;
    gt_time deadline;
    open_world(&f, NULL);
    gt_context *root = gt_context_background(f.world);
    gt_context *parent = gt_context_with_deadline(root, GT_MS(10));
    gt_context *child = gt_context_with_deadline(parent, GT_MS(20));
    assert_false(gt_context_deadline(root, &deadline));
    assert_true(gt_context_deadline(child, &deadline));
    assert_int_equal(deadline, GT_MS(10));
    assert_int_equal(gt_context_wait(child), GT_ETIMEDOUT);
    assert_int_equal(gt_now(f.world), GT_MS(10));
    gt_context_free(parent);
    gt_context_free(child);
    gt_context_free(root);
    close_well(&f);
}

static void a_value_is_found_below_where_it_was_set(void **state)
{
    (void)state;
    static const char key, other;
    char outer_value[] = "outer", inner_value[] = "inner";
    fixture f;
    open_world(&f, NULL);
    gt_context *root = gt_context_background(f.world);
    gt_context *outer = gt_context_with_value(root, &key, outer_value, NULL);
    gt_context *inner = gt_context_with_value(outer, &key, inner_value, NULL);
    gt_context *leaf = gt_context_with_cancel(inner);
    assert_string_equal(gt_context_value(leaf, &key), "inner");
    assert_string_equal(gt_context_value(outer, &key), "outer");
    assert_null(gt_context_value(leaf, &other));
    assert_null(gt_context_value(NULL, &key));
    gt_context_free(leaf);
    gt_context_free(inner);
    gt_context_free(outer);
    gt_context_free(root);
    close_well(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cancelling_a_parent_cancels_its_children_never_the_reverse),
        cmocka_unit_test(a_wait_ends_at_the_deadline_of_its_context),
        cmocka_unit_test(a_child_cannot_outlive_its_parents_deadline),
        cmocka_unit_test(a_value_is_found_below_where_it_was_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
