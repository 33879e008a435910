/* frame_parse.h - the payload of one frame, taken apart by its type.
 * Rule: it never reads past the payload, and never refuses: what does not fit is the `problem`. */
#ifndef GRPCTEST_ENGINE_H2_FRAME_PARSE_H
#define GRPCTEST_ENGINE_H2_FRAME_PARSE_H

#include "engine/core/core.h"

#include <grpctest/frames.h>

/* Fills in what `payload`, `type` and `flags` of the frame say. Settings are put into `settings`,
 * which is emptied first, and borrowed from it. */
void gt__frame_parse(gt_frame *frame, gt_buffer *settings);

#endif
