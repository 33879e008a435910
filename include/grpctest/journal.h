/* journal.h - what crossed the wire, call by call, at which instant of the world.
 * Rule: always on, bounded (the last mebibyte; older entries go first), and never part of what it
 * watches: it changes no schedule and no byte. */
#ifndef GRPCTEST_JOURNAL_H
#define GRPCTEST_JOURNAL_H

#include <grpctest/call.h>
#include <grpctest/message.h>

GT_BEGIN_DECLS

typedef enum gt_journal_kind {
    GT_JOURNAL_CALL,       /* a call began: its method, and where it goes or came from */
    GT_JOURNAL_HEADERS,    /* request or response headers */
    GT_JOURNAL_MESSAGE,    /* one message */
    GT_JOURNAL_HALF_CLOSE, /* the client sends no more */
    GT_JOURNAL_STATUS,     /* trailers with the status */
    GT_JOURNAL_RESET,      /* the stream was cut: RST_STREAM, or the connection went */
    GT_JOURNAL_END,        /* the call ended here, with a status that no trailers brought */
    GT_JOURNAL_VIOLATION,  /* the peer broke a rule: of a call, or (call 0) where none came of it */
    GT_JOURNAL_FAILED,     /* a connection (call 0) ended by a protocol error */
    GT_JOURNAL_GOAWAY      /* a connection (call 0) takes no new calls: why, and the last stream */
} gt_journal_kind;

/* One thing that happened to a call, at one of its ends. Borrowed during the visit. */
typedef struct gt_journal_entry {
    gt_time when;
    uint64_t call;      /* gt_call_number; 0: a connection, whose peer the text names */
    const char *method; /* "/package.Service/Method"; NULL for a connection */
    bool server;        /* recorded at the server's end (true) or the client's */
    bool sent;          /* sent by that end (true) or received */
    gt_journal_kind kind;
    size_t size;      /* GT_JOURNAL_MESSAGE: its bytes, before any compression */
    gt_bytes bytes;   /* GT_JOURNAL_MESSAGE: the first 512 of them */
    const char *text; /* the fields, the message as text, the status: one line */
} gt_journal_entry;

/* Tells a world the types of its methods' messages: what crosses the wire is shown as text, and
 * scripts may say what they mean as text. `types` is borrowed until the world is freed; what is
 * said later takes the place of what was said before. */
GT_API void gt_use_types(gt_world *world, const gt_types *types);

typedef void gt_journal_fn(void *user, const gt_journal_entry *entry);

/* Visits every entry, oldest first, and returns how many there were. `visit` may be NULL. */
GT_API size_t gt_journal_each(gt_world *world, gt_journal_fn *visit, void *user);

/* Which end recorded it. */
typedef enum gt_journal_end { GT_AT_BOTH_ENDS = 0, GT_AT_CLIENT, GT_AT_SERVER } gt_journal_end;

/* What to look for: all that is said must hold, and zeros say nothing. */
typedef struct gt_journal_filter {
    uint64_t call;      /* gt_call_number; 0: any, and what belongs to none */
    const char *method; /* borrowed; NULL: any */
    gt_journal_end end;
    unsigned kinds; /* GT_JOURNAL_ONLY(kind), or several of them joined by |; 0: any */
    gt_time from;   /* at this instant or later */
    gt_time until;  /* and before this one; 0: no limit */
} gt_journal_filter;

#define GT_JOURNAL_ONLY(kind) (1u << (kind))

/* Sets every member to say nothing (for C++; in C `{0}` does the same). */
GT_API void gt_journal_filter_init(gt_journal_filter *filter);

/* Visits the entries that `filter` (NULL: all) lets through, oldest first, and returns how many
 * there were. `visit` may be NULL: this counts them. */
GT_API size_t gt_journal_find(gt_world *world, const gt_journal_filter *filter,
                              gt_journal_fn *visit, void *user);
#define gt_journal_count(world, ...) gt_journal_find((world), (__VA_ARGS__), NULL, NULL)

/* The same entries as JSON, an object on each line, in this order of members:
 *     {"ns":50000000,"call":1,"method":"/users.Users/GetUser","end":"client","way":"sent",
 *      "kind":"MESSAGE","size":4,"text":"4 bytes  \"jane\""}
 * (on one line). What concerns no call has neither call nor method, only a message has a size, and
 * bytes of the text that are no UTF-8 read \xNN. The caller frees it with gt_free. */
GT_API char *gt_journal_json(gt_world *world, const gt_journal_filter *filter);

/* What happened to one call at its end, as text of several lines, in virtual time; and the same for
 * all calls of a world. The caller frees it with gt_free. */
GT_API char *gt_call_transcript(const gt_call *call);
GT_API char *gt_journal_text(gt_world *world);

GT_END_DECLS

#endif
