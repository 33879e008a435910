/* What the tap is shown is a copy, and it is shown when all is done: so it may write, close or
 * reset the connection. The connection keeps the copy, for a failed assertion leaves the tap by
 * longjmp. */
#include "conn_inside.h"

void gt_conn_tap(gt_conn *conn, gt_tap_fn *tap_fn, void *user)
{
    conn->tap = tap_fn;
    conn->tap_user = user;
}

struct gt__tapped {
    gt__tapped *outer; /* the tap may cause the next one */
    size_t size;
    uint8_t data[];
};

static void free_tapped(gt_conn *conn)
{
    gt__tapped *tapped = conn->tapped;
    conn->tapped = tapped->outer;
    gt__free(tapped);
}

bool gt__tap_copy(gt_conn *conn, const uint8_t *data, size_t size)
{
    if (size == 0)
        return false;
    gt__tapped *tapped = gt__malloc(sizeof *tapped + size);
    tapped->outer = conn->tapped;
    tapped->size = size;
    memcpy(tapped->data, data, size);
    conn->tapped = tapped;
    return true;
}

void gt__tap_show(gt_conn *conn, bool written)
{
    gt_bytes bytes = gt_bytes_of(conn->tapped->data, conn->tapped->size);
    gt_task *task = gt__callback_begin(conn->world);
    conn->tap(conn->tap_user, conn, written, bytes, gt_now(conn->world));
    gt__callback_end(conn->world, task);
    free_tapped(conn);
}

void gt__tap_drop(gt_conn *conn)
{
    while (conn->tapped)
        free_tapped(conn);
}
