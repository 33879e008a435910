/* buffer.h - bytes that grow: what frames and texts are written into.
 * Rule: zeros are an empty buffer, and `data` is followed by a NUL that is not counted once
 * anything was added, so that text reads as a string. */
#ifndef GRPCTEST_BUFFER_H
#define GRPCTEST_BUFFER_H

#include <grpctest/base.h>

GT_BEGIN_DECLS

/* In the caller's memory; owns `data`. May be read at will, but changed only by functions. */
typedef struct gt_buffer {
    uint8_t *data;
    size_t size, capacity;
} gt_buffer;

/* Makes it empty without freeing anything; the same as `gt_buffer b = {0}` in C. */
GT_API void gt_buffer_init(gt_buffer *buffer);
/* Frees what it holds and makes it empty. */
GT_API void gt_buffer_cleanup(gt_buffer *buffer);

/* Adds a copy of the bytes, which must not be the buffer's own. */
GT_API void gt_buffer_add(gt_buffer *buffer, gt_bytes bytes);
/* Makes it empty and keeps its memory for the next bytes. */
GT_API void gt_buffer_clear(gt_buffer *buffer);

/* All of it, borrowed until the buffer is changed. */
GT_API gt_bytes gt_buffer_bytes(const gt_buffer *buffer);
/* All of it as a string, never NULL, borrowed until the buffer is changed. */
GT_API const char *gt_buffer_text(const gt_buffer *buffer);

GT_END_DECLS

#endif
