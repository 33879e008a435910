/* The session: nghttp2 set up for our purposes, and its callbacks handed on to who they concern. */
#include "session.h"

#include "memory.h"

enum {
    DEFAULT_MESSAGE_SIZE = 4 * 1024 * 1024,
    DEFAULT_SEND_MARK = 64 * 1024,
    DEFAULT_CROWD_MARK = 16 * 1024 * 1024,
    DEFAULT_STREAMS = 1000000,
    DEFAULT_CONNECTION_WINDOW = 1024 * 1024,
};

/* ---- what comes in --------------------------------------------------------------------------- */

/* A stream beyond those that we announced is refused, and no violation before the peer has seen
 * what we announced. */
static void begin_request(gt__h2 *h2, int32_t id)
{
    uint32_t most = h2->options.max_concurrent_streams;
    bool refused = h2->streams.open >= most;
    gt__h2_stream *stream = gt__h2_stream_new(h2, id, NULL);
    if (!refused)
        return;
    if (h2->settled)
        gt__h2_violation(h2, stream, "H3", "more streams than the %u that were announced", most);
    gt__h2_stream_reset(h2, stream, NGHTTP2_REFUSED_STREAM);
    gt__h2_stream_retire(h2, stream);
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    (void)session;
    gt__h2 *h2 = user;
    gt__h2_block_reset(&h2->block);
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        begin_request(h2, frame->hd.stream_id);
    return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, nghttp2_rcbuf *name,
                     nghttp2_rcbuf *value, uint8_t flags, void *user)
{
    (void)session;
    (void)frame;
    (void)flags;
    gt__h2 *h2 = user;
    gt__h2_block_add(&h2->block, name, value, h2->options.limits.max_header_list);
    return 0;
}

/* A field that HTTP forbids is told, and its value taken all the same (rule D4). */
static int on_invalid_header(nghttp2_session *session, const nghttp2_frame *frame,
                             nghttp2_rcbuf *name, nghttp2_rcbuf *value, uint8_t flags, void *user)
{
    gt__h2 *h2 = user;
    nghttp2_vec key = nghttp2_rcbuf_get_buf(name), text = nghttp2_rcbuf_get_buf(value);
    if (nghttp2_check_header_name(key.base, key.len))
        on_header(session, frame, name, value, flags, user);
    else
        gt__h2_block_count(&h2->block, key.len, text.len, h2->options.limits.max_header_list);
    if (!h2->block.too_large)
        gt__h2_violation(h2, gt__h2_stream_any(h2, frame->hd.stream_id), "D4",
                         "the header field \"%.64s\" is not as HTTP allows it",
                         (const char *)key.base);
    return 0;
}

static void receive_headers(gt__h2 *h2, gt__h2_stream *stream, const nghttp2_frame *frame)
{
    bool end = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    if (!h2->options.server)
        gt__h2_receive_response(h2, stream, end);
    else if (frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        gt__h2_receive_request(h2, stream, end);
    else
        gt__h2_violation(h2, stream, "R6", "the request has trailers");
    gt__h2_block_reset(&h2->block);
}

static void receive_settings(gt__h2 *h2, const nghttp2_frame *frame)
{
    if (frame->hd.flags & NGHTTP2_FLAG_ACK) {
        h2->settled = true;
        return;
    }
    gt__h2_push(h2, GT__H2_SETTINGS, 0);
    gt__h2_offer_capacity(h2);
}

static void receive_ping(gt__h2 *h2, const nghttp2_frame *frame)
{
    if (!(frame->hd.flags & NGHTTP2_FLAG_ACK))
        return;
    gt__h2_event *event = gt__h2_push(h2, GT__H2_PING_ACK, 0);
    memcpy(event->as.ping.opaque, frame->ping.opaque_data, sizeof event->as.ping.opaque);
}

/* One for a call that is over is common where both sides end it. */
static void count_reset(gt__h2 *h2, const gt__h2_stream *stream)
{
    if (stream && !stream->final)
        gt__h2_count_reset(h2);
    else
        gt__h2_count_idle_frame(h2);
}

static void receive_stream_frame(gt__h2 *h2, const nghttp2_frame *frame)
{
    gt__h2_stream *stream = gt__h2_stream_any(h2, frame->hd.stream_id);
    if (frame->hd.type == NGHTTP2_RST_STREAM)
        count_reset(h2, stream);
    if (!stream || stream->gone)
        return;
    if (frame->hd.type == NGHTTP2_RST_STREAM) {
        gt__h2_end_by_reset(h2, stream, frame->rst_stream.error_code);
        return;
    }
    if (frame->hd.type == NGHTTP2_HEADERS)
        receive_headers(h2, stream, frame);
    if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
        gt__h2_receive_end(h2, stream);
}

/* What a callback returns: nothing more is taken in once a limit was passed. */
static int go_on(const gt__h2 *h2)
{
    return h2->guard.passed == GT__H2_NO_LIMIT ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    (void)session;
    gt__h2 *h2 = user;
    switch (frame->hd.type) {
    case NGHTTP2_HEADERS:
    case NGHTTP2_DATA:
    case NGHTTP2_RST_STREAM:
        receive_stream_frame(h2, frame);
        break;
    case NGHTTP2_SETTINGS:
        receive_settings(h2, frame);
        break;
    case NGHTTP2_PING:
        receive_ping(h2, frame);
        break;
    case NGHTTP2_GOAWAY:
        gt__h2_receive_goaway(h2, &frame->goaway);
        break;
    default:
        break;
    }
    return go_on(h2);
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data,
                   size_t size, void *user)
{
    (void)session;
    (void)flags;
    gt__h2 *h2 = user;
    h2->arrived += size;
    gt__h2_stream *stream = gt__h2_stream_find(h2, id);
    if (stream)
        gt__h2_receive_data(h2, stream, data, size);
    return go_on(h2);
}

void gt__h2_receive_end(gt__h2 *h2, gt__h2_stream *stream)
{
    stream->remote_end = true;
    if (!h2->options.server) {
        gt__h2_end_by_trailers(h2, stream, NULL, false);
        if (!stream->local_end) /* rule T11 */
            gt__h2_stream_reset(h2, stream, NGHTTP2_NO_ERROR);
    } else if (!stream->final) {
        if (gt__h2_incoming_complete(stream))
            gt__h2_push(h2, GT__H2_HALF_CLOSE, stream->id);
        else
            gt__h2_break(h2, stream, GT_INTERNAL, "the request ended inside a message");
    }
}

/* nghttp2 found a frame wrong and is about to reset its stream, or to end the session. */
static int on_invalid_frame(nghttp2_session *session, const nghttp2_frame *frame, int error,
                            void *user)
{
    (void)session;
    gt__h2 *h2 = user;
    gt__h2_stream *stream = gt__h2_stream_find(h2, frame->hd.stream_id);
    if (!stream || stream->final)
        return 0;
    if (!stream->announced)
        gt__h2_violation(h2, stream, "RFC", "the request broke HTTP/2: %s",
                         nghttp2_strerror(error));
    gt__h2_end(h2, stream, GT_INTERNAL, "the peer broke HTTP/2: %s", nghttp2_strerror(error));
    return 0;
}

/* ---- what goes out --------------------------------------------------------------------------- */

static char *reason_of(const nghttp2_goaway *goaway)
{
    if (goaway->opaque_data_len > 0)
        return gt__strndup((const char *)goaway->opaque_data, goaway->opaque_data_len);
    if (goaway->error_code == NGHTTP2_COMPRESSION_ERROR)
        return gt__strdup("a header block is damaged, or has a field over 64 KiB");
    return gt__strdup("no reason was given");
}

/* nghttp2 ends a session that broke a rule by a GOAWAY of its own and tells nobody; often without a
 * reason. It is held back, and ours goes in its place. */
static int on_before_send(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    (void)session;
    gt__h2 *h2 = user;
    if (frame->hd.type != NGHTTP2_GOAWAY)
        return 0;
    if (h2->own_goaways > 0) {
        h2->own_goaways--;
        h2->goaway = true;
        return 0;
    }
    if (!h2->end_text) {
        h2->end_code = frame->goaway.error_code;
        h2->end_text = reason_of(&frame->goaway);
    }
    return NGHTTP2_ERR_CANCEL;
}

static int on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    (void)session;
    gt__h2 *h2 = user;
    if (frame->hd.type == NGHTTP2_RST_STREAM)
        gt__h2_count_sent_reset(h2, frame->rst_stream.error_code);
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
        return 0;
    gt__h2_stream *stream = gt__h2_stream_any(h2, frame->hd.stream_id);
    if (!stream)
        return 0;
    stream->sent = true;
    gt__h2_open_window(h2, stream);
    if (!(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
        return 0;
    stream->local_end = true;
    if (h2->options.server && !stream->remote_end) /* rule T11 */
        gt__h2_stream_reset(h2, stream, NGHTTP2_NO_ERROR);
    return 0;
}

static int on_frame_not_send(nghttp2_session *session, const nghttp2_frame *frame, int error,
                             void *user)
{
    (void)session;
    gt__h2 *h2 = user;
    gt__h2_stream *stream = gt__h2_stream_find(h2, frame->hd.stream_id);
    if (frame->hd.type != NGHTTP2_HEADERS || !stream || h2->options.server)
        return 0;
    gt__h2_end_unseen(h2, stream, "the request was not sent: %s", nghttp2_strerror(error));
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t code, void *user)
{
    (void)session;
    gt__h2 *h2 = user;
    gt__h2_stream *stream = gt__h2_stream_any(h2, id);
    if (!stream)
        return 0;
    gt__h2_end(h2, stream, gt__h2_code_of_reset(code), "the peer broke HTTP/2; we reset with %s",
               gt__h2_error_name(code));
    gt__h2_stream_off_wire(h2, stream);
    return 0;
}

/* ---- set-up ---------------------------------------------------------------------------------- */

static nghttp2_session_callbacks *make_callbacks(void)
{
    nghttp2_session_callbacks *callbacks;
    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        gt__misuse("out of memory for an HTTP/2 session");
    nghttp2_session_callbacks_set_send_callback(callbacks, gt__h2_on_send);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, gt__h2_on_send_data);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback2(callbacks, on_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback2(callbacks, on_invalid_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, on_invalid_frame);
    nghttp2_session_callbacks_set_before_frame_send_callback(callbacks, on_before_send);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_send);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, on_frame_not_send);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    return callbacks;
}

static nghttp2_option *make_option(const gt__h2_options *options)
{
    nghttp2_option *option;
    if (nghttp2_option_new(&option) != 0)
        gt__misuse("out of memory for an HTTP/2 session");
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_option_set_no_closed_streams(option, 1);
    if (options->no_dynamic_table)
        nghttp2_option_set_max_deflate_dynamic_table_size(option, 0);
    nghttp2_option_set_max_send_header_block_length(option, GT__H2_MOST_HEADERS);
#ifdef GT__HAVE_WS_VALIDATION_OPTION
    nghttp2_option_set_no_rfc9113_leading_and_trailing_ws_validation(option, 1);
#endif
    /* nghttp2 counts every piece of a CONTINUATION's header that is fed as one more frame. A flood
     * of them takes no memory: what is over the limit of a header list is not kept. */
#ifdef GT__HAVE_CONTINUATIONS_OPTION
    nghttp2_option_set_max_continuations(option, SIZE_MAX);
#endif
    /* Ours are in limits.c: in virtual time, the real clock has no say. */
    nghttp2_option_set_max_outbound_ack(option, SIZE_MAX);
#ifdef GT__HAVE_RESET_RATE_OPTION
    nghttp2_option_set_stream_reset_rate_limit(option, UINT64_MAX, UINT64_MAX);
#endif
#ifdef GT__HAVE_GLITCH_RATE_OPTION
    nghttp2_option_set_glitch_rate_limit(option, UINT64_MAX, UINT64_MAX);
#endif
    return option;
}

static void fill_defaults(gt__h2_options *options)
{
    if (options->max_receive_size == 0)
        options->max_receive_size = DEFAULT_MESSAGE_SIZE;
    if (options->max_send_size == 0 || options->max_send_size > UINT32_MAX)
        options->max_send_size = UINT32_MAX;
    if (options->send_mark == 0)
        options->send_mark = DEFAULT_SEND_MARK;
    if (options->crowd_mark == 0)
        options->crowd_mark = DEFAULT_CROWD_MARK;
    if (options->max_concurrent_streams == 0)
        options->max_concurrent_streams = DEFAULT_STREAMS;
    if (options->max_concurrent_streams == GT_NO_STREAMS)
        options->max_concurrent_streams = 0;
    if (options->stream_window == 0)
        options->stream_window = NGHTTP2_INITIAL_WINDOW_SIZE;
    if (options->stream_window == GT_WINDOW_ZERO)
        options->stream_window = 0;
    if (options->connection_window == 0)
        options->connection_window = DEFAULT_CONNECTION_WINDOW;
}

static void start_session(gt__h2 *h2)
{
    nghttp2_session_callbacks *callbacks = make_callbacks();
    nghttp2_option *option = make_option(&h2->options);
    int error =
        h2->options.server
            ? nghttp2_session_server_new3(&h2->session, callbacks, h2, option, gt__h2_memory())
            : nghttp2_session_client_new3(&h2->session, callbacks, h2, option, gt__h2_memory());
    if (error != 0)
        gt__misuse("out of memory for an HTTP/2 session");
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
}

gt__h2 *gt__h2_new(const gt__h2_options *options)
{
    gt__h2 *h2 = gt__new(gt__h2);
    if (options)
        h2->options = *options;
    fill_defaults(&h2->options);
    gt__h2_limits_init(h2);
    gt__h2_streams_init(&h2->streams);
    start_session(h2);
    gt__h2_submit_settings(h2);
    return h2;
}

void gt__h2_free(gt__h2 *h2)
{
    if (!h2)
        return;
    nghttp2_session_del(h2->session);
    gt__h2_streams_cleanup(h2);
    gt__h2_events_cleanup(&h2->events);
    gt__h2_block_cleanup(&h2->block);
    gt__buffer_cleanup(&h2->out.spill);
    gt__free(h2->begun);
    gt__free(h2->user_agent);
    gt__free(h2->user_agent_own);
    gt__free(h2->goaway_text);
    gt__free(h2->end_text);
    gt__free(h2);
}

/* ---- feeding, and what is left --------------------------------------------------------------- */

int gt__h2_feed(gt__h2 *h2, gt_bytes bytes, gt_time now)
{
    if (h2->over)
        return GT_EPROTO;
    h2->now = now;
    h2->arrived = 0;
    size_t admitted = gt__h2_admit(h2, bytes);
    ssize_t read = nghttp2_session_mem_recv(h2->session, bytes.data, admitted);
    if (read < 0 && read != NGHTTP2_ERR_CALLBACK_FAILURE)
        gt__h2_hang_up(h2, NGHTTP2_PROTOCOL_ERROR, nghttp2_strerror((int)read));
    if (h2->arrived > 0)
        nghttp2_session_consume_connection(h2->session, h2->arrived);
    gt__h2_flush_control(h2);
    gt__h2_enforce(h2);
    return h2->over ? GT_EPROTO : 0;
}

void gt__h2_reset(gt__h2 *h2, int32_t id, uint32_t code)
{
    gt__h2_stream *stream = gt__h2_stream_find(h2, id);
    if (!stream)
        return;
    stream->final = true;
    gt__h2_incoming_cleanup(&stream->in);
    gt__h2_stream_reset(h2, stream, code);
    /* A request that nghttp2 has not sent is dropped only when its turn comes. */
    if (!h2->options.server && !stream->sent)
        gt__h2_stream_retire(h2, stream);
}

void gt__h2_set_user(gt__h2 *h2, int32_t id, void *user)
{
    gt__h2_stream *stream = gt__h2_stream_any(h2, id);
    if (stream)
        stream->user = user;
}
