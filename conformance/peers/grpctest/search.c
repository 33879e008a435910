/* SearchService: one method of each kind. */
#include "service.h"

#include "person.pb-c.h"
#include <stdlib.h>

static int receive(gt_call *call, Person__PersonReq **request)
{
    void *message;
    int error = gt_call_recv_as(call, gt_pb(&person__person_req__descriptor), &message);
    *request = error ? NULL : message;
    return error;
}

static int answer(gt_call *call, char *name, int32_t age)
{
    Person__PersonRes reply = PERSON__PERSON_RES__INIT;
    reply.name = name;
    reply.age = age;
    return gt_call_send_as(call, gt_pb(&person__person_res__descriptor), &reply);
}

static int search(gt_call *call, void *user)
{
    Person__PersonReq *request;
    (void)user;

    int error = receive(call, &request);
    if (!error)
        error = peer_begin(call);
    if (!error)
        error = peer_end(call);
    return error ? error : answer(call, request->name, request->age);
}

/* Puts `name` behind `*names`, whose length is `*length`. */
static void put_behind(char **names, size_t *length, const char *name)
{
    size_t size = strlen(name);
    char *longer = peer_allocate(*length + size + 1);

    memcpy(longer, *names ? *names : "", *length);
    memcpy(longer + *length, name, size);
    free(*names);
    *names = longer;
    *length += size;
}

static int search_in(gt_call *call, void *user)
{
    Person__PersonReq *request;
    char *names = NULL;
    size_t length = 0;
    int32_t age = 0;
    (void)user;

    int error = peer_begin(call);
    put_behind(&names, &length, "");
    while (!error && (error = receive(call, &request)) == 0) {
        put_behind(&names, &length, request->name);
        age += request->age;
    }
    if (error == GT_EOF)
        error = peer_end(call);
    if (!error)
        error = answer(call, names, age);
    free(names);
    return error;
}

static int search_out(gt_call *call, void *user)
{
    Person__PersonReq *request;
    (void)user;

    int error = receive(call, &request);
    if (!error)
        error = peer_begin(call);
    for (int32_t n = 1; !error && n <= request->age; n++)
        error = answer(call, request->name, n);
    return error ? error : peer_end(call);
}

static int search_io(gt_call *call, void *user)
{
    Person__PersonReq *request;
    const char *after = peer_asked(call, PEER_FAIL_AFTER);
    long limit = after ? strtol(after, NULL, 10) : -1;
    (void)user;

    int error = peer_begin(call);
    for (long count = 0; !error && count != limit; count++) {
        error = receive(call, &request);
        if (error == GT_EOF)
            return peer_end(call);
        if (!error)
            error = answer(call, request->name, request->age);
    }
    return error ? error : peer_end(call);
}

void peer_search_add(gt_server *server)
{
    static const gt_method methods[] = {
        {"Search", GT_UNARY, search},
        {"SearchIn", GT_CLIENT_STREAMING, search_in},
        {"SearchOut", GT_SERVER_STREAMING, search_out},
        {"SearchIO", GT_BIDI_STREAMING, search_io},
    };
    gt_server_add_service(server, &person__search_service__descriptor, methods,
                          sizeof methods / sizeof *methods, NULL);
}
