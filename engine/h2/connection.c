/* What concerns the connection as a whole: settings, ping, GOAWAY, and its end. */
#include "session.h"

#include <grpctest/frames.h>

/* ---- commands -------------------------------------------------------------------------------- */

enum { MOST_SETTINGS = 4 };

static size_t fill_settings(const gt__h2_options *options, gt_setting *list)
{
    size_t count = 0;
    list[count++] = options->server ? (gt_setting){NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1}
                                    : (gt_setting){GT_SETTING_ENABLE_PUSH, 0};
    if (options->server)
        list[count++] =
            (gt_setting){GT_SETTING_MAX_CONCURRENT_STREAMS, options->max_concurrent_streams};
    if (options->stream_window != NGHTTP2_INITIAL_WINDOW_SIZE)
        list[count++] = (gt_setting){GT_SETTING_INITIAL_WINDOW_SIZE, options->stream_window};
    list[count++] = (gt_setting){GT_SETTING_MAX_HEADER_LIST_SIZE, options->limits.max_header_list};
    return count;
}

/* To a stream beyond MAX_CONCURRENT_STREAMS nghttp2's answer is the end of the connection, ours is
 * REFUSED_STREAM. So it is not told of that limit. */
static int submit_to_nghttp2(gt__h2 *h2, const gt_setting *settings, size_t count)
{
    nghttp2_settings_entry list[MOST_SETTINGS];
    size_t known = 0;
    for (size_t i = 0; i < count; i++)
        if (settings[i].id != GT_SETTING_MAX_CONCURRENT_STREAMS)
            list[known++] = (nghttp2_settings_entry){settings[i].id, settings[i].value};
    return nghttp2_submit_settings(h2->session, NGHTTP2_FLAG_NONE, list, known);
}

/* A server's SETTINGS go out as ours, and nghttp2's, which lack that limit, to nowhere. */
static void write_servers_settings(gt__h2 *h2, const gt_setting *settings, size_t count)
{
    h2->out.silenced = true;
    (void)!nghttp2_session_send(h2->session);
    h2->out.silenced = false;
    gt_frame_write_settings(&h2->out.spill, settings, count);
}

void gt__h2_submit_settings(gt__h2 *h2)
{
    const gt__h2_options *options = &h2->options;
    gt_setting settings[MOST_SETTINGS];
    size_t count = fill_settings(options, settings);
    int error = submit_to_nghttp2(h2, settings, count);
    if (!error && options->server)
        write_servers_settings(h2, settings, count);
    if (!error)
        error = nghttp2_session_set_local_window_size(h2->session, NGHTTP2_FLAG_NONE, 0,
                                                      (int32_t)options->connection_window);
    if (error)
        gt__misuse("a window is larger than HTTP/2 allows (2^31 - 1 bytes)");
}

void gt__h2_ping(gt__h2 *h2, const uint8_t opaque[8])
{
    if (!h2->over)
        nghttp2_submit_ping(h2->session, NGHTTP2_FLAG_NONE, opaque);
}

/* Behind one by which it ends the session nghttp2 queues none, and does not say so. */
static void note_own_goaway(gt__h2 *h2, size_t queued_before)
{
    h2->own_goaways += nghttp2_session_get_outbound_queue_size(h2->session) - queued_before;
}

void gt__h2_goaway(gt__h2 *h2, uint32_t code, const char *debug)
{
    if (h2->over)
        return;
    size_t queued = nghttp2_session_get_outbound_queue_size(h2->session);
    nghttp2_submit_goaway(h2->session, NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(h2->session), code,
                          (const uint8_t *)debug, debug ? strlen(debug) : 0);
    note_own_goaway(h2, queued);
}

void gt__h2_shutdown_notice(gt__h2 *h2)
{
    if (h2->over || !h2->options.server)
        return;
    size_t queued = nghttp2_session_get_outbound_queue_size(h2->session);
    nghttp2_submit_shutdown_notice(h2->session);
    note_own_goaway(h2, queued);
    /* Now: nghttp2 would let a PING overtake it, whose answer then proves nothing. */
    gt__h2_flush_control(h2);
}

/* ---- the peer's GOAWAY (rule H1) ------------------------------------------------------------- */

void gt__h2_receive_goaway(gt__h2 *h2, const nghttp2_goaway *goaway)
{
    char *debug = gt__strndup((const char *)goaway->opaque_data, goaway->opaque_data_len);
    gt__h2_event *event = gt__h2_push(h2, GT__H2_GOAWAY, 0);
    event->as.goaway.code = goaway->error_code;
    event->as.goaway.last_stream = goaway->last_stream_id;
    event->as.goaway.debug = debug;
    gt__free(h2->goaway_text);
    h2->goaway_text = gt__printf("the peer said GOAWAY with %s%s%s",
                                 gt__h2_error_name(goaway->error_code), *debug ? ": " : "", debug);
    h2->goaway = h2->goaway_came = true;
    if (h2->options.server)
        return;
    for (gt__link *link = h2->streams.all.next; link != &h2->streams.all; link = link->next) {
        gt__h2_stream *stream = gt__container_of(link, gt__h2_stream, link);
        if (stream->sent && stream->id <= goaway->last_stream_id)
            continue;
        /* Retired here, in order of opening; nghttp2 lets go of them in an order of its own. */
        gt__h2_end_unseen(h2, stream, "%s", h2->goaway_text);
        gt__h2_stream_retire(h2, stream);
    }
}

/* ---- the end --------------------------------------------------------------------------------- */

/* Every stream ends (rule C4): at the server, handlers are cancelled. */
static void end_all(gt__h2 *h2, const char *message)
{
    int code = h2->options.server ? GT_CANCELLED : GT_UNAVAILABLE;
    h2->over = true;
    for (gt__link *link = h2->streams.all.next; link != &h2->streams.all; link = link->next) {
        gt__h2_stream *stream = gt__container_of(link, gt__h2_stream, link);
        gt__h2_end(h2, stream, code, "%s", message);
        gt__h2_stream_retire(h2, stream);
    }
}

void gt__h2_fail(gt__h2 *h2, uint32_t code, const char *text)
{
    if (h2->over)
        return;
    char *message = gt__printf("the connection ended with %s: %s", gt__h2_error_name(code), text);
    end_all(h2, message);
    gt__h2_event *event = gt__h2_push(h2, GT__H2_FAILED, 0);
    event->as.failed.code = code;
    event->as.failed.text = message;
}

void gt__h2_hang_up(gt__h2 *h2, uint32_t code, const char *text)
{
    gt__h2_flush_last(h2, code, text);
    h2->goaway = true;
    gt__h2_fail(h2, code, text);
}

void gt__h2_wire_lost(gt__h2 *h2, const char *reason)
{
    if (h2->lost)
        return;
    h2->lost = true;
    char *message =
        gt__printf("the connection was lost: %s%s%s", reason ? reason : "end of file",
                   h2->goaway_text ? "; before, " : "", h2->goaway_text ? h2->goaway_text : "");
    end_all(h2, message);
    gt__free(message);
}
