#include "attack.h"

#include "memory_watch.h"

#include <kinds.pb-c.h>

#include <grpctest/protobufc.h>

enum { WIRE = 64 * 1024, PIECE = 16 * 1024, CALLS = 100 };

#define METHOD "/h.H/Call"
#define HONEST_METHOD "/h.H/Honest"

/* ---- the attacked ------------------------------------------------------------------------------
 */

static int wait(gt_call *call, void *user)
{
    (void)user;
    return gt_context_wait(gt_call_context(call));
}

/* Unpacks what it reads, as a server does that knows its messages. */
static int unpack(gt_call *call, void *user)
{
    uint8_t *data;
    size_t size;
    ProtobufCMessage *message;
    int error;
    (void)user;
    while ((error = gt_call_recv_take(call, &data, &size)) == 0) {
        error = gt_protobufc_unpack(&kinds__all__descriptor, gt_bytes_of(data, size), NULL,
                                    &message, NULL);
        gt_protobufc_release(message);
        gt_free(data);
        if (error)
            return error;
    }
    return error == GT_EOF ? 0 : error;
}

static int answer(gt_call *call, void *user)
{
    static const uint8_t message[1024];
    int error;
    (void)user;
    while ((error = gt_call_send(call, gt_bytes_of(message, sizeof message))) == 0)
        continue;
    return error;
}

static int reply(gt_call *call, void *user)
{
    gt_bytes message;
    (void)user;
    int error = gt_call_recv(call, &message);
    return error ? error : gt_call_send(call, message);
}

static void open_server(attack *a)
{
    gt_handler_fn *handler = a->kind->answered ? answer : a->kind->unread ? wait : unpack;
    a->server = gt_server_new(a->world, NULL);
    gt_server_handle(a->server, METHOD, GT_BIDI_STREAMING, handler, NULL);
    gt_server_handle(a->server, HONEST_METHOD, GT_UNARY, reply, NULL);
}

static void disconnect(attack *a)
{
    gt_conn_free(a->wire);
    gt_frame_reader_free(a->heard);
    a->wire = NULL;
    a->heard = NULL;
}

static void begin_connection(attack *a)
{
    a->heard = gt_frame_reader_new(NULL);
    a->greeted = a->primed = false;
    a->next = 1;
    a->opened = -1;
    a->result.connections++;
}

static int dial(void *user, gt_context *context, gt_conn **conn)
{
    attack *a = user;
    (void)context;
    disconnect(a);
    gt_pipe(a->world, WIRE, conn, &a->wire);
    begin_connection(a);
    return 0;
}

/* Its calls are nobody's who reads: messages wait. */
static void open_client(attack *a)
{
    a->dialer = gt_dialer_from(a->world, "attacker", dial, a);
    a->channel = gt_channel_new(a->dialer, NULL);
    a->calls = gt_alloc(CALLS * sizeof(gt_call *));
}

static void keep_calling(attack *a)
{
    for (int i = 0; i < CALLS && a->channel; i++) {
        if (a->calls[i] && !gt_call_ended(a->calls[i]))
            continue;
        gt_call_free(a->calls[i]);
        a->calls[i] = gt_call_new(a->channel, METHOD, NULL);
    }
}

/* ---- the attacker ------------------------------------------------------------------------------
 */

static void connect(attack *a)
{
    gt_conn *theirs;
    if (a->kind->on_client) /* it is the client that dials */
        return;
    gt_pipe(a->world, WIRE, &a->wire, &theirs);
    gt_server_serve_conn(a->server, theirs);
    begin_connection(a);
}

static void greet(attack *a, gt_buffer *out)
{
    if (!a->kind->on_client)
        gt_frame_write_preface(out);
    gt_frame_write_settings(out, NULL, 0);
    gt_frame_write_settings_ack(out);
    a->greeted = true;
}

static bool send(attack *a, const gt_buffer *out)
{
    size_t count;
    int error = gt_conn_write(a->wire, NULL, out->data, out->size, &count);
    a->result.sent += count;
    return error == 0;
}

static void hear(attack *a, gt_bytes bytes)
{
    gt_frame frame;
    gt_frame_reader_feed(a->heard, bytes);
    while (gt_frame_reader_next(a->heard, &frame) == 0)
        if (frame.type == GT_FRAME_HEADERS && a->kind->on_client)
            a->opened = frame.stream;
}

/* Takes what has come in; false when the connection has ended. */
static bool listen(attack *a)
{
    static uint8_t bytes[WIRE];
    size_t size;
    int error = 0;
    while (!a->kind->deaf && (error = gt_conn_try_read(a->wire, bytes, sizeof bytes, &size)) == 0)
        hear(a, gt_bytes_of(bytes, size));
    return error == 0 || error == GT_EAGAIN;
}

/* What comes next, some KiB of it. */
static void prepare(attack *a, gt_buffer *out)
{
    size_t before;
    gt_buffer_clear(out);
    if (!a->greeted)
        greet(a, out);
    do {
        before = out->size;
        a->kind->write(a, out);
    } while (out->size > before && out->size < PIECE);
}

/* Does the next thing on the connection at hand, and sees what the other side makes of it. Where
 * there is nothing more to do, it vanishes. */
static void strike(attack *a, gt_buffer *out)
{
    const gt_conn *wire = a->wire;
    prepare(a, out);
    bool sent = out->size > 0 && send(a, out);
    (void)gt_settle(a->world);
    if (a->wire == wire && (!sent || !listen(a)))
        disconnect(a);
}

/* ---- who comes after ---------------------------------------------------------------------------
 */

static int dial_as_anybody(void *user, gt_context *context, gt_conn **conn)
{
    attack *a = user;
    gt_conn *theirs;
    (void)context;
    gt_pipe(a->world, WIRE, conn, &theirs);
    gt_server_serve_conn(a->server, theirs);
    return 0;
}

/* A server is there for the next client as if nothing had been. */
static bool serves_the_next(attack *a)
{
    gt_dialer *dialer = gt_dialer_from(a->world, "anybody", dial_as_anybody, a);
    gt_channel *channel = gt_channel_new(dialer, NULL);
    gt_call *call = gt_unary(channel, HONEST_METHOD, gt_bytes_str("hello"), NULL);
    bool served = gt_call_status(call)->code == GT_OK;
    gt_call_free(call);
    gt_channel_free(channel);
    gt_dialer_free(dialer);
    return served;
}

static void open_attack(attack *a, const attack_kind *kind)
{
    *a = (attack){.kind = kind};
    a->world = gt_world_new(NULL);
    if (kind->on_client)
        open_client(a);
    else
        open_server(a);
}

static void close_attack(attack *a)
{
    for (int i = 0; i < CALLS && a->channel; i++)
        gt_call_free(a->calls[i]);
    gt_free(a->calls);
    gt_channel_free(a->channel);
    gt_dialer_free(a->dialer);
    gt_server_free(a->server);
    gt_world_free(a->world);
}

attack_result attack_run(const attack_kind *kind, uint64_t size)
{
    attack a;
    gt_buffer out = {0};
    open_attack(&a, kind);
    size_t before = memory_watch_held();
    memory_watch_reset_peak();
    while (a.result.sent < size) {
        keep_calling(&a);
        (void)gt_settle(a.world);
        if (!a.wire)
            connect(&a);
        else
            strike(&a, &out);
    }
    a.result.peak = memory_watch_peak() - before;
    disconnect(&a);
    a.result.survived = !a.server || serves_the_next(&a);
    gt_buffer_cleanup(&out);
    close_attack(&a);
    return a.result;
}
