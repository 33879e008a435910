/* The kinds of hostile input. Each writes what costs its sender least and us most. */
#include "attack.h"

#include <string.h>
#include <zlib.h>

enum {
    KIB = 1024,
    MIB = 1024 * 1024,
    FRAME = 16 * KIB,  /* the largest that we allow */
    BOMB = 3800,       /* one value that fills HPACK's table */
    MESSAGE = 4 * MIB, /* the largest that we take */
};

/* ---- header blocks by hand, for HPACK's table is what they are about --------------------------
 */

static void put_byte(gt_buffer *out, unsigned byte)
{
    uint8_t octet = (uint8_t)byte;
    gt_buffer_add(out, gt_bytes_of(&octet, 1));
}

/* RFC 7541 section 5.1, in seven bits of a byte whose first is 0. */
static void put_length(gt_buffer *out, size_t length)
{
    if (length < 127) {
        put_byte(out, (unsigned)length);
        return;
    }
    put_byte(out, 127);
    for (length -= 127; length >= 128; length >>= 7)
        put_byte(out, (unsigned)(length & 127) | 128);
    put_byte(out, (unsigned)length);
}

static void put_text(gt_buffer *out, const char *text, size_t size)
{
    put_length(out, size);
    gt_buffer_add(out, gt_bytes_of(text, size));
}

/* Literal, and put into the table. */
static void put_indexed(gt_buffer *out, const char *name, const char *value, size_t size)
{
    put_byte(out, 0x40);
    put_text(out, name, strlen(name));
    put_text(out, value, size);
}

static const char *filling(void)
{
    static char text[60 * KIB];
    if (!text[0])
        memset(text, 'x', sizeof text);
    return text;
}

/* The first request of a connection fills the table; the later ones are bytes that point there.
 * Entry 62 is the bomb. */
static void put_request_fields(attack *a, gt_buffer *block)
{
    put_byte(block, 0x83); /* :method: POST */
    put_byte(block, 0x86); /* :scheme: http */
    if (a->primed) {
        put_byte(block, 0x80 | 66);
        put_byte(block, 0x80 | 65);
        put_byte(block, 0x80 | 64);
        put_byte(block, 0x80 | 63);
        return;
    }
    put_indexed(block, ":path", "/h.H/Call", 9);
    put_indexed(block, ":authority", "x", 1);
    put_indexed(block, "te", "trailers", 8);
    put_indexed(block, "content-type", "application/grpc", 16);
    put_indexed(block, "x-bomb", filling(), BOMB);
}

static void put_response_fields(attack *a, gt_buffer *block)
{
    put_byte(block, 0x88); /* :status: 200 */
    if (a->primed) {
        put_byte(block, 0x80 | 63);
        return;
    }
    put_indexed(block, "content-type", "application/grpc", 16);
    put_indexed(block, "x-bomb", filling(), BOMB);
}

static void write_block(gt_buffer *out, int32_t stream, uint8_t flags, gt_buffer *block)
{
    gt_frame_write_raw(out, (uint32_t)block->size, GT_FRAME_HEADERS, flags | GT_FLAG_END_HEADERS,
                       (uint32_t)stream, gt_buffer_bytes(block));
    gt_buffer_cleanup(block);
}

/* Opens the next stream of a connection by a request in which the bomb is said so often. */
static int32_t open_stream(attack *a, gt_buffer *out, int bombs)
{
    int32_t stream = a->next;
    gt_buffer block = {0};
    put_request_fields(a, &block);
    while (bombs-- > 0)
        put_byte(&block, 0x80 | 62);
    write_block(out, stream, 0, &block);
    a->primed = true;
    a->next += 2;
    return stream;
}

/* The next call of the client that has no answer yet; 0 when there is none. */
static int32_t answer_stream(attack *a, gt_buffer *out, int bombs)
{
    if (a->next > a->opened)
        return 0;
    int32_t stream = a->next;
    gt_buffer block = {0};
    put_response_fields(a, &block);
    while (bombs-- > 0)
        put_byte(&block, 0x80 | 62);
    write_block(out, stream, 0, &block);
    a->primed = true;
    a->next += 2;
    return stream;
}

/* ---- headers -----------------------------------------------------------------------------------
 */

static void header_lists(attack *a, gt_buffer *out)
{
    gt_headers *headers = gt_headers_request("/h.H/Call");
    for (int i = 0; i < 4; i++)
        gt_headers_add_bytes(headers, gt_bytes_str("x-list"), gt_bytes_of(filling(), 15 * KIB));
    const gt_block_options split = {.split = FRAME};
    gt_frame_write_headers_with(out, a->next, GT_FLAG_END_HEADERS, headers, &split);
    a->next += 2;
    gt_headers_free(headers);
}

/* 16 times 3,838 is just below the 64 KiB that a list may have. */
static void hpack_bombs(attack *a, gt_buffer *out)
{
    open_stream(a, out, 16);
}

static void hpack_bombs_over_the_limit(attack *a, gt_buffer *out)
{
    open_stream(a, out, 15 * KIB);
}

static void hpack_bombs_at_a_client(attack *a, gt_buffer *out)
{
    answer_stream(a, out, 16);
}

static void continuations(attack *a, gt_buffer *out)
{
    gt_buffer block = {0};
    if (!a->primed) {
        put_request_fields(a, &block);
        gt_frame_write_raw(out, (uint32_t)block.size, GT_FRAME_HEADERS, 0, 1,
                           gt_buffer_bytes(&block));
        a->primed = true;
    }
    gt_buffer_clear(&block);
    put_byte(&block, 0x00);
    put_text(&block, "x-more", 6);
    put_text(&block, filling(), 8 * KIB);
    gt_frame_write_continuation(out, 1, 0, gt_buffer_bytes(&block));
    gt_buffer_cleanup(&block);
}

static void empty_continuations(attack *a, gt_buffer *out)
{
    if (!a->primed)
        continuations(a, out);
    gt_frame_write_continuation(out, 1, 0, gt_bytes_of(NULL, 0));
}

static void informational_responses(attack *a, gt_buffer *out)
{
    if (a->opened >= 1)
        gt_frame_write_headers_text(out, 1, GT_FLAG_END_HEADERS, ":status: 103\nlink: x\n");
}

/* ---- streams -----------------------------------------------------------------------------------
 */

static void half_open_streams(attack *a, gt_buffer *out)
{
    open_stream(a, out, 0);
}

static void rapid_resets(attack *a, gt_buffer *out)
{
    int32_t stream = open_stream(a, out, 0);
    gt_frame_write_rst_stream(out, stream, GT_H2_CANCEL);
}

static void rapid_resets_of_hpack_bombs(attack *a, gt_buffer *out)
{
    int32_t stream = open_stream(a, out, 16);
    gt_frame_write_rst_stream(out, stream, GT_H2_CANCEL);
}

/* The peer is made to reset: a window of 2^31. */
static void made_resets(attack *a, gt_buffer *out)
{
    int32_t stream = open_stream(a, out, 0);
    gt_frame_write_window_update(out, stream, 0x7fffffff);
}

static void resets_at_a_client(attack *a, gt_buffer *out)
{
    int32_t stream = answer_stream(a, out, 0);
    if (stream > 0)
        gt_frame_write_rst_stream(out, stream, GT_H2_CANCEL);
}

/* ---- control frames ----------------------------------------------------------------------------
 */

static void pings(attack *a, gt_buffer *out)
{
    (void)a;
    gt_frame_write_ping(out, 0, (const uint8_t *)"pingping");
}

static void settings(attack *a, gt_buffer *out)
{
    (void)a;
    gt_frame_write_settings(out, NULL, 0);
}

static void settings_of_every_number(attack *a, gt_buffer *out)
{
    static gt_setting list[2000];
    (void)a;
    for (size_t i = 0; i < 2000; i++)
        list[i] = (gt_setting){(uint16_t)(100 + i), (uint32_t)i};
    gt_frame_write_settings(out, list, 2000);
}

static void window_updates(attack *a, gt_buffer *out)
{
    (void)a;
    gt_frame_write_window_update(out, 0, 1);
}

static void priorities(attack *a, gt_buffer *out)
{
    a->next += 2;
    gt_frame_write_priority(out, a->next, 0, false, 1);
}

static void unknown_frames(attack *a, gt_buffer *out)
{
    (void)a;
    gt_frame_write_raw(out, 10, 0xfb, 0xff, 77, gt_bytes_str("0123456789"));
}

static void goaways(attack *a, gt_buffer *out)
{
    (void)a;
    gt_frame_write_goaway(out, 0x7fffffff, GT_H2_NO_ERROR, gt_bytes_of(filling(), FRAME - 8));
}

static void pushes(attack *a, gt_buffer *out)
{
    gt_headers *headers = gt_headers_request("/h.H/Call");
    a->next += 2;
    gt_frame_write_push_promise(out, 1, GT_FLAG_END_HEADERS, a->next, headers);
    gt_headers_free(headers);
}

/* ---- data --------------------------------------------------------------------------------------
 */

static int32_t next_stream(attack *a, gt_buffer *out)
{
    return a->kind->on_client ? answer_stream(a, out, 0) : open_stream(a, out, 0);
}

static void empty_data(attack *a, gt_buffer *out)
{
    if (!a->primed)
        open_stream(a, out, 0);
    gt_frame_write_data(out, 1, 0, gt_bytes_of(NULL, 0));
}

/* One stream's window full of bytes: 65,535. */
static void write_window(gt_buffer *out, int32_t stream, gt_bytes bytes)
{
    for (size_t at = 0; at < bytes.size; at += FRAME) {
        size_t left = bytes.size - at;
        gt_frame_write_data(out, stream, 0,
                            gt_bytes_of(bytes.data + at, left < FRAME ? left : FRAME));
    }
}

static void empty_messages(attack *a, gt_buffer *out)
{
    static const uint8_t zeros[65535];
    int32_t stream = next_stream(a, out);
    if (stream > 0)
        write_window(out, stream, gt_bytes_of(zeros, sizeof zeros));
}

static void unread_messages(attack *a, gt_buffer *out)
{
    gt_buffer messages = {0};
    int32_t stream = next_stream(a, out);
    while (messages.size + 1005 < 65535)
        gt_message_write(&messages, gt_bytes_of(filling(), 1000));
    if (stream > 0)
        write_window(out, stream, gt_buffer_bytes(&messages));
    gt_buffer_cleanup(&messages);
}

/* A byte of a message that says it has 4 GiB, or as many as are allowed. */
static void write_claim(attack *a, gt_buffer *out, uint32_t claim)
{
    gt_buffer data = {0};
    int32_t stream = next_stream(a, out);
    gt_message_write_prefix(&data, 0, claim);
    put_byte(&data, 'x');
    if (stream > 0)
        gt_frame_write_data(out, stream, 0, gt_buffer_bytes(&data));
    gt_buffer_cleanup(&data);
}

static void claims_of_4_gib(attack *a, gt_buffer *out)
{
    write_claim(a, out, UINT32_MAX);
}

static void claims_of_4_mib(attack *a, gt_buffer *out)
{
    write_claim(a, out, MESSAGE);
}

/* ---- gzip bombs --------------------------------------------------------------------------------
 */

/* So many MiB of zeros in gzip, as one message. */
static gt_bytes make_bomb(size_t mib, uint8_t *room, size_t size)
{
    static uint8_t zeros[MIB];
    z_stream z = {.next_out = room + 5, .avail_out = (uInt)size - 5};
    deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    while (mib-- > 0) {
        z.next_in = zeros;
        z.avail_in = MIB;
        deflate(&z, mib > 0 ? Z_NO_FLUSH : Z_FINISH);
    }
    size_t packed = z.total_out;
    deflateEnd(&z);
    const uint8_t prefix[5] = {1, 0, 0, (uint8_t)(packed >> 8), (uint8_t)packed};
    memcpy(room, prefix, sizeof prefix);
    return gt_bytes_of(room, packed + 5);
}

static int32_t open_compressed(attack *a, gt_buffer *out)
{
    int32_t stream = a->next;
    if (a->kind->on_client && stream > a->opened)
        return 0;
    const char *lines =
        a->kind->on_client
            ? ":status: 200\ncontent-type: application/grpc\ngrpc-encoding: gzip\n"
            : ":method: POST\n:scheme: http\n:path: /h.H/Call\n:authority: x\nte: trailers\n"
              "content-type: application/grpc\ngrpc-encoding: gzip\n";
    gt_frame_write_headers_text(out, stream, GT_FLAG_END_HEADERS, lines);
    a->next += 2;
    return stream;
}

static void gzip_bombs(attack *a, gt_buffer *out)
{
    static uint8_t room[65535];
    static gt_bytes bomb;
    int32_t stream = open_compressed(a, out);
    if (!bomb.data)
        bomb = make_bomb(60, room, sizeof room);
    if (stream > 0)
        write_window(out, stream, bomb);
}

/* Each is as large as allowed, and as many wait as the window takes. */
static void unread_gzip_bombs(attack *a, gt_buffer *out)
{
    static uint8_t room[8 * KIB];
    static gt_bytes bomb;
    int32_t stream = open_compressed(a, out);
    if (!bomb.data)
        bomb = make_bomb(MESSAGE / MIB, room, sizeof room);
    for (size_t sent = 0; stream > 0 && sent + bomb.size <= 65535; sent += bomb.size)
        write_window(out, stream, bomb);
}

/* ---- protobuf: one message as large as allowed -------------------------------------------------
 */

/* `fill` makes the message once. It goes out in pieces of a window; the handler reads, and so the
 * windows open again. */
static void write_message(attack *a, gt_buffer *out, void (*fill)(uint8_t *bytes))
{
    static uint8_t message[5 + MESSAGE];
    static void (*filled)(uint8_t * bytes);
    if (filled != fill) {
        memset(message, 0, sizeof message);
        message[1] = MESSAGE >> 24;
        message[2] = MESSAGE >> 16 & 0xff;
        fill(message + 5);
        filled = fill;
    }
    int32_t stream = open_stream(a, out, 0);
    write_window(out, stream, gt_bytes_of(message, sizeof message));
}

/* Outermost first; each length counts what is inside. */
static void nest(uint8_t *bytes)
{
    enum { LEVEL = 6 };
    for (size_t at = 0; at + LEVEL <= MESSAGE; at += LEVEL) {
        size_t inside = MESSAGE - at - LEVEL;
        const uint8_t level[LEVEL] = {
            0x8a,
            0x01,
            (uint8_t)(inside | 0x80),
            (uint8_t)(inside >> 7 | 0x80),
            (uint8_t)(inside >> 14 | 0x80),
            (uint8_t)(inside >> 21 & 0x7f),
        };
        memcpy(bytes + at, level, LEVEL);
    }
}

static void nested_messages(attack *a, gt_buffer *out)
{
    write_message(a, out, nest);
}

static void fill_fields(uint8_t *bytes)
{
    for (size_t at = 0; at < MESSAGE; at += 2)
        memcpy(bytes + at, "\x08\x01", 2);
}

static void fields_without_end(attack *a, gt_buffer *out)
{
    write_message(a, out, fill_fields);
}

/* As many empty children as the limit of fields lets through, and one unknown field to the end:
 * what takes most memory for its bytes. */
static void fill_children(uint8_t *bytes)
{
    size_t at = 0;
    for (; at < (size_t)3 * 990000; at += 3)
        memcpy(bytes + at, "\xba\x01\x00", 3);
    size_t left = MESSAGE - at - 6;
    const uint8_t unknown[6] = {0xa2,
                                0x06,
                                (uint8_t)(left | 0x80),
                                (uint8_t)(left >> 7 | 0x80),
                                (uint8_t)(left >> 14 | 0x80),
                                (uint8_t)(left >> 21 & 0x7f)};
    memcpy(bytes + at, unknown, 6);
}

static void empty_children(attack *a, gt_buffer *out)
{
    write_message(a, out, fill_children);
}

/* ---- all of them -------------------------------------------------------------------------------
 */

#define KIND(kind) .name = #kind, .write = kind
#define CLIENT .on_client = true, .unread = true
#define UNREAD .unread = true

/* What each may take: next to nothing where nothing is kept. */
#define NOTHING .limit = (size_t)2 * MIB
#define LIMIT(mib) .limit = (size_t)(mib)*MIB

const attack_kind attack_kinds[] = {
    {KIND(header_lists), UNREAD, LIMIT(96)}, /* max_open_headers */
    {KIND(hpack_bombs), UNREAD, .slow = true, LIMIT(96)},
    {KIND(hpack_bombs_over_the_limit), NOTHING},
    {KIND(hpack_bombs_at_a_client), CLIENT, .slow = true,
     LIMIT(16)}, /* a list for each of its calls */
    {KIND(continuations), NOTHING},
    {KIND(empty_continuations), NOTHING},
    {KIND(informational_responses), CLIENT, NOTHING},
    {KIND(half_open_streams), UNREAD, LIMIT(40)}, /* 10,000 calls */
    {.name = "unread_answers",
     .write = half_open_streams,
     .deaf = true,
     .answered = true,
     LIMIT(80)},
    {KIND(rapid_resets), UNREAD, LIMIT(8)},
    {KIND(rapid_resets_of_hpack_bombs), UNREAD, .slow = true, LIMIT(96)},
    {KIND(made_resets), UNREAD, LIMIT(8)},
    {KIND(resets_at_a_client), CLIENT, LIMIT(8)},
    {KIND(pings), .deaf = true, NOTHING},
    {KIND(settings), .deaf = true, NOTHING},
    {KIND(settings_of_every_number), NOTHING},
    {KIND(window_updates), NOTHING},
    {KIND(priorities), NOTHING},
    {KIND(unknown_frames), NOTHING},
    {KIND(goaways), NOTHING},
    {KIND(pushes), CLIENT, NOTHING},
    {KIND(empty_data), NOTHING},
    {KIND(empty_messages), UNREAD, LIMIT(48)}, /* max_waiting_messages */
    {KIND(empty_messages), CLIENT, LIMIT(48)},
    {KIND(unread_messages), UNREAD, LIMIT(700)}, /* 10,000 windows */
    {KIND(unread_messages), CLIENT, LIMIT(16)},  /* 100 windows */
    {KIND(claims_of_4_gib), UNREAD, LIMIT(8)},
    {KIND(claims_of_4_mib), UNREAD, LIMIT(48)},                  /* 10,000 calls */
    {KIND(gzip_bombs), UNREAD, LIMIT(8)},                        /* max_receive_size */
    {KIND(unread_gzip_bombs), UNREAD, .slow = true, LIMIT(720)}, /* as they came, some inflated */
    {KIND(unread_gzip_bombs), CLIENT, .slow = true, LIMIT(24)},
    {KIND(nested_messages), LIMIT(16)},
    {KIND(fields_without_end), LIMIT(16)},
    {KIND(empty_children), LIMIT(272)}, /* protobufc.h: 64 bytes for each byte */
};
const size_t attack_kind_count = sizeof attack_kinds / sizeof attack_kinds[0];
