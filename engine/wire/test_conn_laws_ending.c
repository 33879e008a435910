#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_conn_rig.h"

static void half_closing_ends_one_direction_after_its_bytes(void **state)
{
    conn_rig *r = *state;
    put_byte(r->a, 'x');

    assert_int_equal(gt_conn_close_write(r->a), 0);

    assert_next_byte(r->b, 'x');
    assert_read_gives(r->b, GT_EOF);
    assert_read_gives(r->b, GT_EOF);
    put_byte(r->b, 'y');
    assert_next_byte(r->a, 'y');
}

static void half_closing_wakes_the_waiting_reader(void **state)
{
    conn_rig *r = *state;
    uint8_t byte;
    transfer in = {.conn = r->b, .data = &byte, .size = 1};
    start_waiting(r, read_all, &in);

    assert_int_equal(gt_conn_close_write(r->a), 0);
    finish(&in);

    assert_int_equal(in.error, GT_EOF);
}

static void half_closing_twice_is_harmless(void **state)
{
    conn_rig *r = *state;
    assert_int_equal(gt_conn_close_write(r->a), 0);
    assert_int_equal(gt_conn_close_write(r->a), 0);
    assert_write_gives(r->a, GT_ECLOSED);
}

static void half_closing_both_ways_ends_both(void **state)
{
    conn_rig *r = *state;
    assert_int_equal(gt_conn_close_write(r->a), 0);
    assert_int_equal(gt_conn_close_write(r->b), 0);
    assert_read_gives(r->a, GT_EOF);
    assert_read_gives(r->b, GT_EOF);
}

static void half_closing_ends_ones_own_waiting_write(void **state)
{
    conn_rig *r = *state;
    size_t size = r->kind->more_than_fits;
    transfer out = {.conn = r->a, .data = new_pattern(size), .size = size};
    start_waiting(r, write_all, &out);

    assert_int_equal(gt_conn_close_write(r->a), 0);
    finish(&out);

    assert_int_equal(out.error, GT_ECLOSED);
    read_exactly(r->b, out.done);
    assert_read_gives(r->b, GT_EOF);
    gt__free(out.data);
}

static void closing_lets_the_peer_drain_and_then_end(void **state)
{
    conn_rig *r = *state;
    put_byte(r->a, 'x');

    gt_conn_close(r->a);
    gt_conn_close(r->a);

    assert_next_byte(r->b, 'x');
    assert_read_gives(r->b, GT_EOF);
}

static void a_large_write_survives_closing_and_freeing(void **state)
{
    conn_rig *r = *state;
    size_t total = fill(r->a);

    gt_conn_free(r->a);
    r->a = NULL;

    read_exactly(r->b, total);
    assert_read_gives(r->b, GT_EOF);
}

static void writing_to_a_closed_peer_fails(void **state)
{
    conn_rig *r = *state;
    gt_conn_close(r->b);

    /* Where that shows later, a few go nowhere before. */
    int error = 0;
    size_t count;
    for (int i = 0; i < 100 && !error; i++) {
        error = gt_conn_write(r->a, NULL, "x", 1, &count);
        if (r->kind->delayed || r->kind->kernel)
            assert_int_equal(gt_advance(r->world, GT_MS(1)), 0);
    }

    assert_int_equal(error, GT_EPIPE);
    assert_int_equal(count, 0);
}

static void closing_ends_the_peers_waiting_write(void **state)
{
    conn_rig *r = *state;
    size_t size = r->kind->more_than_fits;
    transfer out = {.conn = r->a, .data = new_pattern(size), .size = size};
    start_waiting(r, write_all, &out);

    gt_conn_close(r->b);
    finish(&out);

    /* Closing with bytes unread is a reset to a kernel. */
    if (r->kind->kernel)
        assert_true(out.error == GT_EPIPE || out.error == GT_ERESET);
    else
        assert_int_equal(out.error, GT_EPIPE);
    assert_true(out.done < size);
    gt__free(out.data);
}

static void closing_ends_ones_own_waiting_calls(void **state)
{
    conn_rig *r = *state;
    uint8_t byte;
    size_t size = r->kind->more_than_fits;
    transfer in = {.conn = r->a, .data = &byte, .size = 1};
    transfer out = {.conn = r->a, .data = new_pattern(size), .size = size};
    start_waiting(r, read_all, &in);
    start_waiting(r, write_all, &out);

    gt_conn_close(r->a);
    finish(&in);
    finish(&out);

    assert_int_equal(in.error, GT_ECLOSED);
    assert_int_equal(out.error, GT_ECLOSED);
    read_exactly(r->b, out.done);
    assert_read_gives(r->b, GT_EOF);
    gt__free(out.data);
}

static void a_closed_end_says_so(void **state)
{
    conn_rig *r = *state;
    char byte;
    size_t count;
    gt_conn_close(r->a);

    assert_read_gives(r->a, GT_ECLOSED);
    assert_write_gives(r->a, GT_ECLOSED);
    assert_int_equal(gt_conn_try_read(r->a, &byte, 1, &count), GT_ECLOSED);
    assert_int_equal(gt_conn_try_write(r->a, &byte, 1, &count), GT_ECLOSED);
    assert_int_equal(gt_conn_close_write(r->a), GT_ECLOSED);
    gt_conn_reset(r->a);
    assert_read_gives(r->a, GT_ECLOSED);
}

static void a_closed_end_says_so_under_a_context_too(void **state)
{
    conn_rig *r = *state;
    char byte;
    size_t count;
    gt_context *background = gt_context_background(r->world);
    gt_conn_close(r->a);

    assert_int_equal(gt_conn_read(r->a, background, &byte, 1, &count), GT_ECLOSED);
    assert_int_equal(gt_conn_write(r->a, background, &byte, 1, &count), GT_ECLOSED);

    gt_context_free(background);
}

static void a_reset_ends_both_ends(void **state)
{
    conn_rig *r = *state;

    gt_conn_reset(r->a);

    assert_read_gives(r->a, GT_ERESET);
    assert_write_gives(r->a, GT_ERESET);
    assert_int_equal(gt_conn_close_write(r->a), GT_ERESET);
    assert_read_gives(r->b, r->kind->reset_is_close ? GT_EOF : GT_ERESET);
    if (!r->kind->reset_is_close)
        assert_write_gives(r->b, GT_ERESET);
    gt_conn_close(r->a);
    assert_read_gives(r->a, GT_ECLOSED);
}

static void a_reset_ends_all_that_wait(void **state)
{
    conn_rig *r = *state;
    uint8_t byte[2];
    transfer own = {.conn = r->a, .data = &byte[0], .size = 1};
    transfer peers = {.conn = r->b, .data = &byte[1], .size = 1};
    start_waiting(r, read_all, &own);
    start_waiting(r, read_all, &peers);

    gt_conn_reset(r->a);
    finish(&own);
    finish(&peers);

    assert_int_equal(own.error, GT_ERESET);
    assert_int_equal(peers.error, r->kind->reset_is_close ? GT_EOF : GT_ERESET);
}

static void a_reset_ends_the_peers_waiting_write(void **state)
{
    conn_rig *r = *state;
    size_t size = r->kind->more_than_fits;
    transfer out = {.conn = r->a, .data = new_pattern(size), .size = size};
    start_waiting(r, write_all, &out);

    gt_conn_reset(r->b);
    finish(&out);

    if (r->kind->reset_is_close)
        assert_true(out.error == GT_EPIPE || out.error == GT_ERESET);
    else
        assert_int_equal(out.error, GT_ERESET);
    assert_true(out.done < size);
    gt__free(out.data);
}

static void a_reset_ends_a_waiting_write_short(void **state)
{
    conn_rig *r = *state;
    size_t size = r->kind->more_than_fits;
    transfer out = {.conn = r->a, .data = new_pattern(size), .size = size};
    start_waiting(r, write_all, &out);

    gt_conn_reset(r->a);
    finish(&out);

    assert_int_equal(out.error, GT_ERESET);
    assert_true(out.done < size);
    gt__free(out.data);
}

static const law laws[] = {
    LAW(half_closing_ends_one_direction_after_its_bytes),
    LAW(half_closing_wakes_the_waiting_reader),
    LAW(half_closing_twice_is_harmless),
    LAW(half_closing_both_ways_ends_both),
    LAW(half_closing_ends_ones_own_waiting_write),
    LAW(closing_lets_the_peer_drain_and_then_end),
    LAW(a_large_write_survives_closing_and_freeing),
    LAW(writing_to_a_closed_peer_fails),
    LAW(closing_ends_the_peers_waiting_write),
    LAW(closing_ends_ones_own_waiting_calls),
    LAW(a_closed_end_says_so),
    LAW(a_closed_end_says_so_under_a_context_too),
    LAW(a_reset_ends_both_ends),
    LAW(a_reset_ends_all_that_wait),
    LAW(a_reset_ends_a_waiting_write_short),
    LAW(a_reset_ends_the_peers_waiting_write),
};

const law_chapter conn_laws_of_ending = CHAPTER(laws);
