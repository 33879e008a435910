/* interceptor.h - code that stands around calls, on either side: it sees each call begin and end,
 * and each message in between (scenario S8). Rule: interceptors are chained in the order given, the
 * first outermost; what one does not care about (a NULL function) passes through. A unary call is a
 * stream with one message each way. */
#ifndef GRPCTEST_INTERCEPTOR_H
#define GRPCTEST_INTERCEPTOR_H

#include <grpctest/call.h>

GT_BEGIN_DECLS

/* A message on its way out: bytes, or a typed message (type.codec is set) that is packed where it
 * goes. Borrowed during the send. */
typedef struct gt_outgoing {
    gt_type type;
    const void *message;
    gt_bytes bytes;
} gt_outgoing;

/* A message that came in. Its memory (NULL when empty) is the receiver's, for gt_free. */
typedef struct gt_incoming {
    uint8_t *data;
    size_t size;
} gt_incoming;

/* What a client's call starts with; a `start` function may change what is said so. */
typedef struct gt_call_start {
    gt_metadata *metadata; /* to be sent with the request; may be changed */
    gt_duration timeout;   /* may be set; 0: none but the context's */
    gt_context *context;   /* the caller's; NULL: background */
    const char *method;
    gt_kind kind;
} gt_call_start;

/* One interceptor at one call, handed to each of its functions. */
typedef struct gt_interception {
    gt_call *call;
    void *user;  /* the interceptor's */
    void *state; /* `state_size` bytes of its own for this call, zero at first */
} gt_interception;

/* All functions may be NULL. Those that may block run on the task that called; the others must not
 * block. An interceptor is a value; a channel or server copies it, and borrows `user`. */
typedef struct gt_interceptor {
    const char *name; /* static, for reports */
    void *user;
    size_t state_size;

    /* Client: a call is made. Must not block, nor cancel or free the call; gt_interception_refuse
     * ends it. It has no context yet but its caller's: gt_call_context is misuse here. */
    void (*start)(gt_interception *x, gt_call_start *start);
    /* Server: around the handler, on its task; the result is the call's, as a handler's. It may
     * leave out gt_next_handle, and so refuse the call. */
    int (*handle)(gt_interception *x);
    /* Around sending and receiving one message; results as gt_call_send's and gt_call_recv's. */
    int (*send)(gt_interception *x, const gt_outgoing *message);
    int (*recv)(gt_interception *x, gt_incoming *message);
    /* Server: around sending the response headers. `header` may be NULL. */
    int (*header)(gt_interception *x, const gt_metadata *header);
    /* The call has ended, with what its client reads or, at the server, with what was sent. Once,
     * on no task: must not block, nor free the call. */
    void (*end)(gt_interception *x, const gt_status *status);
    /* The call is being freed: gives back what `state` holds. The last one; must not block. */
    void (*drop)(gt_interception *x);
} gt_interceptor;

/* Client, inside `start`: the call is not sent but ends with this status (not OK, the message
 * formatted) once all interceptors have been told of its start. The first refusal counts. */
GT_API void gt_interception_refuse(gt_interception *x, gt_code code, const char *format, ...)
    GT_PRINTF(3, 4);

/* Goes on to the next interceptor, or to the call itself. Only inside the function of that name. */
GT_API GT_MUST_USE int gt_next_handle(gt_interception *x);
GT_API GT_MUST_USE int gt_next_send(gt_interception *x, const gt_outgoing *message);
GT_API GT_MUST_USE int gt_next_recv(gt_interception *x, gt_incoming *message);
GT_API GT_MUST_USE int gt_next_header(gt_interception *x, const gt_metadata *header);

/* ---- ready-made ------------------------------------------------------------------------------ */

/* What the log interceptor tells of a call that has ended. Borrowed during the call of `write`. */
typedef struct gt_log_entry {
    const char *method;
    const gt_status *status;
    gt_duration latency;         /* from the call's beginning at this side */
    const gt_metadata *metadata; /* sent with the request: a request-id, for example */
    uint64_t call;               /* gt_call_number */
    bool server;
} gt_log_entry;

typedef struct gt_log {
    void (*write)(void *user, const gt_log_entry *entry); /* must not block */
    void *user;
} gt_log;

/* Client or server: tells each call's end. `log` is borrowed. */
GT_API gt_interceptor gt_log_interceptor(const gt_log *log);

/* What the measuring interceptor counts. Zero it before use. */
typedef struct gt_measure {
    uint64_t calls, failed;  /* ended at all; ended with another status than OK */
    uint64_t sent, received; /* messages */
    gt_duration total, longest;
} gt_measure;

/* Client or server: adds each call to `measure`, which is borrowed. */
GT_API gt_interceptor gt_measure_interceptor(gt_measure *measure);

/* Client: adds entries to the request's metadata, after the call's own. `metadata` is borrowed. */
GT_API gt_interceptor gt_metadata_interceptor(const gt_metadata *metadata);

/* Client: a time-out for calls that bring none, neither as an option nor by their context (S7). */
GT_API gt_interceptor gt_timeout_interceptor(const gt_duration *timeout);

/* Server: asks `check` before the handler runs; what it returns other than 0 is the call's end, as
 * a handler's (S9: `return gt_call_fail(call, GT_UNAUTHENTICATED, "...")`). May block. */
typedef struct gt_auth {
    int (*check)(gt_call *call, void *user);
    void *user;
} gt_auth;
GT_API gt_interceptor gt_auth_interceptor(const gt_auth *auth);

/* Server: ends a call as DEADLINE_EXCEEDED "<method>: Deadline exceeded" when one of these has
 * passed (S14). Zeros mean no limit. */
typedef struct gt_server_timeouts {
    gt_duration per_unary_call; /* from its handler's beginning, where the method is unary */
    gt_duration per_call;       /* the same, of whatever kind the method is */
    gt_duration per_message;    /* of waiting for a message */
} gt_server_timeouts;
GT_API gt_interceptor gt_server_timeout_interceptor(const gt_server_timeouts *timeouts);

/* Server: a handler that calls gt_give_up, anywhere in the middle, ends as INTERNAL "Unexpected
 * error happened"; `log` (may be NULL) is told the reason and the method. The server goes on (S13).
 */
typedef struct gt_recover_log {
    void (*write)(void *user, const char *method, const char *reason);
    void *user;
} gt_recover_log;
GT_API gt_interceptor gt_recover_interceptor(const gt_recover_log *log);

/* Leaves a handler from any depth, without unwinding what lies between (the counterpart of a
 * panic). Without gt_recover_interceptor around the handler it is a failure of the world. Misuse on
 * another task than the handler's. Not from an interceptor of a client's call that the handler
 * makes: what lies between would be that call's own function, and the call is then never freed. */
GT_API GT_NORETURN void gt_give_up_at(gt_call *call, const char *file, int line, const char *format,
                                      ...) GT_PRINTF(4, 5);
#define gt_give_up(call, ...) gt_give_up_at((call), __FILE__, __LINE__, __VA_ARGS__)

/* ---- per-call credentials (S9) ------------------------------------------------------------------
 */

/* Metadata fetched for every call of a channel: once it has a connection, before it opens a stream.
 */
typedef struct gt_call_credentials {
    /* Adds to `metadata`. Runs on a task of its own: may block, under `context` (the call's). 0, or
     * a gt_code or error with which the call then ends (an error reads UNAUTHENTICATED). */
    int (*fetch)(void *user, gt_context *context, const char *method, gt_metadata *metadata);
    void *user;
    bool require_tls; /* refuses calls on a connection that is not TLS, as UNAUTHENTICATED, and
                       * fetches nothing for them */
} gt_call_credentials;

GT_END_DECLS

#endif
