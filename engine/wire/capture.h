/* capture.h - where connections are told to whoever captures them.
 * Rule: this is all that the other files of this folder know of captures. */
#ifndef GRPCTEST_ENGINE_WIRE_CAPTURE_H
#define GRPCTEST_ENGINE_WIRE_CAPTURE_H

#include "wire.h"

/* A new connection goes to those files that capture all of its world. As gt__conn_connected. */
void gt__capture_new(gt_conn *client, gt_conn *server);

#endif
