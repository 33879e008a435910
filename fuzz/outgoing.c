#include "outgoing.h"

void outgoing_init(outgoing *o, bool server)
{
    /* What a peer allows in its settings may be more than the reader's defaults. */
    static const gt_frame_reader_options options = {.max_frame_size = (1 << 24) - 1,
                                                    .max_header_size = 4 * 1024 * 1024};
    *o = (outgoing){.server = server, .reader = gt_frame_reader_new(&options)};
}

void outgoing_cleanup(outgoing *o)
{
    gt_frame_reader_free(o->reader);
    gt__free(o->streams);
}

static outgoing_stream *stream_of(outgoing *o, int32_t id)
{
    for (size_t i = o->count; i > 0; i--) {
        if (o->streams[i - 1].id == id)
            return &o->streams[i - 1];
    }
    if (o->count == o->capacity) {
        o->capacity = o->capacity * 2 + 8;
        o->streams = gt__realloc(o->streams, o->capacity * sizeof *o->streams);
    }
    o->streams[o->count] = (outgoing_stream){.id = id};
    return &o->streams[o->count++];
}

/* A connection begins with the preface, at the client, and SETTINGS. */
static void check_beginning(const outgoing *o, const gt_frame *frame)
{
    bool preface = !o->server && o->frames == 0;
    bool settings = o->frames == (o->server ? 0 : 1);
    FUZZ_CHECK((frame->type == GT_FRAME_PREFACE) == preface, "frame %zu is of type %d", o->frames,
               frame->type);
    FUZZ_CHECK(!settings || (frame->type == GT_FRAME_SETTINGS && !(frame->flags & GT_FLAG_ACK)),
               "the first frame is of type %d", frame->type);
}

/* Rules R1 and T1: what opens a stream, and what ends it. */
static void check_headers(const outgoing *o, outgoing_stream *stream, const gt_frame *frame)
{
    bool end = frame->flags & GT_FLAG_END_STREAM;
    stream->header_blocks++;
    if (!frame->headers) /* CONTINUATIONs follow */
        return;
    const char *opens = o->server ? ":status" : ":method";
    const char *status = gt_headers_get(frame->headers, ":status");
    bool first = stream->header_blocks == 1, has_code;
    has_code = gt_headers_get(frame->headers, "grpc-status") != NULL;
    FUZZ_CHECK(first == !!gt_headers_get(frame->headers, opens), "block %zu of stream %d",
               stream->header_blocks, stream->id);
    FUZZ_CHECK(o->server ? stream->header_blocks <= 2 : first, "trailers of trailers");
    if (!o->server)
        return;
    FUZZ_CHECK(first || end, "trailers that do not end stream %d", stream->id);
    FUZZ_CHECK(has_code == end || (status && strcmp(status, "415") == 0),
               "stream %d ends without grpc-status, or has it before", stream->id);
}

static void check_data(outgoing_stream *stream, const gt_frame *frame)
{
    FUZZ_CHECK(stream->header_blocks == 1, "DATA after %zu header blocks", stream->header_blocks);
    if (frame->part_count > 0)
        stream->in_message = !frame->parts[frame->part_count - 1].ends;
    if (frame->data.size > 0)
        stream->in_message |= frame->prefix_bytes > 0;
    for (size_t i = 0; i < frame->part_count; i++)
        FUZZ_CHECK(frame->parts[i].flag <= 1, "a message flagged %u", frame->parts[i].flag);
}

static void check_stream_frame(outgoing *o, const gt_frame *frame)
{
    outgoing_stream *stream = stream_of(o, frame->stream);
    FUZZ_CHECK(frame->stream % 2 == 1 || frame->type == GT_FRAME_RST_STREAM,
               "a frame of type %d on stream %d", frame->type, frame->stream);
    FUZZ_CHECK(!stream->reset, "a frame of type %d on stream %d, which was reset", frame->type,
               stream->id);
    if (frame->type == GT_FRAME_RST_STREAM) {
        stream->reset = true;
        return;
    }
    if (frame->type != GT_FRAME_HEADERS && frame->type != GT_FRAME_DATA)
        return;
    FUZZ_CHECK(!stream->ended, "a frame of type %d after the end of stream %d", frame->type,
               stream->id);
    if (frame->type == GT_FRAME_HEADERS)
        check_headers(o, stream, frame);
    else
        check_data(stream, frame);
    stream->ended = frame->flags & GT_FLAG_END_STREAM;
    FUZZ_CHECK(!stream->ended || !stream->in_message, "stream %d ends inside a message",
               stream->id);
}

static void check_frame(outgoing *o, const gt_frame *frame)
{
    FUZZ_CHECK(!frame->problem, "a frame of type %d is sent: %s", frame->type, frame->problem);
    FUZZ_CHECK(frame->type != GT_FRAME_PUSH_PROMISE && frame->type <= GT_FRAME_PREFACE,
               "a frame of type %d is sent", frame->type);
    check_beginning(o, frame);
    if (frame->stream != 0)
        check_stream_frame(o, frame);
    o->frames++;
}

void outgoing_take(outgoing *o, gt_bytes bytes)
{
    gt_frame frame;
    int error;
    o->bytes += bytes.size;
    gt_frame_reader_feed(o->reader, bytes);
    while ((error = gt_frame_reader_next(o->reader, &frame)) == 0)
        check_frame(o, &frame);
    FUZZ_CHECK(error == GT_EAGAIN, "what is sent is no HTTP/2: %s",
               gt_frame_reader_explain(o->reader));
}

void outgoing_check_whole(const outgoing *o)
{
    FUZZ_CHECK(gt_frame_reader_pending(o->reader) == 0, "a frame was sent in part: %zu bytes of it",
               gt_frame_reader_pending(o->reader));
}
