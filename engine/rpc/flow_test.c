/* Flow control end to end (rules H5, H6): our channel and our server over a pipe, whatever the
 * windows are. */
#include "rpc_test_kit.h"

#include "engine/sched/fiber_tools.h"

#include <malloc.h>

#define ECHO "/test.Test/Echo"
#define SLOW "/test.Test/Slow"

/* Bytes that differ from place to place. */
static gt_bytes large_message(size_t size)
{
    uint8_t *bytes = gt_alloc(size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    return gt_bytes_of(bytes, size);
}

static void free_message(gt_bytes message)
{
    gt_free((void *)(uintptr_t)message.data);
}

static void assert_echo(gt_channel *channel, size_t size)
{
    gt_bytes message = large_message(size), answer;
    gt_call *call = gt_unary(channel, ECHO, message, NULL);
    kit_assert_status(call, GT_OK, "");
    assert_int_equal(gt_call_recv(call, &answer), 0);
    assert_true(gt_bytes_equal(answer, message));
    gt_call_free(call);
    free_message(message);
}

/* ---- windows of any size --------------------------------------------------------------------- */

typedef struct windows {
    uint32_t stream, connection;
    size_t capacity, size; /* of the wire, of the message */
} windows;

static void assert_echo_through(windows w)
{
    kit k;
    uint32_t most = 128 * 1024 * 1024;
    kit_open(&k, &(kit_options){.capacity = w.capacity,
                                .server = {.stream_window = w.stream,
                                           .connection_window = w.connection,
                                           .max_receive_size = most},
                                .channel = {.stream_window = w.stream,
                                            .connection_window = w.connection,
                                            .max_receive_size = most}});
    gt_server_handle(k.server, ECHO, GT_UNARY, kit_echo, NULL);
    assert_echo(k.channel, w.size);
    kit_close(&k);
}

/* Less under the tools, which take their time. */
static void a_message_of_64_mib_passes_a_window_of_64_kib_both_ways(void **state)
{
    (void)state;
    size_t mib = gt__tools_want_fresh_stacks() ? 4 : 64;
    assert_echo_through((windows){.stream = 65536, .connection = 65536, .size = mib * 1024 * 1024});
}

static void a_message_passes_a_window_of_one_byte_both_ways(void **state)
{
    (void)state;
    assert_echo_through((windows){.stream = 1, .size = 3000});
}

static void a_message_passes_a_wire_of_one_byte_both_ways(void **state)
{
    (void)state;
    assert_echo_through((windows){.stream = 1000, .capacity = 1, .size = 30000});
}

static void a_message_passes_a_window_that_was_zero_both_ways(void **state)
{
    (void)state;
    assert_echo_through((windows){.stream = GT_WINDOW_ZERO, .size = 300000});
}

/* ---- a reader that stops --------------------------------------------------------------------- */

enum { PIECE = 1000, PIECES = 500 };

typedef struct sender {
    gt_call *call;
    int sent;
} sender;

static void send_pieces(void *arg)
{
    sender *s = arg;
    gt_bytes piece = large_message(PIECE);
    while (s->sent < PIECES && gt_call_send(s->call, piece) == 0)
        s->sent++;
    gt_call_half_close(s->call);
    free_message(piece);
}

/* Reads nothing for a second, and then everything. */
static int read_late(gt_call *call, void *user)
{
    gt_bytes message;
    int error = gt_context_sleep(gt_call_context(call), GT_SEC(1));
    while (!error && (error = gt_call_recv(call, &message)) == 0)
        ++*(int *)user;
    return error == GT_EOF ? 0 : error;
}

/* What it lets through meanwhile: the window at the reader, the mark at the sender. */
static void a_reader_that_stops_stops_its_own_stream_alone(void **state)
{
    kit *k = *state;
    int received = 0;
    gt_server_handle(k->server, SLOW, GT_BIDI_STREAMING, read_late, &received);
    gt_server_handle(k->server, ECHO, GT_UNARY, kit_echo, NULL);
    sender s = {.call = gt_call_new(k->channel, SLOW, NULL)};
    gt_task *task = gt_spawn(k->world, "sender", send_pieces, &s);
    assert_int_equal(gt_settle(k->world), 0);
    assert_in_range(s.sent, 65, 2 * 66);

    assert_echo(k->channel, 300000);

    assert_int_equal(gt_now(k->world), 0);
    assert_in_range(s.sent, 65, 2 * 66);
    kit_assert_status(s.call, GT_OK, "");
    assert_int_equal(gt_now(k->world), GT_SEC(1));
    assert_int_equal(received, PIECES);
    assert_int_equal(gt_task_join(task, NULL), 0);
    gt_call_free(s.call);
}

/* Bytes that malloc has given out. */
static size_t held(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* 25 MB would be sent. At each reader may wait its window, at each sender its mark. */
static void what_waits_for_readers_that_stopped_is_bounded(void **state)
{
    enum { CALLS = 50, EACH = 65535 + 65536 };
    kit *k = *state;
    int received = 0;
    sender senders[CALLS];
    gt_task *tasks[CALLS];
    if (gt__tools_want_fresh_stacks())
        skip(); /* their malloc does not tell */
    gt_server_handle(k->server, SLOW, GT_BIDI_STREAMING, read_late, &received);
    size_t before = held();
    for (int i = 0; i < CALLS; i++) {
        senders[i] = (sender){.call = gt_call_new(k->channel, SLOW, NULL)};
        tasks[i] = gt_spawn(k->world, "sender", send_pieces, &senders[i]);
    }
    assert_int_equal(gt_settle(k->world), 0);
    assert_in_range(held() - before, CALLS * EACH / 2, CALLS * EACH * 5 / 4);
    for (int i = 0; i < CALLS; i++) {
        kit_assert_status(senders[i].call, GT_OK, "");
        assert_int_equal(gt_task_join(tasks[i], NULL), 0);
        gt_call_free(senders[i].call);
    }
    assert_int_equal(received, CALLS * PIECES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_of_64_mib_passes_a_window_of_64_kib_both_ways),
        cmocka_unit_test(a_message_passes_a_window_of_one_byte_both_ways),
        cmocka_unit_test(a_message_passes_a_wire_of_one_byte_both_ways),
        cmocka_unit_test(a_message_passes_a_window_that_was_zero_both_ways),
        cmocka_unit_test_setup_teardown(a_reader_that_stops_stops_its_own_stream_alone, kit_setup,
                                        kit_teardown),
        cmocka_unit_test_setup_teardown(what_waits_for_readers_that_stopped_is_bounded, kit_setup,
                                        kit_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
