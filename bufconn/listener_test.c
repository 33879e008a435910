#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/core.h"
#include "engine/core/death_test.h"
#include "engine/wire/wire.h"

#include <grpctest/bufconn.h>

typedef struct rig {
    gt_world *world;
    gt_listener *listener;
    gt_dialer *dialer;
} rig;

static int set_up(void **state)
{
    rig *r = gt__new(rig);
    r->world = gt_world_new(NULL);
    r->listener = gt_bufconn_listen(r->world, 100);
    r->dialer = gt_bufconn_dialer(r->listener);
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    rig *r = *state;
    gt_listener_free(r->listener);
    gt_dialer_free(r->dialer);
    gt_world_free(r->world);
    gt__free(r);
    return 0;
}

static gt_conn *dial(rig *r)
{
    gt_conn *conn;
    assert_int_equal(gt_dial(r->dialer, NULL, &conn), 0);
    return conn;
}

static gt_conn *accept_next(rig *r)
{
    gt_conn *conn;
    assert_int_equal(gt_accept(r->listener, NULL, &conn), 0);
    return conn;
}

/* ---- tasks that dial and accept ------------------------------------------------------------ */

typedef struct attempt {
    rig *rig;
    gt_context *context;
    gt_conn *conn;
    int error;
    gt_task *task;
} attempt;

static void try_to_dial(void *arg)
{
    attempt *a = arg;
    a->error = gt_dial(a->rig->dialer, a->context, &a->conn);
}

static void try_to_accept(void *arg)
{
    attempt *a = arg;
    a->error = gt_accept(a->rig->listener, a->context, &a->conn);
}

static void start_waiting(gt_task_fn *fn, attempt *a)
{
    a->task = gt_spawn(a->rig->world, "attempt", fn, a);
    assert_int_equal(gt_settle(a->rig->world), 0);
    assert_false(gt_task_done(a->task));
}

static void finish(attempt *a)
{
    assert_int_equal(gt_task_join(a->task, NULL), 0);
}

/* ---- dialling and accepting ---------------------------------------------------------------- */

static void a_dialled_connection_is_the_accepted_one(void **state)
{
    rig *r = *state;
    char buffer[4];
    size_t count;

    gt_conn *client = dial(r);
    assert_int_equal(gt_conn_try_write(client, "ping", 4, &count), 0);
    gt_conn *server = accept_next(r);

    assert_int_equal(gt_conn_try_read(server, buffer, 4, &count), 0);
    assert_memory_equal(buffer, "ping", 4);
    assert_int_equal(gt_conn_try_write(server, "pong", 4, &count), 0);
    assert_int_equal(gt_conn_try_read(client, buffer, 4, &count), 0);
    assert_memory_equal(buffer, "pong", 4);
    gt_conn_free(client);
    gt_conn_free(server);
}

static void listeners_and_their_connections_have_names(void **state)
{
    rig *r = *state;
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

static void connections_are_accepted_in_the_order_they_were_dialled(void **state)
{
    rig *r = *state;
    gt_conn *clients[3], *servers[3];
    for (int i = 0; i < 3; i++)
        clients[i] = dial(r);
    for (int i = 0; i < 3; i++)
        servers[i] = accept_next(r);

    for (int i = 0; i < 3; i++) {
        assert_string_equal(gt_conn_peer_name(servers[i]), gt_conn_local_name(clients[i]));
        gt_conn_free(clients[i]);
        gt_conn_free(servers[i]);
    }
}

static void accepting_waits_for_a_dial(void **state)
{
    rig *r = *state;
    attempt a = {.rig = r};
    start_waiting(try_to_accept, &a);

    gt_conn *client = dial(r);
    finish(&a);

    assert_int_equal(a.error, 0);
    assert_string_equal(gt_conn_peer_name(a.conn), gt_conn_local_name(client));
    gt_conn_free(a.conn);
    gt_conn_free(client);
}

static void every_waiting_accept_gets_its_own_connection(void **state)
{
    rig *r = *state;
    attempt a[2] = {{.rig = r}, {.rig = r}};
    start_waiting(try_to_accept, &a[0]);
    start_waiting(try_to_accept, &a[1]);

    gt_conn *clients[2] = {dial(r), dial(r)};
    finish(&a[0]);
    finish(&a[1]);

    assert_ptr_not_equal(a[0].conn, a[1].conn);
    for (int i = 0; i < 2; i++) {
        gt_conn_free(a[i].conn);
        gt_conn_free(clients[i]);
    }
}

static void the_capacity_is_that_of_the_listener(void **state)
{
    rig *r = *state;
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
    rig *r = *state;
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

static void dial_to_the_brim(rig *r, gt_conn *clients[GT_BUFCONN_BACKLOG])
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
    rig *r = *state;
    gt_conn *clients[GT_BUFCONN_BACKLOG];
    attempt a = {.rig = r};
    dial_to_the_brim(r, clients);
    start_waiting(try_to_dial, &a);

    gt_conn *server = accept_next(r);
    finish(&a);

    assert_int_equal(a.error, 0);
    assert_string_equal(gt_conn_local_name(a.conn), "bufconn:1/129");
    gt_conn_free(a.conn);
    gt_conn_free(server);
    free_all(clients);
}

static void a_cancelled_dial_leaves_no_connection_behind(void **state)
{
    rig *r = *state;
    gt_conn *clients[GT_BUFCONN_BACKLOG], *extra;
    gt_context *background = gt_context_background(r->world);
    attempt a = {.rig = r, .context = gt_context_with_timeout(background, GT_MS(3))};
    dial_to_the_brim(r, clients);
    start_waiting(try_to_dial, &a);

    finish(&a);

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
    rig *r = *state;
    gt_conn *clients[GT_BUFCONN_BACKLOG];
    attempt a = {.rig = r};
    dial_to_the_brim(r, clients);
    start_waiting(try_to_dial, &a);

    gt_listener_close(r->listener);
    finish(&a);

    assert_int_equal(a.error, GT_EREFUSED);
    assert_null(a.conn);
    free_all(clients);
}

/* ---- contexts ------------------------------------------------------------------------------ */

static void a_cancelled_accept_leaves_the_connection_in_the_queue(void **state)
{
    rig *r = *state;
    gt_context *background = gt_context_background(r->world);
    attempt a = {.rig = r, .context = gt_context_with_cancel(background)};
    start_waiting(try_to_accept, &a);

    gt_context_cancel(a.context);
    gt_conn *client = dial(r);
    finish(&a);

    assert_int_equal(a.error, GT_ECANCELLED);
    assert_null(a.conn);
    gt_conn_free(accept_next(r));
    gt_conn_free(client);
    gt_context_free(a.context);
    gt_context_free(background);
}

static void a_context_that_is_done_neither_dials_nor_accepts(void **state)
{
    rig *r = *state;
    gt_context *background = gt_context_background(r->world);
    gt_context *done = gt_context_with_timeout(background, 0);
    gt_conn *client = dial(r), *conn = client;

    assert_int_equal(gt_dial(r->dialer, done, &conn), GT_ETIMEDOUT);
    assert_null(conn);
    conn = client;
    assert_int_equal(gt_accept(r->listener, done, &conn), GT_ETIMEDOUT);
    assert_null(conn);

    gt_conn_free(client);
    gt_context_free(done);
    gt_context_free(background);
}

/* ---- closing ------------------------------------------------------------------------------- */

static void a_closed_listener_refuses_dials_and_accepts_nothing(void **state)
{
    rig *r = *state;
    gt_conn *conn;

    gt_listener_close(r->listener);
    gt_listener_close(r->listener);

    assert_int_equal(gt_dial(r->dialer, NULL, &conn), GT_EREFUSED);
    assert_null(conn);
    assert_int_equal(gt_accept(r->listener, NULL, &conn), GT_ECLOSED);
    assert_null(conn);
    assert_int_equal(gt__listener_try_accept(r->listener, &conn, __FILE__, __LINE__), GT_ECLOSED);
}

static void closing_resets_what_was_not_accepted(void **state)
{
    rig *r = *state;
    char byte;
    size_t count;
    gt_conn *client = dial(r);

    gt_listener_close(r->listener);

    assert_int_equal(gt_conn_read(client, NULL, &byte, 1, &count), GT_ERESET);
    gt_conn_free(client);
}

static void closing_leaves_accepted_connections_alone(void **state)
{
    rig *r = *state;
    char byte;
    size_t count;
    gt_conn *client = dial(r), *server = accept_next(r);

    gt_listener_free(r->listener);
    r->listener = NULL;

    assert_int_equal(gt_conn_write(client, NULL, "x", 1, &count), 0);
    assert_int_equal(gt_conn_read(server, NULL, &byte, 1, &count), 0);
    gt_conn_free(client);
    gt_conn_free(server);
}

static void closing_ends_a_waiting_accept(void **state)
{
    rig *r = *state;
    attempt a = {.rig = r};
    start_waiting(try_to_accept, &a);

    gt_listener_close(r->listener);
    finish(&a);

    assert_int_equal(a.error, GT_ECLOSED);
}

static void a_listener_freed_under_a_waiting_accept_says_closed(void **state)
{
    rig *r = *state;
    attempt a = {.rig = r};
    start_waiting(try_to_accept, &a);

    gt_listener_free(r->listener);
    r->listener = NULL;
    finish(&a);

    assert_int_equal(a.error, GT_ECLOSED);
}

static void a_dialer_outlives_its_listener_and_is_refused(void **state)
{
    rig *r = *state;
    gt_conn *conn;
    gt_listener_free(r->listener);
    r->listener = NULL;

    assert_int_equal(gt_dial(r->dialer, NULL, &conn), GT_EREFUSED);
    assert_string_equal(gt_dialer_address(r->dialer), "bufconn:1");
}

static void a_dialer_freed_under_a_waiting_dial_does_not_disturb_it(void **state)
{
    rig *r = *state;
    gt_conn *clients[GT_BUFCONN_BACKLOG];
    attempt a = {.rig = r};
    dial_to_the_brim(r, clients);
    start_waiting(try_to_dial, &a);

    gt_dialer_free(r->dialer);
    r->dialer = NULL;
    gt_conn_free(accept_next(r));
    finish(&a);

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
    rig *r = *state;
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

static void an_owner_is_told_once_that_the_listener_goes(void **state)
{
    rig *r = *state;
    int gone = 0;
    gt__listener_hook(r->listener, NULL, count_call, &gone);

    gt_listener_close(r->listener);
    assert_int_equal(gone, 0);
    gt_listener_free(r->listener);
    r->listener = NULL;

    assert_int_equal(gone, 1);
}

static void a_listener_can_be_waited_for(void **state)
{
    rig *r = *state;
    gt_conn *conn;
    gt_waitable acceptable = gt_listener_waitable(r->listener);
    assert_int_equal(gt_wait_any(r->world, NULL, 0, &acceptable, 1), GT_ETIMEDOUT);

    gt_conn *client = dial(r);
    assert_int_equal(gt_wait_any(r->world, NULL, GT_NEVER, &acceptable, 1), 0);
    gt_conn_free(accept_next(r));
    assert_int_equal(gt_wait_any(r->world, NULL, 0, &acceptable, 1), GT_ETIMEDOUT);

    gt_listener_close(r->listener);
    assert_int_equal(gt_wait_any(r->world, NULL, GT_NEVER, &acceptable, 1), 0);
    assert_int_equal(gt_accept(r->listener, NULL, &conn), GT_ECLOSED);
    gt_conn_free(client);
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
    rig r = {.world = gt_world_new(&options)};
    r.listener = gt_bufconn_listen(r.world, 8);
    r.dialer = gt_bufconn_dialer(r.listener);
    gt_conn *clients[GT_BUFCONN_BACKLOG];
    attempt dials = {.rig = &r};
    dial_to_the_brim(&r, clients);
    start_waiting(try_to_dial, &dials);
    gt_listener *second = gt_bufconn_listen(r.world, 8);
    rig other = {.world = r.world, .listener = second};
    attempt accepts = {.rig = &other};
    start_waiting(try_to_accept, &accepts);
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
    rig *r = *state;
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
    rig *r = *state;
    assert_dies(dial_a_foreign_listener, r->world,
                "grpctest: gt_bufconn_dialer at listener_test.c:9: \"loft:3\" is a carrier pigeon "
                "listener, not a bufconn one\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_dialled_connection_is_the_accepted_one),
        TEST(listeners_and_their_connections_have_names),
        TEST(connections_are_accepted_in_the_order_they_were_dialled),
        TEST(accepting_waits_for_a_dial),
        TEST(every_waiting_accept_gets_its_own_connection),
        TEST(the_capacity_is_that_of_the_listener),
        TEST(an_unaccepted_connection_carries_already_and_may_be_given_up),
        TEST(a_dial_beyond_the_backlog_waits_for_an_accept),
        TEST(a_cancelled_dial_leaves_no_connection_behind),
        TEST(closing_refuses_the_dials_that_wait),
        TEST(a_cancelled_accept_leaves_the_connection_in_the_queue),
        TEST(a_context_that_is_done_neither_dials_nor_accepts),
        TEST(a_closed_listener_refuses_dials_and_accepts_nothing),
        TEST(closing_resets_what_was_not_accepted),
        TEST(closing_leaves_accepted_connections_alone),
        TEST(closing_ends_a_waiting_accept),
        TEST(a_listener_freed_under_a_waiting_accept_says_closed),
        TEST(a_dialer_outlives_its_listener_and_is_refused),
        TEST(a_dialer_freed_under_a_waiting_dial_does_not_disturb_it),
        TEST(a_hook_is_called_when_set_at_dials_and_at_the_end),
        TEST(an_owner_is_told_once_that_the_listener_goes),
        TEST(a_listener_can_be_waited_for),
        cmocka_unit_test(what_was_not_accepted_is_the_listeners_and_not_reported),
        cmocka_unit_test(an_accepted_connection_is_reported_where_it_was_accepted),
        cmocka_unit_test(a_failed_world_takes_waiting_dials_and_accepts_along),
        TEST(a_capacity_of_zero_is_misuse),
        TEST(a_bufconn_dialer_of_another_kind_of_listener_is_misuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
