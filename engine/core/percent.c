#include "coding.h"

static const char hex_digits[] = "0123456789ABCDEF";

static void add_escaped(gt__buffer *out, uint8_t byte)
{
    uint8_t *room = gt__buffer_extend(out, 3);
    room[0] = '%';
    room[1] = (uint8_t)hex_digits[byte >> 4];
    room[2] = (uint8_t)hex_digits[byte & 0xf];
}

void gt__percent_encode(gt__buffer *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)text[i];
        if (byte < 0x20 || byte > 0x7e || byte == '%')
            add_escaped(out, byte);
        else
            *gt__buffer_extend(out, 1) = byte;
    }
}

/* 0-15, or -1. Lower case is read too: other encoders write it. */
static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* The byte that the escape at the front stands for, or -1. Never 0: the result is a string, which
 * a NUL would cut short, so "%00" counts as broken and stays readable. */
static int escaped_byte(const char *text, size_t size)
{
    if (size < 3 || text[0] != '%')
        return -1;
    int high = hex_value(text[1]), low = hex_value(text[2]);
    if (high < 0 || low < 0 || high + low == 0)
        return -1;
    return high * 16 + low;
}

bool gt__percent_is_coded(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] < 0x20 || text[i] > 0x7e)
            return false;
        bool escape = size - i > 2 && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0;
        if (text[i] == '%' && !escape)
            return false;
    }
    return true;
}

char *gt__percent_decode(const char *text, size_t size)
{
    gt__buffer out = {0};
    for (size_t i = 0; i < size;) {
        int byte = escaped_byte(text + i, size - i);
        if (byte < 0 && text[i] == '\0')
            add_escaped(&out, 0);
        else
            *gt__buffer_extend(&out, 1) = byte < 0 ? (uint8_t)text[i] : (uint8_t)byte;
        i += byte < 0 ? 1 : 3;
    }
    return gt__buffer_take_text(&out);
}
