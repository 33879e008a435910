/* What concerns the connection as a whole: settings, ping, GOAWAY, and its end. */
#include "session.h"

/* ---- commands -------------------------------------------------------------------------------- */

void gt__h2_submit_settings(gt__h2 *h2)
{
    const gt__h2_options *options = &h2->options;
    nghttp2_settings_entry list[5];
    size_t count = 0;
    if (options->server)
        list[count++] = (nghttp2_settings_entry){NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1};
    else
        list[count++] = (nghttp2_settings_entry){NGHTTP2_SETTINGS_ENABLE_PUSH, 0};
    if (options->max_concurrent_streams > 0)
        list[count++] = (nghttp2_settings_entry){NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
                                                 options->max_concurrent_streams};
    if (options->stream_window != NGHTTP2_INITIAL_WINDOW_SIZE)
        list[count++] =
            (nghttp2_settings_entry){NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options->stream_window};
    list[count++] = (nghttp2_settings_entry){NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
                                             options->limits.max_header_list};
    if (nghttp2_submit_settings(h2->session, NGHTTP2_FLAG_NONE, list, count) != 0 ||
        nghttp2_session_set_local_window_size(h2->session, NGHTTP2_FLAG_NONE, 0,
                                              (int32_t)options->connection_window) != 0)
        gt__misuse("a window is larger than HTTP/2 allows (2^31 - 1 bytes)");
}

void gt__h2_ping(gt__h2 *h2, const uint8_t opaque[8])
{
    if (!h2->over)
        nghttp2_submit_ping(h2->session, NGHTTP2_FLAG_NONE, opaque);
}

void gt__h2_goaway(gt__h2 *h2, uint32_t code, const char *debug)
{
    if (h2->over)
        return;
    nghttp2_submit_goaway(h2->session, NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(h2->session), code,
                          (const uint8_t *)debug, debug ? strlen(debug) : 0);
}

void gt__h2_shutdown_notice(gt__h2 *h2)
{
    if (!h2->over && h2->options.server)
        nghttp2_submit_shutdown_notice(h2->session);
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
    char *message = gt__printf("the connection ended with %s: %s", gt__h2_error_name(code),
                               text && *text ? text : "no reason was given");
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
