/* Scripts whose messages are said as text. */
#include "mock_kit.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "engine/core/death_test.h"
#include "grpctest_fixture_set.set.h"

#define GET "/users.Users/GetUser"
#define SEARCH "/person.SearchService/SearchIO"

typedef struct texts {
    kit *k;
    gt_types *types;
} texts;

static int setup(void **state)
{
    texts *t = gt_alloc(sizeof *t);
    t->k = kit_new(NULL);
    t->types = gt_types_new();
    assert_int_equal(gt_types_add_set(t->types,
                                      gt_bytes_of(grpctest_fixture_set, grpctest_fixture_set_size),
                                      NULL),
                     0);
    gt_use_types(t->k->world, t->types);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    texts *t = *state;
    kit_free(t->k);
    gt_types_free(t->types);
    gt_free(t);
    return 0;
}

static void texts_are_expected_and_sent(void **state)
{
    texts *t = *state;
    GT_ON(t->k->mock, GET, gt_expect_text("email: 'jane@doe.com'"),
          gt_send_text("user { first_name: 'jane' age: 7 }"));

    gt_play *play = GT_PLAY(t->k->channel, GET, (&(gt_call_options){.kind = GT_UNARY}),
                            gt_send_text("email: 'jane@doe.com'"),
                            gt_expect_text("user { age: 7 first_name: 'jane' }"));

    GT_ASSERT_OK(t->k->world, gt_play_finish(play));
}

static void a_text_is_told_as_text(void **state)
{
    texts *t = *state;
    GT_ON(t->k->mock, GET, gt_expect_text("email: 'jane@doe.com'"));
    int line = __LINE__ - 1;

    (void)gt_play_finish(GT_PLAY(t->k->channel, GET, NULL, gt_send_text("id: '7'")));

    kit_assert_failed(t->k,
                      "message is { id: \"7\" }, expected { email: \"jane@doe.com\" } "
                      "(gt_expect, call 2 of /users.Users/GetUser)\n"
                      "  email: expected \"jane@doe.com\", got \"\"\n"
                      "  id: expected \"\", got \"7\"",
                      line);
}

static void json_is_expected_and_sent(void **state)
{
    texts *t = *state;
    GT_ON(t->k->mock, GET, gt_expect_json("{\"email\": \"jane@doe.com\"}"),
          gt_send_json("{\"user\": {\"firstName\": \"jane\", \"age\": 7}}"));

    gt_play *play = GT_PLAY(t->k->channel, GET, (&(gt_call_options){.kind = GT_UNARY}),
                            gt_send_json("{\"email\": \"jane@doe.com\"}"),
                            gt_expect_text("user { first_name: 'jane' age: 7 }"));

    GT_ASSERT_OK(t->k->world, gt_play_finish(play));
}

/* Sends a reply of GetUser to a client that expects it so. */
static void reply(texts *t, const char *text, gt_match match)
{
    GT_ON(t->k->mock, GET, gt_expect(gt_anything()), gt_send_text(text));
    (void)gt_play_finish(GT_PLAY(t->k->channel, GET, (&(gt_call_options){.kind = GT_UNARY}),
                                 gt_send_bytes(BYTES("")), gt_expect(match)));
}

#define USER "user { first_name: 'jane' age: 7 }"

static void a_part_of_a_message_may_be_expected(void **state)
{
    texts *t = *state;

    reply(t, USER, gt_partly("user { age: 7 }"));
    reply(t, USER, gt_unordered(USER));
    kit_assert_sound(t->k);
    reply(t, USER, gt_partly("user { age: 8 }"));

    assert_non_null(strstr(t->k->text, ", expected at least { user { age: 8 } } (gt_expect, "));
    assert_non_null(strstr(t->k->text, "\n  user.age: expected 8, got 7"));
}

static void fields_are_expected_by_path(void **state)
{
    texts *t = *state;

    reply(t, USER, gt_has_field("user.age", gt_between(1, 7)));
    reply(t, USER, gt_has_field("user.first_name", gt_starts_with("j")));
    reply(t, USER, gt_has_field("user", gt_text("first_name: 'jane' age: 7")));
    reply(t, USER, gt_has_field("user.id", gt_all_of(gt_absent(), gt_is(""))));
    reply(t, USER,
          gt_all_of(gt_has_field("user", gt_present()), gt_has_field("user.age", gt_is(7))));
    kit_assert_sound(t->k);
    reply(t, USER, gt_has_field("user.age", gt_is(8)));

    assert_memory_equal(t->k->text, "message field user.age is 7, expected 8 (gt_expect, ", 51);
}

static void a_field_that_is_not_set_is_told_so(void **state)
{
    texts *t = *state;

    reply(t, USER, gt_has_field("user.id", gt_present()));

    assert_memory_equal(t->k->text, "message field user.id is \"\" (not set), expected something (",
                        59);
}

static void an_empty_text_is_an_empty_message(void **state)
{
    texts *t = *state;
    GT_ON(t->k->mock, GET, gt_expect_text(""), gt_send_text(""));

    gt_call *call = gt_unary(t->k->channel, GET, BYTES(""), NULL);

    GT_ASSERT_STATUS(call, GT_OK, "");
    gt_call_free(call);
}

static void texts_choose_among_expectations(void **state)
{
    texts *t = *state;
    GT_ON(t->k->mock, SEARCH, gt_expect_text("name: 'a'"), gt_end(GT_ABORTED, "a"));
    GT_ON(t->k->mock, SEARCH, gt_expect(gt_not(gt_text("name: 'a'"))), gt_end(GT_ABORTED, "b"));

    gt_play *play = GT_PLAY(t->k->channel, SEARCH, NULL, gt_send_text("name: 'z'"),
                            gt_expect_status(GT_ABORTED, gt_is("b")));
    gt_play *other = GT_PLAY(t->k->channel, SEARCH, NULL, gt_send_text("name: 'a'"),
                             gt_expect_status(GT_ABORTED, gt_is("a")));

    GT_ASSERT_OK(t->k->world, gt_play_finish(play));
    GT_ASSERT_OK(t->k->world, gt_play_finish(other));
}

/* Rule M8 is the server's to keep, once it knows the kind. */
static void a_method_of_known_kind_takes_one_message(void **state)
{
    texts *t = *state;
    gt_any_times(GT_ON(t->k->mock, GET, gt_expect(gt_anything()), gt_send_text("")));
    gt_call *call = gt_call_new(t->k->channel, GET, NULL);

    GT_ASSERT_OK(t->k->world, gt_call_send(call, BYTES("")));
    GT_ASSERT_OK(t->k->world, gt_call_send(call, BYTES("")));
    gt_call_half_close(call);

    GT_ASSERT_STATUS(call, GT_UNIMPLEMENTED, NULL);
    gt_call_free(call);
}

static void the_transcript_shows_text(void **state)
{
    texts *t = *state;
    GT_ON(t->k->mock, GET, gt_expect_text("id: '7'"), gt_send_text("user { id: '7' }"));
    gt_call *call = gt_unary(t->k->channel, GET,
                             BYTES("\x12\x01"
                                   "7"),
                             NULL);

    char *text = gt_call_transcript(call);

    assert_non_null(strstr(text, "->  MESSAGE     id: \"7\"\n"));
    assert_non_null(strstr(text, "<-  MESSAGE     user { id: \"7\" }\n"));
    gt_free(text);
    gt_call_free(call);
}

static void a_wrong_field(void *arg)
{
    texts *t = arg;
    GT_ON(t->k->mock, GET, gt_expect_text("email: 'x' e_mail: 'y'"));
}

static void a_wrong_path(void *arg)
{
    texts *t = arg;
    GT_ON(t->k->mock, GET, gt_expect(gt_has_field("name", gt_is("x"))));
}

static void an_unknown_method(void *arg)
{
    texts *t = arg;
    GT_ON(t->k->mock, "/not.Described/Method", gt_send_text("a: 1"));
}

static void assert_misuse(texts *t, void (*act)(void *), const char *expected)
{
    char words[4096], *file;
    read_death(act, t, words, sizeof words);
    file = strstr(words, "text_script_test.c:");
    assert_non_null(file);
    assert_string_equal(strchr(file, ' '), expected);
}

static void a_text_that_is_no_such_message_is_misuse(void **state)
{
    assert_misuse(*state, a_wrong_field,
                  " gt_text: line 1, column 12, field e_mail: users.UserGetRequest has no such "
                  "field\n");
    assert_misuse(*state, a_wrong_path,
                  " gt_has_field: line 1, column 1, field name: users.UserGetRequest has no such "
                  "field\n");
    assert_misuse(*state, an_unknown_method,
                  " gt_send_text(\"a: 1\"): the types of this method are not known; gt_use_types "
                  "tells them\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(texts_are_expected_and_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(a_text_is_told_as_text, setup, teardown),
        cmocka_unit_test_setup_teardown(json_is_expected_and_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(a_part_of_a_message_may_be_expected, setup, teardown),
        cmocka_unit_test_setup_teardown(fields_are_expected_by_path, setup, teardown),
        cmocka_unit_test_setup_teardown(a_field_that_is_not_set_is_told_so, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_text_is_an_empty_message, setup, teardown),
        cmocka_unit_test_setup_teardown(texts_choose_among_expectations, setup, teardown),
        cmocka_unit_test_setup_teardown(a_method_of_known_kind_takes_one_message, setup, teardown),
        cmocka_unit_test_setup_teardown(the_transcript_shows_text, setup, teardown),
        cmocka_unit_test_setup_teardown(a_text_that_is_no_such_message_is_misuse, setup, teardown),
    };
    return cmocka_run_group_tests_name("text_script", tests, NULL, NULL);
}
