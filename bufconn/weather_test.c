#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/core.h"
#include "engine/core/death_test.h"
#include "engine/wire/wire.h"

#include <grpctest/weather.h>

#define MBIT ((uint64_t)1000000)

/* A pipe of 64 KiB; what `a` writes is the direction that the tests give weather. */
typedef struct rig {
    gt_world *world;
    gt_conn *a, *b;
} rig;

static int set_up(void **state)
{
    rig *r = gt__new(rig);
    r->world = gt_world_new(NULL);
    gt_pipe(r->world, 65536, &r->a, &r->b);
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    rig *r = *state;
    gt_conn_free(r->a);
    gt_conn_free(r->b);
    gt_world_free(r->world);
    gt__free(r);
    return 0;
}

static void put(gt_conn *conn, const char *text)
{
    size_t count;
    assert_int_equal(gt_conn_try_write(conn, text, strlen(text), &count), 0);
    assert_int_equal(count, strlen(text));
}

/* That exactly this can be read now. */
static void assert_readable(gt_conn *conn, const char *expected)
{
    char buffer[100];
    size_t count;
    int error = gt_conn_try_read(conn, buffer, sizeof buffer, &count);
    assert_int_equal(error, *expected ? 0 : GT_EAGAIN);
    assert_int_equal(count, strlen(expected));
    assert_memory_equal(buffer, expected, count);
}

/* That a read blocks until `instant` and then gives this. */
static void assert_read_at(rig *r, gt_conn *conn, gt_time instant, const char *expected)
{
    char buffer[100];
    size_t count;
    assert_int_equal(gt_conn_read(conn, NULL, buffer, sizeof buffer, &count), 0);
    assert_int_equal(gt_now(r->world), instant);
    assert_int_equal(count, strlen(expected));
    assert_memory_equal(buffer, expected, count);
}

static void assert_read_fails_at(rig *r, gt_conn *conn, gt_time instant, int error)
{
    char byte;
    size_t count;
    assert_int_equal(gt_conn_read(conn, NULL, &byte, 1, &count), error);
    assert_int_equal(gt_now(r->world), instant);
}

/* Lets time pass, and all happen that does at its end. */
static void pass(rig *r, gt_duration time)
{
    assert_int_equal(gt_advance(r->world, time), 0);
}

static int try_write(gt_conn *conn)
{
    size_t count;
    return gt_conn_try_write(conn, "x", 1, &count);
}

/* ---- bytes --------------------------------------------------------------------------------- */

static void bytes_arrive_after_the_latency_of_their_direction(void **state)
{
    rig *r = *state;
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(30)});
    gt_link_weather(gt_link_to(r->a), &(gt_weather){.latency = GT_MS(7)});

    put(r->a, "ping");
    assert_readable(r->b, "");
    assert_read_at(r, r->b, GT_MS(30), "ping");
    put(r->b, "pong");
    assert_read_at(r, r->a, GT_MS(37), "pong");
}

/* As far as the connection lets it. */
static void write_a_mebibyte(void *arg)
{
    uint8_t *zeros = gt__calloc(1, 1 << 20);
    size_t count;
    int error = gt_conn_write(arg, NULL, zeros, 1 << 20, &count);
    (void)error;
    gt__free(zeros);
}

static void read_a_mebibyte(gt_conn *conn)
{
    static uint8_t buffer[1 << 20];
    size_t done = 0, count;
    while (done < sizeof buffer) {
        assert_int_equal(gt_conn_read(conn, NULL, buffer + done, sizeof buffer - done, &count), 0);
        done += count;
    }
}

/* The writer waits for room again and again, and the line is never idle for that. */
static void a_mebibyte_arrives_at_the_computed_nanosecond(void **state)
{
    rig *r = *state;
    gt_link_weather(gt_link_from(r->a),
                    &(gt_weather){.latency = GT_MS(50), .bandwidth = 10 * MBIT});
    gt_task *task = gt_spawn(r->world, "writer", write_a_mebibyte, r->a);

    read_a_mebibyte(r->b);

    assert_int_equal(gt_now(r->world), 888860800);
    assert_int_equal(gt_task_join(task, NULL), 0);
}

static void a_narrow_pipe_carries_as_fast(void **state)
{
    rig *r = *state;
    gt_conn *a, *b;
    gt_pipe(r->world, 700, &a, &b);
    gt_link_weather(gt_link_from(a), &(gt_weather){.latency = GT_MS(50), .bandwidth = 10 * MBIT});
    gt_task *task = gt_spawn(r->world, "writer", write_a_mebibyte, a);

    read_a_mebibyte(b);

    assert_int_equal(gt_now(r->world), 888860800);
    assert_int_equal(gt_task_join(task, NULL), 0);
    gt_conn_free(a);
    gt_conn_free(b);
}

static void latency_alone_blocks_no_writer(void **state)
{
    rig *r = *state;
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(50)});
    gt_task *task = gt_spawn(r->world, "writer", write_a_mebibyte, r->a);

    assert_int_equal(gt_settle(r->world), 0);
    assert_true(gt_task_done(task));
    read_a_mebibyte(r->b);

    assert_int_equal(gt_now(r->world), GT_MS(50));
    assert_int_equal(gt_task_join(task, NULL), 0);
}

static void a_writer_fills_the_line_and_the_capacity_and_no_more(void **state)
{
    rig *r = *state;
    static const uint8_t zeros[200000];
    size_t count, total = 0;
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(50), .in_flight = 100000});

    while (gt_conn_try_write(r->a, zeros, sizeof zeros, &count) == 0)
        total += count;

    assert_int_equal(total, 100000 + 65536);
}

static void weather_may_come_over_bytes_that_have_arrived(void **state)
{
    rig *r = *state;
    put(r->a, "early ");

    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(30)});
    put(r->a, "late");

    assert_readable(r->b, "early ");
    assert_read_at(r, r->b, GT_MS(30), "late");
}

static void clear_weather_comes_to_what_has_not_left(void **state)
{
    rig *r = *state;
    gt_link_weather(gt_link_from(r->a),
                    &(gt_weather){.bandwidth = 8, .packet = 1}); /* 1 s a byte */
    put(r->a, "abcdef");
    assert_read_at(r, r->b, GT_SEC(1), "a");

    gt_link_weather(gt_link_from(r->a), NULL);

    assert_read_at(r, r->b, GT_SEC(2), "bcdef");
}

static void bytes_per_read_is_a_limit_at_the_reader(void **state)
{
    rig *r = *state;
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.bytes_per_read = 2});
    put(r->a, "abcde");
    assert_readable(r->b, "ab");

    gt_link_weather(gt_link_from(r->a), NULL);

    assert_readable(r->b, "cde");
}

/* ---- ends ---------------------------------------------------------------------------------- */

static void a_half_close_travels_behind_the_bytes(void **state)
{
    rig *r = *state;
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(30)});
    put(r->a, "bye");
    pass(r, GT_MS(10));

    assert_int_equal(gt_conn_close_write(r->a), 0);

    assert_read_at(r, r->b, GT_MS(30), "bye");
    assert_read_fails_at(r, r->b, GT_MS(40), GT_EOF);
}

static void a_writer_learns_of_a_close_when_it_arrives(void **state)
{
    rig *r = *state;
    gt_link_weather(gt_link_of(r->a), &(gt_weather){.latency = GT_MS(30)});

    gt_conn_close(r->b);

    pass(r, GT_MS(30) - 1);
    assert_int_equal(try_write(r->a), 0);
    pass(r, 1);
    assert_int_equal(try_write(r->a), GT_EPIPE);
    assert_read_fails_at(r, r->a, GT_MS(30), GT_EOF);
}

static void bytes_to_a_closed_end_take_no_room_once_they_arrive(void **state)
{
    rig *r = *state;
    static const uint8_t zeros[65536];
    size_t count;
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(1), .in_flight = 1});
    gt_link_weather(gt_link_to(r->a), &(gt_weather){.latency = GT_MS(30)});
    gt_conn_close(r->b);
    assert_int_equal(gt_conn_try_write(r->a, zeros, sizeof zeros, &count), 0);
    assert_int_equal(try_write(r->a), 0); /* one is under way */
    assert_int_equal(try_write(r->a), GT_EAGAIN);

    pass(r, GT_MS(1));

    assert_int_equal(try_write(r->a), 0);
    assert_int_equal(try_write(r->a), GT_EAGAIN);
}

static void a_reset_travels_behind_what_has_left(void **state)
{
    rig *r = *state;
    gt_link_weather(gt_link_of(r->a),
                    &(gt_weather){.latency = GT_MS(30), .bandwidth = 8000, .packet = 4});
    put(r->a, "abcdefgh"); /* 4 ms for four bytes */

    gt_conn_reset(r->a);

    assert_read_fails_at(r, r->a, 0, GT_ERESET);
    pass(r, GT_MS(34) - 1);
    assert_int_equal(try_write(r->b), 0);
    assert_read_fails_at(r, r->b, GT_MS(34), GT_ERESET);
    assert_int_equal(try_write(r->b), GT_ERESET);
}

static void what_arrives_before_a_reset_can_be_read_until_then(void **state)
{
    rig *r = *state;
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(30)});
    put(r->a, "abcd");
    pass(r, GT_MS(10));

    gt_conn_reset(r->a);

    pass(r, GT_MS(20));
    assert_readable(r->b, "abcd");
    assert_read_fails_at(r, r->b, GT_MS(40), GT_ERESET);
}

static void an_end_that_was_freed_still_sends_what_it_wrote(void **state)
{
    rig *r = *state;
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(30)});
    put(r->a, "bye");

    gt_conn_free(r->a);
    r->a = NULL;

    assert_read_at(r, r->b, GT_MS(30), "bye");
    assert_read_fails_at(r, r->b, GT_MS(30), GT_EOF);
}

static void both_ends_may_go_while_bytes_are_under_way(void **state)
{
    rig *r = *state;
    gt_link_weather(gt_link_of(r->a), &(gt_weather){.latency = GT_MS(30)});
    put(r->a, "lost");
    put(r->b, "lost");

    gt_conn_free(r->a);
    gt_conn_free(r->b);
    r->a = r->b = NULL;

    pass(r, GT_MS(100));
}

/* ---- cutting and resetting ----------------------------------------------------------------- */

static void a_cut_lets_so_many_bytes_arrive_and_then_resets(void **state)
{
    rig *r = *state;
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
    rig *r = *state;
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
    rig *r = *state;
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
    rig *r = *state;
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

static void a_cut_after_nothing_is_one_now(void **state)
{
    rig *r = *state;
    put(r->a, "there");

    gt_link_cut_after(gt_link_from(r->a), 0, GT_CUT_CLOSE);

    assert_readable(r->b, "there");
    assert_read_fails_at(r, r->b, 0, GT_EOF);
}

static void a_cut_that_was_taken_back_cuts_nothing(void **state)
{
    rig *r = *state;
    gt_link_cut_after(gt_link_from(r->a), 3, GT_CUT_RESET);
    put(r->a, "ab");

    gt_link_cut_after(gt_link_from(r->a), GT_NO_CUT, GT_CUT_RESET);
    put(r->a, "cdef");

    assert_readable(r->b, "abcdef");
}

static void nothing_passes_a_cut_any_more(void **state)
{
    rig *r = *state;
    put(r->a, "there");
    gt_link_cut_after(gt_link_from(r->a), 0, GT_CUT_CLOSE);

    gt_conn_reset(r->a);

    assert_read_fails_at(r, r->a, 0, GT_ERESET);
    assert_readable(r->b, "there");
    assert_read_fails_at(r, r->b, 0, GT_EOF);
}

static void nothing_passes_a_cut_the_other_way(void **state)
{
    rig *r = *state;
    put(r->b, "there");
    gt_link_cut_after(gt_link_from(r->a), 0, GT_CUT_CLOSE);

    gt_conn_reset(r->b);

    assert_read_fails_at(r, r->b, 0, GT_ERESET);
    assert_readable(r->a, "there");
    assert_read_fails_at(r, r->a, 0, GT_EOF);
}

static void a_waiting_writer_hears_of_a_cut(void **state)
{
    rig *r = *state;
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

static void a_link_is_reset_at_both_ends_at_once(void **state)
{
    rig *r = *state;
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
    rig *r = *state;
    put(r->b, "lost");

    gt_link_reset(gt_link_to(r->a));

    assert_read_fails_at(r, r->a, 0, GT_ERESET);
    assert_read_fails_at(r, r->b, 0, GT_ERESET);
}

/* ---- the world's view ---------------------------------------------------------------------- */

static uint64_t digest_with_jitter(uint64_t seed)
{
    gt_conn *a, *b;
    char buffer[100];
    size_t count;
    gt_world *world = gt_world_new(&(gt_world_options){.seed = seed});
    gt_pipe(world, 100, &a, &b);
    gt_link_weather(gt_link_of(a), &(gt_weather){.latency = GT_MS(5), .jitter = GT_MS(5)});
    for (int i = 0; i < 10; i++) {
        put(a, "ping");
        put(b, "pong");
        assert_int_equal(gt_conn_read(a, NULL, buffer, sizeof buffer, &count), 0);
        assert_int_equal(gt_conn_read(b, NULL, buffer, sizeof buffer, &count), 0);
    }
    uint64_t digest = gt_world_digest(world);
    gt_conn_free(a);
    gt_conn_free(b);
    gt_world_free(world);
    return digest;
}

static void equal_seeds_have_equal_weather(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 7; seed++)
        assert_true(digest_with_jitter(seed) == digest_with_jitter(seed));
    assert_true(digest_with_jitter(1) != digest_with_jitter(2));
}

static void initialised_weather_is_clear(void **state)
{
    (void)state;
    gt_weather weather, zeros;
    memset(&weather, 1, sizeof weather);
    memset(&zeros, 0, sizeof zeros);
    gt_weather_init(&weather);
    assert_memory_equal(&weather, &zeros, sizeof zeros);
}

/* ---- misuse -------------------------------------------------------------------------------- */

static void set_negative_latency(void *end)
{
    gt_link_weather(gt_link_from(end), &(gt_weather){.latency = -5});
}

static void set_a_huge_packet(void *end)
{
    gt_link_weather(gt_link_from(end), &(gt_weather){.packet = 1048577});
}

static void set_a_huge_bandwidth(void *end)
{
    gt_link_weather(gt_link_from(end), &(gt_weather){.bandwidth = 1000000000000000001u});
}

static void impossible_weather_is_misuse(void **state)
{
    rig *r = *state;
    assert_dies(set_negative_latency, r->a,
                "grpctest: gt_link_weather: nothing arrives before it was sent (latency -5 ns, "
                "jitter 0 ns)\n");
    assert_dies(set_a_huge_packet, r->a,
                "grpctest: gt_link_weather: a packet of 1048577 bytes is larger than 1 MiB\n");
    assert_dies(set_a_huge_bandwidth, r->a,
                "grpctest: gt_link_weather: a bandwidth of 1000000000000000001 bit/s is above "
                "10^18; 0 is without limit\n");
}

static void link_a_foreign_connection(void *world)
{
    static const gt__conn_table table = {.kind = "carrier pigeon"};
    gt_conn foreign;
    gt__conn_init(&foreign, &table, world, "loft:3", "loft:4", __FILE__, __LINE__);
    gt_link_to(&foreign);
}

static void weather_over_another_kind_of_connection_is_misuse(void **state)
{
    rig *r = *state;
    assert_dies(link_a_foreign_connection, r->world,
                "grpctest: gt_link_to: loft:3 is a carrier pigeon connection, and only those of "
                "bufconn have weather\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytes_arrive_after_the_latency_of_their_direction),
        TEST(a_mebibyte_arrives_at_the_computed_nanosecond),
        TEST(a_narrow_pipe_carries_as_fast),
        TEST(latency_alone_blocks_no_writer),
        TEST(a_writer_fills_the_line_and_the_capacity_and_no_more),
        TEST(weather_may_come_over_bytes_that_have_arrived),
        TEST(clear_weather_comes_to_what_has_not_left),
        TEST(bytes_per_read_is_a_limit_at_the_reader),
        TEST(a_half_close_travels_behind_the_bytes),
        TEST(a_writer_learns_of_a_close_when_it_arrives),
        TEST(bytes_to_a_closed_end_take_no_room_once_they_arrive),
        TEST(a_reset_travels_behind_what_has_left),
        TEST(what_arrives_before_a_reset_can_be_read_until_then),
        TEST(an_end_that_was_freed_still_sends_what_it_wrote),
        TEST(both_ends_may_go_while_bytes_are_under_way),
        TEST(a_cut_lets_so_many_bytes_arrive_and_then_resets),
        TEST(a_cut_counts_over_many_writes_and_from_now_on),
        TEST(a_cut_may_show_as_a_close),
        TEST(a_cut_happens_when_the_last_byte_arrives),
        TEST(a_cut_after_nothing_is_one_now),
        TEST(a_cut_that_was_taken_back_cuts_nothing),
        TEST(nothing_passes_a_cut_any_more),
        TEST(nothing_passes_a_cut_the_other_way),
        TEST(a_waiting_writer_hears_of_a_cut),
        TEST(a_link_is_reset_at_both_ends_at_once),
        TEST(a_clear_link_can_be_reset_too),
        cmocka_unit_test(equal_seeds_have_equal_weather),
        cmocka_unit_test(initialised_weather_is_clear),
        TEST(impossible_weather_is_misuse),
        TEST(weather_over_another_kind_of_connection_is_misuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
