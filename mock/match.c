/* Matchers: making them and asking them. Each kind is a row of one table. */
#include "match_inside.h"

/* ---- making them ------------------------------------------------------------------------------
 */

static gt_match of_kind(int kind)
{
    gt_match match = {.kind = kind};
    return match;
}

static gt_match with_text(int kind, const char *text)
{
    gt_match match = {.kind = kind, .text = text};
    return match;
}

static gt_match with_parts(int kind, const gt_match *parts, size_t count)
{
    gt_match match = {.kind = kind, .parts = parts, .part_count = count};
    return match;
}

static gt_match equal_to(gt_subject value)
{
    gt_match match = {.kind = GT__MATCH_IS, .value = value};
    return match;
}

gt_match gt_anything(void)
{
    return of_kind(GT__MATCH_ANYTHING);
}

gt_match gt_present(void)
{
    return of_kind(GT__MATCH_PRESENT);
}

gt_match gt_absent(void)
{
    return of_kind(GT__MATCH_ABSENT);
}

gt_match gt_all_of_n(const gt_match *parts, size_t count)
{
    return with_parts(GT__MATCH_ALL, parts, count);
}

gt_match gt_any_of_n(const gt_match *parts, size_t count)
{
    return with_parts(GT__MATCH_ANY, parts, count);
}

gt_match gt_not_n(const gt_match *match)
{
    return with_parts(GT__MATCH_NOT, match, 1);
}

gt_match gt_where(const char *what, gt_match_fn *fn, void *user)
{
    gt_match match = {.kind = GT__MATCH_WHERE, .text = what, .fn = fn, .user = user};
    return match;
}

gt_match gt_is_text(const char *text)
{
    return equal_to(gt_subject_text(text));
}

gt_match gt_is_integer(int64_t value)
{
    return equal_to(gt_subject_integer(value));
}

gt_match gt_is_unsigned(uint64_t value)
{
    gt_subject subject = {.kind = GT_SUBJECT_UNSIGNED, .whole = value};
    return value <= INT64_MAX ? gt_is_integer((int64_t)value) : equal_to(subject);
}

gt_match gt_is_real(double value)
{
    gt_subject subject = {.kind = GT_SUBJECT_REAL, .real = value};
    return equal_to(subject);
}

gt_match gt_is_bool(bool value)
{
    gt_subject subject = {.kind = GT_SUBJECT_BOOL, .integer = value};
    return equal_to(subject);
}

gt_match gt_is_bytes(gt_bytes bytes)
{
    return equal_to(gt_subject_bytes(bytes));
}

gt_match gt_between(int64_t low, int64_t high)
{
    gt_match match = {.kind = GT__MATCH_BETWEEN,
                      .value = gt_subject_integer(low),
                      .limit = gt_subject_integer(high)};
    return match;
}

gt_match gt_between_reals(double low, double high)
{
    gt_match match = {.kind = GT__MATCH_BETWEEN,
                      .value = {.kind = GT_SUBJECT_REAL, .real = low},
                      .limit = {.kind = GT_SUBJECT_REAL, .real = high}};
    return match;
}

gt_match gt_contains(const char *text)
{
    return with_text(GT__MATCH_CONTAINS, text);
}

gt_match gt_starts_with(const char *text)
{
    return with_text(GT__MATCH_STARTS, text);
}

gt_match gt_ends_with(const char *text)
{
    return with_text(GT__MATCH_ENDS, text);
}

gt_match gt_like(const char *pattern)
{
    return with_text(GT__MATCH_LIKE, pattern);
}

static gt_match message(const char *text, bool partial, bool any_order)
{
    gt_match match = with_text(GT__MATCH_MESSAGE, text);
    match.diff.partial = partial;
    match.diff.any_order = any_order;
    return match;
}

gt_match gt_text(const char *text)
{
    return message(text, false, false);
}

gt_match gt_json(const char *json)
{
    gt_match match = message(json, false, false);
    match.as_json = true;
    return match;
}

gt_match gt_partly(const char *text)
{
    return message(text, true, false);
}

gt_match gt_unordered(const char *text)
{
    return message(text, false, true);
}

gt_match gt_has_field_n(const char *path, const gt_match *match)
{
    gt_match field = with_parts(GT__MATCH_FIELD, match, 1);
    field.text = path;
    return field;
}

/* ---- what each kind says -----------------------------------------------------------------------
 */

static bool is_number(const gt_subject *s)
{
    return s->kind == GT_SUBJECT_INTEGER || s->kind == GT_SUBJECT_UNSIGNED ||
           s->kind == GT_SUBJECT_REAL;
}

static double as_real(const gt_subject *s)
{
    if (s->kind == GT_SUBJECT_REAL)
        return s->real;
    return s->kind == GT_SUBJECT_UNSIGNED ? (double)s->whole : (double)s->integer;
}

/* Below zero, zero, or above, as `a` is less than, equal to, or more than `b`. Only integers beyond
 * INT64_MAX are UNSIGNED, so that these are more than any other. */
static int compare(const gt_subject *a, const gt_subject *b)
{
    if (a->kind == GT_SUBJECT_REAL || b->kind == GT_SUBJECT_REAL) {
        double x = as_real(a), y = as_real(b);
        return x == y ? 0 : x < y ? -1 : 1;
    }
    if (a->kind != b->kind)
        return a->kind == GT_SUBJECT_UNSIGNED ? 1 : -1;
    if (a->kind == GT_SUBJECT_UNSIGNED)
        return a->whole == b->whole ? 0 : a->whole < b->whole ? -1 : 1;
    return a->integer == b->integer ? 0 : a->integer < b->integer ? -1 : 1;
}

static bool is_bytes(const gt_subject *s)
{
    return s->kind == GT_SUBJECT_BYTES || s->kind == GT_SUBJECT_TEXT;
}

/* A bool equals a bool, and what C's `true` is before C23: the int 1. */
static bool equal(const gt_subject *a, const gt_subject *b)
{
    bool named = a->kind == GT_SUBJECT_INTEGER && a->bytes.data; /* an enum value */
    if ((is_bytes(a) || named) && is_bytes(b))
        return gt_bytes_equal(a->bytes, b->bytes);
    if (a->kind == GT_SUBJECT_BOOL || b->kind == GT_SUBJECT_BOOL)
        return (a->kind == b->kind || a->kind == GT_SUBJECT_INTEGER ||
                b->kind == GT_SUBJECT_INTEGER) &&
               a->integer == b->integer;
    if (is_number(a) && is_number(b))
        return compare(a, b) == 0;
    return a->kind == GT_SUBJECT_ABSENT && b->kind == GT_SUBJECT_ABSENT;
}

static bool holds_anything(const gt_match *m, const gt_subject *s)
{
    (void)m;
    (void)s;
    return true;
}

static bool holds_present(const gt_match *m, const gt_subject *s)
{
    (void)m;
    return s->kind != GT_SUBJECT_ABSENT && !s->unset;
}

static bool holds_absent(const gt_match *m, const gt_subject *s)
{
    return !holds_present(m, s);
}

static bool holds_all(const gt_match *m, const gt_subject *s)
{
    for (size_t i = 0; i < m->part_count; i++)
        if (!gt__match_ask(&m->parts[i], s, NULL))
            return false;
    return true;
}

static bool holds_any(const gt_match *m, const gt_subject *s)
{
    for (size_t i = 0; i < m->part_count; i++)
        if (gt__match_ask(&m->parts[i], s, NULL))
            return true;
    return false;
}

static bool holds_not(const gt_match *m, const gt_subject *s)
{
    return !gt__match_ask(m->parts, s, NULL);
}

static bool holds_where(const gt_match *m, const gt_subject *s)
{
    return m->fn(m->user, s);
}

static bool holds_is(const gt_match *m, const gt_subject *s)
{
    return equal(s, &m->value);
}

static bool holds_between(const gt_match *m, const gt_subject *s)
{
    return is_number(s) && compare(s, &m->value) >= 0 && compare(s, &m->limit) <= 0;
}

static bool holds_contains(const gt_match *m, const gt_subject *s)
{
    size_t size = strlen(m->text);
    if (!is_bytes(s))
        return false;
    return size == 0 ||
           (s->bytes.size >= size && memmem(s->bytes.data, s->bytes.size, m->text, size) != NULL);
}

static bool holds_starts(const gt_match *m, const gt_subject *s)
{
    size_t size = strlen(m->text);
    return is_bytes(s) && s->bytes.size >= size &&
           (size == 0 || memcmp(s->bytes.data, m->text, size) == 0);
}

static bool holds_ends(const gt_match *m, const gt_subject *s)
{
    size_t size = strlen(m->text);
    return is_bytes(s) && s->bytes.size >= size &&
           (size == 0 || memcmp(s->bytes.data + s->bytes.size - size, m->text, size) == 0);
}

static bool holds_like(const gt_match *m, const gt_subject *s)
{
    if (!is_bytes(s))
        return false;
    if (m->compiled)
        return gt__pattern_found(m->compiled, s->bytes);
    char *reason;
    void *compiled = gt__pattern_compile(m->text, &reason);
    if (!compiled)
        gt__misuse("gt_like: %s", reason);
    bool found = gt__pattern_found(compiled, s->bytes);
    gt__pattern_free(compiled);
    return found;
}

const char *gt__message_function(const gt_match *match)
{
    if (match->as_json)
        return "gt_json";
    if (match->diff.partial)
        return "gt_partly";
    return match->diff.any_order ? "gt_unordered" : "gt_text";
}

static bool holds_message(const gt_match *m, const gt_subject *s)
{
    if (!m->type)
        gt__misuse("%s(\"%s\") was asked outside of a script: nobody knows its type",
                   gt__message_function(m), m->text);
    return s->kind == GT_SUBJECT_BYTES &&
           gt__message_diff(m->type, m->value.bytes, s->bytes, &m->diff, NULL) == 0;
}

static bool holds_field(const gt_match *m, const gt_subject *s)
{
    return gt__field_ask(m, s, NULL);
}

/* ---- what each kind wants ----------------------------------------------------------------------
 */

static void want_value(const gt_match *m, gt__buffer *out)
{
    gt__subject_print(&m->value, out);
}

static void want_range(const gt_match *m, gt__buffer *out)
{
    gt__buffer_add_text(out, "a number from ");
    gt__subject_print(&m->value, out);
    gt__buffer_add_text(out, " to ");
    gt__subject_print(&m->limit, out);
}

static void want_joined(const gt_match *m, const char *word, gt__buffer *out)
{
    for (size_t i = 0; i < m->part_count; i++) {
        gt__buffer_add_text(out, i > 0 ? word : "");
        gt__match_describe(&m->parts[i], out);
    }
}

static void want_all(const gt_match *m, gt__buffer *out)
{
    want_joined(m, " and ", out);
}

static void want_any(const gt_match *m, gt__buffer *out)
{
    if (m->part_count == 0)
        gt__buffer_add_text(out, "one of none");
    want_joined(m, " or ", out);
}

static void want_not(const gt_match *m, gt__buffer *out)
{
    gt__buffer_add_text(out, "anything but ");
    gt__match_describe(m->parts, out);
}

static void want_message(const gt_match *m, gt__buffer *out)
{
    if (m->diff.partial)
        gt__buffer_add_text(out, "at least ");
    gt__message_print(m->type, m->value.bytes, out);
}

static void want_field(const gt_match *m, gt__buffer *out)
{
    gt__buffer_printf(out, "a %s of ", m->text);
    gt__match_describe(m->parts, out);
}

static const struct sort {
    bool (*holds)(const gt_match *match, const gt_subject *subject);
    void (*describe)(const gt_match *match, gt__buffer *out); /* NULL: `words`, then its text */
    const char *words;
} sorts[GT__MATCH_KINDS] = {
    [GT__MATCH_ANYTHING] = {holds_anything, NULL, "anything"},
    [GT__MATCH_PRESENT] = {holds_present, NULL, "something"},
    [GT__MATCH_ABSENT] = {holds_absent, NULL, "nothing"},
    [GT__MATCH_ALL] = {holds_all, want_all, NULL},
    [GT__MATCH_ANY] = {holds_any, want_any, NULL},
    [GT__MATCH_NOT] = {holds_not, want_not, NULL},
    [GT__MATCH_WHERE] = {holds_where, NULL, "what"},
    [GT__MATCH_IS] = {holds_is, want_value, NULL},
    [GT__MATCH_BETWEEN] = {holds_between, want_range, NULL},
    [GT__MATCH_CONTAINS] = {holds_contains, NULL, "what contains"},
    [GT__MATCH_STARTS] = {holds_starts, NULL, "what starts with"},
    [GT__MATCH_ENDS] = {holds_ends, NULL, "what ends with"},
    [GT__MATCH_LIKE] = {holds_like, NULL, "what is like"},
    [GT__MATCH_MESSAGE] = {holds_message, want_message, NULL},
    [GT__MATCH_FIELD] = {holds_field, want_field, NULL},
};

void gt__match_describe(const gt_match *match, gt__buffer *out)
{
    const struct sort *sort = &sorts[match->kind];
    if (sort->describe) {
        sort->describe(match, out);
        return;
    }
    gt__buffer_add_text(out, sort->words);
    if (!match->text)
        return;
    gt__buffer_add_text(out, " ");
    if (match->kind == GT__MATCH_WHERE)
        gt__buffer_add_text(out, match->text);
    else
        gt__buffer_quote(out, gt_bytes_str(match->text));
}

/* ---- asking them ------------------------------------------------------------------------------
 */

/* Of several that must all hold, the first that does not is what went wrong. */
static const gt_match *culprit(const gt_match *match, const gt_subject *subject)
{
    while (match->kind == GT__MATCH_ALL) {
        size_t i = 0;
        while (gt__match_ask(&match->parts[i], subject, NULL))
            i++;
        match = &match->parts[i];
    }
    return match;
}

static void explain(const gt_match *match, const gt_subject *subject, gt__buffer *why)
{
    if (match->kind == GT__MATCH_FIELD) {
        (void)gt__field_ask(match, subject, why);
        return;
    }
    gt__buffer_add_text(why, "is ");
    gt__subject_print(subject, why);
    gt__buffer_add_text(why, ", expected ");
    gt__match_describe(match, why);
    if (match->kind == GT__MATCH_MESSAGE && subject->kind == GT_SUBJECT_BYTES)
        gt__message_diff(match->type, match->value.bytes, subject->bytes, &match->diff, why);
}

bool gt__match_ask(const gt_match *match, const gt_subject *subject, gt__buffer *why)
{
    if (sorts[match->kind].holds(match, subject))
        return true;
    if (why)
        explain(culprit(match, subject), subject, why);
    return false;
}

bool gt_match_holds(const gt_match *match, const gt_subject *subject, char **why)
{
    gt__buffer text = {0};
    bool holds = gt__match_ask(match, subject, why ? &text : NULL);
    if (why)
        *why = holds ? NULL : gt__buffer_take_text(&text);
    return holds;
}
