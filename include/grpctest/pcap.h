/* pcap.h - what crosses connections as a capture file (pcapng), which Wireshark and tshark take for
 * HTTP/2 and gRPC over TCP. The TCP is made up; the bytes and their instants are not.
 * Rule: capturing changes nothing of what it captures: not the order of a run, nor its digest. */
#ifndef GRPCTEST_PCAP_H
#define GRPCTEST_PCAP_H

#include <grpctest/base.h>
#include <grpctest/conn.h>
#include <grpctest/world.h>

GT_BEGIN_DECLS

/* GRPCTEST_PCAP=file in the environment captures every connection of every world, without a line
 * of code: each world that has connections appends to the file, or to file.2, file.3, ... while
 * another world, of this process or any, has it. In the name %e stands for the program's and %p
 * for the process's number. Where a file cannot be written, standard error says so once and the
 * run goes on. */

/* A file that is being written. */
typedef struct gt_pcap gt_pcap;

/* Begins the file anew; nothing is captured yet. `*pcap` is the caller's: gt_pcap_close. 0, or
 * GT_EIO (`*pcap` is NULL then) where it cannot be written or is no regular file, and when a world
 * has it; `*reason` (may be NULL) then says why, and is the caller's: gt_free. */
GT_API GT_MUST_USE int gt_pcap_open_at(gt_world *world, const char *path, gt_pcap **pcap,
                                       char **reason, const char *file, int line);
#define gt_pcap_open(world, path, pcap, reason)                                                    \
    gt_pcap_open_at((world), (path), (pcap), (reason), __FILE__, __LINE__)

/* Captures every connection that is made in the world from now on. */
GT_API void gt_pcap_all(gt_pcap *pcap);

/* Captures this connection from now on, with its other end where that lives in the world too:
 * either end will do. A reader of the file understands HTTP/2 only from its first byte. Misuse for
 * one of another world; nothing for one that it captures already. */
GT_API void gt_pcap_conn(gt_pcap *pcap, gt_conn *conn);

/* Ends the capture and lets go of it; takes NULL. Every packet is in the file as soon as it has
 * crossed the wire, so that a run that aborts leaves what it had. 0, or GT_EIO when some could not
 * be written: standard error said why when it happened. */
GT_API int gt_pcap_close(gt_pcap *pcap);

GT_END_DECLS

#endif
