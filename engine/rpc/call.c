#include "call.h"

#include "journal.h"

/* Whether it can stand in a request line: printable ASCII without a space. */
static bool is_plain(const char *text)
{
    for (const char *p = text; *p; p++)
        if (*p <= 0x20 || *p >= 0x7f)
            return false;
    return true;
}

void gt__require_method(const char *method)
{
    const char *name = method && method[0] == '/' ? strchr(method + 1, '/') : NULL;
    if (!name || name == method + 1 || name[1] == '\0' || !is_plain(method))
        gt__misuse("\"%s\" is no method: it must read \"/package.Service/Method\"",
                   method ? method : "(null)");
}

void gt__require_authority(const char *authority)
{
    if (authority && (authority[0] == '\0' || !is_plain(authority)))
        gt__misuse("\"%s\" is no authority: it must read like \"host:port\"", authority);
}

void gt__call_init(gt_call *call, gt_world *world, const gt__call_table *table, const char *method)
{
    call->base.table = table;
    call->top = &call->base;
    call->world = world;
    /* What peers make up must not fill the journal's list of methods. */
    const char *known = method ? method : "(unknown method)";
    call->journal_method = gt__journal_method_of(gt__journal_of(world), known);
    call->method = call->journal_method->path;
    call->number = gt__journal_next_call(world);
    call->began = gt_now(world);
    call->last_arrived = &call->first_arrived;
    gt__list_init(&call->link);
    gt__list_init(&call->attempt.link);
    gt__waitq_init(&call->incoming);
    gt__waitq_init(&call->outgoing);
    call->unfinished.message = "";
}

static void free_kept(gt__kept *kept)
{
    while (kept) {
        gt__kept *next = kept->next;
        if (kept->type.codec)
            kept->type.codec->release(kept->type.descriptor, kept->object);
        else
            gt__free(kept->object);
        gt__free(kept);
        kept = next;
    }
}

void gt__call_cleanup(gt_call *call)
{
    gt__call_detach(call);
    gt__interceptions_free(call);
    gt__list_remove(&call->link);
    gt__watch_stop(&call->watch);
    gt_context_free(call->context);
    gt__call_drop_arrived(call);
    free_kept(call->kept);
    gt_metadata_free(call->request);
    gt_metadata_free(call->header);
    gt_metadata_free(call->trailer);
    gt__free(call->own_method);
    gt__free(call->subtype);
    gt__free(call->refusal_text);
    gt__free(call->authority);
    gt__free(call->peer);
    gt__free(call->message);
    gt__free(call->details);
}

bool gt__call_end(gt_call *call, int code, const char *message, gt_bytes details)
{
    if (call->ended)
        return false;
    call->ended = true;
    call->code = code;
    gt__free(call->message);
    call->message = gt__strdup(message ? message : "");
    if (details.size > 0) {
        gt__free(call->details);
        call->details = gt__memdup(details.data, details.size);
        call->details_size = details.size;
    }
    call->status.code = (gt_code)code;
    call->status.message = call->message;
    call->status.details = gt_bytes_of(call->details, call->details_size);
    call->header_known = true;
    gt__watch_stop(&call->watch);
    gt__context_end(call->context, code == GT_DEADLINE_EXCEEDED ? GT_ETIMEDOUT : GT_ECANCELLED);
    gt__wake_all(&call->incoming);
    gt__wake_all(&call->outgoing);
    gt__interceptions_end(call);
    return true;
}

bool gt__call_is_late(const gt_call *call)
{
    gt_time deadline;
    return gt_context_deadline(call->context, &deadline) && deadline <= gt_now(call->world);
}

void gt__call_attach(gt_call *call, gt__transport *transport, int32_t stream)
{
    call->attempt.transport = transport;
    call->attempt.stream = stream;
    gt__list_remove(&call->attempt.link);
    gt__list_push_back(&transport->calls, &call->attempt.link);
    gt__free(call->peer);
    call->peer = gt__strdup(gt_conn_peer_name(transport->conn));
}

void gt__call_detach(gt_call *call)
{
    gt__attempt *attempt = &call->attempt;
    gt__list_remove(&attempt->link);
    if (!attempt->transport)
        return;
    gt__h2_set_user(attempt->transport->h2, attempt->stream, NULL);
    attempt->transport = NULL;
}

void gt__call_enter(gt_call *call)
{
    call->users++;
}

void gt__call_leave(gt_call *call)
{
    if (--call->users == 0 && call->let_go)
        call->entry.reclaim(&call->entry);
}

void gt__call_cut(gt_call *call, uint32_t code)
{
    gt__transport *transport = call->attempt.transport;
    if (transport) {
        gt__h2_reset(transport->h2, call->attempt.stream, code);
        gt__transport_kick(transport);
    }
    gt__call_detach(call);
}

/* ---- what both sides may ask -------------------------------------------------------------- */

gt_context *gt_call_context(gt_call *call)
{
    if (!call->context)
        gt__misuse("gt_call_context: a call has none before its interceptors' `start` is over; "
                   "gt_call_start has its caller's");
    return call->context;
}

const char *gt_call_method(const gt_call *call)
{
    return call->method;
}

const char *gt_call_peer(const gt_call *call)
{
    return call->peer ? call->peer : "";
}

const char *gt_call_authority(const gt_call *call)
{
    return call->authority;
}

uint64_t gt_call_number(const gt_call *call)
{
    return call->number;
}

gt_world *gt_call_world(const gt_call *call)
{
    return call->world;
}

bool gt_call_ended(const gt_call *call)
{
    return call->ended;
}

const gt_metadata *gt_call_trailer(gt_call *call)
{
    gt__journal_asked(call);
    if (!call->trailer)
        call->trailer = gt_metadata_new();
    return call->trailer;
}

/* ---- waiting for any of several ----------------------------------------------------------- */

static bool is_readable(void *object)
{
    const gt_call *call = object;
    return gt__call_has_arrived(call) || call->ended || (call->server && call->half_closed);
}

static bool has_ended(void *object)
{
    return ((const gt_call *)object)->ended;
}

/* Asked for as a task begins to wait, again and again: what is arriving is wanted then, also where
 * the stream was opened or the last message taken after the waitable was made. */
static gt__waitq *incoming_of(void *object)
{
    gt_call *call = object;
    gt__call_want(call);
    return &call->incoming;
}

static const struct gt__waitable_kind readable_kind = {"message of a call", is_readable,
                                                       incoming_of};
static const struct gt__waitable_kind ended_kind = {"end of a call", has_ended, incoming_of};

gt_waitable gt_call_readable(gt_call *call)
{
    return (gt_waitable){&readable_kind, call};
}

gt_waitable gt_call_ended_waitable(gt_call *call)
{
    return (gt_waitable){&ended_kind, call};
}
