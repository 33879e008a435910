/* A message's memory: the base, then its fields in the order of their numbers, each with what tells
 * its presence; the members of a oneof share one place. */
#include "descriptor_build.h"

#include "protobufc_field.h"
#include <grpctest/error.h>
#include <stdlib.h>

#define LARGEST_NUMBER ((1 << 29) - 1)
#define NOWHERE ((gt__place){0, 0})

/* ---- what messages and enums have in common -------------------------------------------------- */

/* Room for the runs of `count` ascending numbers, and the sentinel behind them. */
static ProtobufCIntRange *make_ranges(gt__arena *arena, const int32_t *numbers, size_t count,
                                      unsigned *range_count)
{
    ProtobufCIntRange *ranges = gt__arena_array(arena, count + 1, ProtobufCIntRange);
    unsigned used = 0;
    for (size_t i = 0; i < count; i++)
        if (i == 0 || (int64_t)numbers[i] != (int64_t)numbers[i - 1] + 1)
            ranges[used++] = (ProtobufCIntRange){numbers[i], (unsigned)i};
    ranges[used] = (ProtobufCIntRange){0, (unsigned)count};
    *range_count = used;
    return ranges;
}

static const char *last_name(const char *full_name)
{
    const char *dot = strrchr(full_name, '.');
    return dot ? dot + 1 : full_name;
}

static const char *copy_text(gt__arena *arena, const char *text)
{
    return text ? gt__arena_copy(arena, gt_bytes_str(text)) : NULL;
}

/* ---- enums ---------------------------------------------------------------------------------- */

struct value {
    const gt__enum_value_proto *proto;
    size_t declared; /* its place in the .proto */
};

static int by_value(const void *a, const void *b)
{
    const struct value *left = a, *right = b;
    if (left->proto->number != right->proto->number)
        return left->proto->number < right->proto->number ? -1 : 1;
    return left->declared < right->declared ? -1 : 1;
}

static int check_values(const gt__enum_proto *proto, const char *full_name, gt_message_error *error)
{
    if (proto->n_value == 0)
        return gt__message_error_set(error, GT_EINVAL, NOWHERE, NULL, "enum %s has no values",
                                     full_name);
    for (size_t i = 0; i < proto->n_value; i++)
        if (!proto->value[i]->name)
            return gt__message_error_set(error, GT_EINVAL, NOWHERE, NULL,
                                         "enum %s has a value without a name", full_name);
    return 0;
}

/* Values by number, each once under its first name; all names by name. */
static void fill_enum(gt__arena *arena, struct value *sorted, size_t count,
                      ProtobufCEnumDescriptor *pb, gt__names *names)
{
    ProtobufCEnumValue *values = gt__arena_array(arena, count, ProtobufCEnumValue);
    int32_t *numbers = gt__malloc(count * sizeof *numbers);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = copy_text(arena, sorted[i].proto->name);
        if (used == 0 || values[used - 1].value != sorted[i].proto->number) {
            numbers[used] = sorted[i].proto->number;
            values[used++] = (ProtobufCEnumValue){name, name, sorted[i].proto->number};
        }
        gt__names_add(names, name, &values[used - 1]);
    }
    pb->values = values;
    pb->n_values = (unsigned)used;
    pb->value_ranges = make_ranges(arena, numbers, used, &pb->n_value_ranges);
    gt__free(numbers);
}

static void index_enum(gt__arena *arena, const gt__names *names, ProtobufCEnumDescriptor *pb)
{
    ProtobufCEnumValueIndex *by_name =
        gt__arena_array(arena, names->count, ProtobufCEnumValueIndex);
    for (size_t i = 0; i < names->count; i++) {
        const ProtobufCEnumValue *value = names->all[i].thing;
        by_name[i] = (ProtobufCEnumValueIndex){names->all[i].name, (unsigned)(value - pb->values)};
    }
    pb->values_by_name = by_name;
    pb->n_value_names = (unsigned)names->count;
}

int gt__build_enum(gt__batch *batch, const gt__enum_proto *proto, gt__syntax syntax,
                   const char *full_name, gt_message_error *error)
{
    if (check_values(proto, full_name, error) != 0)
        return GT_EINVAL;
    gt__enum_type *type = gt__arena_new(&batch->arena, gt__enum_type);
    type->closed = syntax == GT__PROTO2;
    type->first = copy_text(&batch->arena, proto->value[0]->name);
    type->pb.magic = PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC;
    type->pb.name = type->pb.c_name = full_name;
    type->pb.short_name = last_name(full_name);

    struct value *sorted = gt__malloc(proto->n_value * sizeof *sorted);
    for (size_t i = 0; i < proto->n_value; i++)
        sorted[i] = (struct value){proto->value[i], i};
    qsort(sorted, proto->n_value, sizeof *sorted, by_value);
    gt__names names = {0};
    fill_enum(&batch->arena, sorted, proto->n_value, &type->pb, &names);
    gt__free(sorted);
    const char *twice = gt__names_sort(&names);
    if (!twice)
        index_enum(&batch->arena, &names, &type->pb);
    gt__free(names.all);
    if (twice)
        return gt__message_error_set(error, GT_EINVAL, NOWHERE, NULL, "enum %s has %s twice",
                                     full_name, twice);
    gt__names_add(&batch->enums, full_name, type);
    return 0;
}

/* ---- a message's fields ---------------------------------------------------------------------- */

struct oneof {
    unsigned which, member; /* offsets; 0: no field of it was met so far */
};

struct message {
    gt__batch *batch;
    const gt__message_proto *proto;
    gt__syntax syntax;
    gt_message_type *type;
    struct oneof *oneofs;
    size_t size; /* of the structure so far */
    gt_message_error *error;
};

static int refuse(struct message *message, const gt__field_proto *field, const char *format, ...)
    GT_PRINTF(3, 4);
static int refuse(struct message *message, const gt__field_proto *field, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *reason = gt__vprintf(format, args);
    va_end(args);
    char *path = gt__printf("%s.%s", message->type->name, field->name ? field->name : "?");
    gt__message_error_set(message->error, GT_EINVAL, NOWHERE, path, "%s", reason);
    gt__free(path);
    gt__free(reason);
    return GT_EINVAL;
}

/* FieldDescriptorProto.Type in protobuf-c's numbers; a group has none there. */
static const ProtobufCType types[] = {
    [1] = PROTOBUF_C_TYPE_DOUBLE,    [2] = PROTOBUF_C_TYPE_FLOAT,
    [3] = PROTOBUF_C_TYPE_INT64,     [4] = PROTOBUF_C_TYPE_UINT64,
    [5] = PROTOBUF_C_TYPE_INT32,     [6] = PROTOBUF_C_TYPE_FIXED64,
    [7] = PROTOBUF_C_TYPE_FIXED32,   [8] = PROTOBUF_C_TYPE_BOOL,
    [9] = PROTOBUF_C_TYPE_STRING,    [11] = PROTOBUF_C_TYPE_MESSAGE,
    [12] = PROTOBUF_C_TYPE_BYTES,    [13] = PROTOBUF_C_TYPE_UINT32,
    [14] = PROTOBUF_C_TYPE_ENUM,     [15] = PROTOBUF_C_TYPE_SFIXED32,
    [16] = PROTOBUF_C_TYPE_SFIXED64, [17] = PROTOBUF_C_TYPE_SINT32,
    [18] = PROTOBUF_C_TYPE_SINT64,
};
#define LAST_TYPE 18

static int check_field(struct message *message, const gt__field_proto *field)
{
    if (!field->name || !field->name[0])
        return refuse(message, field, "a field without a name");
    if (field->number < 1 || field->number > LARGEST_NUMBER)
        return refuse(message, field, "no field can have the number %d", (int)field->number);
    if (field->type < 1 || field->type > LAST_TYPE)
        return refuse(message, field, "there is no field type %d", (int)field->type);
    if (field->label < GT__LABEL_OPTIONAL || field->label > GT__LABEL_REPEATED)
        return refuse(message, field, "there is no label %d", (int)field->label);
    if (field->has_oneof_index &&
        (field->oneof_index < 0 || (size_t)field->oneof_index >= message->proto->n_oneof_decl))
        return refuse(message, field, "there is no oneof %d", (int)field->oneof_index);
    if (field->has_oneof_index && field->label != GT__LABEL_OPTIONAL)
        return refuse(message, field, "only an optional field can be in a oneof");
    return 0;
}

/* A proto3 `optional` is put into a oneof of its own, for the sake of older readers. */
static bool is_in_oneof(const gt__field_proto *field)
{
    return field->has_oneof_index && !field->proto3_optional;
}

static bool is_packed(const struct message *message, const gt__field_proto *field,
                      ProtobufCType type)
{
    if (field->label != GT__LABEL_REPEATED || type == PROTOBUF_C_TYPE_STRING ||
        type == PROTOBUF_C_TYPE_BYTES || type == PROTOBUF_C_TYPE_MESSAGE)
        return false;
    if (field->options && field->options->has_packed)
        return field->options->packed;
    return message->syntax == GT__PROTO3;
}

/* A map's entries have presence, so that key and value are written even when they are zero, as
 * other implementations do. */
static ProtobufCLabel label_of(const struct message *message, const gt__field_proto *field)
{
    bool is_entry = message->proto->options && message->proto->options->map_entry;
    if (field->label == GT__LABEL_REPEATED)
        return PROTOBUF_C_LABEL_REPEATED;
    if (field->label == GT__LABEL_REQUIRED)
        return PROTOBUF_C_LABEL_REQUIRED;
    bool implicit = message->syntax == GT__PROTO3 && !field->proto3_optional && !is_entry &&
                    !is_in_oneof(field) && types[field->type] != PROTOBUF_C_TYPE_MESSAGE;
    return implicit ? PROTOBUF_C_LABEL_NONE : PROTOBUF_C_LABEL_OPTIONAL;
}

/* ---- memory */

static unsigned place(struct message *message, size_t size)
{
    size_t at = message->size;
    message->size += (size + 7) / 8 * 8;
    return (unsigned)at;
}

static void place_in_oneof(struct message *message, struct oneof *oneof,
                           ProtobufCFieldDescriptor *pb)
{
    if (oneof->which == 0) {
        oneof->which = place(message, sizeof(uint32_t));
        oneof->member = place(message, sizeof(ProtobufCBinaryData));
    }
    pb->flags |= PROTOBUF_C_FIELD_FLAG_ONEOF;
    pb->quantifier_offset = oneof->which;
    pb->offset = oneof->member;
}

static void place_field(struct message *message, const gt__field_proto *field,
                        ProtobufCFieldDescriptor *pb)
{
    if (is_in_oneof(field)) {
        place_in_oneof(message, &message->oneofs[field->oneof_index], pb);
        return;
    }
    bool repeated = pb->label == PROTOBUF_C_LABEL_REPEATED;
    if (repeated)
        pb->quantifier_offset = place(message, sizeof(size_t));
    else if (pb->label == PROTOBUF_C_LABEL_OPTIONAL && !gt__field_is_pointer(pb))
        pb->quantifier_offset = place(message, sizeof(protobuf_c_boolean));
    pb->offset = place(message, repeated ? sizeof(void *) : gt__value_size(pb->type));
}

/* ---- references */

static const char *without_dot(const char *name)
{
    return name[0] == '.' ? name + 1 : name;
}

static int missing(struct message *message, const gt__field_proto *field)
{
    return refuse(message, field,
                  "its type %s is not there (protoc --include_imports takes imported files along)",
                  field->type_name ? without_dot(field->type_name) : "has no name, so it");
}

static int refer(struct message *message, const gt__field_proto *field, gt__field *out,
                 ProtobufCFieldDescriptor *pb)
{
    const char *name = field->type_name ? without_dot(field->type_name) : "";
    if (pb->type == PROTOBUF_C_TYPE_MESSAGE) {
        out->message = gt__batch_message(message->batch, name);
        if (!out->message)
            return missing(message, field);
        pb->descriptor = out->message->pb;
    } else if (pb->type == PROTOBUF_C_TYPE_ENUM) {
        const gt__enum_type *type = gt__batch_enum(message->batch, name);
        if (!type)
            return missing(message, field);
        pb->descriptor = &type->pb;
        out->closed = type->closed;
        out->default_text = type->first;
    }
    return 0;
}

static int build_field(struct message *message, const gt__field_proto *field, gt__field *out,
                       ProtobufCFieldDescriptor *pb)
{
    gt__arena *arena = &message->batch->arena;
    pb->name = copy_text(arena, field->name);
    pb->id = (uint32_t)field->number;
    pb->type = types[field->type];
    pb->label = label_of(message, field);
    if (is_packed(message, field, pb->type))
        pb->flags |= PROTOBUF_C_FIELD_FLAG_PACKED;
    place_field(message, field, pb);
    out->pb = pb;
    if (refer(message, field, out, pb) != 0)
        return GT_EINVAL;
    out->json_name = field->json_name ? copy_text(arena, field->json_name)
                                      : gt__json_name_of(arena, field->name);
    if (is_in_oneof(field))
        out->oneof = copy_text(arena, message->proto->oneof_decl[field->oneof_index]->name);
    if (field->default_value)
        out->default_text = copy_text(arena, field->default_value);
    return 0;
}

/* ---- the whole message ----------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    const gt__field_proto *const *left = a, *const *right = b;
    return (*left)->number < (*right)->number ? -1 : (*left)->number > (*right)->number;
}

static int index_fields(struct message *message, ProtobufCMessageDescriptor *pb)
{
    gt__names names = {0};
    for (unsigned i = 0; i < pb->n_fields; i++)
        gt__names_add(&names, pb->fields[i].name, message->type->fields + i);
    const char *twice = gt__names_sort(&names);
    unsigned *by_name = gt__arena_array(&message->batch->arena, pb->n_fields + 1, unsigned);
    for (unsigned i = 0; i < pb->n_fields; i++)
        by_name[i] = (unsigned)((gt__field *)names.all[i].thing - message->type->fields);
    pb->fields_sorted_by_name = by_name;
    gt__free(names.all);
    if (twice)
        return gt__message_error_set(message->error, GT_EINVAL, NOWHERE, NULL,
                                     "message %s has two fields %s", message->type->name, twice);
    return 0;
}

static int build_fields(struct message *message, gt__field_proto **sorted, size_t count)
{
    gt__arena *arena = &message->batch->arena;
    ProtobufCMessageDescriptor *pb = (ProtobufCMessageDescriptor *)message->type->pb;
    ProtobufCFieldDescriptor *fields = gt__arena_array(arena, count, ProtobufCFieldDescriptor);
    int32_t *numbers = gt__arena_array(arena, count, int32_t);
    message->type->fields = gt__arena_array(arena, count, gt__field);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && sorted[i]->number == sorted[i - 1]->number)
            return refuse(message, sorted[i], "%s has the number %d, too", sorted[i - 1]->name,
                          (int)sorted[i]->number);
        if (build_field(message, sorted[i], &message->type->fields[i], &fields[i]) != 0)
            return GT_EINVAL;
        numbers[i] = sorted[i]->number;
    }
    pb->n_fields = (unsigned)count;
    pb->fields = fields;
    pb->field_ranges = make_ranges(arena, numbers, count, &pb->n_field_ranges);
    pb->sizeof_message = message->size;
    return index_fields(message, pb);
}

/* Checked, without groups, in the order of their numbers. */
static int sort_fields(struct message *message, gt__field_proto **sorted, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < message->proto->n_field; i++) {
        gt__field_proto *field = message->proto->field[i];
        if (check_field(message, field) != 0)
            return GT_EINVAL;
        if (field->type != GT__TYPE_GROUP)
            sorted[(*count)++] = field;
    }
    if (*count > 0)
        qsort(sorted, *count, sizeof(gt__field_proto *), by_number);
    return 0;
}

int gt__build_message(gt__batch *batch, const gt__message_proto *proto, gt__syntax syntax,
                      gt_message_type *type, gt_message_error *error)
{
    struct message message = {.batch = batch,
                              .proto = proto,
                              .syntax = syntax,
                              .type = type,
                              .size = sizeof(ProtobufCMessage),
                              .error = error};
    ProtobufCMessageDescriptor *pb = (ProtobufCMessageDescriptor *)type->pb;
    pb->magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC;
    pb->name = pb->c_name = type->name;
    pb->short_name = last_name(type->name);

    message.oneofs = gt__calloc(proto->n_oneof_decl + 1, sizeof *message.oneofs);
    gt__field_proto **sorted = gt__calloc(proto->n_field + 1, sizeof(gt__field_proto *));
    size_t count;
    int failed = sort_fields(&message, sorted, &count);
    if (!failed)
        failed = build_fields(&message, sorted, count);
    gt__free(sorted);
    gt__free(message.oneofs);
    return failed;
}
