#include "memory.h"

#include "engine/core/core.h"

static void *take(size_t size, void *user)
{
    (void)user;
    return gt__malloc(size);
}

static void give_back(void *memory, void *user)
{
    (void)user;
    gt__free(memory);
}

static void *take_zeroed(size_t count, size_t size, void *user)
{
    (void)user;
    return gt__calloc(count, size);
}

static void *resize(void *memory, size_t size, void *user)
{
    (void)user;
    return gt__realloc(memory, size);
}

nghttp2_mem *gt__h2_memory(void)
{
    static const nghttp2_mem memory = {NULL, take, give_back, take_zeroed, resize};
    return (nghttp2_mem *)&memory;
}
