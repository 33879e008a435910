/* cutter_kit.h - for tests: a dialer whose first connection is cut after a number of bytes.
 * Rule: exactly that many bytes of the chosen direction arrive and are read by the other end; then,
 * 1 ns later, the connection goes the chosen way. Later connections are whole. */
#ifndef GRPCTEST_ENGINE_RPC_CUTTER_KIT_H
#define GRPCTEST_ENGINE_RPC_CUTTER_KIT_H

#include "rpc_test_kit.h"

typedef enum cut_way {
    CUT_RESET,      /* both ends find it reset */
    CUT_CLOSE,      /* both ends read the end of file */
    CUT_HALF_CLOSE, /* the reader of the chosen direction does, and the writer may write on */
    CUT_SILENCE,    /* nothing: no byte arrives any more, neither way */
    CUT_WAYS
} cut_way;

typedef enum cut_direction { FROM_CLIENT, FROM_SERVER, CUT_DIRECTIONS } cut_direction;

typedef struct cutter cutter;

typedef struct carrier {
    cutter *cutter;
    cut_direction direction;
} carrier;

struct cutter {
    gt_dialer *dialer; /* for the channel under test */
    cut_way way;
    cut_direction direction;
    size_t after; /* SIZE_MAX: never */

    gt_world *world;
    gt_dialer *inner;
    gt_conn *ends[CUT_DIRECTIONS]; /* ours: toward the client, toward the server; NULL: no dial */
    carrier carriers[CUT_DIRECTIONS];
    gt_task *tasks[CUT_DIRECTIONS];
    gt_buffer carried[CUT_DIRECTIONS]; /* what arrived on the first connection */
    bool is_cut;
    gt_time cut_at;
};

void cutter_open(cutter *c, const kit *k, cut_way way, cut_direction direction, size_t after);
/* After the channel is freed: lets go of all, once its tasks have ended. */
void cutter_close(cutter *c);

#endif
