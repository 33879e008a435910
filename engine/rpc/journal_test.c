/* What the journal keeps, and how it reads. */
#include "rpc_test_kit.h"

#include <stdio.h>

#define ECHO "/test.Test/Echo"

static void assert_text(char *text, const char *expected)
{
    assert_string_equal(text, expected);
    gt_free(text);
}

static void a_unary_call_reads_as_what_crossed(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_UNARY, kit_echo, NULL);
    gt_metadata *metadata = gt_metadata_new();
    assert_int_equal(gt_metadata_append(metadata, "userid", "jane"), 0);
    gt_call *call = gt_unary(k->channel, ECHO, gt_bytes_str("a\x01\"b"),
                             &(gt_call_options){.metadata = metadata, .timeout = GT_MS(50)});

    assert_text(gt_call_transcript(call),
                "call 1  /test.Test/Echo  over bufconn:1\n"
                "      0.000 ms  ->  HEADERS     grpc-timeout=50000000n  userid=jane\n"
                "      0.000 ms  ->  MESSAGE     4 bytes  \"a\\x01\\\"b\"\n"
                "      0.000 ms  ->  HALF-CLOSE\n"
                "      0.000 ms  <-  HEADERS\n"
                "      0.000 ms  <-  MESSAGE     4 bytes  \"a\\x01\\\"b\"\n"
                "      0.000 ms  <-  STATUS      OK\n");
    gt_call_free(call);
    gt_metadata_free(metadata);
}

static void a_deadline_reads_as_an_end_on_this_side(void **state)
{
    kit *k = *state;
    gt_duration nap = GT_MS(200);
    gt_server_handle(k->server, ECHO, GT_UNARY, kit_sleep, &nap);
    gt_call *call =
        gt_unary(k->channel, ECHO, gt_bytes_str(""), &(gt_call_options){.timeout = GT_MS(50)});

    assert_text(gt_call_transcript(call),
                "call 1  /test.Test/Echo  over bufconn:1\n"
                "      0.000 ms  ->  HEADERS     grpc-timeout=50000000n\n"
                "      0.000 ms  ->  MESSAGE     0 bytes\n"
                "      0.000 ms  ->  HALF-CLOSE\n"
                "     50.000 ms  --  END         DEADLINE_EXCEEDED \"deadline exceeded\"\n"
                "     50.000 ms  ->  RESET       CANCEL\n");
    gt_call_free(call);
}

static void a_half_close_reads_as_sent_when_it_is(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);
    gt_call_half_close(call); /* there is no connection yet */
    gt_call_status(call);

    assert_text(gt_call_transcript(call), "call 1  /test.Test/Echo  over bufconn:1\n"
                                          "      0.000 ms  ->  HEADERS\n"
                                          "      0.000 ms  ->  HALF-CLOSE\n"
                                          "      0.000 ms  <-  STATUS      OK  (trailers-only)\n");
    gt_call_free(call);
}

static void count_server_messages(void *user, const gt_journal_entry *entry)
{
    if (entry->server && entry->kind == GT_JOURNAL_MESSAGE)
        *(size_t *)user += entry->size;
}

static void both_ends_are_recorded(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_UNARY, kit_echo, NULL);
    gt_call *call = gt_unary(k->channel, ECHO, gt_bytes_str("12345"), NULL);

    size_t bytes = 0;
    gt_journal_each(k->world, count_server_messages, &bytes);

    assert_int_equal(bytes, 10);
    gt_call_free(call);
}

static void a_long_message_is_cut_with_its_size(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_UNARY, kit_echo, NULL);
    char long_text[1001];
    memset(long_text, 'x', 1000);
    long_text[1000] = '\0';
    gt_call *call = gt_unary(k->channel, ECHO, gt_bytes_str(long_text), NULL);

    char *text = gt_call_transcript(call);

    assert_non_null(strstr(text, "->  MESSAGE     1000 bytes  \"xxxx"));
    assert_non_null(strstr(text, "xxxx\"...\n"));
    assert_null(strstr(text, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
    gt_free(text);
    gt_call_free(call);
}

static void what_breaks_a_connection_is_told_first(void **state)
{
    kit *k = *state;
    gt_conn *conn;
    assert_int_equal(gt_dial(k->dialer, NULL, &conn), 0);
    size_t written;
    assert_int_equal(gt_conn_write(conn, NULL, "GET / HTTP/1.1\r\n\r\n........", 26, &written), 0);
    assert_int_equal(gt_settle(k->world), 0);

    char *text = gt_journal_text(k->world);

    assert_non_null(strstr(text, "      0.000 ms  ->  FAILED      peer bufconn:1"));
    assert_non_null(strstr(text, "PROTOCOL_ERROR"));
    gt_free(text);
    gt_conn_free(conn);
}

static void the_journal_is_bounded(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, kit_echo, NULL);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);
    for (int i = 0; i < 20000; i++) {
        assert_int_equal(gt_call_send(call, gt_bytes_str("twenty-four bytes long..")), 0);
        kit_assert_message(call, "twenty-four bytes long..");
    }

    size_t entries = gt_journal_each(k->world, NULL, NULL);

    /* A mebibyte of entries of 72 bytes and a little more. */
    assert_in_range(entries, 8000, 20000);
    gt_call_free(call);
}

static int fail_at_length(gt_call *call, void *user)
{
    return gt_call_fail(call, GT_ABORTED, "%s", (const char *)user);
}

static void a_long_status_is_cut(void **state)
{
    kit *k = *state;
    char long_text[601];
    memset(long_text, 'x', 600);
    long_text[600] = '\0';
    gt_server_handle(k->server, ECHO, GT_BIDI_STREAMING, fail_at_length, long_text);
    gt_call *call = gt_call_new(k->channel, ECHO, NULL);
    kit_assert_status(call, GT_ABORTED, long_text);

    char *text = gt_call_transcript(call);

    assert_non_null(strstr(text, "  <-  STATUS      ABORTED \"xxxx"));
    assert_non_null(strstr(text, "xxxx...\n"));
    gt_free(text);
    gt_call_free(call);
}

static void of_many_calls_the_last_are_told(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_UNARY, kit_echo, NULL);
    for (int i = 0; i < 20; i++)
        gt_call_free(gt_unary(k->channel, ECHO, gt_bytes_str("x"), NULL));

    char *text = gt_journal_text(k->world);

    const char *expected = "(8 earlier calls are not shown)\ncall 9  " ECHO "  over bufconn:1\n";
    assert_memory_equal(text, expected, strlen(expected));
    gt_free(text);
}

/* ---- typed messages --------------------------------------------------------------------------
 */

/* A codec of one letter: any other byte is no message. */
static size_t size_of_letter(const void *descriptor, const void *message)
{
    (void)descriptor;
    (void)message;
    return 1;
}

static void pack_letter(const void *descriptor, const void *message, uint8_t *out)
{
    (void)descriptor;
    *out = *(const uint8_t *)message;
}

static int unpack_letter(const void *descriptor, gt_bytes bytes, void **message, char **reason)
{
    (void)descriptor;
    if (bytes.size == 1 && bytes.data[0] >= 'a' && bytes.data[0] <= 'z') {
        *message = gt_alloc(1);
        memcpy(*message, bytes.data, 1);
        *reason = NULL;
        return 0;
    }
    *reason = gt_alloc(16);
    memcpy(*reason, "no letter", 10);
    return GT_EINVAL;
}

static void release_letter(const void *descriptor, void *message)
{
    (void)descriptor;
    gt_free(message);
}

static char *format_letter(const void *descriptor, const void *message)
{
    (void)descriptor;
    char *text = gt_alloc(16);
    snprintf(text, 16, "the letter %c", *(const char *)message);
    return text;
}

static const gt_codec letter = {"letter",      size_of_letter, pack_letter,
                                unpack_letter, release_letter, format_letter};
static const gt_codec shy_letter = {"letter",      size_of_letter, pack_letter,
                                    unpack_letter, release_letter, NULL};

static void assert_sent_reads(kit *k, gt_type type, const char *message, const char *expected)
{
    gt_call *call = gt_unary_as(k->channel, ECHO, type, message, NULL);
    char *text = gt_call_transcript(call);
    if (!strstr(text, expected))
        fail_msg("not \"%s\" in\n%s", expected, text);
    gt_free(text);
    gt_call_free(call);
}

static void a_typed_message_reads_as_its_codec_formats_it(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_UNARY, kit_echo, NULL);
    assert_sent_reads(k, (gt_type){&letter, NULL}, "x", "->  MESSAGE     the letter x\n");
}

static void a_typed_message_reads_as_bytes_where_its_codec_cannot_tell(void **state)
{
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_UNARY, kit_echo, NULL);
    assert_sent_reads(k, (gt_type){&shy_letter, NULL}, "x", "->  MESSAGE     1 byte  \"x\"\n");
    assert_sent_reads(k, (gt_type){&letter, NULL}, "?", "->  MESSAGE     1 byte  \"?\"\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup_in_order, kit_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_unary_call_reads_as_what_crossed),
        TEST(a_deadline_reads_as_an_end_on_this_side),
        TEST(a_half_close_reads_as_sent_when_it_is),
        TEST(both_ends_are_recorded),
        TEST(what_breaks_a_connection_is_told_first),
        TEST(a_long_message_is_cut_with_its_size),
        TEST(the_journal_is_bounded),
        TEST(a_long_status_is_cut),
        TEST(of_many_calls_the_last_are_told),
        TEST(a_typed_message_reads_as_its_codec_formats_it),
        TEST(a_typed_message_reads_as_bytes_where_its_codec_cannot_tell),
    };
    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
