#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture_kit.h"

gt_world *kit_world(gt_clock clock)
{
    return gt_world_new_at(&(gt_world_options){.clock = clock, .seed = GT_NO_SEED}, "w_test.c", 7);
}

void kit_put(gt_conn *conn, const char *text)
{
    size_t count;
    assert_int_equal(gt_conn_write(conn, NULL, text, strlen(text), &count), 0);
}

void kit_assert_file(const char *path, const char *expected)
{
    char *text = pcap_text_of(path);
    assert_string_equal(text, expected);
    gt__free(text);
}
