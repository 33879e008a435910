/* coding.h - the small text codings of gRPC over HTTP/2: time-outs, percent, base64, numbers.
 * Rule: encoders write what the rules say; decoders take whatever a peer sends and never fail
 * harder than their contract says. */
#ifndef GRPCTEST_ENGINE_CORE_CODING_H
#define GRPCTEST_ENGINE_CORE_CODING_H

#include "core.h"

/* ---- grpc-timeout (rule R5) ---- */

/* The longest a value gets: eight digits, a unit, a NUL. */
#define GT__TIMEOUT_SIZE 10
/* Writes `timeout` in the finest unit that fits in 8 digits, rounded up; "0n" when it is not
 * positive (which rule R5 forbids to send). */
void gt__timeout_encode(gt_duration timeout, char out[GT__TIMEOUT_SIZE]);
/* 0, or GT_EINVAL when malformed (rule R5b). What is longer than a gt_duration reads GT_NEVER. */
int gt__timeout_decode(const char *text, size_t size, gt_duration *timeout);

/* ---- grpc-message (rule T3) ---- */

/* Adds `text` with everything outside 0x20-0x7E, and '%', as %XX. */
void gt__percent_encode(gt__buffer *out, const char *text, size_t size);
/* True when this may be what encoding makes: printable ASCII, each '%' before two digits. */
bool gt__percent_is_coded(const char *text, size_t size);
/* Never fails: a broken escape stays as it is, and so does "%00", which would cut the string short.
 * The result is freed with gt__free. */
char *gt__percent_decode(const char *text, size_t size);

/* ---- base64 of "-bin" values (rule D2) ---- */

/* Adds the value in base64 without padding. */
void gt__base64_encode(gt__buffer *out, gt_bytes value);
/* Adds the bytes of one value, padded or not. GT_EINVAL when it is no base64 (nothing is added): a
 * character outside the standard alphabet, an impossible length, padding that does not fill the
 * last group. Bits of the last digit that belong to no byte are not looked at: peers differ, and
 * they carry nothing. */
int gt__base64_decode(gt__buffer *out, const char *text, size_t size);

/* ---- grpc-status (rules T1, T7) ---- */

/* The code, or GT_UNKNOWN for what is no number or not in 0-16. `*exact` is false when it was not
 * written as T1 says (leading zeros, no number, out of range). */
int gt__status_decode(const char *text, size_t size, bool *exact);

#endif
