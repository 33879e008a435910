#include "transport.h"

#include "call.h"
#include "filter.h"

/* The farewell of a client concerns no call: a server opens none. */
void gt__transport_note_goaway(const gt__transport *t, bool sent, uint32_t code, const char *more)
{
    if (sent != t->server && code == 0)
        return;
    char *text = gt__printf("%s%s", gt__h2_error_name(code), more);
    gt__journal_connection(t, sent, GT_JOURNAL_GOAWAY, text);
    gt__free(text);
}

static void note_goaway(const gt__transport *t, const gt__h2_event *event)
{
    gt__buffer more = {0};
    gt__buffer_printf(&more, ", last stream %d", (int)event->as.goaway.last_stream);
    if (*event->as.goaway.debug) {
        gt__buffer_add_text(&more, " ");
        gt__buffer_quote(&more, gt_bytes_str(event->as.goaway.debug));
    }
    gt__transport_note_goaway(t, false, event->as.goaway.code, gt_buffer_text(&more));
    gt__buffer_cleanup(&more);
}

/* What belongs to no call would otherwise be seen by nobody. */
static void note(const gt__transport *t, const gt__h2_event *event)
{
    if (event->type == GT__H2_FAILED) {
        gt__journal_connection(t, false, GT_JOURNAL_FAILED, event->as.failed.text);
    } else if (event->type == GT__H2_VIOLATION && !event->user) {
        char *text = gt__printf("rule %s: %s", event->as.violation.rule, event->as.violation.text);
        gt__journal_connection(t, false, GT_JOURNAL_VIOLATION, text);
        gt__free(text);
    } else if (event->type == GT__H2_GOAWAY) {
        note_goaway(t, event);
    }
}

static void hand_on_events(gt__transport *t)
{
    gt__h2_event event;
    while (gt__h2_next_event(t->h2, &event)) {
        note(t, &event);
        t->table->event(t->owner, t, &event);
        gt__h2_event_cleanup(&event);
    }
}

static void lose_wire(gt__transport *t, int error)
{
    if (t->lost)
        return;
    t->lost = true;
    gt__h2_wire_lost(t->h2,
                     error == GT_EOF ? "the peer closed the connection" : gt_error_text(error));
}

static void write_filtered(gt__transport *t)
{
    int error = t->lost ? 0 : gt__filter_write(t->filter);
    if (error == GT_ERESET || error == GT_EIO)
        lose_wire(t, error);
}

/* Done with the connection: neither the engine nor a filter has anything to say. */
static bool is_over(const gt__transport *t)
{
    return t->lost || (gt__h2_done(t->h2) && !(t->filter && gt__filter_waits(t->filter)));
}

/* Writes what is due into the room that the wire lends. A peer that closed takes nothing any more,
 * but what it sent before may still be there to read: only the reading side ends the transport. */
static void write_due(gt__transport *t)
{
    uint8_t *room;
    size_t size, written = 0;
    if (t->filter) {
        write_filtered(t);
        return;
    }
    if (!gt__h2_wants_drain(t->h2))
        return;
    do {
        int error = gt__conn_reserve(t->conn, &room, &size);
        if (error == GT_ERESET || error == GT_EIO)
            lose_wire(t, error);
        if (error)
            return;
        written = gt__h2_drain(t->h2, room, size, gt_now(t->world));
        if (written > 0)
            gt__conn_commit(t->conn, written);
    } while (written == size);
}

static void read_all(gt__transport *t)
{
    while (!t->lost) {
        gt_bytes bytes;
        int error = gt__conn_peek(t->conn, &bytes);
        if (error == GT_EAGAIN)
            return;
        if (error) {
            lose_wire(t, error);
            return;
        }
        error = gt__h2_feed(t->h2, bytes, gt_now(t->world));
        gt__conn_consume(t->conn, bytes.size);
        hand_on_events(t);
        if (error)
            return;
    }
}

/* Every way in passes here: move bytes, hand on events, and tell the end once all loops are left. A
 * command given by an event's receiver kicks the flush job, which comes by here again. */
static void turn(gt__transport *t, bool readable)
{
    if (readable)
        read_all(t);
    write_due(t);
    hand_on_events(t);
    if (is_over(t))
        t->table->over(t->owner, t);
}

static void on_readable(void *user)
{
    turn(user, true);
}

static void on_writable(void *user)
{
    turn(user, false);
}

static void on_flush(gt__job *job)
{
    turn(gt__container_of(job, gt__transport, flush), false);
}

gt__transport *gt__transport_new(gt_conn *conn, const gt__h2_options *options,
                                 const gt__transport_owner *table, void *owner)
{
    gt__transport *t = gt__new(gt__transport);
    gt__list_init(&t->link);
    gt__list_init(&t->calls);
    t->world = conn->world;
    t->conn = conn;
    t->h2 = gt__h2_new(options);
    t->server = options->server;
    t->table = table;
    t->owner = owner;
    gt__job_init(&t->flush, t->world, on_flush);
    gt__conn_take(conn);
    gt__conn_hook(conn, on_readable, on_writable, t);
    gt__transport_kick(t);
    return t;
}

void gt__transport_kick(gt__transport *t)
{
    gt__job_schedule(&t->flush);
}

void gt__transport_kick_if_due(gt__transport *t)
{
    if (gt__h2_wants_drain(t->h2))
        gt__transport_kick(t);
}

void gt__transport_close(gt__transport *t)
{
    if (!t->lost && !gt__h2_done(t->h2)) {
        gt__h2_goaway(t->h2, 0, NULL);
        gt__transport_note_goaway(t, true, 0, "");
        write_due(t);
    }
    t->lost = true;
    gt_conn_close(t->conn);
}

void gt__transport_free(gt__transport *t)
{
    gt__list_remove(&t->link);
    gt__job_cancel(&t->flush);
    gt__conn_hook(t->conn, NULL, NULL, NULL);
    gt_conn_free(t->conn);
    gt__h2_free(t->h2);
    gt__filter_free(t->filter);
    gt__free(t);
}
