/* Calls from end to end: a client's engine against a server's. */
#include "pair_kit.h"

#include <stdio.h>

static void a_unary_call_works(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    gt__h2_request request = {
        .path = "/users.Users/GetUser", .deadline = GT_NEVER, .unary_response = true};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(p->client, &request, 0, p, &stream), 0);
    send_text(p->client, stream, "hello");
    gt__h2_half_close(p->client, stream);
    pair_settle(p);

    gt__h2_event *event = expect(p, p->server, GT__H2_REQUEST);
    assert_string_equal(event->as.request.path, "/users.Users/GetUser");
    assert_string_equal(event->as.request.authority, "localhost");
    assert_string_equal(event->as.request.content_type, "application/grpc");
    assert_true(event->as.request.deadline == GT_NEVER);
    expect_message(p, p->server, "hello");
    expect(p, p->server, GT__H2_HALF_CLOSE);
    send_text(p->server, stream, "welcome");
    finish(p, stream, GT_OK, "");
    pair_settle(p);

    assert_ptr_equal(expect(p, p->client, GT__H2_HEADERS)->user, p);
    expect_message(p, p->client, "welcome");
    expect_status(p, GT_OK, "");
    expect(p, p->client, GT__H2_CLOSED);
    expect_nothing(p, p->client);
    expect(p, p->server, GT__H2_CLOSED);
    expect_nothing(p, p->server);
    pair_free(p);
}

static void a_chat_works(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    int32_t stream = open_known_call(p);
    assert_int_equal(gt__h2_respond(p->server, stream, NULL), 0);
    pair_settle(p);
    expect(p, p->client, GT__H2_HEADERS);
    for (int i = 0; i < 3; i++) {
        send_text(p->client, stream, "ping");
        pair_settle(p);
        expect_message(p, p->server, "ping");
        send_text(p->server, stream, "pong");
        pair_settle(p);
        expect_message(p, p->client, "pong");
    }
    gt__h2_half_close(p->client, stream);
    pair_settle(p);
    expect(p, p->server, GT__H2_HALF_CLOSE);
    finish(p, stream, GT_OK, "");
    pair_settle(p);
    expect_status(p, GT_OK, "");
    expect(p, p->client, GT__H2_CLOSED);
    expect(p, p->server, GT__H2_CLOSED);
    pair_free(p);
}

/* Rule M2. */
static void messages_of_any_size_keep_their_order(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    int32_t stream = open_known_call(p);
    const char *const texts[] = {"", "a", "", "bc", "a longer one", ""};
    for (size_t i = 0; i < 6; i++)
        send_text(p->client, stream, texts[i]);
    gt__h2_half_close(p->client, stream);
    pair_settle(p);
    for (size_t i = 0; i < 6; i++)
        expect_message(p, p->server, texts[i]);
    expect(p, p->server, GT__H2_HALF_CLOSE);
    pair_free(p);
}

static void streams_do_not_mix(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    int32_t first = open_call(p), second = open_call(p);
    send_text(p->client, second, "two");
    send_text(p->client, first, "one");
    pair_settle(p);
    assert_int_equal(expect(p, p->server, GT__H2_REQUEST)->stream, first);
    assert_int_equal(expect(p, p->server, GT__H2_REQUEST)->stream, second);
    gt__h2_event *event = expect(p, p->server, GT__H2_MESSAGE);
    bool first_first = event->stream == first;
    assert_memory_equal(event->as.message.data, first_first ? "one" : "two", 3);
    event = expect(p, p->server, GT__H2_MESSAGE);
    assert_int_equal(event->stream, first_first ? second : first);
    assert_memory_equal(event->as.message.data, first_first ? "two" : "one", 3);
    pair_free(p);
}

/* ---- metadata (rules D1-D3) ------------------------------------------------------------------ */

static gt_metadata *some_metadata(void)
{
    gt_metadata *metadata = gt_metadata_new();
    assert_int_equal(gt_metadata_append(metadata, "b", "2"), 0);
    assert_int_equal(gt_metadata_append_bin(metadata, "raw-bin", gt_bytes_of("\0\xff,", 3)), 0);
    assert_int_equal(gt_metadata_append(metadata, "a", "1"), 0);
    assert_int_equal(gt_metadata_append(metadata, "b", ""), 0);
    return metadata;
}

static void assert_entry(const gt_metadata *metadata, size_t index, const char *key,
                         const void *value, size_t size)
{
    gt_metadata_entry entry = gt_metadata_at(metadata, index);
    assert_string_equal(entry.key, key);
    assert_true(gt_bytes_equal(entry.value, gt_bytes_of(value, size)));
}

static void assert_some_metadata(const gt_metadata *metadata, size_t from)
{
    assert_int_equal(gt_metadata_count(metadata), from + 4);
    assert_entry(metadata, from, "b", "2", 1);
    assert_entry(metadata, from + 1, "raw-bin", "\0\xff,", 3);
    assert_entry(metadata, from + 2, "a", "1", 1);
    assert_entry(metadata, from + 3, "b", "", 0);
}

static void metadata_travels_with_request_headers_and_trailers(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    gt_metadata *metadata = some_metadata();
    gt__h2_request request = {
        .path = "/a.B/C", .deadline = GT_NEVER, .user_agent = "me/1", .metadata = metadata};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(p->client, &request, 0, NULL, &stream), 0);
    pair_settle(p);
    const gt_metadata *got = expect(p, p->server, GT__H2_REQUEST)->as.request.metadata;
    assert_entry(got, 0, "user-agent", "me/1 grpc-c-grpctest/0.1.0", 26); /* rule R4 */
    assert_some_metadata(got, 1);

    assert_int_equal(gt__h2_respond(p->server, stream, metadata), 0);
    gt_status status = {.code = GT_NOT_FOUND,
                        .message = "50% caf\xc3\xa9\n", /* rule T3 */
                        .details = gt_bytes_of("\x08\x05", 2)};
    gt__h2_finish(p->server, stream, &status, metadata);
    pair_settle(p);
    assert_some_metadata(expect(p, p->client, GT__H2_HEADERS)->as.headers.metadata, 0);
    expect_status(p, GT_NOT_FOUND, "50% caf\xc3\xa9\n");
    assert_some_metadata(p->event.as.status.metadata, 0);
    assert_int_equal(p->event.as.status.details_size, 2);
    assert_memory_equal(p->event.as.status.details, "\x08\x05", 2);
    assert_false(p->event.as.status.trailers_only);
    gt_metadata_free(metadata);
    pair_free(p);
}

/* Rule D5: through CONTINUATION, whatever the span. */
static void a_header_of_63_kib_travels(void **state)
{
    gt__h2_options roomy = {.limits.max_header_list = 128 * 1024};
    pair *p = pair_new(state, NULL, &roomy);
    char *value = gt__malloc(63 * 1024 + 1);
    memset(value, 'x', 63 * 1024);
    value[63 * 1024] = '\0';
    gt_metadata *metadata = gt_metadata_new();
    assert_int_equal(gt_metadata_append(metadata, "big", value), 0);
    gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER, .metadata = metadata};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(p->client, &request, 0, NULL, &stream), 0);
    pair_settle(p);
    const gt_metadata *got = expect(p, p->server, GT__H2_REQUEST)->as.request.metadata;
    assert_string_equal(gt_metadata_get(got, "big"), value);
    gt_metadata_free(metadata);
    gt__free(value);
    pair_free(p);
}

/* Twenty fixed places and more: the list of fields grows. */
static void a_hundred_keys_travel(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    gt_metadata *metadata = gt_metadata_new();
    for (int i = 0; i < 100; i++) {
        char key[16];
        snprintf(key, sizeof key, "key-%d", i);
        assert_int_equal(gt_metadata_append(metadata, key, key), 0);
    }
    gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER, .metadata = metadata};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(p->client, &request, 0, NULL, &stream), 0);
    pair_settle(p);
    const gt_metadata *got = expect(p, p->server, GT__H2_REQUEST)->as.request.metadata;
    assert_int_equal(gt_metadata_count(got), 101);
    assert_string_equal(gt_metadata_get(got, "key-99"), "key-99");
    gt_metadata_free(metadata);
    pair_free(p);
}

/* ---- deadlines ------------------------------------------------------------------------------- */

/* Rule R5: what is left travels, and the server counts it from its own instant. */
static void a_deadline_arrives_as_what_is_left_of_it(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    gt__h2_request request = {.path = "/a.B/C", .deadline = GT_MS(60)};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(p->client, &request, GT_MS(10), NULL, &stream), 0);
    p->now = GT_SEC(100);
    pair_settle(p);
    assert_true(expect(p, p->server, GT__H2_REQUEST)->as.request.deadline ==
                GT_SEC(100) + GT_MS(50));
    pair_free(p);
}

static void a_deadline_that_has_passed_is_not_sent(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    gt__h2_request request = {.path = "/a.B/C", .deadline = GT_MS(10)};
    int32_t stream = 0;
    assert_int_equal(gt__h2_open(p->client, &request, GT_MS(10), NULL, &stream), GT_ETIMEDOUT);
    pair_settle(p);
    expect_nothing(p, p->server);
    pair_free(p);
}

/* ---- sending --------------------------------------------------------------------------------- */

static void a_message_over_the_send_limit_is_refused(void **state)
{
    pair *p = pair_new(state, &(gt__h2_options){.max_send_size = 4}, NULL);
    int32_t stream = open_call(p);
    int error = 0;
    assert_null(gt__h2_send_begin(p->client, stream, 5, &error));
    assert_int_equal(error, GT_ETOOBIG);
    send_text(p->client, stream, "four");
    pair_settle(p);
    expect(p, p->server, GT__H2_REQUEST);
    expect_message(p, p->server, "four");
    pair_free(p);
}

static void nothing_is_sent_after_the_half_close(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    int32_t stream = open_call(p);
    gt__h2_half_close(p->client, stream);
    gt__h2_half_close(p->client, stream);
    int error = 0;
    assert_null(gt__h2_send_begin(p->client, stream, 1, &error));
    assert_int_equal(error, GT_ECLOSED);
    assert_true(gt__h2_writable(p->client, stream));
    pair_settle(p);
    expect(p, p->server, GT__H2_REQUEST);
    expect(p, p->server, GT__H2_HALF_CLOSE);
    expect_nothing(p, p->server);
    pair_free(p);
}

static void headers_are_sent_once(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    int32_t stream = open_known_call(p);
    send_text(p->server, stream, "first");
    assert_int_equal(gt__h2_respond(p->server, stream, NULL), GT_ECLOSED);
    pair_settle(p);
    expect(p, p->client, GT__H2_HEADERS);
    expect_message(p, p->client, "first");
    expect_nothing(p, p->client);
    pair_free(p);
}

static void commands_on_a_stream_that_is_gone_are_harmless(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    int error = 0;
    gt__h2_half_close(p->client, 1);
    gt__h2_reset(p->client, 1, 8);
    gt__h2_want(p->client, 1);
    gt__h2_taken(p->client, 1, 5);
    gt__h2_set_user(p->client, 1, p);
    assert_true(gt__h2_writable(p->client, 1));
    assert_null(gt__h2_send_begin(p->client, 1, 1, &error));
    assert_int_equal(error, GT_ECLOSED);
    assert_int_equal(gt__h2_respond(p->server, 1, NULL), GT_ECLOSED);
    finish(p, 1, GT_OK, "");
    pair_settle(p);
    expect_nothing(p, p->client);
    expect_nothing(p, p->server);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(a_unary_call_works),
        BOTH(a_chat_works),
        BOTH(messages_of_any_size_keep_their_order),
        BOTH(streams_do_not_mix),
        BOTH(metadata_travels_with_request_headers_and_trailers),
        BOTH(a_header_of_63_kib_travels),
        WHOLE(a_hundred_keys_travel),
        WHOLE(a_deadline_arrives_as_what_is_left_of_it),
        WHOLE(a_deadline_that_has_passed_is_not_sent),
        WHOLE(a_message_over_the_send_limit_is_refused),
        BOTH(nothing_is_sent_after_the_half_close),
        WHOLE(headers_are_sent_once),
        WHOLE(commands_on_a_stream_that_is_gone_are_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
