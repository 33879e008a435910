/* h2.h - gRPC over HTTP/2 as a machine: bytes and instants in, bytes and events out.
 * Rule: it never blocks, reads a clock, or sees a connection; nghttp2's callbacks only append
 * events. An event owns what it carries. */
#ifndef GRPCTEST_ENGINE_H2_H2_H
#define GRPCTEST_ENGINE_H2_H2_H

#include "compression.h"

#include <grpctest/base.h>
#include <grpctest/error.h>
#include <grpctest/limits.h>
#include <grpctest/metadata.h>
#include <grpctest/status.h>

typedef struct gt__h2 gt__h2;

/* Zeros mean the defaults said here; a sentinel says a limit of its own for zero. */
typedef struct gt__h2_options {
    bool server;
    bool strict; /* server: a request that breaks R2 is refused as INTERNAL */
    bool
        no_dynamic_table; /* codes header blocks so that each stands alone (RFC 7541 section 4.2) */
    bool separate_frames; /* no two messages share a DATA frame, though ready together */
    size_t max_receive_size; /* bytes of one message; 0: 4 MiB (rule M6) */
    size_t max_send_size;    /* bytes of one message; 0: no limit */
    size_t send_mark;        /* a stream is writable below this many queued bytes; 0: 64 KiB */
    size_t crowd_mark; /* while all streams together have more, one is writable only when it has
                        * none, for a peer may open many and read none; 0: 16 MiB */
    uint32_t max_concurrent_streams; /* server: what we allow the peer; 0: 1,000,000 */
    uint32_t stream_window;          /* bytes; 0: 65,535; or GT_WINDOW_ZERO */
    uint32_t connection_window;      /* bytes; 0: 1 MiB */
    gt_limits limits;                /* what the peer may do beyond (rules D5, H4, H9) */
} gt__h2_options;

/* ---- bytes and instants ------------------------------------------------------------------ */

/* Owned by the caller: gt__h2_free. `options` may be NULL (a client with defaults). */
gt__h2 *gt__h2_new(const gt__h2_options *options);
void gt__h2_free(gt__h2 *h2);

/* Parses all of `bytes` in place, at the instant `now`. 0, or GT_EPROTO when the connection is over
 * (drain once more: a GOAWAY may be due). Every stream then gets its final event. */
GT_MUST_USE int gt__h2_feed(gt__h2 *h2, gt_bytes bytes, gt_time now);

/* Writes what is due into `size` bytes at `out` and returns how many bytes that was; less than
 * `size` means nothing more is due. Works with any size down to 1. */
size_t gt__h2_drain(gt__h2 *h2, uint8_t *out, size_t size, gt_time now);

/* How many bytes of what drain will write next belong to a frame that it has begun to write: they
 * end at a frame's boundary. */
size_t gt__h2_begun(gt__h2 *h2);

/* True while drain has something to write. */
bool gt__h2_wants_drain(const gt__h2 *h2);

/* True once both sides are finished with the connection: nothing to read, nothing to write; or the
 * peer, which does not read, is not waited for any more. */
bool gt__h2_done(const gt__h2 *h2);

/* The wire has ended (end of file: error 0, or GT_ERESET, ...): every open stream gets its final
 * event, UNAVAILABLE at the client (rule C4). `reason` goes into their status messages. */
void gt__h2_wire_lost(gt__h2 *h2, const char *reason);

/* ---- commands ----------------------------------------------------------------------------- */

/* How a message travels: what its bytes are, and how many, without the prefix. */
typedef struct gt__h2_wire_form {
    gt__encoding encoding; /* GT__IDENTITY: its flag is 0 */
    size_t size;
} gt__h2_wire_form;

/* What opens a call. All borrowed during the call. */
typedef struct gt__h2_request {
    const char *path;            /* "/package.Service/Method" */
    const char *authority;       /* NULL: "localhost" */
    const char *scheme;          /* NULL: "http" */
    const char *content_subtype; /* NULL: plain "application/grpc" */
    const char *user_agent;      /* the user's own text before ours (rule R4); may be NULL */
    gt_time deadline; /* GT_NEVER: none; else grpc-timeout is what is left of it at `now` */
    const gt_metadata *metadata; /* may be NULL */
    bool unary_response;         /* the method answers with one message (rule M8) */
    gt__encoding encoding;       /* of the messages; nobody knows whether the server takes it */
} gt__h2_request;

/* Opens a stream and gives its id in `*stream`; `user` comes back in its events. Errors: GT_EAGAIN
 * at the peer's MAX_CONCURRENT_STREAMS (a later GT__H2_CAPACITY event says when to try again),
 * GT_ECLOSED when this connection takes no new streams (GOAWAY, ids used up, connection over),
 * GT_ETIMEDOUT when the deadline has passed (rule R5: such a call is not sent at all), GT_ETOOBIG
 * when the headers are larger than the peer takes, or than 1 MiB (rule D5). */
GT_MUST_USE int gt__h2_open(gt__h2 *h2, const gt__h2_request *request, gt_time now, void *user,
                            int32_t *stream);

/* Sets what `user` is in the events of a stream, those already queued included (server: after
 * GT__H2_REQUEST). */
void gt__h2_set_user(gt__h2 *h2, int32_t stream, void *user);

/* Queues one message in two steps: begin gives room for `size` bytes to fill, end sends it. begin
 * returns NULL, and tells the error, when the stream cannot send any more: GT_ECLOSED (half-closed,
 * finished or gone), GT_ETOOBIG over the send limit. Only one message may be begun at a time. end
 * compresses it, where the stream has an encoding and that makes it smaller (a message goes out
 * plain otherwise), and returns how it was sent. */
uint8_t *gt__h2_send_begin(gt__h2 *h2, int32_t stream, size_t size, int *error);
gt__h2_wire_form gt__h2_send_end(gt__h2 *h2, int32_t stream);

/* Server: has the messages of the response compressed. GT_ECLOSED when the response headers have
 * been sent or the stream is gone, GT_EUNSUPPORTED when the client did not say that it accepts the
 * encoding (rule M5). */
GT_MUST_USE int gt__h2_set_encoding(gt__h2 *h2, int32_t stream, gt__encoding encoding);

/* Says whether the messages ended from now on are compressed, where the stream has an encoding:
 * true at first. */
void gt__h2_compress_messages(gt__h2 *h2, int32_t stream, bool compress);

/* True while the stream's queue is below its mark (a GT__H2_WRITABLE event says when it fell
 * below), or the stream can no longer send, so that a sender need not wait. */
bool gt__h2_writable(const gt__h2 *h2, int32_t stream);

/* Client: no more messages; an END_STREAM follows the last (rule R6). Harmless twice. */
void gt__h2_half_close(gt__h2 *h2, int32_t stream);

/* Server: queues the response headers; they go out at once. GT_ECLOSED when they have been sent or
 * the stream is gone, GT_ETOOBIG when they are larger than the peer takes (or 1 MiB), which changes
 * nothing. Messages before it send empty ones by themselves. */
GT_MUST_USE int gt__h2_respond(gt__h2 *h2, int32_t stream, const gt_metadata *header);

/* Server: ends the call with a status after the queued messages; trailers-only when nothing has
 * been sent (rules T1, T2, T11). `trailer` may be NULL; with more than can be sent (1 MiB) the
 * status is RESOURCE_EXHAUSTED instead. Harmless when the stream is gone. */
void gt__h2_finish(gt__h2 *h2, int32_t stream, const gt_status *status, const gt_metadata *trailer);

/* Ends a stream with RST_STREAM(code); no event for it follows but GT__H2_CLOSED. Harmless when it
 * is gone. */
void gt__h2_reset(gt__h2 *h2, int32_t stream, uint32_t code);

/* Credit for the stream's window: `want` says that the application waits for the message that is
 * arriving, whose bytes are then credited as they come, and returns true when some have been there
 * to credit; `taken` says that it has taken a message whose event said `uncredited`. */
bool gt__h2_want(gt__h2 *h2, int32_t stream);
void gt__h2_taken(gt__h2 *h2, int32_t stream, size_t uncredited);

/* Connection-level commands. `debug` may be NULL. */
void gt__h2_ping(gt__h2 *h2, const uint8_t opaque[8]);
void gt__h2_goaway(gt__h2 *h2, uint32_t code, const char *debug);
/* The first GOAWAY of a graceful stop, id 2^31-1 (rule H2). */
void gt__h2_shutdown_notice(gt__h2 *h2);

/* ---- events ------------------------------------------------------------------------------- */

typedef enum gt__h2_event_type {
    GT__H2_REQUEST,    /* server: a call came in */
    GT__H2_HEADERS,    /* client: response headers */
    GT__H2_MESSAGE,    /* both: one whole message */
    GT__H2_HALF_CLOSE, /* server: the client sends no more */
    GT__H2_STATUS,     /* client: how the call ended; the last event but CLOSED (rule C2) */
    GT__H2_ABORTED, /* server: the call is over without our status: reset, rule broken, wire lost */
    GT__H2_WRITABLE, /* both: the stream's queue fell below the send mark */
    GT__H2_CLOSED,   /* both: the stream is gone; its id means nothing any more */
    GT__H2_CAPACITY, /* client: a GT_EAGAIN of open may be tried again */
    GT__H2_SETTINGS, /* the peer's settings (came in, and were acknowledged) */
    GT__H2_PING_ACK,
    GT__H2_GOAWAY,    /* the peer opens nothing more, and takes no new streams */
    GT__H2_VIOLATION, /* the peer broke a rule that we tolerate */
    GT__H2_FAILED     /* the connection is over by a protocol error: ours to report or the peer's */
} gt__h2_event_type;

typedef struct gt__h2_event {
    gt__h2_event_type type;
    int32_t stream; /* 0: the connection */
    void *user;
    union {
        struct {
            char *path, *authority, *content_type;
            gt_metadata *metadata;
            gt_time deadline; /* GT_NEVER: none */
        } request;
        struct {
            gt_metadata *metadata;
        } headers;
        struct {
            uint8_t *data; /* inflated; NULL when empty */
            size_t size;
            gt__h2_wire_form wire; /* as it came */
            uint8_t *packed;   /* the bytes that came, where they were compressed: who lets messages
                                * wait keeps these, for the window bounds only them; else NULL */
            size_t uncredited; /* give it to gt__h2_taken when the application takes the message */
        } message;
        struct {
            int code;      /* 0-16 */
            char *message; /* never NULL */
            uint8_t *details;
            size_t details_size;
            gt_metadata *metadata; /* trailers, without the status's own keys; never NULL */
            bool trailers_only;
            bool told;   /* trailers said so; otherwise it was made up here, for want of a word */
            bool unseen; /* the peer certainly never looked at it: may be retried (rule H1) */
            bool reset;  /* it came as RST_STREAM: `reset_code` */
            uint32_t reset_code;
        } status;
        struct {
            int code;      /* the gRPC code that describes it (rule T10) */
            char *message; /* never NULL */
        } aborted;
        struct {
            uint8_t opaque[8];
        } ping;
        struct {
            uint32_t code;
            int32_t last_stream;
            char *debug; /* never NULL */
        } goaway;
        struct {
            const char *rule; /* static: "R2" */
            char *text;
        } violation;
        struct {
            uint32_t code;
            char *text;
        } failed;
    } as;
} gt__h2_event;

/* Moves the oldest event into `*event`, which the caller then owns (gt__h2_event_cleanup, after
 * setting to NULL what it takes). False when there is none. */
bool gt__h2_next_event(gt__h2 *h2, gt__h2_event *event);
void gt__h2_event_cleanup(gt__h2_event *event);

/* The name of an HTTP/2 error code, or "an unknown code". Static. */
const char *gt__h2_error_name(uint32_t error_code);

#endif
