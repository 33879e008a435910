/* What a peer may do that our own ends never do, and what becomes of the rest. */
#include "wire_kit.h"

#define METHOD "/a.B/C"

static int wait_for_the_end(gt_call *call, void *user)
{
    *(int *)user = gt_context_wait(gt_call_context(call));
    return *(int *)user;
}

static void assert_journal_has(wire_kit *k, const char *text)
{
    char *journal = gt_journal_text(k->world);
    if (!strstr(journal, text))
        fail_msg("not in the journal: %s\n%s", text, journal);
    gt_free(journal);
}

/* ---- against a server ------------------------------------------------------------------------ */

/* Rule R6. */
static void trailers_of_a_request_are_a_violation_of_its_call(void **state)
{
    wire_kit *k = *state;
    gt_server_handle(k->server, METHOD, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_frame_write_request(&k->wire, 1, 0, METHOD);
    gt_frame_write_headers_text(&k->wire, 1, GT_FLAG_END_HEADERS | GT_FLAG_END_STREAM, "a: b\n");

    wire_feed(k);

    assert_non_null(strstr(gt_buffer_text(&k->frames), "grpc-status: 0"));
    assert_journal_has(k, "->  VIOLATION   rule R6: the request has trailers\n");
}

static void a_pong_that_nobody_asked_for_drains_nothing(void **state)
{
    wire_kit *k = *state;
    gt_server_handle(k->server, METHOD, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_frame_write_ping(&k->wire, GT_FLAG_ACK, (const uint8_t *)"draining");
    gt_frame_write_request(&k->wire, 1, GT_FLAG_END_STREAM, METHOD);

    wire_feed(k);

    assert_non_null(strstr(gt_buffer_text(&k->frames), "grpc-status: 0"));
    assert_null(strstr(gt_buffer_text(&k->frames), "GOAWAY"));
}

static void drain_for_a_while(void *arg)
{
    assert_int_equal(gt_server_drain(((wire_kit *)arg)->server, GT_MS(5)), GT_ETIMEDOUT);
}

static void another_pong_is_not_the_one_that_a_drain_waits_for(void **state)
{
    wire_kit *k = *state;
    int ended = 0;
    gt_server_handle(k->server, METHOD, GT_BIDI_STREAMING, wait_for_the_end, &ended);
    gt_frame_write_request(&k->wire, 1, 0, METHOD);
    wire_feed(k);
    gt_task *task = gt_spawn(k->world, "drain", drain_for_a_while, k);
    wire_expect_frames(k, "GOAWAY last_stream=2147483647 NO_ERROR\n"
                          "PING\n"
                          "    opaque \"draining\"\n");
    gt_frame_write_ping(&k->wire, GT_FLAG_ACK, (const uint8_t *)"whatever");

    wire_expect_frames(k, "");

    assert_int_equal(gt_task_join(task, NULL), 0);
    assert_int_equal(ended, GT_ECANCELLED);
}

/* Whatever becomes of the call meanwhile. */
static int nap(gt_call *call, void *user)
{
    return gt_sleep(gt_call_world(call), *(gt_duration *)user);
}

static void a_handler_that_nobody_hears_any_more_is_waited_for_in_a_drain(void **state)
{
    wire_kit *k = *state;
    gt_duration duration = GT_MS(20);
    gt_server_handle(k->server, METHOD, GT_BIDI_STREAMING, nap, &duration);
    gt_frame_write_request(&k->wire, 1, 0, METHOD);
    wire_feed(k);
    gt_conn_reset(k->end);
    assert_int_equal(gt_settle(k->world), 0);

    assert_int_equal(gt_server_drain(k->server, GT_NEVER), 0);

    assert_int_equal(gt_now(k->world), GT_MS(20));
}

/* ---- against a channel ----------------------------------------------------------------------- */

static void settings_that_come_again_change_nothing(void **state)
{
    wire_kit *k = *state;
    gt_call *call = gt_call_new(k->channel, METHOD, NULL);
    wire_accept(k);

    gt_frame_write_settings(&k->wire, NULL, 0);
    gt_frame_write_trailers_only(&k->wire, 1, 0, NULL);
    wire_feed(k);

    kit_assert_status(call, GT_OK, "");
    gt_call_free(call);
}

static void a_call_behind_one_that_gave_up_waits_for_the_same_connection(void **state)
{
    wire_kit *k = *state;
    gt_call *hasty = gt_call_new(k->channel, METHOD, &(gt_call_options){.timeout = GT_MS(1)});
    kit_assert_status(hasty, GT_DEADLINE_EXCEEDED, "deadline exceeded");
    gt_call *patient = gt_call_new(k->channel, METHOD, NULL);

    wire_accept(k);

    gt_waitable another = gt_listener_waitable(k->listener);
    assert_int_equal(gt_wait_any(k->world, NULL, gt_now(k->world), &another, 1), GT_ETIMEDOUT);
    gt_frame_write_trailers_only(&k->wire, 1, 0, NULL);
    wire_feed(k);
    kit_assert_status(patient, GT_OK, "");
    gt_call_free(hasty);
    gt_call_free(patient);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WIRE_SERVER_TEST(trailers_of_a_request_are_a_violation_of_its_call),
        WIRE_SERVER_TEST(a_pong_that_nobody_asked_for_drains_nothing),
        WIRE_SERVER_TEST(another_pong_is_not_the_one_that_a_drain_waits_for),
        WIRE_SERVER_TEST(a_handler_that_nobody_hears_any_more_is_waited_for_in_a_drain),
        WIRE_CHANNEL_TEST(settings_that_come_again_change_nothing),
        WIRE_CHANNEL_TEST(a_call_behind_one_that_gave_up_waits_for_the_same_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
