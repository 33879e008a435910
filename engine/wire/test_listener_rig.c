#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_listener_rig.h"

int listener_rig_set_up(void **state)
{
    listener_rig *r = gt__new(listener_rig);
    r->kind = *state;
    gt_world_options options = {.clock = r->kind->clock, .seed = r->kind->seed};
    r->world = gt_world_new(&options);
    r->kind->open(r->world, &r->listener, &r->dialer);
    *state = r;
    return 0;
}

int listener_rig_tear_down(void **state)
{
    listener_rig *r = *state;
    gt_listener_free(r->listener);
    gt_dialer_free(r->dialer);
    gt_world_free(r->world);
    gt__free(r);
    return 0;
}

gt_conn *dial(listener_rig *r)
{
    gt_conn *conn;
    assert_int_equal(gt_dial(r->dialer, NULL, &conn), 0);
    return conn;
}

gt_conn *accept_next(listener_rig *r)
{
    gt_conn *conn;
    assert_int_equal(gt_accept(r->listener, NULL, &conn), 0);
    return conn;
}

void try_to_dial(void *arg)
{
    attempt *a = arg;
    a->error = gt_dial(a->rig->dialer, a->context, &a->conn);
    a->back = gt_now(a->rig->world);
}

void try_to_accept(void *arg)
{
    attempt *a = arg;
    a->error = gt_accept(a->rig->listener, a->context, &a->conn);
    a->back = gt_now(a->rig->world);
}

void begin(gt_task_fn *fn, attempt *a)
{
    a->task = gt_spawn(a->rig->world, fn == try_to_dial ? "dialer" : "acceptor", fn, a);
}

void begin_and_wait(gt_task_fn *fn, attempt *a)
{
    begin(fn, a);
    assert_int_equal(gt_settle(a->rig->world), 0);
    assert_false(gt_task_done(a->task));
}

void see_end(attempt *a)
{
    assert_int_equal(gt_task_join(a->task, NULL), 0);
}
