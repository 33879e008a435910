/* What every connection does alike, over its table: ends, lends, and tells of changes. Blocking and
 * copying are built on this in transfer.c. */
#include "capture.h"
#include "conn_inside.h"

/* ---- beginning and end --------------------------------------------------------------------- */

static void run_readable(gt__job *job)
{
    gt_conn *conn = gt__container_of(job, gt_conn, readable_job);
    conn->on_readable(conn->hook_user);
}

static void run_writable(gt__job *job)
{
    gt_conn *conn = gt__container_of(job, gt_conn, writable_job);
    conn->on_writable(conn->hook_user);
}

static void destroy(gt_conn *conn)
{
    gt__ledger_remove(&conn->entry);
    gt__tap_drop(conn);
    if (conn->other)
        conn->other->other = NULL;
    gt__free(conn->local_name);
    gt__free(conn->peer_name);
    conn->table->destroy(conn);
}

/* Everything of gt_conn_free but the memory. */
static void end(gt_conn *conn)
{
    gt__waitq_end(&conn->readable, GT_ECLOSED);
    gt__waitq_end(&conn->writable, GT_ECLOSED);
    gt_conn_tap(conn, NULL, NULL);
    gt__conn_hook(conn, NULL, NULL, NULL);
    gt_conn_close(conn);
    gt__list_remove(&conn->held);
}

/* At the world's end nobody comes back for what a task still held. */
static void reclaim(gt__entry *entry)
{
    gt_conn *conn = gt__container_of(entry, gt_conn, entry);
    end(conn);
    destroy(conn);
}

void gt__conn_init(gt_conn *conn, const gt__conn_table *table, gt_world *world,
                   const char *local_name, const char *peer_name, const char *file, int line)
{
    *conn = (gt_conn){
        .table = table,
        .world = world,
        .local_name = gt__strdup(local_name),
        .peer_name = gt__strdup(peer_name),
        .read_deadline = GT_NEVER,
        .write_deadline = GT_NEVER,
    };
    gt__list_init(&conn->held);
    gt__waitq_init(&conn->readable);
    gt__waitq_init(&conn->writable);
    gt__job_init(&conn->readable_job, world, run_readable);
    gt__job_init(&conn->writable_job, world, run_writable);
    gt__ledger_add(&conn->entry, world, "conn", file, line, reclaim);
}

void gt__conn_connected(gt_conn *client, gt_conn *server)
{
    if (client)
        client->other = server;
    if (server) {
        server->other = client;
        server->accepted = true;
    }
    gt__capture_new(client, server);
}

void gt_conn_free(gt_conn *conn)
{
    if (!conn)
        return;
    end(conn);
    if (conn->users == 0) {
        destroy(conn);
    } else {
        conn->let_go = true;
        gt__conn_adopt(conn);
    }
}

void gt__conn_enter(gt_conn *conn)
{
    conn->users++;
}

void gt__conn_leave(gt_conn *conn)
{
    if (--conn->users == 0 && conn->let_go)
        destroy(conn);
}

void gt__conn_take(gt_conn *conn)
{
    gt__ledger_remove(&conn->entry);
}

void gt__conn_adopt(gt_conn *conn)
{
    conn->entry.internal = true;
}

void gt__conn_hand_out(gt_conn *conn, const char *file, int line)
{
    conn->entry.internal = false;
    conn->entry.file = file;
    conn->entry.line = line;
}

int gt__conn_error(const gt_conn *conn)
{
    if (conn->closed)
        return GT_ECLOSED;
    return conn->was_reset ? GT_ERESET : 0;
}

int gt_conn_close_write(gt_conn *conn)
{
    int error = gt__conn_error(conn);
    if (error || conn->write_closed)
        return error;
    conn->write_closed = true;
    conn->table->close_write(conn);
    gt__conn_writable(conn);
    return 0;
}

void gt_conn_close(gt_conn *conn)
{
    if (conn->closed)
        return;
    conn->closed = true;
    conn->table->close(conn);
    gt__conn_readable(conn);
    gt__conn_writable(conn);
}

void gt_conn_reset(gt_conn *conn)
{
    if (gt__conn_error(conn))
        return;
    conn->was_reset = true;
    conn->table->reset(conn);
    gt__conn_readable(conn);
    gt__conn_writable(conn);
}

/* ---- changes ------------------------------------------------------------------------------- */

void gt__conn_readable(gt_conn *conn)
{
    gt__wake_all(&conn->readable);
    if (conn->on_readable)
        gt__job_schedule(&conn->readable_job);
}

void gt__conn_writable(gt_conn *conn)
{
    gt__wake_all(&conn->writable);
    if (conn->on_writable)
        gt__job_schedule(&conn->writable_job);
}

void gt__conn_hook(gt_conn *conn, void (*on_readable)(void *user), void (*on_writable)(void *user),
                   void *user)
{
    gt__job_cancel(&conn->readable_job);
    gt__job_cancel(&conn->writable_job);
    conn->on_readable = on_readable;
    conn->on_writable = on_writable;
    conn->hook_user = user;
    if (on_readable)
        gt__job_schedule(&conn->readable_job);
    if (on_writable)
        gt__job_schedule(&conn->writable_job);
}

/* ---- lending ------------------------------------------------------------------------------- */

int gt__conn_peek(gt_conn *conn, gt_bytes *bytes)
{
    int error = gt__conn_error(conn);
    if (!error)
        error = conn->table->peek(conn, bytes);
    if (!error && conn->read_limit > 0 && bytes->size > conn->read_limit)
        bytes->size = conn->read_limit;
    return error;
}

void gt__conn_consume(gt_conn *conn, size_t size)
{
    gt_bytes bytes;
    bool show =
        conn->tap && conn->table->peek(conn, &bytes) == 0 && gt__tap_copy(conn, bytes.data, size);
    conn->table->consume(conn, size);
    if (show)
        gt__tap_show(conn, false);
}

int gt__conn_reserve(gt_conn *conn, uint8_t **room, size_t *size)
{
    int error = gt__conn_error(conn);
    if (!error && conn->write_closed)
        error = GT_ECLOSED;
    return error ? error : conn->table->reserve(conn, room, size);
}

void gt__conn_commit(gt_conn *conn, size_t size)
{
    uint8_t *room;
    size_t room_size;
    bool show = conn->tap && conn->table->reserve(conn, &room, &room_size) == 0 &&
                gt__tap_copy(conn, room, size);
    gt__world_fold(conn->world, size);
    conn->table->commit(conn, size);
    if (show)
        gt__tap_show(conn, true);
}

/* ---- settings and names -------------------------------------------------------------------- */

void gt_conn_set_deadline(gt_conn *conn, gt_time deadline)
{
    gt_conn_set_read_deadline(conn, deadline);
    gt_conn_set_write_deadline(conn, deadline);
}

/* Those who wait are woken to wait again, until the new deadline. */
void gt_conn_set_read_deadline(gt_conn *conn, gt_time deadline)
{
    conn->read_deadline = deadline;
    gt__wake_all(&conn->readable);
}

void gt_conn_set_write_deadline(gt_conn *conn, gt_time deadline)
{
    conn->write_deadline = deadline;
    gt__wake_all(&conn->writable);
}

void gt_conn_limit_read(gt_conn *conn, size_t bytes_per_read)
{
    conn->read_limit = bytes_per_read;
}

const char *gt_conn_kind(const gt_conn *conn)
{
    return conn->table->kind;
}

const char *gt_conn_local_name(const gt_conn *conn)
{
    return conn->local_name;
}

const char *gt_conn_peer_name(const gt_conn *conn)
{
    return conn->peer_name;
}
