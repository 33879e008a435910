/* subject.h - what is measured: the floor and ours, each of which can do the same things.
 * Rule: every answer is checked; a subject that goes wrong ends the program. */
#ifndef GRPCTEST_BENCH_SUBJECT_H
#define GRPCTEST_BENCH_SUBJECT_H

#include "payload.h"

typedef enum bench_way {
    BENCH_UNARY,        /* calls, one after the other */
    BENCH_PING_PONG,    /* messages to and fro on one stream */
    BENCH_STREAM,       /* messages one way, each in a DATA frame of its own */
    BENCH_STREAM_READY, /* the same; those ready together may share a frame (the floor's do not) */
    BENCH_FIXTURE,      /* everything made, one call, everything freed */
    BENCH_IDLE          /* calls that are opened and stay open */
} bench_way;

/* What went over the wire, by the end that sent it. */
typedef struct bench_bytes {
    struct bench_sent {
        unsigned char data[1024];
        size_t size;
    } client, server;
} bench_bytes;

/* Adds to them; what does not fit is left out. */
void bench_keep(struct bench_sent *sent, const void *data, size_t size);

typedef struct bench_subject {
    const char *name;
    /* A connection on which `way` can be run. */
    void *(*open)(bench_way way, bench_payload payload);
    /* Does it `count` times. */
    void (*run)(void *state, size_t count);
    void (*close)(void *state);
    /* The bytes of the second unary call on a connection (on the first, settings are mixed in). */
    void (*record)(bench_bytes *bytes);
} bench_subject;

/* A pair of nghttp2 sessions that hand each other their bytes. */
extern const bench_subject bench_floor;
/* A channel and a server over a bufconn. */
extern const bench_subject bench_ours;

#endif
