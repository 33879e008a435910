/* wire.h - the tables behind conn.h: what a pipe, a socket or TLS has to provide, and no more.
 * Rule: a table's functions never block; blocking, deadlines, read limits, taps and hooks are
 * built on them once, in conn.c, for every kind of connection. */
#ifndef GRPCTEST_ENGINE_WIRE_WIRE_H
#define GRPCTEST_ENGINE_WIRE_WIRE_H

#include "engine/core/core.h"
#include "engine/sched/sched.h"
#include <grpctest/conn.h>

/* ---- connections --------------------------------------------------------------------------- */

typedef struct gt__conn_table {
    const char *kind; /* "pipe" */

    /* Lends bytes that can be read now, in order, at least one; the reader then consumes some of
     * them from the front. Errors: GT_EAGAIN, GT_EOF, GT_ERESET, GT_EIO. */
    int (*peek)(gt_conn *conn, gt_bytes *bytes);
    void (*consume)(gt_conn *conn, size_t size);

    /* Lends room that can be written now, at least one byte; the writer then commits some of it.
     * Errors: GT_EAGAIN, GT_EPIPE, GT_ERESET, GT_EIO. */
    int (*reserve)(gt_conn *conn, uint8_t **room, size_t *size);
    void (*commit)(gt_conn *conn, size_t size);

    void (*close_write)(gt_conn *conn); /* at most once */
    void (*close)(gt_conn *conn);       /* both directions; once, also after a reset */
    void (*reset)(gt_conn *conn);       /* at most once, never after close */
    void (*destroy)(gt_conn *conn);     /* frees the memory, after close */
} gt__conn_table;

typedef struct gt__tapped gt__tapped;

/* The part common to all connections; a kind embeds it first in its own struct. A task inside a
 * blocking call counts as a user: freeing then only closes, and the last user to leave destroys. */
struct gt_conn {
    const gt__conn_table *table; /* its kind's, or while it is captured one that stands before it */
    gt_world *world;
    gt__entry entry;
    gt__link
        held; /* in a list of whoever holds it, such as a listener's queue; free takes it out */
    char *local_name, *peer_name;
    gt__waitq readable, writable;       /* for tasks that block */
    gt__job readable_job, writable_job; /* for the one hook of each direction */
    void (*on_readable)(void *user), (*on_writable)(void *user);
    void *hook_user;
    gt_time read_deadline, write_deadline;
    size_t read_limit; /* 0: none */
    gt_tap_fn *tap;
    void *tap_user;
    gt__tapped *tapped; /* what the tap is being shown */
    gt_conn *other;     /* the other end where it lives in this world too, and is not gone */
    unsigned users;
    bool accepted; /* it is the end that was dialled */
    bool writing;  /* a blocking write is under way: others wait for their turn */
    bool closed, write_closed;
    bool was_reset; /* by either end: a kind that learns of its peer's reset sets it */
    bool let_go;    /* freed while it had users */
};

/* Fills in the common part and enters it in the ledger. The names are copied. */
void gt__conn_init(gt_conn *conn, const gt__conn_table *table, gt_world *world,
                   const char *local_name, const char *peer_name, const char *file, int line);

/* Called by a kind once when a connection is made: with both ends where both live in this world,
 * otherwise with NULL for the one that does not. Captures begin here. */
void gt__conn_connected(gt_conn *client, gt_conn *server);

/* The table that its kind gave it. */
const gt__conn_table *gt__conn_own_table(const gt_conn *conn);

/* Called by a kind when peek, or reserve, may answer differently than before: wakes who waits and
 * schedules the hook. */
void gt__conn_readable(gt_conn *conn);
void gt__conn_writable(gt_conn *conn);

/* For engines that feed themselves (rpc): called back on no task, once for any number of changes.
 * With NULL functions it removes them. A hook is also scheduled at once when set. */
void gt__conn_hook(gt_conn *conn, void (*on_readable)(void *user), void (*on_writable)(void *user),
                   void *user);

/* Lending, as in the table, with read limit and tap and the end's own state (GT_ECLOSED) applied.
 */
int gt__conn_peek(gt_conn *conn, gt_bytes *bytes);
void gt__conn_consume(gt_conn *conn, size_t size);
int gt__conn_reserve(gt_conn *conn, uint8_t **room, size_t *size);
void gt__conn_commit(gt_conn *conn, size_t size);

/* Hands a connection over for good: the ledger forgets it, and its owner frees it. */
void gt__conn_take(gt_conn *conn);

/* Hands a connection over to an owner inside the library: its ledger entry no longer counts as the
 * caller's. And back: it is the caller's from now on, made at file and line. */
void gt__conn_adopt(gt_conn *conn);
void gt__conn_hand_out(gt_conn *conn, const char *file, int line);

/* ---- listeners and dialers ----------------------------------------------------------------- */

typedef struct gt__listener_table {
    const char *kind;
    /* A connection that waits, or GT_EAGAIN, GT_ECLOSED, GT_EIO. */
    int (*try_accept)(gt_listener *listener, gt_conn **conn, const char *file, int line);
    bool (*acceptable)(gt_listener *listener); /* true when that would not give GT_EAGAIN */
    void (*close)(gt_listener *listener);      /* at most once */
    void (*destroy)(gt_listener *listener);
} gt__listener_table;

struct gt_listener {
    const gt__listener_table *table;
    gt_world *world;
    gt__entry entry;
    char *address;
    gt__waitq acceptable;
    gt__job acceptable_job;
    void (*on_acceptable)(void *user), (*on_gone)(void *user);
    void *hook_user;
    unsigned users; /* tasks inside accept, as with a connection's */
    bool closed, let_go;
};

/* Fills in the common part and enters it in the ledger. The address is copied. */
void gt__listener_init(gt_listener *listener, const gt__listener_table *table, gt_world *world,
                       const char *address, const char *file, int line);
void gt__listener_acceptable(gt_listener *listener); /* try_accept may answer differently */
/* For an owner that accepts by itself: `on_acceptable` is called back on no task; `on_gone`, at
 * once, when the listener is being freed, and the hook must not be touched after it. With NULL
 * functions it removes the hook. */
void gt__listener_hook(gt_listener *listener, void (*on_acceptable)(void *user),
                       void (*on_gone)(void *user), void *user);
int gt__listener_try_accept(gt_listener *listener, gt_conn **conn, const char *file, int line);

typedef struct gt__dialer_table {
    const char *kind;
    /* May block; the dialer may be freed meanwhile, so what it needs later it must hold on to. */
    int (*dial)(gt_dialer *dialer, gt_context *context, gt_conn **conn, const char *file, int line);
    void (*destroy)(gt_dialer *dialer);
} gt__dialer_table;

struct gt_dialer {
    const gt__dialer_table *table;
    gt_world *world;
    gt__entry entry;
    char *address;
};

/* Fills in the common part and enters it in the ledger. The address is copied. */
void gt__dialer_init(gt_dialer *dialer, const gt__dialer_table *table, gt_world *world,
                     const char *address, const char *file, int line);

#endif
