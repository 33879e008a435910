/* journal.h - how the journal keeps what crossed: raw and compact; text is made when somebody asks.
 * Rule: at most GT__JOURNAL_CHUNKS chunks; when they are full the oldest goes. */
#ifndef GRPCTEST_ENGINE_RPC_JOURNAL_H
#define GRPCTEST_ENGINE_RPC_JOURNAL_H

#include "engine/rpc/call.h"

enum {
    GT__JOURNAL_CHUNK = 16 * 1024,
    GT__JOURNAL_CHUNKS = 64,
    GT__JOURNAL_TEXT = 512 /* at most this much of a message or a header list is kept */
};

/* One entry, followed by `kept` bytes: a message as it was on the wire, or text. */
typedef struct gt__record {
    gt_time when;
    uint64_t call;
    const char *method; /* lives as long as the journal; NULL: a connection's */
    size_t size;        /* a message's whole size */
    uint32_t kept;
    uint32_t wire_size; /* of a message that travels compressed, and its encoding */
    uint8_t encoding, kind;
    bool server, sent;
} gt__record;

typedef struct gt__journal_chunk {
    struct gt__journal_chunk *next;
    size_t used;
    _Alignas(gt__record) uint8_t bytes[GT__JOURNAL_CHUNK];
} gt__journal_chunk;

/* What is known of a method: its name, kept for the records, and its message types once a typed
 * function was used: with them, messages of that method read as text at both ends. */
typedef struct gt__journal_method {
    struct gt__journal *journal;
    char *path;
    gt_type request, response;
} gt__journal_method;

typedef struct gt__journal {
    uint64_t calls;
    uint64_t asked; /* the client's call of which something was asked last; 0: none */
    gt__journal_chunk *first, *last;
    size_t chunks;
    gt__journal_method **methods; /* sorted by path */
    size_t method_count;
    gt__buffer text; /* where records are put together; its memory is used again */
} gt__journal;

gt__journal *gt__journal_of(gt_world *world);
gt__journal_method *gt__journal_method_of(gt__journal *journal, const char *path);

/* What gt_use_types said, or NULL. */
const gt_types *gt__types_in_use(gt_world *world);

/* Adds a call's title, and its entries line by line (journal_text.c). */
void gt__journal_add_title(const gt__record *record, const uint8_t *kept, gt__buffer *out);
void gt__journal_add_line(gt__journal *journal, const gt__record *record, const uint8_t *kept,
                          gt__buffer *out);

/* What a failure shows (journal_failure.c); the caller frees it. */
char *gt__journal_failure(gt_world *world);

/* The text of a record (journal_text.c): a message by its method's type, else as bytes. */
void gt__record_text(gt__journal *journal, const gt__record *record, const uint8_t *kept,
                     gt__buffer *out);
/* "MESSAGE" */
const char *gt__journal_kind_name(gt_journal_kind kind);

/* Visits the raw records, oldest first. */
typedef void gt__record_fn(void *user, const gt__record *record, const uint8_t *kept);
void gt__journal_records(const gt__journal *journal, gt__record_fn *visit, void *user);

#endif
