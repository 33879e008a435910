#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ring.h"

static void put(gt__ring *ring, const char *text)
{
    size_t size = strlen(text);
    while (size > 0) {
        uint8_t *room;
        size_t some = gt__ring_reserve(ring, &room);
        assert_true(some > 0);
        some = some < size ? some : size;
        memcpy(room, text, some);
        gt__ring_commit(ring, some);
        text += some;
        size -= some;
    }
}

static void assert_lends(const gt__ring *ring, const char *text)
{
    gt_bytes bytes = gt__ring_peek(ring);
    assert_int_equal(bytes.size, strlen(text));
    if (bytes.size > 0)
        assert_memory_equal(bytes.data, text, bytes.size);
}

static void a_new_ring_holds_nothing_and_has_no_memory(void **state)
{
    (void)state;
    gt__ring ring;

    gt__ring_init(&ring, 1 << 20);

    assert_lends(&ring, "");
    assert_null(ring.data);
}

static void bytes_come_out_in_the_order_they_went_in(void **state)
{
    (void)state;
    gt__ring ring;
    gt__ring_init(&ring, 7);

    put(&ring, "abc");
    put(&ring, "de");
    assert_lends(&ring, "abcde");
    gt__ring_consume(&ring, 2);

    assert_lends(&ring, "cde");
    gt__ring_drop(&ring);
}

static void a_full_ring_has_no_room(void **state)
{
    (void)state;
    gt__ring ring;
    gt__ring_init(&ring, 3);
    uint8_t *room;

    put(&ring, "abc");

    assert_int_equal(gt__ring_reserve(&ring, &room), 0);
    gt__ring_drop(&ring);
}

static void a_ring_of_one_byte_carries_one_at_a_time(void **state)
{
    (void)state;
    gt__ring ring;
    gt__ring_init(&ring, 1);
    uint8_t *room;

    for (const char *text = "hello"; *text; text++) {
        assert_int_equal(gt__ring_reserve(&ring, &room), 1);
        *room = (uint8_t)*text;
        gt__ring_commit(&ring, 1);
        assert_int_equal(gt__ring_reserve(&ring, &room), 0);
        assert_lends(&ring, (char[]){*text, '\0'});
        gt__ring_consume(&ring, 1);
    }
    gt__ring_drop(&ring);
}

static void bytes_that_wrap_are_lent_in_two_spans(void **state)
{
    (void)state;
    gt__ring ring;
    gt__ring_init(&ring, 5);
    put(&ring, "abcd");
    gt__ring_consume(&ring, 3);

    put(&ring, "efgh");

    assert_lends(&ring, "de");
    gt__ring_consume(&ring, 2);
    assert_lends(&ring, "fgh");
    gt__ring_drop(&ring);
}

static void an_emptied_ring_lends_all_its_room_at_once(void **state)
{
    (void)state;
    gt__ring ring;
    gt__ring_init(&ring, 5);
    uint8_t *room;
    put(&ring, "abcd");

    gt__ring_consume(&ring, 4);

    assert_int_equal(gt__ring_reserve(&ring, &room), 5);
    assert_ptr_equal(room, ring.data);
    gt__ring_drop(&ring);
}

static void the_first_room_of_a_large_ring_is_a_page(void **state)
{
    (void)state;
    gt__ring ring;
    gt__ring_init(&ring, 1 << 20);
    uint8_t *room;

    assert_int_equal(gt__ring_reserve(&ring, &room), 4096);
    gt__ring_drop(&ring);
}

static void growing_keeps_the_bytes_in_order(void **state)
{
    (void)state;
    gt__ring ring;
    gt__ring_init(&ring, 10000);
    uint8_t *room;
    uint8_t next_in = 0, next_out = 0;

    /* Filled, emptied by half and filled again, so that it wraps when it has to grow. */
    for (int i = 0; i < 4096; i++) {
        gt__ring_reserve(&ring, &room);
        *room = next_in++;
        gt__ring_commit(&ring, 1);
    }
    for (int i = 0; i < 2000; i++) {
        assert_int_equal(gt__ring_peek(&ring).data[0], next_out++);
        gt__ring_consume(&ring, 1);
    }
    while (gt__ring_reserve(&ring, &room) > 0) {
        *room = next_in++;
        gt__ring_commit(&ring, 1);
    }

    assert_int_equal(ring.used, 10000);
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(gt__ring_peek(&ring).data[0], next_out++);
        gt__ring_consume(&ring, 1);
    }
    assert_lends(&ring, "");
    gt__ring_drop(&ring);
}

static void dropping_empties_the_ring_and_keeps_its_capacity(void **state)
{
    (void)state;
    gt__ring ring;
    gt__ring_init(&ring, 4);
    uint8_t *room;
    put(&ring, "abcd");

    gt__ring_drop(&ring);

    assert_null(ring.data);
    assert_lends(&ring, "");
    assert_int_equal(gt__ring_reserve(&ring, &room), 4);
    gt__ring_drop(&ring);
}

static void more_can_be_taken_than_lies_together(void **state)
{
    (void)state;
    gt__ring ring;
    gt__ring_init(&ring, 5);
    put(&ring, "abcd");
    gt__ring_consume(&ring, 3);
    put(&ring, "efgh");

    gt__ring_consume(&ring, 4);

    assert_lends(&ring, "h");
    gt__ring_drop(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_ring_holds_nothing_and_has_no_memory),
        cmocka_unit_test(bytes_come_out_in_the_order_they_went_in),
        cmocka_unit_test(a_full_ring_has_no_room),
        cmocka_unit_test(a_ring_of_one_byte_carries_one_at_a_time),
        cmocka_unit_test(bytes_that_wrap_are_lent_in_two_spans),
        cmocka_unit_test(an_emptied_ring_lends_all_its_room_at_once),
        cmocka_unit_test(the_first_room_of_a_large_ring_is_a_page),
        cmocka_unit_test(growing_keeps_the_bytes_in_order),
        cmocka_unit_test(more_can_be_taken_than_lies_together),
        cmocka_unit_test(dropping_empties_the_ring_and_keeps_its_capacity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
