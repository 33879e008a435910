#include "queue_service.h"

#include "chat.pb-c.h"
#include "google/protobuf/wrappers.pb-c.h"

#include <grpctest/protobufc.h>
#include <stdlib.h>

/* A message, packed: it outlives the call that brought it. */
typedef struct item {
    struct item *next;
    char *to;
    size_t size;
    uint8_t bytes[];
} item;

struct message_queue {
    item *first;
};

message_queue *message_queue_new(void)
{
    message_queue *queue = calloc(1, sizeof *queue);
    if (!queue)
        abort();
    return queue;
}

static void item_free(item *one)
{
    free(one->to);
    free(one);
}

void message_queue_free(message_queue *queue)
{
    if (!queue)
        return;
    while (queue->first) {
        item *one = queue->first;
        queue->first = one->next;
        item_free(one);
    }
    free(queue);
}

/* ---- sending ----------------------------------------------------------------------------------
 */

static item *item_new(const Chat__Message *message)
{
    size_t size = chat__message__get_packed_size(message);
    item *one = malloc(sizeof *one + size);
    if (!one || !(one->to = strdup(message->to)))
        abort();
    one->next = NULL;
    one->size = chat__message__pack(message, one->bytes);
    return one;
}

static void put(message_queue *queue, const Chat__Message *message)
{
    item **end = &queue->first;
    while (*end)
        end = &(*end)->next;
    *end = item_new(message);
}

static int send_message(gt_call *call, void *user)
{
    Google__Protobuf__Int64Value count = GOOGLE__PROTOBUF__INT64_VALUE__INIT;
    void *message;
    int error;
    while (!(error = gt_call_recv_as(call, gt_pb(&chat__message__descriptor), &message))) {
        put(user, message);
        count.value++;
    }
    if (error != GT_EOF)
        return error;
    return gt_call_send_as(call, gt_pb(&google__protobuf__int64_value__descriptor), &count);
}

/* ---- receiving --------------------------------------------------------------------------------
 */

typedef struct receiver {
    message_queue *queue;
    gt_call *call;
    const char *name;
} receiver;

/* Where the first message for the receiver hangs; at the queue's end when there is none. */
static item **find(const receiver *r)
{
    item **at = &r->queue->first;
    while (*at && strcmp((*at)->to, r->name) != 0)
        at = &(*at)->next;
    return at;
}

static bool is_there(void *arg)
{
    return *find(arg) != NULL;
}

/* GT_ETIMEDOUT when the receiver's patience, or its caller's, has come to its end. */
static int wait_for_message(receiver *r)
{
    gt_context *patience = gt_context_with_timeout(gt_call_context(r->call), QUEUE_PATIENCE);
    int error =
        gt_wait_until(gt_call_world(r->call), patience, is_there, r, "a message for the receiver");
    gt_context_free(patience);
    return error;
}

static int deliver(receiver *r)
{
    item **at = find(r), *one = *at;
    *at = one->next;
    int error = gt_call_send(r->call, gt_bytes_of(one->bytes, one->size));
    item_free(one);
    return error;
}

static int receive_message(gt_call *call, void *user)
{
    void *request;
    int error = gt_call_recv_as(call, gt_pb(&google__protobuf__string_value__descriptor), &request);
    if (error)
        return error;
    const Google__Protobuf__StringValue *name = request;
    receiver r = {user, call, name->value};
    while (!(error = wait_for_message(&r)))
        if ((error = deliver(&r)) != 0)
            return error;
    /* Where it was the caller's time that ran out, nobody hears of this any more. */
    return error == GT_ETIMEDOUT ? 0 : error;
}

void message_queue_serve(message_queue *queue, gt_server *server)
{
    static const gt_method methods[] = {
        {"receiveMessage", GT_SERVER_STREAMING, receive_message},
        {"sendMessage", GT_CLIENT_STREAMING, send_message},
    };
    gt_server_add_service(server, &chat__message_service__descriptor, methods, 2, queue);
}
