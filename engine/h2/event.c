#include "session.h"

static void grow(gt__h2_events *events)
{
    size_t capacity = events->capacity ? events->capacity * 2 : 16;
    gt__h2_event *ring = gt__malloc(capacity * sizeof *ring);
    for (size_t i = 0; i < events->count; i++)
        ring[i] = events->ring[(events->first + i) & (events->capacity - 1)];
    gt__free(events->ring);
    events->ring = ring;
    events->capacity = capacity;
    events->first = 0;
}

gt__h2_event *gt__h2_push(gt__h2 *h2, gt__h2_event_type type, int32_t stream)
{
    gt__h2_events *events = &h2->events;
    if (events->count == events->capacity)
        grow(events);
    gt__h2_event *event = &events->ring[(events->first + events->count++) & (events->capacity - 1)];
    *event = (gt__h2_event){.type = type, .stream = stream};
    return event;
}

/* Only now, not when the event was made: a stream's user may have been set, or have let go, since.
 */
static void resolve_user(gt__h2 *h2, gt__h2_event *event)
{
    gt__h2_stream *stream = gt__h2_stream_any(h2, event->stream);
    if (!stream)
        return;
    event->user = stream->user;
    if (event->type == GT__H2_CLOSED)
        gt__h2_stream_told(h2, stream);
}

bool gt__h2_next_event(gt__h2 *h2, gt__h2_event *event)
{
    gt__h2_events *events = &h2->events;
    if (events->count == 0)
        return false;
    *event = events->ring[events->first];
    events->first = (events->first + 1) & (events->capacity - 1);
    events->count--;
    resolve_user(h2, event);
    if (event->type == GT__H2_MESSAGE && event->as.message.packed)
        gt__h2_unpack_event(h2, event);
    return true;
}

void gt__h2_event_cleanup(gt__h2_event *event)
{
    switch (event->type) {
    case GT__H2_REQUEST:
        gt__free(event->as.request.path);
        gt__free(event->as.request.authority);
        gt__free(event->as.request.content_type);
        gt_metadata_free(event->as.request.metadata);
        break;
    case GT__H2_HEADERS:
        gt_metadata_free(event->as.headers.metadata);
        break;
    case GT__H2_MESSAGE:
        gt__free(event->as.message.data);
        gt__free(event->as.message.packed);
        break;
    case GT__H2_STATUS:
        gt__free(event->as.status.message);
        gt__free(event->as.status.details);
        gt_metadata_free(event->as.status.metadata);
        break;
    case GT__H2_ABORTED:
        gt__free(event->as.aborted.message);
        break;
    case GT__H2_GOAWAY:
        gt__free(event->as.goaway.debug);
        break;
    case GT__H2_VIOLATION:
        gt__free(event->as.violation.text);
        break;
    case GT__H2_FAILED:
        gt__free(event->as.failed.text);
        break;
    case GT__H2_HALF_CLOSE:
    case GT__H2_WRITABLE:
    case GT__H2_CLOSED:
    case GT__H2_CAPACITY:
    case GT__H2_SETTINGS:
    case GT__H2_PING_ACK:
        break;
    }
}

void gt__h2_events_cleanup(gt__h2_events *events)
{
    for (size_t i = 0; i < events->count; i++)
        gt__h2_event_cleanup(&events->ring[(events->first + i) & (events->capacity - 1)]);
    gt__free(events->ring);
    *events = (gt__h2_events){0};
}
