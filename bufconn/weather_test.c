#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/death_test.h"
#include "engine/wire/wire.h"
#include "weather_kit.h"

/* ---- bytes --------------------------------------------------------------------------------- */

static void bytes_arrive_after_the_latency_of_their_direction(void **state)
{
    weather_rig *r = *state;
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(30)});
    gt_link_weather(gt_link_to(r->a), &(gt_weather){.latency = GT_MS(7)});

    put(r->a, "ping");
    assert_readable(r->b, "");
    assert_read_at(r, r->b, GT_MS(30), "ping");
    put(r->b, "pong");
    assert_read_at(r, r->a, GT_MS(37), "pong");
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
    weather_rig *r = *state;
    gt_link_weather(gt_link_from(r->a),
                    &(gt_weather){.latency = GT_MS(50), .bandwidth = 10 * MBIT});
    gt_task *task = gt_spawn(r->world, "writer", write_a_mebibyte, r->a);

    read_a_mebibyte(r->b);

    assert_int_equal(gt_now(r->world), 888860800);
    assert_int_equal(gt_task_join(task, NULL), 0);
}

static void a_narrow_pipe_carries_as_fast(void **state)
{
    weather_rig *r = *state;
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
    weather_rig *r = *state;
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
    weather_rig *r = *state;
    static const uint8_t zeros[200000];
    size_t count, total = 0;
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(50), .in_flight = 100000});

    while (gt_conn_try_write(r->a, zeros, sizeof zeros, &count) == 0)
        total += count;

    assert_int_equal(total, 100000 + 65536);
}

static void more_may_be_under_way_where_the_weather_says_so(void **state)
{
    weather_rig *r = *state;
    const size_t size = (size_t)6 << 20;
    uint8_t *zeros = gt__calloc(1, size);
    size_t count;
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(50), .in_flight = size});

    assert_int_equal(gt_conn_try_write(r->a, zeros, size, &count), 0);

    assert_int_equal(count, size);
    gt__free(zeros);
}

static void weather_may_come_over_bytes_that_have_arrived(void **state)
{
    weather_rig *r = *state;
    put(r->a, "early ");

    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(30)});
    put(r->a, "late");

    assert_readable(r->b, "early ");
    assert_read_at(r, r->b, GT_MS(30), "late");
}

static void clear_weather_comes_to_what_has_not_left(void **state)
{
    weather_rig *r = *state;
    gt_link_weather(gt_link_from(r->a),
                    &(gt_weather){.bandwidth = 8, .packet = 1}); /* 1 s a byte */
    put(r->a, "abcdef");
    assert_read_at(r, r->b, GT_SEC(1), "a");

    gt_link_weather(gt_link_from(r->a), NULL);

    assert_read_at(r, r->b, GT_SEC(2), "bcdef");
}

static void bytes_per_read_is_a_limit_at_the_reader(void **state)
{
    weather_rig *r = *state;
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.bytes_per_read = 2});
    put(r->a, "abcde");
    assert_readable(r->b, "ab");

    gt_link_weather(gt_link_from(r->a), NULL);

    assert_readable(r->b, "cde");
}

/* ---- other clocks -------------------------------------------------------------------------- */

static void open_far_pipe(weather_rig *r, gt_clock clock)
{
    r->world = gt_world_new(&(gt_world_options){.clock = clock});
    gt_pipe(r->world, 100, &r->a, &r->b);
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(2)});
}

static void close_pipe(weather_rig *r)
{
    gt_conn_free(r->a);
    gt_conn_free(r->b);
    gt_world_free(r->world);
}

static void on_the_manual_clock_bytes_arrive_as_time_is_advanced(void **state)
{
    (void)state;
    weather_rig r;
    open_far_pipe(&r, GT_CLOCK_MANUAL);
    put(r.a, "ping");

    pass(&r, GT_MS(2) - 1);
    assert_readable(r.b, "");
    pass(&r, 1);
    assert_readable(r.b, "ping");
    close_pipe(&r);
}

static void on_the_real_clock_bytes_arrive_no_earlier(void **state)
{
    (void)state;
    weather_rig r;
    char buffer[10];
    size_t count;
    open_far_pipe(&r, GT_CLOCK_REAL);
    gt_time start = gt_now(r.world);
    put(r.a, "ping");

    assert_int_equal(gt_conn_read(r.b, NULL, buffer, sizeof buffer, &count), 0);

    assert_int_equal(count, 4);
    assert_true(gt_now(r.world) >= start + GT_MS(2));
    close_pipe(&r);
}

/* ---- ends ---------------------------------------------------------------------------------- */

static void a_half_close_travels_behind_the_bytes(void **state)
{
    weather_rig *r = *state;
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(30)});
    put(r->a, "bye");
    pass(r, GT_MS(10));

    assert_int_equal(gt_conn_close_write(r->a), 0);

    assert_read_at(r, r->b, GT_MS(30), "bye");
    assert_read_fails_at(r, r->b, GT_MS(40), GT_EOF);
}

static void a_writer_learns_of_a_close_when_it_arrives(void **state)
{
    weather_rig *r = *state;
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
    weather_rig *r = *state;
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

static void a_closed_end_can_be_written_to_as_long_as_nobody_knows(void **state)
{
    weather_rig *r = *state;
    static const uint8_t zeros[65536];
    size_t count;
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(1)});
    gt_link_weather(gt_link_to(r->a), &(gt_weather){.latency = GT_SEC(1)});
    gt_conn_close(r->b);

    for (int i = 0; i < 900; i++) { /* 56 MiB, and no more than 4 are ever under way */
        assert_int_equal(gt_conn_try_write(r->a, zeros, sizeof zeros, &count), 0);
        assert_int_equal(count, sizeof zeros);
        pass(r, GT_MS(1));
    }
    pass(r, GT_MS(100));
    assert_int_equal(try_write(r->a), GT_EPIPE);
}

static void a_reset_travels_behind_what_has_left(void **state)
{
    weather_rig *r = *state;
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
    weather_rig *r = *state;
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
    weather_rig *r = *state;
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(30)});
    put(r->a, "bye");

    gt_conn_free(r->a);
    r->a = NULL;

    assert_read_at(r, r->b, GT_MS(30), "bye");
    assert_read_fails_at(r, r->b, GT_MS(30), GT_EOF);
}

static void both_ends_may_go_while_bytes_are_under_way(void **state)
{
    weather_rig *r = *state;
    gt_link_weather(gt_link_of(r->a), &(gt_weather){.latency = GT_MS(30)});
    put(r->a, "lost");
    put(r->b, "lost");

    gt_conn_free(r->a);
    gt_conn_free(r->b);
    r->a = r->b = NULL;

    pass(r, GT_MS(100));
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

static void profiles_differ_as_their_names_do(void **state)
{
    (void)state;
    gt_weather lan = gt_weather_lan(), wan = gt_weather_wan(), mobile = gt_weather_mobile(),
               satellite = gt_weather_satellite();
    assert_true(lan.latency < wan.latency && wan.latency < mobile.latency &&
                mobile.latency < satellite.latency);
    assert_true(lan.bandwidth > wan.bandwidth && wan.bandwidth > satellite.bandwidth &&
                satellite.bandwidth > mobile.bandwidth);
    assert_true(lan.jitter < lan.latency && mobile.jitter > wan.jitter);
}

/* ---- misuse -------------------------------------------------------------------------------- */

static void set_negative_latency(void *end)
{
    gt_link_weather(gt_link_from(end), &(gt_weather){.latency = -5});
}

static void set_negative_jitter(void *end)
{
    gt_link_weather(gt_link_from(end), &(gt_weather){.latency = 1, .jitter = -5});
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
    weather_rig *r = *state;
    assert_dies(set_negative_latency, r->a,
                "grpctest: gt_link_weather: nothing arrives before it was sent (latency -5 ns, "
                "jitter 0 ns)\n");
    assert_dies(set_negative_jitter, r->a,
                "grpctest: gt_link_weather: nothing arrives before it was sent (latency 1 ns, "
                "jitter -5 ns)\n");
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
    weather_rig *r = *state;
    assert_dies(link_a_foreign_connection, r->world,
                "grpctest: gt_link_to: loft:3 is a carrier pigeon connection, and only those of "
                "bufconn have weather\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WEATHER_TEST(bytes_arrive_after_the_latency_of_their_direction),
        WEATHER_TEST(a_mebibyte_arrives_at_the_computed_nanosecond),
        WEATHER_TEST(a_narrow_pipe_carries_as_fast),
        WEATHER_TEST(latency_alone_blocks_no_writer),
        WEATHER_TEST(a_writer_fills_the_line_and_the_capacity_and_no_more),
        WEATHER_TEST(more_may_be_under_way_where_the_weather_says_so),
        WEATHER_TEST(weather_may_come_over_bytes_that_have_arrived),
        WEATHER_TEST(clear_weather_comes_to_what_has_not_left),
        WEATHER_TEST(bytes_per_read_is_a_limit_at_the_reader),
        cmocka_unit_test(on_the_manual_clock_bytes_arrive_as_time_is_advanced),
        cmocka_unit_test(on_the_real_clock_bytes_arrive_no_earlier),
        WEATHER_TEST(a_half_close_travels_behind_the_bytes),
        WEATHER_TEST(a_writer_learns_of_a_close_when_it_arrives),
        WEATHER_TEST(bytes_to_a_closed_end_take_no_room_once_they_arrive),
        WEATHER_TEST(a_closed_end_can_be_written_to_as_long_as_nobody_knows),
        WEATHER_TEST(a_reset_travels_behind_what_has_left),
        WEATHER_TEST(what_arrives_before_a_reset_can_be_read_until_then),
        WEATHER_TEST(an_end_that_was_freed_still_sends_what_it_wrote),
        WEATHER_TEST(both_ends_may_go_while_bytes_are_under_way),
        cmocka_unit_test(equal_seeds_have_equal_weather),
        cmocka_unit_test(initialised_weather_is_clear),
        cmocka_unit_test(profiles_differ_as_their_names_do),
        WEATHER_TEST(impossible_weather_is_misuse),
        WEATHER_TEST(weather_over_another_kind_of_connection_is_misuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
