/* channel_inside.h - what a channel and its calls know of each other.
 * Rule: a call waits in the channel for a connection and for room on it; the channel opens it. */
#ifndef GRPCTEST_ENGINE_RPC_CHANNEL_INSIDE_H
#define GRPCTEST_ENGINE_RPC_CHANNEL_INSIDE_H

#include "engine/rpc/call.h"
#include <grpctest/channel.h>

typedef struct gt__connect gt__connect;

struct gt_channel {
    gt_world *world;
    gt__entry entry;
    gt__shutdown shutdown;
    gt_dialer *dialer;
    gt__h2_options h2_options;
    gt__interceptors *interceptors;
    gt_call_credentials credentials; /* fetch NULL: none */
    gt_method_config *methods;       /* names copied */
    size_t method_count;
    char *authority, *user_agent, *content_subtype;
    gt__encoding encoding;   /* of its calls' messages, unless they say otherwise */
    gt__link calls;          /* gt_call.link: all that were made here and not freed */
    gt__link waiting;        /* gt__attempt.link: those without a stream yet, oldest first */
    gt__link transports;     /* connections: at most one of them takes new calls */
    gt__transport *ready;    /* that one, or NULL */
    gt__transport *settling; /* one whose SETTINGS have not come yet, or NULL */
    gt__connect *connect;    /* the dial under way, or NULL */
};

/* The method's default time-out by the channel's configuration; 0: none. */
gt_duration gt__channel_timeout(const gt_channel *channel, const char *method);

/* Opens the call on the channel's connection, or sees to it that there will be one. */
void gt__channel_start(gt_channel *channel, gt_call *call);

/* Fetches the channel's credentials for a call, on a task of their own, and then starts the call
 * again, on whatever connection there is by then. */
void gt__channel_fetch_credentials(gt_channel *channel, gt_call *call);

/* An event for one of its calls (client_call.c). */
void gt__client_call_event(gt_call *call, gt__h2_event *event);
/* Opens the call's stream, or takes the call off the channel's list, to fetch its credentials or
 * because it has ended. GT_EAGAIN: no room now; GT_ECLOSED: not on this connection any more. */
int gt__client_call_open(gt_call *call, gt__transport *transport);
/* Ends the call from this side: cuts the stream, drops what has not been read. */
void gt__client_call_end(gt_call *call, int code, const char *message);

#endif
