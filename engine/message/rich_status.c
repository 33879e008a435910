/* google.rpc.Status and the google.protobuf.Any in it (rule T4). Their descriptors are written
 * here, since generated ones would have the names that users' own generated code has. */
#include "engine/core/core.h"
#include <grpctest/error.h>
#include <grpctest/protobufc.h>

/* ---- the two messages
 * ------------------------------------------------------------------------------- */

typedef struct any {
    ProtobufCMessage base;
    char *type_url;
    ProtobufCBinaryData value;
} any;

typedef struct rich_status {
    ProtobufCMessage base;
    int32_t code;
    char *message;
    size_t n_details;
    any **details;
} rich_status;

#define FIELD(number, field, label_, type_, quantifier, descriptor_, default_, in)                 \
    {                                                                                              \
        .name = #field, .id = (number), .label = PROTOBUF_C_LABEL_##label_,                        \
        .type = PROTOBUF_C_TYPE_##type_, .quantifier_offset = (quantifier),                        \
        .offset = offsetof(in, field), .descriptor = (descriptor_), .default_value = (default_)    \
    }

static const ProtobufCFieldDescriptor any_fields[] = {
    FIELD(1, type_url, NONE, STRING, 0, NULL, protobuf_c_empty_string, any),
    FIELD(2, value, NONE, BYTES, 0, NULL, NULL, any),
};
static const unsigned any_by_name[] = {0, 1};
static const ProtobufCIntRange any_range[] = {{1, 0}, {0, 2}};

static const ProtobufCMessageDescriptor any_descriptor = {
    .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
    .name = "google.protobuf.Any",
    .short_name = "Any",
    .c_name = "any",
    .package_name = "google.protobuf",
    .sizeof_message = sizeof(any),
    .n_fields = 2,
    .fields = any_fields,
    .fields_sorted_by_name = any_by_name,
    .n_field_ranges = 1,
    .field_ranges = any_range,
};

static const ProtobufCFieldDescriptor status_fields[] = {
    FIELD(1, code, NONE, INT32, 0, NULL, NULL, rich_status),
    FIELD(2, message, NONE, STRING, 0, NULL, protobuf_c_empty_string, rich_status),
    FIELD(3, details, REPEATED, MESSAGE, offsetof(rich_status, n_details), &any_descriptor, NULL,
          rich_status),
};
static const unsigned status_by_name[] = {0, 2, 1};
static const ProtobufCIntRange status_range[] = {{1, 0}, {0, 3}};

static const ProtobufCMessageDescriptor status_descriptor = {
    .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
    .name = "google.rpc.Status",
    .short_name = "Status",
    .c_name = "rich_status",
    .package_name = "google.rpc",
    .sizeof_message = sizeof(rich_status),
    .n_fields = 3,
    .fields = status_fields,
    .fields_sorted_by_name = status_by_name,
    .n_field_ranges = 1,
    .field_ranges = status_range,
};

/* ---- packing
 * ------------------------------------------------------------------------------------------ */

static any *pack_any(const ProtobufCMessage *detail)
{
    any *packed = gt__new(any);
    packed->base.descriptor = &any_descriptor;
    packed->type_url = gt__printf("type.googleapis.com/%s", detail->descriptor->name);
    packed->value.len = protobuf_c_message_get_packed_size(detail);
    packed->value.data = gt__malloc(packed->value.len);
    protobuf_c_message_pack(detail, packed->value.data);
    return packed;
}

static void free_any(any *packed)
{
    gt__free(packed->type_url);
    gt__free(packed->value.data);
    gt__free(packed);
}

uint8_t *gt_protobufc_pack_details(gt_code code, const char *message,
                                   const ProtobufCMessage *const *details, size_t count,
                                   size_t *size)
{
    char *text = gt__strdup(message ? message : "");
    rich_status status = {.base = {.descriptor = &status_descriptor},
                          .code = (int32_t)code,
                          .message = text,
                          .n_details = count,
                          .details = gt__calloc(count + 1, sizeof(any *))};
    for (size_t i = 0; i < count; i++)
        status.details[i] = pack_any(details[i]);
    *size = protobuf_c_message_get_packed_size(&status.base);
    uint8_t *bytes = gt__malloc(*size + 1);
    protobuf_c_message_pack(&status.base, bytes);
    for (size_t i = 0; i < count; i++)
        free_any(status.details[i]);
    gt__free(status.details);
    gt__free(text);
    return bytes;
}

/* ---- finding
 * -------------------------------------------------------------------------------------------- */

/* The type's full name is what follows the last '/' of its URL. */
static bool is_of_type(const any *detail, const ProtobufCMessageDescriptor *type)
{
    const char *slash = strrchr(detail->type_url, '/');
    return strcmp(slash ? slash + 1 : detail->type_url, type->name) == 0;
}

static const any *find(const rich_status *status, const ProtobufCMessageDescriptor *type,
                       size_t nth)
{
    for (size_t i = 0; i < status->n_details; i++)
        if (is_of_type(status->details[i], type) && nth-- == 0)
            return status->details[i];
    return NULL;
}

int gt_protobufc_find_detail(const gt_status *status, const ProtobufCMessageDescriptor *type,
                             size_t nth, ProtobufCMessage **message, char **reason)
{
    ProtobufCMessage *whole;
    *message = NULL;
    int error = gt_protobufc_unpack(&status_descriptor, status->details, NULL, &whole, reason);
    if (error)
        return GT_EINVAL;
    const any *detail = find((const rich_status *)(const void *)whole, type, nth);
    if (!detail)
        error = GT_ENOENT;
    else if (gt_protobufc_unpack(type, gt_bytes_of(detail->value.data, detail->value.len), NULL,
                                 message, reason) != 0)
        error = GT_EINVAL;
    gt_protobufc_release(whole);
    return error;
}
