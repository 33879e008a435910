/* gauge.h - where the HTTP/2 frames of a direction end, for cuts between them.
 * Rule: it knows lengths alone, is not surprised by anything, and must see every byte from the
 * direction's first on. A client's preface is no frame. */
#ifndef GRPCTEST_BUFCONN_GAUGE_H
#define GRPCTEST_BUFCONN_GAUGE_H

#include <grpctest/base.h>

/* Zeros: before the first byte. */
typedef struct gt__gauge {
    uint8_t header[9];
    unsigned have; /* bytes of the header */
    uint32_t rest; /* bytes of the payload still to come, once there is a header */
    bool begun;    /* the first frame's header, or a preface, is known */
    bool preface;
} gt__gauge;

/* Passes bytes. True when the last of `*frames` more frames ends among them, `*offset` behind its
 * last byte; `*frames` is counted down, and 0 looks for none. */
bool gt__gauge_pass(gt__gauge *gauge, gt_bytes bytes, uint64_t *frames, size_t *offset);

/* True between two frames, and before the first. */
static inline bool gt__gauge_between(const gt__gauge *gauge)
{
    return gauge->have == 0;
}

#endif
