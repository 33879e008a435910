#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_conn_rig.h"

/* ---- several at once ----------------------------------------------------------------------- */

static void several_readers_share_the_bytes(void **state)
{
    conn_rig *r = *state;
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
    conn_rig *r = *state;
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
    conn_rig *r = *state;
    uint8_t byte;
    transfer in = {.conn = r->b, .data = &byte, .size = 1};
    start_waiting(r, read_all, &in);

    gt_conn_free(r->b);
    r->b = NULL;
    finish(&in);

    assert_int_equal(in.error, GT_ECLOSED);
}

typedef struct awaited {
    gt_world *world;
    gt_waitable thing;
    int result;
} awaited;

static void wait_for_it(void *arg)
{
    awaited *w = arg;
    w->result = gt_wait_any(w->world, NULL, GT_NEVER, &w->thing, 1);
}

static void an_end_freed_under_a_wait_for_it_says_closed(void **state)
{
    conn_rig *r = *state;
    awaited w = {.world = r->world, .thing = gt_conn_readable(r->b)};
    gt_task *task = gt_spawn(r->world, "waiter", wait_for_it, &w);
    assert_int_equal(gt_settle(r->world), 0);

    gt_conn_free(r->b);
    r->b = NULL;
    assert_int_equal(gt_task_join(task, NULL), 0);

    assert_int_equal(w.result, GT_ECLOSED);
}

static void an_end_lives_on_when_the_other_is_freed(void **state)
{
    conn_rig *r = *state;
    put_byte(r->b, 'x');

    gt_conn_free(r->b);
    r->b = NULL;

    assert_next_byte(r->a, 'x');
    assert_read_gives(r->a, GT_EOF);
}

/* ---- watching ------------------------------------------------------------------------------ */

static void a_read_limit_of_one_shows_single_bytes(void **state)
{
    conn_rig *r = *state;
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
    conn_rig *r = *state;
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

static void reset_it(void *user, gt_conn *conn, bool written, gt_bytes bytes, gt_time now)
{
    (void)written;
    (void)bytes;
    (void)now;
    *(int *)user += 1;
    gt_conn_reset(conn);
}

static void the_tap_may_end_the_connection_while_it_writes(void **state)
{
    conn_rig *r = *state;
    size_t size = r->kind->more_than_fits, count;
    uint8_t *data = new_pattern(size);
    int calls = 0;
    gt_conn_tap(r->a, reset_it, &calls);

    assert_int_equal(gt_conn_write(r->a, NULL, data, size, &count), GT_ERESET);

    assert_int_equal(calls, 1);
    assert_true(count > 0);
    assert_true(count < size);
    gt__free(data);
}

static void the_tap_may_end_the_connection_while_it_reads(void **state)
{
    conn_rig *r = *state;
    int calls = 0;
    gt_conn_tap(r->b, reset_it, &calls);
    put_byte(r->a, 'x');

    assert_next_byte(r->b, 'x');

    assert_read_gives(r->b, GT_ERESET);
    assert_int_equal(calls, 1);
}

static void put_byte_later(void *arg)
{
    conn_rig *r = arg;
    size_t count;
    if (gt_sleep(r->world, A_WHILE) != 0 || gt_conn_write(r->a, NULL, "x", 1, &count) != 0)
        gt_conn_close(r->a);
}

static void a_connection_can_be_waited_for(void **state)
{
    conn_rig *r = *state;
    gt_waitable things[2] = {gt_conn_readable(r->b), gt_conn_writable(r->b)};
    assert_int_equal(gt_wait_any(r->world, NULL, gt_now(r->world), &things[0], 1), GT_ETIMEDOUT);
    assert_int_equal(gt_wait_any(r->world, NULL, GT_NEVER, things, 2), 1);

    gt_task_detach(gt_spawn(r->world, "late writer", put_byte_later, r));
    assert_int_equal(gt_wait_any(r->world, NULL, GT_NEVER, &things[0], 1), 0);

    assert_next_byte(r->b, 'x');
}

static void the_end_of_a_connection_can_be_waited_for(void **state)
{
    conn_rig *r = *state;
    gt_waitable readable = gt_conn_readable(r->b), writable = gt_conn_writable(r->b);
    fill(r->b);
    gt_conn_close(r->a);
    assert_int_equal(gt_wait_any(r->world, NULL, GT_NEVER, &readable, 1), 0);
    assert_int_equal(gt_wait_any(r->world, NULL, GT_NEVER, &writable, 1), 0);
}

static const law laws[] = {
    LAW(several_readers_share_the_bytes),
    LAW(writes_of_several_tasks_stay_whole),
    LAW(an_end_freed_under_a_waiting_read_says_closed),
    LAW(an_end_lives_on_when_the_other_is_freed),
    LAW(a_read_limit_of_one_shows_single_bytes),
    LAW(the_tap_sees_every_byte_of_its_end),
    LAW(the_tap_may_end_the_connection_while_it_writes),
    LAW(the_tap_may_end_the_connection_while_it_reads),
    LAW(an_end_freed_under_a_wait_for_it_says_closed),
    LAW(a_connection_can_be_waited_for),
    LAW(the_end_of_a_connection_can_be_waited_for),
};

const law_chapter conn_laws_of_sharing = CHAPTER(laws);
