/* Scenario S13: a handler that gives up in the middle, and a server that goes on. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "fragile_search.h"
#include "person.pb-c.h"

#include <grpctest/cmocka.h>
#include <grpctest/protobufc.h>
#include <stdio.h>

#define SEARCH "/person.SearchService/Search"
#define REQUEST gt_pb(&person__person_req__descriptor)
#define REPLY gt_pb(&person__person_res__descriptor)

typedef struct fixture {
    gt_rig *rig;
    incidents book;
} fixture;

static int setup(void **state)
{
    fixture *f = test_malloc(sizeof *f);
    incidents_open(&f->book);
    gt_interceptor recover = gt_recover_interceptor(&f->book.log);
    f->rig = gt_rig_new(&(gt_rig_options){
        .world = {.on_failure = gt_cmocka_failure},
        .server = {.interceptors = &recover, .interceptor_count = 1},
    });
    fragile_search_serve(f->rig->server);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    gt_rig_free(f->rig);
    incidents_close(&f->book);
    test_free(f);
    return 0;
}

static Person__PersonReq person(const char *name, int age)
{
    Person__PersonReq one = PERSON__PERSON_REQ__INIT;
    one.name = (char *)name;
    one.age = age;
    return one;
}

static gt_call *search(gt_rig *rig, const char *name, int age)
{
    Person__PersonReq request = person(name, age);
    return gt_unary_as(rig->channel, SEARCH, REQUEST, &request, NULL);
}

static void send_person(gt_call *call, const char *name, int age)
{
    Person__PersonReq request = person(name, age);
    GT_ASSERT_OK(gt_call_world(call), gt_call_send_as(call, REQUEST, &request));
}

static void a_handler_that_gives_up_is_internal(void **state)
{
    fixture *f = *state;
    gt_call *call = search(f->rig, "jane", -1);
    GT_ASSERT_STATUS(call, GT_INTERNAL, "Unexpected error happened");
    gt_call_free(call);
}

static void the_reason_is_logged_and_not_told_to_the_client(void **state)
{
    fixture *f = *state;
    gt_call *call = search(f->rig, "jane", -1);

    assert_string_equal(gt_buffer_text(&f->book.lines), SEARCH ": jane is -1 years old\n");

    char *transcript = gt_call_transcript(call);
    assert_null(strstr(transcript, "years old"));
    gt_free(transcript);
    gt_call_free(call);
}

static void the_server_goes_on(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < 100; i++) {
        gt_call *broken = search(f->rig, "jane", -1);
        GT_ASSERT_STATUS(broken, GT_INTERNAL, NULL);
        gt_call_free(broken);
    }

    gt_call *call = search(f->rig, "jane", 30);

    GT_ASSERT_RECV_TEXT(call, REPLY, "name: \"jane\" age: 1995");
    GT_ASSERT_STATUS(call, GT_OK, "");
    gt_call_free(call);
}

static void calls_under_way_are_not_disturbed(void **state)
{
    fixture *f = *state;
    gt_call *call = gt_call_new(f->rig->channel, "/person.SearchService/SearchIO", NULL);
    send_person(call, "john", 50);
    GT_ASSERT_RECV_TEXT(call, REPLY, "name: \"john\" age: 1975");

    gt_call *broken = search(f->rig, "jane", -1);
    GT_ASSERT_STATUS(broken, GT_INTERNAL, NULL);
    send_person(call, "june", 40);

    GT_ASSERT_RECV_TEXT(call, REPLY, "name: \"june\" age: 1985");
    gt_call_half_close(call);
    GT_ASSERT_STATUS(call, GT_OK, "");
    gt_call_free(broken);
    gt_call_free(call);
}

static void a_stream_that_gives_up_in_the_middle_delivers_what_it_had_sent(void **state)
{
    fixture *f = *state;
    gt_call *call = gt_call_new(f->rig->channel, "/person.SearchService/SearchIO", NULL);
    send_person(call, "jane", 30);
    send_person(call, "john", -2);

    GT_ASSERT_STATUS(call, GT_INTERNAL, "Unexpected error happened");

    GT_ASSERT_RECV_TEXT(call, REPLY, "name: \"jane\" age: 1995");
    assert_string_equal(gt_buffer_text(&f->book.lines),
                        "/person.SearchService/SearchIO: john is -2 years old\n");
    gt_call_free(call);
}

/* ---- nobody to recover it ---------------------------------------------------------------------
 */

static void keep_first_line(const gt_failure *failure, void *user)
{
    snprintf(user, 128, "%.*s", (int)strcspn(failure->text, "\n"), failure->text);
}

static void without_the_interceptor_giving_up_fails_the_test(void **state)
{
    (void)state;
    char text[128] = "";
    gt_rig *rig = gt_rig_new(
        &(gt_rig_options){.world = {.on_failure = keep_first_line, .on_failure_user = text}});
    fragile_search_serve(rig->server);

    gt_call *call = search(rig, "jane", -1);

    assert_string_equal(text, "the handler of " SEARCH " gave up: jane is -1 years old");
    gt_call_free(call);
    gt_rig_free(rig);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_handler_that_gives_up_is_internal),
        TEST(the_reason_is_logged_and_not_told_to_the_client),
        TEST(the_server_goes_on),
        TEST(calls_under_way_are_not_disturbed),
        TEST(a_stream_that_gives_up_in_the_middle_delivers_what_it_had_sent),
        cmocka_unit_test(without_the_interceptor_giving_up_fails_the_test),
    };
    return cmocka_run_group_tests_name("recover", tests, NULL, NULL);
}
