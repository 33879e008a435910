/* How the journal reads where a peer ends a call otherwise than by a status. */
#include "wire_kit.h"

#define METHOD "/a.B/C"
#define OPENED                                                                                     \
    "call 1  /a.B/C  over bufconn:1\n"                                                             \
    "      0.000 ms  ->  HEADERS\n"

static gt_call *begin(wire_kit *k, gt_duration timeout)
{
    gt_call *call = gt_call_new(k->channel, METHOD, &(gt_call_options){.timeout = timeout});
    wire_accept(k);
    return call;
}

/* What the peer has to say, and how the call then reads; it goes. */
static void assert_reads(wire_kit *k, gt_call *call, const char *expected)
{
    wire_feed(k);
    char *text = gt_call_transcript(call);
    assert_string_equal(text, expected);
    gt_free(text);
    gt_call_free(call);
}

static void a_status_that_trailers_bring_reads_as_a_status(void **state)
{
    wire_kit *k = *state;
    gt_call *call = begin(k, 0);
    gt_frame_write_response(&k->wire, 1);
    gt_frame_write_trailers(&k->wire, 1, GT_CANCELLED, "no more");

    assert_reads(k, call,
                 OPENED "      0.000 ms  <-  HEADERS\n"
                        "      0.000 ms  <-  STATUS      CANCELLED \"no more\"\n");
}

static void a_reset_reads_as_a_reset_and_what_it_means(void **state)
{
    wire_kit *k = *state;
    gt_call *call = begin(k, 0);
    gt_frame_write_rst_stream(&k->wire, 1, GT_H2_ENHANCE_YOUR_CALM);

    assert_reads(k, call,
                 OPENED "      0.000 ms  <-  RESET       ENHANCE_YOUR_CALM\n"
                        "      0.000 ms  --  END         RESOURCE_EXHAUSTED \"the peer reset the "
                        "stream with ENHANCE_YOUR_CALM\"\n");
}

static void an_end_without_a_status_reads_as_an_end_with_the_trailers(void **state)
{
    wire_kit *k = *state;
    gt_call *call = begin(k, 0);
    gt_frame_write_response(&k->wire, 1);
    gt_frame_write_headers_text(&k->wire, 1, GT_FLAG_END_HEADERS | GT_FLAG_END_STREAM, "a: b\n");

    assert_reads(
        k, call,
        OPENED
        "      0.000 ms  <-  HEADERS\n"
        "      0.000 ms  --  END         UNKNOWN \"the stream ended without grpc-status\"  a=b\n");
}

static void a_status_that_does_not_stand_reads_as_an_end(void **state)
{
    wire_kit *k = *state;
    gt_call *call = begin(k, 0);
    gt_frame_write_response(&k->wire, 1);
    gt_frame_write_data(&k->wire, 1, 0, gt_bytes_of("\0\0\0", 3));
    gt_frame_write_trailers(&k->wire, 1, GT_OK, NULL);

    assert_reads(
        k, call,
        OPENED "      0.000 ms  <-  HEADERS\n"
               "      0.000 ms  --  END         INTERNAL \"the stream ended inside a message\"\n");
}

static void a_lost_connection_reads_as_an_end(void **state)
{
    wire_kit *k = *state;
    gt_call *call = begin(k, 0);
    gt_conn_reset(k->end);
    assert_int_equal(gt_settle(k->world), 0);

    char *text = gt_call_transcript(call);
    assert_string_equal(
        text,
        OPENED "      0.000 ms  --  END         UNAVAILABLE \"the connection was lost: reset\"\n");
    gt_free(text);
    gt_call_free(call);
}

static void a_goaway_is_told_with_its_reason_and_last_stream(void **state)
{
    wire_kit *k = *state;
    gt_call *call = begin(k, 0);
    gt_frame_write_goaway(&k->wire, 0, GT_H2_ENHANCE_YOUR_CALM, gt_bytes_str("too many \"pings\""));
    wire_feed(k);

    char *text = gt_journal_text(k->world);

    assert_string_equal(text, "      0.000 ms  <-  GOAWAY      peer bufconn:1: ENHANCE_YOUR_CALM, "
                              "last stream 0 \"too many \\\"pings\\\"\"\n" OPENED
                              "      0.000 ms  --  END         UNAVAILABLE \"the peer said GOAWAY "
                              "with ENHANCE_YOUR_CALM: too many \\\"pings\\\"\"\n");
    gt_free(text);
    gt_call_free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WIRE_CHANNEL_TEST(a_status_that_trailers_bring_reads_as_a_status),
        WIRE_CHANNEL_TEST(a_reset_reads_as_a_reset_and_what_it_means),
        WIRE_CHANNEL_TEST(an_end_without_a_status_reads_as_an_end_with_the_trailers),
        WIRE_CHANNEL_TEST(a_status_that_does_not_stand_reads_as_an_end),
        WIRE_CHANNEL_TEST(a_lost_connection_reads_as_an_end),
        WIRE_CHANNEL_TEST(a_goaway_is_told_with_its_reason_and_last_stream),
    };
    return cmocka_run_group_tests_name("journal_wire", tests, NULL, NULL);
}
