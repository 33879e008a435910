/* Limits end to end (rules H4, H9): a peer made of frames against our server, and our channel. */
#include "rpc_test_kit.h"

#define WAIT "/test.Test/Wait"

/* ---- a peer made of frames ------------------------------------------------------------------- */

typedef struct peer {
    gt_conn *conn;
    gt_buffer wire; /* what it says next */
    gt_frame_reader *reader;
    gt_buffer heard; /* what it was told, as text */
} peer;

static void peer_say(peer *p)
{
    size_t count;
    assert_int_equal(gt_conn_write(p->conn, NULL, p->wire.data, p->wire.size, &count), 0);
    gt_buffer_clear(&p->wire);
}

/* Reads until the other side has closed. */
static const char *peer_hear_out(peer *p)
{
    uint8_t bytes[4096];
    size_t count;
    while (gt_conn_read(p->conn, NULL, bytes, sizeof bytes, &count) == 0)
        gt_frame_reader_feed(p->reader, gt_bytes_of(bytes, count));
    gt_frame_print_all(&p->heard, p->reader);
    return gt_buffer_text(&p->heard);
}

static void peer_init(peer *p, gt_conn *conn)
{
    *p = (peer){.conn = conn, .reader = gt_frame_reader_new(NULL)};
}

static void peer_cleanup(peer *p)
{
    gt_conn_free(p->conn);
    gt_buffer_cleanup(&p->wire);
    gt_buffer_cleanup(&p->heard);
    gt_frame_reader_free(p->reader);
}

static void write_pings(peer *p, int count)
{
    for (int i = 0; i < count; i++)
        gt_frame_write_ping(&p->wire, 0, (const uint8_t *)"12345678");
}

static void assert_journal_has(gt_world *world, const char *text)
{
    char *journal = gt_journal_text(world);
    if (!strstr(journal, text))
        fail_msg("not in the journal: %s\n%s", text, journal);
    gt_free(journal);
}

/* ---- against a server ------------------------------------------------------------------------ */

static int wait_for_the_end(gt_call *call, void *user)
{
    *(int *)user = gt_context_wait(gt_call_context(call));
    return *(int *)user;
}

static void connect_peer(kit *k, peer *p)
{
    gt_conn *conn;
    assert_int_equal(gt_dial(k->dialer, NULL, &conn), 0);
    peer_init(p, conn);
    gt_frame_write_preface(&p->wire);
    gt_frame_write_settings(&p->wire, NULL, 0);
}

static void a_client_over_a_limit_loses_its_connection_and_its_handlers(void **state)
{
    (void)state;
    kit k;
    peer p;
    int ended = 0;
    kit_open(&k, &(kit_options){.server = {.limits = {.pings_per_second = 3}}});
    gt_server_handle(k.server, WAIT, GT_BIDI_STREAMING, wait_for_the_end, &ended);
    connect_peer(&k, &p);
    gt_frame_write_request(&p.wire, 1, 0, WAIT);
    write_pings(&p, 3);
    peer_say(&p);
    assert_int_equal(gt_sleep(k.world, GT_SEC(1)), 0);
    assert_int_equal(ended, 0);

    write_pings(&p, 4);
    peer_say(&p);

    assert_non_null(strstr(peer_hear_out(&p), "GOAWAY last_stream=1 ENHANCE_YOUR_CALM\n"
                                              "    debug \"too_many_pings\"\n"));
    assert_int_equal(gt_settle(k.world), 0);
    assert_int_equal(ended, GT_ECANCELLED);
    assert_journal_has(k.world, "rule H4: too_many_pings: pings_per_second is 3");
    assert_journal_has(k.world, "the connection ended with ENHANCE_YOUR_CALM: too_many_pings");
    peer_cleanup(&p);
    kit_close(&k);
}

static void one_client_over_a_limit_does_not_trouble_another(void **state)
{
    (void)state;
    kit k;
    peer p;
    kit_open(&k, &(kit_options){.server = {.limits = {.settings_per_second = 1}}});
    gt_server_handle(k.server, WAIT, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_call *call = gt_call_new(k.channel, WAIT, NULL);
    connect_peer(&k, &p);
    gt_frame_write_settings(&p.wire, NULL, 0);
    peer_say(&p);
    assert_non_null(strstr(peer_hear_out(&p), "too_many_settings"));
    assert_int_equal(gt_call_send(call, gt_bytes_str("hello")), 0);
    kit_assert_message(call, "hello");
    gt_call_free(call);
    peer_cleanup(&p);
    kit_close(&k);
}

/* It would take for ever to tell it why. */
static void a_client_that_does_not_read_is_not_waited_for(void **state)
{
    (void)state;
    kit k;
    peer p;
    kit_open(&k, &(kit_options){
                     .capacity = 1000,
                     .server = {.limits = {.max_unread_answers = 2000,
                                           .pings_per_second = GT_UNLIMITED}},
                 });
    connect_peer(&k, &p);
    write_pings(&p, 150);
    peer_say(&p);
    assert_int_equal(gt_settle(k.world), 0);
    assert_int_equal(gt_journal_each(k.world, NULL, NULL), 0);

    write_pings(&p, 50);
    peer_say(&p);
    assert_int_equal(gt_settle(k.world), 0);

    assert_int_equal(gt_conn_try_write(p.conn, "", 1, &(size_t){0}), GT_EPIPE);
    assert_journal_has(k.world, "rule H9: too_many_unread_answers: max_unread_answers is 2000");
    peer_cleanup(&p);
    kit_close(&k);
}

/* ---- calls that wait for a handler ------------------------------------------------------------
 */

static void calls_beyond_those_that_may_wait_are_exhausted(void **state)
{
    (void)state;
    kit k;
    gt_duration nap = GT_MS(10);
    gt_call *calls[4];
    kit_open(&k, &(kit_options){.seed = GT_NO_SEED,
                                .server = {.max_handlers = 1, .max_waiting_calls = 2}});
    gt_server_handle(k.server, WAIT, GT_BIDI_STREAMING, kit_sleep, &nap);
    for (int i = 0; i < 4; i++) {
        calls[i] = gt_call_new(k.channel, WAIT, NULL);
        assert_int_equal(gt_settle(k.world), 0);
    }
    kit_assert_status(calls[3], GT_RESOURCE_EXHAUSTED, "2 calls wait for a handler already");
    assert_int_equal(gt_now(k.world), 0);
    for (int i = 0; i < 3; i++)
        kit_assert_status(calls[i], GT_OK, "");
    assert_int_equal(gt_now(k.world), GT_MS(30));
    for (int i = 0; i < 4; i++)
        gt_call_free(calls[i]);
    kit_close(&k);
}

/* A method that takes one message has no handler before that has come. */
static void a_call_that_went_while_it_waited_makes_room(void **state)
{
    (void)state;
    kit k;
    kit_open(&k, &(kit_options){.server = {.max_waiting_calls = 1}});
    gt_server_handle(k.server, WAIT, GT_UNARY, kit_echo, NULL);
    gt_call *first = gt_call_new(k.channel, WAIT, NULL);
    assert_int_equal(gt_settle(k.world), 0);
    gt_call *second = gt_call_new(k.channel, WAIT, NULL);
    kit_assert_status(second, GT_RESOURCE_EXHAUSTED, "1 calls wait for a handler already");
    gt_call_cancel(first);
    assert_int_equal(gt_settle(k.world), 0);
    gt_call *third = gt_unary(k.channel, WAIT, gt_bytes_str("hello"), NULL);
    kit_assert_status(third, GT_OK, "");
    gt_call_free(first);
    gt_call_free(second);
    gt_call_free(third);
    kit_close(&k);
}

/* ---- against a channel ----------------------------------------------------------------------- */

static void a_server_over_a_limit_makes_the_calls_unavailable(void **state)
{
    (void)state;
    peer p;
    gt_conn *conn;
    gt_world *world = gt_world_new(NULL);
    gt_listener *listener = gt_bufconn_listen(world, 65536);
    gt_dialer *dialer = gt_bufconn_dialer(listener);
    gt_channel_options options = {.limits = {.pings_per_second = 3}};
    gt_channel *channel = gt_channel_new(dialer, &options);
    gt_call *call = gt_call_new(channel, WAIT, NULL);
    assert_int_equal(gt_accept(listener, NULL, &conn), 0);
    peer_init(&p, conn);
    gt_frame_write_settings(&p.wire, NULL, 0);
    peer_say(&p);
    assert_int_equal(gt_settle(world), 0);

    write_pings(&p, 4);
    peer_say(&p);

    assert_non_null(strstr(peer_hear_out(&p), "GOAWAY last_stream=0 ENHANCE_YOUR_CALM\n"
                                              "    debug \"too_many_pings\"\n"));
    kit_assert_status(call, GT_UNAVAILABLE,
                      "the connection ended with ENHANCE_YOUR_CALM: too_many_pings");
    gt_call_free(call);
    peer_cleanup(&p);
    gt_channel_free(channel);
    gt_dialer_free(dialer);
    gt_listener_free(listener);
    gt_world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_over_a_limit_loses_its_connection_and_its_handlers),
        cmocka_unit_test(one_client_over_a_limit_does_not_trouble_another),
        cmocka_unit_test(a_client_that_does_not_read_is_not_waited_for),
        cmocka_unit_test(calls_beyond_those_that_may_wait_are_exhausted),
        cmocka_unit_test(a_call_that_went_while_it_waited_makes_room),
        cmocka_unit_test(a_server_over_a_limit_makes_the_calls_unavailable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
