/* kinds_sample.h - packed messages with something in every field, for the codec's tests.
 * Rule: the bytes are the same at every call; the caller cleans the buffer up. */
#ifndef GRPCTEST_ENGINE_MESSAGE_KINDS_SAMPLE_H
#define GRPCTEST_ENGINE_MESSAGE_KINDS_SAMPLE_H

#include "engine/core/core.h"
#include <grpctest/protobufc.h>

/* Packs any message, through the codec. */
gt__buffer pack(const ProtobufCMessage *message);

gt__buffer pack_sample(void);     /* a kinds.All of 30 fields on its outer level */
gt__buffer pack_old_sample(void); /* a kinds_old.Old */

/* What gt_protobufc_unpack returns, for a test that wants no more of it. */
int unpack_and_drop(const ProtobufCMessageDescriptor *descriptor, gt_bytes bytes,
                    const gt_protobufc_limits *limits);

static inline gt_bytes span_of(const gt__buffer *buffer)
{
    return gt_bytes_of(buffer->data, buffer->size);
}

#endif
