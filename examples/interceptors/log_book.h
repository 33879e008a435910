/* log_book.h - one line for each call that has ended, by the ready-made log interceptor (S8).
 * Rule: the same book may serve clients and servers; each line says whose it is. */
#ifndef LOG_BOOK_H
#define LOG_BOOK_H

#include <grpctest/grpctest.h>

/* In the caller's memory. A line reads
 * "client /person.SearchService/Search OK 0.000 ms request-123". */
typedef struct log_book {
    gt_log log;
    gt_buffer lines;
} log_book;

void log_book_open(log_book *book);
void log_book_close(log_book *book);

/* An interceptor that writes into the book, for a channel or a server. */
gt_interceptor log_book_interceptor(const log_book *book);

#endif
