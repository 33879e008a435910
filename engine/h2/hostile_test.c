/* Whatever bytes come, in whatever pieces, and whatever is done meanwhile: no crash, and every call
 * ends once (rule C2). Each seed spoils an ordinary conversation in its own way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/core.h"
#include "h2.h"

#include <grpctest/frames.h>

enum { SEEDS = 3000, STREAMS = 16 };

typedef struct trial {
    gt__h2 *h2;
    bool server;
    gt__random random;
    gt_buffer wire; /* what the peer says */
    bool known[STREAMS], ended[STREAMS], reset[STREAMS], closed[STREAMS];
} trial;

static size_t below(trial *t, size_t bound)
{
    return (size_t)gt__random_below(&t->random, bound);
}

/* ---- what the peer says ---------------------------------------------------------------------- */

/* A message of zeros, now and then compressed, and then perhaps larger than is allowed. */
static void write_message(trial *t, int32_t stream)
{
    static const uint8_t zeros[2000];
    uint8_t small[64];
    size_t size = below(t, 300);
    if (below(t, 3) > 0) {
        gt_frame_write_message(&t->wire, stream, 0, gt_bytes_of(zeros, size));
        return;
    }
    gt_buffer data = {0};
    size = gt__message_compress(GT__GZIP, gt_bytes_of(zeros, size * 4), small, sizeof small);
    gt_message_write_prefix(&data, 1, (uint32_t)size);
    gt_buffer_add(&data, gt_bytes_of(small, size));
    gt_frame_write_data(&t->wire, stream, 0, gt_buffer_bytes(&data));
    gt_buffer_cleanup(&data);
}

static void write_messages(trial *t, int32_t stream, uint8_t flags)
{
    for (size_t i = below(t, 4); i > 0; i--)
        write_message(t, stream);
    gt_frame_write_data_padded(&t->wire, stream, flags, gt_bytes_of(NULL, 0), 3);
}

static void write_call(trial *t, int32_t stream)
{
    gt_frame_write_headers_text(&t->wire, stream, GT_FLAG_END_HEADERS,
                                ":method: POST\n:scheme: http\n:path: /a.B/C\n:authority: x\n"
                                "grpc-timeout: 1S\nte: trailers\ncontent-type: application/grpc\n"
                                "grpc-encoding: gzip\ngrpc-accept-encoding: identity,gzip\n"
                                "x-bin: AAA\nx-key: value\n");
    write_messages(t, stream, below(t, 2) ? GT_FLAG_END_STREAM : 0);
}

static void write_answer(trial *t, int32_t stream)
{
    if (below(t, 4) == 0) {
        gt_frame_write_trailers_only(&t->wire, stream, GT_NOT_FOUND, "no");
        return;
    }
    gt_frame_write_headers_text(&t->wire, stream, GT_FLAG_END_HEADERS,
                                ":status: 200\ncontent-type: application/grpc\n"
                                "grpc-encoding: gzip\n");
    write_messages(t, stream, 0);
    if (below(t, 4) > 0)
        gt_frame_write_headers_text(&t->wire, stream, GT_FLAG_END_HEADERS | GT_FLAG_END_STREAM,
                                    "grpc-status: 0\ngrpc-message: a%20b\nx-bin: AAA\n");
    else
        gt_frame_write_rst_stream(&t->wire, stream, GT_H2_CANCEL);
}

static void write_conversation(trial *t)
{
    if (t->server)
        gt_frame_write_preface(&t->wire);
    gt_frame_write_settings(&t->wire, (gt_setting[]){{GT_SETTING_INITIAL_WINDOW_SIZE, 100}}, 1);
    gt_frame_write_settings_ack(&t->wire);
    for (int32_t stream = 1; stream < 2 * 5; stream += 2) {
        if (t->server)
            write_call(t, stream);
        else
            write_answer(t, stream);
    }
    gt_frame_write_window_update(&t->wire, 1, 1000);
    gt_frame_write_ping(&t->wire, 0, (const uint8_t *)"12345678");
    gt_frame_write_goaway(&t->wire, 5, GT_H2_NO_ERROR, gt_bytes_str("bye"));
}

/* Some bytes are changed; in half of the trials, a run of bytes is said twice or left out. */
static void spoil(trial *t)
{
    size_t start = t->server ? 24 : 0; /* the preface alone would stop most of it */
    for (size_t i = below(t, 6); i > 0; i--)
        t->wire.data[start + below(t, t->wire.size - start)] = (uint8_t)below(t, 256);
    size_t at = start + below(t, t->wire.size - start);
    size_t size = below(t, t->wire.size - at), what = below(t, 4);
    if (what == 0) {
        uint8_t *run = gt__memdup(t->wire.data + at, size);
        gt_buffer_add(&t->wire, gt_bytes_of(run, size));
        gt__free(run);
    } else if (what == 1) {
        memmove(t->wire.data + at, t->wire.data + at + size, t->wire.size - at - size);
        t->wire.size -= size;
    }
}

/* ---- what is done meanwhile ------------------------------------------------------------------ */

static void send(trial *t, int32_t stream)
{
    int error;
    size_t size = below(t, 2000);
    uint8_t *room = gt__h2_send_begin(t->h2, stream, size, &error);
    if (!room)
        return;
    memset(room, 0, size);
    gt__h2_send_end(t->h2, stream);
}

static void open_call(trial *t)
{
    const gt__h2_request request = {
        .path = "/a.B/C",
        .deadline = GT_NEVER,
        .unary_response = below(t, 2),
        .encoding = below(t, 2) ? GT__DEFLATE : GT__IDENTITY,
    };
    int32_t stream;
    if (t->server || gt__h2_open(t->h2, &request, 0, NULL, &stream) != 0)
        return;
    assert_in_range(stream / 2, 0, STREAMS - 1);
    t->known[stream / 2] = true;
}

static void reset(trial *t, int32_t stream)
{
    t->reset[stream / 2] = true;
    gt__h2_reset(t->h2, stream, GT_H2_CANCEL);
}

static void do_something(trial *t)
{
    static const gt_status status = {.code = GT_OK, .message = ""};
    int32_t stream = (int32_t)below(t, 5) * 2 + 1;
    switch (below(t, 8)) {
    case 0:
        if (below(t, 2))
            (void)!gt__h2_set_encoding(t->h2, stream, GT__GZIP);
        (void)!gt__h2_respond(t->h2, stream, NULL);
        break;
    case 1:
        if (t->server)
            t->reset[stream / 2] = true; /* finished by us: no ABORTED need come */
        gt__h2_finish(t->h2, stream, &status, NULL);
        break;
    case 2:
        if (below(t, 4) == 0)
            reset(t, stream);
        break;
    case 3:
        gt__h2_half_close(t->h2, stream);
        break;
    case 4:
        gt__h2_want(t->h2, stream);
        break;
    default:
        send(t, stream);
        break;
    }
}

/* ---- what must hold -------------------------------------------------------------------------- */

static void note(trial *t, const gt__h2_event *event)
{
    size_t i = (size_t)event->stream / 2;
    if (event->stream == 0 || event->type == GT__H2_VIOLATION)
        return;
    if (i >= STREAMS) /* a spoiled stream id */
        return;
    assert_false(t->closed[i]);
    if (event->type == GT__H2_CLOSED) {
        assert_true(t->ended[i] || t->reset[i]);
        t->closed[i] = true;
        return;
    }
    assert_false(t->ended[i]);
    if (event->type == GT__H2_REQUEST)
        t->known[i] = true;
    assert_true(t->known[i]);
    if (event->type == GT__H2_STATUS || event->type == GT__H2_ABORTED)
        t->ended[i] = true;
}

static void take_events(trial *t)
{
    gt__h2_event event;
    while (gt__h2_next_event(t->h2, &event)) {
        note(t, &event);
        gt__h2_event_cleanup(&event);
    }
}

static void drain_some(trial *t)
{
    uint8_t span[512];
    size_t most = 1 + below(t, sizeof span);
    assert_in_range(gt__h2_drain(t->h2, span, most, 0), 0, most);
}

static void converse(trial *t)
{
    bool over = false;
    for (size_t at = 0; at < t->wire.size && !over;) {
        size_t left = t->wire.size - at, size = 1 + below(t, left < 200 ? left : 200);
        uint8_t *piece = gt__memdup(t->wire.data + at, size); /* so that a byte too far is seen */
        over = gt__h2_feed(t->h2, gt_bytes_of(piece, size), 0) != 0;
        gt__free(piece);
        at += size;
        do_something(t);
        drain_some(t);
        take_events(t);
    }
}

static void run(bool server, uint64_t seed)
{
    trial t = {.server = server};
    gt__random_init(&t.random, seed, "hostile");
    t.h2 = gt__h2_new(&(gt__h2_options){.server = server, .max_receive_size = 1000});
    for (int i = 0; i < 5; i++)
        open_call(&t);
    if (below(&t, 2))
        drain_some(&t);
    write_conversation(&t);
    spoil(&t);
    converse(&t);
    gt__h2_wire_lost(t.h2, "the end");
    take_events(&t);
    for (size_t i = 0; i < STREAMS; i++)
        assert_int_equal(t.closed[i], t.known[i]);
    gt_buffer_cleanup(&t.wire);
    gt__h2_free(t.h2);
}

static void every_call_of_a_spoiled_client_ends_once(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        run(false, seed);
}

static void every_call_of_a_spoiled_server_ends_once(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        run(true, seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_of_a_spoiled_client_ends_once),
        cmocka_unit_test(every_call_of_a_spoiled_server_ends_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
