/* What weather does to calls, end to end: the client's channel, the wire, a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <grpctest/grpctest.h>

#define ECHO "/test.Weather/Echo"
#define WAIT "/test.Weather/Wait"

/* 20 ms each way, so that a round trip takes 40; the first call takes one more, to connect. */
static int set_up(void **state)
{
    *state = gt_rig_new(&(gt_rig_options){.weather = &(gt_weather){.latency = GT_MS(20)}});
    return 0;
}

static int tear_down(void **state)
{
    gt_rig_free(*state);
    return 0;
}

static int echo(gt_call *call, void *user)
{
    (void)user;
    gt_bytes message;
    int error;
    while ((error = gt_call_recv(call, &message)) == 0)
        if ((error = gt_call_send(call, message)) != 0)
            break;
    return error == GT_EOF ? 0 : error;
}

static void assert_status(gt_call *call, gt_code code)
{
    assert_int_equal(gt_call_status(call)->code, code);
    gt_call_free(call);
}

/* A unary call that is OK and over at this instant. */
static void assert_echo_at(gt_rig *rig, gt_time instant)
{
    gt_call *call = gt_unary(rig->channel, ECHO, gt_bytes_str("hello"), NULL);
    assert_status(call, GT_OK);
    assert_int_equal(gt_now(rig->world), instant);
}

/* A rig that has answered one call, at 80 ms. */
static gt_rig *warmed_up(void **state)
{
    gt_rig *rig = *state;
    gt_server_handle(rig->server, ECHO, GT_BIDI_STREAMING, echo, NULL);
    assert_echo_at(rig, GT_MS(80));
    return rig;
}

static void assert_next_message(gt_call *call, const char *expected)
{
    gt_bytes message;
    assert_int_equal(gt_call_recv(call, &message), 0);
    assert_true(gt_bytes_equal(message, gt_bytes_str(expected)));
}

/* ---- time ---------------------------------------------------------------------------------- */

static void a_unary_call_takes_a_round_trip_and_the_first_one_more(void **state)
{
    gt_rig *rig = warmed_up(state);
    assert_echo_at(rig, GT_MS(120));
    assert_echo_at(rig, GT_MS(160));
}

static void a_new_weather_counts_in_the_middle_of_a_call(void **state)
{
    gt_rig *rig = warmed_up(state);
    gt_call *call = gt_call_new(rig->channel, ECHO, NULL);
    assert_int_equal(gt_call_send(call, gt_bytes_str("near")), 0);
    assert_next_message(call, "near");
    assert_int_equal(gt_now(rig->world), GT_MS(120));

    gt_link_weather(gt_link_from_listener(rig->listener), &(gt_weather){.latency = GT_MS(300)});
    assert_int_equal(gt_call_send(call, gt_bytes_str("far")), 0);
    assert_next_message(call, "far");

    assert_int_equal(gt_now(rig->world), GT_MS(120 + 20 + 300));
    gt_call_free(call);
}

typedef struct seen {
    gt_time began, ended;
    int error;
} seen;

static int wait_for_the_end(gt_call *call, void *user)
{
    seen *s = user;
    s->began = gt_now(gt_call_world(call));
    s->error = gt_context_wait(gt_call_context(call));
    s->ended = gt_now(gt_call_world(call));
    return s->error;
}

static void a_deadline_shorter_than_the_latency_passes_here_first_and_there_later(void **state)
{
    gt_rig *rig = warmed_up(state);
    seen s = {.began = 0};
    gt_server_handle(rig->server, WAIT, GT_BIDI_STREAMING, wait_for_the_end, &s);

    gt_call *call = gt_call_new(rig->channel, WAIT, &(gt_call_options){.timeout = GT_MS(5)});
    assert_status(call, GT_DEADLINE_EXCEEDED);

    assert_int_equal(gt_now(rig->world), GT_MS(85));
    assert_int_equal(gt_advance(rig->world, GT_MS(100)), 0);
    assert_int_equal(s.began, GT_MS(100));
    assert_int_equal(s.ended, GT_MS(105));
}

static void a_cancel_arrives_at_the_server_after_the_latency(void **state)
{
    gt_rig *rig = warmed_up(state);
    seen s = {.began = 0};
    gt_server_handle(rig->server, WAIT, GT_BIDI_STREAMING, wait_for_the_end, &s);
    gt_call *call = gt_call_new(rig->channel, WAIT, NULL);
    assert_int_equal(gt_advance(rig->world, GT_MS(50)), 0);

    gt_call_cancel(call);

    assert_status(call, GT_CANCELLED);
    assert_int_equal(gt_advance(rig->world, GT_MS(50)), 0);
    assert_int_equal(s.ended, GT_MS(150));
    assert_int_equal(s.error, GT_ECANCELLED);
}

static void a_deadline_may_pass_while_the_channel_connects(void **state)
{
    gt_rig *rig = *state;
    gt_server_handle(rig->server, ECHO, GT_BIDI_STREAMING, echo, NULL);

    gt_call *call = gt_unary(rig->channel, ECHO, gt_bytes_str("hello"),
                             &(gt_call_options){.timeout = GT_MS(25)});

    assert_status(call, GT_DEADLINE_EXCEEDED);
    assert_int_equal(gt_now(rig->world), GT_MS(25));
    assert_echo_at(rig, GT_MS(80));
}

static void every_profile_carries_calls_and_repeats_under_its_seed(void **state)
{
    (void)state;
    const gt_weather profiles[] = {gt_weather_lan(), gt_weather_wan(), gt_weather_mobile(),
                                   gt_weather_satellite()};
    char large[100000];
    memset(large, 'x', sizeof large);
    uint64_t digest = 0; /* of the run before, every second one of which is the same */
    for (int i = 0; i < 4 * 7 * 2; i++) {
        gt_rig *rig = gt_rig_new(&(gt_rig_options){.world.seed = (uint64_t)(i / 2 % 7 + 1),
                                                   .weather = &profiles[i / 14]});
        gt_server_handle(rig->server, ECHO, GT_BIDI_STREAMING, echo, NULL);
        gt_call *call = gt_unary(rig->channel, ECHO, gt_bytes_of(large, sizeof large), NULL);
        assert_status(call, GT_OK);
        assert_true(gt_now(rig->world) >= 4 * profiles[i / 14].latency);
        assert_true(i % 2 == 0 || gt_world_digest(rig->world) == digest);
        digest = gt_world_digest(rig->world);
        gt_rig_free(rig);
    }
}

static void single_bytes_carry_calls_too(void **state)
{
    gt_rig *rig = warmed_up(state);
    gt_link_weather(gt_link_of_listener(rig->listener),
                    &(gt_weather){.latency = GT_MS(20), .packet = 1, .bytes_per_read = 1});
    assert_echo_at(rig, GT_MS(120));
}

/* ---- hands --------------------------------------------------------------------------------- */

static void a_hold_lets_a_later_call_end_first(void **state)
{
    gt_rig *rig = warmed_up(state);
    gt_listener *other = gt_bufconn_listen(rig->world, 65536);
    gt_dialer *dialer = gt_bufconn_dialer(other);
    gt_channel *channel = gt_channel_new(dialer, NULL);
    gt_server_serve(rig->server, other);

    gt_call *early = gt_call_new(rig->channel, ECHO, NULL), *late;
    gt_link_hold(gt_link_from_listener(rig->listener));
    assert_int_equal(gt_call_send(early, gt_bytes_str("early")), 0);
    gt_call_half_close(early);
    assert_int_equal(gt_advance(rig->world, GT_SEC(1)), 0);
    late = gt_unary(channel, ECHO, gt_bytes_str("late"), NULL);
    assert_int_equal(gt_call_status(late)->code, GT_OK);
    assert_false(gt_call_ended(early));

    gt_link_release(gt_link_from_listener(rig->listener));

    assert_next_message(early, "early");
    assert_int_equal(gt_call_status(early)->code, GT_OK);
    assert_int_equal(gt_now(rig->world), GT_MS(1080));
    gt_call_free(early);
    gt_call_free(late);
    gt_channel_free(channel);
    gt_dialer_free(dialer);
    gt_listener_free(other);
}

static void a_stall_delays_a_call_by_its_length(void **state)
{
    gt_rig *rig = warmed_up(state);
    gt_link_stall(gt_link_to_listener(rig->listener), GT_SEC(3));
    assert_echo_at(rig, GT_MS(120 + 3000));
}

static void a_connection_cut_in_mid_stream_is_unavailable_and_the_next_is_new(void **state)
{
    gt_rig *rig = warmed_up(state);
    gt_call *call = gt_call_new(rig->channel, ECHO, NULL);
    assert_int_equal(gt_call_send(call, gt_bytes_str("through")), 0);
    assert_next_message(call, "through");

    gt_link_cut_after(gt_link_from_listener(rig->listener), 10, GT_CUT_RESET);
    assert_int_equal(gt_call_send(call, gt_bytes_str("lost")), 0);
    assert_int_equal(gt_call_status(call)->code, GT_UNAVAILABLE);
    assert_int_equal(gt_now(rig->world), GT_MS(160));
    gt_call_free(call);

    gt_link_cut_after(gt_link_from_listener(rig->listener), GT_NO_CUT, GT_CUT_RESET);
    assert_echo_at(rig, GT_MS(240));
}

static void a_connection_cut_between_frames_leaves_what_came_before(void **state)
{
    gt_rig *rig = warmed_up(state);
    gt_call *call = gt_call_new(rig->channel, ECHO, NULL);

    /* The response's HEADERS and a DATA frame; the trailers would be the third. */
    gt_link_cut_at_frame(gt_link_from_listener(rig->listener), 2, GT_CUT_CLOSE);
    assert_int_equal(gt_call_send(call, gt_bytes_str("through")), 0);
    gt_call_half_close(call);

    assert_next_message(call, "through");
    assert_status(call, GT_UNAVAILABLE);
}

static void a_server_that_fell_silent_is_noticed_by_the_deadline_alone(void **state)
{
    gt_rig *rig = warmed_up(state);
    gt_link_cut_after(gt_link_from_listener(rig->listener), 0, GT_CUT_SILENT);

    gt_call *call = gt_unary(rig->channel, ECHO, gt_bytes_str("anybody?"),
                             &(gt_call_options){.timeout = GT_SEC(30)});

    assert_status(call, GT_DEADLINE_EXCEEDED);
    assert_int_equal(gt_now(rig->world), GT_MS(30080));
}

static void a_reset_ends_all_calls_of_the_connection(void **state)
{
    gt_rig *rig = warmed_up(state);
    gt_call *first = gt_call_new(rig->channel, ECHO, NULL);
    gt_call *second = gt_call_new(rig->channel, ECHO, NULL);
    assert_int_equal(gt_settle(rig->world), 0);

    gt_link_reset(gt_link_of_listener(rig->listener));

    assert_status(first, GT_UNAVAILABLE);
    assert_status(second, GT_UNAVAILABLE);
    assert_int_equal(gt_now(rig->world), GT_MS(80));
}

/* ---- dialling ------------------------------------------------------------------------------ */

static void a_refused_dial_fails_the_calls_that_waited_for_it_and_no_others(void **state)
{
    gt_rig *rig = *state;
    gt_server_handle(rig->server, ECHO, GT_BIDI_STREAMING, echo, NULL);
    gt_bufconn_refuse(rig->listener, 1);

    gt_call *call = gt_unary(rig->channel, ECHO, gt_bytes_str("hello"), NULL);

    assert_string_equal(gt_call_status(call)->message, "no connection to bufconn:1: refused");
    assert_status(call, GT_UNAVAILABLE);
    assert_int_equal(gt_now(rig->world), GT_MS(40));
    assert_echo_at(rig, GT_MS(120));
}

static void a_server_goes_down_and_comes_back(void **state)
{
    gt_rig *rig = warmed_up(state);
    gt_bufconn_down(rig->listener);
    gt_link_reset(gt_link_of_listener(rig->listener));
    assert_status(gt_unary(rig->channel, ECHO, gt_bytes_str("hello"), NULL), GT_UNAVAILABLE);
    assert_status(gt_unary(rig->channel, ECHO, gt_bytes_str("hello"), NULL), GT_UNAVAILABLE);
    gt_time before = gt_now(rig->world);

    gt_bufconn_up(rig->listener);

    assert_echo_at(rig, before + GT_MS(80));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_unary_call_takes_a_round_trip_and_the_first_one_more),
        TEST(a_new_weather_counts_in_the_middle_of_a_call),
        TEST(a_deadline_shorter_than_the_latency_passes_here_first_and_there_later),
        TEST(a_cancel_arrives_at_the_server_after_the_latency),
        TEST(a_deadline_may_pass_while_the_channel_connects),
        cmocka_unit_test(every_profile_carries_calls_and_repeats_under_its_seed),
        TEST(single_bytes_carry_calls_too),
        TEST(a_hold_lets_a_later_call_end_first),
        TEST(a_stall_delays_a_call_by_its_length),
        TEST(a_connection_cut_in_mid_stream_is_unavailable_and_the_next_is_new),
        TEST(a_connection_cut_between_frames_leaves_what_came_before),
        TEST(a_server_that_fell_silent_is_noticed_by_the_deadline_alone),
        TEST(a_reset_ends_all_calls_of_the_connection),
        TEST(a_refused_dial_fails_the_calls_that_waited_for_it_and_no_others),
        TEST(a_server_goes_down_and_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
