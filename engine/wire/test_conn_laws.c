#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_conn_rig.h"

int run_conn_laws(const conn_kind *kinds, size_t count)
{
    const law_chapter *const chapters[] = {
        &conn_laws_of_carrying,
        &conn_laws_of_waiting,
        &conn_laws_of_ending,
        &conn_laws_of_sharing,
    };
    int failures = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < sizeof chapters / sizeof chapters[0]; k++)
            failures += run_laws(kinds[i].name, &kinds[i], chapters[k], conn_rig_set_up,
                                 conn_rig_tear_down);
    return failures;
}
