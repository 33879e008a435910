/* status.h - how a gRPC call ended: one of seventeen codes, a message, details.
 * Rule: a status is data; NOT_FOUND is a call that worked. */
#ifndef GRPCTEST_STATUS_H
#define GRPCTEST_STATUS_H

#include <grpctest/base.h>

GT_BEGIN_DECLS

/* X(name, number): gRPC's codes (statuscodes document). */
#define GT_CODE_LIST(X)                                                                            \
    X(OK, 0)                                                                                       \
    X(CANCELLED, 1)                                                                                \
    X(UNKNOWN, 2)                                                                                  \
    X(INVALID_ARGUMENT, 3)                                                                         \
    X(DEADLINE_EXCEEDED, 4)                                                                        \
    X(NOT_FOUND, 5)                                                                                \
    X(ALREADY_EXISTS, 6)                                                                           \
    X(PERMISSION_DENIED, 7)                                                                        \
    X(RESOURCE_EXHAUSTED, 8)                                                                       \
    X(FAILED_PRECONDITION, 9)                                                                      \
    X(ABORTED, 10)                                                                                 \
    X(OUT_OF_RANGE, 11)                                                                            \
    X(UNIMPLEMENTED, 12)                                                                           \
    X(INTERNAL, 13)                                                                                \
    X(UNAVAILABLE, 14)                                                                             \
    X(DATA_LOSS, 15)                                                                               \
    X(UNAUTHENTICATED, 16)

typedef enum gt_code {
#define GT_CODE_ENUM(name, number) GT_##name = number,
    GT_CODE_LIST(GT_CODE_ENUM)
#undef GT_CODE_ENUM
} gt_code;

/* The code's name without prefix ("NOT_FOUND"); "UNKNOWN" for a number outside 0-16 (rule T7).
 * A static string. */
GT_API const char *gt_code_name(gt_code code);

/* Reads a code's name ("NOT_FOUND") into `*code`. 0, or GT_EINVAL when it is none. */
GT_API GT_MUST_USE int gt_code_from_name(const char *name, gt_code *code);

/* How a call ended. Borrowed from the call it came from; `message` is never NULL (it is "" when
 * the peer sent none) and is UTF-8 whenever the peer keeps to rule T3. `details` are the bytes of
 * a google.rpc.Status (rule T4), empty when there were none. */
typedef struct gt_status {
    gt_code code;
    const char *message;
    gt_bytes details;
} gt_status;

/* True when code, message and details are the same. */
GT_API bool gt_status_equal(const gt_status *a, const gt_status *b);

/* `NOT_FOUND "no user jane"`, with the size of the details where there are any; freed with gt_free.
 */
GT_API char *gt_status_format(const gt_status *status);

GT_END_DECLS

#endif
