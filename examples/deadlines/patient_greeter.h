/* patient_greeter.h - a greeter that takes its time, unless its caller has none (scenarios S6, S7).
 * Rule: what it waits for, it waits for under its call's context. */
#ifndef PATIENT_GREETER_H
#define PATIENT_GREETER_H

#include <grpctest/grpctest.h>

/* In the caller's memory; it must live as long as the server. */
typedef struct patient_greeter {
    gt_duration takes; /* before it says hello */

    /* What it saw of its last call: */
    gt_time deadline; /* GT_NEVER for none */
    gt_time stopped;  /* when it said hello, or gave it up */
    int error;        /* 0, or why it gave it up */
} patient_greeter;

/* Serves helloworld.Greeter on `server`. */
void patient_greeter_serve(patient_greeter *greeter, gt_server *server);

#endif
