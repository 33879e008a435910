/* Scenario S13: a handler that gives up. */
#include "../recover/fragile_search.h"
#include "acts.h"
#include "check.h"
#include "person.pb-c.h"
#include "show.h"

#include <grpctest/protobufc.h>

static gt_call *search(gt_rig *rig, int age)
{
    Person__PersonReq jane = PERSON__PERSON_REQ__INIT;
    jane.name = (char *)"jane";
    jane.age = age;
    return gt_unary_as(rig->channel, "/person.SearchService/Search",
                       gt_pb(&person__person_req__descriptor), &jane, NULL);
}

void act_recover(void)
{
    show_heading("A handler that gives up", "In the middle, at any depth. Its call ends, the "
                                            "reason is logged, and the server goes on.");
    incidents book;
    incidents_open(&book);
    gt_interceptor recover = gt_recover_interceptor(&book.log);
    gt_rig *rig =
        gt_rig_new(&(gt_rig_options){.server = {.interceptors = &recover, .interceptor_count = 1}});
    fragile_search_serve(rig->server);

    show_begin();
    gt_call *broken = search(rig, -1), *next = search(rig, 30);
    bool passed = check_status(broken, GT_INTERNAL, "Unexpected error happened") &&
                  check_status(next, GT_OK, "") &&
                  strcmp(gt_buffer_text(&book.lines),
                         "/person.SearchService/Search: jane is -1 years old\n") == 0;

    show_transcript(gt_call_transcript(broken));
    show_transcript(gt_call_transcript(next));
    show_gap();
    show_line("logged: %.*s", (int)strcspn(gt_buffer_text(&book.lines), "\n"),
              gt_buffer_text(&book.lines));
    show_verdict(passed, gt_now(rig->world));
    gt_call_free(broken);
    gt_call_free(next);
    gt_rig_free(rig);
    incidents_close(&book);
}
