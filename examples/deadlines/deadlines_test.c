/* Scenarios S6 and S7: how a deadline travels, what it ends, and where it can come from. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "../by_hand/by_hand.h"
#include "helloworld.pb-c.h"
#include "patient_greeter.h"

#include <grpctest/cmocka.h>
#include <grpctest/protobufc.h>

#define SAY_HELLO "/helloworld.Greeter/SayHello"
#define REQUEST gt_pb(&helloworld__hello_request__descriptor)
#define REPLY gt_pb(&helloworld__hello_reply__descriptor)

typedef struct fixture {
    gt_rig *rig;
    patient_greeter greeter; /* takes ten seconds */
} fixture;

static int setup(void **state)
{
    fixture *f = test_malloc(sizeof *f);
    void *rig;
    gt_cmocka_rig_setup(&rig);
    f->rig = rig;
    f->greeter = (patient_greeter){.takes = GT_SEC(10)};
    patient_greeter_serve(&f->greeter, f->rig->server);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    void *rig = f->rig;
    int result = gt_cmocka_rig_teardown(&rig);
    test_free(f);
    return result;
}

static gt_call *say_hello(gt_channel *channel, const gt_call_options *options)
{
    Helloworld__HelloRequest request = HELLOWORLD__HELLO_REQUEST__INIT;
    return gt_unary_as(channel, SAY_HELLO, REQUEST, &request, options);
}

/* Makes a call and asserts that it ended at this instant for want of time. */
static void assert_exceeds(fixture *f, gt_channel *channel, const gt_call_options *options,
                           gt_time instant)
{
    gt_call *call = say_hello(channel, options);
    GT_ASSERT_STATUS(call, GT_DEADLINE_EXCEEDED, NULL);
    GT_ASSERT_NOW(f->rig->world, instant);
    gt_call_free(call);
}

/* ---- S6: on the wire --------------------------------------------------------------------------
 */

static void assert_wire(gt_call *call, const char *field)
{
    char *transcript = gt_call_transcript(call);
    if (!strstr(transcript, field))
        fail_msg("no \"%s\" in:\n%s", field, transcript);
    gt_free(transcript);
}

static void the_remaining_time_travels_as_grpc_timeout(void **state)
{
    fixture *f = *state;
    gt_context *background = gt_context_background(f->rig->world);
    gt_context *context = gt_context_with_timeout(background, GT_SEC(5));
    GT_ASSERT_OK(f->rig->world, gt_sleep(f->rig->world, GT_US(4116)));

    gt_call *call = say_hello(f->rig->channel, &(gt_call_options){.context = context});

    assert_wire(call, "grpc-timeout=4995884u\n");
    gt_call_free(call);
    gt_context_free(context);
    gt_context_free(background);
}

static void a_time_out_is_digits_and_one_unit_letter(void **state)
{
    fixture *f = *state;
    static const struct {
        gt_duration timeout;
        const char *field;
    } cases[] = {
        {GT_MS(50), "grpc-timeout=50000000n\n"},
        {GT_SEC(1), "grpc-timeout=1000000u\n"},
        {GT_SEC(3600), "grpc-timeout=3600000m\n"},
        {GT_SEC(3600) * 24 * 100, "grpc-timeout=8640000S\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gt_call *call = say_hello(f->rig->channel, &(gt_call_options){.timeout = cases[i].timeout});
        assert_wire(call, cases[i].field);
        gt_call_free(call);
    }
}

static void the_handler_has_the_deadline_of_its_caller(void **state)
{
    fixture *f = *state;
    gt_context *background = gt_context_background(f->rig->world);
    gt_context *context = gt_context_with_deadline(background, GT_SEC(12));
    GT_ASSERT_OK(f->rig->world, gt_sleep(f->rig->world, GT_SEC(1)));

    gt_call *call = say_hello(f->rig->channel, &(gt_call_options){.context = context});

    GT_ASSERT_RECV_TEXT(call, REPLY, "message: \"Hello at last\"");
    assert_int_equal(f->greeter.deadline, GT_SEC(12));
    assert_int_equal(f->greeter.stopped, GT_SEC(11));
    gt_call_free(call);
    gt_context_free(context);
    gt_context_free(background);
}

static void without_a_deadline_the_handler_has_none(void **state)
{
    fixture *f = *state;
    gt_call *call = say_hello(f->rig->channel, NULL);

    GT_ASSERT_STATUS(call, GT_OK, "");
    assert_int_equal(f->greeter.deadline, GT_NEVER);
    GT_ASSERT_NOW(f->rig->world, GT_SEC(10));
    gt_call_free(call);
}

static void the_handler_sees_the_deadline_pass_and_stops(void **state)
{
    fixture *f = *state;
    gt_call *call = say_hello(f->rig->channel, &(gt_call_options){.timeout = GT_MS(50)});

    GT_ASSERT_OK(f->rig->world, gt_settle(f->rig->world));

    GT_ASSERT_ERROR(f->rig->world, GT_ETIMEDOUT, f->greeter.error);
    assert_int_equal(f->greeter.stopped, GT_MS(50));
    gt_call_free(call);
}

static void the_client_gets_deadline_exceeded_at_that_instant(void **state)
{
    fixture *f = *state;
    assert_exceeds(f, f->rig->channel, &(gt_call_options){.timeout = GT_MS(50)}, GT_MS(50));
}

static void a_malformed_time_out_is_refused_as_internal(void **state)
{
    fixture *f = *state;
    gt_buffer answer = {0};

    GT_ASSERT_OK(f->rig->world, by_hand_ask(f->rig->dialer,
                                            ":method: POST\n"
                                            ":scheme: http\n"
                                            ":path: /helloworld.Greeter/SayHello\n"
                                            ":authority: localhost\n"
                                            "te: trailers\n"
                                            "content-type: application/grpc\n"
                                            "grpc-timeout: soon\n",
                                            &answer));

    assert_non_null(strstr(gt_buffer_text(&answer), "grpc-status: 13\n"));
    assert_non_null(strstr(gt_buffer_text(&answer), "grpc-message: malformed time-out"));
    gt_buffer_cleanup(&answer);
}

/* ---- S7: where it comes from ------------------------------------------------------------------
 */

static void a_call_brings_its_own_and_the_earlier_of_two_counts(void **state)
{
    fixture *f = *state;
    gt_context *background = gt_context_background(f->rig->world);
    gt_context *context = gt_context_with_deadline(background, GT_SEC(3));
    gt_call_options sooner = {.context = context, .timeout = GT_SEC(1)};
    gt_call_options later = {.context = context, .timeout = GT_SEC(8)};

    assert_exceeds(f, f->rig->channel, &sooner, GT_SEC(1));
    assert_exceeds(f, f->rig->channel, &later, GT_SEC(3));

    gt_context_free(context);
    gt_context_free(background);
}

static void a_channel_has_a_default_for_a_method(void **state)
{
    fixture *f = *state;
    const gt_method_config methods[] = {
        {.name = "", .timeout = GT_SEC(1)},
        {.name = SAY_HELLO, .timeout = GT_SEC(2)},
        {.name = "/helloworld.Greeter/", .timeout = GT_SEC(3)},
    };
    gt_channel *channel = gt_channel_new(
        f->rig->dialer, &(gt_channel_options){.methods = methods, .method_count = 3});

    assert_exceeds(f, channel, NULL, GT_SEC(2));

    gt_channel_free(channel);
}

static void a_call_may_shorten_the_channels_default_and_not_lengthen_it(void **state)
{
    fixture *f = *state;
    const gt_method_config method = {.name = SAY_HELLO, .timeout = GT_SEC(2)};
    gt_channel *channel = gt_channel_new(
        f->rig->dialer, &(gt_channel_options){.methods = &method, .method_count = 1});

    assert_exceeds(f, channel, &(gt_call_options){.timeout = GT_SEC(1)}, GT_SEC(1));
    assert_exceeds(f, channel, &(gt_call_options){.timeout = GT_SEC(8)}, GT_SEC(3));

    gt_channel_free(channel);
}

static void an_interceptor_has_a_default_that_a_call_overrides(void **state)
{
    fixture *f = *state;
    const gt_duration timeout = GT_SEC(1);
    gt_interceptor interceptor = gt_timeout_interceptor(&timeout);
    gt_channel *channel =
        gt_channel_new(f->rig->dialer,
                       &(gt_channel_options){.interceptors = &interceptor, .interceptor_count = 1});

    assert_exceeds(f, channel, NULL, GT_SEC(1));
    assert_exceeds(f, channel, &(gt_call_options){.timeout = GT_SEC(4)}, GT_SEC(5));

    gt_channel_free(channel);
}

static int never_connect(void *user, gt_context *context, gt_conn **conn)
{
    (void)user;
    *conn = NULL;
    return gt_context_wait(context);
}

static void waiting_for_the_connection_counts_too(void **state)
{
    fixture *f = *state;
    gt_dialer *dialer = gt_dialer_from(f->rig->world, "nowhere", never_connect, NULL);
    gt_channel *channel = gt_channel_new(dialer, NULL);

    assert_exceeds(f, channel, &(gt_call_options){.timeout = GT_SEC(7)}, GT_SEC(7));

    gt_channel_free(channel);
    gt_dialer_free(dialer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_remaining_time_travels_as_grpc_timeout),
        TEST(a_time_out_is_digits_and_one_unit_letter),
        TEST(the_handler_has_the_deadline_of_its_caller),
        TEST(without_a_deadline_the_handler_has_none),
        TEST(the_handler_sees_the_deadline_pass_and_stops),
        TEST(the_client_gets_deadline_exceeded_at_that_instant),
        TEST(a_malformed_time_out_is_refused_as_internal),
        TEST(a_call_brings_its_own_and_the_earlier_of_two_counts),
        TEST(a_channel_has_a_default_for_a_method),
        TEST(a_call_may_shorten_the_channels_default_and_not_lengthen_it),
        TEST(an_interceptor_has_a_default_that_a_call_overrides),
        TEST(waiting_for_the_connection_counts_too),
    };
    return cmocka_run_group_tests_name("deadlines", tests, NULL, NULL);
}
