/* Scenario S14: time-outs of a server. */
#include "../deadlines/patient_greeter.h"
#include "../four_kinds/search_service.h"
#include "../timeouts/impatience.h"
#include "acts.h"
#include "check.h"
#include "helloworld.pb-c.h"
#include "person.pb-c.h"
#include "show.h"

#include <grpctest/protobufc.h>

static bool slow_unary(gt_rig *rig)
{
    Helloworld__HelloRequest request = HELLOWORLD__HELLO_REQUEST__INIT;
    gt_call *call = gt_unary_as(rig->channel, "/helloworld.Greeter/SayHello",
                                gt_pb(&helloworld__hello_request__descriptor), &request, NULL);
    bool passed = check_status(call, GT_DEADLINE_EXCEEDED,
                               "/helloworld.Greeter/SayHello: Deadline exceeded") &&
                  check_now(rig->world, GT_MS(300));
    show_transcript(gt_call_transcript(call));
    gt_call_free(call);
    return passed;
}

static bool silent_stream(gt_rig *rig)
{
    Person__PersonReq jane = PERSON__PERSON_REQ__INIT;
    gt_call *call = gt_call_new(rig->channel, "/person.SearchService/SearchIO", NULL);
    bool passed = true;
    for (int i = 0; i < 2; i++)
        passed = gt_sleep(rig->world, GT_MS(400)) == 0 &&
                 gt_call_send_as(call, gt_pb(&person__person_req__descriptor), &jane) == 0 &&
                 passed;
    passed = check_status(call, GT_DEADLINE_EXCEEDED,
                          "/person.SearchService/SearchIO: Deadline exceeded") &&
             check_now(rig->world, GT_MS(300 + 400 + 400 + 500)) && passed;
    show_transcript(gt_call_transcript(call));
    gt_call_free(call);
    return passed;
}

void act_timeouts(void)
{
    show_heading("Time-outs of a server", "300 ms for a unary handler; 500 ms of silence for a "
                                          "stream, however long it lasts.");
    gt_interceptor impatience = impatience_interceptor();
    gt_rig *rig = gt_rig_new(
        &(gt_rig_options){.server = {.interceptors = &impatience, .interceptor_count = 1}});
    patient_greeter greeter = {.takes = GT_SEC(10)};
    patient_greeter_serve(&greeter, rig->server);
    search_serve(rig->server);

    show_begin();
    bool passed = slow_unary(rig);
    passed = silent_stream(rig) && passed;

    show_verdict(passed, gt_now(rig->world));
    gt_rig_free(rig);
}
