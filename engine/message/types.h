/* types.h - the inside of gt_types: message types as protobuf-c descriptors, and what these lack.
 * Rule: a type's fields stand in the order of its descriptor's, which is that of their numbers; a
 * type that is found in a collection is whole. */
#ifndef GRPCTEST_ENGINE_MESSAGE_TYPES_H
#define GRPCTEST_ENGINE_MESSAGE_TYPES_H

#include "arena.h"
#include "message_error.h"
#include <protobuf-c/protobuf-c.h>

/* The messages of google.protobuf that text or JSON writes in a way of their own. */
typedef enum gt__known {
    GT__KNOWN_NONE,
    GT__KNOWN_ANY,
    GT__KNOWN_TIMESTAMP,
    GT__KNOWN_DURATION,
    GT__KNOWN_FIELD_MASK,
    GT__KNOWN_STRUCT,
    GT__KNOWN_VALUE,
    GT__KNOWN_LIST,
    GT__KNOWN_WRAPPER,
    GT__KNOWN_EMPTY, /* no form of its own, but in an Any it stands as one that has */
} gt__known;

/* What is known of a field besides its descriptor. */
typedef struct gt__field {
    const ProtobufCFieldDescriptor *pb;
    const char *json_name;
    const char *oneof;              /* its name; NULL outside of one, and from generated code */
    const gt_message_type *message; /* of a message field */
    bool is_map;
    bool closed; /* an enum that has no other numbers than its own */
    /* What it is when unset, as the set writes it ("42", "RED"); NULL: zero. */
    const char *default_text;
} gt__field;

struct gt_message_type {
    const char *name;
    const gt_types *types;
    const ProtobufCMessageDescriptor *pb;
    gt__field *fields;
    gt__known known;
    bool is_map_entry;
};

/* An enum of a set. */
typedef struct gt__enum_type {
    ProtobufCEnumDescriptor pb;
    bool closed;
    const char *first; /* the value that is the default where nothing else is said */
} gt__enum_type;

/* The field of a name or number, or NULL. */
const gt__field *gt__type_field(const gt_message_type *type, const char *name);
const gt__field *gt__type_field_numbered(const gt_message_type *type, uint32_t number);

/* Unpacks bytes, guarded; `*message` is for gt_protobufc_release. 0, GT_EINVAL, GT_ETOOBIG. */
int gt__message_unpack(const gt_message_type *type, gt_bytes bytes, ProtobufCMessage **message,
                       gt_message_error *error);

/* The type that an Any's URL speaks of (what follows its last '/'), or NULL. */
const gt_message_type *gt__types_of_url(const gt_types *types, const char *url);

/* The JSON name that `name` has when none is given: lowerCamelCase. */
char *gt__json_name_of(gt__arena *arena, const char *name);
/* What a message is, by its name and, as anybody may call a message so, by its fields. */
gt__known gt__known_of(const ProtobufCMessageDescriptor *pb);

/* ---- adding: a batch is built on the side, and becomes part of the whole if all of it is right */

typedef struct gt__named {
    const char *name;
    void *thing; /* a gt_message_type, gt__enum_type, gt_method_type, or a file's gt_bytes */
} gt__named;

typedef struct gt__names {
    gt__named *all;
    size_t count, capacity;
} gt__names;

typedef struct gt__batch {
    gt_types *types;
    gt__arena arena;
    gt__names messages, enums, methods, files; /* unsorted until gt__names_sort */
} gt__batch;

void gt__names_add(gt__names *names, const char *name, void *thing);
/* Sorts; gives a name that comes twice, or NULL. */
const char *gt__names_sort(gt__names *names);
/* The thing of a name, or NULL; `names` are sorted. */
void *gt__names_find(const gt__names *names, const char *name);

gt__batch gt__batch_begin(gt_types *types);
/* Frees a batch that failed. */
void gt__batch_drop(gt__batch *batch);
/* Makes it part of its collection, which has none of its names. */
void gt__batch_keep(gt__batch *batch);
/* A message type of the batch or of the collection, or NULL; the batch's messages are sorted. */
const gt_message_type *gt__batch_message(const gt__batch *batch, const char *name);

/* As gt__batch_message. */
const gt__enum_type *gt__batch_enum(const gt__batch *batch, const char *name);
/* The file of a name that the collection has, or NULL. */
const gt_bytes *gt__types_file(const gt_types *types, const char *name);
/* A message, enum or method of the batch (all sorted) that the collection has already, or NULL. */
const char *gt__batch_clash(const gt__batch *batch);

#endif
