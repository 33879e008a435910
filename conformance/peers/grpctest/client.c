#include "client.h"

#include "helloworld.pb-c.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

gt_call *peer_greet(peer_session *peer, const char *name, const gt_metadata *metadata,
                    gt_duration timeout)
{
    Helloworld__HelloRequest request = HELLOWORLD__HELLO_REQUEST__INIT;
    gt_call *call =
        gt_call_new(peer->channel, PEER_SAY_HELLO,
                    &(gt_call_options){.kind = GT_UNARY, .metadata = metadata, .timeout = timeout});

    request.name = (char *)name;
    int error = gt_call_send_as(call, gt_pb(&helloworld__hello_request__descriptor), &request);
    if (!error)
        gt_call_half_close(call);
    return call; /* where sending failed, the status tells */
}

gt_call *peer_search(peer_session *peer, const char *method, gt_kind kind,
                     const gt_metadata *metadata)
{
    char path[64];
    snprintf(path, sizeof path, "%s%s", PEER_SEARCH, method);
    return gt_call_new(peer->channel, path, &(gt_call_options){.kind = kind, .metadata = metadata});
}

gt_metadata *peer_metadata(const char *key, ...)
{
    gt_metadata *metadata = gt_metadata_new();
    va_list args;

    va_start(args, key);
    for (; key; key = va_arg(args, const char *)) {
        const char *value = va_arg(args, const char *);
        size_t length = strlen(key);
        bool binary = length > 4 && strcmp(key + length - 4, "-bin") == 0;
        int error = binary ? gt_metadata_append_bin(metadata, key, gt_bytes_str(value))
                           : gt_metadata_append(metadata, key, value);
        if (error) {
            fprintf(stderr, "peer_client: %s\n", gt_metadata_explain(key, gt_bytes_str(value)));
            abort();
        }
    }
    va_end(args);
    return metadata;
}

char *peer_large_name(size_t size)
{
    char *name = malloc(size + 1);
    if (!name)
        abort();
    for (size_t i = 0; i < size; i++)
        name[i] = (char)('a' + i % 26);
    name[size] = '\0';
    return name;
}

bool peer_mismatch(peer_session *peer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(peer->detail, sizeof peer->detail, format, args);
    va_end(args);
    return false;
}

static const char *code_name(gt_code code)
{
    return gt_code_name(code);
}

/* What came instead of a message. */
static bool no_message(peer_session *peer, gt_call *call, int error, const char *expected)
{
    if (!gt_call_ended(call))
        return peer_mismatch(peer, "no reply: %s, expected \"%s\"", gt_error_text(error), expected);
    const gt_status *status = gt_call_status(call);
    return peer_mismatch(peer, "no reply: saw %s \"%s\", expected \"%s\"", code_name(status->code),
                         status->message, expected);
}

bool peer_expect_hello(peer_session *peer, gt_call *call, const char *message)
{
    void *reply;
    int error = gt_call_recv_as(call, gt_pb(&helloworld__hello_reply__descriptor), &reply);
    if (error)
        return no_message(peer, call, error, message);
    const char *seen = ((Helloworld__HelloReply *)reply)->message;
    if (strcmp(seen, message) != 0)
        return peer_mismatch(peer, "the reply: saw \"%s\", expected \"%s\"", seen, message);
    return true;
}

bool peer_send(peer_session *peer, gt_call *call, const char *name, int32_t age)
{
    Person__PersonReq request = PERSON__PERSON_REQ__INIT;
    request.name = (char *)name;
    request.age = age;
    int error = gt_call_send_as(call, gt_pb(&person__person_req__descriptor), &request);
    return error == 0 || peer_mismatch(peer, "sending: %s", gt_error_text(error));
}

bool peer_expect_person(peer_session *peer, gt_call *call, const char *name, int32_t age)
{
    void *message;
    int error = gt_call_recv_as(call, gt_pb(&person__person_res__descriptor), &message);
    if (error)
        return no_message(peer, call, error, name);
    const Person__PersonRes *reply = message;
    if (reply->age != age || strcmp(reply->name, name) != 0)
        return peer_mismatch(peer, "the reply: saw \"%.99s\" %d, expected \"%.99s\" %d",
                             reply->name, reply->age, name, age);
    return true;
}

bool peer_ping(peer_session *peer, gt_call *call, const char *name, int32_t age)
{
    return peer_send(peer, call, name, age) && peer_expect_person(peer, call, name, age);
}

bool peer_expect_no_more(peer_session *peer, gt_call *call)
{
    gt_bytes message;
    int error = gt_call_recv(call, &message);
    if (error != GT_EOF)
        return peer_mismatch(peer, "after the last reply: saw %s, expected the end",
                             error ? gt_error_text(error) : "a message");
    return true;
}

bool peer_expect_end(peer_session *peer, gt_call *call, gt_code code, const char *message)
{
    const gt_status *status = gt_call_status(call);
    if (status->code != code || (message && strcmp(status->message, message) != 0))
        return peer_mismatch(peer, "the status: saw %s \"%s\", expected %s \"%s\"",
                             code_name(status->code), status->message, code_name(code),
                             message ? message : "");
    return true;
}

static size_t count_values(const gt_metadata *metadata, const char *key)
{
    size_t count = 0;
    gt_bytes value;
    while (gt_metadata_get_bytes(metadata, key, count, &value) == 0)
        count++;
    return count;
}

bool peer_expect_values(peer_session *peer, const char *where, const gt_metadata *seen,
                        const char *key, const gt_metadata *sent)
{
    size_t count = count_values(sent, key);
    if (count_values(seen, key) != count)
        return peer_mismatch(peer, "%s: saw %zu values under %s, expected %zu", where,
                             count_values(seen, key), key, count);
    for (size_t nth = 0; nth < count; nth++) {
        gt_bytes is, was;
        if (gt_metadata_get_bytes(seen, key, nth, &is) != 0 ||
            gt_metadata_get_bytes(sent, key, nth, &was) != 0 || !gt_bytes_equal(is, was))
            return peer_mismatch(peer, "%s: value %zu under %s differs", where, nth, key);
    }
    return true;
}

bool peer_passes(peer_session *peer, size_t size)
{
    char *name = peer_large_name(size);
    gt_call *call = peer_search(peer, "Search", GT_UNARY, NULL);
    bool ok = peer_send(peer, call, name, 7);
    gt_call_half_close(call);
    ok = ok && peer_expect_person(peer, call, name, 7) && peer_expect_end(peer, call, GT_OK, NULL);
    gt_call_free(call);
    free(name);
    return ok;
}
