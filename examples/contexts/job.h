/* job.h - work that stops when its context says so, and who it is done for (scenario S5).
 * Rule: whoever waits takes a context, and passes its error on. */
#ifndef JOB_H
#define JOB_H

#include <grpctest/grpctest.h>

/* A piece of work, in the caller's memory, on a task of its own. */
typedef struct job {
    gt_context *context; /* borrowed */
    gt_duration takes;
    gt_task *task;
    gt_time stopped; /* when, once it has */
    int error;       /* 0: it was done; else why it was not */
} job;

/* Starts it; it takes so long unless the context is done first. */
void job_start(job *one, gt_context *context, gt_duration takes);
/* Waits until it has stopped, and tells its error. */
int job_wait(job *one);

/* A child context for somebody (copied name), and whom a context is for: NULL for nobody. */
gt_context *job_context_for(gt_context *parent, const char *name);
const char *job_is_for(const gt_context *context);

#endif
