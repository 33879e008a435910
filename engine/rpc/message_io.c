/* Messages in and out of a call, and the public functions that move them; the same for both sides.
 */
#include "call.h"

/* ---- in ------------------------------------------------------------------------------------ */

void gt__call_arrived(gt_call *call, gt__h2_event *event)
{
    gt__arrived *arrived = gt__new(gt__arrived);
    gt_bytes message = gt_bytes_of(event->as.message.data, event->as.message.size);
    gt__journal_wire(gt__journal_message(call, false, message), event->as.message.wire);
    uint8_t **kept = event->as.message.packed ? &event->as.message.packed : &event->as.message.data;
    arrived->data = *kept;
    arrived->wire = event->as.message.wire;
    arrived->size = message.size;
    arrived->uncredited = event->as.message.uncredited;
    *kept = NULL;
    *call->last_arrived = arrived;
    call->last_arrived = &arrived->next;
    call->received++;
    gt__wake_all(&call->incoming);
}

bool gt__call_has_arrived(const gt_call *call)
{
    return call->first_arrived != NULL;
}

static gt__arrived *unlink_first(gt_call *call)
{
    gt__arrived *arrived = call->first_arrived;
    call->first_arrived = arrived->next;
    if (!call->first_arrived)
        call->last_arrived = &call->first_arrived;
    return arrived;
}

static uint8_t *unpack(gt__arrived *arrived)
{
    if (arrived->wire.encoding == GT__IDENTITY)
        return arrived->data;
    gt_bytes packed = gt_bytes_of(arrived->data, arrived->wire.size);
    uint8_t *data = gt__message_inflate_again(arrived->wire.encoding, packed, arrived->size);
    gt__free(arrived->data);
    return data;
}

void gt__call_take(gt_call *call, gt_incoming *message)
{
    gt__arrived *arrived = unlink_first(call);
    message->data = unpack(arrived);
    message->size = arrived->size;
    gt__transport *transport = call->attempt.transport;
    if (transport && arrived->uncredited > 0) {
        gt__h2_taken(transport->h2, call->attempt.stream, arrived->uncredited);
        gt__transport_kick_if_due(transport);
    }
    gt__free(arrived);
}

void gt__call_drop_arrived(gt_call *call)
{
    while (call->first_arrived) {
        gt__arrived *arrived = unlink_first(call);
        gt__free(arrived->data);
        gt__free(arrived);
    }
}

void gt__call_want(gt_call *call)
{
    if (!call->attempt.transport || gt__call_has_arrived(call))
        return;
    if (gt__h2_want(call->attempt.transport->h2, call->attempt.stream))
        gt__transport_kick_if_due(call->attempt.transport);
}

/* ---- out ----------------------------------------------------------------------------------- */

static size_t outgoing_size(const gt_outgoing *message)
{
    const gt_type *type = &message->type;
    return type->codec ? type->codec->packed_size(type->descriptor, message->message)
                       : message->bytes.size;
}

static void write_outgoing(const gt_outgoing *message, uint8_t *room)
{
    const gt_type *type = &message->type;
    if (type->codec)
        type->codec->pack(type->descriptor, message->message, room);
    else if (message->bytes.size > 0)
        memcpy(room, message->bytes.data, message->bytes.size);
}

static int wait_for_room(gt_call *call)
{
    while (!call->ended && (!call->attempt.transport ||
                            !gt__h2_writable(call->attempt.transport->h2, call->attempt.stream))) {
        const char *what = call->attempt.transport ? "room to send" : "a connection for";
        int error = gt__wait(call->world, &call->outgoing, NULL, GT_NEVER, what, call->method);
        if (error)
            return error;
    }
    return call->ended ? GT_ESTATUS : 0;
}

int gt__call_send(gt_call *call, const gt_outgoing *message)
{
    int error = wait_for_room(call);
    if (error)
        return error;
    gt__transport *transport = call->attempt.transport;
    size_t size = outgoing_size(message);
    uint8_t *room = gt__h2_send_begin(transport->h2, call->attempt.stream, size, &error);
    if (!room)
        return error;
    write_outgoing(message, room);
    struct gt__record *record = gt__journal_message(call, true, gt_bytes_of(room, size));
    gt__journal_wire(record, gt__h2_send_end(transport->h2, call->attempt.stream));
    gt__transport_kick(transport);
    return 0;
}

/* ---- the public functions ------------------------------------------------------------------ */

static int send_message(gt_call *call, const gt_outgoing *message)
{
    gt__call_enter(call);
    int error = call->top->table->send(call->top, message);
    gt__call_leave(call);
    return error;
}

int gt_call_send(gt_call *call, gt_bytes message)
{
    gt__require_task(call->world, "gt_call_send");
    gt_outgoing outgoing = {.bytes = message};
    return send_message(call, &outgoing);
}

/* Rule R8: a codec serves calls of its own content-subtype, and those that name none. False when it
 * is another, and the call has ended. */
static bool speaks(gt_call *call, gt_type type)
{
    if (!call->subtype || strcmp(call->subtype, type.codec->name) == 0)
        return true;
    char *text = gt__printf("%s is served as application/grpc+%s, not application/grpc+%s",
                            call->method, type.codec->name, call->subtype);
    call->top->table->end(call->top, GT_UNIMPLEMENTED, text);
    gt__free(text);
    return false;
}

int gt_call_send_as(gt_call *call, gt_type type, const void *message)
{
    gt__require_task(call->world, "gt_call_send_as");
    if (!speaks(call, type))
        return GT_EUNSUPPORTED;
    gt_outgoing outgoing = {.type = type, .message = message};
    gt__journal_type(call, true, type);
    return send_message(call, &outgoing);
}

static void keep(gt_call *call, gt_type type, void *object)
{
    if (!object)
        return;
    gt__kept *kept = gt__new(gt__kept);
    kept->type = type;
    kept->object = object;
    kept->next = call->kept;
    call->kept = kept;
}

int gt_call_recv_take(gt_call *call, uint8_t **data, size_t *size)
{
    gt__require_task(call->world, "gt_call_recv");
    gt_incoming message = {0};
    gt__call_enter(call);
    int error = call->top->table->recv(call->top, &message);
    gt__journal_asked(call);
    gt__call_leave(call);
    *data = message.data;
    *size = message.size;
    return error;
}

int gt_call_recv(gt_call *call, gt_bytes *message)
{
    uint8_t *data;
    size_t size;
    gt__call_enter(call);
    int error = gt_call_recv_take(call, &data, &size);
    *message = gt_bytes_of(data, size);
    gt_type plain = {0};
    keep(call, plain, data);
    gt__call_leave(call);
    return error;
}

static int receive_as(gt_call *call, gt_type type, void **message)
{
    uint8_t *data;
    size_t size;
    char *reason = NULL;
    *message = NULL;
    if (!speaks(call, type))
        return GT_EUNSUPPORTED;
    int error = gt_call_recv_take(call, &data, &size);
    if (error)
        return error;
    gt__journal_type(call, false, type);
    error = type.codec->unpack(type.descriptor, gt_bytes_of(data, size), message, &reason);
    gt__free(data);
    if (error) {
        call->top->table->end(call->top, GT_INTERNAL, reason);
        gt_free(reason);
        return GT_EINVAL;
    }
    keep(call, type, *message);
    return 0;
}

int gt_call_recv_as(gt_call *call, gt_type type, void **message)
{
    gt__call_enter(call);
    int error = receive_as(call, type, message);
    gt__call_leave(call);
    return error;
}
