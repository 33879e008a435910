/* filter.h - what stands between the engine and the wire where a mock misbehaves: frames of the
 * engine are passed, dropped, repeated or held back; others are put between them. Rule: it works at
 * frame boundaries and changes no frame. Header blocks may be dropped only where the engine codes
 * them without a dynamic table (gt__h2_options.no_dynamic_table). */
#ifndef GRPCTEST_ENGINE_RPC_FILTER_H
#define GRPCTEST_ENGINE_RPC_FILTER_H

#include "engine/rpc/transport.h"

typedef enum gt__frame_fate {
    GT__FRAME_DROP,   /* it is not sent */
    GT__FRAME_REPEAT, /* it is sent twice */
    GT__FRAME_HOLD    /* it is sent after the next frame of its stream */
} gt__frame_fate;

typedef struct gt__filter gt__filter;

/* The connection's, made at the first asking. */
gt__filter *gt__filter_of(gt__transport *transport);
void gt__filter_free(gt__filter *filter);

/* Puts bytes on the wire behind all that the engine has to send now. */
void gt__filter_put(gt__filter *filter, gt_bytes bytes);

/* From now on, nothing that the engine sends on this stream reaches the wire. What it has to send
 * now still does. */
void gt__filter_silence(gt__filter *filter, int32_t stream);

/* What becomes of the next frame of this type that the engine sends on this stream. */
void gt__filter_next(gt__filter *filter, int32_t stream, int type, gt__frame_fate fate);

/* For the transport: moves what is due through the filter to the wire, as far as there is room; the
 * wire's error ends it. And whether something still waits for room. */
int gt__filter_write(gt__filter *filter);
bool gt__filter_waits(const gt__filter *filter);

#endif
