#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/core.h"
#include "engine/core/death_test.h"
#include "wire.h"

#include <grpctest/bufconn.h>

typedef struct rig {
    gt_world *world;
    gt_conn *a, *b;
    gt__buffer log;
} rig;

static int set_up(void **state)
{
    rig *r = gt__new(rig);
    r->world = gt_world_new(NULL);
    gt_pipe(r->world, 8, &r->a, &r->b);
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    rig *r = *state;
    gt_conn_free(r->a);
    gt_conn_free(r->b);
    gt_world_free(r->world);
    gt__buffer_cleanup(&r->log);
    gt__free(r);
    return 0;
}

/* ---- the tap ------------------------------------------------------------------------------- */

static void note(void *user, gt_conn *conn, bool written, gt_bytes bytes, gt_time now)
{
    rig *r = user;
    gt__buffer_printf(&r->log, "%s %d ms %s %.*s\n", conn == r->a ? "a" : "b",
                      (int)(now / GT_MS(1)), written ? "->" : "<-", (int)bytes.size,
                      (const char *)bytes.data);
}

static void write_text(gt_conn *conn, const char *text)
{
    size_t count;
    assert_int_equal(gt_conn_write(conn, NULL, text, strlen(text), &count), 0);
}

static size_t read_up_to(gt_conn *conn, size_t size)
{
    char buffer[64];
    size_t count;
    assert_int_equal(gt_conn_read(conn, NULL, buffer, size, &count), 0);
    return count;
}

static void the_tap_tells_direction_bytes_and_instant(void **state)
{
    rig *r = *state;
    gt_conn_tap(r->a, note, r);
    gt_conn_tap(r->b, note, r);

    write_text(r->a, "ping");
    assert_int_equal(gt_sleep(r->world, GT_MS(3)), 0);
    read_up_to(r->b, 3);
    read_up_to(r->b, 3);
    write_text(r->b, "pong");
    assert_int_equal(gt_sleep(r->world, GT_MS(4)), 0);
    read_up_to(r->a, 10);

    assert_string_equal((char *)r->log.data, "a 0 ms -> ping\n"
                                             "b 3 ms <- pin\n"
                                             "b 3 ms <- g\n"
                                             "b 3 ms -> pong\n"
                                             "a 7 ms <- pong\n");
}

static void the_tap_sees_what_is_lent(void **state)
{
    rig *r = *state;
    uint8_t *room;
    size_t size;
    gt_bytes bytes;
    gt_conn_tap(r->a, note, r);
    gt_conn_tap(r->b, note, r);

    assert_int_equal(gt__conn_reserve(r->a, &room, &size), 0);
    memcpy(room, "abcd", 4);
    gt__conn_commit(r->a, 4);
    assert_int_equal(gt__conn_peek(r->b, &bytes), 0);
    gt__conn_consume(r->b, 3);
    gt__conn_consume(r->b, 0);

    assert_string_equal((char *)r->log.data, "a 0 ms -> abcd\n"
                                             "b 0 ms <- abc\n");
}

static void the_tap_is_not_shown_what_could_not_be_written(void **state)
{
    rig *r = *state;
    size_t count;
    gt_conn_tap(r->a, note, r);

    assert_int_equal(gt_conn_try_write(r->a, "0123456789", 10, &count), 0);

    assert_string_equal((char *)r->log.data, "a 0 ms -> 01234567\n");
}

/* ---- the read limit ------------------------------------------------------------------------ */

static void the_read_limit_can_be_moved_and_lifted(void **state)
{
    rig *r = *state;
    write_text(r->a, "01234567");

    gt_conn_limit_read(r->b, 1);
    assert_int_equal(read_up_to(r->b, 8), 1);
    gt_conn_limit_read(r->b, 3);
    assert_int_equal(read_up_to(r->b, 8), 3);
    assert_int_equal(read_up_to(r->b, 2), 2);
    gt_conn_limit_read(r->b, 0);
    assert_int_equal(read_up_to(r->b, 8), 2);
}

/* ---- deadlines ----------------------------------------------------------------------------- */

static void a_deadline_does_not_wait_for_its_instant_to_end(void **state)
{
    rig *r = *state;
    char byte;
    size_t count;
    gt_conn_set_read_deadline(r->b, GT_MS(5));
    assert_int_equal(gt_sleep(r->world, GT_MS(4)), 0);
    write_text(r->a, "xy");
    assert_int_equal(gt_conn_read(r->b, NULL, &byte, 1, &count), 0);

    assert_int_equal(gt_sleep(r->world, GT_MS(1)), 0);

    assert_int_equal(gt_conn_read(r->b, NULL, &byte, 1, &count), GT_ETIMEDOUT);
}

/* ---- the report ---------------------------------------------------------------------------- */

static void read_one(void *arg)
{
    char byte;
    size_t count;
    if (gt_conn_read(arg, NULL, &byte, 1, &count) == 0)
        gt_conn_reset(arg);
}

static void write_too_much(void *arg)
{
    size_t count;
    if (gt_conn_write(arg, NULL, "0123456789", 10, &count) == 0)
        gt_conn_reset(arg);
}

static void accept_one(void *arg)
{
    gt_conn *conn;
    if (gt_accept(arg, NULL, &conn) == 0)
        gt_conn_free(conn);
}

static void the_report_tells_what_each_task_waits_for(void **state)
{
    rig *r = *state;
    gt_listener *listener = gt_bufconn_listen(r->world, 8);
    gt_task_detach(gt_spawn_at(r->world, "reader", read_one, r->a, "a.c", 1));
    gt_task_detach(gt_spawn_at(r->world, "writer", write_too_much, r->a, "a.c", 2));
    gt_task_detach(gt_spawn_at(r->world, "acceptor", accept_one, listener, "a.c", 3));
    assert_int_equal(gt_settle(r->world), 0);

    char *report = gt_world_report(r->world);

    assert_non_null(strstr(report, "\n  task \"reader\" (a.c:1) waits for bytes on pipe:1/a, since "
                                   "0.000 ms\n"
                                   "  task \"writer\" (a.c:2) waits for room on pipe:1/a, since "
                                   "0.000 ms\n"
                                   "  task \"acceptor\" (a.c:3) waits for a connection to "
                                   "bufconn:1, since 0.000 ms"));
    gt_free(report);
    gt_listener_free(listener);
}

/* ---- misuse -------------------------------------------------------------------------------- */

static void read_in_a_callback(void *user)
{
    read_one(user);
}

static void let_a_hook_read(void *arg)
{
    rig *r = arg;
    gt__conn_hook(r->a, read_in_a_callback, NULL, r->a);
    int error = gt_settle(r->world);
    gt__misuse("came back with %d", error);
}

static void read_in_a_tap(void *user, gt_conn *conn, bool written, gt_bytes bytes, gt_time now)
{
    (void)conn;
    (void)written;
    (void)bytes;
    (void)now;
    read_one(user);
}

static void let_a_tap_read(void *arg)
{
    rig *r = arg;
    size_t count;
    gt_conn_tap(r->a, read_in_a_tap, r->a);
    int error = gt_conn_try_write(r->a, "x", 1, &count);
    gt__misuse("came back with %d", error);
}

static void write_in_a_callback(void *user)
{
    write_too_much(user);
}

static void let_a_hook_write(void *arg)
{
    rig *r = arg;
    gt__conn_hook(r->a, write_in_a_callback, NULL, r->a);
    int error = gt_settle(r->world);
    gt__misuse("came back with %d", error);
}

static void accept_in_a_callback(void *user)
{
    accept_one(user);
}

static void let_a_hook_accept(void *arg)
{
    gt_listener *listener = gt_bufconn_listen(arg, 8);
    gt__listener_hook(listener, accept_in_a_callback, NULL, listener);
    int error = gt_settle(arg);
    gt__misuse("came back with %d", error);
}

static void dial_in_a_callback(void *user)
{
    gt_conn *conn;
    if (gt_dial(user, NULL, &conn) == 0)
        gt_conn_free(conn);
}

static void let_a_hook_dial(void *arg)
{
    gt_listener *listener = gt_bufconn_listen(arg, 8);
    gt__listener_hook(listener, dial_in_a_callback, NULL, gt_bufconn_dialer(listener));
    int error = gt_settle(arg);
    gt__misuse("came back with %d", error);
}

static void blocking_in_a_hook_or_a_tap_is_misuse(void **state)
{
    rig *r = *state;
    const char *expected =
        "grpctest: gt_conn_read was called from a callback, which must not block\n";
    assert_dies(let_a_hook_read, r, expected);
    assert_dies(let_a_tap_read, r, expected);
    assert_dies(let_a_hook_write, r,
                "grpctest: gt_conn_write was called from a callback, which must not block\n");
    assert_dies(let_a_hook_accept, r->world,
                "grpctest: gt_accept was called from a callback, which must not block\n");
    assert_dies(let_a_hook_dial, r->world,
                "grpctest: gt_dial was called from a callback, which must not block\n");
}

/* ---- turns --------------------------------------------------------------------------------- */

static void write_twelve(void *arg)
{
    rig *r = arg;
    size_t count;
    if (gt_conn_write(r->a, NULL, "0123456789ab", 12, &count) != 0)
        gt_conn_reset(r->a);
}

static void nothing_is_put_between_the_bytes_of_a_write_under_way(void **state)
{
    rig *r = *state;
    char buffer[13] = {0};
    size_t count;
    gt_waitable writable = gt_conn_writable(r->a);
    gt_task *task = gt_spawn(r->world, "writer", write_twelve, r);
    assert_int_equal(gt_settle(r->world), 0);

    assert_int_equal(read_up_to(r->b, 1), 1);
    assert_int_equal(gt_conn_try_write(r->a, "x", 1, &count), GT_EAGAIN);
    assert_int_equal(gt_wait_any(r->world, NULL, 0, &writable, 1), GT_ETIMEDOUT);

    assert_int_equal(gt_settle(r->world), 0);
    assert_int_equal(gt_conn_read(r->b, NULL, buffer, 8, &count), 0);
    assert_int_equal(count, 8);
    assert_int_equal(gt_wait_any(r->world, NULL, GT_NEVER, &writable, 1), 0);
    assert_int_equal(gt_conn_try_write(r->a, "x", 1, &count), 0);
    assert_int_equal(gt_conn_read(r->b, NULL, buffer + 8, 5, &count), 0);
    assert_string_equal(buffer, "12345678"
                                "9abx");
    assert_int_equal(gt_task_join(task, NULL), 0);
}

static void the_end_is_told_though_a_write_is_under_way(void **state)
{
    rig *r = *state;
    size_t count;
    gt_task *task = gt_spawn(r->world, "writer", write_twelve, r);
    assert_int_equal(gt_settle(r->world), 0);

    gt_conn_close(r->a);

    assert_int_equal(gt_conn_try_write(r->a, "x", 1, &count), GT_ECLOSED);
    assert_int_equal(gt_task_join(task, NULL), 0);
}

/* ---- dialers of one's own ------------------------------------------------------------------ */

typedef struct own_dialer {
    gt_world *world;
    gt_conn *other;
    gt_context *seen;
    int error;
} own_dialer;

static int dial_a_pipe(void *user, gt_context *context, gt_conn **conn)
{
    own_dialer *own = user;
    own->seen = context;
    if (own->error)
        return own->error;
    int error = gt_context_sleep(context, GT_MS(2));
    if (!error)
        gt_pipe(own->world, 8, conn, &own->other);
    return error;
}

static void a_dialer_can_be_made_of_a_function(void **state)
{
    rig *r = *state;
    own_dialer own = {.world = r->world};
    gt_conn *conn;
    gt_context *context = gt_context_background(r->world);
    gt_dialer *dialer = gt_dialer_from(r->world, "loft:3", dial_a_pipe, &own);

    assert_int_equal(gt_dial(dialer, context, &conn), 0);

    assert_string_equal(gt_dialer_address(dialer), "loft:3");
    assert_string_equal(gt_conn_kind(conn), "pipe");
    assert_ptr_equal(own.seen, context);
    assert_int_equal(gt_now(r->world), GT_MS(2));
    gt_conn_free(conn);
    gt_conn_free(own.other);
    gt_dialer_free(dialer);
    gt_context_free(context);
}

static void its_error_is_that_of_the_dial(void **state)
{
    rig *r = *state;
    own_dialer own = {.world = r->world, .error = GT_EREFUSED};
    gt_conn *conn = r->a;
    gt_dialer *dialer = gt_dialer_from(r->world, "loft:3", dial_a_pipe, &own);

    assert_int_equal(gt_dial(dialer, NULL, &conn), GT_EREFUSED);

    assert_null(conn);
    gt_dialer_free(dialer);
}

static int give_nothing(void *user, gt_context *context, gt_conn **conn)
{
    (void)user;
    (void)context;
    (void)conn;
    return 0;
}

static void dial_nothing(void *arg)
{
    gt_conn *conn;
    gt_dialer *dialer = gt_dialer_from(arg, "loft:3", give_nothing, NULL);
    int error = gt_dial_at(dialer, NULL, &conn, "conn_test.c", 7);
    gt__misuse("came back with %d", error);
}

static void success_without_a_connection_is_misuse(void **state)
{
    rig *r = *state;
    assert_dies(dial_nothing, r->world,
                "grpctest: gt_dial at conn_test.c:7: the dialer's function gave success "
                "without a connection\n");
}

static void freeing_nothing_is_harmless(void **state)
{
    (void)state;
    gt_conn_free(NULL);
    gt_listener_free(NULL);
    gt_dialer_free(NULL);
}

/* ---- a world that has failed --------------------------------------------------------------- */

static void ignore_failure(const gt_failure *failure, void *user)
{
    (void)failure;
    (void)user;
}

static void in_a_failed_world_nothing_blocks_and_nothing_moves(void **state)
{
    (void)state;
    gt_world_options options = {.on_failure = ignore_failure};
    gt_world *world = gt_world_new(&options);
    gt_conn *a, *b, *dialled, *accepted;
    char byte;
    size_t count;
    gt_pipe(world, 8, &a, &b);
    gt_listener *listener = gt_bufconn_listen(world, 8);
    gt_dialer *dialer = gt_bufconn_dialer(listener);
    assert_int_equal(gt_dial(dialer, NULL, &dialled), 0);
    write_text(a, "x");

    gt_world_fail(world, "on purpose");

    assert_int_equal(gt_conn_read(b, NULL, &byte, 1, &count), GT_EPOISONED);
    assert_int_equal(gt_conn_write(b, NULL, &byte, 1, &count), GT_EPOISONED);
    assert_int_equal(gt_dial(dialer, NULL, &dialled), GT_EPOISONED);
    assert_int_equal(gt_accept(listener, NULL, &accepted), GT_EPOISONED);
    gt_world_free(world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_tap_tells_direction_bytes_and_instant),
        TEST(the_tap_sees_what_is_lent),
        TEST(the_tap_is_not_shown_what_could_not_be_written),
        TEST(the_read_limit_can_be_moved_and_lifted),
        TEST(a_deadline_does_not_wait_for_its_instant_to_end),
        TEST(the_report_tells_what_each_task_waits_for),
        TEST(blocking_in_a_hook_or_a_tap_is_misuse),
        TEST(nothing_is_put_between_the_bytes_of_a_write_under_way),
        TEST(the_end_is_told_though_a_write_is_under_way),
        TEST(a_dialer_can_be_made_of_a_function),
        TEST(its_error_is_that_of_the_dial),
        TEST(success_without_a_connection_is_misuse),
        cmocka_unit_test(freeing_nothing_is_harmless),
        cmocka_unit_test(in_a_failed_world_nothing_blocks_and_nothing_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
