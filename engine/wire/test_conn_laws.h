/* test_conn_laws.h - what holds for every connection, whatever carries it: one suite of tests that
 * each kind of connection is put through.
 * Rule: a kind says only how to make one; where kernels differ, it says so in a flag. */
#ifndef GRPCTEST_ENGINE_WIRE_TEST_CONN_LAWS_H
#define GRPCTEST_ENGINE_WIRE_TEST_CONN_LAWS_H

#include <grpctest/conn.h>

typedef struct conn_kind {
    const char *name; /* shown beside each law */
    gt_clock clock;
    uint64_t seed; /* 0: first in, first out */
    /* Makes both ends of a fresh connection. Runs on task 0. */
    void (*connect)(const struct conn_kind *kind, gt_world *world, gt_conn **a, gt_conn **b);
    size_t capacity;       /* for pipes: bytes per direction */
    size_t more_than_fits; /* bytes that a write nobody reads cannot get rid of */
    bool delayed;          /* what the peer did shows some time later */
    bool kernel;           /* a kernel carries it: it is delayed, and closing may be a reset */
    bool reset_is_close;   /* the other end sees no reset, only the end */
} conn_kind;

/* Runs every law over every kind; the number of failures. */
int run_conn_laws(const conn_kind *kinds, size_t count);

#endif
