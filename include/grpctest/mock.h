/* mock.h - a server and a client that follow scripts.
 * Rule: strict unless told otherwise: a call that no expectation fits, a step that does not come
 * true, and an expectation that is not met are failures of the world, which tell how near it was.
 */
#ifndef GRPCTEST_MOCK_H
#define GRPCTEST_MOCK_H

#include <grpctest/channel.h>
#include <grpctest/script.h>
#include <grpctest/server.h>

GT_BEGIN_DECLS

/* A server whose calls are answered by scripts. */
typedef struct gt_mock gt_mock;
/* That such calls come, and the script that each of them gets. Belongs to its mock. */
typedef struct gt_expectation gt_expectation;
/* A script under way at a client. */
typedef struct gt_play gt_play;

/* ---- the mock server --------------------------------------------------------------------------
 */

/* Zeros mean defaults. */
typedef struct gt_mock_options {
    gt_server_options server;
    bool lenient; /* a call that nothing expects is answered UNIMPLEMENTED, and is no failure */
    /* Like any server until the first expectation is declared, which should come before the first
     * call: a rig's mock. */
    bool dormant;
} gt_mock_options;

/* Sets every option to its default (for C++). */
GT_API void gt_mock_options_init(gt_mock_options *options);

/* Makes a mock, which the caller owns: gt_mock_free. `options` may be NULL. */
GT_API gt_mock *gt_mock_new_at(gt_world *world, const gt_mock_options *options, const char *file,
                               int line);
#define gt_mock_new(world, ...) gt_mock_new_at((world), (__VA_ARGS__), __FILE__, __LINE__)

/* The server inside, to serve listeners with and to register handlers at, which come before
 * scripts. The mock's; it must not be freed. */
GT_API gt_server *gt_mock_server(gt_mock *mock);

/* Stops the server, which may block, checks the expectations (gt_mock_verify), and lets go; takes
 * NULL. In a world that has failed nothing is checked. */
GT_API void gt_mock_free(gt_mock *mock);

/* Fails the world when an expectation is not met as often as it was to be, or a script stands at a
 * step that expects something; with where it was declared and how far it came. Does not block. */
GT_API void gt_mock_verify(gt_mock *mock);

/* Expects calls of `method` ("/package.Service/Method") and answers each by the script; once,
 * unless told otherwise. Which expectation a call gets: the first in the order of declaration that
 * may still be called, and whose opening fits - the steps of expecting metadata, deadline,
 * authority and peer at its beginning, and the first message where the next step is one. Where only
 * one may be called, that one gets the call, so that what does not fit is told at its step. The
 * steps are copied. */
GT_API gt_expectation *gt_on_at(gt_mock *mock, const char *method, const gt_step *steps,
                                size_t count, const char *file, int line);

/* How often it is to be called: exactly n times, at least, at most, any number of times, never.
 * Each returns its argument, so that GT_ON can stand inside. */
GT_API gt_expectation *gt_times(gt_expectation *expectation, uint64_t count);
GT_API gt_expectation *gt_at_least(gt_expectation *expectation, uint64_t count);
GT_API gt_expectation *gt_at_most(gt_expectation *expectation, uint64_t count);
GT_API gt_expectation *gt_any_times(gt_expectation *expectation);
GT_API gt_expectation *gt_never(gt_expectation *expectation);

/* It may be called only after `before` has been as often as needed, which then may no more. */
GT_API gt_expectation *gt_after(gt_expectation *expectation, gt_expectation *before);

/* Asked before those of a lower priority; 0 unless set. */
GT_API gt_expectation *gt_with_priority(gt_expectation *expectation, int priority);

/* It may be called only while the mock is in this state; and calling it brings the mock into that
 * state. A mock begins in the state "". Copied. */
GT_API gt_expectation *gt_in_state(gt_expectation *expectation, const char *state);
GT_API gt_expectation *gt_to_state(gt_expectation *expectation, const char *state);
GT_API const char *gt_mock_state(const gt_mock *mock);
GT_API void gt_mock_set_state(gt_mock *mock, const char *state);

/* How many calls it has had. */
GT_API uint64_t gt_expectation_calls(const gt_expectation *expectation);

/* ---- the mock client --------------------------------------------------------------------------
 */

/* Makes a call and has a script follow it on a task of its own. Does not block. `options` as for
 * gt_call_new; the caller owns the play: gt_play_finish. The steps are copied. */
GT_API gt_play *gt_play_at(gt_channel *channel, const char *method, const gt_call_options *options,
                           const gt_step *steps, size_t count, const char *file, int line);

/* Blocks until the script has come to its end, and lets go; 0, or the world's error. */
GT_API int gt_play_finish(gt_play *play);

GT_END_DECLS

/* GT_ON(mock, method, step, ...) and GT_PLAY(channel, method, options, step, ...). Options with
 * commas in them go in parentheses: (&(gt_call_options){.kind = GT_UNARY, .timeout = GT_MS(5)}). */
#ifndef __cplusplus
#define GT_ON(mock, method, ...)                                                                   \
    gt_on_at((mock), (method), GT__STEPS(__VA_ARGS__), __FILE__, __LINE__)
#define GT_PLAY(channel, method, options, ...)                                                     \
    gt_play_at((channel), (method), (options), GT__STEPS(__VA_ARGS__), __FILE__, __LINE__)
#else
inline gt_expectation *gt__on(gt_mock *mock, const char *method, const char *file, int line,
                              const gt__steps &steps)
{
    return gt_on_at(mock, method, steps.begin(), steps.size(), file, line);
}
inline gt_play *gt__play(gt_channel *channel, const char *method, const gt_call_options *options,
                         const char *file, int line, const gt__steps &steps)
{
    return gt_play_at(channel, method, options, steps.begin(), steps.size(), file, line);
}
#define GT_ON(mock, method, ...) gt__on((mock), (method), __FILE__, __LINE__, {__VA_ARGS__})
#define GT_PLAY(channel, method, options, ...)                                                     \
    gt__play((channel), (method), (options), __FILE__, __LINE__, {__VA_ARGS__})
#endif

#endif
