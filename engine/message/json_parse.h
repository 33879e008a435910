/* json_parse.h - the inside of reading JSON, which two files share.
 * Rule: a reader's path grows and shrinks with the descent; the first fault ends it. */
#ifndef GRPCTEST_ENGINE_MESSAGE_JSON_PARSE_H
#define GRPCTEST_ENGINE_MESSAGE_JSON_PARSE_H

#include "json_source.h"
#include "types.h"

typedef struct gt__json_reader {
    const char *text;
    gt_json_read_options options;
    gt__buffer path;
    unsigned depth;
    gt_message_error *error;
} gt__json_reader;

/* GT_EINVAL, with the place of the node and the path. */
int gt__json_fail(gt__json_reader *reader, size_t at, const char *format, ...) GT_PRINTF(3, 4);
/* The node is of another kind than what is due. */
int gt__json_expected(gt__json_reader *reader, const gt__json *node, const char *what);

/* Reads a message of any type into a new one. 0 or GT_EINVAL. */
int gt__json_read_message(gt__json_reader *reader, const gt_message_type *type,
                          const gt__json *node, ProtobufCMessage *message);
/* Reads one value into its place. */
int gt__json_read_value(gt__json_reader *reader, const gt__field *field, const gt__json *node,
                        void *value);
/* Reads the members of an object as fields; one of the name `except` (may be NULL) is none. */
int gt__json_read_fields(gt__json_reader *reader, const gt_message_type *type, const gt__json *node,
                         const char *except, ProtobufCMessage *message);

/* Reads a message of one of the known types that have a form of their own (json_known_parse.c). */
int gt__json_read_known(gt__json_reader *reader, const gt_message_type *type, const gt__json *node,
                        ProtobufCMessage *message);

#endif
