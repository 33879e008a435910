/* A pipe is two ends and a ring per direction: what one end writes is in the ring the other reads.
 * An end that is closed is told nothing any more, and may be destroyed while its peer lives on. */
#include "pipe.h"

#include "ring.h"
#include <grpctest/bufconn.h>

typedef struct channel {
    gt__ring ring;
    bool writer_done; /* what is in the ring is the last of it */
    bool reader_done; /* nobody takes anything any more */
} channel;

typedef struct pipe_end {
    gt_conn conn;
    struct pipe_pair *pair;
    struct pipe_end *peer;
    channel *in, *out;
} pipe_end;

typedef struct pipe_pair {
    pipe_end ends[2];
    channel channels[2];
    int ends_left;
} pipe_pair;

static pipe_end *end_of(gt_conn *conn)
{
    return gt__container_of(conn, pipe_end, conn);
}

/* ---- changes ------------------------------------------------------------------------------- */

static void tell_readable(pipe_end *end)
{
    if (!end->conn.closed)
        gt__conn_readable(&end->conn);
}

static void tell_writable(pipe_end *end)
{
    if (!end->conn.closed)
        gt__conn_writable(&end->conn);
}

/* ---- the table ----------------------------------------------------------------------------- */

static int pipe_peek(gt_conn *conn, gt_bytes *bytes)
{
    const channel *in = end_of(conn)->in;
    *bytes = gt__ring_peek(&in->ring);
    if (bytes->size > 0)
        return 0;
    return in->writer_done ? GT_EOF : GT_EAGAIN;
}

static void pipe_consume(gt_conn *conn, size_t size)
{
    pipe_end *end = end_of(conn);
    bool was_full = gt__ring_full(&end->in->ring);
    gt__ring_consume(&end->in->ring, size);
    if (was_full) /* nobody waits for room where there was some */
        tell_writable(end->peer);
}

static int pipe_reserve(gt_conn *conn, uint8_t **room, size_t *size)
{
    channel *out = end_of(conn)->out;
    if (out->reader_done)
        return GT_EPIPE;
    *size = gt__ring_reserve(&out->ring, room);
    return *size > 0 ? 0 : GT_EAGAIN;
}

static void pipe_commit(gt_conn *conn, size_t size)
{
    pipe_end *end = end_of(conn);
    gt__ring_commit(&end->out->ring, size);
    tell_readable(end->peer);
}

static void pipe_close_write(gt_conn *conn)
{
    pipe_end *end = end_of(conn);
    end->out->writer_done = true;
    tell_readable(end->peer);
}

static void pipe_close(gt_conn *conn)
{
    pipe_end *end = end_of(conn);
    end->out->writer_done = true;
    end->in->reader_done = true;
    gt__ring_drop(&end->in->ring);
    tell_readable(end->peer);
    tell_writable(end->peer);
}

static void pipe_reset(gt_conn *conn)
{
    pipe_end *end = end_of(conn);
    gt__ring_drop(&end->in->ring);
    gt__ring_drop(&end->out->ring);
    end->peer->conn.was_reset = true;
    tell_readable(end->peer);
    tell_writable(end->peer);
}

static void pipe_destroy(gt_conn *conn)
{
    pipe_pair *pair = end_of(conn)->pair;
    if (--pair->ends_left > 0)
        return;
    gt__ring_drop(&pair->channels[0].ring);
    gt__ring_drop(&pair->channels[1].ring);
    gt__free(pair);
}

/* ---- making one ---------------------------------------------------------------------------- */

void gt__pipe_new(gt_world *world, size_t capacity, const char *a_name, const char *b_name,
                  gt_conn **a, gt_conn **b, const char *file, int line)
{
    static const gt__conn_table table = {
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
    pipe_pair *pair = gt__new(pipe_pair);
    pair->ends_left = 2;
    for (int i = 0; i < 2; i++) {
        pipe_end *end = &pair->ends[i];
        gt__ring_init(&pair->channels[i].ring, capacity);
        gt__conn_init(&end->conn, &table, world, i == 0 ? a_name : b_name, i == 0 ? b_name : a_name,
                      file, line);
        end->pair = pair;
        end->peer = &pair->ends[1 - i];
        end->out = &pair->channels[i];
        end->in = &pair->channels[1 - i];
    }
    *a = &pair->ends[0].conn;
    *b = &pair->ends[1].conn;
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
    gt__pipe_new(world, capacity, a_name, b_name, a, b, file, line);
    gt__free(a_name);
    gt__free(b_name);
}
