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

/* ---- dialling and accepting ---------------------------------------------------------------- */

static void listeners_and_their_connections_have_names(void **state)
{
    listener_rig *r = *state;
    gt_listener *second = gt_bufconn_listen(r->world, 100);
    gt_conn_free(dial(r));
    gt_conn_free(accept_next(r));

    gt_conn *client = dial(r), *server = accept_next(r);

    assert_string_equal(gt_listener_address(second), "bufconn:2");
    assert_string_equal(gt_listener_address(r->listener), "bufconn:1");
    assert_string_equal(gt_dialer_address(r->dialer), "bufconn:1");
    assert_string_equal(gt_conn_local_name(client), "bufconn:1/2");
    assert_string_equal(gt_conn_peer_name(client), "bufconn:1");
    assert_string_equal(gt_conn_local_name(server), "bufconn:1");
    assert_string_equal(gt_conn_peer_name(server), "bufconn:1/2");
    gt_conn_free(client);
    gt_conn_free(server);
    gt_listener_free(second);
}

static void the_capacity_is_that_of_the_listener(void **state)
{
    listener_rig *r = *state;
    char zeros[101] = {0};
    size_t count;
    gt_conn *client = dial(r), *server = accept_next(r);

    assert_int_equal(gt_conn_try_write(client, zeros, sizeof zeros, &count), 0);
    assert_int_equal(count, 100);
    assert_int_equal(gt_conn_try_write(server, zeros, sizeof zeros, &count), 0);
    assert_int_equal(count, 100);
    gt_conn_free(client);
    gt_conn_free(server);
}

static void an_unaccepted_connection_carries_already_and_may_be_given_up(void **state)
{
    listener_rig *r = *state;
    char buffer[4];
    size_t count;
    gt_conn *client = dial(r);
    assert_int_equal(gt_conn_try_write(client, "hi", 2, &count), 0);

    gt_conn_free(client);

    gt_conn *server = accept_next(r);
    assert_int_equal(gt_conn_try_read(server, buffer, 4, &count), 0);
    assert_int_equal(count, 2);
    assert_int_equal(gt_conn_try_read(server, buffer, 4, &count), GT_EOF);
    gt_conn_free(server);
}

/* ---- the backlog --------------------------------------------------------------------------- */

static void dial_to_the_brim(listener_rig *r, gt_conn *clients[GT_BUFCONN_BACKLOG])
{
    for (int i = 0; i < GT_BUFCONN_BACKLOG; i++)
        clients[i] = dial(r);
}

static void free_all(gt_conn *clients[GT_BUFCONN_BACKLOG])
{
    for (int i = 0; i < GT_BUFCONN_BACKLOG; i++)
        gt_conn_free(clients[i]);
}

static void a_dial_beyond_the_backlog_waits_for_an_accept(void **state)
{
    listener_rig *r = *state;
    gt_conn *clients[GT_BUFCONN_BACKLOG];
    attempt a = {.rig = r};
    dial_to_the_brim(r, clients);
    begin_and_wait(try_to_dial, &a);

    gt_conn *server = accept_next(r);
    see_end(&a);

    assert_int_equal(a.error, 0);
    assert_string_equal(gt_conn_local_name(a.conn), "bufconn:1/129");
    gt_conn_free(a.conn);
    gt_conn_free(server);
    free_all(clients);
}

static void a_cancelled_dial_leaves_no_connection_behind(void **state)
{
    listener_rig *r = *state;
    gt_conn *clients[GT_BUFCONN_BACKLOG], *extra;
    gt_context *background = gt_context_background(r->world);
    attempt a = {.rig = r, .context = gt_context_with_timeout(background, GT_MS(3))};
    dial_to_the_brim(r, clients);
    begin_and_wait(try_to_dial, &a);

    see_end(&a);

    assert_int_equal(a.error, GT_ETIMEDOUT);
    assert_null(a.conn);
    assert_int_equal(gt_now(r->world), GT_MS(3));
    for (int i = 0; i < GT_BUFCONN_BACKLOG; i++)
        gt_conn_free(accept_next(r));
    assert_int_equal(gt__listener_try_accept(r->listener, &extra, __FILE__, __LINE__), GT_EAGAIN);
    free_all(clients);
    gt_context_free(a.context);
    gt_context_free(background);
}

static void closing_refuses_the_dials_that_wait(void **state)
{
    listener_rig *r = *state;
    gt_conn *clients[GT_BUFCONN_BACKLOG];
    attempt a = {.rig = r};
    dial_to_the_brim(r, clients);
    begin_and_wait(try_to_dial, &a);

    gt_listener_close(r->listener);
    see_end(&a);

    assert_int_equal(a.error, GT_EREFUSED);
    assert_null(a.conn);
    free_all(clients);
}

/* ---- closing ------------------------------------------------------------------------------- */

static void a_dialer_freed_under_a_waiting_dial_does_not_disturb_it(void **state)
{
    listener_rig *r = *state;
    gt_conn *clients[GT_BUFCONN_BACKLOG];
    attempt a = {.rig = r};
    dial_to_the_brim(r, clients);
    begin_and_wait(try_to_dial, &a);

    gt_dialer_free(r->dialer);
    r->dialer = NULL;
    gt_conn_free(accept_next(r));
    see_end(&a);

    assert_int_equal(a.error, 0);
    gt_conn_free(a.conn);
    free_all(clients);
}

/* ---- being told ---------------------------------------------------------------------------- */

static void count_call(void *user)
{
    ++*(int *)user;
}

static void a_hook_is_called_when_set_at_dials_and_at_the_end(void **state)
{
    listener_rig *r = *state;
    int calls = 0;
    gt__listener_hook(r->listener, count_call, NULL, &calls);
    assert_int_equal(gt_settle(r->world), 0);
    assert_int_equal(calls, 1);

    gt_conn *clients[2] = {dial(r), dial(r)};
    assert_int_equal(gt_settle(r->world), 0);
    assert_int_equal(calls, 2);

    gt_listener_close(r->listener);
    assert_int_equal(gt_settle(r->world), 0);
    assert_int_equal(calls, 3);
    gt_conn_free(clients[0]);
    gt_conn_free(clients[1]);
}

/* ---- the world's end ----------------------------------------------------------------------- */

static void keep_failure(const gt_failure *failure, void *user)
{
    *(char **)user = gt__strdup(failure->text);
}

static void what_was_not_accepted_is_the_listeners_and_not_reported(void **state)
{
    (void)state;
    char *text = NULL;
    gt_world_options options = {.on_failure = keep_failure, .on_failure_user = &text};
    gt_world *world = gt_world_new(&options);
    gt_listener *listener = gt_bufconn_listen_at(world, 8, "users_test.c", 30);
    gt_dialer *dialer = gt_bufconn_dialer_at(listener, "users_test.c", 31);
    gt_conn *conn;
    assert_int_equal(gt_dial_at(dialer, NULL, &conn, "users_test.c", 32), 0);

    gt_world_free(world);

    assert_non_null(text);
    assert_non_null(strstr(text, "users_test.c:30"));
    assert_non_null(strstr(text, "users_test.c:31"));
    assert_ptr_equal(strstr(strstr(text, "users_test.c:32") + 1, "users_test.c:32"), NULL);
    gt__free(text);
}

static void an_accepted_connection_is_reported_where_it_was_accepted(void **state)
{
    (void)state;
    char *text = NULL;
    gt_world_options options = {.on_failure = keep_failure, .on_failure_user = &text};
    gt_world *world = gt_world_new(&options);
    gt_listener *listener = gt_bufconn_listen(world, 8);
    gt_dialer *dialer = gt_bufconn_dialer(listener);
    gt_conn *client, *server;
    assert_int_equal(gt_dial(dialer, NULL, &client), 0);
    assert_int_equal(gt_accept_at(listener, NULL, &server, "users_test.c", 33), 0);
    gt_conn_free(client);
    gt_listener_free(listener);
    gt_dialer_free(dialer);

    gt_world_free(world);

    assert_non_null(text);
    assert_non_null(strstr(text, "users_test.c:33"));
    gt__free(text);
}

static void a_failed_world_takes_waiting_dials_and_accepts_along(void **state)
{
    (void)state;
    char *text = NULL;
    gt_world_options options = {.on_failure = keep_failure, .on_failure_user = &text};
    listener_rig r = {.world = gt_world_new(&options)};
    r.listener = gt_bufconn_listen(r.world, 8);
    r.dialer = gt_bufconn_dialer(r.listener);
    gt_conn *clients[GT_BUFCONN_BACKLOG];
    attempt dials = {.rig = &r};
    dial_to_the_brim(&r, clients);
    begin_and_wait(try_to_dial, &dials);
    gt_listener *second = gt_bufconn_listen(r.world, 8);
    listener_rig other = {.world = r.world, .listener = second};
    attempt accepts = {.rig = &other};
    begin_and_wait(try_to_accept, &accepts);
    gt_listener_free(second);
    gt_world_fail(r.world, "on purpose");

    gt_world_free(r.world);

    assert_string_equal(text, "on purpose");
    gt__free(text);
}

/* ---- misuse -------------------------------------------------------------------------------- */

static void listen_without_capacity(void *arg)
{
    gt_bufconn_listen_at(arg, 0, "listener_test.c", 9);
}

static void a_capacity_of_zero_is_misuse(void **state)
{
    listener_rig *r = *state;
    assert_dies(listen_without_capacity, r->world,
                "grpctest: gt_bufconn_listen at listener_test.c:9: a capacity of 0 could never "
                "carry a byte\n");
}

static void dial_a_foreign_listener(void *arg)
{
    static const gt__listener_table table = {.kind = "carrier pigeon"};
    gt_listener foreign;
    gt__listener_init(&foreign, &table, arg, "loft:3", __FILE__, __LINE__);
    gt_bufconn_dialer_at(&foreign, "listener_test.c", 9);
}

static void a_bufconn_dialer_of_another_kind_of_listener_is_misuse(void **state)
{
    listener_rig *r = *state;
    assert_dies(dial_a_foreign_listener, r->world,
                "grpctest: gt_bufconn_dialer at listener_test.c:9: \"loft:3\" is a carrier pigeon "
                "listener, not a bufconn one\n");
}

/* ---- the laws ------------------------------------------------------------------------------ */

static void open_plain(gt_world *world, gt_listener **listener, gt_dialer **dialer)
{
    *listener = gt_bufconn_listen(world, 100);
    *dialer = gt_bufconn_dialer(*listener);
}

static void open_far(gt_world *world, gt_listener **listener, gt_dialer **dialer)
{
    open_plain(world, listener, dialer);
    gt_link_weather(gt_link_of_listener(*listener),
                    &(gt_weather){.latency = GT_MS(30), .bandwidth = 8000});
}

#define TEST(name) LISTENER_TEST(name, &plain)

int main(void)
{
    listener_kind plain = {.name = "bufconn", .open = open_plain};
    const listener_kind kinds[] = {
        plain,
        {.name = "bufconn, seeded", .seed = 5, .open = open_plain},
        {.name = "bufconn in weather", .open = open_far},
        {.name = "bufconn in weather, seeded", .seed = 5, .open = open_far},
    };
    const struct CMUnitTest tests[] = {
        TEST(listeners_and_their_connections_have_names),
        TEST(the_capacity_is_that_of_the_listener),
        TEST(an_unaccepted_connection_carries_already_and_may_be_given_up),
        TEST(a_dial_beyond_the_backlog_waits_for_an_accept),
        TEST(a_cancelled_dial_leaves_no_connection_behind),
        TEST(closing_refuses_the_dials_that_wait),
        TEST(a_dialer_freed_under_a_waiting_dial_does_not_disturb_it),
        TEST(a_hook_is_called_when_set_at_dials_and_at_the_end),
        cmocka_unit_test(what_was_not_accepted_is_the_listeners_and_not_reported),
        cmocka_unit_test(an_accepted_connection_is_reported_where_it_was_accepted),
        cmocka_unit_test(a_failed_world_takes_waiting_dials_and_accepts_along),
        TEST(a_capacity_of_zero_is_misuse),
        TEST(a_bufconn_dialer_of_another_kind_of_listener_is_misuse),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    return failures + run_listener_laws(kinds, sizeof kinds / sizeof kinds[0]);
}
