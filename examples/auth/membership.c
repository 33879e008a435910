#include "membership.h"

/* ---- the server -------------------------------------------------------------------------------
 */

static int check(gt_call *call, void *user)
{
    (void)user;
    const gt_metadata *metadata = gt_call_request_metadata(call);
    const char *id = gt_metadata_get(metadata, "userid");
    const char *password = gt_metadata_get(metadata, "userpwd");
    if (!id || !password)
        return gt_call_fail(call, GT_UNAUTHENTICATED, "say who you are: userid and userpwd");
    if (strcmp(id, MEMBER_ID) != 0 || strcmp(password, MEMBER_PASSWORD) != 0)
        return gt_call_fail(call, GT_UNAUTHENTICATED, "%s is no member, or has another password",
                            id);
    return 0;
}

gt_interceptor membership_interceptor(void)
{
    static const gt_auth auth = {.check = check};
    return gt_auth_interceptor(&auth);
}

/* ---- the client -------------------------------------------------------------------------------
 */

static int fetch(void *user, gt_context *context, const char *method, gt_metadata *metadata)
{
    const member *who = user;
    (void)method;
    int error = gt_context_sleep(context, who->takes);
    if (!error)
        error = gt_metadata_append(metadata, "userid", who->id);
    if (!error)
        error = gt_metadata_append(metadata, "userpwd", who->password);
    return error;
}

gt_call_credentials member_credentials(member *who, bool require_tls)
{
    return (gt_call_credentials){.fetch = fetch, .user = who, .require_tls = require_tls};
}
