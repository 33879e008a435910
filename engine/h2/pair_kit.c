#include "pair_kit.h"

size_t pair_whole = 65536, pair_byte = 1;

pair *pair_new(void **state, const gt__h2_options *client, const gt__h2_options *server)
{
    pair *p = gt__new(pair);
    gt__h2_options server_options = server ? *server : (gt__h2_options){0};
    server_options.server = true;
    p->client = gt__h2_new(client);
    p->server = gt__h2_new(&server_options);
    p->span = *(size_t *)*state;
    return p;
}

void pair_free(pair *p)
{
    gt__h2_event_cleanup(&p->event);
    gt__h2_free(p->client);
    gt__h2_free(p->server);
    gt__free(p);
}

bool pair_carry(pair *p, gt__h2 *from, gt__h2 *to)
{
    uint8_t *span = gt__malloc(p->span);
    size_t size = 0, carried = 0;
    do {
        size = gt__h2_drain(from, span, p->span, p->now);
        if (size > 0)
            assert_int_equal(gt__h2_feed(to, gt_bytes_of(span, size), p->now), 0);
        carried += size;
    } while (size == p->span);
    gt__free(span);
    return carried > 0;
}

void pair_settle(pair *p)
{
    bool moved = true;
    while (moved) {
        moved = pair_carry(p, p->client, p->server);
        moved = pair_carry(p, p->server, p->client) || moved;
    }
    assert_false(gt__h2_wants_drain(p->client));
    assert_false(gt__h2_wants_drain(p->server));
}

/* The next event that is not SETTINGS. */
static bool take(pair *p, gt__h2 *h2)
{
    do {
        gt__h2_event_cleanup(&p->event);
        p->event = (gt__h2_event){.type = GT__H2_SETTINGS};
        if (!gt__h2_next_event(h2, &p->event))
            return false;
    } while (p->event.type == GT__H2_SETTINGS);
    return true;
}

gt__h2_event *expect(pair *p, gt__h2 *h2, gt__h2_event_type type)
{
    if (!take(p, h2))
        fail_msg("there is no event, expected type %d", (int)type);
    assert_int_equal(p->event.type, type);
    return &p->event;
}

void expect_nothing(pair *p, gt__h2 *h2)
{
    if (take(p, h2))
        fail_msg("there is an event of type %d", (int)p->event.type);
}

void expect_message(pair *p, gt__h2 *h2, const char *text)
{
    gt__h2_event *event = expect(p, h2, GT__H2_MESSAGE);
    assert_int_equal(event->as.message.size, strlen(text));
    if (*text)
        assert_memory_equal(event->as.message.data, text, strlen(text));
    gt__h2_taken(h2, event->stream, event->as.message.uncredited);
}

void expect_status(pair *p, int code, const char *message)
{
    gt__h2_event *event = expect(p, p->client, GT__H2_STATUS);
    assert_string_equal(event->as.status.message, message);
    assert_int_equal(event->as.status.code, code);
}

void expect_violation(pair *p, gt__h2 *h2, const char *rule, const char *text)
{
    gt__h2_event *event = expect(p, h2, GT__H2_VIOLATION);
    assert_string_equal(event->as.violation.rule, rule);
    assert_string_equal(event->as.violation.text, text);
}

void send_bytes(gt__h2 *h2, int32_t stream, gt_bytes message)
{
    int error;
    uint8_t *room = gt__h2_send_begin(h2, stream, message.size, &error);
    assert_non_null(room);
    if (message.size > 0)
        memcpy(room, message.data, message.size);
    gt__h2_send_end(h2, stream);
}

void send_text(gt__h2 *h2, int32_t stream, const char *text)
{
    send_bytes(h2, stream, gt_bytes_str(text));
}

int32_t open_call(pair *p)
{
    static const gt__h2_request request = {.path = "/chat.Chat/Talk", .deadline = GT_NEVER};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(p->client, &request, p->now, NULL, &stream), 0);
    return stream;
}

int32_t open_known_call(pair *p)
{
    int32_t stream = open_call(p);
    pair_settle(p);
    expect(p, p->server, GT__H2_REQUEST);
    return stream;
}

void finish(pair *p, int32_t stream, gt_code code, const char *message)
{
    gt_status status = {.code = code, .message = message};
    gt__h2_finish(p->server, stream, &status, NULL);
}
