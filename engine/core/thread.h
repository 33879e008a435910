/* thread.h - what the library keeps for the calling thread: caches of memory, which block is to
 * fail, and whose turn it is. Rule: this is its one thread-local. Each member is its owner's alone,
 * zeros at first, and what a cache holds is freed at the thread's end. */
#ifndef GRPCTEST_ENGINE_CORE_THREAD_H
#define GRPCTEST_ENGINE_CORE_THREAD_H

#include <grpctest/base.h>

/* Freed blocks of at least 24, 40, 56 ... bytes: what fits into glibc's own sizes. */
enum { GT__BLOCK_LEAST = 24, GT__BLOCK_STEP = 16, GT__BLOCK_SIZES = 64 };

typedef struct gt__thread {
    struct { /* core/block_cache.c */
        void *first[GT__BLOCK_SIZES];
        uint32_t room[GT__BLOCK_SIZES]; /* for how many more */
        bool decided;                   /* whether to keep any at all */
    } blocks;
    struct { /* core/alloc.c */
        uint64_t at, asked;
    } failing;
    struct { /* sched/fiber_stack.c */
        void *first;
        size_t bytes;
        bool trimmed_at_end;
    } stacks;
    struct {                 /* sched/ */
        void *world;         /* the one that runs on it */
        uint64_t poisonings; /* how often all its worlds were poisoned */
    } sched;
    struct {         /* wire/ */
        bool warned; /* that GRPCTEST_PCAP names no file that could be written */
    } wire;
} gt__thread;

extern _Thread_local gt__thread gt__thread_here;

/* Has `function` called at the calling thread's end. False where the C library has no hook for that
 * (musl): nothing may be kept then. */
bool gt__thread_at_end(void (*function)(void *unused));

#endif
