/* What the worst bytes cost in memory. The linker puts this file's functions in front of malloc and
 * its kin (--wrap), which count what the library really holds, header and rounding included. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/block_cache.h"
#include "engine/core/core.h"
#include "kinds.pb-c.h"
#include <grpctest/error.h>
#include <grpctest/protobufc.h>
#include <malloc.h>

#define ALL &kinds__all__descriptor
#define MIB ((size_t)1024 * 1024)

/* Bytes of the blocks that are held, and the most there ever were; what the program had before
 * counting began is not known and does not matter. */
static size_t held, peak;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);

static void *taken(void *memory)
{
    held += memory ? malloc_usable_size(memory) + sizeof(size_t) : 0;
    if (held > peak)
        peak = held;
    return memory;
}

static void given_back(void *memory)
{
    held -= memory ? malloc_usable_size(memory) + sizeof(size_t) : 0;
}

void *__wrap_malloc(size_t size)
{
    return taken(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return taken(__real_calloc(count, size));
}

void *__wrap_realloc(void *memory, size_t size)
{
    given_back(memory);
    return taken(__real_realloc(memory, size));
}

void __wrap_free(void *memory)
{
    given_back(memory);
    __real_free(memory);
}

/* Unpacks bytes made of `pattern` over and over; gives the peak of memory. */
static size_t peak_of(size_t size, const char *pattern, size_t pattern_size, int *error)
{
    uint8_t *bytes = gt__malloc(size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)pattern[i % pattern_size];
    size_t before = peak = held;

    ProtobufCMessage *message;
    *error = gt_protobufc_unpack(ALL, gt_bytes_of(bytes, size - size % pattern_size), NULL,
                                 &message, NULL);
    size_t most = peak - before;
    gt_protobufc_release(message);

    assert_int_equal(held, before);
    gt__free(bytes);
    return most;
}

struct worst {
    const char *what, *pattern;
    size_t size;
};

#define WORST(what, pattern)                                                                       \
    {                                                                                              \
        what, pattern, sizeof(pattern) - 1                                                         \
    }

static const struct worst patterns[] = {
    WORST("unknown varints", "\x80\x04\x01"),
    WORST("unknown empty runs", "\x82\x04\x00"),
    WORST("unknown empty groups", "\x83\x04\x84\x04"),
    WORST("the same number", "\x08\x01"),
    WORST("the same string", "\x7a\x01x"),
    WORST("the same message", "\x8a\x01\x03\xf8\x01\x00"),
    WORST("empty strings", "\xb2\x01\x00"),
    WORST("empty messages", "\xba\x01\x00"),
    WORST("empty map entries", "\xd2\x01\x00"),
    WORST("empty bytes", "\xda\x01\x00"),
    WORST("numbers one by one", "\xa8\x01\x01"),
    WORST("empty packed runs", "\xaa\x01\x00"),
    WORST("another member of a oneof each time", "\x82\x02\x01x\x8a\x02\x00\x92\x02\x01x"),
    WORST("a message with one unknown field in each", "\xba\x01\x03\x80\x04\x01"),
};

static void a_mebibyte_of_the_worst_stays_within_its_budget(void **state)
{
    (void)state;
    size_t budget = 64 * MIB + 64 * 1024;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        int error;
        size_t most = peak_of(MIB, patterns[i].pattern, patterns[i].size, &error);
        print_message("%6.1f MiB  %-9s  %s\n", (double)most / (double)MIB,
                      error ? gt_error_name(error) : "unpacked", patterns[i].what);
        assert_true(error == 0 || error == GT_ETOOBIG);
        assert_in_range(most, 0, budget);
    }
}

/* The budget's floor lets small messages of a wide type through. */
static void a_small_message_is_not_short_of_memory(void **state)
{
    (void)state;
    int error;

    size_t most = peak_of(600, "\xba\x01\x00", 3, &error);

    assert_int_equal(error, 0);
    assert_in_range(most, 200 * sizeof(Kinds__All), 64 * 1024 + 64 * 600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mebibyte_of_the_worst_stays_within_its_budget),
        cmocka_unit_test(a_small_message_is_not_short_of_memory),
    };
    gt__block_cache_close(); /* what it keeps would count as held */
    return cmocka_run_group_tests_name("protobufc_memory", tests, NULL, NULL);
}
