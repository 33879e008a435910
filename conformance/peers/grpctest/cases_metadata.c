/* Metadata, both ways. */
#include "client.h"

#include <stdlib.h>

/* What is asked back in headers and trailers: several values, all 256 bytes, a NUL. */
static gt_metadata *rich_metadata(void)
{
    uint8_t all[256];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (uint8_t)i;

    gt_metadata *metadata =
        peer_metadata("echo-header", "one", "echo-header", "two", "echo-trailer", "three", NULL);
    if (gt_metadata_append_bin(metadata, "echo-header-bin", gt_bytes_of(all, sizeof all)) != 0 ||
        gt_metadata_append_bin(metadata, "echo-trailer-bin", gt_bytes_of("\0\xff", 2)) != 0 ||
        gt_metadata_append_bin(metadata, "echo-trailer-bin", gt_bytes_str("four")) != 0)
        abort();
    return metadata;
}

/* All of `sent` comes back, in headers and in trailers. */
static bool echoed(peer_session *peer, const gt_metadata *sent)
{
    gt_call *call = peer_greet(peer, "jane", sent, 0);
    const gt_metadata *header = gt_call_header(call);

    bool ok = peer_expect_values(peer, "headers", header, "echo-header", sent) &&
              peer_expect_values(peer, "headers", header, "echo-header-bin", sent) &&
              peer_expect_hello(peer, call, "Hello jane") &&
              peer_expect_end(peer, call, GT_OK, NULL) &&
              peer_expect_values(peer, "trailers", gt_call_trailer(call), "echo-trailer", sent) &&
              peer_expect_values(peer, "trailers", gt_call_trailer(call), "echo-trailer-bin", sent);
    gt_call_free(call);
    return ok;
}

static bool metadata(peer_session *peer)
{
    gt_metadata *sent = rich_metadata();
    bool ok = echoed(peer, sent);
    gt_metadata_free(sent);
    return ok;
}

static bool metadata_empty(peer_session *peer)
{
    gt_metadata *sent = peer_metadata("echo-header", "", "echo-header", "one", "echo-header", "",
                                      "echo-header-bin", "", "echo-trailer", "", "echo-trailer-bin",
                                      "two", "echo-trailer-bin", "", "echo-trailer-bin", "", NULL);
    bool ok = echoed(peer, sent);
    gt_metadata_free(sent);
    return ok;
}

static bool metadata_on_stream(peer_session *peer)
{
    gt_metadata *sent = peer_metadata("echo-header", "early", "echo-trailer", "late", NULL);
    gt_call *call = peer_search(peer, "SearchIO", GT_BIDI_STREAMING, sent);

    bool ok = peer_expect_values(peer, "headers", gt_call_header(call), "echo-header", sent);
    if (ok && gt_metadata_count(gt_call_trailer(call)) > 0)
        ok = peer_mismatch(peer, "there are trailers before the end");
    ok = ok && peer_ping(peer, call, "jane", 1);
    gt_call_half_close(call);
    ok = ok && peer_expect_end(peer, call, GT_OK, NULL) &&
         peer_expect_values(peer, "trailers", gt_call_trailer(call), "echo-trailer", sent);
    gt_metadata_free(sent);
    gt_call_free(call);
    return ok;
}

static bool metadata_large(peer_session *peer)
{
    char *header = peer_large_name(3000), *trailer = peer_large_name(3001);
    gt_metadata *sent = peer_metadata("echo-header", header, "echo-trailer", trailer, NULL);
    gt_call *call = peer_greet(peer, "jane", sent, 0);

    bool ok = peer_expect_values(peer, "headers", gt_call_header(call), "echo-header", sent) &&
              peer_expect_end(peer, call, GT_OK, NULL) &&
              peer_expect_values(peer, "trailers", gt_call_trailer(call), "echo-trailer", sent);
    gt_call_free(call);
    gt_metadata_free(sent);
    free(header);
    free(trailer);
    return ok;
}

const peer_case peer_cases_metadata[] = {
    {"metadata", metadata,
     "two values under one key, all 256 bytes under a -bin key, and trailers"},
    {"metadata_empty", metadata_empty, "values of no bytes keep their places"},
    {"metadata_on_stream", metadata_on_stream,
     "headers before the first message, trailers after the last"},
    {"metadata_large", metadata_large, "3,000 bytes in headers and in trailers"},
    {NULL, NULL, NULL},
};
