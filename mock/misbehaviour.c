/* The catalogue: what each misbehaviour writes. */
#include "misbehaviour.h"

static const uint8_t empty_message[5] = {0};

static gt_bytes no_bytes(void)
{
    return gt_bytes_of(NULL, 0);
}

static gt_bytes empty(void)
{
    return gt_bytes_of(empty_message, sizeof empty_message);
}

/* HEADERS of one line or more, with these flags besides END_HEADERS. */
static void headers(gt_buffer *out, int32_t stream, uint8_t flags, const char *lines)
{
    gt_frame_write_headers_text(out, stream, (uint8_t)(flags | GT_FLAG_END_HEADERS), lines);
}

static void trailers(gt_buffer *out, int32_t stream, const char *lines)
{
    headers(out, stream, GT_FLAG_END_STREAM, lines);
}

/* DATA with a prefix that claims `length` bytes, and `size` bytes after it. */
static void message(gt_buffer *out, int32_t stream, uint8_t flags, uint8_t flag, uint32_t length,
                    gt_bytes bytes)
{
    gt_buffer data = {0};
    gt_message_write_prefix(&data, flag, length);
    gt_buffer_add(&data, bytes);
    gt_frame_write_data(out, stream, flags, gt_buffer_bytes(&data));
    gt_buffer_cleanup(&data);
}

/* ---- the status -------------------------------------------------------------------------------
 */

static void no_trailers(gt_buffer *out, int32_t stream)
{
    gt_frame_write_data(out, stream, GT_FLAG_END_STREAM, no_bytes());
}

static void no_status(gt_buffer *out, int32_t stream)
{
    trailers(out, stream, "grpc-message: where is it\n");
}

static void status_in_headers(gt_buffer *out, int32_t stream)
{
    headers(out, stream, 0, ":status: 200\ncontent-type: application/grpc\ngrpc-status: 0\n");
    no_trailers(out, stream);
}

static void status_no_number(gt_buffer *out, int32_t stream)
{
    trailers(out, stream, "grpc-status: fine\n");
}

static void status_out_of_range(gt_buffer *out, int32_t stream)
{
    trailers(out, stream, "grpc-status: 99\n");
}

static void status_message_broken(gt_buffer *out, int32_t stream)
{
    trailers(out, stream, "grpc-status: 5\ngrpc-message: 100%zz\n");
}

static void trailers_without_end(gt_buffer *out, int32_t stream)
{
    headers(out, stream, 0, "grpc-status: 0\n");
}

static void trailers_before_data(gt_buffer *out, int32_t stream)
{
    trailers(out, stream, "grpc-status: 0\n");
    gt_frame_write_data(out, stream, 0, empty());
}

static void bad_trailer(gt_buffer *out, int32_t stream)
{
    trailers(out, stream, "grpc-status: 0\nkey-bin: !!\n");
}

/* ---- the response headers ----------------------------------------------------------------------
 */

static void no_content_type(gt_buffer *out, int32_t stream)
{
    headers(out, stream, 0, ":status: 200\n");
    no_trailers(out, stream);
}

static void wrong_content_type(gt_buffer *out, int32_t stream)
{
    headers(out, stream, 0, ":status: 200\ncontent-type: text/html\n");
    gt_frame_write_data(out, stream, GT_FLAG_END_STREAM, gt_bytes_str("<html>hello</html>"));
}

static void http_status_only(gt_buffer *out, int32_t stream)
{
    headers(out, stream, GT_FLAG_END_STREAM, ":status: 503\n");
}

static void no_http_status(gt_buffer *out, int32_t stream)
{
    headers(out, stream, 0, "content-type: application/grpc\n");
}

static void unknown_encoding(gt_buffer *out, int32_t stream)
{
    headers(out, stream, 0, ":status: 200\ncontent-type: application/grpc\ngrpc-encoding: rot13\n");
}

static void upper_case_header(gt_buffer *out, int32_t stream)
{
    headers(out, stream, 0, ":status: 200\ncontent-type: application/grpc\nX-Key: 1\n");
}

/* Twice the 64 KiB that are allowed unless an option says otherwise, and each field small. */
static void headers_too_big(gt_buffer *out, int32_t stream)
{
    gt_headers *list = gt_headers_response();
    char value[1024];
    memset(value, 'v', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    for (int i = 0; i < 128; i++)
        gt_headers_add(list, "x-key", value);
    gt_block_options split = {.split = 16384};
    gt_frame_write_headers_with(out, stream, GT_FLAG_END_HEADERS, list, &split);
    gt_headers_free(list);
}

static void content_length_lies(gt_buffer *out, int32_t stream)
{
    headers(out, stream, 0, ":status: 200\ncontent-type: application/grpc\ncontent-length: 3\n");
    gt_frame_write_data(out, stream, 0, empty());
}

/* ---- messages ---------------------------------------------------------------------------------
 */

static void message_cut_short(gt_buffer *out, int32_t stream)
{
    message(out, stream, GT_FLAG_END_STREAM, 0, 100, gt_bytes_str("half of"));
}

static void prefix_too_long(gt_buffer *out, int32_t stream)
{
    message(out, stream, 0, 0, 0x80000000u, no_bytes());
}

static void flag_2(gt_buffer *out, int32_t stream)
{
    message(out, stream, 0, 2, 0, no_bytes());
}

static void flag_without_encoding(gt_buffer *out, int32_t stream)
{
    message(out, stream, 0, 1, 2, gt_bytes_str("hm"));
}

static void broken_compression(gt_buffer *out, int32_t stream)
{
    headers(out, stream, 0, ":status: 200\ncontent-type: application/grpc\ngrpc-encoding: gzip\n");
    message(out, stream, 0, 1, 4, gt_bytes_str("gzip"));
}

/* ---- HTTP/2 -----------------------------------------------------------------------------------
 */

static void data_frame_too_large(gt_buffer *out, int32_t stream)
{
    gt_frame_write_raw(out, 16385, GT_FRAME_DATA, 0, (uint32_t)stream, no_bytes());
}

static void headers_unfinished(gt_buffer *out, int32_t stream)
{
    static const uint8_t opaque[8] = {0};
    gt_frame_write_headers_text(out, stream, 0, ":status: 200\n");
    gt_frame_write_ping(out, 0, opaque);
}

static void push(gt_buffer *out, int32_t stream)
{
    gt_headers *request = gt_headers_request("/pushed.By/Server");
    gt_frame_write_push_promise(out, stream, GT_FLAG_END_HEADERS, 2, request);
    gt_headers_free(request);
}

static void window_overflow(gt_buffer *out, int32_t stream)
{
    gt_frame_write_window_update(out, stream, INT32_MAX);
}

static void garbage(gt_buffer *out, int32_t stream)
{
    (void)stream;
    gt_buffer_add(out, gt_bytes_str("HTTP/1.1 400 Bad Request\r\n\r\n"));
}

/* ---- what is allowed ---------------------------------------------------------------------------
 */

static void informational_first(gt_buffer *out, int32_t stream)
{
    headers(out, stream, 0, ":status: 103\nlink: </style.css>; rel=preload\n");
}

static void empty_message_padded(gt_buffer *out, int32_t stream)
{
    gt_frame_write_data_padded(out, stream, 0, empty(), 200);
}

static void unknown_frame(gt_buffer *out, int32_t stream)
{
    gt_frame_write_raw(out, 4, 0xfa, 0xff, (uint32_t)stream, gt_bytes_str("what"));
}

static void empty_data(gt_buffer *out, int32_t stream)
{
    gt_frame_write_data(out, stream, 0, no_bytes());
}

/* ---- the table --------------------------------------------------------------------------------
 */

static const gt__misdeed misdeeds[GT_MISBEHAVIOURS] = {
    [GT_NO_TRAILERS] = {no_trailers, .ends = true},
    [GT_NO_STATUS] = {no_status, .ends = true},
    [GT_STATUS_IN_HEADERS] = {status_in_headers, .opens = true, .ends = true},
    [GT_STATUS_NO_NUMBER] = {status_no_number, .ends = true},
    [GT_STATUS_OUT_OF_RANGE] = {status_out_of_range, .ends = true},
    [GT_STATUS_MESSAGE_BROKEN] = {status_message_broken, .ends = true},
    [GT_TRAILERS_WITHOUT_END] = {trailers_without_end, .ends = true},
    [GT_TRAILERS_BEFORE_DATA] = {trailers_before_data, .ends = true},
    [GT_BAD_TRAILER] = {bad_trailer, .ends = true},
    [GT_NO_CONTENT_TYPE] = {no_content_type, .opens = true, .ends = true},
    [GT_WRONG_CONTENT_TYPE] = {wrong_content_type, .opens = true, .ends = true},
    [GT_HTTP_STATUS_ONLY] = {http_status_only, .opens = true, .ends = true},
    [GT_NO_HTTP_STATUS] = {no_http_status, .opens = true, .ends = true},
    [GT_UNKNOWN_ENCODING] = {unknown_encoding, .opens = true, .ends = true},
    [GT_UPPER_CASE_HEADER] = {upper_case_header, .opens = true, .ends = true},
    [GT_HEADERS_TOO_BIG] = {headers_too_big, .opens = true, .ends = true},
    [GT_CONTENT_LENGTH_LIES] = {content_length_lies, .opens = true, .ends = true},
    [GT_MESSAGE_CUT_SHORT] = {message_cut_short, .ends = true},
    [GT_PREFIX_TOO_LONG] = {prefix_too_long, .ends = true},
    [GT_FLAG_2] = {flag_2, .ends = true},
    [GT_FLAG_WITHOUT_ENCODING] = {flag_without_encoding, .ends = true},
    [GT_BROKEN_COMPRESSION] = {broken_compression, .opens = true, .ends = true},
    [GT_DATA_FRAME_TOO_LARGE] = {data_frame_too_large, .ends = true},
    [GT_HEADERS_UNFINISHED] = {headers_unfinished, .opens = true, .ends = true},
    [GT_PUSH] = {push, .ends = true},
    [GT_WINDOW_OVERFLOW] = {window_overflow, .ends = true},
    [GT_GARBAGE] = {garbage, .ends = true},
    [GT_INFORMATIONAL_FIRST] = {informational_first, .opens = true},
    [GT_EMPTY_MESSAGE_PADDED] = {.write = empty_message_padded},
    [GT_UNKNOWN_FRAME] = {.write = unknown_frame},
    [GT_EMPTY_DATA] = {.write = empty_data},
};

const gt__misdeed *gt__misdeed_of(int which)
{
    return &misdeeds[which];
}

enum { SERVER = 1, CLIENT = 2, BOTH = 3 };

const gt_misbehaviour_info *gt_misbehaviour_about(gt_misbehaviour which)
{
    static const gt_misbehaviour_info about[GT_MISBEHAVIOURS] = {
#define ROW(name, who, rule, code, what)                                                           \
    {#name, rule, what, ((who)&SERVER) != 0, ((who)&CLIENT) != 0, GT_##code},
        GT_MISBEHAVIOUR_LIST(ROW)
#undef ROW
    };
    if ((unsigned)which >= GT_MISBEHAVIOURS)
        gt__misuse("there is no misbehaviour %d", (int)which);
    return &about[which];
}
