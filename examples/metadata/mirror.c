#include "mirror.h"

#include "helloworld.pb-c.h"

#include <grpctest/protobufc.h>

/* ---- the server -------------------------------------------------------------------------------
 */

static int say_hello(gt_call *call, void *user)
{
    (void)user;
    gt_metadata *seen = gt_metadata_clone(gt_call_request_metadata(call));
    gt_metadata_remove(seen, "user-agent"); /* the library's own */
    int error = gt_call_send_header(call, seen);
    gt_metadata_free(seen);
    Helloworld__HelloReply reply = HELLOWORLD__HELLO_REPLY__INIT;
    return error ? error
                 : gt_call_send_as(call, gt_pb(&helloworld__hello_reply__descriptor), &reply);
}

void mirror_serve(gt_server *server)
{
    static const gt_method methods[] = {{"SayHello", GT_UNARY, say_hello}};
    gt_server_add_service(server, &helloworld__greeter__descriptor, methods, 1, NULL);
}

/* ---- the client -------------------------------------------------------------------------------
 */

char *mirror_look(gt_channel *channel, gt_context *context, const gt_metadata *metadata)
{
    Helloworld__HelloRequest request = HELLOWORLD__HELLO_REQUEST__INIT;
    gt_call_options options = {.context = context, .metadata = metadata};
    gt_call *call = gt_unary_as(channel, "/helloworld.Greeter/SayHello",
                                gt_pb(&helloworld__hello_request__descriptor), &request, &options);
    char *seen =
        gt_call_status(call)->code == GT_OK ? gt_metadata_format(gt_call_header(call)) : NULL;
    gt_call_free(call);
    return seen;
}
