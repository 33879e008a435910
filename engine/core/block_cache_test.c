#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "block_cache.h"
#include "core.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

/* Where a tool watches memory nothing is kept, and these have nothing to look at. */
static void require_cache(void)
{
    gt__free(gt__malloc(1000));
    void *kept = gt__block_take(1000);
    if (!kept)
        skip();
    free(kept);
}

static void a_freed_block_is_the_next_of_its_size(void **state)
{
    (void)state;
    require_cache();
    void *first = gt__malloc(100);
    gt__free(first);

    void *other = gt__malloc(200);
    void *next = gt__malloc(97);

    assert_ptr_equal(next, first);
    assert_ptr_not_equal(other, first);
    gt__free(next);
    gt__free(other);
}

static void a_kept_block_holds_what_is_asked_for(void **state)
{
    (void)state;
    require_cache();
    for (size_t size = 0; size < 1100; size++)
        gt__free(gt__malloc(size));

    for (size_t size = 0; size < 1100; size++) {
        void *block = gt__malloc(size);
        assert_true(malloc_usable_size(block) >= size);
        gt__free(block);
    }
}

static void a_kept_block_is_cleared_for_calloc(void **state)
{
    (void)state;
    uint8_t *block = gt__malloc(100);
    memset(block, 0xff, 100);
    gt__free(block);

    block = gt__calloc(10, 10);

    for (size_t i = 0; i < 100; i++)
        assert_int_equal(block[i], 0);
    gt__free(block);
}

static void a_block_may_be_freed_by_free_itself(void **state)
{
    (void)state;
    gt__free(gt__malloc(50));
    free(gt__malloc(50));
}

static void a_block_may_grow_beyond_what_is_kept(void **state)
{
    (void)state;
    uint8_t *block = gt__malloc(20);
    memset(block, 7, 20);

    block = gt__realloc(block, 5000);

    assert_int_equal(block[19], 7);
    gt__free(block);
}

/* 256 KiB of each size: of a thousand times 1,000 bytes most go back to malloc. */
static void no_more_is_kept_than_its_share(void **state)
{
    (void)state;
    require_cache();
    enum { BLOCKS = 1000 };
    void *blocks[BLOCKS];
    for (size_t i = 0; i < BLOCKS; i++)
        blocks[i] = gt__malloc(1000);
    for (size_t i = 0; i < BLOCKS; i++)
        gt__free(blocks[i]);

    size_t kept = 0;
    for (void *block; (block = gt__block_take(1000)) != NULL; kept++)
        free(block);

    assert_int_equal(kept, 262144 / 1000);
}

static void *free_there(void *block)
{
    gt__free(block);
    return NULL;
}

/* What the thread kept is freed at its end: leak checkers say when it is not. */
static void a_block_may_be_freed_on_another_thread(void **state)
{
    (void)state;
    void *block = gt__malloc(300);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, free_there, block), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_freed_block_is_the_next_of_its_size),
        cmocka_unit_test(a_kept_block_holds_what_is_asked_for),
        cmocka_unit_test(a_kept_block_is_cleared_for_calloc),
        cmocka_unit_test(a_block_may_be_freed_by_free_itself),
        cmocka_unit_test(a_block_may_grow_beyond_what_is_kept),
        cmocka_unit_test(no_more_is_kept_than_its_share),
        cmocka_unit_test(a_block_may_be_freed_on_another_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
