/* What every listener does alike, over its table. */
#include "wire.h"

static void run_acceptable(gt__job *job)
{
    gt_listener *listener = gt__container_of(job, gt_listener, acceptable_job);
    listener->on_acceptable(listener->hook_user);
}

static void destroy(gt_listener *listener)
{
    gt__ledger_remove(&listener->entry);
    gt__free(listener->address);
    listener->table->destroy(listener);
}

/* Everything of gt_listener_free but the memory. */
static void end(gt_listener *listener)
{
    gt__waitq_end(&listener->acceptable, GT_ECLOSED);
    if (listener->on_gone)
        listener->on_gone(listener->hook_user);
    gt__listener_hook(listener, NULL, NULL, NULL);
    gt_listener_close(listener);
}

static void reclaim(gt__entry *entry)
{
    gt_listener *listener = gt__container_of(entry, gt_listener, entry);
    end(listener);
    destroy(listener);
}

void gt__listener_init(gt_listener *listener, const gt__listener_table *table, gt_world *world,
                       const char *address, const char *file, int line)
{
    *listener = (gt_listener){.table = table, .world = world, .address = gt__strdup(address)};
    gt__waitq_init(&listener->acceptable);
    gt__job_init(&listener->acceptable_job, world, run_acceptable);
    gt__ledger_add(&listener->entry, world, "listener", file, line, reclaim);
}

void gt__listener_acceptable(gt_listener *listener)
{
    gt__wake_all(&listener->acceptable);
    if (listener->on_acceptable)
        gt__job_schedule(&listener->acceptable_job);
}

void gt__listener_hook(gt_listener *listener, void (*on_acceptable)(void *user),
                       void (*on_gone)(void *user), void *user)
{
    gt__job_cancel(&listener->acceptable_job);
    listener->on_acceptable = on_acceptable;
    listener->on_gone = on_gone;
    listener->hook_user = user;
    if (on_acceptable)
        gt__job_schedule(&listener->acceptable_job);
}

void gt_listener_close(gt_listener *listener)
{
    if (listener->closed)
        return;
    listener->closed = true;
    listener->table->close(listener);
    gt__listener_acceptable(listener);
}

void gt_listener_free(gt_listener *listener)
{
    if (!listener)
        return;
    end(listener);
    if (listener->users == 0) {
        destroy(listener);
    } else {
        listener->let_go = true;
        listener->entry.internal = true;
    }
}

int gt__listener_try_accept(gt_listener *listener, gt_conn **conn, const char *file, int line)
{
    *conn = NULL;
    return listener->closed ? GT_ECLOSED : listener->table->try_accept(listener, conn, file, line);
}

/* A connection stays in the queue when the context or the world says no. */
static int accept_one(gt_listener *listener, gt_context *context, gt_conn **conn, const char *file,
                      int line)
{
    for (;;) {
        int error = gt__world_error(listener->world);
        if (!error && context)
            error = gt_context_error(context);
        if (!error)
            error = gt__listener_try_accept(listener, conn, file, line);
        if (error != GT_EAGAIN)
            return error;
        error = gt__wait(listener->world, &listener->acceptable, context, GT_NEVER,
                         "a connection to", listener->address);
        if (error)
            return error;
    }
}

int gt_accept_at(gt_listener *listener, gt_context *context, gt_conn **conn, const char *file,
                 int line)
{
    *conn = NULL;
    gt__require_task(listener->world, "gt_accept");
    listener->users++;
    int error = accept_one(listener, context, conn, file, line);
    if (--listener->users == 0 && listener->let_go)
        destroy(listener);
    return error;
}

const char *gt_listener_address(const gt_listener *listener)
{
    return listener->address;
}

static bool can_accept(void *object)
{
    gt_listener *listener = object;
    return listener->closed || listener->table->acceptable(listener);
}

static gt__waitq *acceptable_queue(void *object)
{
    return &((gt_listener *)object)->acceptable;
}

gt_waitable gt_listener_waitable(gt_listener *listener)
{
    static const struct gt__waitable_kind kind = {"a connection to accept", can_accept,
                                                  acceptable_queue};
    return (gt_waitable){&kind, listener};
}
