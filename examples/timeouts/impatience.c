#include "impatience.h"

gt_interceptor impatience_interceptor(void)
{
    static const gt_server_timeouts timeouts = {
        .per_unary_call = IMPATIENCE_UNARY,
        .per_message = IMPATIENCE_MESSAGE,
    };
    return gt_server_timeout_interceptor(&timeouts);
}
