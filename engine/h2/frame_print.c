#include "headers_text.h"

/* Bytes of a payload that a line shows. */
enum { MOST_SHOWN = 64 };

/* ---- names --------------------------------------------------------------------------------- */

#define NAME(name, number)                                                                         \
    case number:                                                                                   \
        return #name;

const char *gt_frame_type_name(int type)
{
    switch (type) {
        GT_FRAME_TYPE_LIST(NAME)
        NAME(PREFACE, GT_FRAME_PREFACE)
    default:
        return NULL;
    }
}

const char *gt_setting_name(uint16_t id)
{
    switch (id) {
        GT_SETTING_LIST(NAME)
    default:
        return NULL;
    }
}

const char *gt_h2_error_name(uint32_t code)
{
    switch (code) {
        GT_H2_ERROR_LIST(NAME)
    default:
        return NULL;
    }
}

#undef NAME

/* A name, or the number where there is none. */
static void add_name(gt_buffer *out, const char *name, uint32_t number)
{
    if (name)
        gt__buffer_add_text(out, name);
    else
        gt__buffer_printf(out, "0x%02x", number);
}

/* ---- the first line ------------------------------------------------------------------------ */

typedef struct flag_name {
    int types; /* a bit for each type */
    uint8_t flag;
    const char *text;
} flag_name;

#define IN(type) (1 << GT_FRAME_##type)

static const flag_name flag_names[] = {
    {IN(SETTINGS) | IN(PING), GT_FLAG_ACK, " ACK"},
    {IN(DATA) | IN(HEADERS), GT_FLAG_END_STREAM, " END_STREAM"},
    {IN(HEADERS) | IN(PUSH_PROMISE) | IN(CONTINUATION), GT_FLAG_END_HEADERS, " END_HEADERS"},
    {IN(DATA) | IN(HEADERS) | IN(PUSH_PROMISE), GT_FLAG_PADDED, " PADDED"},
    {IN(HEADERS), GT_FLAG_PRIORITY, " PRIORITY"},
};

/* Names for the flags that the type has, the rest as a number. */
static void add_flags(gt_buffer *out, const gt_frame *frame)
{
    uint8_t rest = frame->flags;
    for (size_t i = 0; i < sizeof flag_names / sizeof flag_names[0]; i++) {
        const flag_name *f = &flag_names[i];
        if (frame->type < 10 && (f->types >> frame->type & 1) && (rest & f->flag)) {
            gt__buffer_add_text(out, f->text);
            rest &= (uint8_t)~f->flag;
        }
    }
    if (rest)
        gt__buffer_printf(out, " flags=0x%02x", rest);
}

static void add_priority(gt_buffer *out, const gt_frame *frame)
{
    gt__buffer_printf(out, " dependency=%u weight=%u%s", frame->dependency, frame->weight,
                      frame->exclusive ? " exclusive" : "");
}

static void add_numbers(gt_buffer *out, const gt_frame *frame)
{
    switch (frame->type) {
    case GT_FRAME_DATA:
        gt__buffer_printf(out, " length=%zu", frame->data.size);
        break;
    case GT_FRAME_HEADERS:
        if (frame->flags & GT_FLAG_PRIORITY)
            add_priority(out, frame);
        break;
    case GT_FRAME_PRIORITY:
        add_priority(out, frame);
        break;
    case GT_FRAME_RST_STREAM:
        gt__buffer_add_text(out, " ");
        add_name(out, gt_h2_error_name(frame->code), frame->code);
        break;
    case GT_FRAME_PUSH_PROMISE:
        gt__buffer_printf(out, " promised=%d", frame->promised);
        break;
    case GT_FRAME_GOAWAY:
        gt__buffer_printf(out, " last_stream=%d ", frame->last_stream);
        add_name(out, gt_h2_error_name(frame->code), frame->code);
        break;
    case GT_FRAME_WINDOW_UPDATE:
        gt__buffer_printf(out, " increment=%u", frame->increment);
        break;
    default:
        break;
    }
}

static void add_first_line(gt_buffer *out, const gt_frame *frame)
{
    add_name(out, gt_frame_type_name(frame->type), (uint32_t)frame->type);
    if (frame->stream != 0)
        gt__buffer_printf(out, " stream=%d", frame->stream);
    if (frame->reserved)
        gt__buffer_add_text(out, " reserved");
    add_flags(out, frame);
    add_numbers(out, frame);
    if (frame->padding > 0)
        gt__buffer_printf(out, " padding=%u", frame->padding);
    gt__buffer_add_text(out, "\n");
}

/* ---- the lines below ----------------------------------------------------------------------- */

static void add_bytes(gt_buffer *out, const char *what, gt_bytes bytes)
{
    gt__buffer_printf(out, "    %s ", what);
    gt__quoted_print(out, bytes, MOST_SHOWN);
    gt__buffer_add_text(out, "\n");
}

static void add_fields(gt_buffer *out, const gt_headers *headers)
{
    for (size_t i = 0; i < gt_headers_count(headers); i++) {
        gt__buffer_add_text(out, "    ");
        gt__header_print(out, gt_headers_at(headers, i));
        gt__buffer_add_text(out, "\n");
    }
}

static void add_settings(gt_buffer *out, const gt_frame *frame)
{
    for (size_t i = 0; i < frame->setting_count; i++) {
        gt_setting setting = frame->settings[i];
        gt__buffer_add_text(out, "    ");
        add_name(out, gt_setting_name(setting.id), setting.id);
        gt__buffer_printf(out, " = %u\n", setting.value);
    }
}

/* A message that is whole in this frame, or what of it is here. */
static void add_part(gt_buffer *out, const gt_message_part *part)
{
    gt__buffer_add_text(out, "    message");
    if (part->flag)
        gt__buffer_printf(out, " flag=%u", part->flag);
    gt__buffer_printf(out, " length=%u", part->length);
    if (!part->begins || !part->ends)
        gt__buffer_printf(out, " (%s %zu)",
                          part->begins ? "first"
                          : part->ends ? "last"
                                       : "next",
                          part->bytes.size);
    gt__buffer_add_text(out, " ");
    gt__quoted_print(out, part->bytes, MOST_SHOWN);
    gt__buffer_add_text(out, "\n");
}

static void add_data(gt_buffer *out, const gt_frame *frame)
{
    for (size_t i = 0; i < frame->part_count; i++)
        add_part(out, &frame->parts[i]);
    if (frame->prefix_bytes > 0)
        gt__buffer_printf(out, "    prefix, %zu of 5 bytes\n", frame->prefix_bytes);
    if (frame->part_count == 0 && frame->prefix_bytes == 0 && frame->data.size > 0)
        add_bytes(out, "bytes", frame->data);
}

static void add_details(gt_buffer *out, const gt_frame *frame)
{
    if (frame->headers)
        add_fields(out, frame->headers);
    add_settings(out, frame);
    if (frame->type == GT_FRAME_DATA)
        add_data(out, frame);
    else if (frame->type == GT_FRAME_GOAWAY && frame->data.size > 0)
        add_bytes(out, "debug", frame->data);
    else if (frame->type == GT_FRAME_PING)
        add_bytes(out, "opaque", frame->data);
    else if (!gt_frame_type_name(frame->type) && frame->data.size > 0)
        add_bytes(out, "bytes", frame->data);
    if (frame->problem)
        gt__buffer_printf(out, "    ! %s\n", frame->problem);
}

void gt_frame_print(gt_buffer *out, const gt_frame *frame)
{
    add_first_line(out, frame);
    add_details(out, frame);
}

void gt_frame_print_all(gt_buffer *out, gt_frame_reader *reader)
{
    gt_frame frame;
    int error;
    while ((error = gt_frame_reader_next(reader, &frame)) == 0)
        gt_frame_print(out, &frame);
    if (error == GT_EPROTO)
        gt__buffer_printf(out, "! %s\n", gt_frame_reader_explain(reader));
}
