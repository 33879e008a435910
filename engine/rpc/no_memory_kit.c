#include "no_memory_kit.h"

#include "kinds.pb-c.h"
#include "person.pb-c.h"
#include <grpctest/grpctest.h>
#include <grpctest/protobufc.h>

#include <stdio.h>
#include <stdlib.h>

#define REQUEST gt_pb(&person__person_req__descriptor)
#define REPLY gt_pb(&person__person_res__descriptor)
#define SEARCH "/person.SearchService/Search"
#define CHAT "/test.Test/Chat"

#define WANT(condition) want((condition), #condition, __LINE__)

static void want(bool condition, const char *text, int line)
{
    if (condition)
        return;
    fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, line, text);
    _Exit(1);
}

static gt_metadata *make_metadata(void)
{
    gt_metadata *metadata = gt_metadata_new();
    WANT(gt_metadata_append(metadata, "request-id", "seventeen") == 0);
    WANT(gt_metadata_append_bin(metadata, "trace-bin", gt_bytes_of("\0\1\2", 3)) == 0);
    return metadata;
}

/* ---- unary ----------------------------------------------------------------------------------- */

/* Empty children of a kinds.All: more of them than unpacking gets memory for. */
enum { BOMB = 3 * 667 };
static gt_bytes over_budget(char bytes[BOMB])
{
    for (size_t i = 0; i < BOMB; i++)
        bytes[i] = "\xba\x01"[i % 3];
    return gt_bytes_of(bytes, BOMB);
}

static int refuse_with_details(gt_call *call, const Person__PersonReq *request)
{
    const ProtobufCMessage *details[] = {&request->base};
    return gt_call_fail_with(call, GT_NOT_FOUND, "nobody of that name", details, 1);
}

static int search(gt_call *call, void *user)
{
    (void)user;
    void *message;
    int error = gt_call_recv_as(call, REQUEST, &message);
    if (error)
        return error;
    const Person__PersonReq *request = message;
    if (request->age == 0)
        return refuse_with_details(call, request);
    gt_metadata *metadata = gt_metadata_clone(gt_call_request_metadata(call));
    WANT(gt_call_set_compression(call, "deflate") == 0);
    WANT(gt_call_add_header(call, metadata) == 0);
    gt_call_add_trailer(call, metadata);
    gt_metadata_free(metadata);
    Person__PersonRes reply = PERSON__PERSON_RES__INIT;
    reply.name = request->name;
    reply.age = request->age + 7;
    return gt_call_send_as(call, REPLY, &reply);
}

static int unpack_kinds(gt_call *call, void *user)
{
    (void)user;
    void *message;
    return gt_call_recv_as(call, gt_pb(&kinds__all__descriptor), &message);
}

static int fetch_token(void *user, gt_context *context, const char *method, gt_metadata *metadata)
{
    (void)user;
    (void)method;
    WANT(gt_context_sleep(context, GT_MS(1)) == 0);
    return gt_metadata_append(metadata, "authorization", "bearer of a token");
}

static gt_rig *make_rig_with_everything(gt_measure *measure, const gt_metadata *metadata)
{
    const gt_interceptor client[] = {gt_measure_interceptor(measure),
                                     gt_metadata_interceptor(metadata)};
    const gt_interceptor server[] = {gt_recover_interceptor(NULL)};
    const gt_call_credentials credentials = {.fetch = fetch_token};
    return gt_rig_new(&(gt_rig_options){.server.interceptors = server,
                                        .server.interceptor_count = 1,
                                        .channel.interceptors = client,
                                        .channel.interceptor_count = 2,
                                        .channel.credentials = &credentials,
                                        .channel.user_agent = "no-memory",
                                        .channel.compression = "gzip"});
}

static gt_call *search_for(gt_rig *rig, int32_t age)
{
    char name[] = "jane jane jane jane jane jane jane jane jane jane";
    Person__PersonReq request = PERSON__PERSON_REQ__INIT;
    request.name = name;
    request.age = age;
    return gt_unary_as(rig->channel, SEARCH, REQUEST, &request,
                       &(gt_call_options){.timeout = GT_SEC(1)});
}

static void find_somebody(gt_rig *rig)
{
    void *message;
    gt_bytes trace;
    gt_call *call = search_for(rig, 30);
    WANT(gt_call_status(call)->code == GT_OK);
    WANT(gt_call_recv_as(call, REPLY, &message) == 0);
    WANT(((Person__PersonRes *)message)->age == 37);
    WANT(strcmp(gt_metadata_get(gt_call_header(call), "request-id"), "seventeen") == 0);
    WANT(gt_metadata_get_bytes(gt_call_trailer(call), "trace-bin", 0, &trace) == 0);
    WANT(trace.size == 3);
    gt_call_free(call);
}

static void find_nobody(gt_rig *rig)
{
    ProtobufCMessage *detail;
    gt_call *call = search_for(rig, 0);
    const gt_status *status = gt_call_status(call);
    WANT(status->code == GT_NOT_FOUND);
    WANT(gt_protobufc_find_detail(status, REQUEST.descriptor, 0, &detail, NULL) == 0);
    WANT(strncmp(((Person__PersonReq *)detail)->name, "jane", 4) == 0);
    gt_protobufc_release(detail);
    gt_call_free(call);
}

/* What a peer may not have is a status. */
static void be_refused(gt_rig *rig)
{
    char bytes[BOMB];
    gt_call *call = gt_unary(rig->channel, "/test.Test/Unpack", over_budget(bytes), NULL);
    WANT(gt_call_status(call)->code == GT_INTERNAL);
    WANT(strstr(gt_call_status(call)->message, "more than 193600 bytes of memory"));
    gt_call_free(call);
}

static void ask_for_health(gt_rig *rig)
{
    gt_bytes reply;
    gt_call *call = gt_unary(rig->channel, "/grpc.health.v1.Health/Check", gt_bytes_str(""), NULL);
    WANT(gt_call_recv(call, &reply) == 0);
    WANT(gt_bytes_equal(reply, gt_bytes_str("\x08\x01")));
    gt_call_free(call);
}

void play_unary(void *unused)
{
    (void)unused;
    gt_measure measure = {0};
    gt_metadata *metadata = make_metadata();
    gt_rig *rig = make_rig_with_everything(&measure, metadata);
    gt_health *health = gt_health_new(rig->world);
    const gt_method methods[] = {{"Search", GT_UNARY, search}};
    gt_server_add_service(rig->server, &person__search_service__descriptor, methods, 1, NULL);
    gt_server_handle(rig->server, "/test.Test/Unpack", GT_UNARY, unpack_kinds, NULL);
    gt_health_serve(health, rig->server);

    find_somebody(rig);
    find_nobody(rig);
    be_refused(rig);
    ask_for_health(rig);

    char *journal = gt_journal_text(rig->world);
    WANT(strstr(journal, "jane jane"));
    gt_free(journal);
    WANT(measure.calls == 4);
    WANT(gt_server_drain(rig->server, GT_SEC(1)) == 0);
    gt_rig_free(rig);
    gt_health_free(health);
    gt_metadata_free(metadata);
}

/* ---- both ways ------------------------------------------------------------------------------- */

enum { LARGE = 100000, MOST = 150000 };

static const size_t sizes[] = {0, 1, 100, LARGE, 2000};

static int echo_until_done(gt_call *call, void *user)
{
    (void)user;
    WANT(gt_call_set_compression(call, "gzip") == 0);
    WANT(gt_call_send_header(call, gt_call_request_metadata(call)) == 0);
    gt_call_add_trailer(call, gt_call_request_metadata(call));
    for (;;) {
        gt_bytes message;
        int error = gt_call_recv(call, &message);
        if (error)
            return error == GT_EOF ? gt_call_fail(call, GT_ABORTED, "caf\xc3\xa9") : error;
        error = gt_call_send(call, message);
        if (error)
            return error;
    }
}

static void chat(gt_rig *rig, const gt_metadata *metadata, const uint8_t *text)
{
    gt_bytes message;
    gt_call *call = gt_call_new(rig->channel, CHAT, &(gt_call_options){.metadata = metadata});
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        WANT(gt_call_send(call, gt_bytes_of(text, sizes[i])) == 0);
        WANT(gt_call_recv(call, &message) == 0);
        WANT(gt_bytes_equal(message, gt_bytes_of(text, sizes[i])));
    }
    gt_call_half_close(call);
    WANT(gt_call_recv(call, &message) == GT_EOF);
    WANT(gt_call_status(call)->code == GT_ABORTED);
    WANT(strcmp(gt_call_status(call)->message, "caf\xc3\xa9") == 0);
    WANT(strcmp(gt_metadata_get(gt_call_trailer(call), "request-id"), "seventeen") == 0);
    gt_call_free(call);
}

/* Little on the wire, too much when it is inflated. */
static void send_a_bomb(gt_rig *rig)
{
    static const uint8_t zeros[MOST + 1];
    gt_call *call = gt_call_new(rig->channel, CHAT, &(gt_call_options){.compression = "gzip"});
    WANT(gt_call_send(call, gt_bytes_of(zeros, sizeof zeros)) == 0);
    WANT(gt_call_status(call)->code == GT_RESOURCE_EXHAUSTED);
    gt_call_free(call);
}

static void lose_patience(gt_rig *rig)
{
    gt_call *late = gt_call_new(rig->channel, CHAT, &(gt_call_options){.timeout = GT_MS(5)});
    gt_call *cancelled = gt_call_new(rig->channel, CHAT, NULL);
    WANT(gt_call_send(cancelled, gt_bytes_str("never mind")) == 0);
    WANT(gt_call_status(late)->code == GT_DEADLINE_EXCEEDED);
    gt_call_cancel(cancelled);
    WANT(gt_call_status(cancelled)->code == GT_CANCELLED);
    gt_call_free(late);
    gt_call_free(cancelled);
}

void play_bidi(void *unused)
{
    (void)unused;
    gt_metadata *metadata = make_metadata();
    uint8_t *text = gt_alloc(LARGE);
    for (size_t i = 0; i < LARGE; i++)
        text[i] = (uint8_t)((i * i) >> 7 ^ i >> 5);
    gt_rig *rig = gt_rig_new(&(gt_rig_options){.server.max_receive_size = MOST, .capacity = 30000});
    gt_server_handle(rig->server, CHAT, GT_BIDI_STREAMING, echo_until_done, NULL);

    chat(rig, metadata, text);
    send_a_bomb(rig);
    lose_patience(rig);

    WANT(gt_server_stop(rig->server) == 0);
    gt_rig_free(rig);
    gt_free(text);
    gt_metadata_free(metadata);
}
