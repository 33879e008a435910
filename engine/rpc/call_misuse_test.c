/* What a test's author can get wrong about a call: each aborts with a sentence. */
#include "rpc_test_kit.h"

#include "engine/core/death_test.h"

#include <stdio.h>

#define ECHO "/test.Test/Echo"

static void make_a_call_of(void *method)
{
    kit k;
    kit_open(&k, &(kit_options){0});
    gt_call_new(k.channel, method, NULL);
}

static void what_cannot_be_a_method_is_misuse(void **state)
{
    (void)state;
    static const char *const methods[] = {"",    "a.B/C",          "/a.B",  "/a.B/",
                                          "//C", "/a.B/C\r\nX: y", "/a b/C"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        char sentence[128];
        snprintf(sentence, sizeof sentence,
                 "grpctest: \"%s\" is no method: it must read \"/package.Service/Method\"\n",
                 methods[i]);
        assert_dies(make_a_call_of, (void *)(uintptr_t)methods[i], sentence);
    }
}

static void use_an_authority(void *authority)
{
    kit k;
    kit_open(&k, &(kit_options){0});
    gt_call_new(k.channel, ECHO, &(gt_call_options){.authority = authority});
}

static void what_cannot_be_an_authority_is_misuse(void **state)
{
    (void)state;
    char authority[] = "a b", empty[] = "", rubbed_out[] = "a\x7f";
    assert_dies(use_an_authority, authority,
                "grpctest: \"a b\" is no authority: it must read like \"host:port\"\n");
    assert_dies(use_an_authority, empty,
                "grpctest: \"\" is no authority: it must read like \"host:port\"\n");
    assert_dies(use_an_authority, rubbed_out,
                "grpctest: \"a\x7f\" is no authority: it must read like \"host:port\"\n");
}

static void no_method_at_all_is_misuse(void **state)
{
    (void)state;
    assert_dies(make_a_call_of, NULL,
                "grpctest: \"(null)\" is no method: it must read \"/package.Service/Method\"\n");
}

/* ---- the wrong side ---------------------------------------------------------------------------
 */

static int half_close_as_if_it_were_a_client(gt_call *call, void *user)
{
    (void)user;
    gt_call_half_close(call);
    return 0;
}

static void serve_with_a_clients_function(void *arg)
{
    kit *k = arg;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, half_close_as_if_it_were_a_client, NULL);
    gt_call_status(gt_call_new(k->channel, ECHO, NULL));
}

static void fail_as_if_it_were_a_handler(void *arg)
{
    kit *k = arg;
    gt_call_fail(gt_call_new(k->channel, ECHO, NULL), GT_ABORTED, "no");
}

static void a_function_of_the_other_side_is_misuse(void **state)
{
    assert_dies(serve_with_a_clients_function, *state,
                "grpctest: gt_call_half_close is for the client's side of a call, not for a "
                "handler\n");
    assert_dies(fail_as_if_it_were_a_handler, *state,
                "grpctest: gt_call_fail is for a handler, not for the client's side of a call\n");
}

static int return_seventeen(gt_call *call, void *user)
{
    (void)call;
    (void)user;
    return 17;
}

static void return_what_is_no_code(void *arg)
{
    kit *k = arg;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, return_seventeen, NULL);
    gt_call_status(gt_call_new(k->channel, ECHO, NULL));
}

static void a_handler_that_returns_no_code_is_misuse(void **state)
{
    assert_dies(return_what_is_no_code, *state,
                "grpctest: the handler of " ECHO " returned 17, which is neither a gt_code nor an "
                "error\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_a_method_is_misuse),
        cmocka_unit_test(what_cannot_be_an_authority_is_misuse),
        cmocka_unit_test(no_method_at_all_is_misuse),
        TEST(a_function_of_the_other_side_is_misuse),
        TEST(a_handler_that_returns_no_code_is_misuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
