/* mirror.h - a greeter that tells in its headers what metadata it was called with (scenario S3).
 * Rule: what comes back is what arrived: keys, values, and their order. */
#ifndef MIRROR_H
#define MIRROR_H

#include <grpctest/grpctest.h>

/* Serves helloworld.Greeter on `server`. */
void mirror_serve(gt_server *server);

/* Says hello with this metadata under this context (NULL: background), and gives what the mirror
 * saw of it, as text of "key: value" lines, for gt_free; NULL when the call failed. Blocks. */
char *mirror_look(gt_channel *channel, gt_context *context, const gt_metadata *metadata);

#endif
