/* Calls over a pipe in virtual time: messages, metadata, status, and how they end. */
#include "rpc_test_kit.h"

#define ECHO "/test.Test/Echo"

/* ---- messages ---------------------------------------------------------------------------------
 */

static void a_unary_call_brings_its_reply(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_UNARY, kit_echo, NULL);

    gt_call *call = gt_unary(k->channel, ECHO, gt_bytes_str("hello"), NULL);

    kit_assert_status(call, GT_OK, "");
    kit_assert_message(call, "hello");
    assert_int_equal(gt_now(k->world), 0);
    gt_call_free(call);
}

static void an_empty_message_is_a_message(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_UNARY, kit_echo, NULL);

    gt_call *call = gt_unary(k->channel, ECHO, gt_bytes_of(NULL, 0), NULL);

    kit_assert_status(call, GT_OK, "");
    kit_assert_message(call, "");
    gt_bytes none;
    assert_int_equal(gt_call_recv(call, &none), GT_EOF);
    gt_call_free(call);
}

static void both_directions_of_a_stream_run_freely(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);

    assert_int_equal(gt_call_send(call, gt_bytes_str("one")), 0);
    kit_assert_message(call, "one");
    assert_int_equal(gt_call_send(call, gt_bytes_str("two")), 0);
    assert_int_equal(gt_call_send(call, gt_bytes_str("three")), 0);
    kit_assert_message(call, "two");
    kit_assert_message(call, "three");
    gt_call_half_close(call);

    gt_bytes none;
    assert_int_equal(gt_call_recv(call, &none), GT_EOF);
    kit_assert_status(call, GT_OK, "");
    gt_call_free(call);
}

static void messages_stay_good_until_the_call_is_freed(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);
    assert_int_equal(gt_call_send(call, gt_bytes_str("first")), 0);
    assert_int_equal(gt_call_send(call, gt_bytes_str("second")), 0);

    gt_bytes first, second;
    assert_int_equal(gt_call_recv(call, &first), 0);
    assert_int_equal(gt_call_recv(call, &second), 0);

    assert_memory_equal(first.data, "first", 5);
    assert_memory_equal(second.data, "second", 6);
    gt_call_free(call);
}

static void a_taken_message_outlives_its_call(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_UNARY, kit_echo, NULL);
    gt_call *call = gt_unary(k->channel, ECHO, gt_bytes_str("mine"), NULL);

    uint8_t *data;
    size_t size;
    assert_int_equal(gt_call_recv_take(call, &data, &size), 0);
    gt_call_free(call);

    assert_int_equal(size, 4);
    assert_memory_equal(data, "mine", 4);
    gt_free(data);
}

static void a_megabyte_passes_through_a_wire_of_seven_bytes(void **state)
{
    (void)state;
    enum { SIZE = 1 << 20 };
    kit k;
    kit_open(&k, &(kit_options){.capacity = 7});
    gt_server_handle(k.server, ECHO, GT_UNARY, kit_echo, NULL);
    uint8_t *data = test_malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        data[i] = (uint8_t)(i * 31);

    gt_call *call = gt_unary(k.channel, ECHO, gt_bytes_of(data, SIZE), NULL);

    kit_assert_status(call, GT_OK, "");
    gt_bytes reply;
    assert_int_equal(gt_call_recv(call, &reply), 0);
    assert_true(gt_bytes_equal(reply, gt_bytes_of(data, SIZE)));
    gt_call_free(call);
    test_free(data);
    kit_close(&k);
}

static void sending_after_half_close_is_refused(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);
    gt_call_half_close(call);

    assert_int_equal(gt_call_send(call, gt_bytes_str("late")), GT_ECLOSED);

    kit_assert_status(call, GT_OK, "");
    gt_call_free(call);
}

static void sending_after_the_end_says_that_there_is_a_status(void **state)
{
    kit *k = *state;
    gt_call *call = gt_call_new(k->channel, "/test.Test/Nowhere", NULL);
    kit_assert_status(call, GT_UNIMPLEMENTED, "unknown method /test.Test/Nowhere");

    assert_int_equal(gt_call_send(call, gt_bytes_str("late")), GT_ESTATUS);

    gt_call_free(call);
}

static void a_request_over_the_servers_limit_is_resource_exhausted(void **state)
{
    (void)state;
    kit k;
    kit_open(&k, &(kit_options){.server = {.max_receive_size = 10}});
    gt_server_handle(k.server, ECHO, GT_UNARY, kit_echo, NULL);

    gt_call *call = gt_unary(k.channel, ECHO, gt_bytes_str("eleven byte"), NULL);

    assert_int_equal(gt_call_status(call)->code, GT_RESOURCE_EXHAUSTED);
    gt_call_free(call);
    kit_close(&k);
}

static void a_message_over_our_own_send_limit_never_leaves(void **state)
{
    (void)state;
    kit k;
    kit_open(&k, &(kit_options){.channel = {.max_send_size = 10}});
    gt_server_handle(k.server, ECHO, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_call *call = gt_call_new(k.channel, ECHO, NULL);

    assert_int_equal(gt_call_send(call, gt_bytes_str("eleven byte")), GT_ETOOBIG);
    assert_int_equal(gt_call_send(call, gt_bytes_str("ten bytes!")), 0);

    kit_assert_message(call, "ten bytes!");
    gt_call_free(call);
    kit_close(&k);
}

static void a_reply_over_the_send_limit_is_resource_exhausted(void **state)
{
    (void)state;
    kit k;
    kit_open(&k, &(kit_options){.server = {.max_send_size = 10}});
    gt_server_handle(k.server, ECHO, GT_UNARY, kit_echo, NULL);

    gt_call *call = gt_unary(k.channel, ECHO, gt_bytes_str("eleven byte"), NULL);

    kit_assert_status(call, GT_RESOURCE_EXHAUSTED, "larger than the limit");
    gt_call_free(call);
    kit_close(&k);
}

/* ---- one message where the method takes one (rule M8) -------------------------------------------
 */

static void a_unary_request_without_a_message_is_unimplemented(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_UNARY, kit_echo, NULL);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);

    gt_call_half_close(call);

    kit_assert_status(call, GT_UNIMPLEMENTED, ECHO " takes one message, and none was sent");
    gt_call_free(call);
}

static void a_unary_request_with_two_messages_is_unimplemented(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_UNARY, kit_echo, NULL);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);

    assert_int_equal(gt_call_send(call, gt_bytes_str("a")), 0);
    assert_int_equal(gt_call_send(call, gt_bytes_str("b")), 0);

    kit_assert_status(call, GT_UNIMPLEMENTED,
                      ECHO " takes one message, and more than one was sent");
    gt_call_free(call);
}

static int two_replies(gt_call *call, void *user)
{
    (void)user;
    int error = gt_call_send(call, gt_bytes_str("a"));
    return error ? error : gt_call_send(call, gt_bytes_str("b"));
}

static void a_unary_reply_of_two_messages_is_unimplemented(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, two_replies, NULL);

    gt_call *call = gt_unary(k->channel, ECHO, gt_bytes_str("x"), NULL);

    assert_int_equal(gt_call_status(call)->code, GT_UNIMPLEMENTED);
    gt_call_free(call);
}

/* ---- status
 * -------------------------------------------------------------------------------------- */

static int not_found(gt_call *call, void *user)
{
    (void)user;
    gt_metadata *trailer = gt_metadata_new();
    int error = gt_metadata_append(trailer, "reason", "gone");
    gt_call_add_trailer(call, trailer);
    gt_metadata_free(trailer);
    gt_call_set_details(call, gt_bytes_of("\x08\x05", 2));
    return error ? error
                 : gt_call_fail(call, GT_NOT_FOUND, "no user \"%s\": \xe2\x82\xac 5%%", "jane");
}

static void a_handlers_status_arrives_whole(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_UNARY, not_found, NULL);

    gt_call *call = gt_unary(k->channel, ECHO, gt_bytes_str("jane"), NULL);

    kit_assert_status(call, GT_NOT_FOUND, "no user \"jane\": \xe2\x82\xac 5%");
    assert_int_equal(gt_call_status(call)->details.size, 2);
    assert_string_equal(gt_metadata_get(gt_call_trailer(call), "reason"), "gone");
    gt_call_free(call);
}

static int returns(gt_call *call, void *user)
{
    (void)call;
    return *(const int *)user;
}

static void an_error_that_a_handler_returns_becomes_a_status(void **state)
{
    static const struct {
        int result;
        gt_code code;
        const char *message;
    } cases[] = {
        {0, GT_OK, ""},
        {GT_ABORTED, GT_ABORTED, ""},
        {GT_ECANCELLED, GT_CANCELLED, "cancelled"},
        {GT_ETIMEDOUT, GT_DEADLINE_EXCEEDED, "deadline exceeded"},
        {GT_ETOOBIG, GT_RESOURCE_EXHAUSTED, "larger than the limit"},
        {GT_EOF, GT_UNKNOWN, "end of stream"},
    };
    kit *k = *state;
    int result;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, returns, &result);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        result = cases[i].result;
        gt_call *call = gt_call_new(k->channel, ECHO, NULL);
        kit_assert_status(call, cases[i].code, cases[i].message);
        gt_call_free(call);
    }
}

static void an_unknown_method_is_unimplemented(void **state)
{
    kit *k = *state;

    gt_call *call = gt_unary(k->channel, "/test.Test/Nope", gt_bytes_str("x"), NULL);

    kit_assert_status(call, GT_UNIMPLEMENTED, "unknown method /test.Test/Nope");
    gt_call_free(call);
}

/* ---- metadata
 * ------------------------------------------------------------------------------------ */

static int send_back_metadata(gt_call *call, void *user)
{
    (void)user;
    int error = gt_call_send_header(call, gt_call_request_metadata(call));
    gt_call_add_trailer(call, gt_call_request_metadata(call));
    return error;
}

static void assert_bytes(const gt_metadata *metadata, const char *key, size_t nth, const char *text)
{
    gt_bytes value;
    assert_int_equal(gt_metadata_get_bytes(metadata, key, nth, &value), 0);
    assert_int_equal(value.size, strlen(text));
    assert_memory_equal(value.data, text, value.size);
}

static void metadata_travels_both_ways_in_order(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, send_back_metadata, NULL);
    gt_metadata *metadata = gt_metadata_new();
    assert_int_equal(gt_metadata_append(metadata, "Color", "red"), 0);
    assert_int_equal(gt_metadata_append(metadata, "color", "blue"), 0);
    assert_int_equal(gt_metadata_append_bin(metadata, "raw-bin", gt_bytes_str("\x01\xff\x02")), 0);

    gt_call *call = gt_call_new(k->channel, ECHO, &(gt_call_options){.metadata = metadata});
    kit_assert_status(call, GT_OK, "");

    const gt_metadata *sides[] = {gt_call_header(call), gt_call_trailer(call)};
    for (int i = 0; i < 2; i++) {
        assert_bytes(sides[i], "color", 0, "red");
        assert_bytes(sides[i], "color", 1, "blue");
        assert_bytes(sides[i], "raw-bin", 0, "\x01\xff\x02");
    }
    gt_call_free(call);
    gt_metadata_free(metadata);
}

static int header_then_wait(gt_call *call, void *user)
{
    (void)user;
    gt_metadata *header = gt_metadata_new();
    int error = gt_metadata_append(header, "early", "yes");
    if (!error)
        error = gt_call_send_header(call, header);
    gt_metadata_free(header);
    return error ? error : gt_context_sleep(gt_call_context(call), GT_MS(10));
}

static void a_header_can_be_read_long_before_the_end(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, header_then_wait, NULL);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);

    assert_string_equal(gt_metadata_get(gt_call_header(call), "early"), "yes");

    assert_int_equal(gt_now(k->world), 0);
    assert_int_equal(gt_metadata_count(gt_call_trailer(call)), 0);
    kit_assert_status(call, GT_OK, "");
    assert_int_equal(gt_now(k->world), GT_MS(10));
    gt_call_free(call);
}

static int header_twice(gt_call *call, void *user)
{
    int *second = user;
    int error = gt_call_send_header(call, NULL);
    *second = gt_call_send_header(call, NULL);
    return error;
}

static void headers_go_out_once(void **state)
{
    kit *k = *state;
    int second = 0;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, header_twice, &second);

    gt_call *call = gt_call_new(k->channel, ECHO, NULL);

    kit_assert_status(call, GT_OK, "");
    assert_int_equal(second, GT_ECLOSED);
    gt_call_free(call);
}

/* ---- at once
 * ---------------------------------------------------------------------------------------- */

static void a_hundred_calls_pass_a_limit_of_ten_streams(void **state)
{
    (void)state;
    enum { CALLS = 100 };
    kit k;
    kit_open(&k, &(kit_options){.server = {.max_concurrent_streams = 10}});
    gt_duration nap = GT_MS(5);
    gt_server_handle(k.server, ECHO, GT_BIDI_STREAMING, kit_sleep, &nap);

    gt_call *calls[CALLS];
    for (int i = 0; i < CALLS; i++)
        calls[i] = gt_call_new(k.channel, ECHO, NULL);
    for (int i = 0; i < CALLS; i++) {
        kit_assert_status(calls[i], GT_OK, "");
        gt_call_free(calls[i]);
    }

    assert_int_equal(gt_now(k.world), GT_MS(50));
    kit_close(&k);
}

static void handlers_over_the_cap_wait_their_turn(void **state)
{
    (void)state;
    kit k;
    kit_open(&k, &(kit_options){.server = {.max_handlers = 2}});
    gt_duration nap = GT_MS(5);
    gt_server_handle(k.server, ECHO, GT_BIDI_STREAMING, kit_sleep, &nap);

    gt_call *calls[6];
    for (int i = 0; i < 6; i++)
        calls[i] = gt_call_new(k.channel, ECHO, NULL);
    for (int i = 0; i < 6; i++) {
        kit_assert_status(calls[i], GT_OK, "");
        gt_call_free(calls[i]);
    }

    assert_int_equal(gt_now(k.world), GT_MS(15));
    kit_close(&k);
}

static void any_of_several_calls_can_be_waited_for(void **state)
{
    kit *k = *state;
    gt_duration slow = GT_MS(20), fast = GT_MS(10);
    gt_server_handle(k->server, "/test.Test/Slow", GT_BIDI_STREAMING, kit_sleep, &slow);
    gt_server_handle(k->server, "/test.Test/Fast", GT_BIDI_STREAMING, kit_sleep, &fast);
    gt_call *calls[] = {gt_call_new(k->channel, "/test.Test/Slow", NULL),
                        gt_call_new(k->channel, "/test.Test/Fast", NULL)};
    gt_waitable things[] = {gt_call_ended_waitable(calls[0]), gt_call_ended_waitable(calls[1])};

    assert_int_equal(gt_wait_any(k->world, NULL, GT_NEVER, things, 2), 1);

    assert_int_equal(gt_now(k->world), GT_MS(10));
    gt_call_free(calls[0]);
    gt_call_free(calls[1]);
}

static int answer_with_much(gt_call *call, void *user)
{
    static const uint8_t much[300 * 1000];
    (void)user;
    int error = gt_call_send(call, gt_bytes_of(much, sizeof much));
    return error ? error : gt_call_send(call, gt_bytes_of(much, sizeof much));
}

static void waiting_for_any_wants_a_message_larger_than_the_window(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, answer_with_much, NULL);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);
    const gt_waitable readable = gt_call_readable(call);
    gt_bytes message;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(gt_wait_any(k->world, NULL, GT_NEVER, &readable, 1), 0);
        assert_int_equal(gt_call_recv(call, &message), 0);
        assert_int_equal(message.size, 300 * 1000);
    }

    kit_assert_status(call, GT_OK, "");
    gt_call_free(call);
}

static void waiting_for_the_end_wants_a_reply_larger_than_the_window(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_UNARY, kit_echo, NULL);
    static const uint8_t much[300 * 1000];
    gt_call *call = gt_call_new(k->channel, ECHO, &(gt_call_options){.kind = GT_UNARY});
    const gt_waitable end = gt_call_ended_waitable(call);
    assert_int_equal(gt_call_send(call, gt_bytes_of(much, sizeof much)), 0);
    gt_call_half_close(call);

    assert_int_equal(gt_wait_any(k->world, NULL, GT_NEVER, &end, 1), 0);

    kit_assert_status(call, GT_OK, "");
    gt_call_free(call);
}

/* ---- what a call tells of itself
 * --------------------------------------------------------------------- */

static int tell_peer(gt_call *call, void *user)
{
    (void)user;
    return gt_call_send(call, gt_bytes_str(gt_call_peer(call)));
}

static void a_call_knows_its_peer_its_number_and_its_authority(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_UNARY, tell_peer, NULL);

    gt_call *call = gt_unary(k->channel, ECHO, gt_bytes_str(""),
                             &(gt_call_options){.authority = "users.example"});

    kit_assert_message(call, "bufconn:1/1");
    assert_string_equal(gt_call_peer(call), "bufconn:1");
    assert_string_equal(gt_call_method(call), ECHO);
    assert_string_equal(gt_call_authority(call), "users.example");
    assert_int_equal(gt_call_number(call), 1);
    gt_call_free(call);
}

static void initialised_options_are_those_of_zeros(void **state)
{
    (void)state;
    gt_call_options call;
    gt_channel_options channel;
    gt_server_options server;
    memset(&call, 1, sizeof call);
    memset(&channel, 1, sizeof channel);
    memset(&server, 1, sizeof server);

    gt_call_options_init(&call);
    gt_channel_options_init(&channel);
    gt_server_options_init(&server);

    assert_true(call.kind == GT_BIDI_STREAMING && !call.context && call.timeout == 0);
    assert_true(!channel.authority && channel.max_receive_size == 0 && !channel.interceptors);
    assert_true(!server.strict && server.max_handlers == 0 && !server.interceptors);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_unary_call_brings_its_reply),
        TEST(an_empty_message_is_a_message),
        TEST(both_directions_of_a_stream_run_freely),
        TEST(messages_stay_good_until_the_call_is_freed),
        TEST(a_taken_message_outlives_its_call),
        cmocka_unit_test(a_megabyte_passes_through_a_wire_of_seven_bytes),
        TEST(sending_after_half_close_is_refused),
        TEST(sending_after_the_end_says_that_there_is_a_status),
        cmocka_unit_test(a_request_over_the_servers_limit_is_resource_exhausted),
        cmocka_unit_test(a_message_over_our_own_send_limit_never_leaves),
        cmocka_unit_test(a_reply_over_the_send_limit_is_resource_exhausted),
        TEST(a_unary_request_without_a_message_is_unimplemented),
        TEST(a_unary_request_with_two_messages_is_unimplemented),
        TEST(a_unary_reply_of_two_messages_is_unimplemented),
        TEST(a_handlers_status_arrives_whole),
        TEST(an_error_that_a_handler_returns_becomes_a_status),
        TEST(an_unknown_method_is_unimplemented),
        TEST(metadata_travels_both_ways_in_order),
        TEST(a_header_can_be_read_long_before_the_end),
        TEST(headers_go_out_once),
        cmocka_unit_test(a_hundred_calls_pass_a_limit_of_ten_streams),
        cmocka_unit_test(handlers_over_the_cap_wait_their_turn),
        TEST(any_of_several_calls_can_be_waited_for),
        TEST(waiting_for_any_wants_a_message_larger_than_the_window),
        TEST(waiting_for_the_end_wants_a_reply_larger_than_the_window),
        TEST(a_call_knows_its_peer_its_number_and_its_authority),
        cmocka_unit_test(initialised_options_are_those_of_zeros),
    };
    return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
