/* users_service.h - looks users up and helps them, and tells more in headers and trailers than in
 * messages (scenario S4). Rule: headers are what is known before the answer, trailers what is known
 * after it. */
#ifndef USERS_SERVICE_H
#define USERS_SERVICE_H

#include <grpctest/grpctest.h>

/* How long it takes to look a user up. */
#define USERS_LOOKUP GT_MS(20)

/* Serves users.Users on `server`:
 *
 *     GetUser  knows jane@doe.com, and nobody else (NOT_FOUND).
 *              Headers: "region: eu", "cache: miss". Trailers: "rows-read: 1".
 *     GetHelp  answers each request. Headers, at once: "helper: june". Trailers: "answers: N". */
void users_serve(gt_server *server);

#endif
