#include "stage.h"

void stage_set(stage *s)
{
    stage_set_seeded(s, 0);
}

void stage_set_seeded(stage *s, uint64_t seed)
{
    s->world = gt_world_new(&(gt_world_options){.seed = seed});
    s->listener = gt_bufconn_listen(s->world, 65536);
    s->dialer = gt_bufconn_dialer(s->listener);
    s->server = gt_server_new(s->world, NULL);
    s->channel = gt_channel_new(s->dialer, NULL);
    gt_server_serve(s->server, s->listener);
}

void stage_strike(stage *s)
{
    gt_channel_free(s->channel);
    gt_server_free(s->server);
    gt_dialer_free(s->dialer);
    gt_listener_free(s->listener);
    gt_world_free(s->world);
}
