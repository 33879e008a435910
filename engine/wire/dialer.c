/* What every dialer does alike, over its table, and the dialer made of a function. */
#include "wire.h"

static void reclaim(gt__entry *entry)
{
    gt_dialer_free(gt__container_of(entry, gt_dialer, entry));
}

void gt__dialer_init(gt_dialer *dialer, const gt__dialer_table *table, gt_world *world,
                     const char *address, const char *file, int line)
{
    *dialer = (gt_dialer){.table = table, .world = world, .address = gt__strdup(address)};
    gt__ledger_add(&dialer->entry, world, "dialer", file, line, reclaim);
}

void gt_dialer_free(gt_dialer *dialer)
{
    if (!dialer)
        return;
    gt__ledger_remove(&dialer->entry);
    gt__free(dialer->address);
    dialer->table->destroy(dialer);
}

int gt_dial_at(gt_dialer *dialer, gt_context *context, gt_conn **conn, const char *file, int line)
{
    *conn = NULL;
    gt__require_task(dialer->world, "gt_dial");
    int error = gt__world_error(dialer->world);
    if (!error && context)
        error = gt_context_error(context);
    return error ? error : dialer->table->dial(dialer, context, conn, file, line);
}

const char *gt_dialer_address(const gt_dialer *dialer)
{
    return dialer->address;
}

/* ---- of a function ------------------------------------------------------------------------- */

typedef struct custom_dialer {
    gt_dialer base;
    gt_dial_fn *dial;
    void *user;
} custom_dialer;

static int custom_dial(gt_dialer *dialer, gt_context *context, gt_conn **conn, const char *file,
                       int line)
{
    custom_dialer *custom = gt__container_of(dialer, custom_dialer, base);
    int error = custom->dial(custom->user, context, conn);
    if (!error && !*conn)
        gt__misuse("gt_dial at %s:%d: the dialer's function gave success without a connection",
                   file, line);
    return error;
}

static void custom_destroy(gt_dialer *dialer)
{
    gt__free(gt__container_of(dialer, custom_dialer, base));
}

gt_dialer *gt_dialer_from_at(gt_world *world, const char *address, gt_dial_fn *dial, void *user,
                             const char *file, int line)
{
    static const gt__dialer_table table = {"custom", custom_dial, custom_destroy};
    custom_dialer *custom = gt__new(custom_dialer);
    gt__dialer_init(&custom->base, &table, world, address, file, line);
    custom->dial = dial;
    custom->user = user;
    return &custom->base;
}
