/* jansson keeps members in the order of the text, and the text is valid once it has been read: so
 * one walk over both finds each value's place, with no syntax to be checked. */
#include "json_source.h"

#include <grpctest/error.h>

#define MOST_BRACKETS 256 /* of 100 messages in lists, and some */

struct walk {
    gt__json_source *source;
    size_t at;
};

/* ---- the text ------------------------------------------------------------------------------- */

static void skip_space(struct walk *walk)
{
    walk->at += strspn(walk->source->text + walk->at, " \t\r\n");
}

static void skip_string(struct walk *walk)
{
    const char *text = walk->source->text;
    for (walk->at++; text[walk->at] != '"'; walk->at++)
        if (text[walk->at] == '\\')
            walk->at++;
    walk->at++;
}

static void skip_scalar(struct walk *walk)
{
    if (walk->source->text[walk->at] == '"')
        skip_string(walk);
    else
        walk->at += strcspn(walk->source->text + walk->at, " \t\r\n,]}");
}

/* Steps over the one mark that has to be next: { [ : , ] or }. */
static void skip_mark(struct walk *walk)
{
    skip_space(walk);
    walk->at++;
}

/* ---- both ----------------------------------------------------------------------------------- */

static void locate(struct walk *walk, gt__json *node, const json_t *value);

static void locate_array(struct walk *walk, gt__json *node)
{
    for (size_t i = 0; i < node->count; i++) {
        if (i > 0)
            skip_mark(walk);
        locate(walk, &node->children[i], json_array_get(node->value, i));
    }
}

static void locate_object(struct walk *walk, gt__json *node)
{
    json_t *object = (json_t *)(uintptr_t)node->value; /* jansson's iterators take no const one */
    void *member = json_object_iter(object);
    for (size_t i = 0; i < node->count; i++) {
        gt__json *child = &node->children[i];
        if (i > 0)
            skip_mark(walk);
        skip_space(walk);
        child->key = json_object_iter_key(member);
        child->key_at = walk->at;
        skip_string(walk);
        skip_mark(walk);
        locate(walk, child, json_object_iter_value(member));
        member = json_object_iter_next(object, member);
    }
}

/* Recursion ends at MOST_BRACKETS. */
static void locate(struct walk *walk, gt__json *node, const json_t *value)
{
    skip_space(walk);
    node->value = value;
    node->at = walk->at;
    if (!json_is_object(value) && !json_is_array(value)) {
        skip_scalar(walk);
        node->size = walk->at - node->at;
        return;
    }
    node->count = json_is_object(value) ? json_object_size(value) : json_array_size(value);
    node->children = gt__arena_array(&walk->source->arena, node->count, gt__json);
    skip_mark(walk);
    if (json_is_object(value))
        locate_object(walk, node);
    else
        locate_array(walk, node);
    skip_mark(walk);
    node->size = walk->at - node->at;
}

/* ---- before jansson reads it ------------------------------------------------------------------
 */

/* The first bracket that is nested deeper than any message may be, or NULL. jansson would recurse
 * 2048 deep, which a fiber has no stack for. */
static const char *too_deep(const char *text)
{
    size_t depth = 0;
    for (bool quoted = false; *text; text++) {
        if (quoted && *text == '\\' && text[1])
            text++;
        else if (*text == '"')
            quoted = !quoted;
        else if (!quoted && (*text == '{' || *text == '[') && ++depth > MOST_BRACKETS)
            return text;
        else if (!quoted && (*text == '}' || *text == ']') && depth > 0)
            depth--;
    }
    return NULL;
}

/* ---- the source ----------------------------------------------------------------------------- */

int gt__json_source_init(gt__json_source *source, const char *text, gt_message_error *error)
{
    json_error_t why;
    size_t flags =
        JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL;
    *source = (gt__json_source){.text = text};
    const char *deep = too_deep(text);
    if (deep)
        return gt__message_error_set(error, GT_EINVAL, gt__place_of(text, (size_t)(deep - text)),
                                     NULL, "brackets more than %d deep", MOST_BRACKETS);
    source->document = json_loads(text, flags, &why);
    if (!source->document && json_error_code(&why) == json_error_out_of_memory)
        gt__misuse("out of memory for a text of JSON");
    if (!source->document) {
        gt__place place = {why.line > 0 ? (size_t)why.line : 1,
                           why.column > 0 ? (size_t)why.column : 1};
        return gt__message_error_set(error, GT_EINVAL, place, NULL, "%s", why.text);
    }
    struct walk walk = {.source = source};
    locate(&walk, &source->root, source->document);
    return 0;
}

void gt__json_source_cleanup(gt__json_source *source)
{
    json_decref(source->document);
    gt__arena_cleanup(&source->arena);
}

const char *gt__json_text(const gt__json *node)
{
    const char *text = json_string_value(node->value); /* NULL for what is no string */
    return text && strlen(text) == json_string_length(node->value) ? text : NULL;
}

const gt__json *gt__json_member(const gt__json *object, const char *key)
{
    for (size_t i = 0; i < object->count; i++)
        if (object->children[i].key && strcmp(object->children[i].key, key) == 0)
            return &object->children[i];
    return NULL;
}
