/* A FileDescriptorSet becomes types in four rounds: files are unpacked, names are declared, fields
 * are built on them, methods refer to them. Nothing is kept unless all of it is right. */
#include "descriptor_build.h"

#include <errno.h>
#include <grpctest/error.h>
#include <grpctest/protobufc.h>
#include <stdio.h>

#define NOWHERE ((gt__place){0, 0})

struct declared {
    const gt__message_proto *proto;
    gt_message_type *type;
    gt__syntax syntax;
};

struct set {
    gt__batch batch;
    gt__file_proto **files;
    size_t file_count;
    struct declared *messages;
    size_t message_count, message_capacity;
    gt_message_error *error;
};

static int refuse(struct set *set, const char *format, ...) GT_PRINTF(2, 3);
static int refuse(struct set *set, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = gt__vprintf(format, args);
    va_end(args);
    return gt__message_error_take(set->error, GT_EINVAL, text);
}

/* ---- files ---------------------------------------------------------------------------------- */

static int unpack(struct set *set, const ProtobufCMessageDescriptor *descriptor, gt_bytes bytes,
                  void *message)
{
    ProtobufCMessage *unpacked;
    char *reason = NULL;
    int error = gt_protobufc_unpack(descriptor, bytes, NULL, &unpacked, &reason);
    *(void **)message = unpacked;
    if (error)
        gt__message_error_take(set->error, error, reason);
    return error;
}

/* A file that is there already needs nothing, when it is the same. */
static int add_file(struct set *set, gt__file_proto *file, gt_bytes bytes)
{
    if (!file->name || !file->name[0])
        return refuse(set, "a file without a name");
    const gt_bytes *present = gt__types_file(set->batch.types, file->name);
    if (present && gt_bytes_equal(*present, bytes))
        return 0;
    if (present)
        return refuse(set, "%s is there already, with other contents", file->name);
    if (file->syntax && strcmp(file->syntax, "proto2") != 0 && strcmp(file->syntax, "proto3") != 0)
        return refuse(set, "%s is in syntax \"%s\"; proto2 and proto3 are known", file->name,
                      file->syntax);
    gt__arena *arena = &set->batch.arena;
    gt_bytes *kept = gt__arena_new(arena, gt_bytes);
    *kept = gt_bytes_of(gt__arena_copy(arena, bytes), bytes.size);
    gt__names_add(&set->batch.files, gt__arena_copy(arena, gt_bytes_str(file->name)), kept);
    set->files[set->file_count++] = file;
    return 0;
}

static int unpack_files(struct set *set, const gt__set_proto *proto)
{
    set->files = gt__calloc(proto->n_file + 1, sizeof(gt__file_proto *));
    for (size_t i = 0; i < proto->n_file; i++) {
        gt_bytes bytes = gt_bytes_of(proto->file[i].data, proto->file[i].len);
        gt__file_proto *file;
        int error = unpack(set, &gt__file_proto_descriptor, bytes, &file);
        if (error)
            return error;
        size_t before = set->file_count;
        error = add_file(set, file, bytes);
        if (set->file_count == before)
            gt_protobufc_release(&file->base);
        if (error)
            return error;
    }
    const char *twice = gt__names_sort(&set->batch.files);
    return twice ? refuse(set, "the set has %s twice", twice) : 0;
}

/* ---- names ---------------------------------------------------------------------------------- */

static gt__syntax syntax_of(const gt__file_proto *file)
{
    return file->syntax && strcmp(file->syntax, "proto3") == 0 ? GT__PROTO3 : GT__PROTO2;
}

static char *full_name(struct set *set, const char *scope, const char *name)
{
    gt__arena *arena = &set->batch.arena;
    return scope && scope[0] ? gt__arena_printf(arena, "%s.%s", scope, name)
                             : gt__arena_copy(arena, gt_bytes_str(name));
}

static int declare_enums(struct set *set, gt__enum_proto **enums, size_t count, const char *scope,
                         gt__syntax syntax)
{
    for (size_t i = 0; i < count; i++) {
        if (!enums[i]->name || !enums[i]->name[0])
            return refuse(set, "an enum without a name in \"%s\"", scope ? scope : "");
        int error = gt__build_enum(&set->batch, enums[i], syntax,
                                   full_name(set, scope, enums[i]->name), set->error);
        if (error)
            return error;
    }
    return 0;
}

static gt_message_type *new_type(struct set *set, const char *name)
{
    gt_message_type *type = gt__arena_new(&set->batch.arena, gt_message_type);
    type->name = name;
    type->types = set->batch.types;
    type->pb = gt__arena_new(&set->batch.arena, ProtobufCMessageDescriptor);
    gt__names_add(&set->batch.messages, name, type);
    return type;
}

static void remember(struct set *set, struct declared declared)
{
    if (set->message_count == set->message_capacity) {
        set->message_capacity = set->message_capacity * 2 + 16;
        set->messages = gt__realloc(set->messages, set->message_capacity * sizeof *set->messages);
    }
    set->messages[set->message_count++] = declared;
}

/* Recursion ends where unpacking did: the guard lets nothing through that is deeper than 100. */
static int declare_messages(struct set *set, gt__message_proto **messages, size_t count,
                            const char *scope, gt__syntax syntax)
{
    for (size_t i = 0; i < count; i++) {
        gt__message_proto *message = messages[i];
        if (!message->name || !message->name[0])
            return refuse(set, "a message without a name in \"%s\"", scope ? scope : "");
        char *name = full_name(set, scope, message->name);
        remember(set, (struct declared){message, new_type(set, name), syntax});
        int error = declare_enums(set, message->enum_type, message->n_enum_type, name, syntax);
        if (!error)
            error =
                declare_messages(set, message->nested_type, message->n_nested_type, name, syntax);
        if (error)
            return error;
    }
    return 0;
}

static int declare(struct set *set)
{
    for (size_t i = 0; i < set->file_count; i++) {
        gt__file_proto *file = set->files[i];
        gt__syntax syntax = syntax_of(file);
        int error = declare_enums(set, file->enum_type, file->n_enum_type, file->package, syntax);
        if (!error)
            error = declare_messages(set, file->message_type, file->n_message_type, file->package,
                                     syntax);
        if (error)
            return error;
    }
    const char *twice = gt__names_sort(&set->batch.messages);
    if (!twice)
        twice = gt__names_sort(&set->batch.enums);
    return twice ? refuse(set, "the set has %s twice", twice) : 0;
}

/* ---- fields --------------------------------------------------------------------------------- */

static bool is_map_entry(const gt__message_proto *proto)
{
    return proto->options && proto->options->map_entry;
}

static bool can_be_key(ProtobufCType type)
{
    return type != PROTOBUF_C_TYPE_FLOAT && type != PROTOBUF_C_TYPE_DOUBLE &&
           type != PROTOBUF_C_TYPE_BYTES && type != PROTOBUF_C_TYPE_ENUM &&
           type != PROTOBUF_C_TYPE_MESSAGE;
}

/* What a map's entry has to look like, before fields are taken for maps. */
static bool looks_like_entry(const ProtobufCMessageDescriptor *pb)
{
    return pb->n_fields == 2 && pb->fields[0].id == 1 && pb->fields[1].id == 2 &&
           pb->fields[0].label == PROTOBUF_C_LABEL_OPTIONAL &&
           pb->fields[1].label == PROTOBUF_C_LABEL_OPTIONAL && can_be_key(pb->fields[0].type);
}

static int build_messages(struct set *set)
{
    for (size_t i = 0; i < set->message_count; i++) {
        struct declared *declared = &set->messages[i];
        int error = gt__build_message(&set->batch, declared->proto, declared->syntax,
                                      declared->type, set->error);
        if (error)
            return error;
        declared->type->is_map_entry = is_map_entry(declared->proto);
        if (declared->type->is_map_entry && !looks_like_entry(declared->type->pb))
            return refuse(set, "message %s is said to be a map's entry, and is not like one",
                          declared->type->name);
    }
    return 0;
}

/* Only now it is known of all types what they are. */
static void mark(struct set *set)
{
    for (size_t i = 0; i < set->message_count; i++) {
        gt_message_type *type = set->messages[i].type;
        type->known = gt__known_of(type->pb);
        for (unsigned k = 0; k < type->pb->n_fields; k++) {
            gt__field *field = &type->fields[k];
            field->is_map = field->message && field->message->is_map_entry &&
                            field->pb->label == PROTOBUF_C_LABEL_REPEATED;
        }
    }
}

/* ---- methods -------------------------------------------------------------------------------- */

static int add_method(struct set *set, const gt__method_proto *proto, const char *service)
{
    gt__arena *arena = &set->batch.arena;
    const char *name = proto->name ? proto->name : "";
    const char *input = proto->input_type ? proto->input_type : "";
    const char *output = proto->output_type ? proto->output_type : "";
    gt_method_type *method = gt__arena_new(arena, gt_method_type);
    *method = (gt_method_type){
        .path = gt__arena_printf(arena, "/%s/%s", service, name),
        .service = service,
        .name = gt__arena_copy(arena, gt_bytes_str(name)),
        .input = gt__batch_message(&set->batch, input + (input[0] == '.')),
        .output = gt__batch_message(&set->batch, output + (output[0] == '.')),
        .kind_known = true,
        .client_streams = proto->client_streaming,
        .server_streams = proto->server_streaming,
    };
    if (!method->input || !method->output)
        return refuse(set,
                      "method %s: its type %s is not there (protoc --include_imports takes "
                      "imported files along)",
                      method->path, method->input ? output : input);
    gt__names_add(&set->batch.methods, method->path, method);
    return 0;
}

static int add_methods(struct set *set)
{
    for (size_t i = 0; i < set->file_count; i++) {
        gt__file_proto *file = set->files[i];
        for (size_t k = 0; k < file->n_service; k++) {
            gt__service_proto *service = file->service[k];
            char *name = full_name(set, file->package, service->name ? service->name : "");
            for (size_t m = 0; m < service->n_method; m++) {
                int error = add_method(set, service->method[m], name);
                if (error)
                    return error;
            }
        }
    }
    const char *twice = gt__names_sort(&set->batch.methods);
    return twice ? refuse(set, "the set has the method %s twice", twice) : 0;
}

/* ---- the whole set --------------------------------------------------------------------------- */

static int build(struct set *set, const gt__set_proto *proto)
{
    int error = unpack_files(set, proto);
    if (!error)
        error = declare(set);
    if (!error)
        error = build_messages(set);
    if (error)
        return error;
    mark(set);
    error = add_methods(set);
    if (error)
        return error;
    const char *clash = gt__batch_clash(&set->batch);
    return clash ? refuse(set, "%s is there already, from elsewhere", clash) : 0;
}

int gt_types_add_set(gt_types *types, gt_bytes bytes, gt_message_error *error)
{
    gt__message_error_init(error);
    struct set set = {.batch = gt__batch_begin(types), .error = error};
    gt__set_proto *proto;
    int failed = unpack(&set, &gt__set_proto_descriptor, bytes, &proto);
    if (!failed)
        failed = build(&set, proto);
    if (failed)
        gt__batch_drop(&set.batch);
    else
        gt__batch_keep(&set.batch);
    for (size_t i = 0; i < set.file_count; i++)
        gt_protobufc_release(&set.files[i]->base);
    gt__free(set.files);
    gt__free(set.messages);
    if (proto)
        gt_protobufc_release(&proto->base);
    return failed;
}

static bool read_all(FILE *file, gt__buffer *out)
{
    size_t got;
    do {
        uint8_t part[8192];
        got = fread(part, 1, sizeof part, file);
        gt__buffer_add(out, part, got);
    } while (got > 0);
    return !ferror(file);
}

int gt_types_add_set_file(gt_types *types, const char *path, gt_message_error *error)
{
    gt__message_error_init(error);
    gt__buffer set = {0};
    FILE *file = fopen(path, "rb");
    int failed = GT_EIO;
    if (!file || !read_all(file, &set))
        gt__message_error_set(error, GT_EIO, NOWHERE, NULL, "%s: %s", path, strerror(errno));
    else
        failed = gt_types_add_set(types, gt_buffer_bytes(&set), error);
    if (file)
        fclose(file);
    gt__buffer_cleanup(&set);
    return failed;
}
