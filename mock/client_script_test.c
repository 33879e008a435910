/* A mock client against handlers written by hand: what each step does, and what it says when it
 * does not come true. */
#include "mock_kit.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Sends every message back; a unary method is a stream of one. */
static int echo(gt_call *call, void *user)
{
    gt_bytes message;
    (void)user;
    int error;
    while ((error = gt_call_recv(call, &message)) == 0) {
        if (gt_bytes_equal(message, BYTES("stop")))
            return gt_call_fail(call, GT_ABORTED, "stopped");
        error = gt_call_send(call, message);
        if (error)
            return error;
    }
    return error == GT_EOF ? GT_OK : error;
}

static int with_metadata(gt_call *call, void *user)
{
    (void)user;
    gt_metadata *metadata = gt_metadata_new();
    (void)!gt_metadata_append(metadata, "k", "v");
    gt_call_add_trailer(call, metadata);
    (void)!gt_call_send_header(call, metadata);
    gt_metadata_free(metadata);
    return GT_OK;
}

static int setup(void **state)
{
    kit *k = kit_new(NULL);
    gt_server_handle(gt_mock_server(k->mock), "/e.E/Echo", GT_BIDI_STREAMING, echo, NULL);
    gt_server_handle(gt_mock_server(k->mock), "/e.E/Once", GT_UNARY, echo, NULL);
    gt_server_handle(gt_mock_server(k->mock), "/e.E/Data", GT_BIDI_STREAMING, with_metadata, NULL);
    *state = k;
    return 0;
}

static int teardown(void **state)
{
    kit_free(*state);
    return 0;
}

static void a_client_follows_a_script(void **state)
{
    kit *k = *state;

    gt_play *play = GT_PLAY(k->channel, "/e.E/Echo", NULL, gt_send_bytes(BYTES("a")),
                            gt_expect_bytes(BYTES("a")), gt_delay(GT_MS(3)),
                            gt_send_bytes(BYTES("b")), gt_expect_bytes(BYTES("b")));

    GT_ASSERT_OK(k->world, gt_play_finish(play));
    GT_ASSERT_NOW(k->world, GT_MS(3));
}

static void a_unary_script_half_closes_by_itself(void **state)
{
    kit *k = *state;

    gt_play *play = GT_PLAY(k->channel, "/e.E/Once", (&(gt_call_options){.kind = GT_UNARY}),
                            gt_send_bytes(BYTES("a")), gt_expect_bytes(BYTES("a")),
                            gt_expect_status(GT_OK, gt_is("")));

    GT_ASSERT_OK(k->world, gt_play_finish(play));
}

static void header_trailers_and_status_are_expected(void **state)
{
    kit *k = *state;

    gt_play *play =
        GT_PLAY(k->channel, "/e.E/Data", NULL, gt_expect_metadata("k", gt_is("v")), gt_half_close(),
                gt_expect_trailer("K", gt_is("v")), gt_expect_trailer("none", gt_absent()));

    GT_ASSERT_OK(k->world, gt_play_finish(play));
}

static void a_client_may_cancel(void **state)
{
    kit *k = *state;

    gt_play *play = GT_PLAY(k->channel, "/e.E/Echo", NULL, gt_send_bytes(BYTES("a")),
                            gt_expect_bytes(BYTES("a")), gt_cancel(),
                            gt_expect_status(GT_CANCELLED, gt_anything()));

    GT_ASSERT_OK(k->world, gt_play_finish(play));
}

static void scripts_play_against_each_other(void **state)
{
    kit *k = *state;
    gt_event *turn = gt_event_new(k->world);
    GT_ON(k->mock, METHOD, gt_await(turn), gt_send_bytes(BYTES("now")), gt_expect_half_close());

    gt_play *one = GT_PLAY(k->channel, METHOD, NULL, gt_expect_bytes(BYTES("now")));
    gt_play *two = GT_PLAY(k->channel, "/e.E/Echo", NULL, gt_delay(GT_MS(9)), gt_raise(turn));

    GT_ASSERT_OK(k->world, gt_play_finish(one));
    GT_ASSERT_OK(k->world, gt_play_finish(two));
    GT_ASSERT_NOW(k->world, GT_MS(9));
    gt_event_free(turn);
}

/* ---- what does not come true --------------------------------------------------------------------
 */

#define ECHO_FAILS(expected, ...)                                                                  \
    do {                                                                                           \
        (void)gt_play_finish(GT_PLAY(k->channel, "/e.E/Echo", NULL, __VA_ARGS__));                 \
        assert_string_equal(k->text, expected);                                                    \
    } while (0)

static void another_answer_is_told(void **state)
{
    kit *k = *state;
    ECHO_FAILS("message is \"a\", expected \"b\" (gt_expect, call 1 of /e.E/Echo)",
               gt_send_bytes(BYTES("a")), gt_expect_bytes(BYTES("b")));
}

static void a_missing_answer_is_told(void **state)
{
    kit *k = *state;
    ECHO_FAILS(
        "no message came, expected \"b\": the server sent no more (gt_expect, call 1 of /e.E/Echo)",
        gt_half_close(), gt_expect_bytes(BYTES("b")));
}

static void another_status_is_told(void **state)
{
    kit *k = *state;
    ECHO_FAILS("status is ABORTED \"stopped\", expected OK (gt_expect_status, call 1 of /e.E/Echo)",
               gt_send_bytes(BYTES("stop")));
}

static void another_status_message_is_told(void **state)
{
    kit *k = *state;
    ECHO_FAILS(
        "status message is \"stopped\", expected \"gone\" (gt_expect_status, call 1 of /e.E/Echo)",
        gt_send_bytes(BYTES("stop")), gt_expect_status(GT_ABORTED, gt_is("gone")));
}

static void an_answer_instead_of_the_status_is_told(void **state)
{
    kit *k = *state;
    ECHO_FAILS("message 1 came, expected the status OK (gt_expect_status, call 1 of /e.E/Echo)",
               gt_send_bytes(BYTES("a")));
}

static void another_header_is_told(void **state)
{
    kit *k = *state;
    ECHO_FAILS("header \"k\" is absent, expected \"v\" (gt_expect_metadata, call 1 of /e.E/Echo)",
               gt_send_bytes(BYTES("a")), gt_expect_metadata("k", gt_is("v")));
}

static void another_trailer_is_told(void **state)
{
    kit *k = *state;
    ECHO_FAILS(
        "trailer \"k\" is absent, expected something (gt_expect_trailer, call 1 of /e.E/Echo)",
        gt_half_close(), gt_expect_trailer("k", gt_present()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_client_follows_a_script, setup, teardown),
        cmocka_unit_test_setup_teardown(a_unary_script_half_closes_by_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(header_trailers_and_status_are_expected, setup, teardown),
        cmocka_unit_test_setup_teardown(a_client_may_cancel, setup, teardown),
        cmocka_unit_test_setup_teardown(scripts_play_against_each_other, setup, teardown),
        cmocka_unit_test_setup_teardown(another_answer_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_answer_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(another_status_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(another_status_message_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(an_answer_instead_of_the_status_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(another_header_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(another_trailer_is_told, setup, teardown),
    };
    return cmocka_run_group_tests_name("client_script", tests, NULL, NULL);
}
