#include "headers_text.h"

/* ---- printing ------------------------------------------------------------------------------ */

static void add_escape(gt_buffer *out, uint8_t byte)
{
    gt__buffer_printf(out, "\\x%02x", byte);
}

/* One byte, or its escape; `extra` is one more character to escape, by a backslash. */
static void add_byte(gt_buffer *out, uint8_t byte, char extra)
{
    if (byte < 0x20 || byte > 0x7e)
        add_escape(out, byte);
    else if (byte == '\\' || byte == (uint8_t)extra)
        gt__buffer_printf(out, "\\%c", byte);
    else
        *gt__buffer_extend(out, 1) = byte;
}

/* A colon is a pseudo-header's when it comes first, and would read as the name's end elsewhere. */
static void add_name(gt_buffer *out, gt_bytes name)
{
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] == ':' && i > 0)
            add_escape(out, ':');
        else
            add_byte(out, name.data[i], '\\');
    }
}

/* Inside, spaces are themselves; at an edge they would be overlooked, or lost in an editor. */
static void add_value(gt_buffer *out, gt_bytes value)
{
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] == ' ' && (i == 0 || i == value.size - 1))
            add_escape(out, ' ');
        else
            add_byte(out, value.data[i], '\\');
    }
}

void gt__header_print(gt_buffer *out, gt_header field)
{
    add_name(out, field.name);
    gt__buffer_add_text(out, ":");
    if (field.value.size > 0)
        gt__buffer_add_text(out, " ");
    add_value(out, field.value);
}

void gt_headers_print(gt_buffer *out, const gt_headers *headers)
{
    for (size_t i = 0; i < gt_headers_count(headers); i++) {
        gt__header_print(out, gt_headers_at(headers, i));
        gt__buffer_add_text(out, "\n");
    }
}

void gt__quoted_print(gt_buffer *out, gt_bytes bytes, size_t most)
{
    gt__buffer_add_text(out, "\"");
    for (size_t i = 0; i < bytes.size && i < most; i++)
        add_byte(out, bytes.data[i], '"');
    gt__buffer_add_text(out, bytes.size > most ? "\"..." : "\"");
}

/* ---- parsing ------------------------------------------------------------------------------- */

static int hex_value(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* Takes what one byte is written as off the front of `*text`, which is not empty. */
static uint8_t take_byte(const char **text, const char *end)
{
    const char *t = *text;
    size_t left = (size_t)(end - t);
    if (left >= 2 && t[0] == '\\' && t[1] == '\\') {
        *text += 2;
        return '\\';
    }
    if (left >= 4 && t[0] == '\\' && t[1] == 'x' && hex_value(t[2]) >= 0 && hex_value(t[3]) >= 0) {
        *text += 4;
        return (uint8_t)(hex_value(t[2]) * 16 + hex_value(t[3]));
    }
    *text += 1;
    return (uint8_t)t[0];
}

static gt_buffer unescaped(const char *text, const char *end)
{
    gt_buffer bytes = {0};
    while (text < end) {
        uint8_t byte = take_byte(&text, end);
        gt__buffer_add(&bytes, &byte, 1);
    }
    return bytes;
}

/* The colon that ends the name: not the first character, which may be a pseudo-header's. */
static const char *end_of_name(const char *line, const char *end)
{
    const char *colon = end > line ? memchr(line + 1, ':', (size_t)(end - line - 1)) : NULL;
    if (!colon || (colon + 1 < end && colon[1] != ' '))
        gt__misuse("gt_headers_parse: no \": \" after a name in \"%.*s\"", (int)(end - line), line);
    return colon;
}

static void parse_line(gt_headers *headers, const char *line, const char *end)
{
    const char *colon = end_of_name(line, end);
    const char *value = colon + 1 < end ? colon + 2 : end;
    gt_buffer name_bytes = unescaped(line, colon), value_bytes = unescaped(value, end);
    gt_headers_add_bytes(headers, gt_buffer_bytes(&name_bytes), gt_buffer_bytes(&value_bytes));
    gt_buffer_cleanup(&name_bytes);
    gt_buffer_cleanup(&value_bytes);
}

gt_headers *gt_headers_parse(const char *lines)
{
    gt_headers *headers = gt_headers_new();
    while (*lines) {
        const char *end = lines + strcspn(lines, "\n");
        parse_line(headers, lines, end);
        lines = *end ? end + 1 : end;
    }
    return headers;
}
