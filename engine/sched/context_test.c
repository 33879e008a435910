#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world_fixture.h"

/* A world with a tree: root, then a, with b below it and c below b. */
typedef struct tree {
    fixture f;
    gt_context *root, *a, *b, *c;
} tree;

static void open_tree(tree *t)
{
    open_world(&t->f, NULL);
    t->root = gt_context_background(t->f.world);
    t->a = gt_context_with_cancel(t->root);
    t->b = gt_context_with_cancel(t->a);
    t->c = gt_context_with_cancel(t->b);
}

static void close_tree(tree *t)
{
    gt_context_free(t->c);
    gt_context_free(t->b);
    gt_context_free(t->a);
    gt_context_free(t->root);
    close_well(&t->f);
}

/* ---- cancelling ---------------------------------------------------------------------------- */

static void a_new_context_is_not_done(void **state)
{
    (void)state;
    tree t;
    gt_time deadline;
    open_tree(&t);
    assert_int_equal(gt_context_error(t.root), 0);
    assert_int_equal(gt_context_error(t.c), 0);
    assert_false(gt_context_deadline(t.c, &deadline));
    assert_ptr_equal(gt_context_world(t.c), t.f.world);
    close_tree(&t);
}

static void cancelling_a_parent_cancels_its_children_never_the_reverse(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    gt_context_cancel(t.b);
    assert_int_equal(gt_context_error(t.a), 0);
    assert_int_equal(gt_context_error(t.b), GT_ECANCELLED);
    assert_int_equal(gt_context_error(t.c), GT_ECANCELLED);
    gt_context_cancel(t.b);
    gt_context_cancel(t.root);
    assert_int_equal(gt_context_error(t.a), GT_ECANCELLED);
    close_tree(&t);
}

static void freeing_a_context_cancels_what_is_below(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    gt_context_free(t.a);
    assert_int_equal(gt_context_error(t.c), GT_ECANCELLED);
    assert_int_equal(gt_context_error(t.root), 0);
    t.a = NULL;
    close_tree(&t);
}

static void contexts_may_be_freed_in_any_order(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    gt_context_free(t.root);
    gt_context_free(t.b);
    gt_context_free(t.c);
    gt_context_free(t.a);
    t.root = t.a = t.b = t.c = NULL;
    close_tree(&t);
}

static void a_child_of_a_done_context_is_done(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    gt_context_cancel(t.a);
    gt_context *late = gt_context_with_timeout(t.a, GT_MS(1));
    assert_int_equal(gt_context_error(late), GT_ECANCELLED);
    gt_context_free(late);
    close_tree(&t);
}

static void a_context_once_done_keeps_its_error(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    gt_context *timed = gt_context_with_timeout(t.a, GT_MS(1));
    assert_int_equal(gt_sleep(t.f.world, GT_MS(2)), 0);
    assert_int_equal(gt_context_error(timed), GT_ETIMEDOUT);
    gt_context_cancel(timed);
    assert_int_equal(gt_context_error(timed), GT_ETIMEDOUT);
    gt_context_free(timed);
    close_tree(&t);
}

static void a_context_ended_by_the_library_has_the_error_it_was_given(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    gt__context_end(t.b, GT_ETIMEDOUT);
    assert_int_equal(gt_context_error(t.b), GT_ETIMEDOUT);
    assert_int_equal(gt_context_error(t.c), GT_ETIMEDOUT);
    assert_int_equal(gt_context_error(t.a), 0);
    close_tree(&t);
}

enum { CHAIN = 100000 };

/* On a fiber's small stack: each link that recursed would take a frame. */
static void make_and_free_a_chain(void *root)
{
    gt_context **chain = gt__calloc(CHAIN, sizeof(gt_context *));
    chain[0] = gt_context_with_cancel(root);
    for (size_t i = 1; i < CHAIN; i++)
        chain[i] = gt_context_with_cancel(chain[i - 1]);
    gt_context_cancel(chain[0]);
    assert_int_equal(gt_context_error(chain[CHAIN - 1]), GT_ECANCELLED);
    for (size_t i = 0; i < CHAIN; i++)
        gt_context_free(chain[i]);
    gt__free(chain);
}

static void a_chain_of_a_hundred_thousand_is_cancelled_and_freed(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    join(gt_spawn(t.f.world, "chain", make_and_free_a_chain, t.root));
    close_tree(&t);
}

/* ---- deadlines ----------------------------------------------------------------------------- */

static void a_wait_ends_at_the_deadline_of_its_context(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    gt_context *context = gt_context_with_timeout(t.a, GT_MS(50));
    gt_event *event = gt_event_new(t.f.world);
    assert_int_equal(gt_event_wait(event, context), GT_ETIMEDOUT);
    assert_int_equal(gt_now(t.f.world), GT_MS(50));
    assert_int_equal(gt_context_error(context), GT_ETIMEDOUT);
    gt_event_free(event);
    gt_context_free(context);
    close_tree(&t);
}

static void the_earliest_deadline_up_the_tree_counts(void **state)
{
    (void)state;
    tree t;
    gt_time deadline;
    open_tree(&t);
    gt_context *parent = gt_context_with_deadline(t.root, GT_MS(10));
    gt_context *later = gt_context_with_deadline(parent, GT_MS(20));
    gt_context *sooner = gt_context_with_deadline(parent, GT_MS(5));
    assert_true(gt_context_deadline(later, &deadline));
    assert_int_equal(deadline, GT_MS(10));
    assert_true(gt_context_deadline(sooner, &deadline));
    assert_int_equal(deadline, GT_MS(5));
    assert_int_equal(gt_context_wait(sooner), GT_ETIMEDOUT);
    assert_int_equal(gt_now(t.f.world), GT_MS(5));
    assert_int_equal(gt_context_wait(later), GT_ETIMEDOUT);
    assert_int_equal(gt_now(t.f.world), GT_MS(10));
    gt_context_free(parent);
    gt_context_free(later);
    gt_context_free(sooner);
    close_tree(&t);
}

static void a_deadline_that_is_not_in_the_future_has_passed(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    assert_int_equal(gt_sleep(t.f.world, GT_MS(5)), 0);
    gt_context *now = gt_context_with_deadline(t.a, GT_MS(5));
    gt_context *none = gt_context_with_timeout(t.a, 0);
    gt_context *negative = gt_context_with_timeout(t.a, INT64_MIN);
    assert_int_equal(gt_context_error(now), GT_ETIMEDOUT);
    assert_int_equal(gt_context_error(none), GT_ETIMEDOUT);
    assert_int_equal(gt_context_error(negative), GT_ETIMEDOUT);
    gt_context_free(now);
    gt_context_free(none);
    gt_context_free(negative);
    close_tree(&t);
}

static void a_time_out_beyond_all_time_is_no_deadline(void **state)
{
    (void)state;
    tree t;
    gt_time deadline;
    open_tree(&t);
    assert_int_equal(gt_sleep(t.f.world, GT_MS(5)), 0);
    gt_context *context = gt_context_with_timeout(t.a, INT64_MAX - 1);
    assert_false(gt_context_deadline(context, &deadline));
    gt_context_free(context);
    close_tree(&t);
}

static void a_cancelled_context_leaves_no_timer(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    gt_context *context = gt_context_with_timeout(t.a, GT_MS(50));
    gt_context_cancel(context);
    assert_int_equal(gt_run_until_idle(t.f.world), 0);
    assert_int_equal(gt_now(t.f.world), 0);
    gt_context_free(context);
    close_tree(&t);
}

/* ---- waiting ------------------------------------------------------------------------------- */

static void cancel_later(void *arg)
{
    gt_context *context = arg;
    assert_int_equal(gt_sleep(gt_context_world(context), GT_MS(3)), 0);
    gt_context_cancel(context);
}

static void those_who_wait_under_a_context_run_at_the_instant_of_its_cancel(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    gt_event *event = gt_event_new(t.f.world);
    gt_task_detach(gt_spawn(t.f.world, "cancel", cancel_later, t.a));
    assert_int_equal(gt_event_wait(event, t.c), GT_ECANCELLED);
    assert_int_equal(gt_now(t.f.world), GT_MS(3));
    assert_int_equal(gt_context_wait(t.b), GT_ECANCELLED);
    assert_int_equal(gt_event_wait(event, t.c), GT_ECANCELLED);
    gt_event_free(event);
    close_tree(&t);
}

static void free_later(void *arg)
{
    tree *t = arg;
    assert_int_equal(gt_sleep(t->f.world, GT_MS(3)), 0);
    gt_context_free(t->c);
    t->c = NULL;
}

static void a_context_may_be_freed_while_somebody_waits_for_it(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    gt_task_detach(gt_spawn(t.f.world, "free", free_later, &t));
    assert_int_equal(gt_context_wait(t.c), GT_ECANCELLED);
    close_tree(&t);
}

/* ---- values -------------------------------------------------------------------------------- */

static void let_go(void *value)
{
    ++*(int *)value;
}

static void a_value_is_found_below_where_it_was_set(void **state)
{
    (void)state;
    static const char key, other;
    char outer_value[] = "outer", inner_value[] = "inner";
    tree t;
    open_tree(&t);
    gt_context *outer = gt_context_with_value(t.a, &key, outer_value, NULL);
    gt_context *inner = gt_context_with_value(outer, &key, inner_value, NULL);
    gt_context *leaf = gt_context_with_cancel(inner);
    assert_string_equal(gt_context_value(leaf, &key), "inner");
    assert_string_equal(gt_context_value(outer, &key), "outer");
    assert_null(gt_context_value(leaf, &other));
    assert_null(gt_context_value(t.a, &key));
    assert_null(gt_context_value(NULL, &key));
    gt_context_free(leaf);
    gt_context_free(inner);
    gt_context_free(outer);
    close_tree(&t);
}

static void a_value_is_freed_when_the_last_holder_lets_go(void **state)
{
    (void)state;
    static const char key;
    int freed = 0;
    tree t;
    open_tree(&t);
    gt_context *with_value = gt_context_with_value(t.a, &key, &freed, let_go);
    gt_context *child = gt_context_with_cancel(with_value);
    gt_context_free(with_value);
    assert_int_equal(freed, 0);
    assert_ptr_equal(gt_context_value(child, &key), &freed);
    gt_context_free(child);
    assert_int_equal(freed, 1);
    close_tree(&t);
}

/* ---- watches ------------------------------------------------------------------------------- */

typedef struct witness {
    gt__watch watch, *other;
    fixture *f;
    const char *name;
    gt_context *to_free;
} witness;

static void say_done(gt__watch *watch)
{
    witness *w = gt__container_of(watch, witness, watch);
    assert_null(gt_task_current(w->f->world));
    say(w->f, w->name);
    if (w->other)
        gt__watch_stop(w->other);
    gt_context_free(w->to_free);
}

static void watches_are_told_in_order_parents_before_children(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    witness w[] = {{.f = &t.f, .name = "c"},
                   {.f = &t.f, .name = "a1"},
                   {.f = &t.f, .name = "b"},
                   {.f = &t.f, .name = "a2"}};
    gt__watch_start(&w[0].watch, t.c, say_done);
    gt__watch_start(&w[1].watch, t.a, say_done);
    gt__watch_start(&w[2].watch, t.b, say_done);
    gt__watch_start(&w[3].watch, t.a, say_done);
    gt_context_cancel(t.a);
    assert_said(&t.f, "a1@0 a2@0 b@0 c@0 ");
    close_tree(&t);
}

static void siblings_are_told_the_elder_with_all_its_own_first(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    gt_context *younger = gt_context_with_cancel(t.a);
    gt_context *youngest = gt_context_with_cancel(t.a);
    witness w[] = {
        {.f = &t.f, .name = "youngest"}, {.f = &t.f, .name = "younger"}, {.f = &t.f, .name = "c"}};
    gt__watch_start(&w[0].watch, youngest, say_done);
    gt__watch_start(&w[1].watch, younger, say_done);
    gt__watch_start(&w[2].watch, t.c, say_done);
    gt_context_cancel(t.a);
    assert_said(&t.f, "c@0 younger@0 youngest@0 ");
    gt_context_free(younger);
    gt_context_free(youngest);
    close_tree(&t);
}

static void a_watch_on_a_done_context_is_told_at_once(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    witness w = {.f = &t.f, .name = "done"};
    gt_context_cancel(t.a);
    gt_task *task = gt__callback_begin(t.f.world);
    gt__watch_start(&w.watch, t.a, say_done);
    gt__callback_end(t.f.world, task);
    assert_said(&t.f, "done@0 ");
    gt__watch_stop(&w.watch);
    close_tree(&t);
}

static void a_stopped_watch_is_not_told_even_by_a_sibling(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    witness one = {.f = &t.f, .name = "one"}, two = {.f = &t.f, .name = "two"};
    one.other = &two.watch;
    gt__watch_start(&one.watch, t.a, say_done);
    gt__watch_start(&two.watch, t.a, say_done);
    gt_context_cancel(t.a);
    assert_said(&t.f, "one@0 ");
    close_tree(&t);
}

static void a_watch_may_free_contexts_that_are_being_cancelled(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    witness one = {.f = &t.f, .name = "one", .to_free = t.c}, two = {.f = &t.f, .name = "two"};
    gt__watch_start(&one.watch, t.a, say_done);
    gt__watch_start(&two.watch, t.b, say_done);
    t.c = NULL;
    gt_context_cancel(t.root);
    assert_said(&t.f, "one@0 two@0 ");
    close_tree(&t);
}

static void the_background_is_never_done(void **state)
{
    (void)state;
    fixture f;
    open_world(&f, NULL);
    witness w = {.f = &f, .name = "never"};
    gt__watch_start(&w.watch, NULL, say_done);
    assert_int_equal(gt_context_error(NULL), 0);
    gt__watch_stop(&w.watch);
    assert_said(&f, "");
    close_well(&f);
}

static void a_context_of_the_library_is_in_no_ledger(void **state)
{
    (void)state;
    fixture f;
    gt_time deadline;
    open_world(&f, NULL);
    gt_context *own = gt__context_new(f.world, NULL, GT_MS(9));
    assert_true(gt_context_deadline(own, &deadline));
    assert_int_equal(deadline, GT_MS(9));
    assert_int_equal(gt_context_wait(own), GT_ETIMEDOUT);
    gt_context_free(own);
    close_well(&f);
}

static void the_background_has_no_deadline_and_no_value(void **state)
{
    (void)state;
    gt_time deadline = 7;
    assert_false(gt_context_deadline(NULL, &deadline));
    assert_int_equal(deadline, 7);
    assert_null(gt_context_value(NULL, &deadline));
}

static void no_value_has_no_key(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    assert_null(gt_context_value(t.c, NULL));
    close_tree(&t);
}

/* The context's timer comes first; the sleep has lasted its time all the same. */
static void a_sleep_that_ends_with_its_context_has_slept(void **state)
{
    (void)state;
    tree t;
    open_tree(&t);
    gt_context *context = gt_context_with_timeout(t.root, GT_MS(5));
    assert_int_equal(gt_context_sleep(context, GT_MS(5)), 0);
    assert_int_equal(gt_now(t.f.world), GT_MS(5));
    assert_int_equal(gt_context_error(context), GT_ETIMEDOUT);
    gt_context_free(context);
    close_tree(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_context_is_not_done),
        cmocka_unit_test(cancelling_a_parent_cancels_its_children_never_the_reverse),
        cmocka_unit_test(freeing_a_context_cancels_what_is_below),
        cmocka_unit_test(contexts_may_be_freed_in_any_order),
        cmocka_unit_test(a_child_of_a_done_context_is_done),
        cmocka_unit_test(a_context_once_done_keeps_its_error),
        cmocka_unit_test(a_context_ended_by_the_library_has_the_error_it_was_given),
        cmocka_unit_test(a_chain_of_a_hundred_thousand_is_cancelled_and_freed),
        cmocka_unit_test(a_wait_ends_at_the_deadline_of_its_context),
        cmocka_unit_test(the_earliest_deadline_up_the_tree_counts),
        cmocka_unit_test(a_deadline_that_is_not_in_the_future_has_passed),
        cmocka_unit_test(a_time_out_beyond_all_time_is_no_deadline),
        cmocka_unit_test(a_cancelled_context_leaves_no_timer),
        cmocka_unit_test(those_who_wait_under_a_context_run_at_the_instant_of_its_cancel),
        cmocka_unit_test(a_context_may_be_freed_while_somebody_waits_for_it),
        cmocka_unit_test(a_value_is_found_below_where_it_was_set),
        cmocka_unit_test(a_value_is_freed_when_the_last_holder_lets_go),
        cmocka_unit_test(watches_are_told_in_order_parents_before_children),
        cmocka_unit_test(siblings_are_told_the_elder_with_all_its_own_first),
        cmocka_unit_test(a_watch_on_a_done_context_is_told_at_once),
        cmocka_unit_test(a_stopped_watch_is_not_told_even_by_a_sibling),
        cmocka_unit_test(a_watch_may_free_contexts_that_are_being_cancelled),
        cmocka_unit_test(the_background_is_never_done),
        cmocka_unit_test(a_context_of_the_library_is_in_no_ledger),
        cmocka_unit_test(the_background_has_no_deadline_and_no_value),
        cmocka_unit_test(no_value_has_no_key),
        cmocka_unit_test(a_sleep_that_ends_with_its_context_has_slept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
