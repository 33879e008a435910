/* What a mock server says when the code under test does not do as its script expects. The text ends
 * where the transcript begins; the place is the step's. */
#include "mock_kit.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int setup(void **state)
{
    *state = kit_new(NULL);
    return 0;
}

static int teardown(void **state)
{
    kit_free(*state);
    return 0;
}

/* Starts a call with these messages and half-closes; the world fails under it. */
static gt_call *play(kit *k, const char *const *messages)
{
    gt_call *call = gt_call_new(k->channel, METHOD, NULL);
    for (; *messages; messages++)
        (void)!gt_call_send(call, gt_bytes_str(*messages));
    gt_call_half_close(call);
    (void)gt_call_status(call);
    return call;
}

#define PLAY(...) gt_call_free(play(k, (const char *const[]){__VA_ARGS__}))

static void another_message_is_told_with_both(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_expect_bytes(BYTES("jane")), gt_end(GT_OK, NULL));
    int line = __LINE__ - 1;

    PLAY("john", NULL);

    kit_assert_failed(k,
                      "message is \"john\", expected \"jane\" "
                      "(gt_expect, call 2 of /users.Users/GetUser)",
                      line);
}

static void a_missing_message_is_told(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_expect(gt_anything()), gt_expect(gt_contains("ja")));
    int line = __LINE__ - 1;

    PLAY("john", NULL);

    kit_assert_failed(k,
                      "no message came, expected what contains \"ja\": the client half-closed "
                      "(gt_expect, call 2 of /users.Users/GetUser)",
                      line);
}

static void a_message_too_many_is_told(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_expect_bytes(BYTES("a")));
    int line = __LINE__ - 1;

    PLAY("a", "b", NULL);

    kit_assert_failed(k,
                      "message 2 came, expected half-close: \"b\" "
                      "(gt_expect_half_close, call 2 of /users.Users/GetUser)",
                      line);
}

static void none_of_any_order_is_told_with_all_that_were_left(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_any_order(gt_expect_bytes(BYTES("a")), gt_expect_bytes(BYTES("b"))));
    int line = __LINE__ - 1;

    PLAY("b", "b", NULL);

    assert_int_equal(k->line, line);
    assert_memory_equal(k->text, "message is \"b\" (gt_any_order, call 2 of ", 40);
    assert_non_null(strstr(k->text, "\n  expected at "));
    assert_non_null(strstr(k->text, ": \"a\""));
    assert_null(strstr(k->text, ": \"b\""));
}

static void a_call_that_ends_before_its_message_is_told(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_expect_bytes(BYTES("a")));
    int line = __LINE__ - 1;
    gt_call *call = gt_call_new(k->channel, METHOD, &(gt_call_options){.timeout = GT_MS(1)});

    (void)gt_call_status(call);
    gt_call_free(call);
    (void)gt_settle(k->world);

    kit_assert_failed(k,
                      "no message came, expected \"a\": its deadline passed "
                      "(gt_expect, call 2 of /users.Users/GetUser)",
                      line);
}

static void metadata_that_differs_is_told_with_its_key(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_expect_metadata("user-id", gt_is("7")), gt_end(GT_OK, NULL));
    int line = __LINE__ - 1;

    PLAY(NULL);

    kit_assert_failed(k,
                      "metadata \"user-id\" is absent, expected \"7\" "
                      "(gt_expect_metadata, call 2 of /users.Users/GetUser)",
                      line);
}

static void a_deadline_that_differs_is_told(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_expect_deadline(gt_between(1, 2)), gt_end(GT_OK, NULL));
    int line = __LINE__ - 1;
    gt_call *call = gt_call_new(k->channel, METHOD, &(gt_call_options){.timeout = 3});

    (void)gt_call_status(call);
    gt_call_free(call);

    kit_assert_failed(k,
                      "the time left (ns) is 3, expected a number from 1 to 2 "
                      "(gt_expect_deadline, call 2 of /users.Users/GetUser)",
                      line);
}

static void a_cancel_that_was_a_deadline_is_told(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_expect_cancel());
    int line = __LINE__ - 1;
    gt_call *call = gt_call_new(k->channel, METHOD, &(gt_call_options){.timeout = GT_MS(1)});

    (void)gt_call_status(call);
    gt_call_free(call);
    (void)gt_settle(k->world);

    kit_assert_failed(k,
                      "the deadline passed, expected the client to cancel it "
                      "(gt_expect_cancel, call 2 of /users.Users/GetUser)",
                      line);
}

/* ---- calls that nothing expects -----------------------------------------------------------------
 */

static void an_unexpected_call_is_told_and_answered(void **state)
{
    kit *k = *state;

    PLAY("x", NULL);

    kit_assert_failed(k,
                      "unexpected call 2 of /users.Users/GetUser\n"
                      "  the mock expects no calls",
                      k->line);
}

static void a_lenient_mock_only_answers(void **state)
{
    (void)state;
    kit *k = kit_new(&(gt_mock_options){.lenient = true});

    gt_call *call = kit_unary(k, "x");

    GT_ASSERT_STATUS(call, GT_UNIMPLEMENTED, "unexpected call of /users.Users/GetUser");
    gt_call_free(call);
    kit_free(k);
}

static void the_nearest_expectations_are_told_first(void **state)
{
    kit *k = *state;
    gt_never(GT_ON(k->mock, "/users.Users/Other", gt_end(GT_OK, NULL)));
    gt_any_times(GT_ON(k->mock, METHOD, gt_expect_metadata("k", gt_is("v")),
                       gt_expect_bytes(BYTES("a")), gt_end(GT_OK, NULL)));
    gt_any_times(GT_ON(k->mock, METHOD, gt_expect_bytes(BYTES("b")), gt_end(GT_OK, NULL)));

    PLAY("c", NULL);

    const char *message = strstr(k->text, ": message is \"c\", expected \"b\"\n");
    const char *metadata = strstr(k->text, ": metadata \"k\" is absent, expected \"v\"\n");
    const char *other = strstr(k->text, ": it is for /users.Users/Other");
    assert_memory_equal(k->text, "unexpected call 2 of /users.Users/GetUser\n  not ", 48);
    assert_non_null(message);
    assert_true(message < metadata && metadata < other);
}

static void one_call_too_many_is_told(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_end(GT_OK, NULL));
    gt_call_free(kit_unary(k, "x"));

    PLAY("x", NULL);

    assert_memory_equal(k->text, "unexpected call 4 of /users.Users/GetUser\n  not ", 48);
    assert_non_null(strstr(k->text, ": it has been called once already"));
}

/* ---- expectations that are not met
 * --------------------------------------------------------------- */

static void an_unmet_expectation_is_told_where_it_was_declared(void **state)
{
    (void)state;
    char text[4096];
    kit *k = kit_new(NULL);
    gt_times(GT_ON(k->mock, METHOD, gt_end(GT_OK, NULL)), 3);
    gt_call_free(kit_unary(k, "x"));

    kit_free_noting(k, text);

    assert_memory_equal(text, "not met:\n  ", 11);
    assert_non_null(strstr(text, ": /users.Users/GetUser was called once, expected 3 times"));
}

static void verifying_tells_it_at_once(void **state)
{
    kit *k = *state;
    gt_at_least(GT_ON(k->mock, METHOD, gt_end(GT_OK, NULL)), 2);
    int line = __LINE__ - 1;

    gt_mock_verify(k->mock);

    assert_int_equal(k->line, line);
    assert_non_null(strstr(k->text, "was called never, expected at least twice"));
}

static void a_script_that_still_expects_something_is_told(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_expect(gt_anything()), gt_expect_half_close());
    gt_call *call = gt_call_new(k->channel, METHOD, NULL);
    GT_ASSERT_OK(k->world, gt_call_send(call, BYTES("x")));
    GT_ASSERT_OK(k->world, gt_settle(k->world));

    gt_mock_verify(k->mock);

    assert_non_null(strstr(
        k->text, ": the script of /users.Users/GetUser still stands at gt_expect_half_close, "));
    gt_call_free(call);
}

static void a_script_that_stands_at_any_order_is_told(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_any_order(gt_expect(gt_anything())));
    gt_call *call = gt_call_new(k->channel, METHOD, NULL);
    GT_ASSERT_OK(k->world, gt_settle(k->world));

    gt_mock_verify(k->mock);

    assert_non_null(strstr(k->text, " still stands at gt_any_order, "));
    gt_call_free(call);
}

static void the_first_failure_is_the_one_told(void **state)
{
    (void)state;
    char text[4096];
    kit *k = kit_new(NULL);
    GT_ON(k->mock, METHOD, gt_expect_bytes(BYTES("a")));
    GT_ON(k->mock, "/never/Called", gt_end(GT_OK, NULL));
    gt_call_free(play(k, (const char *const[]){"b", NULL}));

    kit_free_noting(k, text);

    assert_memory_equal(text, "message is \"b\", expected \"a\"", 28);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(another_message_is_told_with_both, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_message_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_message_too_many_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(none_of_any_order_is_told_with_all_that_were_left, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_call_that_ends_before_its_message_is_told, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(metadata_that_differs_is_told_with_its_key, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_deadline_that_differs_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cancel_that_was_a_deadline_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(an_unexpected_call_is_told_and_answered, setup, teardown),
        cmocka_unit_test(a_lenient_mock_only_answers),
        cmocka_unit_test_setup_teardown(the_nearest_expectations_are_told_first, setup, teardown),
        cmocka_unit_test_setup_teardown(one_call_too_many_is_told, setup, teardown),
        cmocka_unit_test(an_unmet_expectation_is_told_where_it_was_declared),
        cmocka_unit_test_setup_teardown(verifying_tells_it_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_script_that_still_expects_something_is_told, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_script_that_stands_at_any_order_is_told, setup, teardown),
        cmocka_unit_test(the_first_failure_is_the_one_told),
    };
    return cmocka_run_group_tests_name("server_failing", tests, NULL, NULL);
}
