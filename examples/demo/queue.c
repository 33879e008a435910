/* Scenario S16: a message queue. */
#include "../queue/queue_service.h"
#include "acts.h"
#include "chat.pb-c.h"
#include "check.h"
#include "google/protobuf/wrappers.pb-c.h"
#include "show.h"

#include <grpctest/protobufc.h>

#define MESSAGE gt_pb(&chat__message__descriptor)

static bool send_five(gt_rig *rig)
{
    static const char *const to[] = {"jack", "jill", "jack", "jill", "jack"};
    static const char *const content[] = {"one", "two", "three", "four", "five"};
    gt_call *call = gt_call_new(rig->channel, "/chat.MessageService/sendMessage",
                                &(gt_call_options){.kind = GT_CLIENT_STREAMING});
    bool passed = true;
    for (int i = 0; i < 5; i++) {
        Chat__Message message = CHAT__MESSAGE__INIT;
        message.from = (char *)"john";
        message.to = (char *)to[i];
        message.content = (char *)content[i];
        passed = gt_call_send_as(call, MESSAGE, &message) == 0 && passed;
    }
    gt_call_half_close(call);
    passed = check_message(call, gt_pb(&google__protobuf__int64_value__descriptor), "value: 5") &&
             passed;
    gt_call_free(call);
    return passed;
}

void act_queue(void)
{
    show_heading("A message queue", "Five messages wait for two people. jack gets his three, and "
                                    "goes home after five quiet seconds.");
    gt_rig *rig = gt_rig_new(NULL);
    message_queue *queue = message_queue_new();
    message_queue_serve(queue, rig->server);
    Google__Protobuf__StringValue jack = GOOGLE__PROTOBUF__STRING_VALUE__INIT;
    jack.value = (char *)"jack";

    show_begin();
    bool passed = send_five(rig);
    gt_call *call = gt_call_new(rig->channel, "/chat.MessageService/receiveMessage",
                                &(gt_call_options){.kind = GT_SERVER_STREAMING});
    passed =
        gt_call_send_as(call, gt_pb(&google__protobuf__string_value__descriptor), &jack) == 0 &&
        passed;
    gt_call_half_close(call);
    passed = check_status(call, GT_OK, "") && check_now(rig->world, GT_SEC(5)) && passed;

    show_transcript(gt_call_transcript(call));
    show_verdict(passed, gt_now(rig->world));
    gt_call_free(call);
    gt_rig_free(rig);
    message_queue_free(queue);
}
