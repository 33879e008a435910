/* What a consumer does first: it sees the headers, links, and makes a call over a pipe. protobuf-c
 * is called directly too, as generated code does. */
#include <grpctest/grpctest.h>
#include <grpctest/protobufc.h>
#include <stdio.h>

static int echo(gt_call *call, void *user)
{
    gt_bytes message;
    (void)user;
    if (gt_call_recv(call, &message) != 0 || gt_call_send(call, message) != 0)
        return GT_INTERNAL;
    return GT_OK;
}

static int say_hello(gt_channel *channel)
{
    gt_bytes reply;
    gt_call *call = gt_unary(channel, "/consumer.Echo/Echo", gt_bytes_str("hello"),
                             &(gt_call_options){.timeout = GT_SEC(1)});
    int error = gt_call_recv(call, &reply);
    if (error == 0)
        printf("grpctest %s with protobuf-c %s says %.*s\n", gt_version(), protobuf_c_version(),
               (int)reply.size, (const char *)reply.data);
    gt_call_free(call);
    return error;
}

int main(void)
{
    gt_world *world = gt_world_new(NULL);
    gt_listener *listener = gt_bufconn_listen(world, 1024);
    gt_server *server = gt_server_new(world, NULL);
    gt_server_handle(server, "/consumer.Echo/Echo", GT_UNARY, echo, NULL);
    gt_server_serve(server, listener);
    gt_dialer *dialer = gt_bufconn_dialer(listener);
    gt_channel *channel = gt_channel_new(dialer, NULL);
    int error = say_hello(channel);
    gt_channel_free(channel);
    gt_dialer_free(dialer);
    gt_server_free(server);
    gt_listener_free(listener);
    gt_world_free(world);
    return error != 0;
}
