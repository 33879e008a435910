#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coding.h"

#include <stdio.h>

static void assert_encodes(const char *text, size_t size, const char *expected)
{
    gt__buffer out = {0};
    gt__percent_encode(&out, text, size);
    char *encoded = gt__buffer_take_text(&out);
    assert_string_equal(encoded, expected);
    gt__free(encoded);
}

static void assert_decodes(const char *text, size_t size, const char *expected)
{
    char *decoded = gt__percent_decode(text, size);
    assert_string_equal(decoded, expected);
    gt__free(decoded);
}

static void printable_ascii_travels_as_it_is(void **state)
{
    (void)state;
    assert_encodes("", 0, "");
    assert_encodes("no such user: jane", 18, "no such user: jane");
    assert_encodes(" ~!#$&+", 7, " ~!#$&+");
}

static void the_percent_sign_is_escaped(void **state)
{
    (void)state;
    assert_encodes("100%", 4, "100%25");
    assert_encodes("%41", 3, "%2541");
}

static void bytes_outside_printable_ascii_are_escaped_in_upper_case(void **state)
{
    (void)state;
    assert_encodes("\x1f \x7e\x7f", 4, "%1F ~%7F");
    assert_encodes("\t\r\n", 3, "%09%0D%0A");
    assert_encodes("a\0b", 3, "a%00b");
    assert_encodes("\xff", 1, "%FF");
}

/* The text of the interop case special_status_message. */
static void utf8_is_escaped_byte_by_byte(void **state)
{
    (void)state;
    assert_encodes("\u263a", 3, "%E2%98%BA");
    assert_encodes("\U0001F608", 4, "%F0%9F%98%88");
}

static void escapes_are_read_in_either_case(void **state)
{
    (void)state;
    assert_decodes("%E2%98%BA", 9, "\u263a");
    assert_decodes("%e2%98%bA", 9, "\u263a");
    assert_decodes("100%25", 6, "100%");
    assert_decodes("a%20b c", 7, "a b c");
    assert_decodes("", 0, "");
}

static void every_byte_but_nul_comes_back_from_its_escape(void **state)
{
    (void)state;
    for (int byte = 1; byte < 256; byte++) {
        char upper[4], lower[4];
        const char expected[2] = {(char)byte, '\0'};
        snprintf(upper, sizeof upper, "%%%02X", (unsigned)byte);
        snprintf(lower, sizeof lower, "%%%02x", (unsigned)byte);
        assert_decodes(upper, 3, expected);
        assert_decodes(lower, 3, expected);
    }
}

static void a_broken_escape_stays_as_it_is(void **state)
{
    (void)state;
    assert_decodes("%", 1, "%");
    assert_decodes("%4", 2, "%4");
    assert_decodes("%G1", 3, "%G1");
    assert_decodes("%1G", 3, "%1G");
    assert_decodes("%__", 3, "%__");
    assert_decodes("%:0", 3, "%:0");
    assert_decodes("%0/", 3, "%0/");
    assert_decodes("%@0", 3, "%@0");
    assert_decodes("%0g", 3, "%0g");
    assert_decodes("%%41", 4, "%A");
    assert_decodes("%4%41", 5, "%4A");
    assert_decodes("% 41", 4, "% 41");
}

static void an_escape_past_the_given_size_is_not_read(void **state)
{
    (void)state;
    assert_decodes("%41", 2, "%4");
    assert_decodes("%41%42", 5, "A%4");
}

static void only_one_round_of_escapes_is_read(void **state)
{
    (void)state;
    assert_decodes("%2541", 5, "%41");
}

static void raw_bytes_and_invalid_utf8_pass(void **state)
{
    (void)state;
    assert_decodes("\xc3\xa4%FF", 5, "\xc3\xa4\xff");
}

static void a_nul_never_cuts_the_text_short(void **state)
{
    (void)state;
    assert_decodes("a%00b", 5, "a%00b");
    assert_decodes("a\0b", 3, "a%00b");
}

static void what_encoding_makes_is_coded(void **state)
{
    (void)state;
    assert_true(gt__percent_is_coded("", 0));
    assert_true(gt__percent_is_coded(" ~%25%c3%A4%00", 14));
}

static void what_encoding_would_not_make_is_not_coded(void **state)
{
    (void)state;
    assert_false(gt__percent_is_coded("%", 1));
    assert_false(gt__percent_is_coded("%41", 2));
    assert_false(gt__percent_is_coded("%4g", 3));
    assert_false(gt__percent_is_coded("%g4", 3));
    assert_false(gt__percent_is_coded("\x1f", 1));
    assert_false(gt__percent_is_coded("\x7f", 1));
    assert_false(gt__percent_is_coded("\xc3\xa4", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printable_ascii_travels_as_it_is),
        cmocka_unit_test(the_percent_sign_is_escaped),
        cmocka_unit_test(bytes_outside_printable_ascii_are_escaped_in_upper_case),
        cmocka_unit_test(utf8_is_escaped_byte_by_byte),
        cmocka_unit_test(escapes_are_read_in_either_case),
        cmocka_unit_test(every_byte_but_nul_comes_back_from_its_escape),
        cmocka_unit_test(a_broken_escape_stays_as_it_is),
        cmocka_unit_test(an_escape_past_the_given_size_is_not_read),
        cmocka_unit_test(only_one_round_of_escapes_is_read),
        cmocka_unit_test(raw_bytes_and_invalid_utf8_pass),
        cmocka_unit_test(a_nul_never_cuts_the_text_short),
        cmocka_unit_test(what_encoding_makes_is_coded),
        cmocka_unit_test(what_encoding_would_not_make_is_not_coded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
