/* Scenario S9: a server that wants to know who calls, and clients that say it or do not. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "../header_trailer/users_service.h"
#include "membership.h"
#include "users.pb-c.h"

#include <grpctest/cmocka.h>
#include <grpctest/protobufc.h>

#define GET_REQUEST gt_pb(&users__user_get_request__descriptor)
#define NAMELESS "say who you are: userid and userpwd"

static int setup(void **state)
{
    gt_interceptor membership = membership_interceptor();
    gt_rig *rig = gt_rig_new(&(gt_rig_options){
        .world = {.on_failure = gt_cmocka_failure},
        .server = {.interceptors = &membership, .interceptor_count = 1},
    });
    users_serve(rig->server);
    *state = rig;
    return 0;
}

static gt_call *get_user(gt_channel *channel, const gt_call_options *options)
{
    Users__UserGetRequest request = USERS__USER_GET_REQUEST__INIT;
    request.email = (char *)"jane@doe.com";
    return gt_unary_as(channel, "/users.Users/GetUser", GET_REQUEST, &request, options);
}

/* ---- by hand ----------------------------------------------------------------------------------
 */

static gt_call *get_user_as(gt_rig *rig, const char *id, const char *password)
{
    const char *const pairs[][2] = {{"userid", id}, {"userpwd", password}};
    gt_metadata *metadata = gt_metadata_from(pairs, 2, NULL);
    gt_call *call = get_user(rig->channel, &(gt_call_options){.metadata = metadata});
    gt_metadata_free(metadata);
    return call;
}

static void a_member_who_says_so_by_hand_is_served(void **state)
{
    gt_call *call = get_user_as(*state, "jane", "secret");
    GT_ASSERT_STATUS(call, GT_OK, "");
    gt_call_free(call);
}

static void a_call_without_metadata_is_unauthenticated(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = get_user(rig->channel, NULL);
    GT_ASSERT_STATUS(call, GT_UNAUTHENTICATED, NAMELESS);
    gt_call_free(call);
}

static void a_wrong_userid_is_unauthenticated(void **state)
{
    gt_call *call = get_user_as(*state, "john", "secret");
    GT_ASSERT_STATUS(call, GT_UNAUTHENTICATED, "john is no member, or has another password");
    gt_call_free(call);
}

static void a_wrong_password_is_unauthenticated(void **state)
{
    gt_call *call = get_user_as(*state, "jane", "guess");
    GT_ASSERT_STATUS(call, GT_UNAUTHENTICATED, "jane is no member, or has another password");
    gt_call_free(call);
}

/* GetUser takes twenty milliseconds, and tells its region before. */
static void the_handler_of_a_refused_call_never_runs(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = get_user(rig->channel, NULL);

    GT_ASSERT_STATUS(call, GT_UNAUTHENTICATED, NAMELESS);

    GT_ASSERT_NOW(rig->world, 0);
    assert_int_equal(gt_metadata_count(gt_call_header(call)), 0);
    gt_call_free(call);
}

static void a_stream_is_refused_like_a_unary_call(void **state)
{
    gt_rig *rig = *state;
    gt_call *call = gt_call_new(rig->channel, "/users.Users/GetHelp", NULL);
    GT_ASSERT_STATUS(call, GT_UNAUTHENTICATED, NAMELESS);
    gt_call_free(call);
}

/* ---- by the channel ---------------------------------------------------------------------------
 */

static gt_channel *channel_of(gt_rig *rig, member *who, bool require_tls)
{
    gt_call_credentials credentials = member_credentials(who, require_tls);
    return gt_channel_new(rig->dialer, &(gt_channel_options){.credentials = &credentials});
}

static void a_channels_credentials_go_with_every_call(void **state)
{
    gt_rig *rig = *state;
    member jane = {.id = "jane", .password = "secret"};
    gt_channel *channel = channel_of(rig, &jane, false);

    for (int i = 0; i < 2; i++) {
        gt_call *call = get_user(channel, NULL);
        GT_ASSERT_STATUS(call, GT_OK, "");
        gt_call_free(call);
    }

    gt_channel_free(channel);
}

static void a_channels_wrong_credentials_are_refused(void **state)
{
    gt_rig *rig = *state;
    member john = {.id = "john", .password = "secret"};
    gt_channel *channel = channel_of(rig, &john, false);

    gt_call *call = get_user(channel, NULL);

    GT_ASSERT_STATUS(call, GT_UNAUTHENTICATED, "john is no member, or has another password");
    gt_call_free(call);
    gt_channel_free(channel);
}

static void fetching_credentials_takes_its_time_before_the_call(void **state)
{
    gt_rig *rig = *state;
    member jane = {.id = "jane", .password = "secret", .takes = GT_MS(30)};
    gt_channel *channel = channel_of(rig, &jane, false);

    gt_call *call = get_user(channel, NULL);

    GT_ASSERT_STATUS(call, GT_OK, "");
    GT_ASSERT_NOW(rig->world, GT_MS(50));
    gt_call_free(call);
    gt_channel_free(channel);
}

static void a_deadline_ends_the_fetching_too(void **state)
{
    gt_rig *rig = *state;
    member jane = {.id = "jane", .password = "secret", .takes = GT_MS(30)};
    gt_channel *channel = channel_of(rig, &jane, false);

    gt_call *call = get_user(channel, &(gt_call_options){.timeout = GT_MS(10)});

    GT_ASSERT_STATUS(call, GT_DEADLINE_EXCEEDED, NULL);
    GT_ASSERT_NOW(rig->world, GT_MS(10));
    gt_call_free(call);
    gt_channel_free(channel);
}

static void credentials_that_insist_on_tls_refuse_a_plain_channel(void **state)
{
    gt_rig *rig = *state;
    member jane = {.id = "jane", .password = "secret"};
    gt_channel *channel = channel_of(rig, &jane, true);

    gt_call *call = get_user(channel, NULL);

    GT_ASSERT_STATUS(call, GT_UNAUTHENTICATED, NULL);
    char *wire = gt_journal_text(rig->world);
    assert_null(strstr(wire, "secret"));
    gt_free(wire);
    gt_call_free(call);
    gt_channel_free(channel);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, gt_cmocka_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_member_who_says_so_by_hand_is_served),
        TEST(a_call_without_metadata_is_unauthenticated),
        TEST(a_wrong_userid_is_unauthenticated),
        TEST(a_wrong_password_is_unauthenticated),
        TEST(the_handler_of_a_refused_call_never_runs),
        TEST(a_stream_is_refused_like_a_unary_call),
        TEST(a_channels_credentials_go_with_every_call),
        TEST(a_channels_wrong_credentials_are_refused),
        TEST(fetching_credentials_takes_its_time_before_the_call),
        TEST(a_deadline_ends_the_fetching_too),
        TEST(credentials_that_insist_on_tls_refuse_a_plain_channel),
    };
    return cmocka_run_group_tests_name("auth", tests, NULL, NULL);
}
