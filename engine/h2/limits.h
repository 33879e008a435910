/* limits.h - the inside of a session's limits: token buckets, and where one frame ends and the next
 * begins in the bytes that are fed.
 * Rule: the only clock is the instant of feed and drain; a limit once passed stays passed. */
#ifndef GRPCTEST_ENGINE_H2_LIMITS_H
#define GRPCTEST_ENGINE_H2_LIMITS_H

#include <grpctest/limits.h>

/* X(name, rule, debug text of the GOAWAY, field of gt_limits): those that end a connection. */
#define GT__H2_LIMIT_LIST(X)                                                                       \
    X(RESETS, "H9", "too_many_resets", resets_per_second)                                          \
    X(PINGS, "H4", "too_many_pings", pings_per_second)                                             \
    X(SETTINGS, "H9", "too_many_settings", settings_per_second)                                    \
    X(IDLE_FRAMES, "H9", "too_many_idle_frames", idle_frames_per_second)                           \
    X(CONTINUATIONS, "H9", "too_many_continuations", max_continuations)                            \
    X(UNREAD_ANSWERS, "H9", "too_many_unread_answers", max_unread_answers)

typedef enum gt__h2_limit {
    GT__H2_NO_LIMIT,
#define GT__H2_LIMIT_ENUM(name, rule, debug, field) GT__H2_LIMIT_##name,
    GT__H2_LIMIT_LIST(GT__H2_LIMIT_ENUM)
#undef GT__H2_LIMIT_ENUM
} gt__h2_limit;

/* A token bucket of `most` tokens that fills up, evenly, in one second. It is kept as the instant
 * at which it would be full, so that it needs no timer. */
typedef struct gt__h2_rate {
    uint32_t most;        /* GT_UNLIMITED: no limit */
    gt_duration interval; /* from token to token */
    gt_time full_at;
} gt__h2_rate;

void gt__h2_rate_init(gt__h2_rate *rate, uint32_t per_second);
/* Takes a token; false when there is none. */
bool gt__h2_rate_take(gt__h2_rate *rate, gt_time now);
/* Puts tokens back, up to what it holds. */
void gt__h2_rate_give(gt__h2_rate *rate, uint32_t tokens);

enum { GT__H2_FRAME_HEADER = 9 };

typedef struct gt__h2_guard {
    gt__h2_rate resets, pings, settings, idle_frames;
    uint32_t continuations;              /* so far in this block */
    gt__h2_limit passed;                 /* by what was taken in: nothing more is */
    gt__h2_limit ahead;                  /* by the frame that begins where the admitted bytes end */
    uint8_t header[GT__H2_FRAME_HEADER]; /* of the frame that begins */
    size_t header_size;
    size_t skip; /* bytes until the next frame begins */
} gt__h2_guard;

#endif
