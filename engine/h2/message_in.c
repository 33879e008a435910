/* Payload goes straight into the message's own memory. How much that is, is decided from the prefix
 * before any is taken; a large claim is believed only as far as bytes arrive for it. */
#include "session.h"

/* A message gets room for so many times the bytes that came of it (a full frame, the first of four:
 * all of them), and for a few in any case. */
enum { BELIEVED_TIMES = 5, BELIEVED_LEAST = 1024 };

static size_t claimed_size(const uint8_t prefix[GT__H2_PREFIX])
{
    return (size_t)prefix[1] << 24 | (size_t)prefix[2] << 16 | (size_t)prefix[3] << 8 | prefix[4];
}

void gt__h2_incoming_cleanup(gt__h2_incoming *in)
{
    gt__free(in->data);
    *in = (gt__h2_incoming){0};
}

bool gt__h2_incoming_complete(const gt__h2_stream *stream)
{
    return stream->in.prefix_size == 0;
}

/* The prefix is whole: false when it broke a rule, and the stream has ended. */
static bool start(gt__h2 *h2, gt__h2_stream *stream)
{
    gt__h2_incoming *in = &stream->in;
    size_t size = claimed_size(in->prefix), limit = h2->options.max_receive_size;
    if (in->prefix[0] > 1) {
        gt__h2_break(h2, stream, GT_INTERNAL,
                     "a message starts with the flag %u, which is neither 0 nor 1", in->prefix[0]);
        return false;
    }
    if (in->prefix[0] == 1 && stream->encoding_in == GT__IDENTITY) {
        gt__h2_break(h2, stream, GT_INTERNAL,
                     "a message is flagged as compressed, but no grpc-encoding was named");
        return false;
    }
    if (size > limit) {
        gt__h2_break(h2, stream, GT_RESOURCE_EXHAUSTED,
                     "a message of %zu bytes is larger than the limit of %zu", size, limit);
        return false;
    }
    in->size = size;
    in->filled = in->capacity = 0;
    return true;
}

static size_t take_prefix(gt__h2_incoming *in, const uint8_t *data, size_t size)
{
    size_t missing = (size_t)GT__H2_PREFIX - in->prefix_size;
    size_t part = missing < size ? missing : size;
    memcpy(in->prefix + in->prefix_size, data, part);
    in->prefix_size = (uint8_t)(in->prefix_size + part);
    return part;
}

static void make_room(gt__h2_incoming *in, size_t needed)
{
    if (needed <= in->capacity)
        return;
    size_t capacity = needed * BELIEVED_TIMES;
    if (capacity < BELIEVED_LEAST)
        capacity = BELIEVED_LEAST;
    in->capacity = capacity < in->size ? capacity : in->size;
    in->data = gt__realloc(in->data, in->capacity);
}

static size_t take_payload(gt__h2_incoming *in, const uint8_t *data, size_t size)
{
    size_t missing = in->size - in->filled;
    size_t part = missing < size ? missing : size;
    make_room(in, in->filled + part);
    memcpy(in->data + in->filled, data, part);
    in->filled += part;
    return part;
}

/* True when there was something to credit. */
static bool credit(gt__h2 *h2, gt__h2_stream *stream)
{
    if (stream->in.uncredited == 0)
        return false;
    nghttp2_session_consume_stream(h2->session, stream->id, stream->in.uncredited);
    stream->in.uncredited = 0;
    return true;
}

/* Puts what the message inflates to in its place, and what came to `*packed`: false when it does
 * not inflate, and the stream has ended. */
static bool expand(gt__h2 *h2, gt__h2_stream *stream, uint8_t **packed)
{
    gt__h2_incoming *in = &stream->in;
    size_t limit = h2->options.max_receive_size, size;
    const char *name = gt__encoding_name(stream->encoding_in), *problem;
    uint8_t *data;
    int error = gt__message_inflate(stream->encoding_in, gt_bytes_of(in->data, in->size), limit,
                                    &data, &size, &problem);
    if (error == GT_ETOOBIG)
        gt__h2_break(h2, stream, GT_RESOURCE_EXHAUSTED,
                     "a message of %zu bytes in %s inflates to more than the limit of %zu",
                     in->size, name, limit);
    else if (error)
        gt__h2_break(h2, stream, GT_INTERNAL, "a message of %zu bytes does not inflate as %s: %s",
                     in->size, name, problem);
    if (error)
        return false;
    *packed = in->data;
    in->data = data;
    in->size = size;
    return true;
}

/* False when too many wait on this connection, and the stream has ended. */
static bool may_wait(gt__h2 *h2, gt__h2_stream *stream)
{
    if (stream->in.uncredited == 0)
        return true;
    if (h2->waiting >= h2->options.limits.max_waiting_messages) {
        gt__h2_break(h2, stream, GT_RESOURCE_EXHAUSTED,
                     "%zu messages wait on the connection, which is the limit", h2->waiting);
        return false;
    }
    h2->waiting++;
    stream->waiting++;
    return true;
}

/* What was fed at once may inflate to its 1,032-fold: no more of that than one message may have is
 * kept in events. It is known to inflate then, and does so again when its turn comes. */
static void bound_inflated(gt__h2 *h2, gt__h2_event *event)
{
    h2->inflated += event->as.message.size;
    if (h2->inflated <= h2->options.max_receive_size)
        return;
    h2->inflated -= event->as.message.size;
    gt__free(event->as.message.data);
    event->as.message.data = NULL;
}

void gt__h2_unpack_event(gt__h2 *h2, gt__h2_event *event)
{
    gt__h2_wire_form wire = event->as.message.wire;
    gt_bytes packed = gt_bytes_of(event->as.message.packed, wire.size);
    size_t size = event->as.message.size;
    if (event->as.message.data)
        h2->inflated -= size;
    else
        event->as.message.data = gt__message_inflate_again(wire.encoding, packed, size);
}

static void deliver(gt__h2 *h2, gt__h2_stream *stream)
{
    gt__h2_incoming *in = &stream->in;
    bool surplus = stream->unary_response && stream->messages > 0;
    stream->messages++;
    if (in->wanted || surplus)
        credit(h2, stream);
    if (surplus) {
        /* Rule M8: what to make of it depends on the status, which is still to come. */
        gt__h2_incoming_cleanup(in);
        return;
    }
    gt__h2_wire_form wire = {.size = in->size};
    uint8_t *packed = NULL;
    if (in->prefix[0] == 1) {
        wire.encoding = stream->encoding_in;
        if (!expand(h2, stream, &packed))
            return;
    }
    if (!may_wait(h2, stream)) {
        gt__free(packed);
        return;
    }
    gt__h2_event *event = gt__h2_push(h2, GT__H2_MESSAGE, stream->id);
    event->as.message.data = in->data;
    event->as.message.size = in->size;
    event->as.message.wire = wire;
    event->as.message.packed = packed;
    event->as.message.uncredited = in->uncredited;
    if (packed)
        bound_inflated(h2, event);
    *in = (gt__h2_incoming){0};
}

void gt__h2_receive_data(gt__h2 *h2, gt__h2_stream *stream, const uint8_t *data, size_t size)
{
    gt__h2_incoming *in = &stream->in;
    if (stream->not_grpc)
        nghttp2_session_consume_stream(h2->session, stream->id, size);
    while (size > 0 && !stream->final && !stream->not_grpc) {
        size_t part;
        if (in->prefix_size < GT__H2_PREFIX) {
            part = take_prefix(in, data, size);
            in->uncredited += part;
            if (in->prefix_size == GT__H2_PREFIX && !start(h2, stream))
                return;
        } else {
            part = take_payload(in, data, size);
            in->uncredited += part;
        }
        data += part;
        size -= part;
        if (in->prefix_size == GT__H2_PREFIX && in->filled == in->size)
            deliver(h2, stream);
    }
    if (in->wanted)
        credit(h2, stream);
}

bool gt__h2_open_window(gt__h2 *h2, gt__h2_stream *stream)
{
    bool on_wire = h2->options.server || stream->sent;
    if (h2->options.stream_window > 0 || stream->window_open || !stream->in.wanted || !on_wire)
        return false;
    stream->window_open = true;
    nghttp2_submit_window_update(h2->session, NGHTTP2_FLAG_NONE, stream->id,
                                 NGHTTP2_INITIAL_WINDOW_SIZE);
    return true;
}

bool gt__h2_want(gt__h2 *h2, int32_t id)
{
    gt__h2_stream *stream = gt__h2_stream_find(h2, id);
    if (!stream || stream->final)
        return false;
    stream->in.wanted = true;
    bool opened = gt__h2_open_window(h2, stream);
    return credit(h2, stream) || opened;
}

void gt__h2_taken(gt__h2 *h2, int32_t id, size_t uncredited)
{
    gt__h2_stream *stream = gt__h2_stream_find(h2, id);
    if (uncredited == 0 || !stream)
        return;
    nghttp2_session_consume_stream(h2->session, id, uncredited);
    if (stream->waiting == 0)
        gt__misuse("gt__h2_taken: no message of stream %d waits", id);
    stream->waiting--;
    h2->waiting--;
}
