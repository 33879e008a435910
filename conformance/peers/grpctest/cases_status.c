/* How calls end: errors, and a server that is done early. */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>

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

static bool error_messages(peer_session *peer)
{
    static const char *const messages[] = {
        "", " at the edges ", "a\tb\r\nc\x7f", "\xe2\x98\xba \xf0\x9f\x98\x88", "%", "%41 %zz"};
    char *large = peer_large_name(3000);
    bool ok = fail_with(peer, GT_ABORTED, large);

    for (size_t i = 0; ok && i < sizeof messages / sizeof *messages; i++)
        ok = fail_with(peer, GT_ABORTED, messages[i]);
    free(large);
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

static bool error_trailers_only(peer_session *peer)
{
    gt_metadata *asked =
        peer_metadata("fail-code", "5", "fail-message-bin", "gone", "echo-trailer", "one",
                      "echo-trailer", "two", "echo-trailer-bin", "\x01\xff", NULL);
    gt_call *call = peer_greet(peer, "jane", asked, 0);
    bool ok =
        gt_metadata_count(gt_call_header(call)) == 0 || peer_mismatch(peer, "there are headers");

    ok = ok && peer_expect_end(peer, call, GT_NOT_FOUND, "gone") &&
         peer_expect_values(peer, "trailers", gt_call_trailer(call), "echo-trailer", asked) &&
         peer_expect_values(peer, "trailers", gt_call_trailer(call), "echo-trailer-bin", asked);
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

    bool ok = peer_expect_end(peer, call, GT_RESOURCE_EXHAUSTED, NULL) && peer_passes(peer, 1);
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

const peer_case peer_cases_status[] = {
    {"error", error, "NOT_FOUND with a message in UTF-8"},
    {"error_codes", error_codes, "all sixteen arrive unchanged"},
    {"error_messages", error_messages,
     "empty, spaces at the edges, controls, four-byte UTF-8, what looks like escapes, 3,000 bytes"},
    {"error_after_replies", error_after_replies, "three replies, then ABORTED with trailers"},
    {"error_trailers_only", error_trailers_only,
     "what comes with an error and no headers are trailers"},
    {"unknown_method", unknown_method, "/helloworld.Greeter/SayGoodbye is UNIMPLEMENTED"},
    {"unknown_service", unknown_service, "/no.such.Service/Method is UNIMPLEMENTED"},
    {"early_end", early_end, "RESOURCE_EXHAUSTED while the client still sends"},
    {"early_ok", early_ok, "OK before the client has half-closed"},
    {"too_large_request", too_large_request,
     "5 MiB are RESOURCE_EXHAUSTED, and the connection lives on"},
    {"too_large_reply", too_large_reply,
     "6 MiB are RESOURCE_EXHAUSTED, and the connection lives on"},
    {NULL, NULL, NULL},
};
