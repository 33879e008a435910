/* attack.h - one kind of hostile input after the other, at our server or our client, by the
 * mebibyte: what is sent, how often it had to dial anew, and what memory that took at most.
 * Rule: an attacker never gives up. Where its connection is ended, it makes the next one and goes
 * on until it has sent all its bytes. */
#ifndef GRPCTEST_BENCH_ATTACK_H
#define GRPCTEST_BENCH_ATTACK_H

#include <grpctest/frames.h>
#include <grpctest/grpctest.h>

typedef struct attack attack;

/* A kind of hostile input. */
typedef struct attack_kind {
    const char *name;
    bool on_client; /* the attacker is a server */
    bool deaf;      /* the attacker reads nothing */
    bool unread;    /* nobody at the attacked side reads messages */
    bool answered;  /* handlers send without end, 1 KiB at a time */
    /* Adds what comes next on this connection: a frame, or some KiB of them. Nothing: it has done
     * all that it can here. */
    void (*write)(attack *a, gt_buffer *out);
    size_t limit; /* bytes of memory that it may take, however much is sent */
    bool slow;    /* a little of it is enough for a test */
} attack_kind;

extern const attack_kind attack_kinds[];
extern const size_t attack_kind_count;

typedef struct attack_result {
    uint64_t sent; /* bytes */
    size_t connections;
    bool survived; /* a server served the next client after it */
    size_t peak;   /* bytes of memory held at most, beyond what the scene takes before */
} attack_result;

/* Sends `size` bytes of a kind. */
attack_result attack_run(const attack_kind *kind, uint64_t size);

/* What a kind may look at. */
struct attack {
    const attack_kind *kind;
    gt_world *world;
    gt_server *server; /* attacked, or NULL */
    gt_channel *channel;
    gt_dialer *dialer;
    gt_conn *wire; /* the attacker's end; NULL: none yet */
    gt_frame_reader *heard;
    gt_call **calls; /* the client's, kept going */
    bool greeted;    /* preface and SETTINGS have been written */
    bool primed;     /* for kinds: the first bytes of theirs have been */
    int32_t next;    /* stream: to open next (server), to answer next (client) */
    int32_t opened;  /* client: the last one that it opened */
    attack_result result;
};

#endif
