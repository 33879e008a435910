#include "uploader.h"

#include "repo.pb-c.h"

#include <grpctest/protobufc.h>

enum { PIECE = 1000 };

static int send_request(gt_call *call, const Repo__RepoCreateRequest *request)
{
    return gt_call_send_as(call, gt_pb(&repo__repo_create_request__descriptor), request);
}

static int send_context(gt_call *call, const char *name)
{
    Repo__RepoContext context = REPO__REPO_CONTEXT__INIT;
    context.creator_id = (char *)"uploader";
    context.name = (char *)name;
    Repo__RepoCreateRequest request = REPO__REPO_CREATE_REQUEST__INIT;
    request.body_case = REPO__REPO_CREATE_REQUEST__BODY_CONTEXT;
    request.context = &context;
    return send_request(call, &request);
}

static int send_piece(gt_call *call, const uint8_t *data, size_t size)
{
    Repo__RepoCreateRequest request = REPO__REPO_CREATE_REQUEST__INIT;
    request.body_case = REPO__REPO_CREATE_REQUEST__BODY_DATA;
    request.data.data = (uint8_t *)data;
    request.data.len = size;
    return send_request(call, &request);
}

/* An error on the way needs no answer: the call's status says what it was. */
static void send_all(gt_call *call, const char *name, gt_bytes data)
{
    int error = send_context(call, name);
    for (size_t done = 0; !error && done < data.size; done += PIECE) {
        size_t left = data.size - done;
        error = send_piece(call, data.data + done, left < PIECE ? left : PIECE);
    }
    gt_call_half_close(call);
}

static gt_code try_once(uploader *up, const char *name, gt_bytes data)
{
    gt_call *call =
        gt_call_new(up->channel, "/repo.Repo/CreateRepo",
                    &(gt_call_options){.kind = GT_CLIENT_STREAMING, .timeout = up->patience});
    up->tried++;
    send_all(call, name, data);
    gt_code code = gt_call_status(call)->code;
    gt_call_free(call);
    return code;
}

gt_code uploader_send(uploader *up, const char *name, gt_bytes data)
{
    for (;;) {
        gt_code code = try_once(up, name, data);
        if ((code != GT_UNAVAILABLE && code != GT_DEADLINE_EXCEEDED) || up->tried == up->attempts)
            return code;
        if (gt_sleep(up->world, up->pause) != 0)
            return GT_CANCELLED;
    }
}
