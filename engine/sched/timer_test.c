#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world_fixture.h"

/* A timer that says its name when it fires. */
typedef struct alarm_clock {
    gt__timer timer;
    fixture *f;
    const char *name;
} alarm_clock;

static void say_name(gt__timer *timer)
{
    alarm_clock *a = gt__container_of(timer, alarm_clock, timer);
    say(a->f, a->name);
}

static void init(alarm_clock *a, fixture *f, const char *name)
{
    *a = (alarm_clock){.f = f, .name = name};
    gt__timer_init(&a->timer, f->world, say_name);
}

static void timers_fire_in_order_of_time_then_of_setting(void **state)
{
    (void)state;
    fixture f;
    alarm_clock a, b, c;
    open_world(&f, NULL);
    init(&a, &f, "a");
    init(&b, &f, "b");
    init(&c, &f, "c");
    gt__timer_set(&c.timer, GT_MS(1));
    gt__timer_set(&b.timer, GT_MS(2));
    gt__timer_set(&a.timer, GT_MS(1));
    assert_int_equal(gt_run_until_idle(f.world), 0);
    assert_said(&f, "c@1 a@1 b@2 ");
    close_well(&f);
}

static void setting_again_moves_a_timer(void **state)
{
    (void)state;
    fixture f;
    alarm_clock a;
    open_world(&f, NULL);
    init(&a, &f, "a");
    gt__timer_set(&a.timer, GT_MS(5));
    gt__timer_set(&a.timer, GT_MS(9));
    assert_int_equal(gt_run_until_idle(f.world), 0);
    assert_said(&f, "a@9 ");
    gt__timer_set(&a.timer, GT_MS(20));
    gt__timer_set(&a.timer, GT_MS(10));
    assert_int_equal(gt_run_until_idle(f.world), 0);
    assert_said(&f, "a@10 ");
    close_well(&f);
}

static void a_stopped_timer_does_not_fire(void **state)
{
    (void)state;
    fixture f;
    alarm_clock a;
    open_world(&f, NULL);
    init(&a, &f, "a");
    assert_false(gt__timer_is_set(&a.timer));
    gt__timer_set(&a.timer, GT_MS(5));
    assert_true(gt__timer_is_set(&a.timer));
    gt__timer_stop(&a.timer);
    gt__timer_stop(&a.timer);
    assert_false(gt__timer_is_set(&a.timer));
    assert_int_equal(gt_run_until_idle(f.world), 0);
    assert_int_equal(gt_now(f.world), 0);
    assert_said(&f, "");
    close_well(&f);
}

static void a_timer_in_the_past_fires_at_this_instant_yet_not_at_once(void **state)
{
    (void)state;
    fixture f;
    alarm_clock a;
    open_world(&f, NULL);
    assert_int_equal(gt_advance(f.world, GT_MS(7)), 0);
    init(&a, &f, "a");
    gt__timer_set(&a.timer, GT_MS(3));
    assert_said(&f, "");
    assert_int_equal(gt_settle(f.world), 0);
    assert_said(&f, "a@7 ");
    close_well(&f);
}

static void a_due_timer_can_still_be_stopped(void **state)
{
    (void)state;
    fixture f;
    alarm_clock a;
    open_world(&f, NULL);
    init(&a, &f, "a");
    gt__timer_set(&a.timer, 0);
    assert_true(gt__timer_is_set(&a.timer));
    gt__timer_stop(&a.timer);
    assert_false(gt__timer_is_set(&a.timer));
    assert_int_equal(gt_settle(f.world), 0);
    assert_said(&f, "");
    close_well(&f);
}

static void a_timer_set_for_never_is_not_set(void **state)
{
    (void)state;
    fixture f;
    alarm_clock a;
    open_world(&f, NULL);
    init(&a, &f, "a");
    gt__timer_set(&a.timer, GT_MS(1));
    gt__timer_set(&a.timer, GT_NEVER);
    assert_false(gt__timer_is_set(&a.timer));
    assert_int_equal(gt_run_until_idle(f.world), 0);
    assert_int_equal(gt_now(f.world), 0);
    close_well(&f);
}

enum { MANY = 100000 };

typedef struct counting {
    gt__timer timer;
    gt_time *last;
    size_t *fired;
} counting;

static void count(gt__timer *timer)
{
    counting *c = gt__container_of(timer, counting, timer);
    assert_true(timer->when >= *c->last);
    *c->last = timer->when;
    ++*c->fired;
}

static counting *set_many(gt_world *world, gt_time *last, size_t *fired)
{
    gt__random random;
    counting *all = gt__calloc(MANY, sizeof(*all));
    gt__random_init(&random, 1, "many timers");
    for (size_t i = 0; i < MANY; i++) {
        all[i].last = last;
        all[i].fired = fired;
        gt__timer_init(&all[i].timer, world, count);
        gt__timer_set(&all[i].timer, (gt_time)gt__random_below(&random, 10000));
    }
    return all;
}

static void a_hundred_thousand_timers_fire_in_order(void **state)
{
    (void)state;
    fixture f;
    gt_time last = 0;
    size_t fired = 0;
    open_world(&f, NULL);
    counting *all = set_many(f.world, &last, &fired);
    assert_int_equal(gt_run_until_idle(f.world), 0);
    assert_int_equal(fired, MANY);
    gt__free(all);
    close_well(&f);
}

static void of_a_hundred_thousand_any_can_be_stopped(void **state)
{
    (void)state;
    fixture f;
    gt_time last = 0;
    size_t fired = 0;
    open_world(&f, NULL);
    counting *all = set_many(f.world, &last, &fired);
    for (size_t i = 0; i < MANY; i += 3)
        gt__timer_stop(&all[i].timer);
    assert_int_equal(gt_run_until_idle(f.world), 0);
    assert_int_equal(fired, MANY - (MANY + 2) / 3);
    gt__free(all);
    close_well(&f);
}

static void an_instant_is_never_added_past_either_end(void **state)
{
    (void)state;
    assert_int_equal(gt__time_add(5, GT_MS(1)), 1000005);
    assert_int_equal(gt__time_add(5, -7), -2);
    assert_int_equal(gt__time_add(GT_NEVER - 5, 6), GT_NEVER);
    assert_int_equal(gt__time_add(INT64_MIN + 5, -6), INT64_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_fire_in_order_of_time_then_of_setting),
        cmocka_unit_test(setting_again_moves_a_timer),
        cmocka_unit_test(a_stopped_timer_does_not_fire),
        cmocka_unit_test(a_timer_in_the_past_fires_at_this_instant_yet_not_at_once),
        cmocka_unit_test(a_due_timer_can_still_be_stopped),
        cmocka_unit_test(a_timer_set_for_never_is_not_set),
        cmocka_unit_test(a_hundred_thousand_timers_fire_in_order),
        cmocka_unit_test(of_a_hundred_thousand_any_can_be_stopped),
        cmocka_unit_test(an_instant_is_never_added_past_either_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
