/* Each misbehaviour, and what our own client or server makes of it. */
#include "mock_kit.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "engine/core/death_test.h"

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

/* Reads a call to its end and asserts how it ended. */
static void assert_ends(kit *k, gt_call *call, gt_code code, const char *what)
{
    gt_bytes message;
    while (gt_call_recv(call, &message) == 0)
        ;
    if (gt_call_status(call)->code != code)
        fail_msg("%s: status is %s \"%s\", expected %s", what,
                 gt_code_name(gt_call_status(call)->code), gt_call_status(call)->message,
                 gt_code_name(code));
    gt_call_free(call);
    kit_assert_sound(k);
}

static gt_call *streaming(kit *k)
{
    gt_call *call = gt_call_new(k->channel, METHOD, NULL);
    gt_call_half_close(call);
    return call;
}

/* ---- the catalogue -----------------------------------------------------------------------------
 */

static void a_servers_misbehaviour_reads_as_the_catalogue_says(void **state)
{
    (void)state;
    for (int i = 0; i < GT_MISBEHAVIOURS; i++) {
        const gt_misbehaviour_info *info = gt_misbehaviour_about((gt_misbehaviour)i);
        if (!info->server)
            continue;
        kit *k = kit_new(NULL);
        GT_ON(k->mock, METHOD, gt_misbehave((gt_misbehaviour)i));
        assert_ends(k, streaming(k), info->code, info->name);
        kit_free(k);
    }
}

/* After headers and a message, too, for those that are not about headers. */
static void it_may_come_after_a_message(void **state)
{
    (void)state;
    static const gt_misbehaviour late[] = {
        GT_NO_TRAILERS, GT_NO_STATUS,         GT_STATUS_NO_NUMBER,      GT_TRAILERS_WITHOUT_END,
        GT_FLAG_2,      GT_MESSAGE_CUT_SHORT, GT_FLAG_WITHOUT_ENCODING, GT_GARBAGE,
        GT_PUSH,        GT_BAD_TRAILER};
    for (size_t i = 0; i < sizeof late / sizeof *late; i++) {
        kit *k = kit_new(NULL);
        const gt_misbehaviour_info *info = gt_misbehaviour_about(late[i]);
        GT_ON(k->mock, METHOD, gt_send_bytes(BYTES("first")), gt_misbehave(late[i]));
        gt_call *call = streaming(k);
        gt_bytes message;
        assert_int_equal(gt_call_recv(call, &message), 0);
        assert_ends(k, call, info->code, info->name);
        kit_free(k);
    }
}

/* The engine's own frames of such a stream stay away, and the next call on the connection is not
 * harmed. */
static void the_next_call_on_the_connection_is_sound(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_misbehave(GT_NO_STATUS));
    GT_ON(k->mock, METHOD, gt_header("key", "value"), gt_send_bytes(BYTES("x")));

    assert_ends(k, streaming(k), GT_UNKNOWN, "first");
    gt_call *call = streaming(k);

    assert_string_equal(gt_metadata_get(gt_call_header(call), "key"), "value");
    assert_ends(k, call, GT_OK, "second");
}

/* What comes in at a server, by a client's misbehaviour: the handler's last recv. */
static int last_recv(gt_call *call, void *user)
{
    gt_bytes message;
    int *last = user;
    while ((*last = gt_call_recv(call, &message)) == 0)
        ;
    return *last == GT_EOF ? GT_OK : *last;
}

static void a_clients_misbehaviour_ends_its_call(void **state)
{
    (void)state;
    for (int i = 0; i < GT_MISBEHAVIOURS; i++) {
        const gt_misbehaviour_info *info = gt_misbehaviour_about((gt_misbehaviour)i);
        if (!info->client || info->code == GT_OK)
            continue;
        int last = GT_ECANCELLED; /* where the call has ended before its handler runs */
        kit *k = kit_new(NULL);
        gt_server_handle(gt_mock_server(k->mock), "/a.B/Read", GT_BIDI_STREAMING, last_recv, &last);

        gt_play *play =
            GT_PLAY(k->channel, "/a.B/Read", NULL, gt_send_bytes(BYTES("first")),
                    gt_misbehave((gt_misbehaviour)i), gt_expect_status(info->code, gt_anything()));

        (void)gt_play_finish(play);
        if (k->text[0])
            fail_msg("%s: %s", info->name, k->text);
        assert_int_equal(last, GT_ECANCELLED);
        kit_free(k);
    }
}

static void what_is_only_rare_ends_nothing(void **state)
{
    kit *k = *state;
    int last = 0;
    gt_server_handle(gt_mock_server(k->mock), "/a.B/Read", GT_BIDI_STREAMING, last_recv, &last);

    gt_play *play = GT_PLAY(k->channel, "/a.B/Read", NULL, gt_misbehave(GT_UNKNOWN_FRAME),
                            gt_misbehave(GT_EMPTY_DATA), gt_misbehave(GT_EMPTY_MESSAGE_PADDED),
                            gt_half_close(), gt_expect_status(GT_OK, gt_anything()));

    GT_ASSERT_OK(k->world, gt_play_finish(play));
    assert_int_equal(last, GT_EOF);
}

/* ---- by hand -----------------------------------------------------------------------------------
 */

static void a_reset_has_any_code(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_send_header(), gt_reset(GT_H2_REFUSED_STREAM));
    GT_ON(k->mock, METHOD, gt_send_bytes(BYTES("x")), gt_reset(GT_H2_ENHANCE_YOUR_CALM));

    assert_ends(k, streaming(k), GT_UNAVAILABLE, "REFUSED_STREAM");
    assert_ends(k, streaming(k), GT_RESOURCE_EXHAUSTED, "ENHANCE_YOUR_CALM");
}

static void goaway_in_mid_call_ends_those_above_it(void **state)
{
    kit *k = *state;
    gt_event *gone = gt_event_new(k->world);
    GT_ON(k->mock, METHOD, gt_await(gone), gt_send_bytes(BYTES("still")));
    GT_ON(k->mock, "/a.B/Higher", gt_goaway(1, GT_H2_NO_ERROR, "enough"), gt_raise(gone),
          gt_hang());

    gt_call *lower = streaming(k);
    gt_call *higher = gt_call_new(k->channel, "/a.B/Higher", NULL);

    assert_ends(k, higher, GT_UNAVAILABLE, "above");
    assert_ends(k, lower, GT_OK, "below");
    gt_event_free(gone);
}

static void a_flood_of_pings_ends_the_connection(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_ping_flood(100000), gt_hang());

    assert_ends(k, streaming(k), GT_UNAVAILABLE, "flood");
}

static void a_connection_may_close_or_reset(void **state)
{
    kit *k = *state;
    gt_bytes message;
    GT_ON(k->mock, METHOD, gt_send_bytes(BYTES("x")), gt_close_connection());
    GT_ON(k->mock, METHOD, gt_send_bytes(BYTES("x")), gt_reset_connection());

    gt_call *call = streaming(k);
    assert_int_equal(gt_call_recv(call, &message), 0);
    assert_ends(k, call, GT_UNAVAILABLE, "close");
    assert_ends(k, streaming(k), GT_UNAVAILABLE, "reset");
}

static void write_two_statuses(gt_buffer *out, int32_t stream, void *user)
{
    (void)user;
    gt_frame_write_response(out, stream);
    gt_frame_write_trailers(out, stream, 7, "mine");
}

static void frames_are_written_by_a_function(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_send_frames(write_two_statuses, NULL), gt_end(GT_OK, NULL));

    gt_call *call = streaming(k);

    GT_ASSERT_STATUS(call, GT_PERMISSION_DENIED, "mine");
    gt_call_free(call);
}

static void raw_bytes_may_be_anything(void **state)
{
    kit *k = *state;
    static const uint8_t settings_of_3_bytes[] = {0, 0, 3, 4, 0, 0, 0, 0, 0, 1, 2, 3};
    GT_ON(k->mock, METHOD,
          gt_send_raw(gt_bytes_of(settings_of_3_bytes, sizeof settings_of_3_bytes)), gt_hang());

    assert_ends(k, streaming(k), GT_UNAVAILABLE, "raw");
}

static void a_frame_may_be_dropped(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_send_header(), gt_drop_next(GT_FRAME_HEADERS), gt_end(GT_OK, NULL));
    gt_call *call = gt_call_new(k->channel, METHOD, &(gt_call_options){.timeout = GT_MS(5)});
    gt_call_half_close(call);

    assert_ends(k, call, GT_DEADLINE_EXCEEDED, "no trailers ever come");
}

static void a_frame_may_come_twice(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_send_header(), gt_repeat_next(GT_FRAME_DATA),
          gt_send_bytes(BYTES("again")));
    gt_call *call = streaming(k);
    gt_bytes message;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(gt_call_recv(call, &message), 0);
        assert_true(gt_bytes_equal(message, BYTES("again")));
    }
    assert_ends(k, call, GT_OK, "twice");
}

/* Trailers that overtake the last message: it is lost, and a unary client must not take that for
 * success (rule M8). */
static void frames_may_change_places(void **state)
{
    kit *k = *state;
    GT_ON(k->mock, METHOD, gt_expect(gt_anything()), gt_send_header(), gt_hold_next(GT_FRAME_DATA),
          gt_send_bytes(BYTES("late")));

    gt_call *call = kit_unary(k, "x");

    GT_ASSERT_STATUS(call, GT_UNIMPLEMENTED, NULL);
    gt_call_free(call);
}

/* What each stream holds back is its own. */
static void two_streams_may_hold_frames_at_once(void **state)
{
    kit *k = *state;
    gt_event *other = gt_event_new(k->world);
    GT_ON(k->mock, "/a.B/First", gt_send_header(), gt_hold_next(GT_FRAME_DATA),
          gt_send_bytes(BYTES("1")), gt_await(other), gt_delay(1), gt_end(GT_ABORTED, "1"));
    GT_ON(k->mock, "/a.B/Second", gt_send_header(), gt_hold_next(GT_FRAME_DATA),
          gt_send_bytes(BYTES("2")), gt_raise(other), gt_delay(2), gt_end(GT_ABORTED, "2"));

    gt_call *first = gt_call_new(k->channel, "/a.B/First", NULL);
    gt_call *second = gt_call_new(k->channel, "/a.B/Second", NULL);
    gt_call_half_close(first);
    gt_call_half_close(second);

    GT_ASSERT_STATUS(first, GT_ABORTED, "1");
    GT_ASSERT_STATUS(second, GT_ABORTED, "2");
    gt_call_free(first);
    gt_call_free(second);
    gt_event_free(other);
}

static void a_client_that_resets_has_ended_its_call(void **state)
{
    kit *k = *state;
    int last = GT_ECANCELLED;
    gt_server_handle(gt_mock_server(k->mock), "/a.B/Read", GT_BIDI_STREAMING, last_recv, &last);

    gt_play *play = GT_PLAY(k->channel, "/a.B/Read", NULL, gt_send_bytes(BYTES("x")),
                            gt_delay(GT_MS(1)), gt_reset(GT_H2_CANCEL));

    GT_ASSERT_OK(k->world, gt_play_finish(play));
    GT_ASSERT_OK(k->world, gt_settle(k->world));
    assert_int_equal(last, GT_ECANCELLED);
}

/* ---- the author's mistakes
 * ----------------------------------------------------------------------- */

static void a_servers_at_a_client(void *arg)
{
    kit *k = arg;
    gt_play_finish(GT_PLAY(k->channel, METHOD, NULL, gt_misbehave(GT_NO_STATUS)));
}

static void too_late(void *arg)
{
    kit *k = arg;
    GT_ON(k->mock, METHOD, gt_send_header(), gt_misbehave(GT_HTTP_STATUS_ONLY));
    (void)gt_call_status(streaming(k));
}

static void assert_misuse(kit *k, void (*act)(void *), const char *expected)
{
    char words[4096], *file;
    read_death(act, k, words, sizeof words);
    file = strstr(words, "misbehave_test.c:");
    assert_non_null(file);
    assert_string_equal(strchr(file, ' '), expected);
}

static void what_makes_no_sense_is_misuse(void **state)
{
    assert_misuse(*state, a_servers_at_a_client,
                  " gt_misbehave(GT_NO_STATUS) is for a server's script\n");
    assert_misuse(*state, too_late,
                  " gt_misbehave(GT_HTTP_STATUS_ONLY) comes too late: the response headers have "
                  "been sent\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_servers_misbehaviour_reads_as_the_catalogue_says),
        cmocka_unit_test(it_may_come_after_a_message),
        cmocka_unit_test_setup_teardown(the_next_call_on_the_connection_is_sound, setup, teardown),
        cmocka_unit_test(a_clients_misbehaviour_ends_its_call),
        cmocka_unit_test_setup_teardown(what_is_only_rare_ends_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reset_has_any_code, setup, teardown),
        cmocka_unit_test_setup_teardown(goaway_in_mid_call_ends_those_above_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_flood_of_pings_ends_the_connection, setup, teardown),
        cmocka_unit_test_setup_teardown(a_connection_may_close_or_reset, setup, teardown),
        cmocka_unit_test_setup_teardown(frames_are_written_by_a_function, setup, teardown),
        cmocka_unit_test_setup_teardown(raw_bytes_may_be_anything, setup, teardown),
        cmocka_unit_test_setup_teardown(a_frame_may_be_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(a_frame_may_come_twice, setup, teardown),
        cmocka_unit_test_setup_teardown(frames_may_change_places, setup, teardown),
        cmocka_unit_test_setup_teardown(two_streams_may_hold_frames_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_client_that_resets_has_ended_its_call, setup, teardown),
        cmocka_unit_test_setup_teardown(what_makes_no_sense_is_misuse, setup, teardown),
    };
    return cmocka_run_group_tests_name("misbehave", tests, NULL, NULL);
}
