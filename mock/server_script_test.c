/* What a mock server does with each step of a script that goes well. */
#include "mock_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_text(gt_bytes message, const char *text)
{
    assert_int_equal(message.size, strlen(text));
    assert_memory_equal(message.data, text, message.size);
}

static void assert_reply(gt_call *call, const char *text)
{
    gt_bytes message;
    assert_int_equal(gt_call_recv(call, &message), 0);
    assert_text(message, text);
}

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

static void a_script_answers_a_unary_call(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_expect_bytes(BYTES("jane")), gt_send_bytes(BYTES("doe")));

    gt_call *call = kit_unary(k, "jane");

    GT_ASSERT_STATUS(call, GT_OK, "");
    assert_reply(call, "doe");
    gt_call_free(call);
}

static void a_script_may_refuse_at_once(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_end(GT_NOT_FOUND, "no such user"));

    gt_call *call = kit_unary(k, "jane");

    GT_ASSERT_STATUS(call, GT_NOT_FOUND, "no such user");
    gt_call_free(call);
}

static void a_delay_takes_world_time(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_expect(gt_anything()), gt_delay(GT_MS(200)),
          gt_send_bytes(BYTES("doe")));

    gt_call *call = kit_unary(k, "jane");

    GT_ASSERT_STATUS(call, GT_OK, "");
    GT_ASSERT_NOW(k->world, GT_MS(200));
    gt_call_free(call);
}

static void a_deadline_may_pass_before_a_late_reply(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_expect(gt_anything()), gt_delay(GT_MS(200)),
          gt_send_bytes(BYTES("doe")));

    gt_call *call =
        gt_unary(k->channel, METHOD, BYTES("jane"), &(gt_call_options){.timeout = GT_MS(50)});

    GT_ASSERT_STATUS(call, GT_DEADLINE_EXCEEDED, NULL);
    GT_ASSERT_NOW(k->world, GT_MS(50));
    gt_call_free(call);
}

static void header_and_trailers_are_sent(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_header("a", "1"), gt_header("B-bin", "\1\2"), gt_send_header(),
          gt_expect(gt_anything()), gt_trailer("c", "3"));

    gt_call *call = gt_call_new(k->channel, METHOD, NULL);
    const gt_metadata *header = gt_call_header(call);

    assert_string_equal(gt_metadata_get(header, "a"), "1");
    gt_bytes value;
    assert_int_equal(gt_metadata_get_bytes(header, "b-bin", 0, &value), 0);
    assert_text(value, "\1\2");
    GT_ASSERT_OK(k->world, gt_call_send(call, BYTES("x")));
    gt_call_half_close(call);
    GT_ASSERT_STATUS(call, GT_OK, "");
    assert_string_equal(gt_metadata_get(gt_call_trailer(call), "c"), "3");
    gt_call_free(call);
}

static void both_directions_take_turns(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_expect_bytes(BYTES("1")), gt_send_bytes(BYTES("one")),
          gt_expect_bytes(BYTES("2")), gt_send_bytes(BYTES("two")), gt_expect_half_close(),
          gt_send_bytes(BYTES("done")));

    gt_call *call = gt_call_new(k->channel, METHOD, NULL);
    GT_ASSERT_OK(k->world, gt_call_send(call, BYTES("1")));
    assert_reply(call, "one");
    GT_ASSERT_OK(k->world, gt_call_send(call, BYTES("2")));
    assert_reply(call, "two");
    gt_call_half_close(call);
    assert_reply(call, "done");
    GT_ASSERT_STATUS(call, GT_OK, "");
    gt_call_free(call);
}

static void steps_are_repeated(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_repeat(3, gt_send_bytes(BYTES("tick")), gt_delay(GT_SEC(1))));

    gt_call *call = gt_call_new(k->channel, METHOD, NULL);
    gt_call_half_close(call);
    for (int i = 0; i < 3; i++)
        assert_reply(call, "tick");

    GT_ASSERT_STATUS(call, GT_OK, "");
    GT_ASSERT_NOW(k->world, GT_SEC(3));
    gt_call_free(call);
}

static void messages_may_come_in_any_order(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD,
          gt_any_order(gt_expect_bytes(BYTES("a")), gt_expect_bytes(BYTES("b")),
                       gt_expect_bytes(BYTES("c"))));

    gt_call *call = gt_call_new(k->channel, METHOD, NULL);
    GT_ASSERT_OK(k->world, gt_call_send(call, BYTES("c")));
    GT_ASSERT_OK(k->world, gt_call_send(call, BYTES("a")));
    GT_ASSERT_OK(k->world, gt_call_send(call, BYTES("b")));
    gt_call_half_close(call);

    GT_ASSERT_STATUS(call, GT_OK, "");
    gt_call_free(call);
}

static void a_branch_sends_while_the_script_receives(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD,
          gt_meanwhile(gt_repeat(2, gt_delay(GT_MS(10)), gt_send_bytes(BYTES("tick")))),
          gt_expect_bytes(BYTES("1")), gt_send_bytes(BYTES("one")), gt_expect_half_close());

    gt_call *call = gt_call_new(k->channel, METHOD, NULL);
    assert_reply(call, "tick");
    GT_ASSERT_OK(k->world, gt_call_send(call, BYTES("1")));
    gt_call_half_close(call);
    assert_reply(call, "one");
    assert_reply(call, "tick");
    GT_ASSERT_STATUS(call, GT_OK, "");
    GT_ASSERT_NOW(k->world, GT_MS(20));
    gt_call_free(call);
}

static void events_go_across_calls(void **state)
{
    kit *k = *state;
    gt_event *ready = gt_event_new(k->world);
    GT_ON(k->mock, "/a.B/Wait", gt_await(ready), gt_send_bytes(BYTES("late")));
    GT_ON(k->mock, "/a.B/Raise", gt_delay(GT_MS(5)), gt_raise(ready));

    gt_call *wait = gt_call_new(k->channel, "/a.B/Wait", NULL);
    gt_call *raise = gt_call_new(k->channel, "/a.B/Raise", NULL);
    gt_call_half_close(wait);
    gt_call_half_close(raise);

    assert_reply(wait, "late");
    GT_ASSERT_NOW(k->world, GT_MS(5));
    GT_ASSERT_STATUS(wait, GT_OK, "");
    GT_ASSERT_STATUS(raise, GT_OK, "");
    gt_call_free(wait);
    gt_call_free(raise);
    gt_event_free(ready);
}

static void a_hanging_script_leaves_the_end_to_the_deadline(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_expect(gt_anything()), gt_hang());

    gt_call *call =
        gt_unary(k->channel, METHOD, BYTES("jane"), &(gt_call_options){.timeout = GT_SEC(7)});

    GT_ASSERT_STATUS(call, GT_DEADLINE_EXCEEDED, NULL);
    GT_ASSERT_NOW(k->world, GT_SEC(7));
    gt_call_free(call);
}

static void a_cancel_and_a_deadline_can_be_expected(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, "/a.B/Cancel", gt_expect_cancel());
    GT_ON(k->mock, "/a.B/Late", gt_expect_deadline(gt_is(GT_MS(30))),
          gt_expect_deadline_exceeded());

    gt_call *cancelled = gt_call_new(k->channel, "/a.B/Cancel", NULL);
    gt_call *late = gt_call_new(k->channel, "/a.B/Late", &(gt_call_options){.timeout = GT_MS(30)});
    GT_ASSERT_OK(k->world, gt_settle(k->world));
    gt_call_cancel(cancelled);

    GT_ASSERT_STATUS(late, GT_DEADLINE_EXCEEDED, NULL);
    gt_call_free(cancelled);
    gt_call_free(late);
}

static int shout(gt_call *call, void *user)
{
    gt_bytes message;
    int error = gt_call_recv(call, &message);
    return error ? error : gt_call_send(call, gt_bytes_str(user));
}

static int refuse(gt_call *call, void *user)
{
    (void)user;
    return gt_call_fail(call, GT_ABORTED, "by hand");
}

static void a_function_may_take_over(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_run(shout, (void *)"HA"), gt_send_bytes(BYTES("and so on")));
    GT_ON(k->mock, METHOD, gt_run(refuse, NULL), gt_send_bytes(BYTES("never")));

    gt_call *call = gt_call_new(k->channel, METHOD, NULL);
    GT_ASSERT_OK(k->world, gt_call_send(call, BYTES("x")));
    gt_call_half_close(call);
    assert_reply(call, "HA");
    assert_reply(call, "and so on");
    GT_ASSERT_STATUS(call, GT_OK, "");
    gt_call *refused = kit_unary(k, "x");
    GT_ASSERT_STATUS(refused, GT_ABORTED, "by hand");
    gt_call_free(call);
    gt_call_free(refused);
}

static void a_file_is_read_when_the_script_is_given_away(void **state)
{
    kit *k = *state;
    char path[] = "/tmp/grpctest-XXXXXX";
    FILE *file = fdopen(mkstemp(path), "wb");
    fputs("from a file", file);
    fclose(file);
    GT_ON(k->mock, METHOD, gt_expect(gt_anything()), gt_send_file(path));
    remove(path);

    gt_call *call = kit_unary(k, "x");

    assert_reply(call, "from a file");
    gt_call_free(call);
}

static size_t size_of_text(const void *descriptor, const void *message)
{
    (void)descriptor;
    return strlen(message);
}

static void pack_text(const void *descriptor, const void *message, uint8_t *out)
{
    (void)descriptor;
    memcpy(out, message, strlen(message));
}

static void a_typed_message_is_packed_when_the_script_is_given_away(void **state)
{
    kit *k = *state;
    static const gt_codec text = {.name = "text", .packed_size = size_of_text, .pack = pack_text};
    char message[] = "packed";
    GT_ON(k->mock, METHOD, gt_expect(gt_anything()), gt_send_as(((gt_type){&text, NULL}), message));
    message[0] = 'x';

    gt_call *call = kit_unary(k, "x");

    assert_reply(call, "packed");
    gt_call_free(call);
}

static void authority_and_peer_are_expected(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_expect_authority(gt_is("bufconn:1")),
          gt_expect_peer(gt_starts_with("bufconn:1/")), gt_end(GT_ABORTED, "both"));

    gt_call *call = kit_unary(k, "x");

    GT_ASSERT_STATUS(call, GT_ABORTED, "both");
    gt_call_free(call);
}

static void initialised_options_are_zeros(void **state)
{
    (void)state;
    gt_mock_options options = {.lenient = true, .dormant = true};
    gt_mock_options_init(&options);
    assert_false(options.lenient || options.dormant || options.server.strict);
}

static void scripts_outlive_what_they_were_made_from(void **state)
{
    kit *k = *state;
    char words[3][8] = {"ask", "answer", "key"};
    GT_ON(k->mock, METHOD, gt_expect(gt_all_of(gt_is(words[0]), gt_contains(words[0]))),
          gt_header(words[2], words[1]), gt_send_bytes(gt_bytes_str(words[1])));
    memset(words, 'x', sizeof words);

    gt_call *call = kit_unary(k, "ask");

    assert_reply(call, "answer");
    assert_string_equal(gt_metadata_get(gt_call_header(call), "key"), "answer");
    gt_call_free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_script_answers_a_unary_call, setup, teardown),
        cmocka_unit_test_setup_teardown(a_script_may_refuse_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_delay_takes_world_time, setup, teardown),
        cmocka_unit_test_setup_teardown(a_deadline_may_pass_before_a_late_reply, setup, teardown),
        cmocka_unit_test_setup_teardown(header_and_trailers_are_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(both_directions_take_turns, setup, teardown),
        cmocka_unit_test_setup_teardown(steps_are_repeated, setup, teardown),
        cmocka_unit_test_setup_teardown(messages_may_come_in_any_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_branch_sends_while_the_script_receives, setup, teardown),
        cmocka_unit_test_setup_teardown(events_go_across_calls, setup, teardown),
        cmocka_unit_test_setup_teardown(a_hanging_script_leaves_the_end_to_the_deadline, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_cancel_and_a_deadline_can_be_expected, setup, teardown),
        cmocka_unit_test_setup_teardown(a_function_may_take_over, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_is_read_when_the_script_is_given_away, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_typed_message_is_packed_when_the_script_is_given_away,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(authority_and_peer_are_expected, setup, teardown),
        cmocka_unit_test(initialised_options_are_zeros),
        cmocka_unit_test_setup_teardown(scripts_outlive_what_they_were_made_from, setup, teardown),
    };
    return cmocka_run_group_tests_name("server_script", tests, NULL, NULL);
}
