/* The table of streams by id, against a model; and when a stream's memory goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "session.h"

static int setup(void **state)
{
    *state = gt__h2_new(NULL);
    return 0;
}

static int teardown(void **state)
{
    gt__h2_free(*state);
    return 0;
}

static void take_closed(gt__h2 *h2, int32_t id)
{
    gt__h2_event event;
    assert_true(gt__h2_next_event(h2, &event));
    assert_int_equal(event.type, GT__H2_CLOSED);
    assert_int_equal(event.stream, id);
}

static void close_stream(gt__h2 *h2, int32_t id)
{
    gt__h2_stream_off_wire(h2, gt__h2_stream_any(h2, id));
    take_closed(h2, id);
}

/* Ids 32 apart share their place in a table of 16; closing one must not hide those behind it. */
static void a_closed_stream_hides_no_other(void **state)
{
    gt__h2 *h2 = *state;
    const int32_t ids[] = {1, 33, 3, 65, 31};
    for (size_t gone = 0; gone < 5; gone++) {
        for (size_t i = 0; i < 5; i++)
            gt__h2_stream_new(h2, ids[i], NULL)->announced = true;
        assert_int_equal(h2->streams.capacity, 16);
        close_stream(h2, ids[gone]);
        for (size_t i = 0; i < 5; i++) {
            gt__h2_stream *found = gt__h2_stream_any(h2, ids[i]);
            assert_int_equal(found ? found->id : 0, i == gone ? 0 : ids[i]);
        }
        for (size_t i = 0; i < 5; i++)
            if (i != gone)
                close_stream(h2, ids[i]);
    }
}

static void thousands_come_and_go(void **state)
{
    gt__h2 *h2 = *state;
    bool open[4000] = {false};
    gt__random random;
    gt__random_init(&random, 7, "streams");
    for (int step = 0; step < 20000; step++) {
        int32_t id = (int32_t)gt__random_below(&random, 4000);
        assert_int_equal(gt__h2_stream_any(h2, id) != NULL, open[id]);
        if (open[id])
            close_stream(h2, id);
        else
            gt__h2_stream_new(h2, id, NULL)->announced = true;
        open[id] = !open[id];
    }
}

/* Its user is still asked for when CLOSED is handed out. */
static void a_stream_lives_until_its_closing_was_told(void **state)
{
    gt__h2 *h2 = *state;
    gt__h2_stream_new(h2, 1, h2)->announced = true;
    gt__h2_stream_off_wire(h2, gt__h2_stream_any(h2, 1));
    assert_null(gt__h2_stream_find(h2, 1));
    assert_int_equal(h2->streams.count, 1);
    take_closed(h2, 1);
    assert_int_equal(h2->streams.count, 0);
}

static void a_stream_lives_until_it_is_off_the_wire(void **state)
{
    gt__h2 *h2 = *state;
    gt__h2_stream *stream = gt__h2_stream_new(h2, 1, NULL);
    stream->announced = true;
    gt__h2_stream_retire(h2, stream);
    take_closed(h2, 1);
    assert_int_equal(h2->streams.count, 1);
    gt__h2_stream_off_wire(h2, stream);
    assert_int_equal(h2->streams.count, 0);
}

static void a_stream_that_was_never_announced_goes_in_silence(void **state)
{
    gt__h2 *h2 = *state;
    gt__h2_event event;
    gt__h2_stream_off_wire(h2, gt__h2_stream_new(h2, 1, NULL));
    assert_false(gt__h2_next_event(h2, &event));
    assert_int_equal(h2->streams.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_closed_stream_hides_no_other),
        TEST(thousands_come_and_go),
        TEST(a_stream_lives_until_its_closing_was_told),
        TEST(a_stream_lives_until_it_is_off_the_wire),
        TEST(a_stream_that_was_never_announced_goes_in_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
