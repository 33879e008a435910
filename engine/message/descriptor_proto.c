#include "descriptor_proto.h"

#include <stddef.h>

/* Fields stand in the order of their numbers; a range says at which index a run of numbers begins,
 * and the last one how many fields there are. There is no index by name: nothing asks for one. */
#define MESSAGE(in, name_, fields_, ranges)                                                        \
    {                                                                                              \
        .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC, .name = "google.protobuf." name_,           \
        .short_name = name_, .c_name = #in, .package_name = "google.protobuf",                     \
        .sizeof_message = sizeof(in), .n_fields = sizeof(fields_) / sizeof((fields_)[0]),          \
        .fields = (fields_), .n_field_ranges = sizeof(ranges) / sizeof((ranges)[0]) - 1,           \
        .field_ranges = (ranges)                                                                   \
    }
#define FIELD(in, number, field, label_, type_, quantifier, descriptor_)                           \
    {                                                                                              \
        .name = #field, .id = (number), .label = PROTOBUF_C_LABEL_##label_,                        \
        .type = PROTOBUF_C_TYPE_##type_, .quantifier_offset = (quantifier),                        \
        .offset = offsetof(in, field), .descriptor = (descriptor_)                                 \
    }
#define STRING(in, number, field) FIELD(in, number, field, OPTIONAL, STRING, 0, NULL)
#define NUMBER(in, number, field)                                                                  \
    FIELD(in, number, field, OPTIONAL, INT32, offsetof(in, has_##field), NULL)
#define BOOL(in, number, field)                                                                    \
    FIELD(in, number, field, OPTIONAL, BOOL, offsetof(in, has_##field), NULL)
#define ONE(in, number, field, of) FIELD(in, number, field, OPTIONAL, MESSAGE, 0, of)
#define MANY(in, number, field, of)                                                                \
    FIELD(in, number, field, REPEATED, MESSAGE, offsetof(in, n_##field), of)

static const ProtobufCIntRange first[] = {{1, 0}, {0, 1}};
static const ProtobufCIntRange first_two[] = {{1, 0}, {0, 2}};

static const ProtobufCFieldDescriptor enum_value_fields[] = {
    STRING(gt__enum_value_proto, 1, name),
    NUMBER(gt__enum_value_proto, 2, number),
};
static const ProtobufCMessageDescriptor enum_value_descriptor =
    MESSAGE(gt__enum_value_proto, "EnumValueDescriptorProto", enum_value_fields, first_two);

static const ProtobufCFieldDescriptor enum_fields[] = {
    STRING(gt__enum_proto, 1, name),
    MANY(gt__enum_proto, 2, value, &enum_value_descriptor),
};
static const ProtobufCMessageDescriptor enum_descriptor =
    MESSAGE(gt__enum_proto, "EnumDescriptorProto", enum_fields, first_two);

static const ProtobufCFieldDescriptor oneof_fields[] = {
    STRING(gt__oneof_proto, 1, name),
};
static const ProtobufCMessageDescriptor oneof_descriptor =
    MESSAGE(gt__oneof_proto, "OneofDescriptorProto", oneof_fields, first);

static const ProtobufCFieldDescriptor field_options_fields[] = {
    BOOL(gt__field_options_proto, 2, packed),
};
static const ProtobufCIntRange field_options_ranges[] = {{2, 0}, {0, 1}};
static const ProtobufCMessageDescriptor field_options_descriptor =
    MESSAGE(gt__field_options_proto, "FieldOptions", field_options_fields, field_options_ranges);

static const ProtobufCFieldDescriptor field_fields[] = {
    STRING(gt__field_proto, 1, name),
    NUMBER(gt__field_proto, 3, number),
    NUMBER(gt__field_proto, 4, label),
    NUMBER(gt__field_proto, 5, type),
    STRING(gt__field_proto, 6, type_name),
    STRING(gt__field_proto, 7, default_value),
    ONE(gt__field_proto, 8, options, &field_options_descriptor),
    NUMBER(gt__field_proto, 9, oneof_index),
    STRING(gt__field_proto, 10, json_name),
    BOOL(gt__field_proto, 17, proto3_optional),
};
static const ProtobufCIntRange field_ranges[] = {{1, 0}, {3, 1}, {17, 9}, {0, 10}};
static const ProtobufCMessageDescriptor field_descriptor =
    MESSAGE(gt__field_proto, "FieldDescriptorProto", field_fields, field_ranges);

static const ProtobufCFieldDescriptor message_options_fields[] = {
    BOOL(gt__message_options_proto, 7, map_entry),
};
static const ProtobufCIntRange message_options_ranges[] = {{7, 0}, {0, 1}};
static const ProtobufCMessageDescriptor message_options_descriptor = MESSAGE(
    gt__message_options_proto, "MessageOptions", message_options_fields, message_options_ranges);

static const ProtobufCMessageDescriptor message_descriptor;
static const ProtobufCFieldDescriptor message_fields[] = {
    STRING(gt__message_proto, 1, name),
    MANY(gt__message_proto, 2, field, &field_descriptor),
    MANY(gt__message_proto, 3, nested_type, &message_descriptor),
    MANY(gt__message_proto, 4, enum_type, &enum_descriptor),
    ONE(gt__message_proto, 7, options, &message_options_descriptor),
    MANY(gt__message_proto, 8, oneof_decl, &oneof_descriptor),
};
static const ProtobufCIntRange message_ranges[] = {{1, 0}, {7, 4}, {0, 6}};
static const ProtobufCMessageDescriptor message_descriptor =
    MESSAGE(gt__message_proto, "DescriptorProto", message_fields, message_ranges);

static const ProtobufCFieldDescriptor method_fields[] = {
    STRING(gt__method_proto, 1, name),           STRING(gt__method_proto, 2, input_type),
    STRING(gt__method_proto, 3, output_type),    BOOL(gt__method_proto, 5, client_streaming),
    BOOL(gt__method_proto, 6, server_streaming),
};
static const ProtobufCIntRange method_ranges[] = {{1, 0}, {5, 3}, {0, 5}};
static const ProtobufCMessageDescriptor method_descriptor =
    MESSAGE(gt__method_proto, "MethodDescriptorProto", method_fields, method_ranges);

static const ProtobufCFieldDescriptor service_fields[] = {
    STRING(gt__service_proto, 1, name),
    MANY(gt__service_proto, 2, method, &method_descriptor),
};
static const ProtobufCMessageDescriptor service_descriptor =
    MESSAGE(gt__service_proto, "ServiceDescriptorProto", service_fields, first_two);

static const ProtobufCFieldDescriptor file_fields[] = {
    STRING(gt__file_proto, 1, name),
    STRING(gt__file_proto, 2, package),
    MANY(gt__file_proto, 4, message_type, &message_descriptor),
    MANY(gt__file_proto, 5, enum_type, &enum_descriptor),
    MANY(gt__file_proto, 6, service, &service_descriptor),
    STRING(gt__file_proto, 12, syntax),
};
static const ProtobufCIntRange file_ranges[] = {{1, 0}, {4, 2}, {12, 5}, {0, 6}};
const ProtobufCMessageDescriptor gt__file_proto_descriptor =
    MESSAGE(gt__file_proto, "FileDescriptorProto", file_fields, file_ranges);

static const ProtobufCFieldDescriptor set_fields[] = {
    FIELD(gt__set_proto, 1, file, REPEATED, BYTES, offsetof(gt__set_proto, n_file), NULL),
};
const ProtobufCMessageDescriptor gt__set_proto_descriptor =
    MESSAGE(gt__set_proto, "FileDescriptorSet", set_fields, first);
