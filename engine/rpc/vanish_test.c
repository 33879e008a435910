/* A peer that vanishes at every byte of a call: the connection goes after N bytes, for every N, in
 * either direction, in every way, for all four kinds of call. Each time the call ends once, with
 * its true status if that arrived and UNAVAILABLE if not; the handler is told at that instant; and
 * the channel serves the next call. What leaks or hangs is a failure of the world. */
#include "cutter_kit.h"

#include <stdio.h>

#define ECHO "/test.Test/Echo"

/* How long the handler thinks before its last message, and how long its client has. */
#define THOUGHT GT_MS(1)
#define PATIENCE GT_SEC(1)

typedef struct scene {
    kit kit;
    cutter cutter;
    gt_channel *channel; /* by way of the cutter */
    gt_kind kind;
    unsigned entered, left;
    int result;       /* of the first handler's thought */
    gt_time left_at;  /* when the first handler ended */
    unsigned replies; /* to the first call */
    uint64_t number;  /* of the first call */
    unsigned ends;    /* of the first call at its client, as the journal has them */
} scene;

/* ---- the call -------------------------------------------------------------------------------- */

static unsigned requests_of(gt_kind kind)
{
    return kind == GT_UNARY || kind == GT_SERVER_STREAMING ? 1 : 3;
}

static unsigned replies_of(gt_kind kind)
{
    return kind == GT_UNARY || kind == GT_CLIENT_STREAMING ? 1 : 3;
}

static int send_text(gt_call *call, const char *what, unsigned number)
{
    char text[32];
    snprintf(text, sizeof text, "%s %u", what, number);
    return gt_call_send(call, gt_bytes_str(text));
}

static int converse(gt_call *call, scene *s)
{
    unsigned sent = 0;
    gt_bytes message;
    for (unsigned i = 0; i < requests_of(s->kind); i++) {
        int error = gt_call_recv(call, &message);
        if (!error && s->kind == GT_BIDI_STREAMING && i < 2)
            error = send_text(call, "reply", sent++);
        if (error)
            return error;
    }
    while (sent + 1 < replies_of(s->kind))
        if (send_text(call, "reply", sent++) != 0)
            return GT_ECANCELLED;
    int error = gt_context_sleep(gt_call_context(call), THOUGHT);
    return error ? error : send_text(call, "reply", sent);
}

static int handle(gt_call *call, void *user)
{
    scene *s = user;
    bool first = s->entered++ == 0;
    int result = converse(call, s);
    if (first) {
        s->result = result;
        s->left_at = gt_now(gt_call_world(call));
    }
    s->left++;
    return result;
}

static void expect_reply(scene *s, gt_bytes message)
{
    char text[32];
    snprintf(text, sizeof text, "reply %u", s->replies++);
    assert_true(gt_bytes_equal(message, gt_bytes_str(text)));
}

/* Reads while the call gives messages, at most `most` of them. */
static void read_replies(scene *s, gt_call *call, unsigned most)
{
    gt_bytes message;
    for (unsigned i = 0; i < most && gt_call_recv(call, &message) == 0; i++)
        expect_reply(s, message);
}

/* What a client does who knows nothing of the cut. */
static gt_call *run_call(scene *s)
{
    const gt_call_options options = {
        .kind = s->kind,
        .timeout = s->cutter.way == CUT_SILENCE ? PATIENCE : 0,
    };
    gt_call *call = gt_call_new(s->channel, ECHO, &options);
    s->number = gt_call_number(call);
    for (unsigned i = 0; i < requests_of(s->kind); i++) {
        if (send_text(call, "request", i) == 0 && s->kind == GT_BIDI_STREAMING && i < 2)
            read_replies(s, call, 1);
    }
    gt_call_half_close(call);
    read_replies(s, call, 4);
    return call;
}

/* ---- the scene ------------------------------------------------------------------------------- */

static void open_scene(scene *s, gt_kind kind, cut_way way, cut_direction direction, size_t after)
{
    *s = (scene){.kind = kind};
    kit_open(&s->kit, &(kit_options){.seed = 0});
    gt_server_handle(s->kit.server, ECHO, kind, handle, s);
    cutter_open(&s->cutter, &s->kit, way, direction, after);
    s->channel = gt_channel_new(s->cutter.dialer, NULL);
}

static void close_scene(scene *s)
{
    gt_channel_free(s->channel);
    cutter_close(&s->cutter);
    kit_close(&s->kit);
    assert_int_equal(s->left, s->entered);
}

/* ---- what must hold -------------------------------------------------------------------------- */

/* True when the frame that ends the server's side of the call arrived. */
static bool has_status_arrived(const scene *s)
{
    gt_frame_reader *reader = gt_frame_reader_new(NULL);
    gt_frame frame;
    bool arrived = false;
    gt_frame_reader_feed(reader, gt_buffer_bytes(&s->cutter.carried[FROM_SERVER]));
    while (!arrived && gt_frame_reader_next(reader, &frame) == 0)
        arrived = frame.type == GT_FRAME_HEADERS && (frame.flags & GT_FLAG_END_STREAM);
    gt_frame_reader_free(reader);
    return arrived;
}

static void count_end(void *user, const gt_journal_entry *entry)
{
    scene *s = user;
    if (entry->server || entry->call != s->number)
        return;
    s->ends += entry->kind == GT_JOURNAL_END ||
               (entry->kind == GT_JOURNAL_STATUS && !entry->sent) ||
               (entry->kind == GT_JOURNAL_RESET && !entry->sent);
}

static void expect_one_end(scene *s, gt_call *call)
{
    bool silent = s->cutter.way == CUT_SILENCE;
    gt_code lost = silent ? GT_DEADLINE_EXCEEDED : GT_UNAVAILABLE;
    gt_code expected = has_status_arrived(s) ? GT_OK : lost;
    gt_bytes message;
    assert_int_equal(gt_call_status(call)->code, expected);
    assert_int_equal(gt_call_recv(call, &message), GT_EOF);
    assert_int_equal(gt_call_send(call, gt_bytes_str("more")), GT_ESTATUS);
    if (expected == GT_OK)
        assert_int_equal(s->replies, replies_of(s->kind));
    gt_journal_each(s->kit.world, count_end, s);
    assert_int_equal(s->ends, 1);
}

/* A handler that was at work at the cut ended at that instant, or with its deadline. */
static void expect_handler_told(const scene *s)
{
    assert_int_equal(s->left, s->entered);
    if (s->entered == 0 || !s->cutter.is_cut || s->result == 0)
        return;
    if (s->cutter.way == CUT_SILENCE) {
        assert_int_equal(s->result, GT_ETIMEDOUT);
        assert_in_range(s->left_at, PATIENCE, PATIENCE + GT_MS(1));
    } else {
        assert_int_equal(s->result, GT_ECANCELLED);
        assert_int_equal(s->left_at, s->cutter.cut_at);
    }
}

static void expect_next_call_to_work(scene *s)
{
    s->replies = 0;
    gt_call *call = run_call(s);
    assert_int_equal(gt_call_status(call)->code, GT_OK);
    assert_int_equal(s->replies, replies_of(s->kind));
    gt_call_free(call);
}

static void vanish(gt_kind kind, cut_way way, cut_direction direction, size_t after)
{
    scene s;
    open_scene(&s, kind, way, direction, after);
    gt_call *call = run_call(&s);
    expect_one_end(&s, call);
    gt_call_free(call);
    assert_int_equal(gt_sleep(s.kit.world, GT_MS(2)), 0);
    expect_handler_told(&s);
    if (s.cutter.is_cut && way != CUT_SILENCE)
        expect_next_call_to_work(&s);
    close_scene(&s);
}

/* How many bytes of a direction a call takes that nobody cuts. */
static size_t measure(gt_kind kind, cut_direction direction)
{
    scene s;
    open_scene(&s, kind, CUT_RESET, direction, SIZE_MAX);
    gt_call *call = run_call(&s);
    assert_int_equal(gt_call_status(call)->code, GT_OK);
    assert_int_equal(gt_settle(s.kit.world), 0);
    size_t size = s.cutter.carried[direction].size;
    gt_call_free(call);
    close_scene(&s);
    return size;
}

static void vanish_everywhere(gt_kind kind, cut_way way)
{
    for (cut_direction direction = FROM_CLIENT; direction < CUT_DIRECTIONS; direction++) {
        size_t all = measure(kind, direction);
        assert_in_range(all, 100, 1000);
        for (size_t after = 0; after <= all; after++)
            vanish(kind, way, direction, after);
    }
}

/* ---- every way, every kind ------------------------------------------------------------------- */

static void a_call_survives_a_reset_at_every_byte(void **state)
{
    vanish_everywhere(*(const gt_kind *)*state, CUT_RESET);
}

static void a_call_survives_a_close_at_every_byte(void **state)
{
    vanish_everywhere(*(const gt_kind *)*state, CUT_CLOSE);
}

static void a_call_survives_a_half_close_at_every_byte(void **state)
{
    vanish_everywhere(*(const gt_kind *)*state, CUT_HALF_CLOSE);
}

static void a_call_survives_silence_from_every_byte_on(void **state)
{
    vanish_everywhere(*(const gt_kind *)*state, CUT_SILENCE);
}

/* cmocka hands a test's initial state on without a const. */
static gt_kind unary = GT_UNARY, client_streaming = GT_CLIENT_STREAMING,
               server_streaming = GT_SERVER_STREAMING, bidi_streaming = GT_BIDI_STREAMING;

#define OF_KIND(name, kind)                                                                        \
    {                                                                                              \
#name " (" #kind ")", name, NULL, NULL, &(kind)                                            \
    }
#define OF_EVERY_KIND(name)                                                                        \
    OF_KIND(name, unary), OF_KIND(name, client_streaming), OF_KIND(name, server_streaming),        \
        OF_KIND(name, bidi_streaming)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF_EVERY_KIND(a_call_survives_a_reset_at_every_byte),
        OF_EVERY_KIND(a_call_survives_a_close_at_every_byte),
        OF_EVERY_KIND(a_call_survives_a_half_close_at_every_byte),
        OF_EVERY_KIND(a_call_survives_silence_from_every_byte_on),
    };
    return cmocka_run_group_tests_name("vanish", tests, NULL, NULL);
}
