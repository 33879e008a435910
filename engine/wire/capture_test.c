/* Connections of every kind, captured by a test; capture_asked_test.c has those that the
 * environment asks for, pcap_tshark_test.c sees what Wireshark makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture_kit.h"
#include "engine/core/core.h"
#include "engine/core/death_test.h"

#include <grpctest/bufconn.h>
#include <grpctest/net.h>
#include <grpctest/pcap.h>
#include <grpctest/weather.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct rig {
    gt_world *world;
    char *path;
    gt_pcap *pcap;
} rig;

static rig *new_rig(gt_clock clock)
{
    rig *r = gt__new(rig);
    r->world = kit_world(clock);
    r->path = scratch_path("capture.pcapng");
    assert_int_equal(gt_pcap_open(r->world, r->path, &r->pcap, NULL), 0);
    return r;
}

static int set_up(void **state)
{
    *state = new_rig(GT_CLOCK_AUTO);
    return 0;
}

static int set_up_real(void **state)
{
    *state = new_rig(GT_CLOCK_REAL);
    return 0;
}

static int tear_down(void **state)
{
    rig *r = *state;
    assert_int_equal(gt_pcap_close(r->pcap), 0);
    gt_world_free(r->world);
    unlink(r->path);
    gt__free(r->path);
    gt__free(r);
    return 0;
}

static void take(gt_conn *conn, size_t size)
{
    char buffer[64];
    size_t count;
    assert_int_equal(gt_conn_read(conn, NULL, buffer, size, &count), 0);
    assert_int_equal(count, size);
}

static void take_end(gt_conn *conn)
{
    char byte;
    size_t count;
    assert_int_equal(gt_conn_read(conn, NULL, &byte, 1, &count), GT_EOF);
}

static void pass(rig *r, gt_duration duration)
{
    assert_int_equal(gt_sleep(r->world, duration), 0);
}

/* ---- pipes --------------------------------------------------------------------------------- */

static void a_pipe_is_told_from_both_its_ends(void **state)
{
    rig *r = *state;
    gt_conn *a, *b;
    gt_pcap_all(r->pcap);
    gt_pipe(r->world, 64, &a, &b);

    kit_put(a, "ping");
    pass(r, GT_MS(5));
    take(b, 4);
    kit_put(b, "pong");
    pass(r, GT_MS(1));
    take(a, 4);
    gt_conn_free(a);
    pass(r, GT_MS(1));
    take_end(b);
    gt_conn_free(b);

    kit_assert_file(r->path, KIT_PIPE "0.000 ms  1 > 2  PSH ACK 1 1  \"ping\"\n"
                                      "5.000 ms  2 > 1  ACK 1 5\n"
                                      "5.000 ms  2 > 1  PSH ACK 1 5  \"pong\"\n"
                                      "6.000 ms  1 > 2  ACK 5 5\n"
                                      "6.000 ms  1 > 2  FIN ACK 5 5\n"
                                      "7.000 ms  2 > 1  ACK 5 6\n"
                                      "7.000 ms  2 > 1  FIN ACK 5 6\n"
                                      "7.000 ms  1 > 2  ACK 6 6\n");
}

static void a_half_close_is_told_when_it_happens(void **state)
{
    rig *r = *state;
    gt_conn *a, *b;
    gt_pipe(r->world, 64, &a, &b);
    gt_pcap_conn(r->pcap, a);

    assert_int_equal(gt_conn_close_write(a), 0);
    pass(r, GT_MS(1));
    take_end(b);
    take_end(b);
    kit_put(b, "late");
    take(a, 4);
    gt_conn_free(b);
    gt_conn_free(a);

    kit_assert_file(r->path, KIT_PIPE "0.000 ms  1 > 2  FIN ACK 1 1\n"
                                      "1.000 ms  2 > 1  ACK 1 2\n"
                                      "1.000 ms  2 > 1  PSH ACK 1 2  \"late\"\n"
                                      "1.000 ms  1 > 2  ACK 2 5\n"
                                      "1.000 ms  2 > 1  FIN ACK 5 2\n"
                                      "1.000 ms  1 > 2  ACK 2 6\n");
}

static void a_reset_is_told_by_who_did_it(void **state)
{
    rig *r = *state;
    gt_conn *a, *b;
    gt_pipe(r->world, 64, &a, &b);
    gt_pcap_conn(r->pcap, b);
    kit_put(a, "lost");

    gt_conn_reset(b);
    gt_conn_free(a);
    gt_conn_free(b);

    kit_assert_file(r->path, KIT_PIPE "0.000 ms  1 > 2  PSH ACK 1 1  \"lost\"\n"
                                      "0.000 ms  2 > 1  RST ACK 1 1\n");
}

static void what_nobody_took_is_not_acknowledged(void **state)
{
    rig *r = *state;
    gt_conn *a, *b;
    gt_pipe(r->world, 64, &a, &b);
    gt_pcap_conn(r->pcap, a);
    kit_put(a, "unread");

    gt_conn_free(a);
    gt_conn_free(b);

    kit_assert_file(r->path, KIT_PIPE "0.000 ms  1 > 2  PSH ACK 1 1  \"unread\"\n"
                                      "0.000 ms  1 > 2  FIN ACK 7 1\n"
                                      "0.000 ms  2 > 1  FIN ACK 1 1\n"
                                      "0.000 ms  1 > 2  ACK 8 2\n");
}

static void latency_lies_between_a_packet_and_its_acknowledgement(void **state)
{
    rig *r = *state;
    gt_conn *a, *b;
    gt_pipe(r->world, 64, &a, &b);
    gt_pcap_conn(r->pcap, a);
    gt_link_weather(gt_link_of(a), &(gt_weather){.latency = GT_MS(50)});

    kit_put(a, "ping");
    assert_int_equal(gt_conn_close_write(a), 0);
    take(b, 4);
    take_end(b);

    kit_assert_file(r->path, KIT_PIPE "0.000 ms  1 > 2  PSH ACK 1 1  \"ping\"\n"
                                      "0.000 ms  1 > 2  FIN ACK 5 1\n"
                                      "50.000 ms  2 > 1  ACK 1 5\n"
                                      "50.000 ms  2 > 1  ACK 1 6\n");
    gt_conn_free(a);
    gt_conn_free(b);
}

static void a_cut_is_told_when_it_is_seen(void **state)
{
    rig *r = *state;
    gt_conn *a, *b;
    gt_pipe(r->world, 64, &a, &b);
    gt_pcap_conn(r->pcap, a);
    gt_link_cut_after(gt_link_from(a), 2, GT_CUT_CLOSE);

    kit_put(a, "ping");
    take(b, 2);
    take_end(b);

    kit_assert_file(r->path, KIT_PIPE "0.000 ms  1 > 2  PSH ACK 1 1  \"ping\"\n"
                                      "0.000 ms  2 > 1  ACK 1 3\n"
                                      "0.000 ms  1 > 2  FIN ACK 5 1\n");
    gt_conn_free(a);
    gt_conn_free(b);
}

static void who_dialled_comes_first(void **state)
{
    rig *r = *state;
    gt_listener *listener = gt_bufconn_listen(r->world, 64);
    gt_dialer *dialer = gt_bufconn_dialer(listener);
    gt_conn *dialled, *accepted;
    assert_int_equal(gt_dial(dialer, NULL, &dialled), 0);
    assert_int_equal(gt_accept(listener, NULL, &accepted), 0);
    gt_pcap_conn(r->pcap, accepted);
    kit_put(accepted, "hi");

    kit_assert_file(r->path, "section\n"
                             "interface bufconn:1/1: pipe from bufconn:1/1 to bufconn:1\n"
                             "names bufconn:1/1, bufconn:1\n"
                             "0.000 ms  1 > 2  SYN 0  [the test was at w_test.c:7]\n"
                             "0.000 ms  2 > 1  SYN ACK 0 1\n"
                             "0.000 ms  1 > 2  ACK 1 1\n"
                             "0.000 ms  2 > 1  PSH ACK 1 1  \"hi\"\n");
    gt_conn_free(dialled);
    gt_conn_free(accepted);
    gt_dialer_free(dialer);
    gt_listener_free(listener);
}

/* ---- which, and since when ----------------------------------------------------------------- */

static void only_the_connections_that_were_named_are_captured(void **state)
{
    rig *r = *state;
    gt_conn *a, *b, *c, *d;
    gt_pipe(r->world, 64, &a, &b);
    gt_pipe(r->world, 64, &c, &d);
    gt_pcap_conn(r->pcap, a);
    gt_pcap_conn(r->pcap, a);
    gt_pcap_conn(r->pcap, b);
    kit_put(a, "one");
    kit_put(c, "two");

    kit_assert_file(r->path, KIT_PIPE "0.000 ms  1 > 2  PSH ACK 1 1  \"one\"\n");
    gt_conn_free(a);
    gt_conn_free(b);
    gt_conn_free(c);
    gt_conn_free(d);
}

static void connections_are_numbered(void **state)
{
    rig *r = *state;
    gt_conn *a, *b, *c, *d;
    gt_pcap_all(r->pcap);
    gt_pcap_all(r->pcap);
    gt_pipe(r->world, 64, &a, &b);
    gt_pipe(r->world, 64, &c, &d);
    kit_put(c, "two");

    kit_assert_file(r->path, KIT_PIPE "interface pipe:2/a: pipe from pipe:2/a to pipe:2/b\n"
                                      "names pipe:2/a, pipe:2/b\n"
                                      "0.000 ms  2:1 > 2:2  SYN 0  [the test was at w_test.c:7]\n"
                                      "0.000 ms  2:2 > 2:1  SYN ACK 0 1\n"
                                      "0.000 ms  2:1 > 2:2  ACK 1 1\n"
                                      "0.000 ms  2:1 > 2:2  PSH ACK 1 1  \"two\"\n");
    gt_conn_free(a);
    gt_conn_free(b);
    gt_conn_free(c);
    gt_conn_free(d);
}

static void a_connection_can_go_to_two_files_and_outlive_them(void **state)
{
    rig *r = *state;
    char *path = scratch_path("second");
    gt_pcap *second;
    gt_conn *a, *b;
    gt_pipe(r->world, 64, &a, &b);
    gt_pcap_conn(r->pcap, a);
    kit_put(a, "x");
    assert_int_equal(gt_pcap_open(r->world, path, &second, NULL), 0);
    gt_pcap_conn(second, b);

    kit_put(a, "y");
    assert_int_equal(gt_pcap_close(r->pcap), 0);
    r->pcap = NULL;
    kit_put(a, "z");
    assert_int_equal(gt_pcap_close(second), 0);
    kit_put(a, "!");
    take(b, 4);
    gt_conn_free(a);
    gt_conn_free(b);

    kit_assert_file(r->path, KIT_PIPE "0.000 ms  1 > 2  PSH ACK 1 1  \"x\"\n"
                                      "0.000 ms  1 > 2  PSH ACK 2 1  \"y\"\n");
    kit_assert_file(path, KIT_PIPE "0.000 ms  1 > 2  PSH ACK 1 1  \"y\"\n"
                                   "0.000 ms  1 > 2  PSH ACK 2 1  \"z\"\n");
    gt__free(path);
}

static void bytes_from_before_the_capture_are_not_acknowledged(void **state)
{
    rig *r = *state;
    gt_conn *a, *b;
    gt_pipe(r->world, 64, &a, &b);
    kit_put(a, "before");
    gt_pcap_conn(r->pcap, a);

    kit_put(a, "after");
    take(b, 11);

    kit_assert_file(r->path, KIT_PIPE "0.000 ms  1 > 2  PSH ACK 1 1  \"after\"\n"
                                      "0.000 ms  2 > 1  ACK 1 6\n");
    gt_conn_free(a);
    gt_conn_free(b);
}

static void a_connection_of_another_world(void *arg)
{
    rig *r = arg;
    gt_conn *a, *b;
    gt_world *world = kit_world(GT_CLOCK_AUTO);
    gt_pipe(world, 64, &a, &b);
    gt_pcap_conn(r->pcap, a);
}

static void a_connection_of_another_world_is_misuse(void **state)
{
    rig *r = *state;
    char *expected =
        gt__printf("grpctest: gt_pcap_conn: connection \"pipe:1/a\" is of another world "
                   "than the capture \"%s\"\n",
                   r->path);
    assert_dies(a_connection_of_another_world, r, expected);
    gt__free(expected);
}

static void a_file_that_cannot_be_opened_says_why(void **state)
{
    rig *r = *state;
    char *reason, *path = scratch_path("no/folder");
    char *expected = gt__printf("%s: No such file or directory", path);
    gt_pcap *pcap = r->pcap;

    assert_int_equal(gt_pcap_open(r->world, path, &pcap, &reason), GT_EIO);

    assert_null(pcap);
    assert_string_equal(reason, expected);
    gt_free(reason);
    gt__free(expected);
    gt__free(path);
}

static void closing_nothing_is_no_error(void **state)
{
    (void)state;
    assert_int_equal(gt_pcap_close(NULL), 0);
}

static void forget_a_capture(void *arg)
{
    rig *r = arg;
    gt_world_free(r->world);
}

static void a_capture_that_is_forgotten_is_left_over(void **state)
{
    char words[1024];
    read_death(forget_a_capture, *state, words, sizeof words);
    assert_non_null(strstr(words, "left over when the world was freed:\n  pcap made at "));
}

/* ---- nothing changes ----------------------------------------------------------------------- */

static void pump(void *conn)
{
    char buffer[8];
    size_t count;
    while (gt_conn_read(conn, NULL, buffer, sizeof buffer, &count) == 0)
        if (gt_conn_write(conn, NULL, buffer, count, &count) != 0)
            return;
}

/* The digest of a run in which tasks meet in an order that the seed decides. */
static uint64_t digest_of_a_run(const char *path)
{
    gt_conn *conns[6];
    gt_pcap *pcap = NULL;
    gt_world *world = gt_world_new(&(gt_world_options){.seed = 42});
    if (path) {
        assert_int_equal(gt_pcap_open(world, path, &pcap, NULL), 0);
        gt_pcap_all(pcap);
    }
    for (int i = 0; i < 6; i += 2) {
        gt_pipe(world, 16, &conns[i], &conns[i + 1]);
        gt_task_detach(gt_spawn(world, "pump", pump, conns[i + 1]));
    }
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 6; i += 2)
            kit_put(conns[i], "0123456789");
        assert_int_equal(gt_sleep(world, GT_MS(1)), 0);
        for (int i = 0; i < 6; i += 2)
            take(conns[i], 10);
    }
    for (int i = 0; i < 6; i += 2)
        gt_conn_free(conns[i]);
    assert_int_equal(gt_settle(world), 0);
    for (int i = 1; i < 6; i += 2)
        gt_conn_free(conns[i]);
    uint64_t digest = gt_world_digest(world);
    assert_int_equal(gt_pcap_close(pcap), 0);
    gt_world_free(world);
    return digest;
}

static void a_capture_does_not_change_the_run(void **state)
{
    (void)state;
    char *path = scratch_path("digest");

    assert_true(digest_of_a_run(path) == digest_of_a_run(NULL));

    gt__free(path);
}

static void equal_runs_give_equal_files(void **state)
{
    (void)state;
    char *path = scratch_path("equal");
    digest_of_a_run(path);
    gt_buffer first = read_file(path);
    digest_of_a_run(path);
    gt_buffer second = read_file(path);

    assert_true(gt_bytes_equal(gt_buffer_bytes(&first), gt_buffer_bytes(&second)));

    gt_buffer_cleanup(&first);
    gt_buffer_cleanup(&second);
    gt__free(path);
}

static void count_bytes(void *user, gt_conn *conn, bool written, gt_bytes bytes, gt_time now)
{
    (void)conn;
    (void)written;
    (void)now;
    *(size_t *)user += bytes.size;
}

static void the_tap_stays_the_tests_own(void **state)
{
    rig *r = *state;
    size_t seen = 0;
    gt_conn *a, *b;
    gt_pcap_all(r->pcap);
    gt_pipe(r->world, 64, &a, &b);
    gt_conn_tap(a, count_bytes, &seen);

    kit_put(a, "ping");

    assert_int_equal(seen, 4);
    kit_assert_file(r->path, KIT_PIPE "0.000 ms  1 > 2  PSH ACK 1 1  \"ping\"\n");
    gt_conn_free(a);
    gt_conn_free(b);
}

/* ---- descriptors --------------------------------------------------------------------------- */

/* The text without its instants, which are real. */
static char *timeless_text(const char *path)
{
    gt_buffer text = {0};
    char *whole = pcap_text_of(path), *rest = whole, *line;
    while ((line = strsep(&rest, "\n")) && *line) {
        char *packet = strstr(line, " ms  ");
        gt__buffer_printf(&text, "%s\n", packet ? packet + 5 : line);
    }
    gt__free(whole);
    return gt__buffer_take_text(&text);
}

static void the_far_side_of_a_socket_is_told_by_what_the_near_one_sees(void **state)
{
    rig *r = *state;
    int fds[2];
    char byte;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    gt_pcap_all(r->pcap);
    gt_conn *conn = gt_conn_from_fd(r->world, fds[0], "code");

    kit_put(conn, "x");
    assert_int_equal(read(fds[1], &byte, 1), 1);
    assert_int_equal(write(fds[1], "yz", 2), 2);
    take(conn, 2);
    close(fds[1]);
    take_end(conn);
    gt_conn_free(conn);

    char *text = timeless_text(r->path);
    assert_string_equal(text, "section\n"
                              "interface code: fd from code to code/peer\n"
                              "names code, code/peer\n"
                              "1 > 2  SYN 0  [the test was at w_test.c:7]\n"
                              "2 > 1  SYN ACK 0 1\n"
                              "1 > 2  ACK 1 1\n"
                              "1 > 2  PSH ACK 1 1  \"x\"\n"
                              "2 > 1  ACK 1 2\n"
                              "2 > 1  PSH ACK 1 2  \"yz\"\n"
                              "1 > 2  ACK 2 3\n"
                              "2 > 1  FIN ACK 3 2\n"
                              "1 > 2  ACK 2 4\n"
                              "1 > 2  FIN ACK 2 4\n"
                              "2 > 1  ACK 4 3\n");
    gt__free(text);
}

static void both_ends_of_tcp_are_captured_each_by_itself(void **state)
{
    rig *r = *state;
    gt_listener *listener;
    gt_conn *dialled, *accepted;
    gt_pcap_all(r->pcap);
    assert_int_equal(gt_tcp_listen(r->world, "127.0.0.1:0", &listener, NULL), 0);
    gt_dialer *dialer = gt_tcp_dialer(r->world, gt_listener_address(listener));
    assert_int_equal(gt_dial(dialer, NULL, &dialled), 0);
    assert_int_equal(gt_accept(listener, NULL, &accepted), 0);

    kit_put(dialled, "x");
    take(accepted, 1);
    gt_conn_reset(accepted);
    char byte;
    size_t count;
    assert_int_equal(gt_conn_read(dialled, NULL, &byte, 1, &count), GT_ERESET);

    char *text = timeless_text(r->path);
    assert_non_null(strstr(text, "1 > 2  PSH ACK 1 1  \"x\"\n"
                                 "2 > 1  ACK 1 2\n"
                                 "2:1 > 2:2  PSH ACK 1 1  \"x\"\n"
                                 "2:2 > 2:1  ACK 1 2\n"
                                 "2:2 > 2:1  RST ACK 1 2\n"
                                 "2 > 1  RST ACK 1 2\n"));
    gt__free(text);
    gt_conn_free(dialled);
    gt_conn_free(accepted);
    gt_dialer_free(dialer);
    gt_listener_free(listener);
}

static int64_t real_now(void)
{
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    return GT_SEC(now.tv_sec) + now.tv_nsec;
}

static void on_the_real_clock_instants_are_the_time_of_day(void **state)
{
    rig *r = *state;
    char *path = scratch_path("late");
    gt_pcap *late;
    gt_conn *a, *b;
    pass(r, GT_MS(20)); /* the world has begun before the file */
    assert_int_equal(gt_pcap_open(r->world, path, &late, NULL), 0);
    gt_pipe(r->world, 64, &a, &b);

    int64_t before = real_now();
    gt_pcap_conn(late, a);
    int64_t after = real_now();

    char *text = pcap_text_of(path);
    double told = strtod(strchr(strstr(text, "names"), '\n'), NULL);
    assert_true(told > (double)(before - GT_SEC(946684800)) / 1e6 - 5);
    assert_true(told < (double)(after - GT_SEC(946684800)) / 1e6 + 5);
    gt__free(text);
    gt__free(path);
    assert_int_equal(gt_pcap_close(late), 0);
    gt_conn_free(a);
    gt_conn_free(b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TEST_REAL(name) cmocka_unit_test_setup_teardown(name, set_up_real, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_pipe_is_told_from_both_its_ends),
        TEST(a_half_close_is_told_when_it_happens),
        TEST(a_reset_is_told_by_who_did_it),
        TEST(what_nobody_took_is_not_acknowledged),
        TEST(latency_lies_between_a_packet_and_its_acknowledgement),
        TEST(a_cut_is_told_when_it_is_seen),
        TEST(who_dialled_comes_first),
        TEST(only_the_connections_that_were_named_are_captured),
        TEST(connections_are_numbered),
        TEST(a_connection_can_go_to_two_files_and_outlive_them),
        TEST(bytes_from_before_the_capture_are_not_acknowledged),
        TEST(a_connection_of_another_world_is_misuse),
        TEST(a_file_that_cannot_be_opened_says_why),
        cmocka_unit_test(closing_nothing_is_no_error),
        TEST(a_capture_that_is_forgotten_is_left_over),
        cmocka_unit_test(a_capture_does_not_change_the_run),
        cmocka_unit_test(equal_runs_give_equal_files),
        TEST(the_tap_stays_the_tests_own),
        TEST_REAL(the_far_side_of_a_socket_is_told_by_what_the_near_one_sees),
        TEST_REAL(both_ends_of_tcp_are_captured_each_by_itself),
        TEST_REAL(on_the_real_clock_instants_are_the_time_of_day),
    };
    unsetenv("GRPCTEST_PCAP"); /* it is asked for where a test asks for it */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
