// The same from C++17, which has no compound literals: options are initialised by a function.
#include <grpctest/grpctest.h>
#include <iostream>
#include <memory>
#include <string_view>

template <typename T> using owned = std::unique_ptr<T, void (*)(T *)>;

static int echo(gt_call *call, void *)
{
    gt_bytes message;
    if (gt_call_recv(call, &message) != 0 || gt_call_send(call, message) != 0)
        return GT_INTERNAL;
    return GT_OK;
}

static int say_hello(gt_channel *channel)
{
    gt_call_options options;
    gt_call_options_init(&options);
    options.timeout = GT_SEC(1);
    const owned<gt_call> call(
        gt_unary(channel, "/consumer.Echo/Echo", gt_bytes_str("hello"), &options), gt_call_free);
    gt_bytes reply;
    if (int error = gt_call_recv(call.get(), &reply); error != 0)
        return error;
    std::cout << "grpctest " << gt_version() << " says "
              << std::string_view(reinterpret_cast<const char *>(reply.data), reply.size) << '\n';
    return 0;
}

int main()
{
    const owned<gt_world> world(gt_world_new(nullptr), gt_world_free);
    const owned<gt_listener> listener(gt_bufconn_listen(world.get(), 1024), gt_listener_free);
    const owned<gt_server> server(gt_server_new(world.get(), nullptr), gt_server_free);
    gt_server_handle(server.get(), "/consumer.Echo/Echo", GT_UNARY, echo, nullptr);
    gt_server_serve(server.get(), listener.get());
    const owned<gt_dialer> dialer(gt_bufconn_dialer(listener.get()), gt_dialer_free);
    const owned<gt_channel> channel(gt_channel_new(dialer.get(), nullptr), gt_channel_free);
    return say_hello(channel.get()) != 0;
}
