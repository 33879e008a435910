/* A client tested on the links it was written for: far, slow, cut, silent. No time is spent
 * waiting. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "../repo/repo_service.h"
#include "uploader.h"

#include <grpctest/cmocka.h>

static const uint8_t file[100000];

typedef struct fixture {
    gt_rig *rig;
    uploader up;
} fixture;

static int setup(void **state)
{
    static fixture f;
    void *rig;
    if (gt_cmocka_rig_setup(&rig) != 0)
        return -1;
    f.rig = rig;
    f.up = (uploader){.world = f.rig->world,
                      .channel = f.rig->channel,
                      .attempts = 3,
                      .patience = GT_SEC(10),
                      .pause = GT_SEC(1)};
    repo_serve(f.rig->server);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    void *rig = f->rig;
    return gt_cmocka_rig_teardown(&rig);
}

static gt_code upload(fixture *f)
{
    return uploader_send(&f->up, "file", gt_bytes_of(file, sizeof file));
}

/* ---- how long it takes ------------------------------------------------------------------------
 */

static void assert_takes(fixture *f, gt_weather weather, gt_duration at_least, gt_duration at_most)
{
    gt_time began = gt_now(f->rig->world);
    gt_link_weather(gt_link_of_listener(f->rig->listener), &weather);
    assert_int_equal(upload(f), GT_OK);
    gt_duration took = gt_now(f->rig->world) - began;
    assert_in_range(took, at_least, at_most);
}

/* A window is 65,535 bytes: the rest waits for an answer, so that distance counts three times. */
static void an_upload_takes_as_long_as_its_link_makes_it(void **state)
{
    fixture *f = *state;
    assert_takes(f, gt_weather_lan(), GT_MS(1), GT_MS(2));
    assert_takes(f, gt_weather_wan(), GT_MS(240), GT_MS(280));
    assert_takes(f, gt_weather_mobile(), GT_MS(500), GT_MS(700));
    assert_takes(f, gt_weather_satellite(), GT_MS(1800), GT_MS(2000));
}

static void in_a_tunnel_it_stands_still_and_goes_on_behind(void **state)
{
    fixture *f = *state;
    gt_link_weather(gt_link_of_listener(f->rig->listener), &(gt_weather){.latency = GT_MS(60)});
    assert_int_equal(upload(f), GT_OK);
    gt_time first = gt_now(f->rig->world); /* 120 ms of it to connect */

    gt_link_stall(gt_link_of_listener(f->rig->listener), GT_SEC(5));
    assert_int_equal(upload(f), GT_OK);

    GT_ASSERT_NOW(f->rig->world, first + (first - GT_MS(120)) + GT_SEC(5));
}

/* ---- links that fail --------------------------------------------------------------------------
 */

static void upload_it(void *arg)
{
    if (upload(arg) != GT_OK)
        fail_msg("the upload failed");
}

static void a_cut_in_the_middle_makes_it_begin_again(void **state)
{
    fixture *f = *state;
    gt_link link = gt_link_to_listener(f->rig->listener);
    gt_link_cut_after(link, 50000, GT_CUT_RESET);
    gt_task *task = gt_spawn(f->rig->world, "uploader", upload_it, f);

    GT_ASSERT_OK(f->rig->world, gt_advance(f->rig->world, GT_MS(500)));
    assert_int_equal(f->up.tried, 1);
    gt_link_cut_after(link, GT_NO_CUT, GT_CUT_RESET);

    GT_ASSERT_OK(f->rig->world, gt_task_join(task, NULL));
    assert_int_equal(f->up.tried, 2);
    GT_ASSERT_NOW(f->rig->world, GT_SEC(1));
}

static void wherever_it_is_cut_it_gives_up_in_good_order(void **state)
{
    fixture *f = *state;
    f->up.attempts = 1;
    for (uint64_t frames = 1; frames <= 12; frames++) {
        gt_link_cut_at_frame(gt_link_to_listener(f->rig->listener), frames, GT_CUT_CLOSE);
        f->up.tried = 0;
        assert_int_equal(upload(f), GT_UNAVAILABLE);
    }
}

static void a_server_that_is_back_in_time_is_found_again(void **state)
{
    fixture *f = *state;
    gt_bufconn_down(f->rig->listener);
    gt_task *task = gt_spawn(f->rig->world, "uploader", upload_it, f);

    GT_ASSERT_OK(f->rig->world, gt_advance(f->rig->world, GT_MS(1500)));
    assert_int_equal(f->up.tried, 2);
    gt_bufconn_up(f->rig->listener);

    GT_ASSERT_OK(f->rig->world, gt_task_join(task, NULL));
    GT_ASSERT_NOW(f->rig->world, GT_SEC(2));
}

static void dials_that_are_refused_cost_an_attempt_each(void **state)
{
    fixture *f = *state;
    gt_bufconn_refuse(f->rig->listener, 3);
    assert_int_equal(upload(f), GT_UNAVAILABLE);
    assert_int_equal(f->up.tried, 3);
    GT_ASSERT_NOW(f->rig->world, GT_SEC(2));
}

static void silence_is_noticed_by_patience_alone(void **state)
{
    fixture *f = *state;
    gt_link_cut_after(gt_link_to_listener(f->rig->listener), 50000, GT_CUT_SILENT);

    assert_int_equal(upload(f), GT_DEADLINE_EXCEEDED);

    GT_ASSERT_NOW(f->rig->world, 3 * GT_SEC(10) + 2 * GT_SEC(1));
}

/* ---- an order that is forced ------------------------------------------------------------------
 */

static void an_answer_may_be_overtaken_by_that_to_a_later_upload(void **state)
{
    fixture *f = *state;
    gt_listener *second = gt_bufconn_listen(f->rig->world, 65536);
    gt_dialer *dialer = gt_bufconn_dialer(second);
    gt_channel *channel = gt_channel_new(dialer, NULL);
    gt_server_serve(f->rig->server, second);
    uploader later = {.world = f->rig->world, .channel = channel, .attempts = 1};

    gt_link_hold(gt_link_from_listener(f->rig->listener));
    gt_task *first = gt_spawn(f->rig->world, "first", upload_it, f);
    GT_ASSERT_OK(f->rig->world, gt_settle(f->rig->world));
    assert_int_equal(uploader_send(&later, "later", gt_bytes_str("small")), GT_OK);
    assert_false(gt_task_done(first));
    gt_link_release(gt_link_from_listener(f->rig->listener));

    GT_ASSERT_OK(f->rig->world, gt_task_join(first, NULL));
    GT_ASSERT_NOW(f->rig->world, 0);
    gt_channel_free(channel);
    gt_dialer_free(dialer);
    gt_listener_free(second);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_upload_takes_as_long_as_its_link_makes_it),
        TEST(in_a_tunnel_it_stands_still_and_goes_on_behind),
        TEST(a_cut_in_the_middle_makes_it_begin_again),
        TEST(wherever_it_is_cut_it_gives_up_in_good_order),
        TEST(a_server_that_is_back_in_time_is_found_again),
        TEST(dials_that_are_refused_cost_an_attempt_each),
        TEST(silence_is_noticed_by_patience_alone),
        TEST(an_answer_may_be_overtaken_by_that_to_a_later_upload),
    };
    return cmocka_run_group_tests_name("weather", tests, NULL, NULL);
}
