/* A call seen from the client: it opens a stream once the channel has room, and its status is made
 * here or comes from the peer, whichever is first. */
#include "channel_inside.h"

#include "engine/core/coding.h"

enum { RST_CANCEL = 8 };

static gt_call *call_of(gt__call_layer *layer)
{
    return gt__container_of(layer, gt_call, base);
}

/* ---- the end -------------------------------------------------------------------------------- */

void gt__client_call_end(gt_call *call, int code, const char *message)
{
    gt_bytes no_details = {0};
    if (!gt__call_end(call, code, message, no_details))
        return;
    gt__journal_end(call, code, message, NULL);
    if (call->attempt.transport)
        gt__journal_add(call, true, GT_JOURNAL_RESET, "CANCEL");
    gt__call_drop_arrived(call);
    gt__call_cut(call, RST_CANCEL);
}

static void on_context_done(gt__watch *watch)
{
    gt_call *call = gt__container_of(watch, gt_call, watch);
    if (gt_context_error(call->context) == GT_ETIMEDOUT)
        gt__client_call_end(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");
    else
        gt__client_call_end(call, GT_CANCELLED, "the call's context was cancelled");
}

/* What came, and what became of it where that is something else. */
static void note_status(gt_call *call, const gt__h2_event *event, int code, const char *message)
{
    bool told = event->as.status.told;
    if (event->as.status.reset)
        gt__journal_add(call, false, GT_JOURNAL_RESET,
                        gt__h2_error_name(event->as.status.reset_code));
    if (told)
        gt__journal_status(call, false, event->as.status.trailers_only, event->as.status.code,
                           event->as.status.message, call->trailer);
    if (!told || code != event->as.status.code)
        gt__journal_end(call, code, message, told ? NULL : call->trailer);
}

static void on_status(gt_call *call, gt__h2_event *event)
{
    int code = event->as.status.code;
    const char *message = event->as.status.message;
    if (code == GT_CANCELLED && gt__call_is_late(call)) {
        code = GT_DEADLINE_EXCEEDED;
        message = "deadline exceeded";
    }
    gt_metadata_free(call->trailer);
    call->trailer = event->as.status.metadata;
    event->as.status.metadata = NULL;
    note_status(call, event, code, message);
    gt__call_end(call, code, message,
                 gt_bytes_of(event->as.status.details, event->as.status.details_size));
}

/* ---- the stream ----------------------------------------------------------------------------- */

static void send_half_close(gt_call *call)
{
    gt__journal_add(call, true, GT_JOURNAL_HALF_CLOSE, "");
    gt__h2_half_close(call->attempt.transport->h2, call->attempt.stream);
}

/* False when the call has ended for its connection, or waits for its credentials, for which it is
 * opened again. They are not even asked for where the connection may not carry them. */
static bool has_credentials(gt_channel *channel, gt_call *call, const gt__transport *transport)
{
    const gt_call_credentials *credentials = &channel->credentials;
    if (!credentials->fetch)
        return true;
    if (credentials->require_tls && strcmp(gt_conn_kind(transport->conn), "tls") != 0) {
        gt__client_call_end(call, GT_UNAUTHENTICATED,
                            "the credentials require TLS, which this connection has not");
        return false;
    }
    if (call->authorized)
        return true;
    gt__list_remove(&call->attempt.link);
    gt__channel_fetch_credentials(channel, call);
    return false;
}

int gt__client_call_open(gt_call *call, gt__transport *transport)
{
    gt_channel *channel = call->owner;
    if (!has_credentials(channel, call, transport))
        return 0;
    gt__h2_request request = {
        .path = call->method,
        .authority = call->authority,
        .content_subtype = channel->content_subtype,
        .user_agent = channel->user_agent,
        .deadline = GT_NEVER,
        .metadata = call->request,
        .encoding = call->encoding,
        .unary_response = call->kind == GT_UNARY || call->kind == GT_CLIENT_STREAMING,
    };
    gt_context_deadline(call->context, &request.deadline);
    gt_time now = gt_now(call->world);
    int32_t stream;
    int error = gt__h2_open(transport->h2, &request, now, call, &stream);
    if (error)
        return error;
    gt__call_attach(call, transport, stream);
    if (call->plain)
        gt__h2_compress_messages(transport->h2, stream, false);
    char timeout[GT__TIMEOUT_SIZE] = "";
    if (request.deadline != GT_NEVER)
        gt__timeout_encode(request.deadline - now, timeout);
    gt__journal_header(call, true, timeout, call->request);
    if (call->half_closed)
        send_half_close(call);
    gt__transport_kick(transport);
    gt__wake_all(&call->outgoing);
    return 0;
}

void gt__client_call_event(gt_call *call, gt__h2_event *event)
{
    switch (event->type) {
    case GT__H2_HEADERS:
        call->header = event->as.headers.metadata;
        event->as.headers.metadata = NULL;
        call->header_known = true;
        gt__journal_header(call, false, "", call->header);
        gt__wake_all(&call->incoming);
        break;
    case GT__H2_MESSAGE:
        gt__call_arrived(call, event);
        break;
    case GT__H2_STATUS:
        on_status(call, event);
        break;
    case GT__H2_WRITABLE:
        gt__wake_all(&call->outgoing);
        break;
    case GT__H2_VIOLATION:
        gt__journal_violation(call, event->as.violation.rule, event->as.violation.text);
        break;
    case GT__H2_CLOSED:
        gt__call_detach(call);
        break;
    default:
        break;
    }
}

/* ---- the table ------------------------------------------------------------------------------ */

static int client_send(gt__call_layer *layer, const gt_outgoing *message)
{
    gt_call *call = call_of(layer);
    if (call->ended)
        return GT_ESTATUS;
    return call->half_closed ? GT_ECLOSED : gt__call_send(call, message);
}

static int client_recv(gt__call_layer *layer, gt_incoming *message)
{
    gt_call *call = call_of(layer);
    while (!gt__call_has_arrived(call)) {
        if (call->ended)
            return GT_EOF;
        gt__call_want(call);
        int error =
            gt__wait(call->world, &call->incoming, NULL, GT_NEVER, "a message of", call->method);
        if (error)
            return error;
    }
    gt__call_take(call, message);
    return 0;
}

static void client_half_close(gt__call_layer *layer)
{
    gt_call *call = call_of(layer);
    if (call->half_closed || call->ended)
        return;
    call->half_closed = true;
    if (!call->attempt.transport)
        return;
    send_half_close(call);
    gt__transport_kick(call->attempt.transport);
}

static void client_end(gt__call_layer *layer, int code, const char *message)
{
    gt__client_call_end(call_of(layer), code, message);
}

static int client_wait_header(gt__call_layer *layer)
{
    gt_call *call = call_of(layer);
    while (!call->header_known) {
        int error =
            gt__wait(call->world, &call->incoming, NULL, GT_NEVER, "the header of", call->method);
        if (error)
            return error;
    }
    return 0;
}

static int client_wait_end(gt__call_layer *layer)
{
    gt_call *call = call_of(layer);
    while (!call->ended) {
        gt__call_want(call);
        int error =
            gt__wait(call->world, &call->incoming, NULL, GT_NEVER, "the status of", call->method);
        if (error)
            return error;
    }
    return 0;
}

static const gt__call_table client_table = {
    .send = client_send,
    .recv = client_recv,
    .half_close = client_half_close,
    .end = client_end,
    .wait_header = client_wait_header,
    .wait_end = client_wait_end,
};

/* ---- making one ----------------------------------------------------------------------------- */

void gt_call_options_init(gt_call_options *options)
{
    *options = (gt_call_options){0};
}

static void reclaim(gt__entry *entry)
{
    gt_call *call = gt__container_of(entry, gt_call, entry);
    gt__call_cleanup(call);
    gt__ledger_remove(&call->entry);
    gt__free(call);
}

/* What the call's context, its options, the interceptors and the channel say together. */
static gt_context *settle_start(gt_channel *channel, gt_call *call, const gt_call_options *options)
{
    gt_call_start start = {
        .metadata = gt_metadata_clone(gt_context_metadata(options->context)),
        .timeout = options->timeout,
        .context = options->context,
        .method = call->method,
        .kind = call->kind,
    };
    gt_metadata_join(start.metadata, options->metadata);
    gt__interceptions_start(call, &start);
    call->request = start.metadata;
    gt_duration limit = gt__channel_timeout(channel, call->method);
    if (limit != 0 && (start.timeout == 0 || limit < start.timeout))
        start.timeout = limit;
    gt_time deadline = GT_NEVER;
    if (start.timeout != 0)
        deadline = gt__time_add(gt_now(call->world), start.timeout);
    return gt__context_new(call->world, options->context, deadline);
}

gt_call *gt_call_new_at(gt_channel *channel, const char *method, const gt_call_options *options,
                        const char *file, int line)
{
    static const gt_call_options defaults;
    if (!options)
        options = &defaults;
    gt__require_method(method);
    gt__require_authority(options->authority);
    gt_call *call = gt__new(gt_call);
    gt__world_at(channel->world, file, line);
    gt__call_init(call, channel->world, &client_table, method);
    gt__ledger_add(&call->entry, channel->world, "call", file, line, reclaim);
    call->kind = options->kind;
    call->owner = channel;
    call->encoding =
        options->compression ? gt__require_encoding(options->compression) : channel->encoding;
    call->authority = gt__strdup(options->authority ? options->authority : channel->authority);
    gt__list_push_back(&channel->calls, &call->link);
    gt__call_intercept(call, channel->interceptors);
    call->context = settle_start(channel, call, options);
    gt__journal_add(call, true, GT_JOURNAL_CALL, gt_dialer_address(channel->dialer));
    gt__watch_start(&call->watch, call->context, on_context_done);
    if (call->refusal)
        gt__client_call_end(call, call->refusal, call->refusal_text);
    if (call->ended)
        return call;
    gt__channel_start(channel, call);
    return call;
}

static void require_client(const gt_call *call, const char *function)
{
    if (call->server)
        gt__misuse("%s is for the client's side of a call, not for a handler", function);
}

/* Whoever tells an interceptor goes on with the call afterwards. */
static void require_left(const gt_call *call, const char *function)
{
    if (call->telling)
        gt__misuse("%s was called from an interceptor's `start` or `end` at this very call",
                   function);
}

void gt_call_free(gt_call *call)
{
    if (!call)
        return;
    require_client(call, "gt_call_free");
    require_left(call, "gt_call_free");
    gt__waitq_end(&call->incoming, GT_ECANCELLED);
    gt__waitq_end(&call->outgoing, GT_ECANCELLED);
    gt__client_call_end(call, GT_CANCELLED, "the call was freed");
    gt__call_drop_arrived(call);
    call->let_go = true;
    call->entry.internal = true;
    gt__call_enter(call);
    gt__call_leave(call);
}

/* ---- the public functions of the client's side ------------------------------------------------
 */

void gt_call_half_close(gt_call *call)
{
    require_client(call, "gt_call_half_close");
    call->top->table->half_close(call->top);
}

void gt_call_cancel(gt_call *call)
{
    require_client(call, "gt_call_cancel");
    if (!call->ended)
        require_left(call, "gt_call_cancel");
    call->top->table->end(call->top, GT_CANCELLED, "the call was cancelled");
}

const gt_status *gt_call_status(gt_call *call)
{
    require_client(call, "gt_call_status");
    gt__journal_asked(call);
    if (call->ended)
        return &call->status;
    gt__require_task(call->world, "gt_call_status");
    gt__call_enter(call);
    int error = call->top->table->wait_end(call->top);
    /* The first reason is the one that tells: after a deadlock the world has failed, too. */
    if (error && call->unfinished.code == GT_OK) {
        call->unfinished.code = GT_UNKNOWN;
        call->unfinished.message = gt_error_text(error);
    }
    const gt_status *status = error ? &call->unfinished : &call->status;
    gt__journal_asked(call); /* others may have been, meanwhile */
    gt__call_leave(call);
    return status;
}

const gt_metadata *gt_call_header(gt_call *call)
{
    require_client(call, "gt_call_header");
    gt__call_enter(call);
    if (!call->header_known) {
        gt__require_task(call->world, "gt_call_header");
        /* Whatever ended the wait, there is no header then, and the status says the rest. */
        (void)!call->top->table->wait_header(call->top);
    }
    if (!call->header && call->header_known)
        call->header = gt_metadata_new();
    const gt_metadata *header = call->header ? call->header : gt_call_trailer(call);
    gt__journal_asked(call);
    gt__call_leave(call);
    return header;
}

static gt_call *unary(gt_channel *channel, const char *method, const gt_outgoing *request,
                      const gt_call_options *options, const char *file, int line)
{
    gt_call_options unary_options = {0};
    if (options)
        unary_options = *options;
    unary_options.kind = GT_UNARY;
    gt_call *call = gt_call_new_at(channel, method, &unary_options, file, line);
    gt__require_task(call->world, "gt_unary");
    if (request->type.codec)
        gt__journal_type(call, true, request->type);
    int error = call->top->table->send(call->top, request);
    if (error == GT_ETOOBIG)
        call->top->table->end(call->top, GT_RESOURCE_EXHAUSTED,
                              "the request is larger than the send limit");
    gt_call_half_close(call);
    gt_call_status(call);
    return call;
}

gt_call *gt_unary_at(gt_channel *channel, const char *method, gt_bytes request,
                     const gt_call_options *options, const char *file, int line)
{
    gt_outgoing outgoing = {.bytes = request};
    return unary(channel, method, &outgoing, options, file, line);
}

gt_call *gt_unary_as_at(gt_channel *channel, const char *method, gt_type type, const void *request,
                        const gt_call_options *options, const char *file, int line)
{
    gt_outgoing outgoing = {.type = type, .message = request};
    return unary(channel, method, &outgoing, options, file, line);
}
