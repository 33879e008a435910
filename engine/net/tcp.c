/* TCP listeners and dialers; the connections are those of fd.c. */
#include "address.h"
#include "fd.h"

#include <errno.h>
#include <grpctest/net.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static int open_socket(const gt__address *address)
{
    return socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static const struct sockaddr *generic(const gt__address *address)
{
    return (const struct sockaddr *)&address->storage;
}

static gt_conn *tcp_conn(gt_world *world, int fd, const char *file, int line)
{
    char *local_name = gt__socket_name(fd);
    char *peer_name = gt__socket_peer_name(fd);
    gt_conn *conn = gt__fd_conn(world, fd, "tcp", local_name, peer_name, file, line);
    gt__free(local_name);
    gt__free(peer_name);
    return conn;
}

/* ---- the listener -------------------------------------------------------------------------- */

typedef struct tcp_listener {
    gt_listener base;
    gt__source source;
    int fd;
} tcp_listener;

static tcp_listener *listener_of(gt_listener *listener)
{
    return gt__container_of(listener, tcp_listener, base);
}

static int tcp_try_accept(gt_listener *listener, gt_conn **conn, const char *file, int line)
{
    tcp_listener *self = listener_of(listener);
    int fd;
    do /* what came and went before it was accepted is no error of the listener's */
        fd = accept4(self->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    while (fd < 0 && errno == ECONNABORTED);
    if (fd >= 0) {
        *conn = tcp_conn(listener->world, fd, file, line);
        gt__conn_connected(NULL, *conn);
        return 0;
    }
    if (errno != EAGAIN)
        return GT_EIO;
    gt__source_set(&self->source, GT_READABLE);
    return GT_EAGAIN;
}

static bool tcp_acceptable(gt_listener *listener)
{
    tcp_listener *self = listener_of(listener);
    struct pollfd asked = {.fd = self->fd, .events = POLLIN};
    if (poll(&asked, 1, 0) > 0)
        return true;
    gt__source_set(&self->source, GT_READABLE);
    return false;
}

static void tcp_close(gt_listener *listener)
{
    tcp_listener *self = listener_of(listener);
    gt__source_stop(&self->source);
    close(self->fd);
}

static void tcp_listener_destroy(gt_listener *listener)
{
    gt__free(listener_of(listener));
}

/* Interest lasts until it is met, as with connections. */
static void ready(gt__source *source, int what)
{
    (void)what;
    gt__source_set(source, 0);
    gt__listener_acceptable(&gt__container_of(source, tcp_listener, source)->base);
}

/* A listening socket, or -1 with errno and the step that failed. */
static int listen_on(const gt__address *address, const char **step)
{
    const int on = 1;
    int fd = open_socket(address);
    *step = "socket";
    if (fd < 0)
        return -1;
    /* A port just given up by another test can be had again at once. */
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    *step = "bind";
    if (bind(fd, generic(address), address->size) == 0) {
        *step = "listen";
        if (listen(fd, SOMAXCONN) == 0)
            return fd;
    }
    int system_error = errno;
    close(fd);
    errno = system_error;
    return -1;
}

static gt_listener *new_listener(gt_world *world, int fd, const char *file, int line)
{
    static const gt__listener_table table = {
        .kind = "tcp",
        .try_accept = tcp_try_accept,
        .acceptable = tcp_acceptable,
        .close = tcp_close,
        .destroy = tcp_listener_destroy,
    };
    tcp_listener *self = gt__new(tcp_listener);
    char *name = gt__socket_name(fd);
    gt__listener_init(&self->base, &table, world, name, file, line);
    gt__free(name);
    self->fd = fd;
    gt__source_start(&self->source, world, fd, 0, ready);
    return &self->base;
}

int gt_tcp_listen_at(gt_world *world, const char *address, gt_listener **listener, char **reason,
                     const char *file, int line)
{
    gt__require_real_clock(world, "gt_tcp_listen", file, line);
    gt__address parsed;
    *listener = NULL;
    if (reason)
        *reason = NULL;
    int error = gt__address_parse(address, &parsed);
    if (error)
        return error;
    const char *step;
    int fd = listen_on(&parsed, &step);
    if (fd < 0) {
        if (reason)
            *reason = gt__printf("%s %s: %s", step, address, strerror(errno));
        return GT_EIO;
    }
    *listener = new_listener(world, fd, file, line);
    return 0;
}

/* ---- the dialer ---------------------------------------------------------------------------- */

/* A dial under way: where the world fails meanwhile, the ledger closes what it opened. */
typedef struct attempt {
    gt__entry entry;
    int fd;
} attempt;

static void give_up(gt__entry *entry)
{
    attempt *a = gt__container_of(entry, attempt, entry);
    gt__ledger_remove(entry);
    if (a->fd >= 0)
        close(a->fd);
    gt__free(a);
}

static attempt *new_attempt(gt_world *world, int fd, const char *file, int line)
{
    attempt *a = gt__new(attempt);
    a->fd = fd;
    gt__ledger_add(&a->entry, world, "dial", file, line, give_up);
    a->entry.internal = true;
    return a;
}

static int error_of(int system_error)
{
    if (system_error == 0)
        return 0;
    return system_error == ECONNREFUSED ? GT_EREFUSED : GT_EIO;
}

/* Waits for a connect under way and tells how it went. */
static int wait_connected(gt_world *world, gt_context *context, int fd)
{
    int what = gt_wait_fd(world, context, GT_NEVER, fd, GT_WRITABLE);
    if (what < 0)
        return what;
    int system_error = 0;
    socklen_t size = sizeof system_error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &system_error, &size);
    return error_of(system_error);
}

static int connect_to(gt_world *world, gt_context *context, const gt__address *address, int fd)
{
    if (connect(fd, generic(address), address->size) == 0)
        return 0;
    if (errno == EINPROGRESS)
        return wait_connected(world, context, fd);
    return error_of(errno);
}

static int tcp_dial(gt_dialer *dialer, gt_context *context, gt_conn **conn, const char *file,
                    int line)
{
    gt_world *world = dialer->world;
    gt__address address;
    int error = gt__address_parse(dialer->address, &address);
    if (error)
        return error;
    int fd = open_socket(&address);
    if (fd < 0)
        return GT_EIO;
    attempt *a = new_attempt(world, fd, file, line);
    error = connect_to(world, context, &address, fd);
    if (!error) {
        a->fd = -1;
        *conn = tcp_conn(world, fd, file, line);
        gt__conn_connected(*conn, NULL);
    }
    give_up(&a->entry);
    return error;
}

static void tcp_dialer_destroy(gt_dialer *dialer)
{
    gt__free(dialer);
}

gt_dialer *gt_tcp_dialer_at(gt_world *world, const char *address, const char *file, int line)
{
    static const gt__dialer_table table = {"tcp", tcp_dial, tcp_dialer_destroy};
    gt__require_real_clock(world, "gt_tcp_dialer", file, line);
    gt_dialer *dialer = gt__new(gt_dialer);
    gt__dialer_init(dialer, &table, world, address, file, line);
    return dialer;
}
