/* Bytes wait, leave in packets, are under way, arrive. When a packet leaves, its arrival is
 * settled: so between two calls nothing depends on how often somebody looked. */
#include "line.h"

#include "engine/sched/sched.h"

#define DEFAULT_PACKET 1460
#define DEFAULT_IN_FLIGHT ((size_t)4 << 20)
#define FIRST_SIZE 8

/* Nanoseconds in a second times bits in a byte: what a byte takes at one bit per second. */
#define BYTE_AT_ONE_BIT_PER_SECOND 8000000000u

void gt__line_init(gt__line *line, size_t capacity, size_t unread, uint64_t seed,
                   const char *purpose, gt_time now)
{
    *line = (gt__line){
        .capacity = capacity,
        .arrived = unread,
        .left = unread,
        .written = unread,
        .cut_at = GT_NO_CUT,
        .latest = now,
        .free_at = now,
        .clock = now,
    };
    gt__random_init(&line->random, seed, purpose);
    gt__line_set_weather(line, &(gt_weather){.latency = 0});
}

void gt__line_cleanup(gt__line *line)
{
    gt__free(line->packets);
    line->packets = NULL;
}

/* When the last of what has begun to leave is out, as far as anybody can tell. */
static gt_time shown_free_at(const gt__line *line)
{
    return gt__time_add(line->free_at, line->rest > 0);
}

void gt__line_set_weather(gt__line *line, const gt_weather *weather)
{
    line->free_at = shown_free_at(line);
    line->rest = 0; /* a fraction in the old bandwidth's terms */
    line->weather = *weather;
    if (!line->weather.packet)
        line->weather.packet = DEFAULT_PACKET;
    if (!line->weather.in_flight)
        line->weather.in_flight = DEFAULT_IN_FLIGHT;
}

/* ---- packets under way --------------------------------------------------------------------- */

static gt__packet *packet_at(const gt__line *line, uint32_t place)
{
    return &line->packets[(line->first + place) & (line->size - 1)];
}

static void grow(gt__line *line)
{
    uint32_t size = line->size ? line->size * 2 : FIRST_SIZE;
    gt__packet *packets = gt__malloc(size * sizeof *packets);
    for (uint32_t i = 0; i < line->count; i++)
        packets[i] = *packet_at(line, i);
    gt__free(line->packets);
    line->packets = packets;
    line->first = 0;
    line->size = size;
}

static void add_packet(gt__line *line, gt__packet packet)
{
    gt__packet *newest = line->count > 0 ? packet_at(line, line->count - 1) : NULL;
    if (newest && newest->arrival == packet.arrival) { /* they arrive as one */
        newest->until = packet.until;
        newest->end = packet.end > newest->end ? packet.end : newest->end;
        return;
    }
    if (line->count == line->size)
        grow(line);
    *packet_at(line, line->count++) = packet;
}

static void drop_first_packet(gt__line *line)
{
    line->first = (line->first + 1) & (line->size - 1);
    line->count--;
}

/* ---- leaving ------------------------------------------------------------------------------- */

static uint64_t room_in_flight(const gt__line *line)
{
    uint64_t under_way = line->left - line->arrived;
    return under_way < line->weather.in_flight ? line->weather.in_flight - under_way : 0;
}

/* When the next packet begins to leave, if nothing changes. */
static gt_time next_departure(const gt__line *line)
{
    bool bytes = line->written > line->left;
    if (!bytes && line->ending == GT__LINE_OPEN)
        return GT_NEVER;
    if (bytes && (room_in_flight(line) == 0 || line->count >= GT__LINE_PACKETS))
        return GT_NEVER;
    gt_time free_at = shown_free_at(line);
    return free_at > line->clock ? free_at : line->clock;
}

static size_t next_size(const gt__line *line)
{
    uint64_t size = line->written - line->left, room = room_in_flight(line);
    if (size > room)
        size = room;
    return size < line->weather.packet ? (size_t)size : line->weather.packet;
}

/* The line is taken for as long as the bytes need, to the fraction of a nanosecond; a packet that
 * follows on the heels of another begins where that one ended. */
static void occupy(gt__line *line, size_t size, gt_time start)
{
    if (start <= line->clock) {
        line->free_at = start;
        line->rest = 0;
    }
    if (line->weather.bandwidth == 0)
        return;
    uint64_t total = size * BYTE_AT_ONE_BIT_PER_SECOND + line->rest;
    line->free_at = gt__time_add(line->free_at, (gt_duration)(total / line->weather.bandwidth));
    line->rest = total % line->weather.bandwidth;
}

static gt_duration draw_latency(gt__line *line)
{
    gt_duration jitter = line->weather.jitter;
    if (jitter == 0)
        return line->weather.latency;
    uint64_t extra = gt__random_below(&line->random, (uint64_t)jitter + 1);
    return gt__time_add(line->weather.latency, (gt_duration)extra);
}

static void leave(gt__line *line, gt_time start)
{
    size_t size = next_size(line);
    occupy(line, size, start);
    line->left += size;
    gt__packet packet = {
        .until = line->left,
        .arrival = gt__time_add(shown_free_at(line), draw_latency(line)),
    };
    if (packet.arrival < line->latest)
        packet.arrival = line->latest;
    line->latest = packet.arrival;
    if (line->left == line->written) {
        packet.end = line->ending;
        line->ending = GT__LINE_OPEN;
    }
    add_packet(line, packet);
    line->clock = start;
}

/* ---- arriving ------------------------------------------------------------------------------ */

static gt_time next_arrival(const gt__line *line)
{
    return line->count > 0 ? packet_at(line, 0)->arrival : GT_NEVER;
}

static void arrive(gt__line *line)
{
    gt__packet packet = *packet_at(line, 0);
    line->clock = packet.arrival;
    bool whole = packet.until <= line->cut_at;
    line->arrived = whole ? packet.until : line->cut_at;
    if (line->deserted)
        line->read = line->arrived;
    if (!whole)
        return;
    if (packet.end > line->ended)
        line->ended = packet.end;
    drop_first_packet(line);
}

/* ---- time ---------------------------------------------------------------------------------- */

gt_time gt__line_next(const gt__line *line)
{
    if (line->stalled)
        return line->stalled_until;
    gt_time departure = next_departure(line), arrival = next_arrival(line);
    return gt__time_add(departure < arrival ? departure : arrival, line->behind);
}

static void move_own(gt__line *line, gt_time now)
{
    while (!gt__line_is_cut(line)) {
        gt_time departure = next_departure(line), arrival = next_arrival(line);
        if (departure > now && arrival > now)
            break;
        if (departure <= arrival)
            leave(line, departure);
        else
            arrive(line);
    }
    if (now > line->clock)
        line->clock = now;
}

void gt__line_move(gt__line *line, gt_time now)
{
    if (line->stalled) {
        if (now < line->stalled_until)
            return;
        line->behind += line->stalled_until - line->stalled_at;
        line->stalled = false;
    }
    move_own(line, now - line->behind);
}

void gt__line_stall(gt__line *line, gt_time now, gt_time until)
{
    if (!line->stalled)
        line->stalled_at = now;
    line->stalled = true;
    line->stalled_until = until > now ? until : now;
}

/* ---- the two ends -------------------------------------------------------------------------- */

void gt__line_put(gt__line *line, size_t size)
{
    line->written += size;
}

void gt__line_end_with(gt__line *line, gt__line_end end)
{
    if (end > line->ending)
        line->ending = end;
    if (end == GT__LINE_RESET)
        line->written = line->left;
}

void gt__line_take(gt__line *line, size_t size)
{
    line->read += size;
}

void gt__line_desert(gt__line *line)
{
    line->deserted = true;
    line->read = line->arrived;
}

void gt__line_break(gt__line *line)
{
    line->written = line->left = line->arrived;
    line->ending = GT__LINE_OPEN;
    line->count = 0;
    line->cut_at = GT_NO_CUT;
}
