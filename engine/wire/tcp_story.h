/* tcp_story.h - what crossed a connection, told as TCP over IPv6: addresses, numbers and
 * acknowledgements are made up, such that a reader of captures finds nothing amiss.
 * Rule: it tells in the order in which it is told, at the instants it is told, and knows of no
 * connection: the two ends are 0, who dialled, and 1, who accepted. */
#ifndef GRPCTEST_ENGINE_WIRE_TCP_STORY_H
#define GRPCTEST_ENGINE_WIRE_TCP_STORY_H

#include "engine/core/core.h"

/* The port at which Wireshark looks for HTTP/2 by itself: it takes the client's preface there for
 * what it is. */
#define GT__STORY_SERVER_PORT 80
#define GT__STORY_CLIENT_PORT 40000
/* The largest segment, that of an Ethernet: Wireshark gives up on a packet with some hundreds of
 * frames in it, as a larger one may have. */
#define GT__STORY_SEGMENT 1440

typedef struct gt__tcp_story {
    gt__buffer *out; /* packets are added here, as blocks of a capture file */
    uint32_t interface;
    struct {
        uint8_t address[16];
        uint32_t sent;  /* sequence number of its next byte */
        uint32_t taken; /* how far it has acknowledged the other's */
        bool ended;     /* it has said that it sends no more */
        bool saw_end;   /* it has acknowledged that of the other */
    } ends[2];
    bool over; /* reset: nothing follows */
} gt__tcp_story;

/* Begins the story of connection `number` of the section that begins at `place` in its file: both
 * are in its addresses, so that no two of a file are alike. They read fd00::(place):(number):1 for
 * end 0 and ...:2 for end 1. Adds nothing. */
void gt__tcp_story_init(gt__tcp_story *story, gt__buffer *out, uint32_t interface, uint64_t place,
                        uint32_t number);

/* `time` is in nanoseconds since 1970, and never goes back. */

/* They connect; `comment` stands beside the first packet. */
void gt__tcp_story_connected(gt__tcp_story *story, uint64_t time, const char *comment);
/* An end has put bytes on the wire. */
void gt__tcp_story_sent(gt__tcp_story *story, uint64_t time, int end, gt_bytes bytes);
/* An end has taken so many of them off it; those that were never told do not count. */
void gt__tcp_story_taken(gt__tcp_story *story, uint64_t time, int end, size_t size);
/* An end sends no more: nothing that it is said to send after it is told. Again: nothing. */
void gt__tcp_story_ended(gt__tcp_story *story, uint64_t time, int end);
/* An end has learnt that the other sends no more. Again, or while there is something for it to take
 * before: nothing. */
void gt__tcp_story_saw_end(gt__tcp_story *story, uint64_t time, int end);
/* An end has reset the connection. Whatever comes after it: nothing. */
void gt__tcp_story_reset(gt__tcp_story *story, uint64_t time, int end);

#endif
