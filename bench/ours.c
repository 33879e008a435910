/* Ours: the public API as a test would use it, with every default on. */
#include "subject.h"

#include "bench.pb-c.h"
#include <grpctest/grpctest.h>
#include <grpctest/protobufc.h>
#include <stdlib.h>

static const char method[] = "/bench.Bench/Run";

typedef struct ours {
    bench_way way;
    bench_payload payload;
    gt_rig *rig;
    size_t received; /* messages, by the handler that streams */
    size_t begun;    /* handlers that wait for ever */
    gt_call **idle;
    size_t idle_count;
} ours;

static gt_type type_of(bench_payload payload)
{
    return gt_pb(payload == BENCH_NOTE ? &bench__note__descriptor : &bench__block__descriptor);
}

static void require_ok(int error, const char *what)
{
    if (error)
        bench_die("%s: %s", what, gt_error_text(error));
}

/* Takes one message of a stream and lets go of it at once: what gt_call_recv_as hands out is kept
 * until the call is freed. False at the end. */
static bool receive(gt_call *call, bench_payload payload, bool first)
{
    uint8_t *data;
    size_t size;
    int error = gt_call_recv_take(call, &data, &size);
    if (error == GT_EOF)
        return false;
    require_ok(error, "receiving");
    ProtobufCMessage *message;
    char *reason;
    const gt_type type = type_of(payload);
    error = gt_protobufc_unpack(type.descriptor, gt_bytes_of(data, size), NULL, &message, &reason);
    require_ok(error, "unpacking");
    bench_check(payload, message, first);
    gt_protobufc_release(message);
    gt_free(data);
    return true;
}

static void send(gt_call *call, bench_payload payload)
{
    require_ok(gt_call_send_as(call, type_of(payload), bench_message(payload)), "sending");
}

static void receive_one(gt_call *call)
{
    void *message;
    require_ok(gt_call_recv_as(call, type_of(BENCH_NOTE), &message), "receiving");
    bench_check(BENCH_NOTE, message, true);
}

static void require_status_ok(gt_call *call)
{
    const gt_status *status = gt_call_status(call);
    if (status->code != GT_OK)
        bench_die("a call ended as %s: %s", gt_code_name(status->code), status->message);
}

/* ---- handlers ---------------------------------------------------------------------------------
 */

static int answer_one(gt_call *call, void *user)
{
    (void)user;
    receive_one(call);
    send(call, BENCH_NOTE);
    return GT_OK;
}

static int answer_each(gt_call *call, void *user)
{
    (void)user;
    while (receive(call, BENCH_NOTE, true))
        send(call, BENCH_NOTE);
    return GT_OK;
}

static int answer_all(gt_call *call, void *user)
{
    ours *o = user;
    for (o->received = 0; receive(call, o->payload, o->received == 0); o->received++)
        continue;
    send(call, BENCH_NOTE);
    return GT_OK;
}

/* Blocks until the client goes. */
static int answer_never(gt_call *call, void *user)
{
    ours *o = user;
    gt_bytes message;
    o->begun++;
    return gt_call_recv(call, &message);
}

static void serve(ours *o)
{
    gt_server *server = o->rig->server;
    switch (o->way) {
    case BENCH_UNARY:
    case BENCH_FIXTURE:
        gt_server_handle(server, method, GT_UNARY, answer_one, o);
        break;
    case BENCH_PING_PONG:
        gt_server_handle(server, method, GT_BIDI_STREAMING, answer_each, o);
        break;
    case BENCH_STREAM:
    case BENCH_STREAM_READY:
        gt_server_handle(server, method, GT_CLIENT_STREAMING, answer_all, o);
        break;
    case BENCH_IDLE:
        gt_server_handle(server, method, GT_BIDI_STREAMING, answer_never, o);
        break;
    }
}

/* ---- the ways ---------------------------------------------------------------------------------
 */

static void run_unary(gt_channel *channel)
{
    gt_call *call =
        gt_unary_as(channel, method, type_of(BENCH_NOTE), bench_message(BENCH_NOTE), NULL);
    require_status_ok(call);
    receive_one(call);
    gt_call_free(call);
}

static void run_ping_pong(ours *o, size_t count)
{
    gt_call *call = gt_call_new(o->rig->channel, method, NULL);
    for (size_t i = 0; i < count; i++) {
        send(call, BENCH_NOTE);
        if (!receive(call, BENCH_NOTE, true))
            bench_die("the server ended the ping-pong");
    }
    gt_call_half_close(call);
    require_status_ok(call);
    gt_call_free(call);
}

static void run_stream(ours *o, size_t count)
{
    const gt_call_options options = {.kind = GT_CLIENT_STREAMING};
    gt_call *call = gt_call_new(o->rig->channel, method, &options);
    for (size_t i = 0; i < count; i++)
        send(call, o->payload);
    gt_call_half_close(call);
    receive_one(call);
    require_status_ok(call);
    gt_call_free(call);
    if (o->received != count)
        bench_die("%zu messages were sent and %zu arrived", count, o->received);
}

static void open_rig(ours *o)
{
    const gt_rig_options options = {
        .channel = {.separate_frames = o->way == BENCH_STREAM},
    };
    o->rig = gt_rig_new(&options);
    serve(o);
}

static void run_fixture(ours *o)
{
    open_rig(o);
    run_unary(o->rig->channel);
    gt_rig_free(o->rig);
    o->rig = NULL;
}

static void open_idle(ours *o, size_t count)
{
    o->idle = malloc(count * sizeof *o->idle);
    o->idle_count = count;
    for (size_t i = 0; i < count; i++)
        o->idle[i] = gt_call_new(o->rig->channel, method, NULL);
    require_ok(gt_settle(o->rig->world), "opening idle calls");
    if (o->begun != count)
        bench_die("of %zu idle calls only %zu were opened", count, o->begun);
}

/* ---- the subject ------------------------------------------------------------------------------
 */

static void *open_ours(bench_way way, bench_payload payload)
{
    ours *o = calloc(1, sizeof *o);
    o->way = way;
    o->payload = payload;
    if (way != BENCH_FIXTURE)
        open_rig(o);
    return o;
}

static void run_ours(void *state, size_t count)
{
    ours *o = state;
    switch (o->way) {
    case BENCH_UNARY:
        for (size_t i = 0; i < count; i++)
            run_unary(o->rig->channel);
        break;
    case BENCH_PING_PONG:
        run_ping_pong(o, count);
        break;
    case BENCH_STREAM:
    case BENCH_STREAM_READY:
        run_stream(o, count);
        break;
    case BENCH_FIXTURE:
        for (size_t i = 0; i < count; i++)
            run_fixture(o);
        break;
    case BENCH_IDLE:
        open_idle(o, count);
        break;
    }
}

static void close_ours(void *state)
{
    ours *o = state;
    for (size_t i = 0; i < o->idle_count; i++)
        gt_call_free(o->idle[i]);
    free(o->idle);
    gt_rig_free(o->rig);
    free(o);
}

/* ---- what it sends ----------------------------------------------------------------------------
 */

static void on_wire(void *user, gt_conn *conn, bool written, gt_bytes bytes, gt_time now)
{
    (void)conn;
    (void)now;
    bench_bytes *recorded = user;
    bench_keep(written ? &recorded->client : &recorded->server, bytes.data, bytes.size);
}

static int dial_pipe(void *user, gt_context *context, gt_conn **conn)
{
    (void)context;
    *conn = user;
    return 0;
}

static void record_ours(bench_bytes *bytes)
{
    gt_conn *client, *server_end;
    gt_world *world = gt_world_new(NULL);
    gt_pipe(world, 65536, &client, &server_end);
    gt_dialer *dialer = gt_dialer_from(world, "bufconn:1", dial_pipe, client);
    gt_server *server = gt_server_new(world, NULL);
    gt_channel *channel = gt_channel_new(dialer, NULL);
    gt_server_handle(server, method, GT_UNARY, answer_one, NULL);
    gt_server_serve_conn(server, server_end);
    run_unary(channel);
    gt_conn_tap(client, on_wire, bytes);
    run_unary(channel);
    gt_conn_tap(client, NULL, NULL);
    gt_channel_free(channel);
    gt_server_free(server);
    gt_dialer_free(dialer);
    gt_world_free(world);
}

const bench_subject bench_ours = {"ours", open_ours, run_ours, close_ours, record_ours};
