/* A generated service as a table of handlers (scenario S19). */
#include "rpc_test_kit.h"

#include "engine/core/death_test.h"
#include "helloworld.pb-c.h"
#include "person.pb-c.h"
#include <grpctest/protobufc.h>

#define SERVICE &person__search_service__descriptor
#define REQUEST gt_pb(&person__person_req__descriptor)
#define REPLY gt_pb(&person__person_res__descriptor)

static int search(gt_call *call, void *user)
{
    int *years = user;
    void *message;
    int error = gt_call_recv_as(call, REQUEST, &message);
    if (error)
        return error;
    const Person__PersonReq *request = message;
    Person__PersonRes reply = PERSON__PERSON_RES__INIT;
    reply.name = request->name;
    reply.age = request->age + *years;
    return gt_call_send_as(call, REPLY, &reply);
}

static gt_call *ask(kit *k, const char *method)
{
    Person__PersonReq request = PERSON__PERSON_REQ__INIT;
    request.name = (char *)"jane";
    request.age = 30;
    return gt_unary_as(k->channel, method, REQUEST, &request, NULL);
}

static void a_method_of_the_service_reaches_its_handler(void **state)
{
    kit *k = *state;
    int years = 7;
    const gt_method methods[] = {{"Search", GT_UNARY, search}};
    gt_server_add_service(k->server, SERVICE, methods, 1, &years);

    gt_call *call = ask(k, "/person.SearchService/Search");

    void *reply;
    kit_assert_status(call, GT_OK, "");
    assert_int_equal(gt_call_recv_as(call, REPLY, &reply), 0);
    assert_string_equal(((Person__PersonRes *)reply)->name, "jane");
    assert_int_equal(((Person__PersonRes *)reply)->age, 37);
    gt_call_free(call);
}

static void a_method_that_is_left_out_is_not_implemented(void **state)
{
    kit *k = *state;
    int years = 7;
    const gt_method methods[] = {{"Search", GT_UNARY, search}};
    gt_server_add_service(k->server, SERVICE, methods, 1, &years);

    gt_call *call = ask(k, "/person.SearchService/SearchIn");

    kit_assert_status(call, GT_UNIMPLEMENTED, "method SearchIn not implemented");
    gt_call_free(call);
}

static void a_service_may_leave_out_every_method(void **state)
{
    kit *k = *state;
    gt_server_add_service(k->server, &helloworld__greeter__descriptor, NULL, 0, NULL);

    gt_call *call = ask(k, "/helloworld.Greeter/SayHello");

    kit_assert_status(call, GT_UNIMPLEMENTED, "method SayHello not implemented");
    gt_call_free(call);
}

static void a_message_that_does_not_unpack_ends_the_call_with_its_reason(void **state)
{
    kit *k = *state;
    int years = 7;
    const gt_method methods[] = {{"Search", GT_UNARY, search}};
    gt_server_add_service(k->server, SERVICE, methods, 1, &years);

    gt_call *call =
        gt_unary(k->channel, "/person.SearchService/Search", gt_bytes_str("\x0a\x02z\xff"), NULL);

    kit_assert_status(call, GT_INTERNAL,
                      "person.PersonReq field name at byte 3: a string that is not UTF-8");
    gt_call_free(call);
}

/* ---- misuse --------------------------------------------------------------------------------- */

static void add_a_name_that_the_service_lacks(void *server)
{
    const gt_method methods[] = {{"Serach", GT_UNARY, search}};
    gt_server_add_service(server, SERVICE, methods, 1, NULL);
}

static void a_name_that_the_service_lacks_is_misuse(void **state)
{
    kit *k = *state;

    assert_dies(add_a_name_that_the_service_lacks, k->server,
                "grpctest: the service person.SearchService has no method Serach\n");
}

static void add_a_name_twice(void *server)
{
    const gt_method methods[] = {{"Search", GT_UNARY, search}, {"Search", GT_UNARY, search}};
    gt_server_add_service(server, SERVICE, methods, 2, NULL);
}

static void a_name_given_twice_is_misuse(void **state)
{
    kit *k = *state;

    assert_dies(add_a_name_twice, k->server,
                "grpctest: /person.SearchService/Search has a handler already\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

static int fail_with_details(gt_call *call, void *user)
{
    (void)user;
    char text[] = "ask later";
    Helloworld__HelloReply hint = HELLOWORLD__HELLO_REPLY__INIT;
    hint.message = text;
    const ProtobufCMessage *details[] = {&hint.base};
    return gt_call_fail_with(call, GT_UNAVAILABLE, "busy", details, 1);
}

/* Rule T4. */
static void typed_details_arrive_with_the_same_code_and_message(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, "/test.Test/Fail", GT_UNARY, fail_with_details, NULL);

    gt_call *call = gt_unary(k->channel, "/test.Test/Fail", gt_bytes_str(""), NULL);

    const gt_status *status = gt_call_status(call);
    kit_assert_status(call, GT_UNAVAILABLE, "busy");
    assert_memory_equal(status->details.data,
                        "\x08\x0e\x12\x04"
                        "busy",
                        8);
    ProtobufCMessage *message;
    assert_int_equal(
        gt_protobufc_find_detail(status, &helloworld__hello_reply__descriptor, 0, &message, NULL),
        0);
    assert_string_equal(((const Helloworld__HelloReply *)(const void *)message)->message,
                        "ask later");
    gt_protobufc_release(message);
    gt_call_free(call);
}

static int fail_without_a_word(gt_call *call, void *user)
{
    (void)user;
    return gt_call_fail_with(call, GT_ABORTED, NULL, NULL, 0);
}

static void typed_details_need_no_message(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, "/test.Test/Fail", GT_UNARY, fail_without_a_word, NULL);

    gt_call *call = gt_unary(k->channel, "/test.Test/Fail", gt_bytes_str(""), NULL);

    kit_assert_status(call, GT_ABORTED, "");
    gt_call_free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_method_of_the_service_reaches_its_handler),
        TEST(a_method_that_is_left_out_is_not_implemented),
        TEST(a_service_may_leave_out_every_method),
        TEST(a_message_that_does_not_unpack_ends_the_call_with_its_reason),
        TEST(typed_details_arrive_with_the_same_code_and_message),
        TEST(typed_details_need_no_message),
        TEST(a_name_that_the_service_lacks_is_misuse),
        TEST(a_name_given_twice_is_misuse),
    };
    return cmocka_run_group_tests_name("protobufc_service", tests, NULL, NULL);
}
