#include "engine/core/coding.h"

#include <grpctest/frames.h>

/* ---- lists --------------------------------------------------------------------------------- */

gt_headers *gt_headers_request(const char *path)
{
    gt_headers *headers = gt_headers_new();
    gt_headers_add(headers, ":method", "POST");
    gt_headers_add(headers, ":scheme", "http");
    gt_headers_add(headers, ":path", path);
    gt_headers_add(headers, ":authority", "localhost");
    gt_headers_add(headers, "te", "trailers");
    gt_headers_add(headers, "content-type", "application/grpc");
    return headers;
}

gt_headers *gt_headers_response(void)
{
    gt_headers *headers = gt_headers_new();
    gt_headers_add(headers, ":status", "200");
    gt_headers_add(headers, "content-type", "application/grpc");
    return headers;
}

static void add_status(gt_headers *headers, int code, const char *message)
{
    gt_buffer text = {0};
    gt__buffer_printf(&text, "%d", code);
    gt_headers_add(headers, "grpc-status", gt_buffer_text(&text));
    gt_buffer_clear(&text);
    if (message) {
        gt__percent_encode(&text, message, strlen(message));
        gt_headers_add(headers, "grpc-message", gt_buffer_text(&text));
    }
    gt_buffer_cleanup(&text);
}

gt_headers *gt_headers_trailers(int code, const char *message)
{
    gt_headers *headers = gt_headers_new();
    add_status(headers, code, message);
    return headers;
}

gt_headers *gt_headers_trailers_only(int code, const char *message)
{
    gt_headers *headers = gt_headers_response();
    add_status(headers, code, message);
    return headers;
}

/* ---- frames -------------------------------------------------------------------------------- */

static void write_and_free(gt_buffer *out, int32_t stream, uint8_t flags, gt_headers *headers)
{
    gt_frame_write_headers(out, stream, flags | GT_FLAG_END_HEADERS, headers);
    gt_headers_free(headers);
}

void gt_frame_write_request(gt_buffer *out, int32_t stream, uint8_t flags, const char *path)
{
    write_and_free(out, stream, flags, gt_headers_request(path));
}

void gt_frame_write_response(gt_buffer *out, int32_t stream)
{
    write_and_free(out, stream, 0, gt_headers_response());
}

void gt_frame_write_trailers(gt_buffer *out, int32_t stream, int code, const char *message)
{
    write_and_free(out, stream, GT_FLAG_END_STREAM, gt_headers_trailers(code, message));
}

void gt_frame_write_trailers_only(gt_buffer *out, int32_t stream, int code, const char *message)
{
    write_and_free(out, stream, GT_FLAG_END_STREAM, gt_headers_trailers_only(code, message));
}

void gt_message_write_prefix(gt_buffer *out, uint8_t flag, uint32_t length)
{
    uint8_t prefix[5] = {flag, (uint8_t)(length >> 24), (uint8_t)(length >> 16),
                         (uint8_t)(length >> 8), (uint8_t)length};
    gt__buffer_add(out, prefix, sizeof prefix);
}

void gt_message_write(gt_buffer *out, gt_bytes message)
{
    if (message.size > UINT32_MAX)
        gt__misuse("a message of %zu bytes is longer than its prefix can say", message.size);
    gt_message_write_prefix(out, 0, (uint32_t)message.size);
    gt_buffer_add(out, message);
}

void gt_frame_write_message(gt_buffer *out, int32_t stream, uint8_t flags, gt_bytes message)
{
    gt_buffer data = {0};
    gt_message_write(&data, message);
    gt_frame_write_data(out, stream, flags, gt_buffer_bytes(&data));
    gt_buffer_cleanup(&data);
}
