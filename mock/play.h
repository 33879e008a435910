/* play.h - a script under way: the steps carried out on one call, on a task that may block.
 * Rule: what a play holds lies in the play, which its owner frees, never on the stack of its task:
 * a failure may end that task where it stands. */
#ifndef GRPCTEST_MOCK_PLAY_H
#define GRPCTEST_MOCK_PLAY_H

#include "engine/rpc/call.h"
#include "engine/sched/sched.h"
#include "script.h"
#include <grpctest/mock.h>

/* A message that has been received; `data` is freed with gt__free. */
typedef struct gt__received {
    uint8_t *data;
    size_t size;
    bool held;
} gt__received;

struct gt_play {
    gt__link link;   /* its owner's: of the scripts under way, or of the finished ones */
    gt__entry entry; /* a client's is the test's to finish */
    gt_world *world;
    gt_call *call;
    const gt__script *script;
    gt__script own;          /* a client's */
    gt_task *task;           /* the script's own; branches have others */
    const gt_step *now;      /* where the script stands; NULL before the first step */
    uint64_t messages;       /* that were received */
    gt__received first;      /* read to choose the expectation, not yet expected */
    gt__received taken;      /* the one being looked at */
    gt__link branches;       /* gt_meanwhile's */
    size_t running;          /* branches that have not come to their end */
    gt__waitq changed;       /* a branch has, or the play itself */
    bool failed, over, done; /* a step did not come true; the script has ended; all has */
    int result;              /* a handler's, of gt_run */
    const char *file;        /* where it was declared */
    int line;
};

void gt__play_init(gt_play *play, gt_world *world, gt_call *call, const gt__script *script,
                   const char *file, int line);
void gt__play_cleanup(gt_play *play);

/* Carries the script out, at a server as its handler: the result is the handler's. */
int gt__play_serve(gt_play *play);
/* The same at a client: the call has then ended, unless the world has failed. */
void gt__play_call(gt_play *play);

/* Reads the call's first message ahead, for the steps to come; does nothing a second time. 0, or
 * what gt_call_recv says. */
int gt__play_read_first(gt_play *play);

/* What gt_use_types has told of a method; NULL: nothing. */
const gt_method_type *gt__method_type(gt_world *world, const char *method);

/* ---- asking a step about a call (ask.c) --------------------------------------------------------
 */

/* True for steps that ask about the request as such: metadata, deadline, authority, peer. */
bool gt__step_asks_request(const gt_step *step);
/* Asks such a step; where the answer is no, `why` (may be NULL) is told. */
bool gt__ask_request(const gt_step *step, gt_call *call, gt__buffer *why);
/* Asks about values under step->key. `what` is "metadata", "header", ... */
bool gt__ask_metadata(const gt_step *step, const gt_metadata *metadata, const char *what,
                      gt__buffer *why);
/* A message as what the step is asked about. */
gt_subject gt__subject_message(const gt_step *step, const gt__received *message);
/* Asks about a message. */
bool gt__ask_message(const gt_step *step, const gt__received *message, gt__buffer *why);

#endif
