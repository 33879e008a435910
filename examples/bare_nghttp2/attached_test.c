/* A client written on bare nghttp2 is tested without a port, a thread or a wait: its bytes go
 * through a pipe, and the test moves the clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attached.h"
#include "greeting.h"

typedef struct fixture {
    attached a;
    greeting_log log;
} fixture;

static int set_up(void **state)
{
    static fixture f;
    f = (fixture){0};
    attached_begin(&f.a);
    greeting_add(f.a.server, &f.log);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    attached_end(&f->a);
    return 0;
}

static bare_call *call_with(fixture *f, const char *path, gt_duration timeout, const char *text)
{
    uint8_t message[128];
    bare_call *call = bare_call_new(f->a.client, path, gt_now(f->a.world), timeout);
    bare_call_send(call, message, greeting_pack(text, message));
    return call;
}

static void assert_receives(bare_call *call, const char *expected)
{
    const uint8_t *message;
    size_t size;
    char text[128];

    assert_true(bare_call_receive(call, &message, &size));
    greeting_unpack(message, size, text, sizeof text);
    assert_string_equal(text, expected);
}

static void assert_receives_nothing(bare_call *call)
{
    const uint8_t *message;
    size_t size;
    assert_false(bare_call_receive(call, &message, &size));
}

static void a_reply_comes_at_exactly_200_ms(void **state)
{
    fixture *f = *state;
    bare_call *call = call_with(f, SAY_HELLO, 0, "jane");
    bare_call_half_close(call);
    attached_pump(&f->a);

    attached_advance(&f->a, GT_MS(200) - GT_NS(1));
    assert_receives_nothing(call);
    attached_advance(&f->a, GT_NS(1));

    assert_receives(call, "Hello jane");
    assert_int_equal(bare_call_status(call), GT_OK);
    bare_call_free(call);
}

static void a_deadline_ends_the_call_at_both_ends_at_its_instant(void **state)
{
    fixture *f = *state;
    bare_call *call = call_with(f, SAY_HELLO, GT_MS(50), "jane");
    bare_call_half_close(call);
    attached_pump(&f->a);

    attached_advance(&f->a, GT_MS(50) - GT_NS(1));
    assert_int_equal(bare_call_status(call), -1);
    assert_int_equal(f->log.error, 0);
    attached_advance(&f->a, GT_NS(1));

    assert_int_equal(bare_call_status(call), GT_DEADLINE_EXCEEDED);
    assert_int_equal(f->log.error, GT_ETIMEDOUT);
    assert_int_equal(f->log.when, GT_MS(50));
    bare_call_free(call);
}

static void a_stream_carries_messages_both_ways(void **state)
{
    fixture *f = *state;
    bare_call *call = call_with(f, SEARCH_IO, 0, "one");
    attached_pump(&f->a);
    attached_advance(&f->a, ECHO_TAKES);
    assert_receives(call, "one");
    assert_receives_nothing(call);

    uint8_t message[128];
    bare_call_send(call, message, greeting_pack("two", message));
    bare_call_half_close(call);
    attached_pump(&f->a);
    attached_advance(&f->a, ECHO_TAKES);

    assert_receives(call, "two");
    assert_int_equal(bare_call_status(call), GT_OK);
    bare_call_free(call);
}

static void letting_go_of_a_call_cancels_its_handler(void **state)
{
    fixture *f = *state;
    bare_call *call = call_with(f, SAY_HELLO, 0, "jane");
    bare_call_half_close(call);
    attached_pump(&f->a);
    attached_advance(&f->a, GT_MS(10));

    bare_call_free(call);
    attached_pump(&f->a);

    assert_int_equal(f->log.error, GT_ECANCELLED);
    assert_int_equal(f->log.when, GT_MS(10));
}

static void a_call_let_go_before_it_was_sent_is_never_served(void **state)
{
    fixture *f = *state;
    bare_call *call = call_with(f, SAY_HELLO, 0, "jane");
    bare_call_half_close(call);

    bare_call_free(call);
    attached_pump(&f->a);
    attached_advance(&f->a, GT_MS(300));

    assert_int_equal(f->log.error, 0);
    call = call_with(f, SAY_HELLO, 0, "jack");
    bare_call_half_close(call);
    attached_pump(&f->a);
    attached_advance(&f->a, GT_MS(200));
    assert_receives(call, "Hello jack");
    bare_call_free(call);
}

static void calls_under_way_are_freed_with_their_client(void **state)
{
    fixture *f = *state;
    (void)call_with(f, SEARCH_IO, 0, "one");
    attached_pump(&f->a);
    (void)call_with(f, SEARCH_IO, 0, "two");
    /* tear_down frees the client, and a memory checker sees what is left */
}

static void an_unknown_method_is_unimplemented(void **state)
{
    fixture *f = *state;
    bare_call *call = call_with(f, "/no.such.Service/Method", 0, "jane");
    bare_call_half_close(call);
    attached_pump(&f->a);

    assert_int_equal(bare_call_status(call), GT_UNIMPLEMENTED);
    bare_call_free(call);
}

static void a_lost_connection_ends_the_call_as_unavailable(void **state)
{
    fixture *f = *state;
    bare_call *call = call_with(f, SAY_HELLO, 0, "jane");
    bare_call_half_close(call);
    attached_pump(&f->a);

    gt_conn_reset(f->a.end);
    attached_pump(&f->a);

    assert_int_equal(bare_call_status(call), GT_UNAVAILABLE);
    assert_int_equal(f->log.error, GT_ECANCELLED);
    bare_call_free(call);
}

/* One byte at a time: nothing in the client may depend on where reads end. */
static void bytes_may_come_one_by_one(void **state)
{
    fixture *f = *state;
    gt_conn_limit_read(f->a.end, 1);
    bare_call *call = call_with(f, SAY_HELLO, 0, "jane");
    bare_call_half_close(call);
    attached_pump(&f->a);

    attached_advance(&f->a, GT_MS(200));

    assert_receives(call, "Hello jane");
    assert_int_equal(bare_call_status(call), GT_OK);
    bare_call_free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_reply_comes_at_exactly_200_ms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_deadline_ends_the_call_at_both_ends_at_its_instant,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stream_carries_messages_both_ways, set_up, tear_down),
        cmocka_unit_test_setup_teardown(letting_go_of_a_call_cancels_its_handler, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_call_let_go_before_it_was_sent_is_never_served, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(calls_under_way_are_freed_with_their_client, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_unknown_method_is_unimplemented, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lost_connection_ends_the_call_as_unavailable, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(bytes_may_come_one_by_one, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
