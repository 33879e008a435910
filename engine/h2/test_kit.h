/* test_kit.h - a gt__h2 in one role against frames written by the test: what it makes of them, as
 * text, and the frames it answers with, as text.
 * Rule: each test runs twice, with bytes whole and one by one in both directions, and must see the
 * same both times. */
#ifndef GRPCTEST_ENGINE_H2_TEST_KIT_H
#define GRPCTEST_ENGINE_H2_TEST_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/core.h"
#include "h2.h"

#include <grpctest/frames.h>

typedef struct kit {
    gt__h2 *h2;
    bool server;             /* the role of h2 */
    size_t step;             /* bytes per feed and drain: 1, or a great many */
    gt_time now;             /* given to every feed and drain */
    gt_buffer wire;          /* the test writes the peer's next frames here; kit_feed sends them */
    bool keep_credit;        /* messages are not taken: their bytes stay uncredited */
    gt_frame_reader *reader; /* of what h2 sent */
    gt_buffer frames;        /* what it sent since the last look, as text */
} kit;

/* For a table of tests: each runs whole and byte by byte on a kit of this role, made by the set-up,
 * with the handshake done. */
#define KIT_ENTRY(text, name, setup)                                                               \
    {                                                                                              \
        text, name, setup, kit_teardown, NULL                                                      \
    }
#define SERVER_TEST(name)                                                                          \
    KIT_ENTRY(#name, name, kit_server_whole),                                                      \
        KIT_ENTRY(#name " (byte by byte)", name, kit_server_bytes)
#define CLIENT_TEST(name)                                                                          \
    KIT_ENTRY(#name, name, kit_client_whole),                                                      \
        KIT_ENTRY(#name " (byte by byte)", name, kit_client_bytes)

int kit_server_whole(void **state);
int kit_server_bytes(void **state);
int kit_client_whole(void **state);
int kit_client_bytes(void **state);
int kit_teardown(void **state);

/* Starts again with these options (the role stays); without the handshake, which is next. */
void kit_restart(kit *k, const gt__h2_options *options);
/* Preface and SETTINGS both ways; what h2 sends and tells of it is dropped. */
void kit_handshake(kit *k);

/* Sends k->wire, which is empty afterwards, and takes what h2 answers at once. */
void kit_feed(kit *k);
/* The same where h2 may give GT_EPROTO, which is returned then. */
int kit_try_feed(kit *k);
/* The same where h2 must give GT_EPROTO. */
void kit_feed_to_failure(kit *k);

/* Feeds, and compares all events since the last look. One line each, lists indented by four spaces:
 *
 *     REQUEST stream=1 /a.B/C authority=localhost content-type=application/grpc
 *         x-key: value
 *     MESSAGE stream=1 "hello"
 *     STATUS stream=1 NOT_FOUND "no such user" trailers-only
 *     VIOLATION R2 stream=1 the request lacks "te: trailers"
 *
 * Messages are given back as taken (unless keep_credit). */
void kit_expect_events(kit *k, const char *expected);
/* Feeds, drains, and compares the frames since the last look, as gt_frame_print has them. In both,
 * an expected line that ends in "*" leaves its rest open, for the words of nghttp2. */
void kit_expect_frames(kit *k, const char *expected);

/* What nearly every test says. The peer's request is the standard one on this stream. */
void kit_write_request(kit *k, int32_t stream);
void kit_send(kit *k, int32_t stream, const char *message);
void kit_finish(kit *k, int32_t stream, int code, const char *message);

#endif
