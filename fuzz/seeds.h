/* seeds.h - what the seeds program writes its files with.
 * Rule: a seed shows a fuzzer what an ordinary input looks like; its name says what it shows. */
#ifndef GRPCTEST_FUZZ_SEEDS_H
#define GRPCTEST_FUZZ_SEEDS_H

#include "engine/core/core.h"

/* Writes FOLDER/TARGET/NAME, whose folder must be there: `head`, then `bytes`. */
void seed_write(const char *target, const char *name, gt_bytes head, gt_bytes bytes);

/* seed_scripts.c: scripts for the targets client and server. */
void seed_write_scripts(void);

#endif
