/* The alphabet of RFC 4648 section 4, by hand: gRPC wants no padding and takes either, which
 * ready-made coders do not agree on. */
#include "coding.h"

#include <grpctest/error.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void gt__base64_encode(gt__buffer *out, gt_bytes value)
{
    for (size_t i = 0; i < value.size; i += 3) {
        size_t left = value.size - i < 3 ? value.size - i : 3;
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (k < left ? value.data[i + k] : 0);
        uint8_t *room = gt__buffer_extend(out, left + 1);
        for (size_t k = 0; k < left + 1; k++)
            room[k] = (uint8_t)alphabet[group >> (18 - 6 * k) & 63];
    }
}

/* 0-63, or -1. */
static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

/* The size without its padding; false when what is there does not add up to whole groups. */
static bool strip_padding(const char *text, size_t *size)
{
    size_t padding = 0;
    while (padding < 2 && padding < *size && text[*size - 1 - padding] == '=')
        padding++;
    if (padding > 0 && *size % 4 != 0)
        return false;
    *size -= padding;
    return *size % 4 != 1;
}

int gt__base64_decode(gt__buffer *out, const char *text, size_t size)
{
    if (!strip_padding(text, &size))
        return GT_EINVAL;
    for (size_t i = 0; i < size; i++)
        if (digit_value(text[i]) < 0)
            return GT_EINVAL;
    uint8_t *room = gt__buffer_extend(out, size * 3 / 4);
    uint32_t bits = 0;
    int count = 0;
    for (size_t i = 0; i < size; i++) {
        bits = bits << 6 | (uint32_t)digit_value(text[i]);
        count += 6;
        if (count >= 8) {
            count -= 8;
            *room++ = (uint8_t)(bits >> count);
        }
    }
    return 0;
}
