/* When response headers go out, and what is in them (scenario S4). */
#include "rpc_test_kit.h"

#define CALL "/test.Test/Header"

static int add(gt_call *call, const char *key, const char *value)
{
    gt_metadata *header = gt_metadata_new();
    assert_int_equal(gt_metadata_append(header, key, value), 0);
    int error = gt_call_add_header(call, header);
    gt_metadata_free(header);
    return error;
}

static void assert_header(gt_call *call, size_t at, const char *key, const char *value)
{
    gt_metadata_entry entry = gt_metadata_at(gt_call_header(call), at);
    assert_string_equal(entry.key, key);
    assert_string_equal((const char *)entry.value.data, value);
}

static gt_call *call_of(kit *k, gt_handler_fn *handler, void *user)
{
    gt_server_handle(k->server, CALL, GT_BIDI_STREAMING, handler, user);
    return gt_call_new(k->channel, CALL, NULL);
}

/* ---- by themselves ----------------------------------------------------------------------------
 */

static int add_two_and_reply(gt_call *call, void *user)
{
    (void)user;
    assert_int_equal(add(call, "color", "red"), 0);
    assert_int_equal(add(call, "color", "blue"), 0);
    assert_int_equal(gt_context_sleep(gt_call_context(call), GT_MS(5)), 0);
    int error = gt_call_send(call, gt_bytes_str("reply"));
    return error ? error : gt_context_sleep(gt_call_context(call), GT_MS(10));
}

static void added_headers_are_merged_and_go_with_the_first_message(void **state)
{
    kit *k = *state;
    gt_call *call = call_of(k, add_two_and_reply, NULL);

    assert_int_equal(gt_metadata_count(gt_call_header(call)), 2);

    assert_int_equal(gt_now(k->world), GT_MS(5));
    assert_header(call, 0, "color", "red");
    assert_header(call, 1, "color", "blue");
    gt_call_free(call);
}

static int add_and_fail(gt_call *call, void *user)
{
    (void)user;
    assert_int_equal(add(call, "color", "red"), 0);
    return gt_call_fail(call, GT_NOT_FOUND, "none");
}

static void added_headers_go_before_the_status_where_there_is_no_message(void **state)
{
    kit *k = *state;
    gt_call *call = call_of(k, add_and_fail, NULL);

    kit_assert_status(call, GT_NOT_FOUND, "none");

    assert_int_equal(gt_metadata_count(gt_call_header(call)), 1);
    assert_header(call, 0, "color", "red");
    assert_int_equal(gt_metadata_count(gt_call_trailer(call)), 0);
    gt_call_free(call);
}

/* ---- sent -------------------------------------------------------------------------------------
 */

static int add_then_send(gt_call *call, void *user)
{
    (void)user;
    gt_metadata *header = gt_metadata_new();
    assert_int_equal(gt_metadata_append(header, "sent", "last"), 0);
    assert_int_equal(add(call, "added", "first"), 0);
    int error = gt_call_send_header(call, header);
    gt_metadata_free(header);
    return error ? error : gt_context_sleep(gt_call_context(call), GT_MS(10));
}

static void sending_headers_sends_what_was_added_first(void **state)
{
    kit *k = *state;
    gt_call *call = call_of(k, add_then_send, NULL);

    assert_int_equal(gt_metadata_count(gt_call_header(call)), 2);

    assert_int_equal(gt_now(k->world), 0);
    assert_header(call, 0, "added", "first");
    assert_header(call, 1, "sent", "last");
    gt_call_free(call);
}

/* ---- too late ---------------------------------------------------------------------------------
 */

static int add_after_sending(gt_call *call, void *user)
{
    assert_int_equal(gt_call_send_header(call, NULL), 0);
    *(int *)user = add(call, "color", "red");
    return 0;
}

static void headers_that_have_gone_take_nothing_more(void **state)
{
    kit *k = *state;
    int late = 0;
    gt_call *call = call_of(k, add_after_sending, &late);

    kit_assert_status(call, GT_OK, "");

    assert_int_equal(late, GT_ECLOSED);
    assert_int_equal(gt_metadata_count(gt_call_header(call)), 0);
    gt_call_free(call);
}

static int add_after_the_end(gt_call *call, void *user)
{
    gt_call_end(call, GT_ABORTED, "");
    *(int *)user = add(call, "color", "red");
    return 0;
}

static void a_call_that_has_ended_takes_no_headers(void **state)
{
    kit *k = *state;
    int late = 0;
    gt_call *call = call_of(k, add_after_the_end, &late);

    kit_assert_status(call, GT_ABORTED, "");

    assert_int_equal(late, GT_ESTATUS);
    gt_call_free(call);
}

/* ---- interceptors -----------------------------------------------------------------------------
 */

static int count_header(gt_interception *x, const gt_metadata *header)
{
    *(size_t *)x->user += gt_metadata_count(header);
    return gt_next_header(x, header);
}

static void an_interceptor_sees_all_that_was_added(void **state)
{
    (void)state;
    size_t seen = 0;
    kit k;
    gt_interceptor counter = {.name = "counter", .user = &seen, .header = count_header};
    kit_open(&k, &(kit_options){.server = {.interceptors = &counter, .interceptor_count = 1}});
    gt_call *call = call_of(&k, add_then_send, NULL);

    kit_assert_status(call, GT_OK, "");

    assert_int_equal(seen, 2);
    gt_call_free(call);
    kit_close(&k);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

/* ---- larger than the other side takes (rule D5) -------------------------------------------------
 */

/* One value of 100,000 bytes; either side takes 64 KiB. */
static gt_metadata *large_metadata(void)
{
    enum { SIZE = 100000 };
    char *value = gt_alloc(SIZE + 1);
    memset(value, 'x', SIZE);
    gt_metadata *metadata = gt_metadata_new();
    assert_int_equal(gt_metadata_append(metadata, "large", value), 0);
    gt_free(value);
    return metadata;
}

static void a_request_with_too_large_headers_costs_its_call_alone(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, CALL, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_call *other = gt_call_new(k->channel, CALL, NULL);
    gt_metadata *metadata = large_metadata();

    gt_call *call = gt_call_new(k->channel, CALL, &(gt_call_options){.metadata = metadata});

    kit_assert_status(call, GT_RESOURCE_EXHAUSTED,
                      "the request's headers are larger than the server takes");
    assert_int_equal(gt_call_send(other, gt_bytes_str("still here")), 0);
    kit_assert_message(other, "still here");
    gt_call_free(call);
    gt_call_free(other);
    gt_metadata_free(metadata);
}

static int send_too_much(gt_call *call, void *user)
{
    gt_metadata *metadata = large_metadata();
    *(int *)user = gt_call_send_header(call, metadata);
    gt_call_add_trailer(call, metadata);
    gt_metadata_free(metadata);
    return 0;
}

static void headers_and_trailers_that_are_too_large_are_not_sent(void **state)
{
    kit *k = *state;
    int error = 0;
    gt_call *call = call_of(k, send_too_much, &error);

    kit_assert_status(call, GT_RESOURCE_EXHAUSTED, "the trailers are larger than can be sent");
    assert_int_equal(error, GT_ETOOBIG);
    gt_call_free(call);

    gt_call *next = gt_unary(k->channel, "/test.Test/Nope", gt_bytes_str(""), NULL);
    assert_int_equal(gt_call_status(next)->code, GT_UNIMPLEMENTED);
    gt_call_free(next);
}

/* Sends the headers twice, the second time when the client has had enough. */
typedef struct insistent {
    int first, again, late;
} insistent;

static int insist(gt_interception *x, const gt_metadata *header)
{
    insistent *i = x->user;
    i->first = gt_next_header(x, header);
    i->again = gt_next_header(x, header);
    return i->first;
}

static int wait_out_the_call(gt_interception *x, const gt_metadata *header)
{
    insistent *i = x->user;
    (void)!gt_context_wait(gt_call_context(x->call));
    return i->late = gt_next_header(x, header);
}

static void open_with(kit *k, insistent *i, int (*header)(gt_interception *, const gt_metadata *))
{
    gt_interceptor interceptor = {.name = "insistent", .user = i, .header = header};
    kit_open(k, &(kit_options){.server = {.interceptors = &interceptor, .interceptor_count = 1}});
    gt_server_handle(k->server, CALL, GT_BIDI_STREAMING, kit_echo, NULL);
}

static void an_interceptor_cannot_send_headers_twice(void **state)
{
    (void)state;
    kit k;
    insistent i = {1, 1, 1};
    open_with(&k, &i, insist);
    gt_call *call = gt_call_new(k.channel, CALL, NULL);
    assert_int_equal(gt_call_send(call, gt_bytes_str("hello")), 0);
    kit_assert_message(call, "hello");
    assert_int_equal(i.first, 0);
    assert_int_equal(i.again, GT_ECLOSED);
    gt_call_free(call);
    kit_close(&k);
}

static void an_interceptor_that_waited_too_long_sends_no_headers(void **state)
{
    (void)state;
    kit k;
    insistent i = {1, 1, 1};
    open_with(&k, &i, wait_out_the_call);
    gt_call *call = gt_call_new(k.channel, CALL, &(gt_call_options){.timeout = GT_MS(5)});
    assert_int_equal(gt_call_send(call, gt_bytes_str("hello")), 0);
    kit_assert_status(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");
    assert_int_equal(gt_settle(k.world), 0);
    assert_int_equal(i.late, GT_ESTATUS);
    gt_call_free(call);
    kit_close(&k);
}

static int add_too_much_and_send(gt_call *call, void *user)
{
    gt_metadata *metadata = large_metadata();
    assert_int_equal(gt_call_add_header(call, metadata), 0);
    gt_metadata_free(metadata);
    return *(int *)user = gt_call_send(call, gt_bytes_str("never"));
}

static void a_message_does_not_go_without_its_headers(void **state)
{
    kit *k = *state;
    int error = 0;
    gt_call *call = call_of(k, add_too_much_and_send, &error);
    assert_int_equal(gt_call_status(call)->code, GT_RESOURCE_EXHAUSTED);
    assert_int_equal(error, GT_ETOOBIG);
    gt_bytes message;
    assert_int_equal(gt_call_recv(call, &message), GT_EOF);
    gt_call_free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(added_headers_are_merged_and_go_with_the_first_message),
        TEST(added_headers_go_before_the_status_where_there_is_no_message),
        TEST(sending_headers_sends_what_was_added_first),
        TEST(headers_that_have_gone_take_nothing_more),
        TEST(a_call_that_has_ended_takes_no_headers),
        TEST(a_request_with_too_large_headers_costs_its_call_alone),
        TEST(headers_and_trailers_that_are_too_large_are_not_sent),
        cmocka_unit_test(an_interceptor_sees_all_that_was_added),
        cmocka_unit_test(an_interceptor_cannot_send_headers_twice),
        cmocka_unit_test(an_interceptor_that_waited_too_long_sends_no_headers),
        TEST(a_message_does_not_go_without_its_headers),
    };
    return cmocka_run_group_tests_name("header", tests, NULL, NULL);
}
