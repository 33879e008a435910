/* What GRPCTEST_PCAP has captured of tests that know nothing of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture_kit.h"
#include "engine/core/core.h"
#include "engine/core/death_test.h"

#include <stdlib.h>

static void write_through_a_pipe(gt_world *world)
{
    gt_conn *a, *b;
    gt_pipe(world, 64, &a, &b);
    kit_put(a, "x");
    gt_conn_free(a);
    gt_conn_free(b);
}

#define LEFT_UNREAD                                                                                \
    "0.000 ms  1 > 2  PSH ACK 1 1  \"x\"\n"                                                        \
    "0.000 ms  1 > 2  FIN ACK 2 1\n"                                                               \
    "0.000 ms  2 > 1  FIN ACK 1 1\n"                                                               \
    "0.000 ms  1 > 2  ACK 3 2\n"

static char *ask_for(const char *name)
{
    char *path = scratch_path(name);
    setenv("GRPCTEST_PCAP", path, 1);
    return path;
}

static int forget_asking(void **state)
{
    (void)state;
    return unsetenv("GRPCTEST_PCAP");
}

static void the_environment_captures_one_world_after_the_other(void **state)
{
    (void)state;
    char *path = ask_for("asked");
    for (int i = 0; i < 2; i++) {
        gt_world *world = kit_world(GT_CLOCK_AUTO);
        write_through_a_pipe(world);
        gt_world_free(world);
    }
    gt_world_free(kit_world(GT_CLOCK_AUTO));

    kit_assert_file(path, KIT_PIPE LEFT_UNREAD KIT_PIPE LEFT_UNREAD);
    gt__free(path);
}

static void worlds_alive_at_a_time_have_files_of_their_own(void **state)
{
    (void)state;
    char *path = ask_for("twice"), *second = gt__printf("%s.2", path);
    gt_world *one = kit_world(GT_CLOCK_AUTO), *other = kit_world(GT_CLOCK_AUTO);
    write_through_a_pipe(one);
    write_through_a_pipe(other);
    gt_world_free(one);
    gt_world_free(other);

    kit_assert_file(path, KIT_PIPE LEFT_UNREAD);
    kit_assert_file(second, KIT_PIPE LEFT_UNREAD);
    gt__free(second);
    gt__free(path);
}

static void a_run_that_is_not_captured_goes_on_and_says_so_once(void *arg)
{
    (void)arg;
    for (int i = 0; i < 2; i++) {
        gt_world *world = kit_world(GT_CLOCK_AUTO);
        write_through_a_pipe(world);
        gt_world_free(world);
    }
    abort(); /* only for what it said to be read */
}

static void a_file_that_cannot_be_written_changes_no_run(void **state)
{
    (void)state;
    char *path = ask_for("no/folder");
    char *expected =
        gt__printf("grpctest: GRPCTEST_PCAP: %s: No such file or directory; nothing is "
                   "captured\n",
                   path);
    assert_dies(a_run_that_is_not_captured_goes_on_and_says_so_once, NULL, expected);
    gt__free(expected);
    gt__free(path);
}

static void an_empty_name_asks_for_nothing(void **state)
{
    (void)state;
    setenv("GRPCTEST_PCAP", "", 1);
    assert_dies(a_run_that_is_not_captured_goes_on_and_says_so_once, NULL, "");
}

static void write_and_die(void *arg)
{
    gt_conn *a, *b;
    gt_world *world = kit_world(GT_CLOCK_AUTO);
    (void)arg;
    gt_pipe(world, 64, &a, &b);
    kit_put(a, "last words");
    abort();
}

static void a_run_that_aborts_leaves_all_it_had(void **state)
{
    (void)state;
    char words[64], *path = ask_for("aborted");

    read_death(write_and_die, NULL, words, sizeof words);

    kit_assert_file(path, KIT_PIPE "0.000 ms  1 > 2  PSH ACK 1 1  \"last words\"\n");
    gt__free(path);
}

static jmp_buf after_the_failure;

static void leave(const gt_failure *failure, void *user)
{
    (void)failure;
    (void)user;
    longjmp(after_the_failure, 1);
}

/* Inlined nowhere, so that no variable of it lives across the jump. */
static __attribute__((noinline)) void fail_in(gt_world *world)
{
    gt_conn *a, *b;
    if (setjmp(after_the_failure) != 0)
        return;
    gt_pipe(world, 64, &a, &b);
    kit_put(a, "x");
    gt_world_fail(world, "no");
}

static void a_run_that_fails_and_jumps_is_told_to_its_end(void **state)
{
    (void)state;
    char *path = ask_for("failed");
    gt_world *world = gt_world_new_at(&(gt_world_options){.seed = GT_NO_SEED, .on_failure = leave},
                                      "w_test.c", 7);

    fail_in(world);
    gt_world_free(world); /* the latest made is reclaimed first */

    kit_assert_file(path, KIT_PIPE "0.000 ms  1 > 2  PSH ACK 1 1  \"x\"\n"
                                   "0.000 ms  2 > 1  FIN ACK 1 1\n"
                                   "0.000 ms  1 > 2  ACK 2 2\n"
                                   "0.000 ms  1 > 2  FIN ACK 2 2\n");
    gt__free(path);
}

#define TEST_ASKED(name) cmocka_unit_test_setup_teardown(name, NULL, forget_asking)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_ASKED(the_environment_captures_one_world_after_the_other),
        TEST_ASKED(worlds_alive_at_a_time_have_files_of_their_own),
        TEST_ASKED(a_file_that_cannot_be_written_changes_no_run),
        TEST_ASKED(an_empty_name_asks_for_nothing),
        TEST_ASKED(a_run_that_aborts_leaves_all_it_had),
        TEST_ASKED(a_run_that_fails_and_jumps_is_told_to_its_end),
    };
    unsetenv("GRPCTEST_PCAP"); /* it is asked for where a test asks for it */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
