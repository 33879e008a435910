#include "thousand_calls.h"

#include "helloworld.pb-c.h"

#include <grpctest/protobufc.h>
#include <stdio.h>
#include <stdlib.h>

#define REQUEST gt_pb(&helloworld__hello_request__descriptor)
#define REPLY gt_pb(&helloworld__hello_reply__descriptor)

/* ---- the server -------------------------------------------------------------------------------
 */

/* 389 and 1,000 have no common factor, so that the thousand delays differ, in no obvious order. */
gt_duration greeting_delay(int number)
{
    return GT_MS(number * 389 % THOUSAND + 1);
}

static int say_hello(gt_call *call, void *user)
{
    (void)user;
    void *message;
    int error = gt_call_recv_as(call, REQUEST, &message);
    if (error)
        return error;
    const Helloworld__HelloRequest *request = message;
    error = gt_context_sleep(gt_call_context(call), greeting_delay(atoi(request->name)));
    if (error)
        return error;
    char text[64];
    snprintf(text, sizeof text, "Hello %.32s", request->name);
    Helloworld__HelloReply reply = HELLOWORLD__HELLO_REPLY__INIT;
    reply.message = text;
    return gt_call_send_as(call, REPLY, &reply);
}

void slow_greeter_serve(gt_server *server)
{
    static const gt_method methods[] = {{"SayHello", GT_UNARY, say_hello}};
    gt_server_add_service(server, &helloworld__greeter__descriptor, methods, 1, NULL);
}

/* ---- the client -------------------------------------------------------------------------------
 */

/* The calls whose answers are still to come, side by side. */
typedef struct pending {
    gt_call *calls[THOUSAND];
    gt_waitable answers[THOUSAND];
    int numbers[THOUSAND];
    size_t count;
} pending;

static int start(pending *p, gt_channel *channel, int number)
{
    char name[16];
    snprintf(name, sizeof name, "%d", number);
    Helloworld__HelloRequest request = HELLOWORLD__HELLO_REQUEST__INIT;
    request.name = name;
    gt_call *call =
        gt_call_new(channel, "/helloworld.Greeter/SayHello", &(gt_call_options){.kind = GT_UNARY});
    p->calls[p->count] = call;
    p->answers[p->count] = gt_call_readable(call);
    p->numbers[p->count++] = number;
    int error = gt_call_send_as(call, REQUEST, &request);
    gt_call_half_close(call);
    return error;
}

/* True when the call ended well; the last of those pending takes its place. */
static bool finish(pending *p, size_t at, greeted_fn *greeted, void *user)
{
    gt_call *call = p->calls[at];
    void *message;
    bool answered = gt_call_recv_as(call, REPLY, &message) == 0;
    if (answered)
        greeted(user, p->numbers[at], ((const Helloworld__HelloReply *)message)->message);
    bool ok = gt_call_status(call)->code == GT_OK;
    gt_call_free(call);
    p->count--;
    p->calls[at] = p->calls[p->count];
    p->answers[at] = p->answers[p->count];
    p->numbers[at] = p->numbers[p->count];
    return answered && ok;
}

int greet_a_thousand(gt_channel *channel, greeted_fn *greeted, void *user)
{
    pending *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    int result = 0;
    for (int number = 0; result == 0 && number < THOUSAND; number++)
        result = start(p, channel, number);
    while (result >= 0 && p->count > 0) {
        gt_world *world = gt_call_world(p->calls[0]);
        int at = gt_wait_any(world, NULL, GT_NEVER, p->answers, p->count);
        if (at < 0)
            result = at;
        else
            result += finish(p, (size_t)at, greeted, user);
    }
    while (p->count > 0)
        gt_call_free(p->calls[--p->count]);
    free(p);
    return result;
}
