/* The health service. */
#include "client.h"

#include "health.pb-c.h"
#include <stdio.h>
#include <unistd.h>

#define HEALTH "/grpc.health.v1.Health/"
#define REQUEST gt_pb(&grpc__health__v1__health_check_request__descriptor)
#define RESPONSE gt_pb(&grpc__health__v1__health_check_response__descriptor)

enum {
    UNLISTED = -1,
    SERVING = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING,
    NOT_SERVING = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING,
    SERVICE_UNKNOWN = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVICE_UNKNOWN
};

/* A service's name that no other client uses. */
static void name_service(char name[32], const char *what)
{
    snprintf(name, 32, "%s.%ld", what, (long)getpid());
}

static bool set_health(peer_session *peer, const char *name, const char *status)
{
    char words[64];
    snprintf(words, sizeof words, "%s %s", status, name);
    gt_metadata *asked = peer_metadata("health", words, NULL);
    gt_call *call = peer_greet(peer, "", asked, 0);
    bool ok = peer_expect_end(peer, call, GT_OK, NULL);
    gt_metadata_free(asked);
    gt_call_free(call);
    return ok;
}

static gt_call *ask(peer_session *peer, const char *method, gt_kind kind, const char *name)
{
    Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    gt_call *call = gt_call_new(peer->channel, method, &(gt_call_options){.kind = kind});

    request.service = (char *)name;
    if (gt_call_send_as(call, REQUEST, &request) == 0)
        gt_call_half_close(call);
    return call; /* where sending failed, the status tells */
}

static bool expect_told(peer_session *peer, gt_call *call, int expected)
{
    void *message;
    int error = gt_call_recv_as(call, RESPONSE, &message);
    if (error)
        return peer_mismatch(peer, "nothing is told: %s", gt_error_text(error));
    int seen = (int)((Grpc__Health__V1__HealthCheckResponse *)message)->status;
    return seen == expected ||
           peer_mismatch(peer, "told: saw status %d, expected %d", seen, expected);
}

static bool check(peer_session *peer, const char *name, int expected)
{
    gt_call *call = ask(peer, HEALTH "Check", GT_UNARY, name);
    bool ok = expect_told(peer, call, expected) && peer_expect_end(peer, call, GT_OK, NULL);
    gt_call_free(call);
    return ok;
}

static bool check_unknown(peer_session *peer, const char *name)
{
    gt_call *call = ask(peer, HEALTH "Check", GT_UNARY, name);
    bool ok = peer_expect_end(peer, call, GT_NOT_FOUND, "unknown service");
    gt_call_free(call);
    return ok;
}

static bool health_check(peer_session *peer)
{
    char name[32];
    name_service(name, "check");
    return check(peer, "", SERVING) && set_health(peer, name, "NOT_SERVING") &&
           check(peer, name, NOT_SERVING) && set_health(peer, name, "SERVING") &&
           check(peer, name, SERVING) && set_health(peer, name, "SERVICE_UNKNOWN") &&
           check_unknown(peer, name);
}

static bool leave(peer_session *peer, gt_call *call)
{
    gt_call_cancel(call);
    return peer_expect_end(peer, call, GT_CANCELLED, NULL);
}

static bool health_watch(peer_session *peer)
{
    static const struct {
        const char *name;
        int status;
    } changes[] = {{"NOT_SERVING", NOT_SERVING}, {"SERVING", SERVING}};
    char name[32];
    name_service(name, "watch");
    bool ok = set_health(peer, name, "SERVING");
    gt_call *one = ask(peer, HEALTH "Watch", GT_SERVER_STREAMING, name);
    gt_call *other = ask(peer, HEALTH "Watch", GT_SERVER_STREAMING, name);

    ok = ok && expect_told(peer, one, SERVING) && expect_told(peer, other, SERVING);
    for (int i = 0; ok && i < 2; i++)
        ok = set_health(peer, name, changes[i].name) && expect_told(peer, one, changes[i].status) &&
             expect_told(peer, other, changes[i].status);
    ok = ok && leave(peer, one) && leave(peer, other) && set_health(peer, name, "SERVICE_UNKNOWN");
    gt_call_free(one);
    gt_call_free(other);
    return ok;
}

static bool health_watch_unknown(peer_session *peer)
{
    char name[32];
    name_service(name, "unknown");
    gt_call *call = ask(peer, HEALTH "Watch", GT_SERVER_STREAMING, name);
    bool ok = expect_told(peer, call, SERVICE_UNKNOWN) && set_health(peer, name, "NOT_SERVING") &&
              expect_told(peer, call, NOT_SERVING) && set_health(peer, name, "SERVICE_UNKNOWN") &&
              expect_told(peer, call, SERVICE_UNKNOWN) && leave(peer, call);
    gt_call_free(call);
    return ok;
}

/* What a list says of a service, UNLISTED for nothing. */
static int listed(const Grpc__Health__V1__HealthListResponse *list, const char *name)
{
    for (size_t i = 0; i < list->n_statuses; i++) {
        if (strcmp(list->statuses[i]->key, name) == 0)
            return (int)list->statuses[i]->value->status;
    }
    return UNLISTED;
}

static bool expect_listed(peer_session *peer, const char *name, int expected)
{
    void *message;
    gt_call *call = gt_unary(peer->channel, HEALTH "List", gt_bytes_str(""), NULL);
    bool ok = peer_expect_end(peer, call, GT_OK, NULL);
    int error =
        gt_call_recv_as(call, gt_pb(&grpc__health__v1__health_list_response__descriptor), &message);

    if (ok && error)
        ok = peer_mismatch(peer, "no list: %s", gt_error_text(error));
    if (ok && listed(message, "") != SERVING)
        ok = peer_mismatch(peer, "the server is not listed as serving");
    if (ok && listed(message, name) != expected)
        ok = peer_mismatch(peer, "listed: saw status %d, expected %d", listed(message, name),
                           expected);
    gt_call_free(call);
    return ok;
}

static bool health_list(peer_session *peer)
{
    char name[32];
    name_service(name, "list");
    return set_health(peer, name, "NOT_SERVING") && expect_listed(peer, name, NOT_SERVING) &&
           set_health(peer, name, "SERVICE_UNKNOWN") && expect_listed(peer, name, UNLISTED);
}

const peer_case peer_cases_health[] = {
    {"health_check", health_check, "SERVING, NOT_SERVING, and NOT_FOUND \"unknown service\""},
    {"health_watch", health_watch, "two are told each change"},
    {"health_watch_unknown", health_watch_unknown,
     "SERVICE_UNKNOWN stays open, and is told when it comes and goes"},
    {"health_list", health_list, "the server and a service, until that is forgotten"},
    {NULL, NULL, NULL},
};
