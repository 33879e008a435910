/* What a test leaves behind, in order and out of order, after success and after failure: memory is
 * always given back (valgrind and ASan watch), and only the first failure is told. */
#include "rpc_test_kit.h"

#include <stdio.h>

#define WAIT "/test.Test/Wait"

typedef struct told {
    int failures;
    char text[2048];
} told;

static void tell(const gt_failure *failure, void *user)
{
    told *t = user;
    t->failures++;
    snprintf(t->text, sizeof t->text, "%s", failure->text);
}

static int wait_for_ever(gt_call *call, void *user)
{
    (void)user;
    return gt_context_wait(gt_call_context(call));
}

/* Everything a test has, with a call whose handler waits. */
typedef struct scene {
    told told;
    gt_world *world;
    gt_listener *listener;
    gt_dialer *dialer;
    gt_server *server;
    gt_channel *channel;
    gt_call *call;
} scene;

static void open_scene(scene *s, size_t wire_size)
{
    *s = (scene){.told = {.failures = 0}};
    s->world = gt_world_new(&(gt_world_options){.on_failure = tell, .on_failure_user = &s->told});
    s->listener = gt_bufconn_listen(s->world, wire_size);
    s->dialer = gt_bufconn_dialer(s->listener);
    s->server = gt_server_new(s->world, NULL);
    gt_server_handle(s->server, WAIT, GT_BIDI_STREAMING, wait_for_ever, NULL);
    gt_server_serve(s->server, s->listener);
    s->channel = gt_channel_new(s->dialer, NULL);
    s->call = gt_call_new(s->channel, WAIT, NULL);
    assert_int_equal(gt_settle(s->world), 0);
}

static void fail_the_world(scene *s)
{
    gt_world_fail(s->world, "the real failure");
    assert_int_equal(s->told.failures, 1);
}

static void a_failed_world_reclaims_what_was_not_freed(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, 4096);
    fail_the_world(&s);

    gt_world_free(s.world);

    assert_int_equal(s.told.failures, 1);
}

static void a_failed_world_lets_a_teardown_run(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, 4096);
    fail_the_world(&s);

    gt_call_free(s.call);
    gt_channel_free(s.channel);
    gt_server_free(s.server);
    gt_dialer_free(s.dialer);
    gt_listener_free(s.listener);
    gt_world_free(s.world);

    assert_int_equal(s.told.failures, 1);
}

static void a_teardown_may_run_in_another_order(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, 4096);

    gt_listener_free(s.listener);
    gt_server_free(s.server);
    gt_channel_free(s.channel);
    gt_dialer_free(s.dialer);
    gt_call_free(s.call);
    gt_world_free(s.world);

    assert_int_equal(s.told.failures, 0);
}

static void what_was_not_freed_is_named_with_its_place(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, 4096);
    gt_channel_free(s.channel);
    gt_server_free(s.server);
    gt_dialer_free(s.dialer);
    gt_listener_free(s.listener);

    gt_world_free(s.world);

    assert_int_equal(s.told.failures, 1);
    assert_non_null(strstr(s.told.text, "call made at "));
    assert_non_null(strstr(s.told.text, "teardown_test.c:"));
    assert_null(strstr(s.told.text, "conn made at "));
}

static void nothing_freed_at_all_is_reclaimed_and_told(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, 4096);

    gt_world_free(s.world);

    assert_int_equal(s.told.failures, 1);
    static const char *const kinds[] = {"call", "channel", "server", "dialer", "listener"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        char text[32];
        snprintf(text, sizeof text, "%s made at ", kinds[i]);
        assert_non_null(strstr(s.told.text, text));
    }
}

/* ---- failures that are raised inside ----------------------------------------------------------
 */

static int fail_in_the_handler(gt_call *call, void *user)
{
    (void)user;
    gt_world_fail_stop(gt_call_world(call), "the handler saw something wrong");
}

static void a_failure_in_a_handler_ends_the_test_with_what_crossed(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, 4096);
    gt_server_handle(s.server, "/test.Test/Fail", GT_UNARY, fail_in_the_handler, NULL);

    gt_call *call = gt_unary(s.channel, "/test.Test/Fail", gt_bytes_str("x"), NULL);

    assert_int_equal(s.told.failures, 1);
    assert_non_null(strstr(s.told.text, "the handler saw something wrong"));
    assert_non_null(strstr(s.told.text, "/test.Test/Fail"));
    assert_non_null(strstr(s.told.text, "->  MESSAGE     1 byte  \"x\""));
    assert_int_equal(gt_call_status(call)->code, GT_UNKNOWN);
    assert_string_equal(gt_call_status(call)->message, "the world has failed");
    gt_world_free(s.world);
}

static void a_call_that_nobody_answers_is_a_deadlock_that_says_so(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, 4096);

    const gt_status *status = gt_call_status(s.call);

    assert_int_equal(status->code, GT_UNKNOWN);
    assert_string_equal(status->message, "deadlock");
    assert_int_equal(s.told.failures, 1);
    assert_non_null(strstr(s.told.text, "the status of"));
    assert_non_null(strstr(s.told.text, WAIT));
    gt_world_free(s.world);
}

static void a_send_that_nobody_reads_is_a_deadlock_that_says_so(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, 4096);
    static uint8_t much[256 * 1024];

    int error = 0;
    for (int i = 0; i < 4 && !error; i++)
        error = gt_call_send(s.call, gt_bytes_of(much, sizeof much));

    assert_int_equal(error, GT_EDEADLOCK);
    assert_non_null(strstr(s.told.text, "room to send"));
    gt_world_free(s.world);
}

static void drain_for_ever(void *arg)
{
    scene *s = arg;
    (void)!gt_server_drain(s->server, GT_NEVER);
}

static void a_failed_world_frees_a_server_that_is_being_drained(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, 4096);
    gt_task_detach(gt_spawn(s.world, "drain", drain_for_ever, &s));
    assert_int_equal(gt_settle(s.world), 0);
    fail_the_world(&s);

    gt_server_free(s.server);
    gt_world_free(s.world);

    assert_int_equal(s.told.failures, 1);
}

typedef struct reader {
    gt_call *call;
    int result;
} reader;

static void read_one(void *arg)
{
    reader *r = arg;
    gt_bytes message;
    r->result = gt_call_recv(r->call, &message);
}

static void wait_for_one(void *arg)
{
    reader *r = arg;
    const gt_waitable readable = gt_call_readable(r->call);
    r->result = gt_wait_any(gt_call_world(r->call), NULL, GT_NEVER, &readable, 1);
}

static void ask_the_status(void *arg)
{
    reader *r = arg;
    gt_call_status(r->call);
    r->result = 1;
}

static void a_call_may_be_freed_while_tasks_wait_in_it(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, 4096);
    reader one = {s.call, 0}, any = {s.call, 0}, end = {s.call, 0};
    gt_task_detach(gt_spawn(s.world, "one", read_one, &one));
    gt_task_detach(gt_spawn(s.world, "any", wait_for_one, &any));
    gt_task_detach(gt_spawn(s.world, "end", ask_the_status, &end));
    assert_int_equal(gt_settle(s.world), 0);

    gt_call_free(s.call);
    assert_int_equal(gt_settle(s.world), 0);

    assert_int_equal(one.result, GT_ECANCELLED);
    assert_int_equal(any.result, GT_ECANCELLED);
    assert_int_equal(end.result, 1);
    gt_world_free(s.world);
}

static void a_call_may_be_freed_before_a_task_has_seen_its_end(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, 4096);
    reader one = {s.call, 0};
    gt_task_detach(gt_spawn(s.world, "one", read_one, &one));
    assert_int_equal(gt_settle(s.world), 0);

    gt_call_cancel(s.call);
    gt_call_free(s.call);
    assert_int_equal(gt_settle(s.world), 0);

    assert_int_equal(one.result, GT_EOF);
    gt_world_free(s.world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_world_reclaims_what_was_not_freed),
        cmocka_unit_test(a_failed_world_lets_a_teardown_run),
        cmocka_unit_test(a_teardown_may_run_in_another_order),
        cmocka_unit_test(what_was_not_freed_is_named_with_its_place),
        cmocka_unit_test(nothing_freed_at_all_is_reclaimed_and_told),
        cmocka_unit_test(a_failure_in_a_handler_ends_the_test_with_what_crossed),
        cmocka_unit_test(a_call_that_nobody_answers_is_a_deadlock_that_says_so),
        cmocka_unit_test(a_send_that_nobody_reads_is_a_deadlock_that_says_so),
        cmocka_unit_test(a_failed_world_frees_a_server_that_is_being_drained),
        cmocka_unit_test(a_call_may_be_freed_while_tasks_wait_in_it),
        cmocka_unit_test(a_call_may_be_freed_before_a_task_has_seen_its_end),
    };
    return cmocka_run_group_tests_name("teardown", tests, NULL, NULL);
}
