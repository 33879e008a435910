/* message_error.h - making the error that tells where in a text or message something is wrong.
 * Rule: the first fault is told; `error` may be NULL wherever one is taken. */
#ifndef GRPCTEST_ENGINE_MESSAGE_MESSAGE_ERROR_H
#define GRPCTEST_ENGINE_MESSAGE_MESSAGE_ERROR_H

#include "engine/core/core.h"
#include <grpctest/message.h>

/* A place in a text, both from 1; zeros: none. */
typedef struct gt__place {
    size_t line, column;
} gt__place;

/* The place of the byte `at` (which is not past the end) of a text; columns count characters. */
gt__place gt__place_of(const char *text, size_t at);

/* Zeros it, for success. */
void gt__message_error_init(gt_message_error *error);
/* Fills it in and returns `code`. `field` may be NULL. */
int gt__message_error_set(gt_message_error *error, int code, gt__place place, const char *field,
                          const char *format, ...) GT_PRINTF(5, 6);
/* The same for a sentence that is whole, which it takes and frees. */
int gt__message_error_take(gt_message_error *error, int code, char *text);

#endif
