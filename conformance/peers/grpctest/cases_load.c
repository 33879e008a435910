/* Much at once: many calls, and more bytes than any window holds. */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>

#define CALLS 100

static bool parallel(peer_session *peer)
{
    gt_call *calls[CALLS];
    char name[16];
    bool ok = true;

    for (int32_t n = 0; n < CALLS; n++)
        calls[n] = peer_search(peer, "SearchIO", GT_BIDI_STREAMING, NULL);
    for (int32_t n = 0; ok && n < CALLS; n++) {
        snprintf(name, sizeof name, "call %d", n);
        ok = peer_send(peer, calls[n], name, n);
    }
    for (int32_t n = CALLS - 1; ok && n >= 0; n--) {
        snprintf(name, sizeof name, "call %d", n);
        ok = peer_expect_person(peer, calls[n], name, n);
    }
    for (int32_t n = 0; n < CALLS; n++)
        gt_call_half_close(calls[n]);
    for (int32_t n = 0; ok && n < CALLS; n++)
        ok = peer_expect_end(peer, calls[n], GT_OK, NULL);
    for (int32_t n = 0; n < CALLS; n++)
        gt_call_free(calls[n]);
    return ok;
}

#define MANY 300

static bool many_unary(peer_session *peer)
{
    gt_call *calls[MANY];
    char text[24];
    bool ok = true;

    for (int n = 0; n < MANY; n++) {
        snprintf(text, sizeof text, "%d", n);
        calls[n] = peer_greet(peer, text, NULL, 0);
    }
    for (int n = 0; n < MANY; n++) {
        snprintf(text, sizeof text, "Hello %d", n);
        ok = ok && peer_expect_hello(peer, calls[n], text) &&
             peer_expect_end(peer, calls[n], GT_OK, NULL);
        gt_call_free(calls[n]);
    }
    return ok;
}

#define THOUSAND 1000

/* Each answer is looked at when it comes, whichever it is (S18); no call is done before all of them
 * are answered. */
static bool collect(peer_session *peer, gt_call **calls)
{
    gt_waitable answers[THOUSAND];
    int32_t number[THOUSAND];
    char name[16];
    bool ok = true;

    for (int32_t n = 0; n < THOUSAND; n++) {
        answers[n] = gt_call_readable(calls[n]);
        number[n] = n;
    }
    for (size_t left = THOUSAND; ok && left > 0; left--) {
        int ready = gt_wait_any(peer->world, NULL, GT_NEVER, answers, left);
        if (ready < 0)
            return peer_mismatch(peer, "waiting: %s", gt_error_text(ready));
        snprintf(name, sizeof name, "call %d", number[ready]);
        ok = peer_expect_person(peer, calls[number[ready]], name, number[ready]);
        answers[ready] = answers[left - 1];
        number[ready] = number[left - 1];
    }
    return ok;
}

static bool thousand(peer_session *peer)
{
    gt_call *calls[THOUSAND];
    char name[16];
    bool ok = true;

    for (int32_t n = 0; n < THOUSAND; n++) {
        snprintf(name, sizeof name, "call %d", n);
        calls[n] = peer_search(peer, "SearchIO", GT_BIDI_STREAMING, NULL);
        ok = ok && peer_send(peer, calls[n], name, n);
    }
    ok = ok && collect(peer, calls);
    for (int32_t n = 0; n < THOUSAND; n++)
        gt_call_half_close(calls[n]);
    for (int32_t n = 0; n < THOUSAND; n++) {
        ok = ok && peer_expect_end(peer, calls[n], GT_OK, NULL);
        gt_call_free(calls[n]);
    }
    return ok;
}

#define MESSAGES 200

struct sender {
    peer_session *peer;
    gt_call *call;
    const char *name;
    bool ok;
};

static void send_all(void *arg)
{
    struct sender *sender = arg;
    sender->ok = true;
    for (int32_t n = 1; sender->ok && n <= MESSAGES; n++)
        sender->ok = peer_send(sender->peer, sender->call, sender->name, n);
    gt_call_half_close(sender->call);
}

/* The sender waits for the reader, so it is a task of its own. */
static bool large_streams(peer_session *peer)
{
    char *name = peer_large_name(32 << 10);
    gt_call *call = peer_search(peer, "SearchIO", GT_BIDI_STREAMING, NULL);
    struct sender sender = {peer, call, name, false};
    gt_task *task = gt_spawn(peer->world, "sender", send_all, &sender);
    bool ok = true;

    for (int32_t n = 1; ok && n <= MESSAGES; n++)
        ok = peer_expect_person(peer, call, name, n);
    if (!ok)
        gt_call_cancel(call);
    if (gt_task_join(task, NULL) != 0)
        ok = peer_mismatch(peer, "the sender did not end");
    ok = ok && sender.ok && peer_expect_end(peer, call, GT_OK, NULL);
    gt_call_free(call);
    free(name);
    return ok;
}

static gt_call *search_out(peer_session *peer, const char *name, int32_t count)
{
    gt_call *call = peer_search(peer, "SearchOut", GT_SERVER_STREAMING, NULL);
    (void)peer_send(peer, call, name, count);
    gt_call_half_close(call);
    return call;
}

/* A stream that nobody reads holds up no other. */
static bool slow_reader(peer_session *peer)
{
    char *name = peer_large_name(16 << 10);
    gt_call *call = search_out(peer, name, MESSAGES);
    bool ok = true;

    (void)gt_call_header(call);
    for (int i = 0; ok && i < 20; i++)
        ok = peer_passes(peer, 1000);
    for (int32_t n = 1; ok && n <= MESSAGES; n++)
        ok = peer_expect_person(peer, call, name, n);
    ok = ok && peer_expect_end(peer, call, GT_OK, NULL);
    gt_call_free(call);
    free(name);
    return ok;
}

/* More resets than a server takes from one who means ill, but from one who reads its answers. */
static bool many_cancelled(peer_session *peer)
{
    gt_call *calls[CALLS];
    bool ok = true;

    for (int round = 0; ok && round < 15; round++) {
        for (int n = 0; n < CALLS; n++)
            calls[n] = peer_search(peer, "SearchIO", GT_BIDI_STREAMING, NULL);
        ok = peer_ping(peer, calls[CALLS - 1], "jane", 1);
        for (int n = 0; n < CALLS; n++) {
            gt_call_cancel(calls[n]);
            ok = ok && peer_expect_end(peer, calls[n], GT_CANCELLED, NULL);
            gt_call_free(calls[n]);
        }
    }
    return ok && peer_passes(peer, 1);
}

#define ROUNDS 60

/* What nobody will read any more counts against no window. */
static bool windows_after_cancel(peer_session *peer)
{
    char *name = peer_large_name(16 << 10);
    bool ok = true;

    for (int i = 0; ok && i < ROUNDS; i++) {
        gt_call *call = search_out(peer, name, 100);
        ok = peer_expect_person(peer, call, name, 1);
        gt_call_cancel(call);
        ok = ok && peer_expect_end(peer, call, GT_CANCELLED, NULL);
        gt_call_free(call);
    }
    free(name);
    return ok && peer_passes(peer, 1 << 20);
}

static bool windows_after_early_end(peer_session *peer)
{
    char *name = peer_large_name(16 << 10);
    gt_metadata *asked = peer_metadata("fail-after", "1", NULL);
    bool ok = true;

    for (int i = 0; ok && i < ROUNDS; i++) {
        gt_call *call = peer_search(peer, "SearchIO", GT_BIDI_STREAMING, asked);
        for (int32_t n = 1; n <= 20 && peer_send(peer, call, name, n); n++)
            ;
        ok = peer_expect_end(peer, call, GT_OK, NULL);
        gt_call_free(call);
    }
    gt_metadata_free(asked);
    free(name);
    return ok && peer_passes(peer, 1 << 20);
}

const peer_case peer_cases_load[] = {
    {"parallel", parallel, "100 calls under way at once"},
    {"many_unary", many_unary, "300 unary calls begun before the first is read"},
    {"thousand", thousand, "1,000 calls under way at once, all answered before any is done"},
    {"large_streams", large_streams, "200 messages of 32 KiB there and back"},
    {"slow_reader", slow_reader, "a stream that is not read yet holds up no other"},
    {"many_cancelled", many_cancelled, "1,500 cancelled, and the connection lives on"},
    {"windows_after_cancel", windows_after_cancel,
     "1 MiB passes after 60 streams cancelled with unread replies"},
    {"windows_after_early_end", windows_after_early_end,
     "1 MiB passes after 60 streams ended with unread requests"},
    {NULL, NULL, NULL},
};
