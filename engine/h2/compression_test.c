/* The encodings by themselves: their names, and messages in and out of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compression.h"
#include "engine/core/core.h"

enum { LIMIT = 4 * 1024 * 1024 };

/* "hello hello hello hello", as another zlib wrote it. */
#define HELLO "hello hello hello hello"
static const char gzip_hello[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9"
                                 "\xc9\x57\xc8\x40\x27\x01\xe3\x51\x3d\x8d\x17\x00\x00\x00";
static const char zlib_hello[] = "\x78\x9c\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x27\x01\x68\x03\x08\xb1";
#define GZIP_HELLO gt_bytes_of(gzip_hello, sizeof gzip_hello - 1)
#define ZLIB_HELLO gt_bytes_of(zlib_hello, sizeof zlib_hello - 1)

static void expect_inflated(gt__encoding encoding, gt_bytes bytes, size_t limit, gt_bytes expected)
{
    uint8_t *data;
    size_t size;
    const char *problem;
    assert_int_equal(gt__message_inflate(encoding, bytes, limit, &data, &size, &problem), 0);
    assert_int_equal(size, expected.size);
    assert_true(gt_bytes_equal(gt_bytes_of(data, size), expected));
    assert_int_equal(data == NULL, size == 0);
    gt__free(data);
}

static void expect_too_big(gt__encoding encoding, gt_bytes bytes, size_t limit)
{
    uint8_t *data;
    size_t size;
    const char *problem;
    assert_int_equal(gt__message_inflate(encoding, bytes, limit, &data, &size, &problem),
                     GT_ETOOBIG);
    assert_null(data);
    assert_int_equal(size, 0);
}

static void expect_problem(gt__encoding encoding, gt_bytes bytes, const char *expected)
{
    uint8_t *data;
    size_t size;
    const char *problem;
    assert_int_equal(gt__message_inflate(encoding, bytes, LIMIT, &data, &size, &problem),
                     GT_EINVAL);
    assert_string_equal(problem, expected);
    assert_null(data);
    assert_int_equal(size, 0);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void names_are_those_of_the_wire(void **state)
{
    (void)state;
    gt__encoding encoding = GT__GZIP;
    assert_int_equal(gt__encoding_find(gt_bytes_str("identity"), &encoding), 0);
    assert_int_equal(encoding, GT__IDENTITY);
    assert_int_equal(gt__encoding_find(gt_bytes_str("deflate"), &encoding), 0);
    assert_int_equal(encoding, GT__DEFLATE);
    assert_int_equal(gt__encoding_find(gt_bytes_str("gzip"), &encoding), 0);
    assert_int_equal(encoding, GT__GZIP);
    assert_string_equal(gt__encoding_name(GT__GZIP), "gzip");
}

static void other_names_are_unsupported(void **state)
{
    (void)state;
    gt__encoding encoding;
    static const char *const names[] = {"snappy", "GZIP", "gzip ", "gzi", ""};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(gt__encoding_find(gt_bytes_str(names[i]), &encoding), GT_EUNSUPPORTED);
}

static void a_list_names_those_that_are_accepted(void **state)
{
    (void)state;
    assert_int_equal(gt__encodings_in(gt_bytes_str(GT__ENCODINGS)), 7);
    assert_int_equal(gt__encodings_in(gt_bytes_str("gzip")), 1 << GT__GZIP);
    assert_int_equal(gt__encodings_in(gt_bytes_str("identity, deflate")), 3);
    assert_int_equal(gt__encodings_in(gt_bytes_str(" \tgzip , zstd,,deflate\t,")), 6);
    assert_int_equal(gt__encodings_in(gt_bytes_str("gzip deflate")), 0);
    assert_int_equal(gt__encodings_in(gt_bytes_str("")), 0);
}

/* ---- there and back -------------------------------------------------------------------------- */

static void what_another_zlib_wrote_inflates(void **state)
{
    (void)state;
    expect_inflated(GT__GZIP, GZIP_HELLO, LIMIT, gt_bytes_str(HELLO));
    expect_inflated(GT__DEFLATE, ZLIB_HELLO, LIMIT, gt_bytes_str(HELLO));
}

static void nothing_at_all_may_have_been_compressed(void **state)
{
    (void)state;
    expect_inflated(GT__DEFLATE, gt_bytes_of("\x78\x9c\x03\x00\x00\x00\x00\x01", 8), LIMIT,
                    gt_bytes_of(NULL, 0));
}

static void gzip_is_rfc_1952(void **state)
{
    (void)state;
    uint8_t out[64];
    assert_in_range(gt__message_compress(GT__GZIP, gt_bytes_str(HELLO), out, sizeof out), 19, 32);
    assert_memory_equal(out, "\x1f\x8b\x08", 3);
}

/* Not the bare deflate of RFC 1951: a header, whose check makes it a multiple of 31. */
static void deflate_is_rfc_1950(void **state)
{
    (void)state;
    uint8_t out[64];
    assert_in_range(gt__message_compress(GT__DEFLATE, gt_bytes_str(HELLO), out, sizeof out), 7, 20);
    assert_int_equal(out[0] & 0x0f, 8);
    assert_int_equal((out[0] << 8 | out[1]) % 31, 0);
}

/* Text that has repetitions near and far, and no end of them. */
static gt_bytes words(size_t size)
{
    uint8_t *bytes = gt__malloc(size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(i % 13 ? 'a' + i % 13 : i / 13 % 251);
    return gt_bytes_of(bytes, size);
}

static void expect_round_trip(gt__encoding encoding, size_t size)
{
    gt_bytes message = words(size);
    uint8_t *out = gt__malloc(size);
    size_t used = gt__message_compress(encoding, message, out, size - 1);
    assert_in_range(used, 1, size / 2 + 40);
    expect_inflated(encoding, gt_bytes_of(out, used), LIMIT, message);
    gt__free(out);
    gt__free((void *)(uintptr_t)message.data);
}

static void messages_of_any_size_come_back_as_they_were(void **state)
{
    (void)state;
    static const size_t sizes[] = {100, 249, 250, 251, 1000, 32506, 32507, 65536, 300000, LIMIT};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        expect_round_trip(GT__GZIP, sizes[i]);
        expect_round_trip(GT__DEFLATE, sizes[i]);
    }
}

/* A small message gets a small window, but one that holds all of it. */
static void a_repetition_is_found_however_far_back(void **state)
{
    (void)state;
    uint8_t message[510], out[510];
    gt__random random;
    gt__random_init(&random, 1, "repetition");
    for (size_t i = 0; i < 255; i++)
        message[i] = message[255 + i] = (uint8_t)gt__random_next(&random);
    size_t used = gt__message_compress(GT__GZIP, gt_bytes_of(message, 510), out, 510);
    assert_in_range(used, 255, 300);
}

static void what_does_not_fit_is_not_compressed(void **state)
{
    (void)state;
    uint8_t out[64];
    gt_bytes hello = gt_bytes_str(HELLO);
    size_t needed = gt__message_compress(GT__GZIP, hello, out, sizeof out);
    assert_int_equal(gt__message_compress(GT__GZIP, hello, out, needed), needed);
    assert_int_equal(gt__message_compress(GT__GZIP, hello, out, needed - 1), 0);
    assert_int_equal(gt__message_compress(GT__GZIP, hello, out, 0), 0);
}

/* ---- the limit (rule M6) --------------------------------------------------------------------- */

static void the_limit_itself_is_allowed_and_one_byte_more_is_not(void **state)
{
    (void)state;
    expect_inflated(GT__GZIP, GZIP_HELLO, 23, gt_bytes_str(HELLO));
    expect_too_big(GT__GZIP, GZIP_HELLO, 22);
    expect_inflated(GT__DEFLATE, ZLIB_HELLO, 23, gt_bytes_str(HELLO));
    expect_too_big(GT__DEFLATE, ZLIB_HELLO, 22);
}

/* 64 MiB of zeros in 64 KiB. What is after the limit is not looked at: here it is cut off. */
static void a_bomb_is_stopped_before_its_end(void **state)
{
    (void)state;
    size_t size = 64 * 1024 * 1024, room = 100000;
    uint8_t *zeros = gt__calloc(1, size), *bomb = gt__malloc(room);
    size_t used = gt__message_compress(GT__GZIP, gt_bytes_of(zeros, size), bomb, room);
    assert_in_range(used, 60000, 70000);
    expect_too_big(GT__GZIP, gt_bytes_of(bomb, used), LIMIT);
    expect_too_big(GT__GZIP, gt_bytes_of(bomb, used / 2), LIMIT);
    gt__free(bomb);
    gt__free(zeros);
}

static void there_may_be_no_limit(void **state)
{
    (void)state;
    expect_inflated(GT__GZIP, GZIP_HELLO, SIZE_MAX, gt_bytes_str(HELLO));
}

/* ---- what is not exactly one message (rule M4c) ---------------------------------------------- */

static void a_message_that_is_cut_short_does_not_inflate(void **state)
{
    (void)state;
    for (size_t size = 0; size < GZIP_HELLO.size; size++)
        expect_problem(GT__GZIP, gt_bytes_of(gzip_hello, size), "it is cut short");
    for (size_t size = 0; size < ZLIB_HELLO.size; size++)
        expect_problem(GT__DEFLATE, gt_bytes_of(zlib_hello, size), "it is cut short");
}

static void a_message_that_is_damaged_does_not_inflate(void **state)
{
    (void)state;
    char damaged[sizeof gzip_hello];
    memcpy(damaged, gzip_hello, sizeof damaged);
    damaged[12] ^= 1;
    expect_problem(GT__GZIP, gt_bytes_of(damaged, sizeof damaged - 1), "it is damaged");
    expect_problem(GT__GZIP, gt_bytes_str(HELLO), "it is damaged");
    expect_problem(GT__DEFLATE, gt_bytes_str(HELLO), "it is damaged");
}

static void one_encoding_is_not_the_other(void **state)
{
    (void)state;
    expect_problem(GT__GZIP, ZLIB_HELLO, "it is damaged");
    expect_problem(GT__DEFLATE, GZIP_HELLO, "it is damaged");
    /* Nor is the bare deflate in the middle of it. */
    expect_problem(GT__DEFLATE, gt_bytes_of(zlib_hello + 2, ZLIB_HELLO.size - 6), "it is damaged");
}

static void bytes_that_follow_the_end_are_none_of_the_message(void **state)
{
    (void)state;
    char two[2 * sizeof gzip_hello];
    memcpy(two, gzip_hello, GZIP_HELLO.size);
    memcpy(two + GZIP_HELLO.size, gzip_hello, GZIP_HELLO.size);
    expect_problem(GT__GZIP, gt_bytes_of(two, 2 * GZIP_HELLO.size), "bytes follow its end");
    /* The literal's NUL. */
    expect_problem(GT__DEFLATE, gt_bytes_of(zlib_hello, sizeof zlib_hello), "bytes follow its end");
}

/* Whatever was spoiled: it inflates within the limit, or not at all. */
static void spoiled_messages_keep_to_the_limit(void **state)
{
    (void)state;
    gt_bytes message = words(2000);
    uint8_t out[2000], *data;
    size_t used = gt__message_compress(GT__GZIP, message, out, sizeof out), size;
    const char *problem;
    gt__random random;
    gt__random_init(&random, 1, "spoil");
    for (int i = 0; i < 2000; i++) {
        uint8_t *spoiled = gt__memdup(out, used); /* so that a byte too far is seen */
        spoiled[gt__random_below(&random, used)] = (uint8_t)gt__random_next(&random);
        int error =
            gt__message_inflate(GT__GZIP, gt_bytes_of(spoiled, used), 2000, &data, &size, &problem);
        assert_in_range(size, 0, 2000);
        assert_int_equal(data != NULL, error == 0);
        gt__free(data);
        gt__free(spoiled);
    }
    gt__free((void *)(uintptr_t)message.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_the_wire),
        cmocka_unit_test(other_names_are_unsupported),
        cmocka_unit_test(a_list_names_those_that_are_accepted),
        cmocka_unit_test(what_another_zlib_wrote_inflates),
        cmocka_unit_test(nothing_at_all_may_have_been_compressed),
        cmocka_unit_test(gzip_is_rfc_1952),
        cmocka_unit_test(deflate_is_rfc_1950),
        cmocka_unit_test(messages_of_any_size_come_back_as_they_were),
        cmocka_unit_test(a_repetition_is_found_however_far_back),
        cmocka_unit_test(what_does_not_fit_is_not_compressed),
        cmocka_unit_test(the_limit_itself_is_allowed_and_one_byte_more_is_not),
        cmocka_unit_test(a_bomb_is_stopped_before_its_end),
        cmocka_unit_test(there_may_be_no_limit),
        cmocka_unit_test(a_message_that_is_cut_short_does_not_inflate),
        cmocka_unit_test(a_message_that_is_damaged_does_not_inflate),
        cmocka_unit_test(one_encoding_is_not_the_other),
        cmocka_unit_test(bytes_that_follow_the_end_are_none_of_the_message),
        cmocka_unit_test(spoiled_messages_keep_to_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
