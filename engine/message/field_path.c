/* Paths: one walk over the path, the type, and the message as far as there is one. */
#include "message.h"

#include "map_entries.h"
#include "protobufc_field.h"
#include "text_lexer.h"
#include "text_value.h"
#include <grpctest/error.h>
#include <grpctest/protobufc.h>
#include <math.h>
#include <stdlib.h>

/* ---- messages ------------------------------------------------------------------------------- */

int gt_message_unpack(const gt_message_type *type, gt_bytes bytes, gt_message **message,
                      gt_message_error *error)
{
    ProtobufCMessage *pb;
    int failed = gt__message_unpack(type, bytes, &pb, error);
    *message = NULL;
    if (failed)
        return failed;
    *message = gt__new(gt_message);
    (*message)->type = type;
    (*message)->pb = pb;
    return 0;
}

void gt_message_free(gt_message *message)
{
    if (!message)
        return;
    gt_protobufc_release(message->pb);
    gt__arena_cleanup(&message->arena);
    gt__free(message);
}

/* ---- what a path leads to -------------------------------------------------------------------- */

/* Where the walk is: at a message, a field of one, an element or a value of one. A NULL message or
 * value: there is none in this message. */
struct walk {
    gt__lexer lexer;  /* of the path */
    gt__arena *arena; /* for what is handed out; NULL when there is no message */
    const gt_message_type *type;
    const ProtobufCMessage *message;
    const gt__field *field; /* NULL: at the message */
    const void *value;      /* of the field, when it is not repeated or an element was picked */
    bool whole;             /* at a list or map as a whole */
    const char *oneof;      /* at a oneof */
    bool in_map;            /* `value` is a map's: it is there, whatever its presence says */
    gt_message_error *error;
};

static int refuse(struct walk *walk, const char *format, ...) GT_PRINTF(2, 3);
static int refuse(struct walk *walk, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *reason = gt__vprintf(format, args);
    va_end(args);
    const gt__lexer *lexer = &walk->lexer;
    char *field = gt__strndup(lexer->text, lexer->token.at + lexer->token.size);
    gt__message_error_set(walk->error, GT_EINVAL, gt__place_of(lexer->text, lexer->token.at), field,
                          "%s", reason);
    gt__free(field);
    gt__free(reason);
    return GT_EINVAL;
}

static bool is_wide(ProtobufCType type)
{
    return gt__value_size(type) == 8;
}

static void fill_pointer(const struct walk *walk, gt_field *out)
{
    const ProtobufCFieldDescriptor *pb = walk->field->pb;
    if (pb->type == PROTOBUF_C_TYPE_STRING) {
        const char *text = walk->value ? *(const char *const *)walk->value : NULL;
        out->kind = GT_FIELD_TEXT;
        out->text = text ? text : "";
        out->bytes = gt_bytes_str(out->text);
    } else if (pb->type == PROTOBUF_C_TYPE_BYTES) {
        const ProtobufCBinaryData *bytes = walk->value;
        out->kind = GT_FIELD_BYTES;
        out->bytes = bytes ? gt_bytes_of(bytes->data, bytes->len) : gt_bytes_str("");
    }
}

static void fill_enum(const struct walk *walk, gt_field *out)
{
    const ProtobufCEnumValue *value;
    out->kind = GT_FIELD_ENUM;
    out->integer = walk->value ? *(const int *)walk->value : 0;
    value = protobuf_c_enum_descriptor_get_value(walk->field->pb->descriptor, (int)out->integer);
    out->text = value ? value->name : NULL;
}

static void fill_scalar(const struct walk *walk, gt_field *out)
{
    static const uint64_t zero = 0;
    ProtobufCType type = walk->field->pb->type;
    const void *value = walk->value ? walk->value : &zero;
    switch (type) {
    case PROTOBUF_C_TYPE_BOOL:
        out->kind = GT_FIELD_BOOL;
        out->boolean = *(const protobuf_c_boolean *)value != 0;
        return;
    case PROTOBUF_C_TYPE_ENUM:
        fill_enum(walk, out);
        return;
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        out->kind = GT_FIELD_REAL;
        out->real = is_wide(type) ? *(const double *)value : (double)*(const float *)value;
        return;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        out->kind = GT_FIELD_UNSIGNED;
        out->whole = is_wide(type) ? *(const uint64_t *)value : *(const uint32_t *)value;
        return;
    default:
        out->kind = GT_FIELD_INTEGER;
        out->integer = is_wide(type) ? *(const int64_t *)value : *(const int32_t *)value;
        return;
    }
}

static void fill_message(const struct walk *walk, gt_field *out)
{
    out->kind = GT_FIELD_MESSAGE;
    out->type = walk->type;
    out->is_set = walk->message != NULL;
    if (!walk->message || !walk->arena)
        return;
    gt__buffer packed = {0};
    gt__message_pack(walk->message, &packed);
    out->bytes = gt_bytes_of(gt__arena_copy(walk->arena, gt_buffer_bytes(&packed)), packed.size);
    gt__buffer_cleanup(&packed);
}

static void fill_oneof(const struct walk *walk, gt_field *out)
{
    out->kind = GT_FIELD_ONEOF;
    for (unsigned i = 0; walk->message && i < walk->type->pb->n_fields; i++) {
        const gt__field *field = &walk->type->fields[i];
        if (field->oneof && strcmp(field->oneof, walk->oneof) == 0 &&
            gt__field_is_set(walk->message, field->pb))
            out->text = field->pb->name;
    }
    out->is_set = out->text != NULL;
}

static void fill_whole(const struct walk *walk, gt_field *out)
{
    out->kind = walk->field->is_map ? GT_FIELD_MAP : GT_FIELD_LIST;
    out->type =
        walk->field->is_map ? walk->field->message->fields[1].message : walk->field->message;
    size_t count = 0;
    if (walk->message && walk->field->is_map) {
        gt__map_entry *entries = gt__map_read(walk->field, walk->message, &count);
        size_t all = count;
        for (size_t i = 0; i < all; i++)
            count -= entries[i].replaced;
        gt__free(entries);
    } else if (walk->message) {
        count = gt__field_count(walk->message, walk->field->pb);
    }
    out->count = count;
    out->is_set = count > 0;
}

/* What a proto2 field is by its .proto while it is not set. */
static void fill_default(struct walk *walk, gt_field *out)
{
    const char *text = walk->field->default_text;
    if (!text)
        return;
    switch (out->kind) {
    case GT_FIELD_BOOL:
        out->boolean = strcmp(text, "true") == 0;
        return;
    case GT_FIELD_INTEGER:
        out->integer = strtoll(text, NULL, 10);
        return;
    case GT_FIELD_UNSIGNED:
        out->whole = strtoull(text, NULL, 10);
        return;
    case GT_FIELD_ENUM: {
        const ProtobufCEnumValue *value =
            protobuf_c_enum_descriptor_get_value_by_name(walk->field->pb->descriptor, text);
        out->integer = value ? value->value : 0;
        out->text = value ? value->name : NULL;
        return;
    }
    case GT_FIELD_TEXT:
        out->text = text;
        out->bytes = gt_bytes_str(text);
        return;
    case GT_FIELD_REAL:
        out->real = strcmp(text, "inf") == 0    ? (double)INFINITY
                    : strcmp(text, "-inf") == 0 ? -(double)INFINITY
                    : strcmp(text, "nan") == 0  ? (double)NAN
                                                : gt__text_read_double(text, strlen(text));
        return;
    default:
        return;
    }
}

static void fill_value(struct walk *walk, gt_field *out)
{
    const gt__field *field = walk->field;
    bool element = field->pb->label == PROTOBUF_C_LABEL_REPEATED || walk->in_map;
    bool is_set = walk->value && (element || gt__field_is_set(walk->message, field->pb));
    const char *text = field->pb->default_value; /* generated code's */
    if (!is_set)
        walk->value =
            text && field->pb->type == PROTOBUF_C_TYPE_STRING ? (const void *)&text : text;
    if (field->pb->type == PROTOBUF_C_TYPE_STRING || field->pb->type == PROTOBUF_C_TYPE_BYTES)
        fill_pointer(walk, out);
    else
        fill_scalar(walk, out);
    out->is_set = is_set;
    if (!is_set)
        fill_default(walk, out);
}

static void fill(struct walk *walk, gt_field *out)
{
    *out = (gt_field){.kind = GT_FIELD_MESSAGE};
    if (walk->oneof)
        fill_oneof(walk, out);
    else if (walk->whole)
        fill_whole(walk, out);
    else if (!walk->field)
        fill_message(walk, out);
    else
        fill_value(walk, out);
}

/* ---- steps ---------------------------------------------------------------------------------- */

/* A value that is a message is where the walk is from now on. */
static void enter(struct walk *walk, bool is_there)
{
    if (!walk->field->message || walk->whole)
        return;
    walk->message = is_there && walk->value ? *(const ProtobufCMessage *const *)walk->value : NULL;
    walk->type = walk->field->message;
    walk->field = NULL;
}

static const gt__field *find_field(const gt_message_type *type, const char *name)
{
    const gt__field *field = gt__type_field(type, name);
    for (unsigned i = 0; !field && i < type->pb->n_fields; i++)
        if (strcmp(type->fields[i].json_name, name) == 0)
            field = &type->fields[i];
    return field;
}

static const char *find_oneof(const gt_message_type *type, const char *name)
{
    for (unsigned i = 0; i < type->pb->n_fields; i++)
        if (type->fields[i].oneof && strcmp(type->fields[i].oneof, name) == 0)
            return type->fields[i].oneof;
    return NULL;
}

static int step_to(struct walk *walk, const char *name)
{
    if (walk->whole)
        return refuse(walk, "%s is %s, of which one is picked by []", walk->field->pb->name,
                      walk->field->is_map ? "a map" : "a list");
    if (walk->field || walk->oneof)
        return refuse(walk, "%s is no message, and has no fields",
                      walk->oneof ? walk->oneof : walk->field->pb->name);
    const gt__field *field = find_field(walk->type, name);
    if (!field) {
        walk->oneof = find_oneof(walk->type, name);
        return walk->oneof ? 0 : refuse(walk, "%s has no such field", walk->type->name);
    }
    walk->field = field;
    walk->whole = field->pb->label == PROTOBUF_C_LABEL_REPEATED;
    walk->in_map = false;
    walk->value = walk->message ? gt__field_value(walk->message, field->pb) : NULL;
    enter(walk, walk->message && !walk->whole && gt__field_is_set(walk->message, field->pb));
    return 0;
}

static int step_name(struct walk *walk)
{
    gt__lexer *lexer = &walk->lexer;
    if (lexer->token.kind != GT__TOKEN_NAME)
        return refuse(walk, "a field's name is due here");
    char *name = gt__strndup(lexer->text + lexer->token.at, lexer->token.size);
    int error = step_to(walk, name);
    gt__free(name);
    gt__lexer_next(lexer);
    return error;
}

static int pick_element(struct walk *walk)
{
    gt__lexer *lexer = &walk->lexer;
    if (lexer->token.kind != GT__TOKEN_DECIMAL)
        return refuse(walk, "the index of an element is a number from 0");
    unsigned long long index = strtoull(lexer->text + lexer->token.at, NULL, 10);
    size_t count = walk->message ? gt__field_count(walk->message, walk->field->pb) : 0;
    walk->value =
        index < count ? gt__field_element(walk->message, walk->field->pb, (size_t)index) : NULL;
    walk->whole = false;
    enter(walk, true);
    return 0;
}

/* The key as entries have it: "k", 7, -7, true. */
static int read_key(struct walk *walk, gt__buffer *key)
{
    gt__lexer *lexer = &walk->lexer;
    size_t at;
    if (lexer->token.kind == GT__TOKEN_STRING) {
        const char *problem = gt__lexer_unescape(lexer, key, &at);
        return problem ? refuse(walk, "%s", problem) : 0;
    }
    if (gt__lexer_take_mark(lexer, '-'))
        gt__buffer_add_text(key, "-");
    if (lexer->token.kind != GT__TOKEN_DECIMAL && lexer->token.kind != GT__TOKEN_NAME)
        return refuse(walk, "a key is text in quotes, a number, true or false");
    gt__buffer_add(key, lexer->text + lexer->token.at, lexer->token.size);
    return 0;
}

static int check_key(struct walk *walk, const char *key, bool quoted)
{
    ProtobufCType type = walk->field->message->fields[0].pb->type;
    bool is_truth = strcmp(key, "true") == 0 || strcmp(key, "false") == 0;
    bool is_number = key[strspn(key, "-0123456789")] == '\0' && key[0];
    if (type == PROTOBUF_C_TYPE_STRING)
        return quoted ? 0 : refuse(walk, "the keys of this map are texts, in quotes");
    if (type == PROTOBUF_C_TYPE_BOOL)
        return is_truth ? 0 : refuse(walk, "the keys of this map are true and false");
    return is_number ? 0 : refuse(walk, "the keys of this map are integers");
}

static int pick_entry(struct walk *walk)
{
    gt__buffer key = {0};
    bool quoted = walk->lexer.token.kind == GT__TOKEN_STRING;
    int error = read_key(walk, &key);
    if (!error)
        error = check_key(walk, gt_buffer_text(&key), quoted);
    if (!error) {
        size_t count = 0;
        gt__map_entry *entries =
            walk->message ? gt__map_read(walk->field, walk->message, &count) : NULL;
        const gt__map_entry *entry = gt__map_find(entries, count, gt_buffer_text(&key));
        walk->field = &walk->field->message->fields[1];
        walk->value = entry ? gt__field_value(entry->message, walk->field->pb) : NULL;
        walk->whole = false;
        walk->in_map = true;
        gt__free(entries);
        enter(walk, true);
    }
    gt__buffer_cleanup(&key);
    return error;
}

static int step_into(struct walk *walk)
{
    gt__lexer *lexer = &walk->lexer;
    if (!walk->whole)
        return refuse(walk, "[] picks from lists and maps alone");
    gt__lexer_next(lexer);
    int error = walk->field->is_map ? pick_entry(walk) : pick_element(walk);
    if (error)
        return error;
    gt__lexer_next(lexer);
    if (!gt__lexer_at_mark(lexer, ']'))
        return refuse(walk, "] is due here");
    gt__lexer_next(lexer);
    return 0;
}

static int follow(struct walk *walk)
{
    gt__lexer *lexer = &walk->lexer;
    if (lexer->token.kind == GT__TOKEN_END)
        return 0;
    int error = step_name(walk);
    while (!error && lexer->token.kind != GT__TOKEN_END) {
        if (gt__lexer_at_mark(lexer, '['))
            error = step_into(walk);
        else if (gt__lexer_take_mark(lexer, '.'))
            error = step_name(walk);
        else
            error = refuse(walk, ". or [ is due here");
    }
    return error;
}

static int get(struct walk *walk, const char *path, gt_field *field)
{
    gt__message_error_init(walk->error);
    gt__lexer_init(&walk->lexer, path);
    int error = follow(walk);
    if (!error && field)
        fill(walk, field);
    return error;
}

int gt_message_get(gt_message *message, const char *path, gt_field *field, gt_message_error *error)
{
    struct walk walk = {
        .arena = &message->arena, .type = message->type, .message = message->pb, .error = error};
    return get(&walk, path, field);
}

int gt_message_type_path(const gt_message_type *type, const char *path, gt_field *field,
                         gt_message_error *error)
{
    struct walk walk = {.type = type, .error = error};
    return get(&walk, path, field);
}
