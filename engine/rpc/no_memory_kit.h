/* no_memory_kit.h - two calls with all that allocates around them, for tests that let memory fail.
 * Rule: the same at every run, allocation by allocation; what is not as it should be is told on
 * standard error and ends the process with 1, never by a test framework's jump. */
#ifndef GRPCTEST_ENGINE_RPC_NO_MEMORY_KIT_H
#define GRPCTEST_ENGINE_RPC_NO_MEMORY_KIT_H

/* Unary: messages of protobuf-c, compression, metadata, a deadline, credentials, interceptors,
 * details of a status, a message that is refused for want of its budget, the health service, the
 * journal, a drain. */
void play_unary(void *unused);

/* Both ways at once: messages larger than the windows, compressed at one side, text and binary
 * metadata, a bomb that is refused, a call that is cancelled and one that runs out of time. */
void play_bidi(void *unused);

#endif
