/* travelled.h - how a call's messages went over the wire, as the journal has it.
 * Rule: what only the wire shows is looked up there, at this end, not believed. */
#ifndef CONFORMANCE_PEERS_GRPCTEST_TRAVELLED_H
#define CONFORMANCE_PEERS_GRPCTEST_TRAVELLED_H

#include <grpctest/grpctest.h>

/* How many messages this end has sent, or received, compressed in `encoding`; NULL: in any way. */
size_t peer_travelled(const gt_call *call, bool sent, const char *encoding);

#endif
