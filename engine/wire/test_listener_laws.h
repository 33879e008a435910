/* test_listener_laws.h - what holds for every listener and its dialers, whatever they are made of.
 * Rule: a kind says only how to make them; where kernels differ, it says so in a flag. */
#ifndef GRPCTEST_ENGINE_WIRE_TEST_LISTENER_LAWS_H
#define GRPCTEST_ENGINE_WIRE_TEST_LISTENER_LAWS_H

#include <grpctest/conn.h>

typedef struct listener_kind {
    const char *name; /* shown beside each law */
    gt_clock clock;
    uint64_t seed; /* 0: first in, first out */
    /* Makes a listener and a dialer to it. Runs on task 0. */
    void (*open)(gt_world *world, gt_listener **listener, gt_dialer **dialer);
    bool kernel; /* once it is closed, its address may be another's */
} listener_kind;

/* Runs every law over every kind; the number of failures. */
int run_listener_laws(const listener_kind *kinds, size_t count);

#endif
