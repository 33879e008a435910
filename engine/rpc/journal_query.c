/* The journal for programs: entries that a filter lets through, as structures and as JSON. */
#include "journal.h"

#include "engine/message/utf8.h"
#include <jansson.h>
#include <stdlib.h>

/* ---- filtering ------------------------------------------------------------------------------ */

void gt_journal_filter_init(gt_journal_filter *filter)
{
    *filter = (gt_journal_filter){0};
}

static bool lets_through(const gt_journal_filter *filter, const gt__record *record)
{
    if (filter->call && filter->call != record->call)
        return false;
    if (filter->method && (!record->method || strcmp(filter->method, record->method) != 0))
        return false;
    if (filter->end && (filter->end == GT_AT_SERVER) != record->server)
        return false;
    if (filter->kinds && !(filter->kinds & GT_JOURNAL_ONLY(record->kind)))
        return false;
    return record->when >= filter->from && (!filter->until || record->when < filter->until);
}

typedef struct visitor {
    gt__journal *journal;
    const gt_journal_filter *filter;
    gt_journal_fn *visit;
    void *user;
    size_t count;
} visitor;

static void visit_record(void *user, const gt__record *record, const uint8_t *kept)
{
    visitor *v = user;
    if (v->filter && !lets_through(v->filter, record))
        return;
    v->count++;
    if (!v->visit)
        return;
    gt__buffer text = {0};
    gt__record_text(v->journal, record, kept, &text);
    gt__buffer_extend(&text, 0);
    bool message = record->kind == GT_JOURNAL_MESSAGE;
    gt_journal_entry entry = {
        .when = record->when,
        .call = record->call,
        .method = record->method,
        .server = record->server,
        .sent = record->sent,
        .kind = (gt_journal_kind)record->kind,
        .size = message ? record->size : 0,
        .bytes = gt_bytes_of(kept, message ? record->kept : 0),
        .text = (const char *)text.data,
    };
    v->visit(v->user, &entry);
    gt__buffer_cleanup(&text);
}

size_t gt_journal_find(gt_world *world, const gt_journal_filter *filter, gt_journal_fn *visit,
                       void *user)
{
    visitor v = {gt__journal_of(world), filter, visit, user, 0};
    gt__journal_records(v.journal, visit_record, &v);
    return v.count;
}

size_t gt_journal_each(gt_world *world, gt_journal_fn *visit, void *user)
{
    return gt_journal_find(world, NULL, visit, user);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

/* The text as a string of JSON, which is UTF-8: other bytes of it as they are written in C. */
static json_t *json_of_text(const char *text)
{
    gt__buffer valid = {0};
    size_t size = strlen(text);
    for (size_t at = 0, length; at < size; at += length ? length : 1) {
        length = gt__utf8_character((const uint8_t *)text + at, size - at);
        if (length > 0)
            gt__buffer_add(&valid, text + at, length);
        else
            gt__buffer_printf(&valid, "\\x%02x", (unsigned char)text[at]);
    }
    json_t *string = json_stringn(gt_buffer_text(&valid), valid.size);
    gt__buffer_cleanup(&valid);
    return string;
}

static void add_json(void *user, const gt_journal_entry *entry)
{
    gt__buffer *out = user;
    json_t *object = json_object();
    json_object_set_new(object, "ns", json_integer(entry->when));
    if (entry->method) {
        json_object_set_new(object, "call", json_integer((json_int_t)entry->call));
        json_object_set_new(object, "method", json_of_text(entry->method));
    }
    json_object_set_new(object, "end", json_string(entry->server ? "server" : "client"));
    json_object_set_new(object, "way", json_string(entry->sent ? "sent" : "received"));
    json_object_set_new(object, "kind", json_string(gt__journal_kind_name(entry->kind)));
    if (entry->kind == GT_JOURNAL_MESSAGE)
        json_object_set_new(object, "size", json_integer((json_int_t)entry->size));
    json_object_set_new(object, "text", json_of_text(entry->text));
    char *line = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (!line)
        gt__misuse("out of memory for the journal as JSON");
    gt__buffer_add_text(out, line);
    gt__buffer_add_text(out, "\n");
    free(line);
}

char *gt_journal_json(gt_world *world, const gt_journal_filter *filter)
{
    gt__buffer out = {0};
    gt_journal_find(world, filter, add_json, &out);
    return gt__buffer_take_text(&out);
}
