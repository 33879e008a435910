#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/core.h"
#include "test_laws.h"

int run_laws(const char *kind_name, const void *kind, const law_chapter *chapter,
             int (*set_up)(void **state), int (*tear_down)(void **state))
{
    struct CMUnitTest *tests = gt__calloc(chapter->count, sizeof *tests);
    for (size_t i = 0; i < chapter->count; i++)
        tests[i] = (struct CMUnitTest){
            .name = gt__printf("%s: %s", kind_name, chapter->laws[i].name),
            .test_func = chapter->laws[i].test,
            .setup_func = set_up,
            .teardown_func = tear_down,
            .initial_state = (void *)(uintptr_t)kind,
        };
    int failures = _cmocka_run_group_tests(kind_name, tests, chapter->count, NULL, NULL);
    for (size_t i = 0; i < chapter->count; i++)
        gt__free((void *)(uintptr_t)tests[i].name);
    gt__free(tests);
    return failures;
}
