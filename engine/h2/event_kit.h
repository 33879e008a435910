/* event_kit.h - for tests: an event as text, one line, lists indented by four spaces.
 * Rule: all that a user could tell apart shows, but of a message's bytes only the first 64. */
#ifndef GRPCTEST_ENGINE_H2_EVENT_KIT_H
#define GRPCTEST_ENGINE_H2_EVENT_KIT_H

#include "h2.h"

#include <grpctest/buffer.h>

/* Adds the event; `uncredited` says whether a message shows how many of its bytes are. */
void event_print(gt_buffer *out, const gt__h2_event *event, bool uncredited);

#endif
