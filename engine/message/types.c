/* Collections of types: lists of names, sorted, over arenas. */
#include "types.h"

#include <ctype.h>
#include <grpctest/protobufc.h>
#include <stdlib.h>

struct gt_types {
    gt__arena *arenas; /* of the batches that were kept */
    size_t arena_count;
    gt__names messages, enums, methods, files;
};

/* ---- names ---------------------------------------------------------------------------------- */

void gt__names_add(gt__names *names, const char *name, void *thing)
{
    if (names->count == names->capacity) {
        names->capacity = names->capacity * 2 + 8;
        names->all = gt__realloc(names->all, names->capacity * sizeof *names->all);
    }
    names->all[names->count++] = (gt__named){name, thing};
}

static int compare(const void *a, const void *b)
{
    const gt__named *left = a, *right = b;
    return strcmp(left->name, right->name);
}

const char *gt__names_sort(gt__names *names)
{
    if (names->count > 0)
        qsort(names->all, names->count, sizeof *names->all, compare);
    for (size_t i = 1; i < names->count; i++)
        if (strcmp(names->all[i - 1].name, names->all[i].name) == 0)
            return names->all[i].name;
    return NULL;
}

void *gt__names_find(const gt__names *names, const char *name)
{
    gt__named key = {name, NULL};
    if (names->count == 0)
        return NULL;
    const gt__named *found = bsearch(&key, names->all, names->count, sizeof key, compare);
    return found ? found->thing : NULL;
}

static void move_names(gt__names *to, gt__names *from)
{
    for (size_t i = 0; i < from->count; i++)
        gt__names_add(to, from->all[i].name, from->all[i].thing);
    gt__names_sort(to);
    gt__free(from->all);
    *from = (gt__names){0};
}

/* ---- batches -------------------------------------------------------------------------------- */

gt__batch gt__batch_begin(gt_types *types)
{
    return (gt__batch){.types = types};
}

void gt__batch_drop(gt__batch *batch)
{
    gt__free(batch->messages.all);
    gt__free(batch->enums.all);
    gt__free(batch->methods.all);
    gt__free(batch->files.all);
    gt__arena_cleanup(&batch->arena);
}

void gt__batch_keep(gt__batch *batch)
{
    gt_types *types = batch->types;
    types->arenas = gt__realloc(types->arenas, (types->arena_count + 1) * sizeof *types->arenas);
    types->arenas[types->arena_count++] = batch->arena;
    move_names(&types->messages, &batch->messages);
    move_names(&types->enums, &batch->enums);
    move_names(&types->methods, &batch->methods);
    move_names(&types->files, &batch->files);
}

const gt_message_type *gt__batch_message(const gt__batch *batch, const char *name)
{
    const gt_message_type *type = gt__names_find(&batch->messages, name);
    return type ? type : gt_types_message(batch->types, name);
}

const gt__enum_type *gt__batch_enum(const gt__batch *batch, const char *name)
{
    const gt__enum_type *type = gt__names_find(&batch->enums, name);
    return type ? type : gt__names_find(&batch->types->enums, name);
}

static const char *common_name(const gt__names *names, const gt__names *others)
{
    for (size_t i = 0; i < names->count; i++)
        if (gt__names_find(others, names->all[i].name))
            return names->all[i].name;
    return NULL;
}

const char *gt__batch_clash(const gt__batch *batch)
{
    const gt_types *types = batch->types;
    const char *name = common_name(&batch->messages, &types->messages);
    if (!name)
        name = common_name(&batch->enums, &types->enums);
    return name ? name : common_name(&batch->methods, &types->methods);
}

/* ---- the collection ------------------------------------------------------------------------- */

gt_types *gt_types_new(void)
{
    return gt__new(gt_types);
}

void gt_types_free(gt_types *types)
{
    if (!types)
        return;
    for (size_t i = 0; i < types->arena_count; i++)
        gt__arena_cleanup(&types->arenas[i]);
    gt__free(types->arenas);
    gt__free(types->messages.all);
    gt__free(types->enums.all);
    gt__free(types->methods.all);
    gt__free(types->files.all);
    gt__free(types);
}

const gt_message_type *gt_types_message(const gt_types *types, const char *name)
{
    return gt__names_find(&types->messages, name);
}

const gt_bytes *gt__types_file(const gt_types *types, const char *name)
{
    return gt__names_find(&types->files, name);
}

const gt_method_type *gt_types_method(const gt_types *types, const char *path)
{
    return gt__names_find(&types->methods, path);
}

size_t gt_types_method_count(const gt_types *types)
{
    return types->methods.count;
}

const gt_method_type *gt_types_method_at(const gt_types *types, size_t index)
{
    return index < types->methods.count ? types->methods.all[index].thing : NULL;
}

const gt_message_type *gt__types_of_url(const gt_types *types, const char *url)
{
    const char *slash = strrchr(url, '/');
    return slash ? gt_types_message(types, slash + 1) : NULL;
}

/* ---- a type --------------------------------------------------------------------------------- */

const char *gt_message_type_name(const gt_message_type *type)
{
    return type->name;
}

gt_type gt_message_type_codec(const gt_message_type *type)
{
    return gt_pb(type->pb);
}

int gt__message_unpack(const gt_message_type *type, gt_bytes bytes, ProtobufCMessage **message,
                       gt_message_error *error)
{
    char *reason = NULL;
    gt__message_error_init(error);
    int failed = gt_protobufc_unpack(type->pb, bytes, NULL, message, &reason);
    return failed ? gt__message_error_take(error, failed, reason) : 0;
}

static const gt__field *beside(const gt_message_type *type, const ProtobufCFieldDescriptor *field)
{
    return field ? &type->fields[field - type->pb->fields] : NULL;
}

const gt__field *gt__type_field(const gt_message_type *type, const char *name)
{
    return beside(type, protobuf_c_message_descriptor_get_field_by_name(type->pb, name));
}

const gt__field *gt__type_field_numbered(const gt_message_type *type, uint32_t number)
{
    return beside(type, protobuf_c_message_descriptor_get_field(type->pb, number));
}

/* Each letter behind underscores is made a capital one, and they go. */
char *gt__json_name_of(gt__arena *arena, const char *name)
{
    char *json = gt__arena_take(arena, strlen(name) + 1, 1);
    char *out = json;
    bool capital = false;
    for (; *name; name++) {
        if (*name == '_') {
            capital = true;
            continue;
        }
        *out++ = capital ? (char)toupper((unsigned char)*name) : *name;
        capital = false;
    }
    return json;
}
