/* What programs ask of the journal. */
#include "rpc_test_kit.h"

#include "engine/core/core.h"

#define ECHO "/test.Test/Echo"
#define NONE "/test.Test/None"

/* A line for each entry: its instant, call, method, end, way, kind, size, bytes and text. */
static void note(void *user, const gt_journal_entry *entry)
{
    gt__buffer_printf(user, "%d %d%s %s %s %d %zu \"%.*s\" %s\n", (int)(entry->when / GT_MS(1)),
                      (int)entry->call, entry->method ? entry->method : "",
                      entry->server ? "server" : "client", entry->sent ? "sent" : "received",
                      (int)entry->kind, entry->size, (int)entry->bytes.size,
                      (const char *)entry->bytes.data, entry->text);
}

static void assert_found(kit *k, const gt_journal_filter *filter, size_t count,
                         const char *expected)
{
    gt__buffer lines = {0};
    size_t found = gt_journal_find(k->world, filter, note, &lines);
    assert_string_equal(gt_buffer_text(&lines), expected);
    assert_int_equal(found, count);
    gt_buffer_cleanup(&lines);
}

/* Two echoes at 0 ms: calls 1 and 3, served as 2 and 4. At 5 ms a method that nobody serves. */
static int set_up(void **state)
{
    int error = kit_setup_in_order(state);
    kit *k = *state;
    gt_server_handle(k->server, ECHO, GT_UNARY, kit_echo, NULL);
    gt_call_free(gt_unary(k->channel, ECHO, gt_bytes_str("one"), NULL));
    gt_call_free(gt_unary(k->channel, ECHO, gt_bytes_str("two"), NULL));
    assert_int_equal(gt_sleep(k->world, GT_MS(5)), 0);
    gt_call_free(gt_unary(k->channel, NONE, gt_bytes_str("x"), NULL));
    return error;
}

/* ---- filters -------------------------------------------------------------------------------- */

static void messages_are_found_with_their_bytes(void **state)
{
    assert_found(*state,
                 &(gt_journal_filter){.kinds = GT_JOURNAL_ONLY(GT_JOURNAL_MESSAGE),
                                      .end = GT_AT_SERVER,
                                      .method = ECHO},
                 4,
                 "0 2/test.Test/Echo server received 2 3 \"one\" 3 bytes  \"one\"\n"
                 "0 2/test.Test/Echo server sent 2 3 \"one\" 3 bytes  \"one\"\n"
                 "0 4/test.Test/Echo server received 2 3 \"two\" 3 bytes  \"two\"\n"
                 "0 4/test.Test/Echo server sent 2 3 \"two\" 3 bytes  \"two\"\n");
}

static void a_call_is_found_by_its_number(void **state)
{
    assert_found(*state,
                 &(gt_journal_filter){.call = 3,
                                      .kinds = GT_JOURNAL_ONLY(GT_JOURNAL_CALL) |
                                               GT_JOURNAL_ONLY(GT_JOURNAL_STATUS)},
                 2,
                 "0 3/test.Test/Echo client sent 0 0 \"\" bufconn:1\n"
                 "0 3/test.Test/Echo client received 4 0 \"\" OK\n");
}

static void instants_bound_what_is_found(void **state)
{
    kit *k = *state;
    const unsigned statuses = GT_JOURNAL_ONLY(GT_JOURNAL_STATUS);
    const gt_journal_filter late = {.kinds = statuses, .end = GT_AT_CLIENT, .from = GT_MS(5)};
    const gt_journal_filter early = {.kinds = statuses, .end = GT_AT_CLIENT, .until = GT_MS(5)};

    assert_found(k, &late, 1,
                 "5 5/test.Test/None client received 4 0 \"\" UNIMPLEMENTED \"unknown method "
                 "/test.Test/None\"  (trailers-only)\n");
    assert_int_equal(gt_journal_count(k->world, &early), 2);
}

static void without_a_filter_everything_is_found(void **state)
{
    kit *k = *state;
    gt_journal_filter all;
    gt_journal_filter_init(&all);

    size_t count = gt_journal_each(k->world, NULL, NULL);

    assert_true(count > 30);
    assert_int_equal(gt_journal_count(k->world, NULL), count);
    assert_int_equal(gt_journal_count(k->world, &all), count);
}

static void a_connection_is_of_no_method_and_no_call(void **state)
{
    kit *k = *state;
    assert_int_equal(gt_server_stop(k->server), 0);
    assert_int_equal(gt_settle(k->world), 0);

    assert_found(k, &(gt_journal_filter){.kinds = GT_JOURNAL_ONLY(GT_JOURNAL_GOAWAY)}, 2,
                 "5 0 server sent 9 0 \"\" peer bufconn:1/1: NO_ERROR\n"
                 "5 0 client received 9 0 \"\" peer bufconn:1: NO_ERROR, last stream 5\n");
    assert_found(k,
                 &(gt_journal_filter){.kinds = GT_JOURNAL_ONLY(GT_JOURNAL_GOAWAY), .method = ECHO},
                 0, "");
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void assert_json(kit *k, const gt_journal_filter *filter, const char *expected)
{
    char *lines = gt_journal_json(k->world, filter);
    assert_string_equal(lines, expected);
    gt_free(lines);
}

static void entries_read_as_lines_of_json(void **state)
{
    assert_json(*state, &(gt_journal_filter){.call = 5, .end = GT_AT_CLIENT},
                "{\"ns\":5000000,\"call\":5,\"method\":\"/test.Test/None\",\"end\":\"client\","
                "\"way\":\"sent\",\"kind\":\"CALL\",\"text\":\"bufconn:1\"}\n"
                "{\"ns\":5000000,\"call\":5,\"method\":\"/test.Test/None\",\"end\":\"client\","
                "\"way\":\"sent\",\"kind\":\"HEADERS\",\"text\":\"\"}\n"
                "{\"ns\":5000000,\"call\":5,\"method\":\"/test.Test/None\",\"end\":\"client\","
                "\"way\":\"sent\",\"kind\":\"MESSAGE\",\"size\":1,\"text\":\"1 byte  \\\"x\\\"\"}\n"
                "{\"ns\":5000000,\"call\":5,\"method\":\"/test.Test/None\",\"end\":\"client\","
                "\"way\":\"sent\",\"kind\":\"HALF-CLOSE\",\"text\":\"\"}\n"
                "{\"ns\":5000000,\"call\":5,\"method\":\"/test.Test/None\",\"end\":\"client\","
                "\"way\":\"received\",\"kind\":\"STATUS\",\"text\":\"UNIMPLEMENTED \\\"unknown "
                "method /test.Test/None\\\"  (trailers-only)\"}\n");
}

static void a_connection_in_json_has_no_call(void **state)
{
    kit *k = *state;
    assert_int_equal(gt_server_stop(k->server), 0);

    assert_json(k, &(gt_journal_filter){.kinds = GT_JOURNAL_ONLY(GT_JOURNAL_GOAWAY)},
                "{\"ns\":5000000,\"end\":\"server\",\"way\":\"sent\",\"kind\":\"GOAWAY\","
                "\"text\":\"peer bufconn:1/1: NO_ERROR\"}\n");
}

static void bytes_that_are_no_text_are_escaped_in_json(void **state)
{
    kit *k = *state;
    gt_call_free(gt_unary(k->channel, ECHO, gt_bytes_str("\xc3\xa4 \xff\"\n"), NULL));

    assert_json(k,
                &(gt_journal_filter){
                    .call = 7, .kinds = GT_JOURNAL_ONLY(GT_JOURNAL_MESSAGE), .end = GT_AT_SERVER},
                "{\"ns\":5000000,\"call\":7,\"method\":\"/test.Test/Echo\",\"end\":\"server\","
                "\"way\":\"received\",\"kind\":\"MESSAGE\",\"size\":6,"
                "\"text\":\"6 bytes  \\\"\xc3\xa4 \\\\xff\\\\\\\"\\\\n\\\"\"}\n"
                "{\"ns\":5000000,\"call\":7,\"method\":\"/test.Test/Echo\",\"end\":\"server\","
                "\"way\":\"sent\",\"kind\":\"MESSAGE\",\"size\":6,"
                "\"text\":\"6 bytes  \\\"\xc3\xa4 \\\\xff\\\\\\\"\\\\n\\\"\"}\n");
}

static void an_empty_journal_is_no_lines(void **state)
{
    assert_json(*state, &(gt_journal_filter){.call = 99}, "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, kit_teardown)
    const struct CMUnitTest tests[] = {
        TEST(messages_are_found_with_their_bytes),
        TEST(a_call_is_found_by_its_number),
        TEST(instants_bound_what_is_found),
        TEST(without_a_filter_everything_is_found),
        TEST(a_connection_is_of_no_method_and_no_call),
        TEST(entries_read_as_lines_of_json),
        TEST(a_connection_in_json_has_no_call),
        TEST(bytes_that_are_no_text_are_escaped_in_json),
        TEST(an_empty_journal_is_no_lines),
    };
    return cmocka_run_group_tests_name("journal_query", tests, NULL, NULL);
}
