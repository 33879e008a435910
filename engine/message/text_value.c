/* How values look in protobuf's text format. */
#include "text_value.h"

#include "utf8.h"
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- strings -------------------------------------------------------------------------------- */

static void add_byte(gt__buffer *out, uint8_t byte)
{
    switch (byte) {
    case '\n':
        gt__buffer_add_text(out, "\\n");
        return;
    case '\r':
        gt__buffer_add_text(out, "\\r");
        return;
    case '\t':
        gt__buffer_add_text(out, "\\t");
        return;
    case '"':
    case '\\':
        gt__buffer_printf(out, "\\%c", byte);
        return;
    default:
        gt__buffer_printf(out, byte >= 0x20 && byte < 0x7f ? "%c" : "\\x%02x", byte);
        return;
    }
}

/* The length of the character to be written as it is, which takes more than one byte and is no
 * control character (C2 80 to C2 9F are: a terminal may obey them); 0 for what goes byte by byte.
 */
static size_t plain_character(const uint8_t *text, size_t size)
{
    size_t length = gt__utf8_character(text, size);
    if (length == 2 && text[0] == 0xc2 && text[1] < 0xa0)
        return 0;
    return length > 1 ? length : 0;
}

void gt__text_add_quoted(gt__buffer *out, gt_bytes bytes, bool is_text, size_t longest)
{
    size_t at = 0;
    gt__buffer_add_text(out, "\"");
    while (at < bytes.size && at < longest) {
        size_t plain = is_text ? plain_character(bytes.data + at, bytes.size - at) : 0;
        if (at + plain > longest)
            break;
        if (plain > 0)
            gt__buffer_add(out, bytes.data + at, plain);
        else
            add_byte(out, bytes.data[at]);
        at += plain > 0 ? plain : 1;
    }
    gt__buffer_add_text(out, "\"");
    if (at < bytes.size)
        gt__buffer_printf(out, "... (%zu bytes)", bytes.size);
}

/* ---- numbers -------------------------------------------------------------------------------- */

/* The program under test may have set a locale that writes a comma. */
static void add_number(gt__buffer *out, char *digits)
{
    char *comma = strchr(digits, ',');
    if (comma)
        *comma = '.';
    gt__buffer_add_text(out, digits);
}

static bool add_special(gt__buffer *out, double value)
{
    if (isnan(value))
        gt__buffer_add_text(out, "nan");
    else if (isinf(value))
        gt__buffer_add_text(out, value > 0 ? "inf" : "-inf");
    else
        return false;
    return true;
}

/* The precision to begin with: a whole number of up to `longest` digits is written out, since 100
 * reads better than 1e+02, and beyond `longest` not all digits mean something. */
static int first_precision(double value, int longest)
{
    int digits = 1;
    for (double rest = fabs(value); rest >= 10; rest /= 10) {
        if (++digits > longest)
            return 1;
    }
    return digits;
}

void gt__text_add_float(gt__buffer *out, float value)
{
    char digits[32];
    if (add_special(out, (double)value))
        return;
    for (int precision = first_precision((double)value, 8); precision <= 9; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, (double)value);
        if (strtof(digits, NULL) == value)
            break;
    }
    add_number(out, digits);
}

void gt__text_add_double(gt__buffer *out, double value)
{
    char digits[32];
    if (add_special(out, value))
        return;
    for (int precision = first_precision(value, 15); precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value)
            break;
    }
    add_number(out, digits);
}

/* A copy with the point that the locale reads. */
static char *localised(const char *digits, size_t size)
{
    char *copy = gt__strndup(digits, size);
    char *point = strchr(copy, '.');
    if (point)
        *point = localeconv()->decimal_point[0];
    return copy;
}

double gt__text_read_double(const char *digits, size_t size)
{
    char *copy = localised(digits, size);
    double value = strtod(copy, NULL);
    gt__free(copy);
    return value;
}

float gt__text_read_float(const char *digits, size_t size)
{
    char *copy = localised(digits, size);
    float value = strtof(copy, NULL);
    gt__free(copy);
    return value;
}
