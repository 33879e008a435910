/* script.h - the inside of scripts: kinds of steps, and keeping them.
 * Rule: a kept script owns all that its steps refer to, but events, functions and their users. */
#ifndef GRPCTEST_MOCK_SCRIPT_H
#define GRPCTEST_MOCK_SCRIPT_H

#include "match_inside.h"
#include <grpctest/script.h>

enum {
    GT__STEP_EXPECT,
    GT__STEP_EXPECT_METADATA,
    GT__STEP_EXPECT_TRAILER,
    GT__STEP_EXPECT_DEADLINE,
    GT__STEP_EXPECT_AUTHORITY,
    GT__STEP_EXPECT_PEER,
    GT__STEP_EXPECT_HALF_CLOSE,
    GT__STEP_EXPECT_CANCEL,
    GT__STEP_EXPECT_LATE,
    GT__STEP_EXPECT_STATUS,
    GT__STEP_SEND,
    GT__STEP_SEND_TEXT, /* this and the next two are GT__STEP_SEND in a kept script */
    GT__STEP_SEND_JSON,
    GT__STEP_SEND_FILE,
    GT__STEP_HEADER,
    GT__STEP_SEND_HEADER,
    GT__STEP_TRAILER,
    GT__STEP_END,
    GT__STEP_HALF_CLOSE,
    GT__STEP_CANCEL,
    GT__STEP_DELAY,
    GT__STEP_AWAIT,
    GT__STEP_RAISE,
    GT__STEP_HANG,
    GT__STEP_RUN,
    GT__STEP_REPEAT,
    GT__STEP_ANY_ORDER,
    GT__STEP_MEANWHILE,
    GT__STEP_MISBEHAVE,
    GT__STEP_RST,
    GT__STEP_GOAWAY,
    GT__STEP_PINGS,
    GT__STEP_FRAMES,
    GT__STEP_RAW,
    GT__STEP_NEXT_FRAME,
    GT__STEP_CLOSE_CONN,
    GT__STEP_RESET_CONN,
    GT__STEP_KINDS
};

typedef struct gt__script {
    gt_step *steps;
    size_t count;
    bool client; /* it is a client's */
} gt__script;

/* Copies steps for a server's or a client's script of a method (NULL: of which nobody has told the
 * types). A step that makes no sense there is misuse, told with its place. */
gt__script gt__script_keep(const gt_step *steps, size_t count, bool client,
                           const gt_method_type *method);
void gt__script_drop(gt__script *script);

/* What the step is called: "gt_expect_half_close". A static string. */
const char *gt__step_name(const gt_step *step);

/* True for a step that waits for something of the other side. */
bool gt__step_expects(const gt_step *step);

/* True when the script says itself how its call ends. */
bool gt__script_ends(const gt__script *script);

#endif
