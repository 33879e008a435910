#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_conn_rig.h"

int conn_rig_set_up(void **state)
{
    conn_rig *r = gt__new(conn_rig);
    r->kind = *state;
    gt_world_options options = {.clock = r->kind->clock, .seed = r->kind->seed};
    r->world = gt_world_new(&options);
    r->kind->connect(r->kind, r->world, &r->a, &r->b);
    *state = r;
    return 0;
}

int conn_rig_tear_down(void **state)
{
    conn_rig *r = *state;
    gt_conn_free(r->a);
    gt_conn_free(r->b);
    gt_world_free(r->world);
    gt__free(r);
    return 0;
}

void write_all(void *arg)
{
    transfer *t = arg;
    t->error = gt_conn_write(t->conn, t->context, t->data, t->size, &t->done);
}

void read_all(void *arg)
{
    transfer *t = arg;
    while (!t->error && t->done < t->size) {
        size_t wanted = t->size - t->done;
        if (t->chunk > 0 && wanted > t->chunk)
            wanted = t->chunk;
        size_t count;
        t->error = gt_conn_read(t->conn, t->context, t->data + t->done, wanted, &count);
        t->done += count;
    }
}

void start(conn_rig *r, gt_task_fn *fn, transfer *t)
{
    t->task = gt_spawn(r->world, fn == read_all ? "reader" : "writer", fn, t);
}

void finish(transfer *t)
{
    assert_int_equal(gt_task_join(t->task, NULL), 0);
}

void start_waiting(conn_rig *r, gt_task_fn *fn, transfer *t)
{
    start(r, fn, t);
    assert_int_equal(gt_settle(r->world), 0);
    assert_false(gt_task_done(t->task));
}

static uint8_t pattern(size_t i)
{
    return (uint8_t)(i * 7 + i / 251);
}

uint8_t *new_pattern(size_t size)
{
    uint8_t *data = gt__malloc(size);
    for (size_t i = 0; i < size; i++)
        data[i] = pattern(i);
    return data;
}

void put_byte(gt_conn *conn, char byte)
{
    size_t count;
    assert_int_equal(gt_conn_write(conn, NULL, &byte, 1, &count), 0);
    assert_int_equal(count, 1);
}

void assert_next_byte(gt_conn *conn, char expected)
{
    char byte;
    size_t count;
    assert_int_equal(gt_conn_read(conn, NULL, &byte, 1, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(byte, expected);
}

void assert_read_gives(gt_conn *conn, int expected)
{
    char byte;
    size_t count = 7;
    assert_int_equal(gt_conn_read(conn, NULL, &byte, 1, &count), expected);
    assert_int_equal(count, 0);
}

void assert_write_gives(gt_conn *conn, int expected)
{
    size_t count = 7;
    assert_int_equal(gt_conn_write(conn, NULL, "x", 1, &count), expected);
    assert_int_equal(count, 0);
}

size_t fill(gt_conn *conn)
{
    static const uint8_t zeros[4096];
    size_t total = 0, count;
    while (gt_conn_try_write(conn, zeros, sizeof zeros, &count) == 0)
        total += count;
    assert_int_equal(gt_conn_try_write(conn, zeros, sizeof zeros, &count), GT_EAGAIN);
    assert_int_equal(count, 0);
    return total;
}

void read_exactly(gt_conn *conn, size_t size)
{
    transfer in = {.conn = conn, .data = gt__malloc(size), .size = size};
    read_all(&in);
    gt__free(in.data);
    assert_int_equal(in.error, 0);
}

void assert_now(const conn_rig *r, gt_time expected)
{
    if (r->kind->clock == GT_CLOCK_REAL)
        assert_true(gt_now(r->world) >= expected);
    else
        assert_int_equal(gt_now(r->world), expected);
}
