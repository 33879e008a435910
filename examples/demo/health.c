/* Scenario S12: how an application is. */
#include "../health/users_app.h"
#include "acts.h"
#include "check.h"
#include "health.pb-c.h"
#include "show.h"

#include <grpctest/protobufc.h>

#define RESPONSE gt_pb(&grpc__health__v1__health_check_response__descriptor)

static gt_call *ask(gt_rig *rig, const char *method, gt_kind kind, const char *service)
{
    Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    request.service = (char *)service;
    gt_call *call = gt_call_new(rig->channel, method, &(gt_call_options){.kind = kind});
    (void)!gt_call_send_as(call, gt_pb(&grpc__health__v1__health_check_request__descriptor),
                           &request);
    gt_call_half_close(call);
    return call;
}

static bool checks(gt_rig *rig, const char *service, gt_code code, const char *message)
{
    gt_call *call = ask(rig, "/grpc.health.v1.Health/Check", GT_UNARY, service);
    bool passed = check_status(call, code, message);
    gt_call_free(call);
    return passed;
}

void act_health(void)
{
    show_heading("Health", "Somebody watches \"Users\" while its database goes away, and then the "
                           "whole application.");
    gt_rig *rig = gt_rig_new(NULL);
    users_app app;
    users_app_open(&app, rig->world, rig->server);

    show_begin();
    gt_call *call = ask(rig, "/grpc.health.v1.Health/Watch", GT_SERVER_STREAMING, "Users");
    bool passed = check_message(call, RESPONSE, "status: SERVING") && checks(rig, "", GT_OK, "") &&
                  checks(rig, "Users", GT_OK, "") &&
                  checks(rig, "Repo", GT_NOT_FOUND, "unknown service");
    passed = gt_sleep(rig->world, GT_SEC(60)) == 0 && passed;
    users_app_set_database(&app, false);
    passed = check_message(call, RESPONSE, "status: NOT_SERVING") && passed;
    passed = gt_sleep(rig->world, GT_SEC(60)) == 0 && passed;
    users_app_set_database(&app, true);
    passed = check_message(call, RESPONSE, "status: SERVING") && passed;
    passed = gt_sleep(rig->world, GT_SEC(60)) == 0 && passed;
    users_app_announce_end(&app);
    passed = check_message(call, RESPONSE, "status: NOT_SERVING") && passed;

    show_transcript(gt_call_transcript(call));
    show_verdict(passed, gt_now(rig->world));
    gt_call_free(call);
    gt_rig_free(rig);
    users_app_close(&app);
}
