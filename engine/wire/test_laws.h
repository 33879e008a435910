/* test_laws.h - laws: tests that everything of a kind is put through, by chapters.
 * Rule: a law finds in *state what the set-up of its chapter made of the kind. */
#ifndef GRPCTEST_ENGINE_WIRE_TEST_LAWS_H
#define GRPCTEST_ENGINE_WIRE_TEST_LAWS_H

#include <stddef.h>

typedef struct law {
    const char *name;
    void (*test)(void **state);
} law;

typedef struct law_chapter {
    const law *laws;
    size_t count;
} law_chapter;

#define LAW(test)                                                                                  \
    {                                                                                              \
#test, test                                                                                \
    }
#define CHAPTER(laws)                                                                              \
    {                                                                                              \
        laws, sizeof laws / sizeof laws[0]                                                         \
    }

/* Runs a chapter over a kind, whose name is shown beside each law; the number of failures. The
 * set-up finds the kind itself in *state. */
int run_laws(const char *kind_name, const void *kind, const law_chapter *chapter,
             int (*set_up)(void **state), int (*tear_down)(void **state));

#endif
