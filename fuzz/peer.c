/* What the peer says: frames, right and wrong ones, gathered in m->wire until they are fed. */
#include "machine.h"

#include <grpctest/frames.h>

static void begin(machine *m)
{
    m->last_frame = m->wire.size;
}

/* ---- headers --------------------------------------------------------------------------------- */

/* Fields that mean something to gRPC, as they should be and not. */
static const char *const fields[][2] = {
    {":method", "POST"},
    {":scheme", "http"},
    {":path", "/a.B/C"},
    {":authority", "localhost"},
    {"te", "trailers"},
    {"content-type", "application/grpc"},
    {"content-type", "application/grpc+proto"},
    {"grpc-timeout", "1S"},
    {"grpc-encoding", "gzip"},
    {"grpc-accept-encoding", "identity,deflate,gzip"},
    {"user-agent", "x"},
    {":status", "200"},
    {"grpc-status", "0"},
    {"grpc-message", "a%20b"},
    {"grpc-status-details-bin", "CAU"},
    {"x-bin", "AAA,AAAA"},
    {"x-key", "value"},
    {"grpc-encoding", "deflate"},
    {"grpc-encoding", "identity"},
    {"grpc-encoding", "br"},
    {":method", "GET"},
    {"content-type", "text/html"},
    {"grpc-timeout", "0n"},
    {"grpc-timeout", "99999999H"},
    {"grpc-timeout", "1"},
    {"grpc-status", "16"},
    {"grpc-status", "017"},
    {":status", "503"},
    {":status", "100"},
    {"x-bin", "="},
    {"X-Upper", "a"},
    {"host", "other"},
    {"connection", "close"},
    {"content-length", "7"},
    {"x-key", " edge "},
    {"x-key", "\x7f\x01"},
    {":unknown", ""},
    {"", "nameless"},
    {"grpc-message", "%zz%00%ff"},
    {"grpc-status-details-bin", "A"},
};
enum { FIELDS = sizeof fields / sizeof fields[0] };

/* One of those, or a name and a value of the script's own. */
static void add_field(machine *m, gt_headers *headers)
{
    uint8_t which = fuzz_byte(&m->in);
    if (which < 0xc0) {
        gt_headers_add(headers, fields[which % FIELDS][0], fields[which % FIELDS][1]);
    } else if (which < 0xe0) {
        gt_bytes value = fuzz_short_span(&m->in);
        gt_headers_add_bytes(headers, gt_bytes_str(fields[which % FIELDS][0]), value);
    } else {
        gt_bytes name = fuzz_span(&m->in, fuzz_byte(&m->in) % 64);
        gt_headers_add_bytes(headers, name, fuzz_short_span(&m->in));
    }
}

static void add_fields(machine *m, gt_headers *headers, size_t count)
{
    while (count-- > 0)
        add_field(m, headers);
}

/* Many of one kind, for what is too large. */
static void add_bulk(machine *m, gt_headers *headers)
{
    size_t count = fuzz_byte(&m->in);
    for (size_t i = 0; i < count; i++)
        gt_headers_add(headers, "x-bulk", "0123456789abcdef0123456789abcdef");
}

/* The flags PADDED and PRIORITY are only told where their parts are written. */
static void write_headers(machine *m, int32_t stream, const gt_headers *headers)
{
    static const uint8_t with_parts = GT_FLAG_PADDED | GT_FLAG_PRIORITY;
    uint8_t flags = fuzz_byte(&m->in);
    gt_block_options options = {0};
    if (flags & 0x80) {
        options.padding = fuzz_byte(&m->in);
        options.dependency = fuzz_byte(&m->in);
        options.split = fuzz_byte(&m->in);
    } else {
        flags = (uint8_t)(flags & ~with_parts);
    }
    gt_frame_write_headers_with(&m->wire, stream, flags, headers, &options);
}

/* What opens a call, or its response, with some more fields. */
void machine_peer_call(machine *m)
{
    int32_t stream = machine_pick_stream(m);
    uint8_t more = fuzz_byte(&m->in);
    gt_headers *headers = m->options.server ? gt_headers_request("/a.B/C") : gt_headers_response();
    begin(m);
    add_fields(m, headers, more & 7);
    if (more & 0x40)
        add_bulk(m, headers);
    gt_frame_write_headers(&m->wire, stream,
                           GT_FLAG_END_HEADERS | (more & 0x80 ? GT_FLAG_END_STREAM : 0), headers);
    gt_headers_free(headers);
}

/* Any fields in any kind of block. */
void machine_peer_headers(machine *m)
{
    int32_t stream = machine_pick_stream(m);
    gt_headers *headers = gt_headers_new();
    begin(m);
    add_fields(m, headers, fuzz_byte(&m->in) & 15);
    write_headers(m, stream, headers);
    gt_headers_free(headers);
}

/* A block as the script has it, Huffman codes, indices and all; or a piece of one. */
void machine_peer_block(machine *m)
{
    int32_t stream = machine_pick_stream(m);
    uint8_t flags = fuzz_byte(&m->in);
    uint8_t type = flags & 0x80 ? GT_FRAME_CONTINUATION : GT_FRAME_HEADERS;
    gt_bytes block = fuzz_short_span(&m->in);
    begin(m);
    gt_frame_write_raw(&m->wire, (uint32_t)block.size, type, flags & 0x7f, (uint32_t)stream, block);
}

void machine_peer_trailers(machine *m)
{
    int32_t stream = machine_pick_stream(m);
    uint8_t code = fuzz_byte(&m->in), more = fuzz_byte(&m->in);
    gt_headers *headers = more & 0x80 ? gt_headers_trailers_only(code % 20, "a message")
                                      : gt_headers_trailers(code % 20, NULL);
    begin(m);
    add_fields(m, headers, more & 7);
    if (more & 0x40)
        add_bulk(m, headers);
    gt_frame_write_headers(&m->wire, stream, GT_FLAG_END_HEADERS | GT_FLAG_END_STREAM, headers);
    gt_headers_free(headers);
}

/* ---- DATA ------------------------------------------------------------------------------------ */

/* One message, plain or compressed, that repeats what the script gives for it. */
static void add_message(machine *m, gt_buffer *data)
{
    uint8_t form = fuzz_byte(&m->in);
    size_t size = machine_pick_size(m);
    uint8_t fill = form & 0x40 ? fuzz_byte(&m->in) : 'm';
    uint8_t *bytes = gt__malloc(size), *small = gt__malloc(size + 100);
    memset(bytes, fill, size);
    gt_bytes message = gt_bytes_of(bytes, size);
    gt__encoding encoding = (gt__encoding)(form % 3);
    if (encoding != GT__IDENTITY)
        message = gt_bytes_of(small, gt__message_compress(encoding, message, small, size + 100));
    gt_message_write_prefix(data, encoding != GT__IDENTITY, (uint32_t)message.size);
    gt_buffer_add(data, message);
    gt__free(bytes);
    gt__free(small);
}

/* Messages in one or many DATA frames, END_STREAM on the last where the script says so. */
void machine_peer_message(machine *m)
{
    int32_t stream = machine_pick_stream(m);
    uint8_t how = fuzz_byte(&m->in);
    size_t most = how & 0x20 ? 1 + (size_t)fuzz_byte(&m->in) : 16384;
    gt_buffer data = {0};
    for (size_t i = how & 3; i < 4; i++)
        add_message(m, &data);
    begin(m);
    for (size_t at = 0; at < data.size || at == 0; at += most) {
        size_t left = data.size - at;
        bool last = left <= most;
        gt_frame_write_data(&m->wire, stream, last && how & 0x80 ? GT_FLAG_END_STREAM : 0,
                            gt_bytes_of(data.data + at, last ? left : most));
    }
    gt_buffer_cleanup(&data);
}

void machine_peer_data(machine *m)
{
    int32_t stream = machine_pick_stream(m);
    uint8_t flags = fuzz_byte(&m->in);
    gt_bytes data = fuzz_short_span(&m->in);
    begin(m);
    if (flags & GT_FLAG_PADDED)
        gt_frame_write_data_padded(&m->wire, stream, flags, data, fuzz_byte(&m->in));
    else
        gt_frame_write_data(&m->wire, stream, flags, data);
}

/* A prefix that claims what does not come, or not at once. */
void machine_peer_claim(machine *m)
{
    int32_t stream = machine_pick_stream(m);
    gt_buffer data = {0};
    uint8_t flag = fuzz_byte(&m->in);
    gt_message_write_prefix(&data, flag & 3, fuzz_number(&m->in, 1 + (flag >> 6)));
    gt_buffer_add(&data, fuzz_short_span(&m->in));
    begin(m);
    gt_frame_write_data(&m->wire, stream, 0, gt_buffer_bytes(&data));
    gt_buffer_cleanup(&data);
}

/* ---- the smaller frames ---------------------------------------------------------------------- */

void machine_peer_reset(machine *m)
{
    int32_t stream = machine_pick_stream(m);
    begin(m);
    gt_frame_write_rst_stream(&m->wire, stream, fuzz_byte(&m->in));
}

/* One setting, mostly of those that exist; an acknowledgement; or none at all. */
void machine_peer_setting(machine *m)
{
    uint8_t id = fuzz_byte(&m->in);
    begin(m);
    if (id == 0) {
        gt_frame_write_settings_ack(&m->wire);
        return;
    }
    gt_setting setting = {.id = id & 15, .value = fuzz_number(&m->in, id & 0x80 ? 4 : 1)};
    if (id & 0x40)
        setting.value *= 257;
    gt_frame_write_settings(&m->wire, &setting, id & 0x20 ? 0 : 1);
}

void machine_peer_ping(machine *m)
{
    uint8_t flags = fuzz_byte(&m->in);
    begin(m);
    gt_frame_write_ping(&m->wire, flags, (const uint8_t *)"12345678");
}

void machine_peer_goaway(machine *m)
{
    int32_t last = machine_pick_stream(m);
    uint8_t code = fuzz_byte(&m->in);
    begin(m);
    gt_frame_write_goaway(&m->wire, last, code, fuzz_short_span(&m->in));
}

void machine_peer_window(machine *m)
{
    int32_t stream = machine_pick_stream(m);
    uint8_t kind = fuzz_byte(&m->in);
    begin(m);
    gt_frame_write_window_update(&m->wire, kind & 1 ? 0 : stream,
                                 fuzz_number(&m->in, 1 + (kind >> 6)));
}

/* ---- what is no frame, or a wrong one ----------------------------------------------------------
 */

void machine_peer_frame(machine *m)
{
    uint8_t type = fuzz_byte(&m->in), flags = fuzz_byte(&m->in), lie = fuzz_byte(&m->in);
    int32_t stream = machine_pick_stream(m);
    gt_bytes payload = fuzz_short_span(&m->in);
    uint32_t length = (uint32_t)payload.size;
    begin(m);
    if (lie & 0x80)
        length = lie & 0x7f;
    gt_frame_write_raw(&m->wire, length, type & 15, flags, (uint32_t)stream, payload);
}

void machine_peer_bytes(machine *m)
{
    begin(m);
    gt_buffer_add(&m->wire, fuzz_short_span(&m->in));
}

/* What was said last, over and over. */
void machine_peer_again(machine *m)
{
    size_t times = fuzz_byte(&m->in), size = m->wire.size - m->last_frame;
    if (size == 0 || size > 512)
        return;
    uint8_t *copy = gt__memdup(m->wire.data + m->last_frame, size);
    while (times-- > 0)
        gt_buffer_add(&m->wire, gt_bytes_of(copy, size));
    gt__free(copy);
}

/* One byte of what has not arrived yet becomes another. */
void machine_peer_spoil(machine *m)
{
    size_t at = fuzz_number(&m->in, 2);
    uint8_t byte = fuzz_byte(&m->in);
    if (m->wire.size > m->fed)
        m->wire.data[m->fed + at % (m->wire.size - m->fed)] ^= byte;
}
