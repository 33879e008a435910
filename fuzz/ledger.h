/* ledger.h - what an engine's events may be, one after another, and all of them as text.
 * Rule: a call has one end, and nothing but CLOSED follows it (rule C2). */
#ifndef GRPCTEST_FUZZ_LEDGER_H
#define GRPCTEST_FUZZ_LEDGER_H

#include "engine/h2/h2.h"
#include "fuzz.h"

/* What has happened to one stream. */
typedef struct ledger_stream {
    int32_t id;
    bool unary; /* client: one message answers it */
    bool headers, half_closed;
    bool final;    /* STATUS or ABORTED came */
    bool our_end;  /* the application ended it ... */
    bool silenced; /* ... when all its events had been taken: only CLOSED may come */
    bool closed;
    size_t messages;
} ledger_stream;

/* An event that was taken, and how it read then. */
typedef struct ledger_entry {
    gt__h2_event event;
    char *text;
} ledger_entry;

typedef struct ledger {
    bool server;
    size_t most; /* bytes of a message */
    ledger_stream *streams;
    size_t stream_count, stream_capacity;
    ledger_entry *entries;
    size_t count, capacity;
    size_t failed; /* FAILED events */
    bool goaway;   /* the peer said it */
    bool measured; /* it said content-length */
    bool trouble;  /* the peer was wrong, or the connection nears its end */
} ledger;

/* The client opened a stream. */
void ledger_open(ledger *l, int32_t stream, bool unary);
bool ledger_knows(const ledger *l, int32_t stream);
/* The application ended a stream by itself, with all events taken or not. */
void ledger_end(ledger *l, int32_t stream, bool all_taken);
/* Checks an event and keeps it. */
void ledger_take(ledger *l, const gt__h2_event *event);
/* The connection is over and all events were taken: every stream has come to its end. */
void ledger_check_over(const ledger *l);
/* With the engine gone, every event still reads as it did. */
void ledger_check_owned(const ledger *l);
/* What happened, stream by stream. */
char *ledger_text(const ledger *l);
void ledger_cleanup(ledger *l);

#endif
