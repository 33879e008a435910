#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The real clock. Nothing here sleeps to let something happen: it waits for it. */

#include "world_fixture.h"

#include "engine/core/death_test.h"
#include "fiber_tools.h"

#include <pthread.h>
#include <sys/time.h>
#include <unistd.h>

typedef struct outside {
    fixture f;
    int ends[2]; /* of a pipe: to read from, to write to */
} outside;

static void open_outside(outside *o, const gt_world_options *options)
{
    gt_world_options own = options ? *options : (gt_world_options){0};
    own.clock = GT_CLOCK_REAL;
    open_world(&o->f, &own);
    assert_int_equal(pipe(o->ends), 0);
}

static void shut_end(int *end)
{
    if (*end >= 0)
        close(*end);
    *end = -1;
}

static void close_outside(outside *o)
{
    shut_end(&o->ends[0]);
    shut_end(&o->ends[1]);
    close_well(&o->f);
}

static void put_byte(outside *o)
{
    assert_int_equal(write(o->ends[1], "x", 1), 1);
}

static void take_byte(outside *o)
{
    char byte;
    assert_int_equal(read(o->ends[0], &byte, 1), 1);
}

/* ---- time
 * ---------------------------------------------------------------------------------------- */

static void real_time_moves_by_itself(void **state)
{
    (void)state;
    outside o;
    open_outside(&o, NULL);
    gt_time begin = gt_now(o.f.world);
    assert_true(begin >= 0);
    while (gt_now(o.f.world) == begin)
        ;
    assert_true(gt_now(o.f.world) > begin);
    close_outside(&o);
}

static void a_sleep_takes_at_least_its_time(void **state)
{
    (void)state;
    outside o;
    open_outside(&o, NULL);
    gt_time begin = gt_now(o.f.world);
    assert_int_equal(gt_sleep(o.f.world, GT_MS(3)), 0);
    assert_true(gt_now(o.f.world) - begin >= GT_MS(3));
    begin = gt_now(o.f.world);
    assert_int_equal(gt_advance(o.f.world, GT_MS(3)), 0);
    assert_true(gt_now(o.f.world) - begin >= GT_MS(3));
    close_outside(&o);
}

static void append_name(void *arg)
{
    sleeper *s = arg;
    assert_int_equal(gt_sleep(s->f->world, s->duration), 0);
    gt__buffer_add_text(&s->f->log, s->name);
}

static void sleepers_wake_in_order_of_time(void **state)
{
    (void)state;
    outside o;
    open_outside(&o, NULL);
    /* Far apart: a busy machine may hold the thread up before the second one falls asleep. */
    sleeper a = {&o.f, "a", GT_MS(200), 0}, b = {&o.f, "b", GT_MS(1), 0};
    gt_task *first = gt_spawn(o.f.world, "a", append_name, &a);
    gt_task *second = gt_spawn(o.f.world, "b", append_name, &b);
    join(first);
    join(second);
    assert_said(&o.f, "ba");
    close_outside(&o);
}

/* ---- posts --------------------------------------------------------------------------------- */

enum { POSTERS = 4, POSTS = 500 };

typedef struct poster {
    gt_world *world;
    gt_event *all_there;
    pthread_t home, thread;
    size_t next, *arrived;
    struct numbered {
        struct poster *poster;
        size_t number;
    } posts[POSTS];
} poster;

static void receive(void *arg)
{
    struct numbered *post = arg;
    poster *p = post->poster;
    assert_true(pthread_equal(pthread_self(), p->home));
    assert_null(gt_task_current(p->world));
    assert_int_equal(post->number, p->next);
    p->next++;
    if (++*p->arrived == POSTERS * POSTS)
        gt_event_raise(p->all_there);
}

static void *post_all(void *arg)
{
    poster *p = arg;
    for (size_t i = 0; i < POSTS; i++) {
        p->posts[i] = (struct numbered){p, i};
        gt_world_post(p->world, receive, &p->posts[i]);
    }
    return NULL;
}

static void posts_of_each_thread_arrive_in_order_on_the_worlds_own(void **state)
{
    (void)state;
    static poster posters[POSTERS];
    outside o;
    size_t arrived = 0;
    open_outside(&o, NULL);
    gt_event *all_there = gt_event_new(o.f.world);
    for (int i = 0; i < POSTERS; i++) {
        poster *p = &posters[i];
        *p = (poster){.world = o.f.world, .all_there = all_there, .arrived = &arrived};
        p->home = pthread_self();
        assert_int_equal(pthread_create(&p->thread, NULL, post_all, p), 0);
    }
    assert_int_equal(gt_event_wait(all_there, NULL), 0);
    assert_int_equal(arrived, POSTERS * POSTS);
    for (int i = 0; i < POSTERS; i++)
        pthread_join(posters[i].thread, NULL);
    gt_event_free(all_there);
    close_outside(&o);
}

static void say_posted(void *arg)
{
    gt__buffer_add_text(&((fixture *)arg)->log, "posted ");
}

static void post_again(void *arg)
{
    fixture *f = arg;
    gt__buffer_add_text(&f->log, "first ");
    gt_world_post(f->world, say_posted, f);
}

static void a_post_may_post(void **state)
{
    (void)state;
    outside o;
    open_outside(&o, NULL);
    gt_world_post(o.f.world, post_again, &o.f);
    while (!o.f.log.data || strcmp((char *)o.f.log.data, "first posted ") != 0)
        assert_int_equal(gt_settle(o.f.world), 0);
    assert_said(&o.f, "first posted ");
    close_outside(&o);
}

static void what_was_posted_before_the_end_still_runs(void **state)
{
    (void)state;
    outside o;
    open_outside(&o, NULL);
    gt_world_post(o.f.world, say_posted, &o.f);
    gt_world_free(o.f.world);
    assert_said(&o.f, "posted ");
    o.f.world = NULL;
    close_outside(&o);
}

static void after_a_failure_posts_are_dropped(void **state)
{
    (void)state;
    outside o;
    open_outside(&o, NULL);
    gt_world_post(o.f.world, say_posted, &o.f);
    gt_world_fail(o.f.world, "it failed");
    gt_world_free(o.f.world);
    assert_said(&o.f, "");
    o.f.world = NULL;
    o.f.failures = 0;
    close_outside(&o);
}

/* ---- waiting for descriptors
 * ---------------------------------------------------------------------- */

static void put_a_byte_later(void *arg)
{
    outside *o = arg;
    assert_int_equal(gt_sleep(o->f.world, GT_MS(1)), 0);
    put_byte(o);
}

static void a_task_waits_until_a_descriptor_is_readable(void **state)
{
    (void)state;
    outside o;
    open_outside(&o, NULL);
    gt_task *task = gt_spawn(o.f.world, "puts", put_a_byte_later, &o);
    assert_int_equal(gt_wait_fd(o.f.world, NULL, GT_NEVER, o.ends[0], GT_READABLE), GT_READABLE);
    take_byte(&o);
    join(task);
    close_outside(&o);
}

static void it_is_told_what_the_descriptor_is_ready_for(void **state)
{
    (void)state;
    outside o;
    int both = GT_READABLE | GT_WRITABLE;
    open_outside(&o, NULL);
    assert_int_equal(gt_wait_fd(o.f.world, NULL, GT_NEVER, o.ends[1], both), GT_WRITABLE);
    put_byte(&o);
    assert_int_equal(gt_wait_fd(o.f.world, NULL, GT_NEVER, o.ends[0], GT_READABLE), GT_READABLE);
    close_outside(&o);
}

static void the_end_of_the_other_side_is_readable(void **state)
{
    (void)state;
    outside o;
    open_outside(&o, NULL);
    shut_end(&o.ends[1]);
    assert_int_equal(gt_wait_fd(o.f.world, NULL, GT_NEVER, o.ends[0], GT_READABLE), GT_READABLE);
    close_outside(&o);
}

static void a_wait_for_a_descriptor_ends_at_its_deadline_or_with_its_context(void **state)
{
    (void)state;
    outside o;
    open_outside(&o, NULL);
    gt_world *world = o.f.world;
    gt_context *root = gt_context_background(world);
    gt_context *context = gt_context_with_timeout(root, GT_MS(1));
    gt_time deadline = gt_now(world) + GT_MS(1);
    assert_int_equal(gt_wait_fd(world, NULL, deadline, o.ends[0], GT_READABLE), GT_ETIMEDOUT);
    assert_true(gt_now(world) >= deadline);
    assert_int_equal(gt_wait_fd(world, context, GT_NEVER, o.ends[0], GT_READABLE), GT_ETIMEDOUT);
    gt_context_free(context);
    gt_context_free(root);
    close_outside(&o);
}

static void wait_for_byte(void *arg)
{
    outside *o = arg;
    assert_int_equal(gt_wait_fd(o->f.world, NULL, GT_NEVER, o->ends[0], GT_READABLE),
                     GT_ECANCELLED);
}

static void the_end_of_the_world_cancels_a_wait_for_a_descriptor(void **state)
{
    (void)state;
    outside o;
    open_outside(&o, NULL);
    gt_task_detach(gt_spawn(o.f.world, "waits", wait_for_byte, &o));
    assert_int_equal(gt_settle(o.f.world), 0);
    close_outside(&o);
}

/* ---- sources
 * ------------------------------------------------------------------------------------- */

typedef struct listener {
    gt__source source;
    outside *o;
    int calls, until; /* it stops itself after so many; 0: never */
    gt__source *other;
} listener;

static void count_call(gt__source *source, int what)
{
    listener *l = gt__container_of(source, listener, source);
    assert_null(gt_task_current(l->o->f.world));
    assert_true(what & (GT_READABLE | GT_WRITABLE));
    l->calls++;
    if (l->other)
        gt__source_stop(l->other);
    if (l->calls == l->until)
        gt__source_stop(source);
}

static void listen(listener *l, outside *o, int end, int interest)
{
    gt__source_start(&l->source, o->f.world, o->ends[end], interest, count_call);
    l->o = o;
    l->calls = l->until = 0;
    l->other = NULL;
}

static void a_source_calls_as_long_as_its_descriptor_is_ready(void **state)
{
    (void)state;
    outside o;
    listener l;
    open_outside(&o, NULL);
    listen(&l, &o, 0, GT_READABLE);
    assert_int_equal(gt_settle(o.f.world), 0);
    assert_int_equal(l.calls, 0);
    l.until = 3;
    put_byte(&o);
    assert_int_equal(gt_settle(o.f.world), 0);
    assert_int_equal(l.calls, 3);
    close_outside(&o);
}

static void a_source_without_interest_is_quiet(void **state)
{
    (void)state;
    outside o;
    listener l;
    open_outside(&o, NULL);
    put_byte(&o);
    listen(&l, &o, 0, 0);
    assert_int_equal(gt_settle(o.f.world), 0);
    assert_int_equal(l.calls, 0);
    l.until = 1;
    gt__source_set(&l.source, GT_READABLE);
    assert_int_equal(gt_settle(o.f.world), 0);
    assert_int_equal(l.calls, 1);
    close_outside(&o);
}

static void a_source_may_stop_another_that_is_ready_too(void **state)
{
    (void)state;
    outside o;
    listener a, b;
    open_outside(&o, NULL);
    put_byte(&o);
    listen(&a, &o, 0, GT_READABLE);
    listen(&b, &o, 1, GT_WRITABLE);
    a.until = b.until = 1;
    a.other = &b.source;
    b.other = &a.source;
    assert_int_equal(gt_settle(o.f.world), 0);
    assert_int_equal(a.calls + b.calls, 1);
    close_outside(&o);
}

static void many_sources_come_and_go(void **state)
{
    (void)state;
    outside o;
    listener many[100];
    open_outside(&o, NULL);
    put_byte(&o);
    for (int i = 0; i < 100; i++) {
        listen(&many[i], &o, 0, GT_READABLE);
        many[i].until = 1;
    }
    for (int i = 0; i < 100; i += 3)
        gt__source_stop(&many[i].source);
    assert_int_equal(gt_settle(o.f.world), 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(many[i].calls, i % 3 ? 1 : 0);
    close_outside(&o);
}

static void a_source_that_is_always_ready_does_not_keep_the_world_from_ending(void **state)
{
    (void)state;
    outside o;
    listener l;
    open_outside(&o, NULL);
    put_byte(&o);
    listen(&l, &o, 0, GT_READABLE);
    close_outside(&o);
    assert_in_range(l.calls, 1, 2);
}

static void busy_tasks_do_not_keep_descriptors_and_timers_from_being_seen(void **state)
{
    (void)state;
    outside o;
    listener l;
    open_outside(&o, NULL);
    listen(&l, &o, 0, GT_READABLE);
    l.until = 1;
    put_byte(&o);
    while (l.calls == 0)
        assert_int_equal(gt_yield(o.f.world), 0);
    sleeper s = {&o.f, "a", GT_MS(1), 0};
    gt_task *task = spawn_sleeper(&s);
    while (!gt_task_done(task))
        assert_int_equal(gt_yield(o.f.world), 0);
    join(task);
    close_outside(&o);
}

/* ---- patience
 * ------------------------------------------------------------------------------------ */

static void patience_ends_a_wait_in_which_nothing_happens(void **state)
{
    (void)state;
    outside o;
    open_outside(&o, &(gt_world_options){.patience = GT_MS(5)});
    assert_int_equal(gt_wait_fd(o.f.world, NULL, GT_NEVER, o.ends[0], GT_READABLE), GT_EDEADLOCK);
    assert_true(gt_now(o.f.world) >= GT_MS(5));
    assert_int_equal(o.f.failures, 1);
    assert_non_null(strstr(o.f.text, "ms: nothing has happened for "));
    assert_non_null(strstr(o.f.text, "\n  task \"test\" (test.c:1) waits for a file descriptor"));
    o.f.failures = 0;
    close_outside(&o);
}

static void what_the_test_computes_does_not_use_up_patience(void **state)
{
    (void)state;
    outside o;
    open_outside(&o, &(gt_world_options){.patience = GT_MS(20)});
    gt_event *event = gt_event_new(o.f.world);
    gt_world_expect_deadlock(o.f.world, true);
    gt_time begin = gt_now(o.f.world);
    while (gt_now(o.f.world) < begin + GT_MS(40))
        ;
    begin = gt_now(o.f.world);
    assert_int_equal(gt_event_wait(event, NULL), GT_EDEADLOCK);
    assert_true(gt_now(o.f.world) >= begin + GT_MS(20));
    gt_event_free(event);
    close_outside(&o);
}

static void a_wait_with_an_end_of_its_own_is_given_its_time(void **state)
{
    (void)state;
    outside o;
    open_outside(&o, &(gt_world_options){.patience = GT_MS(2)});
    assert_int_equal(gt_sleep(o.f.world, GT_MS(10)), 0);
    close_outside(&o);
}

static void raise_now_and_then(void *arg)
{
    gt_event *event = arg;
    for (int i = 0; i < 12; i++) {
        assert_int_equal(gt_sleep(gt_world_running(), GT_MS(5)), 0);
        gt_event_raise(event);
    }
}

static void what_happens_renews_patience(void **state)
{
    (void)state;
    outside o;
    open_outside(&o, &(gt_world_options){.patience = GT_MS(25)});
    gt_event *event = gt_event_new(o.f.world);
    gt_task *task = gt_spawn(o.f.world, "raises", raise_now_and_then, event);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(gt_event_wait(event, NULL), 0);
        gt_event_clear(event);
    }
    assert_true(gt_now(o.f.world) >= GT_MS(60));
    join(task);
    gt_event_free(event);
    close_outside(&o);
}

static void patience_may_be_without_end(void **state)
{
    (void)state;
    outside o;
    open_outside(&o, &(gt_world_options){.patience = GT_NEVER});
    put_byte(&o);
    assert_int_equal(gt_wait_fd(o.f.world, NULL, GT_NEVER, o.ends[0], GT_READABLE), GT_READABLE);
    close_outside(&o);
}

/* ---- what else may come in between ----------------------------------------------------------- */

static volatile sig_atomic_t alarms;

static void count_alarm(int number)
{
    (void)number;
    alarms++;
}

static void ring_alarms_every(suseconds_t microseconds)
{
    struct itimerval every = {{0, microseconds}, {0, microseconds}};
    assert_int_equal(setitimer(ITIMER_REAL, &every, NULL), 0);
}

/* As a profiler does, for one: more often than the wait is long. */
static void signals_do_not_lengthen_a_wait(void **state)
{
    (void)state;
    outside o;
    struct sigaction count = {.sa_handler = count_alarm}, before;
    open_outside(&o, NULL);
    sigaction(SIGALRM, &count, &before);
    alarms = 0;
    ring_alarms_every(2000);
    assert_int_equal(gt_sleep(o.f.world, GT_MS(30)), 0);
    ring_alarms_every(0);
    sigaction(SIGALRM, &before, NULL);
    assert_true(alarms > 0);
    close_outside(&o);
}

typedef struct numbers {
    outside o;
    int posted, run;
    bool in_order;
} numbers;

static void note_number(void *arg)
{
    numbers *n = arg;
    n->run++;
}

static void post_on_each_turn(void *arg)
{
    numbers *n = arg;
    for (n->posted = 0; n->posted < 300; n->posted++) {
        gt_world_post(n->o.f.world, note_number, n);
        assert_int_equal(gt_yield(n->o.f.world), 0);
    }
}

static void yield_often(void *world)
{
    for (int i = 0; i < 10; i++)
        assert_int_equal(gt_yield(world), 0);
}

/* With so many tasks the world looks outside several times before the posts' turn comes. */
static void posts_that_wait_for_their_turn_are_joined_by_later_ones(void **state)
{
    (void)state;
    numbers n = {0};
    open_outside(&n.o, NULL);
    for (int i = 0; i < 200; i++)
        gt_task_detach(gt_spawn(n.o.f.world, "yields", yield_often, n.o.f.world));
    join(gt_spawn(n.o.f.world, "posts", post_on_each_turn, &n));
    while (n.run < 300)
        assert_int_equal(gt_settle(n.o.f.world), 0);
    assert_int_equal(n.run, 300);
    close_outside(&n.o);
}

static void any_number_of_steps_is_no_live_lock_in_real_time(void **state)
{
    (void)state;
    outside o;
    open_outside(&o, &(gt_world_options){.steps_per_instant = 10});
    for (int i = 0; i < 1000; i++)
        assert_int_equal(gt_yield(o.f.world), 0);
    close_outside(&o);
}

static void compute_for_a_while(void *arg)
{
    gt_world *world = arg;
    gt_time until = gt_now(world) + GT_MS(3);
    while (gt_now(world) < until)
        ;
}

static void what_falls_due_while_a_task_computes_runs_at_once(void **state)
{
    (void)state;
    outside o;
    sleeper s = {&o.f, "a", GT_MS(1), 0};
    open_outside(&o, NULL);
    gt_task *sleeps = gt_spawn(o.f.world, "a", append_name, &s);
    assert_int_equal(gt_settle(o.f.world), 0);
    join(gt_spawn(o.f.world, "computes", compute_for_a_while, o.f.world));
    assert_int_equal(gt_settle(o.f.world), 0);
    assert_true(gt_task_done(sleeps));
    join(sleeps);
    assert_said(&o.f, "a");
    close_outside(&o);
}

static void a_world_that_has_failed_advances_no_further(void **state)
{
    (void)state;
    outside o;
    open_outside(&o, NULL);
    gt_world_fail(o.f.world, "it failed");
    assert_int_equal(gt_advance(o.f.world, GT_MS(1)), GT_EPOISONED);
    o.f.failures = 0;
    close_outside(&o);
}

static void make_world_without_descriptors(void *arg)
{
    (void)arg;
    struct rlimit none;
    getrlimit(RLIMIT_NOFILE, &none);
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
    gt_world_free(gt_world_new(&(gt_world_options){.clock = GT_CLOCK_REAL}));
}

static void a_world_that_cannot_look_outside_ends_the_process_with_a_sentence(void **state)
{
    (void)state;
    if (gt__tools_want_fresh_stacks()) /* valgrind does not keep to the limit */
        skip();
    assert_dies(make_world_without_descriptors, NULL,
                "grpctest: no eventfd for a world with the real clock: Too many open files\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_time_moves_by_itself),
        cmocka_unit_test(a_sleep_takes_at_least_its_time),
        cmocka_unit_test(sleepers_wake_in_order_of_time),
        cmocka_unit_test(posts_of_each_thread_arrive_in_order_on_the_worlds_own),
        cmocka_unit_test(a_post_may_post),
        cmocka_unit_test(what_was_posted_before_the_end_still_runs),
        cmocka_unit_test(after_a_failure_posts_are_dropped),
        cmocka_unit_test(a_task_waits_until_a_descriptor_is_readable),
        cmocka_unit_test(it_is_told_what_the_descriptor_is_ready_for),
        cmocka_unit_test(the_end_of_the_other_side_is_readable),
        cmocka_unit_test(a_wait_for_a_descriptor_ends_at_its_deadline_or_with_its_context),
        cmocka_unit_test(the_end_of_the_world_cancels_a_wait_for_a_descriptor),
        cmocka_unit_test(a_source_calls_as_long_as_its_descriptor_is_ready),
        cmocka_unit_test(a_source_without_interest_is_quiet),
        cmocka_unit_test(a_source_may_stop_another_that_is_ready_too),
        cmocka_unit_test(many_sources_come_and_go),
        cmocka_unit_test(a_source_that_is_always_ready_does_not_keep_the_world_from_ending),
        cmocka_unit_test(busy_tasks_do_not_keep_descriptors_and_timers_from_being_seen),
        cmocka_unit_test(patience_ends_a_wait_in_which_nothing_happens),
        cmocka_unit_test(what_the_test_computes_does_not_use_up_patience),
        cmocka_unit_test(a_wait_with_an_end_of_its_own_is_given_its_time),
        cmocka_unit_test(what_happens_renews_patience),
        cmocka_unit_test(patience_may_be_without_end),
        cmocka_unit_test(signals_do_not_lengthen_a_wait),
        cmocka_unit_test(posts_that_wait_for_their_turn_are_joined_by_later_ones),
        cmocka_unit_test(any_number_of_steps_is_no_live_lock_in_real_time),
        cmocka_unit_test(what_falls_due_while_a_task_computes_runs_at_once),
        cmocka_unit_test(a_world_that_has_failed_advances_no_further),
        cmocka_unit_test(a_world_that_cannot_look_outside_ends_the_process_with_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
