/* The listener in memory. What listener and dialers share is the switchboard, which goes with the
 * last of them, so that a dialer may outlive its listener. */
#include "pipe.h"

#include <grpctest/bufconn.h>

/* What connections to come begin with, one way. */
typedef struct standing {
    gt__order orders[GT__ORDER_STANDING];
    bool given[GT__ORDER_STANDING];
} standing;

typedef struct switchboard {
    gt__link link;    /* in the world's list */
    unsigned holders; /* the listener, its dialers, and dials under way */
    size_t capacity;
    char *address;
    gt_listener *listener; /* NULL once it is closed */
    gt__link queue;        /* ends that wait to be accepted */
    size_t queued;
    unsigned dialled;
    gt__waitq room;    /* in the queue */
    unsigned refusals; /* of dials, still to come */
    bool down;
    gt__link pipes;         /* all that were dialled and live */
    standing from_listener; /* orders to what the accepted ends write */
    standing to_listener;   /* to what the dialled ends write */
} switchboard;

typedef struct bufconn_listener {
    gt_listener base;
    switchboard *board;
} bufconn_listener;

typedef struct bufconn_dialer {
    gt_dialer base;
    switchboard *board;
} bufconn_dialer;

static switchboard *board_of(gt_listener *listener)
{
    return gt__container_of(listener, bufconn_listener, base)->board;
}

/* A world's boards: those whose dials never came back (the world had failed) end with it. */
typedef struct exchange {
    gt__link boards;
    unsigned listeners; /* made so far */
} exchange;

/* Connections may outlive it. */
static void free_board(switchboard *board)
{
    gt__list_remove(&board->link);
    while (!gt__list_empty(&board->pipes))
        gt__list_remove(board->pipes.next);
    gt__free(board->address);
    gt__free(board);
}

static void *make_exchange(gt_world *world)
{
    (void)world;
    exchange *made = gt__new(exchange);
    gt__list_init(&made->boards);
    return made;
}

static void drop_exchange(void *object)
{
    exchange *dropped = object;
    while (!gt__list_empty(&dropped->boards))
        free_board(gt__container_of(dropped->boards.next, switchboard, link));
    gt__free(dropped);
}

static exchange *exchange_of(gt_world *world)
{
    static const char key;
    return gt__world_attachment(world, &key, make_exchange, drop_exchange);
}

static switchboard *new_board(gt_world *world, size_t capacity)
{
    exchange *home = exchange_of(world);
    switchboard *board = gt__new(switchboard);
    gt__list_push_back(&home->boards, &board->link);
    board->holders = 1;
    board->capacity = capacity;
    board->address = gt__printf("bufconn:%u", ++home->listeners);
    gt__list_init(&board->queue);
    gt__waitq_init(&board->room);
    gt__list_init(&board->pipes);
    return board;
}

static void let_go(switchboard *board)
{
    if (--board->holders == 0)
        free_board(board);
}

/* ---- the listener -------------------------------------------------------------------------- */

static bool bufconn_acceptable(gt_listener *listener)
{
    return !gt__list_empty(&board_of(listener)->queue);
}

static gt_conn *first_queued(switchboard *board)
{
    return gt__container_of(board->queue.next, gt_conn, held);
}

static int bufconn_try_accept(gt_listener *listener, gt_conn **conn, const char *file, int line)
{
    switchboard *board = board_of(listener);
    if (gt__list_empty(&board->queue))
        return GT_EAGAIN;
    *conn = first_queued(board);
    gt__list_remove(&(*conn)->held);
    gt__conn_hand_out(*conn, file, line);
    board->queued--;
    gt__wake_all(&board->room);
    return 0;
}

/* A dialer whose connection nobody accepts finds it reset, as a kernel does it. */
static void turn_away(switchboard *board)
{
    while (!gt__list_empty(&board->queue)) {
        gt_conn *conn = first_queued(board);
        gt_conn_reset(conn);
        gt_conn_free(conn);
    }
    board->queued = 0;
    gt__wake_all(&board->room);
}

static void bufconn_close(gt_listener *listener)
{
    switchboard *board = board_of(listener);
    board->listener = NULL;
    turn_away(board);
}

static void bufconn_listener_destroy(gt_listener *listener)
{
    let_go(board_of(listener));
    gt__free(gt__container_of(listener, bufconn_listener, base));
}

static const gt__listener_table listener_table = {
    .kind = "bufconn",
    .try_accept = bufconn_try_accept,
    .acceptable = bufconn_acceptable,
    .close = bufconn_close,
    .destroy = bufconn_listener_destroy,
};

gt_listener *gt_bufconn_listen_at(gt_world *world, size_t capacity, const char *file, int line)
{
    if (capacity == 0)
        gt__misuse("gt_bufconn_listen at %s:%d: a capacity of 0 could never carry a byte", file,
                   line);
    bufconn_listener *listener = gt__new(bufconn_listener);
    switchboard *board = new_board(world, capacity);
    gt__listener_init(&listener->base, &listener_table, world, board->address, file, line);
    listener->board = board;
    board->listener = &listener->base;
    return &listener->base;
}

/* ---- orders -------------------------------------------------------------------------------- */

void gt__bufconn_require(const gt_listener *listener, const char *function)
{
    if (listener->table != &listener_table)
        gt__misuse("%s: \"%s\" is a %s listener, and only those of bufconn have weather", function,
                   listener->address, listener->table->kind);
}

void gt__bufconn_obey(gt_listener *listener, bool from_listener, const gt__order *order)
{
    switchboard *board = board_of(listener);
    standing *to_come = from_listener ? &board->from_listener : &board->to_listener;
    if (order->kind < GT__ORDER_STANDING) {
        to_come->orders[order->kind] = *order;
        to_come->given[order->kind] = true;
    } else if (order->kind == GT__ORDER_RELEASE) {
        to_come->given[GT__ORDER_HOLD] = to_come->given[GT__ORDER_STALL] = false;
    }
    gt__pipes_obey(&board->pipes, !from_listener, order);
}

void gt_bufconn_refuse(gt_listener *listener, unsigned count)
{
    gt__bufconn_require(listener, "gt_bufconn_refuse");
    board_of(listener)->refusals = count;
}

void gt_bufconn_down(gt_listener *listener)
{
    gt__bufconn_require(listener, "gt_bufconn_down");
    board_of(listener)->down = true;
    turn_away(board_of(listener));
}

void gt_bufconn_up(gt_listener *listener)
{
    gt__bufconn_require(listener, "gt_bufconn_up");
    board_of(listener)->down = false;
}

static void begin_with(const standing *orders, gt_conn *end)
{
    for (int kind = 0; kind < GT__ORDER_STANDING; kind++)
        if (orders->given[kind])
            gt__pipe_obey(end, &orders->orders[kind]);
}

/* ---- the dialer ---------------------------------------------------------------------------- */

/* The dialled end is the caller's; the other waits in the queue, as the listener's own. */
static void connect_to(switchboard *board, gt_conn **conn, const char *file, int line)
{
    gt_conn *accepted;
    char *name = gt__printf("%s/%u", board->address, ++board->dialled);
    gt__pipe_new(board->listener->world, board->capacity, name, board->address, &board->pipes, conn,
                 &accepted, file, line);
    gt__free(name);
    begin_with(&board->to_listener, *conn);
    begin_with(&board->from_listener, accepted);
    gt__conn_adopt(accepted);
    gt__list_push_back(&board->queue, &accepted->held);
    board->queued++;
    gt__listener_acceptable(board->listener);
}

static bool takes_dials(const switchboard *board)
{
    return board->listener && !board->down;
}

/* The dial has arrived: taken, refused, or let wait. */
static int knock(switchboard *board, gt_world *world, gt_context *context)
{
    if (takes_dials(board) && board->refusals > 0) {
        board->refusals--;
        return GT_EREFUSED;
    }
    int error = 0;
    while (!error && takes_dials(board) && board->queued >= GT_BUFCONN_BACKLOG)
        error = gt__wait(world, &board->room, context, GT_NEVER, "room in the queue of",
                         board->address);
    return error || takes_dials(board) ? error : GT_EREFUSED;
}

static int travel(gt_world *world, gt_context *context, const standing *way)
{
    gt_duration latency = way->orders[GT__ORDER_WEATHER].weather.latency;
    if (latency == 0)
        return 0;
    return context ? gt_context_sleep(context, latency) : gt_sleep(world, latency);
}

static int dial(switchboard *board, gt_world *world, gt_context *context, gt_conn **conn,
                const char *file, int line)
{
    int error = travel(world, context, &board->to_listener);
    if (!error)
        error = knock(board, world, context);
    if (error && error != GT_EREFUSED)
        return error;
    if (!error)
        connect_to(board, conn, file, line);
    int back = travel(world, context, &board->from_listener);
    if (!back)
        return error;
    gt_conn_free(*conn);
    *conn = NULL;
    return back;
}

static int bufconn_dial(gt_dialer *dialer, gt_context *context, gt_conn **conn, const char *file,
                        int line)
{
    gt_world *world = dialer->world;
    switchboard *board = gt__container_of(dialer, bufconn_dialer, base)->board;
    board->holders++;
    int error = dial(board, world, context, conn, file, line);
    let_go(board);
    return error;
}

static void bufconn_dialer_destroy(gt_dialer *dialer)
{
    bufconn_dialer *self = gt__container_of(dialer, bufconn_dialer, base);
    let_go(self->board);
    gt__free(self);
}

gt_dialer *gt_bufconn_dialer_at(gt_listener *listener, const char *file, int line)
{
    static const gt__dialer_table table = {"bufconn", bufconn_dial, bufconn_dialer_destroy};
    if (listener->table != &listener_table)
        gt__misuse("gt_bufconn_dialer at %s:%d: \"%s\" is a %s listener, not a bufconn one", file,
                   line, listener->address, listener->table->kind);
    bufconn_dialer *dialer = gt__new(bufconn_dialer);
    gt__dialer_init(&dialer->base, &table, listener->world, listener->address, file, line);
    dialer->board = board_of(listener);
    dialer->board->holders++;
    return &dialer->base;
}
