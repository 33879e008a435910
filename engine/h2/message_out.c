/* The queue of messages that a stream sends. nghttp2 asks how much there is when it may send, and
 * takes it when a frame's place is known; several messages may share a frame. */
#include "session.h"

static gt__h2_message *new_message(size_t size)
{
    gt__h2_message *message = gt__malloc(sizeof *message + size);
    message->next = NULL;
    message->size = size;
    message->sent = 0;
    return message;
}

static void put_prefix(gt__h2_message *message, gt__encoding encoding)
{
    message->prefix[0] = encoding != GT__IDENTITY;
    for (int i = 0; i < 4; i++)
        message->prefix[1 + i] = (uint8_t)(message->size >> (24 - 8 * i));
}

/* Gives the message as it will travel. One that would not get smaller stays as it is. */
static gt__h2_message *compress(gt__h2_message *message, gt__encoding *encoding)
{
    size_t room = message->size > 0 ? message->size - 1 : 0;
    gt__h2_message *small = new_message(room);
    small->size = room > 0
                      ? gt__message_compress(*encoding, gt_bytes_of(message->data, message->size),
                                             small->data, room)
                      : 0;
    if (small->size == 0) {
        *encoding = GT__IDENTITY;
        gt__free(small);
        return message;
    }
    gt__free(message);
    return gt__realloc(small, sizeof *small + small->size);
}

static bool can_send(const gt__h2_stream *stream)
{
    return stream && !stream->ending && !stream->final;
}

uint8_t *gt__h2_send_begin(gt__h2 *h2, int32_t stream, size_t size, int *error)
{
    if (h2->begun)
        gt__misuse("gt__h2_send_begin: the message before this one was not ended");
    if (!can_send(gt__h2_stream_find(h2, stream))) {
        *error = GT_ECLOSED;
        return NULL;
    }
    if (size > h2->options.max_send_size) {
        *error = GT_ETOOBIG;
        return NULL;
    }
    h2->begun = new_message(size);
    h2->begun_stream = stream;
    *error = 0;
    return h2->begun->data;
}

static bool has_room(const gt__h2 *h2, const gt__h2_stream *stream)
{
    return stream->queued == 0 ||
           (stream->queued < h2->options.send_mark && h2->queued < h2->options.crowd_mark);
}

static void enqueue(gt__h2 *h2, gt__h2_stream *stream, gt__h2_message *message)
{
    if (stream->last)
        stream->last->next = message;
    else
        stream->first = message;
    stream->last = message;
    stream->queued += GT__H2_PREFIX + message->size;
    h2->queued += GT__H2_PREFIX + message->size;
    if (!has_room(h2, stream))
        stream->above_mark = true;
    gt__h2_resume(h2, stream);
}

gt__h2_wire_form gt__h2_send_end(gt__h2 *h2, int32_t id)
{
    gt__h2_message *message = h2->begun;
    if (!message || h2->begun_stream != id)
        gt__misuse("gt__h2_send_end: no message was begun on this stream");
    h2->begun = NULL;
    gt__h2_stream *stream = gt__h2_stream_find(h2, id);
    gt__h2_wire_form wire = {.size = message->size};
    if (!can_send(stream)) {
        gt__free(message);
        return wire;
    }
    if (h2->options.server && !stream->responded)
        (void)!gt__h2_respond(h2, id, NULL);
    if (!stream->plain && stream->encoding_out != GT__IDENTITY) {
        wire.encoding = stream->encoding_out;
        message = compress(message, &wire.encoding);
        wire.size = message->size;
    }
    put_prefix(message, wire.encoding);
    enqueue(h2, stream, message);
    return wire;
}

void gt__h2_compress_messages(gt__h2 *h2, int32_t id, bool compress)
{
    gt__h2_stream *stream = gt__h2_stream_find(h2, id);
    if (stream)
        stream->plain = !compress;
}

bool gt__h2_writable(const gt__h2 *h2, int32_t id)
{
    gt__h2_stream *stream = gt__h2_stream_find(h2, id);
    if (!can_send(stream) || has_room(h2, stream))
        return true;
    stream->above_mark = true; /* by what others have queued since */
    return false;
}

void gt__h2_half_close(gt__h2 *h2, int32_t id)
{
    gt__h2_stream *stream = gt__h2_stream_find(h2, id);
    if (h2->options.server || !can_send(stream))
        return;
    stream->ending = true;
    gt__h2_resume(h2, stream);
}

void gt__h2_resume(gt__h2 *h2, gt__h2_stream *stream)
{
    if (!stream->deferred)
        return;
    stream->deferred = false;
    nghttp2_session_resume_data(h2->session, stream->id);
}

static size_t left_of(const gt__h2_message *message)
{
    return GT__H2_PREFIX + message->size - message->sent;
}

/* How much of the queue the next frame takes. */
static size_t next_size(const gt__h2 *h2, const gt__h2_stream *stream, size_t room)
{
    size_t size = stream->queued;
    if (h2->options.separate_frames && stream->first)
        size = left_of(stream->first);
    return size < room ? size : room;
}

/* nghttp2 asks how much of the queue goes into the next frame. Trailers must be submitted here,
 * with the last of it: earlier, nghttp2 would drop the DATA. */
static ssize_t on_read(nghttp2_session *session, int32_t id, uint8_t *unused, size_t room,
                       uint32_t *flags, nghttp2_data_source *source, void *user)
{
    (void)unused;
    (void)source;
    gt__h2 *h2 = user;
    gt__h2_stream *stream = gt__h2_stream_any(h2, id);
    if (!stream)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (h2->out.flushing)
        return NGHTTP2_ERR_PAUSE;
    size_t size = next_size(h2, stream, room);
    if (size == stream->queued && stream->ending) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        if (stream->trailer) {
            *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
            nghttp2_submit_trailer(session, id, stream->trailer->list, stream->trailer->count);
        }
    } else if (size == 0) {
        stream->deferred = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    if (size > 0)
        *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    return (ssize_t)size;
}

nghttp2_data_provider gt__h2_data_provider(void)
{
    return (nghttp2_data_provider){.read_callback = on_read};
}

static void tell_writable(gt__h2 *h2, gt__h2_stream *stream)
{
    if (!stream->above_mark || !has_room(h2, stream))
        return;
    stream->above_mark = false;
    if (can_send(stream))
        gt__h2_push(h2, GT__H2_WRITABLE, stream->id);
}

static void pop(gt__h2_stream *stream)
{
    gt__h2_message *message = stream->first;
    stream->first = message->next;
    if (!stream->first)
        stream->last = NULL;
    gt__free(message);
}

void gt__h2_queue_copy(gt__h2 *h2, gt__h2_stream *stream, uint8_t *out, size_t size)
{
    stream->queued -= size;
    h2->queued -= size;
    while (size > 0) {
        gt__h2_message *message = stream->first;
        size_t left = left_of(message);
        size_t part = left < size ? left : size;
        memcpy(out, (const uint8_t *)message + offsetof(gt__h2_message, prefix) + message->sent,
               part);
        message->sent += part;
        out += part;
        size -= part;
        if (part == left)
            pop(stream);
    }
    tell_writable(h2, stream);
}

void gt__h2_queue_cleanup(gt__h2 *h2, gt__h2_stream *stream)
{
    while (stream->first)
        pop(stream);
    h2->queued -= stream->queued;
    stream->queued = 0;
}
