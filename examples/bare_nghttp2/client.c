#include "client.h"

#include "bytes.h"
#include <inttypes.h>
#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OK = 0, CANCELLED = 1, UNKNOWN = 2, DEADLINE_EXCEEDED = 4, INTERNAL = 13, UNAVAILABLE = 14 };

#define PREFIX 5 /* a flag and four bytes of length before each message */

struct bare_client {
    nghttp2_session *session;
    const uint8_t *output; /* what nghttp2 has given and is not taken yet */
    size_t output_size;
    bare_call *calls;
};

struct bare_call {
    bare_client *client;
    bare_call *next;
    int32_t stream;
    int64_t deadline;
    bare_bytes sending; /* prefixed messages that have not gone into frames */
    bool half_closed;
    bare_bytes received;
    size_t handed_out; /* bytes of `received` that the last receive gave away */
    int status;        /* what the server said, -1 until then */
    char *message;
    bool ended;     /* the status is final */
    bool closed;    /* nghttp2 knows the stream no more */
    bool forgotten; /* by its owner: freed once it is closed */
};

/* ---- the end of a call --------------------------------------------------------------------- */

/* The status stands from now on; `status` is for when the server has said none. */
static void end_call(bare_call *call, int status)
{
    if (!call->ended && call->status < 0)
        call->status = status;
    call->ended = true;
}

static void reset_stream(bare_call *call, uint32_t error)
{
    (void)nghttp2_submit_rst_stream(call->client->session, NGHTTP2_FLAG_NONE, call->stream, error);
}

static void free_call(bare_call *call)
{
    bare_call **at = &call->client->calls;
    while (*at != call)
        at = &(*at)->next;
    *at = call->next;
    bare_bytes_free(&call->sending);
    bare_bytes_free(&call->received);
    free(call->message);
    free(call);
}

/* ---- what nghttp2 asks and tells ----------------------------------------------------------- */

static bare_call *call_of(nghttp2_session *session, int32_t stream)
{
    return nghttp2_session_get_stream_user_data(session, stream);
}

/* One or two digits; anything else is no code of gRPC's. */
static int status_number(const uint8_t *value, size_t size)
{
    int number = 0;
    for (size_t i = 0; i < size; i++) {
        if (value[i] < '0' || value[i] > '9' || size > 2)
            return UNKNOWN;
        number = number * 10 + (value[i] - '0');
    }
    return size > 0 && number <= 16 ? number : UNKNOWN;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c | 0x20) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* grpc-message travels with %XX for what is not printable. */
static char *percent_decoded(const uint8_t *value, size_t size)
{
    char *text = calloc(1, size + 1);
    size_t length = 0;

    for (size_t i = 0; text && i < size; i++) {
        bool escape = value[i] == '%' && i + 2 < size;
        int high = escape ? hex_digit((char)value[i + 1]) : -1;
        int low = escape ? hex_digit((char)value[i + 2]) : -1;
        if (high >= 0 && low >= 0) {
            text[length++] = (char)(high * 16 + low);
            i += 2;
        } else {
            text[length++] = (char)value[i];
        }
    }
    return text;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_size, const uint8_t *value, size_t value_size, uint8_t flags,
                     void *user)
{
    bare_call *call = call_of(session, frame->hd.stream_id);
    (void)flags;
    (void)user;

    /* A status counts where the stream ends: in trailers, or in headers that are all there is. */
    if (!call || call->ended || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
        return 0;
    if (name_size == 11 && memcmp(name, "grpc-status", 11) == 0) {
        call->status = status_number(value, value_size);
    } else if (name_size == 12 && memcmp(name, "grpc-message", 12) == 0) {
        free(call->message);
        call->message = percent_decoded(value, value_size);
    }
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *data,
                   size_t size, void *user)
{
    bare_call *call = call_of(session, stream);
    (void)flags;
    (void)user;
    if (call && !call->ended)
        bare_bytes_add(&call->received, data, size);
    return 0;
}

/* The server's side is over: so is the call, though this side may still have been sending. */
static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    bool last = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    bare_call *call = last ? call_of(session, frame->hd.stream_id) : NULL;
    (void)user;

    if (!call || call->ended || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
        return 0;
    end_call(call, UNKNOWN); /* a stream that ends without a status is never OK */
    if (nghttp2_session_get_stream_local_close(session, call->stream) == 0)
        reset_stream(call, NGHTTP2_NO_ERROR);
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t stream, uint32_t error, void *user)
{
    bare_call *call = call_of(session, stream);
    (void)user;
    if (!call)
        return 0;
    end_call(call, error == NGHTTP2_CANCEL           ? CANCELLED
                   : error == NGHTTP2_REFUSED_STREAM ? UNAVAILABLE
                                                     : INTERNAL);
    call->closed = true;
    if (call->forgotten)
        free_call(call);
    return 0;
}

/* Gives nghttp2 what the call has to send; nothing at all puts the stream to sleep until resumed.
 */
static ssize_t read_messages(nghttp2_session *session, int32_t stream, uint8_t *buffer, size_t room,
                             uint32_t *flags, nghttp2_data_source *source, void *user)
{
    bare_call *call = source->ptr;
    size_t count = call->sending.size < room ? call->sending.size : room;
    (void)session;
    (void)stream;
    (void)user;

    if (count > 0)
        memcpy(buffer, call->sending.data, count);
    bare_bytes_drop_front(&call->sending, count);
    if (call->half_closed && call->sending.size == 0)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    else if (count == 0)
        return NGHTTP2_ERR_DEFERRED;
    return (ssize_t)count;
}

/* ---- the connection ------------------------------------------------------------------------ */

bare_client *bare_client_new(void)
{
    bare_client *client = calloc(1, sizeof *client);
    nghttp2_session_callbacks *callbacks;

    if (!client || nghttp2_session_callbacks_new(&callbacks) != 0) {
        free(client);
        return NULL;
    }
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    int error = nghttp2_session_client_new(&client->session, callbacks, client);
    nghttp2_session_callbacks_del(callbacks);

    const nghttp2_settings_entry no_push = {NGHTTP2_SETTINGS_ENABLE_PUSH, 0};
    if (!error)
        error = nghttp2_submit_settings(client->session, NGHTTP2_FLAG_NONE, &no_push, 1);
    if (error) {
        bare_client_free(client);
        return NULL;
    }
    return client;
}

void bare_client_free(bare_client *client)
{
    if (!client)
        return;
    nghttp2_session_del(client->session);
    while (client->calls) /* whose streams had no chance to close */
        free_call(client->calls);
    free(client);
}

bool bare_client_feed(bare_client *client, const uint8_t *bytes, size_t size)
{
    return nghttp2_session_mem_recv(client->session, bytes, size) == (ssize_t)size;
}

void bare_client_disconnected(bare_client *client)
{
    for (bare_call *call = client->calls; call; call = call->next)
        end_call(call, UNAVAILABLE);
}

size_t bare_client_take_output(bare_client *client, uint8_t *bytes, size_t room)
{
    size_t taken = 0;
    while (taken < room) {
        if (client->output_size == 0) {
            ssize_t size = nghttp2_session_mem_send(client->session, &client->output);
            if (size <= 0)
                break;
            client->output_size = (size_t)size;
        }
        size_t count = client->output_size < room - taken ? client->output_size : room - taken;
        memcpy(bytes + taken, client->output, count);
        taken += count;
        client->output += count;
        client->output_size -= count;
    }
    return taken;
}

int64_t bare_client_next_deadline(const bare_client *client)
{
    int64_t earliest = BARE_NEVER;
    for (const bare_call *call = client->calls; call; call = call->next) {
        if (!call->ended && call->deadline < earliest)
            earliest = call->deadline;
    }
    return earliest;
}

void bare_client_tick(bare_client *client, int64_t now_ns)
{
    for (bare_call *call = client->calls; call; call = call->next) {
        if (!call->ended && call->deadline <= now_ns) {
            reset_stream(call, NGHTTP2_CANCEL);
            end_call(call, DEADLINE_EXCEEDED);
        }
    }
}

/* ---- calls --------------------------------------------------------------------------------- */

static nghttp2_nv field(const char *name, const char *value)
{
    return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name),
                        strlen(value), NGHTTP2_NV_FLAG_NONE};
}

/* Submits the request's headers. The time-out goes in microseconds, rounded up. */
static int32_t submit(bare_call *call, const char *path, int64_t timeout_ns)
{
    char timeout[24];
    nghttp2_nv fields[8];
    size_t count = 0;

    fields[count++] = field(":method", "POST");
    fields[count++] = field(":scheme", "http");
    fields[count++] = field(":path", path);
    fields[count++] = field(":authority", "localhost");
    if (timeout_ns > 0) {
        snprintf(timeout, sizeof timeout, "%" PRId64 "u", (timeout_ns + 999) / 1000);
        fields[count++] = field("grpc-timeout", timeout);
    }
    fields[count++] = field("te", "trailers");
    fields[count++] = field("content-type", "application/grpc");
    fields[count++] = field("user-agent", "bare-nghttp2/1.0 grpc-c-bare/1.0");
    nghttp2_data_provider messages = {.source.ptr = call, .read_callback = read_messages};
    return nghttp2_submit_request(call->client->session, NULL, fields, count, &messages, call);
}

bare_call *bare_call_new(bare_client *client, const char *path, int64_t now_ns, int64_t timeout_ns)
{
    bare_call *call = calloc(1, sizeof *call);
    if (!call)
        return NULL;
    call->client = client;
    call->status = -1;
    call->deadline = timeout_ns > 0 ? now_ns + timeout_ns : BARE_NEVER;
    call->stream = submit(call, path, timeout_ns);
    if (call->stream < 0) {
        free(call);
        return NULL;
    }
    call->next = client->calls;
    client->calls = call;
    return call;
}

void bare_call_free(bare_call *call)
{
    if (!call)
        return;
    if (!call->ended)
        reset_stream(call, NGHTTP2_CANCEL);
    end_call(call, CANCELLED);
    call->forgotten = true;
    if (call->closed)
        free_call(call);
}

/* Wakes the stream, should it sleep for want of messages. */
static void resume(bare_call *call)
{
    (void)nghttp2_session_resume_data(call->client->session, call->stream);
}

void bare_call_send(bare_call *call, const void *message, size_t size)
{
    const uint8_t prefix[PREFIX] = {0, (uint8_t)(size >> 24), (uint8_t)(size >> 16),
                                    (uint8_t)(size >> 8), (uint8_t)size};
    if (call->ended || call->half_closed)
        return;
    bare_bytes_add(&call->sending, prefix, PREFIX);
    bare_bytes_add(&call->sending, message, size);
    resume(call);
}

void bare_call_half_close(bare_call *call)
{
    call->half_closed = true;
    if (!call->ended)
        resume(call);
}

bool bare_call_receive(bare_call *call, const uint8_t **message, size_t *size)
{
    bare_bytes_drop_front(&call->received, call->handed_out);
    call->handed_out = 0;
    const uint8_t *data = call->received.data;
    if (call->received.size < PREFIX)
        return false;
    size_t length = (size_t)data[1] << 24 | (size_t)data[2] << 16 | (size_t)data[3] << 8 | data[4];
    if (call->received.size - PREFIX < length)
        return false;
    *message = data + PREFIX;
    *size = length;
    call->handed_out = PREFIX + length;
    return true;
}

int bare_call_status(const bare_call *call)
{
    return call->ended ? call->status : -1;
}

const char *bare_call_status_message(const bare_call *call)
{
    return call->ended && call->message ? call->message : "";
}
