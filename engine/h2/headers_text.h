/* headers_text.h - bytes from the wire as text that can be read, compared and read back.
 * Rule: what is printed is printable ASCII on one line, and says exactly which bytes it was. */
#ifndef GRPCTEST_ENGINE_H2_HEADERS_TEXT_H
#define GRPCTEST_ENGINE_H2_HEADERS_TEXT_H

#include "engine/core/core.h"

#include <grpctest/frames.h>

/* "name: value" without a newline, as gt_headers_print has it. */
void gt__header_print(gt_buffer *out, gt_header field);

/* In quotes, with \xNN; after `most` bytes it ends in "...". */
void gt__quoted_print(gt_buffer *out, gt_bytes bytes, size_t most);

#endif
