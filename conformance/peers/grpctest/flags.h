/* flags.h - the numbers that the peers' command lines take. */
#ifndef CONFORMANCE_PEERS_GRPCTEST_FLAGS_H
#define CONFORMANCE_PEERS_GRPCTEST_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

/* Where "NAME NUMBER" stands at `*argv`: reads the number, steps over both, and returns true. */
bool peer_flag(char ***argv, const char *name, uint32_t *number);

#endif
