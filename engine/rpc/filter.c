/* The engine's bytes, cut into frames. */
#include "filter.h"

#include <grpctest/frames.h>

enum { FRAME_HEADER = 9, DRAINED_AT_ONCE = 16 * 1024 };

/* What is to be done to frames of one stream. */
typedef struct rule {
    gt__link link;
    int32_t stream;
    bool silent;
    int type;
    gt__frame_fate fate;
    bool holding; /* the frame that it held back, until the next of the stream has passed */
    gt__buffer held;
} rule;

struct gt__filter {
    gt__transport *transport;
    gt__link rules;
    gt__buffer in;  /* of the engine's, from a frame's beginning */
    size_t pass;    /* bytes of it that belong to what was begun before the filter came */
    gt__buffer out; /* to the wire */
};

/* ---- frames -----------------------------------------------------------------------------------
 */

static size_t frame_size(const uint8_t *header)
{
    return FRAME_HEADER + ((size_t)header[0] << 16 | (size_t)header[1] << 8 | header[2]);
}

static int32_t frame_stream(const uint8_t *header)
{
    uint32_t id = (uint32_t)header[5] << 24 | (uint32_t)header[6] << 16 | (uint32_t)header[7] << 8 |
                  header[8];
    return (int32_t)(id & INT32_MAX);
}

static rule *find(const gt__filter *filter, int32_t stream, int type)
{
    for (gt__link *link = filter->rules.next; link != &filter->rules; link = link->next) {
        rule *r = gt__container_of(link, rule, link);
        if (r->stream == stream && !r->holding && (r->silent || r->type == type))
            return r;
    }
    return NULL;
}

static void forget(rule *r)
{
    gt__list_remove(&r->link);
    gt__buffer_cleanup(&r->held);
    gt__free(r);
}

static void hold(rule *r, const uint8_t *frame, size_t size)
{
    gt__buffer_add(&r->held, frame, size);
    r->holding = true;
}

/* What was held back goes behind a frame of its stream. */
static void pass(gt__filter *filter, const uint8_t *frame, size_t size)
{
    gt__link *next, *list = &filter->rules;
    gt__buffer_add(&filter->out, frame, size);
    for (gt__link *link = list->next; link != list; link = next) {
        rule *r = gt__container_of(link, rule, link);
        next = link->next;
        if (!r->holding || r->stream != frame_stream(frame))
            continue;
        gt__buffer_add(&filter->out, r->held.data, r->held.size);
        forget(r);
    }
}

static void judge(gt__filter *filter, const uint8_t *frame, size_t size)
{
    rule *r = find(filter, frame_stream(frame), frame[3]);
    if (!r) {
        pass(filter, frame, size);
        return;
    }
    if (r->silent)
        return;
    gt__frame_fate fate = r->fate;
    if (fate == GT__FRAME_HOLD) {
        hold(r, frame, size);
        return;
    }
    forget(r);
    for (int times = fate == GT__FRAME_REPEAT ? 2 : 0; times > 0; times--)
        pass(filter, frame, size);
}

static void cut_frames(gt__filter *filter)
{
    size_t at = filter->pass < filter->in.size ? filter->pass : filter->in.size;
    gt__buffer_add(&filter->out, filter->in.data, at);
    filter->pass -= at;
    while (filter->in.size - at >= FRAME_HEADER) {
        const uint8_t *frame = filter->in.data + at;
        size_t size = frame_size(frame);
        if (filter->in.size - at < size)
            break;
        judge(filter, frame, size);
        at += size;
    }
    gt__buffer_consume(&filter->in, at);
}

/* All that the engine has to send now; its windows bound how much that is. */
static void take_due(gt__filter *filter)
{
    gt__transport *t = filter->transport;
    size_t got;
    do {
        uint8_t *room = gt__buffer_extend(&filter->in, DRAINED_AT_ONCE);
        got = gt__h2_drain(t->h2, room, DRAINED_AT_ONCE, gt_now(t->world));
        filter->in.size -= DRAINED_AT_ONCE - got;
        cut_frames(filter);
    } while (got == DRAINED_AT_ONCE);
}

/* ---- what mocks do -----------------------------------------------------------------------------
 */

gt__filter *gt__filter_of(gt__transport *t)
{
    if (t->filter)
        return t->filter;
    gt__filter *filter = gt__new(gt__filter);
    filter->transport = t;
    gt__list_init(&filter->rules);
    /* What the engine has begun to send ends before its first whole frame. */
    filter->pass = gt__h2_begun(t->h2);
    t->filter = filter;
    return filter;
}

void gt__filter_free(gt__filter *filter)
{
    if (!filter)
        return;
    while (!gt__list_empty(&filter->rules))
        forget(gt__container_of(filter->rules.next, rule, link));
    gt__buffer_cleanup(&filter->in);
    gt__buffer_cleanup(&filter->out);
    gt__free(filter);
}

void gt__filter_put(gt__filter *filter, gt_bytes bytes)
{
    take_due(filter);
    gt__buffer_add(&filter->out, bytes.data, bytes.size);
    gt__transport_kick(filter->transport);
}

static void add_rule(gt__filter *filter, rule what)
{
    rule *r = gt__new(rule);
    *r = what;
    gt__list_init(&r->link);
    gt__list_push_back(&filter->rules, &r->link);
}

void gt__filter_silence(gt__filter *filter, int32_t stream)
{
    take_due(filter);
    add_rule(filter, (rule){.stream = stream, .silent = true});
}

void gt__filter_next(gt__filter *filter, int32_t stream, int type, gt__frame_fate fate)
{
    take_due(filter);
    add_rule(filter, (rule){.stream = stream, .type = type, .fate = fate});
}

/* ---- the wire ----------------------------------------------------------------------------------
 */

bool gt__filter_waits(const gt__filter *filter)
{
    return filter->out.size > 0;
}

int gt__filter_write(gt__filter *filter)
{
    take_due(filter);
    while (filter->out.size > 0) {
        uint8_t *room;
        size_t size;
        int error = gt__conn_reserve(filter->transport->conn, &room, &size);
        if (error)
            return error;
        size_t fits = size < filter->out.size ? size : filter->out.size;
        memcpy(room, filter->out.data, fits);
        gt__conn_commit(filter->transport->conn, fits);
        gt__buffer_consume(&filter->out, fits);
    }
    return 0;
}
