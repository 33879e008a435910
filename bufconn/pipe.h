/* pipe.h - what the listener and the weather need of pipes.
 * Rule: both ends share one block of memory, which goes with the last of them. */
#ifndef GRPCTEST_BUFCONN_PIPE_H
#define GRPCTEST_BUFCONN_PIPE_H

#include "engine/wire/wire.h"
#include <grpctest/weather.h>

/* ---- orders: what a test says to a link ---------------------------------------------------- */

typedef enum gt__order_kind {
    /* what also concerns the connections to come: the latest of a kind counts */
    GT__ORDER_WEATHER,
    GT__ORDER_CUT,
    GT__ORDER_HOLD,
    GT__ORDER_STALL,
    GT__ORDER_STANDING, /* how many of these there are */
    /* what concerns those there are */
    GT__ORDER_RELEASE, /* and takes back hold and stall for those to come */
    GT__ORDER_RESET
} gt__order_kind;

typedef struct gt__order {
    gt__order_kind kind;
    gt_weather weather;
    gt_time until;  /* a stall */
    uint64_t count; /* of a cut: bytes, or frames; GT_NO_CUT */
    bool frames;
    gt_cut how;
} gt__order;

/* ---- pipes --------------------------------------------------------------------------------- */

/* Makes both ends of a pipe; `a_name` and `b_name` are copied. While it lives it is in the list
 * `pipes`, unless that is NULL or goes first, emptied by removing its links. */
void gt__pipe_new(gt_world *world, size_t capacity, const char *a_name, const char *b_name,
                  gt__link *pipes, gt_conn **a, gt_conn **b, const char *file, int line);

bool gt__pipe_is(const gt_conn *conn);
/* The other end, which may be closed, and even freed. */
gt_conn *gt__pipe_peer(gt_conn *end);

/* Has the order carried out on what this end writes. */
void gt__pipe_obey(gt_conn *end, const gt__order *order);
/* The same on all pipes of a list: on what their ends `a` write, or their ends `b`. */
void gt__pipes_obey(const gt__link *pipes, bool from_a, const gt__order *order);

/* ---- listeners ----------------------------------------------------------------------------- */

/* Misuse, naming `function`, on a listener of another kind. */
void gt__bufconn_require(const gt_listener *listener, const char *function);
/* Gives the order to all connections of the listener, there or to come. */
void gt__bufconn_obey(gt_listener *listener, bool from_listener, const gt__order *order);

#endif
