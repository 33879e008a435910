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

static void every_byte_value_is_coded(void **state)
{
    (void)state;
    assert_encodes("\x00", 1, "AA");
    assert_encodes("\x00\x00\x00", 3, "AAAA");
    assert_encodes("\xff\xff\xff", 3, "////");
    assert_encodes("\xfb\xef\xbe", 3, "++++");
    assert_encodes("\x00\x10\x83\x10\x51\x87\x20\x92\x8b", 9, "ABCDEFGHIJKL");
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
        cmocka_unit_test(every_byte_value_is_coded),
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
