/* The floor: a client's and a server's nghttp2 session in one process, each fed what the other
 * sends, without a copy between. It does what gRPC needs and nothing more: no scheduler, no wire,
 * no handler, no call. Headers and settings are those that ours sends. */
#include "subject.h"

#include "bench.pb-c.h"

#include <grpctest/base.h>
#include <nghttp2/nghttp2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PREFIX = 5,
    PACKED_NOTE = PREFIX + 16,
    LARGEST = PREFIX + 64 * 1024,
    CONNECTION_WINDOW = 1024 * 1024
};

/* One end. There is one stream at a time (or many idle ones), so what belongs to it is here. */
typedef struct end {
    struct floor *floor;
    nghttp2_session *session;
    bool server;
    int32_t stream;

    bench_payload sends, receives;
    size_t to_send; /* messages that are still to go out */
    bool finish;    /* after them: END_STREAM at the client, trailers at the server */
    bool deferred;
    uint8_t *packed; /* the message that is going out, when it takes more than one frame */
    size_t packed_size, packed_sent;

    struct bench_sent *recorded; /* where what it sends is kept; NULL: nowhere */

    uint8_t *arriving; /* prefix and message */
    size_t arrived;
    size_t received; /* messages */
    bool ended;      /* the other end's END_STREAM came */
} end;

typedef struct floor {
    bench_way way;
    bench_payload payload;
    end client, server;
    bool status_ok;
    size_t streams; /* that the server has seen */
    char user_agent[40];
} floor_pair;

static void require(bool fine, const char *what)
{
    if (!fine)
        bench_die("the floor: %s", what);
}

/* ---- out --------------------------------------------------------------------------------------
 */

static size_t pack(bench_payload payload, uint8_t *out)
{
    size_t size = protobuf_c_message_pack(bench_message(payload), out + PREFIX);
    out[0] = 0;
    out[1] = (uint8_t)(size >> 24);
    out[2] = (uint8_t)(size >> 16);
    out[3] = (uint8_t)(size >> 8);
    out[4] = (uint8_t)size;
    return PREFIX + size;
}

/* What fits goes straight into the frame, the rest by way of memory of its own. */
static size_t next_piece(end *e, uint8_t *out, size_t room)
{
    if (e->packed_sent == e->packed_size) {
        if (e->sends == BENCH_NOTE && room >= PACKED_NOTE) {
            e->to_send--;
            return pack(e->sends, out);
        }
        e->packed_size = pack(e->sends, e->packed);
        e->packed_sent = 0;
    }
    size_t left = e->packed_size - e->packed_sent;
    size_t size = left < room ? left : room;
    memcpy(out, e->packed + e->packed_sent, size);
    e->packed_sent += size;
    if (size == left)
        e->to_send--;
    return size;
}

static nghttp2_nv field(const char *name, const char *value)
{
    return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name),
                        strlen(value),
                        NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

static ssize_t on_read(nghttp2_session *session, int32_t stream, uint8_t *out, size_t room,
                       uint32_t *flags, nghttp2_data_source *source, void *user)
{
    (void)source;
    end *e = user;
    size_t size = e->to_send > 0 ? next_piece(e, out, room) : 0;
    if (e->to_send == 0 && e->finish) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        if (e->server) {
            const nghttp2_nv trailer = field("grpc-status", "0");
            *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
            nghttp2_submit_trailer(session, stream, &trailer, 1);
        }
    } else if (size == 0) {
        e->deferred = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    return (ssize_t)size;
}

static void resume(end *e)
{
    if (e->deferred)
        nghttp2_session_resume_data(e->session, e->stream);
    e->deferred = false;
}

static void submit_request(end *e)
{
    const nghttp2_nv fields[] = {
        field(":method", "POST"),
        field(":scheme", "http"),
        field(":path", "/bench.Bench/Run"),
        field(":authority", "bufconn:1"),
        field("te", "trailers"),
        field("content-type", "application/grpc"),
        field("grpc-accept-encoding", "identity,deflate,gzip"),
        field("user-agent", e->floor->user_agent),
    };
    const nghttp2_data_provider provider = {.read_callback = on_read};
    e->deferred = false;
    e->stream = nghttp2_submit_request(e->session, NULL, fields, sizeof fields / sizeof fields[0],
                                       &provider, NULL);
    require(e->stream > 0, "a request was not taken");
}

static void submit_response(end *e)
{
    const nghttp2_nv fields[] = {
        field(":status", "200"),
        field("content-type", "application/grpc"),
        field("grpc-accept-encoding", "identity,deflate,gzip"),
    };
    const nghttp2_data_provider provider = {.read_callback = on_read};
    e->deferred = false;
    nghttp2_submit_response(e->session, e->stream, fields, sizeof fields / sizeof fields[0],
                            &provider);
}

/* ---- in ---------------------------------------------------------------------------------------
 */

static void begin_stream(end *e)
{
    e->arrived = e->received = 0;
    e->packed_size = e->packed_sent = 0;
    e->ended = e->finish = false;
    e->to_send = 0;
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    (void)session;
    end *e = user;
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    begin_stream(e);
    e->stream = frame->hd.stream_id;
    e->floor->streams++;
    return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_size, const uint8_t *value, size_t value_size, uint8_t flags,
                     void *user)
{
    (void)session;
    (void)frame;
    (void)flags;
    static const char key[] = "grpc-status";
    end *e = user;
    if (name_size == sizeof key - 1 && memcmp(name, key, name_size) == 0)
        e->floor->status_ok = value_size == 1 && value[0] == '0';
    return 0;
}

static void receive_message(end *e, const uint8_t *data, size_t size)
{
    const ProtobufCMessageDescriptor *type =
        e->receives == BENCH_NOTE ? &bench__note__descriptor : &bench__block__descriptor;
    ProtobufCMessage *message = protobuf_c_message_unpack(type, NULL, size, data);
    require(message, "a message does not unpack");
    bench_check(e->receives, message, e->received == 0);
    protobuf_c_message_free_unpacked(message, NULL);
    e->received++;
    if (!e->server || e->floor->way != BENCH_PING_PONG)
        return;
    e->to_send++;
    if (e->received == 1)
        submit_response(e);
    else
        resume(e);
}

static size_t whole_size(const end *e)
{
    const uint8_t *prefix = e->arriving;
    return PREFIX +
           ((size_t)prefix[1] << 24 | (size_t)prefix[2] << 16 | (size_t)prefix[3] << 8 | prefix[4]);
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *data,
                   size_t size, void *user)
{
    (void)session;
    (void)flags;
    (void)stream;
    end *e = user;
    while (size > 0) {
        size_t wanted = e->arrived < PREFIX ? PREFIX : whole_size(e);
        require(wanted <= LARGEST, "a message is too large");
        size_t missing = wanted - e->arrived, part = missing < size ? missing : size;
        memcpy(e->arriving + e->arrived, data, part);
        e->arrived += part;
        data += part;
        size -= part;
        if (e->arrived > PREFIX && e->arrived == wanted) {
            e->arrived = 0;
            receive_message(e, e->arriving + PREFIX, wanted - PREFIX);
        }
    }
    return 0;
}

/* The request is whole: the one answer, or the end of the answers. */
static void answer(end *e)
{
    e->finish = true;
    if (e->floor->way == BENCH_PING_PONG) {
        resume(e);
        return;
    }
    e->to_send = 1;
    submit_response(e);
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    (void)session;
    end *e = user;
    if (!(frame->hd.flags & NGHTTP2_FLAG_END_STREAM) ||
        (frame->hd.type != NGHTTP2_DATA && frame->hd.type != NGHTTP2_HEADERS))
        return 0;
    e->ended = true;
    if (e->server)
        answer(e);
    return 0;
}

/* ---- a pair -----------------------------------------------------------------------------------
 */

static bool move(end *from, end *to)
{
    const uint8_t *bytes;
    ssize_t size;
    bool moved = false;
    while ((size = nghttp2_session_mem_send(from->session, &bytes)) > 0) {
        require(nghttp2_session_mem_recv(to->session, bytes, (size_t)size) == size,
                "bytes were not taken");
        if (from->recorded)
            bench_keep(from->recorded, bytes, (size_t)size);
        moved = true;
    }
    return moved;
}

static void move_all(floor_pair *f)
{
    bool moved;
    do {
        moved = move(&f->client, &f->server);
        moved |= move(&f->server, &f->client);
    } while (moved);
}

static void submit_settings(const end *e)
{
    const nghttp2_settings_entry server[] = {{NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
                                             {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 10000},
                                             {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, 64 * 1024}};
    const nghttp2_settings_entry client[] = {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
                                             {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, 64 * 1024}};
    nghttp2_submit_settings(e->session, NGHTTP2_FLAG_NONE, e->server ? server : client,
                            e->server ? 3 : 2);
    nghttp2_session_set_local_window_size(e->session, NGHTTP2_FLAG_NONE, 0, CONNECTION_WINDOW);
}

static void open_end(floor_pair *f, end *e, bool server)
{
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *option;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_option_new(&option);
    nghttp2_option_set_no_closed_streams(option, 1);
    e->floor = f;
    e->server = server;
    e->sends = server ? BENCH_NOTE : f->payload;
    e->receives = server ? f->payload : BENCH_NOTE;
    e->packed = malloc(LARGEST);
    e->arriving = malloc(LARGEST);
    int error = server ? nghttp2_session_server_new2(&e->session, callbacks, e, option)
                       : nghttp2_session_client_new2(&e->session, callbacks, e, option);
    require(error == 0, "no session");
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    submit_settings(e);
}

static void open_pair(floor_pair *f)
{
    snprintf(f->user_agent, sizeof f->user_agent, "grpc-c-grpctest/%s", gt_version());
    open_end(f, &f->client, false);
    open_end(f, &f->server, true);
}

static void close_end(end *e)
{
    nghttp2_session_del(e->session);
    free(e->packed);
    free(e->arriving);
}

static void close_pair(floor_pair *f)
{
    nghttp2_submit_goaway(f->client.session, NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, NULL, 0);
    move_all(f);
    close_end(&f->client);
    close_end(&f->server);
}

/* ---- the ways ---------------------------------------------------------------------------------
 */

static void begin_call(floor_pair *f)
{
    begin_stream(&f->client);
    f->status_ok = false;
    submit_request(&f->client);
}

static void require_answers(const floor_pair *f, size_t count)
{
    require(f->status_ok && f->client.ended, "a call did not end as OK");
    require(f->client.received == count, "the answers are not as many as they should be");
}

/* The client has all messages at hand: the session takes them as the windows allow. */
static void run_call(floor_pair *f, size_t messages)
{
    begin_call(f);
    f->client.to_send = messages;
    f->client.finish = true;
    move_all(f);
    require_answers(f, 1);
    require(f->server.received == messages, "messages were lost");
}

static void run_ping_pong(floor_pair *f, size_t count)
{
    begin_call(f);
    for (size_t i = 0; i < count; i++) {
        f->client.to_send = 1;
        resume(&f->client);
        move_all(f);
    }
    f->client.finish = true;
    resume(&f->client);
    move_all(f);
    require_answers(f, count);
}

static void run_fixture(floor_pair *f)
{
    open_pair(f);
    run_call(f, 1);
    close_pair(f);
}

static void *open_floor(bench_way way, bench_payload payload)
{
    floor_pair *f = calloc(1, sizeof *f);
    f->way = way;
    f->payload = payload;
    if (way == BENCH_FIXTURE)
        return f;
    open_pair(f);
    move_all(f);
    return f;
}

static void run_floor(void *state, size_t count)
{
    floor_pair *f = state;
    switch (f->way) {
    case BENCH_UNARY:
        for (size_t i = 0; i < count; i++)
            run_call(f, 1);
        break;
    case BENCH_PING_PONG:
        run_ping_pong(f, count);
        break;
    case BENCH_STREAM:
    case BENCH_STREAM_READY:
        run_call(f, count);
        break;
    case BENCH_FIXTURE:
        for (size_t i = 0; i < count; i++)
            run_fixture(f);
        break;
    case BENCH_IDLE:
        for (size_t i = 0; i < count; i++)
            begin_call(f);
        move_all(f);
        require(f->streams == count, "not all calls were opened");
        break;
    }
}

static void close_floor(void *state)
{
    floor_pair *f = state;
    if (f->way != BENCH_FIXTURE)
        close_pair(f);
    free(f);
}

static void record_floor(bench_bytes *bytes)
{
    floor_pair *f = open_floor(BENCH_UNARY, BENCH_NOTE);
    run_call(f, 1);
    f->client.recorded = &bytes->client;
    f->server.recorded = &bytes->server;
    run_call(f, 1);
    f->client.recorded = f->server.recorded = NULL;
    close_floor(f);
}

const bench_subject bench_floor = {"floor", open_floor, run_floor, close_floor, record_floor};
