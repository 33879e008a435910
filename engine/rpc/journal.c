#include "journal.h"

#include "engine/core/coding.h"
#include "engine/core/metadata.h"

/* ---- the store ----------------------------------------------------------------------------------
 */

static const char journal_key;

static void *make_journal(gt_world *world)
{
    gt__world_set_transcript(world, gt__journal_failure);
    return gt__new(gt__journal);
}

static void drop_journal(void *object)
{
    gt__journal *journal = object;
    while (journal->first) {
        gt__journal_chunk *next = journal->first->next;
        gt__free(journal->first);
        journal->first = next;
    }
    for (size_t i = 0; i < journal->method_count; i++) {
        gt__free(journal->methods[i]->path);
        gt__free(journal->methods[i]);
    }
    gt__free(journal->methods);
    gt__buffer_cleanup(&journal->text);
    gt__free(journal);
}

gt__journal *gt__journal_of(gt_world *world)
{
    return gt__world_attachment(world, &journal_key, make_journal, drop_journal);
}

gt__journal_method *gt__journal_method_of(gt__journal *journal, const char *path)
{
    size_t low = 0, high = journal->method_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(journal->methods[middle]->path, path);
        if (order == 0)
            return journal->methods[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t count = journal->method_count++;
    journal->methods =
        gt__realloc(journal->methods, journal->method_count * sizeof *journal->methods);
    memmove(&journal->methods[low + 1], &journal->methods[low],
            (count - low) * sizeof *journal->methods);
    gt__journal_method *method = gt__new(gt__journal_method);
    method->journal = journal;
    method->path = gt__strdup(path);
    journal->methods[low] = method;
    return method;
}

/* A new one, or the oldest once there are as many as there may be. */
static gt__journal_chunk *next_chunk(gt__journal *journal)
{
    if (journal->chunks < GT__JOURNAL_CHUNKS) {
        journal->chunks++;
        return gt__malloc(sizeof(gt__journal_chunk));
    }
    gt__journal_chunk *oldest = journal->first;
    journal->first = oldest->next;
    return oldest;
}

static void add_chunk(gt__journal *journal)
{
    gt__journal_chunk *chunk = next_chunk(journal);
    chunk->next = NULL;
    chunk->used = 0;
    if (journal->first)
        journal->last->next = chunk;
    else
        journal->first = chunk;
    journal->last = chunk;
}

static void *room_for(gt__journal *journal, size_t size)
{
    if (!journal->first || journal->last->used + size > GT__JOURNAL_CHUNK)
        add_chunk(journal);
    gt__journal_chunk *chunk = journal->last;
    void *room = chunk->bytes + chunk->used;
    chunk->used += size;
    return room;
}

static size_t record_size(size_t kept)
{
    size_t align = _Alignof(gt__record);
    return (sizeof(gt__record) + kept + align - 1) / align * align;
}

void gt__journal_records(const gt__journal *journal, gt__record_fn *visit, void *user)
{
    for (const gt__journal_chunk *chunk = journal->first; chunk; chunk = chunk->next) {
        size_t offset = 0;
        while (offset < chunk->used) {
            const gt__record *record = (const void *)(chunk->bytes + offset);
            visit(user, record, (const uint8_t *)(record + 1));
            offset += record_size(record->kept);
        }
    }
}

/* ---- recording
 * ------------------------------------------------------------------------------------ */

uint64_t gt__journal_next_call(gt_world *world)
{
    return ++gt__journal_of(world)->calls;
}

void gt__journal_asked(const gt_call *call)
{
    if (!call->server)
        call->journal_method->journal->asked = call->number;
}

/* What a record says besides its bytes. */
static gt__record about(const gt_call *call, bool sent, gt_journal_kind kind)
{
    return (gt__record){
        .when = gt_now(call->world),
        .call = call->number,
        .method = call->journal_method->path,
        .kind = (uint8_t)kind,
        .server = call->server,
        .sent = sent,
    };
}

/* Adds a record with the first of the bytes. */
static inline gt__record *add_record(gt__journal *journal, gt__record record, gt_bytes bytes)
{
    size_t kept = bytes.size < GT__JOURNAL_TEXT ? bytes.size : GT__JOURNAL_TEXT;
    record.size = bytes.size;
    record.kept = (uint32_t)kept;
    gt__record *r = room_for(journal, record_size(kept));
    *r = record;
    if (kept > 0)
        memcpy(r + 1, bytes.data, kept);
    return r;
}

static gt__record *record(const gt_call *call, bool sent, gt_journal_kind kind, gt_bytes bytes)
{
    return add_record(call->journal_method->journal, about(call, sent, kind), bytes);
}

/* The journal's own text buffer, empty. */
static gt__buffer *begin_text(const gt_call *call)
{
    gt__buffer *text = &call->journal_method->journal->text;
    text->size = 0;
    return text;
}

static void record_text(const gt_call *call, bool sent, gt_journal_kind kind,
                        const gt__buffer *text)
{
    record(call, sent, kind, gt_bytes_of(text->data, text->size));
}

void gt__journal_connection(const gt__transport *transport, bool sent, gt_journal_kind kind,
                            const char *text)
{
    char *line = gt__printf("peer %s: %s", gt_conn_peer_name(transport->conn), text);
    const gt__record r = {
        .when = gt_now(transport->world),
        .kind = (uint8_t)kind,
        .server = transport->server,
        .sent = sent,
    };
    add_record(gt__journal_of(transport->world), r, gt_bytes_str(line));
    gt__free(line);
}

void gt__journal_add(const gt_call *call, bool sent, gt_journal_kind kind, const char *text)
{
    record(call, sent, kind, gt_bytes_str(text));
}

/* Adds "  key=value" for each entry; bytes in base64, as on the wire. */
static void add_metadata(gt__buffer *text, const gt_metadata *metadata)
{
    size_t count = gt_metadata_count(metadata);
    for (size_t i = 0; i < count && text->size < GT__JOURNAL_TEXT; i++) {
        gt_metadata_entry entry = gt_metadata_at(metadata, i);
        if (text->size > 0)
            gt__buffer_add_text(text, "  ");
        gt__buffer_add_text(text, entry.key);
        gt__buffer_add_text(text, "=");
        if (gt__key_is_binary(entry.key, strlen(entry.key)))
            gt__base64_encode(text, entry.value);
        else
            gt__buffer_add(text, entry.value.data, entry.value.size);
    }
}

void gt__journal_header(const gt_call *call, bool sent, const char *timeout,
                        const gt_metadata *metadata)
{
    gt__buffer *text = begin_text(call);
    if (timeout[0]) {
        gt__buffer_add_text(text, "grpc-timeout=");
        gt__buffer_add_text(text, timeout);
    }
    add_metadata(text, metadata);
    record_text(call, sent, GT_JOURNAL_HEADERS, text);
}

gt__record *gt__journal_message(const gt_call *call, bool sent, gt_bytes bytes)
{
    return record(call, sent, GT_JOURNAL_MESSAGE, bytes);
}

void gt__journal_wire(gt__record *message, gt__h2_wire_form wire)
{
    message->encoding = (uint8_t)wire.encoding;
    message->wire_size = (uint32_t)wire.size;
}

void gt__journal_type(const gt_call *call, bool sent, gt_type type)
{
    gt__journal_method *method = call->journal_method;
    /* What a client sends and a server receives is the request. */
    if (sent != call->server)
        method->request = type;
    else
        method->response = type;
}

static void add_status(gt__buffer *text, int code, const char *message)
{
    gt__buffer_add_text(text, gt_code_name((gt_code)code));
    if (message[0] == '\0')
        return;
    gt__buffer_add_text(text, " ");
    gt__buffer_quote(text, gt_bytes_str(message));
}

void gt__journal_status(const gt_call *call, bool sent, bool trailers_only, int code,
                        const char *message, const gt_metadata *trailer)
{
    gt__buffer *text = begin_text(call);
    add_status(text, code, message);
    if (trailers_only)
        gt__buffer_add_text(text, "  (trailers-only)");
    add_metadata(text, trailer);
    record_text(call, sent, GT_JOURNAL_STATUS, text);
}

void gt__journal_end(const gt_call *call, int code, const char *message, const gt_metadata *trailer)
{
    gt__buffer *text = begin_text(call);
    add_status(text, code, message);
    if (trailer)
        add_metadata(text, trailer);
    record_text(call, true, GT_JOURNAL_END, text);
}

void gt__journal_violation(const gt_call *call, const char *rule, const char *text)
{
    char *line = gt__printf("rule %s: %s", rule, text);
    gt__journal_add(call, false, GT_JOURNAL_VIOLATION, line);
    gt__free(line);
}
