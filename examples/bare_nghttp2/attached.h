/* attached.h - the bare client attached to grpctest by bytes: one end of a pipe is the client's, at
 * the other a grpctest server answers, and time is moved by hand.
 * Rule: the client never blocks in the library, so it is this that carries its bytes. */
#ifndef BARE_NGHTTP2_ATTACHED_H
#define BARE_NGHTTP2_ATTACHED_H

#include "client.h"
#include <grpctest/grpctest.h>

typedef struct attached {
    gt_world *world;
    gt_server *server;
    gt_conn *end;
    bare_client *client;
    uint8_t output[1024]; /* taken from the client, not all on the wire yet */
    size_t output_size, output_sent;
} attached;

/* Builds a world, a server without methods, and the client on a pipe to it. */
void attached_begin(attached *a);
/* Takes all of it down. */
void attached_end(attached *a);

/* Carries bytes both ways and lets the server work until neither side has more to say. Time stands
 * still. */
void attached_pump(attached *a);

/* Moves time forward, stopping at the client's own deadlines on the way, and pumps at each stop. */
void attached_advance(attached *a, gt_duration duration);

#endif
