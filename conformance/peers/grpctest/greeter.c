/* Greeter: says hello, waits for the end of calls, reports how they ended, and does what else its
 * requests ask of the server. */
#include "service.h"

#include "helloworld.pb-c.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How a call that waited saw its end. */
typedef struct report {
    struct report *next;
    char *token;
    char text[96];
} report;

struct peer_greeter {
    report *reports;
    gt_health *health;
    gt_event *drain;
};

static char *copied(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(peer_allocate(size), text, size);
}

static void leave_report(peer_greeter *greeter, const char *token, const char *end,
                         const char *timeout)
{
    report *left = peer_allocate(sizeof *left);
    left->token = copied(token);
    snprintf(left->text, sizeof left->text, "%s, %s", end, timeout);
    left->next = greeter->reports;
    greeter->reports = left;
}

static report **find_report(peer_greeter *greeter, const char *token)
{
    report **at = &greeter->reports;
    while (*at && strcmp((*at)->token, token) != 0)
        at = &(*at)->next;
    return at;
}

static void forget_report(report **at)
{
    report *gone = *at;
    *at = gone->next;
    free(gone->token);
    free(gone);
}

/* What is left of the call's deadline, rounded up to milliseconds, as the contract words it. */
static void describe_timeout(gt_call *call, char *text, size_t size)
{
    gt_time deadline;

    if (gt_context_deadline(gt_call_context(call), &deadline)) {
        gt_duration left = deadline - gt_now(gt_call_world(call));
        snprintf(text, size, "timeout %lld ms", (long long)((left + GT_MS(1) - 1) / GT_MS(1)));
    } else {
        snprintf(text, size, "no timeout");
    }
}

static int wait_for_the_end(gt_call *call, peer_greeter *greeter)
{
    char timeout[48];
    describe_timeout(call, timeout, sizeof timeout);

    int error = gt_call_send_header(call, NULL);
    if (error && error != GT_ECLOSED)
        return error;
    error = gt_context_wait(gt_call_context(call));
    leave_report(greeter, peer_asked(call, PEER_WAIT),
                 error == GT_ETIMEDOUT ? "deadline exceeded" : "cancelled", timeout);
    return error;
}

static int say(gt_call *call, const char *greeting, const char *name)
{
    Helloworld__HelloReply reply = HELLOWORLD__HELLO_REPLY__INIT;
    size_t size = strlen(greeting) + strlen(name) + 1;

    reply.message = peer_allocate(size);
    snprintf(reply.message, size, "%s%s", greeting, name);
    int error = gt_call_send_as(call, gt_pb(&helloworld__hello_reply__descriptor), &reply);
    free(reply.message);
    return error;
}

struct awaited {
    peer_greeter *greeter;
    const char *token;
};

static bool report_is_there(void *arg)
{
    struct awaited *awaited = arg;
    return *find_report(awaited->greeter, awaited->token) != NULL;
}

static int answer_with_report(gt_call *call, peer_greeter *greeter)
{
    struct awaited awaited = {greeter, peer_asked(call, PEER_REPORT)};
    gt_context *patience = gt_context_with_timeout(gt_call_context(call), GT_SEC(10));
    int error = gt_wait_until(gt_call_world(call), patience, report_is_there, &awaited, "a report");
    gt_context_free(patience);
    if (error == GT_ETIMEDOUT)
        return gt_call_fail(call, GT_NOT_FOUND, "nothing ended under %s", awaited.token);
    if (error)
        return error;

    report **at = find_report(greeter, awaited.token);
    error = say(call, "", (*at)->text);
    forget_report(at);
    return error;
}

/* Ends the process where it stands. A memory checker would call what it stood on a leak, so the
 * process first becomes another, which has nothing. */
static GT_NORETURN void leave(void)
{
    execl("/bin/true", "true", (char *)NULL);
    _exit(0);
}

/* `words`: a status's name and a service's. */
static void set_health(gt_health *health, const char *words)
{
    const char *space = strchr(words, ' ');
    size_t length = space ? (size_t)(space - words) : 0;

    for (int status = GT_HEALTH_UNKNOWN; status <= GT_HEALTH_SERVICE_UNKNOWN; status++) {
        const char *name = gt_health_status_name(status);
        if (strlen(name) == length && memcmp(name, words, length) == 0)
            gt_health_set(health, space + 1, (gt_health_status)status);
    }
}

static int say_hello(gt_call *call, void *user)
{
    peer_greeter *greeter = user;
    void *message;

    if (peer_asked(call, PEER_LEAVE))
        leave();
    if (peer_asked(call, PEER_DRAIN))
        gt_event_raise(greeter->drain);
    if (peer_asked(call, PEER_HEALTH))
        set_health(greeter->health, peer_asked(call, PEER_HEALTH));
    int error = gt_call_recv_as(call, gt_pb(&helloworld__hello_request__descriptor), &message);
    if (!error)
        error = peer_begin(call);
    if (error)
        return error;
    if (peer_asked(call, PEER_WAIT))
        return wait_for_the_end(call, greeter);
    if (peer_asked(call, PEER_REPORT))
        return answer_with_report(call, greeter);

    error = peer_end(call);
    return error ? error : say(call, "Hello ", ((Helloworld__HelloRequest *)message)->name);
}

peer_greeter *peer_greeter_new(gt_health *health, gt_event *drain)
{
    peer_greeter *greeter = peer_allocate(sizeof *greeter);
    greeter->health = health;
    greeter->drain = drain;
    return greeter;
}

void peer_greeter_free(peer_greeter *greeter)
{
    while (greeter->reports)
        forget_report(&greeter->reports);
    free(greeter);
}

void peer_greeter_add(peer_greeter *greeter, gt_server *server)
{
    static const gt_method methods[] = {{"SayHello", GT_UNARY, say_hello}};
    gt_server_add_service(server, &helloworld__greeter__descriptor, methods, 1, greeter);
}
