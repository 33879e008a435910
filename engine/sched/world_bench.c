/* What a world's own doings cost. Build with -DGRPCTEST_BENCH=ON -DCMAKE_BUILD_TYPE=Release. */
#include "sched.h"

#include <stdio.h>
#include <time.h>

enum { TURNS = 2000000, SPAWNS = 1000000, TIMERS = 100000, FIBERS = 20000 };

static double now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void tell(const char *what, double begin, double count)
{
    printf("%-56s %8.1f ns\n", what, (now_ns() - begin) / count);
}

static gt_world *new_world(void)
{
    return gt_world_new(&(gt_world_options){.steps_per_instant = UINT64_MAX});
}

/* ---- turns --------------------------------------------------------------------------------- */

static void yield_often(void *world)
{
    for (int i = 0; i < TURNS / 2; i++)
        gt_yield(world);
}

static void bench_yield(void)
{
    gt_world *world = new_world();
    gt_task *one = gt_spawn(world, "one", yield_often, world);
    gt_task *two = gt_spawn(world, "two", yield_often, world);
    double begin = now_ns();
    (void)!gt_task_join(one, NULL);
    (void)!gt_task_join(two, NULL);
    tell("a yield from task to task", begin, TURNS);
    gt_world_free(world);
}

static void bench_yield_of_test(void)
{
    gt_world *world = new_world();
    gt_task *one = gt_spawn(world, "one", yield_often, world);
    double begin = now_ns();
    for (int i = 0; i < TURNS / 2; i++)
        gt_yield(world);
    tell("a yield from the test to a task, or back", begin, TURNS);
    (void)!gt_task_join(one, NULL);
    gt_world_free(world);
}

typedef struct ball {
    gt_world *world;
    gt__waitq queues[2];
    int side;
    gt_time deadline;
} ball;

static void play(ball *b, int side)
{
    for (int i = 0; i < TURNS / 2; i++) {
        while (b->side != side)
            (void)!gt__wait(b->world, &b->queues[side], NULL, b->deadline, "the ball", NULL);
        b->side = !side;
        gt__wake_one(&b->queues[!side]);
    }
}

static void play_left(void *arg)
{
    play(arg, 0);
}

static void play_right(void *arg)
{
    play(arg, 1);
}

static void bench_ball(const char *what, gt_time deadline)
{
    ball b = {.world = new_world(), .deadline = deadline};
    gt__waitq_init(&b.queues[0]);
    gt__waitq_init(&b.queues[1]);
    gt_task *left = gt_spawn(b.world, "left", play_left, &b);
    gt_task *right = gt_spawn(b.world, "right", play_right, &b);
    double begin = now_ns();
    (void)!gt_task_join(left, NULL);
    (void)!gt_task_join(right, NULL);
    tell(what, begin, TURNS);
    gt_world_free(b.world);
}

static int runs;

static void run_again(gt__job *job)
{
    if (++runs < TURNS)
        gt__job_schedule(job);
}

static void bench_job(void)
{
    gt_world *world = new_world();
    gt__job job;
    gt__job_init(&job, world, run_again);
    gt__job_schedule(&job);
    double begin = now_ns();
    gt_settle(world);
    tell("a job", begin, TURNS);
    gt_world_free(world);
}

/* ---- tasks --------------------------------------------------------------------------------- */

static void do_nothing(void *arg)
{
    (void)arg;
}

static void bench_spawn(void)
{
    gt_world *world = new_world();
    double begin = now_ns();
    for (int i = 0; i < SPAWNS; i++)
        (void)!gt_task_join(gt_spawn(world, "short", do_nothing, NULL), NULL);
    tell("a spawn and join by the test", begin, SPAWNS);
    gt_world_free(world);
}

static void sleep_once(void *world)
{
    gt_sleep(world, GT_MS(1));
}

static void bench_fibers(void)
{
    gt_world *world = new_world();
    double begin = now_ns();
    for (int i = 0; i < FIBERS; i++)
        gt__spawn(world, "sleeper", sleep_once, world, "", 0);
    gt_run_until_idle(world);
    tell("each of 20,000 tasks that sleep at once", begin, FIBERS);
    gt_world_free(world);
}

/* ---- timers -------------------------------------------------------------------------------- */

static void ring(gt__timer *timer)
{
    (void)timer;
}

static void bench_timers(void)
{
    gt_world *world = new_world();
    gt__timer *timers = gt__calloc(TIMERS, sizeof(*timers));
    gt__random random;
    gt__random_init(&random, 1, "timers");
    double begin = now_ns();
    for (int i = 0; i < TIMERS; i++) {
        gt__timer_init(&timers[i], world, ring);
        gt__timer_set(&timers[i], (gt_time)gt__random_below(&random, GT_SEC(1)));
    }
    tell("to set one of 100,000 timers", begin, TIMERS);
    begin = now_ns();
    for (int i = 0; i < TIMERS; i++)
        gt__timer_set(&timers[i], (gt_time)gt__random_below(&random, GT_SEC(1)));
    tell("to set it again", begin, TIMERS);
    begin = now_ns();
    gt_run_until_idle(world);
    tell("to fire it", begin, TIMERS);
    gt__free(timers);
    gt_world_free(world);
}

static void bench_world(void)
{
    double begin = now_ns();
    for (int i = 0; i < SPAWNS / 10; i++) {
        gt_world *world = new_world();
        gt_settle(world);
        gt_world_free(world);
    }
    tell("a world, settled and freed", begin, SPAWNS / 10);
}

int main(void)
{
    bench_yield();
    bench_yield_of_test();
    bench_ball("a wait and wake from task to task", GT_NEVER);
    bench_ball("the same with a deadline", GT_SEC(1));
    bench_job();
    bench_spawn();
    bench_fibers();
    bench_timers();
    bench_world();
    return 0;
}
