/* How calls end: errors, deadlines, cancelling, a server that is done early, a server that is gone.
 */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* SayHello asked to fail with `code` and `message`. */
static bool fail_with(peer_session *peer, int code, const char *message)
{
    char digits[16];
    snprintf(digits, sizeof digits, "%d", code);
    gt_metadata *asked = peer_metadata("fail-code", digits, "fail-message-bin", message, NULL);
    gt_call *call = peer_greet(peer, "jane", asked, 0);

    bool ok =
        peer_expect_no_more(peer, call) && peer_expect_end(peer, call, (gt_code)code, message);
    gt_metadata_free(asked);
    gt_call_free(call);
    return ok;
}

static bool error(peer_session *peer)
{
    return fail_with(peer, GT_NOT_FOUND, "no such caf\xc3\xa9: \xe2\x98\x95, 100% sure");
}

static bool error_codes(peer_session *peer)
{
    bool ok = true;
    for (int code = GT_CANCELLED; ok && code <= GT_UNAUTHENTICATED; code++) {
        char message[24];
        snprintf(message, sizeof message, "as asked: %d", code);
        ok = fail_with(peer, code, message);
    }
    return ok;
}

static bool error_after_replies(peer_session *peer)
{
    gt_metadata *asked = peer_metadata("fail-code", "10", "fail-message-bin", "enough",
                                       "echo-trailer", "late", NULL);
    gt_call *call = peer_search(peer, "SearchOut", GT_SERVER_STREAMING, asked);
    bool ok = peer_send(peer, call, "jane", 3);
    gt_call_half_close(call);
    for (int32_t n = 1; ok && n <= 3; n++)
        ok = peer_expect_person(peer, call, "jane", n);
    ok = ok && peer_expect_end(peer, call, GT_ABORTED, "enough") &&
         peer_expect_values(peer, "trailers", gt_call_trailer(call), "echo-trailer", asked);
    gt_metadata_free(asked);
    gt_call_free(call);
    return ok;
}

static bool fail_to_find(peer_session *peer, const char *method)
{
    gt_call *call = gt_unary(peer->channel, method, gt_bytes_str(""), NULL);
    bool ok = peer_expect_end(peer, call, GT_UNIMPLEMENTED, NULL);
    gt_call_free(call);
    return ok;
}

static bool unknown_method(peer_session *peer)
{
    return fail_to_find(peer, "/helloworld.Greeter/SayGoodbye");
}

static bool unknown_service(peer_session *peer)
{
    return fail_to_find(peer, "/no.such.Service/Method");
}

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

static bool early_end(peer_session *peer)
{
    gt_metadata *asked = peer_metadata("fail-after", "3", "fail-code", "8", "fail-message-bin",
                                       "three is enough", NULL);
    gt_call *call = peer_search(peer, "SearchIO", GT_BIDI_STREAMING, asked);
    bool ok = true;

    for (int32_t n = 1; ok && n <= 3; n++)
        ok = peer_ping(peer, call, "jane", n);
    /* Nobody reads these: sending them must end, either way. */
    for (int32_t n = 1; ok && n <= 100 && peer_send(peer, call, "unread", n); n++)
        ;
    ok = ok && peer_expect_end(peer, call, GT_RESOURCE_EXHAUSTED, "three is enough");
    gt_metadata_free(asked);
    gt_call_free(call);
    return ok;
}

/* Without a code the status is OK, though the client has not half-closed. */
static bool early_ok(peer_session *peer)
{
    gt_metadata *asked = peer_metadata("fail-after", "1", NULL);
    gt_call *call = peer_search(peer, "SearchIO", GT_BIDI_STREAMING, asked);
    bool ok = peer_ping(peer, call, "jane", 1) && peer_expect_no_more(peer, call) &&
              peer_expect_end(peer, call, GT_OK, NULL);
    gt_metadata_free(asked);
    gt_call_free(call);
    return ok;
}

/* A reply to a small request: the connection has survived what went before. */
static bool still_connected(peer_session *peer)
{
    gt_call *call = peer_greet(peer, "jane", NULL, 0);
    bool ok = peer_expect_hello(peer, call, "Hello jane");
    gt_call_free(call);
    return ok;
}

/* Sends `count` names of `size` bytes; together they are over 4 MiB, where every implementation's
 * limit stands by default. */
static bool send_too_much(peer_session *peer, const char *method, gt_kind kind, int count,
                          size_t size)
{
    char *name = peer_large_name(size);
    gt_call *call = peer_search(peer, method, kind, NULL);
    for (int i = 0; i < count && !gt_call_ended(call); i++)
        (void)peer_send(peer, call, name, 1);
    gt_call_half_close(call);

    bool ok = peer_expect_end(peer, call, GT_RESOURCE_EXHAUSTED, NULL) && still_connected(peer);
    gt_call_free(call);
    free(name);
    return ok;
}

static bool too_large_request(peer_session *peer)
{
    return send_too_much(peer, "Search", GT_UNARY, 1, 5 << 20);
}

static bool too_large_reply(peer_session *peer)
{
    return send_too_much(peer, "SearchIn", GT_CLIENT_STREAMING, 3, 2 << 20);
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

const peer_case peer_cases_status[] = {
    {"error", error, "NOT_FOUND with a message in UTF-8"},
    {"error_codes", error_codes, "all sixteen arrive unchanged"},
    {"error_after_replies", error_after_replies, "three replies, then ABORTED with trailers"},
    {"unknown_method", unknown_method, "/helloworld.Greeter/SayGoodbye is UNIMPLEMENTED"},
    {"unknown_service", unknown_service, "/no.such.Service/Method is UNIMPLEMENTED"},
    {"deadline", deadline, NULL},
    {"deadline_on_stream", deadline_on_stream, "after the first of two replies"},
    {"cancel", cancel, NULL},
    {"client_gone", client_gone, NULL},
    {"early_end", early_end, "RESOURCE_EXHAUSTED while the client still sends"},
    {"early_ok", early_ok, "OK before the client has half-closed"},
    {"too_large_request", too_large_request,
     "5 MiB are RESOURCE_EXHAUSTED, and the connection lives on"},
    {"too_large_reply", too_large_reply,
     "6 MiB are RESOURCE_EXHAUSTED, and the connection lives on"},
    {NULL, NULL, NULL},
};

const peer_case peer_case_lost = {"lost", lost, "UNAVAILABLE for both calls that were under way"};
