#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/death_test.h"
#include "weather_kit.h"

/* ---- holding ------------------------------------------------------------------------------- */

static void held_bytes_can_be_read_when_they_are_released(void **state)
{
    weather_rig *r = *state;
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(30)});
    gt_link_hold(gt_link_from(r->a));
    gt_link_hold(gt_link_from(r->a));
    put(r->a, "early ");
    pass(r, GT_MS(90));
    put(r->a, "late");
    pass(r, GT_MS(10));
    assert_readable(r->b, "");

    gt_link_release(gt_link_from(r->a));

    assert_readable(r->b, "early ");
    assert_read_at(r, r->b, GT_MS(120), "late");
}

static void what_had_arrived_unread_is_held_too(void **state)
{
    weather_rig *r = *state;
    put(r->a, "unread");

    gt_link_hold(gt_link_from(r->a));
    assert_readable(r->b, "");
    gt_link_release(gt_link_from(r->a));

    assert_readable(r->b, "unread");
}

static void a_held_link_takes_its_capacity_and_no_more(void **state)
{
    weather_rig *r = *state;
    static const uint8_t zeros[100000];
    size_t count;
    gt_link_hold(gt_link_from(r->a));

    assert_int_equal(gt_conn_try_write(r->a, zeros, sizeof zeros, &count), 0);

    assert_int_equal(count, 65536);
    assert_int_equal(try_write(r->a), GT_EAGAIN);
}

static void one_direction_is_held_and_the_other_goes_on(void **state)
{
    weather_rig *r = *state;
    gt_link_hold(gt_link_from(r->a));
    put(r->a, "held");
    put(r->b, "free");
    assert_readable(r->a, "free");
    assert_readable(r->b, "");
}

static void the_end_is_held_with_the_bytes(void **state)
{
    weather_rig *r = *state;
    gt_link_hold(gt_link_from(r->a));
    put(r->a, "bye");
    gt_conn_close(r->a);
    pass(r, GT_MS(50));
    assert_readable(r->b, "");
    assert_int_equal(try_write(r->b), 0);

    gt_link_release(gt_link_from(r->a));

    assert_readable(r->b, "bye");
    assert_read_fails_at(r, r->b, GT_MS(50), GT_EOF);
    assert_int_equal(try_write(r->b), GT_EPIPE);
}

static void a_reset_is_held_too(void **state)
{
    weather_rig *r = *state;
    gt_link_hold(gt_link_from(r->a));
    gt_conn_reset(r->a);
    pass(r, GT_MS(50));
    assert_readable(r->b, "");

    gt_link_release(gt_link_from(r->a));

    assert_read_fails_at(r, r->b, GT_MS(50), GT_ERESET);
}

static void release_the_link_later(void *arg)
{
    weather_rig *r = arg;
    if (gt_sleep(r->world, GT_MS(20)) == 0)
        gt_link_release(gt_link_from(r->a));
}

static void a_release_wakes_the_reader(void **state)
{
    weather_rig *r = *state;
    gt_link_hold(gt_link_from(r->a));
    put(r->a, "held");

    gt_task_detach(gt_spawn(r->world, "hand", release_the_link_later, r));

    assert_read_at(r, r->b, GT_MS(20), "held");
}

/* ---- stalling ------------------------------------------------------------------------------ */

static void a_stall_delays_what_is_under_way(void **state)
{
    weather_rig *r = *state;
    gt_link_weather(gt_link_from(r->a), &(gt_weather){.latency = GT_MS(30)});
    put(r->a, "early ");
    pass(r, GT_MS(10));

    gt_link_stall(gt_link_from(r->a), GT_MS(200));
    pass(r, GT_MS(5));
    put(r->a, "late");

    assert_read_at(r, r->b, GT_MS(230), "early ");
    assert_read_at(r, r->b, GT_MS(240), "late");
}

static void a_stall_without_end_ends_by_release(void **state)
{
    weather_rig *r = *state;
    gt_link_stall(gt_link_from(r->a), GT_NEVER);
    put(r->a, "patience");
    pass(r, GT_SEC(3600));
    assert_readable(r->b, "");

    gt_link_release(gt_link_from(r->a));

    assert_readable(r->b, "patience");
}

static void a_stall_of_nothing_ends_one(void **state)
{
    weather_rig *r = *state;
    gt_link_stall(gt_link_from(r->a), GT_NEVER);
    put(r->a, "patience");

    gt_link_stall(gt_link_from(r->a), 0);

    assert_readable(r->b, "patience");
}

/* ---- deadlock ------------------------------------------------------------------------------ */

static void keep_failure(const gt_failure *failure, void *user)
{
    *(char **)user = gt__strdup(failure->text);
}

/* What the world says when the only thing to happen is kept from happening. */
static char *deadlock_after(void (*stop)(gt_link link))
{
    char *text = NULL, byte;
    size_t count;
    gt_conn *a, *b;
    gt_world *world = gt_world_new_at(
        &(gt_world_options){.on_failure = keep_failure, .on_failure_user = &text}, "a_test.c", 1);
    gt_pipe(world, 100, &a, &b);
    assert_int_equal(gt_sleep(world, GT_MS(3)), 0);
    stop(gt_link_from(a));
    put(a, "fourteen bytes");
    assert_int_equal(gt_sleep(world, GT_MS(1)), 0);
    assert_int_equal(gt_conn_read(b, NULL, &byte, 1, &count), GT_EDEADLOCK);
    gt_conn_free(a);
    gt_conn_free(b);
    gt_world_free(world);
    return text;
}

static void waiting_for_a_held_link_is_a_deadlock_and_the_report_says_so(void **state)
{
    (void)state;
    char *text = deadlock_after(gt_link_hold);
    assert_string_equal(text,
                        "deadlock at 4.000 ms: nothing can run and no timer is set\n"
                        "  task \"test\" (a_test.c:1) waits for bytes on pipe:1/b, since 4.000 ms\n"
                        "  link from pipe:1/a to pipe:1/b is held since 3.000 ms, 14 bytes in it");
    gt__free(text);
}

static void stall_for_ever(gt_link link)
{
    gt_link_stall(link, GT_NEVER);
}

static void so_is_waiting_for_one_that_stands_still(void **state)
{
    (void)state;
    char *text = deadlock_after(stall_for_ever);
    assert_non_null(strstr(
        text, "\n  link from pipe:1/a to pipe:1/b stands still since 3.000 ms, 14 bytes in it"));
    gt__free(text);
}

static void a_link_that_moves_on_is_not_mentioned(void **state)
{
    weather_rig *r = *state;
    gt_link_hold(gt_link_from(r->a));
    pass(r, GT_MS(1));
    gt_link_hold(gt_link_from(r->a));
    gt_link_stall(gt_link_to(r->a), GT_MS(5));
    char *before = gt_world_report(r->world);

    gt_link_release(gt_link_from(r->a));
    pass(r, GT_MS(5));
    char *after = gt_world_report(r->world);

    assert_non_null(strstr(before, "from pipe:1/a to pipe:1/b is held since 0.000 ms"));
    assert_non_null(strstr(before, "from pipe:1/b to pipe:1/a stands still since 1.000 ms"));
    assert_null(strstr(after, "link"));
    gt_free(before);
    gt_free(after);
}

/* ---- misuse -------------------------------------------------------------------------------- */

static void stall_backwards(void *end)
{
    gt_link_stall(gt_link_from(end), -1);
}

static void a_stall_of_less_than_nothing_is_misuse(void **state)
{
    weather_rig *r = *state;
    assert_dies(stall_backwards, r->a,
                "grpctest: gt_link_stall for -1 ns: time does not go back\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WEATHER_TEST(held_bytes_can_be_read_when_they_are_released),
        WEATHER_TEST(what_had_arrived_unread_is_held_too),
        WEATHER_TEST(a_held_link_takes_its_capacity_and_no_more),
        WEATHER_TEST(one_direction_is_held_and_the_other_goes_on),
        WEATHER_TEST(the_end_is_held_with_the_bytes),
        WEATHER_TEST(a_reset_is_held_too),
        WEATHER_TEST(a_release_wakes_the_reader),
        WEATHER_TEST(a_stall_delays_what_is_under_way),
        WEATHER_TEST(a_stall_without_end_ends_by_release),
        WEATHER_TEST(a_stall_of_nothing_ends_one),
        WEATHER_TEST(waiting_for_a_held_link_is_a_deadlock_and_the_report_says_so),
        WEATHER_TEST(so_is_waiting_for_one_that_stands_still),
        WEATHER_TEST(a_link_that_moves_on_is_not_mentioned),
        WEATHER_TEST(a_stall_of_less_than_nothing_is_misuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
