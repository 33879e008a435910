#include "address.h"

#include <arpa/inet.h>
#include <grpctest/error.h>
#include <netinet/in.h>

static struct sockaddr *generic(gt__address *address)
{
    return (struct sockaddr *)&address->storage;
}

/* Decimal digits up to 65535; -1 for anything else. */
static int parse_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 5 || text[digits] != '\0')
        return -1;
    int port = 0;
    for (; *text; text++)
        port = port * 10 + (*text - '0');
    return port <= 65535 ? port : -1;
}

static int set_ipv4(gt__address *address, const char *host, in_port_t port)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = port};
    if (inet_pton(AF_INET, host, &ipv4.sin_addr) != 1)
        return GT_EINVAL;
    memcpy(&address->storage, &ipv4, sizeof ipv4);
    address->size = sizeof ipv4;
    return 0;
}

static int set_ipv6(gt__address *address, const char *host, in_port_t port)
{
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = port};
    if (inet_pton(AF_INET6, host, &ipv6.sin6_addr) != 1)
        return GT_EINVAL;
    memcpy(&address->storage, &ipv6, sizeof ipv6);
    address->size = sizeof ipv6;
    return 0;
}

int gt__address_parse(const char *text, gt__address *address)
{
    *address = (gt__address){0};
    const char *colon = strrchr(text, ':');
    int port = colon ? parse_port(colon + 1) : -1;
    char host[INET6_ADDRSTRLEN + 2];
    size_t size = colon ? (size_t)(colon - text) : 0;
    if (port < 0 || size == 0 || size >= sizeof host)
        return GT_EINVAL;
    memcpy(host, text, size);
    host[size] = '\0';
    in_port_t network_port = htons((uint16_t)port);
    if (strcmp(host, "localhost") == 0)
        return set_ipv4(address, "127.0.0.1", network_port);
    if (host[0] != '[')
        return set_ipv4(address, host, network_port);
    if (host[size - 1] != ']')
        return GT_EINVAL;
    host[size - 1] = '\0';
    return set_ipv6(address, host + 1, network_port);
}

char *gt__address_format(const gt__address *address)
{
    char host[INET6_ADDRSTRLEN] = "?";
    if (address->storage.ss_family == AF_INET) {
        struct sockaddr_in ipv4;
        memcpy(&ipv4, &address->storage, sizeof ipv4);
        inet_ntop(AF_INET, &ipv4.sin_addr, host, sizeof host);
        return gt__printf("%s:%d", host, ntohs(ipv4.sin_port));
    }
    struct sockaddr_in6 ipv6;
    memcpy(&ipv6, &address->storage, sizeof ipv6);
    inet_ntop(AF_INET6, &ipv6.sin6_addr, host, sizeof host);
    return gt__printf("[%s]:%d", host, ntohs(ipv6.sin6_port));
}

char *gt__socket_name(int fd)
{
    gt__address address = {.size = sizeof address.storage};
    getsockname(fd, generic(&address), &address.size);
    return gt__address_format(&address);
}

char *gt__socket_peer_name(int fd)
{
    gt__address address = {.size = sizeof address.storage};
    getpeername(fd, generic(&address), &address.size);
    return gt__address_format(&address);
}
