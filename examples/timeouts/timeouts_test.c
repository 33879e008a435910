/* Scenario S14: a server that ends calls which take too long, or fall silent. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "../deadlines/patient_greeter.h"
#include "../four_kinds/search_service.h"
#include "helloworld.pb-c.h"
#include "impatience.h"
#include "person.pb-c.h"

#include <grpctest/cmocka.h>
#include <grpctest/protobufc.h>

#define SAY_HELLO "/helloworld.Greeter/SayHello"
#define SEARCH_IO "/person.SearchService/SearchIO"
#define REPLY gt_pb(&person__person_res__descriptor)

typedef struct fixture {
    gt_rig *rig;
    patient_greeter greeter;
} fixture;

static int setup(void **state)
{
    fixture *f = test_calloc(1, sizeof *f);
    gt_interceptor impatience = impatience_interceptor();
    f->rig = gt_rig_new(&(gt_rig_options){
        .world = {.on_failure = gt_cmocka_failure},
        .server = {.interceptors = &impatience, .interceptor_count = 1},
    });
    patient_greeter_serve(&f->greeter, f->rig->server);
    search_serve(f->rig->server);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    gt_rig_free(f->rig);
    test_free(f);
    return 0;
}

/* ---- unary ------------------------------------------------------------------------------------
 */

static gt_call *say_hello(fixture *f, gt_duration takes)
{
    Helloworld__HelloRequest request = HELLOWORLD__HELLO_REQUEST__INIT;
    f->greeter.takes = takes;
    return gt_unary_as(f->rig->channel, SAY_HELLO, gt_pb(&helloworld__hello_request__descriptor),
                       &request, NULL);
}

static void a_unary_handler_is_ended_after_300_ms(void **state)
{
    fixture *f = *state;
    gt_call *call = say_hello(f, GT_SEC(10));

    GT_ASSERT_STATUS(call, GT_DEADLINE_EXCEEDED, SAY_HELLO ": Deadline exceeded");
    GT_ASSERT_NOW(f->rig->world, GT_MS(300));
    gt_call_free(call);
}

static void the_handler_that_is_ended_is_told_by_its_context(void **state)
{
    fixture *f = *state;
    gt_call *call = say_hello(f, GT_SEC(10));

    GT_ASSERT_OK(f->rig->world, gt_settle(f->rig->world));

    assert_true(f->greeter.error < 0);
    assert_int_equal(f->greeter.stopped, GT_MS(300));
    gt_call_free(call);
}

static void a_unary_handler_of_299_ms_is_let_be(void **state)
{
    fixture *f = *state;
    gt_call *call = say_hello(f, GT_MS(299));

    GT_ASSERT_STATUS(call, GT_OK, "");
    GT_ASSERT_NOW(f->rig->world, GT_MS(299));
    gt_call_free(call);
}

/* ---- streams ----------------------------------------------------------------------------------
 */

static void say_something(gt_call *call)
{
    Person__PersonReq jane = PERSON__PERSON_REQ__INIT;
    jane.age = 30;
    GT_ASSERT_OK(gt_call_world(call),
                 gt_call_send_as(call, gt_pb(&person__person_req__descriptor), &jane));
    GT_ASSERT_RECV_TEXT(call, REPLY, "age: 30");
}

static void a_stream_is_ended_500_ms_after_its_last_message(void **state)
{
    fixture *f = *state;
    gt_call *call = gt_call_new(f->rig->channel, SEARCH_IO, NULL);
    say_something(call);
    GT_ASSERT_OK(f->rig->world, gt_sleep(f->rig->world, GT_MS(200)));
    say_something(call);

    GT_ASSERT_STATUS(call, GT_DEADLINE_EXCEEDED, SEARCH_IO ": Deadline exceeded");
    GT_ASSERT_NOW(f->rig->world, GT_MS(700));
    gt_call_free(call);
}

static void a_stream_on_which_no_message_ever_comes_is_ended_after_500_ms(void **state)
{
    fixture *f = *state;
    gt_call *call = gt_call_new(f->rig->channel, SEARCH_IO, NULL);

    GT_ASSERT_STATUS(call, GT_DEADLINE_EXCEEDED, SEARCH_IO ": Deadline exceeded");
    GT_ASSERT_NOW(f->rig->world, GT_MS(500));
    gt_call_free(call);
}

static void a_stream_with_a_message_every_499_ms_lasts(void **state)
{
    fixture *f = *state;
    gt_call *call = gt_call_new(f->rig->channel, SEARCH_IO, NULL);
    for (int i = 0; i < 100; i++) {
        say_something(call);
        GT_ASSERT_OK(f->rig->world, gt_sleep(f->rig->world, GT_MS(499)));
    }
    gt_call_half_close(call);

    GT_ASSERT_STATUS(call, GT_OK, "");
    GT_ASSERT_NOW(f->rig->world, GT_MS(49900));
    gt_call_free(call);
}

/* Eleven replies, one a second: it is waiting for the client that has a limit, not serving it. */
static void a_stream_on_which_the_server_talks_lasts(void **state)
{
    fixture *f = *state;
    Person__PersonReq jane = PERSON__PERSON_REQ__INIT;
    gt_call *call = gt_call_new(f->rig->channel, "/person.SearchService/SearchOut",
                                &(gt_call_options){.kind = GT_SERVER_STREAMING});
    GT_ASSERT_OK(f->rig->world,
                 gt_call_send_as(call, gt_pb(&person__person_req__descriptor), &jane));
    gt_call_half_close(call);

    GT_ASSERT_STATUS(call, GT_OK, "");
    GT_ASSERT_NOW(f->rig->world, GT_SEC(10));
    gt_call_free(call);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_unary_handler_is_ended_after_300_ms),
        TEST(the_handler_that_is_ended_is_told_by_its_context),
        TEST(a_unary_handler_of_299_ms_is_let_be),
        TEST(a_stream_is_ended_500_ms_after_its_last_message),
        TEST(a_stream_on_which_no_message_ever_comes_is_ended_after_500_ms),
        TEST(a_stream_with_a_message_every_499_ms_lasts),
        TEST(a_stream_on_which_the_server_talks_lasts),
    };
    return cmocka_run_group_tests_name("timeouts", tests, NULL, NULL);
}
