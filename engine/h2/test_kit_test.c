/* The kit itself, by one ordinary call in each role. */
#include "test_kit.h"

static void a_server_sees_a_call_and_answers_it(void **state)
{
    kit *k = *state;
    kit_write_request(k, 1);
    gt_frame_write_message(&k->wire, 1, GT_FLAG_END_STREAM, gt_bytes_str("hello"));
    kit_expect_events(k,
                      "REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc\n"
                      "MESSAGE stream=1 \"hello\"\n"
                      "HALF_CLOSE stream=1\n");
    kit_send(k, 1, "welcome");
    kit_finish(k, 1, GT_OK, "");
    kit_expect_frames(k, "HEADERS stream=1 END_HEADERS\n"
                         "    :status: 200\n"
                         "    content-type: application/grpc\n"
                         "    grpc-accept-encoding: identity,deflate,gzip\n"
                         "DATA stream=1 length=12\n"
                         "    message length=7 \"welcome\"\n"
                         "HEADERS stream=1 END_STREAM END_HEADERS\n"
                         "    grpc-status: 0\n");
    kit_expect_events(k, "CLOSED stream=1\n");
}

static void a_client_makes_a_call_and_reads_the_answer(void **state)
{
    kit *k = *state;
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(k->h2, &request, 0, NULL, &stream), 0);
    kit_send(k, stream, "hello");
    gt__h2_half_close(k->h2, stream);
    kit_expect_frames(k, "HEADERS stream=1 END_HEADERS\n"
                         "    :method: POST\n"
                         "    :scheme: http\n"
                         "    :path: /a.B/C\n"
                         "    :authority: localhost\n"
                         "    te: trailers\n"
                         "    content-type: application/grpc\n"
                         "    grpc-accept-encoding: identity,deflate,gzip\n"
                         "    user-agent: grpc-c-grpctest/0.1.0\n"
                         "DATA stream=1 END_STREAM length=10\n"
                         "    message length=5 \"hello\"\n");
    gt_frame_write_response(&k->wire, stream);
    gt_frame_write_message(&k->wire, stream, 0, gt_bytes_str("welcome"));
    gt_frame_write_trailers(&k->wire, stream, GT_NOT_FOUND, "no more");
    kit_expect_events(k, "HEADERS stream=1\n"
                         "MESSAGE stream=1 \"welcome\"\n"
                         "STATUS stream=1 NOT_FOUND \"no more\"\n"
                         "CLOSED stream=1\n");
    kit_expect_frames(k, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(a_server_sees_a_call_and_answers_it),
        CLIENT_TEST(a_client_makes_a_call_and_reads_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
