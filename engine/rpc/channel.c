#include "channel_inside.h"

/* A dial under way. It runs on a task of its own, and its channel may be freed meanwhile. */
struct gt__connect {
    gt_channel *channel; /* NULL once the channel has gone */
    gt_context *context;
    gt__entry entry;
};

static void begin_connecting(gt_channel *channel);

/* ---- the calls that wait ----------------------------------------------------------------------
 */

static gt_call *first_waiting(const gt_channel *channel)
{
    gt__attempt *attempt = gt__container_of(channel->waiting.next, gt__attempt, link);
    return gt__container_of(attempt, gt_call, attempt);
}

/* Opens what waits, oldest first, while the connection has room. */
static void open_waiting(gt_channel *channel)
{
    while (!gt__list_empty(&channel->waiting) && channel->ready) {
        gt_call *call = first_waiting(channel);
        int error = gt__client_call_open(call, channel->ready);
        if (error == GT_EAGAIN)
            return;
        if (error == GT_ETIMEDOUT)
            gt__client_call_end(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");
        else if (error == GT_ETOOBIG)
            gt__client_call_end(call, GT_RESOURCE_EXHAUSTED,
                                "the request's headers are larger than the server takes");
        else if (error)
            channel->ready = NULL;
    }
    if (!gt__list_empty(&channel->waiting))
        begin_connecting(channel);
}

/* Those that an interceptor starts as it is told of an end wait for the next dial. */
static void end_waiting(gt_channel *channel, int code, const char *message)
{
    gt__link failed;
    gt__list_init(&failed);
    while (!gt__list_empty(&channel->waiting)) {
        gt__link *link = channel->waiting.next;
        gt__list_remove(link);
        gt__list_push_back(&failed, link);
    }
    while (!gt__list_empty(&failed)) {
        gt__attempt *attempt = gt__container_of(failed.next, gt__attempt, link);
        gt__client_call_end(gt__container_of(attempt, gt_call, attempt), code, message);
    }
}

void gt__channel_start(gt_channel *channel, gt_call *call)
{
    bool alone = gt__list_empty(&channel->waiting);
    gt__list_push_back(&channel->waiting, &call->attempt.link);
    /* Behind others it waits its turn: what they wait for will open it too. */
    if (alone)
        open_waiting(channel);
}

/* ---- the connection ---------------------------------------------------------------------------
 */

static void take_no_more(gt_channel *channel, const gt__transport *transport)
{
    if (channel->ready == transport)
        channel->ready = NULL;
    if (channel->settling == transport)
        channel->settling = NULL;
}

static void on_event(void *owner, gt__transport *transport, gt__h2_event *event)
{
    gt_channel *channel = owner;
    if (event->user)
        gt__client_call_event(event->user, event);
    if (event->type == GT__H2_GOAWAY)
        take_no_more(channel, transport);
    if (event->type == GT__H2_SETTINGS && channel->settling == transport) {
        channel->settling = NULL;
        channel->ready = transport;
    }
    if (event->type == GT__H2_SETTINGS || event->type == GT__H2_CAPACITY)
        open_waiting(channel);
}

/* By now the engine has told the end of every stream, so that no call is attached any more. */
static void on_over(void *owner, gt__transport *transport)
{
    gt_channel *channel = owner;
    bool was_settling = channel->settling == transport;
    take_no_more(channel, transport);
    gt__transport_free(transport);
    /* A peer that goes before its SETTINGS have come never was a connection: as with a failed dial,
     * those who waited for it are told, instead of trying for ever. */
    if (was_settling)
        end_waiting(channel, GT_UNAVAILABLE, "the connection was lost before it was ready");
    else if (!gt__list_empty(&channel->waiting))
        begin_connecting(channel);
}

static const gt__transport_owner transport_owner = {.event = on_event, .over = on_over};

static void connected(gt_channel *channel, gt_conn *conn)
{
    gt__transport *transport =
        gt__transport_new(conn, &channel->h2_options, &transport_owner, channel);
    gt__list_push_back(&channel->transports, &transport->link);
    /* Until its SETTINGS have come, nobody knows how many streams the peer takes (rule H3). */
    channel->settling = transport;
}

static void not_connected(gt_channel *channel, int error)
{
    char *text = gt__printf("no connection to %s: %s", gt_dialer_address(channel->dialer),
                            gt_error_text(error));
    end_waiting(channel, GT_UNAVAILABLE, text);
    gt__free(text);
}

static void free_connect(gt__connect *connect)
{
    gt__ledger_remove(&connect->entry);
    gt_context_free(connect->context);
    gt__free(connect);
}

static void reclaim_connect(gt__entry *entry)
{
    free_connect(gt__container_of(entry, gt__connect, entry));
}

static void run_connect(void *arg)
{
    gt__connect *connect = arg;
    gt_conn *conn = NULL;
    /* A channel that went before its dial began may have taken the dialer along. */
    int error = connect->channel ? gt_dial(connect->channel->dialer, connect->context, &conn)
                                 : GT_ECANCELLED;
    gt_channel *channel = connect->channel;
    if (channel)
        channel->connect = NULL;
    free_connect(connect);
    if (!channel)
        gt_conn_free(conn);
    else if (error)
        not_connected(channel, error);
    else
        connected(channel, conn);
}

static void begin_connecting(gt_channel *channel)
{
    if (channel->connect || channel->settling)
        return;
    gt__connect *connect = gt__new(gt__connect);
    connect->channel = channel;
    connect->context = gt__context_new(channel->world, NULL, GT_NEVER);
    channel->connect = connect;
    const gt__entry *origin = &channel->entry;
    gt__ledger_add(&connect->entry, channel->world, "dial", origin->file, origin->line,
                   reclaim_connect);
    connect->entry.internal = true;
    gt__spawn(channel->world, "channel: dial", run_connect, connect, origin->file, origin->line);
}

/* ---- making and unmaking ------------------------------------------------------------------------
 */

void gt_channel_options_init(gt_channel_options *options)
{
    *options = (gt_channel_options){0};
}

/* Ends all that is open, says goodbye, and forgets the calls: they stay readable without us. */
static void shut_down(gt_channel *channel)
{
    while (!gt__list_empty(&channel->calls)) {
        gt_call *call = gt__container_of(channel->calls.next, gt_call, link);
        gt__client_call_end(call, GT_CANCELLED, "the channel was freed");
        gt__call_detach(call);
        gt__list_remove(&call->link);
        call->owner = NULL;
    }
    while (!gt__list_empty(&channel->transports)) {
        gt__transport *transport = gt__container_of(channel->transports.next, gt__transport, link);
        gt__transport_close(transport);
        gt__transport_free(transport);
    }
    channel->ready = channel->settling = NULL;
    if (!channel->connect)
        return;
    channel->connect->channel = NULL;
    gt_context_cancel(channel->connect->context);
    channel->connect = NULL;
}

static void on_world_end(gt__shutdown *shutdown)
{
    shut_down(gt__container_of(shutdown, gt_channel, shutdown));
}

static void reclaim(gt__entry *entry)
{
    gt_channel *channel = gt__container_of(entry, gt_channel, entry);
    shut_down(channel);
    gt__shutdown_remove(&channel->shutdown);
    gt__ledger_remove(&channel->entry);
    gt__free(channel->authority);
    gt__free(channel->user_agent);
    gt__free(channel->content_subtype);
    gt__interceptors_drop(channel->interceptors);
    for (size_t i = 0; i < channel->method_count; i++)
        gt__free((void *)(uintptr_t)channel->methods[i].name);
    gt__free(channel->methods);
    gt__free(channel);
}

static void copy_methods(gt_channel *channel, const gt_channel_options *options)
{
    size_t count = options->method_count;
    if (count == 0)
        return;
    channel->methods = gt__memdup(options->methods, count * sizeof *options->methods);
    channel->method_count = count;
    for (size_t i = 0; i < count; i++)
        channel->methods[i].name = gt__strdup(options->methods[i].name);
}

/* A name that ends in '/' stands for a service, the empty one for everything. */
static bool covers(const char *name, const char *method)
{
    size_t size = strlen(name);
    if (size == 0)
        return true;
    return name[size - 1] == '/' ? strncmp(name, method, size) == 0 : strcmp(name, method) == 0;
}

gt_duration gt__channel_timeout(const gt_channel *channel, const char *method)
{
    const gt_method_config *best = NULL;
    for (size_t i = 0; i < channel->method_count; i++) {
        const gt_method_config *one = &channel->methods[i];
        if (covers(one->name, method) && (!best || strlen(one->name) > strlen(best->name)))
            best = one;
    }
    return best ? best->timeout : 0;
}

static char *copy_or_null(const char *text)
{
    return text ? gt__strdup(text) : NULL;
}

gt_channel *gt_channel_new_at(gt_dialer *dialer, const gt_channel_options *options,
                              const char *file, int line)
{
    static const gt_channel_options defaults;
    if (!options)
        options = &defaults;
    gt__require_authority(options->authority);
    gt_channel *channel = gt__new(gt_channel);
    channel->world = dialer->world;
    channel->dialer = dialer;
    channel->authority =
        gt__strdup(options->authority ? options->authority : gt_dialer_address(dialer));
    channel->user_agent = copy_or_null(options->user_agent);
    channel->content_subtype = copy_or_null(options->content_subtype);
    if (options->compression)
        channel->encoding = gt__require_encoding(options->compression);
    channel->h2_options = (gt__h2_options){
        .max_receive_size = options->max_receive_size,
        .max_send_size = options->max_send_size,
        .stream_window = options->stream_window,
        .connection_window = options->connection_window,
        .separate_frames = options->separate_frames,
        .limits = options->limits,
    };
    channel->interceptors = gt__interceptors_new(options->interceptors, options->interceptor_count);
    if (options->credentials)
        channel->credentials = *options->credentials;
    copy_methods(channel, options);
    gt__list_init(&channel->calls);
    gt__list_init(&channel->waiting);
    gt__list_init(&channel->transports);
    gt__shutdown_add(&channel->shutdown, channel->world, on_world_end);
    gt__ledger_add(&channel->entry, channel->world, "channel", file, line, reclaim);
    return channel;
}

void gt_channel_free(gt_channel *channel)
{
    if (channel)
        reclaim(&channel->entry);
}
