/* Messages compressed by either side. */
#include "client.h"
#include "travelled.h"

#include <stdlib.h>

/* Letters in order, over and over: zlib makes little of them. */
enum { COMPRESSIBLE = 1000 };

static const char *const encodings[] = {"gzip", "deflate"};
enum { ENCODINGS = 2 };

static bool expect_travelled(peer_session *peer, const gt_call *call, bool sent,
                             const char *encoding, size_t expected)
{
    size_t seen = peer_travelled(call, sent, encoding);
    return seen == expected || peer_mismatch(peer, "saw %zu messages %s as %s, expected %zu", seen,
                                             sent ? "go" : "come", encoding, expected);
}

static bool request_as(peer_session *peer, const char *encoding, const char *name)
{
    gt_metadata *metadata = peer_metadata("compressed", encoding, NULL);
    gt_call *call = gt_call_new(
        peer->channel, PEER_SEARCH "Search",
        &(gt_call_options){.kind = GT_UNARY, .metadata = metadata, .compression = encoding});
    bool ok = peer_send(peer, call, name, 7);
    gt_call_half_close(call);
    ok = ok && peer_expect_person(peer, call, name, 7) &&
         peer_expect_end(peer, call, GT_OK, NULL) &&
         expect_travelled(peer, call, true, encoding, 1);
    gt_call_free(call);
    gt_metadata_free(metadata);
    return ok;
}

static bool compressed_requests(peer_session *peer)
{
    char *name = peer_large_name(COMPRESSIBLE);
    bool ok = true;
    for (int i = 0; ok && i < ENCODINGS; i++)
        ok = request_as(peer, encodings[i], name);
    free(name);
    return ok;
}

static bool replies_as(peer_session *peer, const char *encoding, const char *name)
{
    gt_metadata *metadata = peer_metadata("compress", encoding, NULL);
    gt_call *call = peer_search(peer, "SearchOut", GT_SERVER_STREAMING, metadata);
    bool ok = peer_send(peer, call, name, 3);
    gt_call_half_close(call);
    for (int32_t n = 1; ok && n <= 3; n++)
        ok = peer_expect_person(peer, call, name, n);
    ok = ok && peer_expect_end(peer, call, GT_OK, NULL) &&
         expect_travelled(peer, call, false, encoding, 3);
    gt_call_free(call);
    gt_metadata_free(metadata);
    return ok;
}

static bool compressed_replies(peer_session *peer)
{
    char *name = peer_large_name(COMPRESSIBLE);
    bool ok = true;
    for (int i = 0; ok && i < ENCODINGS; i++)
        ok = replies_as(peer, encodings[i], name);
    free(name);
    return ok;
}

/* Both directions, each its own way, with messages between them that are not compressed: one is too
 * small, for one it was said so. */
static bool compressed_stream(peer_session *peer)
{
    char *name = peer_large_name(COMPRESSIBLE);
    gt_metadata *metadata = peer_metadata("compressed", "gzip", "compress", "deflate", NULL);
    gt_call *call = gt_call_new(peer->channel, PEER_SEARCH "SearchIO",
                                &(gt_call_options){.metadata = metadata, .compression = "gzip"});
    bool ok = peer_ping(peer, call, name, 1) && peer_ping(peer, call, "x", 2);
    gt_call_compress_messages(call, false);
    ok = ok && peer_ping(peer, call, name, 3);
    gt_call_compress_messages(call, true);
    ok = ok && peer_ping(peer, call, name, 4);
    gt_call_half_close(call);
    ok = ok && peer_expect_no_more(peer, call) && peer_expect_end(peer, call, GT_OK, NULL) &&
         expect_travelled(peer, call, true, "gzip", 2) &&
         expect_travelled(peer, call, false, "deflate", 3);
    gt_call_free(call);
    gt_metadata_free(metadata);
    free(name);
    return ok;
}

const peer_case peer_cases_compression[] = {
    {"compressed_requests", compressed_requests, "requests in gzip and in deflate are read"},
    {"compressed_replies", compressed_replies, "replies in gzip and in deflate are read"},
    {"compressed_stream", compressed_stream,
     "gzip one way, deflate the other, and plain messages between them"},
    {NULL, NULL, NULL},
};
