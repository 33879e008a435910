#include "core.h"

#include <stdio.h>

void gt__buffer_cleanup(gt__buffer *buffer)
{
    gt__free(buffer->data);
    *buffer = (gt__buffer){0};
}

uint8_t *gt__buffer_extend(gt__buffer *buffer, size_t size)
{
    size_t needed = buffer->size + size + 1;
    if (needed > buffer->capacity) {
        size_t doubled = buffer->capacity * 2;
        buffer->capacity = needed > doubled ? needed + 32 : doubled;
        buffer->data = gt__realloc(buffer->data, buffer->capacity);
    }
    uint8_t *room = buffer->data + buffer->size;
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
    return room;
}

void gt__buffer_add(gt__buffer *buffer, const void *data, size_t size)
{
    uint8_t *room = gt__buffer_extend(buffer, size);
    if (size > 0)
        memcpy(room, data, size);
}

void gt__buffer_add_text(gt__buffer *buffer, const char *text)
{
    gt__buffer_add(buffer, text, strlen(text));
}

void gt__buffer_vprintf(gt__buffer *buffer, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (size < 0)
        gt__misuse("cannot format \"%s\"", format);
    char *room = (char *)gt__buffer_extend(buffer, (size_t)size);
    vsnprintf(room, (size_t)size + 1, format, args);
}

void gt__buffer_printf(gt__buffer *buffer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    gt__buffer_vprintf(buffer, format, args);
    va_end(args);
}

void gt__buffer_quote(gt__buffer *buffer, gt_bytes bytes)
{
    gt__buffer_add_text(buffer, "\"");
    for (size_t i = 0; i < bytes.size; i++) {
        uint8_t c = bytes.data[i];
        if (c == '"' || c == '\\')
            gt__buffer_printf(buffer, "\\%c", c);
        else if (c == '\n')
            gt__buffer_add_text(buffer, "\\n");
        else if (c < 0x20 || c == 0x7f)
            gt__buffer_printf(buffer, "\\x%02x", c);
        else
            gt__buffer_add(buffer, &c, 1);
    }
    gt__buffer_add_text(buffer, "\"");
}

void gt__buffer_consume(gt__buffer *buffer, size_t size)
{
    if (size == 0)
        return;
    buffer->size -= size;
    memmove(buffer->data, buffer->data + size, buffer->size + 1);
}

char *gt__buffer_take_text(gt__buffer *buffer)
{
    gt__buffer_extend(buffer, 0);
    char *text = (char *)buffer->data;
    *buffer = (gt__buffer){0};
    return text;
}

char *gt__vprintf(const char *format, va_list args)
{
    gt__buffer buffer = {0};
    gt__buffer_vprintf(&buffer, format, args);
    return gt__buffer_take_text(&buffer);
}

char *gt__printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = gt__vprintf(format, args);
    va_end(args);
    return text;
}

/* ---- the public side ----------------------------------------------------------------------- */

void gt_buffer_init(gt_buffer *buffer)
{
    *buffer = (gt_buffer){0};
}

void gt_buffer_cleanup(gt_buffer *buffer)
{
    gt__buffer_cleanup(buffer);
}

void gt_buffer_add(gt_buffer *buffer, gt_bytes bytes)
{
    gt__buffer_add(buffer, bytes.data, bytes.size);
}

void gt_buffer_clear(gt_buffer *buffer)
{
    gt__buffer_consume(buffer, buffer->size);
}

gt_bytes gt_buffer_bytes(const gt_buffer *buffer)
{
    return gt_bytes_of(buffer->data, buffer->size);
}

const char *gt_buffer_text(const gt_buffer *buffer)
{
    return buffer->data ? (const char *)buffer->data : "";
}
