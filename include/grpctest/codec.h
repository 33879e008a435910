/* codec.h - how typed messages become bytes and back: a small table of functions.
 * Rule: a call carries bytes; a codec is only asked where a test works with typed messages.
 * protobufc.h has the codec that comes along; another (nanopb, none) fits in the same way. */
#ifndef GRPCTEST_CODEC_H
#define GRPCTEST_CODEC_H

#include <grpctest/base.h>
#include <grpctest/error.h>

GT_BEGIN_DECLS

/* A codec. All functions get the message's type (`descriptor`, the codec's own notion of one) and
 * must not block. */
typedef struct gt_codec {
    const char *name; /* the content-subtype it stands for: "proto" */

    /* The packed size in bytes, and packing into exactly that much room. */
    size_t (*packed_size)(const void *descriptor, const void *message);
    void (*pack)(const void *descriptor, const void *message, uint8_t *out);

    /* Makes a message of bytes that may be hostile; `*message` is the caller's, for `release`.
     * GT_EINVAL for what cannot be a message, GT_ETOOBIG over a limit of the codec's; `*reason` is
     * then a sentence that the caller frees with gt_free. */
    int (*unpack)(const void *descriptor, gt_bytes bytes, void **message, char **reason);
    void (*release)(const void *descriptor, void *message);

    /* One line of text for a person, which the caller frees with gt_free; may be NULL. */
    char *(*format)(const void *descriptor, const void *message);
} gt_codec;

/* A message type: a codec and its descriptor. A value; borrows both. */
typedef struct gt_type {
    const gt_codec *codec;
    const void *descriptor;
} gt_type;

GT_END_DECLS

#endif
