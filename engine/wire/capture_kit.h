/* capture_kit.h - for tests of what a capture tells of connections.
 * Rule: worlds made here keep one order of things under every seed, and a place that does not move
 * when a test does. Include it after cmocka.h. */
#ifndef GRPCTEST_ENGINE_WIRE_CAPTURE_KIT_H
#define GRPCTEST_ENGINE_WIRE_CAPTURE_KIT_H

#include "pcap_kit.h"

#include <grpctest/bufconn.h>

gt_world *kit_world(gt_clock clock);

/* Writes all of a text. */
void kit_put(gt_conn *conn, const char *text);

/* Asserts what the capture at `path` says, as pcap_text has it. */
void kit_assert_file(const char *path, const char *expected);

/* How a section with the world's first pipe begins. */
#define KIT_PIPE                                                                                   \
    "section\n"                                                                                    \
    "interface pipe:1/a: pipe from pipe:1/a to pipe:1/b\n"                                         \
    "names pipe:1/a, pipe:1/b\n"                                                                   \
    "0.000 ms  1 > 2  SYN 0  [the test was at w_test.c:7]\n"                                       \
    "0.000 ms  2 > 1  SYN ACK 0 1\n"                                                               \
    "0.000 ms  1 > 2  ACK 1 1\n"

#endif
