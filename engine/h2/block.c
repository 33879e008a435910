/* Fields are kept as nghttp2's own reference-counted buffers: nothing is copied until it is known
 * who wants it. */
#include "session.h"

#include "engine/core/coding.h"
#include "engine/core/metadata.h"

void gt__h2_block_reset(gt__h2_block *block)
{
    for (size_t i = 0; i < block->count; i++) {
        nghttp2_rcbuf_decref(block->fields[i].name);
        nghttp2_rcbuf_decref(block->fields[i].value);
    }
    block->count = block->size = 0;
    block->too_large = false;
    memset(block->counts, 0, sizeof block->counts);
}

void gt__h2_block_cleanup(gt__h2_block *block)
{
    gt__h2_block_reset(block);
    gt__free(block->fields);
    *block = (gt__h2_block){0};
}

static gt__h2_key key_of(const char *name, size_t size)
{
    static const struct {
        const char *text;
        size_t size;
    } keys[] = {
#define ENTRY(name, text) {text, sizeof text - 1},
        GT__H2_KEY_LIST(ENTRY)
#undef ENTRY
    };
    for (size_t i = 0; i < GT__H2_KEY_OTHER; i++)
        if (keys[i].size == size && memcmp(keys[i].text, name, size) == 0)
            return (gt__h2_key)i;
    return GT__H2_KEY_OTHER;
}

static gt_bytes bytes_of(nghttp2_rcbuf *buffer)
{
    nghttp2_vec vec = nghttp2_rcbuf_get_buf(buffer);
    return gt_bytes_of(vec.base, vec.len);
}

bool gt__h2_block_count(gt__h2_block *block, size_t name_size, size_t value_size, size_t limit)
{
    block->size += name_size + value_size + 32;
    if (block->size > limit)
        block->too_large = true;
    return !block->too_large;
}

void gt__h2_block_add(gt__h2_block *block, nghttp2_rcbuf *name, nghttp2_rcbuf *value, size_t limit)
{
    gt_bytes key = bytes_of(name);
    if (!gt__h2_block_count(block, key.size, bytes_of(value).size, limit))
        return;
    if (block->count == block->capacity) {
        block->capacity = block->capacity ? block->capacity * 2 : 16;
        block->fields = gt__realloc(block->fields, block->capacity * sizeof *block->fields);
    }
    gt__h2_field *field = &block->fields[block->count];
    *field = (gt__h2_field){name, value, key_of((const char *)key.data, key.size)};
    nghttp2_rcbuf_incref(name);
    nghttp2_rcbuf_incref(value);
    if (block->counts[field->key] == 0 && field->key != GT__H2_KEY_OTHER)
        block->first[field->key] = block->count;
    if (block->counts[field->key] < UINT8_MAX)
        block->counts[field->key]++;
    block->count++;
}

gt_bytes gt__h2_block_get(const gt__h2_block *block, gt__h2_key key)
{
    if (!gt__h2_block_has(block, key))
        return gt_bytes_of("", 0);
    return bytes_of(block->fields[block->first[key]].value);
}

bool gt__h2_block_is(const gt__h2_block *block, gt__h2_key key, const char *text)
{
    return gt__h2_block_has(block, key) &&
           gt_bytes_equal(gt__h2_block_get(block, key), gt_bytes_str(text));
}

/* One field of a "-bin" key may carry several values, joined by commas (rule D2). */
static int add_binary(gt_metadata *metadata, gt_bytes key, gt_bytes value)
{
    const char *at = (const char *)value.data, *end = at + value.size;
    gt__buffer decoded = {0};
    int error = 0;
    for (;;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma ? comma : end;
        while (at < stop && *at == ' ')
            at++;
        decoded.size = 0;
        error = gt__base64_decode(&decoded, at, (size_t)(stop - at));
        if (error)
            break;
        gt__metadata_add(metadata, (const char *)key.data, key.size,
                         gt_bytes_of(decoded.data, decoded.size));
        if (!comma)
            break;
        at = comma + 1;
    }
    gt__buffer_cleanup(&decoded);
    return error;
}

int gt__h2_block_metadata(const gt__h2_block *block, uint32_t excluded, gt_metadata **metadata,
                          char **problem)
{
    *metadata = gt_metadata_new();
    for (size_t i = 0; i < block->count; i++) {
        const gt__h2_field *field = &block->fields[i];
        if (excluded & (1u << field->key))
            continue;
        gt_bytes key = bytes_of(field->name), value = bytes_of(field->value);
        if (!gt__key_is_binary((const char *)key.data, key.size)) {
            gt__metadata_add(*metadata, (const char *)key.data, key.size, value);
        } else if (add_binary(*metadata, key, value) != 0) {
            *problem = gt__printf("the value of \"%.64s\" is not base64", (const char *)key.data);
            return GT_EINVAL;
        }
    }
    return 0;
}

int gt__h2_block_encoding(const gt__h2_block *block, gt__encoding *encoding)
{
    *encoding = GT__IDENTITY;
    if (!gt__h2_block_has(block, GT__H2_KEY_ENCODING))
        return 0;
    return gt__encoding_find(gt__h2_block_get(block, GT__H2_KEY_ENCODING), encoding);
}

/* A list may come in several fields. */
unsigned gt__h2_block_accepted(const gt__h2_block *block)
{
    unsigned accepted = 0;
    for (size_t i = 0; i < block->count; i++)
        if (block->fields[i].key == GT__H2_KEY_ACCEPT_ENCODING)
            accepted |= gt__encodings_in(bytes_of(block->fields[i].value));
    return accepted;
}

bool gt__h2_is_grpc(gt_bytes content_type)
{
    static const char plain[] = "application/grpc";
    size_t size = sizeof plain - 1;
    if (content_type.size < size || memcmp(content_type.data, plain, size) != 0)
        return false;
    return content_type.size == size || content_type.data[size] == '+' ||
           content_type.data[size] == ';';
}
