/* payload.h - the two messages that are sent, and the check that they arrived.
 * Rule: the same for the floor and for ours, so that both do the same work around HTTP/2. */
#ifndef GRPCTEST_BENCH_PAYLOAD_H
#define GRPCTEST_BENCH_PAYLOAD_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

/* Ends the program with a sentence: what did not work cannot be measured. */
_Noreturn void bench_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

typedef enum bench_payload {
    BENCH_NOTE, /* 16 bytes, packed */
    BENCH_BLOCK /* 64 KiB, packed */
} bench_payload;

/* Static, not to be changed. */
const ProtobufCMessage *bench_message(bench_payload payload);

/* Dies unless `message` equals bench_message(payload). A block that is not the first of its stream
 * is compared at both ends only, lest the comparing be measured. */
void bench_check(bench_payload payload, const ProtobufCMessage *message, bool first);

#endif
