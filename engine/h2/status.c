/* How a stream ends. Whatever races, the first final event wins and nothing follows it (rule C2).
 */
#include "session.h"

#include "engine/core/coding.h"

/* The final event: STATUS, filled in further by the caller, or ABORTED. NULL at the server for a
 * request that was never announced. Takes the message. */
static gt__h2_event *push_final(gt__h2 *h2, gt__h2_stream *stream, int code, char *message)
{
    stream->final = true;
    gt__h2_incoming_cleanup(&stream->in);
    if (!stream->announced) {
        gt__free(message);
        return NULL;
    }
    gt__h2_event_type type = h2->options.server ? GT__H2_ABORTED : GT__H2_STATUS;
    gt__h2_event *event = gt__h2_push(h2, type, stream->id);
    if (h2->options.server) {
        event->as.aborted.code = code;
        event->as.aborted.message = message;
    } else {
        event->as.status.code = code;
        event->as.status.message = message;
        event->as.status.metadata = gt_metadata_new();
    }
    return event;
}

void gt__h2_end(gt__h2 *h2, gt__h2_stream *stream, int code, const char *format, ...)
{
    if (stream->final)
        return;
    va_list args;
    va_start(args, format);
    push_final(h2, stream, code, gt__vprintf(format, args));
    va_end(args);
}

void gt__h2_end_unseen(gt__h2 *h2, gt__h2_stream *stream, const char *format, ...)
{
    if (stream->final)
        return;
    va_list args;
    va_start(args, format);
    gt__h2_event *event = push_final(h2, stream, GT_UNAVAILABLE, gt__vprintf(format, args));
    va_end(args);
    if (event && event->type == GT__H2_STATUS)
        event->as.status.unseen = true;
}

/* Tells the peer that the stream is over by its own fault. */
static void tell_peer(gt__h2 *h2, gt__h2_stream *stream, int code, const char *message)
{
    if (h2->options.server) {
        gt_status status = {.code = (gt_code)code, .message = message};
        gt__h2_answer(h2, stream, &status, NULL);
    } else {
        gt__h2_stream_reset(h2, stream, NGHTTP2_CANCEL);
    }
}

void gt__h2_break(gt__h2 *h2, gt__h2_stream *stream, int code, const char *format, ...)
{
    if (stream->final)
        return;
    va_list args;
    va_start(args, format);
    char *message = gt__vprintf(format, args);
    va_end(args);
    gt__h2_count_reset(h2);
    tell_peer(h2, stream, code, message);
    push_final(h2, stream, code, message);
}

void gt__h2_end_by_reset(gt__h2 *h2, gt__h2_stream *stream, uint32_t reset_code)
{
    if (stream->final)
        return;
    char *message = gt__printf("the peer reset the stream with %s", gt__h2_error_name(reset_code));
    gt__h2_event *event = push_final(h2, stream, gt__h2_code_of_reset(reset_code), message);
    if (!event || event->type != GT__H2_STATUS)
        return;
    event->as.status.reset = true;
    event->as.status.reset_code = reset_code;
    event->as.status.unseen = reset_code == NGHTTP2_REFUSED_STREAM;
}

/* ---- trailers -------------------------------------------------------------------------------- */

/* A status in the making. */
typedef struct outcome {
    bool told; /* by trailers, and it stands */
    int code;
    char *message;
    gt__buffer details;
    gt_metadata *metadata;
} outcome;

static void revise(outcome *o, int code, char *message)
{
    gt__free(o->message);
    o->told = false;
    o->code = code;
    o->message = message;
}

/* What the peer said. */
static void read_status(gt__h2 *h2, gt__h2_stream *stream, const gt__h2_block *block, outcome *o)
{
    gt_bytes text = gt__h2_block_get(block, GT__H2_KEY_STATUS);
    gt_bytes message = gt__h2_block_get(block, GT__H2_KEY_MESSAGE);
    gt_bytes details = gt__h2_block_get(block, GT__H2_KEY_DETAILS);
    bool exact;
    o->code = gt__status_decode((const char *)text.data, text.size, &exact);
    if (!exact)
        gt__h2_violation(h2, stream, "T7", "grpc-status is \"%.64s\", not a number from 0 to 16",
                         (const char *)text.data);
    o->message = gt__percent_decode((const char *)message.data, message.size);
    if (!gt__percent_is_coded((const char *)message.data, message.size))
        gt__h2_violation(h2, stream, "T3", "grpc-message is not percent-coded");
    if (details.size > 0 &&
        gt__base64_decode(&o->details, (const char *)details.data, details.size) != 0)
        revise(o, GT_INTERNAL,
               gt__strdup("the value of \"grpc-status-details-bin\" is not base64"));
}

/* Nothing was said: what HTTP says stands in (rules T5, T6). */
static void guess_status(const gt__h2_stream *stream, outcome *o)
{
    if (stream->http_status != 200) {
        o->code = gt__h2_code_of_http(stream->http_status);
        o->message = gt__printf("the peer answered with HTTP status %u and no grpc-status",
                                stream->http_status);
    } else {
        o->code = GT_UNKNOWN;
        o->message = gt__printf("the stream ended without grpc-status%s",
                                stream->not_grpc ? ", and its content-type is not gRPC's" : "");
    }
}

/* A status counts in whatever response it came (rule T6), but is to come in one of gRPC's. */
static void check_response(gt__h2 *h2, const gt__h2_stream *stream, gt_bytes content_type,
                           bool trailers_only)
{
    if (stream->http_status != 200)
        gt__h2_violation(h2, stream, "T6", "grpc-status came with the HTTP status %u",
                         stream->http_status);
    else if (trailers_only && content_type.size == 0)
        gt__h2_violation(h2, stream, "T2", "the response has no content-type");
    else if (trailers_only ? !gt__h2_is_grpc(content_type) : stream->not_grpc)
        gt__h2_violation(h2, stream, "T6",
                         "grpc-status came in a response whose content-type is not gRPC's");
}

/* Rules M7 and M8: an OK, or the lack of a status, does not stand when the messages are not right.
 */
static void check_messages(gt__h2 *h2, const gt__h2_stream *stream, bool told, outcome *o)
{
    bool whole = gt__h2_incoming_complete(stream);
    if (!whole && told && o->code != GT_OK)
        gt__h2_violation(h2, stream, "M7", "the stream ended inside a message");
    else if (!whole)
        revise(o, GT_INTERNAL, gt__strdup("the stream ended inside a message"));
    else if (o->code == GT_OK && stream->unary_response && stream->messages != 1)
        revise(o, GT_UNIMPLEMENTED,
               gt__printf("the method answers with one message, the peer sent %s",
                          stream->messages == 0 ? "none" : "more"));
}

static outcome outcome_of(gt__h2 *h2, gt__h2_stream *stream, const gt__h2_block *block,
                          bool trailers_only)
{
    static const uint32_t own = 1u << GT__H2_KEY_HTTP_STATUS | 1u << GT__H2_KEY_CONTENT_TYPE |
                                1u << GT__H2_KEY_ENCODING | 1u << GT__H2_KEY_ACCEPT_ENCODING |
                                1u << GT__H2_KEY_STATUS | 1u << GT__H2_KEY_MESSAGE |
                                1u << GT__H2_KEY_DETAILS;
    outcome o = {0};
    char *problem = NULL;
    bool told = block && gt__h2_block_has(block, GT__H2_KEY_STATUS);
    o.told = told;
    if (told) {
        check_response(h2, stream, gt__h2_block_get(block, GT__H2_KEY_CONTENT_TYPE), trailers_only);
        read_status(h2, stream, block, &o);
    } else {
        guess_status(stream, &o);
    }
    check_messages(h2, stream, told, &o);
    if (!block)
        o.metadata = gt_metadata_new();
    else if (gt__h2_block_metadata(block, own, &o.metadata, &problem) != 0)
        revise(&o, GT_INTERNAL, problem);
    else if (block->too_large)
        revise(&o, GT_RESOURCE_EXHAUSTED,
               gt__printf("the trailers are larger than the limit of %u bytes",
                          h2->options.limits.max_header_list));
    return o;
}

void gt__h2_end_by_trailers(gt__h2 *h2, gt__h2_stream *stream, const gt__h2_block *block,
                            bool trailers_only)
{
    if (stream->final)
        return;
    outcome o = outcome_of(h2, stream, block, trailers_only);
    gt__h2_event *event = push_final(h2, stream, o.code, o.message);
    gt_metadata_free(event->as.status.metadata);
    event->as.status.metadata = o.metadata;
    event->as.status.details_size = o.details.size;
    if (o.details.size > 0)
        event->as.status.details = o.details.data;
    else
        gt__buffer_cleanup(&o.details);
    event->as.status.trailers_only = trailers_only;
    event->as.status.told = o.told;
}
