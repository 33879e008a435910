/* The four kinds of call, and a chat of two. */
#include "client.h"

#include "chat.pb-c.h"
#include <stdio.h>
#include <stdlib.h>

static bool unary(peer_session *peer)
{
    gt_call *call = peer_greet(peer, "jane", NULL, 0);
    bool ok = peer_expect_hello(peer, call, "Hello jane") && peer_expect_no_more(peer, call) &&
              peer_expect_end(peer, call, GT_OK, NULL);
    gt_call_free(call);
    return ok;
}

static bool search_once(peer_session *peer, const char *name, int32_t age)
{
    gt_call *call = peer_search(peer, "Search", GT_UNARY, NULL);
    bool ok = peer_send(peer, call, name, age);
    gt_call_half_close(call);
    ok =
        ok && peer_expect_person(peer, call, name, age) && peer_expect_end(peer, call, GT_OK, NULL);
    gt_call_free(call);
    return ok;
}

static bool unary_empty(peer_session *peer)
{
    return search_once(peer, "", 0);
}

static bool unary_large(peer_session *peer)
{
    char *name = peer_large_name(1 << 20);
    bool ok = search_once(peer, name, 7);
    free(name);
    return ok;
}

static bool client_streaming(peer_session *peer)
{
    gt_call *call = peer_search(peer, "SearchIn", GT_CLIENT_STREAMING, NULL);
    bool ok = peer_send(peer, call, "one", 1) && peer_send(peer, call, "two", 2) &&
              peer_send(peer, call, "three", 3);
    gt_call_half_close(call);
    ok = ok && peer_expect_person(peer, call, "onetwothree", 6) &&
         peer_expect_end(peer, call, GT_OK, NULL);
    gt_call_free(call);
    return ok;
}

static bool server_streaming(peer_session *peer)
{
    gt_call *call = peer_search(peer, "SearchOut", GT_SERVER_STREAMING, NULL);
    bool ok = peer_send(peer, call, "jane", 11);
    gt_call_half_close(call);
    for (int32_t n = 1; ok && n <= 11; n++)
        ok = peer_expect_person(peer, call, "jane", n);
    ok = ok && peer_expect_no_more(peer, call) && peer_expect_end(peer, call, GT_OK, NULL);
    gt_call_free(call);
    return ok;
}

static bool bidi(peer_session *peer)
{
    gt_call *call = peer_search(peer, "SearchIO", GT_BIDI_STREAMING, NULL);
    bool ok = true;
    for (int32_t n = 1; ok && n <= 5; n++) {
        char name[16];
        snprintf(name, sizeof name, "ping %d", n);
        ok = peer_ping(peer, call, name, n);
    }
    gt_call_half_close(call);
    ok = ok && peer_expect_no_more(peer, call) && peer_expect_end(peer, call, GT_OK, NULL);
    gt_call_free(call);
    return ok;
}

static bool streams_empty(peer_session *peer)
{
    gt_call *in = peer_search(peer, "SearchIn", GT_CLIENT_STREAMING, NULL);
    gt_call *io = peer_search(peer, "SearchIO", GT_BIDI_STREAMING, NULL);
    gt_call_half_close(in);
    gt_call_half_close(io);
    bool ok = peer_expect_person(peer, in, "", 0) && peer_expect_end(peer, in, GT_OK, NULL) &&
              peer_expect_no_more(peer, io) && peer_expect_end(peer, io, GT_OK, NULL);
    gt_call_free(in);
    gt_call_free(io);
    return ok;
}

static gt_call *join_chat(peer_session *peer, const char *name)
{
    gt_metadata *metadata = peer_metadata("from", name, NULL);
    gt_call *call = gt_call_new(peer->channel, "/chat.ChatService/chat",
                                &(gt_call_options){.metadata = metadata});
    gt_metadata_free(metadata);
    return call;
}

static bool say(peer_session *peer, gt_call *call, const char *from, const char *to,
                const char *content)
{
    Chat__Message message = CHAT__MESSAGE__INIT;
    message.from = (char *)from;
    message.to = (char *)to;
    message.content = (char *)content;
    int error = gt_call_send_as(call, gt_pb(&chat__message__descriptor), &message);
    return error == 0 || peer_mismatch(peer, "%s speaks: %s", from, gt_error_text(error));
}

static bool hear(peer_session *peer, gt_call *call, const char *from, const char *to,
                 const char *content)
{
    void *message;
    int error = gt_call_recv_as(call, gt_pb(&chat__message__descriptor), &message);
    if (error)
        return peer_mismatch(peer, "%s hears nothing: %s", to, gt_error_text(error));
    const Chat__Message *heard = message;
    if (strcmp(heard->from, from) != 0 || strcmp(heard->to, to) != 0 ||
        strcmp(heard->content, content) != 0)
        return peer_mismatch(peer, "%s hears \"%s\" from %s, expected \"%s\" from %s", to,
                             heard->content, heard->from, content, from);
    return true;
}

static bool chat(peer_session *peer)
{
    gt_call *jack = join_chat(peer, "jack"), *jane = join_chat(peer, "jane");
    bool ok = say(peer, jack, "jack", "jane", "hello") &&
              hear(peer, jane, "jack", "jane", "hello") &&
              say(peer, jane, "jane", "jack", "hello yourself") &&
              hear(peer, jack, "jane", "jack", "hello yourself");
    gt_call_half_close(jack);
    gt_call_half_close(jane);
    ok = ok && peer_expect_end(peer, jack, GT_OK, NULL) && peer_expect_end(peer, jane, GT_OK, NULL);
    gt_call_free(jack);
    gt_call_free(jane);
    return ok;
}

const peer_case peer_cases_kinds[] = {
    {"unary", unary, "SayHello \"jane\" answers \"Hello jane\""},
    {"unary_empty", unary_empty, "a message of no bytes comes back"},
    {"unary_large", unary_large, "1 MiB there and back"},
    {"client_streaming", client_streaming, "three requests, one reply"},
    {"server_streaming", server_streaming, "one request, eleven replies in order"},
    {"bidi", bidi, "five pings, each answered before the next"},
    {"streams_empty", streams_empty, "streams that carry nothing end well"},
    {"chat", chat, "jack and jane hear each other"},
    {NULL, NULL, NULL},
};
