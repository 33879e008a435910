/* A socket behind the connection table. Bytes are received into a small buffer that the reader
 * peeks at, and sent from a small buffer that the writer fills; both exist only while they hold
 * something, so that an idle connection costs its descriptor and little more.
 * What was written counts as sent: where the kernel is full when the connection is closed and let
 * go, its memory lingers until the rest has been taken, or the world ends. */
#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <grpctest/net.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

/* A full HTTP/2 DATA frame fits with room to spare. */
enum { BUFFER_SIZE = 32768 };

/* Bytes from `start` to `end`; the memory goes when they meet. */
typedef struct span {
    uint8_t *data;
    size_t start, end;
} span;

typedef struct fd_conn {
    gt_conn conn;
    gt__conn_table table; /* the common one, under this connection's kind */
    gt__source source;
    int fd; /* -1: closed */
    span in, out;
    int in_error;        /* what receiving gives from now on, or 0 */
    int out_error;       /* what sending gives from now on, or 0 */
    gt__entry lingering; /* in force when it is gone */
    bool gone;           /* the connection has been let go, its last bytes are still here */
} fd_conn;

static fd_conn *fd_of(gt_conn *conn)
{
    return gt__container_of(conn, fd_conn, conn);
}

static size_t span_size(const span *s)
{
    return s->end - s->start;
}

static uint8_t *span_memory(span *s)
{
    if (!s->data)
        s->data = gt__malloc(BUFFER_SIZE);
    return s->data;
}

static void span_drop(span *s)
{
    gt__free(s->data);
    *s = (span){0};
}

static void span_consume(span *s, size_t size)
{
    s->start += size;
    if (s->start == s->end)
        span_drop(s);
}

static void close_fd(fd_conn *self)
{
    if (self->fd < 0)
        return;
    gt__source_stop(&self->source);
    close(self->fd);
    self->fd = -1;
}

static void add_interest(fd_conn *self, int interest)
{
    if ((self->source.interest & interest) != interest)
        gt__source_set(&self->source, self->source.interest | interest);
}

/* A reset ends both directions; anything else only the one it was met in. */
static int error_of(fd_conn *self, int system_error)
{
    if (system_error == EPIPE)
        return GT_EPIPE;
    if (system_error != ECONNRESET)
        return GT_EIO;
    self->conn.was_reset = true;
    return GT_ERESET;
}

/* ---- receiving ----------------------------------------------------------------------------- */

static int receive(fd_conn *self)
{
    ssize_t size = recv(self->fd, span_memory(&self->in), BUFFER_SIZE, 0);
    if (size > 0) {
        /* More may have come than this reader takes, and the kernel will not tell of it again. */
        self->in.end = (size_t)size;
        gt__wake_all(&self->conn.readable);
        return 0;
    }
    int system_error = errno;
    span_drop(&self->in);
    if (size < 0 && system_error == EAGAIN)
        return GT_EAGAIN;
    self->in_error = size == 0 ? GT_EOF : error_of(self, system_error);
    return self->in_error;
}

static int fd_peek(gt_conn *conn, gt_bytes *bytes)
{
    fd_conn *self = fd_of(conn);
    if (span_size(&self->in) == 0) {
        int error = self->in_error ? self->in_error : receive(self);
        if (error == GT_EAGAIN)
            add_interest(self, GT_READABLE);
        if (error)
            return error;
    }
    *bytes = gt_bytes_of(self->in.data + self->in.start, span_size(&self->in));
    return 0;
}

static void fd_consume(gt_conn *conn, size_t size)
{
    span_consume(&fd_of(conn)->in, size);
}

/* ---- sending ------------------------------------------------------------------------------- */

/* Sends what waits, as far as the kernel takes it; then ends the direction if it is to end. */
static void flush(fd_conn *self)
{
    while (span_size(&self->out) > 0) {
        ssize_t sent =
            send(self->fd, self->out.data + self->out.start, span_size(&self->out), MSG_NOSIGNAL);
        if (sent >= 0) {
            span_consume(&self->out, (size_t)sent);
        } else if (errno == EAGAIN) {
            add_interest(self, GT_WRITABLE);
            return;
        } else {
            self->out_error = error_of(self, errno);
            span_drop(&self->out);
        }
    }
    if (self->conn.closed)
        close_fd(self);
    else if (self->conn.write_closed)
        shutdown(self->fd, SHUT_WR);
}

/* Room is lent for a whole buffer at a time: none while the kernel is full. */
static int fd_reserve(gt_conn *conn, uint8_t **room, size_t *size)
{
    fd_conn *self = fd_of(conn);
    if (self->out_error)
        return self->out_error;
    if (span_size(&self->out) > 0)
        return GT_EAGAIN;
    *room = span_memory(&self->out);
    *size = BUFFER_SIZE;
    return 0;
}

static void fd_commit(gt_conn *conn, size_t size)
{
    fd_conn *self = fd_of(conn);
    self->out.end += size;
    flush(self);
}

/* ---- ending -------------------------------------------------------------------------------- */

static void fd_close_write(gt_conn *conn)
{
    flush(fd_of(conn));
}

static void fd_close(gt_conn *conn)
{
    fd_conn *self = fd_of(conn);
    span_drop(&self->in);
    if (self->fd >= 0)
        flush(self);
}

static void fd_reset(gt_conn *conn)
{
    fd_conn *self = fd_of(conn);
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    span_drop(&self->in);
    span_drop(&self->out);
    setsockopt(self->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close_fd(self);
}

static void free_fd_conn(fd_conn *self)
{
    close_fd(self);
    span_drop(&self->in);
    span_drop(&self->out);
    gt__free(self);
}

static void stop_lingering(gt__entry *entry)
{
    gt__ledger_remove(entry);
    free_fd_conn(gt__container_of(entry, fd_conn, lingering));
}

static void fd_destroy(gt_conn *conn)
{
    fd_conn *self = fd_of(conn);
    if (self->fd < 0) {
        free_fd_conn(self);
        return;
    }
    self->gone = true;
    gt__ledger_add(&self->lingering, conn->world, "socket", __FILE__, __LINE__, stop_lingering);
    self->lingering.internal = true;
}

/* ---- being told ---------------------------------------------------------------------------- */

static void tell_readable(fd_conn *self)
{
    if (!self->conn.closed)
        gt__conn_readable(&self->conn);
}

static void tell_writable(fd_conn *self)
{
    flush(self);
    if (self->gone && self->fd < 0)
        stop_lingering(&self->lingering);
    else if (!self->conn.closed && span_size(&self->out) == 0)
        gt__conn_writable(&self->conn);
}

/* Interest lasts until it is met, so that a socket nobody looks at does not spin. */
static void ready(gt__source *source, int what)
{
    fd_conn *self = gt__container_of(source, fd_conn, source);
    gt__source_set(source, source->interest & ~what);
    if (what & GT_READABLE)
        tell_readable(self);
    if (what & GT_WRITABLE)
        tell_writable(self);
}

/* ---- making one ---------------------------------------------------------------------------- */

gt_conn *gt__fd_conn(gt_world *world, int fd, const char *kind, const char *local_name,
                     const char *peer_name, const char *file, int line)
{
    fd_conn *self = gt__new(fd_conn);
    self->table = (gt__conn_table){
        .kind = kind,
        .peek = fd_peek,
        .consume = fd_consume,
        .reserve = fd_reserve,
        .commit = fd_commit,
        .close_write = fd_close_write,
        .close = fd_close,
        .reset = fd_reset,
        .destroy = fd_destroy,
    };
    self->fd = fd;
    gt__conn_init(&self->conn, &self->table, world, local_name, peer_name, file, line);
    /* What is written goes out at once; sockets that are not TCP have no such delay. */
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    gt__source_start(&self->source, world, fd, 0, ready);
    return &self->conn;
}

void gt__require_real_clock(const gt_world *world, const char *function, const char *file, int line)
{
    if (gt_world_clock(world) != GT_CLOCK_REAL)
        gt__misuse("%s at %s:%d: sockets need a world with the real clock", function, file, line);
}

gt_conn *gt_conn_from_fd_at(gt_world *world, int fd, const char *name, const char *file, int line)
{
    gt__require_real_clock(world, "gt_conn_from_fd", file, line);
    int type = 0;
    socklen_t size = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM)
        gt__misuse("gt_conn_from_fd at %s:%d: descriptor %d is not a stream socket", file, line,
                   fd);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    char *peer_name = gt__printf("%s/peer", name);
    gt_conn *conn = gt__fd_conn(world, fd, "fd", name, peer_name, file, line);
    gt__free(peer_name);
    gt__conn_connected(conn, NULL);
    return conn;
}
