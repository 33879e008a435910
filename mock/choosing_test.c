/* Which expectation a call gets: how often, in which order, in which state. */
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

/* Makes a unary call and asserts how it ends. */
static void expect_end(kit *k, const char *request, gt_code code, const char *message)
{
    gt_call *call = kit_unary(k, request);
    GT_ASSERT_STATUS(call, code, message);
    gt_call_free(call);
}

static void the_first_message_chooses(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_expect_bytes(BYTES("a")), gt_end(GT_ABORTED, "A"));
    GT_ON(k->mock, METHOD, gt_expect_bytes(BYTES("b")), gt_end(GT_ABORTED, "B"));

    expect_end(k, "b", GT_ABORTED, "B");
    expect_end(k, "a", GT_ABORTED, "A");
}

static void metadata_chooses_before_any_message(void **state)
{
    kit *k = *state;
    gt_metadata *admin = gt_metadata_new();
    GT_ASSERT_OK(k->world, gt_metadata_append(admin, "role", "admin"));
    GT_ON(k->mock, METHOD, gt_expect_metadata("role", gt_is("admin")), gt_end(GT_ABORTED, "admin"));
    GT_ON(k->mock, METHOD, gt_end(GT_ABORTED, "anybody"));

    expect_end(k, "x", GT_ABORTED, "anybody");
    gt_call *call = gt_unary(k->channel, METHOD, BYTES("x"), &(gt_call_options){.metadata = admin});

    GT_ASSERT_STATUS(call, GT_ABORTED, "admin");
    gt_call_free(call);
    gt_metadata_free(admin);
}

static void it_fails_twice_and_then_succeeds(void **state)
{
    kit *k = *state;
    gt_times(GT_ON(k->mock, METHOD, gt_end(GT_UNAVAILABLE, "again")), 2);
    gt_expectation *then = gt_any_times(
        GT_ON(k->mock, METHOD, gt_expect(gt_anything()), gt_send_bytes(BYTES("at last"))));

    expect_end(k, "x", GT_UNAVAILABLE, "again");
    expect_end(k, "x", GT_UNAVAILABLE, "again");
    expect_end(k, "x", GT_OK, "");
    expect_end(k, "x", GT_OK, "");

    assert_int_equal(gt_expectation_calls(then), 2);
}

static void a_higher_priority_is_asked_first(void **state)
{
    kit *k = *state;
    gt_any_times(GT_ON(k->mock, METHOD, gt_end(GT_ABORTED, "common")));
    gt_with_priority(GT_ON(k->mock, METHOD, gt_end(GT_ABORTED, "urgent")), 1);

    expect_end(k, "x", GT_ABORTED, "urgent");
    expect_end(k, "x", GT_ABORTED, "common");
}

static void an_order_holds_across_methods(void **state)
{
    kit *k = *state;
    gt_expectation *first = GT_ON(k->mock, "/a.B/First", gt_end(GT_ABORTED, "first"));
    gt_after(GT_ON(k->mock, "/a.B/Then", gt_end(GT_ABORTED, "then")), first);

    gt_call *call = gt_unary(k->channel, "/a.B/First", BYTES(""), NULL);
    GT_ASSERT_STATUS(call, GT_ABORTED, "first");
    gt_call_free(call);
    call = gt_unary(k->channel, "/a.B/Then", BYTES(""), NULL);
    GT_ASSERT_STATUS(call, GT_ABORTED, "then");
    gt_call_free(call);
}

static void a_call_out_of_order_is_told(void **state)
{
    kit *k = *state;
    gt_expectation *first = GT_ON(k->mock, "/a.B/First", gt_end(GT_OK, NULL));
    gt_after(GT_ON(k->mock, METHOD, gt_end(GT_OK, NULL)), first);

    gt_call_free(kit_unary(k, "x"));

    assert_non_null(strstr(k->text, ": it comes after "));
    assert_non_null(strstr(k->text, ", which has not been called\n"));
}

static void what_comes_later_retires_what_came_before(void **state)
{
    kit *k = *state;
    gt_expectation *first = gt_at_least(GT_ON(k->mock, METHOD, gt_end(GT_ABORTED, "1")), 1);
    gt_after(GT_ON(k->mock, "/a.B/Then", gt_end(GT_ABORTED, "then")), first);
    expect_end(k, "x", GT_ABORTED, "1");
    gt_call_free(gt_unary(k->channel, "/a.B/Then", BYTES(""), NULL));

    gt_call_free(kit_unary(k, "x"));

    assert_non_null(strstr(k->text, ": one that comes after it has been called"));
}

static void states_lead_from_one_to_another(void **state)
{
    kit *k = *state;
    gt_to_state(GT_ON(k->mock, "/cart.Cart/Add", gt_end(GT_OK, NULL)), "filled");
    gt_in_state(GT_ON(k->mock, METHOD, gt_end(GT_ABORTED, "empty")), "");
    gt_in_state(GT_ON(k->mock, METHOD, gt_end(GT_ABORTED, "filled")), "filled");

    expect_end(k, "x", GT_ABORTED, "empty");
    gt_call_free(gt_unary(k->channel, "/cart.Cart/Add", BYTES(""), NULL));
    assert_string_equal(gt_mock_state(k->mock), "filled");
    expect_end(k, "x", GT_ABORTED, "filled");
}

static void the_test_may_set_the_state(void **state)
{
    kit *k = *state;
    gt_in_state(GT_ON(k->mock, METHOD, gt_end(GT_ABORTED, "night")), "night");
    gt_mock_set_state(k->mock, "night");

    expect_end(k, "x", GT_ABORTED, "night");
}

static void a_wrong_state_is_told(void **state)
{
    kit *k = *state;
    gt_in_state(GT_ON(k->mock, METHOD, gt_end(GT_OK, NULL)), "open");

    gt_call_free(kit_unary(k, "x"));

    assert_non_null(strstr(k->text, ": the mock is in state \"\", not \"open\""));
}

static void calls_at_once_get_one_expectation_each(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_expect_bytes(BYTES("x")), gt_delay(GT_MS(1)),
          gt_end(GT_ABORTED, "1"));
    GT_ON(k->mock, METHOD, gt_expect_bytes(BYTES("x")), gt_delay(GT_MS(1)),
          gt_end(GT_ABORTED, "2"));
    gt_call *calls[2];
    for (int i = 0; i < 2; i++)
        calls[i] = gt_call_new(k->channel, METHOD, NULL);

    for (int i = 0; i < 2; i++) {
        GT_ASSERT_OK(k->world, gt_call_send(calls[i], BYTES("x")));
        gt_call_half_close(calls[i]);
    }

    int seen = 0;
    for (int i = 0; i < 2; i++) {
        seen += gt_call_status(calls[i])->message[0];
        gt_call_free(calls[i]);
    }
    assert_int_equal(seen, '1' + '2');
    GT_ASSERT_NOW(k->world, GT_MS(1));
}

static void what_is_never_to_be_called_is_told(void **state)
{
    kit *k = *state;
    gt_never(GT_ON(k->mock, METHOD, gt_end(GT_OK, NULL)));

    gt_call_free(kit_unary(k, "x"));

    assert_non_null(strstr(k->text, ": it is never to be called"));
}

static void at_most_may_be_none(void **state)
{
    kit *k = *state;
    gt_at_most(GT_ON(k->mock, METHOD, gt_end(GT_ABORTED, NULL)), 1);

    gt_mock_verify(k->mock);
    expect_end(k, "x", GT_ABORTED, "");
    kit_assert_sound(k);

    gt_call_free(kit_unary(k, "x"));
    assert_non_null(strstr(k->text, ": it has been called once already"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_message_chooses, setup, teardown),
        cmocka_unit_test_setup_teardown(metadata_chooses_before_any_message, setup, teardown),
        cmocka_unit_test_setup_teardown(it_fails_twice_and_then_succeeds, setup, teardown),
        cmocka_unit_test_setup_teardown(a_higher_priority_is_asked_first, setup, teardown),
        cmocka_unit_test_setup_teardown(an_order_holds_across_methods, setup, teardown),
        cmocka_unit_test_setup_teardown(a_call_out_of_order_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(what_comes_later_retires_what_came_before, setup, teardown),
        cmocka_unit_test_setup_teardown(states_lead_from_one_to_another, setup, teardown),
        cmocka_unit_test_setup_teardown(the_test_may_set_the_state, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrong_state_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(calls_at_once_get_one_expectation_each, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_never_to_be_called_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(at_most_may_be_none, setup, teardown),
    };
    return cmocka_run_group_tests_name("choosing", tests, NULL, NULL);
}
