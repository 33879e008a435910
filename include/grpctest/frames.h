/* frames.h - HTTP/2 frames on the wire: a writer for right and wrong ones, a reader, a printer.
 * Rule: nothing here judges. The writer writes what it is told, however broken; the reader hands
 * out every frame that can be cut from the bytes and says what is wrong with it. */
#ifndef GRPCTEST_FRAMES_H
#define GRPCTEST_FRAMES_H

#include <grpctest/base.h>
#include <grpctest/buffer.h>
#include <grpctest/error.h>

GT_BEGIN_DECLS

/* ---- HTTP/2's own numbers ---------------------------------------------------------------- */

/* X(name, number): frame types (RFC 9113 section 6). */
#define GT_FRAME_TYPE_LIST(X)                                                                      \
    X(DATA, 0x0)                                                                                   \
    X(HEADERS, 0x1)                                                                                \
    X(PRIORITY, 0x2)                                                                               \
    X(RST_STREAM, 0x3)                                                                             \
    X(SETTINGS, 0x4)                                                                               \
    X(PUSH_PROMISE, 0x5)                                                                           \
    X(PING, 0x6)                                                                                   \
    X(GOAWAY, 0x7)                                                                                 \
    X(WINDOW_UPDATE, 0x8)                                                                          \
    X(CONTINUATION, 0x9)

enum gt_frame_type {
#define GT_FRAME_ENUM(name, number) GT_FRAME_##name = number,
    GT_FRAME_TYPE_LIST(GT_FRAME_ENUM)
#undef GT_FRAME_ENUM
    /* What the reader calls the client's connection preface, which is no frame (section 3.4). */
    GT_FRAME_PREFACE = 0x100
};

enum gt_frame_flag {
    GT_FLAG_END_STREAM = 0x01, /* DATA, HEADERS */
    GT_FLAG_ACK = 0x01,        /* SETTINGS, PING */
    GT_FLAG_END_HEADERS = 0x04,
    GT_FLAG_PADDED = 0x08,
    GT_FLAG_PRIORITY = 0x20 /* HEADERS */
};

/* X(name, number): settings (section 6.5.2). */
#define GT_SETTING_LIST(X)                                                                         \
    X(HEADER_TABLE_SIZE, 0x1)                                                                      \
    X(ENABLE_PUSH, 0x2)                                                                            \
    X(MAX_CONCURRENT_STREAMS, 0x3)                                                                 \
    X(INITIAL_WINDOW_SIZE, 0x4)                                                                    \
    X(MAX_FRAME_SIZE, 0x5)                                                                         \
    X(MAX_HEADER_LIST_SIZE, 0x6)

enum gt_setting_id {
#define GT_SETTING_ENUM(name, number) GT_SETTING_##name = number,
    GT_SETTING_LIST(GT_SETTING_ENUM)
#undef GT_SETTING_ENUM
};

typedef struct gt_setting {
    uint16_t id; /* GT_SETTING_..., or any other */
    uint32_t value;
} gt_setting;

/* X(name, number): error codes of RST_STREAM and GOAWAY (section 7). */
#define GT_H2_ERROR_LIST(X)                                                                        \
    X(NO_ERROR, 0x0)                                                                               \
    X(PROTOCOL_ERROR, 0x1)                                                                         \
    X(INTERNAL_ERROR, 0x2)                                                                         \
    X(FLOW_CONTROL_ERROR, 0x3)                                                                     \
    X(SETTINGS_TIMEOUT, 0x4)                                                                       \
    X(STREAM_CLOSED, 0x5)                                                                          \
    X(FRAME_SIZE_ERROR, 0x6)                                                                       \
    X(REFUSED_STREAM, 0x7)                                                                         \
    X(CANCEL, 0x8)                                                                                 \
    X(COMPRESSION_ERROR, 0x9)                                                                      \
    X(CONNECT_ERROR, 0xa)                                                                          \
    X(ENHANCE_YOUR_CALM, 0xb)                                                                      \
    X(INADEQUATE_SECURITY, 0xc)                                                                    \
    X(HTTP_1_1_REQUIRED, 0xd)

enum gt_h2_error {
#define GT_H2_ERROR_ENUM(name, number) GT_H2_##name = number,
    GT_H2_ERROR_LIST(GT_H2_ERROR_ENUM)
#undef GT_H2_ERROR_ENUM
};

/* ---- header lists ------------------------------------------------------------------------ */

/* One field as it is on the wire, borrowed from its list until that is changed or freed. Both parts
 * are followed by a NUL that is not counted. */
typedef struct gt_header {
    gt_bytes name, value;
} gt_header;

/* Fields in order, pseudo-headers among them, names in any case, values as sent ("-bin" ones in
 * base64). Unlike gt_metadata it takes whatever bytes it is given. Owned by its maker. */
typedef struct gt_headers gt_headers;

GT_API gt_headers *gt_headers_new(void);
/* From text of one field a line, as gt_headers_print writes it: ":method: POST\nte: trailers\n".
 * "\xNN" stands for any byte and "\\" for a backslash. A line without ": " is misuse. */
GT_API gt_headers *gt_headers_parse(const char *lines);
GT_API void gt_headers_free(gt_headers *headers);

GT_API void gt_headers_add(gt_headers *headers, const char *name, const char *value);
GT_API void gt_headers_add_bytes(gt_headers *headers, gt_bytes name, gt_bytes value);
/* Gives the first field of this name (in this very case) the value and removes its others; adds the
 * field at the end when there is none. */
GT_API void gt_headers_set(gt_headers *headers, const char *name, const char *value);
/* Removes the fields of this name and returns how many there were. */
GT_API size_t gt_headers_remove(gt_headers *headers, const char *name);
/* Adds every field of `other`, in order. */
GT_API void gt_headers_join(gt_headers *headers, const gt_headers *other);

GT_API size_t gt_headers_count(const gt_headers *headers);
/* The field at `index`; misuse when there is none. */
GT_API gt_header gt_headers_at(const gt_headers *headers, size_t index);
/* The value of the first field of this name as a string, or NULL. Borrowed. */
GT_API const char *gt_headers_get(const gt_headers *headers, const char *name);
/* The list's size as MAX_HEADER_LIST_SIZE counts it: name + value + 32 each (rule D5). */
GT_API size_t gt_headers_size(const gt_headers *headers);
/* Adds one line per field. What is not printable ASCII, and a space at a value's edge, is "\xNN".
 */
GT_API void gt_headers_print(gt_buffer *out, const gt_headers *headers);

/* gRPC's lists, each owned by the caller. The request: POST of `path` to "localhost" over "http",
 * `te` and `content-type`. The response: `:status` 200 and `content-type`. The trailers:
 * `grpc-status` and, unless it is NULL, `grpc-message` with `message` as rule T3 codes it.
 * Trailers-only is response and trailers in one (rule T2). */
GT_API gt_headers *gt_headers_request(const char *path);
GT_API gt_headers *gt_headers_response(void);
GT_API gt_headers *gt_headers_trailers(int code, const char *message);
GT_API gt_headers *gt_headers_trailers_only(int code, const char *message);

/* Adds the list as an HPACK block: every field literal and never indexed (RFC 7541 section 6.2.3),
 * so that blocks mean the same in any order and on any connection. */
GT_API void gt_headers_encode(gt_buffer *out, const gt_headers *headers);

/* ---- writing ----------------------------------------------------------------------------- */

/* Each adds whole frames to `out`. `flags` are written as given; `stream` is 0 for the connection.
 * A payload of 2^24 bytes or more, which no frame can hold, is misuse; limits that a peer has set
 * are the caller's business. */

/* The client's first 24 bytes, which a SETTINGS frame has to follow (section 3.4). */
GT_API void gt_frame_write_preface(gt_buffer *out);
/* SETTINGS (section 6.5); `settings` may be NULL when `count` is 0. */
GT_API void gt_frame_write_settings(gt_buffer *out, const gt_setting *settings, size_t count);
GT_API void gt_frame_write_settings_ack(gt_buffer *out);

/* HEADERS (section 6.2) with all of the block in it; END_HEADERS only if `flags` say so, and
 * neither PADDED nor PRIORITY, whose parts the next function writes. */
GT_API void gt_frame_write_headers(gt_buffer *out, int32_t stream, uint8_t flags,
                                   const gt_headers *headers);

/* Zeros are no padding, dependency 0, weight octet 0, and one frame. */
typedef struct gt_block_options {
    uint8_t padding;     /* bytes of padding; with GT_FLAG_PADDED */
    uint32_t dependency; /* with GT_FLAG_PRIORITY, as the next two (section 6.3) */
    bool exclusive;
    uint8_t weight; /* the octet, one less than the weight */
    size_t split; /* at most this many bytes of the block in a frame, the rest in CONTINUATIONs; 0:
                   * all in one */
} gt_block_options;

/* As gt_frame_write_headers. When the block is split, END_HEADERS is written on the last frame
 * alone (section 6.10). */
GT_API void gt_frame_write_headers_with(gt_buffer *out, int32_t stream, uint8_t flags,
                                        const gt_headers *headers, const gt_block_options *options);
/* HEADERS of a list written as text: gt_headers_parse. */
GT_API void gt_frame_write_headers_text(gt_buffer *out, int32_t stream, uint8_t flags,
                                        const char *lines);
/* CONTINUATION (section 6.10) with a piece of an encoded block. */
GT_API void gt_frame_write_continuation(gt_buffer *out, int32_t stream, uint8_t flags,
                                        gt_bytes fragment);
/* PUSH_PROMISE (section 6.6), without padding. */
GT_API void gt_frame_write_push_promise(gt_buffer *out, int32_t stream, uint8_t flags,
                                        int32_t promised, const gt_headers *headers);

/* DATA (section 6.1), without padding and with it (PADDED is added to the flags). */
GT_API void gt_frame_write_data(gt_buffer *out, int32_t stream, uint8_t flags, gt_bytes data);
GT_API void gt_frame_write_data_padded(gt_buffer *out, int32_t stream, uint8_t flags, gt_bytes data,
                                       uint8_t padding);

/* PRIORITY (section 6.3), RST_STREAM (6.4), PING (6.7), GOAWAY (6.8), WINDOW_UPDATE (6.9). */
GT_API void gt_frame_write_priority(gt_buffer *out, int32_t stream, uint32_t dependency,
                                    bool exclusive, uint8_t weight);
GT_API void gt_frame_write_rst_stream(gt_buffer *out, int32_t stream, uint32_t code);
GT_API void gt_frame_write_ping(gt_buffer *out, uint8_t flags, const uint8_t opaque[8]);
GT_API void gt_frame_write_goaway(gt_buffer *out, int32_t last_stream, uint32_t code,
                                  gt_bytes debug);
GT_API void gt_frame_write_window_update(gt_buffer *out, int32_t stream, uint32_t increment);

/* Any nine bytes of frame header (section 4.1), true or not, and then the payload as it is:
 * `length` (24 bits) need not be the payload's, and the highest bit of `stream` is the reserved
 * one. Unknown types and broken frames are written so. */
GT_API void gt_frame_write_raw(gt_buffer *out, uint32_t length, uint8_t type, uint8_t flags,
                               uint32_t stream, gt_bytes payload);

/* ---- writing gRPC ------------------------------------------------------------------------ */

/* The five bytes before a message (rule M1), with any flag and any claim of length. */
GT_API void gt_message_write_prefix(gt_buffer *out, uint8_t flag, uint32_t length);
/* A message with its true prefix and flag 0. */
GT_API void gt_message_write(gt_buffer *out, gt_bytes message);

/* HEADERS with gRPC's lists above: a request's with `flags` and END_HEADERS, a response's with
 * END_HEADERS, trailers with END_HEADERS and END_STREAM. */
GT_API void gt_frame_write_request(gt_buffer *out, int32_t stream, uint8_t flags, const char *path);
GT_API void gt_frame_write_response(gt_buffer *out, int32_t stream);
GT_API void gt_frame_write_trailers(gt_buffer *out, int32_t stream, int code, const char *message);
GT_API void gt_frame_write_trailers_only(gt_buffer *out, int32_t stream, int code,
                                         const char *message);
/* DATA with one message and its prefix. */
GT_API void gt_frame_write_message(gt_buffer *out, int32_t stream, uint8_t flags, gt_bytes message);

/* ---- reading ----------------------------------------------------------------------------- */

/* What a DATA frame holds of one gRPC message. */
typedef struct gt_message_part {
    uint8_t flag;      /* as the message's prefix has it, whichever frame that was in */
    uint32_t length;   /* of the whole message, as its prefix claims */
    gt_bytes bytes;    /* what of it is in this frame, without the prefix */
    bool begins, ends; /* its prefix was completed, its last byte is, in this frame */
} gt_message_part;

/* One frame. What it points to lives until the next call on its reader. Fields that its type does
 * not have are zero. */
typedef struct gt_frame {
    int type; /* GT_FRAME_..., or any other octet */
    uint8_t flags;
    bool reserved; /* the reserved bit before the stream id */
    int32_t stream;
    gt_bytes payload;    /* all of it, as sent */
    const char *problem; /* how it breaks its section of RFC 9113, a static sentence; or NULL */

    gt_bytes data;   /* DATA: without padding; HEADERS, PUSH_PROMISE, CONTINUATION: the piece of the
                      * block; PING: the eight bytes; GOAWAY: the debug data; unknown types: all */
    uint8_t padding; /* the pad length field */
    const gt_headers *headers; /* the decoded list, on the frame that ends its block; or NULL */
    uint32_t code;             /* RST_STREAM, GOAWAY */
    int32_t last_stream;       /* GOAWAY */
    int32_t promised;          /* PUSH_PROMISE */
    uint32_t increment;        /* WINDOW_UPDATE */
    uint32_t dependency;       /* PRIORITY, HEADERS with that flag; as the next two */
    bool exclusive;
    uint8_t weight; /* the octet, one less than the weight */
    const gt_setting *settings;
    size_t setting_count;
    const gt_message_part *parts; /* DATA that carries gRPC messages */
    size_t part_count;
    size_t prefix_bytes; /* DATA: how much of a prefix stands at its end, unfinished: 0-4 */
} gt_frame;

/* Reads one direction of one connection. */
typedef struct gt_frame_reader gt_frame_reader;

/* What bounds the memory that a hostile peer can make it take; zeros mean the defaults. */
typedef struct gt_frame_reader_options {
    size_t max_frame_size;  /* bytes of one payload; 0: 16,384 (section 4.2) */
    size_t max_header_size; /* of a list, encoded or decoded (gt_headers_size); 0: 256 KiB */
} gt_frame_reader_options;

/* Owned by the caller: gt_frame_reader_free. `options` may be NULL. */
GT_API gt_frame_reader *gt_frame_reader_new(const gt_frame_reader_options *options);
GT_API void gt_frame_reader_free(gt_frame_reader *reader);

/* Adds bytes to what is to be read, in any split; they are copied. */
GT_API void gt_frame_reader_feed(gt_frame_reader *reader, gt_bytes bytes);

/* Cuts the next frame off. A client's preface, where the direction begins with one, comes out as
 * GT_FRAME_PREFACE. GT_EAGAIN: no whole frame is there. GT_EPROTO, for good: a frame longer than
 * the limit, after which nothing can be found; gt_frame_reader_explain says more. Malformed frames
 * are no error: they come out with their `problem`. */
GT_API GT_MUST_USE int gt_frame_reader_next(gt_frame_reader *reader, gt_frame *frame);

/* Bytes that have been fed and are not yet part of a frame handed out. */
GT_API size_t gt_frame_reader_pending(const gt_frame_reader *reader);

/* Why the reader gave GT_EPROTO, borrowed; NULL when it has not. */
GT_API const char *gt_frame_reader_explain(const gt_frame_reader *reader);

/* ---- printing ---------------------------------------------------------------------------- */

/* Adds the frame as text: a line of type, stream, flags and numbers, then lines indented by four
 * spaces: fields, settings, messages, what is wrong.
 *
 *     HEADERS stream=1 END_HEADERS
 *         :method: POST
 *     DATA stream=1 END_STREAM length=10
 *         message length=5 "hello" */
GT_API void gt_frame_print(gt_buffer *out, const gt_frame *frame);

/* Reads and prints all that is in `reader`; what cannot be read ends it with a line that starts
 * with "! ". */
GT_API void gt_frame_print_all(gt_buffer *out, gt_frame_reader *reader);

/* The name of a frame type, a setting, an error code ("CANCEL"), or NULL. Static strings. */
GT_API const char *gt_frame_type_name(int type);
GT_API const char *gt_setting_name(uint16_t id);
GT_API const char *gt_h2_error_name(uint32_t code);

GT_END_DECLS

#endif
