#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_conn_rig.h"

static int run_over(const conn_kind *kind, const conn_chapter *chapter)
{
    struct CMUnitTest *tests = gt__calloc(chapter->count, sizeof *tests);
    for (size_t i = 0; i < chapter->count; i++)
        tests[i] = (struct CMUnitTest){
            .name = gt__printf("%s: %s", kind->name, chapter->laws[i].name),
            .test_func = chapter->laws[i].test,
            .setup_func = conn_rig_set_up,
            .teardown_func = conn_rig_tear_down,
            .initial_state = (void *)(uintptr_t)kind,
        };
    int failures = _cmocka_run_group_tests(kind->name, tests, chapter->count, NULL, NULL);
    for (size_t i = 0; i < chapter->count; i++)
        gt__free((void *)(uintptr_t)tests[i].name);
    gt__free(tests);
    return failures;
}

int run_conn_laws(const conn_kind *kinds, size_t count)
{
    const conn_chapter *const chapters[] = {
        &conn_laws_of_carrying,
        &conn_laws_of_waiting,
        &conn_laws_of_ending,
        &conn_laws_of_sharing,
    };
    int failures = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < sizeof chapters / sizeof chapters[0]; k++)
            failures += run_over(&kinds[i], chapters[k]);
    return failures;
}
