#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core.h"
#include "death_test.h"

#include <wchar.h>

static void added_bytes_follow_each_other_and_a_nul(void **state)
{
    (void)state;
    gt__buffer buffer = {0};
    gt__buffer_add(&buffer, "ab\0c", 4);
    gt__buffer_add_text(&buffer, "de");
    assert_int_equal(buffer.size, 6);
    assert_memory_equal(buffer.data, "ab\0cde", 7);
    gt__buffer_cleanup(&buffer);
}

static void adding_nothing_leaves_an_empty_string(void **state)
{
    (void)state;
    gt__buffer buffer = {0};
    gt__buffer_add(&buffer, NULL, 0);
    assert_int_equal(buffer.size, 0);
    assert_string_equal((char *)buffer.data, "");
    gt__buffer_cleanup(&buffer);
}

static void extended_room_counts_as_added(void **state)
{
    (void)state;
    gt__buffer buffer = {0};
    gt__buffer_add_text(&buffer, "x");
    memcpy(gt__buffer_extend(&buffer, 3), "yzw", 3);
    assert_int_equal(buffer.size, 4);
    assert_string_equal((char *)buffer.data, "xyzw");
    gt__buffer_cleanup(&buffer);
}

static void a_buffer_grows_by_doubling(void **state)
{
    (void)state;
    gt__buffer buffer = {0};
    size_t growths = 0, capacity = 0;
    for (int i = 0; i < 100000; i++) {
        *gt__buffer_extend(&buffer, 1) = (uint8_t)i;
        growths += buffer.capacity != capacity;
        capacity = buffer.capacity;
    }
    assert_int_equal(buffer.size, 100000);
    assert_in_range(growths, 2, 20);
    for (int i = 0; i < 100000; i++)
        assert_int_equal(buffer.data[i], (uint8_t)i);
    gt__buffer_cleanup(&buffer);
}

static void consuming_drops_from_the_front(void **state)
{
    (void)state;
    gt__buffer buffer = {0};
    gt__buffer_add_text(&buffer, "frames and bytes");
    gt__buffer_consume(&buffer, 0);
    gt__buffer_consume(&buffer, 11);
    assert_int_equal(buffer.size, 5);
    assert_string_equal((char *)buffer.data, "bytes");
    gt__buffer_consume(&buffer, 5);
    assert_int_equal(buffer.size, 0);
    assert_string_equal((char *)buffer.data, "");
    gt__buffer_cleanup(&buffer);
}

static void consuming_nothing_of_an_empty_buffer_is_harmless(void **state)
{
    (void)state;
    gt__buffer buffer = {0};
    gt__buffer_consume(&buffer, 0);
    assert_int_equal(buffer.size, 0);
    assert_null(buffer.data);
}

static void taken_text_leaves_the_buffer_empty(void **state)
{
    (void)state;
    gt__buffer buffer = {0};
    gt__buffer_printf(&buffer, "%s-%d", "take", 7);
    char *text = gt__buffer_take_text(&buffer);
    assert_string_equal(text, "take-7");
    assert_null(buffer.data);
    assert_int_equal(buffer.size, 0);
    gt__free(text);
}

static void text_of_an_empty_buffer_is_an_empty_string(void **state)
{
    (void)state;
    gt__buffer buffer = {0};
    char *text = gt__buffer_take_text(&buffer);
    assert_string_equal(text, "");
    gt__free(text);
}

static void formatted_text_adds_up_whatever_its_length(void **state)
{
    (void)state;
    gt__buffer buffer = {0};
    for (int i = 0; i < 3; i++)
        gt__buffer_printf(&buffer, "%0500d|", i);
    assert_int_equal(buffer.size, 1503);
    assert_string_equal((char *)buffer.data + 1499, "002|");
    gt__buffer_cleanup(&buffer);
}

static void printf_gives_a_string_of_its_own(void **state)
{
    (void)state;
    char *text = gt__printf("%d %s%c", 42, "bottles", '!');
    assert_string_equal(text, "42 bottles!");
    gt__free(text);
}

static void cleanup_makes_a_buffer_usable_again(void **state)
{
    (void)state;
    gt__buffer buffer = {0};
    gt__buffer_add_text(&buffer, "first");
    gt__buffer_cleanup(&buffer);
    gt__buffer_cleanup(&buffer);
    gt__buffer_add_text(&buffer, "second");
    assert_string_equal((char *)buffer.data, "second");
    gt__buffer_cleanup(&buffer);
}

static void quoted_bytes_are_for_a_person_to_read(void **state)
{
    (void)state;
    gt__buffer buffer = {0};
    gt__buffer_quote(&buffer, gt_bytes_of("a\"b\\c\n\0\x1f\x7f h\xc3\xa9", 13));
    assert_string_equal((char *)buffer.data, "\"a\\\"b\\\\c\\n\\x00\\x1f\\x7f h\xc3\xa9\"");
    gt__buffer_cleanup(&buffer);
}

static void format_no_character(void *arg)
{
    gt__free(gt__printf("%lc", *(wint_t *)arg));
}

static void what_cannot_be_formatted_is_misuse(void **state)
{
    (void)state;
    wint_t no_character = 0xd800;
    assert_dies(format_no_character, &no_character, "grpctest: cannot format \"%lc\"\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(added_bytes_follow_each_other_and_a_nul),
        cmocka_unit_test(adding_nothing_leaves_an_empty_string),
        cmocka_unit_test(extended_room_counts_as_added),
        cmocka_unit_test(a_buffer_grows_by_doubling),
        cmocka_unit_test(consuming_drops_from_the_front),
        cmocka_unit_test(consuming_nothing_of_an_empty_buffer_is_harmless),
        cmocka_unit_test(taken_text_leaves_the_buffer_empty),
        cmocka_unit_test(text_of_an_empty_buffer_is_an_empty_string),
        cmocka_unit_test(formatted_text_adds_up_whatever_its_length),
        cmocka_unit_test(printf_gives_a_string_of_its_own),
        cmocka_unit_test(cleanup_makes_a_buffer_usable_again),
        cmocka_unit_test(quoted_bytes_are_for_a_person_to_read),
        cmocka_unit_test(what_cannot_be_formatted_is_misuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
