/* misbehave.h - steps by which a mock breaks the rules: on its stream, or on its connection.
 * Rule: they are carried out on the wire, between the engine and the other side: what the script
 * has sent before goes out first, and the engine believes that it did as it should. */
#ifndef GRPCTEST_MISBEHAVE_H
#define GRPCTEST_MISBEHAVE_H

#include <grpctest/frames.h>
#include <grpctest/script.h>

GT_BEGIN_DECLS

/* ---- the catalogue -----------------------------------------------------------------------------
 */

/* X(name, who, rule, code, what): what a mock does; whether a SERVER, a CLIENT, or BOTH can; which
 * rule of docs/wire-rules.md it breaks, "RFC" where it is HTTP/2's own, "-" where it breaks none
 * and is only rare; the status that a client reads which keeps the rules; in words. Those of a
 * server that end the call (all but the last group) end the script too. Where no response headers
 * have been sent, those that need them send them. */
#define GT_MISBEHAVIOUR_LIST(X)                                                                    \
    /* the status */                                                                               \
    X(NO_TRAILERS, SERVER, "T5", UNKNOWN, "ends the stream on DATA, without trailers")             \
    X(NO_STATUS, SERVER, "T5", UNKNOWN, "sends trailers without grpc-status")                      \
    X(STATUS_IN_HEADERS, SERVER, "T8", UNKNOWN,                                                    \
      "sends grpc-status in headers that do not end the stream, and no trailers")                  \
    X(STATUS_NO_NUMBER, SERVER, "T7", UNKNOWN, "sends a grpc-status that is a word")               \
    X(STATUS_OUT_OF_RANGE, SERVER, "T7", UNKNOWN, "sends the grpc-status 99")                      \
    X(STATUS_MESSAGE_BROKEN, SERVER, "T3", NOT_FOUND,                                              \
      "sends a grpc-message with a broken escape, with NOT_FOUND")                                 \
    X(TRAILERS_WITHOUT_END, SERVER, "T8", INTERNAL, "sends trailers that do not end the stream")   \
    X(TRAILERS_BEFORE_DATA, SERVER, "T1", OK, "sends the trailers, and a message after them")      \
    X(BAD_TRAILER, SERVER, "D2", INTERNAL, "sends a -bin trailer that is not base64")              \
    /* the response headers */                                                                     \
    X(NO_CONTENT_TYPE, SERVER, "T6", UNKNOWN,                                                      \
      "answers with :status 200 alone, and ends the stream on DATA")                               \
    X(WRONG_CONTENT_TYPE, SERVER, "T6", UNKNOWN, "answers with a page of HTML")                    \
    X(HTTP_STATUS_ONLY, SERVER, "T6", UNAVAILABLE, "answers with :status 503 and nothing else")    \
    X(NO_HTTP_STATUS, SERVER, "T6", INTERNAL, "sends response headers without :status")            \
    X(UNKNOWN_ENCODING, SERVER, "M4c", INTERNAL, "names a grpc-encoding that nobody knows")        \
    X(UPPER_CASE_HEADER, SERVER, "D1", INTERNAL, "sends a header name in upper case")              \
    X(HEADERS_TOO_BIG, SERVER, "D5", RESOURCE_EXHAUSTED, "sends more headers than is allowed")     \
    X(CONTENT_LENGTH_LIES, SERVER, "RFC", INTERNAL, "sends more data than content-length says")    \
    /* messages */                                                                                 \
    X(MESSAGE_CUT_SHORT, BOTH, "M7", INTERNAL, "ends the stream inside a message")                 \
    X(PREFIX_TOO_LONG, BOTH, "M6", RESOURCE_EXHAUSTED, "claims a message of 2 GiB")                \
    X(FLAG_2, BOTH, "M1", INTERNAL, "sends a message with the flag 2")                             \
    X(FLAG_WITHOUT_ENCODING, BOTH, "M3", INTERNAL,                                                 \
      "sends a message flagged as compressed without a grpc-encoding")                             \
    X(BROKEN_COMPRESSION, SERVER, "M4c", INTERNAL, "sends a gzip message that does not inflate")   \
    /* HTTP/2 */                                                                                   \
    X(DATA_FRAME_TOO_LARGE, BOTH, "RFC", UNAVAILABLE,                                              \
      "sends a DATA frame that is larger than SETTINGS_MAX_FRAME_SIZE")                            \
    X(HEADERS_UNFINISHED, SERVER, "RFC", UNAVAILABLE,                                              \
      "sends HEADERS without END_HEADERS and then PING")                                           \
    X(PUSH, SERVER, "R9", INTERNAL, "sends a PUSH_PROMISE")                                        \
    X(WINDOW_OVERFLOW, BOTH, "RFC", INTERNAL, "gives the stream more window than there can be")    \
    X(GARBAGE, BOTH, "RFC", UNAVAILABLE, "sends bytes that are no HTTP/2")                         \
    /* what is allowed, and does not end the call */                                               \
    X(INFORMATIONAL_FIRST, SERVER, "-", OK, "sends 103 before the response headers")               \
    X(EMPTY_MESSAGE_PADDED, BOTH, "-", OK, "sends an empty message in a frame with padding")       \
    X(UNKNOWN_FRAME, BOTH, "-", OK, "sends a frame of an unknown type")                            \
    X(EMPTY_DATA, BOTH, "-", OK, "sends a DATA frame without bytes")

typedef enum gt_misbehaviour {
#define GT_MISBEHAVIOUR_ENUM(name, who, rule, code, what) GT_##name,
    GT_MISBEHAVIOUR_LIST(GT_MISBEHAVIOUR_ENUM)
#undef GT_MISBEHAVIOUR_ENUM
        GT_MISBEHAVIOURS /* how many there are */
} gt_misbehaviour;

/* What is known of one. Static. */
typedef struct gt_misbehaviour_info {
    const char *name, *rule, *what;
    bool server, client; /* whose it is */
    gt_code code;        /* what a client reads */
} gt_misbehaviour_info;
GT_API const gt_misbehaviour_info *gt_misbehaviour_about(gt_misbehaviour which);

/* Does it. One that is the other side's is misuse. */
#define gt_misbehave(which) gt_misbehave_at((which), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_misbehave_at(gt_misbehaviour which, const char *file, int line);

/* ---- by hand -----------------------------------------------------------------------------------
 */

/* RST_STREAM with any code (RFC 9113 section 7). The stream is over then, and so is the call: at a
 * client it reads CANCELLED. */
#define gt_reset(code) gt_reset_at((code), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_reset_at(uint32_t code, const char *file, int line);

/* GOAWAY with any last stream id, error code and debug text (may be NULL); the call goes on. */
#define gt_goaway(last_stream, code, debug)                                                        \
    gt_goaway_at((last_stream), (code), (debug), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_goaway_at(int32_t last_stream, uint32_t code, const char *debug,
                                        const char *file, int line);

/* PING, so many times over. */
#define gt_ping_flood(times) gt_ping_flood_at((times), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_ping_flood_at(int64_t times, const char *file, int line);

/* Whatever frames a function writes for the call's stream (gt_frame_write_...). Whether the stream
 * is over then, only the author knows: a script that goes on is the engine's again. */
typedef void gt_frames_fn(gt_buffer *out, int32_t stream, void *user);
#define gt_send_frames(fn, user) gt_send_frames_at((fn), (user), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_send_frames_at(gt_frames_fn *fn, void *user, const char *file,
                                             int line);

/* Any bytes, at a frame's boundary. */
#define gt_send_raw(bytes) gt_send_raw_at((bytes), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_send_raw_at(gt_bytes bytes, const char *file, int line);

/* The next frame of this type (GT_FRAME_...) that the script brings about on this stream: it is not
 * sent; it is sent twice; it is sent behind the stream's next frame. Messages that are ready at one
 * instant share a DATA frame, unless the server is told otherwise (separate_frames). */
#define gt_drop_next(type) gt_drop_next_at((type), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_drop_next_at(int type, const char *file, int line);
#define gt_repeat_next(type) gt_repeat_next_at((type), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_repeat_next_at(int type, const char *file, int line);
#define gt_hold_next(type) gt_hold_next_at((type), __FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_hold_next_at(int type, const char *file, int line);

/* The connection is closed, or reset, with all calls on it; what was sent before a close arrives.
 */
#define gt_close_connection() gt_close_connection_at(__FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_close_connection_at(const char *file, int line);
#define gt_reset_connection() gt_reset_connection_at(__FILE__, __LINE__)
GT_API GT_MUST_USE gt_step gt_reset_connection_at(const char *file, int line);

GT_END_DECLS

#endif
