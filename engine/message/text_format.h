/* text_format.h - a message of protobuf-c's as text format.
 * Rule: one writer for a person's transcripts, which cut what is long, and for text to be read
 * back.
 */
#ifndef GRPCTEST_ENGINE_MESSAGE_TEXT_FORMAT_H
#define GRPCTEST_ENGINE_MESSAGE_TEXT_FORMAT_H

#include "types.h"

typedef struct gt__text_style {
    bool brief;            /* cut what is long and tell its size */
    bool multiline;        /* a field per line, else all on one */
    const gt_types *types; /* of the messages in an Any; NULL: left packed */
} gt__text_style;

/* One value, or an unknown field's, brief and on one line. */
void gt__text_write_value(gt__buffer *out, const ProtobufCFieldDescriptor *field,
                          const void *value);
void gt__text_write_unknown(gt__buffer *out, const ProtobufCMessageUnknownField *field);

void gt__text_write(gt__buffer *out, const ProtobufCMessage *message, const gt__text_style *style);

#endif
