/* The messages of google.protobuf that JSON writes in a way of their own, read. */
#include "json_parse.h"
#include "known_text.h"
#include "path_text.h"
#include "protobufc_field.h"

#include <grpctest/error.h>
#include <grpctest/protobufc.h>

/* ---- strings that stand for messages -----------------------------------------------------------
 */

/* Timestamp and Duration: seconds and nanos. */
static int read_time(gt__json_reader *reader, const gt_message_type *type, const gt__json *node,
                     ProtobufCMessage *message)
{
    int64_t seconds;
    int32_t nanos;
    bool instant = type->known == GT__KNOWN_TIMESTAMP;
    const char *text = gt__json_text(node);
    if (!text || !(instant ? gt__timestamp_read(text, &seconds, &nanos)
                           : gt__duration_read(text, &seconds, &nanos)))
        return gt__json_expected(reader, node,
                                 instant ? "an instant of the years 1 to 9999, such as "
                                           "\"1972-01-01T10:00:20.021Z\","
                                         : "a duration of up to 10,000 years, such as \"1.5s\",");
    *(int64_t *)gt__field_set(message, &type->pb->fields[0]) = seconds;
    *(int32_t *)gt__field_set(message, &type->pb->fields[1]) = nanos;
    return 0;
}

static int read_mask(gt__json_reader *reader, const gt_message_type *type, const gt__json *node,
                     ProtobufCMessage *message)
{
    const char *text = gt__json_text(node);
    if (!text)
        return gt__json_expected(reader, node, "a string of paths");
    while (*text) {
        size_t size = strcspn(text, ",");
        gt__buffer path = {0};
        if (!gt__mask_path_read(&path, text, size) || (text[size] == ',' && !text[size + 1])) {
            gt__buffer_cleanup(&path);
            return gt__json_expected(reader, node, "paths in lowerCamelCase with commas between");
        }
        *(char **)gt__field_add(message, &type->pb->fields[0]) = gt__buffer_take_text(&path);
        text += size + (text[size] == ',');
    }
    return 0;
}

/* ---- any JSON ------------------------------------------------------------------------------- */

static int read_struct(gt__json_reader *reader, const gt_message_type *type, const gt__json *node,
                       ProtobufCMessage *message)
{
    /* Its one field is a map of values, and so is the object. */
    gt__json inner = *node;
    inner.key = type->fields[0].json_name;
    gt__json outer = {.value = node->value, .at = node->at, .children = &inner, .count = 1};
    if (!json_is_object(node->value))
        return gt__json_expected(reader, node, "an object");
    return gt__json_read_fields(reader, type, &outer, NULL, message);
}

static int read_list(gt__json_reader *reader, const gt_message_type *type, const gt__json *node,
                     ProtobufCMessage *message)
{
    const gt__field *values = &type->fields[0];
    if (!json_is_array(node->value))
        return gt__json_expected(reader, node, "an array");
    for (size_t i = 0; i < node->count; i++) {
        size_t length = gt__path_add_index(&reader->path, i);
        int error = gt__json_read_value(reader, values, &node->children[i],
                                        gt__field_add(message, values->pb));
        if (error)
            return error;
        gt__path_cut(&reader->path, length);
    }
    return 0;
}

/* Which of a Value's fields, in the order of their numbers, holds JSON of a kind. */
static unsigned member_for(const gt__json *node)
{
    switch (json_typeof(node->value)) {
    case JSON_NULL:
        return 0;
    case JSON_STRING:
        return 2;
    case JSON_TRUE:
    case JSON_FALSE:
        return 3;
    case JSON_OBJECT:
        return 4;
    case JSON_ARRAY:
        return 5;
    default:
        return 1;
    }
}

static int read_any_value(gt__json_reader *reader, const gt_message_type *type,
                          const gt__json *node, ProtobufCMessage *message)
{
    const gt__field *field = &type->fields[member_for(node)];
    void *value = gt__field_set(message, field->pb);
    return json_is_null(node->value) ? 0 : gt__json_read_value(reader, field, node, value);
}

/* ---- Any ------------------------------------------------------------------------------------ */

/* What stands beside "@type": the fields, or "value" with what has a form of its own. */
static int read_packed(gt__json_reader *reader, const gt_message_type *type, const gt__json *node,
                       ProtobufCMessage *message)
{
    const gt__json *value = gt__json_member(node, "value");
    bool own_form = type->known != GT__KNOWN_NONE && type->known != GT__KNOWN_EMPTY;
    if (!own_form && !(type->known == GT__KNOWN_EMPTY && value))
        return gt__json_read_fields(reader, type, node, "@type", message);
    if (!value)
        return gt__json_fail(reader, node->at, "\"value\" is missing beside \"@type\"");
    if (node->count > 2)
        return gt__json_fail(reader, node->at, "more than \"value\" beside \"@type\"");
    return gt__json_read_message(reader, type, value, message);
}

static int read_any(gt__json_reader *reader, const gt_message_type *any, const gt__json *node,
                    ProtobufCMessage *message)
{
    if (!json_is_object(node->value))
        return gt__json_expected(reader, node, "an object");
    if (node->count == 0)
        return 0;
    const gt__json *name = gt__json_member(node, "@type");
    if (!name)
        return gt__json_fail(reader, node->at, "\"@type\" is missing");
    const char *url = gt__json_text(name);
    if (!url)
        return gt__json_expected(reader, name, "a type's URL");
    const gt_message_type *type = gt__types_of_url(any->types, url);
    if (!type)
        return gt__json_fail(reader, name->at, "the type %s is not known", url);
    *(char **)gt__field_set(message, &any->pb->fields[0]) = gt__strdup(url);

    ProtobufCMessage *inner = gt__message_new(type->pb);
    int error = read_packed(reader, type, node, inner);
    if (!error) {
        gt__buffer packed = {0};
        gt__message_pack(inner, &packed);
        ProtobufCBinaryData *value = gt__field_set(message, &any->pb->fields[1]);
        value->data = packed.data;
        value->len = packed.size;
    }
    gt_protobufc_release(inner);
    return error;
}

/* ---- all of them ---------------------------------------------------------------------------- */

int gt__json_read_known(gt__json_reader *reader, const gt_message_type *type, const gt__json *node,
                        ProtobufCMessage *message)
{
    switch (type->known) {
    case GT__KNOWN_ANY:
        return read_any(reader, type, node, message);
    case GT__KNOWN_TIMESTAMP:
    case GT__KNOWN_DURATION:
        return read_time(reader, type, node, message);
    case GT__KNOWN_FIELD_MASK:
        return read_mask(reader, type, node, message);
    case GT__KNOWN_STRUCT:
        return read_struct(reader, type, node, message);
    case GT__KNOWN_VALUE:
        return read_any_value(reader, type, node, message);
    case GT__KNOWN_LIST:
        return read_list(reader, type, node, message);
    default: /* a wrapper */
        return gt__json_read_value(reader, &type->fields[0], node,
                                   gt__field_set(message, type->fields[0].pb));
    }
}
