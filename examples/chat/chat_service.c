#include "chat_service.h"

#include "chat.pb-c.h"

#include <stdlib.h>

enum { SEATS = 8, ORDER_SIZE = 256 };

typedef struct seat {
    const char *name; /* from the call's metadata; NULL: free */
    gt_call *call;
    int speakers; /* who is just now sending to this call */
} seat;

struct chat_room {
    seat seats[SEATS];
    char order[ORDER_SIZE];
};

chat_room *chat_room_new(void)
{
    chat_room *room = calloc(1, sizeof *room);
    if (!room)
        abort();
    return room;
}

void chat_room_free(chat_room *room)
{
    free(room);
}

const char *chat_room_order(const chat_room *room)
{
    return room->order;
}

static void note_speaker(chat_room *room, const char *name)
{
    size_t used = strlen(room->order);
    if (used + strlen(name) + 2 > ORDER_SIZE)
        return;
    if (used > 0)
        strcat(room->order, " ");
    strcat(room->order, name);
}

static seat *seat_of(chat_room *room, const char *name)
{
    for (int i = 0; i < SEATS; i++)
        if (room->seats[i].name && strcmp(room->seats[i].name, name) == 0)
            return &room->seats[i];
    return NULL;
}

static seat *free_seat(chat_room *room)
{
    for (int i = 0; i < SEATS; i++)
        if (!room->seats[i].name)
            return &room->seats[i];
    return NULL;
}

/* ---- passing a message on -----------------------------------------------------------------------
 */

typedef struct awaited {
    chat_room *room;
    const char *name;
} awaited;

static bool has_joined(void *arg)
{
    const awaited *a = arg;
    return seat_of(a->room, a->name) != NULL;
}

static int pass_on(chat_room *room, gt_call *call, const Chat__Message *message)
{
    note_speaker(room, message->from);
    awaited a = {room, message->to};
    int error = gt_wait_until(gt_call_world(call), gt_call_context(call), has_joined, &a,
                              "somebody to join the chat");
    if (error)
        return error;
    seat *other = seat_of(room, message->to);
    other->speakers++;
    error = gt_call_send_as(other->call, gt_pb(&chat__message__descriptor), message);
    other->speakers--;
    return error;
}

/* Sending may block, and a call is gone when its handler returns: so nobody leaves while spoken to.
 */
static bool is_left_alone(void *arg)
{
    return ((const seat *)arg)->speakers == 0;
}

static int leave(gt_world *world, seat *mine, int result)
{
    int error = gt_wait_until(world, NULL, is_left_alone, mine, "the last message to be sent");
    *mine = (seat){0};
    return result ? result : error;
}

static int converse(chat_room *room, gt_call *call)
{
    for (;;) {
        void *message;
        int error = gt_call_recv_as(call, gt_pb(&chat__message__descriptor), &message);
        if (error == GT_EOF)
            return 0;
        if (!error)
            error = pass_on(room, call, message);
        if (error)
            return error;
    }
}

static int chat(gt_call *call, void *user)
{
    chat_room *room = user;
    const char *from = gt_metadata_get(gt_call_request_metadata(call), "from");
    if (!from)
        return gt_call_fail(call, GT_INVALID_ARGUMENT, "say who you are: \"from\" is missing");
    if (seat_of(room, from))
        return gt_call_fail(call, GT_ALREADY_EXISTS, "%s is here already", from);
    seat *mine = free_seat(room);
    if (!mine)
        return gt_call_fail(call, GT_RESOURCE_EXHAUSTED, "the room is full");
    *mine = (seat){.name = from, .call = call};
    return leave(gt_call_world(call), mine, converse(room, call));
}

void chat_room_serve(chat_room *room, gt_server *server)
{
    static const gt_method methods[] = {{"chat", GT_BIDI_STREAMING, chat}};
    gt_server_add_service(server, &chat__chat_service__descriptor, methods, 1, room);
}
