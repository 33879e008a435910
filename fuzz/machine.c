#include "machine.h"

#include <grpctest/frames.h>

/* ---- choices -----------------------------------------------------------------------------------
 */

int32_t machine_pick_stream(machine *m)
{
    static const int32_t odd_ones[] = {0, 2, 4, INT32_MAX - 1, INT32_MAX - 2, 33, 101, 1001};
    uint8_t pick = fuzz_byte(&m->in);
    if (pick >= 0xf0)
        return odd_ones[pick % (sizeof odd_ones / sizeof odd_ones[0])];
    return 1 + 2 * (pick % 16);
}

size_t machine_pick_size(machine *m)
{
    uint8_t pick = fuzz_byte(&m->in);
    size_t most = m->options.max_receive_size;
    if (pick >= 0xb0 && pick < 0xc0 && most <= 1000) /* about as large as may be */
        return most + pick - 0xb8;
    if (pick < 0xc0)
        return pick;
    return pick < 0xf0 ? (size_t)(pick - 0xc0) * 40 : fuzz_number(&m->in, 2);
}

/* ---- options -----------------------------------------------------------------------------------
 */

/* Zeros are the defaults, with which no window ever fills up by the few bytes of a script. */
static gt__h2_options read_options(fuzz_input *in, bool server)
{
    static const size_t receive[] = {1000, 100, 20000, 0};
    static const uint32_t lists[] = {2048, 500, 8192, 0};
    static const gt_limits tight = {.resets_per_second = 3,
                                    .pings_per_second = 3,
                                    .settings_per_second = 3,
                                    .idle_frames_per_second = 5,
                                    .max_continuations = 2};
    uint8_t sizes = fuzz_byte(in), windows = fuzz_byte(in);
    gt__h2_options options = {
        .server = server,
        .strict = sizes & 0x10,
        .separate_frames = sizes & 0x20,
        .max_receive_size = receive[sizes % 4],
        .send_mark = sizes & 0x40 ? 100 : 0,
        .stream_window = windows & 1 ? 1 + 3 * (uint32_t)(windows & 0x70) : 0,
        .connection_window = windows & 2 ? 100000 : 0,
        .max_concurrent_streams = windows & 4 ? 2 : 0,
        .limits = windows & 8 ? tight : (gt_limits){0},
    };
    options.limits.max_header_list = lists[(sizes >> 2) % 4];
    options.limits.max_unread_answers = windows & 0x80 ? 200 : 0;
    return options;
}

/* ---- a run -------------------------------------------------------------------------------------
 */

static void init(machine *m, const gt__h2_options *options)
{
    m->options = *options;
    m->h2 = gt__h2_new(options);
    if (m->options.max_receive_size == 0)
        m->options.max_receive_size = 4 * 1024 * 1024;
    if (m->options.limits.max_header_list == 0)
        m->options.limits.max_header_list = 64 * 1024;
    m->ledger.server = options->server;
    m->ledger.most = m->options.max_receive_size;
    outgoing_init(&m->outgoing, options->server);
}

/* The peer's preface and settings, so that a script begins where it gets interesting. */
static void shake_hands(machine *m)
{
    if (m->options.server)
        gt_frame_write_preface(&m->wire);
    gt_frame_write_settings(&m->wire, NULL, 0);
    gt_frame_write_settings_ack(&m->wire);
}

static void do_step(machine *m, size_t first)
{
#define MACHINE_STEP_ENTRY(name, function) [MACHINE_##name] = function,
    static void (*const steps[])(machine *) = {MACHINE_PEER_STEPS(MACHINE_STEP_ENTRY)
                                                   MACHINE_OWN_STEPS(MACHINE_STEP_ENTRY)};
#undef MACHINE_STEP_ENTRY
    size_t before = fuzz_memory_held();
    size_t step = first + fuzz_byte(&m->in) % (MACHINE_STEP_COUNT - first);
    steps[step](m);
    if (step < MACHINE_FEED)
        m->own += fuzz_memory_held() - before;
    if (step > MACHINE_TAKE && m->prompt)
        machine_drain_all(m);
}

static void follow_script(machine *m)
{
    enum { MOST_STEPS = 2000, MOST_BYTES = 60000 };
    shake_hands(m);
    for (size_t i = 0; i < MOST_STEPS && fuzz_more(&m->in) && m->wire.size < MOST_BYTES; i++)
        do_step(m, 0);
}

/* The peer's bytes are the script's; the rest is up to chance. */
static void follow_chance(machine *m)
{
    gt__random random;
    gt__random_init(&random, fuzz_number(&m->in, 4), "fuzz");
    size_t before = fuzz_memory_held();
    gt_buffer_add(&m->wire, fuzz_rest(&m->in));
    m->own += fuzz_memory_held() - before;
    m->in.random = &random;
    for (int i = 0; i < 3; i++)
        do_step(m, MACHINE_START);
    while (m->fed < m->wire.size && !m->over) {
        machine_feed(m);
        do_step(m, MACHINE_FEED);
        machine_take(m);
    }
    m->in.random = NULL;
}

/* Commands on what is over change nothing, and say so. */
static void check_lost(machine *m)
{
    static const uint8_t byte;
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    uint8_t span[16];
    int32_t stream;
    int error;
    FUZZ_CHECK(gt__h2_done(m->h2) && !gt__h2_wants_drain(m->h2), "a lost wire is not done");
    FUZZ_CHECK(gt__h2_drain(m->h2, span, sizeof span, m->now) == 0, "a lost wire gets bytes");
    FUZZ_CHECK(gt__h2_feed(m->h2, gt_bytes_of(&byte, 1), m->now) == GT_EPROTO, "it is still fed");
    FUZZ_CHECK(m->options.server ||
                   gt__h2_open(m->h2, &request, m->now, NULL, &stream) == GT_ECLOSED,
               "it takes a call");
    FUZZ_CHECK(!gt__h2_send_begin(m->h2, 1, 1, &error) && error == GT_ECLOSED, "it takes messages");
}

/* What is left of the script's bytes arrives; then the wire ends, unless the engine shall be freed
 * in the midst of things. */
static void finish(machine *m, bool lose)
{
    static const uint8_t last_steps[] = {0, 0, 0, 0xff,
                                         0}; /* feed all, drain all, take all, lose */
    if (!lose)
        return;
    m->in = (fuzz_input){.bytes = gt_bytes_of(last_steps, sizeof last_steps)};
    machine_feed(m);
    machine_drain(m);
    machine_take(m);
    if (m->over)
        ledger_check_over(&m->ledger);
    machine_lose(m);
    machine_take_all(m);
    ledger_check_over(&m->ledger);
    check_lost(m);
}

/* Whether how bytes are cut may not change what happens. It may where that depends on when frames
 * of our own go out, which is after each feed: while the peer cannot have seen what commands
 * brought; where it exhausts a limit that our frames would raise; and, unless each frame is fed by
 * itself, after it was wrong. Also, once GOAWAY was said, nghttp2 stops to listen when the last
 * stream ends, be it inside a frame, but not inside a feed, and so may miss that the rest is wrong.
 */
static bool is_comparable(const machine *m)
{
    const gt__h2_options *options = &m->options;
    const ledger *l = &m->ledger;
    if (!m->prompt || options->stream_window != 0 || options->limits.max_unread_answers != 0)
        return false;
    if (l->measured)
        return false;
    if ((m->goaway || l->goaway) && l->failed > 0)
        return false;
    return m->cut != MACHINE_WHOLE || !(l->trouble || options->max_concurrent_streams != 0);
}

/* Gives what happened as text; NULL where it cannot be compared. */
static char *run(const gt__h2_options *options, uint8_t mode, fuzz_input in, enum machine_cut cut)
{
    machine m = {.in = in, .cut = cut, .prompt = mode & MACHINE_PROMPT};
    m.own = fuzz_memory_held();
    init(&m, options);
    if (mode & MACHINE_RAW)
        follow_chance(&m);
    else
        follow_script(&m);
    finish(&m, !(mode & MACHINE_BREAK_OFF));
    gt__h2_free(m.h2);
    ledger_check_owned(&m.ledger);
    char *text = is_comparable(&m) ? ledger_text(&m.ledger) : NULL;
    ledger_cleanup(&m.ledger);
    outgoing_cleanup(&m.outgoing);
    gt_buffer_cleanup(&m.wire);
    return text;
}

static void compare(const char *a, const char *b)
{
    if (a && b)
        FUZZ_CHECK(strcmp(a, b) == 0, "in larger pieces:\n%s\nbyte by byte:\n%s", a, b);
}

void machine_run(bool server, const uint8_t *data, size_t size)
{
    fuzz_memory_begin();
    fuzz_input in = {.bytes = gt_bytes_of(data, size)};
    uint8_t mode = fuzz_byte(&in);
    gt__h2_options options = read_options(&in, server);
    char *whole = run(&options, mode, in, MACHINE_WHOLE);
    char *frames = run(&options, mode, in, MACHINE_FRAMES);
    char *bytes = run(&options, mode, in, MACHINE_BYTES);
    compare(whole, bytes);
    compare(frames, bytes);
    gt__free(whole);
    gt__free(frames);
    gt__free(bytes);
    fuzz_memory_end();
}
