/* Two tasks carry bytes between a pipe's end, handed to the client, and the true connection. */
#include "cutter_kit.h"

static bool is_chosen(const carrier *way)
{
    return way->direction == way->cutter->direction;
}

/* Time moves only when nothing can run: what has been carried is read by then. */
static void cut(cutter *c)
{
    if (gt_sleep(c->world, GT_NS(1)) != 0)
        return;
    c->is_cut = true;
    c->cut_at = gt_now(c->world);
    gt_conn *reader = c->ends[c->direction == FROM_CLIENT ? FROM_SERVER : FROM_CLIENT];
    if (c->way == CUT_HALF_CLOSE)
        gt_conn_close_write(reader);
    for (int i = 0; i < CUT_DIRECTIONS; i++) {
        if (c->way == CUT_RESET)
            gt_conn_reset(c->ends[i]);
        if (c->way == CUT_CLOSE)
            gt_conn_close(c->ends[i]);
    }
}

/* How much may arrive before the cut; `most` where it is not near. */
static size_t allowed(const carrier *way, size_t most)
{
    size_t left = way->cutter->after - way->cutter->carried[way->direction].size;
    return is_chosen(way) && left < most ? left : most;
}

static void carry(void *arg)
{
    carrier *way = arg;
    cutter *c = way->cutter;
    gt_conn *from = c->ends[way->direction];
    gt_conn *to = c->ends[way->direction == FROM_CLIENT ? FROM_SERVER : FROM_CLIENT];
    uint8_t bytes[512];
    size_t size, written;
    while (allowed(way, sizeof bytes) > 0) {
        if (gt_conn_read(from, NULL, bytes, allowed(way, sizeof bytes), &size) != 0) {
            gt_conn_close_write(to);
            return;
        }
        if (c->is_cut && c->way == CUT_SILENCE)
            return;
        if (gt_conn_write(to, NULL, bytes, size, &written) != 0)
            return;
        gt_buffer_add(&c->carried[way->direction], gt_bytes_of(bytes, size));
    }
    cut(c);
}

static int dial(void *user, gt_context *context, gt_conn **conn)
{
    cutter *c = user;
    if (c->ends[0])
        return gt_dial(c->inner, context, conn);
    int error = gt_dial(c->inner, context, &c->ends[FROM_SERVER]);
    if (error)
        return error;
    gt_pipe(c->world, 65536, conn, &c->ends[FROM_CLIENT]);
    for (int i = 0; i < CUT_DIRECTIONS; i++) {
        c->carriers[i] = (carrier){c, (cut_direction)i};
        c->tasks[i] = gt_spawn(c->world, "carrier", carry, &c->carriers[i]);
    }
    return 0;
}

void cutter_open(cutter *c, const kit *k, cut_way way, cut_direction direction, size_t after)
{
    *c = (cutter){.way = way, .direction = direction, .after = after};
    c->world = k->world;
    c->inner = k->dialer;
    c->dialer = gt_dialer_from(k->world, "cutter", dial, c);
}

void cutter_close(cutter *c)
{
    gt_dialer_free(c->dialer);
    for (int i = 0; i < CUT_DIRECTIONS && c->ends[i]; i++)
        gt_conn_close(c->ends[i]);
    for (int i = 0; i < CUT_DIRECTIONS && c->tasks[i]; i++)
        assert_int_equal(gt_task_join(c->tasks[i], NULL), 0);
    for (int i = 0; i < CUT_DIRECTIONS; i++) {
        gt_conn_free(c->ends[i]);
        gt_buffer_cleanup(&c->carried[i]);
    }
}
