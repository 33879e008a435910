/* The public side of the weather: links as values, and orders to them. */
#include "pipe.h"

enum { FROM = 1, TO = 2 };

#define MAX_PACKET ((size_t)1 << 20)
#define MAX_BANDWIDTH 1000000000000000000u

void gt_weather_init(gt_weather *weather)
{
    *weather = (gt_weather){.latency = 0};
}

/* ---- profiles ------------------------------------------------------------------------------ */

gt_weather gt_weather_lan(void)
{
    return (gt_weather){.latency = GT_US(100), .jitter = GT_US(20), .bandwidth = 1000000000};
}

gt_weather gt_weather_wan(void)
{
    return (gt_weather){.latency = GT_MS(40), .jitter = GT_MS(4), .bandwidth = 100000000};
}

gt_weather gt_weather_mobile(void)
{
    return (gt_weather){.latency = GT_MS(60), .jitter = GT_MS(40), .bandwidth = 5000000};
}

gt_weather gt_weather_satellite(void)
{
    return (gt_weather){.latency = GT_MS(300), .jitter = GT_MS(20), .bandwidth = 20000000};
}

/* ---- links --------------------------------------------------------------------------------- */

static gt_link link_of_conn(gt_conn *end, int ways, const char *function)
{
    if (!gt__pipe_is(end))
        gt__misuse("%s: %s is a %s connection, and only those of bufconn have weather", function,
                   gt_conn_local_name(end), gt_conn_kind(end));
    return (gt_link){.conn = end, .ways = ways};
}

gt_link gt_link_from(gt_conn *end)
{
    return link_of_conn(end, FROM, "gt_link_from");
}

gt_link gt_link_to(gt_conn *end)
{
    return link_of_conn(end, TO, "gt_link_to");
}

gt_link gt_link_of(gt_conn *end)
{
    return link_of_conn(end, FROM | TO, "gt_link_of");
}

static gt_link link_of_listener(gt_listener *listener, int ways, const char *function)
{
    gt__bufconn_require(listener, function);
    return (gt_link){.listener = listener, .ways = ways};
}

gt_link gt_link_from_listener(gt_listener *listener)
{
    return link_of_listener(listener, FROM, "gt_link_from_listener");
}

gt_link gt_link_to_listener(gt_listener *listener)
{
    return link_of_listener(listener, TO, "gt_link_to_listener");
}

gt_link gt_link_of_listener(gt_listener *listener)
{
    return link_of_listener(listener, FROM | TO, "gt_link_of_listener");
}

/* ---- orders -------------------------------------------------------------------------------- */

static void give_one_way(gt_link link, bool from, const gt__order *order)
{
    if (link.conn)
        gt__pipe_obey(from ? link.conn : gt__pipe_peer(link.conn), order);
    else
        gt__bufconn_obey(link.listener, from, order);
}

static void give(gt_link link, const gt__order *order)
{
    if (link.ways & FROM)
        give_one_way(link, true, order);
    if (link.ways & TO)
        give_one_way(link, false, order);
}

static void check(const gt_weather *weather)
{
    if (weather->latency < 0 || weather->jitter < 0)
        gt__misuse("gt_link_weather: nothing arrives before it was sent (latency %lld ns, jitter "
                   "%lld ns)",
                   (long long)weather->latency, (long long)weather->jitter);
    if (weather->packet > MAX_PACKET)
        gt__misuse("gt_link_weather: a packet of %zu bytes is larger than 1 MiB", weather->packet);
    if (weather->bandwidth > MAX_BANDWIDTH)
        gt__misuse("gt_link_weather: a bandwidth of %llu bit/s is above 10^18; 0 is without limit",
                   (unsigned long long)weather->bandwidth);
}

void gt_link_weather(gt_link link, const gt_weather *weather)
{
    gt__order order = {.kind = GT__ORDER_WEATHER};
    if (weather)
        order.weather = *weather;
    check(&order.weather);
    give(link, &order);
}

void gt_link_hold(gt_link link)
{
    give(link, &(gt__order){.kind = GT__ORDER_HOLD});
}

void gt_link_release(gt_link link)
{
    give(link, &(gt__order){.kind = GT__ORDER_RELEASE});
}

void gt_link_stall(gt_link link, gt_duration duration)
{
    if (duration < 0)
        gt__misuse("gt_link_stall for %lld ns: time does not go back", (long long)duration);
    const gt_world *world = link.conn ? link.conn->world : link.listener->world;
    give(link,
         &(gt__order){.kind = GT__ORDER_STALL, .until = gt__time_add(gt_now(world), duration)});
}

void gt_link_cut_after(gt_link link, uint64_t bytes, gt_cut how)
{
    give(link, &(gt__order){.kind = GT__ORDER_CUT, .count = bytes, .how = how});
}

void gt_link_cut_at_frame(gt_link link, uint64_t frames, gt_cut how)
{
    give(link, &(gt__order){.kind = GT__ORDER_CUT, .count = frames, .frames = true, .how = how});
}

void gt_link_reset(gt_link link)
{
    give(link, &(gt__order){.kind = GT__ORDER_RESET});
}
