/* Types of generated code: what protobuf-c's descriptors have lost is what it is by default. */
#include "types.h"

#include <grpctest/protobufc.h>

/* ---- messages ------------------------------------------------------------------------------- */

/* The compiler makes a map a repeated message of its own, named after the field. */
static bool is_entry_name(gt__arena *arena, const char *name, const char *field)
{
    char *entry = gt__arena_printf(arena, "_%s", field);
    char *camel = gt__json_name_of(arena, entry);
    size_t size = strlen(camel);
    return strncmp(name, camel, size) == 0 && strcmp(name + size, "Entry") == 0;
}

static bool is_map(gt__arena *arena, const ProtobufCFieldDescriptor *field, const char *owner)
{
    const ProtobufCMessageDescriptor *entry = field->descriptor;
    size_t size = strlen(owner);
    return field->label == PROTOBUF_C_LABEL_REPEATED && field->type == PROTOBUF_C_TYPE_MESSAGE &&
           entry->n_fields == 2 && entry->fields[0].id == 1 && entry->fields[1].id == 2 &&
           strncmp(entry->name, owner, size) == 0 && entry->name[size] == '.' &&
           is_entry_name(arena, entry->name + size + 1, field->name);
}

struct maker {
    gt__batch batch;
    gt__names made; /* all types, by name, unsorted */
};

static const gt_message_type *type_of(struct maker *maker, const ProtobufCMessageDescriptor *pb);

static void fill_field(struct maker *maker, const ProtobufCMessageDescriptor *owner,
                       const ProtobufCFieldDescriptor *pb, gt__field *field)
{
    field->pb = pb;
    field->json_name = gt__json_name_of(&maker->batch.arena, pb->name);
    if (pb->type != PROTOBUF_C_TYPE_MESSAGE)
        return;
    field->message = type_of(maker, pb->descriptor);
    field->is_map = is_map(&maker->batch.arena, pb, owner->name);
}

static const gt_message_type *find_made(const struct maker *maker,
                                        const ProtobufCMessageDescriptor *pb)
{
    for (size_t i = 0; i < maker->made.count; i++) {
        const gt_message_type *type = maker->made.all[i].thing;
        if (type->pb == pb)
            return type;
    }
    return NULL;
}

/* The type of this very descriptor: one of a set would look for fields elsewhere in memory. Such a
 * one keeps its name, and the new type goes without. Types refer to one another in circles: each is
 * there before its fields are looked at. */
static const gt_message_type *type_of(struct maker *maker, const ProtobufCMessageDescriptor *pb)
{
    const gt_message_type *named = gt_types_message(maker->batch.types, pb->name);
    if (named && named->pb == pb)
        return named;
    const gt_message_type *made = find_made(maker, pb);
    if (made)
        return made;
    gt_message_type *type = gt__arena_new(&maker->batch.arena, gt_message_type);
    type->name = pb->name;
    type->types = maker->batch.types;
    type->pb = pb;
    type->known = gt__known_of(pb);
    type->fields = gt__arena_array(&maker->batch.arena, pb->n_fields, gt__field);
    gt__names_add(&maker->made, pb->name, type);
    if (!named)
        gt__names_add(&maker->batch.messages, pb->name, type);
    for (unsigned i = 0; i < pb->n_fields; i++)
        fill_field(maker, pb, &pb->fields[i], &type->fields[i]);
    return type;
}

static void keep(struct maker *maker)
{
    gt__names_sort(&maker->batch.messages);
    gt__names_sort(&maker->batch.methods);
    gt__batch_keep(&maker->batch);
    gt__free(maker->made.all);
}

const gt_message_type *gt_types_add_message(gt_types *types,
                                            const ProtobufCMessageDescriptor *descriptor)
{
    const gt_message_type *type = gt_types_message(types, descriptor->name);
    if (type)
        return type;
    struct maker maker = {.batch = gt__batch_begin(types)};
    type = type_of(&maker, descriptor);
    keep(&maker);
    return type;
}

/* ---- services ------------------------------------------------------------------------------- */

/* A type by its name: a set's before one of the generated code. */
static const gt_message_type *named_type(struct maker *maker, const ProtobufCMessageDescriptor *pb)
{
    const gt_message_type *named = gt_types_message(maker->batch.types, pb->name);
    return named ? named : type_of(maker, pb);
}

void gt_types_add_service(gt_types *types, const ProtobufCServiceDescriptor *service)
{
    struct maker maker = {.batch = gt__batch_begin(types)};
    gt__arena *arena = &maker.batch.arena;
    for (unsigned i = 0; i < service->n_methods; i++) {
        const ProtobufCMethodDescriptor *pb = &service->methods[i];
        char *path = gt__arena_printf(arena, "/%s/%s", service->name, pb->name);
        if (gt_types_method(types, path))
            continue;
        gt_method_type *method = gt__arena_new(arena, gt_method_type);
        *method = (gt_method_type){.path = path,
                                   .service = service->name,
                                   .name = pb->name,
                                   .input = named_type(&maker, pb->input),
                                   .output = named_type(&maker, pb->output)};
        gt__names_add(&maker.batch.methods, path, method);
    }
    keep(&maker);
}
