/* Scenario S1: the four kinds of call. Seconds pass here as in the code under test, and none of
 * them on the wall: the world's clock jumps to where something happens next. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "person.pb-c.h"
#include "search_service.h"

#include <grpctest/cmocka.h>
#include <grpctest/protobufc.h>
#include <stdio.h>

#define REQUEST gt_pb(&person__person_req__descriptor)
#define REPLY gt_pb(&person__person_res__descriptor)

static int setup(void **state)
{
    gt_cmocka_rig_setup(state);
    gt_rig *rig = *state;
    search_serve(rig->server);
    return 0;
}

static gt_call *start(gt_rig *rig, const char *method, gt_kind kind)
{
    return gt_call_new(rig->channel, method, &(gt_call_options){.kind = kind});
}

static void send_person(gt_call *call, const char *name, int age)
{
    Person__PersonReq person = PERSON__PERSON_REQ__INIT;
    person.name = (char *)name;
    person.age = age;
    GT_ASSERT_OK(gt_call_world(call), gt_call_send_as(call, REQUEST, &person));
}

static void assert_no_more(gt_call *call)
{
    gt_bytes message;
    GT_ASSERT_ERROR(gt_call_world(call), GT_EOF, gt_call_recv(call, &message));
    GT_ASSERT_STATUS(call, GT_OK, "");
}

/* ---- unary ------------------------------------------------------------------------------------
 */

static void search_answers_once(void **state)
{
    gt_rig *rig = *state;
    Person__PersonReq jane = PERSON__PERSON_REQ__INIT;
    jane.name = (char *)"jane";
    jane.age = 30;

    gt_call *call = gt_unary_as(rig->channel, "/person.SearchService/Search", REQUEST, &jane, NULL);

    GT_ASSERT_RECV_TEXT(call, REPLY, "name: \"jane\" age: 30");
    assert_no_more(call);
    GT_ASSERT_NOW(rig->world, 0);
    gt_call_free(call);
}

/* ---- client streaming -------------------------------------------------------------------------
 */

static void search_in_answers_after_the_half_close_and_not_before(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = start(rig, "/person.SearchService/SearchIn", GT_CLIENT_STREAMING);
    send_person(call, "jane", 30);
    send_person(call, "john", 50);
    send_person(call, "june", 40);

    gt_waitable reply = gt_call_readable(call);
    GT_ASSERT_ERROR(rig->world, GT_ETIMEDOUT,
                    gt_wait_any(rig->world, NULL, GT_SEC(3600), &reply, 1));
    gt_call_half_close(call);

    GT_ASSERT_RECV_TEXT(call, REPLY, "name: \"john\" age: 50");
    assert_no_more(call);
    GT_ASSERT_NOW(rig->world, GT_SEC(3600));
    gt_call_free(call);
}

static void search_in_for_nobody_is_an_invalid_argument(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = start(rig, "/person.SearchService/SearchIn", GT_CLIENT_STREAMING);

    gt_call_half_close(call);

    GT_ASSERT_STATUS(call, GT_INVALID_ARGUMENT, "nobody was asked for");
    gt_call_free(call);
}

/* ---- server streaming -------------------------------------------------------------------------
 */

static void search_out_sends_eleven_replies_one_a_second(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = start(rig, "/person.SearchService/SearchOut", GT_SERVER_STREAMING);
    send_person(call, "jane", 30);
    gt_call_half_close(call);

    for (int i = 0; i <= 10; i++) {
        char expected[64];
        snprintf(expected, sizeof expected, "name: \"jane\" age: %d", 30 + i);
        GT_ASSERT_RECV_TEXT(call, REPLY, expected);
        GT_ASSERT_NOW(rig->world, GT_SEC(i));
    }

    assert_no_more(call);
    GT_ASSERT_NOW(rig->world, GT_SEC(10));
    gt_call_free(call);
}

/* ---- both ways --------------------------------------------------------------------------------
 */

static void search_io_echoes_each_message_in_order(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = start(rig, "/person.SearchService/SearchIO", GT_BIDI_STREAMING);

    send_person(call, "jane", 30);
    GT_ASSERT_RECV_TEXT(call, REPLY, "name: \"jane\" age: 30");
    send_person(call, "john", 50);
    GT_ASSERT_RECV_TEXT(call, REPLY, "name: \"john\" age: 50");
    gt_call_half_close(call);

    assert_no_more(call);
    gt_call_free(call);
}

static void search_io_messages_that_wait_keep_their_order(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = start(rig, "/person.SearchService/SearchIO", GT_BIDI_STREAMING);

    send_person(call, "jane", 30);
    send_person(call, "john", 50);
    send_person(call, "jill", 70);
    gt_call_half_close(call);
    GT_ASSERT_OK(rig->world, gt_settle(rig->world));

    GT_ASSERT_RECV_TEXT(call, REPLY, "name: \"jane\" age: 30");
    GT_ASSERT_RECV_TEXT(call, REPLY, "name: \"john\" age: 50");
    GT_ASSERT_RECV_TEXT(call, REPLY, "name: \"jill\" age: 70");
    assert_no_more(call);
    gt_call_free(call);
}

static void search_io_directions_do_not_wait_for_each_other(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = start(rig, "/person.SearchService/SearchIO", GT_BIDI_STREAMING);

    send_person(call, "jane", 30);
    send_person(call, "john", 50);
    GT_ASSERT_RECV_TEXT(call, REPLY, "name: \"jane\" age: 30");
    send_person(call, "june", 40);
    gt_call_half_close(call);
    GT_ASSERT_RECV_TEXT(call, REPLY, "name: \"john\" age: 50");
    GT_ASSERT_RECV_TEXT(call, REPLY, "name: \"june\" age: 40");

    assert_no_more(call);
    gt_call_free(call);
}

/* Sends a person a second, while the test reads. */
static void keep_sending(void *arg)
{
    gt_call *call = arg;
    for (int age = 1; age <= 3; age++) {
        GT_ASSERT_OK(gt_call_world(call), gt_sleep(gt_call_world(call), GT_SEC(1)));
        send_person(call, "jane", age);
    }
    gt_call_half_close(call);
}

static void search_io_can_be_sent_to_by_one_task_and_read_by_another(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = start(rig, "/person.SearchService/SearchIO", GT_BIDI_STREAMING);
    gt_task *sender = gt_spawn(rig->world, "sender", keep_sending, call);

    for (int age = 1; age <= 3; age++) {
        char expected[64];
        snprintf(expected, sizeof expected, "name: \"jane\" age: %d", age);
        GT_ASSERT_RECV_TEXT(call, REPLY, expected);
        GT_ASSERT_NOW(rig->world, GT_SEC(age));
    }

    assert_no_more(call);
    GT_ASSERT_OK(rig->world, gt_task_join(sender, NULL));
    gt_call_free(call);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, gt_cmocka_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(search_answers_once),
        TEST(search_in_answers_after_the_half_close_and_not_before),
        TEST(search_in_for_nobody_is_an_invalid_argument),
        TEST(search_out_sends_eleven_replies_one_a_second),
        TEST(search_io_echoes_each_message_in_order),
        TEST(search_io_messages_that_wait_keep_their_order),
        TEST(search_io_directions_do_not_wait_for_each_other),
        TEST(search_io_can_be_sent_to_by_one_task_and_read_by_another),
    };
    return cmocka_run_group_tests_name("four_kinds", tests, NULL, NULL);
}
