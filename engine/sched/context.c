#include "world_inside.h"

struct gt_context {
    gt__entry entry;
    gt_context *parent; /* held */
    gt__link sibling;   /* among the parent's children while neither is done */
    gt__link children;  /* that are not done */
    gt__link watches;   /* to be called when it is done */
    gt__waitq waiters;  /* in gt_wait_any, woken when it is done */
    gt__timer timer;    /* set where its own deadline is the earliest */
    gt_time deadline;   /* the earliest up to the root, or GT_NEVER */
    size_t holders;     /* the caller, children, and whoever is ending it */
    int error;          /* 0 while it is not done */
    const void *key;
    void *value;
    void (*free_value)(void *value);
};

/* ---- holding ------------------------------------------------------------------------------- */

/* It has ended by now: nobody watches it, nobody waits. A loop, since a chain of contexts may be
 * longer than a fiber's stack is deep. */
static void let_go(gt_context *context)
{
    while (context && --context->holders == 0) {
        gt_context *parent = context->parent;
        gt__list_remove(&context->sibling);
        gt__timer_stop(&context->timer);
        if (context->free_value) {
            gt_task *task = gt__callback_begin(context->entry.world);
            context->free_value(context->value);
            gt__callback_end(context->entry.world, task);
        }
        gt__free(context);
        context = parent;
    }
}

/* ---- ending -------------------------------------------------------------------------------- */

static void call_watches(gt_context *context)
{
    while (!gt__list_empty(&context->watches)) {
        gt__watch *watch = gt__container_of(context->watches.next, gt__watch, link);
        gt__list_remove(&watch->link);
        watch->done(watch);
    }
}

/* The children of `context` go to the front of those still to be ended. */
static void queue_children(gt_context *context, gt__link *pending)
{
    while (!gt__list_empty(&context->children)) {
        gt__link *last = context->children.prev;
        gt__list_remove(last);
        gt__list_push_back(pending->next, last);
    }
}

/* Parents before children, elder siblings first, without recursion. Callbacks may free contexts
 * that are still pending: their links leave the list by themselves. */
void gt__context_end(gt_context *context, int error)
{
    gt__link pending;
    gt_world *world = context->entry.world;
    if (context->error)
        return;
    gt_task *task = gt__callback_begin(world);
    gt__list_init(&pending);
    gt__list_remove(&context->sibling);
    gt__list_push_back(&pending, &context->sibling);
    while (!gt__list_empty(&pending)) {
        context = gt__container_of(pending.next, gt_context, sibling);
        gt__list_remove(&context->sibling);
        context->holders++;
        context->error = error;
        gt__timer_stop(&context->timer);
        queue_children(context, &pending);
        call_watches(context);
        gt__wake_all(&context->waiters);
        let_go(context);
    }
    gt__callback_end(world, task);
}

static void deadline_passed(gt__timer *timer)
{
    gt__context_end(gt__container_of(timer, gt_context, timer), GT_ETIMEDOUT);
}

void gt_context_cancel(gt_context *context)
{
    if (!context)
        gt__misuse("gt_context_cancel: NULL is the background, which cannot be cancelled");
    gt__context_end(context, GT_ECANCELLED);
}

void gt_context_free(gt_context *context)
{
    if (!context)
        return;
    gt__ledger_remove(&context->entry);
    gt__context_end(context, GT_ECANCELLED);
    let_go(context);
}

/* ---- making -------------------------------------------------------------------------------- */

static void reclaim(gt__entry *entry)
{
    gt_context_free(gt__container_of(entry, gt_context, entry));
}

static void set_deadline(gt_context *context, gt_time deadline)
{
    const gt_context *parent = context->parent;
    gt_time inherited = parent ? parent->deadline : GT_NEVER;
    context->deadline = deadline < inherited ? deadline : inherited;
    if (parent && parent->error)
        gt__context_end(context, parent->error);
    else if (deadline <= gt_now(context->entry.world))
        gt__context_end(context, GT_ETIMEDOUT);
    else if (deadline < inherited)
        gt__timer_set(&context->timer, deadline);
}

gt_context *gt__context_new(gt_world *world, gt_context *parent, gt_time deadline)
{
    gt_context *context = gt__new(gt_context);
    if (parent && world && parent->entry.world != world)
        gt__misuse("a context of another world is given, whose clock is another");
    world = parent ? parent->entry.world : world;
    context->entry.world = world;
    context->holders = 1;
    gt__list_init(&context->entry.link);
    gt__list_init(&context->sibling);
    gt__list_init(&context->children);
    gt__list_init(&context->watches);
    gt__waitq_init(&context->waiters);
    gt__timer_init(&context->timer, world, deadline_passed);
    if (parent) {
        context->parent = parent;
        parent->holders++;
        if (!parent->error)
            gt__list_push_back(&parent->children, &context->sibling);
    }
    set_deadline(context, deadline);
    return context;
}

static gt_context *child(gt_context *parent, gt_time deadline, const char *file, int line)
{
    if (!parent)
        gt__misuse("%s:%d: a context's parent may not be NULL; gt_context_background makes one",
                   file, line);
    gt_context *context = gt__context_new(NULL, parent, deadline);
    gt__ledger_add(&context->entry, parent->entry.world, "context", file, line, reclaim);
    return context;
}

gt_context *gt_context_background_at(gt_world *world, const char *file, int line)
{
    gt_context *context = gt__context_new(world, NULL, GT_NEVER);
    gt__ledger_add(&context->entry, world, "context", file, line, reclaim);
    return context;
}

gt_context *gt_context_with_cancel_at(gt_context *parent, const char *file, int line)
{
    return child(parent, GT_NEVER, file, line);
}

gt_context *gt_context_with_deadline_at(gt_context *parent, gt_time deadline, const char *file,
                                        int line)
{
    return child(parent, deadline, file, line);
}

gt_context *gt_context_with_timeout_at(gt_context *parent, gt_duration timeout, const char *file,
                                       int line)
{
    gt_time deadline = parent ? gt__time_add(gt_now(parent->entry.world), timeout) : 0;
    return child(parent, deadline, file, line);
}

gt_context *gt_context_with_value_at(gt_context *parent, const void *key, void *value,
                                     void (*free_value)(void *value), const char *file, int line)
{
    gt_context *context = child(parent, GT_NEVER, file, line);
    context->key = key;
    context->value = value;
    context->free_value = free_value;
    return context;
}

/* ---- asking -------------------------------------------------------------------------------- */

int gt_context_error(const gt_context *context)
{
    return context ? context->error : 0;
}

bool gt_context_deadline(const gt_context *context, gt_time *deadline)
{
    if (!context || context->deadline == GT_NEVER)
        return false;
    *deadline = context->deadline;
    return true;
}

void *gt_context_value(const gt_context *context, const void *key)
{
    for (; context; context = context->parent)
        if (context->key == key && key)
            return context->value;
    return NULL;
}

gt_world *gt_context_world(const gt_context *context)
{
    if (!context)
        gt__misuse("a context of a world is needed here; NULL is the background of any");
    return context->entry.world;
}

/* ---- being told, waiting ------------------------------------------------------------------- */

void gt__watch_start(gt__watch *watch, gt_context *context, void (*done)(gt__watch *watch))
{
    watch->done = done;
    gt__list_init(&watch->link);
    if (!context)
        return;
    if (context->error)
        done(watch);
    else
        gt__list_push_back(&context->watches, &watch->link);
}

void gt__watch_stop(gt__watch *watch)
{
    gt__list_remove(&watch->link);
}

int gt_context_wait(gt_context *context)
{
    gt_task *task = gt__enter_task(gt_context_world(context), "gt_context_wait");
    int error = gt__wait_error(task, context, GT_NEVER);
    if (error)
        return error;
    return gt__task_wait(task, context, GT_NEVER, "a context to be done", NULL);
}

static bool context_ready(void *object)
{
    return gt_context_error(object) != 0;
}

static gt__waitq *context_queue(void *object)
{
    return &((gt_context *)object)->waiters;
}

gt_waitable gt_context_waitable(gt_context *context)
{
    static const struct gt__waitable_kind kind = {"a context to be done", context_ready,
                                                  context_queue};
    return (gt_waitable){&kind, context};
}
