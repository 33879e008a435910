/* Regular expressions, by PCRE2. Its memory is the library's, and a search is bounded in steps, as
 * what is searched comes from a peer. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "match_inside.h"

enum { MAX_STEPS = 1000000 };

static void *take(size_t size, void *user)
{
    (void)user;
    return gt__malloc(size);
}

static void give(void *memory, void *user)
{
    (void)user;
    gt__free(memory);
}

static char *explain(const char *pattern, int error, size_t offset)
{
    PCRE2_UCHAR text[160];
    pcre2_get_error_message(error, text, sizeof text);
    return gt__printf("\"%s\" is no regular expression: %s, at offset %zu", pattern,
                      (const char *)text, offset);
}

void *gt__pattern_compile(const char *pattern, char **reason)
{
    int error;
    PCRE2_SIZE offset;
    pcre2_general_context *memory = pcre2_general_context_create(take, give, NULL);
    pcre2_compile_context *context = pcre2_compile_context_create(memory);
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                                     PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &error, &offset, context);
    pcre2_compile_context_free(context);
    pcre2_general_context_free(memory);
    if (!code)
        *reason = explain(pattern, error, offset);
    return code;
}

bool gt__pattern_found(const void *compiled, gt_bytes text)
{
    pcre2_general_context *memory = pcre2_general_context_create(take, give, NULL);
    pcre2_match_context *context = pcre2_match_context_create(memory);
    pcre2_match_data *data = pcre2_match_data_create(1, memory);
    pcre2_set_match_limit(context, MAX_STEPS);
    PCRE2_SPTR subject = text.size > 0 ? text.data : (PCRE2_SPTR) "";
    int found = pcre2_match(compiled, subject, text.size, 0, 0, data, context);
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    pcre2_general_context_free(memory);
    return found >= 0;
}

void gt__pattern_free(void *compiled)
{
    pcre2_code_free(compiled);
}
