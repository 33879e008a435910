/* One pass over the bytes, in place, recursing only as deep as the limit says. The first fault ends
 * it; on the way out each level puts its field's name before the path. */
#include "protobufc_scan.h"

#include "utf8.h"
#include <grpctest/error.h>

#define START_GROUP 3
#define END_GROUP 4

struct scan {
    gt_bytes bytes;
    const gt_protobufc_limits *limits;
    size_t at;          /* the next byte to look at, from the start of all */
    size_t fields;      /* met so far, on every level */
    uint8_t *rewritten; /* NULL until the first group */
    char *what;         /* the fault, ... */
    size_t where;       /* ... at which byte, ... */
    char *path;         /* ... in which field; NULL while in none */
};

struct tag {
    size_t where; /* its first byte */
    uint32_t number;
    unsigned wire_type;
};

static const char *wire_type_name(unsigned wire_type)
{
    static const char *const names[] = {"varint",         "64-bit",       "length-delimited",
                                        "start of group", "end of group", "32-bit"};
    return names[wire_type];
}

/* ---- faults --------------------------------------------------------------------------------- */

static int fault(struct scan *scan, int error, size_t where, const char *format, ...)
    GT_PRINTF(4, 5);
static int fault(struct scan *scan, int error, size_t where, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    scan->what = gt__vprintf(format, args);
    va_end(args);
    scan->where = where;
    return error;
}

static void prepend_to_path(struct scan *scan, const char *name)
{
    char *inner = scan->path;
    scan->path = inner ? gt__printf("%s.%s", name, inner) : gt__strdup(name);
    gt__free(inner);
}

static void prepend_number_to_path(struct scan *scan, uint32_t number)
{
    char *name = gt__printf("%u", (unsigned)number);
    prepend_to_path(scan, name);
    gt__free(name);
}

/* ---- pieces: numbers, tags, runs of bytes --------------------------------------------------- */

/* Reads a varint of at most `longest` bytes (5 or 10) that ends before `end`. The last of ten bytes
 * has room for one bit only; of five, callers look at the value. */
static int read_varint(struct scan *scan, size_t end, size_t longest, const char *what,
                       uint64_t *value)
{
    size_t start = scan->at;
    if (start < end && scan->bytes.data[start] < 0x80) { /* as most are */
        *value = scan->bytes.data[scan->at++];
        return 0;
    }
    *value = 0;
    for (unsigned shift = 0;; shift += 7) {
        if (scan->at == end)
            return fault(scan, GT_EINVAL, scan->at, "the bytes end inside a %s", what);
        if (scan->at - start == longest)
            return fault(scan, GT_EINVAL, start, "a %s of more than %zu bytes", what, longest);
        uint8_t byte = scan->bytes.data[scan->at++];
        if (shift == 63 && byte > 1)
            return fault(scan, GT_EINVAL, start, "a %s of more than 64 bits", what);
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return 0;
    }
}

static int read_tag(struct scan *scan, size_t end, struct tag *tag)
{
    tag->where = scan->at;
    uint64_t value;
    int error = read_varint(scan, end, 5, "tag", &value);
    if (error)
        return error;
    if (value > UINT32_MAX)
        return fault(scan, GT_EINVAL, tag->where, "a tag of more than 32 bits");
    tag->number = (uint32_t)(value >> 3);
    tag->wire_type = (unsigned)(value & 7);
    if (tag->number == 0)
        return fault(scan, GT_EINVAL, tag->where, "field number 0");
    if (tag->wire_type > PROTOBUF_C_WIRE_TYPE_32BIT)
        return fault(scan, GT_EINVAL, tag->where, "wire type %u does not exist", tag->wire_type);
    if (scan->fields++ >= scan->limits->max_fields)
        return fault(scan, GT_ETOOBIG, tag->where, "more than %zu fields",
                     scan->limits->max_fields);
    return 0;
}

static int skip_bytes(struct scan *scan, size_t end, size_t size)
{
    if (end - scan->at < size)
        return fault(scan, GT_EINVAL, scan->at, "%zu bytes are needed and %zu left", size,
                     end - scan->at);
    scan->at += size;
    return 0;
}

/* Reads a length and gives the end of what it spans; the span itself is still to be read. */
static int read_length(struct scan *scan, size_t end, size_t *span_end)
{
    size_t where = scan->at;
    uint64_t length;
    int error = read_varint(scan, end, 5, "length", &length);
    if (error)
        return error;
    if (length > end - scan->at)
        return fault(scan, GT_EINVAL, where, "a length of %llu with %zu bytes left",
                     (unsigned long long)length, end - scan->at);
    *span_end = scan->at + (size_t)length;
    return 0;
}

/* Skips a value of one of the four wire types that have no inside. */
static int skip_plain(struct scan *scan, unsigned wire_type, size_t end)
{
    uint64_t ignored;
    switch (wire_type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        return read_varint(scan, end, 10, "varint", &ignored);
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return skip_bytes(scan, end, 8);
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return skip_bytes(scan, end, 4);
    default: {
        size_t span_end = scan->at;
        int error = read_length(scan, end, &span_end);
        scan->at = span_end;
        return error;
    }
    }
}

/* ---- unknown fields ------------------------------------------------------------------------- */

static int enter(struct scan *scan, size_t where, size_t depth)
{
    if (depth > scan->limits->max_depth)
        return fault(scan, GT_ETOOBIG, where, "nested more than %zu deep", scan->limits->max_depth);
    return 0;
}

/* Skips what follows a group's tag, up to and with its end. */
static int skip_group(struct scan *scan, const struct tag *start, size_t end, size_t depth)
{
    int error = enter(scan, start->where, depth);
    while (!error) {
        struct tag tag;
        if (scan->at == end)
            return fault(scan, GT_EINVAL, scan->at, "the bytes end inside a group");
        error = read_tag(scan, end, &tag);
        if (error)
            return error;
        if (tag.wire_type == END_GROUP) {
            if (tag.number == start->number)
                return 0;
            return fault(scan, GT_EINVAL, tag.where, "group %u ends as group %u",
                         (unsigned)start->number, (unsigned)tag.number);
        }
        error = tag.wire_type == START_GROUP ? skip_group(scan, &tag, end, depth + 1)
                                             : skip_plain(scan, tag.wire_type, end);
    }
    return error;
}

/* Makes the group from `start` to here, whose tag ended at `body`, a length-delimited field of the
 * same number and size. Its length takes the place of the body's first bytes and is padded to as
 * many as it displaces; the end's tag makes sure that there is at least one. */
static void rewrite_group(struct scan *scan, const struct tag *start, size_t body)
{
    if (!scan->rewritten)
        scan->rewritten = gt__memdup(scan->bytes.data, scan->bytes.size);
    size_t room = scan->at - body;
    size_t width = 1;
    while ((room - width) >> (7 * width) != 0)
        width++;
    size_t length = room - width;

    uint8_t *out = scan->rewritten;
    out[start->where] = (uint8_t)((out[start->where] & ~7u) | PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED);
    for (size_t i = 0; i < width; i++) {
        uint8_t more = i + 1 < width ? 0x80 : 0;
        out[body + i] = (uint8_t)(((length >> (7 * i)) & 0x7f) | more);
    }
}

static int scan_unknown(struct scan *scan, const struct tag *tag, size_t end, size_t depth)
{
    if (tag->wire_type == END_GROUP)
        return fault(scan, GT_EINVAL, tag->where, "the end of a group that never began");
    if (tag->wire_type != START_GROUP)
        return skip_plain(scan, tag->wire_type, end);
    size_t body = scan->at;
    int error = skip_group(scan, tag, end, depth + 1);
    if (!error)
        rewrite_group(scan, tag, body);
    return error;
}

/* ---- known fields --------------------------------------------------------------------------- */

static int scan_message(struct scan *scan, const ProtobufCMessageDescriptor *descriptor, size_t end,
                        size_t depth);

static unsigned wire_type_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return PROTOBUF_C_WIRE_TYPE_32BIT;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return PROTOBUF_C_WIRE_TYPE_64BIT;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    default:
        return PROTOBUF_C_WIRE_TYPE_VARINT;
    }
}

static int scan_packed(struct scan *scan, unsigned wire_type, size_t end)
{
    size_t span_end = end;
    int error = read_length(scan, end, &span_end);
    while (!error && scan->at < span_end)
        error = skip_plain(scan, wire_type, span_end);
    return error;
}

/* protobuf-c checks neither: it hands on any bytes, and a NUL ends the string early for the reader
 * in C. */
static int scan_string(struct scan *scan, size_t end)
{
    gt_bytes text = gt_bytes_of(scan->bytes.data + scan->at, end - scan->at);
    size_t valid = gt__utf8_prefix(text);
    if (valid < text.size)
        return fault(scan, GT_EINVAL, scan->at + valid, "a string that is not UTF-8");
    const uint8_t *nul = text.size > 0 ? memchr(text.data, 0, text.size) : NULL;
    if (nul)
        return fault(scan, GT_EINVAL, scan->at + (size_t)(nul - text.data), "a NUL in a string");
    scan->at = end;
    return 0;
}

static int scan_span(struct scan *scan, const ProtobufCFieldDescriptor *field,
                     const struct tag *tag, size_t end, size_t depth)
{
    size_t span_end = end;
    int error = read_length(scan, end, &span_end);
    if (error)
        return error;
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return scan_string(scan, span_end);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        error = enter(scan, tag->where, depth + 1);
        return error ? error : scan_message(scan, field->descriptor, span_end, depth + 1);
    }
    scan->at = span_end;
    return 0;
}

static int scan_known(struct scan *scan, const ProtobufCFieldDescriptor *field,
                      const struct tag *tag, size_t end, size_t depth)
{
    unsigned expected = wire_type_of(field->type);
    bool spans = tag->wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    if (spans && expected != tag->wire_type && field->label == PROTOBUF_C_LABEL_REPEATED)
        return scan_packed(scan, expected, end);
    if (tag->wire_type != expected)
        return fault(scan, GT_EINVAL, tag->where, "wire type %s where %s is due",
                     wire_type_name(tag->wire_type), wire_type_name(expected));
    return spans ? scan_span(scan, field, tag, end, depth) : skip_plain(scan, expected, end);
}

/* ---- messages ------------------------------------------------------------------------------- */

/* Whether protobuf-c would miss the field: one with a default value may be left out. */
static bool must_be_there(const ProtobufCFieldDescriptor *field)
{
    return field->label == PROTOBUF_C_LABEL_REQUIRED && !field->default_value;
}

static int check_required(struct scan *scan, const ProtobufCMessageDescriptor *descriptor,
                          const uint8_t *seen)
{
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        bool is_there = seen[i / 8] >> (i % 8) & 1;
        if (!is_there && must_be_there(&descriptor->fields[i])) {
            prepend_to_path(scan, descriptor->fields[i].name);
            return fault(scan, GT_EINVAL, scan->at, "a required field is missing");
        }
    }
    return 0;
}

static int scan_field(struct scan *scan, const ProtobufCMessageDescriptor *descriptor, size_t end,
                      size_t depth, uint8_t *seen)
{
    struct tag tag;
    int error = read_tag(scan, end, &tag);
    if (error)
        return error;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(descriptor, tag.number);
    if (!field) {
        error = scan_unknown(scan, &tag, end, depth);
        if (error)
            prepend_number_to_path(scan, tag.number);
        return error;
    }
    size_t index = (size_t)(field - descriptor->fields);
    seen[index / 8] |= (uint8_t)(1u << (index % 8));
    error = scan_known(scan, field, &tag, end, depth);
    if (error)
        prepend_to_path(scan, field->name);
    return error;
}

static int scan_message(struct scan *scan, const ProtobufCMessageDescriptor *descriptor, size_t end,
                        size_t depth)
{
    uint8_t few[8] = {0}; /* a bit per field */
    uint8_t *seen = few;
    if (descriptor->n_fields > 8 * sizeof few)
        seen = gt__calloc(descriptor->n_fields / 8 + 1, 1);

    int error = 0;
    while (!error && scan->at < end)
        error = scan_field(scan, descriptor, end, depth, seen);
    if (!error)
        error = check_required(scan, descriptor, seen);
    if (seen != few)
        gt__free(seen);
    return error;
}

static char *take_reason(struct scan *scan, const char *type)
{
    char *reason = scan->path ? gt__printf("%s field %s at byte %zu: %s", type, scan->path,
                                           scan->where, scan->what)
                              : gt__printf("%s at byte %zu: %s", type, scan->where, scan->what);
    gt__free(scan->what);
    gt__free(scan->path);
    return reason;
}

int gt__protobufc_scan(const ProtobufCMessageDescriptor *descriptor, gt_bytes bytes,
                       const gt_protobufc_limits *limits, uint8_t **rewritten, char **reason)
{
    struct scan scan = {.bytes = bytes, .limits = limits};
    int error = scan_message(&scan, descriptor, bytes.size, 0);
    *reason = NULL;
    *rewritten = scan.rewritten;
    if (error) {
        *reason = take_reason(&scan, descriptor->name);
        gt__free(scan.rewritten);
        *rewritten = NULL;
    }
    return error;
}
