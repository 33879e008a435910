/* Metadata made of pairs, and as text: one "key: value" a line, bytes in base64. */
#include "coding.h"
#include "metadata.h"

#include <grpctest/error.h>

static void explain(char **reason, const char *key, const char *why)
{
    if (reason)
        *reason = gt__printf("\"%s\": %s", key, why);
}

/* ---- pairs
 * ------------------------------------------------------------------------------------------ */

gt_metadata *gt_metadata_from(const char *const (*pairs)[2], size_t count, char **reason)
{
    gt_metadata *metadata = gt_metadata_new();
    if (reason)
        *reason = NULL;
    for (size_t i = 0; i < count; i++) {
        const char *key = pairs[i][0];
        gt_bytes value = gt_bytes_str(pairs[i][1]);
        const char *why = gt_metadata_explain(key, value);
        if (why) {
            explain(reason, key, why);
            gt_metadata_free(metadata);
            return NULL;
        }
        gt__metadata_add(metadata, key, strlen(key), value);
    }
    return metadata;
}

/* ---- text
 * ------------------------------------------------------------------------------------------- */

char *gt_metadata_format(const gt_metadata *metadata)
{
    gt__buffer text = {0};
    for (size_t i = 0; i < gt_metadata_count(metadata); i++) {
        gt_metadata_entry entry = gt_metadata_at(metadata, i);
        gt__buffer_printf(&text, "%s: ", entry.key);
        if (gt__key_is_binary(entry.key, strlen(entry.key)))
            gt__base64_encode(&text, entry.value);
        else
            gt__buffer_add(&text, entry.value.data, entry.value.size);
        gt__buffer_add_text(&text, "\n");
    }
    return gt__buffer_take_text(&text);
}

static const char *add_value(gt_metadata *metadata, const char *key, const char *text, size_t size)
{
    gt_bytes value = gt_bytes_of(text, size);
    gt__buffer decoded = {0};
    const char *why = NULL;
    if (gt__key_is_binary(key, strlen(key))) {
        if (gt__base64_decode(&decoded, text, size) != 0)
            why = "the value is not base64";
        value = gt_bytes_of(decoded.data, decoded.size);
    }
    if (!why)
        why = gt_metadata_explain(key, value);
    if (!why)
        gt__metadata_add(metadata, key, strlen(key), value);
    gt__buffer_cleanup(&decoded);
    return why;
}

static const char *skip_spaces(const char *text, const char *end)
{
    while (text < end && *text == ' ')
        text++;
    return text;
}

/* One line, without its newline. NULL, or why not. */
static const char *add_line(gt_metadata *metadata, const char *line, const char *end)
{
    if (end > line && end[-1] == '\r')
        end--;
    line = skip_spaces(line, end);
    if (line == end)
        return NULL;
    const char *colon = memchr(line, ':', (size_t)(end - line));
    if (!colon)
        return "there is no ':' between key and value";
    char *key = gt__strndup(line, (size_t)(colon - line));
    const char *value = skip_spaces(colon + 1, end);
    const char *why = add_value(metadata, key, value, (size_t)(end - value));
    gt__free(key);
    return why;
}

gt_metadata *gt_metadata_parse(const char *text, char **reason)
{
    gt_metadata *metadata = gt_metadata_new();
    if (reason)
        *reason = NULL;
    for (size_t number = 1; *text; number++) {
        size_t size = strcspn(text, "\n");
        const char *why = add_line(metadata, text, text + size);
        if (why) {
            if (reason)
                *reason = gt__printf("line %zu: %s", number, why);
            gt_metadata_free(metadata);
            return NULL;
        }
        text += size + (text[size] == '\n');
    }
    return metadata;
}

bool gt_metadata_equal(const gt_metadata *a, const gt_metadata *b)
{
    size_t count = gt_metadata_count(a);
    if (count != gt_metadata_count(b))
        return false;
    for (size_t i = 0; i < count; i++) {
        gt_metadata_entry one = gt_metadata_at(a, i), other = gt_metadata_at(b, i);
        if (strcmp(one.key, other.key) != 0 || !gt_bytes_equal(one.value, other.value))
            return false;
    }
    return true;
}
