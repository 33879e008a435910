#include "event_kit.h"

#include "engine/core/core.h"
#include "headers_text.h"

/* Bytes of a message that a line shows. */
enum { MOST_SHOWN = 64 };

static void add_metadata(gt_buffer *out, const gt_metadata *metadata)
{
    for (size_t i = 0; i < gt_metadata_count(metadata); i++) {
        gt_metadata_entry entry = gt_metadata_at(metadata, i);
        gt__buffer_add_text(out, "\n    ");
        gt__header_print(out, (gt_header){gt_bytes_str(entry.key), entry.value});
    }
}

static void add_quoted(gt_buffer *out, gt_bytes bytes)
{
    gt__buffer_add_text(out, " ");
    gt__quoted_print(out, bytes, MOST_SHOWN);
}

static void add_words(gt_buffer *out, const char *words)
{
    gt__buffer_add_text(out, " ");
    gt__quoted_print(out, gt_bytes_str(words), SIZE_MAX);
}

static void add_request(gt_buffer *out, const gt__h2_event *event)
{
    gt__buffer_printf(out, " %s authority=%s content-type=%s", event->as.request.path,
                      event->as.request.authority, event->as.request.content_type);
    if (event->as.request.deadline != GT_NEVER)
        gt__buffer_printf(out, " deadline=%lld", (long long)event->as.request.deadline);
    add_metadata(out, event->as.request.metadata);
}

static void add_message(gt_buffer *out, const gt__h2_event *event, bool uncredited)
{
    if (event->as.message.size > MOST_SHOWN)
        gt__buffer_printf(out, " length=%zu", event->as.message.size);
    if (uncredited)
        gt__buffer_printf(out, " uncredited=%zu", event->as.message.uncredited);
    add_quoted(out, gt_bytes_of(event->as.message.data, event->as.message.size));
}

static void add_error(gt_buffer *out, const char *before, uint32_t code)
{
    const char *name = gt_h2_error_name(code);
    if (name)
        gt__buffer_printf(out, "%s%s", before, name);
    else
        gt__buffer_printf(out, "%s%u", before, (unsigned)code);
}

static void add_status(gt_buffer *out, const gt__h2_event *event)
{
    gt__buffer_printf(out, " %s", gt_code_name((gt_code)event->as.status.code));
    add_words(out, event->as.status.message);
    if (event->as.status.trailers_only)
        gt__buffer_add_text(out, " trailers-only");
    if (event->as.status.unseen)
        gt__buffer_add_text(out, " unseen");
    if (event->as.status.reset)
        add_error(out, " reset=", event->as.status.reset_code);
    if (event->as.status.details_size > 0) {
        gt__buffer_add_text(out, " details");
        add_quoted(out, gt_bytes_of(event->as.status.details, event->as.status.details_size));
    }
    add_metadata(out, event->as.status.metadata);
}

static void add_goaway(gt_buffer *out, const gt__h2_event *event)
{
    gt__buffer_printf(out, " last_stream=%d", event->as.goaway.last_stream);
    add_error(out, " ", event->as.goaway.code);
    add_words(out, event->as.goaway.debug);
}

static const char *name_of(gt__h2_event_type type)
{
    static const char *const names[] = {
        [GT__H2_REQUEST] = "REQUEST",     [GT__H2_HEADERS] = "HEADERS",
        [GT__H2_MESSAGE] = "MESSAGE",     [GT__H2_HALF_CLOSE] = "HALF_CLOSE",
        [GT__H2_STATUS] = "STATUS",       [GT__H2_ABORTED] = "ABORTED",
        [GT__H2_WRITABLE] = "WRITABLE",   [GT__H2_CLOSED] = "CLOSED",
        [GT__H2_CAPACITY] = "CAPACITY",   [GT__H2_SETTINGS] = "SETTINGS",
        [GT__H2_PING_ACK] = "PING_ACK",   [GT__H2_GOAWAY] = "GOAWAY",
        [GT__H2_VIOLATION] = "VIOLATION", [GT__H2_FAILED] = "FAILED",
    };
    return names[type];
}

static void add_details(gt_buffer *out, const gt__h2_event *event, bool uncredited)
{
    switch (event->type) {
    case GT__H2_REQUEST:
        add_request(out, event);
        break;
    case GT__H2_HEADERS:
        add_metadata(out, event->as.headers.metadata);
        break;
    case GT__H2_MESSAGE:
        add_message(out, event, uncredited);
        break;
    case GT__H2_STATUS:
        add_status(out, event);
        break;
    case GT__H2_ABORTED:
        gt__buffer_printf(out, " %s", gt_code_name((gt_code)event->as.aborted.code));
        add_words(out, event->as.aborted.message);
        break;
    case GT__H2_PING_ACK:
        add_quoted(out, gt_bytes_of(event->as.ping.opaque, 8));
        break;
    case GT__H2_GOAWAY:
        add_goaway(out, event);
        break;
    case GT__H2_VIOLATION:
        gt__buffer_printf(out, " %s", event->as.violation.text);
        break;
    case GT__H2_FAILED:
        add_error(out, " ", event->as.failed.code);
        add_words(out, event->as.failed.text);
        break;
    case GT__H2_HALF_CLOSE:
    case GT__H2_WRITABLE:
    case GT__H2_CLOSED:
    case GT__H2_CAPACITY:
    case GT__H2_SETTINGS:
        break;
    }
}

void event_print(gt_buffer *out, const gt__h2_event *event, bool uncredited)
{
    gt__buffer_add_text(out, name_of(event->type));
    if (event->type == GT__H2_VIOLATION)
        gt__buffer_printf(out, " %s", event->as.violation.rule);
    if (event->stream != 0)
        gt__buffer_printf(out, " stream=%d", event->stream);
    add_details(out, event, uncredited);
    gt__buffer_add_text(out, "\n");
}
