/* text_value.h - values as protobuf's text format writes them: quoted strings, numbers.
 * Rule: what is written reads back as the same value, unless it was cut and says so. */
#ifndef GRPCTEST_ENGINE_MESSAGE_TEXT_VALUE_H
#define GRPCTEST_ENGINE_MESSAGE_TEXT_VALUE_H

#include "engine/core/core.h"

/* Adds `bytes` in double quotes; what does not print is escaped, and so are all bytes from 0x80 on
 * unless `is_text` and they are UTF-8. What has more than `longest` bytes is cut there, between
 * characters, and followed by "... (N bytes)". */
void gt__text_add_quoted(gt__buffer *out, gt_bytes bytes, bool is_text, size_t longest);

/* Add the shortest decimal number that reads back as the same value (zeros of a whole number of
 * moderate size are written out), or "inf", "-inf", "nan". */
void gt__text_add_float(gt__buffer *out, float value);
void gt__text_add_double(gt__buffer *out, double value);

/* Reads a decimal number of `size` characters, which is one; what is too large is infinite. */
double gt__text_read_double(const char *digits, size_t size);
float gt__text_read_float(const char *digits, size_t size);

#endif
