#include "check.h"

bool check_status(gt_call *call, gt_code code, const char *message)
{
    const gt_status *status = gt_call_status(call);
    return status->code == code && (!message || strcmp(status->message, message) == 0);
}

bool check_message(gt_call *call, gt_type type, const char *text)
{
    void *message;
    if (gt_call_recv_as(call, type, &message) != 0)
        return false;
    return check_text(type.codec->format(type.descriptor, message), text);
}

bool check_text(char *text, const char *expected)
{
    bool same = text && strcmp(text, expected) == 0;
    gt_free(text);
    return same;
}

bool check_now(const gt_world *world, gt_time instant)
{
    return gt_now(world) == instant;
}
