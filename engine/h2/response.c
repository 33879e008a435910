/* A response, as the server sends it and as the client takes it in. */
#include "session.h"

/* ---- the server ------------------------------------------------------------------------------ */

static void start_fields(const gt__h2_stream *stream, gt__h2_fields *fields)
{
    gt__h2_fields_init(fields);
    gt__h2_fields_static(fields, ":status", "200");
    if (stream->content_type)
        gt__h2_fields_value(fields, "content-type", stream->content_type);
    else
        gt__h2_fields_static(fields, "content-type", "application/grpc");
}

int gt__h2_set_encoding(gt__h2 *h2, int32_t id, gt__encoding encoding)
{
    gt__h2_stream *stream = gt__h2_stream_find(h2, id);
    if (!stream || !h2->options.server || stream->responded || stream->final)
        return GT_ECLOSED;
    if (encoding != GT__IDENTITY && !(stream->accepted & 1u << encoding))
        return GT_EUNSUPPORTED;
    stream->encoding_out = encoding;
    return 0;
}

int gt__h2_respond(gt__h2 *h2, int32_t id, const gt_metadata *header)
{
    gt__h2_stream *stream = gt__h2_stream_find(h2, id);
    if (!stream || !h2->options.server || stream->responded || stream->final)
        return GT_ECLOSED;
    gt__h2_fields fields;
    start_fields(stream, &fields);
    gt__h2_fields_encoding(&fields, stream->encoding_out);
    gt__h2_fields_metadata(&fields, header);
    bool fits = gt__h2_fields_size(&fields) <= gt__h2_header_room(h2);
    if (fits) {
        nghttp2_data_provider provider = gt__h2_data_provider();
        nghttp2_submit_response(h2->session, id, fields.list, fields.count, &provider);
        stream->responded = true;
    }
    gt__h2_fields_cleanup(&fields);
    return fits ? 0 : GT_ETOOBIG;
}

static void fill_status(const gt__h2_stream *stream, gt__h2_fields *fields, const gt_status *status,
                        const gt_metadata *trailer)
{
    if (stream->responded)
        gt__h2_fields_init(fields);
    else
        start_fields(stream, fields);
    gt__h2_fields_status(fields, status, trailer);
}

void gt__h2_answer(gt__h2 *h2, gt__h2_stream *stream, const gt_status *status,
                   const gt_metadata *trailer)
{
    static const gt_status too_large = {.code = GT_RESOURCE_EXHAUSTED,
                                        .message = "the trailers are larger than can be sent"};
    gt__h2_fields fields;
    fill_status(stream, &fields, status, trailer);
    if (gt__h2_fields_size(&fields) > gt__h2_header_room(h2)) {
        gt__h2_fields_cleanup(&fields);
        fill_status(stream, &fields, &too_large, NULL);
    }
    stream->ending = true;
    if (stream->responded) {
        stream->trailer = gt__h2_fields_pack(&fields);
        gt__h2_resume(h2, stream);
    } else {
        nghttp2_submit_response(h2->session, stream->id, fields.list, fields.count, NULL);
        stream->responded = true;
    }
    gt__h2_fields_cleanup(&fields);
}

void gt__h2_finish(gt__h2 *h2, int32_t id, const gt_status *status, const gt_metadata *trailer)
{
    gt__h2_stream *stream = gt__h2_stream_find(h2, id);
    if (!stream || !h2->options.server || stream->final)
        return;
    gt__h2_incoming_cleanup(&stream->in);
    gt__h2_answer(h2, stream, status, trailer);
    stream->final = true;
}

/* ---- the client ------------------------------------------------------------------------------ */

/* nghttp2 lets only three digits through. */
static uint16_t http_status_of(const gt__h2_block *block)
{
    gt_bytes text = gt__h2_block_get(block, GT__H2_KEY_HTTP_STATUS);
    unsigned status = 0;
    for (size_t i = 0; i < text.size && i < 3; i++)
        status = status * 10 + (text.data[i] - (unsigned)'0');
    return (uint16_t)status;
}

/* A body that is not gRPC's is not read as messages; the status is told at its end (rule T6). */
static void check_content_type(gt__h2 *h2, gt__h2_stream *stream)
{
    gt_bytes type = gt__h2_block_get(&h2->block, GT__H2_KEY_CONTENT_TYPE);
    if (type.size == 0 && stream->http_status == 200)
        gt__h2_violation(h2, stream, "T1", "the response has no content-type");
    else
        stream->not_grpc = !gt__h2_is_grpc(type);
}

static void receive_headers(gt__h2 *h2, gt__h2_stream *stream)
{
    static const uint32_t own = 1u << GT__H2_KEY_HTTP_STATUS | 1u << GT__H2_KEY_CONTENT_TYPE |
                                1u << GT__H2_KEY_ENCODING | 1u << GT__H2_KEY_ACCEPT_ENCODING |
                                1u << GT__H2_KEY_STATUS | 1u << GT__H2_KEY_MESSAGE |
                                1u << GT__H2_KEY_DETAILS;
    gt__h2_block *block = &h2->block;
    gt_metadata *metadata;
    char *problem = NULL;
    stream->responded = true;
    if (block->too_large) {
        gt__h2_break(h2, stream, GT_RESOURCE_EXHAUSTED,
                     "the response's headers are larger than the limit of %u bytes",
                     h2->options.limits.max_header_list);
        return;
    }
    check_content_type(h2, stream);
    if (gt__h2_block_has(block, GT__H2_KEY_STATUS))
        gt__h2_violation(h2, stream, "T8",
                         "grpc-status came in headers that do not end the stream");
    if (!stream->not_grpc && gt__h2_block_encoding(block, &stream->encoding_in) != 0) {
        gt_bytes encoding = gt__h2_block_get(block, GT__H2_KEY_ENCODING);
        gt__h2_break(h2, stream, GT_INTERNAL, "the grpc-encoding \"%.64s\" is not supported",
                     (const char *)encoding.data);
        return;
    }
    if (gt__h2_block_metadata(block, own, &metadata, &problem) != 0) {
        gt__h2_break(h2, stream, GT_INTERNAL, "%s", problem);
        gt_metadata_free(metadata);
        gt__free(problem);
        return;
    }
    gt__h2_push(h2, GT__H2_HEADERS, stream->id)->as.headers.metadata = metadata;
}

void gt__h2_receive_response(gt__h2 *h2, gt__h2_stream *stream, bool end)
{
    if (stream->final)
        return;
    if (!gt__h2_block_has(&h2->block, GT__H2_KEY_HTTP_STATUS)) {
        gt__h2_end_by_trailers(h2, stream, &h2->block, false);
        return;
    }
    uint16_t status = http_status_of(&h2->block);
    if (status < 200)
        return; /* rule T9 */
    stream->http_status = status;
    if (end)
        gt__h2_end_by_trailers(h2, stream, &h2->block, true);
    else
        receive_headers(h2, stream);
}
