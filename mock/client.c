/* The mock client: a script on a call of its own. */
#include "play.h"

static void run(void *arg)
{
    gt__play_call(arg);
}

static void reclaim(gt__entry *entry)
{
    gt_play *play = gt__container_of(entry, gt_play, entry);
    gt__play_cleanup(play);
    gt__script_drop(&play->own);
    gt__free(play);
}

gt_play *gt_play_at(gt_channel *channel, const char *method, const gt_call_options *options,
                    const gt_step *steps, size_t count, const char *file, int line)
{
    gt_play *play = gt__new(gt_play);
    gt_call *call = gt_call_new_at(channel, method, options, file, line);
    gt_world *world = gt_call_world(call);
    play->own = gt__script_keep(steps, count, true, gt__method_type(world, method));
    gt__play_init(play, world, call, &play->own, file, line);
    gt__ledger_add(&play->entry, world, "play", file, line, reclaim);
    gt__spawn(world, "gt_play", run, play, file, line);
    return play;
}

int gt_play_finish(gt_play *play)
{
    gt_world *world = play->world;
    int error = 0;
    while (!error && !play->done)
        error = gt__wait(world, &play->changed, NULL, GT_NEVER, "the script of",
                         gt_call_method(play->call));
    if (!play->done)
        return error;
    gt_call_free(play->call);
    gt__ledger_remove(&play->entry);
    reclaim(&play->entry);
    return gt__world_error(world);
}
