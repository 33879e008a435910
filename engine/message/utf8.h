/* utf8.h - whether bytes are UTF-8, and where they stop being it.
 * Rule: as RFC 3629 has it: no surrogates, nothing overlong, nothing past U+10FFFF. */
#ifndef GRPCTEST_ENGINE_MESSAGE_UTF8_H
#define GRPCTEST_ENGINE_MESSAGE_UTF8_H

#include "engine/core/core.h"

/* The length in bytes of the character that `size` bytes at `text` begin with (1 to 4), or 0 when
 * they begin with none. `size` is at least 1. */
size_t gt__utf8_character(const uint8_t *text, size_t size);

/* How many bytes from the start are whole characters: `bytes.size` when all of them are. */
size_t gt__utf8_prefix(gt_bytes bytes);

#endif
