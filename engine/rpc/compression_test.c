/* What is compressed when, by what is said of the channel, the call and the message. */
#include "rpc_test_kit.h"

#include "engine/core/death_test.h"

#include <stdlib.h>

#define CALL "/test.Test/Compress"

/* Sixty characters, of which zlib makes some twenty bytes. */
#define LONG "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbb"

/* How the messages in one direction of a call went: "gzip plain ...", by the journal. */
typedef struct travelled {
    bool by_server;
    char text[128];
} travelled;

static void note_message(void *user, const gt_journal_entry *entry)
{
    travelled *t = user;
    if (entry->kind != GT_JOURNAL_MESSAGE || !entry->sent || entry->server != t->by_server)
        return;
    strcat(t->text, t->text[0] ? " " : "");
    strcat(t->text, strstr(entry->text, "(gzip, ")      ? "gzip"
                    : strstr(entry->text, "(deflate, ") ? "deflate"
                                                        : "plain");
}

static void assert_travelled(kit *k, bool by_server, const char *expected)
{
    travelled t = {.by_server = by_server};
    gt_journal_each(k->world, note_message, &t);
    assert_string_equal(t.text, expected);
}

static void assert_requests(kit *k, const char *expected)
{
    assert_travelled(k, false, expected);
}

static void assert_responses(kit *k, const char *expected)
{
    assert_travelled(k, true, expected);
}

/* ---- the client says it ---------------------------------------------------------------------- */

static void call_once(kit *k, const gt_call_options *options)
{
    gt_call *call = gt_unary(k->channel, CALL, gt_bytes_str(LONG), options);
    kit_assert_status(call, GT_OK, "");
    kit_assert_message(call, LONG);
    gt_call_free(call);
}

static void nothing_is_compressed_unless_told(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, CALL, GT_UNARY, kit_echo, NULL);

    call_once(k, NULL);

    assert_requests(k, "plain");
    assert_responses(k, "plain");
}

static void a_call_says_how_its_messages_are_compressed(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, CALL, GT_UNARY, kit_echo, NULL);

    call_once(k, &(gt_call_options){.compression = "gzip"});
    call_once(k, &(gt_call_options){.compression = "deflate"});
    call_once(k, &(gt_call_options){.compression = "identity"});

    assert_requests(k, "gzip deflate plain");
    assert_responses(k, "plain plain plain");
}

static void a_channel_says_it_for_calls_that_do_not(void **state)
{
    (void)state;
    kit k;
    kit_open(&k, &(kit_options){.channel.compression = "gzip"});
    gt_server_handle(k.server, CALL, GT_UNARY, kit_echo, NULL);

    call_once(&k, NULL);
    call_once(&k, &(gt_call_options){.compression = "deflate"});
    call_once(&k, &(gt_call_options){.compression = "identity"});

    assert_requests(&k, "gzip deflate plain");
    kit_close(&k);
}

static void a_message_may_be_left_as_it_is(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, CALL, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_call *call = gt_call_new(k->channel, CALL, &(gt_call_options){.compression = "gzip"});

    assert_int_equal(gt_call_send(call, gt_bytes_str(LONG)), 0);
    gt_call_compress_messages(call, false);
    assert_int_equal(gt_call_send(call, gt_bytes_str(LONG)), 0);
    gt_call_compress_messages(call, true);
    assert_int_equal(gt_call_send(call, gt_bytes_str(LONG)), 0);

    for (int i = 0; i < 3; i++)
        kit_assert_message(call, LONG);
    assert_requests(k, "gzip plain gzip");
    gt_call_free(call);
}

/* The call has no stream yet when it is told. */
static void the_first_message_may_be_left_as_it_is(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, CALL, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_call *call = gt_call_new(k->channel, CALL, &(gt_call_options){.compression = "gzip"});
    gt_call_compress_messages(call, false);

    assert_int_equal(gt_call_send(call, gt_bytes_str(LONG)), 0);

    kit_assert_message(call, LONG);
    assert_requests(k, "plain");
    gt_call_free(call);
}

static void small_messages_are_not_blown_up(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, CALL, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_call *call = gt_call_new(k->channel, CALL, &(gt_call_options){.compression = "gzip"});

    assert_int_equal(gt_call_send(call, gt_bytes_str("small")), 0);
    assert_int_equal(gt_call_send(call, gt_bytes_str("")), 0);

    kit_assert_message(call, "small");
    kit_assert_message(call, "");
    assert_requests(k, "plain plain");
    gt_call_free(call);
}

/* ---- the handler says it --------------------------------------------------------------------- */

static int reply_compressed(gt_call *call, void *user)
{
    int error = gt_call_set_compression(call, user);
    return error ? error : kit_echo(call, NULL);
}

static void a_handler_says_how_its_messages_are_compressed(void **state)
{
    kit *k = *state;
    char gzip[] = "gzip", deflate[] = "deflate";
    gt_server_handle(k->server, CALL, GT_UNARY, reply_compressed, gzip);
    gt_server_handle(k->server, CALL "2", GT_UNARY, reply_compressed, deflate);

    call_once(k, NULL);
    gt_call *call = gt_unary(k->channel, CALL "2", gt_bytes_str(LONG), NULL);

    kit_assert_message(call, LONG);
    assert_requests(k, "plain plain");
    assert_responses(k, "gzip deflate");
    gt_call_free(call);
}

/* Both sides choose for themselves (rule M5). */
static void an_answer_may_be_compressed_otherwise_than_its_request(void **state)
{
    kit *k = *state;
    char deflate[] = "deflate";
    gt_server_handle(k->server, CALL, GT_UNARY, reply_compressed, deflate);

    call_once(k, &(gt_call_options){.compression = "gzip"});

    assert_requests(k, "gzip");
    assert_responses(k, "deflate");
}

static int leave_the_second_as_it_is(gt_call *call, void *user)
{
    (void)user;
    assert_int_equal(gt_call_set_compression(call, "gzip"), 0);
    assert_int_equal(gt_call_send(call, gt_bytes_str(LONG)), 0);
    gt_call_compress_messages(call, false);
    assert_int_equal(gt_call_send(call, gt_bytes_str(LONG)), 0);
    gt_call_compress_messages(call, true);
    return gt_call_send(call, gt_bytes_str(LONG));
}

static void a_handler_may_leave_a_message_as_it_is(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, CALL, GT_BIDI_STREAMING, leave_the_second_as_it_is, NULL);
    gt_call *call = gt_call_new(k->channel, CALL, NULL);

    for (int i = 0; i < 3; i++)
        kit_assert_message(call, LONG);

    assert_responses(k, "gzip plain gzip");
    gt_call_free(call);
}

static int set_after_the_header(gt_call *call, void *user)
{
    (void)user;
    assert_int_equal(gt_call_send_header(call, NULL), 0);
    assert_int_equal(gt_call_set_compression(call, "gzip"), GT_ECLOSED);
    return 0;
}

static void it_is_too_late_once_the_header_is_sent(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, CALL, GT_BIDI_STREAMING, set_after_the_header, NULL);
    gt_call *call = gt_call_new(k->channel, CALL, NULL);

    kit_assert_status(call, GT_OK, "");

    gt_call_free(call);
}

static int set_after_the_end(gt_call *call, void *user)
{
    bool *seen = user;
    assert_int_equal(gt_context_wait(gt_call_context(call)), GT_ETIMEDOUT);
    assert_int_equal(gt_call_set_compression(call, "gzip"), GT_ESTATUS);
    gt_call_compress_messages(call, false);
    *seen = true;
    return 0;
}

static void it_is_too_late_once_the_call_has_ended(void **state)
{
    kit *k = *state;
    bool seen = false;
    gt_server_handle(k->server, CALL, GT_BIDI_STREAMING, set_after_the_end, &seen);
    gt_call *call = gt_call_new(k->channel, CALL, &(gt_call_options){.timeout = GT_MS(5)});

    kit_assert_status(call, GT_DEADLINE_EXCEEDED, "deadline exceeded");
    gt_settle(k->world);

    assert_true(seen);
    gt_call_free(call);
}

static int set_what_nobody_knows(gt_call *call, void *user)
{
    (void)user;
    assert_int_equal(gt_call_set_compression(call, "snappy"), GT_EUNSUPPORTED);
    assert_int_equal(gt_call_set_compression(call, ""), GT_EUNSUPPORTED);
    return 0;
}

static void what_nobody_knows_is_unsupported(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, CALL, GT_BIDI_STREAMING, set_what_nobody_knows, NULL);
    gt_call *call = gt_call_new(k->channel, CALL, NULL);

    kit_assert_status(call, GT_OK, "");

    gt_call_free(call);
}

/* ---- limits and the journal ------------------------------------------------------------------ */

/* Rule M6: little on the wire, too much when it is inflated. */
static void a_message_that_inflates_past_the_limit_ends_the_call(void **state)
{
    (void)state;
    kit k;
    kit_open(&k, &(kit_options){.server.max_receive_size = 59, .channel.compression = "deflate"});
    gt_server_handle(k.server, CALL, GT_UNARY, kit_echo, NULL);

    gt_call *call = gt_unary(k.channel, CALL, gt_bytes_str(LONG), NULL);

    assert_int_equal(gt_call_status(call)->code, GT_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(gt_call_status(call)->message, "inflates to more than the limit of 59"));
    gt_call_free(call);
    kit_close(&k);
}

/* More than all windows together, and what is credited is what the wire has carried. */
static void a_large_message_makes_its_way(void **state)
{
    (void)state;
    kit k;
    size_t size = 3000000;
    kit_open(&k, &(kit_options){.channel.compression = "gzip", .capacity = 1000});
    gt_server_handle(k.server, CALL, GT_UNARY, kit_echo, NULL);
    uint8_t *large = calloc(1, size);
    for (size_t i = 0; i < size; i++)
        large[i] = (uint8_t)((i * i) >> 7 ^ i >> 5);

    gt_call *call = gt_unary(k.channel, CALL, gt_bytes_of(large, size), NULL);

    gt_bytes reply;
    kit_assert_status(call, GT_OK, "");
    assert_int_equal(gt_call_recv(call, &reply), 0);
    assert_int_equal(reply.size, size);
    assert_memory_equal(reply.data, large, size);
    assert_requests(&k, "gzip");
    gt_call_free(call);
    free(large);
    kit_close(&k);
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

/* Twice the request, as sent and as received; and its answer is as long as it is. */
static void the_journal_says_what_travelled(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, CALL, GT_UNARY, kit_echo, NULL);

    call_once(k, &(gt_call_options){.compression = "gzip"});

    char *text = gt_journal_text(k->world);
    assert_int_equal(count_of(text, "60 bytes  \"" LONG "\"  (gzip, "), 2);
    assert_int_equal(count_of(text, " bytes on the wire)\n"), 2);
    assert_int_equal(count_of(text, "60 bytes  \"" LONG "\"\n"), 2);
    gt_free(text);
}

/* ---- misuse ---------------------------------------------------------------------------------- */

static void open_a_channel_for_snappy(void *arg)
{
    gt_channel_free(gt_channel_new(arg, &(gt_channel_options){.compression = "snappy"}));
}

static void start_a_call_for_snappy(void *arg)
{
    gt_call_free(gt_call_new(arg, CALL, &(gt_call_options){.compression = "snappy"}));
}

static void set_it_at_the_client(void *arg)
{
    gt_call *call = gt_call_new(arg, CALL, NULL);
    gt_call_free(gt_call_set_compression(call, "gzip") ? call : NULL);
}

static void options_that_name_no_compression_are_misuse(void **state)
{
    kit *k = *state;
    static const char words[] = "grpctest: \"snappy\" is no compression: it must be one of "
                                "identity,deflate,gzip\n";
    assert_dies(open_a_channel_for_snappy, k->dialer, words);
    assert_dies(start_a_call_for_snappy, k->channel, words);
}

static void setting_it_at_the_client_is_misuse(void **state)
{
    kit *k = *state;
    assert_dies(set_it_at_the_client, k->channel,
                "grpctest: gt_call_set_compression is for a handler; a client says it in the "
                "call's or the channel's options\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_compressed_unless_told),
        TEST(a_call_says_how_its_messages_are_compressed),
        cmocka_unit_test(a_channel_says_it_for_calls_that_do_not),
        TEST(a_message_may_be_left_as_it_is),
        TEST(the_first_message_may_be_left_as_it_is),
        TEST(small_messages_are_not_blown_up),
        TEST(a_handler_says_how_its_messages_are_compressed),
        TEST(an_answer_may_be_compressed_otherwise_than_its_request),
        TEST(a_handler_may_leave_a_message_as_it_is),
        TEST(it_is_too_late_once_the_header_is_sent),
        TEST(it_is_too_late_once_the_call_has_ended),
        TEST(what_nobody_knows_is_unsupported),
        cmocka_unit_test(a_message_that_inflates_past_the_limit_ends_the_call),
        cmocka_unit_test(a_large_message_makes_its_way),
        TEST(the_journal_says_what_travelled),
        TEST(options_that_name_no_compression_are_misuse),
        TEST(setting_it_at_the_client_is_misuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
