/* channel.h - the client's way to a server: one connection, dialled at the first call.
 * Rule: a channel never fails as such; what goes wrong becomes the status of its calls. */
#ifndef GRPCTEST_CHANNEL_H
#define GRPCTEST_CHANNEL_H

#include <grpctest/call.h>
#include <grpctest/conn.h>
#include <grpctest/interceptor.h>
#include <grpctest/limits.h>

GT_BEGIN_DECLS

/* A default for calls that bring none of their own; the longest name that fits counts. */
typedef struct gt_method_config {
    const char *name;    /* "/package.Service/Method", "/package.Service/", or "" for all */
    gt_duration timeout; /* the earlier of this and the call's own deadline wins; 0: none */
} gt_method_config;

/* Zeros mean defaults. */
typedef struct gt_channel_options {
    const char *authority;  /* NULL: the dialer's address */
    const char *user_agent; /* stands before "grpc-c-grpctest/VERSION" (rule R4); NULL: nothing */
    const char *content_subtype; /* "proto" makes "application/grpc+proto"; NULL: without */
    size_t max_receive_size;     /* bytes of one message; 0: 4 MiB (rule M6) */
    size_t max_send_size;        /* bytes of one message; 0: no limit */
    uint32_t stream_window;      /* bytes; 0: 65,535; or GT_WINDOW_ZERO */
    uint32_t connection_window;  /* bytes; 0: 1 MiB */
    const char *compression;     /* of requests: "gzip", "deflate"; NULL: none (rules M3, M5) */
    bool separate_frames;        /* no two messages share a DATA frame, though ready together */
    gt_limits limits;            /* what a server may do beyond */

    const gt_interceptor *interceptors; /* copied; the first is outermost */
    size_t interceptor_count;
    const gt_call_credentials *credentials; /* copied; NULL: none */
    const gt_method_config *methods;        /* copied; may be NULL (S7) */
    size_t method_count;
} gt_channel_options;

/* Sets every option to its default (for C++). */
GT_API void gt_channel_options_init(gt_channel_options *options);

/* Makes a channel over a dialer, which is borrowed until the channel is freed. Does not block and
 * does not dial yet. `options` may be NULL. The caller owns it: gt_channel_free. */
GT_API gt_channel *gt_channel_new_at(gt_dialer *dialer, const gt_channel_options *options,
                                     const char *file, int line);
#define gt_channel_new(dialer, ...) gt_channel_new_at((dialer), (__VA_ARGS__), __FILE__, __LINE__)

/* Ends what is open as CANCELLED, says GOAWAY, closes the connection, lets go; takes NULL. Calls
 * made from it stay readable until they are freed. Does not block. */
GT_API void gt_channel_free(gt_channel *channel);

GT_END_DECLS

#endif
