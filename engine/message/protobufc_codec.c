/* protobuf-c as a codec: scan, then unpack within a budget of memory. The budget lives only while
 * unpacking; what it let through is plain memory of the library's allocator, so that releasing
 * needs nothing but the message. */
#include "protobufc_scan.h"

#include <grpctest/error.h>

#define DEFAULT_DEPTH 100
#define DEFAULT_FIELDS 1000000
#define MEMORY_PER_BYTE 64
#define MEMORY_AT_LEAST ((size_t)64 * 1024)

/* ---- memory --------------------------------------------------------------------------------- */

struct budget {
    size_t limit, used;
    bool exceeded;
};

/* What an allocation costs with the header and rounding of a usual malloc: for the many tiny ones
 * that hostile bytes provoke, that is most of it. */
static size_t cost_of(size_t size)
{
    size_t header = 8, step = 16, least = 32;
    size_t cost = (size + header + step - 1) / step * step;
    return cost < least ? least : cost;
}

/* Counts all that was ever asked for, not what is held at the time: protobuf-c gives little back
 * while it unpacks. */
static void *allocate(void *data, size_t size)
{
    struct budget *budget = data;
    size_t left = budget->limit - budget->used;
    if (size > left || cost_of(size) > left) {
        budget->exceeded = true;
        return NULL;
    }
    budget->used += cost_of(size);
    return gt__malloc(size);
}

static void release_memory(void *data, void *memory)
{
    (void)data;
    gt__free(memory);
}

/* ---- unpacking ------------------------------------------------------------------------------ */

static gt_protobufc_limits with_defaults(const gt_protobufc_limits *limits, size_t size)
{
    gt_protobufc_limits all = limits ? *limits : (gt_protobufc_limits){0};
    if (all.max_depth == 0)
        all.max_depth = DEFAULT_DEPTH;
    if (all.max_fields == 0)
        all.max_fields = DEFAULT_FIELDS;
    if (all.max_memory == 0)
        all.max_memory = MEMORY_AT_LEAST + size * MEMORY_PER_BYTE;
    return all;
}

static int unpack_within(struct budget *budget, const ProtobufCMessageDescriptor *descriptor,
                         gt_bytes bytes, ProtobufCMessage **message, char **reason)
{
    ProtobufCAllocator allocator = {allocate, release_memory, budget};
    *message = protobuf_c_message_unpack(descriptor, &allocator, bytes.size, bytes.data);
    if (*message)
        return 0;
    if (budget->exceeded) {
        *reason = gt__printf("%s: unpacking it takes more than %zu bytes of memory",
                             descriptor->name, budget->limit);
        return GT_ETOOBIG;
    }
    /* All else that it refuses the scan has found before; this, a defect of 1.4, is the one valid
     * thing that cannot be had from it. */
    *reason = gt__printf("%s: protobuf-c cannot merge a message that comes twice for one field "
                         "when neither sets its oneof",
                         descriptor->name);
    return GT_EINVAL;
}

int gt_protobufc_unpack(const ProtobufCMessageDescriptor *descriptor, gt_bytes bytes,
                        const gt_protobufc_limits *limits, ProtobufCMessage **message,
                        char **reason)
{
    gt_protobufc_limits all = with_defaults(limits, bytes.size);
    uint8_t *rewritten;
    char *why;
    *message = NULL;
    int error = gt__protobufc_scan(descriptor, bytes, &all, &rewritten, &why);
    if (!error) {
        struct budget budget = {.limit = all.max_memory};
        if (rewritten) {
            bytes.data = rewritten;
            budget.used = bytes.size < budget.limit ? bytes.size : budget.limit;
        }
        error = unpack_within(&budget, descriptor, bytes, message, &why);
        gt__free(rewritten);
    }
    if (reason)
        *reason = why;
    else
        gt__free(why);
    return error;
}

void gt_protobufc_release(ProtobufCMessage *message)
{
    ProtobufCAllocator allocator = {.free = release_memory};
    if (message)
        protobuf_c_message_free_unpacked(message, &allocator);
}

/* ---- the table ------------------------------------------------------------------------------ */

/* A message of the wrong type, or one that was never initialised, would have protobuf-c read fields
 * that are not there. */
static const ProtobufCMessage *checked(const void *descriptor, const void *object)
{
    const ProtobufCMessageDescriptor *expected = descriptor;
    const ProtobufCMessage *message = object;
    if (!message->descriptor)
        gt__misuse("a message that was not initialised was given for a %s", expected->name);
    if (message->descriptor != expected)
        gt__misuse("a %s was given where a %s is due", message->descriptor->name, expected->name);
    return message;
}

static size_t packed_size(const void *descriptor, const void *message)
{
    return protobuf_c_message_get_packed_size(checked(descriptor, message));
}

static void pack(const void *descriptor, const void *message, uint8_t *out)
{
    protobuf_c_message_pack(checked(descriptor, message), out);
}

static int unpack(const void *descriptor, gt_bytes bytes, void **message, char **reason)
{
    ProtobufCMessage *unpacked;
    int error = gt_protobufc_unpack(descriptor, bytes, NULL, &unpacked, reason);
    *message = unpacked;
    return error;
}

static void release(const void *descriptor, void *message)
{
    (void)descriptor;
    gt_protobufc_release(message);
}

static char *format(const void *descriptor, const void *message)
{
    return gt_protobufc_format(checked(descriptor, message));
}

const gt_codec *gt_protobufc_codec(void)
{
    static const gt_codec codec = {.name = "proto",
                                   .packed_size = packed_size,
                                   .pack = pack,
                                   .unpack = unpack,
                                   .release = release,
                                   .format = format};
    return &codec;
}
