/* Scenario S18: a thousand calls at once. */
#include "../thousand_calls/thousand_calls.h"
#include "acts.h"
#include "check.h"
#include "show.h"

typedef struct answers {
    gt_world *world;
    int count, first[3], last;
    bool in_time;
} answers;

static void collect(void *user, int number, const char *greeting)
{
    answers *a = user;
    (void)greeting;
    if (a->count < 3)
        a->first[a->count] = number;
    a->last = number;
    a->count++;
    a->in_time = a->in_time && gt_now(a->world) == greeting_delay(number);
}

void act_thousand_calls(void)
{
    show_heading("A thousand calls at once", "All from one thread. Each answer has a delay of its "
                                             "own, and they are collected as they come.");
    gt_rig *rig = gt_rig_new(NULL);
    slow_greeter_serve(rig->server);
    answers a = {.world = rig->world, .in_time = true};

    show_begin();
    int ok = greet_a_thousand(rig->channel, collect, &a);
    bool passed =
        ok == THOUSAND && a.count == THOUSAND && a.in_time && check_now(rig->world, GT_SEC(1));

    show_line("%d answers; the first from call %d, then %d, %d, ... and the last from call %d",
              a.count, a.first[0], a.first[1], a.first[2], a.last);
    show_verdict(passed, gt_now(rig->world));
    gt_rig_free(rig);
}
