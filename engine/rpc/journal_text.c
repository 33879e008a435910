/* The journal as text: what a failure shows and the demo prints. */
#include "journal.h"

/* ---- one record
 * -------------------------------------------------------------------------------------- */

static bool add_typed(gt__journal *journal, const gt__record *record, gt_bytes bytes,
                      gt__buffer *out)
{
    const gt__journal_method *method = gt__journal_method_of(journal, record->method);
    gt_type type = record->sent != record->server ? method->request : method->response;
    if (!type.codec || !type.codec->format || bytes.size < record->size)
        return false;
    void *message;
    char *reason = NULL;
    if (type.codec->unpack(type.descriptor, bytes, &message, &reason) != 0) {
        gt_free(reason);
        return false;
    }
    char *text = type.codec->format(type.descriptor, message);
    gt__buffer_add_text(out, text[0] ? text : "(all fields unset)");
    gt_free(text);
    type.codec->release(type.descriptor, message);
    return true;
}

static void add_message(gt__journal *journal, const gt__record *record, gt_bytes bytes,
                        gt__buffer *out)
{
    if (add_typed(journal, record, bytes, out))
        return;
    bool cut = bytes.size < record->size;
    gt__buffer_printf(out, "%zu byte%s", record->size, record->size == 1 ? "" : "s");
    if (bytes.size == 0)
        return;
    gt__buffer_add_text(out, "  ");
    gt__buffer_quote(out, gt_bytes_of(bytes.data, cut ? 64 : bytes.size));
    if (cut)
        gt__buffer_add_text(out, "...");
}

void gt__record_text(gt__journal *journal, const gt__record *record, const uint8_t *kept,
                     gt__buffer *out)
{
    if (record->kind == GT_JOURNAL_MESSAGE) {
        add_message(journal, record, gt_bytes_of(kept, record->kept), out);
        if (record->encoding != GT__IDENTITY)
            gt__buffer_printf(out, "  (%s, %u bytes on the wire)",
                              gt__encoding_name((gt__encoding)record->encoding), record->wire_size);
        return;
    }
    gt__buffer_add(out, kept, record->kept);
    if (record->kept < record->size)
        gt__buffer_add_text(out, "...");
}

/* ---- transcripts
 * ----------------------------------------------------------------------------------------- */

static const char *const kind_names[] = {
    [GT_JOURNAL_CALL] = "CALL",       [GT_JOURNAL_HEADERS] = "HEADERS",
    [GT_JOURNAL_MESSAGE] = "MESSAGE", [GT_JOURNAL_HALF_CLOSE] = "HALF-CLOSE",
    [GT_JOURNAL_STATUS] = "STATUS",   [GT_JOURNAL_RESET] = "RESET",
    [GT_JOURNAL_END] = "END",         [GT_JOURNAL_VIOLATION] = "VIOLATION",
    [GT_JOURNAL_FAILED] = "FAILED",   [GT_JOURNAL_GOAWAY] = "GOAWAY",
};

const char *gt__journal_kind_name(gt_journal_kind kind)
{
    return kind_names[kind];
}

/* The arrow points as the bytes went: to the right is to the server. */
static const char *arrow(const gt__record *record)
{
    if (record->kind == GT_JOURNAL_END)
        return "--";
    return record->sent != record->server ? "->" : "<-";
}

void gt__journal_add_title(const gt__record *record, const uint8_t *kept, gt__buffer *out)
{
    gt__buffer_printf(out, "call %llu  %s  %s %.*s", (unsigned long long)record->call,
                      record->method, record->server ? "served, from" : "over", (int)record->kept,
                      (const char *)kept);
}

void gt__journal_add_line(gt__journal *journal, const gt__record *record, const uint8_t *kept,
                          gt__buffer *out)
{
    const char *kind = gt__journal_kind_name((gt_journal_kind)record->kind);
    gt__buffer text = {0};
    gt__record_text(journal, record, kept, &text);
    gt__buffer_printf(out, "%11.3f ms  %s  %s", (double)record->when / 1e6, arrow(record), kind);
    if (text.size > 0)
        gt__buffer_printf(out, "%*s%s", 12 - (int)strlen(kind), "", (const char *)text.data);
    gt__buffer_add_text(out, "\n");
    gt__buffer_cleanup(&text);
}

typedef struct transcript {
    gt__journal *journal;
    uint64_t call;
    gt__buffer text;
} transcript;

static void add_line(void *user, const gt__record *record, const uint8_t *kept)
{
    transcript *t = user;
    if (record->call != t->call)
        return;
    if (record->kind == GT_JOURNAL_CALL) {
        gt__journal_add_title(record, kept, &t->text);
        gt__buffer_add_text(&t->text, "\n");
    } else {
        gt__journal_add_line(t->journal, record, kept, &t->text);
    }
}

char *gt_call_transcript(const gt_call *call)
{
    transcript t = {.journal = gt__journal_of(call->world), .call = call->number};
    gt__journal_records(t.journal, add_line, &t);
    return gt__buffer_take_text(&t.text);
}

/* More calls than this are not shown in one text: the last ones tell why a test failed. */
enum { CALLS_SHOWN = 32 };

char *gt_journal_text(gt_world *world)
{
    transcript t = {.journal = gt__journal_of(world)};
    uint64_t first = t.journal->calls > CALLS_SHOWN ? t.journal->calls - CALLS_SHOWN : 0;
    if (first > 0)
        gt__buffer_printf(&t.text, "(%llu earlier calls are not shown)\n",
                          (unsigned long long)first);
    /* First what belongs to no call: it is often why there is none. */
    gt__journal_records(t.journal, add_line, &t);
    for (t.call = first + 1; t.call <= t.journal->calls; t.call++)
        gt__journal_records(t.journal, add_line, &t);
    return gt__buffer_take_text(&t.text);
}
