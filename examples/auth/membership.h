/* membership.h - who may call, told by "userid" and "userpwd" in the metadata (scenario S9).
 * Rule: the server asks before a handler runs; the client gives them by hand, or has its channel
 * fetch them for every call. */
#ifndef MEMBERSHIP_H
#define MEMBERSHIP_H

#include <grpctest/grpctest.h>

/* The one member there is. */
#define MEMBER_ID "jane"
#define MEMBER_PASSWORD "secret"

/* For gt_server_options.interceptors: refuses all others as UNAUTHENTICATED. */
gt_interceptor membership_interceptor(void);

/* What a client says of itself, after looking for it for a while. */
typedef struct member {
    const char *id, *password;
    gt_duration takes; /* to find them: in a vault, say */
} member;

/* For gt_channel_options.credentials; `who` is borrowed. */
gt_call_credentials member_credentials(member *who, bool require_tls);

#endif
