/* message.h - protobuf messages by description: their types, text format, JSON.
 * Rule: a message is its bytes, beside its type; no generated code is needed, nor in the way. What
 * is read is checked as hostile, and what is wrong with it has a place and a field. */
#ifndef GRPCTEST_MESSAGE_H
#define GRPCTEST_MESSAGE_H

#include <grpctest/base.h>
#include <grpctest/buffer.h>
#include <grpctest/codec.h>
#include <grpctest/error.h>

GT_BEGIN_DECLS

/* Nothing here blocks, but for gt_types_add_set_file, which reads a file. */

/* ---- what went wrong ----------------------------------------------------------------------- */

/* Why a function refused its input. Functions that take one (NULL: not wanted) fill it in when they
 * fail and zero it when they do not; either way gt_message_error_cleanup may follow. */
typedef struct gt_message_error {
    size_t line, column; /* from 1, in characters; 0 where the fault is not in a text */
    char *field;         /* its path: "user.emails[2]"; "" outside of any */
    char *text;          /* the whole sentence: "line 3, column 7, field user.id: ..." */
} gt_message_error;

/* Frees what it holds and zeroes it. */
GT_API void gt_message_error_cleanup(gt_message_error *error);

/* ---- types --------------------------------------------------------------------------------- */

/* A collection of message types and methods. Owns all that it hands out. */
typedef struct gt_types gt_types;
/* A message type; lives as long as its collection. */
typedef struct gt_message_type gt_message_type;

GT_API gt_types *gt_types_new(void);
/* Takes NULL. */
GT_API void gt_types_free(gt_types *types);

/* Adds all that a FileDescriptorSet describes (protoc --include_imports --descriptor_set_out). A
 * file that is there already with the same contents is passed over. GT_EINVAL for what is no such
 * set, or does not add up (a type that is not there, a number that comes twice, an edition instead
 * of proto2 or proto3); GT_ETOOBIG over the limits of gt_protobufc_codec; nothing is added then.
 * Groups and extensions are not described: in messages they are unknown fields. */
GT_API GT_MUST_USE int gt_types_add_set(gt_types *types, gt_bytes set, gt_message_error *error);
/* The same from a file, and GT_EIO when it cannot be read. */
GT_API GT_MUST_USE int gt_types_add_set_file(gt_types *types, const char *path,
                                             gt_message_error *error);

/* The type of a full name ("users.User"), or NULL. */
GT_API const gt_message_type *gt_types_message(const gt_types *types, const char *name);
/* Its full name. */
GT_API const char *gt_message_type_name(const gt_message_type *type);
/* What the functions for typed messages in calls take (gt_call_send_as, ...); with it a journal
 * shows messages of this type as text. */
GT_API gt_type gt_message_type_codec(const gt_message_type *type);

/* A method of a service. */
typedef struct gt_method_type {
    const char *path;    /* "/users.Users/GetUser" */
    const char *service; /* "users.Users" */
    const char *name;    /* "GetUser" */
    const gt_message_type *input, *output;
    bool kind_known; /* false from generated code, which does not tell the next two */
    bool client_streams, server_streams;
} gt_method_type;

/* The method of a path, or NULL. */
GT_API const gt_method_type *gt_types_method(const gt_types *types, const char *path);
/* All methods, in the order of their paths: how many, and the one at `index` (NULL past the end).
 */
GT_API size_t gt_types_method_count(const gt_types *types);
GT_API const gt_method_type *gt_types_method_at(const gt_types *types, size_t index);

/* ---- text format ----------------------------------------------------------------------------- */

/* Reads protobuf's text format, all of it that speaks of fields known by name: `email:
 * 'jane@doe.com' tags: ["a", "b"] child { age: 0x1f }`, comments, and an Any of a known type
 * written out in brackets. Adds the serialized message to `bytes`, fields in the order of their
 * numbers. GT_EINVAL with line, column and field: no such syntax, an unknown field, enum value or
 * extension, a number out of range, a field or oneof set twice, a required field missing, what is
 * no UTF-8, or has a NUL in a string (protobuf-c cannot carry it), or is nested more than 100 deep.
 */
GT_API GT_MUST_USE int gt_text_parse(const gt_message_type *type, const char *text,
                                     gt_buffer *bytes, gt_message_error *error);

/* How text is written; NULL and zeros: on one line, each Any of a known type written out. */
typedef struct gt_text_options {
    bool multiline; /* a field per line, indented by two, as protoc --decode does */
    bool raw_any;   /* an Any as its type_url and value */
} gt_text_options;

/* Adds the message as text, fields in the order of their numbers, then unknown ones by number,
 * which text cannot be read back with. Nothing is cut. GT_EINVAL or GT_ETOOBIG as
 * gt_protobufc_unpack. */
GT_API GT_MUST_USE int gt_text_format(const gt_message_type *type, gt_bytes message,
                                      const gt_text_options *options, gt_buffer *text,
                                      gt_message_error *error);

/* ---- JSON ----------------------------------------------------------------------------------- */

/* How JSON is read; NULL and zeros: what is unknown is an error. */
typedef struct gt_json_read_options {
    bool ignore_unknown; /* pass over unknown fields and names of enum values */
} gt_json_read_options;

/* Reads the canonical JSON of proto3: fields by their JSON name or their own, null for unset, 64
 * bits and other numbers in quotes or not, bytes in either base64, enum values by name or number,
 * and the forms that Timestamp, Duration, FieldMask, Struct, Value, ListValue, Any and the wrappers
 * have. Adds the serialized message to `bytes`. GT_EINVAL with line, column and field: what is no
 * JSON, has a name twice, does not fit its field, or is nested more than 100 deep. */
GT_API GT_MUST_USE int gt_json_parse(const gt_message_type *type, const char *text,
                                     const gt_json_read_options *options, gt_buffer *bytes,
                                     gt_message_error *error);

/* How JSON is written; NULL and zeros: canonically, on one line without spaces. */
typedef struct gt_json_options {
    bool multiline;     /* a member per line, indented by two */
    bool emit_defaults; /* also what is unset, where that is no different from zero or empty */
    bool proto_names;   /* fields by their own names */
    bool enum_numbers;
} gt_json_options;

/* Adds the message as JSON, fields in the order of their numbers, a map's entries as they come (of
 * several with one key the last). Unknown fields have no JSON and are left out, and so are numbers
 * that a closed enum (proto2's) lacks. GT_EINVAL or GT_ETOOBIG as gt_protobufc_unpack; GT_EINVAL,
 * with the field, for what JSON cannot say: a Timestamp out of its range, a Value that holds
 * nothing, an Any of an unknown type. */
GT_API GT_MUST_USE int gt_json_format(const gt_message_type *type, gt_bytes message,
                                      const gt_json_options *options, gt_buffer *text,
                                      gt_message_error *error);

GT_END_DECLS

#endif
