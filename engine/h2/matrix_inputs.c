#include "matrix_inputs.h"

#define BYTES(literal) .payload = (literal), .size = sizeof(literal) - 1
#define ZEROS(count) .size = (count)
#define FRAME(TYPE, FLAGS, STREAM) .type = GT_FRAME_##TYPE, .flags = (FLAGS), .stream = (STREAM)
#define COMES(SERVER, CLIENT) .server = (SERVER), .client = (CLIENT)

/* Flags, for short. */
#define NONE 0
#define END GT_FLAG_END_STREAM
#define BLOCK GT_FLAG_END_HEADERS
#define BLOCK_END (GT_FLAG_END_HEADERS | GT_FLAG_END_STREAM)
#define ACK GT_FLAG_ACK
#define PADDED GT_FLAG_PADDED
#define PADDED_BLOCK (GT_FLAG_PADDED | GT_FLAG_END_HEADERS)
#define PRIORITY_BLOCK (GT_FLAG_PRIORITY | GT_FLAG_END_HEADERS)

/* Fields as HPACK has them, none of them put into its table. */
#define METHOD "\x83"
#define SCHEME "\x86"
#define PATH "\x04\x06/a.B/C"
#define AUTHORITY "\x01\x01x"
#define TE "\x00\x02te\x08trailers"
#define GRPC                                                                                       \
    "\x0f\x10\x10"                                                                                 \
    "application/grpc"
#define REQUEST METHOD SCHEME PATH AUTHORITY TE GRPC
#define RESPONSE "\x88" GRPC
#define STATUS                                                                                     \
    "\x00\x0bgrpc-status\x01"                                                                      \
    "0"
#define TRAILERS_ONLY RESPONSE STATUS

const matrix_input matrix_inputs[] = {
    /* ---- DATA (section 6.1) ---- */
    {"DATA", FRAME(DATA, NONE, SUBJECT), BYTES("\0\0\0\0\0"), COMES("PP.c~~...P", "PPpp~~..pP")},
    {"DATA, empty", FRAME(DATA, NONE, SUBJECT), COMES("PP.c~~...P", "PPpp~~..pP")},
    {"DATA that ends the stream", FRAME(DATA, END, SUBJECT), COMES("PP.c~~...P", "PPpp~~.npP")},
    {"DATA on stream 0", FRAME(DATA, NONE, CONNECTION), BYTES("\0\0\0\0\0"),
     COMES("PPPPPPPPPP", "PPPPPPPPPP")},
    {"DATA on an even stream", FRAME(DATA, NONE, EVEN), BYTES("\0\0\0\0\0"),
     COMES("PPPPPPPPPP", "PPPPPPPPPP")},
    {"DATA, padded", FRAME(DATA, PADDED, SUBJECT), BYTES("\2\0\0\0\0\0\0\0"),
     COMES("PP.c~~...P", "PPpp~~..pP")},
    {"DATA, nothing but padding", FRAME(DATA, PADDED, SUBJECT), BYTES("\2\0\0"),
     COMES("PP.c~~...P", "PPpp~~..pP")},
    {"DATA, padding longer than the payload", FRAME(DATA, PADDED, SUBJECT), BYTES("\3\0\0"),
     COMES("PPPc~~.PPP", "PPPP~~.PPP")},
    {"DATA, padded, without a pad length", FRAME(DATA, PADDED, SUBJECT),
     COMES("PPzc~~.zzP", "PPpp~~.zpP")},
    {"DATA larger than MAX_FRAME_SIZE", FRAME(DATA, NONE, SUBJECT), ZEROS(16385),
     COMES("PZzzzzzzzP", "PZzzzzzzzP")},
    {"DATA with flags that it does not have", FRAME(DATA, 0xf6, SUBJECT), BYTES("\0\0\0\0\0"),
     COMES("PP.c~~...P", "PPpp~~..pP")},
    {"DATA with the reserved bit", FRAME(DATA, NONE, SUBJECT), BYTES("\0\0\0\0\0"),
     .reserved = true, COMES("PP.c~~...P", "PPpp~~..pP")},

    /* ---- HEADERS (section 6.2) ---- */
    {"request", FRAME(HEADERS, BLOCK, SUBJECT), BYTES(REQUEST), COMES("P.pc~~.ppP", "PPpp~~.ppP")},
    {"request that ends the stream", FRAME(HEADERS, BLOCK_END, SUBJECT), BYTES(REQUEST),
     COMES("P.pc~~.ppP", NULL)},
    {"request on stream 0", FRAME(HEADERS, BLOCK, CONNECTION), BYTES(REQUEST),
     COMES("PPPPPPPPPP", NULL)},
    {"request on an even stream", FRAME(HEADERS, BLOCK, EVEN), BYTES(REQUEST),
     COMES("PPPPPPPPPP", "PPPPPPPPPP")},
    {"request on a stream passed over", FRAME(HEADERS, BLOCK, UNUSED), BYTES(REQUEST),
     COMES("P~~~~~~~~P", NULL)},
    {"request with the reserved bit", FRAME(HEADERS, BLOCK, SUBJECT), BYTES(REQUEST),
     .reserved = true, COMES("P.pc~~.ppP", NULL)},
    {"request, padded", FRAME(HEADERS, PADDED_BLOCK, SUBJECT), BYTES("\2" REQUEST "\0\0"),
     COMES("P.pc~~.ppP", NULL)},
    {"request, padding longer than the payload", FRAME(HEADERS, PADDED_BLOCK, SUBJECT),
     BYTES("\xff" REQUEST), COMES("PPPPPPPPPP", NULL)},
    {"request with a priority", FRAME(HEADERS, PRIORITY_BLOCK, SUBJECT),
     BYTES("\0\0\0\0\0" REQUEST), COMES("P.pc~~.ppP", NULL)},
    {"request that depends on itself", FRAME(HEADERS, PRIORITY_BLOCK, SUBJECT),
     BYTES("\0\0\0\5\0" REQUEST), COMES("PPpc~~.ppP", NULL)},
    {"HEADERS too short for a priority", FRAME(HEADERS, PRIORITY_BLOCK, SUBJECT), BYTES("\0\0\0\0"),
     COMES("PZZZZZZZZP", "PZZZZZZZZP")},
    {"HEADERS, padded, without a pad length", FRAME(HEADERS, PADDED_BLOCK, SUBJECT),
     COMES("PPPPPPPPPP", "PPPPPPPPPP")},
    {"HEADERS larger than MAX_FRAME_SIZE", FRAME(HEADERS, BLOCK, SUBJECT), ZEROS(16385),
     COMES("PZZZZZZZZP", "PZZZZZZZZP")},
    {"HEADERS of no fields", FRAME(HEADERS, BLOCK, SUBJECT), COMES("Pppc~~.ppP", "PPpp~~.ppP")},
    {"trailers", FRAME(HEADERS, BLOCK_END, SUBJECT), BYTES(STATUS),
     COMES("Pp.c~~...P", "PPpp~~.npP")},
    {"trailers that do not end the stream", FRAME(HEADERS, BLOCK, SUBJECT), BYTES(STATUS),
     COMES("Pppc~~.ppP", "PPpp~~.ppP")},
    {"response", FRAME(HEADERS, BLOCK, SUBJECT), BYTES(RESPONSE),
     COMES("Pppc~~.ppP", "PP..~~.p.P")},
    {"response on stream 0", FRAME(HEADERS, BLOCK, CONNECTION), BYTES(RESPONSE),
     COMES(NULL, "PPPPPPPPPP")},
    {"trailers-only response", FRAME(HEADERS, BLOCK_END, SUBJECT), BYTES(TRAILERS_ONLY),
     COMES(NULL, "PPne~~.pnP")},
    {"informational response", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES("\x08\x03"
           "103"),
     COMES(NULL, "PP..~~.p.P")},
    {"informational response that ends the stream", FRAME(HEADERS, BLOCK_END, SUBJECT),
     BYTES("\x08\x03"
           "103"),
     COMES(NULL, "PPpp~~.ppP")},
    {"switching protocols", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES("\x08\x03"
           "101"),
     COMES(NULL, "PPpp~~.ppP")},

    /* ---- fields that are malformed (section 8.2, 8.3) ---- */
    {"request without :path", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(METHOD SCHEME AUTHORITY TE GRPC), COMES("Pppc~~.ppP", NULL)},
    {"request without :method", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(SCHEME PATH AUTHORITY TE GRPC), COMES("Pppc~~.ppP", NULL)},
    {"request without :scheme", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(METHOD PATH AUTHORITY TE GRPC), COMES("Pppc~~.ppP", NULL)},
    {"request with two :path", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(METHOD SCHEME PATH PATH AUTHORITY TE GRPC), COMES("Pppc~~.ppP", NULL)},
    {"request with an empty :path", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(METHOD SCHEME "\x04\x00" AUTHORITY TE GRPC), COMES("Pppc~~.ppP", NULL)},
    {"request with a late :path", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(METHOD SCHEME AUTHORITY TE PATH GRPC), COMES("Pppc~~.ppP", NULL)},
    {"request with :status", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(METHOD SCHEME PATH AUTHORITY "\x88" TE GRPC), COMES("Pppc~~.ppP", NULL)},
    {"request with an unknown pseudo-header", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(METHOD SCHEME PATH AUTHORITY "\x00\x02:x\x01y" TE GRPC), COMES("Pppc~~.ppP", NULL)},
    {"request with a name in capitals", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(REQUEST "\x00\x03X-A\x01y"), COMES("Pppc~~.ppP", NULL)},
    {"request with a name of no characters", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(REQUEST "\x00\x00\x01y"), COMES("P~pc~~.ppP", NULL)},
    {"request with a space in a name", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(REQUEST "\x00\x03x a\x01y"), COMES("P~pc~~.ppP", NULL)},
    {"request with a line end in a value", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(REQUEST "\x00\x01x\x03"
                   "a\nb"),
     COMES("P~pc~~.ppP", NULL)},
    {"request with a NUL in a value", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(REQUEST "\x00\x01x\x03"
                   "a\0b"),
     COMES("P~pc~~.ppP", NULL)},
    {"request with connection: close", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(REQUEST "\x00\x0a"
                   "connection\x05"
                   "close"),
     COMES("Pppc~~.ppP", NULL)},
    {"request with transfer-encoding", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(REQUEST "\x00\x11transfer-encoding\x07"
                   "chunked"),
     COMES("Pppc~~.ppP", NULL)},
    {"request with te: gzip", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(METHOD SCHEME PATH AUTHORITY "\x00\x02te\x04gzip" GRPC), COMES("Pppc~~.ppP", NULL)},
    {"request with a content-length of two numbers", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(REQUEST "\x00\x0e"
                   "content-length\x03"
                   "1,2"),
     COMES("Pppc~~.ppP", NULL)},
    {"request that ends short of its content-length", FRAME(HEADERS, BLOCK_END, SUBJECT),
     BYTES(REQUEST "\x00\x0e"
                   "content-length\x01"
                   "5"),
     COMES("Pppc~~.ppP", NULL)},
    {"trailers with a pseudo-header", FRAME(HEADERS, BLOCK_END, SUBJECT), BYTES(STATUS PATH),
     COMES("Pppc~~.ppP", "PPpp~~.ppP")},
    {"response without :status", FRAME(HEADERS, BLOCK, SUBJECT), BYTES(GRPC),
     COMES(NULL, "PPpp~~.ppP")},
    {"response with two :status", FRAME(HEADERS, BLOCK, SUBJECT), BYTES("\x88\x88" GRPC),
     COMES(NULL, "PPpp~~.ppP")},
    {"response with a :status of two digits", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES("\x08\x02"
           "20" GRPC),
     COMES(NULL, "PPpp~~.ppP")},
    {"response with :path", FRAME(HEADERS, BLOCK, SUBJECT), BYTES("\x88" PATH GRPC),
     COMES(NULL, "PPpp~~.ppP")},
    {"response with a name in capitals", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(RESPONSE "\x00\x03X-A\x01y"), COMES(NULL, "PPpp~~.ppP")},
    {"response with connection: close", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(RESPONSE "\x00\x0a"
                    "connection\x05"
                    "close"),
     COMES(NULL, "PPpp~~.ppP")},

    /* ---- HPACK that is wrong (RFC 7541) ---- */
    {"HPACK: index 0", FRAME(HEADERS, BLOCK, SUBJECT), BYTES("\x80"),
     COMES("PHHcHHHHHP", "PPHHHHHHHP")},
    {"HPACK: an index beyond the table", FRAME(HEADERS, BLOCK, SUBJECT), BYTES("\xff\x20"),
     COMES("PHHcHHHHHP", "PPHHHHHHHP")},
    {"HPACK: an integer without end", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), COMES("PHHcHHHHHP", "PPHHHHHHHP")},
    {"HPACK: an integer cut short", FRAME(HEADERS, BLOCK, SUBJECT), BYTES("\xff\xff"),
     COMES("PHHcHHHHHP", "PPHHHHHHHP")},
    {"HPACK: a text longer than its block", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES("\x00\x01x\x7f\x01y"), COMES("PHHcHHHHHP", "PPHHHHHHHP")},
    {"HPACK: Huffman code that ends in zeros", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES("\x00\x01x\x81\x00"), COMES("PHHcHHHHHP", "PPHHHHHHHP")},
    {"HPACK: Huffman code of end-of-string", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES("\x00\x01x\x84\xff\xff\xff\xff"), COMES("PHHcHHHHHP", "PPHHHHHHHP")},
    {"HPACK: a table larger than allowed", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES("\x3f\xe2\x1f" REQUEST), COMES("PHHcHHHHHP", "PPHHHHHHHP")},
    {"HPACK: a table size after a field", FRAME(HEADERS, BLOCK, SUBJECT),
     BYTES(METHOD "\x20" SCHEME PATH), COMES("PHHcHHHHHP", "PPHHHHHHHP")},

    /* ---- PRIORITY (section 6.3) ---- */
    {"PRIORITY", FRAME(PRIORITY, NONE, SUBJECT), ZEROS(5), COMES("P........P", "P........P")},
    {"PRIORITY on stream 0", FRAME(PRIORITY, NONE, CONNECTION), ZEROS(5),
     COMES("P~~~~~~~~P", "PPPPPPPPPP")},
    {"PRIORITY of four bytes", FRAME(PRIORITY, NONE, SUBJECT), ZEROS(4),
     COMES("PzzzzzzzzP", "PzzzzzzzzP")},
    {"PRIORITY of six bytes", FRAME(PRIORITY, NONE, SUBJECT), ZEROS(6),
     COMES("PzzzzzzzzP", "PzzzzzzzzP")},

    /* ---- RST_STREAM (section 6.4) ---- */
    {"RST_STREAM", FRAME(RST_STREAM, NONE, SUBJECT), BYTES("\0\0\0\x8"),
     COMES("PPee...eeP", "PPee...eeP")},
    {"RST_STREAM with an unknown code", FRAME(RST_STREAM, NONE, SUBJECT), BYTES("\xff\xff\xff\xff"),
     COMES("PPee...eeP", "PPee...eeP")},
    {"RST_STREAM on stream 0", FRAME(RST_STREAM, NONE, CONNECTION), ZEROS(4),
     COMES("PPPPPPPPPP", "PPPPPPPPPP")},
    {"RST_STREAM on an even stream", FRAME(RST_STREAM, NONE, EVEN), ZEROS(4),
     COMES("PPPPPPPPPP", "PPPPPPPPPP")},
    {"RST_STREAM of three bytes", FRAME(RST_STREAM, NONE, SUBJECT), ZEROS(3),
     COMES("PZZZZZZZZP", "PZZZZZZZZP")},
    {"RST_STREAM of five bytes", FRAME(RST_STREAM, NONE, SUBJECT), ZEROS(5),
     COMES("PZZZZZZZZP", "PZZZZZZZZP")},

    /* ---- SETTINGS (section 6.5) ---- */
    {"SETTINGS", FRAME(SETTINGS, NONE, CONNECTION), COMES(".........P", ".........P")},
    {"SETTINGS of an unknown number", FRAME(SETTINGS, NONE, CONNECTION), BYTES("\xff\xff\0\0\0\1"),
     COMES(".........P", ".........P")},
    {"SETTINGS on a stream", FRAME(SETTINGS, NONE, SUBJECT), COMES("PPPPPPPPPP", "PPPPPPPPPP")},
    {"SETTINGS of five bytes", FRAME(SETTINGS, NONE, CONNECTION), ZEROS(5),
     COMES("ZZZZZZZZZP", "ZZZZZZZZZP")},
    {"SETTINGS, acknowledged with a payload", FRAME(SETTINGS, ACK, CONNECTION),
     BYTES("\0\1\0\0\0\0"), COMES("PZZZZZZZZP", "PZZZZZZZZP")},
    {"SETTINGS: ENABLE_PUSH of 2", FRAME(SETTINGS, NONE, CONNECTION), BYTES("\0\2\0\0\0\2"),
     COMES("PPPPPPPPPP", "PPPPPPPPPP")},
    {"SETTINGS: ENABLE_PUSH of 1", FRAME(SETTINGS, NONE, CONNECTION), BYTES("\0\2\0\0\0\1"),
     COMES(".........P", "PPPPPPPPPP")},
    {"SETTINGS: a window of 2^31", FRAME(SETTINGS, NONE, CONNECTION), BYTES("\0\4\x80\0\0\0"),
     COMES("FFFFFFFFFP", "FFFFFFFFFP")},
    {"SETTINGS: a window of 0", FRAME(SETTINGS, NONE, CONNECTION), BYTES("\0\4\0\0\0\0"),
     COMES(".........P", ".........P")},
    {"SETTINGS: frames of 16,383 bytes", FRAME(SETTINGS, NONE, CONNECTION),
     BYTES("\0\5\0\0\x3f\xff"), COMES("PPPPPPPPPP", "PPPPPPPPPP")},
    {"SETTINGS: frames of 2^24 bytes", FRAME(SETTINGS, NONE, CONNECTION), BYTES("\0\5\1\0\0\0"),
     COMES("PPPPPPPPPP", "PPPPPPPPPP")},
    {"SETTINGS: a table of 4 GiB", FRAME(SETTINGS, NONE, CONNECTION), BYTES("\0\1\xff\xff\xff\xff"),
     COMES(".........P", ".........P")},

    /* ---- PUSH_PROMISE (section 6.6): no client pushes, and ours takes none ---- */
    {"PUSH_PROMISE", FRAME(PUSH_PROMISE, BLOCK, SUBJECT), BYTES("\0\0\0\2" REQUEST),
     COMES("PPPPPPPPPP", "PPPPPPPPPP")},
    {"PUSH_PROMISE on stream 0", FRAME(PUSH_PROMISE, BLOCK, CONNECTION), BYTES("\0\0\0\2" REQUEST),
     COMES("PPPPPPPPPP", "PPPPPPPPPP")},
    {"PUSH_PROMISE of three bytes", FRAME(PUSH_PROMISE, BLOCK, SUBJECT), ZEROS(3),
     COMES("PZZZZZZZZP", "PZZZZZZZZP")},

    /* ---- PING (section 6.7) ---- */
    {"PING", FRAME(PING, NONE, CONNECTION), ZEROS(8), COMES("P........P", "P........P")},
    {"PING, acknowledged and never sent", FRAME(PING, ACK, CONNECTION), ZEROS(8),
     COMES("P........P", "P........P")},
    {"PING on a stream", FRAME(PING, NONE, SUBJECT), ZEROS(8), COMES("PPPPPPPPPP", "PPPPPPPPPP")},
    {"PING of seven bytes", FRAME(PING, NONE, CONNECTION), ZEROS(7),
     COMES("PZZZZZZZZP", "PZZZZZZZZP")},
    {"PING of nine bytes", FRAME(PING, NONE, CONNECTION), ZEROS(9),
     COMES("PZZZZZZZZP", "PZZZZZZZZP")},

    /* ---- GOAWAY (section 6.8) ---- */
    {"GOAWAY", FRAME(GOAWAY, NONE, CONNECTION), ZEROS(8), COMES("P........P", "P.ee...eeP")},
    {"GOAWAY that names a stream of its sender", FRAME(GOAWAY, NONE, CONNECTION),
     BYTES("\0\0\0\x0f\0\0\0\0"), COMES("PPPPPPPPPP", NULL)},
    {"GOAWAY that names a later stream than before", FRAME(GOAWAY, NONE, CONNECTION),
     BYTES("\0\0\0\x0f\0\0\0\0"), COMES(NULL, "P.......PP")},
    {"GOAWAY on a stream", FRAME(GOAWAY, NONE, SUBJECT), ZEROS(8),
     COMES("PPPPPPPPPP", "PPPPPPPPPP")},
    {"GOAWAY of seven bytes", FRAME(GOAWAY, NONE, CONNECTION), ZEROS(7),
     COMES("PZZZZZZZZP", "PZZZZZZZZP")},

    /* ---- WINDOW_UPDATE (section 6.9) ---- */
    {"WINDOW_UPDATE of the stream", FRAME(WINDOW_UPDATE, NONE, SUBJECT), BYTES("\0\0\0\1"),
     COMES("PP.......P", "PP.......P")},
    {"WINDOW_UPDATE of the connection", FRAME(WINDOW_UPDATE, NONE, CONNECTION), BYTES("\0\0\0\1"),
     COMES("P........P", "P........P")},
    {"WINDOW_UPDATE of an even stream", FRAME(WINDOW_UPDATE, NONE, EVEN), BYTES("\0\0\0\1"),
     COMES("PPPPPPPPPP", "PPPPPPPPPP")},
    {"WINDOW_UPDATE of the stream by 0", FRAME(WINDOW_UPDATE, NONE, SUBJECT), ZEROS(4),
     COMES("PPpp...ppP", "PPpp...ppP")},
    {"WINDOW_UPDATE of the connection by 0", FRAME(WINDOW_UPDATE, NONE, CONNECTION), ZEROS(4),
     COMES("PPPPPPPPPP", "PPPPPPPPPP")},
    {"WINDOW_UPDATE of the stream beyond 2^31-1", FRAME(WINDOW_UPDATE, NONE, SUBJECT),
     BYTES("\x7f\xff\xff\xff"), COMES("PPff...ffP", "PPff...ffP")},
    {"WINDOW_UPDATE of the connection beyond 2^31-1", FRAME(WINDOW_UPDATE, NONE, CONNECTION),
     BYTES("\x7f\xff\xff\xff"), COMES("PFFFFFFFFP", "PFFFFFFFFP")},
    {"WINDOW_UPDATE of three bytes", FRAME(WINDOW_UPDATE, NONE, SUBJECT), ZEROS(3),
     COMES("PZZZZZZZZP", "PZZZZZZZZP")},
    {"WINDOW_UPDATE of five bytes", FRAME(WINDOW_UPDATE, NONE, SUBJECT), ZEROS(5),
     COMES("PZZZZZZZZP", "PZZZZZZZZP")},

    /* ---- CONTINUATION (section 6.10) ---- */
    {"CONTINUATION that ends the block", FRAME(CONTINUATION, BLOCK, SUBJECT),
     BYTES("\x00\x01x\x01y"), COMES("PPPPPPPPP.", "PPPPPPPPP.")},
    {"CONTINUATION of wrong HPACK", FRAME(CONTINUATION, BLOCK, SUBJECT), BYTES("\x80"),
     COMES("PPPPPPPPPH", "PPPPPPPPPH")},
    {"CONTINUATION on stream 0", FRAME(CONTINUATION, BLOCK, CONNECTION),
     COMES("PPPPPPPPPP", "PPPPPPPPPP")},
    {"CONTINUATION on another stream", FRAME(CONTINUATION, BLOCK, UNUSED),
     COMES("PPPPPPPPPP", "PPPPPPPPPP")},

    /* ---- frames of unknown types (section 5.5) ---- */
    {"unknown type", .type = 0xfa, .flags = 0xff, .stream = SUBJECT, ZEROS(7),
     COMES("P........P", "P........P")},
    {"unknown type on stream 0", .type = 0xfb, .stream = CONNECTION,
     COMES("P........P", "P........P")},
    {"unknown type larger than MAX_FRAME_SIZE", .type = 0xfc, .stream = SUBJECT, ZEROS(16385),
     COMES("PZZZZZZZZP", "PZZZZZZZZP")},
};
const size_t matrix_input_count = sizeof matrix_inputs / sizeof matrix_inputs[0];

void matrix_write(gt_buffer *out, const matrix_input *input, int32_t subject)
{
    static const char zeros[16385];
    static const uint32_t others[] = {[EVEN] = 2, [UNUSED] = 3};
    uint32_t stream = input->stream == SUBJECT ? (uint32_t)subject : others[input->stream];
    gt_frame_write_raw(out, (uint32_t)input->size, input->type, input->flags,
                       stream | (input->reserved ? 0x80000000 : 0),
                       gt_bytes_of(input->payload ? input->payload : zeros, input->size));
}
