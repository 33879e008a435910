#include "users_service.h"

#include "users.pb-c.h"

#include <grpctest/protobufc.h>
#include <stdio.h>

/* A metadata of one entry, or NULL where it is refused, which then reads as empty. */
static gt_metadata *one(const char *key, const char *value)
{
    const char *const pair[][2] = {{key, value}};
    return gt_metadata_from(pair, 1, NULL);
}

static int add_header(gt_call *call, const char *key, const char *value)
{
    gt_metadata *header = one(key, value);
    int error = gt_call_add_header(call, header);
    gt_metadata_free(header);
    return error;
}

static void add_trailer(gt_call *call, const char *key, int number)
{
    char value[16];
    snprintf(value, sizeof value, "%d", number);
    gt_metadata *trailer = one(key, value);
    gt_call_add_trailer(call, trailer);
    gt_metadata_free(trailer);
}

/* ---- GetUser ----------------------------------------------------------------------------------
 */

/* Says where it looks before it has found anything. */
static int look_up(gt_call *call, const char *email, bool *found)
{
    int error = add_header(call, "cache", "miss");
    if (!error)
        error = gt_context_sleep(gt_call_context(call), USERS_LOOKUP);
    *found = strcmp(email, "jane@doe.com") == 0;
    add_trailer(call, "rows-read", *found);
    return error;
}

static int reply_with_jane(gt_call *call)
{
    Users__User jane = USERS__USER__INIT;
    jane.id = (char *)"user-123";
    jane.first_name = (char *)"Jane";
    jane.last_name = (char *)"Doe";
    jane.age = 30;
    Users__UserGetReply reply = USERS__USER_GET_REPLY__INIT;
    reply.user = &jane;
    return gt_call_send_as(call, gt_pb(&users__user_get_reply__descriptor), &reply);
}

static int get_user(gt_call *call, void *user)
{
    (void)user;
    void *message;
    bool found;
    int error = gt_call_recv_as(call, gt_pb(&users__user_get_request__descriptor), &message);
    if (error || (error = add_header(call, "region", "eu")) != 0)
        return error;
    const Users__UserGetRequest *request = message;
    if ((error = look_up(call, request->email, &found)) != 0)
        return error;
    if (!found)
        return gt_call_fail(call, GT_NOT_FOUND, "no user %s", request->email);
    return reply_with_jane(call);
}

/* ---- GetHelp ----------------------------------------------------------------------------------
 */

static int answer(gt_call *call, const Users__UserHelpRequest *request)
{
    char text[256];
    snprintf(text, sizeof text, "About \"%.200s\": have you tried again?", request->request);
    Users__UserHelpReply reply = USERS__USER_HELP_REPLY__INIT;
    reply.response = text;
    return gt_call_send_as(call, gt_pb(&users__user_help_reply__descriptor), &reply);
}

static int get_help(gt_call *call, void *user)
{
    (void)user;
    int answers = 0;
    gt_metadata *header = one("helper", "june");
    int error = gt_call_send_header(call, header);
    gt_metadata_free(header);
    while (!error) {
        void *message;
        error = gt_call_recv_as(call, gt_pb(&users__user_help_request__descriptor), &message);
        if (!error && (error = answer(call, message)) == 0)
            answers++;
    }
    add_trailer(call, "answers", answers);
    return error == GT_EOF ? 0 : error;
}

void users_serve(gt_server *server)
{
    static const gt_method methods[] = {
        {"GetUser", GT_UNARY, get_user},
        {"GetHelp", GT_BIDI_STREAMING, get_help},
    };
    gt_server_add_service(server, &users__users__descriptor, methods, 2, NULL);
}
