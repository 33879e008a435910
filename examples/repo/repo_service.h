/* repo_service.h - makes a repository of a stream of arbitrary bytes (scenario S2).
 * Rule: one context message, and any number of data messages, in any order; nothing else. */
#ifndef REPO_SERVICE_H
#define REPO_SERVICE_H

#include <grpctest/grpctest.h>

/* Serves repo.Repo on `server`. The reply tells the repository, whose url is
 * "https://git.example.com/CREATOR/NAME", and how many bytes of data came. */
void repo_serve(gt_server *server);

#endif
