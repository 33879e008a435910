/* Interceptors on both sides: their order, what they see, and what they may change. */
#include "rpc_test_kit.h"

#include "engine/core/death_test.h"

#include <stdio.h>

#define ECHO "/test.Test/Echo"

/* ---- an interceptor that notes what it sees
 * -------------------------------------------------------- */

typedef struct notes {
    char text[512];
} notes;

typedef struct noter {
    notes *to;
    char name;
} noter;

static void note(const gt_interception *x, const char *what)
{
    const noter *n = x->user;
    size_t used = strlen(n->to->text);
    snprintf(n->to->text + used, sizeof n->to->text - used, "%s%c:%s", used ? " " : "", n->name,
             what);
}

static void noting_start(gt_interception *x, gt_call_start *start)
{
    (void)start;
    note(x, "start");
}

static int noting_handle(gt_interception *x)
{
    note(x, "handle");
    int result = gt_next_handle(x);
    note(x, "handled");
    return result;
}

static int noting_send(gt_interception *x, const gt_outgoing *message)
{
    note(x, "send");
    return gt_next_send(x, message);
}

static int noting_recv(gt_interception *x, gt_incoming *message)
{
    int error = gt_next_recv(x, message);
    note(x, error == GT_EOF ? "eof" : error ? "error" : "recv");
    return error;
}

static int noting_header(gt_interception *x, const gt_metadata *header)
{
    note(x, "header");
    return gt_next_header(x, header);
}

static void noting_end(gt_interception *x, const gt_status *status)
{
    note(x, gt_code_name(status->code));
}

static void noting_drop(gt_interception *x)
{
    note(x, "drop");
}

static gt_interceptor noting(noter *n)
{
    return (gt_interceptor){
        .name = "noting",
        .user = n,
        .start = noting_start,
        .handle = noting_handle,
        .send = noting_send,
        .recv = noting_recv,
        .header = noting_header,
        .end = noting_end,
        .drop = noting_drop,
    };
}

static int echo_once(gt_call *call, void *user)
{
    (void)user;
    gt_bytes message;
    int error = gt_call_recv(call, &message);
    return error ? error : gt_call_send(call, message);
}

static void a_clients_interceptors_run_in_the_order_given(void **state)
{
    (void)state;
    notes seen = {""};
    noter a = {&seen, 'a'}, b = {&seen, 'b'};
    gt_interceptor chain[] = {noting(&a), noting(&b)};
    kit k;
    kit_open(&k, &(kit_options){.channel = {.interceptors = chain, .interceptor_count = 2}});
    gt_server_handle(k.server, ECHO, GT_UNARY, echo_once, NULL);

    gt_call *call = gt_unary(k.channel, ECHO, gt_bytes_str("x"), NULL);
    kit_assert_message(call, "x");
    gt_call_free(call);

    assert_string_equal(seen.text, "a:start b:start a:send b:send b:OK a:OK b:recv a:recv "
                                   "b:drop a:drop");
    kit_close(&k);
}

static void a_servers_interceptors_stand_around_the_handler(void **state)
{
    (void)state;
    notes seen = {""};
    noter a = {&seen, 'a'}, b = {&seen, 'b'};
    gt_interceptor chain[] = {noting(&a), noting(&b)};
    kit k;
    kit_open(&k, &(kit_options){.server = {.interceptors = chain, .interceptor_count = 2}});
    gt_server_handle(k.server, ECHO, GT_UNARY, echo_once, NULL);

    gt_call *call = gt_unary(k.channel, ECHO, gt_bytes_str("x"), NULL);
    assert_int_equal(gt_settle(k.world), 0);

    assert_string_equal(seen.text, "a:handle b:handle b:recv a:recv a:send b:send a:header "
                                   "b:header b:handled a:handled b:OK a:OK b:drop a:drop");
    gt_call_free(call);
    kit_close(&k);
}

static int refuse(gt_interception *x)
{
    return gt_call_fail(x->call, GT_PERMISSION_DENIED, "not today");
}

static void a_servers_interceptor_may_refuse_the_call(void **state)
{
    (void)state;
    notes seen = {""};
    noter a = {&seen, 'a'};
    gt_interceptor chain[] = {{.name = "refuse", .handle = refuse}, noting(&a)};
    kit k;
    kit_open(&k, &(kit_options){.server = {.interceptors = chain, .interceptor_count = 2}});
    gt_server_handle(k.server, ECHO, GT_UNARY, echo_once, NULL);

    gt_call *call = gt_unary(k.channel, ECHO, gt_bytes_str("x"), NULL);

    kit_assert_status(call, GT_PERMISSION_DENIED, "not today");
    assert_null(strstr(seen.text, "handle"));
    gt_call_free(call);
    kit_close(&k);
}

static int shout(gt_interception *x, const gt_outgoing *message)
{
    char loud[16];
    size_t size = message->bytes.size;
    for (size_t i = 0; i < size; i++)
        loud[i] = (char)(message->bytes.data[i] - 'a' + 'A');
    gt_outgoing changed = {.bytes = gt_bytes_of(loud, size)};
    return gt_next_send(x, &changed);
}

static void an_interceptor_may_change_a_message(void **state)
{
    (void)state;
    gt_interceptor chain[] = {{.name = "shout", .send = shout}};
    kit k;
    kit_open(&k, &(kit_options){.channel = {.interceptors = chain, .interceptor_count = 1}});
    gt_server_handle(k.server, ECHO, GT_UNARY, echo_once, NULL);

    gt_call *call = gt_unary(k.channel, ECHO, gt_bytes_str("hello"), NULL);

    kit_assert_message(call, "HELLO");
    gt_call_free(call);
    kit_close(&k);
}

static int count_sends(gt_interception *x, const gt_outgoing *message)
{
    size_t *count = x->state;
    ++*count;
    char text[8];
    snprintf(text, sizeof text, "%zu", *count);
    (void)message;
    gt_outgoing changed = {.bytes = gt_bytes_str(text)};
    return gt_next_send(x, &changed);
}

static void each_call_has_a_state_of_its_own_that_begins_at_zero(void **state)
{
    (void)state;
    gt_interceptor chain[] = {{.name = "count", .state_size = sizeof(size_t), .send = count_sends},
                              {.name = "again", .state_size = 3}};
    kit k;
    kit_open(&k, &(kit_options){.channel = {.interceptors = chain, .interceptor_count = 2}});
    gt_server_handle(k.server, ECHO, GT_BIDI_STREAMING, kit_echo, NULL);

    for (int round = 0; round < 2; round++) {
        gt_call *call = gt_call_new(k.channel, ECHO, NULL);
        assert_int_equal(gt_call_send(call, gt_bytes_str("x")), 0);
        kit_assert_message(call, "1");
        assert_int_equal(gt_call_send(call, gt_bytes_str("x")), 0);
        kit_assert_message(call, "2");
        gt_call_free(call);
    }
    kit_close(&k);
}

static void a_call_keeps_its_interceptors_when_the_channel_has_gone(void **state)
{
    (void)state;
    notes seen = {""};
    noter a = {&seen, 'a'};
    gt_interceptor chain[] = {noting(&a)};
    kit k;
    kit_open(&k, &(kit_options){0});
    gt_channel *channel = gt_channel_new(
        k.dialer, &(gt_channel_options){.interceptors = chain, .interceptor_count = 1});
    gt_call *call = gt_call_new(channel, ECHO, NULL);

    gt_channel_free(channel);
    gt_bytes none;
    assert_int_equal(gt_call_recv(call, &none), GT_EOF);
    gt_call_free(call);

    assert_string_equal(seen.text, "a:start a:CANCELLED a:eof a:drop");
    kit_close(&k);
}

/* ---- misuse
 * -------------------------------------------------------------------------------------- */

static void freeing_end(gt_interception *x, const gt_status *status)
{
    (void)status;
    gt_call_free(x->call);
}

static void cancelling_start(gt_interception *x, gt_call_start *start)
{
    (void)start;
    gt_call_cancel(x->call);
}

static void make_and_cancel(void *interceptor)
{
    kit k;
    kit_open(&k, &(kit_options){.channel = {.interceptors = interceptor, .interceptor_count = 1}});
    gt_call_cancel(gt_call_new(k.channel, ECHO, NULL));
}

static void an_interceptor_may_not_free_its_call_as_it_ends(void **state)
{
    (void)state;
    gt_interceptor freeing = {.name = "freeing", .end = freeing_end};

    assert_dies(make_and_cancel, &freeing,
                "grpctest: gt_call_free was called from an interceptor's `start` or `end` "
                "at this very call\n");
}

static void an_interceptor_may_not_cancel_its_call_as_it_starts(void **state)
{
    (void)state;
    gt_interceptor cancelling = {.name = "cancelling", .start = cancelling_start};

    assert_dies(make_and_cancel, &cancelling,
                "grpctest: gt_call_cancel was called from an interceptor's `start` or "
                "`end` at this very call\n");
}

/* ---- refusing a client's call ---- */

static void refusing_start(gt_interception *x, gt_call_start *start)
{
    (void)start;
    gt_interception_refuse(x, GT_RESOURCE_EXHAUSTED, "no more than %d calls", *(int *)x->user);
}

static void a_clients_interceptor_may_refuse_the_call(void **state)
{
    (void)state;
    int first = 3, second = 4;
    gt_interceptor chain[] = {{.name = "first", .user = &first, .start = refusing_start},
                              {.name = "second", .user = &second, .start = refusing_start}};
    kit k;
    kit_open(&k, &(kit_options){.channel = {.interceptors = chain, .interceptor_count = 2}});

    gt_call *call = gt_unary(k.channel, ECHO, gt_bytes_str("x"), NULL);

    kit_assert_status(call, GT_RESOURCE_EXHAUSTED, "no more than 3 calls");
    assert_string_equal(gt_call_peer(call), ""); /* nobody was dialled */
    gt_call_free(call);
    kit_close(&k);
}

static void refusing_end(gt_interception *x, const gt_status *status)
{
    (void)status;
    gt_interception_refuse(x, GT_INTERNAL, "too late");
}

static void refusing_with_ok(gt_interception *x, gt_call_start *start)
{
    (void)start;
    gt_interception_refuse(x, GT_OK, "fine");
}

static void asking_for_the_context(gt_interception *x, gt_call_start *start)
{
    start->context = gt_call_context(x->call);
}

static void what_a_start_cannot_do_is_misuse(void **state)
{
    (void)state;
    gt_interceptor late = {.name = "late", .end = refusing_end};
    gt_interceptor fine = {.name = "fine", .start = refusing_with_ok};
    gt_interceptor asking = {.name = "asking", .start = asking_for_the_context};
    assert_dies(make_and_cancel, &late,
                "grpctest: gt_interception_refuse is for a client interceptor's `start`\n");
    assert_dies(make_and_cancel, &fine, "grpctest: gt_interception_refuse: OK is no refusal\n");
    assert_dies(make_and_cancel, &asking,
                "grpctest: gt_call_context: a call has none before its interceptors' `start` is "
                "over; gt_call_start has its caller's\n");
}

/* ---- calls begun by an interceptor
 * --------------------------------------------------------------- */

typedef struct retry {
    gt_channel *channel;
    gt_call *second;
} retry;

static void retrying_end(gt_interception *x, const gt_status *status)
{
    retry *r = x->user;
    if (status->code == GT_UNAVAILABLE && !r->second)
        r->second = gt_call_new(r->channel, ECHO, NULL);
}

static void a_call_begun_as_another_fails_has_a_dial_of_its_own(void **state)
{
    (void)state;
    retry again = {NULL, NULL};
    gt_interceptor chain[] = {{.name = "retry", .user = &again, .end = retrying_end}};
    kit k;
    kit_open(&k, &(kit_options){.seed = GT_NO_SEED,
                                .channel = {.interceptors = chain, .interceptor_count = 1}});
    gt_listener_free(k.listener);
    k.listener = NULL;
    again.channel = k.channel;
    gt_call *first = gt_call_new(k.channel, ECHO, NULL);

    kit_assert_status(first, GT_UNAVAILABLE, "no connection to bufconn:1: refused");

    assert_false(gt_call_ended(again.second));
    kit_assert_status(again.second, GT_UNAVAILABLE, "no connection to bufconn:1: refused");
    gt_call_free(first);
    gt_call_free(again.second);
    kit_close(&k);
}

/* ---- when the server is busy
 * --------------------------------------------------------------------- */

static void a_call_cancelled_in_the_queue_is_let_go_at_once(void **state)
{
    (void)state;
    notes seen = {""};
    noter a = {&seen, 'a'};
    gt_interceptor chain[] = {noting(&a)};
    gt_duration long_work = GT_SEC(10);
    kit k;
    kit_open(&k, &(kit_options){
                     .server = {.max_handlers = 1, .interceptors = chain, .interceptor_count = 1}});
    gt_server_handle(k.server, ECHO, GT_BIDI_STREAMING, kit_sleep, &long_work);
    gt_call *running = gt_call_new(k.channel, ECHO, NULL);
    gt_call *queued = gt_call_new(k.channel, ECHO, NULL);
    assert_int_equal(gt_settle(k.world), 0);

    gt_call_free(queued);
    assert_int_equal(gt_settle(k.world), 0);

    assert_string_equal(seen.text, "a:handle a:CANCELLED a:drop");
    gt_call_free(running);
    kit_close(&k);
}

static void a_header_is_waited_for_through_interceptors(void **state)
{
    (void)state;
    notes seen = {0};
    noter one = {&seen, 'a'};
    gt_interceptor interceptor = {.name = "one", .user = &one, .start = noting_start};
    kit k;
    kit_open(&k, &(kit_options){.channel = {.interceptors = &interceptor, .interceptor_count = 1}});
    gt_server_handle(k.server, ECHO, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_call *call = gt_call_new(k.channel, ECHO, NULL);
    assert_int_equal(gt_call_send(call, gt_bytes_str("x")), 0);

    assert_int_equal(gt_metadata_count(gt_call_header(call)), 0);

    kit_assert_message(call, "x");
    assert_string_equal(seen.text, "a:start");
    gt_call_free(call);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clients_interceptors_run_in_the_order_given),
        cmocka_unit_test(a_servers_interceptors_stand_around_the_handler),
        cmocka_unit_test(a_servers_interceptor_may_refuse_the_call),
        cmocka_unit_test(an_interceptor_may_change_a_message),
        cmocka_unit_test(each_call_has_a_state_of_its_own_that_begins_at_zero),
        cmocka_unit_test(a_call_keeps_its_interceptors_when_the_channel_has_gone),
        cmocka_unit_test(an_interceptor_may_not_free_its_call_as_it_ends),
        cmocka_unit_test(an_interceptor_may_not_cancel_its_call_as_it_starts),
        cmocka_unit_test(a_clients_interceptor_may_refuse_the_call),
        cmocka_unit_test(what_a_start_cannot_do_is_misuse),
        cmocka_unit_test(a_call_begun_as_another_fails_has_a_dial_of_its_own),
        cmocka_unit_test(a_call_cancelled_in_the_queue_is_let_go_at_once),
        cmocka_unit_test(a_header_is_waited_for_through_interceptors),
    };
    return cmocka_run_group_tests_name("interceptor", tests, NULL, NULL);
}
