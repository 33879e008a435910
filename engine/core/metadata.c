/* Entries live in one array in order of arrival; each is one block: the key, its NUL, the value,
 * its NUL. Calls carry a handful, so a scan beats a hash, and order costs nothing. */
#include "metadata.h"

#include <grpctest/error.h>

typedef struct entry {
    char *key; /* the block */
    size_t key_size, value_size;
} entry;

struct gt_metadata {
    entry *entries;
    size_t count, capacity;
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_key(const char *stored, const char *key)
{
    while (*stored && *stored == lower(*key)) {
        stored++;
        key++;
    }
    return *stored == '\0' && *key == '\0';
}

static gt_bytes value_of(const entry *e)
{
    return gt_bytes_of(e->key + e->key_size + 1, e->value_size);
}

gt_metadata *gt_metadata_new(void)
{
    return gt__new(gt_metadata);
}

static void clear(gt_metadata *metadata)
{
    for (size_t i = 0; i < metadata->count; i++)
        gt__free(metadata->entries[i].key);
    metadata->count = 0;
}

void gt_metadata_free(gt_metadata *metadata)
{
    if (!metadata)
        return;
    clear(metadata);
    gt__free(metadata->entries);
    gt__free(metadata);
}

void gt__metadata_add(gt_metadata *metadata, const char *key, size_t key_size, gt_bytes value)
{
    if (metadata->count == metadata->capacity) {
        metadata->capacity = metadata->capacity ? metadata->capacity * 2 : 4;
        metadata->entries =
            gt__realloc(metadata->entries, metadata->capacity * sizeof *metadata->entries);
    }
    char *block = gt__malloc(key_size + value.size + 2);
    for (size_t i = 0; i < key_size; i++)
        block[i] = lower(key[i]);
    block[key_size] = '\0';
    if (value.size > 0)
        memcpy(block + key_size + 1, value.data, value.size);
    block[key_size + 1 + value.size] = '\0';
    metadata->entries[metadata->count++] = (entry){block, key_size, value.size};
}

gt_metadata *gt_metadata_clone(const gt_metadata *metadata)
{
    gt_metadata *copy = gt_metadata_new();
    gt_metadata_join(copy, metadata);
    return copy;
}

void gt_metadata_join(gt_metadata *metadata, const gt_metadata *other)
{
    /* Counted first: joining a metadata to itself doubles it and ends. */
    size_t count = gt_metadata_count(other);
    for (size_t i = 0; i < count; i++) {
        entry e = other->entries[i];
        gt__metadata_add(metadata, e.key, e.key_size, value_of(&e));
    }
}

int gt_metadata_append(gt_metadata *metadata, const char *key, const char *value)
{
    gt_bytes bytes = gt_bytes_str(value);
    if (gt__key_is_binary(key, strlen(key)) || gt_metadata_explain(key, bytes))
        return GT_EINVAL;
    gt__metadata_add(metadata, key, strlen(key), bytes);
    return 0;
}

int gt_metadata_append_bin(gt_metadata *metadata, const char *key, gt_bytes value)
{
    if (!gt__key_is_binary(key, strlen(key)) || gt_metadata_explain(key, value))
        return GT_EINVAL;
    gt__metadata_add(metadata, key, strlen(key), value);
    return 0;
}

int gt_metadata_set(gt_metadata *metadata, const char *key, gt_bytes value)
{
    if (gt_metadata_explain(key, value))
        return GT_EINVAL;
    /* Added before the removal: key and value may be borrowed from this very metadata. */
    gt__metadata_add(metadata, key, strlen(key), value);
    entry added = metadata->entries[--metadata->count];
    gt_metadata_remove(metadata, added.key);
    metadata->entries[metadata->count++] = added;
    return 0;
}

size_t gt_metadata_remove(gt_metadata *metadata, const char *key)
{
    /* Copied: the key may be borrowed from an entry that goes. */
    char *wanted = gt__strdup(key);
    size_t kept = 0, count = metadata->count;
    for (size_t i = 0; i < count; i++) {
        if (same_key(metadata->entries[i].key, wanted))
            gt__free(metadata->entries[i].key);
        else
            metadata->entries[kept++] = metadata->entries[i];
    }
    gt__free(wanted);
    metadata->count = kept;
    return count - kept;
}

size_t gt_metadata_count(const gt_metadata *metadata)
{
    return metadata ? metadata->count : 0;
}

gt_metadata_entry gt_metadata_at(const gt_metadata *metadata, size_t index)
{
    if (index >= gt_metadata_count(metadata))
        gt__misuse("gt_metadata_at: there is no entry %zu, only %zu", index,
                   gt_metadata_count(metadata));
    const entry *e = &metadata->entries[index];
    return (gt_metadata_entry){.key = e->key, .value = value_of(e)};
}

int gt_metadata_get_bytes(const gt_metadata *metadata, const char *key, size_t nth, gt_bytes *value)
{
    for (size_t i = 0; i < gt_metadata_count(metadata); i++) {
        if (same_key(metadata->entries[i].key, key) && nth-- == 0) {
            *value = value_of(&metadata->entries[i]);
            return 0;
        }
    }
    *value = gt_bytes_of(NULL, 0);
    return GT_ENOENT;
}

const char *gt_metadata_get(const gt_metadata *metadata, const char *key)
{
    gt_bytes value;
    return gt_metadata_get_bytes(metadata, key, 0, &value) == 0 ? (const char *)value.data : NULL;
}

/* ---- rule D1 ------------------------------------------------------------------------------- */

bool gt__key_is_binary(const char *key, size_t size)
{
    static const char suffix[] = "-bin";
    if (size < 4)
        return false;
    for (int i = 0; i < 4; i++)
        if (lower(key[size - 4 + (size_t)i]) != suffix[i])
            return false;
    return true;
}

static bool is_reserved(const char *key)
{
    static const char *const names[] = {
        "content-type", "te",         "user-agent",        "host",    "content-length",
        "connection",   "keep-alive", "transfer-encoding", "upgrade", "proxy-connection",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (same_key(names[i], key))
            return true;
    return false;
}

static bool starts_with_grpc(const char *key)
{
    static const char prefix[] = "grpc-";
    for (int i = 0; i < 5; i++)
        if (lower(key[i]) != prefix[i])
            return false;
    return true;
}

static const char *explain_key(const char *key)
{
    if (key[0] == '\0')
        return "the key is empty";
    if (key[0] == ':')
        return "keys that start with ':' are HTTP/2's own";
    for (const char *p = key; *p; p++) {
        char c = lower(*p);
        bool fine =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '_' || c == '-' || c == '.';
        if (!fine)
            return "the key has a character other than 0-9 a-z _ - .";
    }
    if (starts_with_grpc(key))
        return "keys that start with \"grpc-\" are gRPC's own";
    if (is_reserved(key))
        return "the key is one that the library or HTTP/2 sets itself";
    return NULL;
}

static const char *explain_text(gt_bytes value)
{
    for (size_t i = 0; i < value.size; i++)
        if (value.data[i] < 0x20 || value.data[i] > 0x7e)
            return "the value is not printable ASCII (bytes go under a key that ends in \"-bin\")";
    if (value.size > 0 && (value.data[0] == ' ' || value.data[value.size - 1] == ' '))
        return "the value has a space at an edge, which peers may drop";
    return NULL;
}

const char *gt_metadata_explain(const char *key, gt_bytes value)
{
    const char *reason = explain_key(key);
    if (!reason && !gt__key_is_binary(key, strlen(key)))
        reason = explain_text(value);
    return reason;
}
