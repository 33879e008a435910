#include "engine/core/core.h"

#include <grpctest/frames.h>

enum { HEADER_SIZE = 9, LARGEST_PAYLOAD = 0xffffff };

/* ---- numbers in network order -------------------------------------------------------------- */

static void add_number(gt_buffer *out, uint64_t number, size_t octets)
{
    uint8_t *room = gt__buffer_extend(out, octets);
    for (size_t i = 0; i < octets; i++)
        room[i] = (uint8_t)(number >> (8 * (octets - 1 - i)));
}

static void add_header(gt_buffer *out, size_t length, uint8_t type, uint8_t flags, uint32_t stream)
{
    if (length > LARGEST_PAYLOAD)
        gt__misuse("a frame cannot hold %zu bytes (RFC 9113 section 4.1)", length);
    add_number(out, length, 3);
    add_number(out, type, 1);
    add_number(out, flags, 1);
    add_number(out, stream, 4);
}

void gt_frame_write_raw(gt_buffer *out, uint32_t length, uint8_t type, uint8_t flags,
                        uint32_t stream, gt_bytes payload)
{
    add_header(out, length, type, flags, stream);
    gt_buffer_add(out, payload);
}

static void add_frame(gt_buffer *out, uint8_t type, uint8_t flags, int32_t stream, gt_bytes payload)
{
    add_header(out, payload.size, type, flags, (uint32_t)stream);
    gt_buffer_add(out, payload);
}

static void add_padding(gt_buffer *out, uint8_t padding)
{
    if (padding > 0)
        memset(gt__buffer_extend(out, padding), 0, padding);
}

/* ---- the connection ------------------------------------------------------------------------ */

void gt_frame_write_preface(gt_buffer *out)
{
    gt__buffer_add_text(out, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
}

void gt_frame_write_settings(gt_buffer *out, const gt_setting *settings, size_t count)
{
    add_header(out, count * 6, GT_FRAME_SETTINGS, 0, 0);
    for (size_t i = 0; i < count; i++) {
        add_number(out, settings[i].id, 2);
        add_number(out, settings[i].value, 4);
    }
}

void gt_frame_write_settings_ack(gt_buffer *out)
{
    add_header(out, 0, GT_FRAME_SETTINGS, GT_FLAG_ACK, 0);
}

void gt_frame_write_ping(gt_buffer *out, uint8_t flags, const uint8_t opaque[8])
{
    add_frame(out, GT_FRAME_PING, flags, 0, gt_bytes_of(opaque, 8));
}

void gt_frame_write_goaway(gt_buffer *out, int32_t last_stream, uint32_t code, gt_bytes debug)
{
    add_header(out, 8 + debug.size, GT_FRAME_GOAWAY, 0, 0);
    add_number(out, (uint32_t)last_stream, 4);
    add_number(out, code, 4);
    gt_buffer_add(out, debug);
}

void gt_frame_write_window_update(gt_buffer *out, int32_t stream, uint32_t increment)
{
    add_header(out, 4, GT_FRAME_WINDOW_UPDATE, 0, (uint32_t)stream);
    add_number(out, increment, 4);
}

/* ---- a stream ------------------------------------------------------------------------------ */

void gt_frame_write_data(gt_buffer *out, int32_t stream, uint8_t flags, gt_bytes data)
{
    add_frame(out, GT_FRAME_DATA, flags, stream, data);
}

void gt_frame_write_data_padded(gt_buffer *out, int32_t stream, uint8_t flags, gt_bytes data,
                                uint8_t padding)
{
    add_header(out, 1 + data.size + padding, GT_FRAME_DATA, flags | GT_FLAG_PADDED,
               (uint32_t)stream);
    add_number(out, padding, 1);
    gt_buffer_add(out, data);
    add_padding(out, padding);
}

static void add_priority(gt_buffer *out, uint32_t dependency, bool exclusive, uint8_t weight)
{
    add_number(out, dependency | (exclusive ? 0x80000000 : 0), 4);
    add_number(out, weight, 1);
}

void gt_frame_write_priority(gt_buffer *out, int32_t stream, uint32_t dependency, bool exclusive,
                             uint8_t weight)
{
    add_header(out, 5, GT_FRAME_PRIORITY, 0, (uint32_t)stream);
    add_priority(out, dependency, exclusive, weight);
}

void gt_frame_write_rst_stream(gt_buffer *out, int32_t stream, uint32_t code)
{
    add_header(out, 4, GT_FRAME_RST_STREAM, 0, (uint32_t)stream);
    add_number(out, code, 4);
}

/* ---- header blocks ------------------------------------------------------------------------- */

void gt_frame_write_continuation(gt_buffer *out, int32_t stream, uint8_t flags, gt_bytes fragment)
{
    add_frame(out, GT_FRAME_CONTINUATION, flags, stream, fragment);
}

static gt_bytes take_front(gt_bytes *bytes, size_t most)
{
    size_t size = bytes->size < most ? bytes->size : most;
    gt_bytes front = gt_bytes_of(bytes->data, size);
    *bytes = gt_bytes_of(bytes->data + size, bytes->size - size);
    return front;
}

/* The first frame, whose payload is more than its piece of the block. */
static void add_first(gt_buffer *out, int32_t stream, uint8_t flags, gt_bytes fragment,
                      const gt_block_options *options)
{
    bool padded = flags & GT_FLAG_PADDED, priority = flags & GT_FLAG_PRIORITY;
    size_t length = fragment.size + (padded ? 1u + options->padding : 0u) + (priority ? 5u : 0u);
    add_header(out, length, GT_FRAME_HEADERS, flags, (uint32_t)stream);
    if (padded)
        add_number(out, options->padding, 1);
    if (priority)
        add_priority(out, options->dependency, options->exclusive, options->weight);
    gt_buffer_add(out, fragment);
    if (padded)
        add_padding(out, options->padding);
}

static void add_block(gt_buffer *out, int32_t stream, uint8_t flags, gt_bytes block,
                      const gt_block_options *options)
{
    const uint8_t end = flags & GT_FLAG_END_HEADERS;
    const size_t most = options->split > 0 ? options->split : SIZE_MAX;
    gt_bytes fragment = take_front(&block, most);
    add_first(out, stream, block.size > 0 ? flags & (uint8_t)~end : flags, fragment, options);
    while (block.size > 0) {
        fragment = take_front(&block, most);
        gt_frame_write_continuation(out, stream, block.size > 0 ? 0 : end, fragment);
    }
}

void gt_frame_write_headers_with(gt_buffer *out, int32_t stream, uint8_t flags,
                                 const gt_headers *headers, const gt_block_options *options)
{
    gt_buffer block = {0};
    gt_headers_encode(&block, headers);
    add_block(out, stream, flags, gt_buffer_bytes(&block), options);
    gt_buffer_cleanup(&block);
}

void gt_frame_write_headers(gt_buffer *out, int32_t stream, uint8_t flags,
                            const gt_headers *headers)
{
    gt_buffer block = {0};
    gt_headers_encode(&block, headers);
    add_frame(out, GT_FRAME_HEADERS, flags, stream, gt_buffer_bytes(&block));
    gt_buffer_cleanup(&block);
}

void gt_frame_write_headers_text(gt_buffer *out, int32_t stream, uint8_t flags, const char *lines)
{
    gt_headers *headers = gt_headers_parse(lines);
    gt_frame_write_headers(out, stream, flags, headers);
    gt_headers_free(headers);
}

void gt_frame_write_push_promise(gt_buffer *out, int32_t stream, uint8_t flags, int32_t promised,
                                 const gt_headers *headers)
{
    gt_buffer payload = {0};
    add_number(&payload, (uint32_t)promised, 4);
    gt_headers_encode(&payload, headers);
    add_frame(out, GT_FRAME_PUSH_PROMISE, flags, stream, gt_buffer_bytes(&payload));
    gt_buffer_cleanup(&payload);
}
