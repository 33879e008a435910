#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world_fixture.h"

static void a_task_runs_once_it_is_picked(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_task *task = spawn_sleeper(&(sleeper){&f, "a", 0, 0});
    assert_said(&f, "");
    join(task);
    assert_said(&f, "a@0 ");
    close_well(&f);
}

static void tasks_run_in_the_order_in_which_they_were_spawned(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_task_detach(spawn_sleeper(&(sleeper){&f, "a", 0, 0}));
    gt_task_detach(spawn_sleeper(&(sleeper){&f, "b", 0, 0}));
    gt_task_detach(spawn_sleeper(&(sleeper){&f, "c", 0, 0}));
    assert_int_equal(gt_settle(f.world), 0);
    assert_said(&f, "a@0 b@0 c@0 ");
    close_well(&f);
}

static void a_join_waits_for_the_end(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_task *task = spawn_sleeper(&(sleeper){&f, "a", GT_MS(5), 0});
    assert_false(gt_task_done(task));
    join(task);
    say(&f, "test");
    assert_said(&f, "a@5 test@5 ");
    close_well(&f);
}

static void a_finished_task_can_still_be_joined(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_task *task = spawn_sleeper(&(sleeper){&f, "a", 0, 0});
    gt_settle(f.world);
    assert_true(gt_task_done(task));
    join(task);
    close_well(&f);
}

static void yield_to_both(void *arg)
{
    sleeper *s = arg;
    for (int i = 0; i < 3; i++) {
        say(s->f, s->name);
        assert_int_equal(gt_yield(s->f->world), 0);
    }
}

static void a_yield_lets_the_others_go_first(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    gt_task *a = gt_spawn(f.world, "a", yield_to_both, (&(sleeper){&f, "a", 0, 0}));
    gt_task *b = gt_spawn(f.world, "b", yield_to_both, (&(sleeper){&f, "b", 0, 0}));
    join(a);
    join(b);
    assert_said(&f, "a@0 b@0 a@0 b@0 a@0 b@0 ");
    close_well(&f);
}

static void note_current(void *arg)
{
    fixture *f = arg;
    gt__buffer_add_text(&f->log, gt_task_name(gt_task_current(f->world)));
}

static void a_task_knows_its_name(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    char name[] = "abc";
    gt_task *task = gt_spawn(f.world, name, note_current, &f);
    name[0] = 'x';
    join(task);
    assert_said(&f, "abc");
    assert_string_equal(gt_task_name(gt_task_current(f.world)), "test");
    close_well(&f);
}

static void spawn_more(void *arg)
{
    int *left = arg;
    gt_world *world = gt_world_running();
    if (--*left > 0)
        gt_task_detach(gt_spawn(world, "next", spawn_more, left));
}

static void tasks_spawn_tasks(void **state)
{
    (void)state;
    fixture f;
    int left = 1000;
    open_world(&f, NULL);
    gt_task_detach(gt_spawn(f.world, "first", spawn_more, &left));
    gt_settle(f.world);
    assert_int_equal(left, 0);
    close_well(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_runs_once_it_is_picked),
        cmocka_unit_test(tasks_run_in_the_order_in_which_they_were_spawned),
        cmocka_unit_test(a_join_waits_for_the_end),
        cmocka_unit_test(a_finished_task_can_still_be_joined),
        cmocka_unit_test(a_yield_lets_the_others_go_first),
        cmocka_unit_test(a_task_knows_its_name),
        cmocka_unit_test(tasks_spawn_tasks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
