/* What holds whatever a test does to a link, tried in any order that comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "weather_kit.h"

static uint8_t pattern(size_t i)
{
    return (uint8_t)(i * 7 + i / 251);
}

static void write_some(gt_conn *conn, size_t size, size_t *written)
{
    uint8_t data[5000];
    size_t count;
    for (size_t i = 0; i < size; i++)
        data[i] = pattern(*written + i);
    (void)!gt_conn_try_write(conn, data, size, &count);
    *written += count;
}

static void read_some(gt_conn *conn, size_t size, size_t *read)
{
    uint8_t data[5000];
    size_t count;
    (void)!gt_conn_try_read(conn, data, size, &count);
    for (size_t i = 0; i < count; i++, ++*read)
        if (data[i] != pattern(*read))
            fail_msg("byte %zu is wrong", *read);
}

static gt_weather any_weather(gt__random *random)
{
    return (gt_weather){
        .latency = (gt_duration)gt__random_below(random, GT_US(100)),
        .jitter = (gt_duration)gt__random_below(random, GT_US(50)),
        .bandwidth = gt__random_below(random, 3) * 100 * MBIT,
        .packet = gt__random_below(random, 2000),
        .in_flight = gt__random_below(random, 20000),
        .bytes_per_read = gt__random_below(random, 2) * 700,
    };
}

/* One thing that a test may do to a link, or a program to its ends. */
static void do_something(weather_rig *r, gt__random *random, size_t *written, size_t *read)
{
    gt_link link = gt_link_from(r->a);
    gt_weather weather;
    switch (gt__random_below(random, 12)) {
    case 0:
        weather = any_weather(random);
        gt_link_weather(link, &weather);
        break;
    case 1:
        gt_link_hold(link);
        break;
    case 2:
        gt_link_stall(link, (gt_duration)gt__random_below(random, GT_US(80)));
        break;
    case 3:
        gt_link_release(link);
        break;
    case 4:
    case 5:
        pass(r, (gt_duration)gt__random_below(random, GT_US(60)));
        break;
    case 6:
    case 7:
    case 8:
        read_some(r->b, gt__random_below(random, 5000), read);
        break;
    default:
        write_some(r->a, gt__random_below(random, 5000), written);
    }
}

static void whatever_the_hands_do_bytes_arrive_once_and_in_order(void **state)
{
    weather_rig *r = *state;
    gt_conn_free(r->a);
    gt_conn_free(r->b);
    for (uint64_t seed = 1; seed <= 7; seed++) {
        gt__random random;
        size_t written = 0, read = 0;
        gt__random_init(&random, seed, "hands");
        gt_pipe(r->world, 8000, &r->a, &r->b);

        for (int i = 0; i < 3000; i++)
            do_something(r, &random, &written, &read);
        assert_int_equal(gt_conn_close_write(r->a), 0);
        gt_link_release(gt_link_from(r->a));
        for (int i = 0; i < 200; i++) {
            pass(r, GT_MS(10));
            read_some(r->b, 5000, &read);
        }

        assert_true(written > 100000);
        assert_int_equal(read, written);
        assert_read_fails_at(r, r->b, gt_now(r->world), GT_EOF);
        gt_conn_free(r->a);
        gt_conn_free(r->b);
        r->a = r->b = NULL;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WEATHER_TEST(whatever_the_hands_do_bytes_arrive_once_and_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
