/* impatience.h - the time-outs of a server that lets nobody keep it waiting (scenario S14).
 * Rule: a unary handler has 300 ms in all; a stream may last as long as a message comes at least
 * every 500 ms. */
#ifndef IMPATIENCE_H
#define IMPATIENCE_H

#include <grpctest/grpctest.h>

#define IMPATIENCE_UNARY GT_MS(300)
#define IMPATIENCE_MESSAGE GT_MS(500)

/* For gt_server_options.interceptors. */
gt_interceptor impatience_interceptor(void);

#endif
