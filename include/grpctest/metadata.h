/* metadata.h - the ordered multimap of keys and values that travels with a call (scenario S3).
 * Rule: keys are lower case and values keep their order, and so do keys (rules D1, D3); a key that
 * ends in "-bin" carries bytes, any other printable ASCII. */
#ifndef GRPCTEST_METADATA_H
#define GRPCTEST_METADATA_H

#include <grpctest/base.h>

GT_BEGIN_DECLS

/* Never shared between threads; owns copies of all that is put in. */
typedef struct gt_metadata gt_metadata;

/* One entry, borrowed from its metadata until that is changed or freed. `key` is lower case;
 * `value` is followed by a NUL that is not counted, so text values read as strings. */
typedef struct gt_metadata_entry {
    const char *key;
    gt_bytes value;
} gt_metadata_entry;

/* A new, empty metadata. The caller owns it: gt_metadata_free. */
GT_API gt_metadata *gt_metadata_new(void);
GT_API void gt_metadata_free(gt_metadata *metadata);

/* A copy that the caller owns; NULL reads as empty. */
GT_API gt_metadata *gt_metadata_clone(const gt_metadata *metadata);

/* Appends a text value. The key may be in any case and is stored in lower case. Errors (nothing is
 * stored then): GT_EINVAL for a key with a character outside [0-9a-z_.-], a key that is the
 * library's own ("grpc-...", ":...", "content-type", "content-length", "te", "user-agent", and the
 * names of the connection level, "host" among them),
 * a "-bin" key, or a value that is not printable ASCII or has a space at an edge (rule D1).
 * gt_metadata_explain tells which. */
GT_API GT_MUST_USE int gt_metadata_append(gt_metadata *metadata, const char *key,
                                          const char *value);

/* Appends bytes under a key that ends in "-bin" (rule D2). Errors as for gt_metadata_append;
 * GT_EINVAL when the key does not end in "-bin". */
GT_API GT_MUST_USE int gt_metadata_append_bin(gt_metadata *metadata, const char *key,
                                              gt_bytes value);

/* As gt_metadata_append, for a text key, or gt_metadata_append_bin, for a "-bin" key; the values
 * already under this key are removed first. On error nothing is changed. */
GT_API GT_MUST_USE int gt_metadata_set(gt_metadata *metadata, const char *key, gt_bytes value);

/* A new metadata of `count` pairs; "-bin" values are text here. Or NULL with a sentence in
 * `*reason` (freed with gt_free; may be NULL) when one is refused. */
GT_API gt_metadata *gt_metadata_from(const char *const (*pairs)[2], size_t count, char **reason);

/* One "key: value" a line, a "-bin" value in base64; and back, where blank lines are passed over.
 * The text is freed with gt_free. Parsing gives NULL with line and reason in `*reason` (as above).
 */
GT_API char *gt_metadata_format(const gt_metadata *metadata);
GT_API gt_metadata *gt_metadata_parse(const char *text, char **reason);

/* True when both hold the same entries in the same order; NULL reads as empty. */
GT_API bool gt_metadata_equal(const gt_metadata *a, const gt_metadata *b);

/* Removes all values under `key` (any case) and returns how many there were. */
GT_API size_t gt_metadata_remove(gt_metadata *metadata, const char *key);

/* Appends every entry of `other` (NULL reads as empty), in order. */
GT_API void gt_metadata_join(gt_metadata *metadata, const gt_metadata *other);

/* The number of entries; 0 for NULL. */
GT_API size_t gt_metadata_count(const gt_metadata *metadata);

/* The entry at `index`, in order of arrival; misuse (abort) when there is none. */
GT_API gt_metadata_entry gt_metadata_at(const gt_metadata *metadata, size_t index);

/* The first value under `key` (any case) as a string, or NULL. Borrowed until the metadata is
 * changed or freed. For a "-bin" key use gt_metadata_get_bytes. */
GT_API const char *gt_metadata_get(const gt_metadata *metadata, const char *key);

/* The `nth` value (from 0) under `key` (any case) into `*value`. 0, or GT_ENOENT. */
GT_API GT_MUST_USE int gt_metadata_get_bytes(const gt_metadata *metadata, const char *key,
                                             size_t nth, gt_bytes *value);

/* Why this key and value would be refused, as a static sentence; NULL when they are fine. */
GT_API const char *gt_metadata_explain(const char *key, gt_bytes value);

GT_END_DECLS

#endif
