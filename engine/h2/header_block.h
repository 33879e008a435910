/* header_block.h - HPACK blocks (RFC 7541) read back into lists, by nghttp2's inflater.
 * Rule: one inflater per direction, and every block of that direction goes through it, in order. */
#ifndef GRPCTEST_ENGINE_H2_HEADER_BLOCK_H
#define GRPCTEST_ENGINE_H2_HEADER_BLOCK_H

#include <grpctest/frames.h>

typedef struct gt__inflater gt__inflater;

gt__inflater *gt__inflater_new(void);
void gt__inflater_free(gt__inflater *inflater);

/* Adds the fields of one whole block to `headers`, whose size it keeps below `most`. NULL, or a
 * static sentence that says why the list is not complete. A block that does not decode spoils the
 * inflater: later ones cannot be read. */
const char *gt__inflate(gt__inflater *inflater, gt_bytes block, size_t most, gt_headers *headers);

#endif
