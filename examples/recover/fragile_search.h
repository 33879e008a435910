/* fragile_search.h - a search that gives up in the middle when it meets what cannot be (S13).
 * Rule: gt_give_up leaves a handler from any depth; what it had allocated by itself is lost, so the
 * code between allocates nothing. */
#ifndef FRAGILE_SEARCH_H
#define FRAGILE_SEARCH_H

#include <grpctest/grpctest.h>

/* Serves person.SearchService on `server`: Search and SearchIO, whose replies tell the year of
 * birth as the age, and which give up on people who are not born yet. */
void fragile_search_serve(gt_server *server);

/* Why handlers gave up: a line for each. In the caller's memory; must outlive the server. */
typedef struct incidents {
    gt_recover_log log;
    gt_buffer lines; /* "METHOD: REASON" */
} incidents;

void incidents_open(incidents *book);
void incidents_close(incidents *book);

#endif
