/* What crosses the wire, for Wireshark: a call through latency, read by tshark where it is
 * installed. */
#include "../four_kinds/search_service.h"
#include "acts.h"
#include "check.h"
#include "person.pb-c.h"
#include "show.h"

#include <grpctest/protobufc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Where a capture has a world's instant 0. */
#define START_OF_2000 946684800

static bool call_through_latency(gt_rig *rig, const char *path)
{
    gt_pcap *pcap;
    if (gt_pcap_open(rig->world, path, &pcap, NULL) != 0)
        return false;
    gt_pcap_all(pcap);
    gt_link_weather(gt_link_of_listener(rig->listener), &(gt_weather){.latency = GT_MS(20)});
    Person__PersonReq jane = PERSON__PERSON_REQ__INIT;
    jane.name = (char *)"jane";
    gt_call *call = gt_unary_as(rig->channel, "/person.SearchService/Search",
                                gt_pb(&person__person_req__descriptor), &jane, NULL);
    bool passed = check_status(call, GT_OK, "");
    gt_call_free(call);
    return gt_pcap_close(pcap) == 0 && passed;
}

/* The frames as tshark sees them; false where it sees none, or is not there. */
static bool show_by_tshark(const char *path)
{
    char command[512], line[512];
    bool any = false;
    snprintf(command, sizeof command,
             "tshark -2 -N n -r %s -Y http2 -T fields -e frame.time_epoch -e ipv6.src_host "
             "-e _ws.col.Protocol -e _ws.col.Info 2>/dev/null",
             path);
    FILE *out = popen(command, "r");
    while (out && fgets(line, sizeof line, out)) {
        double seconds;
        char from[64], protocol[64];
        int used = 0;
        if (sscanf(line, "%lf %63s %63s %n", &seconds, from, protocol, &used) < 3)
            continue;
        show_line("%10.3f ms  %-12s %-6s %.*s", (seconds - START_OF_2000) * 1e3, from, protocol,
                  (int)strcspn(line + used, "\n"), line + used);
        any = true;
    }
    return out && pclose(out) == 0 && any;
}

void act_capture(void)
{
    show_heading("What crosses the wire, for Wireshark",
                 "A call through 20 ms of latency, captured; GRPCTEST_PCAP=file does it for any "
                 "test. tshark reads:");
    char path[] = "/tmp/grpctest-demo-XXXXXX";
    int fd = mkstemp(path);
    gt_rig *rig = gt_rig_new(NULL);
    search_serve(rig->server);

    show_begin();
    bool passed = fd >= 0 && call_through_latency(rig, path);
    if (passed && !show_by_tshark(path))
        show_line("(nothing: tshark is not installed)");

    show_verdict(passed, gt_now(rig->world));
    gt_rig_free(rig);
    if (fd >= 0)
        close(fd);
    unlink(path);
}
