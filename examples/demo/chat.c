/* Scenario S17: two people chat through one server, then the same under many seeds. */
#include "../chat/chat_service.h"
#include "acts.h"
#include "chat.pb-c.h"
#include "show.h"

#include <grpctest/protobufc.h>

typedef struct person {
    gt_channel *channel;
    const char *name, *other;
    gt_call *call;
    bool greeted;
} person;

static gt_call *join_chat(const person *p)
{
    gt_metadata *metadata = gt_metadata_new();
    (void)!gt_metadata_append(metadata, "from", p->name);
    gt_call *call =
        gt_call_new(p->channel, "/chat.ChatService/chat", &(gt_call_options){.metadata = metadata});
    gt_metadata_free(metadata);
    return call;
}

static void talk(void *arg)
{
    person *p = arg;
    gt_type type = gt_pb(&chat__message__descriptor);
    p->call = join_chat(p);
    char greeting[] = "hello";
    Chat__Message hello = CHAT__MESSAGE__INIT;
    hello.from = (char *)p->name;
    hello.to = (char *)p->other;
    hello.content = greeting;
    void *message;
    p->greeted = gt_call_send_as(p->call, type, &hello) == 0 &&
                 gt_call_recv_as(p->call, type, &message) == 0;
    gt_call_half_close(p->call);
    gt_call_status(p->call);
}

static bool run_chat(uint64_t seed, bool show, char *order, size_t size)
{
    gt_rig *rig = gt_rig_new(&(gt_rig_options){.world = {.seed = seed}});
    chat_room *room = chat_room_new();
    chat_room_serve(room, rig->server);
    person people[] = {{.name = "jack", .other = "jill"}, {.name = "jill", .other = "jack"}};
    gt_task *tasks[2];
    for (int i = 0; i < 2; i++) {
        people[i].channel = gt_channel_new(rig->dialer, NULL);
        tasks[i] = gt_spawn(rig->world, people[i].name, talk, &people[i]);
    }
    bool passed = true;
    for (int i = 0; i < 2; i++)
        passed = gt_task_join(tasks[i], NULL) == 0 && passed;
    for (int i = 0; i < 2; i++) {
        passed = passed && people[i].greeted && gt_call_status(people[i].call)->code == GT_OK;
        if (show)
            show_transcript(gt_call_transcript(people[i].call));
        gt_call_free(people[i].call);
        gt_channel_free(people[i].channel);
    }
    strncpy(order, chat_room_order(room), size - 1);
    gt_rig_free(rig);
    chat_room_free(room);
    return passed;
}

void act_chat(void)
{
    show_heading("A chat",
                 "Two callers talk through one server; then again under a thousand seeds.");
    char order[64] = "";
    show_begin();
    bool passed = run_chat(0, true, order, sizeof order);
    int jack_first = 0, jill_first = 0;
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        passed = run_chat(seed, false, order, sizeof order) && passed;
        if (order[1] == 'a')
            jack_first++;
        else
            jill_first++;
    }
    show_gap();
    show_line("1000 seeds: jack was heard first in %d, jill in %d", jack_first, jill_first);
    show_verdict(passed && jack_first > 0 && jill_first > 0, 0);
}
