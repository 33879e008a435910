/* mock_kit.h - for tests of mocks: a world, a mock behind a bufconn, a channel to it, and what
 * failed. Rule: a failure is noted and the test goes on in the poisoned world; `text` is
 * what it said up to the transcript. */
#ifndef GRPCTEST_MOCK_MOCK_KIT_H
#define GRPCTEST_MOCK_MOCK_KIT_H

#include <grpctest/grpctest.h>

typedef struct kit {
    gt_world *world;
    gt_mock *mock;
    gt_listener *listener;
    gt_dialer *dialer;
    gt_channel *channel;
    char text[4096]; /* of the failure; "" while there is none */
    const char *file;
    int line;
} kit;

#define METHOD "/users.Users/GetUser"

kit *kit_new(const gt_mock_options *options);
/* Frees all of it; what that brings up is noted too, in `text` of the caller (may be NULL). */
void kit_free(kit *k);
void kit_free_noting(kit *k, char text[4096]);

/* Asserts that what failed so far begins with this text, and where. */
void kit_assert_failed(const kit *k, const char *text, int line);
/* Asserts that nothing has failed. */
void kit_assert_sound(const kit *k);

/* A unary call with a text as its message; freed by the caller. */
gt_call *kit_unary(kit *k, const char *request);

#define BYTES(text) gt_bytes_of((text), sizeof(text) - 1)

#endif
