/* call.h - the inside of gt_call: what client and server calls share, and the table of functions
 * that interceptors wrap. Rule: a call is not a stream. It has attempts, an attempt has a stream;
 * the call ends exactly once (gt__call_end), whatever races, and nothing is delivered after that
 * (rule C2). */
#ifndef GRPCTEST_ENGINE_RPC_CALL_H
#define GRPCTEST_ENGINE_RPC_CALL_H

#include "engine/rpc/transport.h"
#include <grpctest/call.h>
#include <grpctest/interceptor.h>
#include <grpctest/journal.h>

/* What can be done with a call, from either side. An interceptor is a layer with a table of its own
 * that calls the next layer's; the last layer is the call itself. Errors as in grpctest/call.h. */
typedef struct gt__call_layer gt__call_layer;
typedef struct gt__call_table {
    int (*send)(gt__call_layer *layer, const gt_outgoing *message);
    int (*recv)(gt__call_layer *layer, gt_incoming *message);
    int (*send_header)(gt__call_layer *layer, const gt_metadata *header); /* server */
    int (*handle)(gt__call_layer *layer);                                 /* server */
    void (*half_close)(gt__call_layer *layer);                            /* client */
    /* Ends the call here and now with a status of one's own, and tells the peer. */
    void (*end)(gt__call_layer *layer, int code, const char *message);
    int (*wait_header)(gt__call_layer *layer); /* client */
    int (*wait_end)(gt__call_layer *layer);    /* client */
} gt__call_table;

struct gt__call_layer {
    const gt__call_table *table;
    gt__call_layer *next; /* towards the call itself, whose layer has none */
};

/* One try at carrying the call: a stream on a transport. */
typedef struct gt__attempt {
    gt__link link; /* in the transport's calls; before that, in the channel's waiting */
    gt__transport *transport;
    int32_t stream;
} gt__attempt;

/* A message that has arrived and waits to be taken. One that was compressed waits as it came (but
 * it has been seen to inflate), so that the stream's window bounds what waits. */
typedef struct gt__arrived {
    struct gt__arrived *next;
    uint8_t *data;         /* `wire.size` bytes; NULL when empty */
    gt__h2_wire_form wire; /* what they are; GT__IDENTITY: the message itself */
    size_t size;           /* of the message */
    size_t uncredited;
} gt__arrived;

/* Something handed out that lives as long as the call: bytes, or an unpacked message. */
typedef struct gt__kept {
    struct gt__kept *next;
    gt_type type; /* codec NULL: plain memory */
    void *object;
} gt__kept;

/* The interceptors of a channel or server; they are held by its calls too, which may outlive it. */
typedef struct gt__interceptors {
    size_t holders, count;
    gt_interceptor list[];
} gt__interceptors;

typedef struct gt__recovery gt__recovery; /* interceptors_server.c */

struct gt_call {
    gt__call_layer base;
    gt__call_layer *top;                    /* where the public functions enter */
    gt__interceptors *interceptors;         /* NULL: none */
    struct gt__interception *interceptions; /* one per interceptor, in their order */
    gt_time began;
    gt_world *world;
    gt__entry entry;
    gt__link link; /* the channel's or server's list */
    uint64_t number;
    bool server;
    gt_kind kind;
    char *authority, *peer;
    char *subtype;      /* server: what follows "application/grpc+" in the request; NULL: nothing */
    const char *method; /* journal_method's, or own_method */
    char *own_method;   /* server: one that nobody registered; or NULL */
    struct gt__journal_method *journal_method; /* lives as long as the world */

    gt_context *context;
    gt__watch watch;
    gt__attempt attempt;

    gt__arrived *first_arrived, **last_arrived;
    size_t received; /* messages, taken or not */
    gt__kept *kept;
    gt__waitq incoming, outgoing;
    bool half_closed;  /* client: by us; server: by the client */
    bool header_known; /* client: it has arrived, or never will */
    bool header_sent;  /* server */
    gt_metadata *request, *header, *trailer;
    gt__encoding encoding; /* client: of the messages it sends */
    bool plain;            /* the messages that follow are not compressed */

    size_t users;    /* tasks in functions of it that may block */
    bool let_go;     /* client: by gt_call_free; the last of those tasks frees it */
    bool telling;    /* its interceptors are in their `start` or `end` */
    bool authorized; /* client: its credentials are in `request` */
    int refusal;     /* client: the code with which a `start` refused it, and why */
    char *refusal_text;

    bool ended;
    int code;
    char *message;
    uint8_t *details;
    size_t details_size;
    gt_status status;     /* the above as the public struct */
    gt_status unfinished; /* what gt_call_status says when the world ends its wait */

    gt_task *handler;       /* server: the task its handler runs on */
    gt__recovery *recovery; /* server: where gt_give_up goes; NULL: nowhere */

    void *owner; /* the channel, until it is freed; the server's connection or NULL */
    void *state; /* the server's: what it keeps per call */
};

/* ---- making and unmaking (call.c) ---- */

/* Fills in what both sides share and enters it in the journal, `method` NULL as one that nobody
 * registered. The context is to be set next; it then is the call's own. */
void gt__call_init(gt_call *call, gt_world *world, const gt__call_table *table, const char *method);
void gt__call_cleanup(gt_call *call);

/* Around what may block: a call that is freed meanwhile stays until the last task has left it. */
void gt__call_enter(gt_call *call);
void gt__call_leave(gt_call *call);

/* Ends the call: the first wins and returns true. The texts are copied (NULL reads as ""). Wakes
 * everybody and ends the context. */
bool gt__call_end(gt_call *call, int code, const char *message, gt_bytes details);

/* True once the call's own deadline has come: a cancel that arrives then reads as the deadline, in
 * whatever order the two are met (rule C1). */
bool gt__call_is_late(const gt_call *call);

/* Attaches the call to a stream, and lets go of it (its later events go nowhere). */
void gt__call_attach(gt_call *call, gt__transport *transport, int32_t stream);
void gt__call_detach(gt_call *call);
/* Cuts the stream with RST_STREAM(code), if there still is one, and lets go. */
void gt__call_cut(gt_call *call, uint32_t code);

/* Aborts with a sentence unless it reads "/package.Service/Method". */
void gt__require_method(const char *method);
/* The same for an authority: printable, without spaces. NULL is fine. */
void gt__require_authority(const char *authority);

/* ---- compression (compression.c) ---- */

/* The encoding of this name; aborts with a sentence when there is none. */
gt__encoding gt__require_encoding(const char *name);

/* ---- messages (message_io.c) ---- */

void gt__call_arrived(gt_call *call, gt__h2_event *event); /* takes the message's memory */
bool gt__call_has_arrived(const gt_call *call);
/* Takes the oldest message, crediting its window. Only when there is one. */
void gt__call_take(gt_call *call, gt_incoming *message);
void gt__call_drop_arrived(gt_call *call);
/* Says to the engine that a message is wanted, before waiting for it. */
void gt__call_want(gt_call *call);
/* Waits for room, packs, queues. */
int gt__call_send(gt_call *call, const gt_outgoing *message);

/* ---- interceptors (interceptor.c) ---- */

gt__interceptors *gt__interceptors_new(const gt_interceptor *list, size_t count);
gt__interceptors *gt__interceptors_hold(gt__interceptors *interceptors); /* takes NULL */
void gt__interceptors_drop(gt__interceptors *interceptors);              /* takes NULL */

/* Puts a layer per interceptor on a new call. */
void gt__call_intercept(gt_call *call, gt__interceptors *interceptors);
/* Tells each of them: the client's call starts; the call has ended; it is being freed. */
void gt__interceptions_start(gt_call *call, gt_call_start *start);
void gt__interceptions_end(gt_call *call);
void gt__interceptions_free(gt_call *call);

/* ---- the journal (journal.c) ---- */

uint64_t gt__journal_next_call(gt_world *world);
/* Something was asked of a call: where the test then fails, it is about this one. */
void gt__journal_asked(const gt_call *call);
/* Adds an entry; `text` is copied. */
void gt__journal_add(const gt_call *call, bool sent, gt_journal_kind kind, const char *text);
void gt__journal_header(const gt_call *call, bool sent, const char *timeout,
                        const gt_metadata *metadata);
/* Adds a message, inflated; how it travels may be said later, before the next entry. */
struct gt__record *gt__journal_message(const gt_call *call, bool sent, gt_bytes bytes);
void gt__journal_wire(struct gt__record *message, gt__h2_wire_form wire);
void gt__journal_status(const gt_call *call, bool sent, bool trailers_only, int code,
                        const char *message, const gt_metadata *trailer);
/* The call ended here, without a word from the peer. */
/* `trailer` may be NULL. */
void gt__journal_end(const gt_call *call, int code, const char *message,
                     const gt_metadata *trailer);
void gt__journal_violation(const gt_call *call, const char *rule, const char *text);
/* Something of a connection, not of a call: GT_JOURNAL_VIOLATION or GT_JOURNAL_FAILED. */
void gt__journal_connection(const gt__transport *transport, bool sent, gt_journal_kind kind,
                            const char *text);
/* Says the type of what this end sends, or receives: with it, messages read as text. */
void gt__journal_type(const gt_call *call, bool sent, gt_type type);

#endif
