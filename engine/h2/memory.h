/* memory.h - the library's allocator as nghttp2 takes it.
 * Rule: whatever of nghttp2 is made here is made with it. */
#ifndef GRPCTEST_ENGINE_H2_MEMORY_H
#define GRPCTEST_ENGINE_H2_MEMORY_H

#include <nghttp2/nghttp2.h>

/* Never changed; not const only because nghttp2 does not say so. */
nghttp2_mem *gt__h2_memory(void);

#endif
