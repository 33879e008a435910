/* field.h - the fields of a message: read by path, and compared field by field.
 * Rule: what is read is borrowed from its message; a path that its type cannot have is an error,
 * and one that leads to nothing in this message is no error, but a field that is not set. */
#ifndef GRPCTEST_FIELD_H
#define GRPCTEST_FIELD_H

#include <grpctest/message.h>

GT_BEGIN_DECLS

/* ---- messages, unpacked ---------------------------------------------------------------------- */

/* A message whose fields can be read. */
typedef struct gt_message gt_message;

/* Unpacks bytes that may be hostile; `*message` is the caller's (gt_message_free), and NULL after
 * an error. GT_EINVAL or GT_ETOOBIG as gt_protobufc_unpack. */
GT_API GT_MUST_USE int gt_message_unpack(const gt_message_type *type, gt_bytes bytes,
                                         gt_message **message, gt_message_error *error);
/* Takes NULL. */
GT_API void gt_message_free(gt_message *message);

/* ---- fields ---------------------------------------------------------------------------------- */

typedef enum gt_field_kind {
    GT_FIELD_BOOL,
    GT_FIELD_INTEGER,  /* signed, of 32 or 64 bits */
    GT_FIELD_UNSIGNED, /* of 32 or 64 bits */
    GT_FIELD_REAL,     /* float or double */
    GT_FIELD_ENUM,
    GT_FIELD_TEXT, /* a string */
    GT_FIELD_BYTES,
    GT_FIELD_MESSAGE,
    GT_FIELD_LIST, /* a repeated field as a whole */
    GT_FIELD_MAP,  /* a map as a whole */
    GT_FIELD_ONEOF /* which member of it is set, by name */
} gt_field_kind;

/* What a path leads to. Its value is in the member that its kind says, and is the default value
 * when it is not set. */
typedef struct gt_field {
    gt_field_kind kind;
    /* Whether the message has it. A field without presence of its own (of proto3, not `optional`)
     * is set when it is not zero; a list or map, when it is not empty. */
    bool is_set;
    bool boolean;
    int64_t integer; /* INTEGER; ENUM: its number */
    uint64_t whole;  /* UNSIGNED */
    double real;
    gt_bytes bytes;              /* TEXT; BYTES; MESSAGE: serialized */
    const char *text;            /* TEXT; ENUM: its name, or NULL; ONEOF: the member, or NULL */
    size_t count;                /* LIST, MAP */
    const gt_message_type *type; /* MESSAGE, and LIST or MAP of messages */
} gt_field;

/* Finds the field of a path: names as in the .proto, or JSON names, with dots between them; an
 * element of a list by its index from 0, an entry of a map by its key; the name of a oneof for the
 * member that is set; "" for the message itself:
 *     user.id   items[2].name   labels["k"]   ages[7]   flags[true]   choice
 * An index past the end, a key that is not there, and what is inside a message that is not set, are
 * not set. GT_EINVAL for a path that the type does not have, with its column and how far it came.
 */
GT_API GT_MUST_USE int gt_message_get(gt_message *message, const char *path, gt_field *field,
                                      gt_message_error *error);

/* Whether messages of the type have this path at all: 0, or GT_EINVAL as gt_message_get. `field`
 * (may be NULL) is what it leads to in a message that is empty. */
GT_API GT_MUST_USE int gt_message_type_path(const gt_message_type *type, const char *path,
                                            gt_field *field, gt_message_error *error);

/* ---- differences ------------------------------------------------------------------------------
 */

/* How two messages are compared; NULL and zeros: all of them, in order. */
typedef struct gt_diff_options {
    bool partial;   /* only what is set in the expected one, on every level; of a map these keys */
    bool any_order; /* the elements of lists may come in any order */
} gt_diff_options;

/* Compares two messages of one type field by field: how they were serialized makes no difference,
 * a map has no order, NaN equals NaN, an Any of a known type is compared by its fields. Returns the
 * number of differences, 0 for none, and adds a line to `text` for each of the first 20, long
 * values cut; with NULL for `text` it stops at the first. user.id: expected 7, got 8 user.tags[2]:
 * expected "x", got nothing Messages of two types are misuse. */
GT_API size_t gt_message_diff(gt_message *expected, gt_message *actual,
                              const gt_diff_options *options, gt_buffer *text);

GT_END_DECLS

#endif
