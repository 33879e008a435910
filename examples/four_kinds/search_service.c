#include "search_service.h"

#include "person.pb-c.h"

#include <grpctest/protobufc.h>

static int recv_person(gt_call *call, const Person__PersonReq **person)
{
    void *message = NULL;
    int error = gt_call_recv_as(call, gt_pb(&person__person_req__descriptor), &message);
    *person = message;
    return error;
}

static int send_person(gt_call *call, const Person__PersonReq *person, int years_later)
{
    Person__PersonRes reply = PERSON__PERSON_RES__INIT;
    reply.name = person->name;
    reply.age = person->age + years_later;
    return gt_call_send_as(call, gt_pb(&person__person_res__descriptor), &reply);
}

static int search(gt_call *call, void *user)
{
    (void)user;
    const Person__PersonReq *person;
    int error = recv_person(call, &person);
    return error ? error : send_person(call, person, 0);
}

static int search_in(gt_call *call, void *user)
{
    (void)user;
    const Person__PersonReq *person, *oldest = NULL;
    int error;
    while ((error = recv_person(call, &person)) == 0)
        if (!oldest || person->age > oldest->age)
            oldest = person;
    if (error != GT_EOF)
        return error;
    if (!oldest)
        return gt_call_fail(call, GT_INVALID_ARGUMENT, "nobody was asked for");
    return send_person(call, oldest, 0);
}

static int search_out(gt_call *call, void *user)
{
    (void)user;
    const Person__PersonReq *person;
    int error = recv_person(call, &person);
    for (int i = 0; !error && i < SEARCH_OUT_REPLIES; i++) {
        if (i > 0)
            error = gt_context_sleep(gt_call_context(call), SEARCH_OUT_PAUSE);
        if (!error)
            error = send_person(call, person, i);
    }
    return error;
}

static int search_io(gt_call *call, void *user)
{
    (void)user;
    const Person__PersonReq *person;
    int error;
    while ((error = recv_person(call, &person)) == 0)
        if ((error = send_person(call, person, 0)) != 0)
            return error;
    return error == GT_EOF ? 0 : error;
}

void search_serve(gt_server *server)
{
    static const gt_method methods[] = {
        {"Search", GT_UNARY, search},
        {"SearchIn", GT_CLIENT_STREAMING, search_in},
        {"SearchOut", GT_SERVER_STREAMING, search_out},
        {"SearchIO", GT_BIDI_STREAMING, search_io},
    };
    gt_server_add_service(server, &person__search_service__descriptor, methods, 4, NULL);
}
