/* json_source.h - a JSON text as a tree whose every value knows where in the text it stands.
 * Rule: jansson reads the text and says what JSON is; here is only added where, and how a number
 * was written, since a double cannot hold all of 64 bits. */
#ifndef GRPCTEST_ENGINE_MESSAGE_JSON_SOURCE_H
#define GRPCTEST_ENGINE_MESSAGE_JSON_SOURCE_H

#include "arena.h"
#include "message_error.h"
#include <jansson.h>

typedef struct gt__json {
    const json_t *value;
    size_t at, size; /* in the text */
    const char *key; /* of a member of an object, with its place */
    size_t key_at;
    struct gt__json *children; /* of an object or array, in the text's order */
    size_t count;
} gt__json;

typedef struct gt__json_source {
    const char *text;
    gt__json root;
    json_t *document;
    gt__arena arena;
} gt__json_source;

/* 0; GT_EINVAL when the text is no JSON, has a name twice in one object, or has brackets more than
 * 256 deep. Both ways gt__json_source_cleanup ends it. Borrows the text. */
int gt__json_source_init(gt__json_source *source, const char *text, gt_message_error *error);
void gt__json_source_cleanup(gt__json_source *source);

/* The contents of a string that has no NUL in it; NULL for anything else. */
const char *gt__json_text(const gt__json *node);
/* The member of an object, or NULL. */
const gt__json *gt__json_member(const gt__json *object, const char *key);

#endif
