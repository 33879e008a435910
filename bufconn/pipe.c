/* A pipe is two ends and a ring per direction: what one end writes is in the ring the other reads.
 * An end that is closed is told nothing any more, and may be destroyed while its peer lives on. */
#include "pipe_inside.h"

#include <grpctest/bufconn.h>

/* ---- changes ------------------------------------------------------------------------------- */

void gt__pipe_tell_readable(gt__pipe_end *end)
{
    if (!end->conn.closed)
        gt__conn_readable(&end->conn);
}

void gt__pipe_tell_writable(gt__pipe_end *end)
{
    if (!end->conn.closed)
        gt__conn_writable(&end->conn);
}

void gt__pipe_tell_both(gt__pipe_end *end)
{
    gt__pipe_tell_readable(end);
    gt__pipe_tell_writable(end);
}

void gt__stretch_drop(gt__stretch *stretch)
{
    gt__ring_drop(&stretch->ring);
    if (stretch->passage)
        gt__passage_drop(stretch->passage);
}

/* ---- reading and writing ------------------------------------------------------------------- */

/* What comes behind the last byte. */
static int end_of_bytes(gt__pipe_end *end)
{
    if (!end->in->writer_done)
        return GT_EAGAIN;
    if (!end->in->cut_by_reset)
        return GT_EOF;
    end->conn.was_reset = true;
    return GT_ERESET;
}

static int pipe_peek(gt_conn *conn, gt_bytes *bytes)
{
    gt__pipe_end *end = gt__pipe_end_of(conn);
    const gt__stretch *in = end->in;
    if (in->passage && in->passage->held)
        return GT_EAGAIN;
    *bytes = gt__ring_peek(&in->ring);
    if (in->passage) {
        size_t unread = gt__line_unread(&in->passage->line);
        bytes->size = bytes->size < unread ? bytes->size : unread;
    }
    return bytes->size > 0 ? 0 : end_of_bytes(end);
}

static void pipe_consume(gt_conn *conn, size_t size)
{
    gt__pipe_end *end = gt__pipe_end_of(conn);
    gt__stretch *in = end->in;
    if (in->passage) {
        gt__passage_take(end->peer, size);
        return;
    }
    bool was_full = gt__ring_full(&in->ring);
    gt__ring_consume(&in->ring, size);
    if (was_full) /* nobody waits for room where there was some */
        gt__pipe_tell_writable(end->peer);
}

static int pipe_reserve(gt_conn *conn, uint8_t **room, size_t *size)
{
    gt__stretch *out = gt__pipe_end_of(conn)->out;
    if (out->reader_done)
        return GT_EPIPE;
    *size = gt__ring_reserve(&out->ring, room);
    if (out->passage) {
        size_t most = gt__line_room(&out->passage->line);
        *size = *size < most ? *size : most;
    }
    return *size > 0 ? 0 : GT_EAGAIN;
}

static void pipe_commit(gt_conn *conn, size_t size)
{
    gt__pipe_end *end = gt__pipe_end_of(conn);
    gt__stretch *out = end->out;
    if (out->passage) {
        uint8_t *room;
        gt__ring_reserve(&out->ring, &room);
        gt__ring_commit(&out->ring, size);
        gt__passage_put(end, gt_bytes_of(room, size));
        return;
    }
    gt__ring_commit(&out->ring, size);
    gt__pipe_tell_readable(end->peer);
}

/* ---- ending -------------------------------------------------------------------------------- */

static void pipe_close_write(gt_conn *conn)
{
    gt__pipe_end *end = gt__pipe_end_of(conn);
    if (end->out->passage) {
        gt__passage_end(end, GT__LINE_HALF_CLOSED);
        return;
    }
    end->out->writer_done = true;
    gt__pipe_tell_readable(end->peer);
}

/* Nobody reads here any more; that the peer's bytes go nowhere it learns with the end of ours. */
static void desert(gt__pipe_end *end)
{
    if (end->in->passage)
        gt__passage_desert(end->peer);
    else
        gt__ring_drop(&end->in->ring);
}

static void pipe_close(gt_conn *conn)
{
    gt__pipe_end *end = gt__pipe_end_of(conn);
    desert(end);
    if (end->out->passage) {
        gt__passage_end(end, GT__LINE_CLOSED);
        return;
    }
    end->out->writer_done = true;
    end->in->reader_done = true;
    gt__pipe_tell_both(end->peer);
}

static void pipe_reset(gt_conn *conn)
{
    gt__pipe_end *end = gt__pipe_end_of(conn);
    desert(end);
    if (end->out->reader_done) /* the peer has ended too, or there is no way to it */
        return;
    if (end->out->passage) {
        gt__passage_end(end, GT__LINE_RESET);
        return;
    }
    gt__stretch_drop(end->in);
    gt__stretch_drop(end->out);
    end->peer->conn.was_reset = true;
    gt__pipe_tell_both(end->peer);
}

static void drop_stretch(gt__stretch *stretch)
{
    gt__ring_drop(&stretch->ring);
    gt__passage_free(stretch->passage);
}

static void pipe_destroy(gt_conn *conn)
{
    gt__pipe_pair *pair = gt__pipe_end_of(conn)->pair;
    gt__pipe_end_of(conn)->gone = true;
    if (--pair->ends_left > 0)
        return;
    gt__list_remove(&pair->link);
    drop_stretch(&pair->stretches[0]);
    drop_stretch(&pair->stretches[1]);
    gt__free(pair);
}

/* ---- making one ---------------------------------------------------------------------------- */

static const gt__conn_table pipe_table = {
    .kind = "pipe",
    .peek = pipe_peek,
    .consume = pipe_consume,
    .reserve = pipe_reserve,
    .commit = pipe_commit,
    .close_write = pipe_close_write,
    .close = pipe_close,
    .reset = pipe_reset,
    .destroy = pipe_destroy,
};

void gt__pipe_new(gt_world *world, size_t capacity, const char *a_name, const char *b_name,
                  gt__link *pipes, gt_conn **a, gt_conn **b, const char *file, int line)
{
    gt__pipe_pair *pair = gt__new(gt__pipe_pair);
    pair->ends_left = 2;
    gt__list_init(&pair->link);
    if (pipes)
        gt__list_push_back(pipes, &pair->link);
    for (int i = 0; i < 2; i++) {
        gt__pipe_end *end = &pair->ends[i];
        gt__ring_init(&pair->stretches[i].ring, capacity);
        pair->stretches[i].capacity = capacity;
        gt__conn_init(&end->conn, &pipe_table, world, i == 0 ? a_name : b_name,
                      i == 0 ? b_name : a_name, file, line);
        end->pair = pair;
        end->peer = &pair->ends[1 - i];
        end->out = &pair->stretches[i];
        end->in = &pair->stretches[1 - i];
    }
    *a = &pair->ends[0].conn;
    *b = &pair->ends[1].conn;
    gt__conn_connected(*a, *b);
}

bool gt__pipe_is(const gt_conn *conn)
{
    return gt__conn_own_table(conn) == &pipe_table;
}

gt_conn *gt__pipe_peer(gt_conn *end)
{
    return &gt__pipe_end_of(end)->peer->conn;
}

void gt__pipes_obey(const gt__link *pipes, bool from_a, const gt__order *order)
{
    for (const gt__link *link = pipes->next; link != pipes; link = link->next)
        gt__pipe_obey(&gt__container_of(link, gt__pipe_pair, link)->ends[from_a ? 0 : 1].conn,
                      order);
}

static void *make_count(gt_world *world)
{
    (void)world;
    return gt__new(unsigned);
}

/* Pipes are numbered from 1 within their world. */
static unsigned next_number(gt_world *world)
{
    static const char key;
    unsigned *count = gt__world_attachment(world, &key, make_count, gt__free);
    return ++*count;
}

void gt_pipe_at(gt_world *world, size_t capacity, gt_conn **a, gt_conn **b, const char *file,
                int line)
{
    if (capacity == 0)
        gt__misuse("gt_pipe at %s:%d: a capacity of 0 could never carry a byte", file, line);
    unsigned number = next_number(world);
    char *a_name = gt__printf("pipe:%u/a", number);
    char *b_name = gt__printf("pipe:%u/b", number);
    gt__pipe_new(world, capacity, a_name, b_name, NULL, a, b, file, line);
    gt__free(a_name);
    gt__free(b_name);
}
