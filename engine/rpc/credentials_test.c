/* Per-call credentials: fetched before the stream opens, by a function that may block (scenario
 * S9). */
#include "rpc_test_kit.h"

#define WHO "/test.Test/Who"

typedef struct vault {
    gt_world *world;
    gt_duration slow;
    int error, fetched, last_wait;
} vault;

static int fetch_token(void *user, gt_context *context, const char *method, gt_metadata *metadata)
{
    vault *v = user;
    v->fetched++;
    assert_string_equal(method, WHO);
    v->last_wait = gt_context_sleep(context, v->slow);
    if (v->last_wait)
        return v->last_wait;
    return v->error ? v->error : gt_metadata_append(metadata, "token", "secret");
}

static int tell_token(gt_call *call, void *user)
{
    (void)user;
    const char *token = gt_metadata_get(gt_call_request_metadata(call), "token");
    return gt_call_send(call, gt_bytes_str(token ? token : "none"));
}

/* A kit whose channel has the vault's credentials. */
static void open_with(kit *k, vault *v, bool require_tls)
{
    static gt_call_credentials credentials;
    credentials = (gt_call_credentials){fetch_token, v, require_tls};
    kit_open(k, &(kit_options){.channel = {.credentials = &credentials}});
    gt_server_handle(k->server, WHO, GT_UNARY, tell_token, NULL);
}

static void every_call_brings_fresh_credentials(void **state)
{
    (void)state;
    vault v = {0};
    kit k;
    open_with(&k, &v, false);

    for (int i = 0; i < 2; i++) {
        gt_call *call = gt_unary(k.channel, WHO, gt_bytes_str("x"), NULL);
        kit_assert_message(call, "secret");
        gt_call_free(call);
    }

    assert_int_equal(v.fetched, 2);
    kit_close(&k);
}

static void a_call_waits_for_slow_credentials(void **state)
{
    (void)state;
    vault v = {.slow = GT_MS(70)};
    kit k;
    open_with(&k, &v, false);

    gt_call *call = gt_unary(k.channel, WHO, gt_bytes_str("x"), NULL);

    kit_assert_message(call, "secret");
    assert_int_equal(gt_now(k.world), GT_MS(70));
    gt_call_free(call);
    kit_close(&k);
}

static void the_deadline_covers_the_fetching(void **state)
{
    (void)state;
    vault v = {.slow = GT_MS(70)};
    kit k;
    open_with(&k, &v, false);

    gt_call *call =
        gt_unary(k.channel, WHO, gt_bytes_str("x"), &(gt_call_options){.timeout = GT_MS(20)});

    kit_assert_status(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");
    assert_int_equal(gt_now(k.world), GT_MS(20));
    assert_int_equal(gt_settle(k.world), 0);
    assert_int_equal(v.last_wait, GT_ETIMEDOUT);
    gt_call_free(call);
    kit_close(&k);
}

static void a_call_may_be_freed_while_its_credentials_are_fetched(void **state)
{
    (void)state;
    vault v = {.slow = GT_MS(70)};
    kit k;
    open_with(&k, &v, false);
    gt_call *call = gt_call_new(k.channel, WHO, NULL);
    assert_int_equal(gt_settle(k.world), 0);

    gt_call_free(call);

    assert_int_equal(gt_settle(k.world), 0);
    assert_int_equal(v.last_wait, GT_ECANCELLED);
    kit_close(&k);
}

static void failed_credentials_end_the_call(void **state)
{
    (void)state;
    static const struct {
        int error;
        gt_code code;
        const char *message;
    } cases[] = {
        {GT_EIO, GT_UNAUTHENTICATED, "the credentials were not to be had: input or output failed"},
        {GT_UNAVAILABLE, GT_UNAVAILABLE, "the credentials were not to be had: UNAVAILABLE"},
        {99, GT_UNAUTHENTICATED, "the credentials were not to be had: unknown error"},
    };
    for (int i = 0; i < 3; i++) {
        vault v = {.error = cases[i].error};
        kit k;
        open_with(&k, &v, false);
        gt_call *call = gt_unary(k.channel, WHO, gt_bytes_str("x"), NULL);
        kit_assert_status(call, cases[i].code, cases[i].message);
        gt_call_free(call);
        kit_close(&k);
    }
}

static void credentials_that_require_tls_refuse_a_plain_connection(void **state)
{
    (void)state;
    vault v = {0};
    kit k;
    open_with(&k, &v, true);

    gt_call *call = gt_unary(k.channel, WHO, gt_bytes_str("x"), NULL);

    kit_assert_status(call, GT_UNAUTHENTICATED,
                      "the credentials require TLS, which this connection has not");
    assert_int_equal(v.fetched, 0);
    gt_call_free(call);
    kit_close(&k);
}

static void nothing_is_fetched_where_nobody_answers(void **state)
{
    (void)state;
    vault v = {0};
    kit k;
    open_with(&k, &v, false);
    gt_listener_close(k.listener);

    gt_call *call = gt_unary(k.channel, WHO, gt_bytes_str("x"), NULL);

    kit_assert_status(call, GT_UNAVAILABLE, "no connection to bufconn:1: refused");
    assert_int_equal(v.fetched, 0);
    gt_call_free(call);
    kit_close(&k);
}

static void a_connection_lost_during_the_fetching_is_dialled_anew(void **state)
{
    (void)state;
    vault v = {.slow = GT_MS(70)};
    kit k;
    open_with(&k, &v, false);
    gt_call *call = gt_call_new(k.channel, WHO, &(gt_call_options){.kind = GT_UNARY});
    assert_int_equal(gt_settle(k.world), 0);
    assert_int_equal(gt_server_stop(k.server), 0);
    gt_server *next = gt_server_new(k.world, NULL);
    gt_server_handle(next, WHO, GT_UNARY, tell_token, NULL);
    gt_server_serve(next, k.listener);

    assert_int_equal(gt_call_send(call, gt_bytes_str("x")), 0);
    gt_call_half_close(call);

    kit_assert_message(call, "secret");
    assert_int_equal(v.fetched, 1);
    gt_call_free(call);
    gt_channel_free(k.channel);
    k.channel = NULL;
    gt_server_free(next);
    kit_close(&k);
}

static void a_world_may_fail_while_credentials_are_fetched(void **state)
{
    (void)state;
    vault v = {.slow = GT_MS(70)};
    kit k;
    open_with(&k, &v, false);
    gt_call *call = gt_call_new(k.channel, WHO, NULL);
    assert_int_equal(gt_settle(k.world), 0);

    gt_world_poison_all();

    gt_call_free(call);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_brings_fresh_credentials),
        cmocka_unit_test(a_call_waits_for_slow_credentials),
        cmocka_unit_test(the_deadline_covers_the_fetching),
        cmocka_unit_test(a_call_may_be_freed_while_its_credentials_are_fetched),
        cmocka_unit_test(failed_credentials_end_the_call),
        cmocka_unit_test(credentials_that_require_tls_refuse_a_plain_connection),
        cmocka_unit_test(nothing_is_fetched_where_nobody_answers),
        cmocka_unit_test(a_connection_lost_during_the_fetching_is_dialled_anew),
        cmocka_unit_test(a_world_may_fail_while_credentials_are_fetched),
    };
    return cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
}
