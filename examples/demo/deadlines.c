/* Scenarios S6 and S7: a deadline that passes, and where deadlines come from. */
#include "../by_hand/by_hand.h"
#include "../deadlines/patient_greeter.h"
#include "acts.h"
#include "check.h"
#include "helloworld.pb-c.h"
#include "show.h"

#include <grpctest/protobufc.h>

#define SAY_HELLO "/helloworld.Greeter/SayHello"

static gt_call *say_hello(gt_channel *channel, const gt_call_options *options)
{
    Helloworld__HelloRequest request = HELLOWORLD__HELLO_REQUEST__INIT;
    return gt_unary_as(channel, SAY_HELLO, gt_pb(&helloworld__hello_request__descriptor), &request,
                       options);
}

/* ---- S6 ---------------------------------------------------------------------------------------
 */

static bool refuses_malformed(gt_rig *rig)
{
    gt_buffer answer = {0};
    bool passed = by_hand_ask(rig->dialer,
                              ":method: POST\n:scheme: http\n:path: " SAY_HELLO "\n"
                              ":authority: localhost\nte: trailers\n"
                              "content-type: application/grpc\ngrpc-timeout: soon\n",
                              &answer) == 0;
    const char *message = strstr(gt_buffer_text(&answer), "grpc-message: ");
    passed = passed && message && strstr(gt_buffer_text(&answer), "grpc-status: 13\n");
    show_gap();
    show_line(
        "a request by hand with \"grpc-timeout: soon\" is refused: INTERNAL, malformed time-out");
    gt_buffer_cleanup(&answer);
    return passed;
}

void act_deadline(void)
{
    show_heading("A deadline", "The handler takes two hours, the caller waits for one. No test "
                               "has that much time; a world has.");
    gt_rig *rig = gt_rig_new(NULL);
    patient_greeter greeter = {.takes = GT_SEC(7200)};
    patient_greeter_serve(&greeter, rig->server);

    show_begin();
    gt_call *call = say_hello(rig->channel, &(gt_call_options){.timeout = GT_SEC(3600)});
    bool passed = check_status(call, GT_DEADLINE_EXCEEDED, NULL) &&
                  check_now(rig->world, GT_SEC(3600)) && gt_settle(rig->world) == 0 &&
                  greeter.error == GT_ETIMEDOUT && greeter.stopped == GT_SEC(3600);

    show_transcript(gt_call_transcript(call));
    passed = refuses_malformed(rig) && passed;
    show_verdict(passed, gt_now(rig->world));
    gt_call_free(call);
    gt_rig_free(rig);
}

/* ---- S7 ---------------------------------------------------------------------------------------
 */

static bool exceeds(const char *whose, gt_world *world, gt_channel *channel, gt_duration own,
                    gt_duration expected)
{
    gt_time began = gt_now(world);
    gt_call *call = say_hello(channel, &(gt_call_options){.timeout = own});
    bool passed =
        check_status(call, GT_DEADLINE_EXCEEDED, NULL) && check_now(world, began + expected);
    show_line("%-36s  DEADLINE_EXCEEDED after %9.3f ms", whose,
              (double)(gt_now(world) - began) / 1e6);
    gt_call_free(call);
    return passed;
}

static int never_connect(void *user, gt_context *context, gt_conn **conn)
{
    (void)user;
    *conn = NULL;
    return gt_context_wait(context);
}

void act_deadline_sources(void)
{
    show_heading(
        "Where a deadline comes from",
        "The call, its channel, or an interceptor; and it counts before there is a connection.");
    const gt_method_config method = {.name = SAY_HELLO, .timeout = GT_SEC(2)};
    const gt_duration timeout = GT_SEC(1);
    gt_interceptor interceptor = gt_timeout_interceptor(&timeout);
    gt_rig *rig = gt_rig_new(NULL);
    patient_greeter greeter = {.takes = GT_SEC(10)};
    patient_greeter_serve(&greeter, rig->server);
    gt_channel *configured =
        gt_channel_new(rig->dialer, &(gt_channel_options){.methods = &method, .method_count = 1});
    gt_channel *intercepted = gt_channel_new(
        rig->dialer, &(gt_channel_options){.interceptors = &interceptor, .interceptor_count = 1});
    gt_dialer *nowhere = gt_dialer_from(rig->world, "nowhere", never_connect, NULL);
    gt_channel *lost = gt_channel_new(nowhere, NULL);

    show_begin();
    gt_world *world = rig->world;
    bool passed = exceeds("the call's own", world, rig->channel, GT_SEC(3), GT_SEC(3));
    passed = exceeds("the channel's", world, configured, 0, GT_SEC(2)) && passed;
    passed = exceeds("the channel's, shortened by the call", world, configured, GT_MS(500),
                     GT_MS(500)) &&
             passed;
    passed = exceeds("an interceptor's", world, intercepted, 0, GT_SEC(1)) && passed;
    passed =
        exceeds("an interceptor's, overridden", world, intercepted, GT_SEC(4), GT_SEC(4)) && passed;
    passed = exceeds("the call's, never connected", world, lost, GT_SEC(7), GT_SEC(7)) && passed;

    show_verdict(passed, gt_now(rig->world));
    gt_channel_free(configured);
    gt_channel_free(intercepted);
    gt_channel_free(lost);
    gt_dialer_free(nowhere);
    gt_rig_free(rig);
}
