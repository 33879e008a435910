#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core.h"
#include "death_test.h"

/* ASan would otherwise end the process itself, before the library sees that there is no memory. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

/* More than any machine has, and less than compilers and valgrind call absurd. */
static volatile size_t too_much = PTRDIFF_MAX - 64;

static void allocate(void *arg)
{
    (void)arg;
    gt__free(gt__malloc(too_much));
}

static void clear_and_allocate(void *arg)
{
    (void)arg;
    gt__free(gt__calloc(too_much, 1));
}

static void reallocate(void *arg)
{
    (void)arg;
    gt__free(gt__realloc(gt__malloc(1), too_much));
}

static void allocate_past_the_end_of_size(void *arg)
{
    (void)arg;
    gt__free(gt__calloc(too_much, 4));
}

/* ASan says a word of its own before; ours are the last. */
static void assert_last_words(void (*act)(void *), const char *expected)
{
    char words[4096];
    read_death(act, NULL, words, sizeof words);
    size_t said = strlen(words), wanted = strlen(expected);
    assert_true(said >= wanted);
    assert_string_equal(words + said - wanted, expected);
}

static void memory_that_is_not_to_be_had_ends_the_process_with_a_sentence(void **state)
{
    (void)state;
    const char *expected =
        "grpctest: out of memory: 9223372036854775743 bytes were not to be had\n";
    assert_last_words(allocate, expected);
    assert_last_words(clear_and_allocate, expected);
    assert_last_words(reallocate, expected);
}

static void a_product_that_overflows_is_out_of_memory_too(void **state)
{
    (void)state;
    assert_last_words(allocate_past_the_end_of_size,
                      "grpctest: out of memory: 9223372036854775743 times 4 bytes were not to be "
                      "had\n");
}

/* Each of the three ways to ask for a block counts, and whether it was kept does not matter. */
static void ask_six_times(void *nth)
{
    gt__free(gt__malloc(100));
    gt__alloc_fail_at(*(uint64_t *)nth);
    gt__free(gt__malloc(100));
    gt__free(gt__calloc(25, 8));
    void *block = gt__calloc(1000, 3);
    block = gt__realloc(block, 4000);
    gt__free(gt__realloc(NULL, 500));
    gt__free(gt__memdup(block, 600));
    gt__free(block);
}

static void the_nth_block_can_be_told_to_fail(void **state)
{
    (void)state;
    static const int sizes[] = {100, 200, 3000, 4000, 500, 600};
    for (uint64_t nth = 1; nth <= 6; nth++) {
        char expected[100];
        snprintf(expected, sizeof expected,
                 "grpctest: out of memory: %d bytes were not to be had\n", sizes[nth - 1]);
        assert_dies(ask_six_times, &nth, expected);
    }
}

static void blocks_are_counted_until_none_is_to_fail(void **state)
{
    (void)state;
    uint64_t far = 1000, none = 0;

    ask_six_times(&far);
    assert_int_equal(gt__alloc_asked(), 6);

    ask_six_times(&none);
    assert_int_equal(gt__alloc_asked(), 0);
}

static void nothing_returns_null_for_a_size_of_zero(void **state)
{
    (void)state;
    void *blocks[] = {
        gt__malloc(0),     gt__calloc(0, 8), gt__calloc(8, 0),    gt__realloc(gt__malloc(4), 0),
        gt__memdup("", 0), gt__strdup(""),   gt__strndup("x", 0),
    };
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        assert_non_null(blocks[i]);
        gt__free(blocks[i]);
    }
}

static void calloc_gives_zeros(void **state)
{
    (void)state;
    uint8_t *block = gt__calloc(2, 3);
    assert_memory_equal(block, "\0\0\0\0\0\0", 6);
    gt__free(block);
}

static void realloc_keeps_what_was_there(void **state)
{
    (void)state;
    char *text = gt__strdup("kept");
    text = gt__realloc(text, 4000);
    assert_string_equal(text, "kept");
    gt__free(text);
}

static void copies_are_copies(void **state)
{
    (void)state;
    char original[] = "name and more";
    char *whole = gt__strdup(original), *front = gt__strndup(original, 4);
    char *bytes = gt__memdup(original, sizeof original);
    original[0] = '?';
    assert_string_equal(whole, "name and more");
    assert_string_equal(front, "name");
    assert_string_equal(bytes, "name and more");
    gt__free(whole);
    gt__free(front);
    gt__free(bytes);
}

static void free_takes_null(void **state)
{
    (void)state;
    gt__free(NULL);
    gt_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_that_is_not_to_be_had_ends_the_process_with_a_sentence),
        cmocka_unit_test(a_product_that_overflows_is_out_of_memory_too),
        cmocka_unit_test(the_nth_block_can_be_told_to_fail),
        cmocka_unit_test(blocks_are_counted_until_none_is_to_fail),
        cmocka_unit_test(nothing_returns_null_for_a_size_of_zero),
        cmocka_unit_test(calloc_gives_zeros),
        cmocka_unit_test(realloc_keeps_what_was_there),
        cmocka_unit_test(copies_are_copies),
        cmocka_unit_test(free_takes_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
