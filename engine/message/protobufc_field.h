/* protobufc_field.h - reading and writing a protobuf-c message's fields by their descriptors.
 * Rule: presence is read from a field's label and quantifier offset, not from the syntax, as
 * descriptors made at run time may say more than generated ones. */
#ifndef GRPCTEST_ENGINE_MESSAGE_PROTOBUFC_FIELD_H
#define GRPCTEST_ENGINE_MESSAGE_PROTOBUFC_FIELD_H

#include "engine/core/core.h"
#include <protobuf-c/protobuf-c.h>

/* The size in bytes of one value in memory. */
size_t gt__value_size(ProtobufCType type);
/* Whether NULL stands for unset: strings and messages. */
bool gt__field_is_pointer(const ProtobufCFieldDescriptor *field);

/* Whether a field that is not repeated has a value. */
bool gt__field_is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);
/* Its value, set or not; of a oneof's other member, nonsense. */
const void *gt__field_value(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);
/* How many values a repeated field has, and one of them. */
size_t gt__field_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);
const void *gt__field_element(const ProtobufCMessage *message,
                              const ProtobufCFieldDescriptor *field, size_t index);

/* A new message, all fields unset; gt_protobufc_release frees it with all that was put into it,
 * which is of the library's allocator. */
ProtobufCMessage *gt__message_new(const ProtobufCMessageDescriptor *descriptor);
/* Makes a field that is unset (and no other member of its oneof is set) present; gives the place of
 * its value, of gt__value_size zero bytes. */
void *gt__field_set(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);
/* The same for one more value of a repeated field. */
void *gt__field_add(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* The number of the member of `field`'s oneof that is set; 0 for none, or outside of one. */
uint32_t gt__field_rival(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* Adds the serialized message. */
void gt__message_pack(const ProtobufCMessage *message, gt__buffer *out);

#endif
