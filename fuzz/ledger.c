#include "ledger.h"

#include "engine/h2/event_kit.h"

#include <stdlib.h>

/* ---- arrays that grow ----------------------------------------------------------------------- */

static ledger_stream *find(const ledger *l, int32_t id)
{
    for (size_t i = l->stream_count; i > 0; i--) {
        if (l->streams[i - 1].id == id)
            return &l->streams[i - 1];
    }
    return NULL;
}

static ledger_stream *add_stream(ledger *l, int32_t id)
{
    FUZZ_CHECK(id > 0 && id % 2 == 1, "a call on stream %d", id);
    FUZZ_CHECK(l->stream_count == 0 || l->streams[l->stream_count - 1].id < id,
               "stream %d came after a later one", id);
    if (l->stream_count == l->stream_capacity) {
        l->stream_capacity = l->stream_capacity * 2 + 8;
        l->streams = gt__realloc(l->streams, l->stream_capacity * sizeof *l->streams);
    }
    ledger_stream *stream = &l->streams[l->stream_count++];
    *stream = (ledger_stream){.id = id};
    return stream;
}

/* As a user would tell it, and the sum of a message's bytes, whose text shows but the first. */
static char *text_of(const gt__h2_event *event)
{
    gt_buffer text = {0};
    event_print(&text, event, true);
    if (event->type == GT__H2_MESSAGE) {
        uint64_t sum = 0;
        for (size_t i = 0; i < event->as.message.size; i++)
            sum = gt__digest_fold(sum, event->as.message.data[i]);
        gt__buffer_printf(&text, "    wire=%d:%zu sum=%llx\n", (int)event->as.message.wire.encoding,
                          event->as.message.wire.size, (unsigned long long)sum);
    }
    return gt__buffer_take_text(&text);
}

static void keep(ledger *l, const gt__h2_event *event)
{
    if (l->count == l->capacity) {
        l->capacity = l->capacity * 2 + 16;
        l->entries = gt__realloc(l->entries, l->capacity * sizeof *l->entries);
    }
    l->entries[l->count++] = (ledger_entry){*event, text_of(event)};
}

/* ---- what the application did ---------------------------------------------------------------- */

void ledger_open(ledger *l, int32_t id, bool unary)
{
    add_stream(l, id)->unary = unary;
}

bool ledger_knows(const ledger *l, int32_t id)
{
    return find(l, id) != NULL;
}

void ledger_end(ledger *l, int32_t id, bool all_taken)
{
    ledger_stream *stream = find(l, id);
    if (!stream || stream->closed || stream->our_end)
        return;
    stream->our_end = true;
    stream->silenced = all_taken;
}

/* ---- what the engine tells ------------------------------------------------------------------- */

static void check_message(const ledger *l, ledger_stream *stream, const gt__h2_event *event)
{
    size_t size = event->as.message.size;
    FUZZ_CHECK(size <= l->most, "a message of %zu bytes over the limit of %zu", size, l->most);
    FUZZ_CHECK((size == 0) == !event->as.message.data, "a message of %zu bytes at %p", size,
               (void *)event->as.message.data);
    FUZZ_CHECK(l->server || stream->headers, "a message before the headers");
    FUZZ_CHECK(!stream->half_closed, "a message after the half-close");
    FUZZ_CHECK(!stream->unary || stream->messages == 0, "a second message where there is one");
    stream->messages++;
}

static void check_status(ledger_stream *stream, const gt__h2_event *event)
{
    int code = event->as.status.code;
    FUZZ_CHECK(code >= 0 && code <= 16, "the status %d", code);
    FUZZ_CHECK(event->as.status.message && event->as.status.metadata, "a status without its parts");
    FUZZ_CHECK(code != GT_OK || !stream->unary || stream->messages == 1,
               "OK with %zu messages where there is one", stream->messages);
    FUZZ_CHECK(code != GT_OK || !event->as.status.unseen, "OK of a call that nobody saw");
    stream->final = true;
}

static void check_aborted(ledger_stream *stream, const gt__h2_event *event)
{
    int code = event->as.aborted.code;
    FUZZ_CHECK(code > 0 && code <= 16 && event->as.aborted.message, "aborted with code %d", code);
    stream->final = true;
}

static void check_request(const gt__h2_event *event)
{
    FUZZ_CHECK(event->as.request.path && event->as.request.authority &&
                   event->as.request.content_type && event->as.request.metadata,
               "a request without its parts");
}

/* What of a message nghttp2 lets through that is over it depends on how its bytes are cut. */
static bool is_measured(const gt__h2_event *event)
{
    const gt_metadata *metadata = NULL;
    if (event->type == GT__H2_REQUEST)
        metadata = event->as.request.metadata;
    if (event->type == GT__H2_HEADERS)
        metadata = event->as.headers.metadata;
    return gt_metadata_count(metadata) > 0 && gt_metadata_get(metadata, "content-length");
}

static void check_order(const ledger *l, const ledger_stream *stream, const gt__h2_event *event)
{
    int type = (int)event->type;
    FUZZ_CHECK(!stream->closed, "event %d of stream %d after CLOSED", type, stream->id);
    FUZZ_CHECK(!stream->silenced || type == GT__H2_CLOSED,
               "event %d of stream %d, which the application had ended", type, stream->id);
    FUZZ_CHECK(!stream->final || type == GT__H2_CLOSED, "event %d of stream %d after its end", type,
               stream->id);
    FUZZ_CHECK(l->server || type != GT__H2_CLOSED || stream->final || stream->our_end,
               "stream %d is closed without a status", stream->id);
}

static void check_stream_event(ledger *l, const gt__h2_event *event)
{
    ledger_stream *stream = find(l, event->stream);
    if (event->type == GT__H2_REQUEST) {
        FUZZ_CHECK(l->server && !stream, "a second request on stream %d", event->stream);
        check_request(event);
        add_stream(l, event->stream);
        return;
    }
    FUZZ_CHECK(stream, "event %d of stream %d, which nobody knows", (int)event->type,
               event->stream);
    check_order(l, stream, event);
    if (event->type == GT__H2_MESSAGE)
        check_message(l, stream, event);
    if (event->type == GT__H2_STATUS)
        check_status(stream, event);
    if (event->type == GT__H2_ABORTED)
        check_aborted(stream, event);
    FUZZ_CHECK(event->type != GT__H2_HEADERS || !stream->headers, "headers twice");
    FUZZ_CHECK(event->type != GT__H2_HALF_CLOSE || !stream->half_closed, "two half-closes");
    stream->headers |= event->type == GT__H2_HEADERS;
    stream->half_closed |= event->type == GT__H2_HALF_CLOSE;
    stream->closed |= event->type == GT__H2_CLOSED;
}

static bool fits_role(const ledger *l, gt__h2_event_type type)
{
    switch (type) {
    case GT__H2_REQUEST:
    case GT__H2_HALF_CLOSE:
    case GT__H2_ABORTED:
        return l->server;
    case GT__H2_HEADERS:
    case GT__H2_STATUS:
    case GT__H2_CAPACITY:
        return !l->server;
    default:
        return true;
    }
}

void ledger_take(ledger *l, const gt__h2_event *event)
{
    FUZZ_CHECK(fits_role(l, event->type), "event %d in this role", (int)event->type);
    if (event->type == GT__H2_FAILED)
        FUZZ_CHECK(++l->failed == 1, "the connection failed twice");
    if (event->stream != 0 && event->type != GT__H2_VIOLATION)
        check_stream_event(l, event);
    l->measured |= is_measured(event);
    l->goaway |= event->type == GT__H2_GOAWAY;
    l->trouble |= event->type == GT__H2_GOAWAY || event->type == GT__H2_FAILED ||
                  event->type == GT__H2_VIOLATION || event->type == GT__H2_ABORTED;
    keep(l, event);
}

/* ---- the end --------------------------------------------------------------------------------- */

void ledger_check_over(const ledger *l)
{
    for (size_t i = 0; i < l->stream_count; i++) {
        const ledger_stream *stream = &l->streams[i];
        FUZZ_CHECK(stream->closed, "stream %d was never closed", stream->id);
        FUZZ_CHECK(stream->final || stream->our_end, "stream %d never ended", stream->id);
    }
}

void ledger_check_owned(const ledger *l)
{
    for (size_t i = 0; i < l->count; i++) {
        char *text = text_of(&l->entries[i].event);
        FUZZ_CHECK(strcmp(text, l->entries[i].text) == 0, "an event changed from\n%sto\n%s",
                   l->entries[i].text, text);
        gt__free(text);
    }
}

static void add_stream_text(gt_buffer *out, const ledger *l, int32_t id)
{
    for (size_t i = 0; i < l->count; i++) {
        if (l->entries[i].event.stream == id)
            gt__buffer_add_text(out, l->entries[i].text);
    }
}

char *ledger_text(const ledger *l)
{
    gt_buffer out = {0};
    add_stream_text(&out, l, 0);
    for (size_t i = 0; i < l->stream_count; i++)
        add_stream_text(&out, l, l->streams[i].id);
    return gt__buffer_take_text(&out);
}

void ledger_cleanup(ledger *l)
{
    for (size_t i = 0; i < l->count; i++) {
        gt__h2_event_cleanup(&l->entries[i].event);
        gt__free(l->entries[i].text);
    }
    gt__free(l->entries);
    gt__free(l->streams);
    *l = (ledger){0};
}
