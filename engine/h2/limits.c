/* What a peer may do, and how often (rules H4, H9). nghttp2's own limiters read the real clock, so
 * they are off, and frames are counted here: by their headers alone, since nghttp2 does not tell of
 * those that it ignores. */
#include "session.h"

enum {
    DEFAULT_RESETS = 20000,
    DEFAULT_PINGS = 1000,
    DEFAULT_SETTINGS = 1000,
    DEFAULT_IDLE_FRAMES = 20000,
    DEFAULT_CONTINUATIONS = 1024,
    DEFAULT_UNREAD_ANSWERS = 16 * 1024 * 1024,
    DEFAULT_HEADER_LIST = 64 * 1024,
    DEFAULT_OPEN_HEADERS = 64 * 1024 * 1024,
    DEFAULT_WAITING_MESSAGES = 512 * 1024,
    CREDIT_OF_SENT_DATA = 2, /* a reader answers by WINDOW_UPDATE for stream and connection */
};

/* ---- rates ----------------------------------------------------------------------------------- */

void gt__h2_rate_init(gt__h2_rate *rate, uint32_t per_second)
{
    *rate = (gt__h2_rate){.most = per_second, .interval = GT_SEC(1) / per_second};
}

bool gt__h2_rate_take(gt__h2_rate *rate, gt_time now)
{
    if (rate->most == GT_UNLIMITED)
        return true;
    if (rate->full_at < now)
        rate->full_at = now;
    if (rate->full_at - now > rate->interval * (rate->most - 1))
        return false;
    rate->full_at += rate->interval;
    return true;
}

void gt__h2_rate_give(gt__h2_rate *rate, uint32_t tokens)
{
    rate->full_at -= rate->interval * tokens;
    if (rate->full_at < 0)
        rate->full_at = 0;
}

/* ---- set-up ---------------------------------------------------------------------------------- */

static void fill(uint32_t *limit, uint32_t by_default)
{
    if (*limit == 0)
        *limit = by_default;
}

void gt__h2_limits_init(gt__h2 *h2)
{
    gt_limits *limits = &h2->options.limits;
    gt__h2_guard *guard = &h2->guard;
    fill(&limits->resets_per_second, DEFAULT_RESETS);
    fill(&limits->pings_per_second, DEFAULT_PINGS);
    fill(&limits->settings_per_second, DEFAULT_SETTINGS);
    fill(&limits->idle_frames_per_second, DEFAULT_IDLE_FRAMES);
    fill(&limits->max_continuations, DEFAULT_CONTINUATIONS);
    fill(&limits->max_unread_answers, DEFAULT_UNREAD_ANSWERS);
    fill(&limits->max_header_list, DEFAULT_HEADER_LIST);
    fill(&limits->max_open_headers, DEFAULT_OPEN_HEADERS);
    fill(&limits->max_waiting_messages, DEFAULT_WAITING_MESSAGES);
    gt__h2_rate_init(&guard->resets, limits->resets_per_second);
    gt__h2_rate_init(&guard->pings, limits->pings_per_second);
    gt__h2_rate_init(&guard->settings, limits->settings_per_second);
    gt__h2_rate_init(&guard->idle_frames, limits->idle_frames_per_second);
    if (h2->options.server)
        guard->skip = NGHTTP2_CLIENT_MAGIC_LEN;
}

/* ---- what callbacks count -------------------------------------------------------------------- */

static void count(gt__h2 *h2, gt__h2_rate *rate, gt__h2_limit limit)
{
    if (!gt__h2_rate_take(rate, h2->now) && h2->guard.passed == GT__H2_NO_LIMIT)
        h2->guard.passed = limit;
}

void gt__h2_count_reset(gt__h2 *h2)
{
    count(h2, &h2->guard.resets, GT__H2_LIMIT_RESETS);
}

void gt__h2_count_idle_frame(gt__h2 *h2)
{
    count(h2, &h2->guard.idle_frames, GT__H2_LIMIT_IDLE_FRAMES);
}

/* The codes of nghttp2's own RST_STREAMs; the other ones of ours have nothing to do with what the
 * peer did, or were counted when it did it. */
void gt__h2_count_sent_reset(gt__h2 *h2, uint32_t code)
{
    if (code != NGHTTP2_NO_ERROR && code != NGHTTP2_CANCEL)
        gt__h2_count_reset(h2);
}

void gt__h2_count_sent_data(gt__h2 *h2)
{
    gt__h2_rate_give(&h2->guard.idle_frames, CREDIT_OF_SENT_DATA);
    gt__h2_rate_give(&h2->guard.pings, CREDIT_OF_SENT_DATA);
}

/* ---- what frame headers tell ----------------------------------------------------------------- */

static gt__h2_limit take(gt__h2 *h2, gt__h2_rate *rate, gt__h2_limit limit)
{
    return gt__h2_rate_take(rate, h2->now) ? GT__H2_NO_LIMIT : limit;
}

static gt__h2_limit count_continuation(gt__h2 *h2)
{
    bool passed = h2->guard.continuations++ >= h2->options.limits.max_continuations;
    return passed ? GT__H2_LIMIT_CONTINUATIONS : GT__H2_NO_LIMIT;
}

/* The limit that this frame passes. */
static gt__h2_limit count_frame(gt__h2 *h2, uint8_t type, uint8_t flags, size_t size)
{
    gt__h2_guard *guard = &h2->guard;
    switch (type) {
    case NGHTTP2_RST_STREAM: /* counted by what becomes of it */
        return GT__H2_NO_LIMIT;
    case NGHTTP2_CONTINUATION:
        return count_continuation(h2);
    case NGHTTP2_SETTINGS:
        if (flags & NGHTTP2_FLAG_ACK)
            return GT__H2_NO_LIMIT; /* an unasked one is a protocol error */
        return take(h2, &guard->settings, GT__H2_LIMIT_SETTINGS);
    case NGHTTP2_PING:
        if (!(flags & NGHTTP2_FLAG_ACK))
            return take(h2, &guard->pings, GT__H2_LIMIT_PINGS);
        break;
    case NGHTTP2_HEADERS:
        guard->continuations = 0;
        gt__h2_rate_give(&guard->idle_frames, 1);
        return GT__H2_NO_LIMIT;
    case NGHTTP2_DATA:
        if (size > 0)
            gt__h2_rate_give(&guard->idle_frames, 1);
        if (size > 0 || flags & NGHTTP2_FLAG_END_STREAM)
            return GT__H2_NO_LIMIT;
        break;
    default:
        break;
    }
    return take(h2, &guard->idle_frames, GT__H2_LIMIT_IDLE_FRAMES);
}

/* Takes as much of a frame's header as there is, and counts the frame once that is whole. */
static size_t read_header(gt__h2 *h2, gt_bytes bytes)
{
    gt__h2_guard *guard = &h2->guard;
    size_t missing = GT__H2_FRAME_HEADER - guard->header_size;
    size_t part = missing < bytes.size ? missing : bytes.size;
    memcpy(guard->header + guard->header_size, bytes.data, part);
    guard->header_size += part;
    if (guard->header_size < GT__H2_FRAME_HEADER)
        return part;
    const uint8_t *header = guard->header;
    guard->header_size = 0;
    guard->skip = (size_t)header[0] << 16 | (size_t)header[1] << 8 | header[2];
    guard->ahead = count_frame(h2, header[3], header[4], guard->skip);
    return part;
}

size_t gt__h2_admit(gt__h2 *h2, gt_bytes bytes)
{
    gt__h2_guard *guard = &h2->guard;
    size_t at = 0;
    for (;;) {
        size_t left = bytes.size - at, part = guard->skip < left ? guard->skip : left;
        guard->skip -= part;
        at += part;
        if (at == bytes.size)
            return at;
        size_t begin = at;
        at += read_header(h2, gt_bytes_of(bytes.data + at, bytes.size - at));
        if (guard->ahead != GT__H2_NO_LIMIT)
            return begin;
    }
}

/* ---- the answer ------------------------------------------------------------------------------ */

static const struct {
    const char *rule, *debug, *field;
    size_t offset;
} limits[] = {
#define LIMIT_ROW(name, rule, debug, field)                                                        \
    [GT__H2_LIMIT_##name] = {rule, debug, #field, offsetof(gt_limits, field)},
    GT__H2_LIMIT_LIST(LIMIT_ROW)
#undef LIMIT_ROW
};

static gt__h2_limit limit_passed(const gt__h2 *h2)
{
    if (h2->guard.passed != GT__H2_NO_LIMIT)
        return h2->guard.passed;
    if (h2->guard.ahead != GT__H2_NO_LIMIT)
        return h2->guard.ahead;
    bool unread = gt__h2_backlog(h2) > h2->options.limits.max_unread_answers;
    return unread ? GT__H2_LIMIT_UNREAD_ANSWERS : GT__H2_NO_LIMIT;
}

void gt__h2_enforce(gt__h2 *h2)
{
    gt__h2_limit passed = limit_passed(h2);
    if (passed == GT__H2_NO_LIMIT || h2->over)
        return;
    h2->guard.passed = passed;
    const uint8_t *limit = (const uint8_t *)&h2->options.limits + limits[passed].offset;
    gt__h2_violation(h2, NULL, limits[passed].rule, "%s: %s is %u", limits[passed].debug,
                     limits[passed].field, *(const uint32_t *)(const void *)limit);
    gt__h2_hang_up(h2, NGHTTP2_ENHANCE_YOUR_CALM, limits[passed].debug);
}
