/* Act one: a unary call, typed by protobuf-c, over a pipe in memory. */
#include "acts.h"
#include "helloworld.pb-c.h"
#include "show.h"
#include "stage.h"

#include <grpctest/protobufc.h>
#include <stdio.h>

static int say_hello(gt_call *call, void *user)
{
    (void)user;
    void *message;
    int error = gt_call_recv_as(call, gt_pb(&helloworld__hello_request__descriptor), &message);
    if (error)
        return error;
    const Helloworld__HelloRequest *request = message;
    char text[128];
    snprintf(text, sizeof text, "Hello %s", request->name);
    Helloworld__HelloReply reply = HELLOWORLD__HELLO_REPLY__INIT;
    reply.message = text;
    return gt_call_send_as(call, gt_pb(&helloworld__hello_reply__descriptor), &reply);
}

void act_unary(void)
{
    show_heading("A unary call", "Real HTTP/2 bytes cross a pipe in memory; what crossed, in "
                                 "virtual time:");
    stage s;
    stage_set(&s);
    static const gt_method methods[] = {{"SayHello", GT_UNARY, say_hello}};
    gt_server_add_service(s.server, &helloworld__greeter__descriptor, methods, 1, NULL);

    show_begin();
    Helloworld__HelloRequest request = HELLOWORLD__HELLO_REQUEST__INIT;
    char name[] = "Jane";
    request.name = name;
    gt_call *call = gt_unary_as(s.channel, "/helloworld.Greeter/SayHello",
                                gt_pb(&helloworld__hello_request__descriptor), &request, NULL);
    void *message = NULL;
    int error = gt_call_recv_as(call, gt_pb(&helloworld__hello_reply__descriptor), &message);
    const Helloworld__HelloReply *reply = message;
    bool passed =
        !error && strcmp(reply->message, "Hello Jane") == 0 && gt_call_status(call)->code == GT_OK;

    show_transcript(gt_call_transcript(call));
    show_verdict(passed, gt_now(s.world));
    gt_call_free(call);
    stage_strike(&s);
}
