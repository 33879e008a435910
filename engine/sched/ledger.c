#include "world_inside.h"

/* ---- all that is alive --------------------------------------------------------------------- */

void gt__ledger_add(gt__entry *entry, gt_world *world, const char *kind, const char *file, int line,
                    void (*reclaim)(gt__entry *entry))
{
    *entry =
        (gt__entry){.world = world, .kind = kind, .file = file, .line = line, .reclaim = reclaim};
    gt__list_push_back(&world->ledger, &entry->link);
}

void gt__ledger_remove(gt__entry *entry)
{
    gt__list_remove(&entry->link);
}

void gt__ledger_reclaim(gt_world *world)
{
    while (!gt__list_empty(&world->ledger)) {
        gt__entry *entry = gt__container_of(world->ledger.prev, gt__entry, link);
        gt__list_remove(&entry->link);
        entry->reclaim(entry);
    }
}

size_t gt__ledger_describe(const gt_world *world, gt__buffer *text)
{
    size_t count = 0;
    for (const gt__link *link = world->ledger.next; link != &world->ledger; link = link->next) {
        const gt__entry *entry = gt__container_of(link, gt__entry, link);
        if (entry->internal)
            continue;
        gt__buffer_printf(text, "\n  %s made at %s:%d", entry->kind, entry->file, entry->line);
        count++;
    }
    return count;
}

/* ---- what the layers above hang on a world ------------------------------------------------- */

void *gt__world_attachment(gt_world *world, const void *key, void *(*make)(gt_world *world),
                           void (*drop)(void *object))
{
    for (gt__link *link = world->attachments.next; link != &world->attachments; link = link->next) {
        gt__attachment *found = gt__container_of(link, gt__attachment, link);
        if (found->key == key)
            return found->object;
    }
    gt__attachment *attachment = gt__new(gt__attachment);
    attachment->key = key;
    attachment->drop = drop;
    attachment->object = make(world);
    gt__list_push_back(&world->attachments, &attachment->link);
    return attachment->object;
}

void gt__attachments_drop(gt_world *world)
{
    while (!gt__list_empty(&world->attachments)) {
        gt__attachment *last = gt__container_of(world->attachments.prev, gt__attachment, link);
        gt__list_remove(&last->link);
        last->drop(last->object);
        gt__free(last);
    }
}

void gt__shutdown_add(gt__shutdown *shutdown, gt_world *world, void (*run)(gt__shutdown *shutdown))
{
    shutdown->run = run;
    gt__list_push_back(&world->shutdowns, &shutdown->link);
}

void gt__shutdown_remove(gt__shutdown *shutdown)
{
    gt__list_remove(&shutdown->link);
}

void gt__shutdowns_run(gt_world *world)
{
    gt_task *task = gt__callback_begin(world);
    while (!gt__list_empty(&world->shutdowns)) {
        gt__shutdown *last = gt__container_of(world->shutdowns.prev, gt__shutdown, link);
        gt__list_remove(&last->link);
        last->run(last);
    }
    gt__callback_end(world, task);
}
