/* match.h - matchers: what a script asks of a message, of a value of metadata, of a length of time.
 * Rule: a matcher is a value that borrows what it was made from; whoever is given one to keep (a
 * step, an expectation) copies all of it at once. */
#ifndef GRPCTEST_MATCH_H
#define GRPCTEST_MATCH_H

#include <grpctest/base.h>
#include <grpctest/field.h>

#ifdef __cplusplus
#include <initializer_list>
#endif

GT_BEGIN_DECLS

/* What a matcher is asked about. Borrowed during the question. */
typedef enum gt_subject_kind {
    GT_SUBJECT_ABSENT = 0, /* there is none: a key that did not come, a field that is unset */
    GT_SUBJECT_BYTES,      /* a message, a bytes field, a value of a "-bin" key */
    GT_SUBJECT_TEXT,       /* a string field, a value of metadata, a name */
    GT_SUBJECT_INTEGER,    /* any integer or enum field; a duration in nanoseconds */
    GT_SUBJECT_UNSIGNED,   /* an unsigned field of 64 bits that an int64_t does not hold */
    GT_SUBJECT_REAL,
    GT_SUBJECT_BOOL
} gt_subject_kind;

typedef struct gt_subject {
    gt_subject_kind kind;
    bool unset;                  /* a field that is not set: the rest is its default value */
    gt_bytes bytes;              /* BYTES and TEXT */
    int64_t integer;             /* INTEGER; BOOL: 0 or 1 */
    uint64_t whole;              /* UNSIGNED */
    double real;                 /* REAL */
    const gt_message_type *type; /* BYTES: of a message whose type is known; else NULL */
} gt_subject;

/* One's own matcher: true when the subject is what is wanted. Must not block. */
typedef bool gt_match_fn(void *user, const gt_subject *subject);

/* Made by the functions below alone; the members are the library's. */
typedef struct gt_match {
    int kind;
    gt_subject value, limit;
    const char *text;
    const gt_message_type *type;
    gt_diff_options diff;
    bool as_json;
    const struct gt_match *parts;
    size_t part_count;
    gt_match_fn *fn;
    void *user;
    void *compiled; /* gt_like, in a copy that is kept */
} gt_match;

/* ---- any subject ---------------------------------------------------------------------------- */

/* Whatever is there, absent or not. */
GT_API GT_MUST_USE gt_match gt_anything(void);
/* It is there; it is not. */
GT_API GT_MUST_USE gt_match gt_present(void);
GT_API GT_MUST_USE gt_match gt_absent(void);

/* All of them hold, or at least one, or `match` does not. An empty list holds for gt_all_of and
 * fails for gt_any_of. */
GT_API GT_MUST_USE gt_match gt_all_of_n(const gt_match *parts, size_t count);
GT_API GT_MUST_USE gt_match gt_any_of_n(const gt_match *parts, size_t count);
GT_API GT_MUST_USE gt_match gt_not_n(const gt_match *match);

/* What one's own function says; `what` ("is a palindrome") stands in failures. */
GT_API GT_MUST_USE gt_match gt_where(const char *what, gt_match_fn *fn, void *user);

/* ---- equal, less, more ---------------------------------------------------------------------- */

/* Equal to this value: a text to the same bytes, a number to any number of that value, a bool to a
 * bool, or to 0 or 1 (which is what `true` is in C11). gt_is picks one of these by its argument's
 * type. */
GT_API GT_MUST_USE gt_match gt_is_text(const char *text);
GT_API GT_MUST_USE gt_match gt_is_integer(int64_t value);
GT_API GT_MUST_USE gt_match gt_is_unsigned(uint64_t value);
GT_API GT_MUST_USE gt_match gt_is_real(double value);
GT_API GT_MUST_USE gt_match gt_is_bool(bool value);
GT_API GT_MUST_USE gt_match gt_is_bytes(gt_bytes bytes);

/* A number from `low` to `high`, both included. */
GT_API GT_MUST_USE gt_match gt_between(int64_t low, int64_t high);
GT_API GT_MUST_USE gt_match gt_between_reals(double low, double high);

/* ---- texts and bytes ------------------------------------------------------------------------ */

/* It contains, begins with, or ends with this text. */
GT_API GT_MUST_USE gt_match gt_contains(const char *text);
GT_API GT_MUST_USE gt_match gt_starts_with(const char *text);
GT_API GT_MUST_USE gt_match gt_ends_with(const char *text);

/* The regular expression (PCRE2, UTF-8) is found in it; `^` and `$` tie it to the whole. One that
 * does not compile is misuse: a sentence that says where. A search that takes more than a million
 * steps counts as not found. */
GT_API GT_MUST_USE gt_match gt_like(const char *pattern);

/* ---- messages ------------------------------------------------------------------------------- */

/* What a text says, they take the message's type for from the method, of which gt_use_types has
 * told; a text or path that does not fit the type is misuse, told with line, column and field. How
 * a message was serialized makes no difference (gt_message_diff). */

/* The message that this text says (protobuf text format), or this JSON. */
GT_API GT_MUST_USE gt_match gt_text(const char *text);
GT_API GT_MUST_USE gt_match gt_json(const char *json);
/* A message that has at least what this text says, on every level. */
GT_API GT_MUST_USE gt_match gt_partly(const char *text);
/* The message that this text says, with the elements of its lists in any order. */
GT_API GT_MUST_USE gt_match gt_unordered(const char *text);

/* A message whose field at `path` (gt_message_get: "user.id", "items[2].name", "labels[\"k\"]", a
 * oneof's name) is what `match` wants. A field that is not set has its default value, and is absent
 * to gt_present and gt_absent; an enum value is a number that also equals its name; a list or map
 * is the number of its elements, a oneof the name of the member that is set. */
GT_API GT_MUST_USE gt_match gt_has_field_n(const char *path, const gt_match *match);

/* ---- asking --------------------------------------------------------------------------------- */

/* True when `match` holds for `subject`. Otherwise, where `why` is not NULL, it is what failed as
 * one line of text ("is \"jane\", expected \"john\""), which the caller frees with gt_free. */
GT_API bool gt_match_holds(const gt_match *match, const gt_subject *subject, char **why);

/* Subjects of one's own. */
GT_API gt_subject gt_subject_text(const char *text);
GT_API gt_subject gt_subject_bytes(gt_bytes bytes);
GT_API gt_subject gt_subject_integer(int64_t value);

GT_END_DECLS

/* ---- the same words in C and in C++ -----------------------------------------------------------
 */

#ifndef __cplusplus

/* gt_is(x): equal to a text, a number or a bool, by the type of `x`. */
#define gt_is(x)                                                                                   \
    _Generic((x), char *                                                                           \
             : gt_is_text, const char *                                                            \
             : gt_is_text, bool                                                                    \
             : gt_is_bool, float                                                                   \
             : gt_is_real, double                                                                  \
             : gt_is_real, unsigned long                                                           \
             : gt_is_unsigned, unsigned long long                                                  \
             : gt_is_unsigned, gt_bytes                                                            \
             : gt_is_bytes, default                                                                \
             : gt_is_integer)(x)

/* gt_all_of(match, ...), gt_any_of(match, ...), gt_not(match), gt_has_field(path, match): the lists
 * live to the end of the block they are written in. */
#define GT__MATCHES(...)                                                                           \
    (const gt_match[]){__VA_ARGS__}, sizeof((const gt_match[]){__VA_ARGS__}) / sizeof(gt_match)
#define gt_all_of(...) gt_all_of_n(GT__MATCHES(__VA_ARGS__))
#define gt_any_of(...) gt_any_of_n(GT__MATCHES(__VA_ARGS__))
#define gt_not(match) gt_not_n((const gt_match[]){match})
#define gt_has_field(path, match) gt_has_field_n((path), (const gt_match[]){match})

#else

/* In C++ the lists live to the end of the expression they are written in. */
inline gt_match gt_is(const char *text)
{
    return gt_is_text(text);
}
inline gt_match gt_is(bool value)
{
    return gt_is_bool(value);
}
inline gt_match gt_is(double value)
{
    return gt_is_real(value);
}
inline gt_match gt_is(gt_bytes bytes)
{
    return gt_is_bytes(bytes);
}
inline gt_match gt_is(int value)
{
    return gt_is_integer(value);
}
inline gt_match gt_is(long value)
{
    return gt_is_integer(value);
}
inline gt_match gt_is(long long value)
{
    return gt_is_integer(value);
}
inline gt_match gt_is(unsigned value)
{
    return gt_is_integer(static_cast<int64_t>(value));
}
inline gt_match gt_is(unsigned long value)
{
    return gt_is_unsigned(value);
}
inline gt_match gt_is(unsigned long long value)
{
    return gt_is_unsigned(value);
}
inline gt_match gt__all_of(const std::initializer_list<gt_match> &parts)
{
    return gt_all_of_n(parts.begin(), parts.size());
}
inline gt_match gt__any_of(const std::initializer_list<gt_match> &parts)
{
    return gt_any_of_n(parts.begin(), parts.size());
}
inline gt_match gt__not(const std::initializer_list<gt_match> &match)
{
    return gt_not_n(match.begin());
}
inline gt_match gt__has_field(const char *path, const std::initializer_list<gt_match> &match)
{
    return gt_has_field_n(path, match.begin());
}
#define gt_all_of(...) gt__all_of({__VA_ARGS__})
#define gt_any_of(...) gt__any_of({__VA_ARGS__})
#define gt_not(match) gt__not({match})
#define gt_has_field(path, match) gt__has_field((path), {match})

#endif

#endif
