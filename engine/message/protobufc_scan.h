/* protobufc_scan.h - the guard in front of protobuf-c: walks wire bytes by a message's descriptor.
 * Rule: what it lets through protobuf-c unpacks without overflowing the stack, and as it was meant;
 * what it stops, it names by field and byte. */
#ifndef GRPCTEST_ENGINE_MESSAGE_PROTOBUFC_SCAN_H
#define GRPCTEST_ENGINE_MESSAGE_PROTOBUFC_SCAN_H

#include "engine/core/core.h"
#include <grpctest/protobufc.h>

/* Checks that `bytes` are a message of this type within max_depth and max_fields (max_memory is
 * not looked at). 0; GT_EINVAL; GT_ETOOBIG. With an error `*reason` is a sentence, freed with
 * gt__free.
 *
 * protobuf-c cannot read groups, which a newer or older peer may send as unknown fields. Where
 * there are any, `*rewritten` is set to a copy of the bytes, as long as they were and freed with
 * gt__free, in which each is an unknown length-delimited field; otherwise to NULL. */
GT_MUST_USE int gt__protobufc_scan(const ProtobufCMessageDescriptor *descriptor, gt_bytes bytes,
                                   const gt_protobufc_limits *limits, uint8_t **rewritten,
                                   char **reason);

#endif
