/* search_service.h - a search for people in each of the four kinds of call (scenario S1).
 * Rule: handlers are plain functions that block where they wait; each call has a task of its own.
 */
#ifndef SEARCH_SERVICE_H
#define SEARCH_SERVICE_H

#include <grpctest/grpctest.h>

/* How many replies SearchOut sends, and how long it waits between two. */
enum { SEARCH_OUT_REPLIES = 11 };
#define SEARCH_OUT_PAUSE GT_SEC(1)

/* Serves person.SearchService on `server`:
 *
 *     Search     answers with the person asked for
 *     SearchIn   answers with the oldest of those asked for, once no more follow
 *     SearchOut  answers with the person at eleven ages, a second apart
 *     SearchIO   answers with each person asked for */
void search_serve(gt_server *server);

#endif
