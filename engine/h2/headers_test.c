#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/core.h"
#include "engine/core/death_test.h"

#include <grpctest/frames.h>

static void assert_list(const gt_headers *headers, const char *expected)
{
    gt_buffer text = {0};
    gt_headers_print(&text, headers);
    assert_string_equal(gt_buffer_text(&text), expected);
    gt_buffer_cleanup(&text);
}

/* ---- the list ---- */

static void fields_stand_in_order_in_the_case_they_came_in(void **state)
{
    (void)state;
    gt_headers *headers = gt_headers_new();
    gt_headers_add(headers, ":status", "200");
    gt_headers_add(headers, "Content-Type", "text/html");
    gt_headers_add(headers, "x", "");
    gt_headers_add(headers, "x", "2");
    assert_int_equal(gt_headers_count(headers), 4);
    assert_list(headers, ":status: 200\nContent-Type: text/html\nx:\nx: 2\n");
    gt_headers_free(headers);
}

static void a_value_is_found_by_its_name_in_this_very_case(void **state)
{
    (void)state;
    gt_headers *headers = gt_headers_parse("x: first\nx: second\n");
    assert_string_equal(gt_headers_get(headers, "x"), "first");
    assert_null(gt_headers_get(headers, "X"));
    assert_null(gt_headers_get(headers, ""));
    gt_headers_free(headers);
}

static void set_takes_the_place_of_the_first_and_drops_the_rest(void **state)
{
    (void)state;
    gt_headers *headers = gt_headers_parse("a: 1\nx: 2\nb: 3\nx: 4\n");
    gt_headers_set(headers, "x", "new");
    gt_headers_set(headers, "c", "5");
    assert_list(headers, "a: 1\nx: new\nb: 3\nc: 5\n");
    gt_headers_free(headers);
}

static void set_may_borrow_from_the_list_itself(void **state)
{
    (void)state;
    gt_headers *headers = gt_headers_parse("x: 1\nx: 2\n");
    gt_header last = gt_headers_at(headers, 1);
    gt_headers_set(headers, (const char *)last.name.data, (const char *)last.value.data);
    assert_list(headers, "x: 2\n");
    gt_headers_free(headers);
}

static void remove_tells_how_many_went(void **state)
{
    (void)state;
    gt_headers *headers = gt_headers_parse("x: 1\ny: 2\nx: 3\n");
    gt_header first = gt_headers_at(headers, 0);
    assert_int_equal(gt_headers_remove(headers, (const char *)first.name.data), 2);
    assert_int_equal(gt_headers_remove(headers, "x"), 0);
    assert_list(headers, "y: 2\n");
    gt_headers_free(headers);
}

static void joined_to_itself_a_list_doubles(void **state)
{
    (void)state;
    gt_headers *headers = gt_headers_parse("x: 1\ny: 2\n");
    for (int i = 0; i < 3; i++)
        gt_headers_join(headers, headers);
    assert_int_equal(gt_headers_count(headers), 16);
    assert_string_equal((const char *)gt_headers_at(headers, 15).value.data, "2");
    gt_headers_free(headers);
}

static void a_field_counts_32_bytes_besides_name_and_value(void **state)
{
    (void)state;
    gt_headers *headers = gt_headers_new();
    assert_int_equal(gt_headers_size(headers), 0);
    gt_headers_add(headers, "te", "trailers");
    gt_headers_add(headers, "x", "");
    assert_int_equal(gt_headers_size(headers), 2 + 8 + 32 + 1 + 32);
    gt_headers_free(headers);
}

static void look_past_the_end(void *headers)
{
    gt_headers_at(headers, 1);
}

static void an_index_that_is_not_there_is_misuse(void **state)
{
    (void)state;
    gt_headers *headers = gt_headers_parse("x: 1");
    assert_dies(look_past_the_end, headers,
                "grpctest: gt_headers_at: there is no field 1, only 1\n");
    gt_headers_free(headers);
}

static void free_takes_null(void **state)
{
    (void)state;
    gt_headers_free(NULL);
}

/* ---- as text ---- */

static void any_byte_prints_as_ascii_and_reads_back(void **state)
{
    (void)state;
    uint8_t all[256];
    for (int i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    gt_headers *headers = gt_headers_new();
    gt_headers_add_bytes(headers, gt_bytes_of(all, 256), gt_bytes_of(all, 256));
    gt_buffer text = {0};
    gt_headers_print(&text, headers);
    gt_headers *again = gt_headers_parse(gt_buffer_text(&text));
    assert_int_equal(gt_headers_count(again), 1);
    assert_true(gt_bytes_equal(gt_headers_at(again, 0).name, gt_bytes_of(all, 256)));
    assert_true(gt_bytes_equal(gt_headers_at(again, 0).value, gt_bytes_of(all, 256)));
    for (size_t i = 0; i + 1 < text.size; i++)
        assert_in_range(text.data[i], 0x20, 0x7e);
    gt_buffer_cleanup(&text);
    gt_headers_free(headers);
    gt_headers_free(again);
}

static void spaces_show_at_the_edges_of_a_value(void **state)
{
    (void)state;
    gt_headers *headers = gt_headers_new();
    gt_headers_add(headers, "a", " in the middle ");
    gt_headers_add(headers, "b", " ");
    gt_headers_add(headers, "c", "x: y\\");
    assert_list(headers, "a: \\x20in the middle\\x20\nb: \\x20\nc: x: y\\\\\n");
    gt_headers_free(headers);
}

static void escapes_are_read(void **state)
{
    (void)state;
    gt_headers *headers = gt_headers_parse("k: \\x00\\xff\\\\x41\\q\\x4\nl: \\\\\nm: \\xg1\\x1g");
    assert_true(
        gt_bytes_equal(gt_headers_at(headers, 0).value, gt_bytes_of("\0\xff\\x41\\q\\x4", 11)));
    assert_string_equal(gt_headers_get(headers, "l"), "\\");
    assert_string_equal(gt_headers_get(headers, "m"), "\\xg1\\x1g");
    gt_headers_free(headers);
}

static void empty_values_and_a_last_line_without_newline_are_read(void **state)
{
    (void)state;
    gt_headers *headers = gt_headers_parse(":path:\nx: \ny: z");
    assert_list(headers, ":path:\nx:\ny: z\n");
    gt_headers_free(headers);
}

static void parse(void *lines)
{
    gt_headers_free(gt_headers_parse(lines));
}

static void a_line_without_a_name_is_misuse(void **state)
{
    (void)state;
    char no_colon[] = "x: 1\nno colon\n", no_space[] = "a:b\n", empty[] = "x: 1\n\n";
    assert_dies(parse, no_colon,
                "grpctest: gt_headers_parse: no \": \" after a name in \"no colon\"\n");
    assert_dies(parse, no_space, "grpctest: gt_headers_parse: no \": \" after a name in \"a:b\"\n");
    assert_dies(parse, empty, "grpctest: gt_headers_parse: no \": \" after a name in \"\"\n");
}

/* ---- gRPC's lists ---- */

static void a_request_has_what_grpc_asks_for(void **state)
{
    (void)state;
    gt_headers *headers = gt_headers_request("/users.Users/GetUser");
    assert_list(headers, ":method: POST\n"
                         ":scheme: http\n"
                         ":path: /users.Users/GetUser\n"
                         ":authority: localhost\n"
                         "te: trailers\n"
                         "content-type: application/grpc\n");
    gt_headers_free(headers);
}

static void a_response_has_status_and_content_type(void **state)
{
    (void)state;
    gt_headers *headers = gt_headers_response();
    assert_list(headers, ":status: 200\ncontent-type: application/grpc\n");
    gt_headers_free(headers);
}

static void trailers_carry_the_message_percent_coded(void **state)
{
    (void)state;
    gt_headers *headers = gt_headers_trailers(5, "no \u263a, 100%");
    assert_list(headers, "grpc-status: 5\ngrpc-message: no %E2%98%BA, 100%25\n");
    gt_headers_free(headers);
    headers = gt_headers_trailers(0, NULL);
    assert_list(headers, "grpc-status: 0\n");
    gt_headers_free(headers);
}

static void trailers_only_is_both_in_one(void **state)
{
    (void)state;
    gt_headers *headers = gt_headers_trailers_only(12, "");
    assert_list(headers, ":status: 200\n"
                         "content-type: application/grpc\n"
                         "grpc-status: 12\n"
                         "grpc-message:\n");
    gt_headers_free(headers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_stand_in_order_in_the_case_they_came_in),
        cmocka_unit_test(a_value_is_found_by_its_name_in_this_very_case),
        cmocka_unit_test(set_takes_the_place_of_the_first_and_drops_the_rest),
        cmocka_unit_test(set_may_borrow_from_the_list_itself),
        cmocka_unit_test(remove_tells_how_many_went),
        cmocka_unit_test(joined_to_itself_a_list_doubles),
        cmocka_unit_test(a_field_counts_32_bytes_besides_name_and_value),
        cmocka_unit_test(an_index_that_is_not_there_is_misuse),
        cmocka_unit_test(free_takes_null),
        cmocka_unit_test(any_byte_prints_as_ascii_and_reads_back),
        cmocka_unit_test(spaces_show_at_the_edges_of_a_value),
        cmocka_unit_test(escapes_are_read),
        cmocka_unit_test(empty_values_and_a_last_line_without_newline_are_read),
        cmocka_unit_test(a_line_without_a_name_is_misuse),
        cmocka_unit_test(a_request_has_what_grpc_asks_for),
        cmocka_unit_test(a_response_has_status_and_content_type),
        cmocka_unit_test(trailers_carry_the_message_percent_coded),
        cmocka_unit_test(trailers_only_is_both_in_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
