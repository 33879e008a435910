/* Scenario S1: the four kinds of call. */
#include "../four_kinds/search_service.h"
#include "acts.h"
#include "check.h"
#include "person.pb-c.h"
#include "show.h"

#include <grpctest/protobufc.h>
#include <stdio.h>

#define REPLY gt_pb(&person__person_res__descriptor)

static gt_call *start(gt_rig *rig, const char *method, gt_kind kind)
{
    return gt_call_new(rig->channel, method, &(gt_call_options){.kind = kind});
}

static bool ask(gt_call *call, const char *name, int age)
{
    Person__PersonReq person = PERSON__PERSON_REQ__INIT;
    person.name = (char *)name;
    person.age = age;
    return gt_call_send_as(call, gt_pb(&person__person_req__descriptor), &person) == 0;
}

static bool search(gt_rig *rig)
{
    gt_call *call = start(rig, "/person.SearchService/Search", GT_UNARY);
    bool passed = ask(call, "jane", 30);
    gt_call_half_close(call);
    passed = check_message(call, REPLY, "name: \"jane\" age: 30") && passed;
    show_line("Search     one request, one reply");
    gt_call_free(call);
    return passed;
}

static bool search_in(gt_rig *rig)
{
    gt_call *call = start(rig, "/person.SearchService/SearchIn", GT_CLIENT_STREAMING);
    bool passed = ask(call, "jane", 30) && ask(call, "john", 50) && ask(call, "june", 40);
    gt_call_half_close(call);
    passed = check_message(call, REPLY, "name: \"john\" age: 50") && passed;
    show_line("SearchIn   three requests; the reply, john, after the half-close");
    gt_call_free(call);
    return passed;
}

static bool search_io(gt_rig *rig)
{
    gt_call *call = start(rig, "/person.SearchService/SearchIO", GT_BIDI_STREAMING);
    bool passed = ask(call, "jane", 30) && ask(call, "john", 50) &&
                  check_message(call, REPLY, "name: \"jane\" age: 30") &&
                  check_message(call, REPLY, "name: \"john\" age: 50");
    gt_call_half_close(call);
    passed = check_status(call, GT_OK, "") && passed;
    show_line("SearchIO   each request echoed, in order");
    gt_call_free(call);
    return passed;
}

static bool search_out(gt_rig *rig)
{
    gt_call *call = start(rig, "/person.SearchService/SearchOut", GT_SERVER_STREAMING);
    bool passed = ask(call, "jane", 30);
    gt_call_half_close(call);
    for (int i = 0; i <= 10; i++) {
        char text[64];
        snprintf(text, sizeof text, "name: \"jane\" age: %d", 30 + i);
        passed = check_message(call, REPLY, text) && check_now(rig->world, GT_SEC(i)) && passed;
    }
    passed = check_status(call, GT_OK, "") && passed;
    show_line("SearchOut  eleven replies, one a second:");
    show_gap();
    show_transcript(gt_call_transcript(call));
    gt_call_free(call);
    return passed;
}

void act_four_kinds(void)
{
    show_heading("Four kinds of call", "Real HTTP/2 bytes cross a pipe in memory. Time is the "
                                       "world's: ten seconds pass in none.");
    gt_rig *rig = gt_rig_new(NULL);
    search_serve(rig->server);

    show_begin();
    bool passed = search(rig);
    passed = search_in(rig) && passed;
    passed = search_io(rig) && passed;
    passed = search_out(rig) && passed;

    show_verdict(passed, gt_now(rig->world));
    gt_rig_free(rig);
}
