#include "bytes.h"

#include <stdlib.h>
#include <string.h>

void bare_bytes_add(bare_bytes *bytes, const void *data, size_t size)
{
    if (size > bytes->capacity - bytes->size) {
        size_t capacity = (bytes->size + size) * 2;
        uint8_t *larger = realloc(bytes->data, capacity);
        if (!larger)
            abort();
        bytes->data = larger;
        bytes->capacity = capacity;
    }
    if (size > 0)
        memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

void bare_bytes_drop_front(bare_bytes *bytes, size_t size)
{
    bytes->size -= size;
    if (bytes->size > 0)
        memmove(bytes->data, bytes->data + size, bytes->size);
}

void bare_bytes_free(bare_bytes *bytes)
{
    free(bytes->data);
    *bytes = (bare_bytes){0};
}
