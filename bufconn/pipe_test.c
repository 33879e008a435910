#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/core.h"
#include "engine/core/death_test.h"
#include "engine/wire/test_conn_laws.h"
#include "engine/wire/wire.h"

#include <grpctest/weather.h>

typedef struct rig {
    gt_world *world;
    gt_conn *a, *b;
} rig;

static int set_up(void **state)
{
    const uint64_t *seed = *state;
    gt_world_options options = {.seed = seed ? *seed : 0};
    rig *r = gt__new(rig);
    r->world = gt_world_new(&options);
    gt_pipe(r->world, 8, &r->a, &r->b);
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    rig *r = *state;
    gt_conn_free(r->a);
    gt_conn_free(r->b);
    gt_world_free(r->world);
    gt__free(r);
    return 0;
}

static void pipes_are_numbered_within_their_world(void **state)
{
    rig *r = *state;
    gt_conn *a, *b;

    gt_pipe(r->world, 8, &a, &b);

    assert_string_equal(gt_conn_local_name(r->a), "pipe:1/a");
    assert_string_equal(gt_conn_peer_name(r->a), "pipe:1/b");
    assert_string_equal(gt_conn_local_name(b), "pipe:2/b");
    assert_string_equal(gt_conn_peer_name(b), "pipe:2/a");
    assert_string_equal(gt_conn_kind(a), "pipe");
    gt_conn_free(a);
    gt_conn_free(b);
}

static void a_pipe_holds_its_capacity_in_each_direction(void **state)
{
    rig *r = *state;
    size_t count;

    assert_int_equal(gt_conn_try_write(r->a, "0123456789", 10, &count), 0);
    assert_int_equal(count, 8);
    assert_int_equal(gt_conn_try_write(r->a, "89", 2, &count), GT_EAGAIN);
    assert_int_equal(count, 0);

    assert_int_equal(gt_conn_try_write(r->b, "0123456789", 10, &count), 0);
    assert_int_equal(count, 8);
}

static void a_read_takes_bytes_on_both_sides_of_the_wrap(void **state)
{
    rig *r = *state;
    char buffer[8];
    size_t count;
    assert_int_equal(gt_conn_try_write(r->a, "abcdefg", 7, &count), 0);
    assert_int_equal(gt_conn_try_read(r->b, buffer, 6, &count), 0);
    assert_int_equal(gt_conn_try_write(r->a, "hijklm", 6, &count), 0);

    assert_int_equal(gt_conn_try_read(r->b, buffer, 8, &count), 0);

    assert_int_equal(count, 7);
    assert_memory_equal(buffer, "ghijklm", 7);
}

static void a_write_can_be_read_at_its_own_instant(void **state)
{
    rig *r = *state;
    char buffer[2];
    size_t count;
    assert_int_equal(gt_sleep(r->world, GT_MS(5)), 0);

    assert_int_equal(gt_conn_write(r->a, NULL, "hi", 2, &count), 0);
    assert_int_equal(gt_conn_read(r->b, NULL, buffer, 2, &count), 0);

    assert_int_equal(gt_now(r->world), GT_MS(5));
}

static void a_reset_drops_the_bytes_under_way(void **state)
{
    rig *r = *state;
    char buffer[2];
    size_t count;
    assert_int_equal(gt_conn_try_write(r->a, "hi", 2, &count), 0);

    gt_conn_reset(r->a);

    assert_int_equal(gt_conn_try_read(r->b, buffer, 2, &count), GT_ERESET);
    assert_int_equal(count, 0);
}

static void a_reset_after_the_peer_has_closed_is_ones_own(void **state)
{
    rig *r = *state;
    char byte;
    size_t count;
    gt_conn_close(r->b);

    gt_conn_reset(r->a);

    assert_int_equal(gt_conn_try_read(r->a, &byte, 1, &count), GT_ERESET);
    assert_int_equal(gt_conn_try_read(r->b, &byte, 1, &count), GT_ECLOSED);
}

static void a_timed_out_write_tells_what_it_wrote(void **state)
{
    rig *r = *state;
    char buffer[4];
    size_t count;
    assert_int_equal(gt_conn_try_write(r->a, "01234567", 8, &count), 0);
    assert_int_equal(gt_conn_try_read(r->b, buffer, 4, &count), 0);

    gt_conn_set_write_deadline(r->a, GT_MS(50));
    assert_int_equal(gt_conn_write(r->a, NULL, "abcdefgh", 8, &count), GT_ETIMEDOUT);

    assert_int_equal(count, 4);
    assert_int_equal(gt_now(r->world), GT_MS(50));
}

/* ---- hooks and lending --------------------------------------------------------------------- */

typedef struct calls {
    int readable, writable;
} calls;

static void count_readable(void *user)
{
    ((calls *)user)->readable++;
}

static void count_writable(void *user)
{
    ((calls *)user)->writable++;
}

static void a_hook_is_called_when_set_and_once_for_many_changes(void **state)
{
    rig *r = *state;
    calls c = {0};
    size_t count;
    gt__conn_hook(r->b, count_readable, count_writable, &c);
    assert_int_equal(gt_settle(r->world), 0);
    assert_int_equal(c.readable, 1);
    assert_int_equal(c.writable, 1);

    assert_int_equal(gt_conn_try_write(r->a, "a", 1, &count), 0);
    assert_int_equal(gt_conn_try_write(r->a, "b", 1, &count), 0);
    assert_int_equal(gt_settle(r->world), 0);

    assert_int_equal(c.readable, 2);
    assert_int_equal(c.writable, 1);
}

static void a_hook_hears_of_room_and_of_the_end(void **state)
{
    rig *r = *state;
    calls c = {0};
    char byte;
    size_t count;
    assert_int_equal(gt_conn_try_write(r->b, "abcdefgh", 8, &count), 0);
    gt__conn_hook(r->b, count_readable, count_writable, &c);
    assert_int_equal(gt_settle(r->world), 0);

    assert_int_equal(gt_conn_try_read(r->a, &byte, 1, &count), 0);
    assert_int_equal(gt_settle(r->world), 0);
    assert_int_equal(c.readable, 1);
    assert_int_equal(c.writable, 2);

    gt_conn_close(r->a);
    assert_int_equal(gt_settle(r->world), 0);
    assert_int_equal(c.readable, 2);
    assert_int_equal(c.writable, 3);
}

static void a_hook_hears_nothing_of_more_room(void **state)
{
    rig *r = *state;
    calls c = {0};
    char byte;
    size_t count;
    assert_int_equal(gt_conn_try_write(r->b, "abc", 3, &count), 0);
    gt__conn_hook(r->b, count_readable, count_writable, &c);
    assert_int_equal(gt_settle(r->world), 0);

    assert_int_equal(gt_conn_try_read(r->a, &byte, 1, &count), 0);
    assert_int_equal(gt_settle(r->world), 0);

    assert_int_equal(c.writable, 1);
}

static void a_hook_taken_back_is_not_called_any_more(void **state)
{
    rig *r = *state;
    calls c = {0};
    size_t count;
    gt__conn_hook(r->b, count_readable, count_writable, &c);
    assert_int_equal(gt_conn_try_write(r->a, "a", 1, &count), 0);

    gt__conn_hook(r->b, NULL, NULL, NULL);
    assert_int_equal(gt_settle(r->world), 0);

    assert_int_equal(c.readable, 0);
    assert_int_equal(c.writable, 0);
}

static void what_is_committed_is_what_is_peeked(void **state)
{
    rig *r = *state;
    uint8_t *room;
    size_t size;
    gt_bytes bytes;
    assert_int_equal(gt__conn_reserve(r->a, &room, &size), 0);
    assert_int_equal(size, 8);
    memcpy(room, "abc", 3);

    gt__conn_commit(r->a, 3);

    assert_int_equal(gt__conn_peek(r->b, &bytes), 0);
    assert_int_equal(bytes.size, 3);
    assert_memory_equal(bytes.data, "abc", 3);
    gt__conn_consume(r->b, 3);
    assert_int_equal(gt__conn_peek(r->b, &bytes), GT_EAGAIN);
}

static void the_read_limit_holds_for_what_is_lent(void **state)
{
    rig *r = *state;
    gt_bytes bytes;
    size_t count;
    assert_int_equal(gt_conn_try_write(r->a, "abc", 3, &count), 0);

    gt_conn_limit_read(r->b, 2);
    assert_int_equal(gt__conn_peek(r->b, &bytes), 0);
    assert_int_equal(bytes.size, 2);

    gt_conn_limit_read(r->b, 0);
    assert_int_equal(gt__conn_peek(r->b, &bytes), 0);
    assert_int_equal(bytes.size, 3);
}

/* ---- the world's view ---------------------------------------------------------------------- */

static uint64_t digest_after_writing(size_t first, size_t second)
{
    gt_conn *a, *b;
    size_t count;
    gt_world *world = gt_world_new(&(gt_world_options){.seed = 1});
    gt_pipe(world, 100, &a, &b);
    assert_int_equal(gt_conn_try_write(a, "0123456789", first, &count), 0);
    assert_int_equal(gt_conn_try_write(a, "0123456789", second, &count), 0);
    uint64_t digest = gt_world_digest(world);
    gt_conn_free(a);
    gt_conn_free(b);
    gt_world_free(world);
    return digest;
}

static void the_digest_tells_of_the_sizes_written(void **state)
{
    (void)state;
    assert_true(digest_after_writing(3, 4) == digest_after_writing(3, 4));
    assert_true(digest_after_writing(3, 4) != digest_after_writing(4, 3));
}

static void keep_failure(const gt_failure *failure, void *user)
{
    *(char **)user = gt__strdup(failure->text);
}

static void an_end_that_was_not_freed_is_a_failure_and_is_reclaimed(void **state)
{
    (void)state;
    char *text = NULL;
    gt_conn *a, *b;
    gt_world *world =
        gt_world_new(&(gt_world_options){.on_failure = keep_failure, .on_failure_user = &text});
    gt_pipe_at(world, 8, &a, &b, "users_test.c", 31);
    gt_conn_free(b);

    gt_world_free(world);

    assert_non_null(text);
    assert_non_null(strstr(text, "conn"));
    assert_non_null(strstr(text, "users_test.c:31"));
    gt__free(text);
}

static void read_for_ever(void *arg)
{
    char byte;
    size_t count;
    while (gt_conn_read(arg, NULL, &byte, 1, &count) == 0)
        continue;
}

static void a_failed_world_takes_waiting_readers_and_their_ends_along(void **state)
{
    (void)state;
    char *text = NULL;
    gt_conn *a, *b;
    gt_world *world =
        gt_world_new(&(gt_world_options){.on_failure = keep_failure, .on_failure_user = &text});
    gt_pipe(world, 8, &a, &b);
    gt_task_detach(gt_spawn(world, "reader", read_for_ever, a));
    gt_task_detach(gt_spawn(world, "reader", read_for_ever, b));
    assert_int_equal(gt_settle(world), 0);
    gt_conn_free(b);
    gt_world_fail(world, "on purpose");

    gt_world_free(world);

    assert_string_equal(text, "on purpose");
    gt__free(text);
}

static void make_an_empty_pipe(void *arg)
{
    gt_conn *a, *b;
    gt_pipe_at(arg, 0, &a, &b, "pipe_test.c", 7);
}

static void a_capacity_of_zero_is_misuse(void **state)
{
    rig *r = *state;
    assert_dies(make_an_empty_pipe, r->world,
                "grpctest: gt_pipe at pipe_test.c:7: a capacity of 0 could never carry a byte\n");
}

/* ---- the laws ------------------------------------------------------------------------------ */

static void connect_pipe(const conn_kind *kind, gt_world *world, gt_conn **a, gt_conn **b)
{
    gt_pipe(world, kind->capacity, a, b);
}

static void connect_in_weather(const gt_weather *weather, gt_world *world, gt_conn **a, gt_conn **b)
{
    gt_pipe(world, 7, a, b);
    gt_link_weather(gt_link_of(*a), weather);
}

static void connect_clear(const conn_kind *kind, gt_world *world, gt_conn **a, gt_conn **b)
{
    (void)kind;
    connect_in_weather(NULL, world, a, b);
}

static void connect_far(const conn_kind *kind, gt_world *world, gt_conn **a, gt_conn **b)
{
    (void)kind;
    connect_in_weather(&(gt_weather){.latency = GT_US(700), .in_flight = 30}, world, a, b);
}

static void connect_slow(const conn_kind *kind, gt_world *world, gt_conn **a, gt_conn **b)
{
    (void)kind;
    connect_in_weather(&(gt_weather){.latency = GT_US(3),
                                     .jitter = GT_US(50),
                                     .bandwidth = 3000000,
                                     .packet = 5,
                                     .in_flight = 30},
                       world, a, b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define SEEDED_TEST(name)                                                                          \
    {                                                                                              \
        "seeded: " #name, name, set_up, tear_down, &seed                                           \
    }

int main(void)
{
    uint64_t seed = 5;
    const conn_kind kinds[] = {
        {.name = "pipe of 1 byte", .connect = connect_pipe, .capacity = 1, .more_than_fits = 600},
        {.name = "pipe of 7 bytes", .connect = connect_pipe, .capacity = 7, .more_than_fits = 2000},
        {.name = "pipe of 7 bytes, seeded",
         .seed = 5,
         .connect = connect_pipe,
         .capacity = 7,
         .more_than_fits = 2000},
        {.name = "pipe of 64 KiB",
         .connect = connect_pipe,
         .capacity = 65536,
         .more_than_fits = 400000},
        {.name = "pipe in clear weather",
         .connect = connect_clear,
         .capacity = 7,
         .more_than_fits = 2000},
        {.name = "pipe with latency",
         .connect = connect_far,
         .more_than_fits = 2000,
         .delayed = true},
        {.name = "pipe with jitter and little bandwidth, seeded",
         .seed = 5,
         .connect = connect_slow,
         .more_than_fits = 2000,
         .delayed = true},
    };
    const struct CMUnitTest tests[] = {
        TEST(pipes_are_numbered_within_their_world),
        TEST(a_pipe_holds_its_capacity_in_each_direction),
        TEST(a_read_takes_bytes_on_both_sides_of_the_wrap),
        TEST(a_write_can_be_read_at_its_own_instant),
        TEST(a_reset_drops_the_bytes_under_way),
        TEST(a_reset_after_the_peer_has_closed_is_ones_own),
        TEST(a_timed_out_write_tells_what_it_wrote),
        TEST(a_hook_is_called_when_set_and_once_for_many_changes),
        TEST(a_hook_hears_of_room_and_of_the_end),
        TEST(a_hook_hears_nothing_of_more_room),
        TEST(a_hook_taken_back_is_not_called_any_more),
        SEEDED_TEST(a_hook_is_called_when_set_and_once_for_many_changes),
        SEEDED_TEST(a_hook_hears_of_room_and_of_the_end),
        SEEDED_TEST(a_hook_taken_back_is_not_called_any_more),
        TEST(what_is_committed_is_what_is_peeked),
        TEST(the_read_limit_holds_for_what_is_lent),
        cmocka_unit_test(the_digest_tells_of_the_sizes_written),
        cmocka_unit_test(an_end_that_was_not_freed_is_a_failure_and_is_reclaimed),
        cmocka_unit_test(a_failed_world_takes_waiting_readers_and_their_ends_along),
        TEST(a_capacity_of_zero_is_misuse),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    return failures + run_conn_laws(kinds, sizeof kinds / sizeof kinds[0]);
}
