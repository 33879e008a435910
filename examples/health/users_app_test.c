/* Scenario S12: how an application is, asked once, watched, and listed. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "health.pb-c.h"
#include "users_app.h"

#include <grpctest/cmocka.h>
#include <grpctest/protobufc.h>

#define REQUEST gt_pb(&grpc__health__v1__health_check_request__descriptor)
#define RESPONSE gt_pb(&grpc__health__v1__health_check_response__descriptor)
#define LIST_REQUEST gt_pb(&grpc__health__v1__health_list_request__descriptor)
#define LIST_RESPONSE gt_pb(&grpc__health__v1__health_list_response__descriptor)

typedef struct fixture {
    gt_rig *rig;
    users_app app;
} fixture;

static int setup(void **state)
{
    fixture *f = test_malloc(sizeof *f);
    void *rig;
    gt_cmocka_rig_setup(&rig);
    f->rig = rig;
    users_app_open(&f->app, f->rig->world, f->rig->server);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    users_app app = f->app;
    void *rig = f->rig;
    test_free(f);
    int result = gt_cmocka_rig_teardown(&rig);
    users_app_close(&app);
    return result;
}

static gt_call *ask(fixture *f, const char *method, gt_kind kind, const char *service)
{
    Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    request.service = (char *)service;
    gt_call *call = gt_call_new(f->rig->channel, method, &(gt_call_options){.kind = kind});
    GT_ASSERT_OK(f->rig->world, gt_call_send_as(call, REQUEST, &request));
    gt_call_half_close(call);
    return call;
}

static gt_call *check(fixture *f, const char *service)
{
    return ask(f, "/grpc.health.v1.Health/Check", GT_UNARY, service);
}

static gt_call *watch(fixture *f, const char *service)
{
    return ask(f, "/grpc.health.v1.Health/Watch", GT_SERVER_STREAMING, service);
}

/* ---- Check ------------------------------------------------------------------------------------
 */

static void assert_checks(fixture *f, const char *service, const char *expected)
{
    gt_call *call = check(f, service);
    GT_ASSERT_RECV_TEXT(call, RESPONSE, expected);
    GT_ASSERT_STATUS(call, GT_OK, "");
    gt_call_free(call);
}

static void the_server_as_a_whole_is_serving(void **state)
{
    assert_checks(*state, "", "status: SERVING");
}

static void a_part_is_serving_as_long_as_it_can(void **state)
{
    fixture *f = *state;
    assert_checks(f, "Users", "status: SERVING");
    users_app_set_database(&f->app, false);
    assert_checks(f, "Users", "status: NOT_SERVING");
    assert_checks(f, "", "status: SERVING");
}

static void checking_an_unknown_service_is_not_found(void **state)
{
    gt_call *call = check(*state, "Repo");
    GT_ASSERT_STATUS(call, GT_NOT_FOUND, "unknown service");
    gt_call_free(call);
}

/* ---- Watch ------------------------------------------------------------------------------------
 */

/* Asserts that nothing comes within an hour, and that the call is open all the time. */
static void assert_silence(fixture *f, gt_call *call)
{
    gt_waitable message = gt_call_readable(call);
    gt_time until = gt_now(f->rig->world) + GT_SEC(3600);
    GT_ASSERT_ERROR(f->rig->world, GT_ETIMEDOUT,
                    gt_wait_any(f->rig->world, NULL, until, &message, 1));
}

static void lose_the_database_after_a_minute(void *arg)
{
    fixture *f = arg;
    GT_ASSERT_OK(f->rig->world, gt_sleep(f->rig->world, GT_SEC(60)));
    users_app_set_database(&f->app, false);
}

static void watching_tells_the_state_now_and_each_change_at_its_instant(void **state)
{
    fixture *f = *state;
    gt_task_detach(gt_spawn(f->rig->world, "loser", lose_the_database_after_a_minute, f));
    gt_call *call = watch(f, "Users");

    GT_ASSERT_RECV_TEXT(call, RESPONSE, "status: SERVING");
    GT_ASSERT_NOW(f->rig->world, 0);
    GT_ASSERT_RECV_TEXT(call, RESPONSE, "status: NOT_SERVING");
    GT_ASSERT_NOW(f->rig->world, GT_SEC(60));

    assert_silence(f, call);
    gt_call_free(call);
}

static void what_did_not_change_is_not_told_again(void **state)
{
    fixture *f = *state;
    gt_call *call = watch(f, "Users");
    GT_ASSERT_RECV_TEXT(call, RESPONSE, "status: SERVING");

    users_app_set_database(&f->app, true);

    assert_silence(f, call);
    gt_call_free(call);
}

static void watching_an_unknown_service_stays_open_until_it_is_known(void **state)
{
    fixture *f = *state;
    gt_call *call = watch(f, "Repo");
    GT_ASSERT_RECV_TEXT(call, RESPONSE, "status: SERVICE_UNKNOWN");
    assert_silence(f, call);

    users_app_install_repo(&f->app);

    GT_ASSERT_RECV_TEXT(call, RESPONSE, "status: SERVING");
    gt_call_free(call);
}

/* ---- the end ----------------------------------------------------------------------------------
 */

static void shutting_down_turns_everything_not_serving(void **state)
{
    fixture *f = *state;
    gt_call *call = watch(f, "Users");
    GT_ASSERT_RECV_TEXT(call, RESPONSE, "status: SERVING");

    users_app_announce_end(&f->app);

    GT_ASSERT_RECV_TEXT(call, RESPONSE, "status: NOT_SERVING");
    assert_checks(f, "", "status: NOT_SERVING");
    assert_checks(f, "Users", "status: NOT_SERVING");
    gt_call_free(call);
}

static void after_shutting_down_nothing_is_serving_again(void **state)
{
    fixture *f = *state;
    users_app_announce_end(&f->app);
    users_app_set_database(&f->app, true);
    assert_checks(f, "Users", "status: NOT_SERVING");
}

/* ---- List -------------------------------------------------------------------------------------
 */

static void listing_tells_the_state_of_every_service(void **state)
{
    fixture *f = *state;
    users_app_install_repo(&f->app);
    users_app_set_database(&f->app, false);
    Grpc__Health__V1__HealthListRequest request = GRPC__HEALTH__V1__HEALTH_LIST_REQUEST__INIT;

    gt_call *call =
        gt_unary_as(f->rig->channel, "/grpc.health.v1.Health/List", LIST_REQUEST, &request, NULL);

    GT_ASSERT_RECV_TEXT(call, LIST_RESPONSE,
                        "statuses { value { status: SERVING } } "
                        "statuses { key: \"Users\" value { status: NOT_SERVING } } "
                        "statuses { key: \"Repo\" value { status: SERVING } }");
    GT_ASSERT_STATUS(call, GT_OK, "");
    gt_call_free(call);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_server_as_a_whole_is_serving),
        TEST(a_part_is_serving_as_long_as_it_can),
        TEST(checking_an_unknown_service_is_not_found),
        TEST(watching_tells_the_state_now_and_each_change_at_its_instant),
        TEST(what_did_not_change_is_not_told_again),
        TEST(watching_an_unknown_service_stays_open_until_it_is_known),
        TEST(shutting_down_turns_everything_not_serving),
        TEST(after_shutting_down_nothing_is_serving_again),
        TEST(listing_tells_the_state_of_every_service),
    };
    return cmocka_run_group_tests_name("users_app", tests, NULL, NULL);
}
