/* The frame reader, printer and writer: any bytes are read in any split to the same end, and what
 * was read or written is the same when it is written and read again. */
#include "fuzz.h"

#include <grpctest/frames.h>

/* ---- reading -----------------------------------------------------------------------------------
 */

/* As it was cut, written again. */
static void write_again(gt_buffer *out, const gt_frame *frame)
{
    if (frame->type == GT_FRAME_PREFACE)
        gt_frame_write_preface(out);
    else
        gt_frame_write_raw(out, (uint32_t)frame->payload.size, (uint8_t)frame->type, frame->flags,
                           (uint32_t)frame->stream | (frame->reserved ? UINT32_C(1) << 31 : 0),
                           frame->payload);
}

static void check_frame(const gt_frame *frame)
{
    bool whole = !frame->problem;
    FUZZ_CHECK(!whole || frame->data.size + frame->padding <= frame->payload.size,
               "%zu bytes of data and %u of padding in %zu", frame->data.size, frame->padding,
               frame->payload.size);
    FUZZ_CHECK(frame->prefix_bytes <= 4, "%zu bytes of a prefix", frame->prefix_bytes);
    for (size_t i = 0; i < frame->part_count; i++) {
        const gt_message_part *part = &frame->parts[i];
        FUZZ_CHECK(part->bytes.size <= part->length, "%zu bytes of a message of %u",
                   part->bytes.size, part->length);
        FUZZ_CHECK(part->ends || i + 1 == frame->part_count, "a message in the midst of one");
    }
}

/* Feeds in pieces of `step` and gives the text; what could be cut is added to `again`. */
static char *read_all(gt_bytes bytes, size_t step, const gt_frame_reader_options *options,
                      gt_buffer *again)
{
    gt_frame_reader *reader = gt_frame_reader_new(options);
    gt_buffer text = {0};
    gt_frame frame;
    int error = GT_EAGAIN;
    for (size_t at = 0; at < bytes.size && error == GT_EAGAIN; at += step) {
        size_t left = bytes.size - at, size = left < step ? left : step;
        uint8_t *exact = gt__memdup(bytes.data + at, size);
        gt_frame_reader_feed(reader, gt_bytes_of(exact, size));
        gt__free(exact);
        while ((error = gt_frame_reader_next(reader, &frame)) == 0) {
            check_frame(&frame);
            gt_frame_print(&text, &frame);
            write_again(again, &frame);
        }
    }
    const char *problem = gt_frame_reader_explain(reader);
    FUZZ_CHECK(!problem == (error == GT_EAGAIN), "error %d, problem %s", error, problem);
    gt__buffer_printf(&text, "%s", problem ? problem : "");
    gt_frame_reader_free(reader);
    return gt__buffer_take_text(&text);
}

static void check_reading(fuzz_input *in)
{
    uint8_t how = fuzz_byte(in);
    gt_frame_reader_options options = {.max_frame_size = how & 1 ? 100 : 0,
                                       .max_header_size = how & 2 ? 300 : 0};
    gt_bytes bytes = fuzz_rest(in);
    gt_buffer cut = {0}, cut_again = {0}, unused = {0};
    char *whole = read_all(bytes, SIZE_MAX, &options, &cut);
    char *pieces = read_all(bytes, 1 + (how >> 2), &options, &unused);
    FUZZ_CHECK(strcmp(whole, pieces) == 0, "whole:\n%s\nin pieces:\n%s", whole, pieces);
    FUZZ_CHECK(cut.size <= bytes.size && (cut.size == 0 || !memcmp(cut.data, bytes.data, cut.size)),
               "the frames are not the bytes they were cut from");
    gt__free(read_all(gt_buffer_bytes(&cut), SIZE_MAX, &options, &cut_again));
    FUZZ_CHECK(gt_bytes_equal(gt_buffer_bytes(&cut), gt_buffer_bytes(&cut_again)),
               "written again, the frames differ");
    gt__free(whole);
    gt__free(pieces);
    gt_buffer_cleanup(&cut);
    gt_buffer_cleanup(&cut_again);
    gt_buffer_cleanup(&unused);
}

/* ---- writing -----------------------------------------------------------------------------------
 */

static gt_headers *pick_headers(fuzz_input *in)
{
    gt_headers *headers = gt_headers_new();
    for (uint8_t count = fuzz_byte(in) % 8; count > 0; count--) {
        gt_bytes name = fuzz_short_span(in);
        gt_headers_add_bytes(headers, name, fuzz_short_span(in));
    }
    return headers;
}

static void check_same(const gt_headers *a, const gt_headers *b)
{
    FUZZ_CHECK(a && b && gt_headers_count(a) == gt_headers_count(b), "a list is not read back");
    for (size_t i = 0; i < gt_headers_count(a); i++) {
        gt_header x = gt_headers_at(a, i), y = gt_headers_at(b, i);
        FUZZ_CHECK(gt_bytes_equal(x.name, y.name) && gt_bytes_equal(x.value, y.value),
                   "field %zu is read back otherwise", i);
    }
}

/* As text, too. */
static void check_text(const gt_headers *headers)
{
    gt_buffer text = {0};
    gt_headers_print(&text, headers);
    bool nameless = false; /* text cannot tell where a name with a colon ends */
    for (size_t i = 0; i < gt_headers_count(headers); i++) {
        gt_header field = gt_headers_at(headers, i);
        nameless |= field.name.size == 0 || memchr(field.name.data + 1, ':', field.name.size - 1);
    }
    if (!nameless) {
        gt_headers *back = gt_headers_parse(gt_buffer_text(&text));
        check_same(headers, back);
        gt_headers_free(back);
    }
    gt_buffer_cleanup(&text);
}

static void check_headers(fuzz_input *in)
{
    gt_block_options options = {
        .padding = fuzz_byte(in),
        .dependency = fuzz_number(in, 4) & INT32_MAX,
        .weight = fuzz_byte(in),
        .split = fuzz_byte(in),
    };
    options.exclusive = options.weight & 1;
    uint8_t flags = fuzz_byte(in);
    gt_headers *headers = pick_headers(in);
    gt_frame_reader *reader = gt_frame_reader_new(NULL);
    gt_buffer wire = {0};
    gt_frame frame;
    gt_frame_write_headers_with(&wire, 1, flags | GT_FLAG_END_HEADERS, headers, &options);
    gt_frame_reader_feed(reader, gt_buffer_bytes(&wire));
    do {
        FUZZ_CHECK(gt_frame_reader_next(reader, &frame) == 0, "frames are missing");
        FUZZ_CHECK(!frame.problem, "%s", frame.problem);
        if (frame.type == GT_FRAME_HEADERS && frame.flags & GT_FLAG_PRIORITY)
            FUZZ_CHECK(frame.dependency == options.dependency && frame.weight == options.weight &&
                           frame.exclusive == options.exclusive,
                       "the priority is read back otherwise");
    } while (!(frame.flags & GT_FLAG_END_HEADERS));
    check_same(headers, frame.headers);
    FUZZ_CHECK(gt_frame_reader_pending(reader) == 0, "there is more than was written");
    check_text(headers);
    gt_frame_reader_free(reader);
    gt_headers_free(headers);
    gt_buffer_cleanup(&wire);
}

/* Messages in DATA frames of any size are put together again. */
static void check_messages(fuzz_input *in)
{
    size_t most = 1 + fuzz_byte(in) % 32, ended = 0, written = 0;
    gt_buffer data = {0}, wire = {0}, got = {0}, expected = {0};
    gt_frame_reader *reader = gt_frame_reader_new(NULL);
    gt_frame frame;
    gt_frame_write_request(&wire, 1, 0, "/a.B/C");
    while (fuzz_more(in)) {
        gt_bytes message = fuzz_short_span(in);
        gt_message_write(&data, message);
        gt_buffer_add(&expected, message);
        written++;
    }
    for (size_t at = 0; at < data.size; at += most) {
        size_t left = data.size - at;
        gt_frame_write_data(&wire, 1, 0, gt_bytes_of(data.data + at, left < most ? left : most));
    }
    gt_frame_reader_feed(reader, gt_buffer_bytes(&wire));
    while (gt_frame_reader_next(reader, &frame) == 0) {
        check_frame(&frame);
        for (size_t i = 0; i < frame.part_count; i++) {
            gt_buffer_add(&got, frame.parts[i].bytes);
            ended += frame.parts[i].ends;
        }
    }
    FUZZ_CHECK(ended == written, "%zu messages were written, %zu read", written, ended);
    FUZZ_CHECK(gt_bytes_equal(gt_buffer_bytes(&got), gt_buffer_bytes(&expected)),
               "the messages differ");
    gt_frame_reader_free(reader);
    gt_buffer_cleanup(&data);
    gt_buffer_cleanup(&wire);
    gt_buffer_cleanup(&got);
    gt_buffer_cleanup(&expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_memory_begin();
    fuzz_input in = {.bytes = gt_bytes_of(data, size)};
    switch (fuzz_byte(&in) & 3) {
    case 0:
        check_headers(&in);
        break;
    case 1:
        check_messages(&in);
        break;
    default:
        check_reading(&in);
        break;
    }
    fuzz_memory_end();
    return 0;
}
