/* Scenario S4: when headers and trailers go out, and when a client can read them. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "users.pb-c.h"
#include "users_service.h"

#include <grpctest/cmocka.h>
#include <grpctest/protobufc.h>

#define GET_REQUEST gt_pb(&users__user_get_request__descriptor)
#define GET_REPLY gt_pb(&users__user_get_reply__descriptor)
#define HELP_REQUEST gt_pb(&users__user_help_request__descriptor)
#define HELP_REPLY gt_pb(&users__user_help_reply__descriptor)

static int setup(void **state)
{
    gt_cmocka_rig_setup(state);
    gt_rig *rig = *state;
    users_serve(rig->server);
    return 0;
}

static gt_call *start_get_user(gt_rig *rig, const char *email)
{
    Users__UserGetRequest request = USERS__USER_GET_REQUEST__INIT;
    request.email = (char *)email;
    gt_call *call =
        gt_call_new(rig->channel, "/users.Users/GetUser", &(gt_call_options){.kind = GT_UNARY});
    GT_ASSERT_OK(rig->world, gt_call_send_as(call, GET_REQUEST, &request));
    gt_call_half_close(call);
    return call;
}

static gt_call *start_get_help(gt_rig *rig)
{
    return gt_call_new(rig->channel, "/users.Users/GetHelp", NULL);
}

static void ask_for_help(gt_call *call)
{
    Users__UserHelpRequest request = USERS__USER_HELP_REQUEST__INIT;
    request.request = (char *)"my login";
    GT_ASSERT_OK(gt_call_world(call), gt_call_send_as(call, HELP_REQUEST, &request));
    GT_ASSERT_RECV_TEXT(call, HELP_REPLY,
                        "response: \"About \\\"my login\\\": have you tried again?\"");
}

static void assert_text(const gt_metadata *metadata, const char *expected)
{
    char *text = gt_metadata_format(metadata);
    assert_string_equal(text, expected);
    gt_free(text);
}

/* ---- headers ----------------------------------------------------------------------------------
 */

static void headers_set_in_several_places_arrive_merged_with_the_first_message(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = start_get_user(rig, "jane@doe.com");

    assert_text(gt_call_header(call), "region: eu\ncache: miss\n");

    GT_ASSERT_NOW(rig->world, GT_MS(20));
    GT_ASSERT_RECV_TEXT(
        call, GET_REPLY,
        "user { id: \"user-123\" first_name: \"Jane\" last_name: \"Doe\" age: 30 }");
    GT_ASSERT_NOW(rig->world, GT_MS(20));
    gt_call_free(call);
}

static void headers_go_out_with_the_status_where_there_is_no_message(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = start_get_user(rig, "john@doe.com");

    assert_text(gt_call_header(call), "region: eu\ncache: miss\n");

    GT_ASSERT_NOW(rig->world, GT_MS(20));
    GT_ASSERT_STATUS(call, GT_NOT_FOUND, "no user john@doe.com");
    gt_call_free(call);
}

static void headers_that_are_sent_early_arrive_before_any_message(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = start_get_help(rig);

    assert_text(gt_call_header(call), "helper: june\n");

    GT_ASSERT_NOW(rig->world, 0);
    assert_false(gt_call_ended(call));
    gt_call_free(call);
}

/* What a handler is told that sends, sends again, and adds. */
typedef struct attempts {
    int first, second, late;
} attempts;

static int send_headers_twice(gt_call *call, void *user)
{
    attempts *a = user;
    a->first = gt_call_send_header(call, NULL);
    a->second = gt_call_send_header(call, NULL);
    a->late = gt_call_add_header(call, NULL);
    return 0;
}

static void headers_are_sent_at_most_once(void **state)
{
    gt_rig *rig = *state;
    attempts a;
    gt_server_handle(rig->server, "/test.Test/Twice", GT_UNARY, send_headers_twice, &a);

    gt_call *call = gt_unary(rig->channel, "/test.Test/Twice", gt_bytes_str(""), NULL);

    GT_ASSERT_OK(rig->world, a.first);
    GT_ASSERT_ERROR(rig->world, GT_ECLOSED, a.second);
    GT_ASSERT_ERROR(rig->world, GT_ECLOSED, a.late);
    gt_call_free(call);
}

/* ---- trailers ---------------------------------------------------------------------------------
 */

static void a_unary_call_has_its_trailers_with_its_status_and_none_before(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = start_get_user(rig, "jane@doe.com");

    GT_ASSERT_OK(rig->world, gt_settle(rig->world));
    assert_int_equal(gt_metadata_count(gt_call_trailer(call)), 0);
    GT_ASSERT_STATUS(call, GT_OK, "");

    assert_text(gt_call_trailer(call), "rows-read: 1\n");
    gt_call_free(call);
}

static void a_stream_has_its_trailers_with_its_status_and_none_before(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = start_get_help(rig);

    ask_for_help(call);
    ask_for_help(call);
    assert_int_equal(gt_metadata_count(gt_call_trailer(call)), 0);
    gt_call_half_close(call);
    GT_ASSERT_STATUS(call, GT_OK, "");

    assert_text(gt_call_header(call), "helper: june\n");
    assert_text(gt_call_trailer(call), "answers: 2\n");
    gt_call_free(call);
}

static void a_call_that_fails_has_its_trailers_too(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = start_get_user(rig, "john@doe.com");

    GT_ASSERT_STATUS(call, GT_NOT_FOUND, NULL);

    assert_text(gt_call_trailer(call), "rows-read: 0\n");
    gt_call_free(call);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, gt_cmocka_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(headers_set_in_several_places_arrive_merged_with_the_first_message),
        TEST(headers_go_out_with_the_status_where_there_is_no_message),
        TEST(headers_that_are_sent_early_arrive_before_any_message),
        TEST(headers_are_sent_at_most_once),
        TEST(a_unary_call_has_its_trailers_with_its_status_and_none_before),
        TEST(a_stream_has_its_trailers_with_its_status_and_none_before),
        TEST(a_call_that_fails_has_its_trailers_too),
    };
    return cmocka_run_group_tests_name("header_trailer", tests, NULL, NULL);
}
