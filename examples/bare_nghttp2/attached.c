#include "attached.h"

void attached_begin(attached *a)
{
    gt_conn *far;

    *a = (attached){.world = gt_world_new(&(gt_world_options){.clock = GT_CLOCK_MANUAL})};
    a->server = gt_server_new(a->world, NULL);
    a->client = bare_client_new();
    gt_pipe(a->world, 4096, &a->end, &far);
    gt_server_serve_conn(a->server, far);
}

void attached_end(attached *a)
{
    bare_client_free(a->client);
    gt_conn_free(a->end);
    gt_server_free(a->server);
    gt_world_free(a->world);
}

/* Puts what the client has to say on the wire, as far as it has room. True if anything went. */
static bool push(attached *a)
{
    size_t count;

    if (a->output_sent == a->output_size) {
        a->output_size = bare_client_take_output(a->client, a->output, sizeof a->output);
        a->output_sent = 0;
    }
    if (a->output_sent == a->output_size)
        return false;
    int error = gt_conn_try_write(a->end, a->output + a->output_sent,
                                  a->output_size - a->output_sent, &count);
    a->output_sent += count;
    return error == 0;
}

/* Feeds the client what is on the wire for it. True if anything was. */
static bool pull(attached *a)
{
    uint8_t bytes[1024];
    size_t count;

    int error = gt_conn_try_read(a->end, bytes, sizeof bytes, &count);
    if (error == 0 && bare_client_feed(a->client, bytes, count))
        return true;
    if (error != GT_EAGAIN) {
        gt_conn_close(a->end);
        bare_client_disconnected(a->client);
    }
    return false;
}

void attached_pump(attached *a)
{
    bool moved;
    do {
        moved = false;
        while (push(a))
            moved = true;
        (void)gt_settle(a->world);
        while (pull(a))
            moved = true;
    } while (moved);
}

void attached_advance(attached *a, gt_duration duration)
{
    const gt_time end = gt_now(a->world) + duration;

    while (gt_now(a->world) < end) {
        gt_time stop = bare_client_next_deadline(a->client);
        if (stop > end)
            stop = end;
        if (gt_advance(a->world, stop - gt_now(a->world)) != 0)
            return;
        bare_client_tick(a->client, gt_now(a->world));
        attached_pump(a);
    }
}
