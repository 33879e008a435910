/* server.h - a gRPC server: handlers by full method name, each call on a task of its own.
 * Rule: a handler returns how its call ends: 0 for OK, a gt_code, or a negative error (cancelled
 * reads CANCELLED, timed out DEADLINE_EXCEEDED, too big RESOURCE_EXHAUSTED, any other UNKNOWN). */
#ifndef GRPCTEST_SERVER_H
#define GRPCTEST_SERVER_H

#include <grpctest/call.h>
#include <grpctest/conn.h>
#include <grpctest/interceptor.h>
#include <grpctest/limits.h>

GT_BEGIN_DECLS

typedef struct gt_server gt_server;

/* Serves one call, on a task of its own: it may block. The call is the library's and is gone when
 * the handler returns. */
typedef int gt_handler_fn(gt_call *call, void *user);

/* Zeros mean defaults. */
typedef struct gt_server_options {
    bool strict;                     /* refuse a request that breaks rule R2, as INTERNAL */
    size_t max_receive_size;         /* bytes of one message; 0: 4 MiB (rule M6) */
    size_t max_send_size;            /* bytes of one message; 0: no limit */
    uint32_t max_concurrent_streams; /* per connection, others are refused; 0: 10,000 */
    uint32_t max_handlers;           /* running at once; more calls wait their turn. 0: 10,000 */
    uint32_t max_waiting_calls;      /* have no handler yet: it is not their turn, or their one
                                      * message has not come; one more is RESOURCE_EXHAUSTED. 0:
                                      * 100,000 */
    uint32_t stream_window;          /* bytes; 0: 65,535; or GT_WINDOW_ZERO */
    uint32_t connection_window;      /* bytes; 0: 1 MiB */
    bool separate_frames;            /* no two messages share a DATA frame, though ready together */
    gt_limits limits;                /* what a client may do beyond */

    const gt_interceptor *interceptors; /* copied; the first is outermost */
    size_t interceptor_count;
} gt_server_options;

/* Sets every option to its default (for C++). */
GT_API void gt_server_options_init(gt_server_options *options);

/* Makes a server. The caller owns it: gt_server_free. `options` may be NULL. */
GT_API gt_server *gt_server_new_at(gt_world *world, const gt_server_options *options,
                                   const char *file, int line);
#define gt_server_new(world, ...) gt_server_new_at((world), (__VA_ARGS__), __FILE__, __LINE__)

/* Has calls of `method` ("/package.Service/Method") served by `handler`. A kind with one request
 * message holds the client to it (rule M8). Registering a method twice is misuse. */
GT_API void gt_server_handle(gt_server *server, const char *method, gt_kind kind,
                             gt_handler_fn *handler, void *user);

/* Has calls of methods that nobody handles served by `handler`, instead of UNIMPLEMENTED (rule
 * T13). gt_call_method tells which. NULL takes it back. */
GT_API void gt_server_handle_unknown(gt_server *server, gt_handler_fn *handler, void *user);

/* Accepts on `listener`, which is borrowed, until the server is stopped or the listener closed. May
 * be called for several. Does not block. */
GT_API void gt_server_serve(gt_server *server, gt_listener *listener);

/* Serves one connection and owns it from now on. Does not block. */
GT_API void gt_server_serve_conn(gt_server *server, gt_conn *conn);

/* Stops at once: accepts no more, says GOAWAY, cancels the
 * handlers, closes the connections, and blocks until the handlers have returned. Misuse in one of
 * those handlers, as are drain and free. 0, or the world's error. */
GT_API int gt_server_stop(gt_server *server);

/* After stop and drain the listeners are still open: dials wait in them for the server that serves
 * them next - that is how a server comes back - and gt_listener_close has them refused. A server
 * that has stopped serves nothing again. */

/* Stops gracefully (rule H2): accepts no more, tells every client to open nothing
 * more (GOAWAY 2^31-1, a round trip, GOAWAY with the last id), lets the calls finish, and blocks
 * until they have. What still runs after `grace` of world time is stopped as by gt_server_stop
 * (GT_NEVER: no limit): also a connection whose client does not answer. 0 when all finished,
 * GT_ETIMEDOUT when it came to the hard stop, or the world's error. */
GT_API GT_MUST_USE int gt_server_drain(gt_server *server, gt_duration grace);

/* Stops it if need be, which may block, and lets go; takes NULL. */
GT_API void gt_server_free(gt_server *server);

GT_END_DECLS

#endif
