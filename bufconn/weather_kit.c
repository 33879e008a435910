#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "weather_kit.h"

int weather_set_up(void **state)
{
    weather_rig *r = gt__new(weather_rig);
    r->world = gt_world_new(NULL);
    gt_pipe(r->world, 65536, &r->a, &r->b);
    *state = r;
    return 0;
}

int weather_tear_down(void **state)
{
    weather_rig *r = *state;
    gt_conn_free(r->a);
    gt_conn_free(r->b);
    gt_world_free(r->world);
    gt__free(r);
    return 0;
}

void put(gt_conn *conn, const char *text)
{
    size_t count;
    assert_int_equal(gt_conn_try_write(conn, text, strlen(text), &count), 0);
    assert_int_equal(count, strlen(text));
}

void assert_readable(gt_conn *conn, const char *expected)
{
    char buffer[100];
    size_t count;
    int error = gt_conn_try_read(conn, buffer, sizeof buffer, &count);
    assert_int_equal(error, *expected ? 0 : GT_EAGAIN);
    assert_int_equal(count, strlen(expected));
    assert_memory_equal(buffer, expected, count);
}

void assert_read_at(weather_rig *r, gt_conn *conn, gt_time instant, const char *expected)
{
    char buffer[100];
    size_t count;
    assert_int_equal(gt_conn_read(conn, NULL, buffer, sizeof buffer, &count), 0);
    assert_int_equal(gt_now(r->world), instant);
    assert_int_equal(count, strlen(expected));
    assert_memory_equal(buffer, expected, count);
}

void assert_read_fails_at(weather_rig *r, gt_conn *conn, gt_time instant, int error)
{
    char byte;
    size_t count;
    assert_int_equal(gt_conn_read(conn, NULL, &byte, 1, &count), error);
    assert_int_equal(gt_now(r->world), instant);
}

void pass(weather_rig *r, gt_duration time)
{
    assert_int_equal(gt_advance(r->world, time), 0);
}

int try_write(gt_conn *conn)
{
    size_t count;
    return gt_conn_try_write(conn, "x", 1, &count);
}

void write_a_mebibyte(void *arg)
{
    uint8_t *zeros = gt__calloc(1, 1 << 20);
    size_t count;
    int error = gt_conn_write(arg, NULL, zeros, 1 << 20, &count);
    (void)error;
    gt__free(zeros);
}
