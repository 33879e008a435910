/* test_listener_rig.h - for tests of listeners: a world with a listener and a dialer to it, and
 * tasks that dial and accept. Rule: tasks only note; asserting is the test's. */
#ifndef GRPCTEST_ENGINE_WIRE_TEST_LISTENER_RIG_H
#define GRPCTEST_ENGINE_WIRE_TEST_LISTENER_RIG_H

#include "engine/core/core.h"
#include "test_listener_laws.h"

typedef struct listener_rig {
    const listener_kind *kind;
    gt_world *world;
    gt_listener *listener;
    gt_dialer *dialer;
} listener_rig;

/* Setup and teardown of a test; the initial state is a `const listener_kind *`. */
int listener_rig_set_up(void **state);
int listener_rig_tear_down(void **state);

/* An entry of a cmocka table: a test over a `listener_kind *`. */
#define LISTENER_TEST(name, kind)                                                                  \
    {                                                                                              \
#name, name, listener_rig_set_up, listener_rig_tear_down, kind                             \
    }

/* On the calling task. */
gt_conn *dial(listener_rig *r);
gt_conn *accept_next(listener_rig *r);

/* One dial or accept that a task carries out. */
typedef struct attempt {
    listener_rig *rig;
    gt_context *context;
    gt_conn *conn;
    int error;
    gt_time back; /* when it was over */
    gt_task *task;
} attempt;

void try_to_dial(void *attempt);
void try_to_accept(void *attempt);

/* Has a task of its own carry it out; begin_and_wait also sees it wait. see_end joins the task. */
void begin(gt_task_fn *fn, attempt *a);
void begin_and_wait(gt_task_fn *fn, attempt *a);
void see_end(attempt *a);

#endif
