/* A message as protobuf's text format: what is unset is left out, and what is unknown shown by
 * number. Brief text is for a person: what is long is cut and tells its size. */
#include "text_format.h"

#include "protobufc_field.h"
#include "text_lexer.h"
#include "text_value.h"
#include <grpctest/protobufc.h>

#define LONGEST_VALUE 200        /* bytes of a string */
#define MOST_ELEMENTS 32         /* of a repeated field */
#define LONGEST_LINE (16 * 1024) /* after which fields are left out */
#define DEEPEST 100

struct text {
    gt__buffer *out;
    const gt__text_style *style;
    bool full;
};

static void write_message(struct text *text, const ProtobufCMessage *message, unsigned depth);

/* ---- what stands around a field -------------------------------------------------------------- */

static void indent(struct text *text, unsigned depth)
{
    if (text->style->multiline)
        gt__buffer_printf(text->out, "%*s", (int)depth * 2, "");
}

static void end_line(struct text *text)
{
    gt__buffer_add_text(text->out, text->style->multiline ? "\n" : " ");
}

static void open_brace(struct text *text)
{
    gt__buffer_add_text(text->out, "{");
    end_line(text);
}

static void close_brace(struct text *text, unsigned depth)
{
    indent(text, depth);
    gt__buffer_add_text(text->out, "}");
}

/* True when there is room for one more; says once that there is none. */
static bool has_room(struct text *text)
{
    if (!text->full && text->style->brief && text->out->size > LONGEST_LINE) {
        gt__buffer_add_text(text->out, "... ");
        text->full = true;
    }
    return !text->full;
}

/* ---- an Any that is written out -------------------------------------------------------------- */

/* The message in it, if its type is known and its bytes are one. */
static ProtobufCMessage *unpack_any(struct text *text, const ProtobufCMessage *any,
                                    const char **url)
{
    const ProtobufCMessageDescriptor *pb = any->descriptor;
    if (!text->style->types || gt__known_of(pb) != GT__KNOWN_ANY)
        return NULL;
    *url = *(const char *const *)gt__field_value(any, &pb->fields[0]);
    const ProtobufCBinaryData *value = gt__field_value(any, &pb->fields[1]);
    bool fits = *url && (*url)[strspn(*url, GT__BRACKETED)] == '\0';
    const gt_message_type *type = fits ? gt__types_of_url(text->style->types, *url) : NULL;
    ProtobufCMessage *inner = NULL;
    if (type && gt_protobufc_unpack(type->pb, gt_bytes_of(value->data, value->len), NULL, &inner,
                                    NULL) != 0)
        return NULL;
    return inner;
}

static bool write_any(struct text *text, const ProtobufCMessage *any, unsigned depth)
{
    const char *url;
    ProtobufCMessage *inner = depth < DEEPEST ? unpack_any(text, any, &url) : NULL;
    if (!inner)
        return false;
    indent(text, depth);
    gt__buffer_printf(text->out, "[%s] ", url);
    open_brace(text);
    write_message(text, inner, depth + 1);
    close_brace(text, depth);
    end_line(text);
    gt_protobufc_release(inner);
    return true;
}

/* ---- values --------------------------------------------------------------------------------- */

static size_t longest(const struct text *text)
{
    return text->style->brief ? LONGEST_VALUE : SIZE_MAX;
}

static void write_enum(gt__buffer *out, const ProtobufCEnumDescriptor *descriptor, int number)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(descriptor, number);
    if (value)
        gt__buffer_add_text(out, value->name);
    else
        gt__buffer_printf(out, "%d", number);
}

static void write_nested(struct text *text, const ProtobufCMessage *message, unsigned depth)
{
    open_brace(text);
    if (message && depth >= DEEPEST)
        gt__buffer_add_text(text->out, "... ");
    else if (message)
        write_message(text, message, depth + 1);
    close_brace(text, depth);
}

static void write_value(struct text *text, const ProtobufCFieldDescriptor *field, const void *value,
                        unsigned depth)
{
    gt__buffer *out = text->out;
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        gt__buffer_printf(out, "%ld", (long)*(const int32_t *)value);
        return;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        gt__buffer_printf(out, "%lu", (unsigned long)*(const uint32_t *)value);
        return;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        gt__buffer_printf(out, "%lld", (long long)*(const int64_t *)value);
        return;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        gt__buffer_printf(out, "%llu", (unsigned long long)*(const uint64_t *)value);
        return;
    case PROTOBUF_C_TYPE_FLOAT:
        gt__text_add_float(out, *(const float *)value);
        return;
    case PROTOBUF_C_TYPE_DOUBLE:
        gt__text_add_double(out, *(const double *)value);
        return;
    case PROTOBUF_C_TYPE_BOOL:
        gt__buffer_add_text(out, *(const protobuf_c_boolean *)value ? "true" : "false");
        return;
    case PROTOBUF_C_TYPE_ENUM:
        write_enum(out, field->descriptor, *(const int *)value);
        return;
    case PROTOBUF_C_TYPE_STRING:
        gt__text_add_quoted(out, gt_bytes_str(*(char *const *)value), true, longest(text));
        return;
    case PROTOBUF_C_TYPE_BYTES: {
        const ProtobufCBinaryData *bytes = value;
        gt__text_add_quoted(out, gt_bytes_of(bytes->data, bytes->len), false, longest(text));
        return;
    }
    case PROTOBUF_C_TYPE_MESSAGE:
        write_nested(text, *(ProtobufCMessage *const *)value, depth);
        return;
    }
}

/* ---- fields --------------------------------------------------------------------------------- */

static void write_field(struct text *text, const ProtobufCFieldDescriptor *field, const void *value,
                        unsigned depth)
{
    if (!has_room(text))
        return;
    indent(text, depth);
    const char *colon = field->type == PROTOBUF_C_TYPE_MESSAGE ? "" : ":";
    gt__buffer_printf(text->out, "%s%s ", field->name, colon);
    write_value(text, field, value, depth);
    end_line(text);
}

static void write_repeated(struct text *text, const ProtobufCMessage *message,
                           const ProtobufCFieldDescriptor *field, unsigned depth)
{
    size_t count = gt__field_count(message, field);
    size_t shown = text->style->brief && count > MOST_ELEMENTS ? MOST_ELEMENTS : count;
    for (size_t i = 0; i < shown; i++)
        write_field(text, field, gt__field_element(message, field, i), depth);
    if (shown < count && has_room(text))
        gt__buffer_printf(text->out, "%s: ... (%zu more) ", field->name, count - shown);
}

static uint64_t little_endian(gt_bytes bytes)
{
    uint64_t value = 0;
    for (size_t i = bytes.size; i-- > 0;)
        value = value << 8 | bytes.data[i];
    return value;
}

/* Reads a varint that protobuf-c has read before; gives its size. */
static size_t read_varint(gt_bytes bytes, uint64_t *value)
{
    size_t i = 0;
    *value = 0;
    for (unsigned shift = 0; i < bytes.size && shift < 64; shift += 7) {
        *value |= (uint64_t)(bytes.data[i] & 0x7f) << shift;
        if (!(bytes.data[i++] & 0x80))
            break;
    }
    return i;
}

/* A length-delimited one still has its length in front. */
static void write_unknown_value(struct text *text, const ProtobufCMessageUnknownField *field)
{
    gt_bytes data = gt_bytes_of(field->data, field->len);
    uint64_t number;
    switch (field->wire_type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        read_varint(data, &number);
        gt__buffer_printf(text->out, "%llu", (unsigned long long)number);
        return;
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED: {
        size_t prefix = read_varint(data, &number);
        gt__text_add_quoted(text->out, gt_bytes_of(data.data + prefix, data.size - prefix), false,
                            longest(text));
        return;
    }
    default:
        gt__buffer_printf(text->out, "0x%0*llx", (int)data.size * 2,
                          (unsigned long long)little_endian(data));
        return;
    }
}

/* Text format shows what it knows no name for by number. */
static void write_unknown(struct text *text, const ProtobufCMessageUnknownField *field,
                          unsigned depth)
{
    if (!has_room(text))
        return;
    indent(text, depth);
    gt__buffer_printf(text->out, "%lu: ", (unsigned long)field->tag);
    write_unknown_value(text, field);
    end_line(text);
}

/* ---- messages ------------------------------------------------------------------------------- */

static void write_message(struct text *text, const ProtobufCMessage *message, unsigned depth)
{
    const ProtobufCMessageDescriptor *descriptor = message->descriptor;
    if (write_any(text, message, depth))
        return;
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
            write_repeated(text, message, field, depth);
        else if (gt__field_is_set(message, field))
            write_field(text, field, gt__field_value(message, field), depth);
    }
    for (unsigned i = 0; i < message->n_unknown_fields; i++)
        write_unknown(text, &message->unknown_fields[i], depth);
}

/* On one line each field leaves a space behind it, the last one too many. */
void gt__text_write(gt__buffer *out, const ProtobufCMessage *message, const gt__text_style *style)
{
    struct text text = {.out = out, .style = style};
    size_t before = out->size;
    write_message(&text, message, 0);
    if (!style->multiline && out->size > before)
        out->data[--out->size] = '\0';
}

static const gt__text_style brief = {.brief = true};

void gt__text_write_value(gt__buffer *out, const ProtobufCFieldDescriptor *field, const void *value)
{
    struct text text = {.out = out, .style = &brief};
    write_value(&text, field, value, 0);
}

void gt__text_write_unknown(gt__buffer *out, const ProtobufCMessageUnknownField *field)
{
    struct text text = {.out = out, .style = &brief};
    write_unknown_value(&text, field);
}

char *gt_protobufc_format(const ProtobufCMessage *message)
{
    gt__buffer out = {0};
    gt__text_write(&out, message, &brief);
    return gt__buffer_take_text(&out);
}

int gt_text_format(const gt_message_type *type, gt_bytes message, const gt_text_options *options,
                   gt_buffer *text, gt_message_error *error)
{
    gt_text_options chosen = options ? *options : (gt_text_options){0};
    gt__text_style style = {.multiline = chosen.multiline,
                            .types = chosen.raw_any ? NULL : type->types};
    ProtobufCMessage *unpacked;
    int failed = gt__message_unpack(type, message, &unpacked, error);
    if (failed)
        return failed;
    gt__text_write(text, unpacked, &style);
    gt_protobufc_release(unpacked);
    return 0;
}
