/* weather_kit.h - for the tests of links: a world with a pipe of 64 KiB, and what a test does with
 * it. Rule: what `a` writes is the direction that the tests give weather. */
#ifndef GRPCTEST_BUFCONN_WEATHER_KIT_H
#define GRPCTEST_BUFCONN_WEATHER_KIT_H

#include "engine/core/core.h"

#include <grpctest/weather.h>

#define MBIT ((uint64_t)1000000)

typedef struct weather_rig {
    gt_world *world;
    gt_conn *a, *b;
} weather_rig;

/* Setup and teardown of a test. */
int weather_set_up(void **state);
int weather_tear_down(void **state);

/* Writes all of it at once. */
void put(gt_conn *conn, const char *text);
/* GT_EPIPE and the like: what writing a byte gives. */
int try_write(gt_conn *conn);
/* On a task of its own: writes 1 MiB of zeros, as far as the connection lets it. */
void write_a_mebibyte(void *conn);

/* Exactly this can be read now; "" stands for nothing yet. */
void assert_readable(gt_conn *conn, const char *expected);
/* A read blocks until `instant`, and then gives this. */
void assert_read_at(weather_rig *r, gt_conn *conn, gt_time instant, const char *expected);
void assert_read_fails_at(weather_rig *r, gt_conn *conn, gt_time instant, int error);

/* Lets time pass, and all happen that does at its end. */
void pass(weather_rig *r, gt_duration time);

#define WEATHER_TEST(name) cmocka_unit_test_setup_teardown(name, weather_set_up, weather_tear_down)

#endif
