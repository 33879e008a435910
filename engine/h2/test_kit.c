#include "test_kit.h"

#include "event_kit.h"

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

/* ---- feeding -------------------------------------------------------------------------------- */

static gt_buffer take_events(kit *k)
{
    gt_buffer text = {0};
    gt__h2_event event;
    while (gt__h2_next_event(k->h2, &event)) {
        event_print(&text, &event, k->keep_credit);
        if (event.type == GT__H2_MESSAGE && !k->keep_credit)
            gt__h2_taken(k->h2, event.stream, event.as.message.uncredited);
        gt__h2_event_cleanup(&event);
    }
    return text;
}

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
