#include "patient_greeter.h"

#include "helloworld.pb-c.h"

#include <grpctest/protobufc.h>

static int say_hello(gt_call *call, void *user)
{
    patient_greeter *greeter = user;
    gt_context *context = gt_call_context(call);
    if (!gt_context_deadline(context, &greeter->deadline))
        greeter->deadline = GT_NEVER;

    greeter->error = gt_context_sleep(context, greeter->takes);
    greeter->stopped = gt_now(gt_call_world(call));
    if (greeter->error)
        return greeter->error;

    Helloworld__HelloReply reply = HELLOWORLD__HELLO_REPLY__INIT;
    reply.message = (char *)"Hello at last";
    return gt_call_send_as(call, gt_pb(&helloworld__hello_reply__descriptor), &reply);
}

void patient_greeter_serve(patient_greeter *greeter, gt_server *server)
{
    static const gt_method methods[] = {{"SayHello", GT_UNARY, say_hello}};
    gt_server_add_service(server, &helloworld__greeter__descriptor, methods, 1, greeter);
}
