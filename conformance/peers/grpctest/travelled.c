#include "travelled.h"

#include <stdio.h>

typedef struct search {
    uint64_t call;
    bool sent;
    char words[32];
    size_t found;
} search;

static void look(void *user, const gt_journal_entry *entry)
{
    search *s = user;
    if (entry->call == s->call && entry->sent == s->sent && entry->kind == GT_JOURNAL_MESSAGE &&
        strstr(entry->text, s->words))
        s->found++;
}

size_t peer_travelled(const gt_call *call, bool sent, const char *encoding)
{
    search s = {.call = gt_call_number(call), .sent = sent};
    if (encoding)
        snprintf(s.words, sizeof s.words, "  (%s, ", encoding);
    gt_journal_each(gt_call_world(call), look, &s);
    return s.found;
}
