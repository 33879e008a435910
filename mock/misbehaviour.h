/* misbehaviour.h - carrying out what misbehave.h offers.
 * Rule: only frames are written here; which of them reach the wire is the filter's to see to. */
#ifndef GRPCTEST_MOCK_MISBEHAVIOUR_H
#define GRPCTEST_MOCK_MISBEHAVIOUR_H

#include "engine/rpc/call.h"
#include "script.h"
#include <grpctest/misbehave.h>

/* Carries a step out on a call that has a stream. True when the stream is over by it. */
bool gt__misbehave(gt_call *call, const gt_step *step);

/* Misuse where the step is not this side's. */
void gt__misbehaviour_check(const gt_step *step, bool client);

/* What a catalogued misbehaviour writes (misbehaviour.c). */
typedef struct gt__misdeed {
    void (*write)(gt_buffer *out, int32_t stream);
    bool opens; /* in place of response headers, which must not have been sent */
    bool ends;  /* the stream is over by it */
} gt__misdeed;
const gt__misdeed *gt__misdeed_of(int which);

#endif
