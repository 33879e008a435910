/* A message as one line of protobuf's text format, for a person: what is unset is left out, what is
 * long is cut and tells its size. Presence is read from a field's label and quantifier offset, as
 * descriptors made at run time may say more than generated ones. */
#include "protobufc_text.h"

#define LONGEST_VALUE 200        /* bytes of a string */
#define MOST_ELEMENTS 32         /* of a repeated field */
#define LONGEST_LINE (16 * 1024) /* after which fields are left out */
#define DEEPEST 100

struct line {
    gt__buffer out;
    bool full;
};

static const void *member(const ProtobufCMessage *message, size_t offset)
{
    return (const char *)message + offset;
}

/* ---- values --------------------------------------------------------------------------------- */

static void format_message(struct line *line, const ProtobufCMessage *message, unsigned depth);

static void format_enum(gt__buffer *out, const ProtobufCEnumDescriptor *descriptor, int number)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(descriptor, number);
    if (value)
        gt__buffer_add_text(out, value->name);
    else
        gt__buffer_printf(out, "%d", number);
}

static void format_nested(struct line *line, const ProtobufCMessage *message, unsigned depth)
{
    gt__buffer_add_text(&line->out, "{ ");
    if (message && depth >= DEEPEST)
        gt__buffer_add_text(&line->out, "... ");
    else if (message)
        format_message(line, message, depth + 1);
    gt__buffer_add_text(&line->out, "}");
}

static void format_value(struct line *line, const ProtobufCFieldDescriptor *field,
                         const void *value, unsigned depth)
{
    gt__buffer *out = &line->out;
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
        format_enum(out, field->descriptor, *(const int *)value);
        return;
    case PROTOBUF_C_TYPE_STRING:
        gt__text_add_quoted(out, gt_bytes_str(*(char *const *)value), true, LONGEST_VALUE);
        return;
    case PROTOBUF_C_TYPE_BYTES: {
        const ProtobufCBinaryData *bytes = value;
        gt__text_add_quoted(out, gt_bytes_of(bytes->data, bytes->len), false, LONGEST_VALUE);
        return;
    }
    case PROTOBUF_C_TYPE_MESSAGE:
        format_nested(line, *(ProtobufCMessage *const *)value, depth);
        return;
    }
}

static size_t size_of_value(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    default:
        return 4;
    }
}

/* ---- presence ------------------------------------------------------------------------------- */

static bool is_pointer(const ProtobufCFieldDescriptor *field)
{
    return field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE;
}

/* Whether a value is what proto3 takes for unset: zero in all its bits, or empty. */
static bool is_zero(const ProtobufCFieldDescriptor *field, const void *value)
{
    static const char zeros[8];
    if (field->type == PROTOBUF_C_TYPE_BYTES)
        return ((const ProtobufCBinaryData *)value)->len == 0;
    if (!is_pointer(field))
        return memcmp(value, zeros, size_of_value(field->type)) == 0;
    const char *pointer = *(const char *const *)value;
    return !pointer || (field->type == PROTOBUF_C_TYPE_STRING && !*pointer);
}

static bool is_present(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const void *value = member(message, field->offset);
    const void *quantifier = member(message, field->quantifier_offset);
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return *(const uint32_t *)quantifier == field->id;
    if (field->label == PROTOBUF_C_LABEL_REQUIRED)
        return true;
    if (field->quantifier_offset != 0)
        return *(const protobuf_c_boolean *)quantifier != 0;
    if (field->label == PROTOBUF_C_LABEL_NONE)
        return !is_zero(field, value);
    const void *pointer = *(const void *const *)value;
    return pointer && pointer != field->default_value;
}

/* ---- fields --------------------------------------------------------------------------------- */

/* True when there is room for one more; says once that there is none. */
static bool has_room(struct line *line)
{
    if (!line->full && line->out.size > LONGEST_LINE) {
        gt__buffer_add_text(&line->out, "... ");
        line->full = true;
    }
    return !line->full;
}

static void format_field(struct line *line, const ProtobufCFieldDescriptor *field,
                         const void *value, unsigned depth)
{
    if (!has_room(line))
        return;
    const char *colon = field->type == PROTOBUF_C_TYPE_MESSAGE ? "" : ":";
    gt__buffer_printf(&line->out, "%s%s ", field->name, colon);
    format_value(line, field, value, depth);
    gt__buffer_add_text(&line->out, " ");
}

static void format_repeated(struct line *line, const ProtobufCMessage *message,
                            const ProtobufCFieldDescriptor *field, unsigned depth)
{
    size_t count = *(const size_t *)member(message, field->quantifier_offset);
    const char *values = *(char *const *)member(message, field->offset);
    size_t shown = count < MOST_ELEMENTS ? count : MOST_ELEMENTS;
    for (size_t i = 0; i < shown; i++)
        format_field(line, field, values + i * size_of_value(field->type), depth);
    if (shown < count && has_room(line))
        gt__buffer_printf(&line->out, "%s: ... (%zu more) ", field->name, count - shown);
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

/* Text format shows what it knows no name for by number; a length-delimited one still has its
 * length in front. */
static void format_unknown(struct line *line, const ProtobufCMessageUnknownField *field)
{
    if (!has_room(line))
        return;
    gt_bytes data = gt_bytes_of(field->data, field->len);
    uint64_t number;
    gt__buffer_printf(&line->out, "%lu: ", (unsigned long)field->tag);
    switch (field->wire_type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        read_varint(data, &number);
        gt__buffer_printf(&line->out, "%llu ", (unsigned long long)number);
        return;
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED: {
        size_t prefix = read_varint(data, &number);
        gt__text_add_quoted(&line->out, gt_bytes_of(data.data + prefix, data.size - prefix), false,
                            LONGEST_VALUE);
        gt__buffer_add_text(&line->out, " ");
        return;
    }
    default:
        gt__buffer_printf(&line->out, "0x%0*llx ", (int)data.size * 2,
                          (unsigned long long)little_endian(data));
        return;
    }
}

/* Each field with a space behind it. */
static void format_message(struct line *line, const ProtobufCMessage *message, unsigned depth)
{
    const ProtobufCMessageDescriptor *descriptor = message->descriptor;
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
            format_repeated(line, message, field, depth);
        else if (is_present(message, field))
            format_field(line, field, member(message, field->offset), depth);
    }
    for (unsigned i = 0; i < message->n_unknown_fields; i++)
        format_unknown(line, &message->unknown_fields[i]);
}

char *gt_protobufc_format(const ProtobufCMessage *message)
{
    struct line line = {0};
    format_message(&line, message, 0);
    char *text = gt__buffer_take_text(&line.out);
    size_t size = strlen(text);
    if (size > 0)
        text[size - 1] = '\0';
    return text;
}
