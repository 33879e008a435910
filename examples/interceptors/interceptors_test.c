/* Scenario S8: interceptors around unary and streaming calls, at the client and at the server. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "../four_kinds/search_service.h"
#include "log_book.h"
#include "person.pb-c.h"
#include "tracer.h"

#include <grpctest/cmocka.h>
#include <grpctest/protobufc.h>

#define REQUEST gt_pb(&person__person_req__descriptor)
#define REPLY gt_pb(&person__person_res__descriptor)

/* A rig on which every call is given a request-id, and logged and measured at both ends. */
typedef struct fixture {
    gt_rig *rig;
    gt_metadata *id;
    log_book book;
    gt_measure client, server;
} fixture;

static int setup(void **state)
{
    fixture *f = test_calloc(1, sizeof *f);
    log_book_open(&f->book);
    f->id = gt_metadata_new();
    assert_int_equal(gt_metadata_append(f->id, "request-id", "request-123"), 0);
    gt_interceptor at_client[] = {
        gt_metadata_interceptor(f->id),
        log_book_interceptor(&f->book),
        gt_measure_interceptor(&f->client),
    };
    gt_interceptor at_server[] = {
        log_book_interceptor(&f->book),
        gt_measure_interceptor(&f->server),
    };
    f->rig = gt_rig_new(&(gt_rig_options){
        .world = {.on_failure = gt_cmocka_failure},
        .server = {.interceptors = at_server, .interceptor_count = 2},
        .channel = {.interceptors = at_client, .interceptor_count = 3},
    });
    search_serve(f->rig->server);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    gt_rig_free(f->rig);
    gt_metadata_free(f->id);
    log_book_close(&f->book);
    test_free(f);
    return 0;
}

/* ---- the calls --------------------------------------------------------------------------------
 */

static gt_call *search(gt_channel *channel)
{
    Person__PersonReq jane = PERSON__PERSON_REQ__INIT;
    jane.name = (char *)"jane";
    jane.age = 30;
    return gt_unary_as(channel, "/person.SearchService/Search", REQUEST, &jane, NULL);
}

static gt_call *search_out(gt_channel *channel)
{
    Person__PersonReq jane = PERSON__PERSON_REQ__INIT;
    gt_call *call = gt_call_new(channel, "/person.SearchService/SearchOut",
                                &(gt_call_options){.kind = GT_SERVER_STREAMING});
    GT_ASSERT_OK(gt_call_world(call), gt_call_send_as(call, REQUEST, &jane));
    gt_call_half_close(call);
    return call;
}

/* Reads all that comes and lets go of the call. */
static void read_out(gt_call *call)
{
    gt_world *world = gt_call_world(call);
    gt_bytes message;
    int error;
    while ((error = gt_call_recv(call, &message)) == 0)
        continue;
    GT_ASSERT_ERROR(world, GT_EOF, error);
    gt_call_free(call);
    GT_ASSERT_OK(world, gt_settle(world));
}

/* ---- adding metadata --------------------------------------------------------------------------
 */

static void the_client_adds_its_request_id_to_every_call(void **state)
{
    fixture *f = *state;

    read_out(search(f->rig->channel));
    read_out(search_out(f->rig->channel));

    char *wire = gt_journal_text(f->rig->world);
    const char *first = strstr(wire, "request-id=request-123");
    assert_non_null(first);
    assert_non_null(strstr(first + 1, "request-id=request-123"));
    gt_free(wire);
}

/* ---- logging ----------------------------------------------------------------------------------
 */

static void a_unary_call_is_logged_with_method_code_and_id(void **state)
{
    fixture *f = *state;

    read_out(search(f->rig->channel));

    assert_string_equal(gt_buffer_text(&f->book.lines),
                        "server /person.SearchService/Search OK 0.000 ms request-123\n"
                        "client /person.SearchService/Search OK 0.000 ms request-123\n");
}

static void a_stream_is_logged_when_it_ends_with_all_the_time_it_took(void **state)
{
    fixture *f = *state;

    read_out(search_out(f->rig->channel));

    assert_string_equal(gt_buffer_text(&f->book.lines),
                        "server /person.SearchService/SearchOut OK 10000.000 ms request-123\n"
                        "client /person.SearchService/SearchOut OK 10000.000 ms request-123\n");
}

static void a_call_that_fails_is_logged_with_its_error(void **state)
{
    fixture *f = *state;
    gt_call *call = gt_call_new(f->rig->channel, "/person.SearchService/SearchIn",
                                &(gt_call_options){.kind = GT_CLIENT_STREAMING});
    gt_call_half_close(call);

    read_out(call);

    assert_string_equal(
        gt_buffer_text(&f->book.lines),
        "server /person.SearchService/SearchIn INVALID_ARGUMENT 0.000 ms request-123\n"
        "client /person.SearchService/SearchIn INVALID_ARGUMENT 0.000 ms request-123\n");
}

/* ---- measuring --------------------------------------------------------------------------------
 */

static void both_ends_measure_calls_messages_and_time(void **state)
{
    fixture *f = *state;

    read_out(search(f->rig->channel));
    read_out(search_out(f->rig->channel));

    gt_measure client = {.calls = 2, .sent = 2, .received = 12};
    gt_measure server = {.calls = 2, .sent = 12, .received = 2};
    client.total = client.longest = server.total = server.longest = GT_SEC(10);
    assert_memory_equal(&f->client, &client, sizeof client);
    assert_memory_equal(&f->server, &server, sizeof server);
}

/* ---- the order --------------------------------------------------------------------------------
 */

static void a_chain_at_the_client_runs_in_the_order_given(void **state)
{
    fixture *f = *state;
    gt_buffer notes = {0};
    tracer one = {"one", &notes}, two = {"two", &notes};
    gt_interceptor chain[] = {tracer_interceptor(&one), tracer_interceptor(&two)};
    gt_channel *channel = gt_channel_new(
        f->rig->dialer, &(gt_channel_options){.interceptors = chain, .interceptor_count = 2});

    gt_call *call = search(channel);
    GT_ASSERT_RECV_TEXT(call, REPLY, "name: \"jane\" age: 30");

    assert_string_equal(gt_buffer_text(&notes),
                        "one:start two:start one:send two:send two:end one:end two:recv one:recv");
    gt_call_free(call);
    gt_channel_free(channel);
    gt_buffer_cleanup(&notes);
}

static void a_chain_at_the_server_runs_in_the_order_given(void **state)
{
    fixture *f = *state;
    gt_buffer notes = {0};
    tracer one = {"one", &notes}, two = {"two", &notes};
    gt_interceptor chain[] = {tracer_interceptor(&one), tracer_interceptor(&two)};
    gt_server *server = gt_server_new(
        f->rig->world, &(gt_server_options){.interceptors = chain, .interceptor_count = 2});
    gt_listener *listener = gt_bufconn_listen(f->rig->world, 4096);
    gt_dialer *dialer = gt_bufconn_dialer(listener);
    gt_channel *channel = gt_channel_new(dialer, NULL);
    search_serve(server);
    gt_server_serve(server, listener);

    read_out(search(channel));

    assert_string_equal(gt_buffer_text(&notes),
                        "one:handle two:handle two:recv one:recv one:send two:send two:handled "
                        "one:handled two:end one:end");
    gt_channel_free(channel);
    gt_server_free(server);
    gt_dialer_free(dialer);
    gt_listener_free(listener);
    gt_buffer_cleanup(&notes);
}

static void a_chain_sees_each_message_of_a_stream(void **state)
{
    fixture *f = *state;
    gt_buffer notes = {0};
    tracer one = {"one", &notes};
    gt_interceptor chain = tracer_interceptor(&one);
    gt_channel *channel = gt_channel_new(
        f->rig->dialer, &(gt_channel_options){.interceptors = &chain, .interceptor_count = 1});

    read_out(search_out(channel));

    assert_string_equal(gt_buffer_text(&notes),
                        "one:start one:send one:recv one:recv one:recv one:recv one:recv one:recv "
                        "one:recv one:recv one:recv one:recv one:end one:recv");
    gt_channel_free(channel);
    gt_buffer_cleanup(&notes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_client_adds_its_request_id_to_every_call),
        TEST(a_unary_call_is_logged_with_method_code_and_id),
        TEST(a_stream_is_logged_when_it_ends_with_all_the_time_it_took),
        TEST(a_call_that_fails_is_logged_with_its_error),
        TEST(both_ends_measure_calls_messages_and_time),
        TEST(a_chain_at_the_client_runs_in_the_order_given),
        TEST(a_chain_at_the_server_runs_in_the_order_given),
        TEST(a_chain_sees_each_message_of_a_stream),
    };
    return cmocka_run_group_tests_name("interceptors", tests, NULL, NULL);
}
