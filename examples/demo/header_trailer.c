/* Scenario S4: headers and trailers. */
#include "../header_trailer/users_service.h"
#include "acts.h"
#include "check.h"
#include "show.h"
#include "users.pb-c.h"

#include <grpctest/protobufc.h>

void act_header_trailer(void)
{
    show_heading("Headers and trailers", "Headers from two places go out, merged, with the first "
                                         "message; trailers come with the status.");
    gt_rig *rig = gt_rig_new(NULL);
    users_serve(rig->server);
    Users__UserGetRequest request = USERS__USER_GET_REQUEST__INIT;
    request.email = (char *)"jane@doe.com";

    show_begin();
    gt_call *call =
        gt_call_new(rig->channel, "/users.Users/GetUser", &(gt_call_options){.kind = GT_UNARY});
    bool passed = gt_call_send_as(call, gt_pb(&users__user_get_request__descriptor), &request) == 0;
    gt_call_half_close(call);
    passed = check_text(gt_metadata_format(gt_call_header(call)), "region: eu\ncache: miss\n") &&
             check_now(rig->world, USERS_LOOKUP) && passed;
    passed = check_status(call, GT_OK, "") && passed;
    passed = check_text(gt_metadata_format(gt_call_trailer(call)), "rows-read: 1\n") && passed;

    show_transcript(gt_call_transcript(call));
    show_verdict(passed, gt_now(rig->world));
    gt_call_free(call);
    gt_rig_free(rig);
}
