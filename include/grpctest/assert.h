/* assert.h - assertions about calls and worlds, for any test framework.
 * Rule: arguments are evaluated once; what does not hold is a failure of the world, told with the
 * caller's file and line, and ends the calling task (gt_world_fail_stop_at). */
#ifndef GRPCTEST_ASSERT_H
#define GRPCTEST_ASSERT_H

#include <grpctest/call.h>
#include <grpctest/world.h>

GT_BEGIN_DECLS

/* Blocks until the call has ended, and asserts its status: the code, and the message unless
 * `message` is NULL. "status is OK, expected DEADLINE_EXCEEDED". */
#define GT_ASSERT_STATUS(call, code, message)                                                      \
    gt_assert_status_at((call), (code), (message), __FILE__, __LINE__)
GT_API void gt_assert_status_at(gt_call *call, gt_code code, const char *message, const char *file,
                                int line);

/* Blocks until a message is there and asserts that the codec shows it as exactly this line of text.
 * The message is then read. "message is { name: \"jane\" }, expected { name: \"john\" }". */
#define GT_ASSERT_RECV_TEXT(call, type, text)                                                      \
    gt_assert_recv_text_at((call), (type), (text), __FILE__, __LINE__)
GT_API void gt_assert_recv_text_at(gt_call *call, gt_type type, const char *text, const char *file,
                                   int line);

/* Asserts the world's present instant. "now is 20.000 ms, expected 50.000 ms". */
#define GT_ASSERT_NOW(world, instant) gt_assert_now_at((world), (instant), __FILE__, __LINE__)
GT_API void gt_assert_now_at(gt_world *world, gt_time instant, const char *file, int line);

/* Asserts that an int expression is no error (it is not negative).
 * "gt_sleep(world, 5) is GT_ECANCELLED (cancelled), expected no error". */
#define GT_ASSERT_OK(world, ...)                                                                   \
    gt_assert_ok_at((world), (__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)
GT_API void gt_assert_ok_at(gt_world *world, int result, const char *expression, const char *file,
                            int line);

/* Asserts that an int expression is this very error.
 * "gt_sleep(world, 5) is 0, expected GT_ECANCELLED (cancelled)". */
#define GT_ASSERT_ERROR(world, error, ...)                                                         \
    gt_assert_error_at((world), (error), (__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)
GT_API void gt_assert_error_at(gt_world *world, int error, int result, const char *expression,
                               const char *file, int line);

GT_END_DECLS

#endif
