#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_laws.h"
#include "test_listener_rig.h"
#include "wire.h"

static void assert_carries(gt_conn *from, gt_conn *to)
{
    char byte;
    size_t count;
    assert_int_equal(gt_conn_write(from, NULL, "x", 1, &count), 0);
    assert_int_equal(gt_conn_read(to, NULL, &byte, 1, &count), 0);
    assert_int_equal(byte, 'x');
}

/* ---- dialling and accepting ---------------------------------------------------------------- */

static void a_dialled_connection_is_the_accepted_one(void **state)
{
    listener_rig *r = *state;

    gt_conn *client = dial(r), *server = accept_next(r);

    assert_carries(client, server);
    assert_carries(server, client);
    assert_string_equal(gt_conn_peer_name(client), gt_listener_address(r->listener));
    assert_string_equal(gt_conn_local_name(server), gt_listener_address(r->listener));
    assert_string_equal(gt_conn_peer_name(server), gt_conn_local_name(client));
    assert_string_equal(gt_dialer_address(r->dialer), gt_listener_address(r->listener));
    gt_conn_free(client);
    gt_conn_free(server);
}

static void connections_are_accepted_in_the_order_they_were_dialled(void **state)
{
    listener_rig *r = *state;
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
    listener_rig *r = *state;
    attempt a = {.rig = r};
    begin_and_wait(try_to_accept, &a);

    gt_conn *client = dial(r);
    see_end(&a);

    assert_int_equal(a.error, 0);
    assert_string_equal(gt_conn_peer_name(a.conn), gt_conn_local_name(client));
    gt_conn_free(a.conn);
    gt_conn_free(client);
}

static void every_waiting_accept_gets_its_own_connection(void **state)
{
    listener_rig *r = *state;
    attempt a[2] = {{.rig = r}, {.rig = r}};
    begin_and_wait(try_to_accept, &a[0]);
    begin_and_wait(try_to_accept, &a[1]);

    gt_conn *clients[2] = {dial(r), dial(r)};
    see_end(&a[0]);
    see_end(&a[1]);

    assert_ptr_not_equal(a[0].conn, a[1].conn);
    for (int i = 0; i < 2; i++) {
        gt_conn_free(a[i].conn);
        gt_conn_free(clients[i]);
    }
}

static void a_cancelled_accept_leaves_the_connection_in_the_queue(void **state)
{
    listener_rig *r = *state;
    gt_context *background = gt_context_background(r->world);
    attempt a = {.rig = r, .context = gt_context_with_cancel(background)};
    begin_and_wait(try_to_accept, &a);

    gt_context_cancel(a.context);
    gt_conn *client = dial(r);
    see_end(&a);

    assert_int_equal(a.error, GT_ECANCELLED);
    assert_null(a.conn);
    gt_conn_free(accept_next(r));
    gt_conn_free(client);
    gt_context_free(a.context);
    gt_context_free(background);
}

static void a_context_that_is_done_neither_dials_nor_accepts(void **state)
{
    listener_rig *r = *state;
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

static void a_listener_can_be_waited_for(void **state)
{
    listener_rig *r = *state;
    attempt a = {.rig = r};
    gt_waitable acceptable = gt_listener_waitable(r->listener);
    assert_int_equal(gt_wait_any(r->world, NULL, gt_now(r->world), &acceptable, 1), GT_ETIMEDOUT);

    begin(try_to_dial, &a);
    assert_int_equal(gt_wait_any(r->world, NULL, GT_NEVER, &acceptable, 1), 0);
    gt_conn_free(accept_next(r));
    see_end(&a);
    assert_int_equal(gt_wait_any(r->world, NULL, gt_now(r->world), &acceptable, 1), GT_ETIMEDOUT);

    gt_listener_close(r->listener);
    assert_int_equal(gt_wait_any(r->world, NULL, GT_NEVER, &acceptable, 1), 0);
    gt_conn_free(a.conn);
}

/* ---- closing ------------------------------------------------------------------------------- */

static void a_closed_listener_accepts_nothing(void **state)
{
    listener_rig *r = *state;
    gt_conn *conn;

    gt_listener_close(r->listener);
    gt_listener_close(r->listener);

    assert_int_equal(gt_accept(r->listener, NULL, &conn), GT_ECLOSED);
    assert_null(conn);
    assert_int_equal(gt__listener_try_accept(r->listener, &conn, __FILE__, __LINE__), GT_ECLOSED);
}

static void a_dialer_outlives_its_listener_and_is_refused(void **state)
{
    listener_rig *r = *state;
    gt_conn *conn;
    if (r->kind->kernel)
        return;

    gt_listener_free(r->listener);
    r->listener = NULL;

    assert_int_equal(gt_dial(r->dialer, NULL, &conn), GT_EREFUSED);
    assert_null(conn);
}

static void closing_resets_what_was_not_accepted(void **state)
{
    listener_rig *r = *state;
    char byte;
    size_t count;
    gt_conn *client = dial(r);

    gt_listener_close(r->listener);

    assert_int_equal(gt_conn_read(client, NULL, &byte, 1, &count), GT_ERESET);
    gt_conn_free(client);
}

static void closing_leaves_accepted_connections_alone(void **state)
{
    listener_rig *r = *state;
    gt_conn *client = dial(r), *server = accept_next(r);

    gt_listener_free(r->listener);
    r->listener = NULL;

    assert_carries(client, server);
    gt_conn_free(client);
    gt_conn_free(server);
}

static void closing_ends_a_waiting_accept(void **state)
{
    listener_rig *r = *state;
    attempt a = {.rig = r};
    begin_and_wait(try_to_accept, &a);

    gt_listener_close(r->listener);
    see_end(&a);

    assert_int_equal(a.error, GT_ECLOSED);
}

static void a_listener_freed_under_a_waiting_accept_says_closed(void **state)
{
    listener_rig *r = *state;
    attempt a = {.rig = r};
    begin_and_wait(try_to_accept, &a);

    gt_listener_free(r->listener);
    r->listener = NULL;
    see_end(&a);

    assert_int_equal(a.error, GT_ECLOSED);
}

static void count_call(void *user)
{
    ++*(int *)user;
}

static void an_owner_is_told_once_that_the_listener_goes(void **state)
{
    listener_rig *r = *state;
    int gone = 0;
    gt__listener_hook(r->listener, NULL, count_call, &gone);

    gt_listener_close(r->listener);
    assert_int_equal(gone, 0);
    gt_listener_free(r->listener);
    r->listener = NULL;

    assert_int_equal(gone, 1);
}

static const law laws[] = {
    LAW(a_dialled_connection_is_the_accepted_one),
    LAW(connections_are_accepted_in_the_order_they_were_dialled),
    LAW(accepting_waits_for_a_dial),
    LAW(every_waiting_accept_gets_its_own_connection),
    LAW(a_cancelled_accept_leaves_the_connection_in_the_queue),
    LAW(a_context_that_is_done_neither_dials_nor_accepts),
    LAW(a_listener_can_be_waited_for),
    LAW(a_closed_listener_accepts_nothing),
    LAW(a_dialer_outlives_its_listener_and_is_refused),
    LAW(closing_resets_what_was_not_accepted),
    LAW(closing_leaves_accepted_connections_alone),
    LAW(closing_ends_a_waiting_accept),
    LAW(a_listener_freed_under_a_waiting_accept_says_closed),
    LAW(an_owner_is_told_once_that_the_listener_goes),
};

int run_listener_laws(const listener_kind *kinds, size_t count)
{
    static const law_chapter chapter = CHAPTER(laws);
    int failures = 0;
    for (size_t i = 0; i < count; i++)
        failures += run_laws(kinds[i].name, &kinds[i], &chapter, listener_rig_set_up,
                             listener_rig_tear_down);
    return failures;
}
