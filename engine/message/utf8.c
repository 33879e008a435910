/* RFC 3629's table of well-formed sequences, read as: what the first byte says about the length and
 * about the range of the second; all later bytes are 80..BF. */
#include "utf8.h"

static bool between(uint8_t byte, uint8_t low, uint8_t high)
{
    return byte >= low && byte <= high;
}

/* The length that a first byte announces; 0 for what cannot be first. */
static size_t announced(uint8_t first)
{
    if (first < 0x80)
        return 1;
    if (between(first, 0xc2, 0xdf))
        return 2;
    if (between(first, 0xe0, 0xef))
        return 3;
    return between(first, 0xf0, 0xf4) ? 4 : 0;
}

/* The second byte's range is narrower after four of the first bytes: overlong forms (E0, F0),
 * surrogates (ED) and what lies past U+10FFFF (F4). */
static bool second_fits(uint8_t first, uint8_t second)
{
    switch (first) {
    case 0xe0:
        return between(second, 0xa0, 0xbf);
    case 0xed:
        return between(second, 0x80, 0x9f);
    case 0xf0:
        return between(second, 0x90, 0xbf);
    case 0xf4:
        return between(second, 0x80, 0x8f);
    default:
        return between(second, 0x80, 0xbf);
    }
}

size_t gt__utf8_character(const uint8_t *text, size_t size)
{
    size_t length = announced(text[0]);
    if (length > size || (length > 1 && !second_fits(text[0], text[1])))
        return 0;
    for (size_t i = 2; i < length; i++) {
        if (!between(text[i], 0x80, 0xbf))
            return 0;
    }
    return length;
}

/* Where the run of ASCII that starts at `at` ends: most text is little else, and eight of its bytes
 * are told by one look. */
static size_t ascii_end(gt_bytes bytes, size_t at)
{
    uint64_t eight;
    for (; bytes.size - at >= sizeof eight; at += sizeof eight) {
        memcpy(&eight, bytes.data + at, sizeof eight);
        if (eight & 0x8080808080808080)
            break;
    }
    while (at < bytes.size && bytes.data[at] < 0x80)
        at++;
    return at;
}

size_t gt__utf8_prefix(gt_bytes bytes)
{
    size_t at = 0;
    while ((at = ascii_end(bytes, at)) < bytes.size) {
        size_t length = gt__utf8_character(bytes.data + at, bytes.size - at);
        if (length == 0)
            break;
        at += length;
    }
    return at;
}
