/* line.h - when the bytes of one direction leave and when they arrive, as its weather has it.
 * Rule: it counts bytes and never sees one; time is an argument, never goes back, and whoever has
 * a line moves it to the present before anything else. */
#ifndef GRPCTEST_BUFCONN_LINE_H
#define GRPCTEST_BUFCONN_LINE_H

#include "engine/core/core.h"
#include <grpctest/weather.h>

/* How the writer ended the direction; a later one includes those before it. */
typedef enum gt__line_end {
    GT__LINE_OPEN = 0,
    GT__LINE_HALF_CLOSED, /* no more bytes */
    GT__LINE_CLOSED,      /* and nobody reads the other direction any more */
    GT__LINE_RESET
} gt__line_end;

typedef struct gt__packet {
    uint64_t until; /* position behind its last byte */
    gt_time arrival;
    gt__line_end end; /* what comes behind the last byte */
} gt__packet;

#define GT__LINE_PACKETS 16384

typedef struct gt__line {
    gt_weather weather; /* with its defaults filled in */
    size_t capacity;
    gt__random random; /* for jitter */

    /* Positions in all that the direction ever carried: read <= arrived <= left <= written. */
    uint64_t read, arrived, left, written;
    gt__line_end ending, ended; /* waiting to leave behind the last byte; arrived */
    bool deserted;              /* nobody reads: what arrives is read already */
    uint64_t cut_at;            /* position that the last byte to arrive is before; GT_NO_CUT */

    gt__packet *packets; /* under way, in a ring of `size` places */
    uint32_t first, count, size;
    gt_time latest;  /* arrival of the newest packet */
    gt_time free_at; /* until then, and rest/bandwidth of a nanosecond, a packet is leaving */
    uint64_t rest;
    gt_time clock; /* it has been moved up to here */

    /* All times above are its own: it stands still in stalls, and is behind the world by what they
     * took so far. */
    gt_duration behind;
    bool stalled;
    gt_time stalled_at, stalled_until; /* in world time */
} gt__line;

/* A line of clear weather at the instant `now`, with `unread` bytes arrived. Jitter comes from the
 * stream of random numbers of `seed` and `purpose`. */
void gt__line_init(gt__line *line, size_t capacity, size_t unread, uint64_t seed,
                   const char *purpose, gt_time now);
void gt__line_cleanup(gt__line *line);

void gt__line_set_weather(gt__line *line, const gt_weather *weather);

/* Lets leave and arrive what does so up to `now`; at a cut it stops there. */
void gt__line_move(gt__line *line, gt_time now);
/* When the next thing leaves or arrives, or a stall ends; GT_NEVER. */
gt_time gt__line_next(const gt__line *line);

/* Nothing leaves or arrives until then, and all that would have does so that much later. A new
 * stall replaces one under way; one until now ends it. */
void gt__line_stall(gt__line *line, gt_time now, gt_time until);

/* The writer adds bytes (at most what there is room for), or ends the direction. A reset drops what
 * has not left. */
void gt__line_put(gt__line *line, size_t size);
void gt__line_end_with(gt__line *line, gt__line_end end);

/* The reader takes bytes (at most the unread ones), or reads no more, whatever may come. */
void gt__line_take(gt__line *line, size_t size);
void gt__line_desert(gt__line *line);

/* Drops all that has not arrived. */
void gt__line_break(gt__line *line);

static inline size_t gt__line_unread(const gt__line *line)
{
    return (size_t)(line->arrived - line->read);
}

/* Everything written and not read. */
static inline size_t gt__line_used(const gt__line *line)
{
    return (size_t)(line->written - line->read);
}

/* How many bytes may be put. */
static inline size_t gt__line_room(const gt__line *line)
{
    size_t held = (size_t)(line->written - line->left) + gt__line_unread(line);
    return held < line->capacity ? line->capacity - held : 0;
}

/* True when the last byte before the cut has arrived. */
static inline bool gt__line_is_cut(const gt__line *line)
{
    return line->arrived >= line->cut_at;
}

#endif
