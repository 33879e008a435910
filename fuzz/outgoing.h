/* outgoing.h - what an engine puts on the wire, judged as a strict peer would.
 * Rule: whatever came in, what goes out is HTTP/2 and gRPC as the rules have them. */
#ifndef GRPCTEST_FUZZ_OUTGOING_H
#define GRPCTEST_FUZZ_OUTGOING_H

#include "fuzz.h"

#include <grpctest/frames.h>

typedef struct outgoing_stream {
    int32_t id;
    size_t header_blocks;
    bool in_message; /* the last byte of DATA was inside a message or its prefix */
    bool ended;      /* END_STREAM went out */
    bool reset;      /* RST_STREAM did */
} outgoing_stream;

typedef struct outgoing {
    bool server;
    gt_frame_reader *reader;
    size_t frames; /* read so far */
    size_t bytes;
    outgoing_stream *streams;
    size_t count, capacity;
} outgoing;

void outgoing_init(outgoing *o, bool server);
/* Looks at the next bytes of the wire. */
void outgoing_take(outgoing *o, gt_bytes bytes);
/* Nothing is due: no frame is unfinished. */
void outgoing_check_whole(const outgoing *o);
void outgoing_cleanup(outgoing *o);

#endif
