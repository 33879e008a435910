/* transport.h - one connection with the h2 engine on it: bytes are moved, events are handed on.
 * Rule: nothing here blocks; it runs on the connection's hooks and one flush job per instant, so
 * that messages that are ready together travel together. */
#ifndef GRPCTEST_ENGINE_RPC_TRANSPORT_H
#define GRPCTEST_ENGINE_RPC_TRANSPORT_H

#include "engine/h2/h2.h"
#include "engine/sched/sched.h"
#include "engine/wire/wire.h"

typedef struct gt__transport gt__transport;
struct gt__filter;

/* What its owner - a channel or a server - is told. */
typedef struct gt__transport_owner {
    void (*event)(void *owner, gt__transport *transport, gt__h2_event *event);
    /* The last word: nothing follows, and the owner frees the transport. */
    void (*over)(void *owner, gt__transport *transport);
} gt__transport_owner;

struct gt__transport {
    gt__link link;  /* the owner's */
    gt__link calls; /* gt__attempt.link: the calls that have a stream here */
    gt_world *world;
    gt_conn *conn;
    gt__h2 *h2;
    struct gt__filter *filter; /* a mock's that misbehaves; NULL: none */
    gt__job flush;
    const gt__transport_owner *table;
    void *owner;
    bool server;
    bool lost;     /* the wire has ended: no more bytes in */
    bool draining; /* the owner opens nothing more on it */
};

/* Takes the connection over. */
gt__transport *gt__transport_new(gt_conn *conn, const gt__h2_options *options,
                                 const gt__transport_owner *table, void *owner);

/* Sees to it that what commands have queued goes out at this instant. */
void gt__transport_kick(gt__transport *transport);
/* The same after a command that only may have queued something: credit for a window. */
void gt__transport_kick_if_due(gt__transport *transport);

/* Says GOAWAY(NO_ERROR), writes what fits now, and closes the connection; the owner is told nothing
 * any more. */
void gt__transport_close(gt__transport *transport);

/* Has the journal tell of a GOAWAY; `more` follows the code's name. */
void gt__transport_note_goaway(const gt__transport *transport, bool sent, uint32_t code,
                               const char *more);

/* Closes the connection if need be and frees all; takes NULL. No call may be attached. */
void gt__transport_free(gt__transport *transport);

#endif
