/* A handler's end with typed details. */
#include "engine/core/core.h"
#include <grpctest/protobufc.h>

int gt_call_fail_with(gt_call *call, gt_code code, const char *message,
                      const ProtobufCMessage *const *details, size_t count)
{
    size_t size;
    uint8_t *bytes = gt_protobufc_pack_details(code, message, details, count, &size);
    gt_call_set_details(call, gt_bytes_of(bytes, size));
    gt__free(bytes);
    return gt_call_fail(call, code, "%s", message ? message : "");
}
