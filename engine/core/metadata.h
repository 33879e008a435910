/* metadata.h - the inside of gt_metadata for the engine: what a peer sent goes in as it came.
 * Rule: no check here; rule D1 binds users, not peers. */
#ifndef GRPCTEST_ENGINE_CORE_METADATA_H
#define GRPCTEST_ENGINE_CORE_METADATA_H

#include "core.h"
#include <grpctest/metadata.h>

/* Appends unchecked; the key is stored in lower case. A "-bin" value is given decoded. */
void gt__metadata_add(gt_metadata *metadata, const char *key, size_t key_size, gt_bytes value);

/* True when the key ends in "-bin", in any case. */
bool gt__key_is_binary(const char *key, size_t size);

#endif
