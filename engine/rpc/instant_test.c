/* Several things at one instant: whichever the world's seed lets come first, a call's end is one
 * and the same (rules C1, C2). */
#include "rpc_test_kit.h"

#define CALL "/test.Test/Call"

/* Enough that each order of the few jobs at hand has its turn. */
enum { SEEDS = 100 };

static int wait_for_the_end(gt_call *call, void *user)
{
    *(int *)user = gt_context_wait(gt_call_context(call));
    return *(int *)user;
}

/* Either clock may be first, and the other side's reset come before one's own. */
static void a_deadline_is_a_deadline_on_both_sides(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        kit k;
        int ended = 0;
        kit_open(&k, &(kit_options){.seed = seed});
        gt_server_handle(k.server, CALL, GT_BIDI_STREAMING, wait_for_the_end, &ended);

        gt_call *call = gt_call_new(k.channel, CALL, &(gt_call_options){.timeout = GT_MS(5)});

        kit_assert_status(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");
        assert_int_equal(gt_settle(k.world), 0);
        assert_int_equal(ended, GT_ETIMEDOUT);
        assert_int_equal(gt_now(k.world), GT_MS(5));
        gt_call_free(call);
        kit_close(&k);
    }
}

/* The second call's turn comes at the very instant of its deadline. */
static void a_call_whose_turn_comes_at_its_deadline_is_late(void **state)
{
    (void)state;
    gt_duration nap = GT_MS(5);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        kit k;
        kit_open(&k, &(kit_options){.seed = seed, .server.max_concurrent_streams = 1});
        gt_server_handle(k.server, CALL, GT_BIDI_STREAMING, kit_sleep, &nap);
        gt_call *first = gt_call_new(k.channel, CALL, NULL);
        assert_int_equal(gt_settle(k.world), 0);

        gt_call *second = gt_call_new(k.channel, CALL, &(gt_call_options){.timeout = GT_MS(5)});

        kit_assert_status(second, GT_DEADLINE_EXCEEDED, "deadline exceeded");
        kit_assert_status(first, GT_OK, "");
        gt_call_free(first);
        gt_call_free(second);
        kit_close(&k);
    }
}

typedef struct cut {
    kit k;
    gt_dialer *dialer;
    gt_channel *channel;
    gt_conn *ours;
} cut;

static int dial_pipe(void *user, gt_context *context, gt_conn **conn)
{
    cut *c = user;
    gt_conn *theirs;
    (void)context;
    gt_pipe(c->k.world, 4096, &c->ours, &theirs);
    gt_server_serve_conn(c->k.server, theirs);
    *conn = c->ours;
    return 0;
}

/* The reset may be found by writing before it is found by reading. */
static void a_message_sent_as_the_connection_is_reset_makes_no_difference(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        cut c;
        int ended = 0;
        kit_open(&c.k, &(kit_options){.seed = seed});
        gt_server_handle(c.k.server, CALL, GT_BIDI_STREAMING, wait_for_the_end, &ended);
        c.dialer = gt_dialer_from(c.k.world, "pipe", dial_pipe, &c);
        c.channel = gt_channel_new(c.dialer, NULL);
        gt_call *call = gt_call_new(c.channel, CALL, NULL);
        assert_int_equal(gt_settle(c.k.world), 0);

        gt_conn_reset(c.ours);
        assert_int_equal(gt_call_send(call, gt_bytes_str("into nothing")), 0);

        kit_assert_status(call, GT_UNAVAILABLE, "the connection was lost: reset");
        assert_int_equal(gt_settle(c.k.world), 0);
        assert_int_equal(ended, GT_ECANCELLED);
        gt_call_free(call);
        gt_channel_free(c.channel);
        gt_dialer_free(c.dialer);
        kit_close(&c.k);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deadline_is_a_deadline_on_both_sides),
        cmocka_unit_test(a_call_whose_turn_comes_at_its_deadline_is_late),
        cmocka_unit_test(a_message_sent_as_the_connection_is_reset_makes_no_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
