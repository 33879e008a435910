/* bytes.h - a growing run of bytes. */
#ifndef BARE_NGHTTP2_BYTES_H
#define BARE_NGHTTP2_BYTES_H

#include <stddef.h>
#include <stdint.h>

typedef struct bare_bytes {
    uint8_t *data;
    size_t size, capacity;
} bare_bytes;

/* Ends the process when there is no memory. */
void bare_bytes_add(bare_bytes *bytes, const void *data, size_t size);
void bare_bytes_drop_front(bare_bytes *bytes, size_t size);
void bare_bytes_free(bare_bytes *bytes);

#endif
