/* Scenario S2: a repository made of a description and twenty messages of one byte each. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "repo.pb-c.h"
#include "repo_service.h"

#include <grpctest/cmocka.h>
#include <grpctest/protobufc.h>

#define REQUEST gt_pb(&repo__repo_create_request__descriptor)
#define REPLY gt_pb(&repo__repo_create_reply__descriptor)

static int setup(void **state)
{
    gt_cmocka_rig_setup(state);
    gt_rig *rig = *state;
    repo_serve(rig->server);
    return 0;
}

static gt_call *create_repo(gt_rig *rig)
{
    return gt_call_new(rig->channel, "/repo.Repo/CreateRepo",
                       &(gt_call_options){.kind = GT_CLIENT_STREAMING});
}

static void send_context(gt_call *call)
{
    Repo__RepoContext context = REPO__REPO_CONTEXT__INIT;
    context.creator_id = (char *)"user-123";
    context.name = (char *)"test-repo";
    Repo__RepoCreateRequest request = REPO__REPO_CREATE_REQUEST__INIT;
    request.body_case = REPO__REPO_CREATE_REQUEST__BODY_CONTEXT;
    request.context = &context;
    GT_ASSERT_OK(gt_call_world(call), gt_call_send_as(call, REQUEST, &request));
}

static void send_byte_by_byte(gt_call *call, const char *text)
{
    for (; *text; text++) {
        Repo__RepoCreateRequest request = REPO__REPO_CREATE_REQUEST__INIT;
        request.body_case = REPO__REPO_CREATE_REQUEST__BODY_DATA;
        request.data.data = (uint8_t *)text;
        request.data.len = 1;
        GT_ASSERT_OK(gt_call_world(call), gt_call_send_as(call, REQUEST, &request));
    }
}

static void assert_created(gt_call *call)
{
    GT_ASSERT_RECV_TEXT(call, REPLY,
                        "repo { id: \"test-repo\" name: \"test-repo\" "
                        "url: \"https://git.example.com/user-123/test-repo\" } size: 20");
    GT_ASSERT_STATUS(call, GT_OK, "");
}

static void a_repository_is_made_of_a_context_and_twenty_single_bytes(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = create_repo(rig);

    send_context(call);
    send_byte_by_byte(call, "Arbitrary Data Bytes");
    gt_call_half_close(call);

    assert_created(call);
    gt_call_free(call);
}

static void a_message_with_neither_member_is_an_invalid_argument(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = create_repo(rig);
    Repo__RepoCreateRequest neither = REPO__REPO_CREATE_REQUEST__INIT;

    send_context(call);
    GT_ASSERT_OK(rig->world, gt_call_send_as(call, REQUEST, &neither));

    GT_ASSERT_STATUS(call, GT_INVALID_ARGUMENT, "a message has neither context nor data");
    gt_call_free(call);
}

static void data_without_a_context_is_an_invalid_argument(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = create_repo(rig);

    send_byte_by_byte(call, "Arbitrary Data Bytes");
    gt_call_half_close(call);

    GT_ASSERT_STATUS(call, GT_INVALID_ARGUMENT, "no message had a context");
    gt_call_free(call);
}

static void a_call_under_way_finishes_after_its_listener_was_closed(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = create_repo(rig);
    send_context(call);
    GT_ASSERT_OK(rig->world, gt_settle(rig->world));

    gt_listener_close(rig->listener);
    send_byte_by_byte(call, "Arbitrary Data Bytes");
    gt_call_half_close(call);

    assert_created(call);
    gt_call_free(call);
}

static void a_closed_listener_takes_no_new_connection(void **state)
{
    gt_rig *rig = *state;
    gt_listener_close(rig->listener);

    gt_call *call = create_repo(rig);

    GT_ASSERT_STATUS(call, GT_UNAVAILABLE, NULL);
    gt_call_free(call);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, gt_cmocka_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_repository_is_made_of_a_context_and_twenty_single_bytes),
        TEST(a_message_with_neither_member_is_an_invalid_argument),
        TEST(data_without_a_context_is_an_invalid_argument),
        TEST(a_call_under_way_finishes_after_its_listener_was_closed),
        TEST(a_closed_listener_takes_no_new_connection),
    };
    return cmocka_run_group_tests_name("repo", tests, NULL, NULL);
}
