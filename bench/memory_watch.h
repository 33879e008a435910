/* memory_watch.h - how much memory the library holds, and held at most.
 * Rule: for programs on the static library that are linked with --wrap of malloc and its kin
 * (bench/CMakeLists.txt), which sends them through here: all that the library takes, and nghttp2,
 * protobuf-c and zlib under it, for they take it from the library. Stacks of tasks are not in it.
 */
#ifndef GRPCTEST_BENCH_MEMORY_WATCH_H
#define GRPCTEST_BENCH_MEMORY_WATCH_H

#include <stddef.h>

/* Bytes that are held now; the most since the peak was reset, which sets it to what is held. */
size_t memory_watch_held(void);
size_t memory_watch_peak(void);
void memory_watch_reset_peak(void);

#endif
