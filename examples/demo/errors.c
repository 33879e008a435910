/* Scenario S11: how calls can end. */
#include "../by_hand/by_hand.h"
#include "../errors/complaints.h"
#include "acts.h"
#include "check.h"
#include "show.h"
#include "users.pb-c.h"

#include <grpctest/protobufc.h>

static gt_call *complain(gt_rig *rig, const char *code, const char *message)
{
    Users__UserGetRequest request = USERS__USER_GET_REQUEST__INIT;
    request.id = (char *)code;
    request.email = (char *)message;
    return gt_unary_as(rig->channel, "/users.Users/GetUser",
                       gt_pb(&users__user_get_request__descriptor), &request, NULL);
}

static bool all_codes(gt_rig *rig)
{
    bool passed = true;
    for (int i = 0; i <= 16; i++) {
        const char *name = gt_code_name((gt_code)i);
        gt_call *call = complain(rig, name, "oh dear");
        passed = check_status(call, (gt_code)i, NULL) && passed;
        gt_call_free(call);
    }
    show_line("all of the codes 0 to 16 arrived as they were sent");
    return passed;
}

static bool typed_details(gt_rig *rig)
{
    gt_call *call = complain(rig, "INVALID_ARGUMENT", "jane@ is no address");
    ProtobufCMessage *detail = NULL;
    const gt_status *status = gt_call_status(call);
    bool passed = gt_protobufc_find_detail(status, &users__user__descriptor, 0, &detail, NULL) == 0;
    char *text = gt_status_format(status);
    char *shown = detail ? gt_protobufc_format(detail) : NULL;
    show_line("%s, one of them { %s }", text, shown ? shown : "");
    passed = check_text(shown, "first_name: \"Jane\"") && passed;
    gt_free(text);
    gt_protobufc_release(detail);
    gt_call_free(call);
    return passed;
}

/* A call that is answered by these headers and nothing more. */
static bool answered_by(gt_rig *rig, const char *what, const char *headers, gt_code code)
{
    gt_buffer answer = {0};
    by_hand_server server;
    gt_frame_write_headers_text(&answer, 1, GT_FLAG_END_HEADERS | GT_FLAG_END_STREAM, headers);
    by_hand_serve(&server, rig->world, rig->listener, &answer);
    gt_channel *channel = gt_channel_new(rig->dialer, NULL);
    gt_call *call = gt_unary(channel, "/users.Users/GetUser", gt_bytes_str(""), NULL);
    bool passed = check_status(call, code, NULL);
    char *status = gt_status_format(gt_call_status(call));
    show_line("%-16s reads  %s", what, status);
    gt_free(status);
    gt_call_free(call);
    gt_channel_free(channel);
    passed = by_hand_finish(&server) == 0 && passed;
    gt_buffer_cleanup(&answer);
    return passed;
}

void act_errors(void)
{
    show_heading("Errors", "Every code, typed details; then servers that speak some other gRPC, "
                           "or only HTTP, written by hand.");
    gt_rig *rig = gt_rig_new(NULL);
    complaints_serve(rig->server);

    show_begin();
    bool passed = all_codes(rig);
    passed = typed_details(rig) && passed;
    gt_server_stop(rig->server);
    passed = answered_by(rig, "HTTP status 404", ":status: 404\ncontent-type: text/html\n",
                         GT_UNIMPLEMENTED) &&
             passed;
    passed = answered_by(rig, "HTTP status 503", ":status: 503\ncontent-type: text/html\n",
                         GT_UNAVAILABLE) &&
             passed;
    passed = answered_by(rig, "grpc-status 99",
                         ":status: 200\ncontent-type: application/grpc\ngrpc-status: 99\n",
                         GT_UNKNOWN) &&
             passed;

    show_verdict(passed, gt_now(rig->world));
    gt_rig_free(rig);
}
