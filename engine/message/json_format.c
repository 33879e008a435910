/* A message of protobuf-c's as canonical proto3 JSON. */
#include "json_write.h"

#include "engine/core/coding.h"
#include "map_entries.h"
#include "path_text.h"
#include "protobufc_field.h"
#include "text_value.h"
#include <grpctest/error.h>
#include <grpctest/protobufc.h>
#include <math.h>

#define DEEPEST 100

int gt__json_refuse(gt__json_writer *writer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *reason = gt__vprintf(format, args);
    va_end(args);
    gt__message_error_set(writer->error, GT_EINVAL, (gt__place){0, 0},
                          gt_buffer_text(&writer->path), "%s", reason);
    gt__free(reason);
    return GT_EINVAL;
}

/* ---- syntax --------------------------------------------------------------------------------- */

static void add_line(gt__json_writer *writer)
{
    if (writer->options.multiline)
        gt__buffer_printf(writer->out, "\n%*s", (int)writer->depth * 2, "");
}

void gt__json_open(gt__json_writer *writer, char bracket)
{
    gt__buffer_add(writer->out, &bracket, 1);
    writer->depth++;
}

void gt__json_next(gt__json_writer *writer, bool *first)
{
    if (!*first)
        gt__buffer_add_text(writer->out, ",");
    *first = false;
    add_line(writer);
}

void gt__json_close(gt__json_writer *writer, char bracket, bool empty)
{
    writer->depth--;
    if (!empty)
        add_line(writer);
    gt__buffer_add(writer->out, &bracket, 1);
}

static void add_character(gt__buffer *out, char c)
{
    static const char named[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = c != '\0' ? strchr(named, c) : NULL;
    if (found)
        gt__buffer_printf(out, "\\%c", letters[found - named]);
    else if ((unsigned char)c < 0x20)
        gt__buffer_printf(out, "\\u%04x", (unsigned)c);
    else
        gt__buffer_add(out, &c, 1);
}

void gt__json_write_string(gt__json_writer *writer, const char *text)
{
    gt__buffer_add_text(writer->out, "\"");
    for (; text && *text; text++)
        add_character(writer->out, *text);
    gt__buffer_add_text(writer->out, "\"");
}

void gt__json_write_key(gt__json_writer *writer, const char *key)
{
    gt__json_write_string(writer, key);
    gt__buffer_add_text(writer->out, writer->options.multiline ? ": " : ":");
}

/* ---- scalars -------------------------------------------------------------------------------- */

static void write_real(gt__json_writer *writer, double value, bool narrow)
{
    if (isnan(value))
        gt__buffer_add_text(writer->out, "\"NaN\"");
    else if (isinf(value))
        gt__buffer_add_text(writer->out, value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
    else if (narrow)
        gt__text_add_float(writer->out, (float)value);
    else
        gt__text_add_double(writer->out, value);
}

static void write_enum(gt__json_writer *writer, const ProtobufCEnumDescriptor *type, int number)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(type, number);
    if (strcmp(type->name, "google.protobuf.NullValue") == 0)
        gt__buffer_add_text(writer->out, "null");
    else if (value && !writer->options.enum_numbers)
        gt__json_write_string(writer, value->name);
    else
        gt__buffer_printf(writer->out, "%d", number);
}

static void write_bytes(gt__json_writer *writer, const ProtobufCBinaryData *value)
{
    static const char *const padding[] = {"", "==", "="};
    gt__buffer_add_text(writer->out, "\"");
    gt__base64_encode(writer->out, gt_bytes_of(value->data, value->len));
    gt__buffer_printf(writer->out, "%s\"", padding[value->len % 3]);
}

int gt__json_write_value(gt__json_writer *writer, const gt__field *field, const void *value)
{
    gt__buffer *out = writer->out;
    switch (field->pb->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        gt__buffer_printf(out, "%ld", (long)*(const int32_t *)value);
        return 0;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        gt__buffer_printf(out, "%lu", (unsigned long)*(const uint32_t *)value);
        return 0;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        gt__buffer_printf(out, "\"%lld\"", (long long)*(const int64_t *)value);
        return 0;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        gt__buffer_printf(out, "\"%llu\"", (unsigned long long)*(const uint64_t *)value);
        return 0;
    case PROTOBUF_C_TYPE_FLOAT:
        write_real(writer, (double)*(const float *)value, true);
        return 0;
    case PROTOBUF_C_TYPE_DOUBLE:
        write_real(writer, *(const double *)value, false);
        return 0;
    case PROTOBUF_C_TYPE_BOOL:
        gt__buffer_add_text(out, *(const protobuf_c_boolean *)value ? "true" : "false");
        return 0;
    case PROTOBUF_C_TYPE_ENUM:
        write_enum(writer, field->pb->descriptor, *(const int *)value);
        return 0;
    case PROTOBUF_C_TYPE_STRING:
        gt__json_write_string(writer, *(const char *const *)value);
        return 0;
    case PROTOBUF_C_TYPE_BYTES:
        write_bytes(writer, value);
        return 0;
    case PROTOBUF_C_TYPE_MESSAGE:
        return gt__json_write_message(writer, field->message,
                                      *(const ProtobufCMessage *const *)value);
    }
    return 0;
}

/* A number that a closed enum does not have is an unknown field in protobuf's eyes: a newer peer
 * may send it, and it has no JSON. */
static bool has_json(const gt__field *field, const void *value)
{
    return !field->closed ||
           protobuf_c_enum_descriptor_get_value(field->pb->descriptor, *(const int *)value);
}

/* ---- lists ---------------------------------------------------------------------------------- */

static bool is_list_empty(const gt__field *field, const ProtobufCMessage *message)
{
    size_t count = gt__field_count(message, field->pb);
    for (size_t i = 0; i < count; i++)
        if (has_json(field, gt__field_element(message, field->pb, i)))
            return false;
    return true;
}

int gt__json_write_list(gt__json_writer *writer, const gt__field *field,
                        const ProtobufCMessage *message)
{
    bool first = true;
    size_t count = gt__field_count(message, field->pb);
    gt__json_open(writer, '[');
    for (size_t i = 0; i < count; i++) {
        const void *element = gt__field_element(message, field->pb, i);
        if (!has_json(field, element))
            continue;
        size_t length = gt__path_add_index(&writer->path, i);
        gt__json_next(writer, &first);
        int error = gt__json_write_value(writer, field, element);
        if (error)
            return error;
        gt__path_cut(&writer->path, length);
    }
    gt__json_close(writer, ']', first);
    return 0;
}

/* ---- maps ----------------------------------------------------------------------------------- */

static int write_entry(gt__json_writer *writer, const gt__field *map, const gt__map_entry *entry,
                       bool *first)
{
    const gt__field *value = &map->message->fields[1];
    size_t length = gt__path_add_key(&writer->path, entry->key);
    gt__json_next(writer, first);
    gt__json_write_key(writer, entry->key);
    int error = gt__json_write_value(writer, value, gt__field_value(entry->message, value->pb));
    if (!error)
        gt__path_cut(&writer->path, length);
    return error;
}

int gt__json_write_map(gt__json_writer *writer, const gt__field *field,
                       const ProtobufCMessage *message)
{
    bool first = true;
    int error = 0;
    size_t count;
    gt__json_open(writer, '{');
    gt__map_entry *entries = gt__map_read(field, message, &count);
    for (size_t i = 0; i < count && !error; i++)
        if (!entries[i].replaced)
            error = write_entry(writer, field, &entries[i], &first);
    gt__free(entries);
    gt__json_close(writer, '}', first);
    return error;
}

/* ---- fields --------------------------------------------------------------------------------- */

static bool is_shown(const gt__json_writer *writer, const gt__field *field,
                     const ProtobufCMessage *message)
{
    if (field->pb->label == PROTOBUF_C_LABEL_REPEATED)
        return writer->options.emit_defaults || !is_list_empty(field, message);
    if (gt__field_is_set(message, field->pb))
        return has_json(field, gt__field_value(message, field->pb));
    return writer->options.emit_defaults && field->pb->label == PROTOBUF_C_LABEL_NONE &&
           !(field->pb->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) && !field->message;
}

static int write_field(gt__json_writer *writer, const gt__field *field,
                       const ProtobufCMessage *message)
{
    if (field->is_map)
        return gt__json_write_map(writer, field, message);
    if (field->pb->label == PROTOBUF_C_LABEL_REPEATED)
        return gt__json_write_list(writer, field, message);
    return gt__json_write_value(writer, field, gt__field_value(message, field->pb));
}

int gt__json_write_fields(gt__json_writer *writer, const gt_message_type *type,
                          const ProtobufCMessage *message, bool *first)
{
    for (unsigned i = 0; i < type->pb->n_fields; i++) {
        const gt__field *field = &type->fields[i];
        if (!is_shown(writer, field, message))
            continue;
        size_t length = gt__path_add_name(&writer->path, field->pb->name);
        gt__json_next(writer, first);
        gt__json_write_key(writer,
                           writer->options.proto_names ? field->pb->name : field->json_name);
        int error = write_field(writer, field, message);
        if (error)
            return error;
        gt__path_cut(&writer->path, length);
    }
    return 0;
}

/* ---- messages ------------------------------------------------------------------------------- */

static int write_plain(gt__json_writer *writer, const gt_message_type *type,
                       const ProtobufCMessage *message)
{
    bool first = true;
    gt__json_open(writer, '{');
    int error = gt__json_write_fields(writer, type, message, &first);
    gt__json_close(writer, '}', first);
    return error;
}

int gt__json_write_message(gt__json_writer *writer, const gt_message_type *type,
                           const ProtobufCMessage *message)
{
    ProtobufCMessage *empty = NULL;
    if (writer->nested > DEEPEST)
        return gt__json_refuse(writer, "nested more than %d deep", DEEPEST);
    if (!message)
        message = empty = gt__message_new(type->pb);
    writer->nested++;
    int error = type->known == GT__KNOWN_NONE || type->known == GT__KNOWN_EMPTY
                    ? write_plain(writer, type, message)
                    : gt__json_write_known(writer, type, message);
    writer->nested--;
    gt_protobufc_release(empty);
    return error;
}

int gt_json_format(const gt_message_type *type, gt_bytes message, const gt_json_options *options,
                   gt_buffer *text, gt_message_error *error)
{
    gt__buffer out = {0};
    gt__json_writer writer = {.out = &out, .error = error};
    if (options)
        writer.options = *options;
    ProtobufCMessage *unpacked;
    int failed = gt__message_unpack(type, message, &unpacked, error);
    if (failed)
        return failed;
    failed = gt__json_write_message(&writer, type, unpacked);
    if (!failed)
        gt_buffer_add(text, gt_buffer_bytes(&out));
    gt_protobufc_release(unpacked);
    gt__buffer_cleanup(&out);
    gt__buffer_cleanup(&writer.path);
    return failed;
}
