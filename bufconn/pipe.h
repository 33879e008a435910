/* pipe.h - what the bufconn listener needs of pipes.
 * Rule: both ends share one block of memory, which goes with the last of them. */
#ifndef GRPCTEST_BUFCONN_PIPE_H
#define GRPCTEST_BUFCONN_PIPE_H

#include "engine/wire/wire.h"

/* Makes both ends of a pipe; `a_name` and `b_name` are copied. */
void gt__pipe_new(gt_world *world, size_t capacity, const char *a_name, const char *b_name,
                  gt_conn **a, gt_conn **b, const char *file, int line);

#endif
