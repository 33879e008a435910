/* A call seen from the server. The handler runs on a task of its own; the call may end under it -
 * by the client, the deadline, a broken rule - and then its context tells it so. */
#include "server_inside.h"

#include "engine/core/coding.h"

enum { RST_CANCEL = 8 };

static const gt__call_table server_table;

static gt_call *call_of(gt__call_layer *layer)
{
    return gt__container_of(layer, gt_call, base);
}

static gt__server_call *server_call_of(gt_call *call)
{
    return gt__container_of(call, gt__server_call, call);
}

static void require_server(const gt_call *call, const char *function)
{
    if (!call->server)
        gt__misuse("%s is for a handler, not for the client's side of a call", function);
}

/* ---- the end -------------------------------------------------------------------------------- */

void gt__server_call_free(gt__server_call *server_call)
{
    gt_call *call = &server_call->call;
    if (!server_call->started)
        server_call->server->waiting--;
    gt__list_remove(&server_call->queued);
    gt__call_cleanup(call);
    gt__ledger_remove(&call->entry);
    gt_metadata_free(server_call->header);
    gt__free(server_call->fail_message);
    gt__free(server_call->details);
    gt__free(server_call);
}

/* A call that ends before its handler was started has nobody else to free it. */
static void free_unless_started(gt_call *call)
{
    if (!server_call_of(call)->started)
        gt__server_call_free(server_call_of(call));
}

/* Ends the call with a status that goes to the client. */
static void finish(gt_call *call, int code, const char *message)
{
    gt__server_call *server_call = server_call_of(call);
    gt_bytes details = gt_bytes_of(server_call->details, server_call->details_size);
    if (code == GT_OK) /* rules T3, T4 */
        details = gt_bytes_of(NULL, 0);
    if (!gt__call_end(call, code, code == GT_OK ? NULL : message, details))
        return;
    gt__journal_status(call, true, !call->header_sent, code, call->message, call->trailer);
    gt__transport *transport = call->attempt.transport;
    gt__h2_finish(transport->h2, call->attempt.stream, &call->status, call->trailer);
    gt__transport_kick(transport);
    gt__call_detach(call);
}

/* Ends the call without a status: nobody is there to read it. */
static void drop(gt_call *call, bool by_us, int code, const char *message)
{
    gt_bytes no_details = {0};
    gt__call_end(call, code, message, no_details);
    gt__journal_add(call, by_us, GT_JOURNAL_RESET, message);
    gt__call_drop_arrived(call);
}

void gt__server_call_abort(gt_call *call, int code, const char *message)
{
    bool late = code == GT_CANCELLED && gt__call_is_late(call);
    drop(call, false, late ? GT_DEADLINE_EXCEEDED : code, message);
    gt__call_detach(call);
    free_unless_started(call);
}

/* Rule C1: by our own clock the handler is cancelled and the stream cut. */
static void on_context_done(gt__watch *watch)
{
    gt_call *call = gt__container_of(watch, gt_call, watch);
    if (gt_context_error(call->context) == GT_ETIMEDOUT)
        drop(call, true, GT_DEADLINE_EXCEEDED, "deadline exceeded");
    else
        drop(call, true, GT_CANCELLED, "the handler's context was cancelled");
    gt__call_cut(call, RST_CANCEL);
    free_unless_started(call);
}

/* ---- the beginning -------------------------------------------------------------------------- */

static bool takes_one_message(gt_kind kind)
{
    return kind == GT_UNARY || kind == GT_SERVER_STREAMING;
}

static void start(gt__server_call *server_call)
{
    gt__server_ready(server_call->server, server_call);
}

/* Rule M8: a method that takes one message gets exactly one, or the client reads UNIMPLEMENTED. Its
 * handler starts when the client has half-closed, and never has to check. */
static void refuse_count(gt_call *call, const char *count)
{
    char *text = gt__printf("%s takes one message, and %s sent", call->method, count);
    finish(call, GT_UNIMPLEMENTED, text);
    gt__free(text);
    gt__server_call_free(server_call_of(call));
}

static void on_message(gt_call *call, gt__h2_event *event)
{
    gt__call_arrived(call, event);
    if (takes_one_message(call->kind) && call->received > 1)
        refuse_count(call, "more than one was");
}

static void on_half_close(gt_call *call)
{
    call->half_closed = true;
    gt__journal_add(call, false, GT_JOURNAL_HALF_CLOSE, "");
    gt__wake_all(&call->incoming);
    if (!takes_one_message(call->kind))
        return;
    if (call->received == 0)
        refuse_count(call, "none was");
    else
        start(server_call_of(call));
}

/* No call is made of it: there is nothing to run. Takes the text. */
static void refuse(gt__transport *transport, int32_t stream, gt_code code, char *text)
{
    gt_status status = {.code = code, .message = text};
    gt__h2_finish(transport->h2, stream, &status, NULL);
    gt__transport_kick(transport);
    gt__free(text);
}

static void reclaim(gt__entry *entry)
{
    gt_call *call = gt__container_of(entry, gt_call, entry);
    gt__server_call_free(server_call_of(call));
}

/* What follows '+', up to parameters. NULL: nothing. */
static char *subtype_of(const char *content_type)
{
    const char *plus = content_type + strcspn(content_type, "+;");
    return *plus == '+' ? gt__strndup(plus + 1, strcspn(plus + 1, " ;")) : NULL;
}

static gt_call *make_call(gt_server *server, gt__transport *transport, const gt__method *method,
                          gt__h2_event *request)
{
    gt__server_call *server_call = gt__new(gt__server_call);
    gt_call *call = &server_call->call;
    server->waiting++;
    server_call->server = server;
    server_call->method = *method;
    gt__list_init(&server_call->queued);
    gt__call_init(call, server->world, &server_table, method->path);
    call->context = gt__context_new(server->world, NULL, request->as.request.deadline);
    if (!method->path) {
        call->own_method = request->as.request.path;
        call->method = call->own_method;
        request->as.request.path = NULL;
    }
    call->server = true;
    call->kind = method->kind;
    call->authority = request->as.request.authority;
    call->subtype = subtype_of(request->as.request.content_type);
    call->request = request->as.request.metadata;
    request->as.request.authority = NULL;
    request->as.request.metadata = NULL;
    gt__call_intercept(call, server->interceptors);
    gt__ledger_add(&call->entry, server->world, "call", server->entry.file, server->entry.line,
                   reclaim);
    call->entry.internal = true;
    gt__list_push_back(&server->calls, &call->link);
    gt__call_attach(call, transport, request->stream);
    gt__h2_set_user(transport->h2, request->stream, call);
    return call;
}

static void note_request(gt_call *call, const gt__h2_event *request)
{
    char timeout[GT__TIMEOUT_SIZE] = "";
    gt_time deadline = request->as.request.deadline;
    gt_time now = gt_now(call->world);
    if (deadline != GT_NEVER && deadline > now)
        gt__timeout_encode(deadline - now, timeout);
    if (call->own_method) {
        char *text = gt__printf("%s: %s", gt_call_peer(call), call->own_method);
        gt__journal_add(call, false, GT_JOURNAL_CALL, text);
        gt__free(text);
    } else {
        gt__journal_add(call, false, GT_JOURNAL_CALL, gt_call_peer(call));
    }
    gt__journal_header(call, false, timeout, call->request);
}

void gt__server_call_begin(gt_server *server, gt__transport *transport, gt__h2_event *request)
{
    const gt__method *method = gt__server_method(server, request->as.request.path);
    if (!method) { /* rule T13 */
        refuse(transport, request->stream, GT_UNIMPLEMENTED,
               gt__printf("unknown method %s", request->as.request.path));
        return;
    }
    if (server->waiting >= server->max_waiting) {
        refuse(transport, request->stream, GT_RESOURCE_EXHAUSTED,
               gt__printf("%u calls wait for a handler already", server->waiting));
        return;
    }
    gt_call *call = make_call(server, transport, method, request);
    note_request(call, request);
    if (takes_one_message(call->kind))
        gt__call_want(call);
    else
        start(server_call_of(call));
    /* Last: a deadline of now ends the call, and may free it. */
    gt__watch_start(&call->watch, call->context, on_context_done);
}

void gt__server_call_event(gt_call *call, gt__h2_event *event)
{
    switch (event->type) {
    case GT__H2_MESSAGE:
        on_message(call, event);
        break;
    case GT__H2_HALF_CLOSE:
        on_half_close(call);
        break;
    case GT__H2_ABORTED:
        gt__server_call_abort(call, event->as.aborted.code, event->as.aborted.message);
        break;
    case GT__H2_WRITABLE:
        gt__wake_all(&call->outgoing);
        break;
    case GT__H2_VIOLATION:
        gt__journal_violation(call, event->as.violation.rule, event->as.violation.text);
        break;
    default: /* by its end the call has left the stream */
        break;
    }
}

/* ---- the handler ---------------------------------------------------------------------------- */

static int code_of_error(int error)
{
    switch (error) {
    case GT_ECANCELLED:
        return GT_CANCELLED;
    case GT_ETIMEDOUT:
        return GT_DEADLINE_EXCEEDED;
    case GT_ETOOBIG: /* rule M6 */
        return GT_RESOURCE_EXHAUSTED;
    default:
        return GT_UNKNOWN;
    }
}

static void end_by_result(gt__server_call *server_call, int result)
{
    gt_call *call = &server_call->call;
    const char *message = server_call->fail_message;
    int code = result;
    if (result < 0) {
        code = code_of_error(result);
        message = message ? message : gt_error_text(result);
    }
    if (code > GT_UNAUTHENTICATED)
        gt__misuse("the handler of %s returned %d, which is neither a gt_code nor an error",
                   call->method, result);
    finish(call, code, message);
}

/* Sends what was added to the headers; 0 also where they have gone. */
static int send_added_header(gt_call *call)
{
    if (call->ended || call->header_sent)
        return 0;
    return call->top->table->send_header(call->top, server_call_of(call)->header);
}

void gt__server_call_run(gt__server_call *server_call)
{
    gt_call *call = &server_call->call;
    gt_server *server = server_call->server;
    if (!call->ended) {
        call->handler = gt_task_current(call->world);
        int result = call->top->table->handle(call->top);
        int error = gt_metadata_count(server_call->header) > 0 ? send_added_header(call) : 0;
        end_by_result(server_call, error ? error : result);
    }
    gt__server_call_free(server_call);
    gt__server_returned(server);
}

/* ---- the table ------------------------------------------------------------------------------ */

static int server_handle(gt__call_layer *layer)
{
    gt_call *call = call_of(layer);
    const gt__method *method = &server_call_of(call)->method;
    return method->handler(call, method->user);
}

static int server_send_header(gt__call_layer *layer, const gt_metadata *header)
{
    gt_call *call = call_of(layer);
    if (call->ended)
        return GT_ESTATUS;
    if (call->header_sent)
        return GT_ECLOSED;
    gt__transport *transport = call->attempt.transport;
    int error = gt__h2_respond(transport->h2, call->attempt.stream, header);
    if (error)
        return error;
    call->header_sent = true;
    gt__journal_header(call, true, "", header);
    gt__transport_kick(transport);
    return 0;
}

static int server_send(gt__call_layer *layer, const gt_outgoing *message)
{
    gt_call *call = call_of(layer);
    int error = send_added_header(call);
    return error ? error : gt__call_send(call, message);
}

static int server_recv(gt__call_layer *layer, gt_incoming *message)
{
    gt_call *call = call_of(layer);
    while (!gt__call_has_arrived(call)) {
        if (call->ended)
            return call->code == GT_DEADLINE_EXCEEDED ? GT_ETIMEDOUT : GT_ECANCELLED;
        if (call->half_closed)
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

static void server_end(gt__call_layer *layer, int code, const char *message)
{
    finish(call_of(layer), code, message);
}

static const gt__call_table server_table = {
    .send = server_send,
    .recv = server_recv,
    .send_header = server_send_header,
    .handle = server_handle,
    .end = server_end,
};

/* ---- the public functions of the handler's side ------------------------------------------------
 */

const gt_metadata *gt_call_request_metadata(const gt_call *call)
{
    return call->request;
}

int gt_call_add_header(gt_call *call, const gt_metadata *header)
{
    require_server(call, "gt_call_add_header");
    gt__server_call *server_call = server_call_of(call);
    if (call->ended)
        return GT_ESTATUS;
    if (call->header_sent)
        return GT_ECLOSED;
    if (!server_call->header)
        server_call->header = gt_metadata_new();
    gt_metadata_join(server_call->header, header);
    return 0;
}

int gt_call_send_header(gt_call *call, const gt_metadata *header)
{
    require_server(call, "gt_call_send_header");
    int error = gt_call_add_header(call, header);
    return error ? error : send_added_header(call);
}

void gt_call_add_trailer(gt_call *call, const gt_metadata *trailer)
{
    require_server(call, "gt_call_add_trailer");
    if (!call->trailer)
        call->trailer = gt_metadata_new();
    gt_metadata_join(call->trailer, trailer);
}

int gt_call_fail(gt_call *call, gt_code code, const char *format, ...)
{
    require_server(call, "gt_call_fail");
    gt__server_call *server_call = server_call_of(call);
    va_list args;
    va_start(args, format);
    char *message = gt__vprintf(format, args);
    va_end(args);
    gt__free(server_call->fail_message);
    server_call->fail_message = message;
    return (int)code;
}

void gt_call_end(gt_call *call, gt_code code, const char *message)
{
    require_server(call, "gt_call_end");
    gt__server_call *server_call = server_call_of(call);
    if (call->ended)
        return;
    /* What the handler had prepared: its headers still go, its details belong to another status. */
    if (gt_metadata_count(server_call->header) > 0 && !call->header_sent)
        (void)!server_send_header(&call->base, server_call->header);
    gt_call_set_details(call, (gt_bytes){0});
    finish(call, (int)code, message);
    gt__call_drop_arrived(call);
}

void gt_call_set_details(gt_call *call, gt_bytes details)
{
    require_server(call, "gt_call_set_details");
    gt__server_call *server_call = server_call_of(call);
    gt__free(server_call->details);
    server_call->details = gt__memdup(details.data, details.size);
    server_call->details_size = details.size;
}
