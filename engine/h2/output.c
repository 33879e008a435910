/* Bytes out, straight into the span that the wire lends. A frame that does not fit goes to the
 * spill and from there, piece by piece; so the spill is bounded by one DATA frame and by the
 * control frames that nghttp2 held anyway. */
#include "session.h"

#include <grpctest/frames.h>

enum { FRAME_HEADER = 9, SPILL_KEPT = 64 * 1024 };

static void put(gt__h2_output *out, const void *data, size_t size)
{
    memcpy(out->at, data, size);
    out->at += size;
    out->room -= size;
}

static void unspill(gt__h2_output *out)
{
    size_t left = out->spill.size - out->spill_sent;
    size_t size = left < out->room ? left : out->room;
    if (size == 0)
        return;
    put(out, out->spill.data + out->spill_sent, size);
    out->spill_sent += size;
    if (out->spill_sent < out->spill.size)
        return;
    out->spill.size = out->spill_sent = 0;
    if (out->spill.capacity > SPILL_KEPT)
        gt__buffer_cleanup(&out->spill);
}

ssize_t gt__h2_on_send(nghttp2_session *session, const uint8_t *data, size_t size, int flags,
                       void *user)
{
    (void)session;
    (void)flags;
    gt__h2_output *out = &((gt__h2 *)user)->out;
    if (out->silenced)
        return (ssize_t)size;
    if (out->flushing) {
        gt__buffer_add(&out->spill, data, size);
        return (ssize_t)size;
    }
    if (out->room == 0)
        return NGHTTP2_ERR_WOULDBLOCK;
    size_t fits = size < out->room ? size : out->room;
    put(out, data, fits);
    return (ssize_t)fits;
}

int gt__h2_on_send_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *header,
                        size_t size, nghttp2_data_source *source, void *user)
{
    (void)session;
    (void)source;
    gt__h2 *h2 = user;
    gt__h2_output *out = &h2->out;
    gt__h2_stream *stream = gt__h2_stream_any(h2, frame->hd.stream_id);
    if (!stream)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (out->flushing || out->room == 0)
        return NGHTTP2_ERR_WOULDBLOCK;
    bool fits = FRAME_HEADER + size <= out->room;
    uint8_t *to = fits ? out->at : gt__buffer_extend(&out->spill, FRAME_HEADER + size);
    memcpy(to, header, FRAME_HEADER);
    gt__h2_queue_copy(h2, stream, to + FRAME_HEADER, size);
    if (fits) {
        out->at += FRAME_HEADER + size;
        out->room -= FRAME_HEADER + size;
    } else {
        unspill(out);
    }
    if (size > 0)
        gt__h2_count_sent_data(h2);
    return 0;
}

static void send_due(gt__h2 *h2)
{
    if (h2->out.muted || (h2->goaway && !nghttp2_session_want_write(h2->session)))
        return;
    int error = nghttp2_session_send(h2->session);
    if (error != 0)
        gt__h2_fail(h2, NGHTTP2_INTERNAL_ERROR, nghttp2_strerror(error));
    if (h2->end_text && !h2->over)
        gt__h2_hang_up(h2, h2->end_code, h2->end_text);
}

void gt__h2_flush_control(gt__h2 *h2)
{
    if (nghttp2_session_get_outbound_queue_size(h2->session) == 0)
        return;
    h2->out.flushing = true;
    send_due(h2);
    h2->out.flushing = false;
}

/* A control frame that is half out is finished; DATA that had no room has not begun. */
void gt__h2_flush_last(gt__h2 *h2, uint32_t code, const char *debug)
{
    int32_t last = nghttp2_session_get_last_proc_stream_id(h2->session);
    h2->out.flushing = true;
    (void)!nghttp2_session_send(h2->session);
    h2->out.flushing = false;
    gt_frame_write_goaway(&h2->out.spill, last, code, gt_bytes_str(debug));
    h2->out.muted = true;
}

/* Those that nghttp2 still holds (behind a DATA frame that has no room) count as an RST_STREAM
 * each; a few for each open stream are no sign of anything. */
size_t gt__h2_backlog(const gt__h2 *h2)
{
    size_t held = nghttp2_session_get_outbound_queue_size(h2->session);
    size_t usual = 4 * h2->streams.open;
    return h2->out.spill.size - h2->out.spill_sent + (held > usual ? held - usual : 0) * 13;
}

size_t gt__h2_drain(gt__h2 *h2, uint8_t *out, size_t size, gt_time now)
{
    if (h2->lost)
        return 0;
    h2->now = now;
    h2->out.at = out;
    h2->out.room = size;
    unspill(&h2->out);
    if (h2->out.room > 0)
        send_due(h2);
    gt__h2_enforce(h2);
    unspill(&h2->out);
    h2->out.room = 0;
    return (size_t)(h2->out.at - out);
}

/* A control frame that is half out is finished into the spill. DATA and what was there before lie
 * in the spill whole or from where the wire left off. */
size_t gt__h2_begun(gt__h2 *h2)
{
    gt__h2_flush_control(h2);
    return h2->out.spill.size - h2->out.spill_sent;
}

bool gt__h2_wants_drain(const gt__h2 *h2)
{
    return !h2->lost &&
           (h2->out.spill.size > 0 || (!h2->out.muted && nghttp2_session_want_write(h2->session)));
}

bool gt__h2_done(const gt__h2 *h2)
{
    if (h2->lost || h2->guard.passed == GT__H2_LIMIT_UNREAD_ANSWERS)
        return true;
    return h2->goaway && !gt__h2_wants_drain(h2) &&
           (h2->out.muted || !nghttp2_session_want_read(h2->session));
}
