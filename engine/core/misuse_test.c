#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core.h"
#include "death_test.h"

static void misuse_with_arguments(void *arg)
{
    gt__misuse("%s is called %d times", (const char *)arg, 3);
}

static void misuse_ends_the_process_with_its_sentence(void **state)
{
    (void)state;
    char name[] = "gt_example";
    assert_dies(misuse_with_arguments, name, "grpctest: gt_example is called 3 times\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misuse_ends_the_process_with_its_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
