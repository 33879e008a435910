/* check.h - what an act looks at before its verdict. Rule: each tells true or false, and fails
 * nothing: an act that goes wrong is still shown to its end. */
#ifndef DEMO_CHECK_H
#define DEMO_CHECK_H

#include <grpctest/grpctest.h>

/* Waits for the call's end: did it end so? `message` NULL: whatever it says. */
bool check_status(gt_call *call, gt_code code, const char *message);

/* Waits for a message: is it this, as text? */
bool check_message(gt_call *call, gt_type type, const char *text);

/* Does the text, which is freed here, read so? */
bool check_text(char *text, const char *expected);

/* Has so much world time passed? */
bool check_now(const gt_world *world, gt_time instant);

#endif
