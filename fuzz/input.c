#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

uint8_t fuzz_byte(fuzz_input *in)
{
    if (fuzz_more(in))
        return in->bytes.data[in->at++];
    return in->random ? (uint8_t)gt__random_next(in->random) : 0;
}

uint32_t fuzz_number(fuzz_input *in, size_t bytes)
{
    uint32_t number = 0;
    while (bytes-- > 0)
        number = number << 8 | fuzz_byte(in);
    return number;
}

gt_bytes fuzz_span(fuzz_input *in, size_t size)
{
    size_t left = in->bytes.size - in->at;
    gt_bytes span = gt_bytes_of(in->bytes.data + in->at, size < left ? size : left);
    in->at += span.size;
    return span;
}

gt_bytes fuzz_short_span(fuzz_input *in)
{
    return fuzz_span(in, fuzz_byte(in));
}

gt_bytes fuzz_rest(fuzz_input *in)
{
    return fuzz_span(in, SIZE_MAX);
}

void fuzz_find(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    abort();
}
