#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/core/core.h"
#include "engine/core/death_test.h"
#include "engine/wire/test_conn_laws.h"
#include "engine/wire/test_listener_rig.h"
#include "engine/wire/wire.h"

#include <grpctest/net.h>

/* An address that is taken, on which nobody listens. */
typedef struct deaf_port {
    int fd;
    char address[32];
} deaf_port;

static deaf_port open_deaf_port(void)
{
    deaf_port port = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof own;
    assert_true(port.fd >= 0);
    assert_int_equal(bind(port.fd, (struct sockaddr *)&own, sizeof own), 0);
    assert_int_equal(getsockname(port.fd, (struct sockaddr *)&own, &size), 0);
    snprintf(port.address, sizeof port.address, "127.0.0.1:%d", ntohs(own.sin_port));
    return port;
}

/* ---- dialling and accepting ---------------------------------------------------------------- */

static void connections_are_of_their_own_kind(void **state)
{
    listener_rig *r = *state;
    gt_conn *client = dial(r), *server = accept_next(r);

    assert_string_equal(gt_conn_kind(client), "tcp");
    assert_string_equal(gt_conn_kind(server), "tcp");
    gt_conn_free(client);
    gt_conn_free(server);
}

static void the_kernel_chooses_a_port(void **state)
{
    listener_rig *r = *state;
    assert_int_equal(strncmp(gt_listener_address(r->listener), "127.0.0.1:", 10), 0);
    assert_string_not_equal(gt_listener_address(r->listener), "127.0.0.1:0");
}

static void a_dial_that_nobody_hears_is_refused(void **state)
{
    listener_rig *r = *state;
    gt_conn *conn;
    deaf_port port = open_deaf_port();
    gt_dialer *dialer = gt_tcp_dialer(r->world, port.address);

    assert_int_equal(gt_dial(dialer, NULL, &conn), GT_EREFUSED);

    assert_null(conn);
    gt_dialer_free(dialer);
    close(port.fd);
}

/* The kernel knows at once that nobody connects to everybody. */
static void a_dial_that_the_kernel_refuses_is_an_error(void **state)
{
    listener_rig *r = *state;
    gt_conn *conn;
    gt_dialer *dialer = gt_tcp_dialer(r->world, "255.255.255.255:80");

    assert_int_equal(gt_dial(dialer, NULL, &conn), GT_EIO);

    assert_null(conn);
    gt_dialer_free(dialer);
}

static void a_dial_to_no_address_is_invalid(void **state)
{
    listener_rig *r = *state;
    gt_conn *conn;
    gt_dialer *dialer = gt_tcp_dialer(r->world, "example.com:80");

    assert_int_equal(gt_dial(dialer, NULL, &conn), GT_EINVAL);

    assert_null(conn);
    gt_dialer_free(dialer);
}

/* Dials until it hangs: a listener with the shortest of queues lets it once that is full. */
static int dial_till_it_hangs(gt_world *world, gt_dialer *dialer)
{
    int error = 0;
    for (int tries = 0; tries < 16 && !error; tries++) {
        gt_conn *conn;
        gt_context *background = gt_context_background(world);
        gt_context *context = gt_context_with_timeout(background, GT_MS(30));
        error = gt_dial(dialer, context, &conn);
        gt_conn_free(conn);
        gt_context_free(context);
        gt_context_free(background);
    }
    return error;
}

static void a_dial_that_hangs_ends_with_its_context(void **state)
{
    listener_rig *r = *state;
    deaf_port port = open_deaf_port();
    gt_dialer *dialer = gt_tcp_dialer(r->world, port.address);
    assert_int_equal(listen(port.fd, 0), 0);

    assert_int_equal(dial_till_it_hangs(r->world, dialer), GT_ETIMEDOUT);

    gt_dialer_free(dialer);
    close(port.fd);
}

/* The number that the next descriptor gets: higher when one has been left open. */
static int next_descriptor(void)
{
    int next = dup(0);
    close(next);
    return next;
}

static void ignore_failure(const gt_failure *failure, void *user)
{
    (void)failure;
    (void)user;
}

static void a_dial_under_way_goes_with_a_failed_world(void **state)
{
    (void)state;
    int next = next_descriptor();
    gt_world_options options = {.clock = GT_CLOCK_REAL, .on_failure = ignore_failure};
    listener_rig r = {.world = gt_world_new(&options)};
    attempt a = {.rig = &r};
    deaf_port port = open_deaf_port();
    r.dialer = gt_tcp_dialer(r.world, port.address);
    assert_int_equal(listen(port.fd, 0), 0);
    assert_int_equal(dial_till_it_hangs(r.world, r.dialer), GT_ETIMEDOUT);
    gt_task_detach(gt_spawn(r.world, "dialer", try_to_dial, &a));
    assert_int_equal(gt_settle(r.world), 0);

    gt_world_fail(r.world, "on purpose");
    gt_world_free(r.world);

    close(port.fd);
    assert_int_equal(next_descriptor(), next);
}

static void what_fails_leaves_no_descriptor(void **state)
{
    listener_rig *r = *state;
    gt_conn *conn;
    gt_listener *listener;
    deaf_port port = open_deaf_port();
    gt_dialer *dialer = gt_tcp_dialer(r->world, port.address);
    int next = next_descriptor();

    assert_int_equal(gt_dial(dialer, NULL, &conn), GT_EREFUSED);
    assert_int_equal(gt_tcp_listen(r->world, gt_listener_address(r->listener), &listener, NULL),
                     GT_EIO);

    assert_int_equal(next_descriptor(), next);
    gt_dialer_free(dialer);
    close(port.fd);
}

/* A world that has nothing to do says so, though there is something that nobody asked for. */
static void what_nobody_takes_keeps_no_world_awake(void **state)
{
    (void)state;
    gt_world_options options = {.clock = GT_CLOCK_REAL, .patience = GT_MS(30)};
    listener_rig r = {.world = gt_world_new(&options)};
    char byte;
    size_t count;
    gt_conn *none;
    assert_int_equal(gt_tcp_listen(r.world, "127.0.0.1:0", &r.listener, NULL), 0);
    r.dialer = gt_tcp_dialer(r.world, gt_listener_address(r.listener));
    gt_conn *first = dial(&r), *server = accept_next(&r);
    assert_int_equal(gt__listener_try_accept(r.listener, &none, __FILE__, __LINE__), GT_EAGAIN);
    gt_conn *second = dial(&r);
    assert_int_equal(gt_conn_try_read(server, &byte, 1, &count), GT_EAGAIN);
    assert_int_equal(gt_conn_try_write(first, "x", 1, &count), 0);
    gt_event *event = gt_event_new(r.world);

    gt_world_expect_deadlock(r.world, true);
    assert_int_equal(gt_event_wait(event, NULL), GT_EDEADLOCK);

    gt_event_free(event);
    gt_conn_free(first);
    gt_conn_free(second);
    gt_conn_free(server);
    gt_dialer_free(r.dialer);
    gt_listener_free(r.listener);
    gt_world_free(r.world);
}

static void a_process_out_of_descriptors_says_so(void **state)
{
    listener_rig *r = *state;
    struct rlimit before;
    gt_conn *conn, *client = dial(r);
    gt_listener *listener;
    char *reason;
    int next = next_descriptor();
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit tight = {.rlim_cur = (rlim_t)next, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);

    int dial_error = gt_dial(r->dialer, NULL, &conn);
    int accept_error = gt_accept(r->listener, NULL, &conn);
    int listen_error = gt_tcp_listen(r->world, "127.0.0.1:0", &listener, &reason);

    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(dial_error, GT_EIO);
    assert_int_equal(accept_error, GT_EIO);
    assert_int_equal(listen_error, GT_EIO);
    assert_string_equal(reason, "socket 127.0.0.1:0: Too many open files");
    gt_free(reason);
    gt_conn_free(client);
}

/* ---- listening ----------------------------------------------------------------------------- */

static void listening_on_localhost_is_listening_on_the_loopback(void **state)
{
    listener_rig *r = *state;
    gt_listener *listener;
    assert_int_equal(gt_tcp_listen(r->world, "localhost:0", &listener, NULL), 0);
    assert_int_equal(strncmp(gt_listener_address(listener), "127.0.0.1:", 10), 0);
    gt_listener_free(listener);
}

static void listening_on_no_address_is_invalid(void **state)
{
    listener_rig *r = *state;
    gt_listener *listener = r->listener;
    char *reason = gt__strdup("stale"), *stale = reason;

    assert_int_equal(gt_tcp_listen(r->world, "127.0.0.1", &listener, &reason), GT_EINVAL);

    assert_null(listener);
    assert_null(reason);
    gt__free(stale);
}

static void listening_where_another_does_tells_the_reason(void **state)
{
    listener_rig *r = *state;
    const char *address = gt_listener_address(r->listener);
    gt_listener *listener;
    char *reason;

    assert_int_equal(gt_tcp_listen(r->world, address, &listener, &reason), GT_EIO);

    char *expected = gt__printf("bind %s: Address already in use", address);
    assert_null(listener);
    assert_string_equal(reason, expected);
    gt_free(reason);
    gt__free(expected);
    assert_int_equal(gt_tcp_listen(r->world, address, &listener, NULL), GT_EIO);
}

/* ---- misuse -------------------------------------------------------------------------------- */

static void listen_on_a_virtual_clock(void *arg)
{
    gt_listener *listener;
    if (gt_tcp_listen_at(arg, "127.0.0.1:0", &listener, NULL, "tcp_test.c", 7) != 0)
        gt__misuse("it came back");
}

static void dial_on_a_virtual_clock(void *arg)
{
    gt_tcp_dialer_at(arg, "127.0.0.1:1", "tcp_test.c", 8);
}

static void sockets_on_a_virtual_clock_are_misuse(void **state)
{
    (void)state;
    gt_world *world = gt_world_new(NULL);
    assert_dies(listen_on_a_virtual_clock, world,
                "grpctest: gt_tcp_listen at tcp_test.c:7: sockets need a world with the real "
                "clock\n");
    assert_dies(dial_on_a_virtual_clock, world,
                "grpctest: gt_tcp_dialer at tcp_test.c:8: sockets need a world with the real "
                "clock\n");
    gt_world_free(world);
}

/* ---- the laws ------------------------------------------------------------------------------ */

static void open_tcp(gt_world *world, gt_listener **listener, gt_dialer **dialer)
{
    assert_int_equal(gt_tcp_listen(world, "127.0.0.1:0", listener, NULL), 0);
    *dialer = gt_tcp_dialer(world, gt_listener_address(*listener));
}

static void connect_tcp(const conn_kind *kind, gt_world *world, gt_conn **a, gt_conn **b)
{
    (void)kind;
    gt_listener *listener;
    gt_dialer *dialer;
    open_tcp(world, &listener, &dialer);
    assert_int_equal(gt_dial(dialer, NULL, a), 0);
    assert_int_equal(gt_accept(listener, NULL, b), 0);
    gt_dialer_free(dialer);
    gt_listener_free(listener);
}

#define TEST(name) LISTENER_TEST(name, &tcp)

int main(void)
{
    listener_kind tcp = {.name = "tcp", .clock = GT_CLOCK_REAL, .open = open_tcp, .kernel = true};
    const conn_kind kinds[] = {
        {.name = "tcp",
         .clock = GT_CLOCK_REAL,
         .connect = connect_tcp,
         .more_than_fits = 12 << 20,
         .kernel = true},
    };
    const struct CMUnitTest tests[] = {
        TEST(connections_are_of_their_own_kind),
        TEST(the_kernel_chooses_a_port),
        TEST(a_dial_that_nobody_hears_is_refused),
        TEST(a_dial_to_no_address_is_invalid),
        TEST(a_dial_that_the_kernel_refuses_is_an_error),
        TEST(a_dial_that_hangs_ends_with_its_context),
        cmocka_unit_test(a_dial_under_way_goes_with_a_failed_world),
        TEST(what_fails_leaves_no_descriptor),
        cmocka_unit_test(what_nobody_takes_keeps_no_world_awake),
        TEST(a_process_out_of_descriptors_says_so),
        TEST(listening_on_localhost_is_listening_on_the_loopback),
        TEST(listening_on_no_address_is_invalid),
        TEST(listening_where_another_does_tells_the_reason),
        cmocka_unit_test(sockets_on_a_virtual_clock_are_misuse),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    failures += run_listener_laws(&tcp, 1);
    return failures + run_conn_laws(kinds, sizeof kinds / sizeof kinds[0]);
}
