/* conn_inside.h - what conn.c, tap.c and transfer.c share about a connection.
 * Rule: only these include it. */
#ifndef GRPCTEST_ENGINE_WIRE_CONN_INSIDE_H
#define GRPCTEST_ENGINE_WIRE_CONN_INSIDE_H

#include "wire.h"

/* Around whatever blocks on the connection: its memory stays until the last one has left. */
void gt__conn_enter(gt_conn *conn);
void gt__conn_leave(gt_conn *conn);

/* GT_ECLOSED, GT_ERESET, or 0: the state that reads and writes have in common. */
int gt__conn_error(const gt_conn *conn);

/* Before bytes move on: keeps a copy of them for the tap, true when there are any. Show, when all
 * is done, gives the latest copy to the tap; drop forgets those whose tap never came back. */
bool gt__tap_copy(gt_conn *conn, const uint8_t *data, size_t size);
void gt__tap_show(gt_conn *conn, bool written);
void gt__tap_drop(gt_conn *conn);

#endif
