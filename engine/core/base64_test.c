#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coding.h"

#include <grpctest/error.h>

static void assert_encodes(const void *bytes, size_t size, const char *expected)
{
    gt__buffer out = {0};
    gt__base64_encode(&out, gt_bytes_of(bytes, size));
    char *text = gt__buffer_take_text(&out);
    assert_string_equal(text, expected);
    gt__free(text);
}

static void assert_decodes(const char *text, const void *expected, size_t size)
{
    gt__buffer out = {0};
    assert_int_equal(gt__base64_decode(&out, text, strlen(text)), 0);
    assert_int_equal(out.size, size);
    if (size > 0)
        assert_memory_equal(out.data, expected, size);
    gt__buffer_cleanup(&out);
}

static void assert_refused(const char *text)
{
    gt__buffer out = {0};
    gt__buffer_add_text(&out, "before");
    assert_int_equal(gt__base64_decode(&out, text, strlen(text)), GT_EINVAL);
    assert_string_equal((char *)out.data, "before");
    gt__buffer_cleanup(&out);
}

/* The test vectors of RFC 4648 section 10, without their padding. */
static void the_rfc_vectors_encode_without_padding(void **state)
{
    (void)state;
    assert_encodes("", 0, "");
    assert_encodes("f", 1, "Zg");
    assert_encodes("fo", 2, "Zm8");
    assert_encodes("foo", 3, "Zm9v");
    assert_encodes("foob", 4, "Zm9vYg");
    assert_encodes("fooba", 5, "Zm9vYmE");
    assert_encodes("foobar", 6, "Zm9vYmFy");
}

static void extreme_bytes_are_coded(void **state)
{
    (void)state;
    assert_encodes("\x00", 1, "AA");
    assert_encodes("\x00\x00\x00", 3, "AAAA");
    assert_encodes("\xff\xff\xff", 3, "////");
    assert_encodes("\xfb\xef\xbe", 3, "++++");
}

/* Bits 000000, 000001, ... 111111: the whole alphabet, in order. */
static void every_digit_is_read_and_written(void **state)
{
    (void)state;
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const uint8_t bytes[48] = {
        0x00, 0x10, 0x83, 0x10, 0x51, 0x87, 0x20, 0x92, 0x8b, 0x30, 0xd3, 0x8f,
        0x41, 0x14, 0x93, 0x51, 0x55, 0x97, 0x61, 0x96, 0x9b, 0x71, 0xd7, 0x9f,
        0x82, 0x18, 0xa3, 0x92, 0x59, 0xa7, 0xa2, 0x9a, 0xab, 0xb2, 0xdb, 0xaf,
        0xc3, 0x1c, 0xb3, 0xd3, 0x5d, 0xb7, 0xe3, 0x9e, 0xbb, 0xf3, 0xdf, 0xbf,
    };
    assert_encodes(bytes, sizeof bytes, digits);
    assert_decodes(digits, bytes, sizeof bytes);
}

static void values_decode_without_padding(void **state)
{
    (void)state;
    assert_decodes("", "", 0);
    assert_decodes("Zg", "f", 1);
    assert_decodes("Zm8", "fo", 2);
    assert_decodes("Zm9v", "foo", 3);
    assert_decodes("Zm9vYmE", "fooba", 5);
}

static void values_decode_with_padding(void **state)
{
    (void)state;
    assert_decodes("Zg==", "f", 1);
    assert_decodes("Zm8=", "fo", 2);
    assert_decodes("Zm9vYg==", "foob", 4);
    assert_decodes("AAEC/w==", "\x00\x01\x02\xff", 4);
}

static void decoding_adds_to_what_is_there(void **state)
{
    (void)state;
    gt__buffer out = {0};
    assert_int_equal(gt__base64_decode(&out, "Zm9v", 4), 0);
    assert_int_equal(gt__base64_decode(&out, "YmFy", 4), 0);
    assert_string_equal((char *)out.data, "foobar");
    gt__buffer_cleanup(&out);
}

static void padding_that_does_not_fill_the_group_is_refused(void **state)
{
    (void)state;
    assert_refused("Zg=");
    assert_refused("Zg===");
    assert_refused("Zm8==");
    assert_refused("Zm9v=");
    assert_refused("=");
    assert_refused("==");
    assert_refused("====");
}

static void a_single_digit_in_the_last_group_is_refused(void **state)
{
    (void)state;
    assert_refused("Z");
    assert_refused("Zm9vY");
    assert_refused("Z===");
}

static void padding_in_the_middle_is_refused(void **state)
{
    (void)state;
    assert_refused("Zg==Zg==");
    assert_refused("Zg=v");
}

static void characters_outside_the_alphabet_are_refused(void **state)
{
    (void)state;
    assert_refused("Zm9\n");
    assert_refused("Zm 9");
    assert_refused(" Zm9v");
    assert_refused("Zm9v,Zm9v");
    assert_refused("\x80\x80\x80\x80");
    assert_refused("@@@@");
    assert_refused("[[[[");
    assert_refused("````");
    assert_refused("{{{{");
    assert_refused("::::");
    assert_refused("....");
    assert_refused("****");
}

static void the_url_alphabet_is_refused(void **state)
{
    (void)state;
    assert_refused("----");
    assert_refused("____");
}

static void bits_that_belong_to_no_byte_are_not_looked_at(void **state)
{
    (void)state;
    assert_decodes("Zh", "f", 1);
    assert_decodes("Zv==", "f", 1);
    assert_decodes("Zm9", "fo", 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rfc_vectors_encode_without_padding),
        cmocka_unit_test(extreme_bytes_are_coded),
        cmocka_unit_test(every_digit_is_read_and_written),
        cmocka_unit_test(values_decode_without_padding),
        cmocka_unit_test(values_decode_with_padding),
        cmocka_unit_test(decoding_adds_to_what_is_there),
        cmocka_unit_test(padding_that_does_not_fill_the_group_is_refused),
        cmocka_unit_test(a_single_digit_in_the_last_group_is_refused),
        cmocka_unit_test(padding_in_the_middle_is_refused),
        cmocka_unit_test(characters_outside_the_alphabet_are_refused),
        cmocka_unit_test(the_url_alphabet_is_refused),
        cmocka_unit_test(bits_that_belong_to_no_byte_are_not_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
