/* A request, as the client sends it and as the server takes it in. */
#include "session.h"

#include "engine/core/coding.h"
#include "engine/core/metadata.h"

#define OWN_USER_AGENT "grpc-c-grpctest/"

/* ---- the client ------------------------------------------------------------------------------ */

/* Made anew only when the user's own text is another than the last time. */
static const char *user_agent_of(gt__h2 *h2, const char *own)
{
    if (!own)
        own = "";
    if (h2->user_agent && strcmp(h2->user_agent_own, own) == 0)
        return h2->user_agent;
    gt__free(h2->user_agent);
    gt__free(h2->user_agent_own);
    h2->user_agent_own = gt__strdup(own);
    h2->user_agent = gt__printf("%s%s" OWN_USER_AGENT "%s", own, *own ? " " : "", gt_version());
    return h2->user_agent;
}

static int32_t submit(gt__h2 *h2, const gt__h2_request *request, gt_time now)
{
    const char *subtype = request->content_subtype;
    char *content_type = subtype ? gt__printf("application/grpc+%s", subtype) : NULL;
    char timeout[GT__TIMEOUT_SIZE];
    gt__h2_fields fields;
    gt__h2_fields_init(&fields);
    gt__h2_fields_static(&fields, ":method", "POST");
    gt__h2_fields_value(&fields, ":scheme", request->scheme ? request->scheme : "http");
    gt__h2_fields_value(&fields, ":path", request->path);
    gt__h2_fields_value(&fields, ":authority",
                        request->authority ? request->authority : "localhost");
    if (request->deadline != GT_NEVER) {
        gt__timeout_encode(request->deadline - now, timeout);
        gt__h2_fields_value(&fields, "grpc-timeout", timeout);
    }
    gt__h2_fields_static(&fields, "te", "trailers");
    if (content_type)
        gt__h2_fields_value(&fields, "content-type", content_type);
    else
        gt__h2_fields_static(&fields, "content-type", "application/grpc");
    gt__h2_fields_encoding(&fields, request->encoding);
    gt__h2_fields_value(&fields, "user-agent", user_agent_of(h2, request->user_agent));
    gt__h2_fields_metadata(&fields, request->metadata);
    nghttp2_data_provider provider = gt__h2_data_provider();
    int32_t id = GT_ETOOBIG;
    if (gt__h2_fields_size(&fields) <= gt__h2_header_room(h2))
        id = nghttp2_submit_request(h2->session, NULL, fields.list, fields.count, &provider, NULL);
    gt__h2_fields_cleanup(&fields);
    gt__free(content_type);
    return id;
}

int gt__h2_open(gt__h2 *h2, const gt__h2_request *request, gt_time now, void *user, int32_t *stream)
{
    if (h2->over || h2->goaway_came || !nghttp2_session_check_request_allowed(h2->session))
        return GT_ECLOSED;
    if (request->deadline <= now)
        return GT_ETIMEDOUT;
    if (!gt__h2_has_capacity(h2)) {
        h2->starved = true;
        return GT_EAGAIN;
    }
    int32_t id = submit(h2, request, now);
    if (id < 0)
        return id == GT_ETOOBIG ? GT_ETOOBIG : GT_ECLOSED;
    gt__h2_stream *opened = gt__h2_stream_new(h2, id, user);
    opened->announced = true;
    opened->unary_response = request->unary_response;
    opened->encoding_out = request->encoding;
    *stream = id;
    return 0;
}

/* ---- the server ------------------------------------------------------------------------------ */

/* Answers a request by ourselves: no handler will hear of it. `extra` goes with the status. */
static void refuse(gt__h2 *h2, gt__h2_stream *stream, const char *rule, gt_code code,
                   const gt_metadata *extra, const char *text)
{
    gt__h2_violation(h2, stream, rule, "%s", text);
    gt_status status = {.code = code, .message = text};
    gt__h2_answer(h2, stream, &status, extra);
    stream->final = true;
}

/* Rule R3: only HTTP itself can speak to a peer that did not speak gRPC. */
static void refuse_content_type(gt__h2 *h2, gt__h2_stream *stream)
{
    gt_bytes type = gt__h2_block_get(&h2->block, GT__H2_KEY_CONTENT_TYPE);
    gt__h2_violation(h2, stream, "R3", "the content-type is \"%.64s\", not application/grpc",
                     (const char *)type.data);
    gt__h2_fields fields;
    gt__h2_fields_init(&fields);
    gt__h2_fields_static(&fields, ":status", "415");
    nghttp2_submit_response(h2->session, stream->id, fields.list, fields.count, NULL);
    gt__h2_fields_cleanup(&fields);
    stream->final = stream->ending = stream->responded = true;
}

static void refuse_encoding(gt__h2 *h2, gt__h2_stream *stream)
{
    gt_bytes encoding = gt__h2_block_get(&h2->block, GT__H2_KEY_ENCODING);
    char *text =
        gt__printf("the grpc-encoding \"%.64s\" is not supported", (const char *)encoding.data);
    gt_metadata *extra = gt_metadata_new();
    static const char key[] = "grpc-accept-encoding";
    gt__metadata_add(extra, key, sizeof key - 1, gt_bytes_str(GT__ENCODINGS));
    refuse(h2, stream, "M4", GT_UNIMPLEMENTED, extra, text);
    gt_metadata_free(extra);
    gt__free(text);
}

/* False when the request was refused for its time-out (rule R5b). */
static bool read_deadline(gt__h2 *h2, gt__h2_stream *stream, gt_time *deadline)
{
    *deadline = GT_NEVER;
    if (!gt__h2_block_has(&h2->block, GT__H2_KEY_TIMEOUT))
        return true;
    gt_bytes text = gt__h2_block_get(&h2->block, GT__H2_KEY_TIMEOUT);
    gt_duration timeout;
    if (gt__timeout_decode((const char *)text.data, text.size, &timeout) != 0) {
        refuse(h2, stream, "R5b", GT_INTERNAL, NULL,
               "malformed time-out: grpc-timeout is 1 to 8 "
               "digits and one of H, M, S, m, u, n");
        return false;
    }
    if (timeout == 0) {
        refuse(h2, stream, "R5b", GT_DEADLINE_EXCEEDED, NULL,
               "the request came with a time-out of zero");
        return false;
    }
    if (timeout < GT_NEVER - h2->now)
        *deadline = h2->now + timeout;
    return true;
}

/* The checks that need no more than a look. False when the request was refused. */
static bool acceptable(gt__h2 *h2, gt__h2_stream *stream)
{
    const gt__h2_block *block = &h2->block;
    if (block->too_large)
        refuse(h2, stream, "D5", GT_RESOURCE_EXHAUSTED, NULL,
               "the request's headers are larger than the limit");
    else if (h2->header_size + block->size > h2->options.limits.max_open_headers)
        refuse(h2, stream, "D5", GT_RESOURCE_EXHAUSTED, NULL,
               "the headers of the calls that are open are larger than the limit");
    else if (!gt__h2_is_grpc(gt__h2_block_get(block, GT__H2_KEY_CONTENT_TYPE)))
        refuse_content_type(h2, stream);
    else if (!gt__h2_block_is(block, GT__H2_KEY_METHOD, "POST"))
        refuse(h2, stream, "R8", GT_INTERNAL, NULL, "the request's method is not POST");
    else if (gt__h2_block_encoding(block, &stream->encoding_in) != 0)
        refuse_encoding(h2, stream);
    else if (gt__h2_block_is(block, GT__H2_KEY_TE, "trailers"))
        return true;
    else if (h2->options.strict)
        refuse(h2, stream, "R2", GT_INTERNAL, NULL, "the request lacks \"te: trailers\"");
    else
        gt__h2_violation(h2, stream, "R2", "the request lacks \"te: trailers\"");
    return !stream->final;
}

/* What the response says again. NULL: the plain type will do. */
static char *content_type_to_answer(gt_bytes type)
{
    static const char plain[] = "application/grpc";
    const uint8_t *end = memchr(type.data, ';', type.size);
    size_t size = end ? (size_t)(end - type.data) : type.size;
    while (size > 0 && type.data[size - 1] == ' ')
        size--;
    return size == sizeof plain - 1 ? NULL : gt__strndup((const char *)type.data, size);
}

static char *text_of(const gt__h2_block *block, gt__h2_key key)
{
    gt_bytes value = gt__h2_block_get(block, key);
    return gt__strndup((const char *)value.data, value.size);
}

/* Streams take turns frame by frame, whatever the peer's priorities say. */
static void share_evenly(gt__h2 *h2, const gt__h2_stream *stream)
{
    static const nghttp2_extpri evenly = {.urgency = NGHTTP2_EXTPRI_DEFAULT_URGENCY, .inc = 1};
    nghttp2_session_change_extpri_stream_priority(h2->session, stream->id, &evenly, 1);
}

static void announce(gt__h2 *h2, gt__h2_stream *stream, gt_metadata *metadata, gt_time deadline)
{
    const gt__h2_block *block = &h2->block;
    bool has_authority = gt__h2_block_has(block, GT__H2_KEY_AUTHORITY);
    stream->announced = true;
    stream->header_size = block->size;
    h2->header_size += block->size;
    stream->accepted = gt__h2_block_accepted(block);
    stream->content_type = content_type_to_answer(gt__h2_block_get(block, GT__H2_KEY_CONTENT_TYPE));
    gt__h2_event *event = gt__h2_push(h2, GT__H2_REQUEST, stream->id);
    event->as.request.path = text_of(block, GT__H2_KEY_PATH);
    event->as.request.authority =
        text_of(block, has_authority ? GT__H2_KEY_AUTHORITY : GT__H2_KEY_HOST);
    event->as.request.content_type = text_of(block, GT__H2_KEY_CONTENT_TYPE);
    event->as.request.metadata = metadata;
    event->as.request.deadline = deadline;
}

void gt__h2_receive_request(gt__h2 *h2, gt__h2_stream *stream, bool end)
{
    static const uint32_t own = 1u << GT__H2_KEY_METHOD | 1u << GT__H2_KEY_SCHEME |
                                1u << GT__H2_KEY_PATH | 1u << GT__H2_KEY_AUTHORITY |
                                1u << GT__H2_KEY_HOST | 1u << GT__H2_KEY_TE |
                                1u << GT__H2_KEY_CONTENT_TYPE | 1u << GT__H2_KEY_TIMEOUT |
                                1u << GT__H2_KEY_ENCODING | 1u << GT__H2_KEY_ACCEPT_ENCODING;
    gt_time deadline;
    gt_metadata *metadata;
    char *problem = NULL;
    if (!acceptable(h2, stream) || !read_deadline(h2, stream, &deadline))
        return;
    if (gt__h2_block_metadata(&h2->block, own, &metadata, &problem) != 0) {
        refuse(h2, stream, "D2", GT_INTERNAL, NULL, problem);
        gt_metadata_free(metadata);
        gt__free(problem);
        return;
    }
    share_evenly(h2, stream);
    announce(h2, stream, metadata, deadline);
    if (end)
        gt__h2_violation(h2, stream, "R6", "the request ends on HEADERS instead of DATA");
}
