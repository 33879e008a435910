/* bufconn.h - the wire in memory: a pipe of two ends, and a listener that hands such pipes out.
 * Rule: each direction holds at most `capacity` bytes; a writer that finds it full waits. Nothing
 * takes time before weather.h says so: bytes written can be read at the same instant, once the
 * scheduler picks the reader. */
#ifndef GRPCTEST_BUFCONN_H
#define GRPCTEST_BUFCONN_H

#include <grpctest/conn.h>

GT_BEGIN_DECLS

/* How many connections may wait to be accepted; a dial beyond that blocks until one is. */
#define GT_BUFCONN_BACKLOG 128

/* Makes both ends of a pipe, named "pipe:N/a" and "pipe:N/b"; the caller owns both. `capacity` is
 * in bytes per direction, at least 1 (0 is misuse: it could never carry anything). */
GT_API void gt_pipe_at(gt_world *world, size_t capacity, gt_conn **a, gt_conn **b, const char *file,
                       int line);
#define gt_pipe(world, capacity, a, b) gt_pipe_at((world), (capacity), (a), (b), __FILE__, __LINE__)

/* Makes a listener whose connections are pipes of `capacity` bytes per direction (at least 1; 0 is
 * misuse). Its address is "bufconn:N", N counting up within the world; the Kth to dial it is named
 * "bufconn:N/K", and the end accepted is named as the listener. Closing it resets what has been
 * dialled and not yet accepted. */
GT_API gt_listener *gt_bufconn_listen_at(gt_world *world, size_t capacity, const char *file,
                                         int line);
#define gt_bufconn_listen(world, capacity)                                                         \
    gt_bufconn_listen_at((world), (capacity), __FILE__, __LINE__)

/* Makes a dialer to it. It may outlive the listener and then gives GT_EREFUSED. A dial is done when
 * the connection is in the listener's queue (of GT_BUFCONN_BACKLOG); accepting may come later.
 * Misuse on a listener of another kind. */
GT_API gt_dialer *gt_bufconn_dialer_at(gt_listener *listener, const char *file, int line);
#define gt_bufconn_dialer(listener) gt_bufconn_dialer_at((listener), __FILE__, __LINE__)

GT_END_DECLS

#endif
