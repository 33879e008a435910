#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run_queue.h"

enum { JOBS = 200 };

/* Jobs that are told apart by their ids, 0 and up. */
typedef struct crowd {
    gt__run_queue queue;
    gt__job jobs[JOBS];
} crowd;

static void gather(crowd *c, uint64_t seed)
{
    gt__run_queue_init(&c->queue, seed);
    for (uint32_t i = 0; i < JOBS; i++)
        c->jobs[i] = (gt__job){.id = i};
}

static void push(crowd *c, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++)
        gt__run_queue_push(&c->queue, &c->jobs[i]);
}

static void assert_pops(crowd *c, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++) {
        gt__job *job = gt__run_queue_pop(&c->queue);
        assert_non_null(job);
        assert_int_equal(job->id, i);
        assert_int_equal(job->slot, 0);
    }
}

static void assert_empty(crowd *c)
{
    assert_null(gt__run_queue_pop(&c->queue));
    gt__run_queue_cleanup(&c->queue);
}

static void without_a_seed_the_first_in_is_the_first_out(void **state)
{
    (void)state;
    crowd c;
    gather(&c, 0);
    push(&c, 0, JOBS);
    assert_pops(&c, 0, JOBS);
    assert_empty(&c);
}

static void order_outlasts_growth_around_the_end_of_the_ring(void **state)
{
    (void)state;
    crowd c;
    gather(&c, 0);
    push(&c, 0, 40);
    assert_pops(&c, 0, 30);
    push(&c, 40, 190);
    assert_pops(&c, 30, 190);
    assert_empty(&c);
}

static void a_removed_job_is_passed_over(void **state)
{
    (void)state;
    crowd c;
    gather(&c, 0);
    push(&c, 0, 5);
    gt__run_queue_remove(&c.queue, &c.jobs[0]);
    gt__run_queue_remove(&c.queue, &c.jobs[2]);
    gt__run_queue_remove(&c.queue, &c.jobs[4]);
    assert_pops(&c, 1, 2);
    assert_pops(&c, 3, 4);
    assert_empty(&c);
}

static void a_removed_job_can_be_queued_again_at_the_end(void **state)
{
    (void)state;
    crowd c;
    gather(&c, 0);
    push(&c, 0, 3);
    gt__run_queue_remove(&c.queue, &c.jobs[0]);
    gt__run_queue_push(&c.queue, &c.jobs[0]);
    assert_pops(&c, 1, 3);
    assert_pops(&c, 0, 1);
    assert_empty(&c);
}

static void coming_and_going_does_not_make_the_ring_grow(void **state)
{
    (void)state;
    crowd c;
    gather(&c, 0);
    for (int i = 0; i < 10000; i++) {
        push(&c, 0, 10);
        for (uint32_t k = 0; k < 10; k++)
            gt__run_queue_remove(&c.queue, &c.jobs[k]);
    }
    assert_int_equal(c.queue.capacity, 64);
    assert_empty(&c);
}

/* Pops all and adds up what came; each of JOBS must come once. */
static void assert_pops_each_once(crowd *c, uint32_t count)
{
    bool seen[JOBS] = {false};
    for (uint32_t i = 0; i < count; i++) {
        gt__job *job = gt__run_queue_pop(&c->queue);
        assert_non_null(job);
        assert_false(seen[job->id]);
        seen[job->id] = true;
    }
}

static void with_a_seed_each_job_comes_once(void **state)
{
    (void)state;
    crowd c;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        gather(&c, seed);
        push(&c, 0, JOBS);
        assert_pops_each_once(&c, JOBS);
        assert_empty(&c);
    }
}

static void seeds_bring_every_order_equally_often(void **state)
{
    (void)state;
    crowd c;
    int counts[27] = {0};
    for (uint64_t seed = 1; seed <= 6000; seed++) {
        gather(&c, seed);
        push(&c, 0, 3);
        int order = 0;
        for (int i = 0; i < 3; i++)
            order = order * 3 + (int)gt__run_queue_pop(&c.queue)->id;
        counts[order]++;
        assert_empty(&c);
    }
    const int orders[] = {5, 7, 11, 15, 19, 21}; /* 012 021 102 120 201 210, read in base 3 */
    for (int i = 0; i < 6; i++)
        assert_in_range(counts[orders[i]], 850, 1150);
}

static void with_a_seed_those_behind_come_after_all_others(void **state)
{
    (void)state;
    crowd c;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        gather(&c, seed);
        push(&c, 0, 5);
        gt__run_queue_push_behind(&c.queue, &c.jobs[5]);
        push(&c, 6, 9);
        for (int i = 0; i < 8; i++)
            assert_int_not_equal(gt__run_queue_pop(&c.queue)->id, 5);
        assert_pops(&c, 5, 6);
        assert_empty(&c);
    }
}

static void with_a_seed_any_job_can_be_removed(void **state)
{
    (void)state;
    crowd c;
    for (uint32_t gone = 0; gone < 7; gone++) {
        gather(&c, 9);
        push(&c, 0, 4);
        for (uint32_t i = 4; i < 7; i++)
            gt__run_queue_push_behind(&c.queue, &c.jobs[i]);
        gt__run_queue_remove(&c.queue, &c.jobs[gone]);
        assert_int_equal(c.jobs[gone].slot, 0);
        c.jobs[gone].id = JOBS; /* would be out of bounds */
        assert_pops_each_once(&c, 6);
        assert_empty(&c);
    }
}

static void with_a_seed_jobs_are_removed_one_after_the_other(void **state)
{
    (void)state;
    crowd c;
    gather(&c, 9);
    push(&c, 0, 50);
    for (uint32_t i = 0; i < 50; i += 2)
        gt__run_queue_remove(&c.queue, &c.jobs[(i * 7) % 50]);
    for (int i = 0; i < 25; i++)
        assert_int_equal(gt__run_queue_pop(&c.queue)->id % 2, 1);
    assert_empty(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_seed_the_first_in_is_the_first_out),
        cmocka_unit_test(order_outlasts_growth_around_the_end_of_the_ring),
        cmocka_unit_test(a_removed_job_is_passed_over),
        cmocka_unit_test(a_removed_job_can_be_queued_again_at_the_end),
        cmocka_unit_test(coming_and_going_does_not_make_the_ring_grow),
        cmocka_unit_test(with_a_seed_each_job_comes_once),
        cmocka_unit_test(seeds_bring_every_order_equally_often),
        cmocka_unit_test(with_a_seed_those_behind_come_after_all_others),
        cmocka_unit_test(with_a_seed_any_job_can_be_removed),
        cmocka_unit_test(with_a_seed_jobs_are_removed_one_after_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
