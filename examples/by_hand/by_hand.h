/* by_hand.h - a client and a server whose frames are written by hand, for what no well-behaved
 * library would send. Rule: each is one connection, one stream, and then the end. */
#ifndef BY_HAND_H
#define BY_HAND_H

#include <grpctest/grpctest.h>

/* A client: opens a connection, sends the request's headers (lines of "name: value", see
 * gt_headers_parse) and nothing more, and adds the headers that came back to `answer`, in the same
 * form. Blocks. 0, or the connection's error. */
GT_MUST_USE int by_hand_ask(gt_dialer *dialer, const char *headers, gt_buffer *answer);

/* A server, on a task of its own: accepts one connection, waits for a whole request, and sends
 * `answer` (borrowed), which is frames on stream 1. */
typedef struct by_hand_server {
    gt_listener *listener;
    const gt_buffer *answer;
    gt_task *task;
} by_hand_server;

void by_hand_serve(by_hand_server *server, gt_world *world, gt_listener *listener,
                   const gt_buffer *answer);
/* Waits until its client has gone. 0, or the world's error. */
GT_MUST_USE int by_hand_finish(by_hand_server *server);

#endif
