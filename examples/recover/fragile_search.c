#include "fragile_search.h"

#include "person.pb-c.h"

#include <grpctest/protobufc.h>
#include <stdio.h>

enum { THIS_YEAR = 2025 };

/* ---- the service ------------------------------------------------------------------------------
 */

static int year_of_birth(gt_call *call, const Person__PersonReq *person)
{
    if (person->age < 0)
        gt_give_up(call, "%s is %d years old", person->name, person->age);
    return THIS_YEAR - person->age;
}

static int reply_to(gt_call *call, const Person__PersonReq *person)
{
    Person__PersonRes reply = PERSON__PERSON_RES__INIT;
    reply.name = person->name;
    reply.age = year_of_birth(call, person);
    return gt_call_send_as(call, gt_pb(&person__person_res__descriptor), &reply);
}

static int search(gt_call *call, void *user)
{
    (void)user;
    void *person;
    int error = gt_call_recv_as(call, gt_pb(&person__person_req__descriptor), &person);
    return error ? error : reply_to(call, person);
}

static int search_io(gt_call *call, void *user)
{
    int error;
    do
        error = search(call, user);
    while (!error);
    return error == GT_EOF ? 0 : error;
}

void fragile_search_serve(gt_server *server)
{
    static const gt_method methods[] = {
        {"Search", GT_UNARY, search},
        {"SearchIO", GT_BIDI_STREAMING, search_io},
    };
    gt_server_add_service(server, &person__search_service__descriptor, methods, 2, NULL);
}

/* ---- the log ----------------------------------------------------------------------------------
 */

static void write_line(void *user, const char *method, const char *reason)
{
    incidents *book = user;
    char line[256];
    snprintf(line, sizeof line, "%s: %s\n", method, reason);
    gt_buffer_add(&book->lines, gt_bytes_str(line));
}

void incidents_open(incidents *book)
{
    book->log = (gt_recover_log){.write = write_line, .user = book};
    gt_buffer_init(&book->lines);
}

void incidents_close(incidents *book)
{
    gt_buffer_cleanup(&book->lines);
}
