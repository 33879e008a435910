/* What tshark, where it is installed, makes of captures: that it finds HTTP/2 and gRPC by itself,
 * and nothing amiss. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/core.h"
#include "pcap_kit.h"

#include <grpctest/bufconn.h>
#include <grpctest/pcap.h>
#include <grpctest/rig.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

/* ---- tshark -------------------------------------------------------------------------------- */

/* What it says of a file, standard error apart; the caller frees it. Bodies are no protobuf here.
 */
static char *tshark(const char *path, const char *arguments)
{
    gt_buffer text = {0};
    char some[4096];
    size_t size;
    char *command = gt__printf("tshark --disable-protocol protobuf -o tcp.check_checksum:TRUE "
                               "-r %s %s 2>/dev/null",
                               path, arguments);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    while ((size = fread(some, 1, sizeof some, pipe)) > 0)
        gt_buffer_add(&text, gt_bytes_of(some, size));
    assert_int_equal(pclose(pipe), 0);
    gt__free(command);
    return gt__buffer_take_text(&text);
}

static void assert_tshark_says(const char *path, const char *arguments, const char *expected)
{
    char *text = tshark(path, arguments);
    assert_string_equal(text, expected);
    gt__free(text);
}

/* Neither what it finds malformed, nor a TCP that it wonders about, nor a wrong checksum. */
static void assert_nothing_amiss(const char *path)
{
    assert_tshark_says(path, "-Y '_ws.malformed or tcp.analysis.flags or tcp.checksum.status != 1'",
                       "");
}

/* ---- calls --------------------------------------------------------------------------------- */

typedef struct captured_rig {
    gt_rig *rig;
    gt_pcap *pcap;
    char *path;
} captured_rig;

static int set_up(void **state)
{
    captured_rig *r = gt__new(captured_rig);
    r->rig = gt_rig_new(&(gt_rig_options){.world.seed = GT_NO_SEED});
    r->path = scratch_path("calls.pcapng");
    assert_int_equal(gt_pcap_open(r->rig->world, r->path, &r->pcap, NULL), 0);
    gt_pcap_all(r->pcap);
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    captured_rig *r = *state;
    assert_int_equal(gt_pcap_close(r->pcap), 0);
    gt_rig_free(r->rig);
    gt__free(r->path);
    gt__free(r);
    return 0;
}

static int echo(gt_call *call, void *user)
{
    gt_bytes message;
    (void)user;
    while (gt_call_recv(call, &message) == 0)
        if (gt_call_send(call, message) != 0)
            return GT_INTERNAL;
    return GT_OK;
}

static int refuse_late(gt_call *call, void *user)
{
    (void)user;
    if (gt_context_sleep(gt_call_context(call), GT_MS(20)) != 0)
        return GT_CANCELLED;
    return gt_call_fail(call, GT_NOT_FOUND, "no such user");
}

static int hang(gt_call *call, void *user)
{
    (void)user;
    return gt_context_sleep(gt_call_context(call), GT_SEC(60));
}

static void send_and_receive(gt_call *call, const char *text)
{
    gt_bytes message;
    assert_int_equal(gt_call_send(call, gt_bytes_str(text)), 0);
    assert_int_equal(gt_call_recv(call, &message), 0);
}

#define INSTANTS "-e frame.time_relative"

static void a_unary_call_is_found_with_its_path_messages_and_status(void **state)
{
    captured_rig *r = *state;
    gt_server_handle(r->rig->server, "/users.Users/GetUser", GT_UNARY, refuse_late, NULL);
    gt_call_free(gt_unary(r->rig->channel, "/users.Users/GetUser", gt_bytes_str("jane"), NULL));

    assert_tshark_says(r->path, "-Y grpc -T fields " INSTANTS " -e grpc.message_length",
                       "0.000000000\t4\n");
    assert_tshark_says(r->path,
                       "-Y http2.headers.path -T fields " INSTANTS " -e http2.headers.path",
                       "0.000000000\t/users.Users/GetUser\n");
    assert_tshark_says(r->path,
                       "-Y http2.headers.status -T fields " INSTANTS " -e http2.header.value",
                       "0.020000000\t200,application/grpc,5,no such user\n");
    assert_nothing_amiss(r->path);
}

static void a_stream_is_found_message_by_message(void **state)
{
    captured_rig *r = *state;
    gt_server_handle(r->rig->server, "/chat.Chat/Talk", GT_BIDI_STREAMING, echo, NULL);
    gt_call *call = gt_call_new(r->rig->channel, "/chat.Chat/Talk", NULL);
    send_and_receive(call, "a");
    assert_int_equal(gt_sleep(r->rig->world, GT_SEC(3600)), 0);
    send_and_receive(call, "bcd");
    gt_call_half_close(call);
    assert_int_equal(gt_call_status(call)->code, GT_OK);
    gt_call_free(call);

    assert_tshark_says(r->path, "-Y grpc -T fields " INSTANTS " -e grpc.message_length",
                       "0.000000000\t1\n0.000000000\t1\n3600.000000000\t3\n3600.000000000\t3\n");
    assert_nothing_amiss(r->path);
}

static void a_reset_stream_shows_its_reason(void **state)
{
    captured_rig *r = *state;
    gt_server_handle(r->rig->server, "/users.Users/GetUser", GT_UNARY, hang, NULL);
    gt_call_free(gt_unary(r->rig->channel, "/users.Users/GetUser", gt_bytes_str("jane"),
                          &(gt_call_options){.timeout = GT_MS(50)}));
    assert_int_equal(gt_settle(r->rig->world), 0);

    assert_tshark_says(r->path,
                       "-Y http2.rst_stream.error -T fields " INSTANTS
                       " -e http2.streamid -e http2.rst_stream.error",
                       "0.050000000\t1\t8\n0.050000000\t1\t8\n");
    assert_nothing_amiss(r->path);
}

static void a_large_message_is_put_together_from_its_segments(void **state)
{
    captured_rig *r = *state;
    static const uint8_t zeros[100000];
    gt_server_handle(r->rig->server, "/chat.Chat/Talk", GT_BIDI_STREAMING, echo, NULL);
    gt_call_free(
        gt_unary(r->rig->channel, "/chat.Chat/Talk", gt_bytes_of(zeros, sizeof zeros), NULL));

    assert_tshark_says(r->path, "-Y grpc -T fields -e grpc.message_length", "100000\n100000\n");
    assert_nothing_amiss(r->path);
}

static void what_a_read_waits_for_shows_as_the_time_to_its_acknowledgement(void **state)
{
    captured_rig *r = *state;
    gt_conn *a, *b;
    char buffer[4];
    size_t count;
    gt_pipe(r->rig->world, 64, &a, &b);
    assert_int_equal(gt_conn_write(a, NULL, "ping", 4, &count), 0);
    assert_int_equal(gt_sleep(r->rig->world, GT_MS(40)), 0);
    assert_int_equal(gt_conn_read(b, NULL, buffer, 4, &count), 0);
    gt_conn_reset(a);
    gt_conn_free(a);
    gt_conn_free(b);

    assert_tshark_says(r->path,
                       "-Y 'tcp.stream == 0' -T fields -e frame.interface_name -e tcp.len "
                       "-e tcp.analysis.ack_rtt",
                       "pipe:1/a\t0\t\n"
                       "pipe:1/a\t0\t\n"
                       "pipe:1/a\t0\t\n"
                       "pipe:1/a\t4\t\n"
                       "pipe:1/a\t0\t0.040000000\n"
                       "pipe:1/a\t0\t\n");
    assert_nothing_amiss(r->path);
}

static void addresses_have_the_names_of_the_ends(void **state)
{
    captured_rig *r = *state;
    gt_call_free(gt_unary(r->rig->channel, "/users.Users/GetUser", gt_bytes_str("jane"), NULL));

    assert_tshark_says(r->path,
                       "-N n -c 1 -T fields -e frame.time_epoch -e ipv6.src_host -e ipv6.dst_host",
                       "946684800.000000000\tbufconn:1/1\tbufconn:1\n");
}

/* ---- any test, unchanged ------------------------------------------------------------------- */

static void an_example_is_captured_without_a_change(void **state)
{
    (void)state;
    char *path = scratch_path("example.pcapng");
    setenv("GRPCTEST_PCAP", path, 1);
    unsetenv("GRPCTEST_SEED");
    assert_int_equal(system(EXAMPLE_TEST " >/dev/null 2>&1"), 0);
    unsetenv("GRPCTEST_PCAP");

    assert_tshark_says(path, "-Y http2.headers.path -T fields -e tcp.stream -e http2.headers.path",
                       "0\t/person.SearchService/Search\n"
                       "1\t/person.SearchService/SearchIn\n"
                       "2\t/person.SearchService/SearchIn\n"
                       "3\t/person.SearchService/SearchOut\n"
                       "4\t/person.SearchService/SearchIO\n"
                       "5\t/person.SearchService/SearchIO\n"
                       "6\t/person.SearchService/SearchIO\n"
                       "7\t/person.SearchService/SearchIO\n");
    assert_nothing_amiss(path);
    gt__free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_unary_call_is_found_with_its_path_messages_and_status),
        TEST(a_stream_is_found_message_by_message),
        TEST(a_reset_stream_shows_its_reason),
        TEST(a_large_message_is_put_together_from_its_segments),
        TEST(what_a_read_waits_for_shows_as_the_time_to_its_acknowledgement),
        TEST(addresses_have_the_names_of_the_ends),
        cmocka_unit_test(an_example_is_captured_without_a_change),
    };
    if (system("tshark --version >/dev/null 2>&1") != 0) {
        fprintf(stderr, "tshark is not installed (ci/setup): nothing was tested\n");
        return 77;
    }
    setenv("WIRESHARK_CONFIG_DIR", "/nonexistent", 1); /* its defaults, nobody's preferences */
    unsetenv("GRPCTEST_PCAP");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
