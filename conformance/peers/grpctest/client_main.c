/* grpctest's client of the peer contract (../README.md): runs the named cases, or all but those
 * that end the server, against the server at HOST:PORT. Exit status 1 if any fails. */
#include "client.h"
#include "flags.h"

#include <stdio.h>

static const peer_case *const tables[] = {
    peer_cases_kinds,       peer_cases_metadata,  peer_cases_status,
    peer_cases_details,     peer_cases_cut_short, peer_cases_load,
    peer_cases_compression, peer_cases_health,    peer_cases_last};
enum { TABLES = sizeof tables / sizeof *tables, LAST = TABLES - 1 };

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
    for (size_t i = 0; i < LAST; i++) {
        for (const peer_case *one = tables[i]; one->name; one++)
            ok &= run_case(peer, one);
    }
    return ok;
}

static const peer_case *find_case(const char *name)
{
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

static bool all_known(char **names)
{
    for (; *names; names++) {
        if (!find_case(*names)) {
            fprintf(stderr, "peer_client: no such case: %s\n", *names);
            return false;
        }
    }
    return true;
}

/* Runs the cases over a channel of its own. */
static bool run(const char *address, char **names, const gt_channel_options *options)
{
    peer_session peer = {.world = gt_world_new(&(gt_world_options){.clock = GT_CLOCK_REAL})};
    peer.dialer = gt_tcp_dialer(peer.world, address);
    peer.channel = gt_channel_new(peer.dialer, options);
    bool ok = *names ? run_named(&peer, names) : run_all(&peer);
    gt_channel_free(peer.channel);
    gt_dialer_free(peer.dialer);
    gt_world_free(peer.world);
    return ok;
}

int main(int argc, char **argv)
{
    gt_channel_options options = {0};
    (void)argc;
    argv++;
    while (peer_flag(&argv, "--stream-window", &options.stream_window) ||
           peer_flag(&argv, "--connection-window", &options.connection_window))
        ;
    if (!*argv) {
        fprintf(stderr, "usage: peer_client [--stream-window BYTES] [--connection-window BYTES] "
                        "HOST:PORT [CASE...]\n");
        return 2;
    }
    if (!all_known(argv + 1))
        return 2;
    return run(argv[0], argv + 1, &options) ? 0 : 1;
}
