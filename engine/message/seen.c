#include "seen.h"

void gt__seen_init(gt__seen *seen, const gt_message_type *type)
{
    *seen = (gt__seen){0};
    if (type->pb->n_fields > 8 * sizeof seen->few)
        seen->many = gt__calloc(type->pb->n_fields / 8 + 1, 1);
}

void gt__seen_cleanup(gt__seen *seen)
{
    gt__free(seen->many);
}

static bool has(const gt__seen *seen, size_t index)
{
    const uint8_t *bits = seen->many ? seen->many : seen->few;
    return bits[index / 8] >> (index % 8) & 1;
}

bool gt__seen_add(gt__seen *seen, const gt_message_type *type, const gt__field *field)
{
    size_t index = (size_t)(field - type->fields);
    uint8_t *bits = seen->many ? seen->many : seen->few;
    bool before = has(seen, index);
    bits[index / 8] |= (uint8_t)(1u << (index % 8));
    return before;
}

bool gt__seen_any(const gt__seen *seen, const gt_message_type *type)
{
    for (size_t i = 0; i < type->pb->n_fields; i++)
        if (has(seen, i))
            return true;
    return false;
}

const gt__field *gt__seen_missing(const gt__seen *seen, const gt_message_type *type)
{
    for (size_t i = 0; i < type->pb->n_fields; i++)
        if (type->pb->fields[i].label == PROTOBUF_C_LABEL_REQUIRED && !has(seen, i))
            return &type->fields[i];
    return NULL;
}
