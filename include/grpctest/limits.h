/* limits.h - what one connection's peer may do, how much and how often, before it is stopped.
 * Rule: rates are counted in the world's time. Zeros mean the defaults, which no honest peer comes
 * near to even where a whole test happens at one instant. */
#ifndef GRPCTEST_LIMITS_H
#define GRPCTEST_LIMITS_H

#include <grpctest/base.h>

GT_BEGIN_DECLS

/* For a limit below: none at all. */
#define GT_UNLIMITED UINT32_MAX
/* For a server's max_concurrent_streams, where zero means the default: true zero. Its clients wait.
 */
#define GT_NO_STREAMS UINT32_MAX
/* For a stream_window, where zero means the default: true zero. Nothing of a message may be sent
 * before somebody waits for one; then the window is opened by 65,535 bytes. */
#define GT_WINDOW_ZERO UINT32_MAX

/* A peer that goes over one of these gets GOAWAY(ENHANCE_YOUR_CALM) with a debug text that names
 * the limit, and the connection ends with all of its calls (rules H4, H9). What is said "per
 * second" may come at once, and comes back evenly in the second after: a token bucket. */
typedef struct gt_limits {
    /* RST_STREAM that ends a running call, and those that the peer makes us send by breaking a
     * rule; 0: 20,000. "too_many_resets" */
    uint32_t resets_per_second;
    /* PING, acknowledgements apart; every DATA frame that we send gives two back, since peers
     * measure a connection by PINGs while data flow; 0: 1,000. "too_many_pings" */
    uint32_t pings_per_second;
    /* SETTINGS; 0: 1,000. "too_many_settings" */
    uint32_t settings_per_second;
    /* Frames that bring nothing on: empty DATA, WINDOW_UPDATE, PRIORITY, GOAWAY, unasked
     * acknowledgements, RST_STREAM of a call that is over, unknown types. Frames that do bring
     * something on give some back: HEADERS and DATA that come one, DATA that we send two. 0:
     * 20,000. "too_many_idle_frames" */
    uint32_t idle_frames_per_second;
    /* CONTINUATION frames of one header block; 0: 1,024. "too_many_continuations" */
    uint32_t max_continuations;
    /* Bytes of acknowledgements and answers that wait because the peer does not read them; 0: 16
     * MiB. "too_many_unread_answers" */
    uint32_t max_unread_answers;

    /* Bytes of one header list, counted as name + value + 32 for each field. It is announced, and
     * what is over it ends its call alone, as RESOURCE_EXHAUSTED (rule D5); 0: 64 KiB. But a single
     * field over 64 KiB ends the connection, whatever is set (COMPRESSION_ERROR). */
    uint32_t max_header_list;
    /* A server's: bytes of the header lists, counted likewise, of all calls that are open. HPACK
     * makes them out of next to nothing. A request beyond is refused as RESOURCE_EXHAUSTED; 0: 64
     * MiB. */
    uint32_t max_open_headers;
    /* Messages of all streams that have come and wait for somebody to take them; windows bound
     * their bytes, but an empty message takes more than its five. A stream that brings one more
     * ends as RESOURCE_EXHAUSTED; 0: 524,288. */
    uint32_t max_waiting_messages;
} gt_limits;

GT_END_DECLS

#endif
