#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world_fixture.h"

#include "engine/core/death_test.h"

#include <stdlib.h>

/* ---- jobs ---------------------------------------------------------------------------------- */

typedef struct errand {
    gt__job job;
    fixture *f;
    const char *name;
    int again; /* how often it schedules itself */
} errand;

static void run_errand(gt__job *job)
{
    errand *e = gt__container_of(job, errand, job);
    assert_null(gt_task_current(e->f->world));
    say(e->f, e->name);
    if (e->again-- > 0)
        gt__job_schedule(job);
}

static void init(errand *e, fixture *f, const char *name)
{
    *e = (errand){.f = f, .name = name};
    gt__job_init(&e->job, f->world, run_errand);
}

static void jobs_and_tasks_share_one_order(void **state)
{
    (void)state;
    fixture f;
    errand a, c;
    sleeper b = {&f, "b", 0, 0};
    open_world(&f, NULL);
    init(&a, &f, "a");
    init(&c, &f, "c");
    gt__job_schedule(&a.job);
    gt_task_detach(spawn_sleeper(&b));
    gt__job_schedule(&c.job);
    assert_int_equal(gt_settle(f.world), 0);
    assert_said(&f, "a@0 b@0 c@0 ");
    close_well(&f);
}

static void a_job_is_queued_once_and_may_queue_itself_again(void **state)
{
    (void)state;
    fixture f;
    errand a;
    open_world(&f, NULL);
    init(&a, &f, "a");
    a.again = 2;
    gt__job_schedule(&a.job);
    gt__job_schedule(&a.job);
    assert_true(gt__job_queued(&a.job));
    assert_int_equal(gt_settle(f.world), 0);
    assert_said(&f, "a@0 a@0 a@0 ");
    assert_false(gt__job_queued(&a.job));
    close_well(&f);
}

static void a_cancelled_job_does_not_run(void **state)
{
    (void)state;
    fixture f;
    errand a;
    open_world(&f, NULL);
    init(&a, &f, "a");
    gt__job_cancel(&a.job);
    gt__job_schedule(&a.job);
    gt__job_cancel(&a.job);
    assert_int_equal(gt_settle(f.world), 0);
    assert_said(&f, "");
    close_well(&f);
}

static void spawn_from_job(gt__job *job)
{
    errand *e = gt__container_of(job, errand, job);
    static sleeper late;
    late = (sleeper){e->f, e->name, 0, 0};
    gt_task_detach(spawn_sleeper(&late));
}

static void a_callback_may_spawn(void **state)
{
    (void)state;
    fixture f;
    errand a;
    open_world(&f, NULL);
    init(&a, &f, "late");
    a.job.run = spawn_from_job;
    gt__job_schedule(&a.job);
    assert_int_equal(gt_settle(f.world), 0);
    assert_said(&f, "late@0 ");
    close_well(&f);
}

/* ---- order under seeds --------------------------------------------------------------------- */

/* Three tasks that each sleep, yield and sleep again: what they say, in `order`, and the digest. */
static void step_and_say(void *arg)
{
    sleeper *s = arg;
    say(s->f, s->name);
    assert_int_equal(gt_sleep(s->f->world, GT_MS(1)), 0);
    say(s->f, s->name);
    assert_int_equal(gt_yield(s->f->world), 0);
    say(s->f, s->name);
}

static uint64_t run_three(uint64_t seed, char order[64])
{
    fixture f;
    sleeper sleepers[] = {{&f, "a", 0, 0}, {&f, "b", 0, 0}, {&f, "c", 0, 0}};
    open_world(&f, &(gt_world_options){.seed = seed});
    for (size_t i = 0; i < 3; i++)
        gt_task_detach(gt_spawn(f.world, "task", step_and_say, &sleepers[i]));
    assert_int_equal(gt_run_until_idle(f.world), 0);
    uint64_t digest = gt_world_digest(f.world);
    snprintf(order, 64, "%s", (const char *)f.log.data);
    close_well(&f);
    return digest;
}

static void without_a_seed_order_is_first_in_first_out(void **state)
{
    (void)state;
    char order[64];
    run_three(0, order);
    assert_string_equal(order, "a@0 b@0 c@0 a@1 b@1 c@1 a@1 b@1 c@1 ");
}

static void equal_seeds_give_equal_orders_and_digests(void **state)
{
    (void)state;
    char one[64], two[64];
    for (uint64_t seed = 0; seed < 1000; seed++) {
        uint64_t digest = run_three(seed, one);
        assert_int_equal(run_three(seed, two), digest);
        assert_string_equal(one, two);
    }
}

/* The bits of an order: does a come before b, a before c, b before c, at each of two moments? */
static unsigned ranks(const char *order)
{
    unsigned bits = 0;
    for (const char *part = order; part < order + 24; part += 12) {
        long a = 0, b = 0, c = 0;
        for (long i = 0; i < 3; i++) {
            char name = part[i * 4];
            *(name == 'a' ? &a : name == 'b' ? &b : &c) = i;
        }
        bits = bits << 3 | (unsigned)(a < b) << 2 | (unsigned)(a < c) << 1 | (unsigned)(b < c);
    }
    return bits;
}

static void a_thousand_seeds_bring_all_orders(void **state)
{
    (void)state;
    bool seen[64] = {false};
    int count = 0;
    char order[64];
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        run_three(seed, order);
        unsigned now = ranks(order);
        count += !seen[now];
        seen[now] = true;
    }
    assert_int_equal(count, 6 * 6); /* of the starts and of what follows one instant later */
}

static void different_orders_have_different_digests(void **state)
{
    (void)state;
    char first[64], order[64];
    uint64_t digest = run_three(1, first);
    for (uint64_t seed = 2; seed <= 100; seed++)
        if (run_three(seed, order) == digest)
            assert_string_equal(order, first);
}

static void a_yield_passes_the_turn_under_every_seed(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        fixture f;
        sleeper others[] = {{&f, "a", 0, 0}, {&f, "b", 0, 0}};
        open_world(&f, &(gt_world_options){.seed = seed});
        gt_task *a = spawn_sleeper(&others[0]), *b = spawn_sleeper(&others[1]);
        assert_int_equal(gt_yield(f.world), 0);
        assert_true(gt_task_done(a) && gt_task_done(b));
        join(a);
        join(b);
        close_well(&f);
    }
}

static void what_is_folded_in_changes_the_digest(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    uint64_t before = gt_world_digest(f.world);
    gt__world_fold(f.world, 1);
    uint64_t after = gt_world_digest(f.world);
    assert_int_not_equal(before, after);
    close_well(&f);
}

/* ---- the seed from the environment --------------------------------------------------------- */

static uint64_t seed_under(const char *text, uint64_t option)
{
    setenv("GRPCTEST_SEED", text, 1);
    gt_world *world = gt_world_new(&(gt_world_options){.seed = option});
    uint64_t seed = gt_world_seed(world);
    gt_world_free(world);
    unsetenv("GRPCTEST_SEED");
    return seed;
}

static void the_environment_gives_the_seed_unless_an_option_does(void **state)
{
    (void)state;
    assert_int_equal(seed_under("42", 0), 42);
    assert_int_equal(seed_under("010", 0), 10);
    assert_int_equal(seed_under("0xFf", 0), 255);
    assert_int_equal(seed_under("0X1e", 0), 30);
    assert_true(seed_under("18446744073709551615", 0) == UINT64_MAX);
    assert_int_equal(seed_under("0", 0), 0);
    assert_int_equal(seed_under("42", 7), 7);
    assert_int_equal(seed_under("42", GT_NO_SEED), 0);
}

static void make_world_under(void *seed)
{
    setenv("GRPCTEST_SEED", seed, 1);
    gt_world_free(gt_world_new(NULL));
}

static void a_malformed_seed_is_misuse(void **state)
{
    (void)state;
    char seeds[][24] = {"",
                        "x",
                        "0x",
                        "12a",
                        " 12",
                        "-1",
                        "+1",
                        "0x1g",
                        "1.5",
                        "1e3",
                        "0x-1",
                        "12 ",
                        "18446744073709551616"};
    for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
        char expected[512];
        snprintf(expected, sizeof expected,
                 "grpctest: GRPCTEST_SEED is \"%s\", which is no number of 64 bits, decimal or 0x "
                 "hex\n",
                 seeds[i]);
        assert_dies(make_world_under, seeds[i], expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_and_tasks_share_one_order),
        cmocka_unit_test(a_job_is_queued_once_and_may_queue_itself_again),
        cmocka_unit_test(a_cancelled_job_does_not_run),
        cmocka_unit_test(a_callback_may_spawn),
        cmocka_unit_test(without_a_seed_order_is_first_in_first_out),
        cmocka_unit_test(equal_seeds_give_equal_orders_and_digests),
        cmocka_unit_test(a_thousand_seeds_bring_all_orders),
        cmocka_unit_test(different_orders_have_different_digests),
        cmocka_unit_test(a_yield_passes_the_turn_under_every_seed),
        cmocka_unit_test(what_is_folded_in_changes_the_digest),
        cmocka_unit_test(the_environment_gives_the_seed_unless_an_option_does),
        cmocka_unit_test(a_malformed_seed_is_misuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
