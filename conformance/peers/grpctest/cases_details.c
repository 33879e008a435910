/* Typed details of a status. */
#include "client.h"

#include "helloworld.pb-c.h"

static const char message[] = "two are wrong \xe2\x98\x95";

/* There are as many details of this type, and no more. */
static bool expect_count(peer_session *peer, const gt_status *status,
                         const ProtobufCMessageDescriptor *type, size_t expected)
{
    ProtobufCMessage *detail;
    size_t count = 0;
    int error;

    while ((error = gt_protobufc_find_detail(status, type, count, &detail, NULL)) == 0) {
        gt_protobufc_release(detail);
        count++;
    }
    if (error != GT_ENOENT)
        return peer_mismatch(peer, "a %s in the details: %s", type->name, gt_error_text(error));
    return count == expected || peer_mismatch(peer, "saw %zu details that are a %s, expected %zu",
                                              count, type->name, expected);
}

/* The `nth` detail of this type reads so, as one line of text. */
static bool expect_detail(peer_session *peer, const gt_status *status,
                          const ProtobufCMessageDescriptor *type, size_t nth, const char *expected)
{
    ProtobufCMessage *detail;
    int error = gt_protobufc_find_detail(status, type, nth, &detail, NULL);
    if (error)
        return peer_mismatch(peer, "%s %zu in the details: %s", type->name, nth,
                             gt_error_text(error));

    char *seen = gt_protobufc_format(detail);
    bool ok = strcmp(seen, expected) == 0 ||
              peer_mismatch(peer, "%s %zu in the details: saw %s, expected %s", type->name, nth,
                            seen, expected);
    gt_free(seen);
    gt_protobufc_release(detail);
    return ok;
}

static bool expect_details(peer_session *peer, gt_call *call)
{
    const ProtobufCMessageDescriptor *person = &person__person_res__descriptor;
    const ProtobufCMessageDescriptor *hello = &helloworld__hello_reply__descriptor;

    if (!peer_expect_end(peer, call, GT_INVALID_ARGUMENT, message))
        return false;
    const gt_status *status = gt_call_status(call);
    return expect_count(peer, status, person, 2) && expect_count(peer, status, hello, 1) &&
           expect_count(peer, status, &person__person_req__descriptor, 0) &&
           expect_detail(peer, status, person, 0, "name: \"one\" age: 1") &&
           expect_detail(peer, status, person, 1, "name: \"two\" age: 2") &&
           expect_detail(peer, status, hello, 0, "message: \"two are wrong \xe2\x98\x95\"");
}

static gt_metadata *ask(void)
{
    return peer_metadata("fail-code", "3", "fail-message-bin", message, "fail-detail", "one",
                         "fail-detail", "two", "echo-trailer", "late", NULL);
}

static bool details(peer_session *peer)
{
    gt_metadata *asked = ask();
    gt_call *call = peer_greet(peer, "jane", asked, 0);
    bool ok = peer_expect_no_more(peer, call) && expect_details(peer, call);
    gt_metadata_free(asked);
    gt_call_free(call);
    return ok;
}

static bool details_after_replies(peer_session *peer)
{
    gt_metadata *asked = ask();
    gt_call *call = peer_search(peer, "SearchOut", GT_SERVER_STREAMING, asked);
    bool ok = peer_send(peer, call, "jane", 2);
    gt_call_half_close(call);
    for (int32_t n = 1; ok && n <= 2; n++)
        ok = peer_expect_person(peer, call, "jane", n);
    ok = ok && peer_expect_no_more(peer, call) && expect_details(peer, call) &&
         peer_expect_values(peer, "trailers", gt_call_trailer(call), "echo-trailer", asked);
    gt_metadata_free(asked);
    gt_call_free(call);
    return ok;
}

const peer_case peer_cases_details[] = {
    {"details", details, "a google.rpc.Status with three details of two types"},
    {"details_after_replies", details_after_replies,
     "the same behind two replies, beside a trailer"},
    {NULL, NULL, NULL},
};
