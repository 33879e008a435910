/* death_test.h - for tests of misuse: runs a function that should abort, in a forked child.
 * Rule: include it after cmocka.h; the sentence is compared exactly, newline included. */
#ifndef GRPCTEST_ENGINE_CORE_DEATH_TEST_H
#define GRPCTEST_ENGINE_CORE_DEATH_TEST_H

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* gcov's, where it counts: what a process ran is written down when it ends, but not when it aborts.
 * TSan does not allow it in a signal. */
void __gcov_reset(void) __attribute__((weak));
void __gcov_dump(void) __attribute__((weak));
void __tsan_init(void) __attribute__((weak));

static inline void write_counts(int abortion)
{
    (void)abortion;
    struct rlimit descriptors;
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max; /* a lack of them may be what it died of */
    setrlimit(RLIMIT_NOFILE, &descriptors);
    __gcov_dump();
}

/* The child: standard error into `out`, no core file, then the act that should not come back. */
static inline void die_into(int out, void (*act)(void *), void *arg)
{
    struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    signal(SIGABRT, __gcov_dump && !__tsan_init ? write_counts : SIG_DFL);
    if (__gcov_reset)
        __gcov_reset();
    dup2(out, STDERR_FILENO);
    act(arg);
    _exit(0);
}

/* Reads to the end of file; what does not fit is read and dropped. */
static inline void read_last_words(int in, char *words, size_t size)
{
    size_t used = 0;
    char byte;
    while (read(in, &byte, 1) == 1)
        if (used + 1 < size)
            words[used++] = byte;
    words[used] = '\0';
}

/* Asserts that act(arg) ends the process by SIGABRT; its last words are in `words`. */
static inline void read_death(void (*act)(void *), void *arg, char *words, size_t size)
{
    int ends[2], status;
    fflush(NULL);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        die_into(ends[1], act, arg);
    close(ends[1]);
    read_last_words(ends[0], words, size);
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
        fail_msg("did not abort (wait status %d), and said: \"%s\"", status, words);
}

/* Asserts that act(arg) aborts with exactly this on standard error. */
static inline void assert_dies(void (*act)(void *), void *arg, const char *expected)
{
    char words[4096];
    read_death(act, arg, words, sizeof words);
    assert_string_equal(words, expected);
}

#endif
