#include "message_parts.h"

enum {
    PREFIX_SIZE = 5,
    /* A stream past these is shown as bytes: a hostile peer can open very many. */
    MOST_STREAMS = 1024
};

typedef struct gt__message_state {
    int32_t stream;
    uint8_t prefix[PREFIX_SIZE];
    size_t prefix_size; /* how much of the prefix has been seen: PREFIX_SIZE inside a message */
    uint32_t length, left;
    bool opaque; /* what came is no message: the rest of the stream is not looked at */
} state;

void gt__message_tracker_cleanup(gt__message_tracker *tracker)
{
    gt__free(tracker->states);
    gt_buffer_cleanup(&tracker->parts);
}

static state *find(gt__message_tracker *tracker, int32_t stream)
{
    for (size_t i = 0; i < tracker->count; i++)
        if (tracker->states[i].stream == stream)
            return &tracker->states[i];
    return NULL;
}

static state *find_or_add(gt__message_tracker *tracker, int32_t stream)
{
    state *found = find(tracker, stream);
    if (found || tracker->count == MOST_STREAMS)
        return found;
    if (tracker->count == tracker->capacity) {
        tracker->capacity = tracker->capacity ? tracker->capacity * 2 : 4;
        tracker->states = gt__realloc(tracker->states, tracker->capacity * sizeof(state));
    }
    found = &tracker->states[tracker->count++];
    *found = (state){.stream = stream};
    return found;
}

static void forget(gt__message_tracker *tracker, int32_t stream)
{
    state *found = find(tracker, stream);
    if (found)
        *found = tracker->states[--tracker->count];
}

static gt_bytes take_front(gt_bytes *bytes, size_t most)
{
    size_t size = bytes->size < most ? bytes->size : most;
    gt_bytes front = gt_bytes_of(bytes->data, size);
    *bytes = gt_bytes_of(bytes->data + size, bytes->size - size);
    return front;
}

/* True once the whole prefix is there. */
static bool take_prefix(state *s, gt_bytes *data)
{
    gt_bytes front = take_front(data, PREFIX_SIZE - s->prefix_size);
    memcpy(s->prefix + s->prefix_size, front.data, front.size);
    s->prefix_size += front.size;
    if (s->prefix[0] > 1)
        s->opaque = true;
    if (s->opaque || s->prefix_size < PREFIX_SIZE)
        return false;
    s->length = (uint32_t)s->prefix[1] << 24 | (uint32_t)s->prefix[2] << 16 |
                (uint32_t)s->prefix[3] << 8 | s->prefix[4];
    s->left = s->length;
    return true;
}

static void add_part(gt__message_tracker *tracker, state *s, bool begins, gt_bytes *data)
{
    gt_message_part part = {.flag = s->prefix[0], .length = s->length, .begins = begins};
    part.bytes = take_front(data, s->left);
    s->left -= (uint32_t)part.bytes.size;
    part.ends = s->left == 0;
    if (part.ends)
        s->prefix_size = 0;
    gt__buffer_add(&tracker->parts, &part, sizeof part);
}

static void track_data(gt__message_tracker *tracker, gt_frame *frame)
{
    gt_buffer_clear(&tracker->parts);
    state *s = find_or_add(tracker, frame->stream);
    gt_bytes data = frame->data;
    while (s && !s->opaque && data.size > 0) {
        bool begins = s->prefix_size < PREFIX_SIZE;
        if (!begins || take_prefix(s, &data))
            add_part(tracker, s, begins, &data);
    }
    if (!s || s->opaque)
        return;
    frame->part_count = tracker->parts.size / sizeof(gt_message_part);
    if (frame->part_count > 0)
        frame->parts = (const gt_message_part *)(const void *)tracker->parts.data;
    if (s->prefix_size < PREFIX_SIZE)
        frame->prefix_bytes = s->prefix_size;
    if (s->prefix_size == 0)
        forget(tracker, frame->stream);
}

void gt__message_track(gt__message_tracker *tracker, gt_frame *frame)
{
    bool may_end = frame->type == GT_FRAME_DATA || frame->type == GT_FRAME_HEADERS;
    if (frame->type == GT_FRAME_DATA && frame->stream != 0 && !frame->problem)
        track_data(tracker, frame);
    if (frame->type == GT_FRAME_RST_STREAM || (may_end && (frame->flags & GT_FLAG_END_STREAM)))
        forget(tracker, frame->stream);
}
