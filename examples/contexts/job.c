#include "job.h"

#include <stdlib.h>

static void work(void *arg)
{
    job *one = arg;
    one->error = gt_context_sleep(one->context, one->takes);
    one->stopped = gt_now(gt_context_world(one->context));
}

void job_start(job *one, gt_context *context, gt_duration takes)
{
    *one = (job){.context = context, .takes = takes};
    one->task = gt_spawn(gt_context_world(context), "job", work, one);
}

int job_wait(job *one)
{
    int error = gt_task_join(one->task, NULL);
    return error ? error : one->error;
}

/* Its address is the key: nobody else can have the same. */
static const char somebody;

gt_context *job_context_for(gt_context *parent, const char *name)
{
    char *copy = strdup(name);
    if (!copy)
        abort();
    return gt_context_with_value(parent, &somebody, copy, free);
}

const char *job_is_for(const gt_context *context)
{
    return gt_context_value(context, &somebody);
}
