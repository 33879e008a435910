/* context.h - contexts in Go's and gRPC's sense: a tree of cancel, deadline and values (S5).
 * Rule: cancelling a parent cancels its children, never the reverse; NULL is the background
 * context wherever a `gt_context *` is taken. */
#ifndef GRPCTEST_CONTEXT_H
#define GRPCTEST_CONTEXT_H

#include <grpctest/base.h>

GT_BEGIN_DECLS

typedef struct gt_world gt_world;
typedef struct gt_context gt_context;

/* All constructors: the caller owns what they return (gt_context_free); none blocks. A context
 * holds on to its parent, so they may be freed in any order. `parent` may not be NULL except
 * where a world is given too. */

/* A context of `world` that is never done, has no deadline and no values. */
GT_API gt_context *gt_context_background_at(gt_world *world, const char *file, int line);

/* A child that gt_context_cancel ends. */
GT_API gt_context *gt_context_with_cancel_at(gt_context *parent, const char *file, int line);

/* A child that is done at `deadline` or at its parent's, whichever is earlier. A deadline that is
 * not in the future makes it done at once. */
GT_API gt_context *gt_context_with_deadline_at(gt_context *parent, gt_time deadline,
                                               const char *file, int line);

/* As with_deadline, `timeout` from now; a timeout of 0 or less has already passed. */
GT_API gt_context *gt_context_with_timeout_at(gt_context *parent, gt_duration timeout,
                                              const char *file, int line);

/* A child under which `key` - compared by address, so name a static object - looks up `value`.
 * `free_value` (may be NULL) is called with the value when the context's last holder lets go. */
GT_API gt_context *gt_context_with_value_at(gt_context *parent, const void *key, void *value,
                                            void (*free_value)(void *value), const char *file,
                                            int line);

#define gt_context_background(world) gt_context_background_at((world), __FILE__, __LINE__)
#define gt_context_with_cancel(parent) gt_context_with_cancel_at((parent), __FILE__, __LINE__)
#define gt_context_with_deadline(parent, deadline)                                                 \
    gt_context_with_deadline_at((parent), (deadline), __FILE__, __LINE__)
#define gt_context_with_timeout(parent, timeout)                                                   \
    gt_context_with_timeout_at((parent), (timeout), __FILE__, __LINE__)
#define gt_context_with_value(parent, key, value, free_value)                                      \
    gt_context_with_value_at((parent), (key), (value), (free_value), __FILE__, __LINE__)

/* Cancels the context and all below it; harmless when it is already done. Those waiting under it
 * can run at this same instant. Does not block. NULL is misuse. */
GT_API void gt_context_cancel(gt_context *context);

/* Lets go of the caller's hold, cancelling first (as Go's deferred cancel does); takes NULL. */
GT_API void gt_context_free(gt_context *context);

/* 0 while it is not done; then GT_ECANCELLED or GT_ETIMEDOUT, for ever the same. */
GT_API int gt_context_error(const gt_context *context);

/* True when it has a deadline, its own or an ancestor's: the earliest goes into `*deadline`. */
GT_API bool gt_context_deadline(const gt_context *context, gt_time *deadline);

/* The value under `key` here or in the nearest ancestor that has one; NULL when none has. */
GT_API void *gt_context_value(const gt_context *context, const void *key);

/* Blocks the calling task until the context is done; returns its error (never 0), or GT_EDEADLOCK
 * and the like where the world ends the wait. NULL is misuse, here and in the two below. */
GT_API int gt_context_wait(gt_context *context);

/* Blocks the calling task for `duration` of world time. 0, or the context's error when it is done
 * first. */
GT_API GT_MUST_USE int gt_context_sleep(gt_context *context, gt_duration duration);

/* The world a context belongs to. */
GT_API gt_world *gt_context_world(const gt_context *context);

GT_END_DECLS

#endif
