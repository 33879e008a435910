#include "protobufc_field.h"

static const void *member(const ProtobufCMessage *message, size_t offset)
{
    return (const char *)message + offset;
}

size_t gt__value_size(ProtobufCType type)
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

bool gt__field_is_pointer(const ProtobufCFieldDescriptor *field)
{
    return field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Whether a value is what proto3 takes for unset: zero in all its bits, or empty. */
static bool is_zero(const ProtobufCFieldDescriptor *field, const void *value)
{
    static const char zeros[8];
    if (field->type == PROTOBUF_C_TYPE_BYTES)
        return ((const ProtobufCBinaryData *)value)->len == 0;
    if (!gt__field_is_pointer(field))
        return memcmp(value, zeros, gt__value_size(field->type)) == 0;
    const char *pointer = *(const char *const *)value;
    return !pointer || (field->type == PROTOBUF_C_TYPE_STRING && !*pointer);
}

bool gt__field_is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
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

const void *gt__field_value(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return member(message, field->offset);
}

size_t gt__field_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return *(const size_t *)member(message, field->quantifier_offset);
}

const void *gt__field_element(const ProtobufCMessage *message,
                              const ProtobufCFieldDescriptor *field, size_t index)
{
    const char *values = *(char *const *)member(message, field->offset);
    return values + index * gt__value_size(field->type);
}

uint32_t gt__field_rival(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    if (!(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
        return 0;
    return *(const uint32_t *)member(message, field->quantifier_offset);
}

/* ---- writing -------------------------------------------------------------------------------- */

/* Descriptors made at run time have no function for this, and no defaults. */
ProtobufCMessage *gt__message_new(const ProtobufCMessageDescriptor *descriptor)
{
    ProtobufCMessage *message = gt__calloc(1, descriptor->sizeof_message);
    if (descriptor->message_init)
        descriptor->message_init(message);
    message->descriptor = descriptor;
    return message;
}

void *gt__field_set(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    char *base = (char *)message;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        *(uint32_t *)(void *)(base + field->quantifier_offset) = field->id;
    else if (field->quantifier_offset != 0)
        *(protobuf_c_boolean *)(void *)(base + field->quantifier_offset) = true;
    return memset(base + field->offset, 0, gt__value_size(field->type));
}

/* There is room for as many as the next power of two. */
void *gt__field_add(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    size_t *count = (size_t *)(void *)((char *)message + field->quantifier_offset);
    void **values = (void **)(void *)((char *)message + field->offset);
    size_t size = gt__value_size(field->type);
    if ((*count & (*count - 1)) == 0)
        *values = gt__realloc(*values, (*count > 0 ? *count * 2 : 1) * size);
    return memset((char *)*values + size * (*count)++, 0, size);
}

void gt__message_pack(const ProtobufCMessage *message, gt__buffer *out)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    protobuf_c_message_pack(message, gt__buffer_extend(out, size));
}
