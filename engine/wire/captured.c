/* Bytes between two ends in this process are told once, as they are written, and acknowledged as
 * they are read: between packet and acknowledgement lies what the link did. Where the far end is
 * elsewhere, its side of the story is made up of what the near one sees. */
#include "captured.h"

/* ---- wires --------------------------------------------------------------------------------- */

typedef struct wire_end {
    gt__conn_table table; /* stands before the connection's own */
    const gt__conn_table *own;
    gt_conn *conn; /* NULL where there is none, or none any more */
    struct wire *wire;
} wire_end;

typedef struct wire {
    wire_end ends[2]; /* who dialled, who accepted */
    bool half;        /* only one end ever was in this process */
    gt__link stories; /* one for each file that captures it */
} wire;

void gt__story_free(gt__story *story)
{
    gt__list_remove(&story->in_wire);
    gt__list_remove(&story->in_pcap);
    gt__free(story);
}

typedef enum moment { SENT, TAKEN, ENDED, SAW_END, RESET } moment;

static void tell_one(gt__story *story, moment what, int end, gt_bytes bytes)
{
    uint64_t time = gt__pcap_time(story->pcap);
    switch (what) {
    case SENT:
        gt__tcp_story_sent(&story->tcp, time, end, bytes);
        break;
    case TAKEN:
        gt__tcp_story_taken(&story->tcp, time, end, bytes.size);
        break;
    case ENDED:
        gt__tcp_story_ended(&story->tcp, time, end);
        break;
    case SAW_END:
        gt__tcp_story_saw_end(&story->tcp, time, end);
        break;
    case RESET:
        gt__tcp_story_reset(&story->tcp, time, end);
        break;
    }
    gt__pcap_file_flush(&story->pcap->file);
}

static void tell(wire *w, moment what, int end, gt_bytes bytes)
{
    for (gt__link *link = w->stories.next; link != &w->stories; link = link->next)
        tell_one(gt__container_of(link, gt__story, in_wire), what, end, bytes);
}

/* ---- the table that stands before ----------------------------------------------------------- */

static const gt_bytes nothing;

static wire_end *end_of(const gt_conn *conn)
{
    return gt__container_of(conn->table, wire_end, table);
}

static int near(const wire_end *end)
{
    return (int)(end - end->wire->ends);
}

static int far(const wire_end *end)
{
    return 1 - near(end);
}

static int wire_peek(gt_conn *conn, gt_bytes *bytes)
{
    wire_end *end = end_of(conn);
    int error = end->own->peek(conn, bytes);
    if (error == GT_EOF) { /* where the far end said no such thing, the link did */
        tell(end->wire, ENDED, far(end), nothing);
        tell(end->wire, SAW_END, near(end), nothing);
    } else if (error == GT_ERESET) {
        tell(end->wire, RESET, far(end), nothing);
    }
    return error;
}

static void wire_consume(gt_conn *conn, size_t size)
{
    wire_end *end = end_of(conn);
    gt_bytes bytes = nothing;
    if (end->wire->half && size > 0 && end->own->peek(conn, &bytes) == 0)
        tell(end->wire, SENT, far(end), gt_bytes_of(bytes.data, size));
    tell(end->wire, TAKEN, near(end), gt_bytes_of(bytes.data, size));
    end->own->consume(conn, size);
}

static void wire_commit(gt_conn *conn, size_t size)
{
    wire_end *end = end_of(conn);
    uint8_t *room;
    size_t room_size;
    if (size > 0 && end->own->reserve(conn, &room, &room_size) == 0) {
        tell(end->wire, SENT, near(end), gt_bytes_of(room, size));
        if (end->wire->half)
            tell(end->wire, TAKEN, far(end), gt_bytes_of(room, size));
    }
    end->own->commit(conn, size);
}

/* A far end that is closed learns nothing any more, yet its kernel would acknowledge. */
static void tell_end(wire_end *end)
{
    const gt_conn *other = end->wire->ends[far(end)].conn;
    tell(end->wire, ENDED, near(end), nothing);
    if (!other || other->closed)
        tell(end->wire, SAW_END, far(end), nothing);
}

static void wire_close_write(gt_conn *conn)
{
    wire_end *end = end_of(conn);
    tell_end(end);
    end->own->close_write(conn);
}

static void wire_close(gt_conn *conn)
{
    wire_end *end = end_of(conn);
    if (conn->was_reset)
        tell(end->wire, RESET, far(end), nothing);
    tell(end->wire, SAW_END, near(end), nothing);
    tell_end(end);
    end->own->close(conn);
}

static void wire_reset(gt_conn *conn)
{
    wire_end *end = end_of(conn);
    tell(end->wire, RESET, near(end), nothing);
    end->own->reset(conn);
}

static void free_wire(wire *w)
{
    while (!gt__list_empty(&w->stories))
        gt__story_free(gt__container_of(w->stories.next, gt__story, in_wire));
    gt__free(w);
}

static void wire_destroy(gt_conn *conn)
{
    wire_end *end = end_of(conn);
    conn->table = end->own;
    end->conn = NULL;
    if (!end->wire->ends[far(end)].conn)
        free_wire(end->wire);
    conn->table->destroy(conn);
}

static bool is_captured(const gt_conn *conn)
{
    return conn->table->destroy == wire_destroy;
}

const gt__conn_table *gt__conn_own_table(const gt_conn *conn)
{
    return is_captured(conn) ? end_of(conn)->own : conn->table;
}

static void stand_before(wire *w, int index, gt_conn *conn)
{
    wire_end *end = &w->ends[index];
    end->wire = w;
    end->conn = conn;
    if (!conn)
        return;
    end->own = conn->table;
    end->table = *conn->table;
    end->table.peek = wire_peek;
    end->table.consume = wire_consume;
    end->table.commit = wire_commit;
    end->table.close_write = wire_close_write;
    end->table.close = wire_close;
    end->table.reset = wire_reset;
    end->table.destroy = wire_destroy;
    conn->table = &end->table;
}

static wire *wire_of(gt_conn *client, gt_conn *server)
{
    gt_conn *any = client ? client : server;
    if (is_captured(any))
        return end_of(any)->wire;
    wire *w = gt__new(wire);
    w->half = !client || !server;
    gt__list_init(&w->stories);
    stand_before(w, 0, client);
    stand_before(w, 1, server);
    return w;
}

bool gt__wire_capture(gt_conn *client, gt_conn *server, gt__story *story)
{
    wire *w = wire_of(client, server);
    for (gt__link *link = w->stories.next; link != &w->stories; link = link->next)
        if (gt__container_of(link, gt__story, in_wire)->pcap == story->pcap)
            return false;
    gt__list_push_back(&w->stories, &story->in_wire);
    return true;
}
