/* Text format, read by descent into a message of protobuf-c's, which is then packed. The path to
 * the field that is being read grows and shrinks with the descent, for errors alone. */
#include "path_text.h"
#include "protobufc_field.h"
#include "seen.h"
#include "text_lexer.h"
#include "text_value.h"
#include "utf8.h"

#include <grpctest/error.h>
#include <grpctest/protobufc.h>
#include <math.h>

#define DEEPEST 100

struct parser {
    gt__lexer lexer;
    gt__buffer path;
    unsigned depth;
    gt_message_error *error;
};

static int parse_fields(struct parser *parser, const gt_message_type *type,
                        ProtobufCMessage *message, char closing);

/* ---- errors --------------------------------------------------------------------------------- */

static int fail_at(struct parser *parser, size_t at, const char *format, ...) GT_PRINTF(3, 4);
static int fail_at(struct parser *parser, size_t at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *reason = gt__vprintf(format, args);
    va_end(args);
    gt__message_error_set(parser->error, GT_EINVAL, gt__place_of(parser->lexer.text, at),
                          gt_buffer_text(&parser->path), "%s", reason);
    gt__free(reason);
    return GT_EINVAL;
}

/* The current token is not what is due. */
static int expected(struct parser *parser, const char *what)
{
    const gt__token *token = &parser->lexer.token;
    if (token->kind == GT__TOKEN_BAD)
        return fail_at(parser, token->at, "%s", token->problem);
    if (token->kind == GT__TOKEN_END)
        return fail_at(parser, token->at, "the text ends where %s is due", what);
    int shown = token->size > 40 ? 40 : (int)token->size;
    return fail_at(parser, token->at, "%.*s where %s is due", shown, parser->lexer.text + token->at,
                   what);
}

/* ---- numbers -------------------------------------------------------------------------------- */

static bool at_number(const gt__lexer *lexer)
{
    return lexer->token.kind >= GT__TOKEN_DECIMAL && lexer->token.kind <= GT__TOKEN_FLOAT;
}

/* The size of an integer token, which is one of its digits; false when it is over 64 bits. */
static bool magnitude_of(const gt__lexer *lexer, uint64_t *value)
{
    const gt__token *token = &lexer->token;
    unsigned base = token->kind == GT__TOKEN_HEX ? 16 : token->kind == GT__TOKEN_OCTAL ? 8 : 10;
    *value = 0;
    for (size_t i = base == 16 ? 2 : 0; i < token->size; i++) {
        char c = lexer->text[token->at + i];
        unsigned digit = c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
        if (*value > (UINT64_MAX - digit) / base)
            return false;
        *value = *value * base + digit;
    }
    return true;
}

/* Reads an integer between -`below` and `above`, in two's complement. */
static int parse_integer(struct parser *parser, uint64_t below, uint64_t above, uint64_t *value)
{
    gt__lexer *lexer = &parser->lexer;
    size_t at = lexer->token.at;
    bool negative = gt__lexer_take_mark(lexer, '-');
    if (!at_number(lexer) || lexer->token.kind == GT__TOKEN_FLOAT)
        return expected(parser, "an integer");
    if (!magnitude_of(lexer, value) || *value > (negative ? below : above)) {
        const gt__token *token = &lexer->token;
        return fail_at(parser, at, "%s%.*s is out of range: %s%llu to %llu", negative ? "-" : "",
                       (int)token->size, lexer->text + token->at, below > 0 ? "-" : "",
                       (unsigned long long)below, (unsigned long long)above);
    }
    if (negative)
        *value = 0 - *value;
    gt__lexer_next(lexer);
    return 0;
}

/* Whether the current token is this name (in small letters), in letters of any size. */
static bool at_any_case(const gt__lexer *lexer, const char *name)
{
    const char *text = lexer->text + lexer->token.at;
    if (lexer->token.kind != GT__TOKEN_NAME || lexer->token.size != strlen(name))
        return false;
    for (size_t i = 0; name[i]; i++)
        if ((text[i] | 0x20) != name[i])
            return false;
    return true;
}

/* What of a token strtod reads: not the suffix f. */
static size_t digits_size(const gt__lexer *lexer)
{
    char last = lexer->text[lexer->token.at + lexer->token.size - 1];
    return lexer->token.size - (last == 'f' || last == 'F');
}

static int parse_real(struct parser *parser, bool narrow, double *value)
{
    gt__lexer *lexer = &parser->lexer;
    bool negative = gt__lexer_take_mark(lexer, '-');
    const char *digits = lexer->text + lexer->token.at;
    if (at_any_case(lexer, "inf") || at_any_case(lexer, "infinity"))
        *value = (double)INFINITY;
    else if (at_any_case(lexer, "nan"))
        *value = (double)NAN;
    else if (lexer->token.kind == GT__TOKEN_DECIMAL || lexer->token.kind == GT__TOKEN_FLOAT)
        *value = narrow ? (double)gt__text_read_float(digits, digits_size(lexer))
                        : gt__text_read_double(digits, digits_size(lexer));
    else
        return expected(parser, "a decimal number");
    if (negative)
        *value = -*value;
    gt__lexer_next(lexer);
    return 0;
}

static int parse_bool(struct parser *parser, protobuf_c_boolean *value)
{
    static const char *const names[2][3] = {{"false", "False", "f"}, {"true", "True", "t"}};
    gt__lexer *lexer = &parser->lexer;
    uint64_t number;
    for (int i = 0; i < 6; i++) {
        if (gt__lexer_at_name(lexer, names[i / 3][i % 3])) {
            *value = i / 3;
            gt__lexer_next(lexer);
            return 0;
        }
    }
    if (!at_number(lexer))
        return expected(parser, "true or false");
    int error = parse_integer(parser, 0, 1, &number);
    *value = !error && number == 1;
    return error;
}

static int parse_enum(struct parser *parser, const gt__field *field, int *value)
{
    gt__lexer *lexer = &parser->lexer;
    const ProtobufCEnumDescriptor *type = field->pb->descriptor;
    size_t at = lexer->token.at;
    if (lexer->token.kind == GT__TOKEN_NAME) {
        char *name = gt__strndup(lexer->text + at, lexer->token.size);
        const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value_by_name(type, name);
        int error = found ? 0 : fail_at(parser, at, "%s is no value of enum %s", name, type->name);
        *value = found ? found->value : 0;
        gt__free(name);
        gt__lexer_next(lexer);
        return error;
    }
    uint64_t number;
    if (!at_number(lexer) && !gt__lexer_at_mark(lexer, '-'))
        return expected(parser, "an enum's value");
    int error = parse_integer(parser, (uint64_t)INT32_MAX + 1, INT32_MAX, &number);
    if (error)
        return error;
    *value = (int)(int64_t)number;
    if (field->closed && !protobuf_c_enum_descriptor_get_value(type, *value))
        return fail_at(parser, at, "%d is no value of enum %s", *value, type->name);
    return 0;
}

/* ---- strings -------------------------------------------------------------------------------- */

/* Reads all strings that follow one another as one. */
static int parse_string(struct parser *parser, gt__buffer *out)
{
    gt__lexer *lexer = &parser->lexer;
    if (lexer->token.kind != GT__TOKEN_STRING)
        return expected(parser, "a string in quotes");
    while (lexer->token.kind == GT__TOKEN_STRING) {
        size_t at;
        const char *problem = gt__lexer_unescape(lexer, out, &at);
        if (problem)
            return fail_at(parser, at, "%s", problem);
        gt__lexer_next(lexer);
    }
    return 0;
}

static int parse_text(struct parser *parser, char **value)
{
    gt__buffer out = {0};
    size_t at = parser->lexer.token.at;
    int error = parse_string(parser, &out);
    if (!error && gt__utf8_prefix(gt_buffer_bytes(&out)) < out.size)
        error = fail_at(parser, at, "a string that is not UTF-8");
    else if (!error && out.size > 0 && memchr(out.data, 0, out.size))
        error = fail_at(parser, at, "a NUL in a string, which protobuf-c cannot carry");
    if (error)
        gt__buffer_cleanup(&out);
    else
        *value = gt__buffer_take_text(&out);
    return error;
}

static int parse_bytes(struct parser *parser, ProtobufCBinaryData *value)
{
    gt__buffer out = {0};
    int error = parse_string(parser, &out);
    value->data = out.data; /* the message frees it, whatever came of it */
    value->len = out.size;
    return error;
}

/* ---- values --------------------------------------------------------------------------------- */

static int parse_message(struct parser *parser, const gt_message_type *type,
                         ProtobufCMessage *message)
{
    gt__lexer *lexer = &parser->lexer;
    if (parser->depth >= DEEPEST)
        return fail_at(parser, lexer->token.at, "nested more than %d deep", DEEPEST);
    char closing = gt__lexer_at_mark(lexer, '<') ? '>' : '}';
    if (closing == '}' && !gt__lexer_at_mark(lexer, '{'))
        return expected(parser, "{");
    gt__lexer_next(lexer);
    parser->depth++;
    int error = parse_fields(parser, type, message, closing);
    parser->depth--;
    if (!error)
        gt__lexer_next(lexer);
    return error;
}

static int parse_narrow(struct parser *parser, const gt__field *field, void *value)
{
    uint64_t number = 0;
    bool is_signed =
        field->pb->type != PROTOBUF_C_TYPE_UINT32 && field->pb->type != PROTOBUF_C_TYPE_FIXED32;
    int error = is_signed ? parse_integer(parser, (uint64_t)INT32_MAX + 1, INT32_MAX, &number)
                          : parse_integer(parser, 0, UINT32_MAX, &number);
    *(uint32_t *)value = (uint32_t)number;
    return error;
}

static int parse_value(struct parser *parser, const gt__field *field, void *value)
{
    double real = 0;
    int error;
    switch (field->pb->type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return parse_integer(parser, (uint64_t)INT64_MAX + 1, INT64_MAX, value);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return parse_integer(parser, 0, UINT64_MAX, value);
    case PROTOBUF_C_TYPE_FLOAT:
        error = parse_real(parser, true, &real);
        *(float *)value = (float)real;
        return error;
    case PROTOBUF_C_TYPE_DOUBLE:
        return parse_real(parser, false, value);
    case PROTOBUF_C_TYPE_BOOL:
        return parse_bool(parser, value);
    case PROTOBUF_C_TYPE_ENUM:
        return parse_enum(parser, field, value);
    case PROTOBUF_C_TYPE_STRING:
        return parse_text(parser, value);
    case PROTOBUF_C_TYPE_BYTES:
        return parse_bytes(parser, value);
    case PROTOBUF_C_TYPE_MESSAGE: {
        ProtobufCMessage *message = gt__message_new(field->message->pb);
        *(ProtobufCMessage **)value = message;
        return parse_message(parser, field->message, message);
    }
    default:
        return parse_narrow(parser, field, value);
    }
}

/* ---- fields --------------------------------------------------------------------------------- */

static int parse_element(struct parser *parser, const gt__field *field, ProtobufCMessage *message)
{
    size_t length = gt__path_add_index(&parser->path, gt__field_count(message, field->pb));
    int error = parse_value(parser, field, gt__field_add(message, field->pb));
    if (!error)
        gt__path_cut(&parser->path, length);
    return error;
}

static int parse_list(struct parser *parser, const gt__field *field, ProtobufCMessage *message)
{
    gt__lexer *lexer = &parser->lexer;
    if (field->pb->label != PROTOBUF_C_LABEL_REPEATED)
        return fail_at(parser, lexer->token.at, "a list, and the field is not repeated");
    gt__lexer_next(lexer);
    if (gt__lexer_take_mark(lexer, ']'))
        return 0;
    do {
        int error = parse_element(parser, field, message);
        if (error)
            return error;
    } while (gt__lexer_take_mark(lexer, ','));
    return gt__lexer_take_mark(lexer, ']') ? 0 : expected(parser, ", or ]");
}

static int check_once(struct parser *parser, const gt_message_type *type, const gt__field *field,
                      const ProtobufCMessage *message, gt__seen *seen, size_t at)
{
    bool before = gt__seen_add(seen, type, field);
    if (field->pb->label == PROTOBUF_C_LABEL_REPEATED)
        return 0;
    if (before)
        return fail_at(parser, at, "it is set twice");
    uint32_t rival = gt__field_rival(message, field->pb);
    if (rival != 0)
        return fail_at(parser, at, "%s of the same oneof is set",
                       gt__type_field_numbered(type, rival)->pb->name);
    return 0;
}

static int parse_known(struct parser *parser, const gt_message_type *type, const gt__field *field,
                       ProtobufCMessage *message, gt__seen *seen, size_t at)
{
    gt__lexer *lexer = &parser->lexer;
    int error = check_once(parser, type, field, message, seen, at);
    if (error)
        return error;
    if (!gt__lexer_take_mark(lexer, ':') && field->pb->type != PROTOBUF_C_TYPE_MESSAGE)
        return expected(parser, ":");
    if (gt__lexer_at_mark(lexer, '['))
        return parse_list(parser, field, message);
    if (field->pb->label == PROTOBUF_C_LABEL_REPEATED)
        return parse_element(parser, field, message);
    return parse_value(parser, field, gt__field_set(message, field->pb));
}

static int parse_named(struct parser *parser, const gt_message_type *type,
                       ProtobufCMessage *message, gt__seen *seen)
{
    gt__lexer *lexer = &parser->lexer;
    size_t at = lexer->token.at;
    char *name = gt__strndup(lexer->text + at, lexer->token.size);
    size_t length = gt__path_add_name(&parser->path, name);
    const gt__field *field = gt__type_field(type, name);
    gt__free(name);
    if (!field)
        return fail_at(parser, at, "%s has no such field", type->name);
    gt__lexer_next(lexer);
    int error = parse_known(parser, type, field, message, seen, at);
    if (!error)
        gt__path_cut(&parser->path, length);
    return error;
}

/* ---- what stands in brackets ------------------------------------------------------------------
 */

/* The message of an Any, in place of its two fields. */
static int parse_any(struct parser *parser, const gt_message_type *any, const char *url,
                     ProtobufCMessage *message, size_t at)
{
    const gt_message_type *type = gt__types_of_url(any->types, url);
    if (!type)
        return fail_at(parser, at, "the type %s is not known", url);
    *(char **)gt__field_set(message, &any->pb->fields[0]) = gt__strdup(url);
    gt__lexer_take_mark(&parser->lexer, ':');
    ProtobufCMessage *inner = gt__message_new(type->pb);
    int error = parse_message(parser, type, inner);
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

static int parse_in_brackets(struct parser *parser, const gt_message_type *type,
                             ProtobufCMessage *message, gt__seen *seen)
{
    gt__buffer name = {0};
    size_t at = parser->lexer.token.at;
    if (!gt__lexer_take_bracketed(&parser->lexer, &name)) {
        gt__buffer_cleanup(&name);
        return expected(parser, "a name or ]");
    }
    int error;
    gt__buffer path = {0};
    gt__buffer_printf(&path, "[%s]", gt_buffer_text(&name));
    size_t length = gt__path_add_name(&parser->path, gt_buffer_text(&path));
    gt__buffer_cleanup(&path);
    if (type->known != GT__KNOWN_ANY)
        error = fail_at(parser, at, "no extension of this name is known");
    else if (gt__seen_any(seen, type))
        error = fail_at(parser, at, "an Any that is written out has nothing beside it");
    else
        error = parse_any(parser, type, gt_buffer_text(&name), message, at);
    gt__buffer_cleanup(&name);
    if (error)
        return error;
    gt__path_cut(&parser->path, length);
    gt__seen_add(seen, type, &type->fields[0]);
    gt__seen_add(seen, type, &type->fields[1]);
    return 0;
}

/* ---- messages ------------------------------------------------------------------------------- */

static int parse_field(struct parser *parser, const gt_message_type *type,
                       ProtobufCMessage *message, gt__seen *seen)
{
    gt__lexer *lexer = &parser->lexer;
    int error;
    if (lexer->token.kind == GT__TOKEN_NAME)
        error = parse_named(parser, type, message, seen);
    else if (gt__lexer_at_mark(lexer, '['))
        error = parse_in_brackets(parser, type, message, seen);
    else
        error = expected(parser, "a field's name");
    if (!error && !gt__lexer_take_mark(lexer, ','))
        gt__lexer_take_mark(lexer, ';');
    return error;
}

static bool at_closing(const gt__lexer *lexer, char closing)
{
    return closing ? gt__lexer_at_mark(lexer, closing) : lexer->token.kind == GT__TOKEN_END;
}

/* Up to `closing`, which stays the current token; 0: to the end of the text. */
static int parse_fields(struct parser *parser, const gt_message_type *type,
                        ProtobufCMessage *message, char closing)
{
    gt__seen seen;
    gt__seen_init(&seen, type);
    int error = 0;
    while (!error && !at_closing(&parser->lexer, closing)) {
        if (closing && parser->lexer.token.kind == GT__TOKEN_END)
            error =
                fail_at(parser, parser->lexer.token.at, "the text ends where %c is due", closing);
        else
            error = parse_field(parser, type, message, &seen);
    }
    const gt__field *missing = error ? NULL : gt__seen_missing(&seen, type);
    if (missing) {
        gt__path_add_name(&parser->path, missing->pb->name);
        error = fail_at(parser, parser->lexer.token.at, "a required field is missing");
    }
    gt__seen_cleanup(&seen);
    return error;
}

int gt_text_parse(const gt_message_type *type, const char *text, gt_buffer *bytes,
                  gt_message_error *error)
{
    struct parser parser = {.error = error};
    gt__message_error_init(error);
    gt__lexer_init(&parser.lexer, text);
    ProtobufCMessage *message = gt__message_new(type->pb);
    int failed = parse_fields(&parser, type, message, '\0');
    if (!failed)
        gt__message_pack(message, bytes);
    gt_protobufc_release(message);
    gt__buffer_cleanup(&parser.path);
    return failed;
}
