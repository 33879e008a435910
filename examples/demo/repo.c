/* Scenario S2: arbitrary bytes, one a message. */
#include "../repo/repo_service.h"
#include "acts.h"
#include "check.h"
#include "repo.pb-c.h"
#include "show.h"

#include <grpctest/protobufc.h>

#define REQUEST gt_pb(&repo__repo_create_request__descriptor)
#define REPLY gt_pb(&repo__repo_create_reply__descriptor)

static bool send_context(gt_call *call)
{
    Repo__RepoContext context = REPO__REPO_CONTEXT__INIT;
    context.creator_id = (char *)"user-123";
    context.name = (char *)"test-repo";
    Repo__RepoCreateRequest request = REPO__REPO_CREATE_REQUEST__INIT;
    request.body_case = REPO__REPO_CREATE_REQUEST__BODY_CONTEXT;
    request.context = &context;
    return gt_call_send_as(call, REQUEST, &request) == 0;
}

static bool send_byte(gt_call *call, const char *byte)
{
    Repo__RepoCreateRequest request = REPO__REPO_CREATE_REQUEST__INIT;
    request.body_case = REPO__REPO_CREATE_REQUEST__BODY_DATA;
    request.data.data = (uint8_t *)byte;
    request.data.len = 1;
    return gt_call_send_as(call, REQUEST, &request) == 0;
}

void act_repo(void)
{
    show_heading("Arbitrary bytes",
                 "One message of context, twenty of one byte each, and a listener "
                 "that closes meanwhile.");
    gt_rig *rig = gt_rig_new(NULL);
    repo_serve(rig->server);

    show_begin();
    gt_call *call = gt_call_new(rig->channel, "/repo.Repo/CreateRepo",
                                &(gt_call_options){.kind = GT_CLIENT_STREAMING});
    bool passed = send_context(call) && gt_settle(rig->world) == 0;
    gt_listener_close(rig->listener);
    for (const char *at = "Arbitrary Data Bytes"; *at; at++)
        passed = send_byte(call, at) && passed;
    gt_call_half_close(call);
    passed = check_message(call, REPLY,
                           "repo { id: \"test-repo\" name: \"test-repo\" "
                           "url: \"https://git.example.com/user-123/test-repo\" } size: 20") &&
             passed;

    show_transcript(gt_call_transcript(call));
    show_verdict(passed, gt_now(rig->world));
    gt_call_free(call);
    gt_rig_free(rig);
}
