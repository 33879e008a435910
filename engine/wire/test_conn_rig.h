/* test_conn_rig.h - what the laws of connections stand on: a world with the two ends of a
 * connection, and transfers that tasks carry out. Rule: tasks only note; asserting is the test's.
 */
#ifndef GRPCTEST_ENGINE_WIRE_TEST_CONN_RIG_H
#define GRPCTEST_ENGINE_WIRE_TEST_CONN_RIG_H

#include "engine/core/core.h"
#include "test_conn_laws.h"
#include "test_laws.h"

typedef struct conn_rig {
    const conn_kind *kind;
    gt_world *world;
    gt_conn *a, *b;
} conn_rig;

/* Setup and teardown of a law; the initial state is a `const conn_kind *`. */
int conn_rig_set_up(void **state);
int conn_rig_tear_down(void **state);

/* Time enough for a kernel to have delivered; on a virtual clock exactly this long. */
#define A_WHILE GT_MS(20)

/* One transfer of a direction: write_all and read_all carry it out, on any task. */
typedef struct transfer {
    gt_conn *conn;
    gt_context *context;
    uint8_t *data;
    size_t size;  /* to be moved */
    size_t chunk; /* at most so many per read; 0: any */
    size_t done;
    int error;
    gt_task *task;
} transfer;

void write_all(void *transfer);
void read_all(void *transfer);

/* Has a task of its own carry it out; start_waiting also sees it wait. finish joins the task. */
void start(conn_rig *r, gt_task_fn *fn, transfer *t);
void start_waiting(conn_rig *r, gt_task_fn *fn, transfer *t);
void finish(transfer *t);

/* `size` bytes in which a lost or doubled one shows; gt__free. */
uint8_t *new_pattern(size_t size);

/* On the calling task. */
void put_byte(gt_conn *conn, char byte);
void assert_next_byte(gt_conn *conn, char expected);
void assert_read_gives(gt_conn *conn, int expected);
void assert_write_gives(gt_conn *conn, int expected);
void read_exactly(gt_conn *conn, size_t size);
/* Writes without blocking until it would, and returns how much that was. */
size_t fill(gt_conn *conn);

/* At this instant, or on the real clock not before it. */
void assert_now(const conn_rig *r, gt_time expected);

extern const law_chapter conn_laws_of_carrying, conn_laws_of_waiting, conn_laws_of_ending,
    conn_laws_of_sharing;

#endif
