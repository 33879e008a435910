#include "repo_service.h"

#include "repo.pb-c.h"

#include <grpctest/protobufc.h>
#include <stdio.h>

enum { URL_SIZE = 256 };

/* What has come so far. */
typedef struct upload {
    const Repo__RepoContext *context; /* NULL: not yet */
    size_t size;
} upload;

static int take(gt_call *call, upload *up, const Repo__RepoCreateRequest *request)
{
    switch (request->body_case) {
    case REPO__REPO_CREATE_REQUEST__BODY_CONTEXT:
        up->context = request->context;
        return 0;
    case REPO__REPO_CREATE_REQUEST__BODY_DATA:
        up->size += request->data.len;
        return 0;
    default:
        return gt_call_fail(call, GT_INVALID_ARGUMENT, "a message has neither context nor data");
    }
}

static int reply(gt_call *call, const upload *up)
{
    char url[URL_SIZE];
    const Repo__RepoContext *context = up->context;
    int length = snprintf(url, sizeof url, "https://git.example.com/%s/%s", context->creator_id,
                          context->name);
    if (length >= URL_SIZE)
        return gt_call_fail(call, GT_INVALID_ARGUMENT, "the url would be %d bytes", length);

    Repo__Repository repository = REPO__REPOSITORY__INIT;
    repository.id = context->name;
    repository.name = context->name;
    repository.url = url;
    Repo__RepoCreateReply message = REPO__REPO_CREATE_REPLY__INIT;
    message.repo = &repository;
    message.size = (int32_t)up->size;
    return gt_call_send_as(call, gt_pb(&repo__repo_create_reply__descriptor), &message);
}

static int create_repo(gt_call *call, void *user)
{
    (void)user;
    upload up = {0};
    void *message;
    int error;
    while (
        !(error = gt_call_recv_as(call, gt_pb(&repo__repo_create_request__descriptor), &message)))
        if ((error = take(call, &up, message)) != 0)
            return error;
    if (error != GT_EOF)
        return error;
    if (!up.context)
        return gt_call_fail(call, GT_INVALID_ARGUMENT, "no message had a context");
    return reply(call, &up);
}

void repo_serve(gt_server *server)
{
    static const gt_method methods[] = {{"CreateRepo", GT_CLIENT_STREAMING, create_repo}};
    gt_server_add_service(server, &repo__repo__descriptor, methods, 1, NULL);
}
