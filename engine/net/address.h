/* address.h - "HOST:PORT" as socket addresses and back.
 * Rule: numeric hosts and "localhost" (127.0.0.1) alone; nothing is ever asked of a resolver. */
#ifndef GRPCTEST_ENGINE_NET_ADDRESS_H
#define GRPCTEST_ENGINE_NET_ADDRESS_H

#include "engine/core/core.h"

#include <sys/socket.h>

typedef struct gt__address {
    struct sockaddr_storage storage;
    socklen_t size;
} gt__address;

/* Reads "1.2.3.4:5", "[::1]:5" or "localhost:5"; a port of 0 is one. 0 or GT_EINVAL. */
GT_MUST_USE int gt__address_parse(const char *text, gt__address *address);

/* The text of an IPv4 or IPv6 address, in the same form; the caller frees it. */
char *gt__address_format(const gt__address *address);

/* The addresses of a socket's own end and of the other, as text; the caller frees it. */
char *gt__socket_name(int fd);
char *gt__socket_peer_name(int fd);

#endif
