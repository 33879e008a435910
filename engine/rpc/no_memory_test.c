/* When there is no memory, the process ends with one sentence: whichever allocation it is that
 * fails, in whatever library underneath (DESIGN: four kinds of failure). */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "no_memory_kit.h"

#include "engine/core/death_test.h"
#include "engine/sched/fiber_stack.h"
#include "engine/sched/fiber_tools.h"

typedef void play_fn(void *unused);

struct failing {
    play_fn *play;
    uint64_t at;
};

/* No stack is left over from before, so that each is asked for. */
static void play_failing(void *arg)
{
    const struct failing *failing = arg;
    gt__stack_trim();
    gt__alloc_fail_at(failing->at);
    failing->play(NULL);
}

/* How many allocations there are when none of them fails. */
static uint64_t count_of(play_fn *play)
{
    play_failing(&(struct failing){play, UINT64_MAX});
    uint64_t count = gt__alloc_asked();
    gt__alloc_fail_at(0);
    return count;
}

/* Nothing more, nothing less. */
static bool is_the_sentence(const char *words)
{
    size_t size;
    int block = 0, stack = 0;
    sscanf(words, "grpctest: out of memory: %zu bytes were not to be had\n%n", &size, &block);
    sscanf(words,
           "grpctest: cannot map a fiber's stack of %zu bytes: Cannot allocate memory (each takes "
           "two mappings; Linux allows vm.max_map_count of them)\n%n",
           &size, &stack);
    size_t end = strlen(words);
    return end > 0 && words[end - 1] == '\n' && ((size_t)block == end || (size_t)stack == end);
}

/* Where a tool watches, a process takes long to begin: then a sample has to do. */
static uint64_t stride(void)
{
    return gt__tools_want_fresh_stacks() ? 17 : 1;
}

static void assert_each_ends_with_the_sentence(play_fn *play)
{
    char words[4096];
    uint64_t count = count_of(play);
    assert_int_equal(count_of(play), count);
    for (uint64_t at = 1; at <= count; at += stride()) {
        read_death(play_failing, &(struct failing){play, at}, words, sizeof words);
        if (!is_the_sentence(words))
            fail_msg("allocation %llu of %llu failed, and the last words were: %s",
                     (unsigned long long)at, (unsigned long long)count, words);
    }
    print_message("%llu allocations\n", (unsigned long long)count);
}

static void each_allocation_of_a_unary_call_may_fail(void **state)
{
    (void)state;
    assert_each_ends_with_the_sentence(play_unary);
}

static void each_allocation_of_a_bidirectional_call_may_fail(void **state)
{
    (void)state;
    assert_each_ends_with_the_sentence(play_bidi);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation_of_a_unary_call_may_fail),
        cmocka_unit_test(each_allocation_of_a_bidirectional_call_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
