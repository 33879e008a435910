/* session.h - the inside of gt__h2: its structs, and the functions its files share.
 * Rule: nghttp2's callbacks append events and change streams; they never feed or drain. A stream
 * that was told CLOSED is found by no command, but lives until nghttp2 has let go of it. */
#ifndef GRPCTEST_ENGINE_H2_SESSION_H
#define GRPCTEST_ENGINE_H2_SESSION_H

#include "engine/core/core.h"
#include "h2.h"
#include "limits.h"

#include <nghttp2/nghttp2.h>

#define GT__H2_PREFIX 5 /* bytes before each message: a flag and a length (rule M1) */
#define GT__H2_MOST_HEADERS (1024 * 1024) /* what we send in one header list, as rule D5 counts */

/* How large a header list may be that we send: what the peer says it takes, and never over
 * GT__H2_MOST_HEADERS. A larger one would cost the connection, not the call. */
size_t gt__h2_header_room(const gt__h2 *h2);

/* ---- events (event.c): a ring that grows ----------------------------------------------------- */

typedef struct gt__h2_events {
    gt__h2_event *ring;
    size_t capacity, first, count; /* capacity: 0 or a power of two */
} gt__h2_events;

/* A new last event, all zero but type and stream; to be filled before the next push. Its user is
 * looked up when it is handed out. */
gt__h2_event *gt__h2_push(gt__h2 *h2, gt__h2_event_type type, int32_t stream);
void gt__h2_events_cleanup(gt__h2_events *events);

/* ---- header blocks as they come in (block.c) ------------------------------------------------- */

/* X(name, text): the fields that mean something to us; all others are metadata. */
#define GT__H2_KEY_LIST(X)                                                                         \
    X(METHOD, ":method")                                                                           \
    X(SCHEME, ":scheme")                                                                           \
    X(PATH, ":path")                                                                               \
    X(AUTHORITY, ":authority")                                                                     \
    X(HTTP_STATUS, ":status")                                                                      \
    X(HOST, "host")                                                                                \
    X(TE, "te")                                                                                    \
    X(CONTENT_TYPE, "content-type")                                                                \
    X(TIMEOUT, "grpc-timeout")                                                                     \
    X(ENCODING, "grpc-encoding")                                                                   \
    X(ACCEPT_ENCODING, "grpc-accept-encoding")                                                     \
    X(STATUS, "grpc-status")                                                                       \
    X(MESSAGE, "grpc-message")                                                                     \
    X(DETAILS, "grpc-status-details-bin")

typedef enum gt__h2_key {
#define GT__H2_KEY_ENUM(name, text) GT__H2_KEY_##name,
    GT__H2_KEY_LIST(GT__H2_KEY_ENUM)
#undef GT__H2_KEY_ENUM
        GT__H2_KEY_OTHER
} gt__h2_key;

typedef struct gt__h2_field {
    nghttp2_rcbuf *name, *value; /* referenced */
    gt__h2_key key;
} gt__h2_field;

/* One for the session, since header blocks never interleave. */
typedef struct gt__h2_block {
    gt__h2_field *fields;
    size_t count, capacity;
    size_t size;    /* as rule D5 counts */
    bool too_large; /* what went over the limit is not kept */
    uint8_t counts[GT__H2_KEY_OTHER + 1];
    size_t first[GT__H2_KEY_OTHER]; /* index of the first one, where counts is not 0 */
} gt__h2_block;

void gt__h2_block_reset(gt__h2_block *block);
void gt__h2_block_cleanup(gt__h2_block *block);
/* Counts a field; false when the limit is passed. */
bool gt__h2_block_count(gt__h2_block *block, size_t name_size, size_t value_size, size_t limit);
/* Counts it and keeps it, unless the limit is passed. */
void gt__h2_block_add(gt__h2_block *block, nghttp2_rcbuf *name, nghttp2_rcbuf *value, size_t limit);
static inline bool gt__h2_block_has(const gt__h2_block *block, gt__h2_key key)
{
    return block->counts[key] > 0;
}
/* The first value, followed by a NUL that is not counted; empty when there is none. */
gt_bytes gt__h2_block_get(const gt__h2_block *block, gt__h2_key key);
/* True when the first value is exactly `text`. */
bool gt__h2_block_is(const gt__h2_block *block, gt__h2_key key, const char *text);
/* What is not in `excluded` (bits of gt__h2_key), "-bin" values split and decoded (rule D2). 0, or
 * GT_EINVAL with a sentence in `*problem` (to be freed) and what was good before it. */
int gt__h2_block_metadata(const gt__h2_block *block, uint32_t excluded, gt_metadata **metadata,
                          char **problem);
/* The peer's grpc-encoding: GT__IDENTITY where there is none. 0, or GT_EUNSUPPORTED. */
int gt__h2_block_encoding(const gt__h2_block *block, gt__encoding *encoding);
/* The encodings of its grpc-accept-encoding, as bits (gt__encodings_in). */
unsigned gt__h2_block_accepted(const gt__h2_block *block);
/* True for application/grpc, alone or followed by '+' or ';' (rule R3). */
bool gt__h2_is_grpc(gt_bytes content_type);

/* ---- header lists as they go out (fields.c) -------------------------------------------------- */

/* Names and static values are referenced; all other values must live until the list is given to
 * nghttp2, or packed. */
typedef struct gt__h2_fields {
    nghttp2_nv fixed[24], *list;
    size_t count, capacity;
    gt__buffer text; /* values that had to be coded; never moves once reserved */
} gt__h2_fields;

void gt__h2_fields_init(gt__h2_fields *fields);
void gt__h2_fields_cleanup(gt__h2_fields *fields);
void gt__h2_fields_static(gt__h2_fields *fields, const char *name, const char *value);
void gt__h2_fields_value(gt__h2_fields *fields, const char *name, const char *value);
void gt__h2_fields_metadata(gt__h2_fields *fields, const gt_metadata *metadata);
/* grpc-encoding, unless there is none, and grpc-accept-encoding. */
void gt__h2_fields_encoding(gt__h2_fields *fields, gt__encoding encoding);
/* grpc-status, grpc-message, grpc-status-details-bin (rules T1, T3, T4), then the trailers. */
void gt__h2_fields_status(gt__h2_fields *fields, const gt_status *status,
                          const gt_metadata *trailer);
/* As rule D5 counts. */
size_t gt__h2_fields_size(const gt__h2_fields *fields);

/* A list in one block of memory (gt__free), for trailers that wait behind messages. */
typedef struct gt__h2_packed {
    size_t count;
    nghttp2_nv list[];
} gt__h2_packed;

gt__h2_packed *gt__h2_fields_pack(const gt__h2_fields *fields);

/* ---- streams (stream.c) ---------------------------------------------------------------------- */

/* A message on its way out: its five bytes of prefix end where `data` begins, so that what goes to
 * the wire is one run of bytes, and the payload is aligned. */
typedef struct gt__h2_message {
    struct gt__h2_message *next;
    size_t size; /* of the payload */
    size_t sent; /* of prefix and payload */
    uint8_t unused[3], prefix[GT__H2_PREFIX];
    uint8_t data[];
} gt__h2_message;

/* The message that is coming in. */
typedef struct gt__h2_incoming {
    uint8_t prefix[GT__H2_PREFIX];
    uint8_t prefix_size;
    uint8_t *data;
    size_t size, filled, capacity;
    size_t uncredited; /* bytes of it that the stream's window has not got back */
    bool wanted;       /* the application waits for it: credit as it comes */
} gt__h2_incoming;

typedef struct gt__h2_stream {
    int32_t id;
    void *user;
    gt__link link; /* in h2->streams.all, in order of opening */

    bool announced;  /* server: a REQUEST event told of it; client: always */
    bool sent;       /* client: its HEADERS went out */
    bool responded;  /* headers: server, given; client, received */
    bool final;      /* no event but CLOSED follows */
    bool gone;       /* CLOSED was queued, or never will be: no command finds it */
    bool told;       /* CLOSED was handed out, or never will be */
    bool off_wire;   /* nghttp2 has closed it: freed once it was told, too */
    bool remote_end; /* END_STREAM came in */
    bool local_end;  /* END_STREAM went into a frame */
    bool ending;     /* nothing more will be queued: half-closed, or finished */
    bool reset;      /* RST_STREAM was queued */
    bool deferred;   /* nghttp2 waits for resume_data */
    bool above_mark; /* a WRITABLE event is owed */

    gt__encoding encoding_in, encoding_out;
    bool plain;        /* the messages that follow are not compressed */
    unsigned accepted; /* server: encodings that the client accepts, as bits */

    bool unary_response; /* client, rule M8 */
    bool window_open;    /* by a WINDOW_UPDATE, where streams begin with a window of zero */
    bool not_grpc;       /* client: the body is something else; it is dropped */
    uint16_t http_status;
    size_t messages;    /* received */
    size_t waiting;     /* of them: not taken, and not credited */
    size_t header_size; /* server: of the request's list, as long as it counts as open */
    gt__h2_incoming in;

    gt__h2_message *first, *last; /* the queue */
    size_t queued;                /* bytes in it, prefixes counted */

    char *content_type;     /* server: to answer with; NULL: plain */
    gt__h2_packed *trailer; /* server: to follow the queue; NULL: none yet */
} gt__h2_stream;

typedef struct gt__h2_streams {
    gt__h2_stream **slots; /* open addressing by id; NULL is free */
    size_t capacity, count;
    size_t open; /* those not gone */
    gt__link all;
} gt__h2_streams;

void gt__h2_streams_init(gt__h2_streams *streams);
void gt__h2_streams_cleanup(gt__h2 *h2);
gt__h2_stream *gt__h2_stream_new(gt__h2 *h2, int32_t id, void *user);
/* For callbacks: also those that are gone. NULL when unknown. */
static inline gt__h2_stream *gt__h2_stream_any(const gt__h2 *h2, int32_t id);
/* For commands: only those that are not gone. */
static inline gt__h2_stream *gt__h2_stream_find(const gt__h2 *h2, int32_t id);
/* Queues RST_STREAM, once. */
void gt__h2_stream_reset(gt__h2 *h2, gt__h2_stream *stream, uint32_t code);
/* Queues CLOSED, once; the stream is gone then. */
void gt__h2_stream_retire(gt__h2 *h2, gt__h2_stream *stream);
/* nghttp2 has closed it: retires it. It is freed once CLOSED was handed out, too. */
void gt__h2_stream_off_wire(gt__h2 *h2, gt__h2_stream *stream);
/* CLOSED was handed out. */
void gt__h2_stream_told(gt__h2 *h2, gt__h2_stream *stream);
/* True when the peer allows one more of ours (rule H3). */
bool gt__h2_has_capacity(const gt__h2 *h2);
/* Tells CAPACITY when it is owed and there is some. */
void gt__h2_offer_capacity(gt__h2 *h2);

/* ---- output (output.c) ----------------------------------------------------------------------- */

typedef struct gt__h2_output {
    uint8_t *at; /* the lent span, while draining */
    size_t room;
    bool flushing; /* control frames go to the spill, DATA nowhere */
    bool silenced; /* control frames go nowhere: we write them ourselves */
    bool muted;    /* nghttp2 is not asked any more: what is in the spill is all that goes out */
    gt__buffer
        spill; /* what did not fit into the span: control frames and one DATA frame at most */
    size_t spill_sent;
} gt__h2_output;

ssize_t gt__h2_on_send(nghttp2_session *session, const uint8_t *data, size_t size, int flags,
                       void *user);
int gt__h2_on_send_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *header,
                        size_t size, nghttp2_data_source *source, void *user);
/* Serializes the control frames that are due, so that a GOAWAY of nghttp2's own is noticed. */
void gt__h2_flush_control(gt__h2 *h2);
/* The same, and then a GOAWAY of ours after which nothing goes out. */
void gt__h2_flush_last(gt__h2 *h2, uint32_t code, const char *debug);
/* How many bytes of headers and control frames wait for the wire, about. */
size_t gt__h2_backlog(const gt__h2 *h2);

/* ---- limits (limits.c) ----------------------------------------------------------------------- */

/* Fills in the defaults of the options' limits and makes the buckets. */
void gt__h2_limits_init(gt__h2 *h2);
/* Counts the frames that begin in `bytes` and returns how many of the bytes nghttp2 may have: those
 * before the frame that passed a limit. */
size_t gt__h2_admit(gt__h2 *h2, gt_bytes bytes);
/* The peer's RST_STREAM ended a running call, or its fault makes us end one. */
void gt__h2_count_reset(gt__h2 *h2);
void gt__h2_count_idle_frame(gt__h2 *h2);
void gt__h2_count_sent_reset(gt__h2 *h2, uint32_t code);
void gt__h2_count_sent_data(gt__h2 *h2);
/* Ends the connection if a limit was passed. */
void gt__h2_enforce(gt__h2 *h2);

/* ---- messages (message_in.c, message_out.c) -------------------------------------------------- */

void gt__h2_receive_data(gt__h2 *h2, gt__h2_stream *stream, const uint8_t *data, size_t size);
/* The stream's last byte has come: false when that was inside a message (rule M7). */
bool gt__h2_incoming_complete(const gt__h2_stream *stream);
void gt__h2_incoming_cleanup(gt__h2_incoming *in);
/* A message event is handed out: what was let go of again is inflated once more. */
void gt__h2_unpack_event(gt__h2 *h2, gt__h2_event *event);
/* Where streams begin with a window of zero: opens this one's, once somebody waits for a message
 * and the stream is on the wire. True when that was now. */
bool gt__h2_open_window(gt__h2 *h2, gt__h2_stream *stream);

/* What nghttp2 asks for a stream's DATA. */
nghttp2_data_provider gt__h2_data_provider(void);
/* Copies `size` bytes of the queue to `out` and lets go of what was sent whole. */
void gt__h2_queue_copy(gt__h2 *h2, gt__h2_stream *stream, uint8_t *out, size_t size);
void gt__h2_queue_cleanup(gt__h2 *h2, gt__h2_stream *stream);
/* Something was queued, or the end was. */
void gt__h2_resume(gt__h2 *h2, gt__h2_stream *stream);

/* ---- header blocks by role (request.c, response.c), the session's side (connection.c) -------- */

/* Sends the status: trailers-only, or after the queued messages (rules T1, T2). */
void gt__h2_answer(gt__h2 *h2, gt__h2_stream *stream, const gt_status *status,
                   const gt_metadata *trailer);
void gt__h2_receive_request(gt__h2 *h2, gt__h2_stream *stream, bool end);
void gt__h2_receive_response(gt__h2 *h2, gt__h2_stream *stream, bool end);
/* END_STREAM on DATA, or after the headers were dealt with. */
void gt__h2_receive_end(gt__h2 *h2, gt__h2_stream *stream);
/* The session as a whole ended by a protocol error: ours, or one nghttp2 found. */
void gt__h2_fail(gt__h2 *h2, uint32_t code, const char *text);
/* We end it: the peer gets a GOAWAY with this text, and nothing else any more. */
void gt__h2_hang_up(gt__h2 *h2, uint32_t code, const char *text);
void gt__h2_receive_goaway(gt__h2 *h2, const nghttp2_goaway *goaway);
void gt__h2_submit_settings(gt__h2 *h2);

/* ---- how a stream ends (status.c) ------------------------------------------------------------ */

/* The end by a reason of our own: STATUS at the client, ABORTED at the server, unless the stream
 * has had its final event. The message is formatted. Sends nothing. */
void gt__h2_end(gt__h2 *h2, gt__h2_stream *stream, int code, const char *format, ...)
    GT_PRINTF(4, 5);
/* The same for a request that the peer certainly never looked at (rule H1). */
void gt__h2_end_unseen(gt__h2 *h2, gt__h2_stream *stream, const char *format, ...) GT_PRINTF(3, 4);
/* The same when the peer broke a rule and must be told: the client resets with CANCEL, the server
 * answers with the status. */
void gt__h2_break(gt__h2 *h2, gt__h2_stream *stream, int code, const char *format, ...)
    GT_PRINTF(4, 5);
/* RST_STREAM came in (rule T10). */
void gt__h2_end_by_reset(gt__h2 *h2, gt__h2_stream *stream, uint32_t reset_code);
/* Client: the block holds trailers (`trailers_only`: and the headers too), or the stream ended
 * without any (`block` NULL): rules T5-T7, M7, M8. */
void gt__h2_end_by_trailers(gt__h2 *h2, gt__h2_stream *stream, const gt__h2_block *block,
                            bool trailers_only);

/* ---- small ones ------------------------------------------------------------------------------ */

/* violation.c: the peer broke `rule` (static); the text is formatted. */
void gt__h2_violation(gt__h2 *h2, const gt__h2_stream *stream, const char *rule, const char *format,
                      ...) GT_PRINTF(4, 5);
/* error_map.c: the gRPC code for a reset code (rule T10), and for an HTTP status (rule T6). */
int gt__h2_code_of_reset(uint32_t reset_code);
int gt__h2_code_of_http(int http_status);

/* ---- the session (session.c) ----------------------------------------------------------------- */

struct gt__h2 {
    nghttp2_session *session;
    gt__h2_options options; /* every default filled in */
    gt_time now;
    gt__h2_events events;
    gt__h2_streams streams;
    gt__h2_block block;
    gt__h2_output out;
    gt__h2_guard guard;
    gt__h2_message *begun; /* between send_begin and send_end */
    int32_t begun_stream;
    size_t inflated; /* bytes of messages in events that were compressed, and are not now */
    size_t queued;   /* of all streams, as are the next two */
    size_t waiting;
    size_t header_size;
    size_t arrived;     /* DATA bytes of this feed, to be credited to the connection */
    bool starved;       /* an open was refused: CAPACITY is owed */
    bool goaway;        /* one was sent or came: without, a session never ends */
    bool goaway_came;   /* the peer takes no new streams */
    bool settled;       /* the peer has acknowledged our SETTINGS */
    bool over;          /* failed, or the wire was lost: nothing is read any more */
    bool lost;          /* the wire was lost: nothing is written any more */
    size_t own_goaways; /* that we have queued and nghttp2 has not sent */
    uint32_t end_code;  /* of the GOAWAY by which nghttp2 ends the session */
    char *end_text;     /* its reason; NULL: there is none */
    char *user_agent;   /* as last sent, and the user's own text that it begins with */
    char *user_agent_own;
    char *goaway_text; /* what the peer's GOAWAY said, for status messages; or NULL */
};

/* ---- finding streams, many times for each message -------------------------------------------- */

static inline size_t gt__h2_slot_of(const gt__h2_streams *streams, int32_t id)
{
    /* Ids of one side count by two and are spread as they come. */
    return ((uint32_t)id >> 1) & (streams->capacity - 1);
}

static inline gt__h2_stream *gt__h2_stream_any(const gt__h2 *h2, int32_t id)
{
    const gt__h2_streams *streams = &h2->streams;
    if (streams->count == 0)
        return NULL;
    size_t slot = gt__h2_slot_of(streams, id);
    while (streams->slots[slot] && streams->slots[slot]->id != id)
        slot = (slot + 1) & (streams->capacity - 1);
    return streams->slots[slot];
}

static inline gt__h2_stream *gt__h2_stream_find(const gt__h2 *h2, int32_t id)
{
    gt__h2_stream *stream = gt__h2_stream_any(h2, id);
    return stream && !stream->gone ? stream : NULL;
}

#endif
