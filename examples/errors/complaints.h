/* complaints.h - a service that fails in whatever way it is asked to (scenario S11).
 * Rule: a status is data: a code, a message in any language, and details that are messages
 * themselves. */
#ifndef COMPLAINTS_H
#define COMPLAINTS_H

#include <grpctest/grpctest.h>

/* Serves users.Users on `server`. GetUser's `id` is the name of the code it shall end with, and its
 * `email` the message; with code OK there is a reply, and with INVALID_ARGUMENT there are details:
 * the request itself, and the user it should have named. */
void complaints_serve(gt_server *server);

#endif
