#include "engine/core/core.h"
#include "frame_parse.h"
#include "header_block.h"
#include "headers_text.h"
#include "message_parts.h"

enum { HEADER_SIZE = 9, PREFACE_SIZE = 24 };

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

struct gt_frame_reader {
    size_t max_frame_size, max_header_size;
    gt_buffer input;
    size_t used;     /* of input: handed out in frames */
    uint64_t offset; /* of the direction: handed out in frames */
    char *failure;

    gt__inflater *inflater;
    gt_buffer block;      /* the pieces of a block whose end has not come */
    int32_t block_stream; /* the stream they are on */
    bool block_open, block_too_big;
    gt_headers *headers; /* of the last frame that ended a block */

    gt_buffer settings;
    gt__message_tracker messages;
};

gt_frame_reader *gt_frame_reader_new(const gt_frame_reader_options *options)
{
    gt_frame_reader *reader = gt__new(gt_frame_reader);
    reader->max_frame_size = options && options->max_frame_size ? options->max_frame_size : 16384;
    reader->max_header_size =
        options && options->max_header_size ? options->max_header_size : (size_t)256 * 1024;
    reader->inflater = gt__inflater_new();
    return reader;
}

void gt_frame_reader_free(gt_frame_reader *reader)
{
    if (!reader)
        return;
    gt_buffer_cleanup(&reader->input);
    gt_buffer_cleanup(&reader->block);
    gt_buffer_cleanup(&reader->settings);
    gt__message_tracker_cleanup(&reader->messages);
    gt__inflater_free(reader->inflater);
    gt_headers_free(reader->headers);
    gt__free(reader->failure);
    gt__free(reader);
}

void gt_frame_reader_feed(gt_frame_reader *reader, gt_bytes bytes)
{
    gt__buffer_consume(&reader->input, reader->used);
    reader->used = 0;
    gt_buffer_add(&reader->input, bytes);
}

size_t gt_frame_reader_pending(const gt_frame_reader *reader)
{
    return reader->input.size - reader->used;
}

const char *gt_frame_reader_explain(const gt_frame_reader *reader)
{
    return reader->failure;
}

/* ---- header blocks (RFC 9113 section 4.3) -------------------------------------------------- */

static void end_block(gt_frame_reader *reader, gt_frame *frame)
{
    reader->headers = gt_headers_new();
    const char *problem = "the header block is over the reader's limit";
    if (!reader->block_too_big)
        problem = gt__inflate(reader->inflater, gt_buffer_bytes(&reader->block),
                              reader->max_header_size, reader->headers);
    if (!frame->problem)
        frame->problem = problem;
    frame->headers = reader->headers;
    gt_buffer_clear(&reader->block);
    reader->block_open = reader->block_too_big = false;
}

static void add_to_block(gt_frame_reader *reader, gt_frame *frame)
{
    if (frame->data.size > reader->max_header_size - reader->block.size)
        reader->block_too_big = true;
    if (!reader->block_too_big)
        gt_buffer_add(&reader->block, frame->data);
    reader->block_open = true;
    reader->block_stream = frame->stream;
    if (frame->flags & GT_FLAG_END_HEADERS)
        end_block(reader, frame);
}

static void follow_block(gt_frame_reader *reader, gt_frame *frame)
{
    gt_headers_free(reader->headers);
    reader->headers = NULL;
    bool continues = frame->type == GT_FRAME_CONTINUATION;
    if (reader->block_open && (!continues || frame->stream != reader->block_stream)) {
        frame->problem = "it interrupts a header block (RFC 9113 section 6.10)";
        return;
    }
    if (continues && !reader->block_open)
        frame->problem = "there is no header block to continue (RFC 9113 section 6.10)";
    else if (continues || frame->type == GT_FRAME_HEADERS || frame->type == GT_FRAME_PUSH_PROMISE)
        add_to_block(reader, frame);
}

/* ---- frames -------------------------------------------------------------------------------- */

static int read_preface(gt_frame_reader *reader, gt_bytes left, gt_frame *frame)
{
    if (left.size < PREFACE_SIZE)
        return GT_EAGAIN;
    frame->type = GT_FRAME_PREFACE;
    frame->payload = frame->data = gt_bytes_of(left.data, PREFACE_SIZE);
    reader->used += PREFACE_SIZE;
    reader->offset += PREFACE_SIZE;
    return 0;
}

/* True while what is there, at the very beginning, may become the preface. */
static bool may_be_preface(const gt_frame_reader *reader, gt_bytes left)
{
    size_t size = left.size < PREFACE_SIZE ? left.size : PREFACE_SIZE;
    return reader->offset == 0 && size > 0 && memcmp(left.data, preface, size) == 0;
}

static int fail_on_length(gt_frame_reader *reader, gt_bytes left, size_t length)
{
    gt_buffer text = {0};
    gt__buffer_printf(&text, "a frame of %zu bytes, over the limit of %zu, at byte %llu: ", length,
                      reader->max_frame_size, (unsigned long long)reader->offset);
    gt__quoted_print(&text, gt_bytes_of(left.data, HEADER_SIZE), HEADER_SIZE);
    reader->failure = gt__buffer_take_text(&text);
    return GT_EPROTO;
}

static int read_frame(gt_frame_reader *reader, gt_bytes left, gt_frame *frame)
{
    if (left.size < HEADER_SIZE)
        return GT_EAGAIN;
    const uint8_t *h = left.data;
    size_t length = (size_t)h[0] << 16 | (size_t)h[1] << 8 | h[2];
    if (length > reader->max_frame_size)
        return fail_on_length(reader, left, length);
    if (left.size - HEADER_SIZE < length)
        return GT_EAGAIN;
    frame->type = h[3];
    frame->flags = h[4];
    frame->reserved = h[5] >> 7;
    frame->stream = (int32_t)((uint32_t)(h[5] & 0x7f) << 24 | (uint32_t)h[6] << 16 |
                              (uint32_t)h[7] << 8 | h[8]);
    frame->payload = gt_bytes_of(h + HEADER_SIZE, length);
    gt__frame_parse(frame, &reader->settings);
    follow_block(reader, frame);
    gt__message_track(&reader->messages, frame);
    reader->used += HEADER_SIZE + length;
    reader->offset += HEADER_SIZE + length;
    return 0;
}

int gt_frame_reader_next(gt_frame_reader *reader, gt_frame *frame)
{
    *frame = (gt_frame){0};
    if (reader->failure)
        return GT_EPROTO;
    size_t pending = gt_frame_reader_pending(reader);
    if (pending == 0) /* also before anything was fed, when there is no input to point into */
        return GT_EAGAIN;
    gt_bytes left = gt_bytes_of(reader->input.data + reader->used, pending);
    if (may_be_preface(reader, left))
        return read_preface(reader, left, frame);
    return read_frame(reader, left, frame);
}
