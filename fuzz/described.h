/* described.h - what the targets of described messages share: the types of the tests' set.
 * Rule: the types are made once, before a run's memory is counted. */
#ifndef GRPCTEST_FUZZ_DESCRIBED_H
#define GRPCTEST_FUZZ_DESCRIBED_H

#include "fuzz.h"
#include <grpctest/field.h>

/* A type of the set that a byte picks. */
const gt_message_type *described_type(uint8_t which);
/* All types of the set. */
gt_types *described_types(void);

/* The rest of the input as a string (up to a NUL), freed with gt__free. */
char *described_text(fuzz_input *in);

/* An error says why, and a success says nothing; cleans it up. */
void described_check_error(int failed, gt_message_error *error);
/* Two messages of the type that are to be one, and `text` that stands between them. */
void described_check_same(const gt_message_type *type, gt_bytes one, gt_bytes other,
                          const char *text);

#endif
