/* A mebibyte of each kind of hostile input stays within the memory that it may take. ci/hostile
 * sends a hundred of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "attack.h"
#include "memory_watch.h"

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

enum { KIB = 1024 };

/* Valgrind, fifty times slower, looks for other things. */
static uint64_t size_of(const attack_kind *kind)
{
    uint64_t size = (kind->slow ? 128 : 1024) * KIB;
    return RUNNING_ON_VALGRIND ? size / 16 : size;
}

static void hostile_input_stays_within_its_limit(void **state)
{
    const attack_kind *kind = *state;
    uint64_t size = size_of(kind);

    attack_result result = attack_run(kind, size);

    assert_true(result.sent >= size);
    assert_true(result.survived);
    assert_in_range(result.peak, 1, kind->limit);
}

/* The watch itself: what does not see cannot find. */
static void the_watch_sees_what_the_library_takes(void **state)
{
    (void)state;
    size_t before = memory_watch_held();
    memory_watch_reset_peak();

    void *memory = gt_realloc(gt_alloc(5000), 100000);

    assert_in_range(memory_watch_held() - before, 100000, 101000);
    gt_free(memory);
    assert_int_equal(memory_watch_held(), before);
    assert_in_range(memory_watch_peak() - before, 100000, 110000);
}

int main(void)
{
    struct CMUnitTest *tests = gt_alloc((attack_kind_count + 1) * sizeof *tests);
    char(*names)[64] = gt_alloc(attack_kind_count * sizeof *names);
    tests[0] = (struct CMUnitTest)cmocka_unit_test(the_watch_sees_what_the_library_takes);
    for (size_t i = 0; i < attack_kind_count; i++) {
        const attack_kind *kind = &attack_kinds[i];
        snprintf(names[i], sizeof names[i], "%s stay within their limit (%s)", kind->name,
                 kind->on_client ? "client" : "server");
        tests[i + 1] = (struct CMUnitTest){names[i], hostile_input_stays_within_its_limit, NULL,
                                           NULL, (void *)(uintptr_t)kind};
    }
    int failed = _cmocka_run_group_tests("hostile", tests, attack_kind_count + 1, NULL, NULL);
    gt_free(names);
    gt_free(tests);
    return failed;
}
