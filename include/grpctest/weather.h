/* weather.h - what the wire in memory does to the bytes under way: it is clear until a test says
 * otherwise.
 * Rule: the bytes of a direction stay in order, whatever the weather; all of it happens in world
 * time, exact to the nanosecond, and what is random is the same for the same seed. */
#ifndef GRPCTEST_WEATHER_H
#define GRPCTEST_WEATHER_H

#include <grpctest/bufconn.h>

GT_BEGIN_DECLS

/* ---- weather ------------------------------------------------------------------------------- */

/* The weather of one direction; zeros are clear weather, in which nothing takes time. What waits to
 * leave does so in packets, one after the other, as bandwidth allows; a packet takes what is there,
 * never waits for more, and arrives as a whole when its last bit has. Fractions of a nanosecond add
 * up, and are rounded up only where they show. */
typedef struct gt_weather {
    gt_duration latency;   /* of every packet, one way */
    gt_duration jitter;    /* at most so much more, drawn for each packet; no packet overtakes */
    uint64_t bandwidth;    /* bits per second; 0: no limit */
    size_t packet;         /* bytes that travel together, at most 1 MiB; 0: 1,460 */
    size_t in_flight;      /* bytes that may have left and not arrived; 0: 4 MiB */
    size_t bytes_per_read; /* as gt_conn_limit_read at the end that reads; 0: no limit */
} gt_weather;

/* Sets clear weather (for C++; in C `{0}` does the same). */
GT_API void gt_weather_init(gt_weather *weather);

/* Profiles, for both directions, to be taken as they are or to begin with. */
GT_API gt_weather gt_weather_lan(void);       /* 100 us, 20 us of jitter, 1 Gbit/s */
GT_API gt_weather gt_weather_wan(void);       /* 40 ms, 4 ms of jitter, 100 Mbit/s */
GT_API gt_weather gt_weather_mobile(void);    /* 60 ms, 40 ms of jitter, 5 Mbit/s */
GT_API gt_weather gt_weather_satellite(void); /* 300 ms, 20 ms of jitter, 20 Mbit/s */

/* ---- links --------------------------------------------------------------------------------- */

/* One direction of a connection, or both; or the same of all connections through a listener, those
 * there are and those to come. A value that holds on to nothing: it is good as long as what it was
 * made from. Only the connections and listeners of bufconn.h have links; others are misuse. */
typedef struct gt_link {
    gt_conn *conn;
    gt_listener *listener; /* when `conn` is NULL */
    int ways;
} gt_link;

/* What this end writes; what it reads; both. */
GT_API gt_link gt_link_from(gt_conn *end);
GT_API gt_link gt_link_to(gt_conn *end);
GT_API gt_link gt_link_of(gt_conn *end);
/* What those who accept from this listener write; what those who dial it write; both. */
GT_API gt_link gt_link_from_listener(gt_listener *listener);
GT_API gt_link gt_link_to_listener(gt_listener *listener);
GT_API gt_link gt_link_of_listener(gt_listener *listener);

/* None of the following blocks; all may be called at any time, also from callbacks. What concerns a
 * listener's link concerns each of its connections by itself. */

/* Changes the weather, which is copied; NULL clears it. A packet that has begun to leave keeps the
 * hour it was to arrive at; what still waits goes by the new weather. A negative duration, a packet
 * of more than 1 MiB or a bandwidth above 10^18 bit/s is misuse.
 *
 * While there is weather, a direction holds at most its capacity of bytes that have not left or
 * have arrived unread, and `in_flight` more that are under way, in at most 16,384 packets. */
GT_API void gt_link_weather(gt_link link, const gt_weather *weather);

/* Keeps from the reader what arrives, its end too, while time and bytes go on behind that: until
 * gt_link_release it is as if the reader did not read. Harmless twice. */
GT_API void gt_link_hold(gt_link link);

/* Has the direction stand still for so long: nothing leaves or arrives, and all that would have
 * does so that much later. GT_NEVER: until gt_link_release. A new stall replaces one under way;
 * 0 ends it. Negative is misuse. */
GT_API void gt_link_stall(gt_link link, gt_duration duration);

/* Ends hold and stall: what was held can be read at this instant, what stood still moves on. */
GT_API void gt_link_release(gt_link link);

/* A direction that is held, or stands still without end, sets no timer for what is in it: where all
 * wait for that, it is a deadlock, and the report tells of the link. */

/* How a cut shows. What had arrived can still be read in all of them. */
typedef enum gt_cut {
    GT_CUT_RESET = 0, /* then both ends read GT_ERESET; until they have, they write GT_EPIPE */
    GT_CUT_CLOSE,     /* then both ends read GT_EOF, and write GT_EPIPE */
    GT_CUT_SILENT     /* nobody is told: both directions stall until both are released */
} gt_cut;

#define GT_NO_CUT UINT64_MAX

/* Cuts the connection, both ways, as soon as `bytes` more bytes that are written this way from now
 * on have arrived: those do, and nothing behind them; what is under way the other way is lost.
 * GT_NO_CUT takes a planned cut back; a new one replaces it. */
GT_API void gt_link_cut_after(gt_link link, uint64_t bytes, gt_cut how);

/* The same behind the last of `frames` more HTTP/2 frames whose ends are written from now on (a
 * client's preface is none). 0: between two frames now, otherwise at the end of the one that is
 * half written. Frames are counted from a direction's first byte: on one that carried bytes before
 * it had any weather or cut, be it clear weather, this is misuse. */
GT_API void gt_link_cut_at_frame(gt_link link, uint64_t frames, gt_cut how);

/* Resets the connection now, at both ends: bytes under way or unread are dropped. Of a listener's
 * link it concerns the connections there are. */
GT_API void gt_link_reset(gt_link link);

/* ---- dialling ------------------------------------------------------------------------------ */

/* A dial takes the latency of both directions of the listener's link, and nothing else of its
 * weather: it arrives, is taken or refused at that instant, and returns when the answer is back. */

/* Refuses the next `count` dials that arrive, as GT_EREFUSED; 0 takes that back. Misuse on a
 * listener that is not of bufconn.h, as are the two below. */
GT_API void gt_bufconn_refuse(gt_listener *listener, unsigned count);

/* Takes the listener down, as if its process had gone and its host were there: dials are refused,
 * those that wait too, and what was not accepted yet is reset. Connections live on (gt_link_reset).
 * Whoever accepts from it just waits. Harmless twice. */
GT_API void gt_bufconn_down(gt_listener *listener);
/* Brings it back. */
GT_API void gt_bufconn_up(gt_listener *listener);

GT_END_DECLS

#endif
