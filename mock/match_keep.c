/* Keeping matchers beyond the block they were written in. */
#include "match_inside.h"

static gt_subject keep_subject(const gt_subject *subject)
{
    gt_subject kept = *subject;
    if (subject->kind == GT_SUBJECT_BYTES || subject->kind == GT_SUBJECT_TEXT)
        kept.bytes.data = gt__memdup(subject->bytes.data, subject->bytes.size);
    return kept;
}

static void *compile(const gt_match *match, const gt__origin *origin)
{
    char *reason;
    void *compiled = gt__pattern_compile(match->text, &reason);
    if (!compiled)
        gt__misuse("%s:%d: %s", origin->file, origin->line, reason);
    return compiled;
}

static gt_match *keep_parts(const gt_match *match, const gt__origin *origin)
{
    gt_match *parts = gt__calloc(match->part_count, sizeof *parts);
    for (size_t i = 0; i < match->part_count; i++)
        parts[i] = gt__match_keep(&match->parts[i], origin);
    return parts;
}

/* A message is parsed once; what is asked of a field of a message is of that message's type. */
static void keep_message(gt_match *kept, const gt__origin *origin)
{
    const char *name = gt__message_function(kept);
    gt__free((void *)(uintptr_t)kept->value.bytes.data);
    kept->value.bytes = gt__message_parse(kept->text, kept->as_json, origin, name);
    kept->type = origin->type;
}

gt_match gt__match_keep(const gt_match *match, const gt__origin *origin)
{
    gt_match kept = *match;
    gt__origin inner = *origin;
    if (match->kind == GT__MATCH_FIELD)
        inner.type = gt__field_check(match->text, origin);
    kept.value = keep_subject(&match->value);
    kept.limit = keep_subject(&match->limit);
    kept.text = match->text ? gt__strdup(match->text) : NULL;
    kept.parts = match->part_count > 0 ? keep_parts(match, &inner) : NULL;
    if (match->kind == GT__MATCH_LIKE)
        kept.compiled = compile(match, origin);
    if (match->kind == GT__MATCH_MESSAGE)
        keep_message(&kept, origin);
    return kept;
}

/* What a kept matcher points to is its own, whatever the type says to its users. */
static void give_back(const void *memory)
{
    gt__free((void *)(uintptr_t)memory);
}

void gt__match_drop(gt_match *match)
{
    for (size_t i = 0; i < match->part_count; i++)
        gt__match_drop((gt_match *)(uintptr_t)&match->parts[i]);
    give_back(match->parts);
    give_back(match->text);
    give_back(match->value.bytes.data);
    give_back(match->limit.bytes.data);
    if (match->compiled)
        gt__pattern_free(match->compiled);
    *match = (gt_match){0};
}
