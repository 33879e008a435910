#include "header_block.h"

#include "engine/core/core.h"
#include "memory.h"

/* ---- encoding ------------------------------------------------------------------------------ */

static nghttp2_nv never_indexed(gt_header field)
{
    /* nghttp2 does not write through these pointers, though it asks for such. */
    return (nghttp2_nv){.name = (uint8_t *)(uintptr_t)field.name.data,
                        .namelen = field.name.size,
                        .value = (uint8_t *)(uintptr_t)field.value.data,
                        .valuelen = field.value.size,
                        .flags = NGHTTP2_NV_FLAG_NO_INDEX};
}

void gt_headers_encode(gt_buffer *out, const gt_headers *headers)
{
    size_t count = gt_headers_count(headers);
    nghttp2_nv *fields = gt__calloc(count, sizeof *fields);
    for (size_t i = 0; i < count; i++)
        fields[i] = never_indexed(gt_headers_at(headers, i));

    nghttp2_hd_deflater *deflater;
    if (nghttp2_hd_deflate_new2(&deflater, NGHTTP2_DEFAULT_HEADER_TABLE_SIZE, gt__h2_memory()) != 0)
        gt__misuse("gt_headers_encode: nghttp2 gave no deflater");
    size_t bound = nghttp2_hd_deflate_bound(deflater, fields, count);
    size_t before = out->size;
    uint8_t *room = gt__buffer_extend(out, bound);
    ssize_t size = nghttp2_hd_deflate_hd(deflater, room, bound, fields, count);
    if (size < 0)
        gt__misuse("gt_headers_encode: %s", nghttp2_strerror((int)size));
    out->size = before + (size_t)size;
    out->data[out->size] = '\0';
    nghttp2_hd_deflate_del(deflater);
    gt__free(fields);
}

/* ---- decoding ------------------------------------------------------------------------------ */

struct gt__inflater {
    nghttp2_hd_inflater *nghttp2;
    bool spoilt;
};

/* What an observer lets an encoder use: it does not know what the other side has announced. */
enum { TABLE_SIZE = 65536 };

gt__inflater *gt__inflater_new(void)
{
    gt__inflater *inflater = gt__new(gt__inflater);
    if (nghttp2_hd_inflate_new2(&inflater->nghttp2, gt__h2_memory()) != 0 ||
        nghttp2_hd_inflate_change_table_size(inflater->nghttp2, TABLE_SIZE) != 0)
        gt__misuse("nghttp2 gave no inflater");
    return inflater;
}

void gt__inflater_free(gt__inflater *inflater)
{
    nghttp2_hd_inflate_del(inflater->nghttp2);
    gt__free(inflater);
}

/* Takes one step through the block. False at its end, or when it does not decode. */
static bool inflate_step(gt__inflater *inflater, gt_bytes *block, nghttp2_nv *field, int *flags)
{
    *flags = 0;
    ssize_t used =
        nghttp2_hd_inflate_hd2(inflater->nghttp2, field, flags, block->data, block->size, 1);
    if (used < 0) {
        inflater->spoilt = true;
        return false;
    }
    *block = gt_bytes_of(block->data + used, block->size - (size_t)used);
    return (*flags & NGHTTP2_HD_INFLATE_FINAL) == 0;
}

const char *gt__inflate(gt__inflater *inflater, gt_bytes block, size_t most, gt_headers *headers)
{
    if (inflater->spoilt)
        return "an earlier header block did not decode, so this one cannot (RFC 9113 section 4.3)";
    static const uint8_t nothing = 0;
    if (block.size == 0)
        block = gt_bytes_of(&nothing, 0);
    bool too_big = false;
    size_t size = gt_headers_size(headers);
    nghttp2_nv field;
    int flags;
    while (inflate_step(inflater, &block, &field, &flags)) {
        if (!(flags & NGHTTP2_HD_INFLATE_EMIT))
            continue;
        size += field.namelen + field.valuelen + 32;
        too_big |= size > most;
        /* Past the limit it is still decoded, for the sake of the blocks that follow. */
        if (!too_big)
            gt_headers_add_bytes(headers, gt_bytes_of(field.name, field.namelen),
                                 gt_bytes_of(field.value, field.valuelen));
    }
    nghttp2_hd_inflate_end_headers(inflater->nghttp2);
    if (inflater->spoilt)
        return "the header block does not decode (RFC 9113 section 4.3)";
    return too_big ? "the header list is over the reader's limit" : NULL;
}
