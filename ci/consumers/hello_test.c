/* A consumer's test, with the adapter for cmocka. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <grpctest/cmocka.h>
#include <grpctest/grpctest.h>

static void sleep_an_hour(void *world)
{
    gt_sleep(world, GT_SEC(3600));
    GT_ASSERT_NOW(world, GT_SEC(3600));
}

static void an_hour_passes_at_once(void **state)
{
    gt_world *world = *state;
    gt_task *task = gt_spawn(world, "sleeper", sleep_an_hour, world);
    GT_ASSERT_OK(world, gt_task_join(task, NULL));
    printf("grpctest %s in a test says hello\n", gt_version());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_hour_passes_at_once, gt_cmocka_world_setup,
                                        gt_cmocka_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
