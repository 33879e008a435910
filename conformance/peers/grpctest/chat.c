/* ChatService: carries each message to the chat of whoever it is addressed to (scenario S17).
 * A chat is one task that waits for either side: a request to come, or mail to arrive. */
#include "service.h"

#include "chat.pb-c.h"
#include <stdlib.h>

typedef struct letter {
    struct letter *next;
    uint8_t *data;
    size_t size;
} letter;

/* Who chats under `name`, or will; `arrived` is raised while there are letters. */
typedef struct mailbox {
    struct mailbox *next;
    gt_event *arrived;
    letter *first, **last;
    char name[];
} mailbox;

struct peer_chat {
    gt_world *world;
    mailbox *mailboxes;
};

static mailbox *mailbox_of(peer_chat *chat, const char *name)
{
    for (mailbox *box = chat->mailboxes; box; box = box->next) {
        if (strcmp(box->name, name) == 0)
            return box;
    }
    size_t size = strlen(name) + 1;
    mailbox *box = peer_allocate(sizeof *box + size);
    memcpy(box->name, name, size);
    box->arrived = gt_event_new(chat->world);
    box->last = &box->first;
    box->next = chat->mailboxes;
    chat->mailboxes = box;
    return box;
}

static void drop_first(mailbox *box)
{
    letter *gone = box->first;
    box->first = gone->next;
    if (!box->first) {
        box->last = &box->first;
        gt_event_clear(box->arrived);
    }
    gt_free(gone->data);
    free(gone);
}

/* Takes the next request, whose bytes go unchanged into its addressee's mailbox. */
static int post_next(peer_chat *chat, gt_call *call)
{
    ProtobufCMessage *message;
    uint8_t *data;
    size_t size;

    int error = gt_call_recv_take(call, &data, &size);
    if (error)
        return error;
    error = gt_protobufc_unpack(&chat__message__descriptor, gt_bytes_of(data, size), NULL, &message,
                                NULL);
    if (error) {
        gt_free(data);
        return error;
    }
    mailbox *box = mailbox_of(chat, ((Chat__Message *)message)->to);
    gt_protobufc_release(message);

    letter *posted = peer_allocate(sizeof *posted);
    posted->data = data;
    posted->size = size;
    *box->last = posted;
    box->last = &posted->next;
    gt_event_raise(box->arrived);
    return 0;
}

static int hand_out(gt_call *call, mailbox *box)
{
    while (box->first) {
        int error = gt_call_send(call, gt_bytes_of(box->first->data, box->first->size));
        if (error)
            return error;
        drop_first(box);
    }
    return 0;
}

static int talk(gt_call *call, void *user)
{
    peer_chat *chat = user;
    const char *name = peer_asked(call, "from");
    mailbox *own = mailbox_of(chat, name ? name : "");

    int error = peer_begin(call);
    while (!error) {
        const gt_waitable things[] = {gt_event_waitable(own->arrived), gt_call_readable(call)};
        int ready = gt_wait_any(chat->world, gt_call_context(call), GT_NEVER, things, 2);
        if (ready < 0)
            error = ready;
        else
            error = ready == 0 ? hand_out(call, own) : post_next(chat, call);
    }
    if (error != GT_EOF)
        return error;
    error = hand_out(call, own);
    return error ? error : peer_end(call);
}

peer_chat *peer_chat_new(gt_world *world)
{
    peer_chat *chat = peer_allocate(sizeof *chat);
    chat->world = world;
    return chat;
}

void peer_chat_free(peer_chat *chat)
{
    while (chat->mailboxes) {
        mailbox *gone = chat->mailboxes;
        chat->mailboxes = gone->next;
        while (gone->first)
            drop_first(gone);
        gt_event_free(gone->arrived);
        free(gone);
    }
    free(chat);
}

void peer_chat_add(peer_chat *chat, gt_server *server)
{
    static const gt_method methods[] = {{"chat", GT_BIDI_STREAMING, talk}};
    gt_server_add_service(server, &chat__chat_service__descriptor, methods, 1, chat);
}
