#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcap_kit.h"
#include "tcp_story.h"

#define START 946684800000000000u

typedef struct told {
    gt_buffer out;
    gt__tcp_story story;
} told;

static int set_up(void **state)
{
    told *t = gt__new(told);
    gt__tcp_story_init(&t->story, &t->out, 0, 0, 1);
    gt__tcp_story_connected(&t->story, START, NULL);
    *state = t;
    return 0;
}

static int tear_down(void **state)
{
    told *t = *state;
    gt_buffer_cleanup(&t->out);
    gt__free(t);
    return 0;
}

#define CONNECTED                                                                                  \
    "0.000 ms  1 > 2  SYN 0\n"                                                                     \
    "0.000 ms  2 > 1  SYN ACK 0 1\n"                                                               \
    "0.000 ms  1 > 2  ACK 1 1\n"

static void assert_told(told *t, const char *expected)
{
    char *text = pcap_text(gt_buffer_bytes(&t->out));
    assert_string_equal(text, expected);
    gt__free(text);
}

static void the_first_packet_is_as_specified(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt__tcp_story story;
    gt__tcp_story_init(&story, &out, 0, 0x123456789abc, 0x10002);
    gt__tcp_story_connected(&story, 1, NULL);
    static const uint8_t expected[] = {
        0x60, 0,    0,    0,    0,    28,   6,    64,               /* IPv6, 28 bytes of TCP */
        0xfd, 0,    0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc,             /* from the place ... */
        0,    0,    0,    1,    0,    2,    0,    1,                /* ... the number, end 0 */
        0xfd, 0,    0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc,             /* to */
        0,    0,    0,    1,    0,    2,    0,    2,                /* end 1 */
        0x9c, 0x40, 0,    80,   0,    0,    0,    0,    0, 0, 0, 0, /* ports 40000, 80; 0, 0 */
        0x70, 0x02, 0xff, 0xff, 0,    0,    0,    0,                /* SYN, window, checksum */
        2,    4,    0x05, 0xa0, 3,    3,    14,   0,                /* segments of 1440, 1 GiB */
    };

    assert_int_equal(out.data[28 + 56] << 8 | out.data[28 + 57], 0xd9c6);
    memset(out.data + 28 + 56, 0, 2);
    assert_memory_equal(out.data + 28, expected, sizeof expected);
    gt_buffer_cleanup(&out);
}

static void a_handshake_comes_first_with_a_comment(void **state)
{
    (void)state;
    gt_buffer out = {0};
    gt__tcp_story story;
    gt__tcp_story_init(&story, &out, 0, 0, 7);
    gt__tcp_story_connected(&story, START + GT_MS(2), "why");

    char *text = pcap_text(gt_buffer_bytes(&out));
    assert_string_equal(text, "2.000 ms  7:1 > 7:2  SYN 0  [why]\n"
                              "2.000 ms  7:2 > 7:1  SYN ACK 0 1\n"
                              "2.000 ms  7:1 > 7:2  ACK 1 1\n");
    gt__free(text);
    gt_buffer_cleanup(&out);
}

static void bytes_are_told_as_written_and_acknowledged_as_taken(void **state)
{
    told *t = *state;

    gt__tcp_story_sent(&t->story, START + GT_MS(1), 0, gt_bytes_str("ping"));
    gt__tcp_story_taken(&t->story, START + GT_MS(2), 1, 3);
    gt__tcp_story_sent(&t->story, START + GT_MS(3), 1, gt_bytes_str("pong!"));
    gt__tcp_story_taken(&t->story, START + GT_MS(4), 1, 1);
    gt__tcp_story_taken(&t->story, START + GT_MS(4), 1, 0);

    assert_told(t, CONNECTED "1.000 ms  1 > 2  PSH ACK 1 1  \"ping\"\n"
                             "2.000 ms  2 > 1  ACK 1 4\n"
                             "3.000 ms  2 > 1  PSH ACK 1 4  \"pong!\"\n"
                             "4.000 ms  2 > 1  ACK 6 5\n");
}

static void a_long_write_is_told_in_segments(void **state)
{
    told *t = *state;
    static const uint8_t zeros[2 * GT__STORY_SEGMENT + 1];

    gt__tcp_story_sent(&t->story, START, 0, gt_bytes_of(zeros, sizeof zeros));

    assert_told(t, CONNECTED "0.000 ms  1 > 2  PSH ACK 1 1  1440 bytes\n"
                             "0.000 ms  1 > 2  PSH ACK 1441 1  1440 bytes\n"
                             "0.000 ms  1 > 2  PSH ACK 2881 1  1 bytes\n");
}

static void numbers_begin_anew_past_four_gigabytes(void **state)
{
    told *t = *state;
    t->story.ends[0].sent = UINT32_MAX - 1;
    t->story.ends[1].taken = UINT32_MAX - 1;

    gt__tcp_story_sent(&t->story, START, 0, gt_bytes_str("abcd"));
    gt__tcp_story_taken(&t->story, START, 1, 4);
    gt__tcp_story_ended(&t->story, START, 0);
    gt__tcp_story_saw_end(&t->story, START, 1);

    assert_told(t, CONNECTED "0.000 ms  1 > 2  PSH ACK 4294967294 1  \"abcd\"\n"
                             "0.000 ms  2 > 1  ACK 1 2\n"
                             "0.000 ms  1 > 2  FIN ACK 2 1\n"
                             "0.000 ms  2 > 1  ACK 1 3\n");
}

static void each_end_ends_once_and_is_acknowledged_once(void **state)
{
    told *t = *state;

    for (int times = 0; times < 2; times++) {
        gt__tcp_story_ended(&t->story, START, 0);
        gt__tcp_story_sent(&t->story, START, 0, gt_bytes_str("too late"));
        gt__tcp_story_saw_end(&t->story, START, 1);
        gt__tcp_story_ended(&t->story, START, 1);
        gt__tcp_story_saw_end(&t->story, START, 0);
    }

    assert_told(t, CONNECTED "0.000 ms  1 > 2  FIN ACK 1 1\n"
                             "0.000 ms  2 > 1  ACK 1 2\n"
                             "0.000 ms  2 > 1  FIN ACK 1 2\n"
                             "0.000 ms  1 > 2  ACK 2 2\n");
}

static void an_end_is_not_acknowledged_before_what_came_first(void **state)
{
    told *t = *state;
    gt__tcp_story_saw_end(&t->story, START, 1);
    gt__tcp_story_sent(&t->story, START, 0, gt_bytes_str("x"));
    gt__tcp_story_ended(&t->story, START, 0);
    gt__tcp_story_saw_end(&t->story, START, 1);

    gt__tcp_story_taken(&t->story, START + GT_MS(1), 1, 1);
    gt__tcp_story_saw_end(&t->story, START + GT_MS(2), 1);

    assert_told(t, CONNECTED "0.000 ms  1 > 2  PSH ACK 1 1  \"x\"\n"
                             "0.000 ms  1 > 2  FIN ACK 2 1\n"
                             "1.000 ms  2 > 1  ACK 1 2\n"
                             "2.000 ms  2 > 1  ACK 1 3\n");
}

static void nothing_is_told_after_a_reset(void **state)
{
    told *t = *state;
    gt__tcp_story_sent(&t->story, START, 0, gt_bytes_str("x"));

    gt__tcp_story_reset(&t->story, START, 1);
    gt__tcp_story_reset(&t->story, START, 0);
    gt__tcp_story_sent(&t->story, START, 0, gt_bytes_str("y"));
    gt__tcp_story_taken(&t->story, START, 1, 1);
    gt__tcp_story_ended(&t->story, START, 0);
    gt__tcp_story_saw_end(&t->story, START, 1);

    assert_told(t, CONNECTED "0.000 ms  1 > 2  PSH ACK 1 1  \"x\"\n"
                             "0.000 ms  2 > 1  RST ACK 1 1\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_packet_is_as_specified),
        cmocka_unit_test(a_handshake_comes_first_with_a_comment),
        TEST(bytes_are_told_as_written_and_acknowledged_as_taken),
        TEST(a_long_write_is_told_in_segments),
        TEST(numbers_begin_anew_past_four_gigabytes),
        TEST(each_end_ends_once_and_is_acknowledged_once),
        TEST(an_end_is_not_acknowledged_before_what_came_first),
        TEST(nothing_is_told_after_a_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
