/* stage.h - the scenery of one act: a world, a server behind a bufconn, a channel to it. */
#ifndef DEMO_STAGE_H
#define DEMO_STAGE_H

#include <grpctest/grpctest.h>

typedef struct stage {
    gt_world *world;
    gt_listener *listener;
    gt_dialer *dialer;
    gt_server *server;
    gt_channel *channel;
} stage;

/* With a seed (0: GRPCTEST_SEED, or first in, first out), or without. */
void stage_set_seeded(stage *s, uint64_t seed);
void stage_set(stage *s);
void stage_strike(stage *s);

#endif
