/* message.h - the inside of gt_message, which paths and differences share.
 * Rule: what a message hands out lives in its arena. */
#ifndef GRPCTEST_ENGINE_MESSAGE_MESSAGE_H
#define GRPCTEST_ENGINE_MESSAGE_MESSAGE_H

#include "types.h"
#include <grpctest/field.h>

struct gt_message {
    const gt_message_type *type;
    ProtobufCMessage *pb;
    gt__arena arena;
};

#endif
