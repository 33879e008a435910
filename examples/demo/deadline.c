/* Act three: a deadline passes before a late reply, at its exact nanosecond. */
#include "acts.h"
#include "show.h"
#include "stage.h"

static int reply_late(gt_call *call, void *user)
{
    (void)user;
    int error = gt_context_sleep(gt_call_context(call), GT_SEC(7200));
    return error ? error : gt_call_send(call, gt_bytes_str("at last"));
}

void act_deadline(void)
{
    show_heading("A deadline", "The handler takes two hours, the caller waits for one. No test "
                               "has that much time; a world has.");
    stage s;
    stage_set(&s);
    gt_server_handle(s.server, "/demo.Slow/Answer", GT_UNARY, reply_late, NULL);

    show_begin();
    gt_call *call = gt_unary(s.channel, "/demo.Slow/Answer", gt_bytes_str("hurry"),
                             &(gt_call_options){.timeout = GT_SEC(3600)});
    bool passed =
        gt_call_status(call)->code == GT_DEADLINE_EXCEEDED && gt_now(s.world) == GT_SEC(3600);

    show_transcript(gt_call_transcript(call));
    show_verdict(passed, gt_now(s.world));
    gt_call_free(call);
    stage_strike(&s);
}
