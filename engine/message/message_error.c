#include "message_error.h"

void gt__message_error_init(gt_message_error *error)
{
    if (error)
        *error = (gt_message_error){0};
}

void gt_message_error_cleanup(gt_message_error *error)
{
    gt__free(error->field);
    gt__free(error->text);
    gt__message_error_init(error);
}

gt__place gt__place_of(const char *text, size_t at)
{
    gt__place place = {1, 1};
    for (size_t i = 0; i < at; i++) {
        if (text[i] == '\n') {
            place.line++;
            place.column = 1;
        } else if (((uint8_t)text[i] & 0xc0) != 0x80) { /* not the middle of a character */
            place.column++;
        }
    }
    return place;
}

static void add_prefix(gt__buffer *text, gt__place place, const char *field)
{
    if (place.line > 0)
        gt__buffer_printf(text, "line %zu, column %zu%s", place.line, place.column,
                          field[0] ? ", " : ": ");
    if (field[0])
        gt__buffer_printf(text, "field %s: ", field);
}

int gt__message_error_set(gt_message_error *error, int code, gt__place place, const char *field,
                          const char *format, ...)
{
    if (!error)
        return code;
    gt__buffer text = {0};
    add_prefix(&text, place, field ? field : "");
    va_list args;
    va_start(args, format);
    gt__buffer_vprintf(&text, format, args);
    va_end(args);
    error->line = place.line;
    error->column = place.column;
    error->field = gt__strdup(field ? field : "");
    error->text = gt__buffer_take_text(&text);
    return code;
}

int gt__message_error_take(gt_message_error *error, int code, char *text)
{
    if (error)
        *error = (gt_message_error){.field = gt__strdup(""), .text = text};
    else
        gt__free(text);
    return code;
}
