/* Per-call credentials: metadata that a function of the user's fetches, perhaps blocking, once
 * there is a connection that may carry it, and before the call opens its stream. */
#include "channel_inside.h"

/* A fetch under way, on a task of its own; its call may be freed meanwhile. */
typedef struct fetch {
    gt__entry entry;
    gt_channel *channel;
    gt_call *call; /* NULL once it has ended */
    gt_call_credentials credentials;
    gt_context *context;   /* a child of the call's */
    gt_metadata *metadata; /* what is fetched; here, since a task may be left in the middle */
    char *method;
    gt__watch watch;
} fetch;

static void free_fetch(fetch *f)
{
    gt__ledger_remove(&f->entry);
    gt__watch_stop(&f->watch);
    gt_context_free(f->context);
    gt_metadata_free(f->metadata);
    gt__free(f->method);
    gt__free(f);
}

static void reclaim(gt__entry *entry)
{
    free_fetch(gt__container_of(entry, fetch, entry));
}

static void on_call_ended(gt__watch *watch)
{
    gt__container_of(watch, fetch, watch)->call = NULL;
}

static void refuse(gt_call *call, int error)
{
    bool is_code = error > 0 && error <= GT_UNAUTHENTICATED;
    char *text = gt__printf("the credentials were not to be had: %s",
                            is_code ? gt_code_name((gt_code)error) : gt_error_text(error));
    gt__client_call_end(call, is_code ? error : GT_UNAUTHENTICATED, text);
    gt__free(text);
}

static void run_fetch(void *arg)
{
    fetch *f = arg;
    int error = f->credentials.fetch(f->credentials.user, f->context, f->method, f->metadata);
    gt_call *call = f->call;
    if (call && error) {
        refuse(call, error);
    } else if (call) {
        gt_metadata_join(call->request, f->metadata);
        call->authorized = true;
        gt__channel_start(f->channel, call);
    }
    free_fetch(f);
}

void gt__channel_fetch_credentials(gt_channel *channel, gt_call *call)
{
    fetch *f = gt__new(fetch);
    f->channel = channel;
    f->call = call;
    f->credentials = channel->credentials;
    f->metadata = gt_metadata_new();
    f->method = gt__strdup(call->method);
    f->context = gt__context_new(call->world, call->context, GT_NEVER);
    gt__ledger_add(&f->entry, call->world, "credentials", call->entry.file, call->entry.line,
                   reclaim);
    f->entry.internal = true;
    gt__watch_start(&f->watch, f->context, on_call_ended);
    gt__spawn(call->world, "call: credentials", run_fetch, f, call->entry.file, call->entry.line);
}
