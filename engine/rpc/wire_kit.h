/* wire_kit.h - for tests: a server, or a channel, whose other end is frames written by the test.
 * Rule: each test runs twice, with bytes whole and one by one in both directions, and must see the
 * same both times. */
#ifndef GRPCTEST_ENGINE_RPC_WIRE_KIT_H
#define GRPCTEST_ENGINE_RPC_WIRE_KIT_H

#include "rpc_test_kit.h"

#include <grpctest/frames.h>

typedef struct wire_kit {
    gt_world *world;
    gt_server *server;   /* one of the two is under test, the other is NULL */
    gt_channel *channel; /* dials at its first call: wire_accept */
    gt_listener *listener;
    gt_dialer *dialer;
    gt_conn *end;            /* the test's own end */
    size_t step;             /* bytes per read and write: 1, or a great many */
    gt_buffer wire;          /* the test writes the peer's next frames here; wire_feed sends them */
    gt_frame_reader *reader; /* of what came back */
    gt_buffer frames;        /* what came back since the last look, as text */
} wire_kit;

/* For a table of tests: each runs whole and byte by byte. A server has had the handshake. */
#define WIRE_ENTRY(text, name, setup)                                                              \
    {                                                                                              \
        text, name, setup, wire_teardown, NULL                                                     \
    }
#define WIRE_SERVER_TEST(name)                                                                     \
    WIRE_ENTRY(#name, name, wire_server_whole),                                                    \
        WIRE_ENTRY(#name " (byte by byte)", name, wire_server_bytes)
#define WIRE_CHANNEL_TEST(name)                                                                    \
    WIRE_ENTRY(#name, name, wire_channel_whole),                                                   \
        WIRE_ENTRY(#name " (byte by byte)", name, wire_channel_bytes)

int wire_server_whole(void **state);
int wire_server_bytes(void **state);
int wire_channel_whole(void **state);
int wire_channel_bytes(void **state);
int wire_teardown(void **state);

/* Starts again in a world of this seed, or with these options (NULL: the defaults). */
void wire_restart(wire_kit *k, uint64_t seed, const gt_server_options *server,
                  const gt_channel_options *channel);

/* Takes the connection that the channel dials for its first call, and does the handshake. */
void wire_accept(wire_kit *k);
/* Sends k->wire, which is empty afterwards, and lets the world settle. */
void wire_feed(wire_kit *k);
/* Feeds, settles, and compares the frames since the last look, as gt_frame_print has them. */
void wire_expect_frames(wire_kit *k, const char *expected);
/* The same without settling, for the middle of a test of order. */
void wire_write(wire_kit *k);

#endif
