/* captured.h - the ends of wires that are captured, and the file that they are captured to.
 * Rule: a connection that nobody captures is touched nowhere; one that somebody does has a table of
 * functions before its own, which tells what passes and hands it on. */
#ifndef GRPCTEST_ENGINE_WIRE_CAPTURED_H
#define GRPCTEST_ENGINE_WIRE_CAPTURED_H

#include "pcap_file.h"
#include "tcp_story.h"
#include "wire.h"

#include <grpctest/pcap.h>

struct gt_pcap {
    gt__entry entry;
    gt_world *world;
    gt__link all;     /* among those that capture every connection of the world, or alone */
    gt__link stories; /* of the connections that it captures */
    uint32_t count;   /* of those so far */
    int64_t epoch;    /* the world's instant 0, in nanoseconds since 1970 */
    gt__pcap_file file;
};

static inline uint64_t gt__pcap_time(const gt_pcap *pcap)
{
    return (uint64_t)(pcap->epoch + gt_now(pcap->world));
}

/* What one file is told about one wire. On the heap: it goes with either of them. */
typedef struct gt__story {
    gt__link in_wire, in_pcap;
    gt_pcap *pcap;
    gt__tcp_story tcp;
} gt__story;

/* Tells the story what passes on the wire from now on, until one of the two goes. `client` is who
 * dialled, `server` who accepted; the one that is not in this process is NULL. False where the
 * story's file is told already: nothing is done then. */
bool gt__wire_capture(gt_conn *client, gt_conn *server, gt__story *story);

void gt__story_free(gt__story *story);

#endif
