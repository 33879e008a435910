/* Scenario S5: a tree of contexts. */
#include "../contexts/job.h"
#include "acts.h"
#include "check.h"
#include "show.h"

static bool tell(const char *name, job *one, int error, gt_time stopped)
{
    bool passed = job_wait(one) == error && one->stopped == stopped;
    show_line("%-34s  for %-4s  %9.3f ms  %s", name, job_is_for(one->context),
              (double)one->stopped / 1e6, one->error ? gt_error_text(one->error) : "done");
    return passed;
}

void act_contexts(void)
{
    show_heading("Contexts", "Jobs of four seconds under a tree of contexts; one branch is "
                             "cancelled after two.");
    gt_world *world = gt_world_new(NULL);
    gt_context *background = gt_context_background(world);
    gt_context *jane = job_context_for(background, "jane");
    gt_context *branch = gt_context_with_cancel(jane);
    gt_context *twig = gt_context_with_timeout(branch, GT_SEC(10));
    gt_context *hurry = gt_context_with_timeout(branch, GT_SEC(1));
    job jobs[4];

    show_begin();
    job_start(&jobs[0], jane, GT_SEC(4));
    job_start(&jobs[1], branch, GT_SEC(4));
    job_start(&jobs[2], twig, GT_SEC(4));
    job_start(&jobs[3], hurry, GT_SEC(4));
    bool passed = gt_sleep(world, GT_SEC(2)) == 0;
    gt_context_cancel(branch);
    passed = tell("under a value", &jobs[0], 0, GT_SEC(4)) && passed;
    passed = tell("  under what was cancelled", &jobs[1], GT_ECANCELLED, GT_SEC(2)) && passed;
    passed = tell("    under its child, with 10 s", &jobs[2], GT_ECANCELLED, GT_SEC(2)) && passed;
    passed = tell("    under its child, with 1 s", &jobs[3], GT_ETIMEDOUT, GT_SEC(1)) && passed;

    show_verdict(passed, gt_now(world));
    gt_context_free(background);
    gt_context_free(jane);
    gt_context_free(branch);
    gt_context_free(twig);
    gt_context_free(hurry);
    gt_world_free(world);
}
