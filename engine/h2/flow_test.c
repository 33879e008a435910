/* Windows, credit and queues (rules H5, H6), between two engines. */
#include "pair_kit.h"

static gt_bytes pattern(uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    return gt_bytes_of(bytes, size);
}

static void send_large(pair *p, int32_t stream, size_t size)
{
    uint8_t *bytes = gt__malloc(size);
    send_bytes(p->client, stream, pattern(bytes, size));
    gt__free(bytes);
}

static void expect_large(pair *p, size_t size)
{
    uint8_t *bytes = gt__malloc(size);
    pattern(bytes, size);
    gt__h2_event *event = expect(p, p->server, GT__H2_MESSAGE);
    assert_int_equal(event->as.message.size, size);
    assert_memory_equal(event->as.message.data, bytes, size);
    gt__free(bytes);
}

static void a_message_larger_than_the_windows_arrives_when_it_is_wanted(void **state)
{
    pair *p =
        pair_new(state, NULL, &(gt__h2_options){.stream_window = 1000, .connection_window = 65535});
    int32_t stream = open_known_call(p);
    send_large(p, stream, 300000);
    gt__h2_want(p->server, stream);
    pair_settle(p);
    expect_large(p, 300000);
    assert_int_equal(p->event.as.message.uncredited, 0);
    pair_free(p);
}

static void a_window_of_one_byte_is_enough(void **state)
{
    pair *p = pair_new(state, NULL, &(gt__h2_options){.stream_window = 1});
    int32_t stream = open_known_call(p);
    send_text(p->client, stream, "hello");
    gt__h2_want(p->server, stream);
    pair_settle(p);
    expect_message(p, p->server, "hello");
    pair_free(p);
}

static void a_message_that_nobody_wants_stops_at_the_window(void **state)
{
    pair *p = pair_new(state, NULL, &(gt__h2_options){.stream_window = 1000});
    int32_t stream = open_known_call(p);
    send_large(p, stream, 3000);
    pair_settle(p);
    expect_nothing(p, p->server);
    gt__h2_want(p->server, stream);
    pair_settle(p);
    expect_large(p, 3000);
    pair_free(p);
}

static void a_slow_reader_stops_its_own_stream_only(void **state)
{
    pair *p =
        pair_new(state, NULL, &(gt__h2_options){.stream_window = 1000, .connection_window = 65535});
    int32_t slow = open_known_call(p), quick = open_known_call(p);
    for (int i = 0; i < 100; i++)
        send_large(p, slow, 995);
    pair_settle(p);
    expect_large(p, 995);
    expect_nothing(p, p->server);
    send_text(p->client, quick, "hello");
    pair_settle(p);
    expect_message(p, p->server, "hello");
    pair_free(p);
}

static void taking_a_message_lets_the_next_one_come(void **state)
{
    pair *p = pair_new(state, NULL, &(gt__h2_options){.stream_window = 1000});
    int32_t stream = open_known_call(p);
    for (int i = 0; i < 3; i++)
        send_large(p, stream, 995);
    for (int i = 0; i < 3; i++) {
        pair_settle(p);
        expect_large(p, 995);
        assert_int_equal(p->event.as.message.uncredited, 1000);
        expect_nothing(p, p->server);
        gt__h2_taken(p->server, stream, 1000);
    }
    pair_free(p);
}

/* What was wanted is credited up to the end of that message, not beyond. */
static void a_want_is_for_one_message(void **state)
{
    pair *p = pair_new(state, NULL, &(gt__h2_options){.stream_window = 1000});
    int32_t stream = open_known_call(p);
    gt__h2_want(p->server, stream);
    send_text(p->client, stream, "wanted");
    send_text(p->client, stream, "not wanted");
    pair_settle(p);
    assert_int_equal(expect(p, p->server, GT__H2_MESSAGE)->as.message.uncredited, 0);
    assert_int_equal(expect(p, p->server, GT__H2_MESSAGE)->as.message.uncredited, 15);
    pair_free(p);
}

static void a_thousand_streams_carry_through_one_small_window(void **state)
{
    pair *p = pair_new(state, NULL, &(gt__h2_options){.connection_window = 65535});
    pair_settle(p);
    for (int i = 0; i < 1000; i++)
        send_large(p, open_call(p), 1000);
    pair_settle(p);
    size_t requests = 0, messages = 0;
    gt__h2_event event;
    while (gt__h2_next_event(p->server, &event)) {
        requests += event.type == GT__H2_REQUEST;
        messages += event.type == GT__H2_MESSAGE;
        gt__h2_event_cleanup(&event);
    }
    assert_int_equal(requests, 1000);
    assert_int_equal(messages, 1000);
    pair_free(p);
}

/* ---- the sender's queue ---------------------------------------------------------------------- */

static void a_stream_above_its_mark_becomes_writable_once(void **state)
{
    pair *p = pair_new(state, &(gt__h2_options){.send_mark = 1000},
                       &(gt__h2_options){.stream_window = 1000});
    int32_t stream = open_known_call(p);
    send_large(p, stream, 900);
    assert_true(gt__h2_writable(p->client, stream));
    send_large(p, stream, 900);
    send_large(p, stream, 900);
    assert_false(gt__h2_writable(p->client, stream));
    pair_settle(p);
    assert_false(gt__h2_writable(p->client, stream));
    expect_nothing(p, p->client);
    expect_large(p, 900);
    gt__h2_taken(p->server, stream, 905);
    pair_settle(p);
    assert_true(gt__h2_writable(p->client, stream));
    expect(p, p->client, GT__H2_WRITABLE);
    expect_large(p, 900);
    gt__h2_taken(p->server, stream, 905);
    pair_settle(p);
    expect_nothing(p, p->client);
    pair_free(p);
}

/* Three calls whose peer reads nothing fill what all may have together. */
static void a_crowded_connection_queues_one_message_for_each_stream(void **state)
{
    pair *p = pair_new(state, NULL, &(gt__h2_options){.crowd_mark = 2000});
    int32_t first = open_known_call(p), second = open_known_call(p), third = open_known_call(p);
    static const uint8_t zeros[1000];
    send_bytes(p->server, first, gt_bytes_of(zeros, sizeof zeros));
    assert_true(gt__h2_writable(p->server, first));
    send_bytes(p->server, second, gt_bytes_of(zeros, sizeof zeros));
    assert_false(gt__h2_writable(p->server, first));
    assert_false(gt__h2_writable(p->server, second));
    assert_true(gt__h2_writable(p->server, third));
    send_bytes(p->server, third, gt_bytes_of(zeros, 1));
    assert_false(gt__h2_writable(p->server, third));

    pair_settle(p);

    assert_int_equal(expect(p, p->server, GT__H2_WRITABLE)->stream, first);
    assert_int_equal(expect(p, p->server, GT__H2_WRITABLE)->stream, second);
    assert_int_equal(expect(p, p->server, GT__H2_WRITABLE)->stream, third);
    expect_nothing(p, p->server);
    assert_true(gt__h2_writable(p->server, first));
    pair_free(p);
}

static void a_call_that_is_over_leaves_nothing_queued(void **state)
{
    pair *p = pair_new(state, NULL, &(gt__h2_options){.crowd_mark = 2000, .send_mark = 10000});
    int32_t first = open_known_call(p), second = open_known_call(p);
    static const uint8_t zeros[5000];
    send_bytes(p->server, first, gt_bytes_of(zeros, sizeof zeros));
    send_bytes(p->server, second, gt_bytes_of(zeros, 1));
    assert_false(gt__h2_writable(p->server, second));

    gt__h2_reset(p->client, first, 8 /* CANCEL */);
    pair_carry(p, p->client, p->server);
    expect(p, p->server, GT__H2_ABORTED);
    expect(p, p->server, GT__H2_CLOSED);

    assert_true(gt__h2_writable(p->server, second));
    pair_free(p);
}

static void streams_take_turns(void **state)
{
    pair *p = pair_new(state, NULL, NULL);
    int32_t long_one = open_known_call(p), short_one = open_known_call(p);
    static const uint8_t zeros[60000];
    send_bytes(p->server, long_one, gt_bytes_of(zeros, sizeof zeros));
    send_text(p->server, short_one, "hello");
    uint8_t span[20000];
    assert_int_equal(gt__h2_drain(p->server, span, sizeof span, 0), sizeof span);
    assert_int_equal(gt__h2_feed(p->client, gt_bytes_of(span, sizeof span), 0), 0);
    expect(p, p->client, GT__H2_HEADERS);
    expect(p, p->client, GT__H2_HEADERS);
    expect_message(p, p->client, "hello");
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(a_message_larger_than_the_windows_arrives_when_it_is_wanted),
        BOTH(a_window_of_one_byte_is_enough),
        BOTH(a_message_that_nobody_wants_stops_at_the_window),
        BOTH(a_slow_reader_stops_its_own_stream_only),
        BOTH(taking_a_message_lets_the_next_one_come),
        BOTH(a_want_is_for_one_message),
        WHOLE(a_thousand_streams_carry_through_one_small_window),
        WHOLE(a_stream_above_its_mark_becomes_writable_once),
        WHOLE(a_crowded_connection_queues_one_message_for_each_stream),
        WHOLE(a_call_that_is_over_leaves_nothing_queued),
        WHOLE(streams_take_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
