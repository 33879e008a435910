/* types_kit.h - the set of all .proto files here, and short words for tests that work on it.
 * Rule: include it after cmocka.h; types_setup and types_teardown are a group's fixture. */
#ifndef GRPCTEST_ENGINE_MESSAGE_TYPES_KIT_H
#define GRPCTEST_ENGINE_MESSAGE_TYPES_KIT_H

#include "engine/core/core.h"
#include <grpctest/message.h>

/* Of the running group. */
extern gt_types *types;

int types_setup(void **state);
int types_teardown(void **state);

/* A type that has to be there. */
const gt_message_type *type_of(const char *name);

/* The bytes of a message given as text, which has to be right; the caller cleans up. */
gt_buffer bytes_of(const char *type, const char *text);

/* Asserts what a message is as text on one line, or that text is what is wrong with a text. */
void assert_text(const char *type, gt_bytes message, const char *expected);
void assert_text_refused(const char *type, const char *text, const char *expected);
/* The text is read and written again, as `expected`. */
void assert_text_becomes(const char *type, const char *text, const char *expected);

/* Asserts the bytes, given as a string literal. */
#define assert_bytes(buffer, literal)                                                              \
    do {                                                                                           \
        assert_int_equal((buffer)->size, sizeof(literal) - 1);                                     \
        assert_memory_equal((buffer)->data, literal, sizeof(literal) - 1);                         \
    } while (0)

#endif
