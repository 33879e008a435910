/* A channel and a server in one world, with a wire between them that the script leads: it carries,
 * delays, spoils and cuts, and speaks for a client or a server of its own. Whatever it does, each
 * call has one status in its time, and nothing is left of the world. */
#include "fuzz.h"

#include <grpctest/bufconn.h>
#include <grpctest/channel.h>
#include <grpctest/frames.h>
#include <grpctest/server.h>

enum { LINKS = 4, CALLS = 8, LONGEST_MS = 50 };

/* What is carried between one end and the other; NULL where the script speaks. */
typedef struct wire {
    gt_conn *client, *server;
} wire;

typedef struct stage {
    fuzz_input in;
    gt_world *world;
    gt_server *server;
    gt_dialer *dialer;
    gt_channel *channel;
    size_t capacity; /* of each pipe */
    wire wires[LINKS];
    size_t wire_count;
    gt_task *calls[CALLS];
    size_t call_count, ended;
} stage;

/* ---- both ends ---------------------------------------------------------------------------------
 */

static int echo(gt_call *call, void *user)
{
    gt_bytes message;
    int error;
    (void)user;
    while ((error = gt_call_recv(call, &message)) == 0) {
        error = gt_call_send(call, message);
        if (error)
            return error;
    }
    return error == GT_EOF ? 0 : error;
}

static int ponder(gt_call *call, void *user)
{
    (void)user;
    return gt_context_sleep(gt_call_context(call), GT_MS(5)) ? GT_ECANCELLED : GT_NOT_FOUND;
}

/* What a call of the channel is like. */
typedef struct plan {
    stage *stage;
    uint8_t how, messages;
    size_t size;
} plan;

static void exchange(gt_call *call, const plan *p)
{
    uint8_t *bytes = gt__calloc(1, p->size);
    gt_bytes message;
    int error = 0;
    for (uint8_t i = 0; i < p->messages && !error; i++) {
        error = gt_call_send(call, gt_bytes_of(bytes, p->size));
        if (p->how & 0x40 && !error)
            error = gt_call_recv(call, &message);
    }
    if (p->how & 0x80)
        gt_call_cancel(call);
    gt_call_half_close(call);
    while (gt_call_recv(call, &message) == 0)
        FUZZ_CHECK(message.size <= 4 * 1024 * 1024, "a message of %zu bytes", message.size);
    gt__free(bytes);
}

static void make_call(void *arg)
{
    static const char *const methods[] = {"/a.B/Echo", "/a.B/Ponder", "/a.B/Nobody", "/a.B/Echo"};
    static const char *const compressions[] = {NULL, "gzip", "deflate", "identity"};
    plan *p = arg;
    stage *s = p->stage;
    gt_time until = gt_now(s->world) + GT_MS(LONGEST_MS);
    const gt_call_options options = {.kind = (gt_kind)(p->how & 3),
                                     .timeout = GT_MS(LONGEST_MS),
                                     .compression = compressions[p->how >> 4 & 3]};
    gt_call *call = gt_call_new(s->channel, methods[p->how >> 2 & 3], &options);
    exchange(call, p);
    const gt_status *status = gt_call_status(call);
    FUZZ_CHECK(status && status->code <= GT_UNAUTHENTICATED && status->message, "no status");
    FUZZ_CHECK(gt_call_ended(call) && gt_now(s->world) <= until, "it ended too late");
    gt_call_free(call);
    gt__free(p);
    s->ended++;
}

static void start_call(stage *s)
{
    plan chosen = {s, fuzz_byte(&s->in), fuzz_byte(&s->in) % 4, 0};
    chosen.size = fuzz_byte(&s->in) * (size_t)(chosen.how & 0x10 ? 100 : 1);
    if (s->call_count == CALLS)
        return;
    s->calls[s->call_count++] =
        gt_spawn(s->world, "call", make_call, gt__memdup(&chosen, sizeof chosen));
}

/* ---- the wire ----------------------------------------------------------------------------------
 */

static wire *new_wire(stage *s)
{
    if (s->wire_count == LINKS)
        return NULL;
    wire *w = &s->wires[s->wire_count++];
    gt_conn *inner;
    gt_pipe(s->world, s->capacity, &w->server, &inner);
    gt_server_serve_conn(s->server, inner);
    return w;
}

/* The channel's way to the server: by a wire of ours. */
static int dial(void *user, gt_context *context, gt_conn **conn)
{
    stage *s = user;
    (void)context;
    wire *w = new_wire(s);
    if (!w)
        return GT_EREFUSED;
    gt_pipe(s->world, s->capacity, conn, &w->client);
    return 0;
}

static void carry(gt_conn *from, gt_conn *to, size_t most, uint8_t spoil)
{
    static uint8_t bytes[4096];
    size_t size, written;
    if (!from || !to || gt_conn_try_read(from, bytes, most, &size) != 0)
        return;
    if (spoil && size > 0)
        bytes[spoil % size] ^= spoil;
    (void)!gt_conn_try_write(to, bytes, size, &written); /* what has no room is lost */
}

static void say(gt_conn *to, gt_bytes bytes)
{
    size_t written;
    if (to)
        (void)!gt_conn_try_write(to, bytes.data, bytes.size, &written);
}

static void cut(gt_conn *conn, uint8_t how)
{
    if (!conn)
        return;
    if (how & 0x10)
        gt_conn_reset(conn);
    else if (how & 0x20)
        gt_conn_close(conn);
    else
        gt_conn_close_write(conn);
}

static void use_wire(stage *s, uint8_t step, uint8_t how)
{
    wire *w = &s->wires[how % LINKS];
    if (how % LINKS >= s->wire_count)
        return;
    switch (step) {
    case 0:
        carry(w->client, w->server, 4096, 0);
        break;
    case 1:
        carry(w->server, w->client, 4096, 0);
        break;
    case 2:
        carry(w->client, w->server, 1 + fuzz_byte(&s->in), fuzz_byte(&s->in));
        break;
    case 3:
        carry(w->server, w->client, 1 + fuzz_byte(&s->in), fuzz_byte(&s->in));
        break;
    case 4:
        say(w->server, how & 0x80 ? fuzz_rest(&s->in) : fuzz_short_span(&s->in));
        break;
    case 5:
        say(w->client, how & 0x80 ? fuzz_rest(&s->in) : fuzz_short_span(&s->in));
        break;
    default:
        cut(how & 0x80 ? w->client : w->server, how);
        break;
    }
}

static void carry_all(stage *s)
{
    for (size_t i = 0; i < s->wire_count; i++) {
        carry(s->wires[i].client, s->wires[i].server, 4096, 0);
        carry(s->wires[i].server, s->wires[i].client, 4096, 0);
    }
}

/* ---- a run -------------------------------------------------------------------------------------
 */

static void sleep_a_little(stage *s, gt_duration duration)
{
    FUZZ_CHECK(gt_sleep(s->world, duration) == 0, "the world failed");
}

static void do_step(stage *s)
{
    uint8_t step = fuzz_byte(&s->in) % 11, how;
    switch (step) {
    case 7:
        start_call(s);
        sleep_a_little(s, 1);
        break;
    case 8:
        sleep_a_little(s, GT_US(10) * fuzz_byte(&s->in));
        break;
    case 9:
        new_wire(s); /* the script is its client */
        break;
    case 10:
        carry_all(s);
        sleep_a_little(s, 1);
        break;
    default:
        how = fuzz_byte(&s->in);
        use_wire(s, step, how);
        break;
    }
}

/* By their time-outs all calls end. */
static void wait_for_calls(stage *s)
{
    for (int ms = 0; s->ended < s->call_count; ms++) {
        FUZZ_CHECK(ms < 2 * LONGEST_MS, "%zu calls of %zu ended", s->ended, s->call_count);
        carry_all(s);
        sleep_a_little(s, GT_MS(1));
    }
    for (size_t i = 0; i < s->call_count; i++)
        FUZZ_CHECK(gt_task_join(s->calls[i], NULL) == 0, "a call did not end");
}

static void open_stage(stage *s, fuzz_input in)
{
    static const size_t capacities[] = {65536, 1, 100, 4096};
    uint8_t how = fuzz_byte(&in);
    uint64_t seed = fuzz_byte(&in);
    *s = (stage){.in = in, .capacity = capacities[how & 3]};
    s->world = gt_world_new(&(gt_world_options){.seed = seed ? seed : GT_NO_SEED});
    s->server = gt_server_new(s->world, &(gt_server_options){.strict = how & 4,
                                                             .max_receive_size = 65536,
                                                             .max_handlers = how & 8 ? 2 : 0});
    gt_server_handle(s->server, "/a.B/Echo", GT_BIDI_STREAMING, echo, s);
    gt_server_handle(s->server, "/a.B/Ponder", GT_UNARY, ponder, s);
    s->dialer = gt_dialer_from(s->world, "script", dial, s);
    s->channel = gt_channel_new(s->dialer, NULL);
}

static void close_stage(stage *s)
{
    wait_for_calls(s);
    gt_channel_free(s->channel);
    for (size_t i = 0; i < s->wire_count; i++) {
        gt_conn_free(s->wires[i].client);
        gt_conn_free(s->wires[i].server);
    }
    gt_server_free(s->server);
    gt_dialer_free(s->dialer);
    gt_world_free(s->world);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MOST_STEPS = 500 };
    stage s;
    open_stage(&s, (fuzz_input){.bytes = gt_bytes_of(data, size)});
    for (int i = 0; i < MOST_STEPS && fuzz_more(&s.in); i++)
        do_step(&s);
    close_stage(&s);
    return 0;
}
