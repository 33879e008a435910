/* Scenario S5: a tree of contexts, and jobs that hang on it. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "job.h"

#include <grpctest/cmocka.h>

/* One context of each sort, each the child of the one above. */
typedef struct family {
    gt_rig *rig;
    gt_world *world; /* the rig's */
    gt_context *background, *jane, *timeout, *deadline, *cancel;
} family;

static int setup(void **state)
{
    family *f = test_malloc(sizeof *f);
    void *rig;
    gt_cmocka_rig_setup(&rig);
    f->rig = rig;
    f->world = f->rig->world;
    f->background = gt_context_background(f->world);
    f->jane = job_context_for(f->background, "jane");
    f->timeout = gt_context_with_timeout(f->jane, GT_SEC(10));
    f->deadline = gt_context_with_deadline(f->timeout, GT_SEC(20));
    f->cancel = gt_context_with_cancel(f->deadline);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    family *f = *state;
    void *rig = f->rig;
    gt_context_free(f->background);
    gt_context_free(f->jane);
    gt_context_free(f->timeout);
    gt_context_free(f->deadline);
    gt_context_free(f->cancel);
    test_free(f);
    return gt_cmocka_rig_teardown(&rig);
}

static void assert_deadline(const gt_context *context, gt_time expected)
{
    gt_time deadline = GT_NEVER;
    assert_int_equal(gt_context_deadline(context, &deadline), expected != GT_NEVER);
    assert_int_equal(deadline, expected);
}

/* ---- deadlines --------------------------------------------------------------------------------
 */

static void each_context_tells_its_deadline_and_the_earlier_one_wins(void **state)
{
    family *f = *state;
    gt_context *sooner = gt_context_with_timeout(f->cancel, GT_SEC(3));

    assert_deadline(f->background, GT_NEVER);
    assert_deadline(f->jane, GT_NEVER);
    assert_deadline(f->timeout, GT_SEC(10));
    assert_deadline(f->deadline, GT_SEC(10));
    assert_deadline(f->cancel, GT_SEC(10));
    assert_deadline(sooner, GT_SEC(3));

    gt_context_free(sooner);
}

static void a_deadline_ends_all_below_it_at_its_instant_and_says_so(void **state)
{
    family *f = *state;
    job above, below;
    job_start(&above, f->jane, GT_SEC(15));
    job_start(&below, f->cancel, GT_SEC(15));

    GT_ASSERT_ERROR(f->world, GT_ETIMEDOUT, job_wait(&below));
    GT_ASSERT_OK(f->world, job_wait(&above));

    assert_int_equal(below.stopped, GT_SEC(10));
    assert_int_equal(above.stopped, GT_SEC(15));
    GT_ASSERT_ERROR(f->world, GT_ETIMEDOUT, gt_context_error(f->cancel));
}

static void a_job_that_is_quick_enough_is_done(void **state)
{
    family *f = *state;
    job quick;
    job_start(&quick, f->cancel, GT_SEC(9));

    GT_ASSERT_OK(f->world, job_wait(&quick));

    assert_int_equal(quick.stopped, GT_SEC(9));
    GT_ASSERT_OK(f->world, gt_context_error(f->cancel));
}

static void a_time_out_that_has_passed_is_done_at_once(void **state)
{
    family *f = *state;
    gt_context *late = gt_context_with_timeout(f->background, 0);

    GT_ASSERT_ERROR(f->world, GT_ETIMEDOUT, gt_context_error(late));

    gt_context_free(late);
}

/* ---- cancelling -------------------------------------------------------------------------------
 */

static void cancelling_a_parent_cancels_its_children_at_the_same_instant(void **state)
{
    family *f = *state;
    gt_context *left = gt_context_with_cancel(f->cancel);
    gt_context *right = gt_context_with_timeout(f->cancel, GT_SEC(5));
    job jobs[2];
    job_start(&jobs[0], left, GT_SEC(4));
    job_start(&jobs[1], right, GT_SEC(4));
    GT_ASSERT_OK(f->world, gt_sleep(f->world, GT_SEC(2)));

    gt_context_cancel(f->cancel);

    for (int i = 0; i < 2; i++) {
        GT_ASSERT_ERROR(f->world, GT_ECANCELLED, job_wait(&jobs[i]));
        assert_int_equal(jobs[i].stopped, GT_SEC(2));
    }
    gt_context_free(left);
    gt_context_free(right);
}

static void cancelling_a_child_leaves_its_parent_and_its_siblings_alone(void **state)
{
    family *f = *state;
    gt_context *left = gt_context_with_cancel(f->cancel);
    gt_context *right = gt_context_with_cancel(f->cancel);
    job above, beside;
    job_start(&above, f->cancel, GT_SEC(4));
    job_start(&beside, right, GT_SEC(4));

    gt_context_cancel(left);

    GT_ASSERT_OK(f->world, job_wait(&above));
    GT_ASSERT_OK(f->world, job_wait(&beside));
    GT_ASSERT_ERROR(f->world, GT_ECANCELLED, gt_context_error(left));
    GT_ASSERT_OK(f->world, gt_context_error(f->cancel));
    gt_context_free(left);
    gt_context_free(right);
}

static void cancelling_twice_is_harmless_and_the_first_reason_stays(void **state)
{
    family *f = *state;
    gt_context_cancel(f->cancel);
    gt_context_cancel(f->cancel);
    GT_ASSERT_ERROR(f->world, GT_ECANCELLED, gt_context_error(f->cancel));

    GT_ASSERT_OK(f->world, gt_sleep(f->world, GT_SEC(11)));
    gt_context_cancel(f->deadline);

    GT_ASSERT_ERROR(f->world, GT_ECANCELLED, gt_context_error(f->cancel));
    GT_ASSERT_ERROR(f->world, GT_ETIMEDOUT, gt_context_error(f->deadline));
}

static void whoever_waits_for_a_context_is_told_why_it_is_done(void **state)
{
    family *f = *state;

    GT_ASSERT_ERROR(f->world, GT_ETIMEDOUT, gt_context_wait(f->cancel));

    GT_ASSERT_NOW(f->world, GT_SEC(10));
}

/* ---- values -----------------------------------------------------------------------------------
 */

static void values_are_looked_up_through_the_parents(void **state)
{
    family *f = *state;
    assert_string_equal(job_is_for(f->cancel), "jane");
    assert_string_equal(job_is_for(f->jane), "jane");
    assert_null(job_is_for(f->background));
}

static void the_nearest_value_counts(void **state)
{
    family *f = *state;
    gt_context *john = job_context_for(f->cancel, "john");

    assert_string_equal(job_is_for(john), "john");
    assert_string_equal(job_is_for(f->cancel), "jane");

    gt_context_free(john);
}

/* ---- the tree ---------------------------------------------------------------------------------
 */

static void a_parent_let_go_cancels_its_child_which_still_finds_its_values(void **state)
{
    family *f = *state;
    gt_context *parent = job_context_for(f->background, "john");
    gt_context *child = gt_context_with_timeout(parent, GT_SEC(1));

    gt_context_free(parent);

    assert_string_equal(job_is_for(child), "john");
    GT_ASSERT_ERROR(f->world, GT_ECANCELLED, gt_context_error(child));
    gt_context_free(child);
}

/* ---- what takes a context ---------------------------------------------------------------------
 */

static void accepting_ends_with_its_context(void **state)
{
    family *f = *state;
    gt_listener *lonely = gt_bufconn_listen(f->world, 64);
    gt_conn *conn;

    GT_ASSERT_ERROR(f->world, GT_ETIMEDOUT, gt_accept(lonely, f->cancel, &conn));

    GT_ASSERT_NOW(f->world, GT_SEC(10));
    gt_listener_free(lonely);
}

static int wait_for_nothing(void *user, gt_context *context, gt_conn **conn)
{
    (void)user;
    *conn = NULL;
    return gt_context_wait(context);
}

static void dialling_ends_with_its_context(void **state)
{
    family *f = *state;
    gt_dialer *dialer = gt_dialer_from(f->world, "nowhere", wait_for_nothing, NULL);
    gt_conn *conn;

    GT_ASSERT_ERROR(f->world, GT_ETIMEDOUT, gt_dial(dialer, f->cancel, &conn));

    GT_ASSERT_NOW(f->world, GT_SEC(10));
    gt_dialer_free(dialer);
}

static int work_in_a_call(gt_call *call, void *user)
{
    job *inside = user;
    job_start(inside, gt_call_context(call), GT_SEC(15));
    return job_wait(inside);
}

static void a_call_ends_with_its_context_and_its_handler_with_it(void **state)
{
    family *f = *state;
    job inside;
    gt_server_handle(f->rig->server, "/test.Test/Work", GT_UNARY, work_in_a_call, &inside);
    gt_call_options options = {.kind = GT_UNARY, .context = f->cancel};

    gt_call *call = gt_unary(f->rig->channel, "/test.Test/Work", gt_bytes_str(""), &options);

    GT_ASSERT_STATUS(call, GT_DEADLINE_EXCEEDED, NULL);
    GT_ASSERT_NOW(f->world, GT_SEC(10));
    GT_ASSERT_OK(f->world, gt_settle(f->world));
    GT_ASSERT_ERROR(f->world, GT_ETIMEDOUT, inside.error);
    assert_int_equal(inside.stopped, GT_SEC(10));
    gt_call_free(call);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_context_tells_its_deadline_and_the_earlier_one_wins),
        TEST(a_deadline_ends_all_below_it_at_its_instant_and_says_so),
        TEST(a_job_that_is_quick_enough_is_done),
        TEST(a_time_out_that_has_passed_is_done_at_once),
        TEST(cancelling_a_parent_cancels_its_children_at_the_same_instant),
        TEST(cancelling_a_child_leaves_its_parent_and_its_siblings_alone),
        TEST(cancelling_twice_is_harmless_and_the_first_reason_stays),
        TEST(whoever_waits_for_a_context_is_told_why_it_is_done),
        TEST(values_are_looked_up_through_the_parents),
        TEST(the_nearest_value_counts),
        TEST(a_parent_let_go_cancels_its_child_which_still_finds_its_values),
        TEST(accepting_ends_with_its_context),
        TEST(dialling_ends_with_its_context),
        TEST(a_call_ends_with_its_context_and_its_handler_with_it),
    };
    return cmocka_run_group_tests_name("contexts", tests, NULL, NULL);
}
