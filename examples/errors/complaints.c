#include "complaints.h"

#include "users.pb-c.h"

#include <grpctest/protobufc.h>

static int reply(gt_call *call)
{
    Users__UserGetReply message = USERS__USER_GET_REPLY__INIT;
    return gt_call_send_as(call, gt_pb(&users__user_get_reply__descriptor), &message);
}

static int fail_with_details(gt_call *call, const Users__UserGetRequest *request)
{
    Users__User jane = USERS__USER__INIT;
    jane.first_name = (char *)"Jane";
    const ProtobufCMessage *const details[] = {&request->base, &jane.base};
    return gt_call_fail_with(call, GT_INVALID_ARGUMENT, request->email, details, 2);
}

static int get_user(gt_call *call, void *user)
{
    (void)user;
    void *message;
    gt_code code;
    int error = gt_call_recv_as(call, gt_pb(&users__user_get_request__descriptor), &message);
    if (error)
        return error;
    const Users__UserGetRequest *request = message;
    error = gt_code_from_name(request->id, &code);
    if (error)
        return error;
    if (code == GT_OK)
        return reply(call);
    if (code == GT_INVALID_ARGUMENT)
        return fail_with_details(call, request);
    return gt_call_fail(call, code, "%s", request->email);
}

void complaints_serve(gt_server *server)
{
    static const gt_method methods[] = {{"GetUser", GT_UNARY, get_user}};
    gt_server_add_service(server, &users__users__descriptor, methods, 1, NULL);
}
