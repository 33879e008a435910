/* call.h - one RPC, seen from the client that makes it or from the handler that serves it.
 * Rule: a call always exists and always ends with exactly one status (rule C2); what a call hands
 * out stays good until the call is freed, unless it says `_take`. */
#ifndef GRPCTEST_CALL_H
#define GRPCTEST_CALL_H

#include <grpctest/base.h>
#include <grpctest/codec.h>
#include <grpctest/context.h>
#include <grpctest/error.h>
#include <grpctest/metadata.h>
#include <grpctest/status.h>
#include <grpctest/world.h>

GT_BEGIN_DECLS

typedef struct gt_call gt_call;
typedef struct gt_channel gt_channel;

/* How many messages each side sends. Streams of both directions are the default: they set no limit
 * on the number. */
typedef enum gt_kind {
    GT_BIDI_STREAMING = 0,
    GT_CLIENT_STREAMING,
    GT_SERVER_STREAMING,
    GT_UNARY
} gt_kind;

/* Zeros mean defaults. All is borrowed during gt_call_new, the context until the call is freed. */
typedef struct gt_call_options {
    gt_kind kind;
    gt_context *context;         /* NULL: background */
    gt_duration timeout;         /* 0: none but the context's; the earlier one wins */
    const gt_metadata *metadata; /* sent with the request; NULL: none */
    const char *authority;       /* NULL: the channel's */
    const char *compression;     /* "gzip", "deflate", "identity" (none); NULL: the channel's */
} gt_call_options;

/* Sets every option to its default (for C++). */
GT_API void gt_call_options_init(gt_call_options *options);

/* ---- what contexts say of calls under them ------------------------------------------------------
 */

/* A child under which client calls send `metadata` (copied, may be NULL) and nothing that an
 * ancestor said; the second form sends it after what the ancestors said. A call's own metadata
 * comes last. */
GT_API gt_context *gt_context_with_metadata_at(gt_context *parent, const gt_metadata *metadata,
                                               const char *file, int line);
GT_API gt_context *gt_context_append_metadata_at(gt_context *parent, const gt_metadata *metadata,
                                                 const char *file, int line);
#define gt_context_with_metadata(parent, metadata)                                                 \
    gt_context_with_metadata_at((parent), (metadata), __FILE__, __LINE__)
#define gt_context_append_metadata(parent, metadata)                                               \
    gt_context_append_metadata_at((parent), (metadata), __FILE__, __LINE__)
/* What calls under this context send; NULL for nothing. Borrowed from the context. */
GT_API const gt_metadata *gt_context_metadata(const gt_context *context);

/* ---- the client's side -------------------------------------------------------------------- */

/* Starts a call of `method` ("/package.Service/Method"; anything else is misuse). Never fails and
 * does not block: what goes wrong becomes the call's status. The caller owns it: gt_call_free. */
GT_API gt_call *gt_call_new_at(gt_channel *channel, const char *method,
                               const gt_call_options *options, const char *file, int line);
#define gt_call_new(channel, method, ...)                                                          \
    gt_call_new_at((channel), (method), (__VA_ARGS__), __FILE__, __LINE__)

/* A whole unary call: sends the request, half-closes, and blocks until the status is there. The
 * reply is then had by gt_call_recv. The options' kind is taken to be GT_UNARY. */
GT_API gt_call *gt_unary_at(gt_channel *channel, const char *method, gt_bytes request,
                            const gt_call_options *options, const char *file, int line);
#define gt_unary(channel, method, request, ...)                                                    \
    gt_unary_at((channel), (method), (request), (__VA_ARGS__), __FILE__, __LINE__)

/* The same with a typed request. */
GT_API gt_call *gt_unary_as_at(gt_channel *channel, const char *method, gt_type type,
                               const void *request, const gt_call_options *options,
                               const char *file, int line);
#define gt_unary_as(channel, method, type, request, ...)                                           \
    gt_unary_as_at((channel), (method), (type), (request), (__VA_ARGS__), __FILE__, __LINE__)

/* Says that no more messages follow. Does not block; harmless twice or after the end. */
GT_API void gt_call_half_close(gt_call *call);

/* Ends the call as CANCELLED, unless it has ended (rule C3). Does not block. */
GT_API void gt_call_cancel(gt_call *call);

/* Blocks until the call has ended and gives its status, which the call owns. When the world ends
 * the wait (deadlock, poison), the status says so: code UNKNOWN, the error as its message. */
GT_API const gt_status *gt_call_status(gt_call *call);

/* Blocks until response headers are there or the call has ended; never NULL (empty when there were
 * none, as with trailers-only, rule T2). The call owns it. */
GT_API const gt_metadata *gt_call_header(gt_call *call);

/* The trailers: empty until the call has ended. Does not block. The call owns it. */
GT_API const gt_metadata *gt_call_trailer(gt_call *call);

/* True once the status is there. Does not block. */
GT_API bool gt_call_ended(const gt_call *call);

/* Lets go of the call, cancelling it first if it has not ended; takes NULL. Tasks that wait in it
 * get GT_ECANCELLED; what it handed out, also to them, is gone. */
GT_API void gt_call_free(gt_call *call);

/* ---- the handler's side ------------------------------------------------------------------- */

/* The metadata that came with the request. The call owns it. */
GT_API const gt_metadata *gt_call_request_metadata(const gt_call *call);

/* Adds to the response headers, which go out by themselves with the first message or, where there
 * is none, before the status that the handler returns. 0; GT_ECLOSED when they have gone;
 * GT_ESTATUS when the call has ended; GT_ETOOBIG, when they are sent, over what the client takes
 * (rule D5): nothing has been sent then. */
GT_API GT_MUST_USE int gt_call_add_header(gt_call *call, const gt_metadata *header);

/* Sends the response headers now: what was added before, and then `header`, which may be NULL.
 * Errors as above. */
GT_API GT_MUST_USE int gt_call_send_header(gt_call *call, const gt_metadata *header);

/* Adds to the trailers that go out with the status. */
GT_API void gt_call_add_trailer(gt_call *call, const gt_metadata *trailer);

/* Sets the status's message (formatted) and returns `code`, so that a handler can say
 * `return gt_call_fail(call, GT_NOT_FOUND, "no user %s", id);`. */
GT_API int gt_call_fail(gt_call *call, gt_code code, const char *format, ...) GT_PRINTF(3, 4);

/* Sets the details that go out with the status, unless that is OK: the bytes of a google.rpc.Status
 * (rule T4). */
GT_API void gt_call_set_details(gt_call *call, gt_bytes details);

/* Has the messages that follow compressed, in an encoding that the client accepts (rule M5):
 * "gzip", "deflate", or "identity" for none. Before the response headers have gone: GT_ECLOSED
 * otherwise; GT_ESTATUS when the call has ended; GT_EUNSUPPORTED when the client does not accept
 * it, or it is none that we know. */
GT_API GT_MUST_USE int gt_call_set_compression(gt_call *call, const char *encoding);

/* Ends the call now with this status, from outside its handler: the headers added so far go out
 * before it, details set so far do not; the handler is told by its context, reads no more messages,
 * and what it returns is not looked at. Does not block; harmless when the call has ended. */
GT_API void gt_call_end(gt_call *call, gt_code code, const char *message);

/* ---- both sides --------------------------------------------------------------------------- */

/* Sends one message (the bytes are copied). Blocks while more is queued than the peer takes. 0;
 * GT_ESTATUS when the call has ended: the status says why (at the client, Go's io.EOF); GT_ECLOSED
 * after half-close; GT_ETOOBIG over the send limit, which leaves the call as it was; the world's
 * errors. */
GT_API GT_MUST_USE int gt_call_send(gt_call *call, gt_bytes message);

/* The same with a typed message, packed straight into the queue. In a handler the codec must be the
 * one that the client named in its content-type, if it named one: otherwise the call ends as
 * UNIMPLEMENTED (rule R8), and GT_EUNSUPPORTED is returned, here as in receiving. */
GT_API GT_MUST_USE int gt_call_send_as(gt_call *call, gt_type type, const void *message);

/* Says whether the messages sent from now on are compressed, where the call has an encoding: true
 * at first. */
GT_API void gt_call_compress_messages(gt_call *call, bool compress);

/* Blocks until a message is there. 0; GT_EOF at the end: at the client the status is there (OK or
 * not) and all messages are read, at the server the client has half-closed; server: GT_ECANCELLED
 * or GT_ETIMEDOUT once the call is over; the world's errors. */
GT_API GT_MUST_USE int gt_call_recv(gt_call *call, gt_bytes *message);

/* The same, but the memory becomes the caller's: `*data` is freed with gt_free (NULL if empty). */
GT_API GT_MUST_USE int gt_call_recv_take(gt_call *call, uint8_t **data, size_t *size);

/* The same, unpacked; `*message` stays the call's. A message that does not unpack ends the call as
 * INTERNAL with the reason, and GT_EINVAL is returned. */
GT_API GT_MUST_USE int gt_call_recv_as(gt_call *call, gt_type type, void **message);

/* The call's context: its deadline is the call's, it is done when the call ends, and at the server
 * it is cancelled as soon as the client cancels or is lost (rules C1, C3, C4). The call owns it. */
GT_API gt_context *gt_call_context(gt_call *call);

/* "/package.Service/Method", the name of the other end, and the call's number in its world (from 1,
 * the same at no two calls). Borrowed. */
GT_API const char *gt_call_method(const gt_call *call);
GT_API const char *gt_call_peer(const gt_call *call);
GT_API uint64_t gt_call_number(const gt_call *call);
GT_API const char *gt_call_authority(const gt_call *call);
GT_API gt_world *gt_call_world(const gt_call *call);

/* For gt_wait_any: ready when recv would not block, and when the call has ended. */
GT_API gt_waitable gt_call_readable(gt_call *call);
GT_API gt_waitable gt_call_ended_waitable(gt_call *call);

GT_END_DECLS

#endif
