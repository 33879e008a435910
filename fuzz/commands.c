/* What the application does with the engine: fed, drained, looked at, commanded, at any time. */
#include "machine.h"

/* ---- bytes and instants ------------------------------------------------------------------------
 */

/* A peer's bytes take memory in proportion; deflate makes of one 1,032 at most, up to the limit of
 * a message; a header list is bounded, and there are no more of them than fit into the bytes. */
static size_t allowed(const machine *m)
{
    enum { UTMOST_INFLATION = 1032, PER_BYTE = 160, PER_LIST = 4096, PER_MESSAGE = 1024 };
    size_t list = m->options.limits.max_header_list, most = 2 * m->options.max_receive_size;
    size_t inflated = UTMOST_INFLATION * m->fed < most ? UTMOST_INFLATION * m->fed : most;
    size_t lists = m->fed / 10 + 1, messages = m->fed / 14 + 1;
    return 256 * 1024 + inflated + PER_BYTE * m->fed + lists * (4 * list + PER_LIST) +
           messages * PER_MESSAGE + 4 * m->given;
}

static void feed(machine *m, const uint8_t *data, size_t size)
{
    uint8_t *exact = gt__memdup(data, size);
    bool was_over = m->over;
    m->own += size;
    fuzz_memory_mark();
    int error = gt__h2_feed(m->h2, gt_bytes_of(exact, size), m->now);
    m->fed += size;
    size_t used = fuzz_memory_peak() - m->own;
    FUZZ_CHECK(used <= allowed(m), "%zu bytes of memory after %zu from the peer", used, m->fed);
    FUZZ_CHECK(error == 0 || error == GT_EPROTO, "feed gives %d", error);
    FUZZ_CHECK(error != 0 || !was_over, "a connection that was over goes on");
    m->over = error != 0;
    m->own -= size;
    gt__free(exact);
}

/* How many of `left` bytes make the next piece. */
static size_t next_piece(machine *m, size_t left)
{
    static const size_t preface = 24, header = 9;
    if (m->cut != MACHINE_FRAMES)
        return m->cut == MACHINE_BYTES ? 1 : left;
    while (m->frame_end <= m->fed) {
        const uint8_t *at = m->wire.data + m->frame_end;
        if (m->frame_end == 0 && m->options.server)
            m->frame_end = preface;
        else if (m->wire.size - m->frame_end < header)
            m->frame_end = m->wire.size;
        else
            m->frame_end += header + ((size_t)at[0] << 16 | (size_t)at[1] << 8 | at[2]);
    }
    size_t piece = m->frame_end - m->fed;
    return piece < left ? piece : left;
}

/* So many bytes of what waits; 0: all. */
void machine_feed(machine *m)
{
    size_t size = fuzz_byte(&m->in), waiting = m->wire.size - m->fed;
    if (size == 0 || size > waiting)
        size = waiting;
    for (size_t end = m->fed + size; m->fed < end;)
        feed(m, m->wire.data + m->fed, next_piece(m, end - m->fed));
}

static size_t drain_once(machine *m, size_t most)
{
    static uint8_t span[65536];
    size_t size = gt__h2_drain(m->h2, span, most, m->now);
    FUZZ_CHECK(size <= most, "drain wrote %zu bytes into %zu", size, most);
    FUZZ_CHECK(size == most || !gt__h2_wants_drain(m->h2), "drain stops at %zu and wants more",
               size);
    FUZZ_CHECK(size == 0 || !m->lost, "%zu bytes for a wire that is lost", size);
    size_t before = fuzz_memory_held();
    outgoing_take(&m->outgoing, gt_bytes_of(span, size));
    m->own += fuzz_memory_held() - before;
    return size;
}

/* What goes out is what commands brought, and a few bytes for each that came in. */
static void drain_all(machine *m, size_t step)
{
    while (drain_once(m, step) == step)
        FUZZ_CHECK(m->outgoing.bytes <= 4096 + 64 * m->fed + 2 * m->given, "drain never ends");
    if (!m->lost)
        outgoing_check_whole(&m->outgoing);
}

void machine_drain_all(machine *m)
{
    drain_all(m, 65536);
}

/* All, in pieces of so many bytes; or one piece. */
void machine_drain(machine *m)
{
    uint8_t how = fuzz_byte(&m->in);
    if (how & 0x80)
        drain_once(m, 1 + (how & 0x7f));
    else
        drain_all(m, how == 0 ? 65536 : how);
}

void machine_advance(machine *m)
{
    m->now += (gt_time)fuzz_number(&m->in, 4);
}

/* The end of the wire, which no script has by chance in its middle. */
void machine_lose(machine *m)
{
    if (fuzz_byte(&m->in) != 0xff || m->lost)
        return;
    gt__h2_wire_lost(m->h2, fuzz_byte(&m->in) & 1 ? "it tore" : NULL);
    m->lost = m->over = true;
}

/* ---- events ------------------------------------------------------------------------------------
 */

static void take(machine *m, size_t most, bool credit)
{
    gt__h2_event event;
    while (most-- > 0 && gt__h2_next_event(m->h2, &event)) {
        if (event.type == GT__H2_MESSAGE && credit)
            gt__h2_taken(m->h2, event.stream, event.as.message.uncredited);
        size_t before = fuzz_memory_held();
        ledger_take(&m->ledger, &event);
        m->own += fuzz_memory_held() - before;
    }
}

void machine_take_all(machine *m)
{
    take(m, SIZE_MAX, true);
}

void machine_take(machine *m)
{
    uint8_t how = fuzz_byte(&m->in);
    take(m, how & 0x7f ? how & 0x7f : SIZE_MAX, !(how & 0x80));
}

/* ---- commands ----------------------------------------------------------------------------------
 */

/* A stream that the application has heard of, be it gone by now; or one that never was. */
static int32_t pick_known(machine *m)
{
    int32_t stream = machine_pick_stream(m);
    return ledger_knows(&m->ledger, stream) ? stream : INT32_MAX;
}

/* Metadata as users may have it. */
static gt_metadata *pick_metadata(machine *m, uint8_t how)
{
    static const uint8_t bytes[3] = {0, 0xff, 0x80};
    if (!(how & 1))
        return NULL;
    gt_metadata *metadata = gt_metadata_new();
    for (size_t count = how & 0x80 ? fuzz_byte(&m->in) & 63 : 1; count > 0; count--) {
        (void)!gt_metadata_append(metadata, "x-own", "a value");
        (void)!gt_metadata_append_bin(metadata, "x-own-bin", gt_bytes_of(bytes, count % 4));
        m->given += 256;
    }
    return metadata;
}

static void open_call(machine *m, uint8_t how)
{
    gt_metadata *metadata = pick_metadata(m, how);
    gt__h2_request request = {
        .path = "/a.B/C",
        .deadline = how & 2 ? m->now + fuzz_number(&m->in, 2) : GT_NEVER,
        .user_agent = how & 4 ? "me" : NULL,
        .content_subtype = how & 4 ? "proto" : NULL,
        .unary_response = how & 8,
        .encoding = (gt__encoding)((how >> 4) % 3),
        .metadata = metadata,
    };
    int32_t stream = 0;
    int error = gt__h2_open(m->h2, &request, m->now, NULL, &stream);
    FUZZ_CHECK(!m->over || error == GT_ECLOSED, "a call on a lost connection: %d", error);
    m->given += 4096;
    if (error == 0)
        ledger_open(&m->ledger, stream, request.unary_response);
    gt_metadata_free(metadata);
}

static void respond(machine *m, uint8_t how)
{
    int32_t stream = pick_known(m);
    gt_metadata *metadata = pick_metadata(m, how);
    m->given += 512;
    (void)!gt__h2_set_encoding(m->h2, stream, (gt__encoding)((how >> 4) % 3));
    (void)!gt__h2_respond(m->h2, stream, metadata);
    gt_metadata_free(metadata);
}

/* Client: a call. Server: the headers of a response. */
void machine_start(machine *m)
{
    uint8_t how = fuzz_byte(&m->in);
    if (m->options.server)
        respond(m, how);
    else
        open_call(m, how);
}

void machine_send(machine *m)
{
    int32_t stream = pick_known(m);
    size_t size = machine_pick_size(m);
    int error;
    uint8_t *room = gt__h2_send_begin(m->h2, stream, size, &error);
    if (!room) {
        FUZZ_CHECK(error == GT_ECLOSED, "sending %zu bytes: %d", size, error);
        return;
    }
    memset(room, (uint8_t)size, size);
    m->given += size + 1024;
    gt__h2_wire_form wire = gt__h2_send_end(m->h2, stream);
    FUZZ_CHECK(wire.size <= size, "%zu bytes became %zu", size, wire.size);
}

/* Client: no more messages. Server: the status. */
void machine_end(machine *m)
{
    int32_t stream = pick_known(m);
    uint8_t how = fuzz_byte(&m->in);
    if (!m->options.server) {
        gt__h2_half_close(m->h2, stream);
        return;
    }
    gt_metadata *trailer = pick_metadata(m, how);
    gt_status status = {.code = (gt_code)((how >> 1) % 17), .message = how & 0x40 ? "%\xc3" : ""};
    if (how & 0x80)
        machine_take_all(m);
    gt__h2_finish(m->h2, stream, &status, trailer);
    ledger_end(&m->ledger, stream, how & 0x80);
    m->given += 1024;
    gt_metadata_free(trailer);
}

void machine_reset(machine *m)
{
    int32_t stream = pick_known(m);
    uint8_t how = fuzz_byte(&m->in);
    if (how & 0x80)
        machine_take_all(m);
    gt__h2_reset(m->h2, stream, how & 0x7f);
    ledger_end(&m->ledger, stream, how & 0x80);
    m->given += 64;
}

void machine_want(machine *m)
{
    gt__h2_want(m->h2, pick_known(m));
}

void machine_ping(machine *m)
{
    gt__h2_ping(m->h2, (const uint8_t *)"abcdefgh");
    m->given += 256;
}

void machine_goaway(machine *m)
{
    uint8_t how = fuzz_byte(&m->in);
    m->given += 256;
    m->goaway = true;
    if (how & 0x80)
        gt__h2_shutdown_notice(m->h2);
    else
        gt__h2_goaway(m->h2, how & 15, how & 0x10 ? "enough" : NULL);
}

void machine_compress(machine *m)
{
    int32_t stream = pick_known(m);
    gt__h2_compress_messages(m->h2, stream, fuzz_byte(&m->in) & 1);
}
