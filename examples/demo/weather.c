/* Weather: a client for bad links, on links as bad as it likes. */
#include "../repo/repo_service.h"
#include "../weather/uploader.h"
#include "acts.h"
#include "show.h"

static const uint8_t file[100000];

static gt_code upload(gt_rig *rig, uploader *up)
{
    up->world = rig->world;
    up->channel = rig->channel;
    return uploader_send(up, "file", gt_bytes_of(file, sizeof file));
}

/* How long an upload takes over such links, to connect included. */
static bool takes(const char *name, gt_weather weather, gt_duration at_most, gt_duration *total)
{
    gt_rig *rig = gt_rig_new(&(gt_rig_options){.weather = &weather});
    uploader up = {.attempts = 1};
    repo_serve(rig->server);
    bool passed = upload(rig, &up) == GT_OK && gt_now(rig->world) <= at_most;
    show_line("%-10s %6.1f ms away, %6.1f Mbit/s    100,000 bytes in %8.3f ms", name,
              (double)weather.latency / 1e6, (double)weather.bandwidth / 1e6,
              (double)gt_now(rig->world) / 1e6);
    *total += gt_now(rig->world);
    gt_rig_free(rig);
    return passed;
}

typedef struct upload_task {
    gt_rig *rig;
    uploader up;
    gt_code code;
} upload_task;

static void run(void *arg)
{
    upload_task *task = arg;
    task->code = upload(task->rig, &task->up);
}

static bool survives_a_cut(gt_duration *total)
{
    gt_rig *rig = gt_rig_new(NULL);
    upload_task it = {.rig = rig, .up = {.attempts = 2, .pause = GT_SEC(1)}, .code = GT_UNKNOWN};
    gt_link link = gt_link_to_listener(rig->listener);
    repo_serve(rig->server);
    gt_link_cut_after(link, 50000, GT_CUT_RESET);
    gt_task *task = gt_spawn(rig->world, "uploader", run, &it);
    bool passed = gt_advance(rig->world, GT_MS(500)) == 0 && it.up.tried == 1;
    gt_link_cut_after(link, GT_NO_CUT, GT_CUT_RESET);
    passed = gt_task_join(task, NULL) == 0 && it.code == GT_OK && it.up.tried == 2 && passed;
    show_gap();
    show_line("cut after 50,000 bytes, the client waits a second and begins again: %s",
              it.code == GT_OK ? "OK" : "not OK");
    *total += gt_now(rig->world);
    gt_rig_free(rig);
    return passed;
}

void act_weather(void)
{
    gt_duration total = 0;
    show_heading("Weather", "The same upload over four kinds of link, and over one that is cut in "
                            "the middle.");
    show_begin();
    bool passed = takes("LAN", gt_weather_lan(), GT_MS(5), &total);
    passed = takes("WAN", gt_weather_wan(), GT_SEC(1), &total) && passed;
    passed = takes("mobile", gt_weather_mobile(), GT_SEC(2), &total) && passed;
    passed = takes("satellite", gt_weather_satellite(), GT_SEC(4), &total) && passed;
    passed = survives_a_cut(&total) && passed;
    show_verdict(passed, total);
}
