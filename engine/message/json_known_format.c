/* The messages of google.protobuf that JSON writes in a way of their own, written. */
#include "json_write.h"
#include "known_text.h"
#include "protobufc_field.h"

#include <grpctest/error.h>
#include <grpctest/protobufc.h>
#include <math.h>

static int write_time(gt__json_writer *writer, const gt_message_type *type,
                      const ProtobufCMessage *message)
{
    int64_t seconds = *(const int64_t *)gt__field_value(message, &type->pb->fields[0]);
    int32_t nanos = *(const int32_t *)gt__field_value(message, &type->pb->fields[1]);
    gt__buffer_add_text(writer->out, "\"");
    bool fits = type->known == GT__KNOWN_TIMESTAMP ? gt__timestamp_add(writer->out, seconds, nanos)
                                                   : gt__duration_add(writer->out, seconds, nanos);
    if (!fits)
        return gt__json_refuse(writer, "JSON has no %s of %lld seconds and %ld nanos", type->name,
                               (long long)seconds, (long)nanos);
    gt__buffer_add_text(writer->out, "\"");
    return 0;
}

static int write_mask(gt__json_writer *writer, const gt_message_type *type,
                      const ProtobufCMessage *message)
{
    const ProtobufCFieldDescriptor *paths = &type->pb->fields[0];
    gt__buffer text = {0};
    int error = 0;
    for (size_t i = 0; i < gt__field_count(message, paths) && !error; i++) {
        const char *path = *(const char *const *)gt__field_element(message, paths, i);
        if (i > 0)
            gt__buffer_add_text(&text, ",");
        if (!gt__mask_path_add(&text, path))
            error = gt__json_refuse(writer, "JSON has no lowerCamelCase for the path %s", path);
    }
    gt__json_write_string(writer, gt_buffer_text(&text));
    gt__buffer_cleanup(&text);
    return error;
}

static int write_any_value(gt__json_writer *writer, const gt_message_type *type,
                           const ProtobufCMessage *message)
{
    for (unsigned i = 0; i < type->pb->n_fields; i++) {
        const gt__field *field = &type->fields[i];
        const void *value = gt__field_value(message, field->pb);
        if (!gt__field_is_set(message, field->pb))
            continue;
        if (field->pb->type == PROTOBUF_C_TYPE_DOUBLE && !isfinite(*(const double *)value))
            return gt__json_refuse(writer, "JSON has no number for this %s", type->name);
        return gt__json_write_value(writer, field, value);
    }
    return gt__json_refuse(writer, "JSON has nothing for a %s that holds nothing", type->name);
}

/* ---- Any ------------------------------------------------------------------------------------ */

static int write_packed(gt__json_writer *writer, const char *url, const gt_message_type *type,
                        const ProtobufCMessage *message)
{
    bool first = true;
    int error;
    gt__json_open(writer, '{');
    gt__json_next(writer, &first);
    gt__json_write_key(writer, "@type");
    gt__json_write_string(writer, url);
    if (type->known == GT__KNOWN_NONE || type->known == GT__KNOWN_EMPTY) {
        error = gt__json_write_fields(writer, type, message, &first);
    } else {
        gt__json_next(writer, &first);
        gt__json_write_key(writer, "value");
        error = gt__json_write_message(writer, type, message);
    }
    gt__json_close(writer, '}', first);
    return error;
}

static int write_any(gt__json_writer *writer, const gt_message_type *any,
                     const ProtobufCMessage *message)
{
    const char *url = *(const char *const *)gt__field_value(message, &any->pb->fields[0]);
    const ProtobufCBinaryData *value = gt__field_value(message, &any->pb->fields[1]);
    if ((!url || !url[0]) && value->len == 0) {
        gt__buffer_add_text(writer->out, "{}");
        return 0;
    }
    const gt_message_type *type = url ? gt__types_of_url(any->types, url) : NULL;
    if (!type)
        return gt__json_refuse(writer, "the type %s is not known", url ? url : "");
    ProtobufCMessage *inner;
    char *reason = NULL;
    if (gt_protobufc_unpack(type->pb, gt_bytes_of(value->data, value->len), NULL, &inner,
                            &reason) != 0) {
        int error = gt__json_refuse(writer, "%s", reason);
        gt__free(reason);
        return error;
    }
    int error = write_packed(writer, url, type, inner);
    gt_protobufc_release(inner);
    return error;
}

/* ---- all of them ---------------------------------------------------------------------------- */

int gt__json_write_known(gt__json_writer *writer, const gt_message_type *type,
                         const ProtobufCMessage *message)
{
    const gt__field *first = &type->fields[0];
    switch (type->known) {
    case GT__KNOWN_ANY:
        return write_any(writer, type, message);
    case GT__KNOWN_TIMESTAMP:
    case GT__KNOWN_DURATION:
        return write_time(writer, type, message);
    case GT__KNOWN_FIELD_MASK:
        return write_mask(writer, type, message);
    case GT__KNOWN_STRUCT:
        return gt__json_write_map(writer, first, message);
    case GT__KNOWN_VALUE:
        return write_any_value(writer, type, message);
    case GT__KNOWN_LIST:
        return gt__json_write_list(writer, first, message);
    default: /* a wrapper */
        return gt__json_write_value(writer, first, gt__field_value(message, first->pb));
    }
}
