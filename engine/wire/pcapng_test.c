#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcapng.h"

/* A literal's bytes without its NUL. */
#define assert_bytes(buffer, literal)                                                              \
    do {                                                                                           \
        assert_int_equal((buffer).size, sizeof(literal) - 1);                                      \
        assert_memory_equal((buffer).data, literal, sizeof(literal) - 1);                          \
        gt_buffer_cleanup(&(buffer));                                                              \
    } while (0)

static void a_section_says_its_order_its_version_and_who_wrote_it(void **state)
{
    (void)state;
    gt_buffer out = {0};

    gt__pcapng_section(&out, "users_test");

    assert_bytes(out, "\x0a\x0d\x0d\x0a"
                      "\x3c\0\0\0"
                      "\x4d\x3c\x2b\x1a"
                      "\x01\0\0\0"
                      "\xff\xff\xff\xff\xff\xff\xff\xff"
                      "\x01\0\x0a\0"
                      "users_test\0\0"
                      "\x04\0\x08\0"
                      "grpctest"
                      "\0\0\0\0"
                      "\x3c\0\0\0");
}

static void an_interface_is_of_raw_ip_in_nanoseconds(void **state)
{
    (void)state;
    gt_buffer out = {0};

    gt__pcapng_interface(&out, "pipe:1/a", "a pipe");

    assert_bytes(out, "\x01\0\0\0"
                      "\x38\0\0\0"
                      "\x65\0\0\0"
                      "\0\0\0\0"
                      "\x02\0\x08\0"
                      "pipe:1/a"
                      "\x03\0\x06\0"
                      "a pipe\0\0"
                      "\x09\0\x01\0"
                      "\x09\0\0\0"
                      "\0\0\0\0"
                      "\x38\0\0\0");
}

static void names_stand_beside_their_addresses(void **state)
{
    (void)state;
    gt_buffer out = {0};
    const gt__pcapng_name names[] = {{{0xfd, [15] = 1}, "abc"}, {{0xfd, [15] = 2}, "abcd"}};

    gt__pcapng_names(&out, names, 2);

    assert_bytes(out, "\x04\0\0\0"
                      "\x44\0\0\0"
                      "\x02\0\x14\0"
                      "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"
                      "abc\0"
                      "\x02\0\x15\0"
                      "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02"
                      "abcd\0\0\0\0"
                      "\0\0\0\0"
                      "\x44\0\0\0");
}

static void a_packet_has_its_instant_its_size_and_both_its_parts(void **state)
{
    (void)state;
    gt_buffer out = {0};

    gt__pcapng_packet_add(&out, &(gt__pcapng_packet){
                                    .interface = 3,
                                    .time = 0x0123456789abcdef,
                                    .head = gt_bytes_str("head"),
                                    .body = gt_bytes_str("b"),
                                });

    assert_bytes(out, "\x06\0\0\0"
                      "\x28\0\0\0"
                      "\x03\0\0\0"
                      "\x67\x45\x23\x01"
                      "\xef\xcd\xab\x89"
                      "\x05\0\0\0"
                      "\x05\0\0\0"
                      "headb\0\0\0"
                      "\x28\0\0\0");
}

static void a_comment_follows_its_packet(void **state)
{
    (void)state;
    gt_buffer out = {0};

    gt__pcapng_packet_add(&out,
                          &(gt__pcapng_packet){.head = gt_bytes_str("head"), .comment = "why"});

    assert_bytes(out, "\x06\0\0\0"
                      "\x30\0\0\0"
                      "\0\0\0\0"
                      "\0\0\0\0"
                      "\0\0\0\0"
                      "\x04\0\0\0"
                      "\x04\0\0\0"
                      "head"
                      "\x01\0\x03\0"
                      "why\0"
                      "\0\0\0\0"
                      "\x30\0\0\0");
}

static void a_text_that_no_option_can_hold_is_cut(void **state)
{
    (void)state;
    gt_buffer out = {0};
    char *text = gt__malloc(70001);
    memset(text, 'x', 70000);
    text[70000] = '\0';

    gt__pcapng_section(&out, text);

    assert_int_equal(out.data[26] | out.data[27] << 8, 65000);
    assert_int_equal(out.size, 24 + 4 + 65000 + 12 + 4 + 4);
    gt_buffer_cleanup(&out);
    gt__free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_section_says_its_order_its_version_and_who_wrote_it),
        cmocka_unit_test(an_interface_is_of_raw_ip_in_nanoseconds),
        cmocka_unit_test(names_stand_beside_their_addresses),
        cmocka_unit_test(a_packet_has_its_instant_its_size_and_both_its_parts),
        cmocka_unit_test(a_comment_follows_its_packet),
        cmocka_unit_test(a_text_that_no_option_can_hold_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
