#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/core.h"
#include "engine/core/death_test.h"
#include "engine/wire/test_listener_rig.h"
#include "engine/wire/wire.h"

#include <grpctest/weather.h>

/* Both ends of a connection. */
typedef struct both {
    gt_conn *client, *server;
} both;

static both connect(listener_rig *r)
{
    both b = {.client = dial(r)};
    b.server = accept_next(r);
    return b;
}

static void disconnect(both b)
{
    gt_conn_free(b.client);
    gt_conn_free(b.server);
}

/* How long a byte takes from one end to the other. */
static gt_duration time_for_a_byte(listener_rig *r, gt_conn *from, gt_conn *to)
{
    char byte;
    size_t count;
    gt_time start = gt_now(r->world);
    assert_int_equal(gt_conn_write(from, NULL, "x", 1, &count), 0);
    assert_int_equal(gt_conn_read(to, NULL, &byte, 1, &count), 0);
    return gt_now(r->world) - start;
}

/* ---- weather ------------------------------------------------------------------------------- */

static void weather_is_that_of_the_connections_to_come(void **state)
{
    listener_rig *r = *state;
    gt_link_weather(gt_link_to_listener(r->listener), &(gt_weather){.latency = GT_MS(30)});
    gt_link_weather(gt_link_from_listener(r->listener), &(gt_weather){.latency = GT_MS(7)});

    both b = connect(r);

    assert_int_equal(time_for_a_byte(r, b.client, b.server), GT_MS(30));
    assert_int_equal(time_for_a_byte(r, b.server, b.client), GT_MS(7));
    disconnect(b);
}

static void weather_is_that_of_the_connections_there_are(void **state)
{
    listener_rig *r = *state;
    both first = connect(r), second = connect(r);

    gt_link_weather(gt_link_of_listener(r->listener), &(gt_weather){.latency = GT_MS(30)});

    assert_int_equal(time_for_a_byte(r, first.client, first.server), GT_MS(30));
    assert_int_equal(time_for_a_byte(r, second.server, second.client), GT_MS(30));
    disconnect(first);
    disconnect(second);
}

static void a_connection_may_have_weather_of_its_own(void **state)
{
    listener_rig *r = *state;
    both first = connect(r), second = connect(r);

    gt_link_weather(gt_link_of(first.client), &(gt_weather){.latency = GT_MS(30)});

    assert_int_equal(time_for_a_byte(r, first.client, first.server), GT_MS(30));
    assert_int_equal(time_for_a_byte(r, second.client, second.server), 0);
    disconnect(first);
    disconnect(second);
}

static void connections_with_weather_outlive_their_listener(void **state)
{
    listener_rig *r = *state;
    gt_link_weather(gt_link_of_listener(r->listener), &(gt_weather){.latency = GT_MS(30)});
    both b = connect(r);

    gt_dialer_free(r->dialer);
    gt_listener_free(r->listener);
    r->dialer = NULL;
    r->listener = NULL;

    assert_int_equal(time_for_a_byte(r, b.client, b.server), GT_MS(30));
    disconnect(b);
}

static void weather_may_come_when_an_end_has_gone(void **state)
{
    listener_rig *r = *state;
    char buffer[4];
    size_t count;
    both b = connect(r), other = connect(r);
    assert_int_equal(gt_conn_try_write(b.client, "bye", 3, &count), 0);
    gt_conn_free(b.client);
    gt_conn_free(other.server);

    gt_link_weather(gt_link_of_listener(r->listener),
                    &(gt_weather){.latency = GT_MS(30), .bytes_per_read = 2});
    gt_link_hold(gt_link_of_listener(r->listener));
    char *report = gt_world_report(r->world);
    gt_link_release(gt_link_of_listener(r->listener));

    assert_non_null(strstr(report, "link from bufconn:1/1 to bufconn:1 is held"));
    assert_non_null(strstr(report, "link from bufconn:1 to bufconn:1/2 is held"));
    assert_int_equal(gt_conn_try_read(b.server, buffer, sizeof buffer, &count), 0);
    assert_int_equal(count, 2);
    gt_link_reset(gt_link_of_listener(r->listener));
    gt_free(report);
    gt_conn_free(b.server);
    gt_conn_free(other.client);
}

/* ---- cutting and resetting ----------------------------------------------------------------- */

static void assert_carries_and_is_cut(both b, size_t expected)
{
    char buffer[10];
    size_t count;
    assert_int_equal(gt_conn_try_write(b.client, "abcdef", 6, &count), 0);
    assert_int_equal(gt_conn_try_read(b.server, buffer, sizeof buffer, &count), 0);
    assert_int_equal(count, expected);
    assert_int_equal(gt_conn_try_read(b.server, buffer, sizeof buffer, &count), GT_ERESET);
}

static void a_cut_is_planned_for_each_connection_by_itself(void **state)
{
    listener_rig *r = *state;
    both present = connect(r);

    gt_link_cut_after(gt_link_to_listener(r->listener), 4, GT_CUT_RESET);
    both to_come = connect(r);

    assert_carries_and_is_cut(present, 4);
    assert_carries_and_is_cut(to_come, 4);
    disconnect(present);
    disconnect(to_come);
}

static void a_cut_taken_back_is_none_for_those_to_come_either(void **state)
{
    listener_rig *r = *state;
    gt_link_cut_after(gt_link_to_listener(r->listener), 0, GT_CUT_RESET);

    gt_link_cut_after(gt_link_to_listener(r->listener), GT_NO_CUT, GT_CUT_RESET);
    both b = connect(r);

    assert_int_equal(time_for_a_byte(r, b.client, b.server), 0);
    disconnect(b);
}

static void a_reset_concerns_the_connections_there_are(void **state)
{
    listener_rig *r = *state;
    char byte;
    size_t count;
    both present = connect(r);

    gt_link_reset(gt_link_of_listener(r->listener));
    both to_come = connect(r);

    assert_int_equal(gt_conn_try_read(present.client, &byte, 1, &count), GT_ERESET);
    assert_int_equal(gt_conn_try_read(present.server, &byte, 1, &count), GT_ERESET);
    assert_int_equal(time_for_a_byte(r, to_come.client, to_come.server), 0);
    disconnect(present);
    disconnect(to_come);
}

static void what_is_held_or_stalled_concerns_those_to_come(void **state)
{
    listener_rig *r = *state;
    gt_link_hold(gt_link_to_listener(r->listener));
    gt_link_stall(gt_link_from_listener(r->listener), GT_MS(20));
    both held = connect(r);
    size_t count;
    char byte;
    assert_int_equal(gt_conn_try_write(held.client, "x", 1, &count), 0);
    assert_int_equal(gt_conn_try_read(held.server, &byte, 1, &count), GT_EAGAIN);
    assert_int_equal(time_for_a_byte(r, held.server, held.client), GT_MS(20));

    gt_link_release(gt_link_of_listener(r->listener));
    both free = connect(r);

    assert_int_equal(gt_conn_try_read(held.server, &byte, 1, &count), 0);
    assert_int_equal(time_for_a_byte(r, free.client, free.server), 0);
    disconnect(held);
    disconnect(free);
}

/* ---- dialling ------------------------------------------------------------------------------ */

static void assert_dial_ends(attempt *a, int error, gt_time back)
{
    see_end(a);
    assert_int_equal(a->error, error);
    assert_int_equal(a->back, back);
    assert_true((a->conn != NULL) == (error == 0));
}

static void set_latencies(listener_rig *r)
{
    gt_link_weather(gt_link_to_listener(r->listener), &(gt_weather){.latency = GT_MS(30)});
    gt_link_weather(gt_link_from_listener(r->listener), &(gt_weather){.latency = GT_MS(7)});
}

static void a_dial_takes_a_round_trip_and_is_accepted_on_half_of_the_way(void **state)
{
    listener_rig *r = *state;
    attempt a = {.rig = r};
    set_latencies(r);
    begin(try_to_dial, &a);

    gt_conn *accepted = accept_next(r);

    assert_int_equal(gt_now(r->world), GT_MS(30));
    assert_dial_ends(&a, 0, GT_MS(37));
    gt_conn_free(a.conn);
    gt_conn_free(accepted);
}

static void a_refusal_takes_a_round_trip_too(void **state)
{
    listener_rig *r = *state;
    attempt a = {.rig = r};
    set_latencies(r);
    begin(try_to_dial, &a);
    assert_int_equal(gt_sleep(r->world, GT_MS(10)), 0);

    gt_listener_close(r->listener);

    assert_dial_ends(&a, GT_EREFUSED, GT_MS(37));
}

static void a_dial_ends_with_its_context_on_the_way_there(void **state)
{
    listener_rig *r = *state;
    gt_context *background = gt_context_background(r->world);
    attempt a = {.rig = r, .context = gt_context_with_timeout(background, GT_MS(20))};
    set_latencies(r);
    begin(try_to_dial, &a);

    assert_dial_ends(&a, GT_ETIMEDOUT, GT_MS(20));
    gt_context_free(a.context);
    gt_context_free(background);
}

static void a_dial_that_ends_on_the_way_back_closes_its_connection(void **state)
{
    listener_rig *r = *state;
    char byte;
    size_t count;
    gt_context *background = gt_context_background(r->world);
    attempt a = {.rig = r, .context = gt_context_with_timeout(background, GT_MS(33))};
    set_latencies(r);
    begin(try_to_dial, &a);
    gt_conn *accepted = accept_next(r);

    assert_dial_ends(&a, GT_ETIMEDOUT, GT_MS(33));

    assert_int_equal(gt_conn_read(accepted, NULL, &byte, 1, &count), GT_EOF);
    assert_int_equal(gt_now(r->world), GT_MS(63));
    gt_conn_free(accepted);
    gt_context_free(a.context);
    gt_context_free(background);
}

static void the_next_dials_can_be_refused(void **state)
{
    listener_rig *r = *state;
    gt_conn *conn;
    gt_bufconn_refuse(r->listener, 2);

    assert_int_equal(gt_dial(r->dialer, NULL, &conn), GT_EREFUSED);
    assert_null(conn);
    assert_int_equal(gt_dial(r->dialer, NULL, &conn), GT_EREFUSED);

    disconnect(connect(r));
}

static void refusing_can_be_taken_back(void **state)
{
    listener_rig *r = *state;
    gt_bufconn_refuse(r->listener, 2);
    gt_bufconn_refuse(r->listener, 0);
    disconnect(connect(r));
}

/* ---- down and up --------------------------------------------------------------------------- */

static void a_listener_that_is_down_refuses_until_it_is_back(void **state)
{
    listener_rig *r = *state;
    gt_conn *conn;
    gt_bufconn_down(r->listener);
    gt_bufconn_down(r->listener);
    assert_int_equal(gt_dial(r->dialer, NULL, &conn), GT_EREFUSED);

    gt_bufconn_up(r->listener);

    disconnect(connect(r));
}

static void going_down_resets_what_was_not_accepted_and_nothing_else(void **state)
{
    listener_rig *r = *state;
    char byte;
    size_t count;
    both accepted = connect(r);
    gt_conn *waiting = dial(r);

    gt_bufconn_down(r->listener);

    assert_int_equal(gt_conn_try_read(waiting, &byte, 1, &count), GT_ERESET);
    assert_int_equal(time_for_a_byte(r, accepted.client, accepted.server), 0);
    gt_conn_free(waiting);
    disconnect(accepted);
}

static void going_down_refuses_the_dials_that_wait_and_empties_the_queue(void **state)
{
    listener_rig *r = *state;
    gt_conn *queued[GT_BUFCONN_BACKLOG];
    attempt a = {.rig = r};
    for (int i = 0; i < GT_BUFCONN_BACKLOG; i++)
        queued[i] = dial(r);
    begin_and_wait(try_to_dial, &a);

    gt_bufconn_down(r->listener);

    assert_dial_ends(&a, GT_EREFUSED, 0);
    gt_bufconn_up(r->listener);
    gt_conn_free(dial(r));
    for (int i = 0; i < GT_BUFCONN_BACKLOG; i++)
        gt_conn_free(queued[i]);
}

/* ---- misuse -------------------------------------------------------------------------------- */

static void link_a_foreign_listener(void *world)
{
    static const gt__listener_table table = {.kind = "carrier pigeon"};
    gt_listener foreign;
    gt__listener_init(&foreign, &table, world, "loft:3", __FILE__, __LINE__);
    gt_link_of_listener(&foreign);
}

static void weather_over_another_kind_of_listener_is_misuse(void **state)
{
    listener_rig *r = *state;
    assert_dies(link_a_foreign_listener, r->world,
                "grpctest: gt_link_of_listener: \"loft:3\" is a carrier pigeon listener, and only "
                "those of bufconn have weather\n");
}

static void open_listener(gt_world *world, gt_listener **listener, gt_dialer **dialer)
{
    *listener = gt_bufconn_listen(world, 100);
    *dialer = gt_bufconn_dialer(*listener);
}

#define TEST(name) LISTENER_TEST(name, &kind)

int main(void)
{
    listener_kind kind = {.open = open_listener};
    const struct CMUnitTest tests[] = {
        TEST(weather_is_that_of_the_connections_to_come),
        TEST(weather_is_that_of_the_connections_there_are),
        TEST(a_connection_may_have_weather_of_its_own),
        TEST(connections_with_weather_outlive_their_listener),
        TEST(weather_may_come_when_an_end_has_gone),
        TEST(a_cut_is_planned_for_each_connection_by_itself),
        TEST(a_cut_taken_back_is_none_for_those_to_come_either),
        TEST(a_reset_concerns_the_connections_there_are),
        TEST(what_is_held_or_stalled_concerns_those_to_come),
        TEST(a_dial_takes_a_round_trip_and_is_accepted_on_half_of_the_way),
        TEST(a_refusal_takes_a_round_trip_too),
        TEST(a_dial_ends_with_its_context_on_the_way_there),
        TEST(a_dial_that_ends_on_the_way_back_closes_its_connection),
        TEST(the_next_dials_can_be_refused),
        TEST(refusing_can_be_taken_back),
        TEST(a_listener_that_is_down_refuses_until_it_is_back),
        TEST(going_down_resets_what_was_not_accepted_and_nothing_else),
        TEST(going_down_refuses_the_dials_that_wait_and_empties_the_queue),
        TEST(weather_over_another_kind_of_listener_is_misuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
