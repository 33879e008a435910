/* path_text.h - the path to a field as text, "user.emails[2].host", growing and shrinking.
 * Rule: who adds a step gets the length before it, and cuts the path back to that. */
#ifndef GRPCTEST_ENGINE_MESSAGE_PATH_TEXT_H
#define GRPCTEST_ENGINE_MESSAGE_PATH_TEXT_H

#include "engine/core/core.h"

static inline size_t gt__path_add_name(gt__buffer *path, const char *name)
{
    size_t length = path->size;
    gt__buffer_printf(path, "%s%s", length > 0 ? "." : "", name);
    return length;
}

static inline size_t gt__path_add_index(gt__buffer *path, size_t index)
{
    size_t length = path->size;
    gt__buffer_printf(path, "[%zu]", index);
    return length;
}

/* ["key"] */
static inline size_t gt__path_add_key(gt__buffer *path, const char *key)
{
    size_t length = path->size;
    gt__buffer_add_text(path, "[");
    gt__buffer_quote(path, gt_bytes_str(key));
    gt__buffer_add_text(path, "]");
    return length;
}

static inline void gt__path_cut(gt__buffer *path, size_t length)
{
    path->size = length;
    path->data[length] = '\0';
}

#endif
