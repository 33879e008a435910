/* The ready-made interceptors, time-outs and metadata that calls get without saying so, and what
 * else stands around handlers. */
#include "rpc_test_kit.h"

#include <stdio.h>

#define ECHO "/test.Test/Echo"

static int echo_once(gt_call *call, void *user)
{
    (void)user;
    gt_bytes message;
    int error = gt_call_recv(call, &message);
    return error ? error : gt_call_send(call, message);
}

/* ---- ready-made: client
 * ------------------------------------------------------------------------------ */

typedef struct logged {
    int count;
    char line[256];
} logged;

static void write_log(void *user, const gt_log_entry *entry)
{
    logged *l = user;
    const char *id = gt_metadata_get(entry->metadata, "request-id");
    l->count++;
    snprintf(l->line, sizeof l->line, "%s %s %s \"%s\" %lld ms id %s",
             entry->server ? "server" : "client", entry->method, gt_code_name(entry->status->code),
             entry->status->message, (long long)(entry->latency / 1000000), id ? id : "none");
}

static int fail_late(gt_call *call, void *user)
{
    (void)user;
    int error = gt_context_sleep(gt_call_context(call), GT_MS(30));
    return error ? error : gt_call_fail(call, GT_NOT_FOUND, "nobody");
}

static void both_sides_log_method_error_latency_and_id(void **state)
{
    (void)state;
    logged at_client = {0}, at_server = {0};
    gt_log client_log = {write_log, &at_client}, server_log = {write_log, &at_server};
    gt_metadata *id = gt_metadata_new();
    assert_int_equal(gt_metadata_append(id, "request-id", "request-123"), 0);
    gt_interceptor client[] = {gt_metadata_interceptor(id), gt_log_interceptor(&client_log)};
    gt_interceptor server[] = {gt_log_interceptor(&server_log)};
    kit k;
    kit_open(&k, &(kit_options){.channel = {.interceptors = client, .interceptor_count = 2},
                                .server = {.interceptors = server, .interceptor_count = 1}});
    gt_server_handle(k.server, ECHO, GT_UNARY, fail_late, NULL);

    gt_call *call = gt_unary(k.channel, ECHO, gt_bytes_str("x"), NULL);

    assert_string_equal(at_client.line,
                        "client " ECHO " NOT_FOUND \"nobody\" 30 ms id request-123");
    assert_string_equal(at_server.line,
                        "server " ECHO " NOT_FOUND \"nobody\" 30 ms id request-123");
    assert_int_equal(at_client.count + at_server.count, 2);
    gt_call_free(call);
    kit_close(&k);
    gt_metadata_free(id);
}

static void measuring_counts_calls_messages_and_time(void **state)
{
    (void)state;
    gt_measure measure = {0};
    gt_interceptor chain[] = {gt_measure_interceptor(&measure)};
    kit k;
    kit_open(&k, &(kit_options){.channel = {.interceptors = chain, .interceptor_count = 1}});
    gt_duration nap = GT_MS(20);
    gt_server_handle(k.server, ECHO, GT_UNARY, echo_once, NULL);
    gt_server_handle(k.server, "/test.Test/Sleep", GT_BIDI_STREAMING, kit_sleep, &nap);
    gt_server_handle(k.server, "/test.Test/Fail", GT_UNARY, fail_late, NULL);

    static const char *const methods[] = {ECHO, "/test.Test/Sleep", "/test.Test/Fail"};
    for (int i = 0; i < 3; i++) {
        gt_call *call = gt_unary(k.channel, methods[i], gt_bytes_str("x"), NULL);
        gt_bytes message;
        int error = gt_call_recv(call, &message);
        assert_true(error == 0 || error == GT_EOF);
        gt_call_free(call);
    }

    assert_int_equal(measure.calls, 3);
    assert_int_equal(measure.failed, 2); /* Sleep sends no reply, which a unary call must have */
    assert_int_equal(measure.sent, 3);
    assert_int_equal(measure.received, 1);
    assert_int_equal(measure.total, GT_MS(50));
    assert_int_equal(measure.longest, GT_MS(30));
    kit_close(&k);
}

static void a_default_time_out_yields_to_the_calls_own(void **state)
{
    (void)state;
    gt_duration timeout = GT_MS(10), nap = GT_SEC(1);
    gt_interceptor chain[] = {gt_timeout_interceptor(&timeout)};
    kit k;
    kit_open(&k, &(kit_options){.channel = {.interceptors = chain, .interceptor_count = 1}});
    gt_server_handle(k.server, ECHO, GT_BIDI_STREAMING, kit_sleep, &nap);
    gt_context *background = gt_context_background(k.world);
    gt_context *context = gt_context_with_timeout(background, GT_MS(60));

    gt_call *call = gt_call_new(k.channel, ECHO, NULL);
    kit_assert_status(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");
    assert_int_equal(gt_now(k.world), GT_MS(10));
    gt_call_free(call);

    call = gt_call_new(k.channel, ECHO, &(gt_call_options){.timeout = GT_MS(30)});
    kit_assert_status(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");
    assert_int_equal(gt_now(k.world), GT_MS(40));
    gt_call_free(call);

    call = gt_call_new(k.channel, ECHO, &(gt_call_options){.context = context});
    kit_assert_status(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");
    assert_int_equal(gt_now(k.world), GT_MS(60));
    gt_call_free(call);

    call = gt_call_new(k.channel, ECHO, &(gt_call_options){.timeout = GT_NEVER});
    kit_assert_status(call, GT_OK, "");
    assert_int_equal(gt_now(k.world), GT_MS(1060));
    gt_call_free(call);
    gt_context_free(context);
    gt_context_free(background);
    kit_close(&k);
}

static void a_channels_configuration_times_methods_out_by_the_longest_name(void **state)
{
    (void)state;
    static const gt_method_config methods[] = {
        {"", GT_MS(30)}, {"/test.Test/", GT_MS(20)}, {ECHO, GT_MS(10)}};
    static const struct {
        const char *method;
        gt_duration takes;
    } cases[] = {
        {ECHO, GT_MS(10)}, {"/test.Test/Other", GT_MS(20)}, {"/other.Test/Echo", GT_MS(30)}};
    kit k;
    kit_open(&k, &(kit_options){.channel = {.methods = methods, .method_count = 3}});
    gt_duration nap = GT_SEC(1);
    gt_time expected = 0;
    for (int i = 0; i < 3; i++) {
        gt_server_handle(k.server, cases[i].method, GT_BIDI_STREAMING, kit_sleep, &nap);
        gt_call *call = gt_call_new(k.channel, cases[i].method, NULL);
        kit_assert_status(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");
        assert_int_equal(gt_now(k.world), expected += cases[i].takes);
        gt_call_free(call);
    }
    gt_call *call = gt_call_new(k.channel, ECHO, &(gt_call_options){.timeout = GT_MS(4)});
    kit_assert_status(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");
    assert_int_equal(gt_now(k.world), expected + GT_MS(4));
    gt_call_free(call);
    kit_close(&k);
}

static int names_itself(gt_call *call, void *user)
{
    (void)user;
    gt_call_add_trailer(call, gt_call_request_metadata(call));
    return 0;
}

static void contexts_carry_metadata_replaced_or_appended(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, names_itself, NULL);
    gt_metadata *one = gt_metadata_new(), *two = gt_metadata_new(), *own = gt_metadata_new();
    assert_int_equal(gt_metadata_append(one, "a", "1"), 0);
    assert_int_equal(gt_metadata_append(two, "a", "2"), 0);
    assert_int_equal(gt_metadata_append(own, "a", "3"), 0);
    gt_context *background = gt_context_background(k->world);
    gt_context *first = gt_context_with_metadata(background, one);
    gt_context *replaced = gt_context_with_metadata(first, two);
    gt_context *appended = gt_context_append_metadata(first, two);
    const struct {
        gt_context *context;
        const char *values[3];
    } cases[] = {{replaced, {"2", "3", NULL}}, {appended, {"1", "2", "3"}}};

    for (int i = 0; i < 2; i++) {
        gt_call *call = gt_call_new(
            k->channel, ECHO, &(gt_call_options){.context = cases[i].context, .metadata = own});
        kit_assert_status(call, GT_OK, "");
        for (size_t v = 0; v < 3; v++) {
            gt_bytes value;
            int error = gt_metadata_get_bytes(gt_call_trailer(call), "a", v, &value);
            assert_int_equal(error, cases[i].values[v] ? 0 : GT_ENOENT);
            if (!error)
                assert_string_equal((const char *)value.data, cases[i].values[v]);
        }
        gt_call_free(call);
    }
    gt_context *contexts[] = {appended, replaced, first, background};
    for (int i = 0; i < 4; i++)
        gt_context_free(contexts[i]);
    gt_metadata_free(one);
    gt_metadata_free(two);
    gt_metadata_free(own);
}

/* ---- ready-made: server
 * -------------------------------------------------------------------------------- */

static int check_user(gt_call *call, void *user)
{
    const char *id = gt_metadata_get(gt_call_request_metadata(call), "userid");
    if (!id)
        return gt_call_fail(call, GT_UNAUTHENTICATED, "no userid");
    return strcmp(id, user) == 0 ? 0 : gt_call_fail(call, GT_UNAUTHENTICATED, "wrong userid");
}

static void authentication_refuses_before_the_handler_runs(void **state)
{
    (void)state;
    static char jane[] = "jane";
    gt_auth auth = {check_user, jane};
    gt_interceptor chain[] = {gt_auth_interceptor(&auth)};
    kit k;
    kit_open(&k, &(kit_options){.server = {.interceptors = chain, .interceptor_count = 1}});
    gt_server_handle(k.server, ECHO, GT_BIDI_STREAMING, names_itself, NULL);
    static const struct {
        const char *id;
        gt_code code;
        const char *message;
    } cases[] = {{NULL, GT_UNAUTHENTICATED, "no userid"},
                 {"jack", GT_UNAUTHENTICATED, "wrong userid"},
                 {"jane", GT_OK, ""}};
    for (int i = 0; i < 3; i++) {
        gt_metadata *metadata = gt_metadata_new();
        if (cases[i].id)
            assert_int_equal(gt_metadata_append(metadata, "userid", cases[i].id), 0);
        gt_call *call = gt_call_new(k.channel, ECHO, &(gt_call_options){.metadata = metadata});
        kit_assert_status(call, cases[i].code, cases[i].message);
        gt_call_free(call);
        gt_metadata_free(metadata);
    }
    kit_close(&k);
}

static void a_slow_handler_is_ended_by_the_servers_time_out(void **state)
{
    (void)state;
    gt_server_timeouts timeouts = {.per_call = GT_MS(300)};
    gt_interceptor chain[] = {gt_server_timeout_interceptor(&timeouts)};
    kit k;
    kit_open(&k, &(kit_options){.server = {.interceptors = chain, .interceptor_count = 1}});
    gt_duration slow = GT_MS(301), fast = GT_MS(299);
    gt_server_handle(k.server, ECHO, GT_UNARY, kit_sleep, &slow);
    gt_server_handle(k.server, "/test.Test/Fast", GT_BIDI_STREAMING, kit_sleep, &fast);

    gt_call *call = gt_unary(k.channel, ECHO, gt_bytes_str("x"), NULL);
    kit_assert_status(call, GT_DEADLINE_EXCEEDED, ECHO ": Deadline exceeded");
    assert_int_equal(gt_now(k.world), GT_MS(300));
    gt_call_free(call);

    call = gt_call_new(k.channel, "/test.Test/Fast", NULL);
    kit_assert_status(call, GT_OK, "");
    gt_call_free(call);
    kit_close(&k);
}

static void time_outs_for_unary_calls_and_for_all_are_told_apart(void **state)
{
    (void)state;
    gt_duration slow = GT_SEC(1);
    static const struct {
        gt_duration per_unary_call, per_call;
        gt_time unary, stream; /* when they end, each in a world of its own */
    } cases[] = {{GT_MS(300), 0, GT_MS(300), GT_SEC(1)},
                 {0, GT_MS(300), GT_MS(300), GT_MS(300)},
                 {GT_MS(300), GT_MS(400), GT_MS(300), GT_MS(400)},
                 {GT_MS(300), GT_MS(200), GT_MS(200), GT_MS(200)}};
    for (int i = 0; i < 8; i++) {
        gt_server_timeouts timeouts = {cases[i / 2].per_unary_call, cases[i / 2].per_call, 0};
        gt_interceptor chain[] = {gt_server_timeout_interceptor(&timeouts)};
        bool unary = i % 2 == 0;
        kit k;
        kit_open(&k, &(kit_options){.server = {.interceptors = chain, .interceptor_count = 1}});
        gt_server_handle(k.server, ECHO, unary ? GT_UNARY : GT_BIDI_STREAMING, kit_sleep, &slow);
        gt_call *call = unary ? gt_unary(k.channel, ECHO, gt_bytes_str("x"), NULL)
                              : gt_call_new(k.channel, ECHO, NULL);
        (void)gt_call_status(call);
        assert_int_equal(gt_now(k.world), unary ? cases[i / 2].unary : cases[i / 2].stream);
        gt_call_free(call);
        kit_close(&k);
    }
}

static void a_silent_stream_is_ended_after_its_last_message(void **state)
{
    (void)state;
    gt_server_timeouts timeouts = {.per_message = GT_MS(500)};
    gt_interceptor chain[] = {gt_server_timeout_interceptor(&timeouts)};
    kit k;
    kit_open(&k, &(kit_options){.server = {.interceptors = chain, .interceptor_count = 1}});
    gt_server_handle(k.server, ECHO, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_call *call = gt_call_new(k.channel, ECHO, NULL);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(gt_call_send(call, gt_bytes_str("x")), 0);
        kit_assert_message(call, "x");
        assert_int_equal(gt_sleep(k.world, GT_MS(400)), 0);
    }

    kit_assert_status(call, GT_DEADLINE_EXCEEDED, ECHO ": Deadline exceeded");

    assert_int_equal(gt_now(k.world), GT_MS(2 * 400 + 500));
    gt_call_free(call);
    kit_close(&k);
}

typedef struct receiver {
    gt_call *call;
    gt_time when;
    int error;
} receiver;

static void listen(void *arg)
{
    receiver *l = arg;
    gt_bytes message;
    l->error = gt_call_recv(l->call, &message);
    l->when = gt_now(gt_call_world(l->call));
}

/* Another task waits from the beginning, the handler itself 100 ms later. */
static int listens_twice(gt_call *call, void *user)
{
    receiver *receivers = user;
    receivers[0].call = receivers[1].call = call;
    gt_task *task = gt_spawn(gt_call_world(call), "first", listen, &receivers[0]);
    assert_int_equal(gt_sleep(gt_call_world(call), GT_MS(100)), 0);
    listen(&receivers[1]);
    assert_int_equal(gt_task_join(task, NULL), 0);
    return receivers[1].error;
}

static void each_message_begins_the_wait_anew_for_who_is_left(void **state)
{
    (void)state;
    gt_server_timeouts timeouts = {.per_message = GT_MS(500)};
    gt_interceptor chain[] = {gt_server_timeout_interceptor(&timeouts)};
    receiver receivers[2] = {{0}};
    kit k;
    kit_open(&k, &(kit_options){.server = {.interceptors = chain, .interceptor_count = 1}});
    gt_server_handle(k.server, ECHO, GT_BIDI_STREAMING, listens_twice, receivers);
    gt_call *call = gt_call_new(k.channel, ECHO, NULL);
    assert_int_equal(gt_sleep(k.world, GT_MS(300)), 0);
    assert_int_equal(gt_call_send(call, gt_bytes_str("x")), 0);

    kit_assert_status(call, GT_DEADLINE_EXCEEDED, ECHO ": Deadline exceeded");
    assert_int_equal(gt_settle(k.world), 0);

    /* Which of the two gets the message is the seed's choice. */
    const receiver *got = receivers[0].error ? &receivers[1] : &receivers[0];
    const receiver *left = receivers[0].error ? &receivers[0] : &receivers[1];
    assert_int_equal(got->error, 0);
    assert_int_equal(got->when, GT_MS(300));
    assert_int_equal(left->error, GT_ETIMEDOUT);
    assert_int_equal(left->when, GT_MS(300 + 500));
    gt_call_free(call);
    kit_close(&k);
}

static int works_between_messages(gt_call *call, void *user)
{
    (void)user;
    gt_bytes message;
    int error;
    while ((error = gt_call_recv(call, &message)) == 0)
        if (gt_sleep(gt_call_world(call), GT_MS(900)) != 0)
            return GT_INTERNAL;
    return error == GT_EOF ? GT_OK : error;
}

static void what_a_handler_does_between_messages_has_no_limit(void **state)
{
    (void)state;
    gt_server_timeouts timeouts = {.per_message = GT_MS(500)};
    gt_interceptor chain[] = {gt_server_timeout_interceptor(&timeouts)};
    kit k;
    kit_open(&k, &(kit_options){.server = {.interceptors = chain, .interceptor_count = 1}});
    gt_server_handle(k.server, ECHO, GT_BIDI_STREAMING, works_between_messages, NULL);
    gt_call *call = gt_call_new(k.channel, ECHO, NULL);
    assert_int_equal(gt_call_send(call, gt_bytes_str("x")), 0);
    gt_call_half_close(call);

    kit_assert_status(call, GT_OK, "");

    assert_int_equal(gt_now(k.world), GT_MS(900));
    gt_call_free(call);
    kit_close(&k);
}

static int tells_method(gt_call *call, void *user)
{
    (void)user;
    return gt_call_fail(call, GT_NOT_FOUND, "what is %s?", gt_call_method(call));
}

static void a_fallback_handler_takes_what_nobody_handles(void **state)
{
    kit *k = *state;
    gt_server_handle_unknown(k->server, tells_method, NULL);
    gt_server_handle(k->server, ECHO, GT_UNARY, echo_once, NULL);

    gt_call *unknown = gt_unary(k->channel, "/no.Such/Method", gt_bytes_str("x"), NULL);
    gt_call *known = gt_unary(k->channel, ECHO, gt_bytes_str("x"), NULL);
    kit_assert_status(unknown, GT_NOT_FOUND, "what is /no.Such/Method?");
    kit_assert_status(known, GT_OK, "");
    gt_call_free(unknown);
    gt_call_free(known);

    gt_server_handle_unknown(k->server, NULL, NULL);
    unknown = gt_unary(k->channel, "/no.Such/Method", gt_bytes_str("x"), NULL);
    kit_assert_status(unknown, GT_UNIMPLEMENTED, "unknown method /no.Such/Method");
    gt_call_free(unknown);
}

static void a_default_time_out_counts_under_a_context_without_one(void **state)
{
    (void)state;
    gt_duration timeout = GT_MS(10), nap = GT_SEC(1);
    gt_interceptor chain[] = {gt_timeout_interceptor(&timeout)};
    kit k;
    kit_open(&k, &(kit_options){.channel = {.interceptors = chain, .interceptor_count = 1}});
    gt_server_handle(k.server, ECHO, GT_BIDI_STREAMING, kit_sleep, &nap);
    gt_context *context = gt_context_background(k.world);

    gt_call *call = gt_call_new(k.channel, ECHO, &(gt_call_options){.context = context});

    kit_assert_status(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");
    assert_int_equal(gt_now(k.world), GT_MS(10));
    gt_call_free(call);
    gt_context_free(context);
    kit_close(&k);
}

/* The second call ends in the queue, before any time-out of the server's was set. */
static void a_call_that_never_ran_has_no_time_outs_to_stop(void **state)
{
    (void)state;
    gt_server_timeouts timeouts = {.per_call = GT_SEC(1)};
    gt_interceptor chain[] = {gt_server_timeout_interceptor(&timeouts)};
    gt_duration nap = GT_MS(50);
    kit k;
    kit_open(&k, &(kit_options){
                     .seed = GT_NO_SEED,
                     .server = {.max_handlers = 1, .interceptors = chain, .interceptor_count = 1}});
    gt_server_handle(k.server, ECHO, GT_BIDI_STREAMING, kit_sleep, &nap);
    gt_call *first = gt_call_new(k.channel, ECHO, NULL);
    assert_int_equal(gt_settle(k.world), 0);

    gt_call *second = gt_call_new(k.channel, ECHO, &(gt_call_options){.timeout = GT_MS(10)});

    kit_assert_status(second, GT_DEADLINE_EXCEEDED, "deadline exceeded");
    kit_assert_status(first, GT_OK, "");
    assert_int_equal(gt_now(k.world), GT_MS(50));
    gt_call_free(first);
    gt_call_free(second);
    kit_close(&k);
}

static void messages_have_no_limit_where_only_calls_have_one(void **state)
{
    (void)state;
    gt_server_timeouts timeouts = {.per_call = GT_MS(50)};
    gt_interceptor chain[] = {gt_server_timeout_interceptor(&timeouts)};
    kit k;
    kit_open(&k, &(kit_options){.server = {.interceptors = chain, .interceptor_count = 1}});
    gt_server_handle(k.server, ECHO, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_call *call = gt_call_new(k.channel, ECHO, NULL);
    assert_int_equal(gt_sleep(k.world, GT_MS(30)), 0);

    assert_int_equal(gt_call_send(call, gt_bytes_str("late")), 0);

    kit_assert_message(call, "late");
    kit_assert_status(call, GT_DEADLINE_EXCEEDED, ECHO ": Deadline exceeded");
    assert_int_equal(gt_now(k.world), GT_MS(50));
    gt_call_free(call);
    kit_close(&k);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_log_method_error_latency_and_id),
        cmocka_unit_test(measuring_counts_calls_messages_and_time),
        cmocka_unit_test(a_default_time_out_yields_to_the_calls_own),
        cmocka_unit_test(a_channels_configuration_times_methods_out_by_the_longest_name),
        TEST(contexts_carry_metadata_replaced_or_appended),
        cmocka_unit_test(authentication_refuses_before_the_handler_runs),
        cmocka_unit_test(a_slow_handler_is_ended_by_the_servers_time_out),
        cmocka_unit_test(time_outs_for_unary_calls_and_for_all_are_told_apart),
        cmocka_unit_test(a_silent_stream_is_ended_after_its_last_message),
        cmocka_unit_test(each_message_begins_the_wait_anew_for_who_is_left),
        cmocka_unit_test(what_a_handler_does_between_messages_has_no_limit),
        TEST(a_fallback_handler_takes_what_nobody_handles),
        cmocka_unit_test(a_default_time_out_counts_under_a_context_without_one),
        cmocka_unit_test(a_call_that_never_ran_has_no_time_outs_to_stop),
        cmocka_unit_test(messages_have_no_limit_where_only_calls_have_one),
    };
    return cmocka_run_group_tests_name("ready_made", tests, NULL, NULL);
}
