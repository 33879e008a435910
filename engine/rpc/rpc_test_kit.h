/* rpc_test_kit.h - for tests of this folder: a world, a server and a channel over a bufconn.
 * Rule: a failure of the world fails the test, and not the program, so that the others run. */
#ifndef GRPCTEST_ENGINE_RPC_RPC_TEST_KIT_H
#define GRPCTEST_ENGINE_RPC_RPC_TEST_KIT_H

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <grpctest/grpctest.h>

typedef struct kit {
    gt_world *world;
    gt_listener *listener;
    gt_dialer *dialer;
    gt_server *server;
    gt_channel *channel;
} kit;

typedef struct kit_options {
    uint64_t seed;
    size_t capacity; /* of the wire, bytes; 0: 64 KiB */
    gt_server_options server;
    gt_channel_options channel;
} kit_options;

/* A world whose failure is the test's. */
gt_world *kit_world(uint64_t seed);

/* Registers nothing: handlers are the test's, before its first call. */
void kit_open(kit *k, const kit_options *options);
void kit_close(kit *k);

/* For cmocka: `*state` is an open kit with defaults. */
int kit_setup(void **state);
/* The same for a test that says in which order things happen, whatever GRPCTEST_SEED says. */
int kit_setup_in_order(void **state);
int kit_teardown(void **state);

/* Handlers: answers every message with itself; sleeps for the gt_duration at `user` under the
 * call's context, then OK. */
int kit_echo(gt_call *call, void *user);
int kit_sleep(gt_call *call, void *user);

void kit_assert_status(gt_call *call, gt_code code, const char *message);
void kit_assert_message(gt_call *call, const char *text);

#endif
