/* Messages on their way in: rules M1 to M3 and M6 to M8. */
#include "test_kit.h"

#define REQUEST "REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc\n"

#define REFUSAL(code, message)                                                                     \
    "HEADERS stream=1 END_STREAM END_HEADERS\n"                                                    \
    "    :status: 200\n"                                                                           \
    "    content-type: application/grpc\n"                                                         \
    "    grpc-status: " code "\n"                                                                  \
    "    grpc-message: " message "\n"                                                              \
    "RST_STREAM stream=1 NO_ERROR\n"

static void write_data(kit *k, uint8_t flags, const char *bytes, size_t size)
{
    gt_frame_write_data(&k->wire, 1, flags, gt_bytes_of(bytes, size));
}

static void open_call(kit *k, bool unary_response)
{
    const gt__h2_request request = {
        .path = "/a.B/C", .deadline = GT_NEVER, .unary_response = unary_response};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(k->h2, &request, 0, NULL, &stream), 0);
    gt__h2_half_close(k->h2, stream);
    kit_feed(k);
    gt_frame_write_response(&k->wire, 1);
    kit_expect_events(k, "HEADERS stream=1\n");
    gt_buffer_clear(&k->frames);
}

/* ---- M1, M2: frames and messages share no boundaries ---- */

static void many_messages_come_in_one_frame(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    write_data(k, GT_FLAG_END_STREAM,
               "\0\0\0\0\x01"
               "a"
               "\0\0\0\0\0"
               "\0\0\0\0\x02"
               "bc",
               18);
    kit_expect_events(k, REQUEST "MESSAGE stream=1 \"a\"\n"
                                 "MESSAGE stream=1 \"\"\n"
                                 "MESSAGE stream=1 \"bc\"\n"
                                 "HALF_CLOSE stream=1\n");
}

static void a_message_comes_in_frames_of_one_byte(void **state)
{
    kit *k = *state;
    static const char message[] = "\0\0\0\0\x05hello";
    kit_write_request(k, 1);
    for (size_t i = 0; i < 10; i++)
        write_data(k, 0, message + i, 1);
    write_data(k, GT_FLAG_END_STREAM, "", 0);
    kit_expect_events(k, REQUEST "MESSAGE stream=1 \"hello\"\nHALF_CLOSE stream=1\n");
}

static void a_message_and_the_next_prefix_share_a_frame(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    write_data(k, 0, "\0\0\0", 3);
    write_data(k, 0,
               "\0\x03"
               "abc"
               "\0\0",
               7);
    kit_expect_events(k, REQUEST "MESSAGE stream=1 \"abc\"\n");
    write_data(k, GT_FLAG_END_STREAM, "\0\0\x01z", 4);
    kit_expect_events(k, "MESSAGE stream=1 \"z\"\nHALF_CLOSE stream=1\n");
}

static void padding_is_no_part_of_a_message(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    gt_frame_write_data_padded(&k->wire, 1, 0,
                               gt_bytes_of("\0\0\0\0\x04"
                                           "ab",
                                           7),
                               255);
    gt_frame_write_data_padded(&k->wire, 1, GT_FLAG_END_STREAM, gt_bytes_str("cd"), 0);
    kit_expect_events(k, REQUEST "MESSAGE stream=1 \"abcd\"\nHALF_CLOSE stream=1\n");
}

static void messages_of_two_streams_do_not_mix(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    kit_write_request(k, 3);
    gt_frame_write_data(&k->wire, 1, 0, gt_bytes_of("\0\0\0\0\x04on", 7));
    gt_frame_write_data(&k->wire, 3, 0, gt_bytes_of("\0\0\0\0\x04th", 7));
    gt_frame_write_data(&k->wire, 1, 0, gt_bytes_str("e!"));
    gt_frame_write_data(&k->wire, 3, 0, gt_bytes_str("re"));
    kit_expect_events(k, REQUEST
                      "REQUEST stream=3 /a.B/C authority=localhost content-type=application/grpc\n"
                      "MESSAGE stream=1 \"one!\"\n"
                      "MESSAGE stream=3 \"thre\"\n");
}

static void another_flag_than_0_or_1_is_internal(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    write_data(k, 0,
               "\x02\0\0\0\x01"
               "a",
               6);
    kit_expect_events(k, REQUEST "ABORTED stream=1 INTERNAL \"a message starts with the flag 2, "
                                 "which is neither 0 nor 1\"\n"
                                 "CLOSED stream=1\n");
    kit_expect_frames(k,
                      REFUSAL("13", "a message starts with the flag 2, which is neither 0 nor 1"));
}

/* ---- messages that nobody takes ---- */

static void start_with_room_for_two(kit *k)
{
    kit_restart(k, &(gt__h2_options){.limits.max_waiting_messages = 2});
    kit_handshake(k);
    k->keep_credit = true;
}

/* Windows bound their bytes, but not what empty ones take. */
static void messages_that_wait_have_a_limit(void **state)
{
    kit *k = *state;
    start_with_room_for_two(k);
    kit_write_request(k, 1);
    kit_write_request(k, 3);
    write_data(k, 0, "\0\0\0\0\0\0\0\0\0\0", 10);
    gt_frame_write_data(&k->wire, 3, 0, gt_bytes_of("\0\0\0\0\0", 5));
    kit_expect_events(k, REQUEST
                      "REQUEST stream=3 /a.B/C authority=localhost content-type=application/grpc\n"
                      "MESSAGE stream=1 uncredited=5 \"\"\n"
                      "MESSAGE stream=1 uncredited=5 \"\"\n"
                      "ABORTED stream=3 RESOURCE_EXHAUSTED \"2 messages wait on the connection, "
                      "which is the limit\"\n"
                      "CLOSED stream=3\n");
}

static void a_message_that_is_taken_makes_room(void **state)
{
    kit *k = *state;
    start_with_room_for_two(k);
    kit_write_request(k, 1);
    write_data(k, 0, "\0\0\0\0\0\0\0\0\0\0", 10);
    kit_feed(k);
    gt__h2_taken(k->h2, 1, 5);
    write_data(k, 0, "\0\0\0\0\0", 5);
    kit_expect_events(k, REQUEST "MESSAGE stream=1 uncredited=5 \"\"\n"
                                 "MESSAGE stream=1 uncredited=5 \"\"\n"
                                 "MESSAGE stream=1 uncredited=5 \"\"\n");
}

static void a_call_that_is_over_leaves_no_message_waiting(void **state)
{
    kit *k = *state;
    start_with_room_for_two(k);
    kit_write_request(k, 1);
    write_data(k, 0, "\0\0\0\0\0\0\0\0\0\0", 10);
    gt_frame_write_rst_stream(&k->wire, 1, GT_H2_CANCEL);
    kit_expect_events(k, REQUEST "MESSAGE stream=1 uncredited=5 \"\"\n"
                                 "MESSAGE stream=1 uncredited=5 \"\"\n"
                                 "ABORTED stream=1 CANCELLED *\n"
                                 "CLOSED stream=1\n");
    kit_write_request(k, 3);
    gt_frame_write_data(&k->wire, 3, 0, gt_bytes_of("\0\0\0\0\0", 5));
    kit_expect_events(k,
                      "REQUEST stream=3 /a.B/C authority=localhost content-type=application/grpc\n"
                      "MESSAGE stream=3 uncredited=5 \"\"\n");
}

/* ---- M3: compression ---- */

static void a_compressed_message_without_an_encoding_is_internal(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    write_data(k, 0,
               "\x01\0\0\0\x01"
               "a",
               6);
    kit_expect_events(k, REQUEST "ABORTED stream=1 INTERNAL \"a message is flagged as compressed, "
                                 "but no grpc-encoding was named\"\n"
                                 "CLOSED stream=1\n");
    kit_expect_frames(
        k, REFUSAL("13", "a message is flagged as compressed, but no grpc-encoding was named"));
}

static void a_client_ends_a_call_whose_response_has_another_flag(void **state)
{
    kit *k = *state;
    open_call(k, false);
    write_data(k, 0,
               "\xff\0\0\0\x01"
               "a",
               6);
    kit_expect_events(k, "STATUS stream=1 INTERNAL \"a message starts with the flag 255, which is "
                         "neither 0 nor 1\"\n"
                         "CLOSED stream=1\n");
    kit_expect_frames(k, "RST_STREAM stream=1 CANCEL\n");
}

/* ---- M6: limits ---- */

static void a_message_of_the_limit_is_taken(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.max_receive_size = 10});
    kit_handshake(k);
    kit_write_request(k, 1);
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("0123456789"));
    kit_expect_events(k, REQUEST "MESSAGE stream=1 \"0123456789\"\n");
}

static void one_byte_more_is_refused_by_its_prefix_alone(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.max_receive_size = 10});
    kit_handshake(k);
    kit_write_request(k, 1);
    write_data(k, 0, "\0\0\0\0\x0b", 5);
    kit_expect_events(k, REQUEST "ABORTED stream=1 RESOURCE_EXHAUSTED \"a message of 11 bytes is "
                                 "larger than the limit of 10\"\n"
                                 "CLOSED stream=1\n");
    kit_expect_frames(k, REFUSAL("8", "a message of 11 bytes is larger than the limit of 10"));
}

static void the_limit_is_4_mib_unless_set(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    write_data(k, 0, "\0\0\x40\0\0", 5);
    kit_expect_events(k, REQUEST);
    kit_write_request(k, 3);
    gt_frame_write_data(&k->wire, 3, 0, gt_bytes_of("\0\0\x40\0\x01", 5));
    kit_expect_events(
        k, "REQUEST stream=3 /a.B/C authority=localhost content-type=application/grpc\n"
           "ABORTED stream=3 RESOURCE_EXHAUSTED \"a message of 4194305 bytes is larger than the "
           "limit of 4194304\"\n"
           "CLOSED stream=3\n");
}

static void a_client_ends_a_call_whose_response_is_too_large(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.max_receive_size = 3});
    kit_handshake(k);
    open_call(k, true);
    write_data(k, 0, "\0\xff\xff\xff\xff", 5);
    kit_expect_events(
        k, "STATUS stream=1 RESOURCE_EXHAUSTED \"a message of 4294967295 bytes is larger "
           "than the limit of 3\"\n"
           "CLOSED stream=1\n");
    kit_expect_frames(k, "RST_STREAM stream=1 CANCEL\n");
}

static void a_message_over_the_send_limit_is_refused_to_the_sender(void **state)
{
    kit *k = *state;
    kit_restart(k, &(gt__h2_options){.max_send_size = 3});
    kit_handshake(k);
    kit_write_request(k, 1);
    kit_expect_events(k, REQUEST);
    int error = 0;
    assert_null(gt__h2_send_begin(k->h2, 1, 4, &error));
    assert_int_equal(error, GT_ETOOBIG);
    kit_send(k, 1, "abc");
    kit_expect_frames(k, "HEADERS stream=1 END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc\n"
                         "    grpc-accept-encoding: identity,deflate,gzip\n"
                         "DATA stream=1 length=8\n"
                         "    message length=3 \"abc\"\n");
}

/* ---- M7: an end inside a message ---- */

static void a_request_that_ends_inside_a_message_is_internal(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    write_data(k, GT_FLAG_END_STREAM, "\0\0\0\0\x05hell", 9);
    kit_expect_events(k,
                      REQUEST "ABORTED stream=1 INTERNAL \"the request ended inside a message\"\n"
                              "CLOSED stream=1\n");
    kit_expect_frames(k, "HEADERS stream=1 END_STREAM END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc\n"
                         "    grpc-status: 13\n"
                         "    grpc-message: the request ended inside a message\n");
}

static void a_request_that_ends_inside_a_prefix_is_internal(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    write_data(k, GT_FLAG_END_STREAM, "\0\0\0\0", 4);
    kit_expect_events(k,
                      REQUEST "ABORTED stream=1 INTERNAL \"the request ended inside a message\"\n"
                              "CLOSED stream=1\n");
}

static void an_ok_after_half_a_message_reads_internal(void **state)
{
    kit *k = *state;
    open_call(k, false);
    write_data(k, 0, "\0\0\0\0\x05hell", 9);
    gt_frame_write_trailers(&k->wire, 1, GT_OK, NULL);
    kit_expect_events(k, "STATUS stream=1 INTERNAL \"the stream ended inside a message\"\n"
                         "CLOSED stream=1\n");
}

static void another_status_after_half_a_message_wins(void **state)
{
    kit *k = *state;
    open_call(k, false);
    write_data(k, 0, "\0\0\0\0\x05hell", 9);
    gt_frame_write_trailers(&k->wire, 1, GT_NOT_FOUND, "gone");
    kit_expect_events(k, "VIOLATION M7 stream=1 the stream ended inside a message\n"
                         "STATUS stream=1 NOT_FOUND \"gone\"\n"
                         "CLOSED stream=1\n");
}

/* ---- M8: a method that answers with one message ---- */

static void no_message_where_one_was_due_is_unimplemented(void **state)
{
    kit *k = *state;
    open_call(k, true);
    gt_frame_write_trailers(&k->wire, 1, GT_OK, NULL);
    kit_expect_events(k, "STATUS stream=1 UNIMPLEMENTED \"the method answers with one message, the "
                         "peer sent none\"\n"
                         "CLOSED stream=1\n");
}

static void two_messages_where_one_was_due_are_unimplemented(void **state)
{
    kit *k = *state;
    open_call(k, true);
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("one"));
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("two"));
    gt_frame_write_trailers(&k->wire, 1, GT_OK, NULL);
    kit_expect_events(k, "MESSAGE stream=1 \"one\"\n"
                         "STATUS stream=1 UNIMPLEMENTED \"the method answers with one message, the "
                         "peer sent more\"\n"
                         "CLOSED stream=1\n");
}

static void another_status_wins_over_the_count_of_messages(void **state)
{
    kit *k = *state;
    open_call(k, true);
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("one"));
    gt_frame_write_message(&k->wire, 1, 0, gt_bytes_str("two"));
    gt_frame_write_trailers(&k->wire, 1, GT_ABORTED, "no");
    kit_expect_events(k, "MESSAGE stream=1 \"one\"\n"
                         "STATUS stream=1 ABORTED \"no\"\n"
                         "CLOSED stream=1\n");
}

static void a_streaming_response_may_hold_any_number(void **state)
{
    kit *k = *state;
    open_call(k, false);
    gt_frame_write_trailers(&k->wire, 1, GT_OK, NULL);
    kit_expect_events(k, "STATUS stream=1 OK \"\"\nCLOSED stream=1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(many_messages_come_in_one_frame),
        SERVER_TEST(a_message_comes_in_frames_of_one_byte),
        SERVER_TEST(a_message_and_the_next_prefix_share_a_frame),
        SERVER_TEST(padding_is_no_part_of_a_message),
        SERVER_TEST(messages_of_two_streams_do_not_mix),
        SERVER_TEST(messages_that_wait_have_a_limit),
        SERVER_TEST(a_message_that_is_taken_makes_room),
        SERVER_TEST(a_call_that_is_over_leaves_no_message_waiting),
        SERVER_TEST(another_flag_than_0_or_1_is_internal),
        SERVER_TEST(a_compressed_message_without_an_encoding_is_internal),
        CLIENT_TEST(a_client_ends_a_call_whose_response_has_another_flag),
        SERVER_TEST(a_message_of_the_limit_is_taken),
        SERVER_TEST(one_byte_more_is_refused_by_its_prefix_alone),
        SERVER_TEST(the_limit_is_4_mib_unless_set),
        CLIENT_TEST(a_client_ends_a_call_whose_response_is_too_large),
        SERVER_TEST(a_message_over_the_send_limit_is_refused_to_the_sender),
        SERVER_TEST(a_request_that_ends_inside_a_message_is_internal),
        SERVER_TEST(a_request_that_ends_inside_a_prefix_is_internal),
        CLIENT_TEST(an_ok_after_half_a_message_reads_internal),
        CLIENT_TEST(another_status_after_half_a_message_wins),
        CLIENT_TEST(no_message_where_one_was_due_is_unimplemented),
        CLIENT_TEST(two_messages_where_one_was_due_are_unimplemented),
        CLIENT_TEST(another_status_wins_over_the_count_of_messages),
        CLIENT_TEST(a_streaming_response_may_hold_any_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
