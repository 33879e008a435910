/* known_text.h - instants, durations and field masks as the strings that JSON has for them.
 * Rule: what is out of their ranges is neither written nor read. */
#ifndef GRPCTEST_ENGINE_MESSAGE_KNOWN_TEXT_H
#define GRPCTEST_ENGINE_MESSAGE_KNOWN_TEXT_H

#include "engine/core/core.h"

/* "1970-01-01T00:00:00.5Z" (RFC 3339), of the years 1 to 9999; a fraction has 0, 3, 6 or 9 digits.
 * Read with any offset and up to 9 digits. */
GT_MUST_USE bool gt__timestamp_add(gt__buffer *out, int64_t seconds, int32_t nanos);
GT_MUST_USE bool gt__timestamp_read(const char *text, int64_t *seconds, int32_t *nanos);

/* "-1.5s", of up to 10,000 years. */
GT_MUST_USE bool gt__duration_add(gt__buffer *out, int64_t seconds, int32_t nanos);
GT_MUST_USE bool gt__duration_read(const char *text, int64_t *seconds, int32_t *nanos);

/* One path of a mask: "foo_bar.baz" is written "fooBar.baz"; false when it would not be read back
 * as it was. */
GT_MUST_USE bool gt__mask_path_add(gt__buffer *out, const char *path);
/* Back again, of `size` characters. */
GT_MUST_USE bool gt__mask_path_read(gt__buffer *out, const char *path, size_t size);

#endif
