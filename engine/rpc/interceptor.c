/* Interceptors as layers of a call. A layer's functions ask the interceptor's own where it has one,
 * and otherwise pass on to the next layer; gt_next_... does the same from within. */
#include "call.h"

typedef struct gt__interception {
    gt_interception x; /* first: what the interceptor sees is the whole */
    gt__call_layer layer;
    const gt_interceptor *interceptor;
} gt__interception;

/* ---- the shared list ---------------------------------------------------------------------------
 */

gt__interceptors *gt__interceptors_new(const gt_interceptor *list, size_t count)
{
    if (count == 0)
        return NULL;
    size_t size = count * sizeof *list;
    gt__interceptors *interceptors = gt__malloc(sizeof *interceptors + size);
    interceptors->holders = 1;
    interceptors->count = count;
    memcpy(interceptors->list, list, size);
    return interceptors;
}

gt__interceptors *gt__interceptors_hold(gt__interceptors *interceptors)
{
    interceptors->holders++;
    return interceptors;
}

void gt__interceptors_drop(gt__interceptors *interceptors)
{
    if (interceptors && --interceptors->holders == 0)
        gt__free(interceptors);
}

/* ---- the layers
 * ----------------------------------------------------------------------------------- */

static gt__interception *interception_of(gt__call_layer *layer)
{
    return gt__container_of(layer, gt__interception, layer);
}

static gt__call_layer *next_of(gt_interception *x)
{
    return gt__container_of(x, gt__interception, x)->layer.next;
}

static int layer_send(gt__call_layer *layer, const gt_outgoing *message)
{
    gt__interception *i = interception_of(layer);
    return i->interceptor->send ? i->interceptor->send(&i->x, message)
                                : layer->next->table->send(layer->next, message);
}

static int layer_recv(gt__call_layer *layer, gt_incoming *message)
{
    gt__interception *i = interception_of(layer);
    return i->interceptor->recv ? i->interceptor->recv(&i->x, message)
                                : layer->next->table->recv(layer->next, message);
}

static int layer_send_header(gt__call_layer *layer, const gt_metadata *header)
{
    gt__interception *i = interception_of(layer);
    return i->interceptor->header ? i->interceptor->header(&i->x, header)
                                  : layer->next->table->send_header(layer->next, header);
}

static int layer_handle(gt__call_layer *layer)
{
    gt__interception *i = interception_of(layer);
    return i->interceptor->handle ? i->interceptor->handle(&i->x)
                                  : layer->next->table->handle(layer->next);
}

static void layer_half_close(gt__call_layer *layer)
{
    layer->next->table->half_close(layer->next);
}

static void layer_end(gt__call_layer *layer, int code, const char *message)
{
    layer->next->table->end(layer->next, code, message);
}

static int layer_wait_header(gt__call_layer *layer)
{
    return layer->next->table->wait_header(layer->next);
}

static int layer_wait_end(gt__call_layer *layer)
{
    return layer->next->table->wait_end(layer->next);
}

static const gt__call_table layer_table = {
    .send = layer_send,
    .recv = layer_recv,
    .send_header = layer_send_header,
    .handle = layer_handle,
    .half_close = layer_half_close,
    .end = layer_end,
    .wait_header = layer_wait_header,
    .wait_end = layer_wait_end,
};

int gt_next_send(gt_interception *x, const gt_outgoing *message)
{
    return next_of(x)->table->send(next_of(x), message);
}

int gt_next_recv(gt_interception *x, gt_incoming *message)
{
    return next_of(x)->table->recv(next_of(x), message);
}

int gt_next_header(gt_interception *x, const gt_metadata *header)
{
    return next_of(x)->table->send_header(next_of(x), header);
}

int gt_next_handle(gt_interception *x)
{
    return next_of(x)->table->handle(next_of(x));
}

/* ---- on a call
 * ------------------------------------------------------------------------------------ */

static size_t state_room(const gt_interceptor *interceptor)
{
    size_t align = _Alignof(max_align_t);
    return (interceptor->state_size + align - 1) / align * align;
}

/* One block: the interceptions, then their states. */
void gt__call_intercept(gt_call *call, gt__interceptors *interceptors)
{
    if (!interceptors)
        return;
    size_t count = interceptors->count;
    size_t align = _Alignof(max_align_t);
    size_t states = (count * sizeof(gt__interception) + align - 1) / align * align;
    size_t size = states;
    for (size_t i = 0; i < count; i++)
        size += state_room(&interceptors->list[i]);
    uint8_t *block = gt__calloc(1, size);
    call->interceptors = gt__interceptors_hold(interceptors);
    call->interceptions = (gt__interception *)(void *)block;
    for (size_t i = count; i-- > 0;) {
        gt__interception *one = &call->interceptions[i];
        one->interceptor = &interceptors->list[i];
        size -= state_room(one->interceptor);
        one->x =
            (gt_interception){.call = call, .user = one->interceptor->user, .state = block + size};
        one->layer = (gt__call_layer){.table = &layer_table, .next = call->top};
        call->top = &one->layer;
    }
}

static size_t count_of(const gt_call *call)
{
    return call->interceptors ? call->interceptors->count : 0;
}

void gt__interceptions_start(gt_call *call, gt_call_start *start)
{
    call->telling = true;
    for (size_t i = 0; i < count_of(call); i++) {
        gt__interception *one = &call->interceptions[i];
        if (!one->interceptor->start)
            continue;
        gt_task *task = gt__callback_begin(call->world);
        one->interceptor->start(&one->x, start);
        gt__callback_end(call->world, task);
    }
    call->telling = false;
}

void gt_interception_refuse(gt_interception *x, gt_code code, const char *format, ...)
{
    gt_call *call = x->call;
    if (!call->telling || call->context)
        gt__misuse("gt_interception_refuse is for a client interceptor's `start`");
    if (code == GT_OK)
        gt__misuse("gt_interception_refuse: OK is no refusal");
    if (call->refusal)
        return;
    va_list args;
    va_start(args, format);
    call->refusal = (int)code;
    call->refusal_text = gt__vprintf(format, args);
    va_end(args);
}

/* From the inside out, as the end travels. */
void gt__interceptions_end(gt_call *call)
{
    call->telling = true;
    for (size_t i = count_of(call); i-- > 0;) {
        gt__interception *one = &call->interceptions[i];
        if (!one->interceptor->end)
            continue;
        gt_task *task = gt__callback_begin(call->world);
        one->interceptor->end(&one->x, &call->status);
        gt__callback_end(call->world, task);
    }
    call->telling = false;
}

void gt__interceptions_free(gt_call *call)
{
    for (size_t i = count_of(call); i-- > 0;) {
        gt__interception *one = &call->interceptions[i];
        if (one->interceptor->drop)
            one->interceptor->drop(&one->x);
    }
    gt__free(call->interceptions);
    gt__interceptors_drop(call->interceptors);
}
