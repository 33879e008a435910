/* conn.h - connections, listeners and dialers, whatever carries their bytes.
 * Rule: the semantics are those of Go's net.Conn, except that a write that is cut short always says
 * how much it wrote. A connection is full duplex; each direction keeps its bytes in order. */
#ifndef GRPCTEST_CONN_H
#define GRPCTEST_CONN_H

#include <grpctest/base.h>
#include <grpctest/context.h>
#include <grpctest/error.h>
#include <grpctest/world.h>

GT_BEGIN_DECLS

/* One end of a connection. Whoever dialled or accepted it owns it: gt_conn_free. */
typedef struct gt_conn gt_conn;
/* Where connections come in. Owned by its maker: gt_listener_free. */
typedef struct gt_listener gt_listener;
/* A way to reach a listener. Owned by its maker: gt_dialer_free. */
typedef struct gt_dialer gt_dialer;

/* ---- reading and writing ---------------------------------------------------------------- */

/* Blocks until at least one byte is there, then reads at most `size` into `buffer`; `*count` is
 * how many (0 on every error). A size of 0 succeeds at once. Errors: GT_EOF once the peer has
 * half-closed or closed and all its bytes are read; GT_ETIMEDOUT at the read deadline; GT_ERESET;
 * GT_ECLOSED when this end is closed, also while waiting; the context's error; the world's. */
GT_API GT_MUST_USE int gt_conn_read(gt_conn *conn, gt_context *context, void *buffer, size_t size,
                                    size_t *count);

/* Blocks until all `size` bytes are written, and none of another task's among them. `*count` is
 * how many were, on success and on every error alike. Errors: GT_EPIPE when the peer has closed,
 * GT_ETIMEDOUT at the write deadline, GT_ERESET, GT_ECLOSED (this end closed or half-closed), the
 * context's error, the world's. */
GT_API GT_MUST_USE int gt_conn_write(gt_conn *conn, gt_context *context, const void *buffer,
                                     size_t size, size_t *count);

/* As read and write, but never blocking: they move what fits now, and give GT_EAGAIN when that is
 * nothing (or, writing, while a task is in the midst of a write). Deadlines do not apply. May be
 * called from callbacks. */
GT_API GT_MUST_USE int gt_conn_try_read(gt_conn *conn, void *buffer, size_t size, size_t *count);
GT_API GT_MUST_USE int gt_conn_try_write(gt_conn *conn, const void *buffer, size_t size,
                                         size_t *count);

/* Instants at which blocking reads and writes give GT_ETIMEDOUT, also those already waiting;
 * GT_NEVER (the default) lifts them. One in the past applies at once, also where bytes are there.
 */
GT_API void gt_conn_set_deadline(gt_conn *conn, gt_time deadline);
GT_API void gt_conn_set_read_deadline(gt_conn *conn, gt_time deadline);
GT_API void gt_conn_set_write_deadline(gt_conn *conn, gt_time deadline);

/* At most this many bytes per read (of any kind, ours included) from now on; 0 lifts the limit.
 * 1 makes every reader see single bytes. */
GT_API void gt_conn_limit_read(gt_conn *conn, size_t bytes_per_read);

/* ---- ending --------------------------------------------------------------------------- */

/* Half-close: no more writes from this end; the peer reads what is under way, then GT_EOF. 0, or
 * GT_ECLOSED when this end is closed, GT_ERESET. */
GT_API int gt_conn_close_write(gt_conn *conn);

/* Closes this end: its own waiting and later calls give GT_ECLOSED; the peer drains what was
 * written, then reads GT_EOF; its writes give GT_EPIPE. Harmless twice. */
GT_API void gt_conn_close(gt_conn *conn);

/* Ends both directions at once: bytes under way are dropped, and both ends give GT_ERESET. */
GT_API void gt_conn_reset(gt_conn *conn);

/* Closes it if need be and lets go of it; takes NULL. Tasks that wait in it get GT_ECLOSED. */
GT_API void gt_conn_free(gt_conn *conn);

/* ---- about it --------------------------------------------------------------------------- */

/* What carries it: "pipe", "tcp", ... A static string. */
GT_API const char *gt_conn_kind(const gt_conn *conn);
/* The names of this end and of the other ("bufconn:1", "127.0.0.1:50051"). Borrowed. */
GT_API const char *gt_conn_local_name(const gt_conn *conn);
GT_API const char *gt_conn_peer_name(const gt_conn *conn);
/* For gt_wait_any: ready when a read (GT_READABLE) or write (GT_WRITABLE) would not block. */
GT_API gt_waitable gt_conn_readable(gt_conn *conn);
GT_API gt_waitable gt_conn_writable(gt_conn *conn);

/* ---- the tap --------------------------------------------------------------------------- */

/* Sees every byte that one end writes or reads, in order, at its instant, once it is written or
 * read. Runs on no task: it must not block, but may end the connection (not free it). `written` is
 * true for bytes this end put on the wire, false for those it took off. */
typedef void gt_tap_fn(void *user, gt_conn *conn, bool written, gt_bytes bytes, gt_time now);

/* Sets (or, with NULL, removes) the tap of this end. */
GT_API void gt_conn_tap(gt_conn *conn, gt_tap_fn *tap, void *user);

/* ---- listeners and dialers -------------------------------------------------------------- */

/* Blocks until a connection has come in; `*conn` is the caller's. Errors (`*conn` is NULL then):
 * GT_ECLOSED once the listener is closed, also while waiting; the context's error; the world's. */
GT_API GT_MUST_USE int gt_accept_at(gt_listener *listener, gt_context *context, gt_conn **conn,
                                    const char *file, int line);
#define gt_accept(listener, context, conn)                                                         \
    gt_accept_at((listener), (context), (conn), __FILE__, __LINE__)

/* Refuses what has not been accepted yet and all later dials; connections live on. Harmless twice.
 */
GT_API void gt_listener_close(gt_listener *listener);
/* Closes it if need be and lets go of it; takes NULL. Tasks that wait in it get GT_ECLOSED. */
GT_API void gt_listener_free(gt_listener *listener);
/* The address others dial ("bufconn:1", "127.0.0.1:43211"). Borrowed. */
GT_API const char *gt_listener_address(const gt_listener *listener);
/* For gt_wait_any: ready when accept would not block. */
GT_API gt_waitable gt_listener_waitable(gt_listener *listener);

/* Blocks until connected; `*conn` is the caller's. Errors (`*conn` is NULL then): GT_EREFUSED when
 * nobody listens (any more), GT_EIO when the system says otherwise, the context's error, the
 * world's. */
GT_API GT_MUST_USE int gt_dial_at(gt_dialer *dialer, gt_context *context, gt_conn **conn,
                                  const char *file, int line);
#define gt_dial(dialer, context, conn) gt_dial_at((dialer), (context), (conn), __FILE__, __LINE__)

/* A dialer made of a function of one's own, which may block; it gives what gt_dial gives. */
typedef int gt_dial_fn(void *user, gt_context *context, gt_conn **conn);
GT_API gt_dialer *gt_dialer_from_at(gt_world *world, const char *address, gt_dial_fn *dial,
                                    void *user, const char *file, int line);
#define gt_dialer_from(world, address, dial, user)                                                 \
    gt_dialer_from_at((world), (address), (dial), (user), __FILE__, __LINE__)

/* Lets go of it; connections it made live on. Takes NULL. */
GT_API void gt_dialer_free(gt_dialer *dialer);
/* What it dials. Borrowed. */
GT_API const char *gt_dialer_address(const gt_dialer *dialer);

GT_END_DECLS

#endif
