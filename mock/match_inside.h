/* match_inside.h - the inside of matchers: keeping them, and telling what they want.
 * Rule: a kept matcher owns all that it refers to; gt__match_drop gives it back. */
#ifndef GRPCTEST_MOCK_MATCH_INSIDE_H
#define GRPCTEST_MOCK_MATCH_INSIDE_H

#include "engine/core/core.h"
#include <grpctest/match.h>

/* Where a matcher was written, and of which type the messages are that it is asked about (NULL: not
 * known). */
typedef struct gt__origin {
    const char *file;
    int line;
    const gt_message_type *type;
} gt__origin;

/* A copy that owns its texts, bytes and parts, with its regular expressions compiled and its texts
 * of messages parsed; what cannot be is misuse, told with the place. */
gt_match gt__match_keep(const gt_match *match, const gt__origin *origin);
void gt__match_drop(gt_match *match);

/* True when it holds. Where it does not, what failed is added to `why` (may be NULL):
 * `is "jane", expected "john"`. */
bool gt__match_ask(const gt_match *match, const gt_subject *subject, gt__buffer *why);

/* What it wants, to stand behind "expected ": `"john"`, `a number from 1 to 5`. */
void gt__match_describe(const gt_match *match, gt__buffer *out);

/* A subject as a person reads it; long ones are cut and their size is told. */
void gt__subject_print(const gt_subject *subject, gt__buffer *out);

/* Bytes in quotes; the same. */
void gt__print_quoted(gt_bytes bytes, gt__buffer *out);

/* The kinds of gt_match.kind; zero is gt_anything, so that a zeroed matcher asks for nothing. */
enum {
    GT__MATCH_ANYTHING = 0,
    GT__MATCH_PRESENT,
    GT__MATCH_ABSENT,
    GT__MATCH_ALL,
    GT__MATCH_ANY,
    GT__MATCH_NOT,
    GT__MATCH_WHERE,
    GT__MATCH_IS,
    GT__MATCH_BETWEEN,
    GT__MATCH_CONTAINS,
    GT__MATCH_STARTS,
    GT__MATCH_ENDS,
    GT__MATCH_LIKE,
    GT__MATCH_MESSAGE, /* .text says it; .as_json, .diff */
    GT__MATCH_FIELD,   /* .text is the path; one part */
    GT__MATCH_KINDS
};

/* ---- messages (message_text.c) -----------------------------------------------------------------
 */

/* The message that a text, or JSON, says; what says none is misuse, in `function`'s name. The bytes
 * are the caller's, for gt__free. */
gt_bytes gt__message_parse(const char *text, bool json, const gt__origin *origin,
                           const char *function);

/* What a matcher of messages was made by: "gt_partly". A static string. */
const char *gt__message_function(const gt_match *match);

/* How many differences there are between two messages of a type; a line about each is added to
 * `text` (may be NULL). What is no message of that type differs as a whole. */
size_t gt__message_diff(const gt_message_type *type, gt_bytes expected, gt_bytes actual,
                        const gt_diff_options *options, gt__buffer *text);

/* Adds the message as text, in braces; as bytes where it is none of that type. */
void gt__message_print(const gt_message_type *type, gt_bytes message, gt__buffer *out);

/* Misuse where messages of the origin's type have no such path; otherwise the type of what it leads
 * to, where that is a message. */
const gt_message_type *gt__field_check(const char *path, const gt__origin *origin);

/* Finds a field and asks about it; `why` as for gt__match_ask. */
bool gt__field_ask(const gt_match *match, const gt_subject *message, gt__buffer *why);

/* ---- regular expressions (pattern.c) ----------------------------------------------------------
 */

/* Compiles it, for gt__pattern_free; NULL when it is none, and then the sentence in `*reason`,
 * freed with gt__free, says where and why. */
void *gt__pattern_compile(const char *pattern, char **reason);
bool gt__pattern_found(const void *compiled, gt_bytes text);
void gt__pattern_free(void *compiled);

#endif
