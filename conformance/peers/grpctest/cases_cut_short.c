/* Calls that are cut short: by a deadline, by cancelling, by a client or a server that leaves. */
#include "client.h"

#include <stdio.h>
#include <unistd.h>

/* A call that the server holds open until it is over, and the token of the report on it. Its header
 * says that the server has begun. */
static gt_call *open_waiting(peer_session *peer, const char *what, gt_duration timeout,
                             char token[32])
{
    snprintf(token, 32, "%s %d %ld", what, (int)(timeout / GT_MS(1)), (long)getpid());
    gt_metadata *asked = peer_metadata("wait", token, "echo-header", "begun", NULL);
    gt_call *call = peer_greet(peer, "", asked, timeout);
    gt_metadata_free(asked);
    return call;
}

static bool has_begun(gt_call *call)
{
    return gt_metadata_get(gt_call_header(call), "echo-header") != NULL;
}

/* Fetches the report that the server left under `token` into `seen`. */
static bool fetch_report(peer_session *peer, const char *token, char seen[64])
{
    gt_metadata *asked = peer_metadata("report", token, NULL);
    gt_call *call = peer_greet(peer, "", asked, 0);
    gt_bytes reply = {0};
    bool ok = peer_expect_end(peer, call, GT_OK, NULL);

    if (ok && gt_call_recv(call, &reply) != 0)
        ok = peer_mismatch(peer, "no report came");
    if (ok) /* a HelloReply is its one field: a tag, a length below 128, the text */
        snprintf(seen, 64, "%.*s", reply.size > 2 ? (int)reply.size - 2 : 0,
                 (const char *)reply.data + 2);
    gt_metadata_free(asked);
    gt_call_free(call);
    return ok;
}

/* On a machine under load a deadline may come before the server has begun: then the case says
 * nothing, and more time is given. */
#define FIRST_TIMEOUT GT_MS(100)
#define LAST_TIMEOUT GT_MS(6400)

/* The report tells of a timeout that is no longer than the one sent, but for rounding up. */
static bool expect_late(peer_session *peer, const char *seen, gt_duration timeout)
{
    int sent = (int)(timeout / GT_MS(1)), left = -1;

    if (sscanf(seen, "deadline exceeded, timeout %d ms", &left) != 1 &&
        sscanf(seen, "cancelled, timeout %d ms", &left) != 1)
        left = -1;
    if (left < 1 || left > sent + sent / 10)
        return peer_mismatch(peer,
                             "the server saw: %s, expected its end, and a timeout of at most %d ms",
                             seen, sent + sent / 10);
    snprintf(peer->detail, sizeof peer->detail, "after %d ms; the server saw: %s", sent, seen);
    return true;
}

static bool deadline(peer_session *peer)
{
    for (gt_duration timeout = FIRST_TIMEOUT; timeout <= LAST_TIMEOUT; timeout *= 4) {
        char token[32], seen[64];
        gt_call *call = open_waiting(peer, "deadline", timeout, token);
        bool begun = has_begun(call);
        bool ok = peer_expect_end(peer, call, GT_DEADLINE_EXCEEDED, NULL);
        gt_call_free(call);
        if (!ok)
            return false;
        if (begun)
            return fetch_report(peer, token, seen) && expect_late(peer, seen, timeout);
    }
    return peer_mismatch(peer, "the server did not begin in time");
}

static bool deadline_on_stream(peer_session *peer)
{
    for (gt_duration timeout = FIRST_TIMEOUT; timeout <= LAST_TIMEOUT; timeout *= 4) {
        gt_call *call = gt_call_new(peer->channel, PEER_SEARCH "SearchIO",
                                    &(gt_call_options){.timeout = timeout});
        bool begun = peer_ping(peer, call, "jane", 1);
        bool ok = peer_expect_end(peer, call, GT_DEADLINE_EXCEEDED, NULL);
        gt_call_free(call);
        if (begun || !ok)
            return ok;
    }
    return false;
}

static bool expect_cancelled(peer_session *peer, const char *seen)
{
    if (strcmp(seen, "cancelled, no timeout") != 0)
        return peer_mismatch(peer, "the server saw: %s, expected cancelled, no timeout", seen);
    snprintf(peer->detail, sizeof peer->detail, "the server saw: %s", seen);
    return true;
}

static bool cancel(peer_session *peer)
{
    char token[32], seen[64];
    gt_call *call = open_waiting(peer, "cancel", 0, token);
    (void)has_begun(call);
    gt_call_cancel(call);
    bool ok = peer_expect_end(peer, call, GT_CANCELLED, NULL) && fetch_report(peer, token, seen);
    gt_call_free(call);
    return ok && expect_cancelled(peer, seen);
}

/* Another client's connection is closed in the middle of a call. */
static bool client_gone(peer_session *peer)
{
    char token[32], seen[64];
    peer_session other = {.world = peer->world,
                          .dialer = peer->dialer,
                          .channel = gt_channel_new(peer->dialer, NULL)};
    gt_call *call = open_waiting(&other, "gone", 0, token);
    (void)has_begun(call);
    gt_channel_free(other.channel);
    bool ok = peer_expect_end(peer, call, GT_CANCELLED, NULL) && fetch_report(peer, token, seen);
    gt_call_free(call);
    return ok && expect_cancelled(peer, seen);
}

/* A way to the server on which it is seen to say GOAWAY. */
typedef struct watched {
    gt_dialer *to;
    gt_frame_reader *reader;
    gt_event *goaway;
} watched;

static void look_for_goaway(void *user, gt_conn *conn, bool written, gt_bytes bytes, gt_time now)
{
    const watched *way = user;
    gt_frame frame;
    (void)conn, (void)now;

    if (written)
        return;
    gt_frame_reader_feed(way->reader, bytes);
    while (gt_frame_reader_next(way->reader, &frame) == 0) {
        if (frame.type == GT_FRAME_GOAWAY)
            gt_event_raise(way->goaway);
    }
}

static int dial_watched(void *user, gt_context *context, gt_conn **conn)
{
    watched *way = user;
    int error = gt_dial(way->to, context, conn);
    if (!error)
        gt_conn_tap(*conn, look_for_goaway, way);
    return error;
}

/* Over the session's channel; `goaway` is raised when the server has said that. */
static bool drain(peer_session *peer, gt_event *goaway)
{
    gt_metadata *asked = peer_metadata("drain", "now", NULL);
    gt_call *call = peer_search(peer, "SearchIO", GT_BIDI_STREAMING, NULL);
    bool ok = peer_ping(peer, call, "jane", 1);
    gt_call *asking = peer_greet(peer, "", asked, 0);

    ok = ok && peer_expect_end(peer, asking, GT_OK, NULL);
    if (ok && gt_event_wait(goaway, NULL) != 0)
        ok = peer_mismatch(peer, "the server has not said GOAWAY");
    gt_call *late = peer_greet(peer, "jane", NULL, 0);
    ok = ok && peer_expect_end(peer, late, GT_UNAVAILABLE, NULL);
    for (int32_t n = 2; ok && n <= 4; n++)
        ok = peer_ping(peer, call, "jane", n);
    gt_call_half_close(call);
    ok = ok && peer_expect_no_more(peer, call) && peer_expect_end(peer, call, GT_OK, NULL);
    gt_metadata_free(asked);
    gt_call_free(asking);
    gt_call_free(late);
    gt_call_free(call);
    return ok;
}

/* The server lets a call finish that is under way when it begins to drain, and takes no other. */
static bool drained(peer_session *peer)
{
    watched way = {peer->dialer, gt_frame_reader_new(NULL), gt_event_new(peer->world)};
    gt_dialer *dialer = gt_dialer_from(peer->world, "watched", dial_watched, &way);
    gt_channel *usual = peer->channel;

    peer->channel = gt_channel_new(dialer, NULL);
    bool ok = drain(peer, way.goaway);
    gt_channel_free(peer->channel);
    peer->channel = usual;
    gt_dialer_free(dialer);
    gt_event_free(way.goaway);
    gt_frame_reader_free(way.reader);
    return ok;
}

/* The server's process ends while two calls are under way. */
static bool lost(peer_session *peer)
{
    char token[32];
    gt_metadata *asked = peer_metadata("leave", "now", NULL);
    gt_call *waiting = open_waiting(peer, "lost", 0, token);
    (void)has_begun(waiting);
    gt_call *leaving = peer_greet(peer, "", asked, 0);

    bool ok = peer_expect_end(peer, leaving, GT_UNAVAILABLE, NULL) &&
              peer_expect_end(peer, waiting, GT_UNAVAILABLE, NULL);
    gt_metadata_free(asked);
    gt_call_free(leaving);
    gt_call_free(waiting);
    return ok;
}

const peer_case peer_cases_cut_short[] = {
    {"deadline", deadline, NULL},
    {"deadline_on_stream", deadline_on_stream, "after the first of two replies"},
    {"cancel", cancel, NULL},
    {"client_gone", client_gone, NULL},
    {NULL, NULL, NULL},
};

const peer_case peer_cases_last[] = {
    {"drained", drained, "the call under way goes on and ends well, new ones are UNAVAILABLE"},
    {"lost", lost, "UNAVAILABLE for both calls that were under way"},
    {NULL, NULL, NULL},
};
