/* The messages of google.protobuf that have a form of their own, by name and fields: a set may call
 * anything so, and who works with one relies on its fields. */
#include "types.h"

struct shape {
    uint32_t number;
    ProtobufCType type;
    bool repeated;
    const char *message; /* its name */
};

struct known {
    const char *name;
    gt__known known;
    unsigned count;
    struct shape fields[6];
};

#define ONE(number, type)                                                                          \
    {                                                                                              \
        number, PROTOBUF_C_TYPE_##type, false, NULL                                                \
    }
#define MESSAGE(number, name)                                                                      \
    {                                                                                              \
        number, PROTOBUF_C_TYPE_MESSAGE, false, "google.protobuf." name                            \
    }
#define MESSAGES(number, name)                                                                     \
    {                                                                                              \
        number, PROTOBUF_C_TYPE_MESSAGE, true, "google.protobuf." name                             \
    }
#define WRAPPER(name, type)                                                                        \
    {                                                                                              \
        name "Value", GT__KNOWN_WRAPPER, 1,                                                        \
        {                                                                                          \
            ONE(1, type)                                                                           \
        }                                                                                          \
    }

static const struct known table[] = {
    {"Any", GT__KNOWN_ANY, 2, {ONE(1, STRING), ONE(2, BYTES)}},
    {"Duration", GT__KNOWN_DURATION, 2, {ONE(1, INT64), ONE(2, INT32)}},
    {"Empty", GT__KNOWN_EMPTY, 0, {ONE(0, BOOL)}},
    {"FieldMask", GT__KNOWN_FIELD_MASK, 1, {{1, PROTOBUF_C_TYPE_STRING, true, NULL}}},
    {"ListValue", GT__KNOWN_LIST, 1, {MESSAGES(1, "Value")}},
    {"Struct", GT__KNOWN_STRUCT, 1, {MESSAGES(1, "Struct.FieldsEntry")}},
    {"Struct.FieldsEntry", GT__KNOWN_NONE, 2, {ONE(1, STRING), MESSAGE(2, "Value")}},
    {"Timestamp", GT__KNOWN_TIMESTAMP, 2, {ONE(1, INT64), ONE(2, INT32)}},
    {"Value",
     GT__KNOWN_VALUE,
     6,
     {ONE(1, ENUM), ONE(2, DOUBLE), ONE(3, STRING), ONE(4, BOOL), MESSAGE(5, "Struct"),
      MESSAGE(6, "ListValue")}},
    WRAPPER("Bool", BOOL),
    WRAPPER("Bytes", BYTES),
    WRAPPER("Double", DOUBLE),
    WRAPPER("Float", FLOAT),
    WRAPPER("Int32", INT32),
    WRAPPER("Int64", INT64),
    WRAPPER("String", STRING),
    WRAPPER("UInt32", UINT32),
    WRAPPER("UInt64", UINT64),
};

static const struct known *find(const char *full_name)
{
    static const char package[] = "google.protobuf.";
    if (strncmp(full_name, package, sizeof package - 1) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(full_name + sizeof package - 1, table[i].name) == 0)
            return &table[i];
    return NULL;
}

static bool has_shape(const ProtobufCMessageDescriptor *pb, const struct known *known)
{
    if (pb->n_fields != known->count)
        return false;
    for (unsigned i = 0; i < pb->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &pb->fields[i];
        const struct shape *shape = &known->fields[i];
        const ProtobufCMessageDescriptor *message = field->descriptor;
        if (field->id != shape->number || field->type != shape->type ||
            (field->label == PROTOBUF_C_LABEL_REPEATED) != shape->repeated ||
            (shape->message && strcmp(message->name, shape->message) != 0))
            return false;
    }
    return true;
}

/* Whether each of its fields' messages that is in the table has its own shape, too. */
static bool leads_to_shapes(const struct known *known, const ProtobufCMessageDescriptor *pb)
{
    for (unsigned i = 0; i < known->count; i++) {
        const char *name = known->fields[i].message;
        if (name && !has_shape(pb->fields[i].descriptor, find(name)))
            return false;
    }
    return true;
}

gt__known gt__known_of(const ProtobufCMessageDescriptor *pb)
{
    const struct known *known = find(pb->name);
    if (!known || !has_shape(pb, known) || !leads_to_shapes(known, pb))
        return GT__KNOWN_NONE;
    return known->known;
}
