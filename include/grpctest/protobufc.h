/* protobufc.h - protobuf-c messages in calls; outside the umbrella because it needs protobuf-c.
 * Rule: what comes from a peer is checked before it is unpacked (UTF-8, depth, number of fields)
 * and unpacked within a budget of memory. */
#ifndef GRPCTEST_PROTOBUFC_H
#define GRPCTEST_PROTOBUFC_H

#include <grpctest/codec.h>
#include <grpctest/message.h>
#include <grpctest/server.h>
#include <protobuf-c/protobuf-c.h>

GT_BEGIN_DECLS

/* The codec; messages are `ProtobufCMessage *`, descriptors `ProtobufCMessageDescriptor *`. Its
 * limits: nesting 100 deep (which takes 100 KiB of stack), 1,000,000 fields, and 64 bytes of memory
 * per byte of input plus 64 KiB. Packing a message of another type than the descriptor's is misuse.
 */
GT_API const gt_codec *gt_protobufc_codec(void);

/* The type of a generated message: gt_pb(&users__user__descriptor). */
static inline gt_type gt_pb(const ProtobufCMessageDescriptor *descriptor)
{
    gt_type type;
    type.codec = gt_protobufc_codec();
    type.descriptor = descriptor;
    return type;
}

/* Limits for unpacking; zeros mean the defaults above. */
typedef struct gt_protobufc_limits {
    size_t max_depth;
    size_t max_fields;
    size_t max_memory; /* bytes; 0: as above */
} gt_protobufc_limits;

/* Unpacks bytes that may be hostile. `*message` is the caller's (gt_protobufc_release). GT_EINVAL
 * for bytes that are no such message (truncated, bad tag, wrong wire type, invalid UTF-8 or NUL in
 * a string), GT_ETOOBIG over a limit; `*reason` (may be NULL) then says which, with the field's
 * path and the offset, and is freed with gt_free. `limits` may be NULL. Groups, which protobuf-c
 * cannot read, are kept among the unknown fields as length-delimited ones; the one valid message
 * that protobuf-c 1.4 cannot unpack (its merging has a defect) is GT_EINVAL and named so. */
GT_API GT_MUST_USE int gt_protobufc_unpack(const ProtobufCMessageDescriptor *descriptor,
                                           gt_bytes bytes, const gt_protobufc_limits *limits,
                                           ProtobufCMessage **message, char **reason);
/* Frees a message that gt_protobufc_unpack made; takes NULL. */
GT_API void gt_protobufc_release(ProtobufCMessage *message);

/* The message as one line of protobuf text format (`name: "jane" age: 3`), freed with gt_free. */
GT_API char *gt_protobufc_format(const ProtobufCMessage *message);

/* ---- generated code among types (message.h) ---------------------------------------------------
 */

/* Adds the type of a generated message, and those of its fields; gives the one that is there by its
 * name, new or not. Descriptors are borrowed. What generated code does not tell is taken as it is
 * by default: JSON names are made of the fields' names, enums are open. A FileDescriptorSet tells
 * more, and has to come before. */
GT_API const gt_message_type *gt_types_add_message(gt_types *types,
                                                   const ProtobufCMessageDescriptor *descriptor);
/* Adds a service's methods that are not there yet, with their types. */
GT_API void gt_types_add_service(gt_types *types, const ProtobufCServiceDescriptor *service);

/* ---- rich status: google.rpc.Status with typed details (rule T4) -------------------------------
 */

/* Packs a google.rpc.Status of code, message, and `count` details, each as a google.protobuf.Any of
 * type "type.googleapis.com/" + its full name. The bytes are the caller's (gt_free); their number
 * goes into `*size`. For gt_call_set_details. */
GT_API uint8_t *gt_protobufc_pack_details(gt_code code, const char *message,
                                          const ProtobufCMessage *const *details, size_t count,
                                          size_t *size);

/* Finds the `nth` detail (from 0) of a type in a status's details and unpacks it; `*message` is the
 * caller's (gt_protobufc_release). GT_ENOENT when there is none, GT_EINVAL when the details are no
 * google.rpc.Status or the detail does not unpack; `*reason` as for gt_protobufc_unpack. */
GT_API GT_MUST_USE int gt_protobufc_find_detail(const gt_status *status,
                                                const ProtobufCMessageDescriptor *type, size_t nth,
                                                ProtobufCMessage **message, char **reason);

/* What a handler says: as gt_call_fail, with typed details. */
GT_API int gt_call_fail_with(gt_call *call, gt_code code, const char *message,
                             const ProtobufCMessage *const *details, size_t count);

/* One method of a service: its name as in the .proto, its kind (descriptors of protobuf-c do not
 * know it), its handler. */
typedef struct gt_method {
    const char *name;
    gt_kind kind;
    gt_handler_fn *handler;
} gt_method;

/* Registers `count` methods under "/" + the service's full name + "/" + their names; each handler
 * gets `user`. A method of the service that is left out answers UNIMPLEMENTED "method X not
 * implemented" (S19); a name that the service lacks is misuse. */
GT_API void gt_server_add_service(gt_server *server, const ProtobufCServiceDescriptor *service,
                                  const gt_method *methods, size_t count, void *user);

GT_END_DECLS

#endif
