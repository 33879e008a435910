/* A header list is an array of blocks, each a name, its NUL, a value, its NUL: the layout of
 * gt_metadata, but taking any bytes and telling upper from lower case. */
#include "engine/core/core.h"

#include <grpctest/frames.h>

struct gt_headers {
    gt_header *fields; /* name.data is the block */
    size_t count, capacity;
};

gt_headers *gt_headers_new(void)
{
    return gt__new(gt_headers);
}

static void drop(const gt_header *field)
{
    gt__free((void *)(uintptr_t)field->name.data);
}

void gt_headers_free(gt_headers *headers)
{
    if (!headers)
        return;
    for (size_t i = 0; i < headers->count; i++)
        drop(&headers->fields[i]);
    gt__free(headers->fields);
    gt__free(headers);
}

static gt_header copy_of(gt_bytes name, gt_bytes value)
{
    uint8_t *block = gt__calloc(1, name.size + value.size + 2);
    if (name.size > 0)
        memcpy(block, name.data, name.size);
    if (value.size > 0)
        memcpy(block + name.size + 1, value.data, value.size);
    return (gt_header){gt_bytes_of(block, name.size),
                       gt_bytes_of(block + name.size + 1, value.size)};
}

void gt_headers_add_bytes(gt_headers *headers, gt_bytes name, gt_bytes value)
{
    if (headers->count == headers->capacity) {
        headers->capacity = headers->capacity ? headers->capacity * 2 : 8;
        headers->fields = gt__realloc(headers->fields, headers->capacity * sizeof *headers->fields);
    }
    headers->fields[headers->count++] = copy_of(name, value);
}

void gt_headers_add(gt_headers *headers, const char *name, const char *value)
{
    gt_headers_add_bytes(headers, gt_bytes_str(name), gt_bytes_str(value));
}

void gt_headers_join(gt_headers *headers, const gt_headers *other)
{
    size_t count = other->count;
    for (size_t i = 0; i < count; i++)
        gt_headers_add_bytes(headers, other->fields[i].name, other->fields[i].value);
}

/* Removes from the field at `from` on. */
static size_t remove_from(gt_headers *headers, size_t from, gt_bytes name)
{
    size_t kept = from, count = headers->count;
    for (size_t i = from; i < count; i++) {
        if (gt_bytes_equal(headers->fields[i].name, name))
            drop(&headers->fields[i]);
        else
            headers->fields[kept++] = headers->fields[i];
    }
    headers->count = kept;
    return count - kept;
}

static size_t find(const gt_headers *headers, gt_bytes name)
{
    size_t i = 0;
    while (i < headers->count && !gt_bytes_equal(headers->fields[i].name, name))
        i++;
    return i;
}

size_t gt_headers_remove(gt_headers *headers, const char *name)
{
    /* Copied: the name may be borrowed from a field that goes. */
    char *wanted = gt__strdup(name);
    size_t removed = remove_from(headers, 0, gt_bytes_str(wanted));
    gt__free(wanted);
    return removed;
}

void gt_headers_set(gt_headers *headers, const char *name, const char *value)
{
    size_t first = find(headers, gt_bytes_str(name));
    if (first == headers->count) {
        gt_headers_add(headers, name, value);
        return;
    }
    gt_header old = headers->fields[first];
    headers->fields[first] = copy_of(gt_bytes_str(name), gt_bytes_str(value));
    remove_from(headers, first + 1, headers->fields[first].name);
    drop(&old);
}

size_t gt_headers_count(const gt_headers *headers)
{
    return headers->count;
}

gt_header gt_headers_at(const gt_headers *headers, size_t index)
{
    if (index >= headers->count)
        gt__misuse("gt_headers_at: there is no field %zu, only %zu", index, headers->count);
    return headers->fields[index];
}

const char *gt_headers_get(const gt_headers *headers, const char *name)
{
    size_t first = find(headers, gt_bytes_str(name));
    return first < headers->count ? (const char *)headers->fields[first].value.data : NULL;
}

size_t gt_headers_size(const gt_headers *headers)
{
    size_t size = 0;
    for (size_t i = 0; i < headers->count; i++)
        size += headers->fields[i].name.size + headers->fields[i].value.size + 32;
    return size;
}
