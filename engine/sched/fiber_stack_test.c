#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fiber_stack.h"
#include "fiber_tools.h"

#include "engine/core/death_test.h"

#include <pthread.h>
#include <sys/mman.h>

static int trim(void **state)
{
    (void)state;
    gt__stack_trim();
    return 0;
}

static bool is_mapped(void *address)
{
    unsigned char resident;
    return mincore(address, 1, &resident) == 0;
}

/* The four letters of /proc/self/maps for the mapping that ends at `end`. */
static void permissions_below(void *end, char permissions[5])
{
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    permissions[0] = '\0';
    while (fgets(line, sizeof line, maps)) {
        uintptr_t low, high;
        if (sscanf(line, "%lx-%lx %4s", &low, &high, permissions) == 3 && high == (uintptr_t)end)
            break;
    }
    fclose(maps);
}

static void a_stack_is_rounded_up_to_whole_pages(void **state)
{
    (void)state;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    gt__stack stack = gt__stack_take(3 * page + 1);

    assert_int_equal(stack.size, 4 * page);
    assert_int_equal((uintptr_t)stack.low % page, 0);
    stack.low[0] = stack.low[stack.size - 1] = 1;
    gt__stack_give(stack);
}

static void below_a_stack_nothing_may_be_touched(void **state)
{
    (void)state;
    char permissions[5];

    gt__stack stack = gt__stack_take(65536);

    permissions_below(stack.low, permissions);
    assert_string_equal(permissions, "---p");
    gt__stack_give(stack);
}

static void a_stack_given_back_is_the_next_one_taken_of_its_size(void **state)
{
    (void)state;
    if (gt__tools_want_fresh_stacks())
        skip();
    gt__stack first = gt__stack_take(65536);
    gt__stack other = gt__stack_take(131072);
    gt__stack_give(first);
    gt__stack_give(other);

    gt__stack again = gt__stack_take(65536);

    assert_ptr_equal(again.low, first.low);
    gt__stack_give(again);
}

static void tools_that_watch_for_late_accesses_get_stacks_unmapped(void **state)
{
    (void)state;
    if (!gt__tools_want_fresh_stacks())
        skip();
    gt__stack stack = gt__stack_take(65536);

    gt__stack_give(stack);

    assert_false(is_mapped(stack.low));
}

static void a_trimmed_pool_keeps_nothing(void **state)
{
    (void)state;
    gt__stack stack = gt__stack_take(65536);
    gt__stack_give(stack);

    gt__stack_trim();

    assert_false(is_mapped(stack.low));
}

static void a_full_pool_gives_stacks_back_to_the_system(void **state)
{
    (void)state;
    size_t half_the_limit = (size_t)16 << 20;
    gt__stack stacks[3];
    for (int i = 0; i < 3; i++)
        stacks[i] = gt__stack_take(half_the_limit);

    for (int i = 0; i < 3; i++)
        gt__stack_give(stacks[i]);

    assert_int_equal(is_mapped(stacks[0].low), !gt__tools_want_fresh_stacks());
    assert_int_equal(is_mapped(stacks[1].low), !gt__tools_want_fresh_stacks());
    assert_false(is_mapped(stacks[2].low));
}

static void *gives_a_stack(void *arg)
{
    gt__stack *stack = arg;
    *stack = gt__stack_take(65536);
    gt__stack_give(*stack);
    return NULL;
}

static void a_threads_pool_ends_with_the_thread(void **state)
{
    (void)state;
    gt__stack stack;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, gives_a_stack, &stack), 0);

    pthread_join(thread, NULL);

    assert_false(is_mapped(stack.low));
}

static void takes_too_large_a_stack(void *arg)
{
    (void)arg;
    (void)gt__stack_take((size_t)1 << 60);
}

static void a_stack_that_cannot_be_mapped_ends_the_process_with_a_sentence(void **state)
{
    (void)state;
    char said[1024];

    read_death(takes_too_large_a_stack, NULL, said, sizeof said);

    assert_ptr_equal(strstr(said, "grpctest: cannot map a fiber's stack of 1152921504606846976 "
                                  "bytes: "),
                     said);
}

static void takes_a_stack_that_is_to_fail(void *arg)
{
    (void)arg;
    gt__alloc_fail_at(1);
    (void)gt__stack_take(65536);
}

static void a_stack_can_be_told_to_fail_like_a_block(void **state)
{
    (void)state;
    assert_dies(takes_a_stack_that_is_to_fail, NULL,
                "grpctest: cannot map a fiber's stack of 65536 bytes: Cannot allocate memory (each "
                "takes two mappings; Linux allows vm.max_map_count of them)\n");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_stack_is_rounded_up_to_whole_pages),
    cmocka_unit_test(below_a_stack_nothing_may_be_touched),
    cmocka_unit_test_teardown(a_stack_given_back_is_the_next_one_taken_of_its_size, trim),
    cmocka_unit_test_teardown(tools_that_watch_for_late_accesses_get_stacks_unmapped, trim),
    cmocka_unit_test_teardown(a_trimmed_pool_keeps_nothing, trim),
    cmocka_unit_test_teardown(a_full_pool_gives_stacks_back_to_the_system, trim),
    cmocka_unit_test(a_stack_that_cannot_be_mapped_ends_the_process_with_a_sentence),
    cmocka_unit_test(a_stack_can_be_told_to_fail_like_a_block),
    cmocka_unit_test_teardown(a_threads_pool_ends_with_the_thread, trim),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
