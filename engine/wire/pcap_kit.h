/* pcap_kit.h - for tests of captures: a capture file as text, a line for each block.
 * Rule: it reads by the specifications and shares nothing with what writes; what is not as it
 * should be (a size, a checksum, a time that goes back) ends the text with "broken: ...". */
#ifndef GRPCTEST_ENGINE_WIRE_PCAP_KIT_H
#define GRPCTEST_ENGINE_WIRE_PCAP_KIT_H

#include "engine/core/core.h"

/* As in
 *     section
 *     interface pipe:1/a: pipe from pipe:1/a to pipe:1/b
 *     names pipe:1/a, pipe:1/b
 *     0.000 ms  1 > 2  SYN 0
 *     5.000 ms  1 > 2  PSH ACK 1 1  "ping"
 * Instants are those of a virtual world; ends are the last number of their addresses, preceded by
 * the connection's where that is not 1 ("2:1 > 2:2"); numbers are those of TCP; a packet's comment
 * follows it in brackets. The caller frees it. */
char *pcap_text(gt_bytes file);
/* The same of a file, which must be there. */
char *pcap_text_of(const char *path);

/* All bytes of a file; the caller frees them with gt_buffer_cleanup. */
gt_buffer read_file(const char *path);

/* A name for a file in a folder of the test's own, which is made on first use and goes with its
 * files at the end of the process. The caller frees it. */
char *scratch_path(const char *name);

#endif
