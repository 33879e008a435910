#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_conn_rig.h"

static void assert_carries(conn_rig *r, size_t size, size_t chunk)
{
    transfer out = {.conn = r->a, .data = new_pattern(size), .size = size};
    transfer in = {.conn = r->b, .data = gt__malloc(size), .size = size, .chunk = chunk};

    start(r, read_all, &in);
    start(r, write_all, &out);
    finish(&out);
    finish(&in);

    assert_int_equal(out.error, 0);
    assert_int_equal(out.done, size);
    assert_int_equal(in.error, 0);
    assert_memory_equal(in.data, out.data, size);
    gt__free(out.data);
    gt__free(in.data);
}

static void bytes_arrive_whole_and_in_order(void **state)
{
    conn_rig *r = *state;
    assert_carries(r, r->kind->more_than_fits, 0);
}

static void bytes_arrive_in_order_in_reads_of_any_size(void **state)
{
    conn_rig *r = *state;
    for (size_t chunk = 1; chunk < 14; chunk++)
        assert_carries(r, 100, chunk);
}

static void both_directions_carry_at_once(void **state)
{
    conn_rig *r = *state;
    size_t size = r->kind->more_than_fits;
    uint8_t *data = new_pattern(size);
    transfer out[2] = {{.conn = r->a, .data = data, .size = size},
                       {.conn = r->b, .data = data, .size = size}};
    transfer in[2] = {{.conn = r->b, .data = gt__malloc(size), .size = size},
                      {.conn = r->a, .data = gt__malloc(size), .size = size}};

    for (int i = 0; i < 2; i++) {
        start(r, write_all, &out[i]);
        start(r, read_all, &in[i]);
    }
    for (int i = 0; i < 2; i++) {
        finish(&out[i]);
        finish(&in[i]);
    }

    for (int i = 0; i < 2; i++) {
        assert_int_equal(out[i].done, size);
        assert_memory_equal(in[i].data, data, size);
        gt__free(in[i].data);
    }
    gt__free(data);
}

static void a_read_waits_for_the_first_byte_and_no_more(void **state)
{
    conn_rig *r = *state;
    uint8_t buffer[10];
    size_t count;
    transfer in = {.conn = r->b, .data = buffer, .size = 1};
    start_waiting(r, read_all, &in);

    put_byte(r->a, 'x');
    finish(&in);
    put_byte(r->a, 'y');

    assert_int_equal(buffer[0], 'x');
    assert_int_equal(gt_conn_read(r->b, NULL, buffer, sizeof buffer, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(buffer[0], 'y');
}

static void no_bytes_are_moved_at_once(void **state)
{
    conn_rig *r = *state;
    size_t count = 7;
    assert_int_equal(gt_conn_read(r->b, NULL, NULL, 0, &count), 0);
    assert_int_equal(count, 0);
    count = 7;
    assert_int_equal(gt_conn_write(r->b, NULL, NULL, 0, &count), 0);
    assert_int_equal(count, 0);
    count = 7;
    assert_int_equal(gt_conn_try_read(r->b, NULL, 0, &count), 0);
    assert_int_equal(count, 0);
    count = 7;
    assert_int_equal(gt_conn_try_write(r->b, NULL, 0, &count), 0);
    assert_int_equal(count, 0);
}

static void nothing_to_read_would_block(void **state)
{
    conn_rig *r = *state;
    char byte;
    size_t count = 7;
    assert_int_equal(gt_conn_try_read(r->b, &byte, 1, &count), GT_EAGAIN);
    assert_int_equal(count, 0);
}

static void a_full_connection_would_block_until_it_is_read(void **state)
{
    conn_rig *r = *state;
    size_t count;

    size_t total = fill(r->a);
    assert_true(total > 0);
    read_exactly(r->b, total);
    gt_waitable writable = gt_conn_writable(r->a);
    assert_int_equal(gt_wait_any(r->world, NULL, GT_NEVER, &writable, 1), 0);

    assert_int_equal(gt_conn_try_write(r->a, "x", 1, &count), 0);
    assert_next_byte(r->b, 'x');
}

static const law laws[] = {
    LAW(bytes_arrive_whole_and_in_order),
    LAW(bytes_arrive_in_order_in_reads_of_any_size),
    LAW(both_directions_carry_at_once),
    LAW(a_read_waits_for_the_first_byte_and_no_more),
    LAW(no_bytes_are_moved_at_once),
    LAW(nothing_to_read_would_block),
    LAW(a_full_connection_would_block_until_it_is_read),
};

const law_chapter conn_laws_of_carrying = CHAPTER(laws);
