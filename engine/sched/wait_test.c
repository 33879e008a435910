#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world_fixture.h"

/* ---- wait queues --------------------------------------------------------------------------- */

/* A task that waits once in a queue and says its name, or the error. */
typedef struct guest {
    fixture *f;
    const char *name;
    gt__waitq *queue;
    gt_context *context;
    gt_time deadline;
    int error;
} guest;

static void wait_in_queue(void *arg)
{
    guest *g = arg;
    g->error = gt__wait(g->f->world, g->queue, g->context, g->deadline, "a turn", NULL);
    say(g->f, g->error ? gt_error_name(g->error) : g->name);
}

static gt_task *spawn_guest(guest *g)
{
    return gt_spawn(g->f->world, g->name, wait_in_queue, g);
}

static void a_wake_of_all_lets_everyone_go_in_order(void **state)
{
    (void)state;
    fixture f;
    gt__waitq queue;
    open_world(&f, NULL);
    gt__waitq_init(&queue);
    guest a = {&f, "a", &queue, NULL, GT_NEVER, 0}, b = {&f, "b", &queue, NULL, GT_NEVER, 0};
    gt_task_detach(spawn_guest(&a));
    gt_task_detach(spawn_guest(&b));
    assert_int_equal(gt_settle(f.world), 0);
    assert_said(&f, "");
    gt__wake_all(&queue);
    assert_int_equal(gt_settle(f.world), 0);
    assert_said(&f, "a@0 b@0 ");
    close_well(&f);
}

static void a_wake_of_one_lets_the_longest_waiting_go(void **state)
{
    (void)state;
    fixture f;
    gt__waitq queue;
    open_world(&f, NULL);
    gt__waitq_init(&queue);
    guest a = {&f, "a", &queue, NULL, GT_NEVER, 0}, b = {&f, "b", &queue, NULL, GT_NEVER, 0};
    gt_task_detach(spawn_guest(&a));
    gt_task_detach(spawn_guest(&b));
    assert_int_equal(gt_settle(f.world), 0);
    gt__wake_one(&queue);
    assert_int_equal(gt_settle(f.world), 0);
    assert_said(&f, "a@0 ");
    gt__wake_one(&queue);
    gt__wake_one(&queue);
    assert_int_equal(gt_settle(f.world), 0);
    assert_said(&f, "b@0 ");
    close_well(&f);
}

static void a_wait_ends_at_its_deadline_exactly(void **state)
{
    (void)state;
    fixture f;
    gt__waitq queue;
    open_world(&f, NULL);
    gt__waitq_init(&queue);
    assert_int_equal(gt__wait(f.world, &queue, NULL, GT_MS(4), "a turn", NULL), GT_ETIMEDOUT);
    assert_int_equal(gt_now(f.world), GT_MS(4));
    assert_int_equal(gt__wait(f.world, &queue, NULL, GT_MS(4), "a turn", NULL), GT_ETIMEDOUT);
    assert_int_equal(gt_now(f.world), GT_MS(4));
    gt__wake_all(&queue); /* nobody is left in it */
    close_well(&f);
}

static void a_wait_that_is_woken_in_time_forgets_its_deadline(void **state)
{
    (void)state;
    fixture f;
    gt__waitq queue;
    open_world(&f, NULL);
    gt__waitq_init(&queue);
    guest a = {&f, "a", &queue, NULL, GT_MS(4), 0};
    gt_task_detach(spawn_guest(&a));
    assert_int_equal(gt_settle(f.world), 0);
    gt__wake_all(&queue);
    assert_int_equal(gt_run_until_idle(f.world), 0);
    assert_said(&f, "a@0 ");
    assert_int_equal(gt_now(f.world), 0);
    close_well(&f);
}

static void a_queue_that_ends_tells_those_who_wait(void **state)
{
    (void)state;
    fixture f;
    gt__waitq queue;
    open_world(&f, NULL);
    gt__waitq_init(&queue);
    guest a = {&f, "a", &queue, NULL, GT_NEVER, 0};
    gt_task_detach(spawn_guest(&a));
    assert_int_equal(gt_settle(f.world), 0);
    gt__waitq_end(&queue, GT_ECLOSED);
    assert_int_equal(gt_settle(f.world), 0);
    assert_said(&f, "GT_ECLOSED@0 ");
    close_well(&f);
}

/* ---- conditions ---------------------------------------------------------------------------- */

typedef struct counter {
    fixture *f;
    int value, enough, asked;
} counter;

static bool is_enough(void *arg)
{
    counter *c = arg;
    c->asked++;
    assert_null(gt_task_current(c->f->world));
    return c->value >= c->enough;
}

static void count_up(void *arg)
{
    counter *c = arg;
    while (c->value < 10 && gt_sleep(c->f->world, GT_MS(1)) == 0)
        c->value++;
}

static void a_condition_that_holds_does_not_block(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    counter c = {&f, 3, 3, 0};
    assert_int_equal(gt_wait_until(f.world, NULL, is_enough, &c, "three"), 0);
    assert_int_equal(c.asked, 1);
    close_well(&f);
}

static void a_condition_is_asked_again_as_things_happen(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    counter c = {&f, 0, 3, 0};
    gt_task_detach(gt_spawn(f.world, "count", count_up, &c));
    assert_int_equal(gt_wait_until(f.world, NULL, is_enough, &c, "three"), 0);
    assert_int_equal(gt_now(f.world), GT_MS(3));
    assert_int_equal(c.value, 3);
    close_well(&f);
}

static void a_condition_may_depend_on_several_tasks(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    counter c = {&f, 0, 4, 0};
    counter *shared = &c;
    gt_task_detach(gt_spawn(f.world, "count", count_up, shared));
    gt_task *joined = gt_spawn(f.world, "count", count_up, shared);
    assert_int_equal(gt_wait_until(f.world, NULL, is_enough, &c, "four"), 0);
    assert_int_equal(gt_now(f.world), GT_MS(2));
    join(joined);
    close_well(&f);
}

static void wait_for_enough(void *arg)
{
    counter *c = arg;
    assert_int_equal(gt_wait_until(c->f->world, NULL, is_enough, c, "three"), 0);
    say(c->f, "enough");
}

static void a_condition_that_held_is_asked_once_more_when_its_task_runs(void **state)
{
    (void)state;
    fixture f;
    sleeper others[] = {{&f, "a", 0, 0}, {&f, "b", 0, 0}};
    open_world(&f, NULL);
    counter c = {&f, 0, 3, 0};
    gt_task_detach(gt_spawn(f.world, "waits", wait_for_enough, &c));
    assert_int_equal(gt_settle(f.world), 0);
    c.asked = 0;
    c.value = 3;
    gt_task_detach(spawn_sleeper(&others[0]));
    gt_task_detach(spawn_sleeper(&others[1]));
    assert_int_equal(gt_settle(f.world), 0);
    assert_said(&f, "a@0 b@0 enough@0 ");
    assert_int_equal(c.asked, 2);
    close_well(&f);
}

static bool is_late(void *arg)
{
    return gt_now(arg) >= GT_MS(10);
}

static void wait_until_late(void *arg)
{
    fixture *f = arg;
    assert_int_equal(gt_wait_until(f->world, NULL, is_late, f->world, "10 ms"), 0);
    say(f, "late");
}

static void time_by_itself_is_something_that_happens(void **state)
{
    (void)state;
    fixture f;
    open_clock(&f, GT_CLOCK_MANUAL);
    gt_task_detach(gt_spawn(f.world, "late", wait_until_late, &f));
    assert_int_equal(gt_advance(f.world, GT_MS(9)), 0);
    assert_said(&f, "");
    assert_int_equal(gt_advance(f.world, GT_MS(1)), 0);
    assert_said(&f, "late@10 ");
    close_well(&f);
}

static void a_condition_waits_no_longer_than_its_context(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    counter c = {&f, 0, 3, 0};
    gt_context *root = gt_context_background(f.world);
    gt_context *context = gt_context_with_timeout(root, GT_MS(2));
    assert_int_equal(gt_wait_until(f.world, context, is_enough, &c, "three"), GT_ETIMEDOUT);
    assert_int_equal(gt_now(f.world), GT_MS(2));
    gt_context_free(context);
    gt_context_free(root);
    close_well(&f);
}

/* ---- events -------------------------------------------------------------------------------- */

static void raise_later(void *arg)
{
    gt_event *event = arg;
    assert_int_equal(gt_sleep(gt_world_running(), GT_MS(3)), 0);
    gt_event_raise(event);
}

static void an_event_lets_go_those_who_wait_and_those_who_come(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_event *event = gt_event_new(f.world);
    gt_task_detach(gt_spawn(f.world, "raise", raise_later, event));
    assert_false(gt_event_raised(event));
    assert_int_equal(gt_event_wait(event, NULL), 0);
    assert_int_equal(gt_now(f.world), GT_MS(3));
    assert_true(gt_event_raised(event));
    assert_int_equal(gt_event_wait(event, NULL), 0);
    gt_event_clear(event);
    assert_false(gt_event_raised(event));
    gt_event_free(event);
    close_well(&f);
}

static void wait_for_event(void *arg)
{
    gt_event *event = arg;
    assert_int_equal(gt_event_wait(event, NULL), 0);
}

static void an_event_cleared_at_once_has_still_let_go_who_waited(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_event *event = gt_event_new(f.world);
    gt_task *task = gt_spawn(f.world, "wait", wait_for_event, event);
    assert_int_equal(gt_settle(f.world), 0);
    gt_event_raise(event);
    gt_event_clear(event);
    join(task);
    gt_event_free(event);
    close_well(&f);
}

static void wait_in_vain(void *arg)
{
    gt_event *event = arg;
    assert_int_equal(gt_event_wait(event, NULL), GT_ECANCELLED);
}

static void an_event_that_is_freed_cancels_those_who_wait(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_event *event = gt_event_new(f.world);
    gt_task *task = gt_spawn(f.world, "wait", wait_in_vain, event);
    assert_int_equal(gt_settle(f.world), 0);
    gt_event_free(event);
    join(task);
    gt_event_free(NULL);
    close_well(&f);
}

/* ---- any of several ------------------------------------------------------------------------ */

/* A world with an event, a task that sleeps for 2 ms, and a context. */
typedef struct several {
    fixture f;
    gt_event *event;
    sleeper sleeper;
    gt_task *task;
    gt_context *root, *context;
    gt_waitable things[3];
} several;

static void open_several(several *s)
{
    open_world(&s->f, NULL);
    s->event = gt_event_new(s->f.world);
    s->sleeper = (sleeper){&s->f, "a", GT_MS(2), 0};
    s->task = spawn_sleeper(&s->sleeper);
    s->root = gt_context_background(s->f.world);
    s->context = gt_context_with_timeout(s->root, GT_MS(5));
    s->things[0] = gt_event_waitable(s->event);
    s->things[1] = gt_task_waitable(s->task);
    s->things[2] = gt_context_waitable(s->context);
}

static void close_several(several *s)
{
    gt_task_detach(s->task);
    gt_event_free(s->event);
    gt_context_free(s->context);
    gt_context_free(s->root);
    close_well(&s->f);
}

static void any_of_several_is_the_first_that_is_ready(void **state)
{
    (void)state;
    several s;
    open_several(&s);
    assert_int_equal(gt_wait_any(s.f.world, NULL, GT_NEVER, s.things, 3), 1);
    assert_int_equal(gt_now(s.f.world), GT_MS(2));
    close_several(&s);
}

static void of_several_that_are_ready_the_lowest_counts(void **state)
{
    (void)state;
    several s;
    open_several(&s);
    assert_int_equal(gt_sleep(s.f.world, GT_MS(9)), 0);
    assert_int_equal(gt_wait_any(s.f.world, NULL, GT_NEVER, s.things, 3), 1);
    gt_event_raise(s.event);
    assert_int_equal(gt_wait_any(s.f.world, NULL, GT_NEVER, s.things, 3), 0);
    assert_int_equal(gt_wait_any(s.f.world, NULL, GT_NEVER, s.things + 2, 1), 0);
    close_several(&s);
}

static void a_context_can_be_among_what_is_waited_for(void **state)
{
    (void)state;
    several s;
    open_several(&s);
    gt_waitable things[] = {s.things[0], s.things[2]};
    assert_int_equal(gt_wait_any(s.f.world, NULL, GT_NEVER, things, 2), 1);
    assert_int_equal(gt_now(s.f.world), GT_MS(5));
    close_several(&s);
}

static void waiting_for_any_ends_at_the_deadline(void **state)
{
    (void)state;
    several s;
    open_several(&s);
    assert_int_equal(gt_wait_any(s.f.world, NULL, GT_MS(1), s.things, 3), GT_ETIMEDOUT);
    assert_int_equal(gt_now(s.f.world), GT_MS(1));
    assert_int_equal(gt_wait_any(s.f.world, s.context, GT_MS(9), s.things, 1), GT_ETIMEDOUT);
    assert_int_equal(gt_now(s.f.world), GT_MS(5));
    close_several(&s);
}

static void waiting_for_none_of_nothing_waits_for_the_deadline(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    assert_int_equal(gt_wait_any(f.world, NULL, GT_MS(6), NULL, 0), GT_ETIMEDOUT);
    assert_int_equal(gt_now(f.world), GT_MS(6));
    close_well(&f);
}

/* ---- sleeping ------------------------------------------------------------------------------ */

static void a_sleep_of_no_time_is_a_yield(void **state)
{
    (void)state;
    fixture f;
    sleeper a = {&f, "a", 0, 0};
    open_world(&f, NULL);
    gt_task_detach(spawn_sleeper(&a));
    assert_int_equal(gt_sleep(f.world, 0), 0);
    assert_said(&f, "a@0 ");
    assert_int_equal(gt_sleep(f.world, -5), 0);
    assert_int_equal(gt_now(f.world), 0);
    close_well(&f);
}

static void a_sleep_under_a_context_ends_with_it(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_context *root = gt_context_background(f.world);
    gt_context *context = gt_context_with_timeout(root, GT_MS(10));
    assert_int_equal(gt_context_sleep(context, GT_MS(4)), 0);
    assert_int_equal(gt_now(f.world), GT_MS(4));
    assert_int_equal(gt_context_sleep(context, GT_MS(20)), GT_ETIMEDOUT);
    assert_int_equal(gt_now(f.world), GT_MS(10));
    assert_int_equal(gt_context_sleep(context, GT_MS(1)), GT_ETIMEDOUT);
    gt_context_free(context);
    gt_context_free(root);
    close_well(&f);
}

static void a_condition_is_not_waited_for_under_a_done_context(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    counter c = {&f, 0, 3, 0};
    gt_context *context = gt_context_background(f.world);
    gt_context_cancel(context);
    assert_int_equal(gt_wait_until(f.world, context, is_enough, &c, "three"), GT_ECANCELLED);
    c.value = 3;
    assert_int_equal(gt_wait_until(f.world, context, is_enough, &c, "three"), 0);
    gt_context_free(context);
    close_well(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wake_of_all_lets_everyone_go_in_order),
        cmocka_unit_test(a_wake_of_one_lets_the_longest_waiting_go),
        cmocka_unit_test(a_wait_ends_at_its_deadline_exactly),
        cmocka_unit_test(a_wait_that_is_woken_in_time_forgets_its_deadline),
        cmocka_unit_test(a_queue_that_ends_tells_those_who_wait),
        cmocka_unit_test(a_condition_that_holds_does_not_block),
        cmocka_unit_test(a_condition_is_asked_again_as_things_happen),
        cmocka_unit_test(a_condition_may_depend_on_several_tasks),
        cmocka_unit_test(a_condition_that_held_is_asked_once_more_when_its_task_runs),
        cmocka_unit_test(time_by_itself_is_something_that_happens),
        cmocka_unit_test(a_condition_waits_no_longer_than_its_context),
        cmocka_unit_test(an_event_lets_go_those_who_wait_and_those_who_come),
        cmocka_unit_test(an_event_cleared_at_once_has_still_let_go_who_waited),
        cmocka_unit_test(an_event_that_is_freed_cancels_those_who_wait),
        cmocka_unit_test(any_of_several_is_the_first_that_is_ready),
        cmocka_unit_test(of_several_that_are_ready_the_lowest_counts),
        cmocka_unit_test(a_context_can_be_among_what_is_waited_for),
        cmocka_unit_test(waiting_for_any_ends_at_the_deadline),
        cmocka_unit_test(waiting_for_none_of_nothing_waits_for_the_deadline),
        cmocka_unit_test(a_sleep_of_no_time_is_a_yield),
        cmocka_unit_test(a_sleep_under_a_context_ends_with_it),
        cmocka_unit_test(a_condition_is_not_waited_for_under_a_done_context),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
