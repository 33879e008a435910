#include "world_inside.h"

struct gt_event {
    gt__entry entry;
    gt__waitq raising;
    bool raised;
    char *birthplace; /* for the deadlock report */
};

static void reclaim(gt__entry *entry)
{
    gt_event_free(gt__container_of(entry, gt_event, entry));
}

gt_event *gt_event_new_at(gt_world *world, const char *file, int line)
{
    gt__world_at(world, file, line);
    gt_event *event = gt__new(gt_event);
    gt__waitq_init(&event->raising);
    event->birthplace = gt__printf("made at %s:%d", file, line);
    gt__ledger_add(&event->entry, world, "event", file, line, reclaim);
    return event;
}

void gt_event_free(gt_event *event)
{
    if (!event)
        return;
    gt__enter(event->entry.world);
    gt__waitq_end(&event->raising, GT_ECANCELLED);
    gt__ledger_remove(&event->entry);
    gt__free(event->birthplace);
    gt__free(event);
}

void gt_event_raise(gt_event *event)
{
    event->raised = true;
    gt__wake_all(&event->raising);
}

void gt_event_clear(gt_event *event)
{
    event->raised = false;
}

bool gt_event_raised(const gt_event *event)
{
    return event->raised;
}

int gt_event_wait(gt_event *event, gt_context *context)
{
    gt__require_task(event->entry.world, "gt_event_wait");
    if (event->raised)
        return 0;
    return gt__wait(event->entry.world, &event->raising, context, GT_NEVER, "an event",
                    event->birthplace);
}

/* ---- gt_event_waitable --------------------------------------------------------------------- */

static bool event_ready(void *object)
{
    return gt_event_raised(object);
}

static gt__waitq *event_queue(void *object)
{
    return &((gt_event *)object)->raising;
}

gt_waitable gt_event_waitable(gt_event *event)
{
    static const struct gt__waitable_kind kind = {"an event", event_ready, event_queue};
    return (gt_waitable){&kind, event};
}
