#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "line.h"

#define MBIT ((uint64_t)1000000)

static int set_up(void **state)
{
    gt__line *line = gt__new(gt__line);
    gt__line_init(line, 100000, 0, 1, "line_test", 0);
    *state = line;
    return 0;
}

static int tear_down(void **state)
{
    gt__line_cleanup(*state);
    gt__free(*state);
    return 0;
}

static void put_at(gt__line *line, gt_time now, size_t size)
{
    gt__line_move(line, now);
    gt__line_put(line, size);
    gt__line_move(line, now);
}

/* That the byte before `position` arrives at this nanosecond and at none before. */
static void assert_arrives(gt__line *line, uint64_t position, gt_time expected)
{
    gt__line_move(line, expected - 1);
    assert_true(line->arrived < position);
    gt__line_move(line, expected);
    assert_true(line->arrived >= position);
}

/* ---- latency ------------------------------------------------------------------------------- */

static void in_clear_weather_bytes_arrive_as_they_are_put(void **state)
{
    gt__line *line = *state;

    put_at(line, 5, 70000);

    assert_int_equal(line->arrived, 70000);
    assert_int_equal(gt__line_next(line), GT_NEVER);
}

static void latency_delays_every_byte_and_takes_no_turns(void **state)
{
    gt__line *line = *state;
    gt__line_set_weather(line, &(gt_weather){.latency = GT_MS(50)});

    put_at(line, 0, 70000);
    put_at(line, GT_MS(20), 1);

    assert_int_equal(gt__line_next(line), GT_MS(50));
    assert_arrives(line, 70000, GT_MS(50));
    assert_int_equal(line->arrived, 70000);
    assert_arrives(line, 70001, GT_MS(70));
}

static void what_has_left_keeps_its_hour_when_the_weather_changes(void **state)
{
    gt__line *line = *state;
    gt__line_set_weather(line, &(gt_weather){.latency = GT_MS(50)});
    put_at(line, 0, 1);

    gt__line_set_weather(line, &(gt_weather){.latency = GT_MS(200)});
    put_at(line, 0, 1);

    assert_arrives(line, 1, GT_MS(50));
    assert_arrives(line, 2, GT_MS(200));
}

static void nothing_overtakes_where_the_latency_falls(void **state)
{
    gt__line *line = *state;
    gt__line_set_weather(line, &(gt_weather){.latency = GT_MS(50)});
    put_at(line, 0, 1);

    gt__line_set_weather(line, &(gt_weather){.latency = GT_MS(1)});
    put_at(line, GT_MS(10), 1);

    assert_arrives(line, 2, GT_MS(50));
}

/* ---- bandwidth ----------------------------------------------------------------------------- */

static void a_mebibyte_over_ten_megabits_arrives_at_the_computed_nanosecond(void **state)
{
    gt__line *line = *state;
    line->capacity = 1 << 20;
    gt__line_set_weather(line, &(gt_weather){.latency = GT_MS(50), .bandwidth = 10 * MBIT});

    put_at(line, 0, 1 << 20);

    /* The first packet of 1,460 bytes needs 1,168,000 ns, all of it 838,860,800. */
    assert_arrives(line, 1, 51168000);
    assert_int_equal(line->arrived, 1460);
    assert_arrives(line, 1 << 20, 888860800);
}

static void a_packet_takes_what_is_there_and_waits_for_no_more(void **state)
{
    gt__line *line = *state;
    gt__line_set_weather(line, &(gt_weather){.bandwidth = 8 * MBIT}); /* 1,000 ns a byte */

    put_at(line, 0, 9);
    put_at(line, 0, 100);

    assert_arrives(line, 9, 9000);
    assert_int_equal(line->arrived, 9);
    assert_arrives(line, 109, 109000);
}

static void an_idle_line_begins_when_there_is_something_to_carry(void **state)
{
    gt__line *line = *state;
    gt__line_set_weather(line, &(gt_weather){.bandwidth = 8 * MBIT});
    put_at(line, 0, 1);

    put_at(line, 5000, 1);

    assert_arrives(line, 2, 6000);
}

static void fractions_of_a_nanosecond_add_up_and_are_rounded_up_where_they_show(void **state)
{
    gt__line *line = *state;
    /* 8/3 ns a byte */
    gt__line_set_weather(line, &(gt_weather){.bandwidth = 3000 * MBIT, .packet = 1});

    put_at(line, 0, 4);

    assert_arrives(line, 1, 3);
    assert_arrives(line, 2, 6);
    assert_arrives(line, 3, 8);
    assert_arrives(line, 4, 11);
}

static void a_million_small_writes_arrive_when_one_large_one_does(void **state)
{
    (void)state;
    gt__line lines[2];
    for (int i = 0; i < 2; i++) {
        gt__line_init(&lines[i], 2000000, 0, 0, "line_test", 0);
        gt__line_set_weather(&lines[i], &(gt_weather){.bandwidth = 7 * MBIT});
    }

    for (int i = 0; i < 1000000; i++)
        put_at(&lines[0], 0, 1);
    put_at(&lines[1], 0, 1000000);

    /* 8,000,000 / 7 microseconds, rounded up */
    assert_arrives(&lines[0], 1000000, 1142857143);
    assert_arrives(&lines[1], 1000000, 1142857143);
    gt__line_cleanup(&lines[0]);
    gt__line_cleanup(&lines[1]);
}

static void what_waits_to_leave_goes_by_the_new_bandwidth(void **state)
{
    gt__line *line = *state;
    gt__line_set_weather(line, &(gt_weather){.bandwidth = 8 * MBIT, .packet = 10});
    put_at(line, 0, 30);

    gt__line_move(line, 5000); /* the first packet is leaving */
    gt__line_set_weather(line, &(gt_weather){.bandwidth = 80 * MBIT, .packet = 10});

    assert_arrives(line, 10, 10000);
    assert_arrives(line, 20, 11000);
    assert_arrives(line, 30, 12000);
}

static void a_change_of_bandwidth_begins_at_a_whole_nanosecond(void **state)
{
    gt__line *line = *state;
    gt__line_set_weather(line, &(gt_weather){.bandwidth = 3000 * MBIT, .packet = 1});
    put_at(line, 0, 2); /* the first is out after 8/3 ns */

    gt__line_set_weather(line, &(gt_weather){.bandwidth = 1000 * MBIT, .packet = 1});

    assert_arrives(line, 2, 11);
}

static void how_often_one_looks_changes_nothing(void **state)
{
    gt__line *line = *state;
    gt__line other;
    const gt_weather weather = {
        .latency = GT_US(3), .jitter = GT_US(9), .bandwidth = 11 * MBIT, .packet = 100};
    gt__line_init(&other, 100000, 0, 1, "line_test", 0);
    gt__line_set_weather(line, &weather);
    gt__line_set_weather(&other, &weather);

    put_at(line, 0, 5000);
    put_at(&other, 0, 5000);
    for (gt_time now = 0; now < GT_MS(2); now += 777)
        gt__line_move(line, now);
    gt__line_move(line, GT_MS(2));
    gt__line_move(&other, GT_MS(2));

    assert_true(line->arrived > 0 && line->arrived < 5000);
    assert_int_equal(line->arrived, other.arrived);
    assert_int_equal(line->left, other.left);
    assert_int_equal(gt__line_next(line), gt__line_next(&other));
    gt__line_cleanup(&other);
}

/* ---- jitter -------------------------------------------------------------------------------- */

typedef struct arrivals {
    gt_time at[50];
} arrivals;

/* A packet every 10 ms. */
static arrivals with_jitter(uint64_t seed, gt_duration jitter)
{
    arrivals a;
    gt__line line;
    gt__line_init(&line, 100, 0, seed, "line_test", 0);
    gt__line_set_weather(&line, &(gt_weather){.latency = GT_MS(50), .jitter = jitter});
    for (uint64_t sent = 0, seen = 0; seen < 50; seen = line.arrived) {
        gt_time next = gt__line_next(&line), turn = (gt_time)sent * GT_MS(10);
        if (sent < 50 && turn <= next) {
            put_at(&line, turn, 1);
            sent++;
        } else {
            gt__line_move(&line, next);
        }
        for (uint64_t i = seen; i < line.arrived; i++)
            a.at[i] = line.clock;
    }
    gt__line_cleanup(&line);
    return a;
}

static void jitter_adds_at_most_its_size_and_never_reorders(void **state)
{
    (void)state;
    arrivals a = with_jitter(3, GT_MS(30));
    gt_duration least = GT_MS(30), most = 0;
    for (int i = 0; i < 50; i++) {
        gt_duration extra = a.at[i] - i * GT_MS(10) - GT_MS(50);
        least = extra < least ? extra : least;
        most = extra > most ? extra : most;
        assert_true(i == 0 || a.at[i] >= a.at[i - 1]);
    }
    assert_true(least >= 0 && least < GT_MS(10));
    assert_true(most <= GT_MS(30) && most > GT_MS(20));
}

static void jitter_is_the_same_for_the_same_seed_alone(void **state)
{
    (void)state;
    arrivals a = with_jitter(3, GT_MS(30)), b = with_jitter(3, GT_MS(30)),
             c = with_jitter(4, GT_MS(30));
    assert_memory_equal(a.at, b.at, sizeof a.at);
    assert_memory_not_equal(a.at, c.at, sizeof a.at);
}

/* ---- stalls -------------------------------------------------------------------------------- */

static void a_stall_delays_all_that_is_under_way_and_waits(void **state)
{
    gt__line *line = *state;
    gt__line_set_weather(line,
                         &(gt_weather){.latency = GT_MS(5), .bandwidth = 8 * MBIT, .packet = 10});
    put_at(line, 0, 30);
    gt__line_move(line, 3000);

    gt__line_stall(line, 3000, 10003000);
    put_at(line, GT_MS(7), 5);

    assert_int_equal(line->left, 10);
    assert_int_equal(gt__line_next(line), 10003000);
    assert_arrives(line, 10, 15010000);
    assert_arrives(line, 20, 15020000);
    assert_arrives(line, 30, 15030000);
    assert_arrives(line, 35, 15035000);
}

static void nothing_arrives_in_a_stall_in_clear_weather_either(void **state)
{
    gt__line *line = *state;
    gt__line_stall(line, 100, GT_NEVER);

    put_at(line, 200, 7);

    assert_int_equal(line->arrived, 0);
    assert_int_equal(gt__line_room(line), 100000 - 7);
    assert_int_equal(gt__line_next(line), GT_NEVER);
    gt__line_stall(line, 300, 300);
    gt__line_move(line, 300);
    assert_int_equal(line->arrived, 7);
}

static void a_new_stall_replaces_one_under_way(void **state)
{
    gt__line *line = *state;
    gt__line_set_weather(line, &(gt_weather){.latency = 100});
    put_at(line, 0, 1);
    gt__line_stall(line, 0, GT_MS(50));

    gt__line_move(line, GT_MS(10));
    gt__line_stall(line, GT_MS(10), GT_MS(20));

    assert_arrives(line, 1, GT_MS(20) + 100);
}

static void stalls_add_up(void **state)
{
    gt__line *line = *state;
    gt__line_set_weather(line, &(gt_weather){.latency = 100});
    put_at(line, 0, 1);
    for (gt_time start = 10; start < 60; start += 10) {
        gt__line_move(line, start);
        gt__line_stall(line, start, start + 5);
    }

    assert_arrives(line, 1, 125);
    put_at(line, 200, 1);
    assert_arrives(line, 2, 300);
}

/* ---- room ---------------------------------------------------------------------------------- */

static void what_is_under_way_takes_no_room(void **state)
{
    gt__line *line = *state;
    line->capacity = 10;
    gt__line_set_weather(line, &(gt_weather){.latency = GT_MS(50)});

    put_at(line, 0, 10);
    assert_int_equal(gt__line_room(line), 10);

    gt__line_move(line, GT_MS(50));
    assert_int_equal(gt__line_room(line), 0);
    gt__line_take(line, 4);
    assert_int_equal(gt__line_room(line), 4);
}

static void what_waits_to_leave_takes_room(void **state)
{
    gt__line *line = *state;
    line->capacity = 10;
    gt__line_set_weather(line, &(gt_weather){.bandwidth = 8 * MBIT});

    put_at(line, 0, 4); /* leaves at once, for 4,000 ns */
    put_at(line, 0, 7);

    assert_int_equal(gt__line_room(line), 3);
    gt__line_move(line, 3999);
    assert_int_equal(gt__line_room(line), 3);
    gt__line_move(line, 4000);
    assert_int_equal(gt__line_room(line), 6); /* four have arrived and are not read */
}

static void only_so_much_is_under_way_at_once(void **state)
{
    gt__line *line = *state;
    line->capacity = 10;
    gt__line_set_weather(line, &(gt_weather){.latency = GT_MS(50), .in_flight = 6});

    put_at(line, 0, 10);
    assert_int_equal(gt__line_room(line), 6);

    assert_arrives(line, 6, GT_MS(50));
    assert_int_equal(line->arrived, 6);
    assert_arrives(line, 10, GT_MS(100));
}

static void only_so_many_packets_are_under_way_at_once(void **state)
{
    gt__line *line = *state;
    gt__line_set_weather(line, &(gt_weather){.latency = GT_SEC(1)});

    for (int i = 0; i <= GT__LINE_PACKETS; i++)
        put_at(line, i, 1);

    assert_int_equal(line->left, GT__LINE_PACKETS);
    assert_arrives(line, GT__LINE_PACKETS, GT_SEC(1) + GT__LINE_PACKETS - 1);
    assert_arrives(line, GT__LINE_PACKETS + 1, GT_SEC(2));
}

/* ---- ends ---------------------------------------------------------------------------------- */

static void an_end_arrives_behind_the_last_byte(void **state)
{
    gt__line *line = *state;
    gt__line_set_weather(line, &(gt_weather){.latency = GT_MS(5), .bandwidth = 8 * MBIT});
    put_at(line, 0, 2000);

    gt__line_end_with(line, GT__LINE_HALF_CLOSED);

    assert_arrives(line, 2000, GT_MS(7));
    assert_int_equal(line->ended, GT__LINE_HALF_CLOSED);
}

static void an_end_by_itself_takes_the_latency_and_no_bandwidth(void **state)
{
    gt__line *line = *state;
    gt__line_set_weather(line, &(gt_weather){.latency = GT_MS(5), .bandwidth = 1});

    gt__line_move(line, GT_MS(1));
    gt__line_end_with(line, GT__LINE_CLOSED);
    gt__line_move(line, GT_MS(1));

    assert_int_equal(gt__line_next(line), GT_MS(6));
    gt__line_move(line, GT_MS(6));
    assert_int_equal(line->ended, GT__LINE_CLOSED);
}

static void a_reset_follows_what_has_left_and_drops_what_has_not(void **state)
{
    gt__line *line = *state;
    gt__line_set_weather(line, &(gt_weather){.bandwidth = 8 * MBIT, .packet = 10});
    put_at(line, 0, 30);

    gt__line_end_with(line, GT__LINE_RESET);

    assert_int_equal(gt__line_used(line), 10);
    gt__line_move(line, 9999);
    assert_int_equal(line->ended, GT__LINE_OPEN);
    gt__line_move(line, 10000);
    assert_int_equal(line->arrived, 10);
    assert_int_equal(line->ended, GT__LINE_RESET);
}

static void of_ends_that_arrive_together_the_strongest_counts(void **state)
{
    gt__line *line = *state;
    gt__line_set_weather(line, &(gt_weather){.latency = GT_MS(5)});
    gt__line_end_with(line, GT__LINE_RESET);
    gt__line_move(line, 0);

    gt__line_end_with(line, GT__LINE_CLOSED);
    gt__line_move(line, GT_MS(5));

    assert_int_equal(line->ended, GT__LINE_RESET);
}

static void where_nobody_reads_what_arrives_is_gone(void **state)
{
    gt__line *line = *state;
    line->capacity = 10;
    gt__line_set_weather(line, &(gt_weather){.latency = GT_MS(5)});
    put_at(line, 0, 10);

    gt__line_desert(line);
    gt__line_move(line, GT_MS(5));

    assert_int_equal(line->arrived, 10);
    assert_int_equal(gt__line_unread(line), 0);
    assert_int_equal(gt__line_room(line), 10);
}

/* ---- cuts ---------------------------------------------------------------------------------- */

static void a_cut_splits_a_packet(void **state)
{
    gt__line *line = *state;
    gt__line_set_weather(line, &(gt_weather){.latency = GT_MS(5)});
    line->cut_at = 7;
    put_at(line, 0, 10);

    gt__line_move(line, GT_MS(5) - 1);
    assert_false(gt__line_is_cut(line));
    gt__line_move(line, GT_MS(5));

    assert_true(gt__line_is_cut(line));
    assert_int_equal(line->arrived, 7);
}

static void a_broken_line_has_lost_all_that_had_not_arrived(void **state)
{
    gt__line *line = *state;
    gt__line_set_weather(line, &(gt_weather){.latency = GT_MS(5), .bandwidth = 8 * MBIT});
    put_at(line, 0, 100);
    put_at(line, 0, 5000);
    gt__line_end_with(line, GT__LINE_HALF_CLOSED);
    gt__line_move(line, GT_MS(5) + 100000);
    assert_int_equal(line->arrived, 100);

    gt__line_break(line);

    assert_int_equal(gt__line_used(line), 100);
    assert_int_equal(gt__line_next(line), GT_NEVER);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(in_clear_weather_bytes_arrive_as_they_are_put),
        TEST(latency_delays_every_byte_and_takes_no_turns),
        TEST(what_has_left_keeps_its_hour_when_the_weather_changes),
        TEST(nothing_overtakes_where_the_latency_falls),
        TEST(a_mebibyte_over_ten_megabits_arrives_at_the_computed_nanosecond),
        TEST(a_packet_takes_what_is_there_and_waits_for_no_more),
        TEST(an_idle_line_begins_when_there_is_something_to_carry),
        TEST(fractions_of_a_nanosecond_add_up_and_are_rounded_up_where_they_show),
        TEST(a_million_small_writes_arrive_when_one_large_one_does),
        TEST(what_waits_to_leave_goes_by_the_new_bandwidth),
        TEST(a_change_of_bandwidth_begins_at_a_whole_nanosecond),
        TEST(how_often_one_looks_changes_nothing),
        cmocka_unit_test(jitter_adds_at_most_its_size_and_never_reorders),
        cmocka_unit_test(jitter_is_the_same_for_the_same_seed_alone),
        TEST(a_stall_delays_all_that_is_under_way_and_waits),
        TEST(nothing_arrives_in_a_stall_in_clear_weather_either),
        TEST(a_new_stall_replaces_one_under_way),
        TEST(stalls_add_up),
        TEST(what_is_under_way_takes_no_room),
        TEST(what_waits_to_leave_takes_room),
        TEST(only_so_much_is_under_way_at_once),
        TEST(only_so_many_packets_are_under_way_at_once),
        TEST(an_end_arrives_behind_the_last_byte),
        TEST(an_end_by_itself_takes_the_latency_and_no_bandwidth),
        TEST(a_reset_follows_what_has_left_and_drops_what_has_not),
        TEST(of_ends_that_arrive_together_the_strongest_counts),
        TEST(where_nobody_reads_what_arrives_is_gone),
        TEST(a_cut_splits_a_packet),
        TEST(a_broken_line_has_lost_all_that_had_not_arrived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
