/* pipe_inside.h - what pipe.c and passage.c share about pipes.
 * Rule: a direction without a passage is clear: what is in its ring has arrived. One with a passage
 * has in its ring what its line counts, in the order of the line: unread, under way, waiting; and
 * behind it, after a cut or a reset, what nobody will count again. */
#ifndef GRPCTEST_BUFCONN_PIPE_INSIDE_H
#define GRPCTEST_BUFCONN_PIPE_INSIDE_H

#include "pipe.h"

#include "gauge.h"
#include "line.h"
#include "ring.h"

typedef struct gt__pipe_end gt__pipe_end;

/* The weather's part of a direction. */
typedef struct gt__passage {
    gt__line line;
    gt__timer timer; /* for the next thing that leaves or arrives */
    gt__pipe_end *writer;
    gt__line_end learned; /* what the reader knows of the writer's end */
    bool held;            /* what arrives is kept from the reader */
    gt_time held_at;
    gt__remark remark; /* while it is held or stalled */
    char *name;        /* for the remark: the ends may be gone */

    gt_cut how;      /* the planned cut shows */
    gt__gauge gauge; /* of frames, in what is written ... */
    bool gauged;     /* ... if it saw the first byte */
    uint64_t cut_in; /* so many frames; 0: not planned */
} gt__passage;

/* One direction. */
typedef struct gt__stretch {
    gt__ring ring;
    size_t capacity;
    gt__passage *passage; /* NULL in clear weather */
    bool writer_done;     /* what is in the ring, or unread of it, is the last of it */
    bool reader_done;     /* nobody takes anything any more, and the writer knows */
    bool cut_by_reset;    /* both are so by a cut that shows as a reset */
} gt__stretch;

struct gt__pipe_end {
    gt_conn conn;
    struct gt__pipe_pair *pair;
    gt__pipe_end *peer;
    gt__stretch *in, *out;
    bool gone; /* its connection is destroyed; only the flags in it are good */
};

typedef struct gt__pipe_pair {
    gt__link link; /* among the pipes of a listener, or alone */
    gt__pipe_end ends[2];
    gt__stretch stretches[2];
    int ends_left;
} gt__pipe_pair;

static inline gt__pipe_end *gt__pipe_end_of(gt_conn *conn)
{
    return gt__container_of(conn, gt__pipe_end, conn);
}

/* ---- telling (pipe.c) ---------------------------------------------------------------------- */

/* A closed end is told nothing any more. */
void gt__pipe_tell_readable(gt__pipe_end *end);
void gt__pipe_tell_writable(gt__pipe_end *end);
void gt__pipe_tell_both(gt__pipe_end *end);

/* Empties a direction for good: what it holds is lost. */
void gt__stretch_drop(gt__stretch *stretch);

/* ---- directions with weather (passage.c): `writer` is the end that writes it ---------------- */

/* After bytes were put behind the others in the ring, where they are now. */
void gt__passage_put(gt__pipe_end *writer, gt_bytes bytes);
/* The writer ended the direction. */
void gt__passage_end(gt__pipe_end *writer, gt__line_end end);
/* The reader is about to take `size` bytes from the front of the ring, or will never take any. */
void gt__passage_take(gt__pipe_end *writer, size_t size);
void gt__passage_desert(gt__pipe_end *writer);
/* Forgets all that is under way, waiting or unread, which is no longer in the ring; nothing comes
 * after it. */
void gt__passage_drop(gt__passage *passage);
void gt__passage_free(gt__passage *passage);

#endif
