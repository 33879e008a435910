/* compression.h - what a message can be compressed as, by zlib, and the names of that on the wire.
 * Rule: each message stands for itself (rule M3), and what it inflates to is bounded while it
 * inflates (rule M6). */
#ifndef GRPCTEST_ENGINE_H2_COMPRESSION_H
#define GRPCTEST_ENGINE_H2_COMPRESSION_H

#include <grpctest/base.h>
#include <grpctest/error.h>

typedef enum gt__encoding {
    GT__IDENTITY = 0, /* none */
    GT__DEFLATE,      /* gRPC's "deflate": the zlib format of RFC 1950 */
    GT__GZIP          /* RFC 1952, one member */
} gt__encoding;

/* All of them, as grpc-accept-encoding says it. */
#define GT__ENCODINGS "identity,deflate,gzip"

/* Static. */
const char *gt__encoding_name(gt__encoding encoding);

/* The encoding of this name, as grpc-encoding says it. 0, or GT_EUNSUPPORTED. */
GT_MUST_USE int gt__encoding_find(gt_bytes name, gt__encoding *encoding);

/* Those of a grpc-accept-encoding list that are known, as bits 1 << encoding. */
unsigned gt__encodings_in(gt_bytes list);

/* Compresses `message` into `size` bytes at `out` and gives how many that took; 0 when they do not
 * suffice. Not for GT__IDENTITY. */
size_t gt__message_compress(gt__encoding encoding, gt_bytes message, uint8_t *out, size_t size);

/* Inflates into new memory (gt__free; NULL when empty) that never is larger than `limit` and one
 * byte. 0; GT_ETOOBIG when there is more; GT_EINVAL, with a static sentence in `*problem`, when the
 * bytes are not exactly one message in this encoding. Not for GT__IDENTITY. */
GT_MUST_USE int gt__message_inflate(gt__encoding encoding, gt_bytes bytes, size_t limit,
                                    uint8_t **data, size_t *size, const char **problem);

/* The same for bytes that did inflate to `size` bytes before. NULL when empty. */
uint8_t *gt__message_inflate_again(gt__encoding encoding, gt_bytes bytes, size_t size);

#endif
