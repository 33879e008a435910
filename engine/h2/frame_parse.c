#include "frame_parse.h"

static uint32_t number_at(const uint8_t *data, size_t octets)
{
    uint32_t number = 0;
    for (size_t i = 0; i < octets; i++)
        number = number << 8 | data[i];
    return number;
}

static int32_t stream_id_at(const uint8_t *data)
{
    return (int32_t)(number_at(data, 4) & 0x7fffffff);
}

/* Takes `size` bytes off the front of what is left of the payload; NULL when it is shorter. */
static const uint8_t *take(gt_bytes *left, size_t size)
{
    const uint8_t *front = left->data;
    if (left->size < size)
        return NULL;
    *left = gt_bytes_of(left->data + size, left->size - size);
    return front;
}

/* Each of these starts with all of the payload in frame->data and leaves there what it does not
 * take; it returns the problem, or NULL. */

static const char *parse_pad_length(gt_frame *frame)
{
    if (!(frame->flags & GT_FLAG_PADDED))
        return NULL;
    const uint8_t *octet = take(&frame->data, 1);
    if (!octet)
        return "it is padded and has no pad length";
    frame->padding = *octet;
    return NULL;
}

static const char *drop_padding(gt_frame *frame)
{
    if (frame->padding > frame->data.size)
        return "the padding is longer than the payload";
    frame->data.size -= frame->padding;
    return NULL;
}

static const char *parse_dependency(gt_frame *frame)
{
    const uint8_t *octets = take(&frame->data, 5);
    if (!octets)
        return "it has no room for its priority";
    frame->dependency = (uint32_t)stream_id_at(octets);
    frame->exclusive = octets[0] >> 7;
    frame->weight = octets[4];
    return NULL;
}

static const char *parse_data(gt_frame *frame)
{
    const char *problem = parse_pad_length(frame);
    return problem ? problem : drop_padding(frame);
}

static const char *parse_headers(gt_frame *frame)
{
    const char *problem = parse_pad_length(frame);
    if (!problem && (frame->flags & GT_FLAG_PRIORITY))
        problem = parse_dependency(frame);
    return problem ? problem : drop_padding(frame);
}

static const char *parse_push_promise(gt_frame *frame)
{
    const char *problem = parse_pad_length(frame);
    if (problem)
        return problem;
    const uint8_t *octets = take(&frame->data, 4);
    if (!octets)
        return "it has no room for the promised stream";
    frame->promised = stream_id_at(octets);
    return drop_padding(frame);
}

static const char *parse_priority(gt_frame *frame)
{
    const char *problem = parse_dependency(frame);
    return problem || frame->data.size == 0 ? problem : "it is not 5 bytes long";
}

static const char *parse_rst_stream(gt_frame *frame)
{
    if (frame->data.size != 4)
        return "it is not 4 bytes long";
    frame->code = number_at(take(&frame->data, 4), 4);
    return NULL;
}

static const char *parse_settings(gt_frame *frame, gt_buffer *settings)
{
    gt_buffer_clear(settings);
    for (const uint8_t *octets; (octets = take(&frame->data, 6));) {
        gt_setting setting = {(uint16_t)number_at(octets, 2), number_at(octets + 2, 4)};
        gt__buffer_add(settings, &setting, sizeof setting);
        frame->setting_count++;
    }
    frame->settings =
        frame->setting_count ? (const gt_setting *)(const void *)settings->data : NULL;
    if (frame->data.size > 0)
        return "its length is not a multiple of 6";
    return (frame->flags & GT_FLAG_ACK) && frame->setting_count > 0
               ? "an acknowledgement carries settings"
               : NULL;
}

static const char *parse_ping(gt_frame *frame)
{
    return frame->data.size == 8 ? NULL : "it is not 8 bytes long";
}

static const char *parse_goaway(gt_frame *frame)
{
    const uint8_t *octets = take(&frame->data, 8);
    if (!octets)
        return "it is shorter than 8 bytes";
    frame->last_stream = stream_id_at(octets);
    frame->code = number_at(octets + 4, 4);
    return NULL;
}

static const char *parse_window_update(gt_frame *frame)
{
    if (frame->data.size != 4)
        return "it is not 4 bytes long";
    frame->increment = (uint32_t)stream_id_at(take(&frame->data, 4));
    return frame->increment > 0 ? NULL : "the increment is 0";
}

static const char *parse_payload(gt_frame *frame, gt_buffer *settings)
{
    switch (frame->type) {
    case GT_FRAME_DATA:
        return parse_data(frame);
    case GT_FRAME_HEADERS:
        return parse_headers(frame);
    case GT_FRAME_PRIORITY:
        return parse_priority(frame);
    case GT_FRAME_RST_STREAM:
        return parse_rst_stream(frame);
    case GT_FRAME_SETTINGS:
        return parse_settings(frame, settings);
    case GT_FRAME_PUSH_PROMISE:
        return parse_push_promise(frame);
    case GT_FRAME_PING:
        return parse_ping(frame);
    case GT_FRAME_GOAWAY:
        return parse_goaway(frame);
    case GT_FRAME_WINDOW_UPDATE:
        return parse_window_update(frame);
    default:
        return NULL;
    }
}

/* Which frames belong to a stream and which to the connection (the sections of each type). */
static const char *check_stream(const gt_frame *frame)
{
    switch (frame->type) {
    case GT_FRAME_DATA:
    case GT_FRAME_HEADERS:
    case GT_FRAME_PRIORITY:
    case GT_FRAME_RST_STREAM:
    case GT_FRAME_PUSH_PROMISE:
    case GT_FRAME_CONTINUATION:
        return frame->stream == 0 ? "it is on stream 0" : NULL;
    case GT_FRAME_SETTINGS:
    case GT_FRAME_PING:
    case GT_FRAME_GOAWAY:
        return frame->stream != 0 ? "it belongs to the connection, and is on a stream" : NULL;
    default:
        return NULL;
    }
}

static bool opens_block(const gt_frame *frame)
{
    return frame->type == GT_FRAME_HEADERS || frame->type == GT_FRAME_PUSH_PROMISE;
}

/* Where data and padding cannot be told apart there is no data; the header block of such a frame
 * lacks a piece and will hardly decode, as it should. */
void gt__frame_parse(gt_frame *frame, gt_buffer *settings)
{
    frame->data = frame->payload;
    frame->problem = parse_payload(frame, settings);
    if (frame->problem && (frame->type == GT_FRAME_DATA || opens_block(frame)))
        frame->data = gt_bytes_of(NULL, 0);
    if (!frame->problem)
        frame->problem = check_stream(frame);
}
