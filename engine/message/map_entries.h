/* map_entries.h - a map's entries by their keys.
 * Rule: of several entries with one key the last counts, and the others are as good as not there.
 */
#ifndef GRPCTEST_ENGINE_MESSAGE_MAP_ENTRIES_H
#define GRPCTEST_ENGINE_MESSAGE_MAP_ENTRIES_H

#include "types.h"

typedef struct gt__map_entry {
    const char *key; /* as text; of a string borrowed from the message */
    char digits[24]; /* the key, when it is a number */
    const ProtobufCMessage *message;
    bool replaced; /* by a later one */
} gt__map_entry;

/* All entries of the map, in the order they came; freed with gt__free, and not to be moved. NULL
 * when there are none. */
gt__map_entry *gt__map_read(const gt__field *map, const ProtobufCMessage *message, size_t *count);
/* The one that counts, or NULL. */
const gt__map_entry *gt__map_find(const gt__map_entry *entries, size_t count, const char *key);

#endif
