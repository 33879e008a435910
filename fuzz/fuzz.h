/* fuzz.h - what every target stands on: choices out of the fuzzer's bytes, checks, counted memory.
 * Rule: a run depends on its bytes alone, and leaves no memory behind. */
#ifndef GRPCTEST_FUZZ_FUZZ_H
#define GRPCTEST_FUZZ_FUZZ_H

#include "engine/core/core.h"

/* A target: one run over these bytes. Returns 0; a find ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- choices (input.c) ---------------------------------------------------------------------- */

/* Where choices come from: bytes, and when they are used up, random numbers where there are any, or
 * else zeros. */
typedef struct fuzz_input {
    gt_bytes bytes;
    size_t at;
    gt__random *random;
} fuzz_input;

static inline bool fuzz_more(const fuzz_input *in)
{
    return in->at < in->bytes.size;
}

uint8_t fuzz_byte(fuzz_input *in);
/* Big-endian, of so many bytes (4 at most). */
uint32_t fuzz_number(fuzz_input *in, size_t bytes);
/* The next `size` bytes, or what there is of them. */
gt_bytes fuzz_span(fuzz_input *in, size_t size);
/* The same, with the size in a byte before them. */
gt_bytes fuzz_short_span(fuzz_input *in);
/* All that is left. */
gt_bytes fuzz_rest(fuzz_input *in);

/* ---- checks --------------------------------------------------------------------------------- */

/* Says what does not hold, and ends the process. */
GT_NORETURN void fuzz_find(const char *file, int line, const char *format, ...) GT_PRINTF(3, 4);

#define FUZZ_CHECK(condition, ...)                                                                 \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fuzz_find(__FILE__, __LINE__, __VA_ARGS__);                                            \
    } while (0)

/* ---- memory (memory.c): every block of the library, counted where the linker asks for --wrap --
 */

/* Opens a run: the library keeps no freed blocks, so that what is counted is what is used. */
void fuzz_memory_begin(void);
/* Closes it: all that it took was given back. */
void fuzz_memory_end(void);
/* Bytes in blocks now; the most there were since the last mark. */
size_t fuzz_memory_held(void);
void fuzz_memory_mark(void);
size_t fuzz_memory_peak(void);

#endif
