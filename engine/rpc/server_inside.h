/* server_inside.h - what a server and its calls know of each other.
 * Rule: a call belongs to the server until its handler has returned; its stream may go before. */
#ifndef GRPCTEST_ENGINE_RPC_SERVER_INSIDE_H
#define GRPCTEST_ENGINE_RPC_SERVER_INSIDE_H

#include "engine/rpc/call.h"
#include <grpctest/server.h>

/* A registered method. */
typedef struct gt__method {
    char *path;
    gt_kind kind;
    gt_handler_fn *handler;
    void *user;
} gt__method;

struct gt_server {
    gt_world *world;
    gt__entry entry;
    gt__shutdown shutdown;
    gt__h2_options h2_options;
    gt__interceptors *interceptors;
    gt__method *methods; /* sorted by path */
    size_t method_count;
    gt__method unknown;  /* for all other paths; its path is NULL. No handler: UNIMPLEMENTED */
    gt__link listeners;  /* served listeners */
    gt__link transports; /* connections */
    gt__link calls;      /* gt_call.link: from the request until the handler has returned */
    gt__link queue;      /* gt__server_call.link: ready to run, waiting for a free handler */
    uint32_t running, max_running;
    uint32_t waiting, max_waiting; /* calls that have no handler yet */
    gt__waitq idle;                /* woken when a handler has returned */
    bool stopped;
    size_t stopping; /* tasks in gt_server_stop and gt_server_drain */
    bool let_go;     /* by gt_server_free; the last of those tasks frees it */
};

/* What the server keeps per call. */
typedef struct gt__server_call {
    gt_call call;
    gt__link queued;
    gt_server *server;
    gt__method method;   /* a copy: others may be registered while this one runs */
    gt_metadata *header; /* to be sent; NULL: nothing was added */
    char *fail_message;
    uint8_t *details;
    size_t details_size;
    bool started; /* it has a task, which frees it */
} gt__server_call;

const gt__method *gt__server_method(const gt_server *server, const char *path);

/* Makes a call of a REQUEST event, whose parts it takes, and starts its handler as soon as its kind
 * allows; an unknown method is answered here (rule T13). */
void gt__server_call_begin(gt_server *server, gt__transport *transport, gt__h2_event *request);
void gt__server_call_event(gt_call *call, gt__h2_event *event);
/* The connection has gone, or the server stops: the handler is told. */
void gt__server_call_abort(gt_call *call, int code, const char *message);
/* Runs the handler on the task it is called on, ends the call, and frees it. */
void gt__server_call_run(gt__server_call *call);
void gt__server_call_free(gt__server_call *call);

/* A call that is ready to run its handler: at once, or when one of the running has returned. */
void gt__server_ready(gt_server *server, gt__server_call *call);
/* A handler has returned, its call is gone. */
void gt__server_returned(gt_server *server);

#endif
