#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gauge.h"

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define SETTINGS "\0\0\0\4\0\0\0\0\0"
#define PING "\0\0\10\6\0\0\0\0\0abcdefgh"

/* Where the frame that is `frames` frames away ends, whole and byte by byte; 0 where it does not.
 */
static size_t end_of_frame(const void *data, size_t size, uint64_t frames)
{
    gt__gauge whole = {.have = 0}, bytewise = {.have = 0};
    uint64_t left = frames;
    size_t offset, single, found = 0, found_bytewise = 0;
    if (gt__gauge_pass(&whole, gt_bytes_of(data, size), &left, &offset))
        found = offset;
    left = frames;
    for (size_t i = 0; i < size; i++)
        if (gt__gauge_pass(&bytewise, gt_bytes_of((const char *)data + i, 1), &left, &single))
            found_bytewise = i + single;
    assert_int_equal(found, found_bytewise);
    assert_int_equal(gt__gauge_between(&whole), gt__gauge_between(&bytewise));
    return found;
}

#define END_OF_FRAME(bytes, frames) end_of_frame(bytes, sizeof bytes - 1, frames)

static void a_frame_ends_with_its_payload(void **state)
{
    (void)state;
    assert_int_equal(END_OF_FRAME(PING SETTINGS PING, 1), 17);
    assert_int_equal(END_OF_FRAME(PING SETTINGS PING, 2), 26);
    assert_int_equal(END_OF_FRAME(PING SETTINGS PING, 3), 43);
    assert_int_equal(END_OF_FRAME(PING SETTINGS PING, 4), 0);
    assert_int_equal(END_OF_FRAME(PING SETTINGS PING, 0), 0);
}

static void a_preface_is_no_frame(void **state)
{
    (void)state;
    assert_int_equal(END_OF_FRAME(PREFACE SETTINGS PING, 1), 33);
    assert_int_equal(END_OF_FRAME(PREFACE SETTINGS PING, 2), 50);
    assert_int_equal(END_OF_FRAME(PREFACE, 1), 0);
}

static void a_preface_stands_at_the_beginning_alone(void **state)
{
    (void)state;
    /* Later it would be the header of a frame of 0x505249 bytes. */
    assert_int_equal(END_OF_FRAME(SETTINGS PREFACE SETTINGS, 1), 9);
    assert_int_equal(END_OF_FRAME(SETTINGS PREFACE SETTINGS, 2), 0);
}

static void lengths_have_three_bytes(void **state)
{
    (void)state;
    static uint8_t data[9 + 0x010203] = {1, 2, 3};
    assert_int_equal(end_of_frame(data, sizeof data - 1, 1), 0);
    assert_int_equal(end_of_frame(data, sizeof data, 1), sizeof data);
}

static void between_frames_is_where_none_has_begun(void **state)
{
    (void)state;
    gt__gauge gauge = {.have = 0};
    uint64_t none = 0;
    size_t offset;
    assert_true(gt__gauge_between(&gauge));
    gt__gauge_pass(&gauge, gt_bytes_of(PING, 1), &none, &offset);
    assert_false(gt__gauge_between(&gauge));
    gt__gauge_pass(&gauge, gt_bytes_of(&PING[1], 15), &none, &offset);
    assert_false(gt__gauge_between(&gauge));
    gt__gauge_pass(&gauge, gt_bytes_of(&PING[16], 1), &none, &offset);
    assert_true(gt__gauge_between(&gauge));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_ends_with_its_payload),
        cmocka_unit_test(a_preface_is_no_frame),
        cmocka_unit_test(a_preface_stands_at_the_beginning_alone),
        cmocka_unit_test(lengths_have_three_bytes),
        cmocka_unit_test(between_frames_is_where_none_has_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
