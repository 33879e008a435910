/* grpctest's client of the peer contract (../README.md): runs the named cases, or all but the one
 * that ends the server, against the server at HOST:PORT. Exit status 1 if any fails. */
#include "client.h"

#include <stdio.h>

static const peer_case *const tables[] = {peer_cases_kinds, peer_cases_metadata, peer_cases_status,
                                          peer_cases_load};
#define TABLES (sizeof tables / sizeof *tables)

static bool run_case(peer_session *peer, const peer_case *one)
{
    peer->detail[0] = '\0';
    bool ok = one->run(peer);
    printf("%s %-*s %s\n", ok ? "ok" : "not ok", ok ? 24 : 20, one->name,
           ok && one->detail ? one->detail : peer->detail);
    fflush(stdout);
    return ok;
}

static bool run_all(peer_session *peer)
{
    bool ok = true;
    for (size_t i = 0; i < TABLES; i++) {
        for (const peer_case *one = tables[i]; one->name; one++)
            ok &= run_case(peer, one);
    }
    return ok;
}

static const peer_case *find_case(const char *name)
{
    if (strcmp(name, peer_case_lost.name) == 0)
        return &peer_case_lost;
    for (size_t i = 0; i < TABLES; i++) {
        for (const peer_case *one = tables[i]; one->name; one++) {
            if (strcmp(name, one->name) == 0)
                return one;
        }
    }
    return NULL;
}

static bool run_named(peer_session *peer, char **names)
{
    bool ok = true;
    for (; *names; names++)
        ok &= run_case(peer, find_case(*names));
    return ok;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: peer_client HOST:PORT [CASE...]\n");
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        if (!find_case(argv[i])) {
            fprintf(stderr, "peer_client: no such case: %s\n", argv[i]);
            return 2;
        }
    }
    peer_session peer = {.world = gt_world_new(&(gt_world_options){.clock = GT_CLOCK_REAL})};
    gt_dialer *dialer = gt_tcp_dialer(peer.world, argv[1]);
    peer.channel = gt_channel_new(dialer, NULL);
    bool ok = argc > 2 ? run_named(&peer, argv + 2) : run_all(&peer);
    gt_channel_free(peer.channel);
    gt_dialer_free(dialer);
    gt_world_free(peer.world);
    return ok ? 0 : 1;
}
