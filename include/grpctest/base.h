/* base.h - what every other header needs: visibility, spans of bytes, time, source locations.
 * Rule: nothing here allocates. Times and durations are nanoseconds in an int64_t, always. */
#ifndef GRPCTEST_BASE_H
#define GRPCTEST_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
#define GT_BEGIN_DECLS extern "C" {
#define GT_END_DECLS }
#else
#define GT_BEGIN_DECLS
#define GT_END_DECLS
#endif

/* GT_API: visible outside the shared library; everything else is hidden. */
#if defined(__GNUC__)
#define GT_API __attribute__((visibility("default")))
#define GT_MUST_USE __attribute__((warn_unused_result))
#define GT_PRINTF(format_index, first) __attribute__((format(printf, format_index, first)))
#define GT_NORETURN __attribute__((noreturn))
#else
#define GT_API
#define GT_MUST_USE
#define GT_PRINTF(format_index, first)
#define GT_NORETURN
#endif

GT_BEGIN_DECLS

/* The library's version, as numbers at compile time and as "0.1.0" at run time. */
#define GT_VERSION_MAJOR 0
#define GT_VERSION_MINOR 1
#define GT_VERSION_PATCH 0

/* Returns the version of the library that is linked, a static string such as "0.1.0". */
GT_API const char *gt_version(void);

/* An instant of a world's clock: nanoseconds since the world began. */
typedef int64_t gt_time;
/* A length of time in nanoseconds. */
typedef int64_t gt_duration;

#define GT_NS(n) ((gt_duration)(n))
#define GT_US(n) ((gt_duration)(n)*1000)
#define GT_MS(n) ((gt_duration)(n)*1000000)
#define GT_SEC(n) ((gt_duration)(n)*1000000000)
/* An instant that never comes: "no deadline". */
#define GT_NEVER INT64_MAX

/* A borrowed run of bytes. It owns nothing; `data` may be NULL when `size` is 0. */
typedef struct gt_bytes {
    const uint8_t *data;
    size_t size;
} gt_bytes;

/* A span over `size` bytes at `data`, borrowed. */
static inline gt_bytes gt_bytes_of(const void *data, size_t size)
{
    gt_bytes bytes;
    bytes.data = (const uint8_t *)data;
    bytes.size = size;
    return bytes;
}

/* A span over the characters of a string, borrowed, without its NUL; NULL gives an empty span. */
static inline gt_bytes gt_bytes_str(const char *text)
{
    return gt_bytes_of(text, text ? strlen(text) : 0);
}

/* True when both spans hold the same bytes. */
static inline bool gt_bytes_equal(gt_bytes a, gt_bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* Memory from the library's allocator, for whatever is to be freed by gt_free: `size` bytes of
 * zeros, or what is at `memory` (NULL for nothing) in a block of `size` bytes. Where there is none:
 * a sentence and abort, never NULL. */
GT_API void *gt_alloc(size_t size);
GT_API void *gt_realloc(void *memory, size_t size);

/* Frees memory that a function of this library handed to its caller (a `_take`, a `_format`, ...);
 * takes NULL. */
GT_API void gt_free(void *memory);

GT_END_DECLS

#endif
