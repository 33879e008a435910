/* pcap_file.h - a capture file on disk: whole blocks or nothing.
 * Rule: each write leaves a file that can be read, whatever becomes of the process after it. */
#ifndef GRPCTEST_ENGINE_WIRE_PCAP_FILE_H
#define GRPCTEST_ENGINE_WIRE_PCAP_FILE_H

#include "engine/core/core.h"

#include <sys/types.h>

typedef struct gt__pcap_file {
    int fd;
    pid_t process; /* who opened it: what a forked child does is not written */
    char *path;
    uint64_t place; /* where the section begins that is being written */
    uint64_t size;
    bool failed;       /* nothing is written any more */
    gt__buffer blocks; /* to be written */
} gt__pcap_file;

/* Opens a file of one's own, emptied, or one that others may append to as well, at whose end it
 * begins: `path`, or the first of path.2, path.3, ... that nobody has. 0, or GT_EIO with the
 * reason, which the caller frees. */
int gt__pcap_file_open(gt__pcap_file *file, const char *path, char **reason);
int gt__pcap_file_append(gt__pcap_file *file, const char *path, char **reason);

/* Writes the blocks that were added since. When that fails, it says so on standard error, takes
 * back what was written of them, and fails from then on. */
void gt__pcap_file_flush(gt__pcap_file *file);

void gt__pcap_file_close(gt__pcap_file *file);

/* `pattern` with %e and %p filled in; the caller frees it. */
char *gt__pcap_file_path(const char *pattern);

#endif
