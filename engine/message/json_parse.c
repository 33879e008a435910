/* JSON into a message of protobuf-c's, by the proto3 mapping: any field by its JSON name or its
 * own, null for unset, numbers also in quotes. */
#include "json_parse.h"

#include "engine/core/coding.h"
#include "path_text.h"
#include "protobufc_field.h"
#include "seen.h"
#include "text_value.h"
#include <grpctest/error.h>
#include <grpctest/protobufc.h>
#include <math.h>

#define DEEPEST 100

/* ---- errors --------------------------------------------------------------------------------- */

int gt__json_fail(gt__json_reader *reader, size_t at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *reason = gt__vprintf(format, args);
    va_end(args);
    gt__message_error_set(reader->error, GT_EINVAL, gt__place_of(reader->text, at),
                          gt_buffer_text(&reader->path), "%s", reason);
    gt__free(reason);
    return GT_EINVAL;
}

int gt__json_expected(gt__json_reader *reader, const gt__json *node, const char *what)
{
    if (json_is_object(node->value) || json_is_array(node->value))
        return gt__json_fail(reader, node->at, "an %s where %s is due",
                             json_is_object(node->value) ? "object" : "array", what);
    int shown = node->size > 40 ? 40 : (int)node->size;
    return gt__json_fail(reader, node->at, "%.*s where %s is due", shown, reader->text + node->at,
                         what);
}

/* ---- numbers -------------------------------------------------------------------------------- */

struct digits {
    const char *text;
    size_t size;
};

/* A number as it is written, or a string's contents, which may be one. */
static bool digits_of(const gt__json_reader *reader, const gt__json *node, struct digits *digits)
{
    if (json_is_string(node->value))
        *digits = (struct digits){json_string_value(node->value), json_string_length(node->value)};
    else if (json_is_number(node->value))
        *digits = (struct digits){reader->text + node->at, node->size};
    else
        return false;
    return true;
}

static size_t skip_digits(struct digits digits, size_t at)
{
    while (at < digits.size && digits.text[at] >= '0' && digits.text[at] <= '9')
        at++;
    return at;
}

/* JSON's grammar of numbers, which those in quotes keep to, too. `*whole`: neither point nor
 * exponent. */
static bool is_number(struct digits digits, bool *whole)
{
    const char *text = digits.text;
    size_t at = digits.size > 0 && text[0] == '-';
    size_t end = skip_digits(digits, at);
    if (end == at || (text[at] == '0' && end > at + 1))
        return false;
    at = end;
    if (at < digits.size && text[at] == '.') {
        end = skip_digits(digits, at + 1);
        if (end == at + 1)
            return false;
        at = end;
    }
    if (at < digits.size && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        at += at < digits.size && (text[at] == '+' || text[at] == '-');
        end = skip_digits(digits, at);
        if (end == at)
            return false;
        at = end;
    }
    *whole = !memchr(text, '.', digits.size) && !memchr(text, 'e', digits.size) &&
             !memchr(text, 'E', digits.size);
    return at == digits.size;
}

/* 100 may be written 1e2 or 100.0; beyond what a double holds exactly it may not. */
static bool read_rounded(struct digits digits, bool *negative, uint64_t *magnitude)
{
    double value = gt__text_read_double(digits.text, digits.size);
    *negative = value < 0;
    value = *negative ? -value : value;
    if (value >= 18446744073709551616.0)
        return false;
    *magnitude = (uint64_t)value;
    return (double)*magnitude >= value;
}

static bool read_whole(struct digits digits, bool *negative, uint64_t *magnitude)
{
    *negative = digits.text[0] == '-';
    *magnitude = 0;
    for (size_t i = *negative; i < digits.size; i++) {
        unsigned digit = (unsigned)(digits.text[i] - '0');
        if (*magnitude > (UINT64_MAX - digit) / 10)
            return false;
        *magnitude = *magnitude * 10 + digit;
    }
    return true;
}

/* Reads an integer between -`below` and `above`, in two's complement. */
static int read_integer(gt__json_reader *reader, const gt__json *node, uint64_t below,
                        uint64_t above, uint64_t *value)
{
    struct digits digits;
    bool whole, negative;
    if (!digits_of(reader, node, &digits) || !is_number(digits, &whole))
        return gt__json_expected(reader, node, "an integer");
    bool fits =
        whole ? read_whole(digits, &negative, value) : read_rounded(digits, &negative, value);
    if (!fits || *value > (negative ? below : above))
        return gt__json_fail(
            reader, node->at, "%.*s is no integer, or out of range: %s%llu to %llu",
            digits.size > 40 ? 40 : (int)digits.size, digits.text, below > 0 ? "-" : "",
            (unsigned long long)below, (unsigned long long)above);
    if (negative)
        *value = 0 - *value;
    return 0;
}

static bool read_special(const gt__json *node, double *value)
{
    static const char *const names[] = {"NaN", "Infinity", "-Infinity"};
    const double values[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    for (int i = 0; json_is_string(node->value) && i < 3; i++) {
        if (strcmp(json_string_value(node->value), names[i]) == 0) {
            *value = values[i];
            return true;
        }
    }
    return false;
}

static int read_real(gt__json_reader *reader, const gt__json *node, bool narrow, double *value)
{
    struct digits digits;
    bool whole;
    if (read_special(node, value))
        return 0;
    if (!digits_of(reader, node, &digits) || !is_number(digits, &whole))
        return gt__json_expected(reader, node, "a number");
    *value = narrow ? (double)gt__text_read_float(digits.text, digits.size)
                    : gt__text_read_double(digits.text, digits.size);
    if (isinf(*value))
        return gt__json_fail(reader, node->at, "%.*s is out of range",
                             digits.size > 40 ? 40 : (int)digits.size, digits.text);
    return 0;
}

/* ---- other scalars -------------------------------------------------------------------------- */

static int read_bool(gt__json_reader *reader, const gt__json *node, protobuf_c_boolean *value)
{
    if (!json_is_boolean(node->value))
        return gt__json_expected(reader, node, "true or false");
    *value = json_is_true(node->value);
    return 0;
}

static int read_text(gt__json_reader *reader, const gt__json *node, char **value)
{
    if (!json_is_string(node->value))
        return gt__json_expected(reader, node, "a string");
    const char *text = json_string_value(node->value);
    if (strlen(text) < json_string_length(node->value))
        return gt__json_fail(reader, node->at, "a NUL in a string, which protobuf-c cannot carry");
    *value = gt__strdup(text);
    return 0;
}

/* Base64 in either of its alphabets. */
static int read_bytes(gt__json_reader *reader, const gt__json *node, ProtobufCBinaryData *value)
{
    if (!json_is_string(node->value))
        return gt__json_expected(reader, node, "a string");
    size_t size = json_string_length(node->value);
    char *text = gt__strndup(json_string_value(node->value), size);
    for (size_t i = 0; text[i]; i++)
        text[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
    gt__buffer out = {0};
    int error = gt__base64_decode(&out, text, size);
    gt__free(text);
    value->data = out.data;
    value->len = out.size;
    return error ? gt__json_expected(reader, node, "base64") : 0;
}

static bool is_null_value(const gt__field *field)
{
    const ProtobufCEnumDescriptor *type = field->pb->descriptor;
    return field->pb->type == PROTOBUF_C_TYPE_ENUM &&
           strcmp(type->name, "google.protobuf.NullValue") == 0;
}

static const ProtobufCEnumValue *enum_value(const gt__field *field, const gt__json *node)
{
    const char *name = gt__json_text(node);
    return name ? protobuf_c_enum_descriptor_get_value_by_name(field->pb->descriptor, name) : NULL;
}

static int read_enum(gt__json_reader *reader, const gt__field *field, const gt__json *node,
                     int *value)
{
    const ProtobufCEnumDescriptor *type = field->pb->descriptor;
    uint64_t number = 0;
    *value = 0;
    if (json_is_null(node->value) && is_null_value(field))
        return 0;
    if (json_is_string(node->value)) {
        const ProtobufCEnumValue *found = enum_value(field, node);
        if (!found)
            return gt__json_fail(reader, node->at, "%.*s is no value of enum %s",
                                 node->size > 40 ? 40 : (int)node->size, reader->text + node->at,
                                 type->name);
        *value = found->value;
        return 0;
    }
    if (!json_is_number(node->value))
        return gt__json_expected(reader, node, "an enum's value");
    int error = read_integer(reader, node, (uint64_t)INT32_MAX + 1, INT32_MAX, &number);
    *value = (int)(int64_t)number;
    bool known = protobuf_c_enum_descriptor_get_value(type, *value) != NULL;
    if (!error && !known && (field->closed || is_null_value(field)))
        return gt__json_fail(reader, node->at, "%d is no value of enum %s", *value, type->name);
    return error;
}

/* ---- values --------------------------------------------------------------------------------- */

static int read_narrow(gt__json_reader *reader, const gt__field *field, const gt__json *node,
                       void *value)
{
    uint64_t number = 0;
    bool is_signed =
        field->pb->type != PROTOBUF_C_TYPE_UINT32 && field->pb->type != PROTOBUF_C_TYPE_FIXED32;
    int error = is_signed ? read_integer(reader, node, (uint64_t)INT32_MAX + 1, INT32_MAX, &number)
                          : read_integer(reader, node, 0, UINT32_MAX, &number);
    *(uint32_t *)value = (uint32_t)number;
    return error;
}

int gt__json_read_value(gt__json_reader *reader, const gt__field *field, const gt__json *node,
                        void *value)
{
    double real = 0;
    int error;
    switch (field->pb->type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return read_integer(reader, node, (uint64_t)INT64_MAX + 1, INT64_MAX, value);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return read_integer(reader, node, 0, UINT64_MAX, value);
    case PROTOBUF_C_TYPE_FLOAT:
        error = read_real(reader, node, true, &real);
        *(float *)value = (float)real;
        return error;
    case PROTOBUF_C_TYPE_DOUBLE:
        return read_real(reader, node, false, value);
    case PROTOBUF_C_TYPE_BOOL:
        return read_bool(reader, node, value);
    case PROTOBUF_C_TYPE_ENUM:
        return read_enum(reader, field, node, value);
    case PROTOBUF_C_TYPE_STRING:
        return read_text(reader, node, value);
    case PROTOBUF_C_TYPE_BYTES:
        return read_bytes(reader, node, value);
    case PROTOBUF_C_TYPE_MESSAGE: {
        ProtobufCMessage *message = gt__message_new(field->message->pb);
        *(ProtobufCMessage **)value = message;
        return gt__json_read_message(reader, field->message, node, message);
    }
    default:
        return read_narrow(reader, field, node, value);
    }
}

/* ---- fields --------------------------------------------------------------------------------- */

/* An enum's name that nobody knows is like a field that nobody knows. */
static bool is_ignored(const gt__json_reader *reader, const gt__field *field, const gt__json *node)
{
    return reader->options.ignore_unknown && field->pb->type == PROTOBUF_C_TYPE_ENUM &&
           json_is_string(node->value) && !enum_value(field, node);
}

/* Whether null is a value of the field, and not the lack of one. */
static bool takes_null(const gt__field *field)
{
    return is_null_value(field) || (field->message && field->message->known == GT__KNOWN_VALUE);
}

static int read_repeated(gt__json_reader *reader, const gt__field *field, const gt__json *node,
                         ProtobufCMessage *message)
{
    if (!json_is_array(node->value))
        return gt__json_expected(reader, node, "an array");
    for (size_t i = 0; i < node->count; i++) {
        const gt__json *child = &node->children[i];
        size_t length = gt__path_add_index(&reader->path, i);
        if (json_is_null(child->value) && !takes_null(field))
            return gt__json_fail(reader, child->at, "null is no element");
        if (!is_ignored(reader, field, child)) {
            int error =
                gt__json_read_value(reader, field, child, gt__field_add(message, field->pb));
            if (error)
                return error;
        }
        gt__path_cut(&reader->path, length);
    }
    return 0;
}

/* A key is a string, and what is in it a value like any other, but for true and false. */
static int read_key(gt__json_reader *reader, const gt__field *key, const gt__json *member,
                    void *value)
{
    bool is_true = strcmp(member->key, "true") == 0;
    json_t *text = json_string(member->key);
    gt__json node = {.value = text, .at = member->key_at, .size = strlen(member->key) + 2};
    int error = 0;
    if (key->pb->type != PROTOBUF_C_TYPE_BOOL)
        error = gt__json_read_value(reader, key, &node, value);
    else if (!is_true && strcmp(member->key, "false") != 0)
        error = gt__json_expected(reader, &node, "\"true\" or \"false\"");
    else
        *(protobuf_c_boolean *)value = is_true;
    json_decref(text);
    return error;
}

static int read_entry(gt__json_reader *reader, const gt__field *field, const gt__json *member,
                      ProtobufCMessage *message)
{
    const gt_message_type *type = field->message;
    size_t length = gt__path_add_key(&reader->path, member->key);
    if (json_is_null(member->value) && !takes_null(&type->fields[1]))
        return gt__json_fail(reader, member->at, "null is no value of a map");
    if (!is_ignored(reader, &type->fields[1], member)) {
        ProtobufCMessage *entry = gt__message_new(type->pb);
        *(ProtobufCMessage **)gt__field_add(message, field->pb) = entry;
        int error =
            read_key(reader, &type->fields[0], member, gt__field_set(entry, type->fields[0].pb));
        if (!error)
            error = gt__json_read_value(reader, &type->fields[1], member,
                                        gt__field_set(entry, type->fields[1].pb));
        if (error)
            return error;
    }
    gt__path_cut(&reader->path, length);
    return 0;
}

static int read_map(gt__json_reader *reader, const gt__field *field, const gt__json *node,
                    ProtobufCMessage *message)
{
    if (!json_is_object(node->value))
        return gt__json_expected(reader, node, "an object");
    if (reader->depth >= DEEPEST)
        return gt__json_fail(reader, node->at, "nested more than %d deep", DEEPEST);
    reader->depth++;
    for (size_t i = 0; i < node->count; i++) {
        int error = read_entry(reader, field, &node->children[i], message);
        if (error)
            return error;
    }
    reader->depth--;
    return 0;
}

static int read_field(gt__json_reader *reader, const gt_message_type *type, const gt__field *field,
                      const gt__json *node, ProtobufCMessage *message)
{
    bool repeated = field->pb->label == PROTOBUF_C_LABEL_REPEATED;
    if (json_is_null(node->value) && (repeated || !takes_null(field)))
        return 0;
    if (field->is_map)
        return read_map(reader, field, node, message);
    if (repeated)
        return read_repeated(reader, field, node, message);
    if (is_ignored(reader, field, node))
        return 0;
    uint32_t rival = gt__field_rival(message, field->pb);
    if (rival != 0)
        return gt__json_fail(reader, node->key_at, "%s of the same oneof is set",
                             gt__type_field_numbered(type, rival)->pb->name);
    return gt__json_read_value(reader, field, node, gt__field_set(message, field->pb));
}

/* ---- messages ------------------------------------------------------------------------------- */

static const gt__field *find_field(const gt_message_type *type, const char *key)
{
    for (unsigned i = 0; i < type->pb->n_fields; i++)
        if (strcmp(type->fields[i].json_name, key) == 0)
            return &type->fields[i];
    return gt__type_field(type, key);
}

static int read_member(gt__json_reader *reader, const gt_message_type *type, const gt__json *member,
                       ProtobufCMessage *message, gt__seen *seen)
{
    const gt__field *field = find_field(type, member->key);
    if (!field && reader->options.ignore_unknown)
        return 0;
    size_t length = gt__path_add_name(&reader->path, field ? field->pb->name : member->key);
    if (!field)
        return gt__json_fail(reader, member->key_at, "%s has no such field", type->name);
    if (json_is_null(member->value) && field->pb->label == PROTOBUF_C_LABEL_REQUIRED)
        return gt__json_fail(reader, member->at, "null for a required field");
    if (gt__seen_add(seen, type, field))
        return gt__json_fail(reader, member->key_at, "it is set twice");
    int error = read_field(reader, type, field, member, message);
    if (!error)
        gt__path_cut(&reader->path, length);
    return error;
}

static int check_required(gt__json_reader *reader, const gt_message_type *type,
                          const gt__json *node, const gt__seen *seen)
{
    const gt__field *missing = gt__seen_missing(seen, type);
    if (!missing)
        return 0;
    gt__path_add_name(&reader->path, missing->pb->name);
    return gt__json_fail(reader, node->at, "a required field is missing");
}

int gt__json_read_fields(gt__json_reader *reader, const gt_message_type *type, const gt__json *node,
                         const char *except, ProtobufCMessage *message)
{
    if (!json_is_object(node->value))
        return gt__json_expected(reader, node, "an object");
    gt__seen seen;
    gt__seen_init(&seen, type);
    int error = 0;
    for (size_t i = 0; i < node->count && !error; i++) {
        const gt__json *member = &node->children[i];
        if (!except || strcmp(member->key, except) != 0)
            error = read_member(reader, type, member, message, &seen);
    }
    if (!error)
        error = check_required(reader, type, node, &seen);
    gt__seen_cleanup(&seen);
    return error;
}

int gt__json_read_message(gt__json_reader *reader, const gt_message_type *type,
                          const gt__json *node, ProtobufCMessage *message)
{
    if (reader->depth > DEEPEST)
        return gt__json_fail(reader, node->at, "nested more than %d deep", DEEPEST);
    reader->depth++;
    int error = type->known == GT__KNOWN_NONE || type->known == GT__KNOWN_EMPTY
                    ? gt__json_read_fields(reader, type, node, NULL, message)
                    : gt__json_read_known(reader, type, node, message);
    reader->depth--;
    return error;
}

int gt_json_parse(const gt_message_type *type, const char *text,
                  const gt_json_read_options *options, gt_buffer *bytes, gt_message_error *error)
{
    gt__json_source source;
    gt__json_reader reader = {.text = text, .error = error};
    if (options)
        reader.options = *options;
    gt__message_error_init(error);
    ProtobufCMessage *message = gt__message_new(type->pb);
    int failed = gt__json_source_init(&source, text, error);
    if (!failed)
        failed = gt__json_read_message(&reader, type, &source.root, message);
    if (!failed)
        gt__message_pack(message, bytes);
    gt__json_source_cleanup(&source);
    gt_protobufc_release(message);
    gt__buffer_cleanup(&reader.path);
    return failed;
}
