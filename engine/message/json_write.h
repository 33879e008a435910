/* json_write.h - the inside of writing JSON, which two files share.
 * Rule: a writer's path grows and shrinks with the descent; what JSON cannot say ends it with an
 * error, and what was written by then is dropped. */
#ifndef GRPCTEST_ENGINE_MESSAGE_JSON_WRITE_H
#define GRPCTEST_ENGINE_MESSAGE_JSON_WRITE_H

#include "types.h"

typedef struct gt__json_writer {
    gt__buffer *out;
    gt_json_options options;
    gt__buffer path;
    unsigned depth;  /* of brackets, for the indentation */
    unsigned nested; /* of messages in messages, through any number of Anys */
    gt_message_error *error;
} gt__json_writer;

int gt__json_refuse(gt__json_writer *writer, const char *format, ...) GT_PRINTF(2, 3);

/* Brackets, and what comes before each thing in them (`first`: nothing has). */
void gt__json_open(gt__json_writer *writer, char bracket);
void gt__json_next(gt__json_writer *writer, bool *first);
void gt__json_close(gt__json_writer *writer, char bracket, bool empty);
/* "key": */
void gt__json_write_key(gt__json_writer *writer, const char *key);
void gt__json_write_string(gt__json_writer *writer, const char *text);

/* Writes a message (NULL: one that is empty). 0 or GT_EINVAL. */
int gt__json_write_message(gt__json_writer *writer, const gt_message_type *type,
                           const ProtobufCMessage *message);
int gt__json_write_value(gt__json_writer *writer, const gt__field *field, const void *value);
/* Writes fields as members; `*first` as for gt__json_next. */
int gt__json_write_fields(gt__json_writer *writer, const gt_message_type *type,
                          const ProtobufCMessage *message, bool *first);
int gt__json_write_map(gt__json_writer *writer, const gt__field *field,
                       const ProtobufCMessage *message);
int gt__json_write_list(gt__json_writer *writer, const gt__field *field,
                        const ProtobufCMessage *message);

/* Writes a message of one of the known types that have a form of their own (json_known_format.c).
 */
int gt__json_write_known(gt__json_writer *writer, const gt_message_type *type,
                         const ProtobufCMessage *message);

#endif
