/* seen.h - which fields of a message a text has set so far: a bit for each.
 * Rule: fields are counted as their descriptor does; gt__seen_cleanup ends each use. */
#ifndef GRPCTEST_ENGINE_MESSAGE_SEEN_H
#define GRPCTEST_ENGINE_MESSAGE_SEEN_H

#include "types.h"

typedef struct gt__seen {
    uint8_t few[8], *many;
} gt__seen;

void gt__seen_init(gt__seen *seen, const gt_message_type *type);
void gt__seen_cleanup(gt__seen *seen);
/* Notes the field; true when it was noted before. */
bool gt__seen_add(gt__seen *seen, const gt_message_type *type, const gt__field *field);
/* Whether any was noted. */
bool gt__seen_any(const gt__seen *seen, const gt_message_type *type);
/* The first required field that was not, or NULL. */
const gt__field *gt__seen_missing(const gt__seen *seen, const gt_message_type *type);

#endif
