#include "by_hand.h"

enum { STREAM = 1, CHUNK = 1024 };

/* A connection of which whole frames are read. */
typedef struct peer {
    gt_conn *conn;
    gt_frame_reader *reader;
} peer;

static void peer_open(peer *p, gt_conn *conn)
{
    p->conn = conn;
    p->reader = gt_frame_reader_new(NULL);
}

static void peer_close(peer *p)
{
    gt_frame_reader_free(p->reader);
    gt_conn_free(p->conn);
}

static int read_frame(peer *p, gt_frame *frame)
{
    uint8_t bytes[CHUNK];
    size_t count;
    int error;
    while ((error = gt_frame_reader_next(p->reader, frame)) == GT_EAGAIN) {
        error = gt_conn_read(p->conn, NULL, bytes, sizeof bytes, &count);
        if (error)
            return error;
        gt_frame_reader_feed(p->reader, gt_bytes_of(bytes, count));
    }
    return error;
}

static int write_all(peer *p, const gt_buffer *frames)
{
    size_t count;
    return gt_conn_write(p->conn, NULL, frames->data, frames->size, &count);
}

static bool ends_stream(const gt_frame *frame)
{
    bool may = frame->type == GT_FRAME_HEADERS || frame->type == GT_FRAME_DATA;
    return may && frame->stream == STREAM && (frame->flags & GT_FLAG_END_STREAM);
}

/* ---- the client -------------------------------------------------------------------------------
 */

static int send_request(peer *p, const char *headers)
{
    gt_buffer frames = {0};
    gt_frame_write_preface(&frames);
    gt_frame_write_settings(&frames, NULL, 0);
    gt_frame_write_headers_text(&frames, STREAM, GT_FLAG_END_HEADERS | GT_FLAG_END_STREAM, headers);
    int error = write_all(p, &frames);
    gt_buffer_cleanup(&frames);
    return error;
}

int by_hand_ask(gt_dialer *dialer, const char *headers, gt_buffer *answer)
{
    gt_conn *conn;
    int error = gt_dial(dialer, NULL, &conn);
    if (error)
        return error;
    peer p;
    peer_open(&p, conn);
    error = send_request(&p, headers);
    for (gt_frame frame = {0}; !error && !ends_stream(&frame);) {
        error = read_frame(&p, &frame);
        if (!error && frame.headers)
            gt_headers_print(answer, frame.headers);
    }
    peer_close(&p);
    return error;
}

/* ---- the server -------------------------------------------------------------------------------
 */

/* A client may wait for these before it asks anything. */
static int send_settings(peer *p)
{
    gt_buffer frames = {0};
    gt_frame_write_settings(&frames, NULL, 0);
    gt_frame_write_settings_ack(&frames);
    int error = write_all(p, &frames);
    gt_buffer_cleanup(&frames);
    return error;
}

static int converse(peer *p, const gt_buffer *answer)
{
    gt_frame frame = {0};
    int error = send_settings(p);
    while (!error && !ends_stream(&frame))
        error = read_frame(p, &frame);
    if (!error)
        error = write_all(p, answer);
    while (!error)
        error = read_frame(p, &frame);
    return error;
}

static void serve(void *arg)
{
    by_hand_server *server = arg;
    gt_conn *conn;
    if (gt_accept(server->listener, NULL, &conn) != 0)
        return;
    peer p;
    peer_open(&p, conn);
    (void)converse(&p, server->answer);
    peer_close(&p);
}

void by_hand_serve(by_hand_server *server, gt_world *world, gt_listener *listener,
                   const gt_buffer *answer)
{
    *server = (by_hand_server){.listener = listener, .answer = answer};
    server->task = gt_spawn(world, "server by hand", serve, server);
}

int by_hand_finish(by_hand_server *server)
{
    return gt_task_join(server->task, NULL);
}
