/* What of a call's memory goes past the library's allocator: two blocks of each session of nghttp2,
 * and when those are not to be had the process ends with a sentence too. */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "no_memory_kit.h"

#include "engine/core/core.h"
#include "engine/core/death_test.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>

typedef void play_fn(void *unused);

/* Blocks that something other than the allocator asked for while strays were watched for. */
static struct {
    bool watched;
    uint64_t asked; /* of the allocator, so far */
    unsigned found, to_fail;
} strays;

/* ---- in front of the C library --------------------------------------------------------------- */

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) &&                             \
    !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

/* The allocator counts a block before it asks for it; one that comes without that is a stray. */
static bool stray_fails(void)
{
    if (!strays.watched)
        return false;
    bool known = strays.asked != gt__alloc_asked();
    strays.asked = gt__alloc_asked();
    if (known || ++strays.found != strays.to_fail)
        return false;
    errno = ENOMEM;
    return true;
}

/* These stand for all libraries in the program. */
void *malloc(size_t size)
{
    static void *(*next)(size_t);
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "malloc");
    return stray_fails() ? NULL : next(size);
}

void *calloc(size_t count, size_t size)
{
    static void *(*next)(size_t, size_t);
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "calloc");
    return stray_fails() ? NULL : next(count, size);
}

void *realloc(void *memory, size_t size)
{
    static void *(*next)(void *, size_t);
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "realloc");
    return stray_fails() ? NULL : next(memory, size);
}

#endif

/* ---- tests ----------------------------------------------------------------------------------- */

static void watch(unsigned to_fail)
{
    gt__alloc_fail_at(UINT64_MAX);
    strays.asked = strays.found = 0;
    strays.to_fail = to_fail;
    strays.watched = true;
}

static unsigned end_watch(void)
{
    strays.watched = false;
    gt__alloc_fail_at(0);
    return strays.found;
}

/* Sanitizers and valgrind have a malloc of their own. */
static void require_to_be_asked(void)
{
    void *volatile block;
    watch(0);
    block = malloc(1);
    unsigned found = end_watch();
    free(block);
    if (found == 0)
        skip();
}

struct failing {
    play_fn *play;
    unsigned nth;
};

static void play_failing(void *arg)
{
    const struct failing *failing = arg;
    watch(failing->nth);
    failing->play(NULL);
}

/* nghttp2 takes its settings and its table of callbacks from malloc, whatever it is told: one of
 * each for both ends of the connection. */
static void assert_only_nghttp2_goes_past_the_allocator(play_fn *play)
{
    play(NULL); /* maps the stacks, which are counted and have no block */
    watch(0);
    play(NULL);
    assert_int_equal(end_watch(), 4);
    for (unsigned nth = 1; nth <= 4; nth++)
        assert_dies(play_failing, &(struct failing){play, nth},
                    "grpctest: out of memory for an HTTP/2 session\n");
}

static void what_goes_past_the_allocator_is_nghttp2s_and_may_fail_too(void **state)
{
    (void)state;
    require_to_be_asked();
    assert_only_nghttp2_goes_past_the_allocator(play_unary);
    assert_only_nghttp2_goes_past_the_allocator(play_bidi);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_past_the_allocator_is_nghttp2s_and_may_fail_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
