#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/core.h"
#include "test_conn_laws.h"

/* ---- the rig: a world and the two ends of a connection ----------------------------------------
 */

typedef struct rig {
    const conn_kind *kind;
    gt_world *world;
    gt_conn *a, *b;
} rig;

static int set_up(void **state)
{
    rig *r = gt__new(rig);
    r->kind = *state;
    gt_world_options options = {.clock = r->kind->clock, .seed = r->kind->seed};
    r->world = gt_world_new(&options);
    r->kind->connect(r->kind, r->world, &r->a, &r->b);
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

/* Time enough for a kernel to have delivered; on a virtual clock exactly this long. */
#define A_WHILE GT_MS(20)

/* ---- one transfer, which a task can carry out -------------------------------------------------
 */

typedef struct transfer {
    gt_conn *conn;
    gt_context *context;
    uint8_t *data;
    size_t size;  /* to be moved */
    size_t chunk; /* at most so many per read; 0: any */
    size_t done;
    int error;
    gt_task *task;
} transfer;

static void write_all(void *arg)
{
    transfer *t = arg;
    t->error = gt_conn_write(t->conn, t->context, t->data, t->size, &t->done);
}

static void read_all(void *arg)
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

static void start(rig *r, gt_task_fn *fn, transfer *t)
{
    t->task = gt_spawn(r->world, fn == read_all ? "reader" : "writer", fn, t);
}

static void finish(transfer *t)
{
    assert_int_equal(gt_task_join(t->task, NULL), 0);
}

/* Starts it, and sees it wait. */
static void start_waiting(rig *r, gt_task_fn *fn, transfer *t)
{
    start(r, fn, t);
    assert_int_equal(gt_settle(r->world), 0);
    assert_false(gt_task_done(t->task));
}

static uint8_t pattern(size_t i)
{
    return (uint8_t)(i * 7 + i / 251);
}

static uint8_t *new_pattern(size_t size)
{
    uint8_t *data = gt__malloc(size);
    for (size_t i = 0; i < size; i++)
        data[i] = pattern(i);
    return data;
}

static void put_byte(gt_conn *conn, char byte)
{
    size_t count;
    assert_int_equal(gt_conn_write(conn, NULL, &byte, 1, &count), 0);
    assert_int_equal(count, 1);
}

static void assert_next_byte(gt_conn *conn, char expected)
{
    char byte;
    size_t count;
    assert_int_equal(gt_conn_read(conn, NULL, &byte, 1, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(byte, expected);
}

static void assert_read_gives(gt_conn *conn, int expected)
{
    char byte;
    size_t count = 7;
    assert_int_equal(gt_conn_read(conn, NULL, &byte, 1, &count), expected);
    assert_int_equal(count, 0);
}

static void assert_write_gives(gt_conn *conn, int expected)
{
    size_t count = 7;
    assert_int_equal(gt_conn_write(conn, NULL, "x", 1, &count), expected);
    assert_int_equal(count, 0);
}

/* ---- carrying ---------------------------------------------------------------------------------
 */

static void assert_carries(rig *r, size_t size, size_t chunk)
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
    rig *r = *state;
    assert_carries(r, r->kind->more_than_fits, 0);
}

static void bytes_arrive_in_order_in_reads_of_any_size(void **state)
{
    rig *r = *state;
    for (size_t chunk = 1; chunk < 14; chunk++)
        assert_carries(r, 100, chunk);
}

static void both_directions_carry_at_once(void **state)
{
    rig *r = *state;
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
    rig *r = *state;
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
    rig *r = *state;
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
    rig *r = *state;
    char byte;
    size_t count = 7;
    assert_int_equal(gt_conn_try_read(r->b, &byte, 1, &count), GT_EAGAIN);
    assert_int_equal(count, 0);
}

/* Writes without blocking until it would: how much that was. */
static size_t fill(gt_conn *conn)
{
    static const uint8_t zeros[4096];
    size_t total = 0, count;
    while (gt_conn_try_write(conn, zeros, sizeof zeros, &count) == 0)
        total += count;
    assert_int_equal(gt_conn_try_write(conn, zeros, sizeof zeros, &count), GT_EAGAIN);
    assert_int_equal(count, 0);
    return total;
}

static void read_exactly(gt_conn *conn, size_t size)
{
    transfer in = {.conn = conn, .data = gt__malloc(size), .size = size};
    read_all(&in);
    gt__free(in.data);
    assert_int_equal(in.error, 0);
}

static void a_full_connection_would_block_until_it_is_read(void **state)
{
    rig *r = *state;
    size_t count;

    size_t total = fill(r->a);
    assert_true(total > 0);
    read_exactly(r->b, total);
    gt_waitable writable = gt_conn_writable(r->a);
    assert_int_equal(gt_wait_any(r->world, NULL, GT_NEVER, &writable, 1), 0);

    assert_int_equal(gt_conn_try_write(r->a, "x", 1, &count), 0);
    assert_next_byte(r->b, 'x');
}

/* ---- deadlines and contexts -------------------------------------------------------------------
 */

static void assert_now(const rig *r, gt_time expected)
{
    if (r->kind->clock == GT_CLOCK_REAL)
        assert_true(gt_now(r->world) >= expected);
    else
        assert_int_equal(gt_now(r->world), expected);
}

static void a_read_times_out_at_its_deadline_and_can_go_on(void **state)
{
    rig *r = *state;
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
    rig *r = *state;
    put_byte(r->a, 'x');
    gt_conn_set_deadline(r->b, gt_now(r->world));

    assert_read_gives(r->b, GT_ETIMEDOUT);
    assert_write_gives(r->b, GT_ETIMEDOUT);
    gt_conn_set_deadline(r->b, GT_NEVER);

    assert_next_byte(r->b, 'x');
}

static void deadlines_do_not_concern_what_never_blocks(void **state)
{
    rig *r = *state;
    size_t count;
    gt_conn_set_deadline(r->a, gt_now(r->world));
    assert_int_equal(gt_conn_try_write(r->a, "x", 1, &count), 0);
    assert_int_equal(count, 1);
}

static void the_read_deadline_does_not_concern_writes(void **state)
{
    rig *r = *state;
    gt_conn_set_read_deadline(r->a, gt_now(r->world));
    put_byte(r->a, 'x');
    gt_conn_set_write_deadline(r->b, gt_now(r->world));
    assert_next_byte(r->b, 'x');
}

static void a_deadline_set_meanwhile_ends_a_waiting_read(void **state)
{
    rig *r = *state;
    uint8_t byte;
    transfer in = {.conn = r->b, .data = &byte, .size = 1};
    start_waiting(r, read_all, &in);

    gt_time deadline = gt_now(r->world) + A_WHILE;
    gt_conn_set_read_deadline(r->b, deadline);
    finish(&in);

    assert_int_equal(in.error, GT_ETIMEDOUT);
    assert_now(r, deadline);
}

static void a_deadline_lifted_meanwhile_ends_nothing(void **state)
{
    rig *r = *state;
    uint8_t byte;
    transfer in = {.conn = r->b, .data = &byte, .size = 1};
    gt_conn_set_read_deadline(r->b, gt_now(r->world) + A_WHILE);
    start_waiting(r, read_all, &in);

    gt_conn_set_read_deadline(r->b, GT_NEVER);
    assert_int_equal(gt_advance(r->world, 2 * A_WHILE), 0);
    assert_false(gt_task_done(in.task));
    put_byte(r->a, 'x');
    finish(&in);

    assert_int_equal(in.error, 0);
}

static void a_timed_out_write_tells_what_it_wrote(void **state)
{
    rig *r = *state;
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
    rig *r = *state;
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
    rig *r = *state;
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

/* ---- ending -----------------------------------------------------------------------------------
 */

static void half_closing_ends_one_direction_after_its_bytes(void **state)
{
    rig *r = *state;
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
    rig *r = *state;
    uint8_t byte;
    transfer in = {.conn = r->b, .data = &byte, .size = 1};
    start_waiting(r, read_all, &in);

    assert_int_equal(gt_conn_close_write(r->a), 0);
    finish(&in);

    assert_int_equal(in.error, GT_EOF);
}

static void half_closing_twice_is_harmless(void **state)
{
    rig *r = *state;
    assert_int_equal(gt_conn_close_write(r->a), 0);
    assert_int_equal(gt_conn_close_write(r->a), 0);
    assert_write_gives(r->a, GT_ECLOSED);
}

static void half_closing_both_ways_ends_both(void **state)
{
    rig *r = *state;
    assert_int_equal(gt_conn_close_write(r->a), 0);
    assert_int_equal(gt_conn_close_write(r->b), 0);
    assert_read_gives(r->a, GT_EOF);
    assert_read_gives(r->b, GT_EOF);
}

static void half_closing_ends_ones_own_waiting_write(void **state)
{
    rig *r = *state;
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
    rig *r = *state;
    put_byte(r->a, 'x');

    gt_conn_close(r->a);
    gt_conn_close(r->a);

    assert_next_byte(r->b, 'x');
    assert_read_gives(r->b, GT_EOF);
}

static void a_large_write_survives_closing_and_freeing(void **state)
{
    rig *r = *state;
    size_t total = fill(r->a);

    gt_conn_free(r->a);
    r->a = NULL;

    read_exactly(r->b, total);
    assert_read_gives(r->b, GT_EOF);
}

static void writing_to_a_closed_peer_fails(void **state)
{
    rig *r = *state;
    gt_conn_close(r->b);

    /* A kernel takes a few before it knows. */
    int error = 0;
    size_t count;
    for (int i = 0; i < 100 && !error; i++) {
        error = gt_conn_write(r->a, NULL, "x", 1, &count);
        if (r->kind->kernel)
            assert_int_equal(gt_advance(r->world, GT_MS(1)), 0);
    }

    assert_int_equal(error, GT_EPIPE);
    assert_int_equal(count, 0);
}

static void closing_ends_the_peers_waiting_write(void **state)
{
    rig *r = *state;
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
    rig *r = *state;
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
    rig *r = *state;
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

static void a_reset_ends_both_ends(void **state)
{
    rig *r = *state;

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
    rig *r = *state;
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

static void a_reset_ends_a_waiting_write_short(void **state)
{
    rig *r = *state;
    size_t size = r->kind->more_than_fits;
    transfer out = {.conn = r->a, .data = new_pattern(size), .size = size};
    start_waiting(r, write_all, &out);

    gt_conn_reset(r->a);
    finish(&out);

    assert_int_equal(out.error, GT_ERESET);
    assert_true(out.done < size);
    gt__free(out.data);
}

/* ---- several at once --------------------------------------------------------------------------
 */

static void several_readers_share_the_bytes(void **state)
{
    rig *r = *state;
    enum { READERS = 3, EACH = 50 };
    uint8_t data[READERS][EACH];
    transfer in[READERS];
    unsigned sum = 0;
    for (int i = 0; i < READERS; i++) {
        in[i] = (transfer){.conn = r->b, .data = data[i], .size = EACH, .chunk = 1};
        start(r, read_all, &in[i]);
    }

    uint8_t *sent = new_pattern(READERS * EACH);
    transfer out = {.conn = r->a, .data = sent, .size = READERS * EACH};
    start(r, write_all, &out);
    for (int i = 0; i < READERS; i++)
        finish(&in[i]);
    finish(&out);

    for (int i = 0; i < READERS * EACH; i++)
        sum = sum + sent[i] - data[i / EACH][i % EACH];
    assert_int_equal(sum, 0);
    gt__free(sent);
}

static void writes_of_several_tasks_stay_whole(void **state)
{
    rig *r = *state;
    enum { WRITERS = 3 };
    size_t each = r->kind->more_than_fits / 4 * 2;
    transfer out[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        out[i] = (transfer){.conn = r->a, .data = gt__malloc(each), .size = each};
        memset(out[i].data, '1' + i, each);
        start(r, write_all, &out[i]);
    }

    uint8_t *data = gt__malloc(WRITERS * each);
    transfer in = {.conn = r->b, .data = data, .size = WRITERS * each};
    read_all(&in);

    for (int i = 0; i < WRITERS; i++) {
        finish(&out[i]);
        assert_int_equal(out[i].done, each);
        for (size_t k = 1; k < each; k++)
            if (data[(size_t)i * each + k] != data[(size_t)i * each])
                fail_msg("write %d is torn at byte %zu", i, k);
        gt__free(out[i].data);
    }
    gt__free(data);
}

static void an_end_freed_under_a_waiting_read_says_closed(void **state)
{
    rig *r = *state;
    uint8_t byte;
    transfer in = {.conn = r->b, .data = &byte, .size = 1};
    start_waiting(r, read_all, &in);

    gt_conn_free(r->b);
    r->b = NULL;
    finish(&in);

    assert_int_equal(in.error, GT_ECLOSED);
}

static void an_end_lives_on_when_the_other_is_freed(void **state)
{
    rig *r = *state;
    put_byte(r->b, 'x');

    gt_conn_free(r->b);
    r->b = NULL;

    assert_next_byte(r->a, 'x');
    assert_read_gives(r->a, GT_EOF);
}

/* ---- watching ---------------------------------------------------------------------------------
 */

static void a_read_limit_of_one_shows_single_bytes(void **state)
{
    rig *r = *state;
    uint8_t data[5];
    size_t count;
    transfer out = {.conn = r->a, .data = new_pattern(5), .size = 5};
    gt_conn_limit_read(r->b, 1);
    start(r, write_all, &out);

    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(gt_conn_read(r->b, NULL, data + i, 5 - i, &count), 0);
        assert_int_equal(count, 1);
    }

    finish(&out);
    assert_memory_equal(data, out.data, 5);
    gt__free(out.data);
}

typedef struct seen {
    gt__buffer bytes[2]; /* read, written */
    gt_time latest;
} seen;

static void see(void *user, gt_conn *conn, bool written, gt_bytes bytes, gt_time now)
{
    (void)conn;
    seen *s = user;
    gt__buffer_add(&s->bytes[written], bytes.data, bytes.size);
    s->latest = now;
}

static void the_tap_sees_every_byte_of_its_end(void **state)
{
    rig *r = *state;
    seen s = {0};
    gt_conn_tap(r->a, see, &s);

    transfer out = {.conn = r->a, .data = new_pattern(500), .size = 500};
    start(r, write_all, &out);
    read_exactly(r->b, 500);
    finish(&out);
    put_byte(r->b, 'x');
    assert_next_byte(r->a, 'x');
    put_byte(r->b, 'y');
    gt_conn_tap(r->a, NULL, NULL);
    assert_next_byte(r->a, 'y');

    assert_int_equal(s.bytes[true].size, 500);
    assert_memory_equal(s.bytes[true].data, out.data, 500);
    assert_int_equal(s.bytes[false].size, 1);
    assert_int_equal(s.bytes[false].data[0], 'x');
    assert_true(s.latest <= gt_now(r->world));
    gt__buffer_cleanup(&s.bytes[false]);
    gt__buffer_cleanup(&s.bytes[true]);
    gt__free(out.data);
}

static void put_byte_later(void *arg)
{
    rig *r = arg;
    size_t count;
    if (gt_sleep(r->world, A_WHILE) != 0 || gt_conn_write(r->a, NULL, "x", 1, &count) != 0)
        gt_conn_close(r->a);
}

static void a_connection_can_be_waited_for(void **state)
{
    rig *r = *state;
    gt_waitable things[2] = {gt_conn_readable(r->b), gt_conn_writable(r->b)};
    assert_int_equal(gt_wait_any(r->world, NULL, gt_now(r->world), &things[0], 1), GT_ETIMEDOUT);
    assert_int_equal(gt_wait_any(r->world, NULL, GT_NEVER, things, 2), 1);

    gt_task_detach(gt_spawn(r->world, "late writer", put_byte_later, r));
    assert_int_equal(gt_wait_any(r->world, NULL, GT_NEVER, &things[0], 1), 0);

    assert_next_byte(r->b, 'x');
}

static void the_end_of_a_connection_can_be_waited_for(void **state)
{
    rig *r = *state;
    gt_waitable readable = gt_conn_readable(r->b);
    gt_conn_close(r->a);
    assert_int_equal(gt_wait_any(r->world, NULL, GT_NEVER, &readable, 1), 0);
    assert_read_gives(r->b, GT_EOF);
}

/* ---- all laws over all kinds ------------------------------------------------------------------
 */

typedef struct law {
    const char *name;
    CMUnitTestFunction test;
} law;

#define LAW(test)                                                                                  \
    {                                                                                              \
#test, test                                                                                \
    }

static const law laws[] = {
    LAW(bytes_arrive_whole_and_in_order),
    LAW(bytes_arrive_in_order_in_reads_of_any_size),
    LAW(both_directions_carry_at_once),
    LAW(a_read_waits_for_the_first_byte_and_no_more),
    LAW(no_bytes_are_moved_at_once),
    LAW(nothing_to_read_would_block),
    LAW(a_full_connection_would_block_until_it_is_read),
    LAW(a_read_times_out_at_its_deadline_and_can_go_on),
    LAW(a_past_deadline_comes_before_the_bytes),
    LAW(deadlines_do_not_concern_what_never_blocks),
    LAW(the_read_deadline_does_not_concern_writes),
    LAW(a_deadline_set_meanwhile_ends_a_waiting_read),
    LAW(a_deadline_lifted_meanwhile_ends_nothing),
    LAW(a_timed_out_write_tells_what_it_wrote),
    LAW(a_cancelled_context_ends_a_waiting_read_alone),
    LAW(a_context_that_is_done_comes_before_the_bytes),
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
    LAW(a_reset_ends_both_ends),
    LAW(a_reset_ends_all_that_wait),
    LAW(a_reset_ends_a_waiting_write_short),
    LAW(several_readers_share_the_bytes),
    LAW(writes_of_several_tasks_stay_whole),
    LAW(an_end_freed_under_a_waiting_read_says_closed),
    LAW(an_end_lives_on_when_the_other_is_freed),
    LAW(a_read_limit_of_one_shows_single_bytes),
    LAW(the_tap_sees_every_byte_of_its_end),
    LAW(a_connection_can_be_waited_for),
    LAW(the_end_of_a_connection_can_be_waited_for),
};

enum { LAWS = sizeof laws / sizeof laws[0] };

static int run_over(const conn_kind *kind)
{
    struct CMUnitTest tests[LAWS];
    for (size_t i = 0; i < LAWS; i++)
        tests[i] = (struct CMUnitTest){gt__printf("%s: %s", kind->name, laws[i].name), laws[i].test,
                                       set_up, tear_down, (void *)(uintptr_t)kind};
    int failures = cmocka_run_group_tests_name(kind->name, tests, NULL, NULL);
    for (size_t i = 0; i < LAWS; i++)
        gt_free((void *)(uintptr_t)tests[i].name);
    return failures;
}

int run_conn_laws(const conn_kind *kinds, size_t count)
{
    int failures = 0;
    for (size_t i = 0; i < count; i++)
        failures += run_over(&kinds[i]);
    return failures;
}
