/* A direction with weather: its line says when bytes arrive, the ring holds them meanwhile, and
 * both ends are told what becomes of them. */
#include "pipe_inside.h"

/* ---- what the reader learns ---------------------------------------------------------------- */

static void learn(gt__pipe_end *writer)
{
    gt__passage *passage = writer->out->passage;
    gt__pipe_end *reader = writer->peer;
    if (passage->held || passage->line.ended == passage->learned)
        return;
    passage->learned = passage->line.ended;
    switch (passage->learned) {
    case GT__LINE_RESET:
        reader->conn.was_reset = true;
        gt__stretch_drop(reader->in);
        gt__stretch_drop(reader->out);
        break;
    case GT__LINE_CLOSED:
        reader->out->reader_done = true;
        reader->in->writer_done = true;
        break;
    case GT__LINE_HALF_CLOSED:
        reader->in->writer_done = true;
        break;
    case GT__LINE_OPEN:
        break;
    }
    gt__pipe_tell_both(reader);
}

static gt__passage *passage_of(gt__pipe_end *writer);
static void turn(gt__pipe_end *writer);

/* Both directions end behind what has arrived. */
static void end_both(gt__pipe_pair *pair, bool by_reset)
{
    for (int i = 0; i < 2; i++) {
        gt__stretch *stretch = &pair->stretches[i];
        stretch->writer_done = stretch->reader_done = true;
        stretch->cut_by_reset = by_reset;
        if (stretch->passage) {
            gt__line_break(&stretch->passage->line);
            gt__timer_stop(&stretch->passage->timer);
        }
    }
    gt__pipe_tell_both(&pair->ends[0]);
    gt__pipe_tell_both(&pair->ends[1]);
}

static void stall(gt__pipe_end *writer, gt_time until)
{
    gt__line_stall(&passage_of(writer)->line, gt_now(writer->conn.world), until);
}

static void cut(gt__pipe_end *writer)
{
    gt__passage *passage = writer->out->passage;
    passage->line.cut_at = GT_NO_CUT;
    if (passage->how != GT_CUT_SILENT) {
        end_both(writer->pair, passage->how == GT_CUT_RESET);
        return;
    }
    stall(writer, GT_NEVER);
    passage_of(writer->peer);
    turn(writer->peer);
    stall(writer->peer, GT_NEVER);
    turn(writer->peer);
}

/* ---- being up to date ---------------------------------------------------------------------- */

static void set_timer(gt__passage *passage)
{
    gt_time next = gt__line_next(&passage->line);
    if (!gt__timer_is_set(&passage->timer) || passage->timer.when != next)
        gt__timer_set(&passage->timer, next);
}

/* Nobody would guess why nothing arrives. */
static void tell(const gt__remark *remark, gt__buffer *text)
{
    const gt__passage *passage = gt__container_of(remark, gt__passage, remark);
    const gt__line *line = &passage->line;
    gt_time since = passage->held ? passage->held_at : line->stalled_at;
    gt__buffer_printf(text, "\n  link from %s %s since %.3f ms, %zu bytes in it", passage->name,
                      passage->held ? "is held" : "stands still", (double)since / 1e6,
                      gt__line_used(line));
}

static void remark_on(gt__passage *passage, gt_world *world)
{
    if (passage->held || passage->line.stalled)
        gt__remark_add(&passage->remark, world);
    else
        gt__remark_remove(&passage->remark);
}

/* Brings the direction to the present: after every change, and before one, for what came first. */
static void turn(gt__pipe_end *writer)
{
    gt__passage *passage = writer->out->passage;
    gt__line *line = &passage->line;
    size_t room = gt__line_room(line);
    uint64_t arrived = line->arrived, read = line->read;
    gt__line_move(line, gt_now(writer->conn.world));
    gt__ring_consume(&writer->out->ring, (size_t)(line->read - read)); /* of a deserted line */
    if (line->arrived > arrived && !passage->held)
        gt__pipe_tell_readable(writer->peer);
    if (gt__line_is_cut(line))
        cut(writer);
    learn(writer);
    if (room == 0 && gt__line_room(line) > 0)
        gt__pipe_tell_writable(writer);
    remark_on(passage, writer->conn.world);
    set_timer(passage);
}

static void on_timer(gt__timer *timer)
{
    turn(gt__container_of(timer, gt__passage, timer)->writer);
}

/* Of the end that is left, where one has been freed and its names with it. */
static char *name_of(const gt__pipe_end *writer)
{
    const gt_conn *own = &writer->conn, *peer = &writer->peer->conn;
    return writer->gone ? gt__printf("%s to %s", peer->peer_name, peer->local_name)
                        : gt__printf("%s to %s", own->local_name, own->peer_name);
}

/* Made when a clear direction meets its first weather. */
static gt__passage *passage_of(gt__pipe_end *writer)
{
    gt__stretch *out = writer->out;
    gt_world *world = writer->conn.world;
    if (out->passage)
        return out->passage;
    gt__passage *passage = gt__new(gt__passage);
    passage->writer = writer;
    passage->name = name_of(writer);
    passage->gauged = !out->ring.data; /* it has no memory before the first byte */
    gt__line_init(&passage->line, out->capacity, out->ring.used, gt_world_seed(world),
                  passage->name, gt_now(world));
    gt__timer_init(&passage->timer, world, on_timer);
    gt__remark_init(&passage->remark, tell);
    out->passage = passage;
    out->ring.capacity = out->capacity + passage->line.weather.in_flight;
    return passage;
}

void gt__passage_drop(gt__passage *passage)
{
    gt__line_break(&passage->line);
    gt__line_desert(&passage->line);
    gt__timer_stop(&passage->timer);
}

void gt__passage_free(gt__passage *passage)
{
    if (!passage)
        return;
    gt__timer_stop(&passage->timer);
    gt__remark_remove(&passage->remark);
    gt__line_cleanup(&passage->line);
    gt__free(passage->name);
    gt__free(passage);
}

/* ---- what the ends do ---------------------------------------------------------------------- */

void gt__passage_put(gt__pipe_end *writer, gt_bytes bytes)
{
    gt__passage *passage = writer->out->passage;
    size_t offset;
    turn(writer);
    if (writer->out->reader_done) /* cut at this very instant, and the bytes with it */
        return;
    if (passage->gauged && gt__gauge_pass(&passage->gauge, bytes, &passage->cut_in, &offset))
        passage->line.cut_at = passage->line.written + offset;
    gt__line_put(&passage->line, bytes.size);
    turn(writer);
}

void gt__passage_end(gt__pipe_end *writer, gt__line_end end)
{
    turn(writer);
    gt__line_end_with(&writer->out->passage->line, end);
    turn(writer);
}

void gt__passage_take(gt__pipe_end *writer, size_t size)
{
    gt__line *line = &writer->out->passage->line;
    bool was_full = gt__line_room(line) == 0;
    gt__line_take(line, size);
    gt__ring_consume(&writer->out->ring, size);
    if (was_full && gt__line_room(line) > 0)
        gt__pipe_tell_writable(writer);
}

void gt__passage_desert(gt__pipe_end *writer)
{
    gt__line *line = &writer->out->passage->line;
    gt__passage_take(writer, gt__line_unread(line));
    gt__line_desert(line);
}

/* ---- orders -------------------------------------------------------------------------------- */

static void change_weather(gt__pipe_end *writer, const gt_weather *weather)
{
    gt__stretch *out = writer->out;
    gt__passage *passage = out->passage;
    if (weather->bytes_per_read != passage->line.weather.bytes_per_read)
        gt_conn_limit_read(&writer->peer->conn, weather->bytes_per_read);
    gt__line_set_weather(&passage->line, weather);
    size_t capacity = out->capacity + passage->line.weather.in_flight;
    if (capacity > out->ring.capacity)
        out->ring.capacity = capacity;
}

static void plan_cut(gt__pipe_end *writer, const gt__order *order)
{
    gt__passage *passage = writer->out->passage;
    uint64_t count = order->count, written = passage->line.written;
    if (order->frames && count != GT_NO_CUT && !passage->gauged)
        gt__misuse("gt_link_cut_at_frame: what came first from %s went by before it had any "
                   "weather, so that nobody knows where its frames end",
                   passage->name);
    passage->how = order->how;
    passage->cut_in = 0;
    passage->line.cut_at = GT_NO_CUT;
    if (count == GT_NO_CUT)
        return;
    if (!order->frames)
        passage->line.cut_at = written + count;
    else if (count == 0 && gt__gauge_between(&passage->gauge))
        passage->line.cut_at = written;
    else
        passage->cut_in = count > 0 ? count : 1;
}

static void hold(gt__pipe_end *writer)
{
    gt__passage *passage = writer->out->passage;
    if (!passage->held)
        passage->held_at = gt_now(writer->conn.world);
    passage->held = true;
}

static void release(gt__pipe_end *writer)
{
    gt__passage *passage = writer->out->passage;
    passage->held = false;
    if (passage->line.stalled)
        stall(writer, gt_now(writer->conn.world));
    gt__pipe_tell_readable(writer->peer);
}

static void reset_now(gt__pipe_pair *pair)
{
    for (int i = 0; i < 2; i++) {
        gt__stretch_drop(&pair->stretches[i]);
        pair->ends[i].conn.was_reset = true;
        gt__pipe_tell_both(&pair->ends[i]);
    }
}

static void obey(gt__pipe_end *writer, const gt__order *order)
{
    switch (order->kind) {
    case GT__ORDER_WEATHER:
        change_weather(writer, &order->weather);
        break;
    case GT__ORDER_CUT:
        plan_cut(writer, order);
        break;
    case GT__ORDER_HOLD:
        hold(writer);
        break;
    case GT__ORDER_STALL:
        stall(writer, order->until);
        break;
    case GT__ORDER_RELEASE:
        release(writer);
        break;
    case GT__ORDER_RESET:
    case GT__ORDER_STANDING:
        break;
    }
}

void gt__pipe_obey(gt_conn *end, const gt__order *order)
{
    gt__pipe_end *writer = gt__pipe_end_of(end);
    if (order->kind == GT__ORDER_RESET) {
        reset_now(writer->pair);
        return;
    }
    passage_of(writer);
    turn(writer);
    obey(writer, order);
    turn(writer);
}
