#include "map_entries.h"

#include "protobufc_field.h"
#include <stdio.h>
#include <stdlib.h>

/* A key is a string, a bool or an integer (see descriptor_set.c). */
static void fill_key(gt__map_entry *entry, const gt__field *key, const void *value)
{
    char *digits = entry->digits;
    entry->key = digits;
    switch (key->pb->type) {
    case PROTOBUF_C_TYPE_STRING:
        entry->key = *(const char *const *)value ? *(const char *const *)value : "";
        return;
    case PROTOBUF_C_TYPE_BOOL:
        entry->key = *(const protobuf_c_boolean *)value ? "true" : "false";
        return;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        snprintf(digits, sizeof entry->digits, "%llu",
                 (unsigned long long)*(const uint64_t *)value);
        return;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        snprintf(digits, sizeof entry->digits, "%lld", (long long)*(const int64_t *)value);
        return;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        snprintf(digits, sizeof entry->digits, "%lu", (unsigned long)*(const uint32_t *)value);
        return;
    default:
        snprintf(digits, sizeof entry->digits, "%ld", (long)*(const int32_t *)value);
        return;
    }
}

/* Equal keys stay in the order of their entries, which is that of their addresses. */
static int by_key(const void *a, const void *b)
{
    const gt__map_entry *const *left = a, *const *right = b;
    int order = strcmp((*left)->key, (*right)->key);
    if (order != 0)
        return order;
    return *left < *right ? -1 : 1;
}

static void mark_replaced(gt__map_entry *entries, size_t count)
{
    gt__map_entry **sorted = gt__calloc(count, sizeof(gt__map_entry *));
    for (size_t i = 0; i < count; i++)
        sorted[i] = &entries[i];
    qsort(sorted, count, sizeof(gt__map_entry *), by_key);
    for (size_t i = 1; i < count; i++)
        sorted[i - 1]->replaced = strcmp(sorted[i - 1]->key, sorted[i]->key) == 0;
    gt__free(sorted);
}

gt__map_entry *gt__map_read(const gt__field *map, const ProtobufCMessage *message, size_t *count)
{
    const gt__field *key = &map->message->fields[0];
    *count = gt__field_count(message, map->pb);
    if (*count == 0)
        return NULL;
    gt__map_entry *entries = gt__calloc(*count, sizeof *entries);
    for (size_t i = 0; i < *count; i++) {
        entries[i].message =
            *(const ProtobufCMessage *const *)gt__field_element(message, map->pb, i);
        fill_key(&entries[i], key, gt__field_value(entries[i].message, key->pb));
    }
    mark_replaced(entries, *count);
    return entries;
}

const gt__map_entry *gt__map_find(const gt__map_entry *entries, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (!entries[i].replaced && strcmp(entries[i].key, key) == 0)
            return &entries[i];
    return NULL;
}
