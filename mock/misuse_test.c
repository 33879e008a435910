/* Mistakes of the test's author: a sentence with the step's place, and abort. */
#include "mock_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "engine/core/death_test.h"

static void assert_sentence(void (*act)(void *), const char *expected)
{
    char words[4096], *file;
    kit *k = kit_new(NULL);
    read_death(act, k, words, sizeof words);
    kit_free(k);
    file = strstr(words, "misuse_test.c:");
    assert_non_null(file);
    assert_string_equal(strchr(file, ' '), expected);
}

static void a_client_step_at_a_server(void *arg)
{
    kit *k = arg;
    GT_ON(k->mock, METHOD, gt_half_close());
}

static void a_server_step_at_a_client(void *arg)
{
    kit *k = arg;
    gt_play_finish(GT_PLAY(k->channel, METHOD, NULL, gt_end(GT_OK, NULL)));
}

static void a_forbidden_header(void *arg)
{
    kit *k = arg;
    GT_ON(k->mock, METHOD, gt_header("grpc-status", "0"));
}

static void sending_inside_any_order(void *arg)
{
    kit *k = arg;
    GT_ON(k->mock, METHOD, gt_any_order(gt_send_header()));
}

static void ending_inside_meanwhile(void *arg)
{
    kit *k = arg;
    GT_ON(k->mock, METHOD, gt_meanwhile(gt_repeat(1, gt_end(GT_OK, NULL))));
}

static void misbehaving_inside_meanwhile(void *arg)
{
    kit *k = arg;
    GT_ON(k->mock, METHOD, gt_meanwhile(gt_misbehave(GT_NO_STATUS)));
}

static void a_file_that_is_not_there(void *arg)
{
    kit *k = arg;
    GT_ON(k->mock, METHOD, gt_send_file("/nowhere/at/all"));
}

static void a_broken_pattern(void *arg)
{
    kit *k = arg;
    GT_ON(k->mock, METHOD, gt_expect(gt_like("[")));
}

static void misuse_is_told_with_the_place_of_the_step(void **state)
{
    (void)state;
    assert_sentence(a_client_step_at_a_server, " gt_half_close is a step for a client's script\n");
    assert_sentence(a_server_step_at_a_client, " gt_end is a step for a server's script\n");
    assert_sentence(a_forbidden_header,
                    " gt_header(\"grpc-status\", ...): keys that start with \"grpc-\" are "
                    "gRPC's own\n");
    assert_sentence(sending_inside_any_order, " gt_send_header inside gt_any_order, which takes "
                                              "expected messages alone\n");
    assert_sentence(ending_inside_meanwhile, " gt_end inside gt_meanwhile: only the script itself "
                                             "can end the call\n");
    assert_sentence(misbehaving_inside_meanwhile,
                    " gt_misbehave inside gt_meanwhile: only the script itself can end the call\n");
    assert_sentence(a_file_that_is_not_there,
                    " gt_send_file: /nowhere/at/all: No such file or directory\n");
    assert_sentence(a_broken_pattern, " \"[\" is no regular expression: missing terminating ] for "
                                      "character class, at offset 1\n");
}

static void two_mocks(void *arg)
{
    kit *k = arg;
    gt_mock *other = gt_mock_new(k->world, NULL);
    gt_after(GT_ON(k->mock, METHOD, gt_hang()), GT_ON(other, METHOD, gt_hang()));
}

static void expectations_of_two_mocks_have_no_order(void **state)
{
    (void)state;
    assert_sentence(two_mocks, " gt_after: the two expectations belong to different mocks\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misuse_is_told_with_the_place_of_the_step),
        cmocka_unit_test(expectations_of_two_mocks_have_no_order),
    };
    return cmocka_run_group_tests_name("mock_misuse", tests, NULL, NULL);
}
