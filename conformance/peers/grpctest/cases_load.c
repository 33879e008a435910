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

const peer_case peer_cases_load[] = {
    {"parallel", parallel, "100 calls under way at once"},
    {"large_streams", large_streams, "200 messages of 32 KiB there and back"},
    {NULL, NULL, NULL},
};
