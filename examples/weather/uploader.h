/* uploader.h - a client for bad links: it sends a file to repo.Repo piece by piece and, when the
 * link fails it, begins again.
 * Rule: one attempt after the other, each with its own patience. */
#ifndef UPLOADER_H
#define UPLOADER_H

#include <grpctest/grpctest.h>

/* In the caller's memory. */
typedef struct uploader {
    gt_world *world;
    gt_channel *channel;
    int attempts;         /* at most */
    gt_duration patience; /* for each of them */
    gt_duration pause;    /* between two */

    int tried; /* attempts begun so far */
} uploader;

/* Sends `data` as the repository `name`. Blocks. The status of the last attempt: those that end as
 * UNAVAILABLE or DEADLINE_EXCEEDED are not the last while there are more. */
gt_code uploader_send(uploader *up, const char *name, gt_bytes data);

#endif
