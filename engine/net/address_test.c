#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "address.h"

#include <grpctest/error.h>

static void assert_reads_as(const char *text, const char *expected)
{
    gt__address address;
    assert_int_equal(gt__address_parse(text, &address), 0);
    char *again = gt__address_format(&address);
    assert_string_equal(again, expected);
    gt__free(again);
}

static void addresses_are_read_and_written(void **state)
{
    (void)state;
    assert_reads_as("127.0.0.1:50051", "127.0.0.1:50051");
    assert_reads_as("0.0.0.0:0", "0.0.0.0:0");
    assert_reads_as("255.255.255.255:65535", "255.255.255.255:65535");
    assert_reads_as("[::1]:50051", "[::1]:50051");
    assert_reads_as("[2001:DB8:0:0:0:0:0:1]:1", "[2001:db8::1]:1");
    assert_reads_as("[1111:2222:3333:4444:5555:6666:7777:8888]:65535",
                    "[1111:2222:3333:4444:5555:6666:7777:8888]:65535");
}

static void localhost_is_the_ipv4_loopback(void **state)
{
    (void)state;
    assert_reads_as("localhost:80", "127.0.0.1:80");
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        ":",
        ":80",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:-1",
        "127.0.0.1:+1",
        "127.0.0.1: 1",
        "127.0.0.1:1 ",
        "127.0.0.1:65536",
        "127.0.0.1:100000",
        "127.0.0.1:http",
        "127.0.0:80",
        "127.0.0.256:80",
        "localhost",
        "Localhost:80",
        "example.com:80",
        "::1:80",
        "[]:80",
        "[:80",
        "]:80",
        "[::1:80",
        "[::1]80",
        "[::1]]:80",
        "[::g]:80",
        "[127.0.0.1]:80",
        "[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa]:1",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        gt__address address;
        if (gt__address_parse(wrong[i], &address) != GT_EINVAL)
            fail_msg("\"%s\" was taken for an address", wrong[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_and_written),
        cmocka_unit_test(localhost_is_the_ipv4_loopback),
        cmocka_unit_test(what_is_no_address_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
