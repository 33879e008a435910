/* fd.h - stream sockets as connections, for the kinds of connection that have one.
 * Rule: a connection owns its descriptor, which is non-blocking. */
#ifndef GRPCTEST_ENGINE_NET_FD_H
#define GRPCTEST_ENGINE_NET_FD_H

#include "engine/wire/wire.h"

/* Makes a connection of a connected, non-blocking socket. `kind` is static: "tcp", "fd". */
gt_conn *gt__fd_conn(gt_world *world, int fd, const char *kind, const char *local_name,
                     const char *peer_name, const char *file, int line);

/* Aborts with a sentence that names `function` unless the world has the real clock. */
void gt__require_real_clock(const gt_world *world, const char *function, const char *file,
                            int line);

#endif
