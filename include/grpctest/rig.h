/* rig.h - what most tests begin with, in one line: a world, a server behind a bufconn, a channel to
 * it. Rule: the parts are there to be used; the rig only makes them, and frees them in the right
 * order. */
#ifndef GRPCTEST_RIG_H
#define GRPCTEST_RIG_H

#include <grpctest/bufconn.h>
#include <grpctest/channel.h>
#include <grpctest/mock.h>
#include <grpctest/server.h>
#include <grpctest/weather.h>
#include <grpctest/world.h>

GT_BEGIN_DECLS

/* Zeros mean defaults. */
typedef struct gt_rig_options {
    gt_world_options world;
    gt_server_options server;
    gt_channel_options channel;
    size_t capacity; /* of the wire, bytes per direction; 0: 64 KiB */
    /* The wire's, both ways; NULL: none. Each way for itself by gt_link_to_listener and the like.
     */
    const gt_weather *weather;
} gt_rig_options;

typedef struct gt_rig {
    gt_world *world;
    gt_listener *listener;
    gt_dialer *dialer;
    gt_mock *mock;     /* answers by scripts what no handler is registered for, once it has any */
    gt_server *server; /* the mock's; serves the listener; handlers are the test's to register */
    gt_channel *channel;
} gt_rig;

/* Sets every option to its default (for C++). */
GT_API void gt_rig_options_init(gt_rig_options *options);

/* Makes a rig, which the caller owns: gt_rig_free, as its task 0. `options` may be NULL. */
GT_API gt_rig *gt_rig_new_at(const gt_rig_options *options, const char *file, int line);
#define gt_rig_new(...) gt_rig_new_at((__VA_ARGS__), __FILE__, __LINE__)

/* Frees everything in it, the world last, which checks its ledger; takes NULL. */
GT_API void gt_rig_free(gt_rig *rig);

GT_END_DECLS

#endif
