/* script.h - the steps of a script: what the other side is expected to do, and what a mock does.
 * Rule: steps are values, read from top to bottom in the order of events; what they borrow is
 * copied when the script is given away (GT_ON, GT_PLAY). Expectations must come true; what a mock
 * does to a call that is over by then comes to nothing. */
#ifndef GRPCTEST_SCRIPT_H
#define GRPCTEST_SCRIPT_H

#include <grpctest/call.h>
#include <grpctest/match.h>
#include <grpctest/server.h>

GT_BEGIN_DECLS

/* Made by the macros below alone, which note where they stand; the members are the library's. */
typedef struct gt_step {
    int kind;
    const char *file;
    int line;
    gt_match match;
    const char *key, *text;
    gt_bytes bytes;
    gt_type type;
    const void *message;
    const gt_message_type *message_type;
    int64_t number, limit;
    gt_event *event;
    gt_handler_fn *fn;
    void (*frames)(gt_buffer *out, int32_t stream, void *user);
    void *user;
    const struct gt_step *steps;
    size_t step_count;
} gt_step;

/* ---- what is expected -------------------------------------------------------------------------
 */

/* The next message, which `match` is asked about. It fails when the other side sends no more, or
 * the call ends first. */
#define gt_expect(match) gt_expect_at((match), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_expect_at(gt_match match, const char *file, int line);

/* The next message, as exactly these bytes. */
#define gt_expect_bytes(bytes) gt_expect_at(gt_is_bytes(bytes), __FILE__, __LINE__)

/* The next message, as exactly what this text (gt_text) or JSON (gt_json) says. */
#define gt_expect_text(text) gt_expect_at(gt_text(text), __FILE__, __LINE__)
#define gt_expect_json(json) gt_expect_at(gt_json(json), __FILE__, __LINE__)

/* Metadata that came first: `match` is asked about each value under `key` (any case), and one must
 * do; where there is none, about its absence. A server is asked about the request's metadata, a
 * client about the response's header, for which it waits. */
#define gt_expect_metadata(key, match) gt_expect_metadata_at((key), (match), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_expect_metadata_at(const char *key, gt_match match, const char *file,
                                                 int line);

/* Client: the same of the trailers, for which it waits. */
#define gt_expect_trailer(key, match) gt_expect_trailer_at((key), (match), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_expect_trailer_at(const char *key, gt_match match, const char *file,
                                                int line);

/* Server: the call's deadline is `match` nanoseconds away; absent where it has none. */
#define gt_expect_deadline(match) gt_expect_deadline_at((match), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_expect_deadline_at(gt_match match, const char *file, int line);

/* Server: the call's :authority; the name of the connection's other end. */
#define gt_expect_authority(match) gt_expect_authority_at((match), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_expect_authority_at(gt_match match, const char *file, int line);
#define gt_expect_peer(match) gt_expect_peer_at((match), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_expect_peer_at(gt_match match, const char *file, int line);

/* Server: the client half-closes, and sends no message before that. */
#define gt_expect_half_close() gt_expect_half_close_at(__FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_expect_half_close_at(const char *file, int line);

/* Server: the client cancels the call (or is lost) before the mock ends it; its deadline passes. */
#define gt_expect_cancel() gt_expect_cancel_at(__FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_expect_cancel_at(const char *file, int line);
#define gt_expect_deadline_exceeded() gt_expect_deadline_exceeded_at(__FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_expect_deadline_exceeded_at(const char *file, int line);

/* Client: the server sends no more messages and ends with this status, whose message `match` is
 * asked about. */
#define gt_expect_status(code, match) gt_expect_status_at((code), (match), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_expect_status_at(gt_code code, gt_match match, const char *file,
                                               int line);

/* ---- what a mock does -------------------------------------------------------------------------
 */

/* Sends one message: what a text or JSON says (as for gt_text), bytes, a typed
 * message (packed when the script is given away), or what a file holds then. A file that cannot be
 * read is misuse: a sentence with its name and the reason. */
#define gt_send_text(text) gt_send_text_at((text), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_send_text_at(const char *text, const char *file, int line);
#define gt_send_json(json) gt_send_json_at((json), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_send_json_at(const char *json, const char *file, int line);
#define gt_send_bytes(bytes) gt_send_bytes_at((bytes), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_send_bytes_at(gt_bytes bytes, const char *file, int line);
#define gt_send_as(type, message) gt_send_as_at((type), (message), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_send_as_at(gt_type type, const void *message, const char *file,
                                         int line);
#define gt_send_file(path) gt_send_file_at((path), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_send_file_at(const char *path, const char *file, int line);

/* Server: adds to the response headers, which go out with gt_send_header, the first message or the
 * end; adds to the trailers. A "-bin" key carries the text's bytes. What rule D1 forbids is misuse.
 */
#define gt_header(key, value) gt_header_at((key), (value), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_header_at(const char *key, const char *value, const char *file,
                                        int line);
#define gt_send_header() gt_send_header_at(__FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_send_header_at(const char *file, int line);
#define gt_trailer(key, value) gt_trailer_at((key), (value), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_trailer_at(const char *key, const char *value, const char *file,
                                         int line);

/* Server: ends the call with this status (`message` may be NULL). Nothing follows. A script without
 * an end waits for half-close, takes any further message for a failure, and ends with OK. */
#define gt_end(code, message) gt_end_at((code), (message), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_end_at(gt_code code, const char *message, const char *file, int line);

/* Client: says that no more messages follow; cancels the call. A client's script that does not say
 * how the call ends half-closes and expects OK, without further messages. */
#define gt_half_close() gt_half_close_at(__FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_half_close_at(const char *file, int line);
#define gt_cancel() gt_cancel_at(__FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_cancel_at(const char *file, int line);

/* ---- time and order ---------------------------------------------------------------------------
 */

/* Lets so much world time pass. */
#define gt_delay(duration) gt_delay_at((duration), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_delay_at(gt_duration duration, const char *file, int line);

/* Waits for an event; raises one. Events go across calls and mocks; they are borrowed. */
#define gt_await(event) gt_await_at((event), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_await_at(gt_event *event, const char *file, int line);
#define gt_raise(event) gt_raise_at((event), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_raise_at(gt_event *event, const char *file, int line);

/* Does nothing until the call is over: cancelled, its deadline passed, its connection lost. */
#define gt_hang() gt_hang_at(__FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_hang_at(const char *file, int line);

/* Runs a function, which may block; at a server it is a handler, whose result ends the call unless
 * it is 0, with which the script goes on. */
#define gt_run(fn, user) gt_run_at((fn), (user), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_run_at(gt_handler_fn *fn, void *user, const char *file, int line);

/* The steps inside, so many times over. */
GT_API GT_MUST_USE gt_step gt_repeat_n(int64_t times, const gt_step *steps, size_t count,
                                       const char *file, int line);
/* As many messages as there are steps inside, each an expected one, in whatever order they come. */
GT_API GT_MUST_USE gt_step gt_any_order_n(const gt_step *steps, size_t count, const char *file,
                                          int line);
/* The steps inside, on a task of their own, while the script goes on; what ends the call waits for
 * them, unless the call is over. Where both expect messages, whoever asks first gets the next. */
GT_API GT_MUST_USE gt_step gt_meanwhile_n(const gt_step *steps, size_t count, const char *file,
                                          int line);

GT_END_DECLS

#ifndef __cplusplus
#define GT__STEPS(...)                                                                             \
    (const gt_step[]){__VA_ARGS__}, sizeof((const gt_step[]){__VA_ARGS__}) / sizeof(gt_step)
#define gt_repeat(times, ...) gt_repeat_n((times), GT__STEPS(__VA_ARGS__), __FILE__, __LINE__)
#define gt_any_order(...) gt_any_order_n(GT__STEPS(__VA_ARGS__), __FILE__, __LINE__)
#define gt_meanwhile(...) gt_meanwhile_n(GT__STEPS(__VA_ARGS__), __FILE__, __LINE__)
#else
/* Such a list of steps lives to the end of the expression it is written in. */
typedef std::initializer_list<gt_step> gt__steps;
inline gt_step gt__repeat(int64_t times, const char *file, int line, const gt__steps &steps)
{
    return gt_repeat_n(times, steps.begin(), steps.size(), file, line);
}
inline gt_step gt__any_order(const char *file, int line, const gt__steps &steps)
{
    return gt_any_order_n(steps.begin(), steps.size(), file, line);
}
inline gt_step gt__meanwhile(const char *file, int line, const gt__steps &steps)
{
    return gt_meanwhile_n(steps.begin(), steps.size(), file, line);
}
#define gt_repeat(times, ...) gt__repeat((times), __FILE__, __LINE__, {__VA_ARGS__})
#define gt_any_order(...) gt__any_order(__FILE__, __LINE__, {__VA_ARGS__})
#define gt_meanwhile(...) gt__meanwhile(__FILE__, __LINE__, {__VA_ARGS__})
#endif

#endif
