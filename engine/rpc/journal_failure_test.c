/* What a failure shows of the journal. */
#include "rpc_test_kit.h"

#include <stdio.h>

#define ECHO "/test.Test/Echo"
#define OTHER "/test.Test/Other"
#define THIRD "/test.Test/Third"

typedef struct failing {
    gt_rig *rig;
    char text[16384];
} failing;

static void write_down(const gt_failure *failure, void *user)
{
    failing *f = user;
    snprintf(f->text, sizeof f->text, "%s", failure->text);
}

static int set_up(void **state)
{
    failing *f = gt_alloc(sizeof *f);
    f->rig = gt_rig_new(&(gt_rig_options){
        .world = {.seed = GT_NO_SEED, .on_failure = write_down, .on_failure_user = f}});
    gt_server_handle(f->rig->server, ECHO, GT_UNARY, kit_echo, NULL);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    failing *f = *state;
    gt_rig_free(f->rig);
    gt_free(f);
    return 0;
}

static gt_call *echo(failing *f, const char *text)
{
    return gt_unary(f->rig->channel, ECHO, gt_bytes_str(text), NULL);
}

static void assert_fails_with(failing *f, const char *expected)
{
    gt_world_fail(f->rig->world, "it failed");
    assert_string_equal(f->text, expected);
}

#define ECHOED(text)                                                                               \
    "      0.000 ms  ->  HEADERS\n"                                                                \
    "      0.000 ms  ->  MESSAGE     1 byte  \"" text "\"\n"                                       \
    "      0.000 ms  ->  HALF-CLOSE\n"                                                             \
    "      0.000 ms  <-  HEADERS\n"                                                                \
    "      0.000 ms  <-  MESSAGE     1 byte  \"" text "\"\n"                                       \
    "      0.000 ms  <-  STATUS      OK"

static void the_call_that_was_asked_last_comes_first(void **state)
{
    failing *f = *state;
    gt_call *first = echo(f, "a"), *second = echo(f, "b"), *third = echo(f, "c");

    (void)gt_call_trailer(second);

    assert_fails_with(f, "it failed\n"
                         "call 3  /test.Test/Echo  over bufconn:1, served as call 4\n" ECHOED(
                             "b") "\ncall 1  /test.Test/Echo  over bufconn:1, served as call "
                                  "2\n" ECHOED("a") "\ncall 5  /test.Test/Echo  over bufconn:1, "
                                                    "served as call 6\n" ECHOED("c"));
    gt_call_free(first);
    gt_call_free(second);
    gt_call_free(third);
}

static void every_way_to_ask_a_call_counts(void **state)
{
    failing *f = *state;
    gt_bytes message;
    gt_call *asked[4];
    for (int i = 0; i < 4; i++)
        asked[i] = echo(f, "a");

    (void)gt_call_header(asked[1]);
    (void)gt_call_status(asked[2]);
    assert_int_equal(gt_call_recv(asked[3], &message), 0);
    gt_world_fail(f->rig->world, "it failed");
    assert_memory_equal(f->text, "it failed\ncall 7", 16);

    for (int i = 0; i < 4; i++)
        gt_call_free(asked[i]);
}

static void an_end_that_saw_something_else_is_shown(void **state)
{
    failing *f = *state;
    gt_duration nap = GT_MS(200);
    gt_server_handle(f->rig->server, OTHER, GT_UNARY, kit_sleep, &nap);
    gt_link_weather(gt_link_of_listener(f->rig->listener), &(gt_weather){.latency = GT_MS(1)});
    gt_call_free(gt_unary(f->rig->channel, OTHER, gt_bytes_str("x"),
                          &(gt_call_options){.timeout = GT_MS(50)}));

    assert_fails_with(f, "it failed\n"
                         "call 1  /test.Test/Other  over bufconn:1\n"
                         "      2.000 ms  ->  HEADERS     grpc-timeout=48000000n\n"
                         "      2.000 ms  ->  MESSAGE     1 byte  \"x\"\n"
                         "      2.000 ms  ->  HALF-CLOSE\n"
                         "     50.000 ms  --  END         DEADLINE_EXCEEDED \"deadline exceeded\"\n"
                         "     50.000 ms  ->  RESET       CANCEL\n"
                         "call 2  /test.Test/Other  served, from bufconn:1/1\n"
                         "      3.000 ms  ->  HEADERS     grpc-timeout=48000000n  "
                         "user-agent=grpc-c-grpctest/0.1.0\n"
                         "      3.000 ms  ->  MESSAGE     1 byte  \"x\"\n"
                         "      3.000 ms  ->  HALF-CLOSE");
}

static gt_call *begin(gt_channel *channel, const char *method)
{
    gt_call *call = gt_call_new(channel, method, NULL);
    gt_call_half_close(call);
    return call;
}

static void calls_of_two_methods_are_two_calls(void **state)
{
    failing *f = *state;
    gt_server_handle(f->rig->server, OTHER, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_server_handle(f->rig->server, THIRD, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_channel *late = gt_channel_new(f->rig->dialer, NULL);
    gt_call_free(echo(f, "a")); /* now one channel has its connection */
    gt_call *first = begin(late, OTHER), *second = begin(f->rig->channel, THIRD);
    assert_int_equal(gt_settle(f->rig->world), 0);

    gt_world_fail(f->rig->world, "it failed");

    assert_non_null(strstr(f->text, "\ncall 3  " OTHER "  over bufconn:1, served as call 6\n"));
    assert_non_null(strstr(f->text, "\ncall 4  " THIRD "  over bufconn:1, served as call 5\n"));
    gt_call_free(first);
    gt_call_free(second);
    gt_channel_free(late);
}

static void an_early_call_that_was_asked_is_shown(void **state)
{
    failing *f = *state;
    gt_call *early = echo(f, "a");
    for (int i = 0; i < 20; i++)
        gt_call_free(echo(f, "b"));

    (void)gt_call_trailer(early);
    gt_world_fail(f->rig->world, "it failed");

    const char *expected =
        "it failed\n"
        "(10 earlier calls are not shown)\n"
        "call 1  /test.Test/Echo  over bufconn:1\n" ECHOED(
            "a") "\ncall 11  /test.Test/Echo  over bufconn:1, served as call 12\n";
    assert_memory_equal(f->text, expected, strlen(expected));
    gt_call_free(early);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_call_that_was_asked_last_comes_first), TEST(every_way_to_ask_a_call_counts),
        TEST(an_end_that_saw_something_else_is_shown),  TEST(calls_of_two_methods_are_two_calls),
        TEST(an_early_call_that_was_asked_is_shown),
    };
    return cmocka_run_group_tests_name("journal_failure", tests, NULL, NULL);
}
