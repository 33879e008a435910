#include "payload.h"

#include "bench.pb-c.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 65532, END_SIZE = 16 };

void bench_die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static const Bench__Block *block(void)
{
    static uint8_t bytes[BLOCK_SIZE];
    static Bench__Block message = BENCH__BLOCK__INIT;
    if (!message.data.data) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(i * 31 + i / 256);
        message.data = (ProtobufCBinaryData){sizeof bytes, bytes};
    }
    return &message;
}

static const Bench__Note *note(void)
{
    static char text[] = "fourteen bytes";
    static Bench__Note message = BENCH__NOTE__INIT;
    message.text = text;
    return &message;
}

const ProtobufCMessage *bench_message(bench_payload payload)
{
    return payload == BENCH_NOTE ? &note()->base : &block()->base;
}

static bool same_block(const Bench__Block *message, bool whole)
{
    const uint8_t *data = message->data.data, *expected = block()->data.data;
    if (message->data.len != BLOCK_SIZE)
        return false;
    if (whole)
        return memcmp(data, expected, BLOCK_SIZE) == 0;
    size_t end = BLOCK_SIZE - END_SIZE;
    return memcmp(data, expected, END_SIZE) == 0 &&
           memcmp(data + end, expected + end, END_SIZE) == 0;
}

void bench_check(bench_payload payload, const ProtobufCMessage *message, bool first)
{
    bool same = payload == BENCH_NOTE
                    ? strcmp(((const Bench__Note *)message)->text, note()->text) == 0
                    : same_block((const Bench__Block *)message, first);
    if (!same)
        bench_die("a message arrived that is not the one that was sent");
}
