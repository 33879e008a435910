/* error.h - what a call of this library can say went wrong, as negative ints from one list.
 * Rule: these are things a test provokes on purpose; a gRPC status is data (status.h), a misuse
 * aborts, and an unmet expectation is a failure (world.h). */
#ifndef GRPCTEST_ERROR_H
#define GRPCTEST_ERROR_H

#include <grpctest/base.h>

GT_BEGIN_DECLS

/* X(name, number, text): the one list of errors. Zero is success everywhere. */
#define GT_ERROR_LIST(X)                                                                           \
    X(GT_EOF, -1, "end of stream")                                                                 \
    X(GT_EAGAIN, -2, "would block")                                                                \
    X(GT_ECANCELLED, -3, "cancelled")                                                              \
    X(GT_ETIMEDOUT, -4, "deadline exceeded")                                                       \
    X(GT_ECLOSED, -5, "closed")                                                                    \
    X(GT_EPIPE, -6, "closed by the peer")                                                          \
    X(GT_ERESET, -7, "reset")                                                                      \
    X(GT_EREFUSED, -8, "refused")                                                                  \
    X(GT_EDEADLOCK, -9, "deadlock")                                                                \
    X(GT_ELIVELOCK, -10, "live-lock")                                                              \
    X(GT_EPOISONED, -11, "the world has failed")                                                   \
    X(GT_EINVAL, -12, "invalid input")                                                             \
    X(GT_ETOOBIG, -13, "larger than the limit")                                                    \
    X(GT_EPROTO, -14, "protocol error")                                                            \
    X(GT_ENOENT, -15, "not found")                                                                 \
    X(GT_EIO, -16, "input or output failed")                                                       \
    X(GT_ESTATUS, -17, "the call has ended with a status")                                         \
    X(GT_EUNSUPPORTED, -18, "not supported")

enum gt_error {
#define GT_ERROR_ENUM(name, number, text) name = number,
    GT_ERROR_LIST(GT_ERROR_ENUM)
#undef GT_ERROR_ENUM
};

/* The error's name ("GT_EOF"); "GT_SUCCESS" for 0 and "GT_E?" for a number not in the list.
 * A static string. */
GT_API const char *gt_error_name(int error);

/* The error as words ("end of stream"); "success" for 0 and "unknown error" for a number not in
 * the list. A static string. */
GT_API const char *gt_error_text(int error);

GT_END_DECLS

#endif
