#include "server_inside.h"

enum { DEFAULT_HANDLERS = 10000, DEFAULT_WAITING = 100000, DEFAULT_STREAMS = 10000 };

/* A listener that is served; borrowed, so it may be gone before the server. */
typedef struct served {
    gt__link link;
    gt_server *server;
    gt_listener *listener;
} served;

/* ---- methods ----------------------------------------------------------------------------------
 */

/* Where `path` is, or would be, among the sorted methods. */
static size_t method_place(const gt_server *server, const char *path)
{
    size_t low = 0, high = server->method_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(server->methods[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const gt__method *gt__server_method(const gt_server *server, const char *path)
{
    size_t place = method_place(server, path);
    if (place < server->method_count && strcmp(server->methods[place].path, path) == 0)
        return &server->methods[place];
    return server->unknown.handler ? &server->unknown : NULL;
}

void gt_server_handle(gt_server *server, const char *method, gt_kind kind, gt_handler_fn *handler,
                      void *user)
{
    gt__require_method(method);
    const gt__method *present = gt__server_method(server, method);
    if (present && present != &server->unknown)
        gt__misuse("%s has a handler already", method);
    size_t place = method_place(server, method);
    size_t count = server->method_count++;
    server->methods = gt__realloc(server->methods, server->method_count * sizeof *server->methods);
    memmove(&server->methods[place + 1], &server->methods[place],
            (count - place) * sizeof *server->methods);
    server->methods[place] = (gt__method){gt__strdup(method), kind, handler, user};
}

void gt_server_handle_unknown(gt_server *server, gt_handler_fn *handler, void *user)
{
    server->unknown = (gt__method){.kind = GT_BIDI_STREAMING, .handler = handler, .user = user};
}

/* ---- handlers ----------------------------------------------------------------------------------
 */

static void run_handler(void *arg)
{
    gt__server_call_run(arg);
}

static void start_handlers(gt_server *server)
{
    while (!gt__list_empty(&server->queue) && server->running < server->max_running) {
        gt__server_call *call = gt__container_of(server->queue.next, gt__server_call, queued);
        gt__list_remove(&call->queued);
        call->started = true;
        server->waiting--;
        server->running++;
        gt__spawn(server->world, call->call.method, run_handler, call, server->entry.file,
                  server->entry.line);
    }
}

void gt__server_ready(gt_server *server, gt__server_call *call)
{
    gt__list_push_back(&server->queue, &call->queued);
    start_handlers(server);
}

void gt__server_returned(gt_server *server)
{
    server->running--;
    start_handlers(server);
    gt__wake_all(&server->idle);
}

/* ---- draining (rule H2)
 * --------------------------------------------------------------------------- */

static const uint8_t drain_ping[8] = {'d', 'r', 'a', 'i', 'n', 'i', 'n', 'g'};

/* Tells the client to open nothing more; what it had opened before it knew is still served, and a
 * PING comes back when it has all been seen. */
static void begin_draining(gt__transport *transport)
{
    transport->draining = true;
    gt__h2_shutdown_notice(transport->h2);
    gt__transport_note_goaway(transport, true, 0, ", to open nothing more");
    gt__h2_ping(transport->h2, drain_ping);
    gt__transport_kick(transport);
}

/* Now the last id is known; the connection ends with its last stream. */
static void finish_draining(gt__transport *transport, const uint8_t opaque[8])
{
    if (!transport->draining || memcmp(opaque, drain_ping, sizeof drain_ping) != 0)
        return;
    gt__h2_goaway(transport->h2, 0, NULL);
    gt__transport_note_goaway(transport, true, 0, "");
    gt__transport_kick(transport);
}

/* ---- connections --------------------------------------------------------------------------------
 */

static void on_event(void *owner, gt__transport *transport, gt__h2_event *event)
{
    if (event->type == GT__H2_REQUEST)
        gt__server_call_begin(owner, transport, event);
    else if (event->type == GT__H2_PING_ACK)
        finish_draining(transport, event->as.ping.opaque);
    else if (event->user)
        gt__server_call_event(event->user, event);
}

/* What still has a stream here learns that the client is gone (rule C4). */
static void abort_calls(gt__transport *transport, const char *reason)
{
    while (!gt__list_empty(&transport->calls)) {
        gt__attempt *attempt = gt__container_of(transport->calls.next, gt__attempt, link);
        gt__server_call_abort(gt__container_of(attempt, gt_call, attempt), GT_CANCELLED, reason);
    }
}

static void on_over(void *owner, gt__transport *transport)
{
    gt_server *server = owner;
    abort_calls(transport, "the connection was lost");
    gt__transport_free(transport);
    gt__wake_all(&server->idle);
}

static const gt__transport_owner transport_owner = {.event = on_event, .over = on_over};

void gt_server_serve_conn(gt_server *server, gt_conn *conn)
{
    if (server->stopped) {
        gt_conn_free(conn);
        return;
    }
    gt__transport *transport =
        gt__transport_new(conn, &server->h2_options, &transport_owner, server);
    gt__list_push_back(&server->transports, &transport->link);
}

/* ---- listeners ----------------------------------------------------------------------------------
 */

static void forget_listener(served *s)
{
    gt__listener_hook(s->listener, NULL, NULL, NULL);
    gt__list_remove(&s->link);
    gt__free(s);
}

static void forget_listeners(gt_server *server)
{
    while (!gt__list_empty(&server->listeners))
        forget_listener(gt__container_of(server->listeners.next, served, link));
}

static void on_acceptable(void *user)
{
    served *s = user;
    const gt__entry *origin = &s->server->entry;
    gt_conn *conn;
    while (gt__listener_try_accept(s->listener, &conn, origin->file, origin->line) == 0)
        gt_server_serve_conn(s->server, conn);
}

static void on_listener_gone(void *user)
{
    forget_listener(user);
}

void gt_server_serve(gt_server *server, gt_listener *listener)
{
    if (server->stopped)
        gt__misuse("gt_server_serve: the server has been stopped");
    served *s = gt__new(served);
    s->server = server;
    s->listener = listener;
    gt__list_push_back(&server->listeners, &s->link);
    gt__listener_hook(listener, on_acceptable, on_listener_gone, s);
}

/* ---- stopping
 * ------------------------------------------------------------------------------------ */

/* All of stopping but the wait: nothing comes in any more, and every handler has been told. */
static void shut_down(gt_server *server)
{
    server->stopped = true;
    forget_listeners(server);
    while (!gt__list_empty(&server->transports)) {
        gt__transport *transport = gt__container_of(server->transports.next, gt__transport, link);
        gt__transport_close(transport);
        abort_calls(transport, "the server was stopped");
        gt__transport_free(transport);
    }
}

static void on_world_end(gt__shutdown *shutdown)
{
    shut_down(gt__container_of(shutdown, gt_server, shutdown));
}

static bool is_drained(const gt_server *server)
{
    return gt__list_empty(&server->transports) && server->running == 0;
}

/* A handler that waits for itself to return would wait for ever. */
static void require_outsider(const gt_server *server, const char *function)
{
    gt__require_task(server->world, function);
    const gt_task *task = gt_task_current(server->world);
    for (gt__link *link = server->calls.next; link != &server->calls; link = link->next) {
        const gt_call *call = gt__container_of(link, gt_call, link);
        if (call->handler == task)
            gt__misuse("%s was called from the server's own handler of %s, for which it would wait",
                       function, call->method);
    }
}

static int stop(gt_server *server)
{
    shut_down(server);
    while (server->running > 0 || !gt__list_empty(&server->queue)) {
        int error =
            gt__wait(server->world, &server->idle, NULL, GT_NEVER, "handlers to return", NULL);
        if (error)
            return error;
    }
    return 0;
}

static int drain(gt_server *server, gt_duration grace)
{
    gt_time deadline = gt__time_add(gt_now(server->world), grace);
    server->stopped = true;
    forget_listeners(server);
    for (gt__link *link = server->transports.next; link != &server->transports; link = link->next)
        begin_draining(gt__container_of(link, gt__transport, link));
    int error = 0;
    while (!error && !is_drained(server))
        error = gt__wait(server->world, &server->idle, NULL, deadline, "calls to finish", NULL);
    if (error != GT_ETIMEDOUT)
        return error;
    error = stop(server);
    return error ? error : GT_ETIMEDOUT;
}

/* In a world that has failed, handlers never run again: their calls are freed from under them. */
static void free_calls(gt_server *server)
{
    while (!gt__list_empty(&server->calls)) {
        gt_call *call = gt__container_of(server->calls.next, gt_call, link);
        gt__server_call_free(gt__container_of(call, gt__server_call, call));
    }
}

static void reclaim(gt__entry *entry)
{
    gt_server *server = gt__container_of(entry, gt_server, entry);
    shut_down(server);
    free_calls(server);
    gt__shutdown_remove(&server->shutdown);
    gt__ledger_remove(&server->entry);
    for (size_t i = 0; i < server->method_count; i++)
        gt__free(server->methods[i].path);
    gt__free(server->methods);
    gt__interceptors_drop(server->interceptors);
    gt__free(server);
}

static void leave(gt_server *server)
{
    if (--server->stopping == 0 && server->let_go)
        reclaim(&server->entry);
}

int gt_server_stop(gt_server *server)
{
    require_outsider(server, "gt_server_stop");
    server->stopping++;
    int error = stop(server);
    leave(server);
    return error;
}

int gt_server_drain(gt_server *server, gt_duration grace)
{
    require_outsider(server, "gt_server_drain");
    server->stopping++;
    int error = drain(server, grace);
    leave(server);
    return error;
}

void gt_server_free(gt_server *server)
{
    if (!server)
        return;
    require_outsider(server, "gt_server_free");
    server->let_go = true;
    server->entry.internal = true;
    server->stopping++;
    /* Where the world ends the wait, it has failed, and no handler runs again. */
    (void)stop(server);
    free_calls(server);
    leave(server);
}

/* ---- making one
 * ----------------------------------------------------------------------------------- */

void gt_server_options_init(gt_server_options *options)
{
    *options = (gt_server_options){0};
}

gt_server *gt_server_new_at(gt_world *world, const gt_server_options *options, const char *file,
                            int line)
{
    static const gt_server_options defaults;
    if (!options)
        options = &defaults;
    gt_server *server = gt__new(gt_server);
    server->world = world;
    server->max_running = options->max_handlers ? options->max_handlers : DEFAULT_HANDLERS;
    server->max_waiting = options->max_waiting_calls ? options->max_waiting_calls : DEFAULT_WAITING;
    server->h2_options = (gt__h2_options){
        .server = true,
        .strict = options->strict,
        .max_receive_size = options->max_receive_size,
        .max_send_size = options->max_send_size,
        .max_concurrent_streams =
            options->max_concurrent_streams ? options->max_concurrent_streams : DEFAULT_STREAMS,
        .stream_window = options->stream_window,
        .connection_window = options->connection_window,
        .separate_frames = options->separate_frames,
        .limits = options->limits,
    };
    server->interceptors = gt__interceptors_new(options->interceptors, options->interceptor_count);
    gt__list_init(&server->listeners);
    gt__list_init(&server->transports);
    gt__list_init(&server->calls);
    gt__list_init(&server->queue);
    gt__waitq_init(&server->idle);
    gt__shutdown_add(&server->shutdown, world, on_world_end);
    gt__ledger_add(&server->entry, world, "server", file, line, reclaim);
    return server;
}
