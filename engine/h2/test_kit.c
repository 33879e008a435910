#include "test_kit.h"

#include "headers_text.h"

/* Bytes of a message that a line shows. */
enum { MOST_SHOWN = 64 };

/* ---- bytes --------------------------------------------------------------------------------- */

/* Takes what h2 has to send, in spans of one step, and reads it on. */
static void drain(kit *k)
{
    static uint8_t span[65536];
    size_t most = k->step < sizeof span ? k->step : sizeof span, size;
    while ((size = gt__h2_drain(k->h2, span, most, k->now)) > 0) {
        assert_in_range(size, 1, most);
        gt_frame_reader_feed(k->reader, gt_bytes_of(span, size));
        gt_frame_print_all(&k->frames, k->reader);
    }
    assert_false(gt__h2_wants_drain(k->h2));
    assert_int_equal(gt_frame_reader_pending(k->reader), 0);
}

/* Feeds up to the first error. */
int kit_try_feed(kit *k)
{
    int error = 0;
    for (size_t i = 0; i < k->wire.size && !error; i += k->step) {
        size_t size = k->wire.size - i < k->step ? k->wire.size - i : k->step;
        error = gt__h2_feed(k->h2, gt_bytes_of(k->wire.data + i, size), k->now);
        drain(k);
        if (k->step == SIZE_MAX)
            break;
    }
    gt_buffer_clear(&k->wire);
    drain(k);
    return error;
}

/* ---- events as text -------------------------------------------------------------------------- */

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

static void add_message(gt_buffer *out, const gt__h2_event *event, const kit *k)
{
    if (event->as.message.size > MOST_SHOWN)
        gt__buffer_printf(out, " length=%zu", event->as.message.size);
    if (k->keep_credit)
        gt__buffer_printf(out, " uncredited=%zu", event->as.message.uncredited);
    add_quoted(out, gt_bytes_of(event->as.message.data, event->as.message.size));
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
        gt__buffer_printf(out, " reset=%s", gt_h2_error_name(event->as.status.reset_code));
    if (event->as.status.details_size > 0) {
        gt__buffer_add_text(out, " details");
        add_quoted(out, gt_bytes_of(event->as.status.details, event->as.status.details_size));
    }
    add_metadata(out, event->as.status.metadata);
}

static void add_goaway(gt_buffer *out, const gt__h2_event *event)
{
    gt__buffer_printf(out, " last_stream=%d %s", event->as.goaway.last_stream,
                      gt_h2_error_name(event->as.goaway.code));
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

static void add_details(gt_buffer *out, const gt__h2_event *event, const kit *k)
{
    switch (event->type) {
    case GT__H2_REQUEST:
        add_request(out, event);
        break;
    case GT__H2_HEADERS:
        add_metadata(out, event->as.headers.metadata);
        break;
    case GT__H2_MESSAGE:
        add_message(out, event, k);
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
        gt__buffer_printf(out, " %s", gt_h2_error_name(event->as.failed.code));
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

static void add_event(gt_buffer *out, const gt__h2_event *event, const kit *k)
{
    gt__buffer_add_text(out, name_of(event->type));
    if (event->type == GT__H2_VIOLATION)
        gt__buffer_printf(out, " %s", event->as.violation.rule);
    if (event->stream != 0)
        gt__buffer_printf(out, " stream=%d", event->stream);
    add_details(out, event, k);
    gt__buffer_add_text(out, "\n");
}

static gt_buffer take_events(kit *k)
{
    gt_buffer text = {0};
    gt__h2_event event;
    while (gt__h2_next_event(k->h2, &event)) {
        add_event(&text, &event, k);
        if (event.type == GT__H2_MESSAGE && !k->keep_credit)
            gt__h2_taken(k->h2, event.stream, event.as.message.uncredited);
        gt__h2_event_cleanup(&event);
    }
    return text;
}

/* ---- feeding -------------------------------------------------------------------------------- */

/* Where h2 fails unexpectedly, what it told is worth more than an error's number. */
void kit_feed(kit *k)
{
    if (kit_try_feed(k) == 0)
        return;
    gt_buffer text = take_events(k);
    gt__buffer_printf(&text, "%s", gt_buffer_text(&k->frames));
    fail_msg("the connection failed:\n%s", gt_buffer_text(&text));
}

void kit_feed_to_failure(kit *k)
{
    assert_int_equal(kit_try_feed(k), GT_EPROTO);
}

/* ---- looking ------------------------------------------------------------------------------- */

static size_t line_size(const char *text)
{
    size_t size = strcspn(text, "\n");
    return text[size] ? size + 1 : size;
}

/* Adds the line as it is, or as it is expected where that leaves its rest open. */
static void add_line(gt_buffer *out, const char *line, const char *expected)
{
    size_t known = strcspn(expected, "\n");
    if (known > 0 && expected[known - 1] == '*' && strncmp(line, expected, known - 1) == 0)
        gt__buffer_add(out, expected, line_size(expected));
    else
        gt__buffer_add(out, line, line_size(line));
}

static void assert_text(const char *text, const char *expected)
{
    gt_buffer lines = {0};
    for (const char *e = expected; *text; text += line_size(text), e += line_size(e))
        add_line(&lines, text, e);
    assert_string_equal(gt_buffer_text(&lines), expected);
    gt_buffer_cleanup(&lines);
}

void kit_expect_events(kit *k, const char *expected)
{
    if (k->wire.size > 0)
        kit_feed(k);
    gt_buffer text = take_events(k);
    assert_text(gt_buffer_text(&text), expected);
    gt_buffer_cleanup(&text);
}

void kit_expect_frames(kit *k, const char *expected)
{
    if (k->wire.size > 0)
        kit_feed(k);
    drain(k);
    assert_text(gt_buffer_text(&k->frames), expected);
    gt_buffer_clear(&k->frames);
}

/* ---- doing --------------------------------------------------------------------------------- */

void kit_write_request(kit *k, int32_t stream)
{
    gt_frame_write_request(&k->wire, stream, 0, "/a.B/C");
}

void kit_send(kit *k, int32_t stream, const char *message)
{
    int error;
    uint8_t *room = gt__h2_send_begin(k->h2, stream, strlen(message), &error);
    assert_non_null(room);
    memcpy(room, message, strlen(message));
    gt__h2_send_end(k->h2, stream);
}

void kit_finish(kit *k, int32_t stream, int code, const char *message)
{
    gt_status status = {.code = (gt_code)code, .message = message};
    gt__h2_finish(k->h2, stream, &status, NULL);
}

/* ---- beginning and end ------------------------------------------------------------------------
 */

void kit_restart(kit *k, const gt__h2_options *options)
{
    gt__h2_options copy = options ? *options : (gt__h2_options){0};
    copy.server = k->server;
    gt__h2_free(k->h2);
    gt_frame_reader_free(k->reader);
    gt_buffer_clear(&k->frames);
    gt_buffer_clear(&k->wire);
    k->h2 = gt__h2_new(&copy);
    k->reader = gt_frame_reader_new(NULL);
}

void kit_handshake(kit *k)
{
    if (k->server)
        gt_frame_write_preface(&k->wire);
    gt_frame_write_settings(&k->wire, NULL, 0);
    gt_frame_write_settings_ack(&k->wire);
    kit_feed(k);
    gt_buffer_clear(&k->frames);
    gt_buffer events = take_events(k);
    gt_buffer_cleanup(&events);
}

static int setup(void **state, bool server, size_t step)
{
    kit *k = gt__new(kit);
    k->server = server;
    k->step = step;
    kit_restart(k, NULL);
    kit_handshake(k);
    *state = k;
    return 0;
}

int kit_server_whole(void **state)
{
    return setup(state, true, SIZE_MAX);
}

int kit_server_bytes(void **state)
{
    return setup(state, true, 1);
}

int kit_client_whole(void **state)
{
    return setup(state, false, SIZE_MAX);
}

int kit_client_bytes(void **state)
{
    return setup(state, false, 1);
}

int kit_teardown(void **state)
{
    kit *k = *state;
    gt__h2_free(k->h2);
    gt_frame_reader_free(k->reader);
    gt_buffer_cleanup(&k->wire);
    gt_buffer_cleanup(&k->frames);
    gt__free(k);
    return 0;
}
