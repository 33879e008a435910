/* Scenario S9: who calls. */
#include "../auth/membership.h"
#include "../header_trailer/users_service.h"
#include "acts.h"
#include "check.h"
#include "show.h"
#include "users.pb-c.h"

#include <grpctest/protobufc.h>

static bool get_user(const char *who, gt_dialer *dialer, const gt_call_credentials *credentials,
                     gt_code expected)
{
    Users__UserGetRequest request = USERS__USER_GET_REQUEST__INIT;
    request.email = (char *)"jane@doe.com";
    gt_channel *channel = gt_channel_new(dialer, &(gt_channel_options){.credentials = credentials});
    gt_call *call = gt_unary_as(channel, "/users.Users/GetUser",
                                gt_pb(&users__user_get_request__descriptor), &request, NULL);
    bool passed = check_status(call, expected, NULL);
    char *status = gt_status_format(gt_call_status(call));
    show_line("%-28s  %s", who, status);
    gt_free(status);
    gt_call_free(call);
    gt_channel_free(channel);
    return passed;
}

void act_auth(void)
{
    show_heading("Authentication", "An interceptor asks who calls before a handler runs; a "
                                   "channel's credentials answer for every call.");
    gt_interceptor membership = membership_interceptor();
    gt_rig *rig = gt_rig_new(
        &(gt_rig_options){.server = {.interceptors = &membership, .interceptor_count = 1}});
    users_serve(rig->server);
    member john = {.id = "john", .password = "secret"};
    member jane = {.id = "jane", .password = "secret", .takes = GT_MS(30)};
    gt_call_credentials johns = member_credentials(&john, false);
    gt_call_credentials janes = member_credentials(&jane, false);
    gt_call_credentials careful = member_credentials(&jane, true);

    show_begin();
    bool passed = get_user("nobody", rig->dialer, NULL, GT_UNAUTHENTICATED);
    passed = get_user("john", rig->dialer, &johns, GT_UNAUTHENTICATED) && passed;
    passed = check_now(rig->world, 0) && passed;
    passed = get_user("jane, who looks for 30 ms", rig->dialer, &janes, GT_OK) && passed;
    passed = check_now(rig->world, GT_MS(50)) && passed;
    passed =
        get_user("jane, who insists on TLS", rig->dialer, &careful, GT_UNAUTHENTICATED) && passed;

    show_verdict(passed, gt_now(rig->world));
    gt_rig_free(rig);
}
