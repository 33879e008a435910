#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_conn_rig.h"

static void a_read_times_out_at_its_deadline_and_can_go_on(void **state)
{
    conn_rig *r = *state;
    gt_time deadline = gt_now(r->world) + A_WHILE;
    gt_conn_set_read_deadline(r->b, deadline);

    assert_read_gives(r->b, GT_ETIMEDOUT);
    assert_now(r, deadline);
    gt_conn_set_read_deadline(r->b, GT_NEVER);

    put_byte(r->a, 'x');
    assert_next_byte(r->b, 'x');
}

static void a_past_deadline_comes_before_the_bytes(void **state)
{
    conn_rig *r = *state;
    put_byte(r->a, 'x');
    gt_conn_set_deadline(r->b, gt_now(r->world));

    assert_read_gives(r->b, GT_ETIMEDOUT);
    assert_write_gives(r->b, GT_ETIMEDOUT);
    gt_conn_set_deadline(r->b, GT_NEVER);

    assert_next_byte(r->b, 'x');
}

static void deadlines_do_not_concern_what_never_blocks(void **state)
{
    conn_rig *r = *state;
    size_t count;
    gt_conn_set_deadline(r->a, gt_now(r->world));
    assert_int_equal(gt_conn_try_write(r->a, "x", 1, &count), 0);
    assert_int_equal(count, 1);
}

static void the_read_deadline_does_not_concern_writes(void **state)
{
    conn_rig *r = *state;
    gt_conn_set_read_deadline(r->a, gt_now(r->world));
    put_byte(r->a, 'x');
    gt_conn_set_write_deadline(r->b, gt_now(r->world));
    assert_next_byte(r->b, 'x');
}

static void a_deadline_set_meanwhile_ends_a_waiting_read(void **state)
{
    conn_rig *r = *state;
    uint8_t byte;
    transfer in = {.conn = r->b, .data = &byte, .size = 1};
    start_waiting(r, read_all, &in);

    gt_time deadline = gt_now(r->world) + A_WHILE;
    gt_conn_set_read_deadline(r->b, deadline);
    finish(&in);

    assert_int_equal(in.error, GT_ETIMEDOUT);
    assert_now(r, deadline);
}

static void a_deadline_set_meanwhile_ends_a_waiting_write(void **state)
{
    conn_rig *r = *state;
    size_t size = r->kind->more_than_fits;
    transfer out = {.conn = r->a, .data = new_pattern(size), .size = size};
    start_waiting(r, write_all, &out);

    gt_time deadline = gt_now(r->world) + A_WHILE;
    gt_conn_set_write_deadline(r->a, deadline);
    finish(&out);

    assert_int_equal(out.error, GT_ETIMEDOUT);
    assert_now(r, deadline);
    gt__free(out.data);
}

/* On the real clock a slow machine may not see it wait before the deadline: then once more. */
static void start_waiting_until(conn_rig *r, transfer *in, gt_duration timeout)
{
    do {
        gt_conn_set_read_deadline(in->conn, gt_now(r->world) + timeout);
        in->error = 0;
        start(r, read_all, in);
        assert_int_equal(gt_settle(r->world), 0);
        if (!gt_task_done(in->task))
            return;
        finish(in);
    } while (r->kind->clock == GT_CLOCK_REAL && in->error == GT_ETIMEDOUT);
    fail_msg("the read did not wait");
}

static void a_deadline_lifted_meanwhile_ends_nothing(void **state)
{
    conn_rig *r = *state;
    uint8_t byte;
    transfer in = {.conn = r->b, .data = &byte, .size = 1};
    start_waiting_until(r, &in, A_WHILE);

    gt_conn_set_read_deadline(r->b, GT_NEVER);
    assert_int_equal(gt_advance(r->world, 2 * A_WHILE), 0);
    assert_false(gt_task_done(in.task));
    put_byte(r->a, 'x');
    finish(&in);

    assert_int_equal(in.error, 0);
}

static void a_timed_out_write_tells_what_it_wrote(void **state)
{
    conn_rig *r = *state;
    size_t size = r->kind->more_than_fits, count;
    uint8_t *data = new_pattern(size);
    gt_conn_set_write_deadline(r->a, gt_now(r->world) + A_WHILE);

    assert_int_equal(gt_conn_write(r->a, NULL, data, size, &count), GT_ETIMEDOUT);

    assert_true(count < size);
    if (r->kind->capacity > 0)
        assert_int_equal(count, r->kind->capacity);
    gt_conn_close(r->a);
    transfer in = {.conn = r->b, .data = gt__malloc(size), .size = size};
    read_all(&in);
    assert_int_equal(in.error, GT_EOF);
    assert_int_equal(in.done, count);
    assert_memory_equal(in.data, data, count);
    gt__free(in.data);
    gt__free(data);
}

static void a_cancelled_context_ends_a_waiting_read_alone(void **state)
{
    conn_rig *r = *state;
    uint8_t byte;
    gt_context *background = gt_context_background(r->world);
    transfer in = {
        .conn = r->b, .context = gt_context_with_cancel(background), .data = &byte, .size = 1};
    start_waiting(r, read_all, &in);

    gt_context_cancel(in.context);
    finish(&in);

    assert_int_equal(in.error, GT_ECANCELLED);
    put_byte(r->a, 'x');
    assert_next_byte(r->b, 'x');
    gt_context_free(in.context);
    gt_context_free(background);
}

static void a_context_that_is_done_comes_before_the_bytes(void **state)
{
    conn_rig *r = *state;
    gt_context *background = gt_context_background(r->world);
    gt_context *done = gt_context_with_timeout(background, 0);
    char byte;
    size_t count = 7;
    put_byte(r->a, 'x');

    assert_int_equal(gt_conn_read(r->b, done, &byte, 1, &count), GT_ETIMEDOUT);
    assert_int_equal(count, 0);
    assert_int_equal(gt_conn_write(r->b, done, &byte, 1, &count), GT_ETIMEDOUT);

    assert_next_byte(r->b, 'x');
    gt_context_free(done);
    gt_context_free(background);
}

static const law laws[] = {
    LAW(a_read_times_out_at_its_deadline_and_can_go_on),
    LAW(a_past_deadline_comes_before_the_bytes),
    LAW(deadlines_do_not_concern_what_never_blocks),
    LAW(the_read_deadline_does_not_concern_writes),
    LAW(a_deadline_set_meanwhile_ends_a_waiting_read),
    LAW(a_deadline_set_meanwhile_ends_a_waiting_write),
    LAW(a_deadline_lifted_meanwhile_ends_nothing),
    LAW(a_timed_out_write_tells_what_it_wrote),
    LAW(a_cancelled_context_ends_a_waiting_read_alone),
    LAW(a_context_that_is_done_comes_before_the_bytes),
};

const law_chapter conn_laws_of_waiting = CHAPTER(laws);
