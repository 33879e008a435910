/* Scenario S11: how calls can end, told by our own server, by a foreign one, and by one that speaks
 * only HTTP. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "../by_hand/by_hand.h"
#include "complaints.h"
#include "users.pb-c.h"

#include <grpctest/cmocka.h>
#include <grpctest/protobufc.h>
#include <stdio.h>

#define GET_USER "/users.Users/GetUser"
#define GET_REQUEST gt_pb(&users__user_get_request__descriptor)

static int setup(void **state)
{
    gt_cmocka_rig_setup(state);
    gt_rig *rig = *state;
    complaints_serve(rig->server);
    return 0;
}

static gt_call *complain(gt_rig *rig, const char *code, const char *message)
{
    Users__UserGetRequest request = USERS__USER_GET_REQUEST__INIT;
    request.id = (char *)code;
    request.email = (char *)message;
    return gt_unary_as(rig->channel, GET_USER, GET_REQUEST, &request, NULL);
}

/* ---- our own server ---------------------------------------------------------------------------
 */

static const struct {
    gt_code code;
    int number;
    const char *name;
} codes[] = {
    {GT_OK, 0, "OK"},
    {GT_CANCELLED, 1, "CANCELLED"},
    {GT_UNKNOWN, 2, "UNKNOWN"},
    {GT_INVALID_ARGUMENT, 3, "INVALID_ARGUMENT"},
    {GT_DEADLINE_EXCEEDED, 4, "DEADLINE_EXCEEDED"},
    {GT_NOT_FOUND, 5, "NOT_FOUND"},
    {GT_ALREADY_EXISTS, 6, "ALREADY_EXISTS"},
    {GT_PERMISSION_DENIED, 7, "PERMISSION_DENIED"},
    {GT_RESOURCE_EXHAUSTED, 8, "RESOURCE_EXHAUSTED"},
    {GT_FAILED_PRECONDITION, 9, "FAILED_PRECONDITION"},
    {GT_ABORTED, 10, "ABORTED"},
    {GT_OUT_OF_RANGE, 11, "OUT_OF_RANGE"},
    {GT_UNIMPLEMENTED, 12, "UNIMPLEMENTED"},
    {GT_INTERNAL, 13, "INTERNAL"},
    {GT_UNAVAILABLE, 14, "UNAVAILABLE"},
    {GT_DATA_LOSS, 15, "DATA_LOSS"},
    {GT_UNAUTHENTICATED, 16, "UNAUTHENTICATED"},
};

static void all_seventeen_codes_arrive_by_number_and_name(void **state)
{
    for (size_t i = 0; i < 17; i++) {
        gt_call *call = complain(*state, codes[i].name, "oh dear");
        const gt_status *status = gt_call_status(call);
        assert_int_equal(status->code, codes[i].number);
        assert_string_equal(gt_code_name(status->code), codes[i].name);
        assert_string_equal(status->message, i == 0 ? "" : "oh dear");
        gt_call_free(call);
    }
}

static void a_message_may_be_in_any_language(void **state)
{
    static const char message[] = "Zo\xc3\xab: 100 % \xe2\x98\x83\non two lines ";
    gt_call *call = complain(*state, "ABORTED", message);
    GT_ASSERT_STATUS(call, GT_ABORTED, message);
    gt_call_free(call);
}

static void a_status_is_printed_with_code_and_message(void **state)
{
    gt_call *call = complain(*state, "NOT_FOUND", "no user jane");
    char *text = gt_status_format(gt_call_status(call));
    assert_string_equal(text, "NOT_FOUND \"no user jane\"");
    gt_free(text);
    gt_call_free(call);
}

/* ---- details ----------------------------------------------------------------------------------
 */

static void typed_details_are_found_by_their_type(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = complain(rig, "INVALID_ARGUMENT", "jane@");
    ProtobufCMessage *request, *user;

    GT_ASSERT_STATUS(call, GT_INVALID_ARGUMENT, "jane@");
    const gt_status *status = gt_call_status(call);
    GT_ASSERT_OK(rig->world,
                 gt_protobufc_find_detail(status, &users__user__descriptor, 0, &user, NULL));
    GT_ASSERT_OK(rig->world, gt_protobufc_find_detail(status, &users__user_get_request__descriptor,
                                                      0, &request, NULL));

    assert_string_equal(((const Users__User *)user)->first_name, "Jane");
    assert_string_equal(((const Users__UserGetRequest *)request)->email, "jane@");
    gt_protobufc_release(user);
    gt_protobufc_release(request);
    gt_call_free(call);
}

static void details_that_are_not_there_are_not_found(void **state)
{
    gt_rig *rig = *state;
    gt_call *with = complain(rig, "INVALID_ARGUMENT", ""), *without = complain(rig, "ABORTED", "");
    ProtobufCMessage *found;

    GT_ASSERT_ERROR(
        rig->world, GT_ENOENT,
        gt_protobufc_find_detail(gt_call_status(with), &users__user__descriptor, 1, &found, NULL));
    GT_ASSERT_ERROR(rig->world, GT_ENOENT,
                    gt_protobufc_find_detail(gt_call_status(without), &users__user__descriptor, 0,
                                             &found, NULL));
    gt_call_free(with);
    gt_call_free(without);
}

/* ---- a foreign server -------------------------------------------------------------------------
 */

/* Makes a call that is answered by headers that end the stream, and asserts how that reads. */
static void assert_reads(gt_rig *rig, const char *headers, gt_code code, const char *message)
{
    gt_buffer answer = {0};
    by_hand_server server;
    gt_server_stop(rig->server);
    gt_frame_write_headers_text(&answer, 1, GT_FLAG_END_HEADERS | GT_FLAG_END_STREAM, headers);
    by_hand_serve(&server, rig->world, rig->listener, &answer);
    gt_channel *channel = gt_channel_new(rig->dialer, NULL);

    gt_call *call = gt_unary(channel, GET_USER, gt_bytes_str(""), NULL);

    GT_ASSERT_STATUS(call, code, message);
    gt_call_free(call);
    gt_channel_free(channel);
    GT_ASSERT_OK(rig->world, by_hand_finish(&server));
    gt_buffer_cleanup(&answer);
}

static void codes_of_a_foreign_server_arrive_unchanged(void **state)
{
    for (size_t i = 1; i < 17; i++) {
        char headers[128];
        snprintf(headers, sizeof headers,
                 ":status: 200\ncontent-type: application/grpc\n"
                 "grpc-status: %d\ngrpc-message: caf%%C3%%A9 ferm%%C3%%A9\n",
                 codes[i].number);
        assert_reads(*state, headers, codes[i].code, "caf\xc3\xa9 ferm\xc3\xa9");
    }
}

static void a_number_outside_0_to_16_reads_as_unknown(void **state)
{
    static const char *const numbers[] = {"17", "999", "-1", "five", ""};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char headers[128];
        snprintf(headers, sizeof headers,
                 ":status: 200\ncontent-type: application/grpc\ngrpc-status: %s\n", numbers[i]);
        assert_reads(*state, headers, GT_UNKNOWN, NULL);
    }
}

/* ---- a server that is none --------------------------------------------------------------------
 */

static void failures_of_http_alone_read_as_grpc_says(void **state)
{
    static const struct {
        int status;
        gt_code code;
    } cases[] = {
        {400, GT_INTERNAL},      {401, GT_UNAUTHENTICATED}, {403, GT_PERMISSION_DENIED},
        {404, GT_UNIMPLEMENTED}, {429, GT_UNAVAILABLE},     {502, GT_UNAVAILABLE},
        {503, GT_UNAVAILABLE},   {504, GT_UNAVAILABLE},     {418, GT_UNKNOWN},
        {500, GT_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char headers[128];
        snprintf(headers, sizeof headers, ":status: %d\ncontent-type: text/html\n",
                 cases[i].status);
        assert_reads(*state, headers, cases[i].code, NULL);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, gt_cmocka_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_seventeen_codes_arrive_by_number_and_name),
        TEST(a_message_may_be_in_any_language),
        TEST(a_status_is_printed_with_code_and_message),
        TEST(typed_details_are_found_by_their_type),
        TEST(details_that_are_not_there_are_not_found),
        TEST(codes_of_a_foreign_server_arrive_unchanged),
        TEST(a_number_outside_0_to_16_reads_as_unknown),
        TEST(failures_of_http_alone_read_as_grpc_says),
    };
    return cmocka_run_group_tests_name("errors", tests, NULL, NULL);
}
