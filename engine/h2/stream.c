/* The streams of a session: a list in order of opening, so that what happens to all happens in one
 * order, and a table by id, since between open and drain a client's stream is unknown to nghttp2.
 */
#include "session.h"

void gt__h2_streams_init(gt__h2_streams *streams)
{
    gt__list_init(&streams->all);
}

static void insert(gt__h2_streams *streams, gt__h2_stream *stream)
{
    size_t slot = gt__h2_slot_of(streams, stream->id);
    while (streams->slots[slot])
        slot = (slot + 1) & (streams->capacity - 1);
    streams->slots[slot] = stream;
}

static void grow(gt__h2_streams *streams)
{
    gt__free(streams->slots);
    streams->capacity = streams->capacity ? streams->capacity * 2 : 16;
    streams->slots = gt__calloc(streams->capacity, sizeof *streams->slots);
    for (gt__link *link = streams->all.next; link != &streams->all; link = link->next)
        insert(streams, gt__container_of(link, gt__h2_stream, link));
}

/* Linear probing without tombstones: what follows in the run moves up into the hole. */
static void erase(gt__h2_streams *streams, const gt__h2_stream *stream)
{
    size_t mask = streams->capacity - 1, hole = gt__h2_slot_of(streams, stream->id);
    while (streams->slots[hole] != stream)
        hole = (hole + 1) & mask;
    for (size_t next = (hole + 1) & mask; streams->slots[next]; next = (next + 1) & mask) {
        size_t home = gt__h2_slot_of(streams, streams->slots[next]->id);
        if (((next - home) & mask) >= ((next - hole) & mask)) {
            streams->slots[hole] = streams->slots[next];
            hole = next;
        }
    }
    streams->slots[hole] = NULL;
}

gt__h2_stream *gt__h2_stream_new(gt__h2 *h2, int32_t id, void *user)
{
    gt__h2_streams *streams = &h2->streams;
    if (streams->count * 2 >= streams->capacity)
        grow(streams);
    gt__h2_stream *stream = gt__new(gt__h2_stream);
    stream->id = id;
    stream->user = user;
    gt__list_push_back(&streams->all, &stream->link);
    insert(streams, stream);
    streams->count++;
    streams->open++;
    return stream;
}

void gt__h2_stream_reset(gt__h2 *h2, gt__h2_stream *stream, uint32_t code)
{
    if (stream->reset)
        return;
    stream->reset = true;
    nghttp2_submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE, stream->id, code);
}

void gt__h2_stream_retire(gt__h2 *h2, gt__h2_stream *stream)
{
    if (stream->gone)
        return;
    stream->gone = stream->final = true;
    h2->streams.open--;
    if (stream->announced)
        gt__h2_push(h2, GT__H2_CLOSED, stream->id);
    else
        stream->told = true;
    gt__h2_offer_capacity(h2);
}

static void free_stream(gt__h2 *h2, gt__h2_stream *stream)
{
    gt__h2_queue_cleanup(h2, stream);
    gt__h2_incoming_cleanup(&stream->in);
    gt__free(stream->content_type);
    gt__free(stream->trailer);
    gt__free(stream);
}

static void delete_if_over(gt__h2 *h2, gt__h2_stream *stream)
{
    if (!stream->told || !stream->off_wire)
        return;
    erase(&h2->streams, stream);
    gt__list_remove(&stream->link);
    h2->streams.count--;
    h2->waiting -= stream->waiting;
    h2->header_size -= stream->header_size;
    free_stream(h2, stream);
}

void gt__h2_stream_off_wire(gt__h2 *h2, gt__h2_stream *stream)
{
    gt__h2_stream_retire(h2, stream);
    stream->off_wire = true;
    delete_if_over(h2, stream);
}

void gt__h2_stream_told(gt__h2 *h2, gt__h2_stream *stream)
{
    stream->told = true;
    delete_if_over(h2, stream);
}

void gt__h2_streams_cleanup(gt__h2 *h2)
{
    gt__h2_streams *streams = &h2->streams;
    while (!gt__list_empty(&streams->all)) {
        gt__link *link = streams->all.next;
        gt__list_remove(link);
        free_stream(h2, gt__container_of(link, gt__h2_stream, link));
    }
    gt__free(streams->slots);
}

bool gt__h2_has_capacity(const gt__h2 *h2)
{
    uint32_t limit =
        nghttp2_session_get_remote_settings(h2->session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
    return h2->streams.open < limit;
}

void gt__h2_offer_capacity(gt__h2 *h2)
{
    if (!h2->starved || h2->over || !gt__h2_has_capacity(h2))
        return;
    h2->starved = false;
    gt__h2_push(h2, GT__H2_CAPACITY, 0);
}
