/* Scenario S8: interceptors on both sides. */
#include "../four_kinds/search_service.h"
#include "../interceptors/log_book.h"
#include "acts.h"
#include "check.h"
#include "person.pb-c.h"
#include "show.h"

#include <grpctest/protobufc.h>

static bool call_with(gt_rig *rig, const char *method, gt_kind kind)
{
    Person__PersonReq jane = PERSON__PERSON_REQ__INIT;
    gt_call *call = gt_call_new(rig->channel, method, &(gt_call_options){.kind = kind});
    bool passed = gt_call_send_as(call, gt_pb(&person__person_req__descriptor), &jane) == 0;
    gt_call_half_close(call);
    passed = check_status(call, GT_OK, "") && passed;
    gt_call_free(call);
    return passed;
}

void act_interceptors(void)
{
    show_heading("Interceptors", "The client's adds a request-id, both sides' log and measure; "
                                 "unary and streaming calls alike.");
    log_book book;
    gt_measure measure = {0};
    gt_metadata *id = gt_metadata_parse("request-id: request-123\n", NULL);
    log_book_open(&book);
    gt_interceptor client[] = {gt_metadata_interceptor(id), log_book_interceptor(&book)};
    gt_interceptor server[] = {log_book_interceptor(&book), gt_measure_interceptor(&measure)};
    gt_rig *rig = gt_rig_new(&(gt_rig_options){
        .server = {.interceptors = server, .interceptor_count = 2},
        .channel = {.interceptors = client, .interceptor_count = 2},
    });
    search_serve(rig->server);

    show_begin();
    bool passed = call_with(rig, "/person.SearchService/Search", GT_UNARY);
    passed = call_with(rig, "/person.SearchService/SearchOut", GT_SERVER_STREAMING) && passed;
    passed = strcmp(gt_buffer_text(&book.lines),
                    "server /person.SearchService/Search OK 0.000 ms request-123\n"
                    "client /person.SearchService/Search OK 0.000 ms request-123\n"
                    "server /person.SearchService/SearchOut OK 10000.000 ms request-123\n"
                    "client /person.SearchService/SearchOut OK 10000.000 ms request-123\n") == 0 &&
             measure.calls == 2 && measure.sent == 12 && measure.longest == GT_SEC(10) && passed;

    show_text(gt_buffer_text(&book.lines));
    show_line("measured: %d calls, %d messages sent, the longest took %.3f ms", (int)measure.calls,
              (int)measure.sent, (double)measure.longest / 1e6);
    show_verdict(passed, gt_now(rig->world));
    gt_rig_free(rig);
    gt_metadata_free(id);
    log_book_close(&book);
}
