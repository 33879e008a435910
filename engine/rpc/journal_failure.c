/* What a failure shows of the journal: the call that it is about, then the others; what both ends
 * of a call saw alike, once. */
#include "journal.h"

/* More calls than this are not shown: the last ones tell why a test failed. */
enum { CALLS_SHOWN = 32 };

/* One call, or (number 0) what belongs to none. */
typedef struct told {
    uint64_t number;
    const char *method; /* the same pointer where it is the same */
    bool server;
    uint64_t served; /* the other end's number, where that saw the same; it is left out */
    bool left_out;
    gt__buffer title, lines;
} told;

typedef struct telling {
    gt__journal *journal;
    uint64_t first; /* the lowest number shown, but for the one that was asked */
    told connections, asked, calls[CALLS_SHOWN];
} telling;

static told *told_of(telling *t, uint64_t number)
{
    if (number == 0)
        return &t->connections;
    if (number >= t->first)
        return &t->calls[number - t->first];
    return number == t->journal->asked ? &t->asked : NULL;
}

static void add_record(void *user, const gt__record *record, const uint8_t *kept)
{
    telling *t = user;
    told *call = told_of(t, record->call);
    if (!call)
        return;
    call->number = record->call;
    call->method = record->method;
    call->server = record->server;
    if (record->kind == GT_JOURNAL_CALL)
        gt__journal_add_title(record, kept, &call->title);
    else
        gt__journal_add_line(t->journal, record, kept, &call->lines);
}

/* ---- both ends ------------------------------------------------------------------------------- */

/* A server is told the user-agent, which the client's end does not list. */
static const char USER_AGENT[] = "user-agent=";

/* How far a line goes as it is, and where it goes on behind the user-agent. */
static size_t up_to_user_agent(const char *line, const char **rest)
{
    size_t size = strcspn(line, "\n");
    const char *found = memmem(line, size, USER_AGENT, sizeof USER_AGENT - 1);
    *rest = line + size;
    if (!found)
        return size;
    const char *next = memmem(found, size - (size_t)(found - line), "  ", 2);
    if (next)
        *rest = next + 2;
    else
        while (found > line && found[-1] == ' ')
            found--;
    return (size_t)(found - line);
}

static bool saw_the_same(const told *client, const told *server)
{
    const char *a = gt_buffer_text(&client->lines), *b = gt_buffer_text(&server->lines), *rest;
    size_t size = up_to_user_agent(b, &rest);
    return strncmp(a, b, size) == 0 && strcmp(a + size, rest) == 0;
}

/* The calls before a served one were made before it. */
static void pair_up(telling *t)
{
    for (size_t s = 1; s < CALLS_SHOWN; s++) {
        told *server = &t->calls[s];
        for (size_t c = 0; server->server && c < s && !server->left_out; c++) {
            told *client = &t->calls[c];
            if (client->server || client->served || client->method != server->method ||
                !saw_the_same(client, server))
                continue;
            client->served = server->number;
            server->left_out = true;
        }
    }
}

/* ---- the text -------------------------------------------------------------------------------- */

static void add_told(gt__buffer *out, told *call)
{
    if (call->left_out)
        return;
    call->left_out = true;
    gt__buffer_add_text(out, gt_buffer_text(&call->title));
    if (call->served)
        gt__buffer_printf(out, ", served as call %llu", (unsigned long long)call->served);
    if (call->title.size > 0)
        gt__buffer_add_text(out, "\n");
    gt__buffer_add_text(out, gt_buffer_text(&call->lines));
}

static char *text_of(telling *t)
{
    gt__buffer out = {0};
    if (t->first > 1)
        gt__buffer_printf(&out, "(%llu earlier calls are not shown)\n",
                          (unsigned long long)t->first - 1);
    /* First what belongs to no call: it is often why there is none. */
    add_told(&out, &t->connections);
    if (t->journal->asked)
        add_told(&out, told_of(t, t->journal->asked));
    for (size_t i = 0; i < CALLS_SHOWN; i++)
        add_told(&out, &t->calls[i]);
    return gt__buffer_take_text(&out);
}

static void clean_up(told *call)
{
    gt__buffer_cleanup(&call->title);
    gt__buffer_cleanup(&call->lines);
}

char *gt__journal_failure(gt_world *world)
{
    telling *t = gt__new(telling);
    t->journal = gt__journal_of(world);
    t->first = t->journal->calls > CALLS_SHOWN ? t->journal->calls - CALLS_SHOWN + 1 : 1;
    gt__journal_records(t->journal, add_record, t);
    pair_up(t);
    char *text = text_of(t);
    clean_up(&t->connections);
    clean_up(&t->asked);
    for (size_t i = 0; i < CALLS_SHOWN; i++)
        clean_up(&t->calls[i]);
    gt__free(t);
    return text;
}
