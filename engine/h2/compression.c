#include "compression.h"

#include "engine/core/core.h"

#include <limits.h>
#include <zlib.h>

enum {
    GZIP_FORMAT = 16, /* added to the window's bits, as zlib wants it */
    LOOKAHEAD = 262   /* bytes of a window that deflate keeps for itself */
};

/* ---- names ----------------------------------------------------------------------------------- */

static const char *const names[] = {
    [GT__IDENTITY] = "identity",
    [GT__DEFLATE] = "deflate",
    [GT__GZIP] = "gzip",
};

const char *gt__encoding_name(gt__encoding encoding)
{
    return names[encoding];
}

int gt__encoding_find(gt_bytes name, gt__encoding *encoding)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!gt_bytes_equal(name, gt_bytes_str(names[i])))
            continue;
        *encoding = (gt__encoding)i;
        return 0;
    }
    return GT_EUNSUPPORTED;
}

static gt_bytes trimmed(const uint8_t *begin, const uint8_t *end)
{
    while (begin < end && (*begin == ' ' || *begin == '\t'))
        begin++;
    while (begin < end && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return gt_bytes_of(begin, (size_t)(end - begin));
}

unsigned gt__encodings_in(gt_bytes list)
{
    unsigned found = 0;
    const uint8_t *at = list.data, *end = at + list.size;
    while (at < end) {
        const uint8_t *comma = memchr(at, ',', (size_t)(end - at));
        const uint8_t *stop = comma ? comma : end;
        gt__encoding encoding;
        if (gt__encoding_find(trimmed(at, stop), &encoding) == 0)
            found |= 1u << encoding;
        at = comma ? comma + 1 : end;
    }
    return found;
}

/* ---- zlib ------------------------------------------------------------------------------------ */

static void *take(void *user, uInt count, uInt size)
{
    (void)user;
    return gt__malloc((size_t)count * size);
}

static void give_back(void *user, void *memory)
{
    (void)user;
    gt__free(memory);
}

/* A stream that reads these bytes, of which there are no more than a message can have. */
static z_stream stream_over(gt_bytes bytes)
{
    return (z_stream){
        .next_in = (Bytef *)(uintptr_t)bytes.data, /* zlib only reads it */
        .avail_in = (uInt)bytes.size,
        .zalloc = take,
        .zfree = give_back,
    };
}

static int format_of(gt__encoding encoding)
{
    return encoding == GT__GZIP ? GZIP_FORMAT : 0;
}

/* ---- compressing ----------------------------------------------------------------------------- */

/* The bits of a window that holds all of the message: a small one does not need the quarter of a
 * megabyte that zlib takes for the largest. */
static int window_for(size_t size)
{
    int bits = 9;
    while (bits < MAX_WBITS && (size_t)1 << bits < size + LOOKAHEAD)
        bits++;
    return bits;
}

size_t gt__message_compress(gt__encoding encoding, gt_bytes message, uint8_t *out, size_t size)
{
    z_stream z = stream_over(message);
    int bits = window_for(message.size);
    z.next_out = out;
    z.avail_out = size < UINT_MAX ? (uInt)size : UINT_MAX;
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, bits + format_of(encoding), bits - 7,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        gt__misuse("zlib %s does not work", zlibVersion());
    bool whole = deflate(&z, Z_FINISH) == Z_STREAM_END;
    size_t used = z.total_out;
    deflateEnd(&z);
    return whole ? used : 0;
}

/* ---- inflating ------------------------------------------------------------------------------- */

/* What has come out so far. */
typedef struct inflated {
    uint8_t *data;
    size_t size, capacity, most; /* `most`: one byte over the limit, to see that there is more */
} inflated;

static void make_room(inflated *out)
{
    if (out->size < out->capacity)
        return;
    size_t capacity = out->capacity < out->most / 2 ? out->capacity * 2 : out->most;
    out->data = gt__realloc(out->data, capacity);
    out->capacity = capacity;
}

/* Inflates until the end, an error, or the limit, and gives zlib's last word: Z_OK at the limit. */
static int inflate_all(z_stream *z, inflated *out)
{
    int result = Z_OK;
    while (result == Z_OK && out->size < out->most) {
        make_room(out);
        size_t room = out->capacity - out->size;
        uInt part = room < UINT_MAX ? (uInt)room : UINT_MAX;
        z->next_out = out->data + out->size;
        z->avail_out = part;
        result = inflate(z, Z_NO_FLUSH);
        out->size += part - z->avail_out;
    }
    return result;
}

/* Z_BUF_ERROR: it wants more bytes than there are. */
static const char *problem_of(int result, const z_stream *z)
{
    if (result == Z_BUF_ERROR)
        return "it is cut short";
    if (result != Z_STREAM_END)
        return "it is damaged";
    return z->avail_in > 0 ? "bytes follow its end" : NULL;
}

int gt__message_inflate(gt__encoding encoding, gt_bytes bytes, size_t limit, uint8_t **data,
                        size_t *size, const char **problem)
{
    z_stream z = stream_over(bytes);
    inflated out = {.most = limit < SIZE_MAX ? limit + 1 : limit};
    size_t guess = bytes.size < SIZE_MAX / 4 ? bytes.size * 4 + 64 : SIZE_MAX;
    out.capacity = guess < out.most ? guess : out.most;
    out.data = gt__malloc(out.capacity);
    if (inflateInit2(&z, MAX_WBITS + format_of(encoding)) != Z_OK)
        gt__misuse("zlib %s does not work", zlibVersion());
    int result = inflate_all(&z, &out), error = 0;
    if (out.size > limit)
        error = GT_ETOOBIG;
    else if ((*problem = problem_of(result, &z)))
        error = GT_EINVAL;
    inflateEnd(&z);
    bool keep = !error && out.size > 0;
    if (!keep)
        gt__free(out.data);
    *data = keep ? gt__realloc(out.data, out.size) : NULL;
    *size = keep ? out.size : 0;
    return error;
}

uint8_t *gt__message_inflate_again(gt__encoding encoding, gt_bytes bytes, size_t size)
{
    uint8_t *data;
    size_t again;
    const char *problem;
    if (gt__message_inflate(encoding, bytes, size, &data, &again, &problem) != 0 || again != size)
        gt__misuse("a message that waited was changed");
    return data;
}
