#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcap_file.h"
#include "pcap_kit.h"
#include "pcapng.h"

#include <fcntl.h>
#include <grpctest/error.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int set_up(void **state)
{
    *state = scratch_path("capture");
    return 0;
}

static int tear_down(void **state)
{
    unlink(*state);
    gt__free(*state);
    return 0;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void write_section(gt__pcap_file *file)
{
    gt__pcapng_section(&file->blocks, "");
    gt__pcap_file_flush(file);
}

static void assert_holds(const char *path, const char *expected)
{
    char *text = pcap_text_of(path);
    assert_string_equal(text, expected);
    gt__free(text);
}

/* Appends a section and closes; where it began. */
static uint64_t append_section(const char *path)
{
    gt__pcap_file file;
    char *reason;
    assert_int_equal(gt__pcap_file_append(&file, path, &reason), 0);
    write_section(&file);
    gt__pcap_file_close(&file);
    return file.place;
}

/* The reason begins with the path. */
static void assert_reason(char *reason, const char *path, const char *expected)
{
    char *whole = gt__printf("%s: %s", path, expected);
    assert_string_equal(reason, whole);
    gt__free(whole);
    gt__free(reason);
}

/* ---- opening ------------------------------------------------------------------------------- */

static void a_file_of_ones_own_begins_anew(void **state)
{
    gt__pcap_file file;
    char *reason;
    write_file(*state, "what was there before");

    assert_int_equal(gt__pcap_file_open(&file, *state, &reason), 0);
    assert_int_equal(file.place, 0);
    write_section(&file);
    gt__pcap_file_close(&file);

    assert_holds(*state, "section\n");
}

static void an_appended_section_knows_its_place(void **state)
{
    assert_int_equal(append_section(*state), 0);
    assert_int_equal(append_section(*state), 48);

    assert_holds(*state, "section\nsection\n");
}

static void a_file_that_somebody_has_is_not_opened(void **state)
{
    gt__pcap_file file, second;
    char *reason;
    assert_int_equal(gt__pcap_file_open(&file, *state, &reason), 0);
    write_section(&file);

    assert_int_equal(gt__pcap_file_open(&second, *state, &reason), GT_EIO);

    assert_reason(reason, *state, "another capture is being written to it");
    gt__pcap_file_close(&file);
    assert_holds(*state, "section\n");
}

static void appending_goes_to_the_first_file_that_nobody_has(void **state)
{
    gt__pcap_file files[3];
    char *reason, *third = gt__printf("%s.3", (char *)*state);
    for (int i = 0; i < 3; i++)
        assert_int_equal(gt__pcap_file_append(&files[i], *state, &reason), 0);
    assert_string_equal(files[0].path, *state);
    assert_string_equal(files[2].path, third);
    gt__pcap_file_close(&files[0]);

    assert_int_equal(append_section(*state), 0);

    assert_holds(*state, "section\n");
    for (int i = 1; i < 3; i++) {
        unlink(files[i].path);
        gt__pcap_file_close(&files[i]);
    }
    gt__free(third);
}

static void nothing_is_appended_to_what_is_no_capture(void **state)
{
    gt__pcap_file file;
    char *reason;
    write_file(*state, "dear diary, this is no capture file");

    assert_int_equal(gt__pcap_file_append(&file, *state, &reason), GT_EIO);

    assert_reason(reason, *state, "it is there already and does not end as a capture file does");
    gt_buffer bytes = read_file(*state);
    assert_int_equal(bytes.size, 35);
    gt_buffer_cleanup(&bytes);
}

static void nothing_is_appended_after_a_torn_block(void **state)
{
    gt__pcap_file file;
    char *reason;
    append_section(*state);
    append_section(*state);
    assert_int_equal(truncate(*state, 48 + 20), 0);

    assert_int_equal(gt__pcap_file_append(&file, *state, &reason), GT_EIO);

    assert_reason(reason, *state, "it is there already and does not end as a capture file does");
}

static void what_cannot_be_opened_says_why(void **state)
{
    (void)state;
    gt__pcap_file file;
    char *reason, *path = scratch_path("no/such/folder");

    assert_int_equal(gt__pcap_file_open(&file, path, &reason), GT_EIO);
    assert_reason(reason, path, "No such file or directory");
    assert_int_equal(gt__pcap_file_append(&file, path, &reason), GT_EIO);
    assert_reason(reason, path, "No such file or directory");

    gt__free(path);
}

static void a_device_or_a_fifo_is_no_file(void **state)
{
    gt__pcap_file file;
    char *reason;
    assert_int_equal(mkfifo(*state, 0600), 0);

    assert_int_equal(gt__pcap_file_append(&file, *state, &reason), GT_EIO);
    assert_reason(reason, *state, "it is no regular file");
    assert_int_equal(gt__pcap_file_open(&file, "/dev/null", &reason), GT_EIO);
    assert_reason(reason, "/dev/null", "it is no regular file");
}

/* ---- writing ------------------------------------------------------------------------------- */

/* Standard error while a section is written that the limit cuts short; the caller frees it. */
static char *write_past_a_limit(gt__pcap_file *file, rlim_t limit)
{
    char *path = scratch_path("stderr");
    struct rlimit before, now;
    fflush(stderr);
    int real = dup(STDERR_FILENO), other = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    dup2(other, STDERR_FILENO);
    getrlimit(RLIMIT_FSIZE, &before);
    now = before;
    now.rlim_cur = limit;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &now);
    write_section(file);
    write_section(file);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    fflush(stderr);
    dup2(real, STDERR_FILENO);
    close(real);
    close(other);
    gt_buffer said = read_file(path);
    gt__free(path);
    return gt__buffer_take_text(&said);
}

static void a_full_disk_is_told_once_and_leaves_whole_blocks(void **state)
{
    gt__pcap_file file;
    char *reason;
    assert_int_equal(gt__pcap_file_open(&file, *state, &reason), 0);
    for (int i = 0; i < 10; i++)
        gt__pcapng_section(&file.blocks, "");
    gt__pcap_file_flush(&file);

    char *said = write_past_a_limit(&file, 10 * 48 + 30);

    char *expected =
        gt__printf("grpctest: %s: File too large; the capture ends here, the test goes "
                   "on\n",
                   (char *)*state);
    assert_string_equal(said, expected);
    assert_true(file.failed);
    gt__pcap_file_close(&file);
    append_section(*state);
    assert_holds(*state, "section\nsection\nsection\nsection\nsection\nsection\n"
                         "section\nsection\nsection\nsection\nsection\n");
    gt__free(said);
    gt__free(expected);
}

static void a_forked_child_writes_nothing(void **state)
{
    gt__pcap_file file;
    char *reason;
    assert_int_equal(gt__pcap_file_open(&file, *state, &reason), 0);

    pid_t child = fork();
    if (child == 0) {
        write_section(&file);
        _exit(0);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    write_section(&file);

    gt__pcap_file_close(&file);
    assert_holds(*state, "section\n");
}

/* ---- names --------------------------------------------------------------------------------- */

static void a_name_holds_the_programs_and_the_process(void **state)
{
    (void)state;
    char *expected = gt__printf("/a/pcap_file_test-%ld-%%x%%", (long)getpid());
    char *path = gt__pcap_file_path("/a/%e-%p-%x%");

    assert_string_equal(path, expected);

    gt__free(path);
    gt__free(expected);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_of_ones_own_begins_anew),
        TEST(an_appended_section_knows_its_place),
        TEST(a_file_that_somebody_has_is_not_opened),
        TEST(appending_goes_to_the_first_file_that_nobody_has),
        TEST(nothing_is_appended_to_what_is_no_capture),
        TEST(nothing_is_appended_after_a_torn_block),
        TEST(what_cannot_be_opened_says_why),
        TEST(a_device_or_a_fifo_is_no_file),
        TEST(a_full_disk_is_told_once_and_leaves_whole_blocks),
        TEST(a_forked_child_writes_nothing),
        cmocka_unit_test(a_name_holds_the_programs_and_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
