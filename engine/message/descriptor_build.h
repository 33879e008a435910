/* descriptor_build.h - protobuf-c's descriptors made at run time out of descriptor.proto's.
 * Rule: what a hostile set can say wrong is found here; what is built protobuf-c can work with. */
#ifndef GRPCTEST_ENGINE_MESSAGE_DESCRIPTOR_BUILD_H
#define GRPCTEST_ENGINE_MESSAGE_DESCRIPTOR_BUILD_H

#include "descriptor_proto.h"
#include "types.h"

typedef enum gt__syntax { GT__PROTO2, GT__PROTO3 } gt__syntax;

/* 0 or GT_EINVAL. `type` has its name and an empty descriptor; all types and enums that fields may
 * speak of are in the batch, sorted, or in its collection. */
int gt__build_message(gt__batch *batch, const gt__message_proto *proto, gt__syntax syntax,
                      gt_message_type *type, gt_message_error *error);

/* Adds the enum to the batch. 0 or GT_EINVAL. */
int gt__build_enum(gt__batch *batch, const gt__enum_proto *proto, gt__syntax syntax,
                   const char *full_name, gt_message_error *error);

#endif
