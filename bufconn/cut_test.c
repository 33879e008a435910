#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/death_test.h"
#include "engine/sched/sched.h"
#include "weather_kit.h"

/* ---- after so many bytes ------------------------------------------------------------------- */

static void a_cut_lets_so_many_bytes_arrive_and_then_resets(void **state)
{
    weather_rig *r = *state;
    gt_link_cut_after(gt_link_from(r->a), 3, GT_CUT_RESET);

    put(r->a, "abcdef");

    assert_int_equal(try_write(r->a), GT_EPIPE);
    assert_int_equal(try_write(r->b), GT_EPIPE);
    assert_readable(r->b, "abc");
    assert_read_fails_at(r, r->b, 0, GT_ERESET);
    assert_read_fails_at(r, r->a, 0, GT_ERESET);
    assert_int_equal(try_write(r->a), GT_ERESET);
    assert_int_equal(gt_conn_close_write(r->b), GT_ERESET);
}

static void a_cut_counts_over_many_writes_and_from_now_on(void **state)
{
    weather_rig *r = *state;
    put(r->a, "before ");
    gt_link_cut_after(gt_link_from(r->a), 5, GT_CUT_RESET);

    put(r->a, "ab");
    put(r->a, "cd");
    put(r->a, "ef");

    assert_readable(r->b, "before abcde");
    assert_read_fails_at(r, r->b, 0, GT_ERESET);
}

static void a_cut_may_show_as_a_close(void **state)
{
    weather_rig *r = *state;
    put(r->b, "unread");
    gt_link_cut_after(gt_link_from(r->a), 3, GT_CUT_CLOSE);

    put(r->a, "abcdef");

    assert_readable(r->b, "abc");
    assert_read_fails_at(r, r->b, 0, GT_EOF);
    assert_int_equal(try_write(r->b), GT_EPIPE);
    assert_readable(r->a, "unread");
    assert_read_fails_at(r, r->a, 0, GT_EOF);
    assert_int_equal(try_write(r->a), GT_EPIPE);
}

static void a_cut_happens_when_the_last_byte_arrives(void **state)
{
    weather_rig *r = *state;
    gt_link_weather(gt_link_of(r->a), &(gt_weather){.latency = GT_MS(30)});
    gt_link_cut_after(gt_link_from(r->a), 3, GT_CUT_RESET);
    put(r->a, "abcdef");
    pass(r, GT_MS(20));
    put(r->b, "lost");

    pass(r, GT_MS(10) - 1);
    assert_int_equal(try_write(r->a), 0);
    pass(r, 1);

    assert_int_equal(try_write(r->a), GT_EPIPE);
    assert_readable(r->b, "abc");
    assert_read_fails_at(r, r->a, GT_MS(30), GT_ERESET);
}

typedef struct late_writer {
    gt__timer timer;
    gt_conn *conn;
} late_writer;

static void write_late(gt__timer *timer)
{
    (void)try_write(gt__container_of(timer, late_writer, timer)->conn);
}

static void what_is_written_at_the_instant_of_a_cut_is_lost_with_it(void **state)
{
    weather_rig *r = *state;
    char buffer[3];
    size_t count;
    static late_writer late; /* where no failed assertion leaves it behind */
    late.conn = r->a;
    gt__timer_init(&late.timer, r->world, write_late);
    gt__timer_set(&late.timer, GT_MS(30)); /* set first, so that it comes first */
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(30)});
    gt_link_cut_after(gt_link_from(r->a), 3, GT_CUT_RESET);
    put(r->a, "abc");

    pass(r, GT_MS(30));
    assert_int_equal(gt_conn_try_read(r->b, buffer, 3, &count), 0);

    pass(r, GT_MS(30));
    assert_read_fails_at(r, r->b, GT_MS(60), GT_ERESET);
    gt__timer_stop(&late.timer);
}

static void a_cut_after_nothing_is_one_now(void **state)
{
    weather_rig *r = *state;
    put(r->a, "there");

    gt_link_cut_after(gt_link_from(r->a), 0, GT_CUT_CLOSE);

    assert_readable(r->b, "there");
    assert_read_fails_at(r, r->b, 0, GT_EOF);
}

static void a_cut_leaves_nothing_to_wait_for(void **state)
{
    weather_rig *r = *state;
    gt_link_weather(gt_link_of(r->a), &(gt_weather){.latency = GT_MS(30)});
    put(r->b, "lost");

    gt_link_cut_after(gt_link_from(r->a), 0, GT_CUT_CLOSE);

    assert_int_equal(gt_run_until_idle(r->world), 0);
    assert_int_equal(gt_now(r->world), 0);
}

static void a_cut_that_was_taken_back_cuts_nothing(void **state)
{
    weather_rig *r = *state;
    gt_link_cut_after(gt_link_from(r->a), 3, GT_CUT_RESET);
    put(r->a, "ab");

    gt_link_cut_after(gt_link_from(r->a), GT_NO_CUT, GT_CUT_RESET);
    put(r->a, "cdef");

    assert_readable(r->b, "abcdef");
}

static void nothing_passes_a_cut_any_more(void **state)
{
    weather_rig *r = *state;
    put(r->a, "there");
    gt_link_cut_after(gt_link_from(r->a), 0, GT_CUT_CLOSE);

    gt_conn_reset(r->a);

    assert_read_fails_at(r, r->a, 0, GT_ERESET);
    assert_readable(r->b, "there");
    assert_read_fails_at(r, r->b, 0, GT_EOF);
}

static void nothing_passes_a_cut_the_other_way(void **state)
{
    weather_rig *r = *state;
    put(r->b, "there");
    gt_link_cut_after(gt_link_from(r->a), 0, GT_CUT_CLOSE);

    gt_conn_reset(r->b);

    assert_read_fails_at(r, r->b, 0, GT_ERESET);
    assert_readable(r->a, "there");
    assert_read_fails_at(r, r->a, 0, GT_EOF);
}

static void a_waiting_writer_hears_of_a_cut(void **state)
{
    weather_rig *r = *state;
    gt_link_cut_after(gt_link_from(r->a), 100000, GT_CUT_RESET);
    gt_task *task = gt_spawn(r->world, "writer", write_a_mebibyte, r->a);

    char buffer[1000];
    size_t count, total = 0;
    int error;
    while ((error = gt_conn_read(r->b, NULL, buffer, sizeof buffer, &count)) == 0)
        total += count;

    assert_int_equal(error, GT_ERESET);
    assert_int_equal(total, 100000);
    assert_int_equal(gt_task_join(task, NULL), 0);
}

/* ---- resetting ----------------------------------------------------------------------------- */

static void a_link_is_reset_at_both_ends_at_once(void **state)
{
    weather_rig *r = *state;
    gt_link_weather(gt_link_of(r->a), &(gt_weather){.latency = GT_MS(30)});
    put(r->a, "lost");

    gt_link_reset(gt_link_from(r->a));

    assert_read_fails_at(r, r->a, 0, GT_ERESET);
    assert_read_fails_at(r, r->b, 0, GT_ERESET);
    assert_int_equal(try_write(r->a), GT_ERESET);
    assert_int_equal(try_write(r->b), GT_ERESET);
}

static void a_clear_link_can_be_reset_too(void **state)
{
    weather_rig *r = *state;
    put(r->b, "lost");

    gt_link_reset(gt_link_to(r->a));

    assert_read_fails_at(r, r->a, 0, GT_ERESET);
    assert_read_fails_at(r, r->b, 0, GT_ERESET);
}

/* ---- silence ------------------------------------------------------------------------------- */

static void a_silent_cut_tells_nobody_and_stops_both_directions(void **state)
{
    weather_rig *r = *state;
    gt_link_cut_after(gt_link_from(r->a), 3, GT_CUT_SILENT);

    put(r->a, "abcdef");
    put(r->b, "pong");
    pass(r, GT_SEC(3600));

    assert_readable(r->b, "abc");
    assert_readable(r->b, "");
    assert_readable(r->a, "");
    assert_int_equal(try_write(r->a), 0);
}

static void after_a_silent_cut_all_goes_on_where_it_is_released(void **state)
{
    weather_rig *r = *state;
    gt_link_weather(gt_link_of(r->a), &(gt_weather){.latency = GT_MS(30)});
    gt_link_cut_after(gt_link_from(r->a), 3, GT_CUT_SILENT);
    put(r->a, "abcdef");
    pass(r, GT_MS(20));
    put(r->b, "pong"); /* 10 ms under way when all stops */
    pass(r, GT_SEC(1));

    gt_link_release(gt_link_of(r->a));

    assert_readable(r->b, "abcdef");
    assert_read_at(r, r->a, GT_MS(1040), "pong");
}

static void a_silent_cut_outlasts_a_stall_of_the_other_direction(void **state)
{
    weather_rig *r = *state;
    gt_link_stall(gt_link_from(r->b), GT_MS(5));
    put(r->b, "pong");
    gt_link_cut_after(gt_link_from(r->a), 0, GT_CUT_SILENT);

    pass(r, GT_SEC(1));

    assert_readable(r->a, "");
}

static void two_cuts_at_one_instant_are_one(void **state)
{
    weather_rig *r = *state;
    gt_link_weather(gt_link_of(r->a), &(gt_weather){.latency = GT_MS(5)});
    gt_link_cut_after(gt_link_of(r->a), 1, GT_CUT_SILENT);
    put(r->a, "ab");
    put(r->b, "cd");

    pass(r, GT_SEC(1));

    assert_readable(r->a, "c");
    assert_readable(r->b, "a");
    gt_link_release(gt_link_of(r->a));
    assert_readable(r->a, "d");
    assert_readable(r->b, "b");
}

/* ---- at frames ----------------------------------------------------------------------------- */

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define SETTINGS "\0\0\0\4\0\0\0\0\0"
#define PING "\0\0\10\6\0\0\0\0\0abcdefgh"

/* Writes it whole, or byte by byte. */
static void put_frames(gt_conn *conn, const void *data, size_t size, bool bytewise)
{
    size_t step = bytewise ? 1 : size, count;
    for (size_t done = 0; done < size; done += step)
        (void)!gt_conn_try_write(conn, (const char *)data + done, step, &count);
}

static void assert_arrived_and_cut(gt_conn *conn, size_t expected)
{
    char buffer[200];
    size_t count;
    assert_int_equal(gt_conn_try_read(conn, buffer, sizeof buffer, &count), expected ? 0 : GT_EOF);
    assert_int_equal(count, expected);
    assert_int_equal(gt_conn_try_read(conn, buffer, sizeof buffer, &count), GT_EOF);
}

static void a_cut_may_be_planned_behind_a_frame(void **state)
{
    weather_rig *r = *state;
    for (int bytewise = 0; bytewise < 2; bytewise++) {
        gt_conn *a, *b;
        gt_pipe(r->world, 1000, &a, &b);
        gt_link_cut_at_frame(gt_link_from(a), 2, GT_CUT_CLOSE);

        put_frames(a, PREFACE SETTINGS PING PING, 24 + 9 + 17 + 17, bytewise);

        assert_arrived_and_cut(b, 24 + 9 + 17);
        gt_conn_free(a);
        gt_conn_free(b);
    }
}

static void frames_count_from_now_on_and_the_half_written_one_with_them(void **state)
{
    weather_rig *r = *state;
    gt_link_weather(gt_link_from(r->a), NULL); /* counts frames from the first byte */
    put_frames(r->a, SETTINGS PING, 9 + 3, false);

    gt_link_cut_at_frame(gt_link_from(r->a), 2, GT_CUT_CLOSE);
    put_frames(r->a, &(PING PING PING)[3], 3 * 17 - 3, false);

    assert_arrived_and_cut(r->b, 9 + 2 * 17);
}

static void no_frame_more_is_a_cut_between_frames_now(void **state)
{
    weather_rig *r = *state;
    gt_link_weather(gt_link_from(r->a), NULL);
    put_frames(r->a, SETTINGS, 9, false);

    gt_link_cut_at_frame(gt_link_from(r->a), 0, GT_CUT_CLOSE);

    assert_arrived_and_cut(r->b, 9);
}

static void no_frame_more_lets_the_half_written_one_end(void **state)
{
    weather_rig *r = *state;
    gt_link_weather(gt_link_from(r->a), NULL);
    put_frames(r->a, SETTINGS PING, 9 + 12, false);

    gt_link_cut_at_frame(gt_link_from(r->a), 0, GT_CUT_CLOSE);
    put_frames(r->a, &(PING PING)[12], 2 * 17 - 12, false);

    assert_arrived_and_cut(r->b, 9 + 17);
}

static void a_cut_at_a_frame_can_be_taken_back(void **state)
{
    weather_rig *r = *state;
    gt_link_cut_at_frame(gt_link_from(r->a), 1, GT_CUT_CLOSE);

    gt_link_cut_at_frame(gt_link_from(r->a), GT_NO_CUT, GT_CUT_CLOSE);
    put_frames(r->a, SETTINGS PING, 9 + 17, false);

    char buffer[100];
    size_t count;
    assert_int_equal(gt_conn_try_read(r->b, buffer, sizeof buffer, &count), 0);
    assert_int_equal(count, 9 + 17);
    assert_readable(r->b, "");
}

static void cut_at_an_unknown_frame(void *end)
{
    gt_link_cut_at_frame(gt_link_from(end), 1, GT_CUT_CLOSE);
}

static void frames_that_nobody_counted_are_misuse(void **state)
{
    weather_rig *r = *state;
    put(r->a, "x");
    assert_dies(cut_at_an_unknown_frame, r->a,
                "grpctest: gt_link_cut_at_frame: what came first from pipe:1/a to pipe:1/b went by "
                "before it had any weather, so that nobody knows where its frames end\n");
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        WEATHER_TEST(a_cut_lets_so_many_bytes_arrive_and_then_resets),
        WEATHER_TEST(a_cut_counts_over_many_writes_and_from_now_on),
        WEATHER_TEST(a_cut_may_show_as_a_close),
        WEATHER_TEST(a_cut_happens_when_the_last_byte_arrives),
        WEATHER_TEST(what_is_written_at_the_instant_of_a_cut_is_lost_with_it),
        WEATHER_TEST(a_cut_after_nothing_is_one_now),
        WEATHER_TEST(a_cut_leaves_nothing_to_wait_for),
        WEATHER_TEST(a_cut_that_was_taken_back_cuts_nothing),
        WEATHER_TEST(nothing_passes_a_cut_any_more),
        WEATHER_TEST(nothing_passes_a_cut_the_other_way),
        WEATHER_TEST(a_waiting_writer_hears_of_a_cut),
        WEATHER_TEST(a_link_is_reset_at_both_ends_at_once),
        WEATHER_TEST(a_clear_link_can_be_reset_too),
        WEATHER_TEST(a_silent_cut_tells_nobody_and_stops_both_directions),
        WEATHER_TEST(after_a_silent_cut_all_goes_on_where_it_is_released),
        WEATHER_TEST(a_silent_cut_outlasts_a_stall_of_the_other_direction),
        WEATHER_TEST(two_cuts_at_one_instant_are_one),
        WEATHER_TEST(a_cut_may_be_planned_behind_a_frame),
        WEATHER_TEST(frames_count_from_now_on_and_the_half_written_one_with_them),
        WEATHER_TEST(no_frame_more_is_a_cut_between_frames_now),
        WEATHER_TEST(no_frame_more_lets_the_half_written_one_end),
        WEATHER_TEST(a_cut_at_a_frame_can_be_taken_back),
        WEATHER_TEST(frames_that_nobody_counted_are_misuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
