/* Keeping matchers beyond the block they were written in. */
#include "match_inside.h"

static gt_subject keep_subject(const gt_subject *subject)
{
    gt_subject kept = *subject;
    kept.bytes.data = gt__memdup(subject->bytes.data, subject->bytes.size);
    return kept;
}

static void *compile(const gt_match *match, const char *file, int line)
{
    char *reason;
    void *compiled = gt__pattern_compile(match->text, &reason);
    if (!compiled)
        gt__misuse("%s:%d: %s", file, line, reason);
    return compiled;
}

static gt_match *keep_parts(const gt_match *match, const char *file, int line)
{
    gt_match *parts = gt__calloc(match->part_count, sizeof *parts);
    for (size_t i = 0; i < match->part_count; i++)
        parts[i] = gt__match_keep(&match->parts[i], file, line);
    return parts;
}

gt_match gt__match_keep(const gt_match *match, const char *file, int line)
{
    gt_match kept = *match;
    kept.value = keep_subject(&match->value);
    kept.limit = keep_subject(&match->limit);
    kept.text = match->text ? gt__strdup(match->text) : NULL;
    kept.parts = match->part_count > 0 ? keep_parts(match, file, line) : NULL;
    kept.compiled = match->kind == GT__MATCH_LIKE ? compile(match, file, line) : NULL;
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
