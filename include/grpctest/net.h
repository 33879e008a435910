/* net.h - real sockets as connections: TCP (prior-knowledge HTTP/2 runs over it as over a pipe).
 * Rule: the world must have the real clock; on a virtual one these functions are misuse. Bytes that
 * were written are sent, also after the connection is closed and freed, while the world lives. What
 * the peer did shows when the kernel knows it: writes to a peer that has closed succeed until then,
 * and one that closed with bytes unread looks like one that was reset. */
#ifndef GRPCTEST_NET_H
#define GRPCTEST_NET_H

#include <grpctest/conn.h>

GT_BEGIN_DECLS

/* Listens on "HOST:PORT"; port 0 lets the kernel choose, and gt_listener_address tells. HOST is a
 * numeric address, "[v6]", or "localhost", which is 127.0.0.1. Does not block. `*listener` is the
 * caller's. Errors
 * (`*listener` is NULL then): GT_EINVAL for an address it cannot read, GT_EIO when the system
 * refuses (the reason is put in `*reason`, if that is given: the caller frees it with gt_free). */
GT_API GT_MUST_USE int gt_tcp_listen_at(gt_world *world, const char *address,
                                        gt_listener **listener, char **reason, const char *file,
                                        int line);
#define gt_tcp_listen(world, address, listener, reason)                                            \
    gt_tcp_listen_at((world), (address), (listener), (reason), __FILE__, __LINE__)

/* Makes a dialer to "HOST:PORT", as above. An address it cannot read gives GT_EINVAL at the dial.
 */
GT_API gt_dialer *gt_tcp_dialer_at(gt_world *world, const char *address, const char *file,
                                   int line);
#define gt_tcp_dialer(world, address) gt_tcp_dialer_at((world), (address), __FILE__, __LINE__)

/* Makes a connection of a stream socket's descriptor (a socketpair's end, say), which it owns from
 * now on and sets non-blocking. `name` is copied; the other end's is "NAME/peer". A socket that is
 * not TCP cannot be reset: there gt_conn_reset looks like a close to the peer. Misuse on anything
 * but a stream socket. */
GT_API gt_conn *gt_conn_from_fd_at(gt_world *world, int fd, const char *name, const char *file,
                                   int line);
#define gt_conn_from_fd(world, fd, name)                                                           \
    gt_conn_from_fd_at((world), (fd), (name), __FILE__, __LINE__)

GT_END_DECLS

#endif
