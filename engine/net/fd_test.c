#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/core/core.h"
#include "engine/core/death_test.h"
#include "engine/wire/test_conn_laws.h"

#include <grpctest/net.h>

static int set_up(void **state)
{
    gt_world_options options = {.clock = GT_CLOCK_REAL};
    *state = gt_world_new(&options);
    return 0;
}

static int tear_down(void **state)
{
    gt_world_free(*state);
    return 0;
}

static void a_descriptor_becomes_a_connection(void **state)
{
    gt_world *world = *state;
    int fds[2];
    char buffer[4];
    size_t count;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    gt_conn *conn = gt_conn_from_fd(world, fds[0], "socketpair");

    assert_int_equal(write(fds[1], "ping", 4), 4);
    assert_int_equal(gt_conn_read(conn, NULL, buffer, 4, &count), 0);
    assert_memory_equal(buffer, "ping", 4);
    assert_int_equal(gt_conn_write(conn, NULL, "pong", 4, &count), 0);
    assert_int_equal(read(fds[1], buffer, 4), 4);
    assert_memory_equal(buffer, "pong", 4);

    assert_string_equal(gt_conn_kind(conn), "fd");
    assert_string_equal(gt_conn_local_name(conn), "socketpair");
    assert_string_equal(gt_conn_peer_name(conn), "socketpair/peer");
    gt_conn_free(conn);
    assert_int_equal(read(fds[1], buffer, 4), 0);
    close(fds[1]);
}

static void bytes_are_not_held_back_to_be_sent_together(void **state)
{
    gt_world *world = *state;
    gt_listener *listener;
    assert_int_equal(gt_tcp_listen(world, "127.0.0.1:0", &listener, NULL), 0);
    const char *colon = strrchr(gt_listener_address(listener), ':');
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(colon + 1)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), no_delay = 0;
    socklen_t size = sizeof no_delay;
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);

    gt_conn *conn = gt_conn_from_fd(world, fd, "client");

    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size), 0);
    assert_int_equal(no_delay, 1);
    gt_conn_free(conn);
    gt_listener_free(listener);
}

static void what_has_come_since_the_last_read_is_there_at_once(void **state)
{
    gt_world *world = *state;
    int fds[2];
    char byte;
    size_t count;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    gt_conn *conn = gt_conn_from_fd(world, fds[0], "socketpair");

    for (char next = 'a'; next < 'e'; next++) {
        assert_int_equal(write(fds[1], &next, 1), 1);
        assert_int_equal(gt_conn_try_read(conn, &byte, 1, &count), 0);
        assert_int_equal(byte, next);
    }

    assert_int_equal(gt_conn_try_read(conn, &byte, 1, &count), GT_EAGAIN);
    gt_conn_free(conn);
    close(fds[1]);
}

/* What has got its number since belongs to somebody else. */
static void a_descriptor_is_closed_once(void **state)
{
    (void)state;
    gt_world_options options = {.clock = GT_CLOCK_REAL};
    gt_world *world = gt_world_new(&options);
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    gt_conn *conn = gt_conn_from_fd(world, fds[0], "socketpair");

    gt_conn_close(conn);
    assert_int_equal(dup(fds[1]), fds[0]);
    gt_conn_free(conn);
    gt_world_free(world);

    assert_int_equal(close(fds[0]), 0);
    assert_int_equal(close(fds[1]), 0);
}

static void bytes_nobody_takes_are_given_up_at_the_worlds_end(void **state)
{
    (void)state;
    static const uint8_t zeros[65536];
    gt_world_options options = {.clock = GT_CLOCK_REAL};
    gt_world *world = gt_world_new(&options);
    int fds[2];
    char byte;
    size_t count;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    gt_conn *conn = gt_conn_from_fd(world, fds[0], "socketpair");
    while (gt_conn_try_write(conn, zeros, sizeof zeros, &count) == 0)
        continue;

    gt_conn_free(conn);
    gt_world_free(world);

    ssize_t size = 1;
    while (size > 0)
        size = read(fds[1], &byte, 1);
    assert_int_equal(size, 0);
    close(fds[1]);
}

static void connect_on_a_virtual_clock(void *arg)
{
    gt_conn_from_fd_at(arg, 0, "stdin", "fd_test.c", 9);
}

static void a_descriptor_on_a_virtual_clock_is_misuse(void **state)
{
    (void)state;
    gt_world *world = gt_world_new(NULL);
    assert_dies(connect_on_a_virtual_clock, world,
                "grpctest: gt_conn_from_fd at fd_test.c:9: sockets need a world with the real "
                "clock\n");
    gt_world_free(world);
}

static void connect_no_socket(void *arg)
{
    gt_conn_from_fd_at(arg, 99, "nothing", "fd_test.c", 9);
}

static void connect_a_datagram_socket(void *arg)
{
    dup2(socket(AF_INET, SOCK_DGRAM, 0), 99);
    connect_no_socket(arg);
}

static void a_descriptor_that_is_no_stream_socket_is_misuse(void **state)
{
    gt_world *world = *state;
    assert_dies(connect_no_socket, world,
                "grpctest: gt_conn_from_fd at fd_test.c:9: descriptor 99 is not a stream "
                "socket\n");
    assert_dies(connect_a_datagram_socket, world,
                "grpctest: gt_conn_from_fd at fd_test.c:9: descriptor 99 is not a stream "
                "socket\n");
}

/* ---- the laws ----------------------------------------------------------------------------- */

static void connect_socketpair(const conn_kind *kind, gt_world *world, gt_conn **a, gt_conn **b)
{
    (void)kind;
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    *a = gt_conn_from_fd(world, fds[0], "a");
    *b = gt_conn_from_fd(world, fds[1], "b");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void a_socket_that_leads_nowhere_is_an_error(void **state)
{
    gt_world *world = *state;
    char byte;
    size_t count;
    gt_conn *conn = gt_conn_from_fd(world, socket(AF_INET, SOCK_STREAM, 0), "nowhere");

    assert_int_equal(gt_conn_read(conn, NULL, &byte, 1, &count), GT_EIO);
    assert_int_equal(gt_conn_write(conn, NULL, "x", 1, &count), 0);
    assert_int_equal(gt_conn_write(conn, NULL, "x", 1, &count), GT_EPIPE);

    gt_conn_free(conn);
}

/* Also when the other side goes on talking to one who has left. */
static void the_last_bytes_go_out_as_they_are_taken(void **state)
{
    gt_world *world = *state;
    int fds[2];
    uint8_t bytes[4096] = {0};
    size_t count, written = 0, taken = 0;
    ssize_t size;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    gt_conn *conn = gt_conn_from_fd(world, fds[0], "leaves");
    assert_int_equal(gt_conn_try_read(conn, bytes, 1, &count), GT_EAGAIN);
    while (gt_conn_try_write(conn, bytes, sizeof bytes, &count) == 0)
        written += count;

    gt_conn_free(conn);

    assert_int_equal(write(fds[1], "still there?", 12), 12);
    assert_int_equal(gt_settle(world), 0);
    while ((size = read(fds[1], bytes, sizeof bytes)) > 0) {
        taken += (size_t)size;
        assert_int_equal(gt_settle(world), 0);
    }
    assert_int_equal(taken, written);
    close(fds[1]);
}

int main(void)
{
    const conn_kind kinds[] = {
        {.name = "socketpair",
         .clock = GT_CLOCK_REAL,
         .connect = connect_socketpair,
         .more_than_fits = 2 << 20,
         .kernel = true,
         .reset_is_close = true},
    };
    const struct CMUnitTest tests[] = {
        TEST(a_descriptor_becomes_a_connection),
        TEST(bytes_are_not_held_back_to_be_sent_together),
        TEST(what_has_come_since_the_last_read_is_there_at_once),
        cmocka_unit_test(a_descriptor_is_closed_once),
        TEST(a_descriptor_that_is_no_stream_socket_is_misuse),
        cmocka_unit_test(bytes_nobody_takes_are_given_up_at_the_worlds_end),
        cmocka_unit_test(a_descriptor_on_a_virtual_clock_is_misuse),
        TEST(a_socket_that_leads_nowhere_is_an_error),
        TEST(the_last_bytes_go_out_as_they_are_taken),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    return failures + run_conn_laws(kinds, sizeof kinds / sizeof kinds[0]);
}
