/* What a channel makes of its calls, frame by frame: rules R5, C1 to C4. */
#include "wire_kit.h"

#define METHOD "/a.B/C"

static gt_call *begin(wire_kit *k, gt_duration timeout)
{
    gt_call *call = gt_call_new(k->channel, METHOD, &(gt_call_options){.timeout = timeout});
    wire_accept(k);
    return call;
}

/* ---- M6: over the send limit ---- */

static void unary_of_eleven_bytes(void *arg)
{
    wire_kit *k = arg;
    gt_call *call = gt_unary(k->channel, METHOD, gt_bytes_str("hello world"), NULL);
    kit_assert_status(call, GT_RESOURCE_EXHAUSTED, "the request is larger than the send limit");
    gt_call_free(call);
}

static void a_request_over_the_send_limit_is_resource_exhausted(void **state)
{
    wire_kit *k = *state;
    wire_restart(k, 0, NULL, &(gt_channel_options){.max_send_size = 10});
    gt_task *task = gt_spawn(k->world, "client", unary_of_eleven_bytes, k);
    wire_accept(k);
    wire_feed(k);
    assert_null(strstr(gt_buffer_text(&k->frames), "DATA"));
    assert_int_equal(gt_task_join(task, NULL), 0);
}

/* ---- C1: the deadline ---- */

static void a_deadline_ends_the_call_and_resets_its_stream(void **state)
{
    wire_kit *k = *state;
    gt_call *call = begin(k, GT_MS(50));
    wire_expect_frames(k, "HEADERS stream=1 END_HEADERS\n"
                          "    :method: POST\n"
                          "    :scheme: http\n"
                          "    :path: /a.B/C\n"
                          "    :authority: bufconn:1\n"
                          "    grpc-timeout: 50000000n\n"
                          "    te: trailers\n"
                          "    content-type: application/grpc\n"
                          "    grpc-accept-encoding: identity,deflate,gzip\n"
                          "    user-agent: grpc-c-grpctest/0.1.0\n");

    kit_assert_status(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");

    assert_int_equal(gt_now(k->world), GT_MS(50));
    wire_expect_frames(k, "RST_STREAM stream=1 CANCEL\n");
    gt_call_free(call);
}

static void reset_at_50_ms(void *arg)
{
    wire_kit *k = arg;
    assert_int_equal(gt_sleep(k->world, GT_MS(50)), 0);
    gt_frame_write_rst_stream(&k->wire, 1, GT_H2_CANCEL);
    size_t size;
    assert_int_equal(gt_conn_try_write(k->end, k->wire.data, k->wire.size, &size), 0);
    gt_buffer_clear(&k->wire);
}

/* Which of the two is met first is the seed's choice. */
static void a_reset_at_the_deadline_reads_as_the_deadline(void **state)
{
    wire_kit *k = *state;
    for (uint64_t seed = 1; seed <= 32; seed++) {
        wire_restart(k, seed, NULL, NULL);
        gt_task *peer = gt_spawn(k->world, "peer", reset_at_50_ms, k);
        gt_call *call = begin(k, GT_MS(50));

        kit_assert_status(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");

        assert_int_equal(gt_task_join(peer, NULL), 0);
        assert_int_equal(gt_settle(k->world), 0);
        gt_call_free(call);
    }
}

/* ---- C3: cancelling ---- */

static void a_cancelled_call_resets_its_stream(void **state)
{
    wire_kit *k = *state;
    gt_call *call = begin(k, 0);
    gt_buffer_clear(&k->frames);

    gt_call_cancel(call);

    kit_assert_status(call, GT_CANCELLED, "the call was cancelled");
    wire_expect_frames(k, "RST_STREAM stream=1 CANCEL\n");
    gt_call_free(call);
}

/* ---- C2: one status, and nothing after it ---- */

static void what_comes_after_cancelling_is_not_delivered(void **state)
{
    wire_kit *k = *state;
    gt_call *call = begin(k, 0);
    gt_frame_write_response(&k->wire, 1);
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("early"));
    wire_feed(k);
    gt_call_cancel(call);
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("late"));
    gt_frame_write_trailers(&k->wire, 1, GT_OK, NULL);
    wire_feed(k);

    kit_assert_status(call, GT_CANCELLED, "the call was cancelled");
    gt_bytes message;
    assert_int_equal(gt_call_recv(call, &message), GT_EOF);
    gt_call_free(call);
}

static void cancelling_after_the_status_changes_nothing(void **state)
{
    wire_kit *k = *state;
    gt_call *call = begin(k, 0);
    gt_call_half_close(call);
    wire_feed(k);
    gt_buffer_clear(&k->frames);
    gt_frame_write_trailers_only(&k->wire, 1, GT_NOT_FOUND, "no");
    wire_feed(k);

    gt_call_cancel(call);

    kit_assert_status(call, GT_NOT_FOUND, "no");
    wire_expect_frames(k, "");
    gt_call_free(call);
}

/* ---- C4: the connection is lost ---- */

static void a_lost_connection_is_unavailable(void **state)
{
    wire_kit *k = *state;
    gt_call *call = begin(k, 0);
    gt_conn_reset(k->end);
    kit_assert_status(call, GT_UNAVAILABLE, "the connection was lost: reset");
    gt_call_free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WIRE_CHANNEL_TEST(a_request_over_the_send_limit_is_resource_exhausted),
        WIRE_CHANNEL_TEST(a_deadline_ends_the_call_and_resets_its_stream),
        WIRE_ENTRY("a_reset_at_the_deadline_reads_as_the_deadline",
                   a_reset_at_the_deadline_reads_as_the_deadline, wire_channel_whole),
        WIRE_CHANNEL_TEST(a_cancelled_call_resets_its_stream),
        WIRE_CHANNEL_TEST(what_comes_after_cancelling_is_not_delivered),
        WIRE_CHANNEL_TEST(cancelling_after_the_status_changes_nothing),
        WIRE_CHANNEL_TEST(a_lost_connection_is_unavailable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
