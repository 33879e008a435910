/* client.h - what the client's cases of the peer contract (../README.md) share.
 * Rule: a case returns true, or false once a mismatch is noted; it frees its calls either way. */
#ifndef CONFORMANCE_PEERS_GRPCTEST_CLIENT_H
#define CONFORMANCE_PEERS_GRPCTEST_CLIENT_H

#include <grpctest/grpctest.h>
#include <grpctest/protobufc.h>

#include "person.pb-c.h"

/* A client under way: where it calls, and what its present case has to say. */
typedef struct peer_session {
    gt_world *world;
    gt_dialer *dialer;
    gt_channel *channel;
    char detail[512]; /* of an ok case, where the case's own words do not do; or the mismatch */
} peer_session;

typedef struct peer_case {
    const char *name;
    bool (*run)(peer_session *peer);
    const char *detail; /* what an ok case shows */
} peer_case;

/* One table per file, each ended by a case without a name. */
extern const peer_case peer_cases_kinds[];
extern const peer_case peer_cases_metadata[];
extern const peer_case peer_cases_status[];
extern const peer_case peer_cases_details[];
extern const peer_case peer_cases_cut_short[];
extern const peer_case peer_cases_load[];
extern const peer_case peer_cases_compression[];
extern const peer_case peer_cases_health[];
/* Run only when they are named, for each ends the server. */
extern const peer_case peer_cases_last[];

/* ---- calls --------------------------------------------------------------------------------- */

#define PEER_SAY_HELLO "/helloworld.Greeter/SayHello"
#define PEER_SEARCH "/person.SearchService/"

/* A call of SayHello with its one request sent. `metadata` may be NULL, a timeout of 0 is none. */
gt_call *peer_greet(peer_session *peer, const char *name, const gt_metadata *metadata,
                    gt_duration timeout);

/* Opens a call of the SearchService. `metadata` may be NULL. */
gt_call *peer_search(peer_session *peer, const char *method, gt_kind kind,
                     const gt_metadata *metadata);

/* Metadata from pairs of strings, ended by NULL; a value under a "-bin" key is its bytes. */
gt_metadata *peer_metadata(const char *key, ...);

/* `size` bytes of text, which the caller frees. */
char *peer_large_name(size_t size);

/* ---- what is expected ------------------------------------------------------------------------ */

/* Notes the mismatch and returns false. */
bool peer_mismatch(peer_session *peer, const char *format, ...) GT_PRINTF(2, 3);

/* SayHello's reply is there and says this. */
bool peer_expect_hello(peer_session *peer, gt_call *call, const char *message);

bool peer_send(peer_session *peer, gt_call *call, const char *name, int32_t age);
bool peer_expect_person(peer_session *peer, gt_call *call, const char *name, int32_t age);
/* A message sent and answered with itself. */
bool peer_ping(peer_session *peer, gt_call *call, const char *name, int32_t age);
bool peer_expect_no_more(peer_session *peer, gt_call *call);

/* The call ends with this code and message; any message where that is NULL. */
bool peer_expect_end(peer_session *peer, gt_call *call, gt_code code, const char *message);

/* Every value of `sent` under `key` is there, in order, and no others are. */
bool peer_expect_values(peer_session *peer, const char *where, const gt_metadata *seen,
                        const char *key, const gt_metadata *sent);

/* A name of this size passes: the connection has survived what went before. */
bool peer_passes(peer_session *peer, size_t size);

#endif
