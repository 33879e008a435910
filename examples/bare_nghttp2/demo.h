/* demo.h - the bare client on a manual clock, told step by step. */
#ifndef BARE_NGHTTP2_DEMO_H
#define BARE_NGHTTP2_DEMO_H

#include <grpctest/base.h>
#include <stdio.h>

/* A greeting that takes 200 ms, a stream, and a deadline of 50 ms, one line each thing that happens
 * with its instant; returns 0 when all of it went as it should. `*ended` is the instant of the end;
 * it may be NULL. */
int bare_client_demo(FILE *out, gt_time *ended);

#endif
