/* A client's engine against a server's, through spans of any size: whole, and byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/core.h"
#include "h2.h"

/* ---- two engines, and what passes between them ----------------------------------------------- */

typedef struct pair {
    gt__h2 *client, *server;
    size_t span; /* bytes per drain and feed */
    gt_time now;
    gt__h2_event event; /* the last one taken */
} pair;

static pair *pair_new_with(size_t span, const gt__h2_options *client, const gt__h2_options *server)
{
    pair *p = gt__new(pair);
    gt__h2_options server_options = server ? *server : (gt__h2_options){0};
    server_options.server = true;
    p->client = gt__h2_new(client);
    p->server = gt__h2_new(&server_options);
    p->span = span;
    return p;
}

static pair *pair_new(size_t span)
{
    return pair_new_with(span, NULL, NULL);
}

static void pair_free(pair *p)
{
    gt__h2_event_cleanup(&p->event);
    gt__h2_free(p->client);
    gt__h2_free(p->server);
    gt__free(p);
}

/* Carries one span; false when there was nothing to carry. */
static bool carry(pair *p, gt__h2 *from, gt__h2 *to)
{
    uint8_t *span = gt__malloc(p->span);
    size_t size = gt__h2_drain(from, span, p->span, p->now);
    if (size > 0)
        assert_int_equal(gt__h2_feed(to, gt_bytes_of(span, size), p->now), 0);
    gt__free(span);
    return size > 0;
}

static void settle(pair *p)
{
    bool moved = true;
    while (moved) {
        moved = carry(p, p->client, p->server);
        moved = carry(p, p->server, p->client) || moved;
    }
    assert_false(gt__h2_wants_drain(p->client));
    assert_false(gt__h2_wants_drain(p->server));
}

/* The next event, which must be of this type; SETTINGS are passed over. Good until the next. */
static gt__h2_event *expect(pair *p, gt__h2 *h2, gt__h2_event_type type)
{
    do {
        gt__h2_event_cleanup(&p->event);
        p->event = (gt__h2_event){.type = GT__H2_SETTINGS};
        assert_true(gt__h2_next_event(h2, &p->event));
    } while (p->event.type == GT__H2_SETTINGS);
    assert_int_equal(p->event.type, type);
    return &p->event;
}

static void expect_nothing(pair *p, gt__h2 *h2)
{
    do {
        gt__h2_event_cleanup(&p->event);
        p->event = (gt__h2_event){.type = GT__H2_SETTINGS};
        if (!gt__h2_next_event(h2, &p->event))
            return;
    } while (p->event.type == GT__H2_SETTINGS);
    fail_msg("an event of type %d", (int)p->event.type);
}

static void expect_message(pair *p, gt__h2 *h2, const char *text)
{
    gt__h2_event *event = expect(p, h2, GT__H2_MESSAGE);
    assert_int_equal(event->as.message.size, strlen(text));
    if (*text)
        assert_memory_equal(event->as.message.data, text, strlen(text));
    gt__h2_taken(h2, event->stream, event->as.message.uncredited);
}

static void expect_status(pair *p, int code, const char *message)
{
    gt__h2_event *event = expect(p, p->client, GT__H2_STATUS);
    assert_int_equal(event->as.status.code, code);
    assert_string_equal(event->as.status.message, message);
}

static void send_text(gt__h2 *h2, int32_t stream, const char *text)
{
    int error;
    uint8_t *room = gt__h2_send_begin(h2, stream, strlen(text), &error);
    assert_non_null(room);
    memcpy(room, text, strlen(text));
    gt__h2_send_end(h2, stream);
}

static const gt__h2_request plain_request = {.path = "/chat.Chat/Talk", .deadline = GT_NEVER};

static int32_t open_call(pair *p)
{
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(p->client, &plain_request, p->now, NULL, &stream), 0);
    return stream;
}

static void finish_ok(pair *p, int32_t stream)
{
    static const gt_status ok = {.code = GT_OK, .message = ""};
    gt__h2_finish(p->server, stream, &ok, NULL);
}

/* ---- calls ------------------------------------------------------------------------------------
 */

static void unary_call(size_t span)
{
    pair *p = pair_new(span);
    gt__h2_request request = plain_request;
    request.unary_response = true;
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(p->client, &request, 0, p, &stream), 0);
    send_text(p->client, stream, "hello");
    gt__h2_half_close(p->client, stream);
    settle(p);

    gt__h2_event *event = expect(p, p->server, GT__H2_REQUEST);
    assert_string_equal(event->as.request.path, "/chat.Chat/Talk");
    assert_string_equal(event->as.request.authority, "localhost");
    assert_string_equal(event->as.request.content_type, "application/grpc");
    expect_message(p, p->server, "hello");
    expect(p, p->server, GT__H2_HALF_CLOSE);
    send_text(p->server, stream, "welcome");
    finish_ok(p, stream);
    settle(p);

    assert_ptr_equal(expect(p, p->client, GT__H2_HEADERS)->user, p);
    expect_message(p, p->client, "welcome");
    expect_status(p, GT_OK, "");
    expect(p, p->client, GT__H2_CLOSED);
    expect_nothing(p, p->client);
    expect(p, p->server, GT__H2_CLOSED);
    expect_nothing(p, p->server);
    pair_free(p);
}

static void a_unary_call_works(void **state)
{
    (void)state;
    unary_call(65536);
}

static void a_unary_call_works_byte_by_byte(void **state)
{
    (void)state;
    unary_call(1);
}

static void chat(size_t span)
{
    pair *p = pair_new(span);
    int32_t stream = open_call(p);
    settle(p);
    expect(p, p->server, GT__H2_REQUEST);
    assert_int_equal(gt__h2_respond(p->server, stream, NULL), 0);
    settle(p);
    expect(p, p->client, GT__H2_HEADERS);
    for (int i = 0; i < 3; i++) {
        send_text(p->client, stream, "ping");
        settle(p);
        expect_message(p, p->server, "ping");
        send_text(p->server, stream, "pong");
        settle(p);
        expect_message(p, p->client, "pong");
    }
    gt__h2_half_close(p->client, stream);
    settle(p);
    expect(p, p->server, GT__H2_HALF_CLOSE);
    finish_ok(p, stream);
    settle(p);
    expect_status(p, GT_OK, "");
    expect(p, p->client, GT__H2_CLOSED);
    expect(p, p->server, GT__H2_CLOSED);
    pair_free(p);
}

static void a_chat_works(void **state)
{
    (void)state;
    chat(65536);
}

static void a_chat_works_byte_by_byte(void **state)
{
    (void)state;
    chat(1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_unary_call_works),
        cmocka_unit_test(a_unary_call_works_byte_by_byte),
        cmocka_unit_test(a_chat_works),
        cmocka_unit_test(a_chat_works_byte_by_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
