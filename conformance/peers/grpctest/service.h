/* service.h - grpctest's server side of the peer contract (../README.md).
 * Rule: built on the public API alone; what a request's metadata asks for is done in one place, so
 * that each handler is only about its messages. */
#ifndef CONFORMANCE_PEERS_GRPCTEST_SERVICE_H
#define CONFORMANCE_PEERS_GRPCTEST_SERVICE_H

#include <grpctest/grpctest.h>
#include <grpctest/health.h>
#include <grpctest/protobufc.h>

/* The keys by which a request's metadata chooses what the server does. */
#define PEER_ECHO_HEADER "echo-header"
#define PEER_ECHO_TRAILER "echo-trailer"
#define PEER_FAIL_CODE "fail-code"
#define PEER_FAIL_MESSAGE "fail-message-bin"
#define PEER_FAIL_DETAIL "fail-detail"
#define PEER_FAIL_AFTER "fail-after"
#define PEER_WAIT "wait"
#define PEER_REPORT "report"
#define PEER_LEAVE "leave"
#define PEER_DRAIN "drain"
#define PEER_HEALTH "health"
#define PEER_COMPRESS "compress"
#define PEER_COMPRESSED "compressed"

/* The services with what they keep between calls: reports, mailboxes, health. The caller owns it
 * and frees it after the server. `drain`, which is borrowed, is raised when a request asks the
 * server to drain. */
typedef struct peer_service peer_service;
peer_service *peer_service_new(gt_world *world, gt_event *drain);
void peer_service_free(peer_service *service);

/* Registers all the methods of the contract. */
void peer_service_add(peer_service *service, gt_server *server);

/* ---- shared by the handlers ---------------------------------------------------------------- */

/* Sets the compression, sends the response headers and sets the trailers that the request asks for.
 * 0, or how the call ends. */
int peer_begin(gt_call *call);

/* How the call ends, once its messages are through: as the request asks, or because they did not
 * travel as it says. 0, or a code whose message is set. (ending.c) */
int peer_end(gt_call *call);

/* The text under a key of the request's metadata, or NULL. */
const char *peer_asked(const gt_call *call, const char *key);

/* ---- one file each ------------------------------------------------------------------------- */

/* Greeter: reports on calls that waited; sets the health and raises `drain` when asked to. */
typedef struct peer_greeter peer_greeter;
peer_greeter *peer_greeter_new(gt_health *health, gt_event *drain);
void peer_greeter_free(peer_greeter *greeter);
void peer_greeter_add(peer_greeter *greeter, gt_server *server);

/* SearchService: keeps nothing. */
void peer_search_add(gt_server *server);

/* ChatService: mailboxes by name. */
typedef struct peer_chat peer_chat;
peer_chat *peer_chat_new(gt_world *world);
void peer_chat_free(peer_chat *chat);
void peer_chat_add(peer_chat *chat, gt_server *server);

/* Memory, or the end of the process. */
void *peer_allocate(size_t size);

#endif
