/* Scenario S16: a message queue. Its receivers go home after five quiet seconds, which a test of it
 * waits out to the nanosecond, and in no time. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "chat.pb-c.h"
#include "google/protobuf/wrappers.pb-c.h"
#include "queue_service.h"

#include <grpctest/cmocka.h>
#include <grpctest/protobufc.h>

#define MESSAGE gt_pb(&chat__message__descriptor)
#define STRING gt_pb(&google__protobuf__string_value__descriptor)
#define COUNT gt_pb(&google__protobuf__int64_value__descriptor)

typedef struct fixture {
    gt_rig *rig;
    message_queue *queue;
} fixture;

static int setup(void **state)
{
    fixture *f = test_malloc(sizeof *f);
    void *rig;
    gt_cmocka_rig_setup(&rig);
    f->rig = rig;
    f->queue = message_queue_new();
    message_queue_serve(f->queue, f->rig->server);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    message_queue *queue = f->queue;
    void *rig = f->rig;
    test_free(f);
    int result = gt_cmocka_rig_teardown(&rig);
    message_queue_free(queue);
    return result;
}

static gt_call *start_sending(gt_rig *rig)
{
    return gt_call_new(rig->channel, "/chat.MessageService/sendMessage",
                       &(gt_call_options){.kind = GT_CLIENT_STREAMING});
}

static void send_message(gt_call *call, const char *to, const char *content)
{
    Chat__Message message = CHAT__MESSAGE__INIT;
    message.from = (char *)"john";
    message.to = (char *)to;
    message.content = (char *)content;
    GT_ASSERT_OK(gt_call_world(call), gt_call_send_as(call, MESSAGE, &message));
}

static gt_call *receive_as(gt_rig *rig, const char *name, gt_duration timeout)
{
    Google__Protobuf__StringValue request = GOOGLE__PROTOBUF__STRING_VALUE__INIT;
    request.value = (char *)name;
    gt_call *call =
        gt_call_new(rig->channel, "/chat.MessageService/receiveMessage",
                    &(gt_call_options){.kind = GT_SERVER_STREAMING, .timeout = timeout});
    GT_ASSERT_OK(rig->world, gt_call_send_as(call, STRING, &request));
    gt_call_half_close(call);
    return call;
}

static void send_five(gt_rig *rig)
{
    gt_call *call = start_sending(rig);
    send_message(call, "jack", "one");
    send_message(call, "jill", "two");
    send_message(call, "jack", "three");
    send_message(call, "jill", "four");
    send_message(call, "jack", "five");
    gt_call_half_close(call);
    GT_ASSERT_RECV_TEXT(call, COUNT, "value: 5");
    GT_ASSERT_STATUS(call, GT_OK, "");
    gt_call_free(call);
}

static void assert_no_more(gt_call *call)
{
    gt_bytes message;
    GT_ASSERT_ERROR(gt_call_world(call), GT_EOF, gt_call_recv(call, &message));
    GT_ASSERT_STATUS(call, GT_OK, "");
}

static void sending_five_messages_returns_five(void **state)
{
    fixture *f = *state;
    send_five(f->rig);
    GT_ASSERT_NOW(f->rig->world, 0);
}

static void a_receiver_gets_its_own_messages_in_order_and_once(void **state)
{
    fixture *f = *state;
    send_five(f->rig);

    gt_call *first = receive_as(f->rig, "jack", 0);
    GT_ASSERT_RECV_TEXT(first, MESSAGE, "from: \"john\" content: \"one\" to: \"jack\"");
    GT_ASSERT_RECV_TEXT(first, MESSAGE, "from: \"john\" content: \"three\" to: \"jack\"");
    GT_ASSERT_RECV_TEXT(first, MESSAGE, "from: \"john\" content: \"five\" to: \"jack\"");
    GT_ASSERT_NOW(f->rig->world, 0);
    assert_no_more(first);
    gt_call *second = receive_as(f->rig, "jack", 0);
    assert_no_more(second);

    gt_call_free(first);
    gt_call_free(second);
}

/* Sends to jack at 2 s and at 6 s. */
static void send_now_and_then(void *arg)
{
    gt_rig *rig = arg;
    gt_call *call = start_sending(rig);
    GT_ASSERT_OK(rig->world, gt_sleep(rig->world, GT_SEC(2)));
    send_message(call, "jack", "at two");
    GT_ASSERT_OK(rig->world, gt_sleep(rig->world, GT_SEC(4)));
    send_message(call, "jack", "at six");
    gt_call_half_close(call);
    GT_ASSERT_RECV_TEXT(call, COUNT, "value: 2");
    gt_call_free(call);
}

static void a_receiver_goes_home_five_seconds_after_its_last_message(void **state)
{
    fixture *f = *state;
    gt_task *sender = gt_spawn(f->rig->world, "sender", send_now_and_then, f->rig);
    gt_call *call = receive_as(f->rig, "jack", 0);

    GT_ASSERT_RECV_TEXT(call, MESSAGE, "from: \"john\" content: \"at two\" to: \"jack\"");
    GT_ASSERT_NOW(f->rig->world, GT_SEC(2));
    GT_ASSERT_RECV_TEXT(call, MESSAGE, "from: \"john\" content: \"at six\" to: \"jack\"");
    GT_ASSERT_NOW(f->rig->world, GT_SEC(6));
    assert_no_more(call);
    GT_ASSERT_NOW(f->rig->world, GT_SEC(11));

    GT_ASSERT_OK(f->rig->world, gt_task_join(sender, NULL));
    gt_call_free(call);
}

static void messages_for_others_do_not_keep_a_receiver(void **state)
{
    fixture *f = *state;
    gt_task *sender = gt_spawn(f->rig->world, "sender", send_now_and_then, f->rig);
    gt_call *call = receive_as(f->rig, "jill", 0);

    assert_no_more(call);
    GT_ASSERT_NOW(f->rig->world, GT_SEC(5));

    GT_ASSERT_OK(f->rig->world, gt_task_join(sender, NULL));
    gt_call_free(call);
}

static void a_callers_own_deadline_ends_it_earlier_and_otherwise(void **state)
{
    fixture *f = *state;
    gt_call *call = receive_as(f->rig, "jack", GT_SEC(3));

    GT_ASSERT_STATUS(call, GT_DEADLINE_EXCEEDED, NULL);
    GT_ASSERT_NOW(f->rig->world, GT_SEC(3));
    gt_call_free(call);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sending_five_messages_returns_five),
        TEST(a_receiver_gets_its_own_messages_in_order_and_once),
        TEST(a_receiver_goes_home_five_seconds_after_its_last_message),
        TEST(messages_for_others_do_not_keep_a_receiver),
        TEST(a_callers_own_deadline_ends_it_earlier_and_otherwise),
    };
    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
