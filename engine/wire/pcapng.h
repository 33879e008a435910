/* pcapng.h - the blocks of a capture file, as bytes: a section, interfaces, names of addresses,
 * packets (draft-ietf-opsawg-pcapng).
 * Rule: nothing here knows of files or connections; each function adds one whole block, in
 * little-endian whatever the machine. */
#ifndef GRPCTEST_ENGINE_WIRE_PCAPNG_H
#define GRPCTEST_ENGINE_WIRE_PCAPNG_H

#include "engine/core/core.h"

/* Begins a section; interfaces are numbered from 0 in each. `comment` says where it comes from. */
void gt__pcapng_section(gt__buffer *out, const char *comment);

/* Raw IP packets at instants in nanoseconds. */
void gt__pcapng_interface(gt__buffer *out, const char *name, const char *description);

typedef struct gt__pcapng_name {
    uint8_t address[16]; /* IPv6 */
    const char *name;
} gt__pcapng_name;

/* What the addresses of the packets that follow are called. */
void gt__pcapng_names(gt__buffer *out, const gt__pcapng_name *names, size_t count);

typedef struct gt__pcapng_packet {
    uint32_t interface;
    uint64_t time;       /* nanoseconds since 1970 */
    gt_bytes head, body; /* of the packet, one after the other */
    const char *comment; /* NULL: none */
} gt__pcapng_packet;

void gt__pcapng_packet_add(gt__buffer *out, const gt__pcapng_packet *packet);

#endif
