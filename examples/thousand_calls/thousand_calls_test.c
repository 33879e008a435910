/* Scenario S18: a thousand calls at once, whose answers come in an order of their own. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "thousand_calls.h"

#include <grpctest/cmocka.h>
#include <stdio.h>

static int setup(void **state)
{
    gt_cmocka_rig_setup(state);
    gt_rig *rig = *state;
    slow_greeter_serve(rig->server);
    return 0;
}

typedef struct collection {
    gt_world *world;
    int count;
    gt_time last;
} collection;

static void collect(void *user, int number, const char *greeting)
{
    collection *c = user;
    char expected[32];
    snprintf(expected, sizeof expected, "Hello %d", number);
    assert_string_equal(greeting, expected);
    GT_ASSERT_NOW(c->world, greeting_delay(number));
    assert_true(c->last < gt_now(c->world));
    c->last = gt_now(c->world);
    c->count++;
}

static void a_thousand_answers_are_collected_each_at_its_own_instant(void **state)
{
    gt_rig *rig = *state;
    collection c = {.world = rig->world};

    int ok = greet_a_thousand(rig->channel, collect, &c);

    assert_int_equal(ok, 1000);
    assert_int_equal(c.count, 1000);
    GT_ASSERT_NOW(rig->world, GT_SEC(1));
}

/* How many calls run at once at the server. */
typedef struct crowd {
    int now, most;
} crowd;

static int join_crowd(gt_interception *x)
{
    crowd *c = x->user;
    if (++c->now > c->most)
        c->most = c->now;
    int result = gt_next_handle(x);
    c->now--;
    return result;
}

static void ignore(void *user, int number, const char *greeting)
{
    (void)user, (void)number, (void)greeting;
}

static int most_at_once(uint32_t max_handlers, gt_duration *took)
{
    crowd c = {0};
    gt_interceptor counter = {.name = "crowd", .user = &c, .handle = join_crowd};
    gt_rig *rig = gt_rig_new(&(gt_rig_options){
        .world = {.on_failure = gt_cmocka_failure},
        .server = {.max_handlers = max_handlers, .interceptors = &counter, .interceptor_count = 1},
    });
    slow_greeter_serve(rig->server);
    assert_int_equal(greet_a_thousand(rig->channel, ignore, NULL), 1000);
    *took = gt_now(rig->world);
    gt_rig_free(rig);
    return c.most;
}

static void all_thousand_are_under_way_at_once(void **state)
{
    (void)state;
    gt_duration took;
    assert_int_equal(most_at_once(0, &took), 1000);
    assert_int_equal(took, GT_SEC(1));
}

/* One after the other they take 1 + 2 + ... + 1,000 ms. */
static void a_server_that_handles_one_at_a_time_still_answers_all(void **state)
{
    (void)state;
    gt_duration took;
    assert_int_equal(most_at_once(1, &took), 1);
    assert_int_equal(took, GT_MS(500500));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, gt_cmocka_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_thousand_answers_are_collected_each_at_its_own_instant),
        cmocka_unit_test(all_thousand_are_under_way_at_once),
        cmocka_unit_test(a_server_that_handles_one_at_a_time_still_answers_all),
    };
    return cmocka_run_group_tests_name("thousand_calls", tests, NULL, NULL);
}
