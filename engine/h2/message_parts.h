/* message_parts.h - where gRPC messages begin and end in the DATA of each stream (rules M1, M2).
 * Rule: it keeps five bytes and a count for streams that are inside a message, never the message;
 * bytes that do not begin as a message does are left alone. */
#ifndef GRPCTEST_ENGINE_H2_MESSAGE_PARTS_H
#define GRPCTEST_ENGINE_H2_MESSAGE_PARTS_H

#include "engine/core/core.h"

#include <grpctest/frames.h>

/* One direction's streams that are inside a message. Zeros are a good start. */
typedef struct gt__message_tracker {
    struct gt__message_state *states;
    size_t count, capacity;
    gt_buffer parts; /* gt_message_part: those of the last frame */
} gt__message_tracker;

void gt__message_tracker_cleanup(gt__message_tracker *tracker);

/* Takes note of the frame, whatever it is, and fills in its parts if it is DATA. */
void gt__message_track(gt__message_tracker *tracker, gt_frame *frame);

#endif
