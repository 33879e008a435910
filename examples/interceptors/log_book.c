#include "log_book.h"

#include <stdio.h>

static void write_line(void *user, const gt_log_entry *entry)
{
    log_book *book = user;
    char line[256];
    const char *id = gt_metadata_get(entry->metadata, "request-id");
    snprintf(line, sizeof line, "%s %s %s %.3f ms %s\n", entry->server ? "server" : "client",
             entry->method, gt_code_name(entry->status->code), (double)entry->latency / 1e6,
             id ? id : "without id");
    gt_buffer_add(&book->lines, gt_bytes_str(line));
}

void log_book_open(log_book *book)
{
    book->log = (gt_log){.write = write_line, .user = book};
    gt_buffer_init(&book->lines);
}

void log_book_close(log_book *book)
{
    gt_buffer_cleanup(&book->lines);
}

gt_interceptor log_book_interceptor(const log_book *book)
{
    return gt_log_interceptor(&book->log);
}
