/* Messages as text, for matchers and steps; and what they differ in. */
#include "match_inside.h"

static GT_NORETURN void unknown_types(const gt__origin *origin, const char *function,
                                      const char *text)
{
    gt__misuse("%s:%d: %s(\"%s\"): the types of this method are not known; gt_use_types tells them",
               origin->file, origin->line, function, text);
}

gt_bytes gt__message_parse(const char *text, bool json, const gt__origin *origin,
                           const char *function)
{
    gt_buffer bytes = {0};
    gt_message_error error;
    if (!origin->type)
        unknown_types(origin, function, text);
    int failed = json ? gt_json_parse(origin->type, text, NULL, &bytes, &error)
                      : gt_text_parse(origin->type, text, &bytes, &error);
    if (failed)
        gt__misuse("%s:%d: %s: %s", origin->file, origin->line, function, error.text);
    return gt_buffer_bytes(&bytes);
}

/* ---- differences ------------------------------------------------------------------------------
 */

/* Each of the lines, indented, on a line of its own. */
static void add_indented(gt__buffer *out, const char *lines)
{
    while (*lines) {
        size_t size = strcspn(lines, "\n");
        gt__buffer_printf(out, "\n  %.*s", (int)size, lines);
        lines += size + (lines[size] == '\n');
    }
}

size_t gt__message_diff(const gt_message_type *type, gt_bytes expected, gt_bytes actual,
                        const gt_diff_options *options, gt__buffer *text)
{
    gt_message *a = NULL, *b = NULL;
    gt__buffer lines = {0};
    size_t count = 1;
    if (gt_message_unpack(type, expected, &a, NULL) == 0 &&
        gt_message_unpack(type, actual, &b, NULL) == 0)
        count = gt_message_diff(a, b, options, text ? &lines : NULL);
    if (text)
        add_indented(text, gt_buffer_text(&lines));
    gt__buffer_cleanup(&lines);
    gt_message_free(a);
    gt_message_free(b);
    return count;
}

/* ---- fields -----------------------------------------------------------------------------------
 */

const gt_message_type *gt__field_check(const char *path, const gt__origin *origin)
{
    gt_field field;
    gt_message_error error;
    if (!origin->type)
        unknown_types(origin, "gt_has_field", path);
    if (gt_message_type_path(origin->type, path, &field, &error) != 0)
        gt__misuse("%s:%d: gt_has_field: %s", origin->file, origin->line, error.text);
    return field.kind == GT_FIELD_MESSAGE ? field.type : NULL;
}

static gt_subject count_of(const gt_field *field)
{
    return gt_subject_integer((int64_t)field->count);
}

static gt_subject value_of(const gt_field *field)
{
    gt_subject subject = {.unset = !field->is_set};
    switch (field->kind) {
    case GT_FIELD_BOOL:
        subject.kind = GT_SUBJECT_BOOL;
        subject.integer = field->boolean;
        break;
    case GT_FIELD_ENUM:
        subject.bytes = gt_bytes_str(field->text);
        subject.kind = GT_SUBJECT_INTEGER;
        subject.integer = field->integer;
        break;
    case GT_FIELD_INTEGER:
        subject.kind = GT_SUBJECT_INTEGER;
        subject.integer = field->integer;
        break;
    case GT_FIELD_UNSIGNED:
        subject.kind = field->whole > INT64_MAX ? GT_SUBJECT_UNSIGNED : GT_SUBJECT_INTEGER;
        subject.whole = field->whole;
        subject.integer = (int64_t)field->whole;
        break;
    case GT_FIELD_REAL:
        subject.kind = GT_SUBJECT_REAL;
        subject.real = field->real;
        break;
    case GT_FIELD_TEXT:
        subject.kind = GT_SUBJECT_TEXT;
        subject.bytes = field->bytes;
        break;
    case GT_FIELD_BYTES:
    case GT_FIELD_MESSAGE:
        subject.kind = GT_SUBJECT_BYTES;
        subject.bytes = field->bytes;
        subject.type = field->kind == GT_FIELD_MESSAGE ? field->type : NULL;
        break;
    case GT_FIELD_LIST:
    case GT_FIELD_MAP:
        subject = count_of(field);
        break;
    case GT_FIELD_ONEOF:
        subject = gt_subject_text(field->text);
        break;
    }
    return subject;
}

bool gt__field_ask(const gt_match *match, const gt_subject *message, gt__buffer *why)
{
    gt_message *unpacked = NULL;
    gt_field field;
    bool holds = false;
    if (why)
        gt__buffer_printf(why, "field %s ", match->text);
    if (message->type && gt_message_unpack(message->type, message->bytes, &unpacked, NULL) == 0 &&
        gt_message_get(unpacked, match->text, &field, NULL) == 0) {
        gt_subject subject = value_of(&field);
        holds = gt__match_ask(match->parts, &subject, why);
    } else if (why) {
        gt__buffer_add_text(why, "is not in what is no message of the type: ");
        gt__print_quoted(message->bytes, why);
    }
    gt_message_free(unpacked);
    return holds;
}

/* ---- printing ---------------------------------------------------------------------------------
 */

enum { SHOWN = 1000 };

void gt__message_print(const gt_message_type *type, gt_bytes message, gt__buffer *out)
{
    gt__buffer text = {0};
    if (gt_text_format(type, message, NULL, &text, NULL) != 0)
        gt__print_quoted(message, out);
    else if (text.size == 0)
        gt__buffer_add_text(out, "{}");
    else if (text.size > SHOWN)
        gt__buffer_printf(out, "{ %.*s... (%zu bytes) }", SHOWN, gt_buffer_text(&text),
                          message.size);
    else
        gt__buffer_printf(out, "{ %s }", gt_buffer_text(&text));
    gt__buffer_cleanup(&text);
}
