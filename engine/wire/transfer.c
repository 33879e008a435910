/* Reading and writing: copies in and out of lent spans, and the waiting in between. Each turn of a
 * loop looks at everything anew, so that what was changed while it waited counts. */
#include "conn_inside.h"

/* ---- moving what can be moved now ---------------------------------------------------------- */

/* One read, of what there is: an error only where nothing was read. */
static int take(gt_conn *conn, uint8_t *buffer, size_t size, size_t *count)
{
    if (conn->read_limit > 0 && size > conn->read_limit)
        size = conn->read_limit;
    int error = 0;
    gt_bytes bytes;
    while (*count < size && (error = gt__conn_peek(conn, &bytes)) == 0) {
        size_t some = bytes.size < size - *count ? bytes.size : size - *count;
        memcpy(buffer + *count, bytes.data, some);
        gt__conn_consume(conn, some);
        *count += some;
    }
    return *count > 0 ? 0 : error;
}

/* Adds to `*count` what there is room for: 0 when that was all. */
static int put(gt_conn *conn, const uint8_t *buffer, size_t size, size_t *count)
{
    int error = 0;
    uint8_t *room;
    size_t room_size;
    while (*count < size && (error = gt__conn_reserve(conn, &room, &room_size)) == 0) {
        size_t some = room_size < size - *count ? room_size : size - *count;
        memcpy(room, buffer + *count, some);
        gt__conn_commit(conn, some);
        *count += some;
    }
    return *count == size ? 0 : error;
}

int gt_conn_try_read(gt_conn *conn, void *buffer, size_t size, size_t *count)
{
    *count = 0;
    return take(conn, buffer, size, count);
}

/* Bytes put between those of a write under way would tear it apart. */
static int others_turn(gt_conn *conn)
{
    uint8_t *room;
    size_t room_size;
    int error = gt__conn_reserve(conn, &room, &room_size);
    return error ? error : GT_EAGAIN;
}

int gt_conn_try_write(gt_conn *conn, const void *buffer, size_t size, size_t *count)
{
    *count = 0;
    int error = conn->writing && size > 0 ? others_turn(conn) : put(conn, buffer, size, count);
    return *count > 0 ? 0 : error;
}

/* ---- blocking ------------------------------------------------------------------------------ */

/* Why a blocking call ends at once, whatever could be moved: a past deadline and a context that is
 * done come before the bytes, as in Go. */
static int blocking_error(const gt_conn *conn, const gt_context *context, gt_time deadline)
{
    int error = gt__conn_error(conn);
    if (!error)
        error = gt__world_error(conn->world);
    if (!error && context)
        error = gt_context_error(context);
    if (!error && deadline != GT_NEVER && gt_now(conn->world) >= deadline)
        error = GT_ETIMEDOUT;
    return error;
}

static int read_some(gt_conn *conn, gt_context *context, void *buffer, size_t size, size_t *count)
{
    for (;;) {
        int error = blocking_error(conn, context, conn->read_deadline);
        if (!error)
            error = take(conn, buffer, size, count);
        if (error != GT_EAGAIN)
            return error;
        error = gt__wait(conn->world, &conn->readable, context, conn->read_deadline, "bytes on",
                         conn->local_name);
        if (error)
            return error;
    }
}

int gt_conn_read(gt_conn *conn, gt_context *context, void *buffer, size_t size, size_t *count)
{
    *count = 0;
    gt__require_task(conn->world, "gt_conn_read");
    if (size == 0)
        return 0;
    gt__conn_enter(conn);
    int error = read_some(conn, context, buffer, size, count);
    gt__conn_leave(conn);
    return error;
}

static int wait_to_write(gt_conn *conn, gt_context *context)
{
    int error = gt__wait(conn->world, &conn->writable, context, conn->write_deadline, "room on",
                         conn->local_name);
    return error ? error : blocking_error(conn, context, conn->write_deadline);
}

static int write_all(gt_conn *conn, gt_context *context, const void *buffer, size_t size,
                     size_t *count)
{
    int error = blocking_error(conn, context, conn->write_deadline);
    while (!error && conn->writing)
        error = wait_to_write(conn, context);
    if (error)
        return error;
    conn->writing = true;
    while ((error = put(conn, buffer, size, count)) == GT_EAGAIN) {
        error = wait_to_write(conn, context);
        if (error)
            break;
    }
    conn->writing = false;
    gt__conn_writable(conn);
    return error;
}

int gt_conn_write(gt_conn *conn, gt_context *context, const void *buffer, size_t size,
                  size_t *count)
{
    *count = 0;
    gt__require_task(conn->world, "gt_conn_write");
    if (size == 0)
        return 0;
    gt__conn_enter(conn);
    int error = write_all(conn, context, buffer, size, count);
    gt__conn_leave(conn);
    return error;
}

/* ---- waiting for either -------------------------------------------------------------------- */

static bool can_read(void *object)
{
    gt_bytes bytes;
    return gt__conn_peek(object, &bytes) != GT_EAGAIN;
}

static gt__waitq *readable_queue(void *object)
{
    return &((gt_conn *)object)->readable;
}

static bool can_write(void *object)
{
    gt_conn *conn = object;
    uint8_t *room;
    size_t size;
    int error = gt__conn_reserve(conn, &room, &size);
    return error ? error != GT_EAGAIN : !conn->writing;
}

static gt__waitq *writable_queue(void *object)
{
    return &((gt_conn *)object)->writable;
}

gt_waitable gt_conn_readable(gt_conn *conn)
{
    static const struct gt__waitable_kind kind = {"a readable connection", can_read,
                                                  readable_queue};
    return (gt_waitable){&kind, conn};
}

gt_waitable gt_conn_writable(gt_conn *conn)
{
    static const struct gt__waitable_kind kind = {"a writable connection", can_write,
                                                  writable_queue};
    return (gt_waitable){&kind, conn};
}
