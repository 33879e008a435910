/* transfer.h - what conn.c and transfer.c share about a connection.
 * Rule: only these two include it. */
#ifndef GRPCTEST_ENGINE_WIRE_TRANSFER_H
#define GRPCTEST_ENGINE_WIRE_TRANSFER_H

#include "wire.h"

/* Around whatever blocks on the connection: its memory stays until the last one has left. */
void gt__conn_enter(gt_conn *conn);
void gt__conn_leave(gt_conn *conn);

/* GT_ECLOSED, GT_ERESET, or 0: the state that reads and writes have in common. */
int gt__conn_error(const gt_conn *conn);

#endif
