/* descriptor_proto.h - the messages of google/protobuf/descriptor.proto, as far as they are needed.
 * Rule: like rich_status, written here, since generated ones would have the names that users' own
 * generated code has; fields that are not here are unknown ones, and stay unread. */
#ifndef GRPCTEST_ENGINE_MESSAGE_DESCRIPTOR_PROTO_H
#define GRPCTEST_ENGINE_MESSAGE_DESCRIPTOR_PROTO_H

#include <protobuf-c/protobuf-c.h>

/* FieldDescriptorProto.Label and .Type, the ones that are spoken of. */
enum {
    GT__LABEL_OPTIONAL = 1,
    GT__LABEL_REQUIRED = 2,
    GT__LABEL_REPEATED = 3,
    GT__TYPE_GROUP = 10,
};

typedef struct gt__enum_value_proto {
    ProtobufCMessage base;
    char *name;
    protobuf_c_boolean has_number;
    int32_t number;
} gt__enum_value_proto;

typedef struct gt__enum_proto {
    ProtobufCMessage base;
    char *name;
    size_t n_value;
    gt__enum_value_proto **value;
} gt__enum_proto;

typedef struct gt__oneof_proto {
    ProtobufCMessage base;
    char *name;
} gt__oneof_proto;

typedef struct gt__field_options_proto {
    ProtobufCMessage base;
    protobuf_c_boolean has_packed, packed;
} gt__field_options_proto;

typedef struct gt__field_proto {
    ProtobufCMessage base;
    char *name;
    protobuf_c_boolean has_number, has_label, has_type, has_oneof_index, has_proto3_optional;
    int32_t number, label, type, oneof_index;
    char *type_name, *default_value, *json_name;
    gt__field_options_proto *options;
    protobuf_c_boolean proto3_optional;
} gt__field_proto;

typedef struct gt__message_options_proto {
    ProtobufCMessage base;
    protobuf_c_boolean has_map_entry, map_entry;
} gt__message_options_proto;

typedef struct gt__message_proto {
    ProtobufCMessage base;
    char *name;
    size_t n_field, n_nested_type, n_enum_type, n_oneof_decl;
    gt__field_proto **field;
    struct gt__message_proto **nested_type;
    gt__enum_proto **enum_type;
    gt__message_options_proto *options;
    gt__oneof_proto **oneof_decl;
} gt__message_proto;

typedef struct gt__method_proto {
    ProtobufCMessage base;
    char *name, *input_type, *output_type;
    protobuf_c_boolean has_client_streaming, has_server_streaming;
    protobuf_c_boolean client_streaming, server_streaming;
} gt__method_proto;

typedef struct gt__service_proto {
    ProtobufCMessage base;
    char *name;
    size_t n_method;
    gt__method_proto **method;
} gt__service_proto;

typedef struct gt__file_proto {
    ProtobufCMessage base;
    char *name, *package, *syntax;
    size_t n_message_type, n_enum_type, n_service;
    gt__message_proto **message_type;
    gt__enum_proto **enum_type;
    gt__service_proto **service;
} gt__file_proto;

/* A FileDescriptorSet whose files are still bytes, and a file. */
typedef struct gt__set_proto {
    ProtobufCMessage base;
    size_t n_file;
    ProtobufCBinaryData *file;
} gt__set_proto;

extern const ProtobufCMessageDescriptor gt__set_proto_descriptor;
extern const ProtobufCMessageDescriptor gt__file_proto_descriptor;

#endif
