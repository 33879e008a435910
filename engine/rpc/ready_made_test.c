/* The ready-made interceptors, time-outs and metadata that calls get without saying so, and what
 * else stands around handlers. */
#include "rpc_test_kit.h"

#include "engine/core/death_test.h"

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

static int look_up(gt_call *call, int index)
{
    if (index > 5)
        gt_give_up(call, "index %d is out of range", index);
    return index;
}

static int gives_up(gt_call *call, void *user)
{
    (void)user;
    return look_up(call, 7);
}

static void write_reason(void *user, const char *method, const char *reason)
{
    snprintf(user, 128, "%s: %s", method, reason);
}

static void a_handler_that_gives_up_is_internal_and_the_server_goes_on(void **state)
{
    (void)state;
    char line[128] = "";
    gt_recover_log log = {write_reason, line};
    gt_measure outside = {0};
    gt_interceptor chain[] = {gt_measure_interceptor(&outside), gt_recover_interceptor(&log)};
    kit k;
    kit_open(&k, &(kit_options){.server = {.interceptors = chain, .interceptor_count = 2}});
    gt_server_handle(k.server, ECHO, GT_UNARY, gives_up, NULL);
    gt_server_handle(k.server, "/test.Test/Fine", GT_UNARY, echo_once, NULL);

    gt_call *call = gt_unary(k.channel, ECHO, gt_bytes_str("x"), NULL);
    kit_assert_status(call, GT_INTERNAL, "Unexpected error happened");
    assert_string_equal(line, ECHO ": index 7 is out of range");
    assert_int_equal(gt_settle(k.world), 0);
    assert_int_equal(outside.failed, 1);
    gt_call_free(call);

    call = gt_unary(k.channel, "/test.Test/Fine", gt_bytes_str("y"), NULL);
    kit_assert_status(call, GT_OK, "");
    gt_call_free(call);
    kit_close(&k);
}

static void keep_text(const gt_failure *failure, void *user)
{
    snprintf(user, 256, "%s", failure->text);
}

static void giving_up_without_recover_is_a_failure_of_the_world(void **state)
{
    (void)state;
    char text[256] = "";
    gt_world *world =
        gt_world_new(&(gt_world_options){.on_failure = keep_text, .on_failure_user = text});
    gt_listener *listener = gt_bufconn_listen(world, 4096);
    gt_dialer *dialer = gt_bufconn_dialer(listener);
    gt_server *server = gt_server_new(world, NULL);
    gt_server_handle(server, ECHO, GT_UNARY, gives_up, NULL);
    gt_server_serve(server, listener);
    gt_channel *channel = gt_channel_new(dialer, NULL);

    gt_call *call = gt_unary(channel, ECHO, gt_bytes_str("x"), NULL);

    assert_true(gt_world_failed(world));
    assert_non_null(strstr(text, "the handler of " ECHO " gave up: index 7 is out of range"));
    assert_int_equal(gt_call_status(call)->code, GT_UNKNOWN);
    gt_world_free(world);
}

static void ends_from_outside(void *arg)
{
    gt_call_end(arg, GT_ABORTED, "from outside");
}

static int waits(gt_call *call, void *user)
{
    int *result = user;
    gt_task_detach(gt_spawn(gt_call_world(call), "other", ends_from_outside, call));
    *result = gt_context_wait(gt_call_context(call));
    return GT_DATA_LOSS;
}

static void a_call_can_be_ended_from_outside_its_handler(void **state)
{
    kit *k = *state;
    int result = 0;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, waits, &result);

    gt_call *call = gt_call_new(k->channel, ECHO, NULL);

    kit_assert_status(call, GT_ABORTED, "from outside");
    assert_int_equal(gt_settle(k->world), 0);
    assert_int_equal(result, GT_ECANCELLED);
    gt_call_free(call);
}

static void add(gt_call *call, const char *key, const char *value)
{
    gt_metadata *header = gt_metadata_new();
    assert_int_equal(gt_metadata_append(header, key, value), 0);
    assert_int_equal(gt_call_add_header(call, header), 0);
    gt_metadata_free(header);
}

/* Prepares headers and details, leaves a message unread, and is ended meanwhile. */
static int prepares(gt_call *call, void *user)
{
    int *result = user;
    gt_bytes message;
    add(call, "prepared", "yes");
    gt_call_set_details(call, gt_bytes_str("details of another status"));
    *result = gt_sleep(gt_call_world(call), GT_MS(10));
    if (!*result)
        gt_call_end(call, GT_ABORTED, "from outside");
    *result = gt_call_recv(call, &message);
    return 0;
}

static void what_was_prepared_before_a_call_is_ended_is_not_mixed_with_its_status(void **state)
{
    kit *k = *state;
    int result = 0;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, prepares, &result);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);
    assert_int_equal(gt_call_send(call, gt_bytes_str("never read")), 0);

    kit_assert_status(call, GT_ABORTED, "from outside");

    assert_int_equal(gt_call_status(call)->details.size, 0);
    assert_string_equal(gt_metadata_get(gt_call_header(call), "prepared"), "yes");
    assert_int_equal(gt_settle(k->world), 0);
    assert_int_equal(result, GT_ECANCELLED);
    gt_call_free(call);
}

static int gives_up_after_details(gt_call *call, void *user)
{
    (void)user;
    gt_call_set_details(call, gt_bytes_str("details of another status"));
    gt_give_up(call, "after all");
}

static void giving_up_sends_no_details_of_another_status(void **state)
{
    (void)state;
    gt_interceptor chain[] = {gt_recover_interceptor(NULL)};
    kit k;
    kit_open(&k, &(kit_options){.server = {.interceptors = chain, .interceptor_count = 1}});
    gt_server_handle(k.server, ECHO, GT_UNARY, gives_up_after_details, NULL);

    gt_call *call = gt_unary(k.channel, ECHO, gt_bytes_str("x"), NULL);

    kit_assert_status(call, GT_INTERNAL, "Unexpected error happened");
    assert_int_equal(gt_call_status(call)->details.size, 0);
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

static void give_up_elsewhere(void *call)
{
    gt_give_up(call, "from another task");
}

static int have_another_give_up(gt_call *call, void *user)
{
    (void)user;
    gt_world *world = gt_call_world(call);
    return gt_task_join(gt_spawn(world, "other", give_up_elsewhere, call), NULL);
}

static void serve_one_who_has_another_give_up(void *arg)
{
    kit *k = arg;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, have_another_give_up, NULL);
    gt_call_status(gt_call_new(k->channel, ECHO, NULL));
}

static void give_up_a_call_of_ones_own(void *arg)
{
    kit *k = arg;
    gt_give_up(gt_call_new(k->channel, ECHO, NULL), "as a client");
}

static void giving_up_on_another_task_is_misuse(void **state)
{
    const char *expected =
        "grpctest: gt_give_up: this is not the task of the handler of " ECHO "\n";
    assert_dies(serve_one_who_has_another_give_up, *state, expected);
    assert_dies(give_up_a_call_of_ones_own, *state, expected);
}

static int end_twice(gt_call *call, void *user)
{
    gt_metadata *header = user;
    assert_int_equal(gt_call_send_header(call, header), 0);
    gt_call_end(call, GT_ABORTED, "first");
    gt_call_end(call, GT_DATA_LOSS, "second");
    return GT_OK;
}

static void a_call_is_ended_once(void **state)
{
    kit *k = *state;
    gt_metadata *header = gt_metadata_new();
    assert_int_equal(gt_metadata_append(header, "color", "red"), 0);
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, end_twice, header);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);
    kit_assert_status(call, GT_ABORTED, "first");
    assert_int_equal(gt_metadata_count(gt_call_header(call)), 1);
    gt_call_free(call);
    gt_metadata_free(header);
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
        cmocka_unit_test(a_handler_that_gives_up_is_internal_and_the_server_goes_on),
        cmocka_unit_test(giving_up_without_recover_is_a_failure_of_the_world),
        TEST(a_call_can_be_ended_from_outside_its_handler),
        TEST(what_was_prepared_before_a_call_is_ended_is_not_mixed_with_its_status),
        cmocka_unit_test(giving_up_sends_no_details_of_another_status),
        cmocka_unit_test(what_a_handler_does_between_messages_has_no_limit),
        TEST(a_fallback_handler_takes_what_nobody_handles),
        cmocka_unit_test(a_default_time_out_counts_under_a_context_without_one),
        cmocka_unit_test(a_call_that_never_ran_has_no_time_outs_to_stop),
        cmocka_unit_test(messages_have_no_limit_where_only_calls_have_one),
        TEST(giving_up_on_another_task_is_misuse),
        TEST(a_call_is_ended_once),
    };
    return cmocka_run_group_tests_name("ready_made", tests, NULL, NULL);
}
